"""When an article was published: the evidence ranked, the best believed, the rest kept as refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from engine.records.fields import UNKNOWN

MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sep sept",
            "october oct",
            "november nov",
            "december dec",
        ],
        start=1,
    )
    for name in names.split()
}
"""Names of the months, short and long, with their numbers."""
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_WRITTEN = (
    re.compile(rf"\b(?P<month>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>(?:19|20)\d\d)\b", re.I),
    re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month>{_MONTH})\.?,?\s+(?P<year>(?:19|20)\d\d)\b", re.I
    ),
    re.compile(r"\b(?P<year>(?:19|20)\d\d)-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)"),
    re.compile(r"\b(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>20\d\d)\b"),
)
_WIRE = (
    re.compile(r"\bMENAFN(?P<day>\d\d)(?P<month>\d\d)(?P<year>20\d\d)\d"),
    re.compile(r"\bA[EK]N(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)\d"),
    re.compile(r"\b(?:XINHUA|TASS|AFP|RTR|PAP)[-_]?(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)"),
)
_ADDRESS = (
    re.compile(r"/(?P<year>(?:19|20)\d\d)[/-](?P<month>\d{1,2})[/-](?P<day>\d{1,2})(?:[/\-_.?]|$)"),
    re.compile(r"(?:/|=|-|_)(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-2]\d|3[01])(?!\d)"),
    re.compile(r"/A[EK]N(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)"),
)
_WEEKDAY = re.compile(r"\b(?:mon|tues|wednes|thurs|fri|satur|sun)day\b", re.I)
_CLOCK = re.compile(r"\b\d{1,2}:\d\d\b.*\b(?:GMT|UTC|EST|EDT|CET|KST|BST)\b|\b(?:today is|current time)\b", re.I)
_BYLINE = re.compile(r"\b(?:published|posted|updated|date|modified|by|report|first published|release[d]?)\b", re.I)
NEAR_EDGE = 8
_WORDS_OF_A_BYLINE = 16


@dataclass(frozen=True, order=True)
class Evidence:
    """A date found, how far it is to be believed (0 refuses it), and where it stood."""

    rank: int
    day: date
    where: str


@dataclass(frozen=True)
class Dating:
    """The date believed, or unknown; why; and what was refused."""

    published: str
    basis: str
    refused: tuple[str, ...]


def dating(
    text: str,
    *,
    address: str | None = None,
    links: Iterable[str] = (),
    stated: Iterable[tuple[str, str]] = (),
    name: str = "",
) -> Dating:
    """Weigh everything that could date a page; `stated` are (where, value) pairs of its own metadata."""
    found = [
        *_stated(stated),
        *_in_address(address, 85, "the address of the page"),
        *(one for link in links for one in _in_address(link, 60, "the address of a page it links to")),
        *_wire(text),
        *_lines(text),
        *(Evidence(70, day, "the name of the file") for day in _written_in(name)),
    ]
    believed = max((one for one in found if one.rank > 20), key=lambda one: (one.rank, one.day), default=None)
    refused = dict.fromkeys(
        f"{one.day}: {one.where}"
        for one in sorted(found, key=lambda one: (-one.rank, one.day))
        if believed is None or one.day != believed.day
    )
    if believed is None:
        return Dating(UNKNOWN, "nothing on the page dates it", tuple(refused)[:12])
    return Dating(believed.day.isoformat(), believed.where, tuple(refused)[:12])


def _stated(pairs: Iterable[tuple[str, str]]) -> Iterator[Evidence]:
    for where, value in pairs:
        for day in list(_written_in(value))[:1]:
            yield Evidence(100, day, f"the page's own data ({where})")


def _in_address(address: str | None, rank: int, where: str) -> Iterator[Evidence]:
    for pattern in _ADDRESS:
        for match in pattern.finditer(address or ""):
            day = _day(match)
            if day:
                yield Evidence(rank, day, f"{where} (…{match.group().strip('/')}…)")
                return


def _wire(text: str) -> Iterator[Evidence]:
    for pattern in _WIRE:
        for match in pattern.finditer(text):
            day = _day(match)
            if day:
                yield Evidence(90, day, f"the wire code ({match.group()}…)")


def _lines(text: str) -> Iterator[Evidence]:
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for number, line in enumerate(lines):
        if len(line) > 5000:
            continue
        for day in _written_in(line):
            yield Evidence(*_judge(line, day, number, len(lines)))


def _judge(line: str, day: date, number: int, count: int) -> tuple[int, date, str]:
    """A short line near an edge of the page is a byline, unless it is the clock of the page."""
    short = len(line.split()) <= _WORDS_OF_A_BYLINE
    edge = number < NEAR_EDGE or number >= count - NEAR_EDGE
    if short and _CLOCK.search(line) and _WEEKDAY.search(line) and not _BYLINE.search(line):
        return 10, day, f"the clock of the page, which shows the day it is read ({line[:60]})"
    if short and edge:
        return 80, day, f"a byline ({line[:60]})"
    if number < NEAR_EDGE and re.match(
        r"[A-Z][A-Za-z ,./]{2,40}[,(].{0,40}\b(?:19|20)\d\d\b.{0,30}(?:--|—|–|\()", line
    ):
        return 78, day, f"the dateline ({line[:60]})"
    return 0, day, f"only stands in the text ({_around(line, day)})"


def _around(line: str, day: date) -> str:
    place = max(0, line.find(str(day.year)) - 30)
    return line[place : place + 60]


def _written_in(text: str) -> Iterator[date]:
    for pattern in _WRITTEN:
        for match in pattern.finditer(text):
            day = _day(match)
            if day:
                yield day


def _day(match: re.Match[str]) -> date | None:
    month = match["month"].lower()
    try:
        day = date(int(match["year"]), MONTHS.get(month) or int(month), int(match["day"]))
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2100 else None
