"""How the page writes dates, probabilities and shifts."""

from __future__ import annotations

from datetime import date

from engine.analysis.words import words
from engine.app import terminal
from engine.app.terminal import signed
from engine.belief.witnesses import ADMISSION
from engine.records.project import Project

__all__ = [
    "between",
    "dated",
    "day",
    "percent",
    "range_of",
    "signed",
    "source_name",
    "stance",
    "term_of",
    "unbroken",
    "with_words",
]

_STANCES = {"affirms": "affirmed", "denies": "denied", "absent": "looked for it and found nothing"}


def day(value: date) -> str:
    """31 December 2025."""
    return f"{value.day} {value:%B %Y}"


def unbroken(text: str) -> str:
    """The same with its per cent signs held to their numbers."""
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def percent(probability: float) -> str:
    """37 %."""
    return unbroken(terminal.percent(probability))


def between(interval: tuple[float, float]) -> str:
    """9-76 %."""
    low, high = interval
    return f"{100 * low:.0f}\N{EN DASH}\N{WORD JOINER}{unbroken(f'{100 * high:.0f} %')}"


def with_words(probability: float) -> str:
    """37 %, unlikely (21-45 %)."""
    return f"{percent(probability)}, {unbroken(words(probability))}"


def stance(word: str) -> str:
    """What a source does with a claim, as a verb."""
    return _STANCES.get(word, word)


def dated(published: date | str) -> str:
    """2024-10-18, or that nobody knows."""
    return published.isoformat() if isinstance(published, date) else "undated"


def term_of(told: str) -> str:
    """unlikely, of `unlikely (21-45 %)`."""
    return told.partition(" (")[0]


def range_of(told: str) -> str:
    """(21-45 %), of `unlikely (21-45 %)`."""
    return "(" + told.partition(" (")[2]


def source_name(project: Project, voice: str) -> str:
    """A source's full name; an admission says so."""
    name = project.sources[voice.removesuffix(ADMISSION)].name
    return name + ADMISSION if voice.endswith(ADMISSION) else name
