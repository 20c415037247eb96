"""Numbers as news writes them: '1,500', 'some 10,000 to 12,000', 'at least', 'tens of thousands'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from engine.extraction.dates import MONTHS
from engine.extraction.tokens import Tokens

Bound = Literal["exact", "range", "at-least", "at-most"]

_UNITS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: 10 * (value + 2)
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"])
}
_SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "dozen": 12, "k": 1_000}
_MANY = {"dozens": 12, "scores": 20, "hundreds": 100, "thousands": 1_000, "millions": 1_000_000}
_FEW, _LOTS = 2, 9
_AT_LEAST = (
    "at least", "more than", "over", "no fewer than", "no less than", "not less than", "upwards of", "in excess of",
    "passed", "topped", "exceeding", "exceeds", "exceed", "exceeded", "above", "greater than", "a minimum of", "not fewer than", "surpassed", "surpassing",
)  # fmt: skip
_AT_MOST = (
    "up to",
    "as many as",
    "at most",
    "no more than",
    "not more than",
    "fewer than",
    "less than",
    "under",
    "below",
    "a maximum of",
    "as much as",
)
_RANGE_WORDS = frozenset({"to", "-", "–", "—", "or"})
_NOT_A_COUNT = frozenset(
    {
        "mm",
        "km",
        "kilometers",
        "kilometres",
        "miles",
        "percent",
        "per",
        "%",
        "years",
        "year",
        "months",
        "month",
        "days",
        "day",
        "weeks",
        "hours",
        "old",
        "pm",
        "am",
        "tons",
        "tonnes",
        "caliber",
        "calibre",
        "th",
        "st",
        "nd",
        "rd",
        "won",
        "dollars",
        "meters",
        "metres",
        "millimeter",
        "millimetre",
    }
)


@dataclass(frozen=True)
class Number:
    """A number at words first..last: a value, a range, or a bound (`at-least` has no high, `at-most` no low)."""

    first: int
    last: int
    low: float | None
    high: float | None
    bound: Bound

    @property
    def value(self) -> float | None:
        """The number if it is a single one."""
        return self.low if self.bound == "exact" else None


@dataclass(frozen=True)
class _Amount:
    last: int
    low: float
    high: float
    scale: float = 1.0


def numbers(words: Tokens) -> list[Number]:
    """Every count in a sentence, in order; dates, calibres, sums of money and shares are none."""
    found: list[Number] = []
    at = 0
    while at < len(words):
        number = _number(words, at)
        if number is None:
            at += 1
            continue
        at = number.last + 1
        if not _is_no_count(words, number):
            found.append(number)
    return found


def _number(words: Tokens, at: int) -> Number | None:
    amount = _amount(words, at)
    if amount is None:
        return None
    far = _far_end(words, amount, at)
    if far is not None:
        low = _in_the_scale_of(amount, far)
        return (
            Number(at, far.last, low, far.high, "range")
            if low < far.high
            else Number(at, far.last, far.high, far.high, "exact")
        )
    bound = _bound(words, at, amount.last)
    if bound == "at-least":
        return Number(at, amount.last, amount.low, None, "at-least")
    if bound == "at-most":
        return Number(at, amount.last, None, amount.high, "at-most")
    if amount.low < amount.high:
        return Number(at, amount.last, amount.low, amount.high, "range")
    return Number(at, amount.last, amount.low, amount.high, "exact")


def _in_the_scale_of(near: _Amount, far: _Amount) -> float:
    """'three to four thousand', '10-12,000': the first is in thousands too."""
    scale = far.scale if far.scale > 1 else 1000.0
    meant = near.scale == 1 and near.low < far.low / 10 and near.low * scale < far.high
    return near.low * scale if meant else near.low


def _far_end(words: Tokens, amount: _Amount, at: int) -> _Amount | None:
    """The second half of '10,000 to 12,000' or 'between 8,000 and 10,000'."""
    joint = amount.last + 1
    if joint + 1 >= len(words):
        return None
    between = "between" in words.low[max(0, at - 3) : at]
    if not (words.low[joint] in _RANGE_WORDS or (between and words.low[joint] == "and")):
        return None
    if _changes(words, at):
        return None
    for skip in (1, 2, 3):
        if joint + skip >= len(words) or (
            skip > 1
            and words.low[joint + skip - 1]
            not in {"about", "around", "some", "even", "perhaps", "nearly", "as", "many"}
        ):
            return None
        far = _amount(words, joint + skip)
        if far is not None:
            return far
    return None


def _changes(words: Tokens, at: int) -> bool:
    """'rose from 3,000 to 10,000' is a change and no range."""
    before = words.low[max(0, at - 6) : at]
    return "from" in before[-2:] and any(
        word.startswith(("ris", "rose", "increas", "grew", "grow", "jump", "rais", "up", "expand", "climb"))
        for word in before
    )


def _bound(words: Tokens, at: int, last: int) -> str:
    before = " ".join(words.low[max(0, at - 5) : at])
    before = re.sub(r"\s+(?:about|around|some|a|an|estimated|total|of)\b", "", before)
    longest = {
        bound: max((len(phrase) for phrase in phrases if f" {before}".endswith(f" {phrase}")), default=0)
        for bound, phrases in (("at-most", _AT_MOST), ("at-least", _AT_LEAST))
    }
    if any(longest.values()):
        return max(longest, key=lambda bound: longest[bound])  # 'no fewer than' is not 'fewer than'
    after = " ".join(words.low[last + 1 : last + 3])
    if after.startswith(("or more", "or so more", "+", "plus", "and more")):
        return "at-least"
    return "at-most" if after.startswith(("or fewer", "or less")) else ""


def _amount(words: Tokens, at: int) -> _Amount | None:
    """One number, in figures or words, without what stands around it."""
    word = words.low[at]
    if word[0].isdigit():
        return _figures(words, at)
    if word in _UNITS or word in _TENS or word in {"a", "several", "few", "half", "quarter"}:
        return _spelled(words, at)
    if word in {"tens", "dozens", "scores", "hundreds", "thousands", "millions"}:
        return _many(words, at)
    return None


def _figures(words: Tokens, at: int) -> _Amount | None:
    text, last = words.text[at], at
    while _goes_on_in_threes(words, at, last):
        last += 1
        text += words.text[last]
    if not re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?", text):
        return None
    value = float(text.replace(",", ""))
    following = words.low[last + 1] if last + 1 < len(words) else ""
    scale = _SCALES.get(following, 1) if following != "dozen" else 1
    if value > 1e12:
        return None
    return _Amount(last + (scale > 1), value * scale, value * scale, scale)


def _goes_on_in_threes(words: Tokens, first: int, last: int) -> bool:
    """'3 000' is three thousand, 'May 3 500' is not."""
    dated = first > 0 and words.low[first - 1] in MONTHS
    return (
        not dated
        and last + 1 < len(words)
        and bool(re.fullmatch(r"\d{1,3}", words.text[first]) and re.fullmatch(r"\d{3}", words.text[last + 1]))
        and words.start[last + 1] == words.end[last] + 1
    )


def _spelled(words: Tokens, at: int) -> _Amount | None:
    if words.low[at] in {"several", "few"} or words.low[at : at + 2] in _A_FEW:
        return _vague(words, at)
    for phrase, part in _PARTS.items():
        if words.low[at : at + len(phrase)] == phrase:
            return _scaled(words, at + len(phrase), part) if _is_scale(words, at + len(phrase)) else None
    return _scaled(words, at, 0.0)


def _vague(words: Tokens, at: int) -> _Amount | None:
    """'several hundred thousand', 'a couple of thousand'."""
    fewest, most = (2, 2) if "couple" in words.low[at : at + 2] else (_FEW, _LOTS)
    at += 2 if words.low[at : at + 2] in _A_FEW else 1
    at += words.low[at : at + 1] == ("of",)
    amount = _scaled(words, at, 1.0) if _is_scale(words, at) else None
    return amount and _Amount(amount.last, fewest * amount.low, most * amount.high, amount.scale)


def _is_scale(words: Tokens, at: int) -> bool:
    return at < len(words) and words.low[at] in _SCALES and words.low[at] != "k"


def _scaled(words: Tokens, at: int, part: float) -> _Amount | None:
    """'two hundred and fifty thousand', 'one and a half million', with what was counted before as `part`."""
    start, total, scale, last = at, 0.0, 1.0, None
    while at < len(words):
        word = words.low[at]
        if word in _UNITS:
            part += _UNITS[word]
        elif word in _TENS:
            part += _TENS[word]
        elif word == "hundred" and part:
            part, scale = part * 100, max(scale, 100.0)
        elif _is_scale(words, at) and part:
            total, part, scale = total + part * _SCALES[word], 0.0, max(scale, _SCALES[word])
        elif words.low[at : at + 3] == _AND_A_HALF and at > start:
            if not _is_scale(words, at + 3):
                return None
            part, at = part + 0.5, at + 2
        elif word in {"-", "and"} and last is not None and at + 1 < len(words) and _goes_on(words, at):
            at += 1
            continue
        else:
            break
        last = at
        at += 1
    if last is None or words.low[last + 1 : last + 2] in _FRACTIONS:
        return None
    return _Amount(last, total + part, total + part, scale)


_A_FEW = {("a", "few"), ("a", "couple")}
_PARTS = {("half", "a"): 0.5, ("quarter", "of", "a"): 0.25, ("three", "quarters", "of", "a"): 0.75, ("a",): 1.0}
_AND_A_HALF = ("and", "a", "half")
_FRACTIONS = {("thirds",), ("quarters",), ("fifths",), ("tenths",)}


def _goes_on(words: Tokens, at: int) -> bool:
    """'twenty-five' and 'two hundred and fifty' go on, 'one and two' does not."""
    following = words.low[at + 1]
    if words.low[at] == "-":
        return (words.low[at - 1] in _TENS and following in _UNITS) or (
            words.low[at - 1] in _UNITS and following in _SCALES
        )
    return words.low[at - 1] in _SCALES and (following in _UNITS or following in _TENS)


def _many(words: Tokens, at: int) -> _Amount | None:
    word = words.low[at]
    if words.low[at + 1 : at + 2] == ("of",) and words.low[at + 2 : at + 3] and words.low[at + 2] in _MANY:
        scale = _MANY[words.low[at + 2]] * (10 if word == "tens" else _MANY.get(word, 10))
        return _Amount(at + 2, _FEW * scale, _LOTS * scale, scale)
    if word == "tens":
        return None
    scale = _MANY[word]
    return _Amount(at, _FEW * scale, _LOTS * scale, scale)


def _is_no_count(words: Tokens, number: Number) -> bool:
    after = words.low[number.last + 1] if number.last + 1 < len(words) else ""
    beyond = words.low[number.last + 2] if number.last + 2 < len(words) else ""
    before = words.low[number.first - 1] if number.first else ""
    if after in _NOT_A_COUNT or (after == "-" and beyond in _NOT_A_COUNT) or before in {"$", "€", "£", "₩", "#"}:
        return True
    if _counts_otherwise(words, number) or _joined(words, number):
        return True
    small = number.high is not None and number.high <= 31
    if small and (before in MONTHS or after in MONTHS or after == ":"):
        return True
    text = words.text[number.first]
    return bool(re.fullmatch(r"(?:19|20)\d\d", text)) and not _counts_on(after)


def _counts_otherwise(words: Tokens, number: Number) -> bool:
    """'one of them', 'No. 248', 'four brigades of 3,000 soldiers each'."""
    following = words.low[number.last + 1 : number.last + 4]
    one_of = words.low[number.first] == "one" and following[:1] == ("of",)
    return one_of or "each" in following or words.text[max(0, number.first - 2) : number.first] == ("No", ".")


def _counts_on(after: str) -> bool:
    return after in {"troops", "soldiers", "men", "people", "shells", "containers", "servicemen", "fighters", "north"}


def _joined(words: Tokens, number: Number) -> bool:
    """KN-23, Su-35, 528th: a figure that belongs to a name."""
    first, last = number.first, number.last
    if first and words.text[first - 1] == "-" and words.end[first - 1] == words.start[first]:
        return first >= 2 and words.text[first - 2].isalpha() and words.end[first - 2] == words.start[first - 1]
    touching = last + 1 < len(words) and words.end[last] == words.start[last + 1] and words.text[last + 1].isalpha()
    return touching and words.low[last] not in _SCALES


def spoken(number: Number) -> str:
    """'at least 3,000', '10,000 to 12,000'."""
    match number.bound:
        case "at-least":
            return f"at least {number.low:,.0f}"
        case "at-most":
            return f"up to {number.high:,.0f}"
        case "range":
            return f"{number.low:,.0f} to {number.high:,.0f}"
        case _:
            return f"{number.low:,.0f}"
