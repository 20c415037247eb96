"""How well claims are found and read, against a list a person has made."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import get_args

from engine.errors import ForecastError, nearest
from engine.extraction.claims import Claim, Review
from engine.records.scenario import Modality

COLUMNS = ("article", "quote", "subject", "stance", "modality", "source", "low", "high", "required")
Z95 = 1.959964


@dataclass(frozen=True)
class Gold:
    """A claim that should be found: in which article and words, on what, how told. Empty fields are not judged."""

    article: str
    quote: str
    subject: str
    stance: str = ""
    modality: str = ""
    source: str = ""
    low: float | None = None
    high: float | None = None
    required: bool = True
    line: int = 0
    """Where it stands in the list."""
    against: Set[str] = frozenset()
    """Indicators that speak against their scenario."""


@dataclass(frozen=True)
class Share:
    """So many of so many, with a 95 % interval (Wilson 1927)."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share, or not a number of nothing."""
        return self.hits / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's interval."""
        if not self.of:
            return (0.0, 1.0)
        p, n, z = self.value, self.of, Z95
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return (max(0.0, middle - half), min(1.0, middle + half))


@dataclass(frozen=True)
class Measured:
    """One line of an evaluation: all scenarios, or one."""

    scenario: str
    precision: Share
    recall: Share
    polarity: Share
    modality: Share
    numbers: Share
    attribution: Share

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        p, r = self.precision.value, self.recall.value
        return 2 * p * r / (p + r) if p + r else 0.0


@dataclass(frozen=True)
class Evaluation:
    """The lines, and what went wrong, to be read by a person."""

    lines: tuple[Measured, ...]
    missed: tuple[Gold, ...]
    spurious: tuple[tuple[str, Claim], ...]
    misread: tuple[tuple[Gold, Claim, str], ...]


def read_gold(name: str, content: str) -> list[Gold]:
    """The rows of GOLD.csv; every fault is told with its line."""
    rows = csv.DictReader(io.StringIO(content))
    missing = {"article", "quote", "subject"} - set(rows.fieldnames or ())
    if missing:
        raise ForecastError(
            f"{name}:1: must have the columns {', '.join(COLUMNS)}; missing: {', '.join(sorted(missing))}."
        )
    return [_gold(name, rows.line_num, row) for row in rows]


def _gold(name: str, line: int, row: Mapping[str, str | None]) -> Gold:
    given = {key: (value or "").strip() for key, value in row.items() if key in COLUMNS}
    try:
        low, high = (float(given[key].replace(",", "")) if given.get(key) else None for key in ("low", "high"))
    except ValueError:
        raise ForecastError(
            f"{name}:{line}: low, high: must be numbers, got {given.get('low')!r}, {given.get('high')!r}."
        ) from None
    required = given.get("required", "yes").lower() not in {"no", "false", "0", "n"}
    return Gold(
        article=given.get("article", ""),
        quote=given.get("quote", ""),
        subject=given.get("subject", ""),
        stance=given.get("stance", ""),
        modality=given.get("modality", ""),
        source=given.get("source", ""),
        low=low,
        high=high,
        required=required,
        line=line,
    )


def evaluate(gold: Sequence[Gold], reviews: Iterable[Review], against: Set[str] = frozenset()) -> Evaluation:
    """Match claims to the list one to one, best fit first, and count.

    `against` are the indicators that speak against their scenario: where the list names only the scenario, its stance is
    on that, and 'the law bars it' denies 'Seoul arms Kyiv'.
    """
    gold = [replace(one, against=against) for one in gold]
    found = {review.article: review for review in reviews}
    by_file = {review.file.rsplit(".", 1)[0]: review for review in found.values()} | found
    listed = {by_file[one.article].article for one in gold if one.article in by_file}
    pairs, used = _paired(gold, by_file)
    spurious = tuple(
        (article, claim)
        for article in sorted(listed)
        for claim in found[article].claims
        if (article, claim.id) not in used and not claim.stale and not _covered(claim, found[article], gold, by_file)
    )
    scenarios = sorted({one.subject.partition("/")[0] for one in gold})
    lines = tuple(_measured(name, gold, pairs, spurious) for name in ("all", *scenarios))
    missed = tuple(one for number, one in enumerate(gold) if one.required and number not in pairs)
    misread = tuple(
        (gold[number], claim, what) for number, claim in pairs.items() for what in _wrong(gold[number], claim)
    )
    return Evaluation(lines, missed, spurious, misread)


