"""An article record: the facts one publication carries, in our own words."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from engine.records.fields import (
    UNKNOWN,
    Address,
    Credibility,
    Date,
    Id,
    Line,
    Positive,
    Probability,
    Rating,
    Record,
    Text,
    iso_date,
)


def _indicator_path(value: str) -> str:
    scenario, slash, indicator = value.partition("/")
    if not (slash and scenario and indicator) or "/" in indicator:
        raise ValueError(
            f"must be scenario/indicator, like rok-lethal-aid/lethal-weapons-on-the-table, got {value!r:.80}."
        )
    return value


def _date_or_unknown(value: object) -> object:
    try:
        return value if value == UNKNOWN else iso_date(value)
    except ValueError:
        raise ValueError(f"must be a date like 2024-10-18, or unknown, got {value!r:.60}.") from None


IndicatorPath = Annotated[str, Field(max_length=201), AfterValidator(_indicator_path)]
Stance = Literal["affirms", "denies", "absent", "retracted"]
Proposer = Literal["rule", "similarity", "llm", "person"]
_PROPOSED_BY = "what found it in the text: a rule, closeness of words, a language model; person: written by hand"
_EDITED = "a person changed the proposal before accepting it"


class Report(Record):
    """One source affirming or denying one indicator, found in one article."""

    indicator: IndicatorPath
    source: Id
    stance: Stance
    credibility: Credibility = Field(
        3, description="Admiralty digit of this report: 1 confirmed ... 5 improbable, 6 cannot be judged"
    )
    against_interest: bool = Field(False, description="a culprit's admission: graded A whatever the source's letter")
    detection: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="for stance absent: chance that the search would have found it"
    )
    proposed_by: Proposer | None = Field(None, description=_PROPOSED_BY)
    edited: bool = Field(False, description=_EDITED)
    note: Text | None = None


class Measurement(Record):
    """One source's number for a scenario's quantity: exact, a range, or a bound."""

    scenario: Id
    source: Id
    kind: Literal["observed", "projected"]
    value: Positive | None = None
    low: Positive | None = None
    high: Positive | None = None
    at_least: Positive | None = None
    at_most: Positive | None = None
    on: Date | None = Field(None, description="the day the level is for; default: the article's")
    credibility: Credibility = Field(3, description="Admiralty digit of this number")
    losses: bool = Field(False, description="the source counts its own or its enemy's losses: wider bias")
    proposed_by: Proposer | None = Field(None, description=_PROPOSED_BY)
    edited: bool = Field(False, description=_EDITED)
    note: Text | None = None


class ThirdPartyForecast(Record):
    """A probability somebody else gave: a market, a crowd, an expert, a model."""

    scenario: Id
    source: Id
    kind: Literal["market", "crowd", "expert", "model"]
    probability: Probability
    on: Literal["happening", "not-happening"] = "happening"
    deadline: Date | None = Field(None, description="the deadline it was given for; default: the scenario's")
    note: Text | None = None


class Signal(Record):
    """A row of a horizon scan: what is changing, where it could lead in ten years, how relevant it is."""

    id: Id
    kind: Literal["signal", "concern", "behaviour", "technology", "issue"] = "signal"
    name: Line
    change: Text | None = None
    ten_year: Text | None = None
    driving_force: Text | None = None
    relevancy: Rating
    proposed_by: Proposer | None = Field(None, description=_PROPOSED_BY)
    edited: bool = Field(False, description=_EDITED)


class Article(Record):
    """One article: who published what, when, and what it reports."""

    id: Id
    title: Line
    publisher: Id
    published: Annotated[date | Literal["unknown"], BeforeValidator(_date_or_unknown)]
    received: Date | None = Field(
        None, description="the day it came to hand: counts where the publication date is unknown"
    )
    date_basis: Text | None = Field(None, description="why this date is believed, and which were refused")
    url: Address | None = None
    language: Line | None = None
    summary: Text
    reports: tuple[Report, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    forecasts: tuple[ThirdPartyForecast, ...] = ()
    signals: tuple[Signal, ...] = ()

    @model_validator(mode="after")
    def _dated(self) -> Article:
        if self.published == UNKNOWN and self.received is None:
            raise ValueError("published is unknown: add received, the day the article came to hand.")
        return self

    @property
    def known_on(self) -> date:
        """The first day on which the engine may use it."""
        if isinstance(self.published, date):
            return self.published
        assert self.received is not None  # noqa: S101  (checked when the file was read)
        return self.received

    @property
    def quoted(self) -> frozenset[str]:
        """Its publisher and every source that speaks in it."""
        return frozenset(
            {
                self.publisher,
                *(one.source for one in self.reports),
                *(one.source for one in self.measurements),
                *(one.source for one in self.forecasts),
            }
        )
