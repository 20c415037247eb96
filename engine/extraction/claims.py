"""A claim proposed from an article, and the review file that keeps it with what people decided."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from engine.records.article import IndicatorPath, Proposer, Stance
from engine.records.fields import Credibility, Date, Id, Line, Positive, Rating, Record, Text, _plain
from engine.records.scenario import Modality

Status = Literal["proposed", "accepted", "edited", "rejected", "superseded"]
DETECTION_ASKED = (
    "the chance, above 0 and at most 1, that whoever looked would have found it, had it been so. "
    "0.9: a search that misses little; 0.2: a look from afar."
)
DECIDED = frozenset({"accepted", "edited", "rejected", "superseded"})
TAKEN = frozenset({"accepted", "edited"})
Passage = Annotated[str, Field(max_length=2_000_000), AfterValidator(_plain)]


class Claim(Record):
    """One source on one indicator or quantity, as found in one sentence."""

    id: Line
    status: Status = "proposed"
    indicator: IndicatorPath | None = None
    scenario: Id | None = Field(None, description="instead of indicator: the scenario whose quantity the number is")
    stance: Stance = "affirms"
    modality: Modality = "actual"
    source: Id
    conduct: bool = Field(
        False, description="what its source says in public is the matter: in the record its publisher is the witness"
    )
    value: Positive | None = None
    low: Positive | None = None
    high: Positive | None = None
    unit: Line | None = None
    on: Date | None = Field(None, description="the day a level is for; default: the article's")
    credibility: Credibility = 3
    detection: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="for stance absent: the reviewer's chance that the search would have found it; never guessed"
    )
    echo: Line
    by: Proposer = "rule"
    why: Line | None = Field(None, description="the words that fired the rule, or the similarity")
    span: tuple[int, int] = Field(description="where the quote stands in the text below")
    quote: Passage
    stale: bool = Field(False, description="the extractor no longer proposes it")
    edited: bool = False
    reviewer: Line | None = None
    reviewed_on: Date | None = None
    note: Text | None = None

    @property
    def subject(self) -> str:
        """The indicator, or the scenario whose quantity it is."""
        return self.indicator or self.scenario or ""

    @property
    def about(self) -> str:
        """The scenario it bears on."""
        return self.subject.partition("/")[0]

    def witness(self, publisher: str) -> str:
        """Whose word it is that the model weighs: the source's, or the publisher's who tells of its conduct."""
        return publisher if self.conduct else self.source

    @property
    def numbered(self) -> bool:
        """Whether it carries a number."""
        return not self.value is self.low is self.high is None

    @property
    def unweighed(self) -> bool:
        """Whether it tells of a search that found nothing, and nobody has said how good the search was."""
        return self.stance == "absent" and self.detection is None

    @property
    def bound(self) -> str:
        """exact, range, at-least or at-most."""
        if self.value is not None:
            return "exact"
        return "range" if None not in (self.low, self.high) else "at-least" if self.low is not None else "at-most"


class ProposedSignal(Record):
    """A row of a horizon scan, with the scenarios it seems to speak of."""

    id: Id
    status: Status = "proposed"
    kind: Literal["signal", "concern", "behaviour", "technology", "issue"] = "signal"
    name: Line
    description: Text | None = None
    change: Text | None = None
    ten_year: Text | None = None
    driving_force: Text | None = None
    relevancy: Rating
    scenarios: tuple[Id, ...] = Field((), description="suggested links, to be edited")
    known_as: Id | None = Field(None, description="its id in the record, where you want another than the one above")
    stale: bool = False


class Dropped(Record):
    """A paragraph taken for boilerplate, and why."""

    text: Passage
    because: Line


class Review(Record):
    """One article's review file: what was read, what is proposed, what people decided."""

    article: Id
    file: Line
    hash: Line
    title: Line
    publisher: Id
    published: Line
    received: Date | None = None
    date_basis: Text | None = None
    dates_refused: tuple[Line, ...] = ()
    url: Line | None = None
    language: Line | None = None
    own_title: Line | None = Field(
        None, description="title of the record, in your own words; empty: made from the claims"
    )
    summary: Text | None = Field(None, description="in your own words; empty: made from the accepted claims")
    record: Id | None = Field(None, description="the article record in seeds/ this file has written")
    written: Line | None = Field(
        None, description="hash of that record as it was written, so that no change to it is lost"
    )
    claims: tuple[Claim, ...] = ()
    misses: tuple[Claim, ...] = Field((), description="sentences close to an indicator that no rule caught")
    signals: tuple[ProposedSignal, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    text: Passage

    @property
    def proposals(self) -> tuple[Claim, ...]:
        """Claims and possible misses together."""
        return self.claims + self.misses

    def find(self, claim: str) -> Claim | None:
        """The claim of that id."""
        return next((one for one in self.proposals if one.id == claim), None)

    def with_claim(self, claim: Claim) -> Review:
        """The same review with one claim replaced."""
        return self.model_copy(
            update={
                "claims": tuple(claim if one.id == claim.id else one for one in self.claims),
                "misses": tuple(claim if one.id == claim.id else one for one in self.misses),
            }
        )

    def misquotes(self) -> Iterator[Claim]:
        """Claims whose quote is not what stands at their span."""
        for claim in self.proposals:
            if not claim.stale and self.text[claim.span[0] : claim.span[1]] != claim.quote:
                yield claim


def claim_id(article_hash: str, span: tuple[int, int], subject: str, ordinal: int = 0) -> str:
    """Same article, place, subject and order: same id, so that running again loses no decision."""
    told = f"{article_hash}:{span[0]}:{span[1]}:{subject}:{ordinal}"
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def text_hash(text: str) -> str:
    """Short hash of an article's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