def _paired(gold: Sequence[Gold], reviews: Mapping[str, Review]) -> tuple[dict[int, Claim], set[tuple[str, str]]]:
    """Every listed claim with the proposal that fits it best."""
    fits = sorted(
        (
            (-_fit(one, claim), number, claim.id)
            for number, one in enumerate(gold)
            if one.article in reviews
            for claim in reviews[one.article].claims
            if not claim.stale and _same_place(one, claim) and _same_subject(one, claim)
        ),
    )
    pairs: dict[int, Claim] = {}
    used: set[tuple[str, str]] = set()
    for _, number, name in fits:
        review = reviews[gold[number].article]
        claim = review.find(name)
        if claim is not None and number not in pairs and (review.article, name) not in used:
            pairs[number] = claim
            used.add((review.article, name))
    return pairs, used


def _same_place(one: Gold, claim: Claim) -> bool:
    quote, said = _flat(one.quote), _flat(claim.quote)
    return bool(quote) and (quote in said or said in quote)


def _flat(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("“", '"').replace("”", '"').split()).lower()


def _same_subject(one: Gold, claim: Claim) -> bool:
    """The same indicator; a list that names only the scenario takes any claim on it."""
    return one.subject in {claim.subject, claim.about}


def _covered(claim: Claim, review: Review, gold: Sequence[Gold], reviews: Mapping[str, Review]) -> bool:
    """A second claim on what is listed once (another source, another indicator of a listed scenario) is no error."""
    return any(
        reviews.get(one.article) is review
        and _same_place(one, claim)
        and _same_subject(one, claim)
        and not _wrong(one, claim)
        for one in gold
    )


def _fit(one: Gold, claim: Claim) -> int:
    return 10 - 2 * len(_wrong(one, claim)) + (one.subject == claim.subject)


def _wrong(one: Gold, claim: Claim) -> list[str]:
    """What of a listed claim was read differently."""
    wrong = []
    if one.stance and _denies(one.stance) != _speaks_against(one, claim):
        wrong.append("polarity")
    if one.modality and one.modality != claim.modality:
        wrong.append("modality")
    if one.source and one.source != claim.source:
        wrong.append("attribution")
    if _judged_number(one) and not _same_number(one, claim):
        wrong.append("numbers")
    return wrong


_AGAINST = ("den", "absent", "neg", "no")
_FOR = ("aff", "pos", "yes")


def _denies(stance: str) -> bool:
    return stance.startswith(_AGAINST)


def doubts(gold: Sequence[Gold], subjects: Set[str]) -> list[tuple[int, str]]:
    """What of a list cannot mean what it says, with its line: nothing will ever match it."""
    return [(one.line, what) for one in gold for what in _doubts_of(one, subjects)]


def _doubts_of(one: Gold, subjects: Set[str]) -> Iterator[str]:
    if one.subject not in subjects:
        yield f"subject: is no scenario or indicator here: {one.subject}. {nearest(one.subject, subjects)}"
    if one.stance and not one.stance.startswith((*_AGAINST, *_FOR)):
        yield f"stance: must be affirms, denies or absent, got {one.stance}."
    if one.modality and one.modality not in get_args(Modality):
        yield f"modality: must be one of {', '.join(get_args(Modality))}, got {one.modality}."


def _speaks_against(one: Gold, claim: Claim) -> bool:
    """Whether a claim denies what the list names: an indicator, or a scenario that the indicator may speak against."""
    turned = one.subject != claim.subject and claim.subject in one.against
    return _denies(claim.stance) != turned


def _judged_number(one: Gold) -> bool:
    return one.low is not None or one.high is not None


def _same_number(one: Gold, claim: Claim) -> bool:
    low, high = (claim.value, claim.value) if claim.value is not None else (claim.low, claim.high)
    return (one.low, one.high) == (low, high)


def _measured(
    scenario: str, gold: Sequence[Gold], pairs: Mapping[int, Claim], spurious: Sequence[tuple[str, Claim]]
) -> Measured:
    mine = [number for number, one in enumerate(gold) if scenario in {"all", one.subject.partition("/")[0]}]
    found = [number for number in mine if number in pairs]
    extra = sum(scenario in {"all", claim.about} for _, claim in spurious)
    required = [number for number in mine if gold[number].required]

    def right(what: str, judged: Iterable[int]) -> Share:
        judged = list(judged)
        return Share(sum(what not in _wrong(gold[number], pairs[number]) for number in judged), len(judged))

    return Measured(
        scenario=scenario,
        precision=Share(len(found), len(found) + extra),
        recall=Share(sum(number in pairs for number in required), len(required)),
        polarity=right("polarity", (number for number in found if gold[number].stance)),
        modality=right("modality", (number for number in found if gold[number].modality)),
        numbers=right("numbers", (number for number in found if _judged_number(gold[number]))),
        attribution=right("attribution", (number for number in found if gold[number].source)),
    )
