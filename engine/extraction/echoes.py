"""Echoes: claims of several articles that repeat one source's one statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from engine.extraction.claims import Claim, Review
from engine.records.fields import UNKNOWN

WINDOW = timedelta(days=14)
"""A source that says the same again after this long says it anew."""


def echo_key(subject: str, source: str, modality: str, number: str) -> str:
    """What is claimed, by whom, how: the same in every article that repeats it."""
    told = modality if modality in {"actual", "denied", "demanded"} else "expected"
    return "|".join((subject, source, f"{number} {told}" if number else told))


@dataclass(frozen=True)
class Echo:
    """Claims taken for one statement of one source: many articles, one witness."""

    key: str
    claims: tuple[tuple[str, Claim], ...]

    @property
    def articles(self) -> tuple[str, ...]:
        """The articles that carry it."""
        return tuple(dict.fromkeys(article for article, _ in self.claims))

    @property
    def signs(self) -> frozenset[str]:
        """The stances in it: more than one is a conflict to look at."""
        return frozenset(claim.stance for _, claim in self.claims)


def echoes(reviews: Iterable[Review]) -> list[Echo]:
    """Group the claims of several articles by echo key, within the date window.

    A key a person wrote (one without `|`) groups whatever the dates.
    """
    by_key: dict[str, list[tuple[date, str, Claim]]] = {}
    for review in reviews:
        day = _day(review)
        for claim in review.claims:
            if claim.status != "rejected" and not claim.stale:
                by_key.setdefault(claim.echo, []).append((day, review.article, claim))
    found: list[Echo] = []
    for key, members in sorted(by_key.items()):
        found.extend(_windows(key, sorted(members, key=lambda one: (one[0], one[1], one[2].id))))
    return found


def _day(review: Review) -> date:
    if review.published != UNKNOWN:
        return date.fromisoformat(review.published)
    return review.received or date.max


def _windows(key: str, members: list[tuple[date, str, Claim]]) -> Iterable[Echo]:
    group: list[tuple[str, Claim]] = []
    start: date | None = None
    for day, article, claim in members:
        apart = start is not None and day != date.max and day - start > WINDOW
        if apart and "|" in key:
            yield Echo(key, tuple(group))
            group, start = [], None
        start = start or day
        group.append((article, claim))
    if group:
        yield Echo(key, tuple(group))
