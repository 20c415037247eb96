"""Horizon scans: markdown tables of signals, concerns, behaviours, technologies and issues."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from engine.extraction.claims import ProposedSignal
from engine.extraction.similarity import Corpus

_KINDS = {"signal": "signal", "concern": "concern", "behavio": "behaviour", "technolog": "technology", "issue": "issue"}
_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
LINKS = 2
CLOSE = 0.12


@dataclass(frozen=True)
class Table:
    """A markdown table: the heading over it, its rows by column name, and the lines first..last it takes."""

    heading: str
    rows: tuple[Mapping[str, str], ...]
    first: int
    last: int


def tables(lines: Sequence[str]) -> Iterator[Table]:
    """Every table of a markdown text."""
    heading, at = "", 0
    while at < len(lines):
        line = lines[at].strip()
        if line.startswith("#"):
            heading = line.strip("# *_")
        if line.startswith("|") and at + 1 < len(lines) and _RULE.fullmatch(lines[at + 1].strip()):
            columns = [name.lower() for name in _cells(line)]
            last = at + 1
            while last + 1 < len(lines) and lines[last + 1].strip().startswith("|"):
                last += 1
            rows = tuple(dict(zip(columns, _cells(row), strict=False)) for row in lines[at + 2 : last + 1])
            yield Table(heading, rows, at, last)
            at = last
        at += 1


def _cells(line: str) -> list[str]:
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def signals(found: Sequence[Table], scenarios: Mapping[str, str]) -> tuple[ProposedSignal, ...]:
    """The rows that carry a relevancy, each with the scenarios it is closest to; `scenarios` maps id to its words."""
    if not found:
        return ()
    corpus = Corpus(scenarios)
    proposed: dict[str, ProposedSignal] = {}
    for table in found:
        kind = next((kind for start, kind in _KINDS.items() if table.heading.lower().startswith(start)), None)
        for row in table.rows:
            signal = _signal(row, kind, corpus)
            if signal:
                name = _unused(signal.id, proposed)
                proposed[name] = signal.model_copy(update={"id": name})
    return tuple(proposed.values())


def _signal(row: Mapping[str, str], kind: str | None, corpus: Corpus) -> ProposedSignal | None:
    name, rating = row.get("name", ""), row.get("relevancy", row.get("relevance", ""))
    if kind is None or not name or not re.fullmatch(r"[1-5](?:\.0+)?", rating):
        return None
    told = {
        "description": row.get("description"),
        "change": row.get("change"),
        "ten_year": row.get("10-year", row.get("ten-year")),
        "driving_force": row.get("driving-force", row.get("driving force")),
    }
    words = " ".join([name, *(value for value in told.values() if value)])
    near = corpus.nearest(words, LINKS)
    return ProposedSignal.model_validate(
        {
            "id": slug(name),
            "kind": kind,
            "name": name[:300],
            **{field: value[:4000] for field, value in told.items() if value},
            "relevancy": int(float(rating)),
            "scenarios": tuple(scenario for scenario, score in near if score >= CLOSE),
        }
    )


def _unused(name: str, taken: Mapping[str, object]) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name}-{number}", number + 1
    return free


def slug(text: str, length: int = 60) -> str:
    """Lower-case words joined by hyphens."""
    words = re.findall(r"[a-z0-9]+", text.lower().replace("'", "").replace("’", ""))
    short = ""
    for word in words:
        if len(short) + len(word) >= length:
            break
        short = f"{short}-{word}" if short else word
    return short or (words[0][:length] if words else "unnamed")
