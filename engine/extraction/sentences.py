"""Paragraphs and sentences, each knowing its place in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from engine.extraction.dates import MONTHS
from engine.extraction.tokens import Tokens, tokens

MAX_SENTENCE = 1500
"""A longer stretch without a full stop is a list or a table, not a sentence."""

_ABBREVIATIONS = (
    frozenset(
        [
            "mr",
            "mrs",
            "ms",
            "dr",
            "gen",
            "lt",
            "col",
            "maj",
            "sgt",
            "capt",
            "adm",
            "brig",
            "sen",
            "rep",
            "gov",
            "prof",
            "st",
            "no",
            "nos",
            "vs",
            "fig",
            "inc",
            "ltd",
            "co",
            "corp",
            "jr",
            "sr",
            "approx",
            "est",
            "hon",
            "amb",
            "sec",
            "dept",
            "div",
            "etc",
            "incl",
            "u.s",
            "u.n",
            "u.k",
            "e.g",
            "i.e",
            "a.m",
            "p.m",
            "d.c",
        ]
    )
    | ({month for month in MONTHS if len(month) == 3} - {"may"})
    | {"sept"}
)
_CLOCK = re.compile(r"\d{1,2}[:.]\d\d(?:\s?(?:a\.?m\.?|p\.?m\.?|[A-Z]{2,4}))?\s?[-–—:|]?\s+(?=\S)")
"""The time before an entry of a live report."""
_DATELINE = re.compile(
    r"(?!(?:NATO|DPRK|KCNA|IAEA|NIS|JCS)\b)(?:THE )?[A-Z]{4}[A-Z./' ]{0,40}(?:, [A-Z][a-z]{1,20}){0,3}"
    r"(?:,? (?:\d{1,2} )?[A-Z][a-z]{2,8}\.?(?: \d{1,2})?(?:,? \d{4})?)?(?:,? \([^()]{2,30}\)|,? Kyodo)?(?:\s(?:--?|–|—)\s|—)"
)
"""Where and when an article was written, before its first sentence: 'SEOUL, Oct. 23 (Yonhap) -- '."""
_END = re.compile(r"[.!?]+[\"'”’)\]]*(?=\s+|$)")


@dataclass(frozen=True)
class Sentence:
    """One sentence: its words stand at text[start:end], in the paragraph counted `paragraph`."""

    text: str
    start: int
    paragraph: int

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.start + len(self.text)

    @cached_property
    def tokens(self) -> Tokens:
        """Its words; a dateline says nothing."""
        dateline = _DATELINE.match(self.text)
        return tokens(" " * dateline.end() + self.text[dateline.end() :] if dateline else self.text)


def paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Every line that is not blank, with its start; text reaches us with one paragraph a line."""
    for match in re.finditer(r"[^\n]+", text):
        line = match.group()
        if line.strip():
            yield match.start() + len(line) - len(line.lstrip()), line.strip()


def sentences(text: str, skip: frozenset[int] = frozenset()) -> list[Sentence]:
    """The sentences of a text, paragraph by paragraph, each once; paragraphs starting in `skip` are left out."""
    found: list[Sentence] = []
    seen: set[str] = set()
    for number, (start, paragraph) in enumerate(paragraphs(text)):
        if start in skip:
            continue
        for low, high in _split(paragraph):
            part = paragraph[low:high]
            if len(part) <= MAX_SENTENCE and any(map(str.isalpha, part)) and part not in seen:
                seen.add(part)
                found.append(Sentence(part, start + low, number))
    return found


def _split(paragraph: str) -> Iterator[tuple[int, int]]:
    low = 0
    for match in _END.finditer(paragraph):
        rest = paragraph[match.end() :].lstrip()
        if rest and not _ends_here(paragraph[low : match.start()], match.group(), rest):
            continue
        yield from _trimmed(paragraph, low, match.end())
        low = match.end()
    yield from _trimmed(paragraph, low, len(paragraph))


def _trimmed(paragraph: str, low: int, high: int) -> Iterator[tuple[int, int]]:
    part = paragraph[low:high]
    if part.strip():
        start = low + len(part) - len(part.lstrip())
        clock = _CLOCK.match(paragraph, start)
        yield clock.end() if clock and clock.end() < high else start, low + len(part.rstrip())


def _ends_here(before: str, stop: str, rest: str) -> bool:
    """A full stop after an initial or an abbreviation, or before a small letter, ends nothing."""
    if rest[0].islower():
        return False
    if stop != ".":
        return True
    word = before.rsplit(None, 1)[-1].lstrip("(\"'“‘") if before.split() else ""
    if re.fullmatch(r"[A-Z]", word):
        return False
    known = word.lower() in _ABBREVIATIONS
    return not known or (word.lower() in {"u.s", "u.n", "u.k", "a.m", "p.m"} and _starts_anew(rest))


def _starts_anew(rest: str) -> bool:
    return re.match(r"(?:The|A|An|It|He|She|They|But|In|On|At|This|That|These|Seoul|Moscow|Kyiv)\b", rest) is not None
