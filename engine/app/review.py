"""`forecast review`: one proposed claim at a time; every decision is on disk before the next is asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from engine.app.inbox import load_inbox, load_review, save_review
from engine.app.review_edit import changed, edits
from engine.errors import ForecastError, nearest
from engine.extraction.claims import DETECTION_ASKED, TAKEN, Claim, Review, Status
from engine.extraction.echoes import Echo, echoes
from engine.records.fields import UNKNOWN
from engine.records.project import Project

CONTEXT = 300


@dataclass(frozen=True)
class Step:
    """A claim to be judged, with what a person needs for it."""

    path: Path
    review: Review
    claim: Claim
    before: str
    after: str
    echo: Echo | None
    decibans: float | None
    statement: str
    why_now: str
    left: int


def paths_in(inbox: Path, article: str | None) -> list[Path]:
    """The review files of the inbox, or those of an article given by name, by how its name begins, or by path."""
    held = sorted(inbox.glob("*.yaml")) if inbox.is_dir() else []
    if article is None:
        if not held:
            raise ForecastError(f"{inbox}: holds no review file. Run `forecast ingest ARTICLE...` first.")
        return held
    named = [path for path in held if article in {path.stem, path.name, str(path)}]
    named = named or [path for path in held if path.stem.startswith(article)]
    if not named:
        raise ForecastError(
            f"{article}: is no review file of {inbox}. {nearest(article, [path.stem for path in held])}"
        )
    return named


def statements(project: Project) -> dict[str, str]:
    """What each indicator states, and what each quantity is, by the subject of a claim."""
    told = {scenario.id: f"the quantity of: {scenario.title}" for scenario in project.scenarios.values()}
    for scenario in project.scenarios.values():
        told |= {f"{scenario.id}/{name}": one.statement for name, one in scenario.indicators.items()}
    return told


@dataclass
class Session:
    """A review in progress: what comes next, the decision, and the way back."""

    paths: list[Path]
    inbox: Path
    reviewer: str
    today: date
    effect: Callable[[Review, Claim], float | None] | None = None
    statements: Mapping[str, str] = field(default_factory=dict)
    _skipped: set[tuple[str, str]] = field(default_factory=set)
    _done: list[tuple[Path, Claim]] = field(default_factory=list)
    _reviews: dict[Path, Review] = field(default_factory=dict)
    _echoes: list[Echo] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._reviews = {path: load_review(path) for path in self.paths}
        self._echoes = echoes(self._all())

    def _all(self) -> list[Review]:
        """The articles under review, and the others of the inbox that may echo them."""
        mine = {review.article for review in self._reviews.values()}
        return [*self._reviews.values(), *(one for one in load_inbox(self.inbox) if one.article not in mine)]

    def next(self) -> Step | None:
        """The claim to judge now, the most doubtful first; None when all is done."""
        waiting = sorted(self._waiting(), key=lambda one: one[0])
        if not waiting:
            return None
        (rank, _, _, _), path, claim = waiting[0]
        review = self._reviews[path]
        start, end = claim.span
        return Step(
            path=path,
            review=review,
            claim=claim,
            before=review.text[max(0, start - CONTEXT) : start],
            after=review.text[end : end + CONTEXT],
            echo=self._echo(claim),
            decibans=self.effect(review, claim) if self.effect else None,
            statement=self.statements.get(claim.subject, ""),
            why_now=_REASONS[rank],
            left=len(waiting),
        )

    def _waiting(self) -> Iterable[tuple[tuple[int, str, int, str], Path, Claim]]:
        for path, review in self._reviews.items():
            for claim in review.proposals:
                if claim.status == "proposed" and not claim.stale and (review.article, claim.id) not in self._skipped:
                    rank = _rank(review, claim, self._echo(claim))
                    yield (rank, review.article, claim.span[0], claim.id), path, claim

    def _echo(self, claim: Claim) -> Echo | None:
        return next((one for one in self._echoes if any(other.id == claim.id for _, other in one.claims)), None)

    def accept(self, detection: float | None = None) -> None:
        """Take the claim as it is; a search that found nothing needs the chance that it would have found it."""
        self._decide("accepted", {} if detection is None else {"detection": detection})

    def reject(self, note: str | None = None) -> None:
        """Refuse it; it stays in the file and is never proposed again."""
        self._decide("rejected", {"note": note} if note else {})

    def edit(self, **changes: Any) -> None:
        """Take the claim with changes; a wrong value is refused and nothing is changed."""
        self._decide("edited", {**edits(changes), "edited": True})

    def regroup(self, echo: str) -> None:
        """Give the claim another echo key: a new one splits it off, that of other claims merges it with them."""
        step = self._current()
        self._store(step.path, changed(step.claim, {"echo": echo}))
        self._echoes = echoes(self._all())

    def echo_keys(self, subject: str) -> list[str]:
        """The keys that claims about the same thing have, the claim's own among them."""
        return sorted({claim.echo for review in self._all() for claim in review.proposals if claim.subject == subject})

    def came_to_hand(self, day: date) -> None:
        """Say when an undated article was received."""
        step = self._current()
        review = load_review(step.path).model_copy(update={"received": day})
        save_review(step.path, review)
        self._reviews[step.path] = review

    def skip(self) -> None:
        """Leave the claim for another time."""
        step = self._current()
        self._skipped.add((step.review.article, step.claim.id))

    def undo(self) -> bool:
        """Take the last decision back; False if there is none."""
        if not self._done:
            return False
        path, claim = self._done.pop()
        self._store(path, claim)
        return True

    def _current(self) -> Step:
        step = self.next()
        if step is None:
            raise ForecastError("There is no claim left to judge.")
        return step

    def _decide(self, status: Status, changes: Mapping[str, Any]) -> None:
        step = self._current()
        told = {"status": status, "reviewer": self.reviewer, "reviewed_on": self.today, **changes}
        decided = changed(step.claim, told)
        if decided.status in TAKEN and decided.unweighed:
            raise ForecastError(f"detection: must be given for stance absent: {DETECTION_ASKED}")
        self._store(step.path, decided)
        self._done.append((step.path, step.claim))

    def _store(self, path: Path, claim: Claim) -> None:
        """On disk first, whatever else the file says by now kept."""
        review = load_review(path).with_claim(claim)
        save_review(path, review)
        self._reviews[path] = review


_REASONS = (
    "the article has no date",
    "articles with this echo disagree",
    "denied or conditional",
    "no rule fired, but its words come close",
    "found by rule",
)


def _rank(review: Review, claim: Claim, echo: Echo | None) -> int:
    if review.published == UNKNOWN and review.received is None:
        return 0
    if echo and len(echo.signs) > 1:
        return 1
    if claim.modality in {"denied", "conditional"}:
        return 2
    return 3 if claim.by == "similarity" else 4
