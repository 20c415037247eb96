"""A scenario: a named event that happens or not by its deadline, as an analyst writes it."""

from __future__ import annotations

import math
from datetime import date
from statistics import NormalDist
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from engine.records.fields import (
    Date,
    Id,
    Line,
    Pattern,
    Positive,
    PositiveInterval,
    Probability,
    ProbabilityInterval,
    Rating,
    Record,
    Text,
)
from engine.records.repeats import bounded_repeats

# likelihood ratio 1.5, 4, 10, 30
DIAGNOSTICITY = {
    "slight": (0.60, 0.40),
    "moderate": (0.80, 0.20),
    "strong": (0.91, 0.09),
    "decisive": (0.97, 0.03),
}


Z90 = NormalDist().inv_cdf(0.95)
"""Standard normal quantile of 0.95: a central 90 % interval is mean +- Z90 sd."""

THRESHOLD_WIDTH = 0.1
"""How sharp a threshold on a quantity is, in log units: counts this close to it are argued about."""


class BaseRate(Record):
    """The outside view: `events` in `years` of a reference class; yearly hazard ~ Gamma(events + 1/2, years)."""

    events: int = Field(ge=0, le=1_000_000)
    years: Positive
    reference_class: Text | None = None
    weight: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="how far the class speaks for this case: its events and years count that much"
    )


class Quantity(Record):
    """A threshold on a quantity: the peak value by the deadline, lognormal from median and interval."""

    unit: Line
    median: Positive
    interval: PositiveInterval = Field(description="central 90 % interval of the peak value")
    at_least: Positive = Field(description="the scenario happens if the peak reaches this")

    @property
    def log_sd(self) -> float:
        """Standard deviation of the log peak, from its central 90 % interval."""
        return math.log(self.interval[1] / self.interval[0]) / (2 * Z90)

    @property
    def probability(self) -> float:
        """Chance that the peak reaches `at_least`, the soft edge of the threshold included."""
        headroom = math.log(self.median / self.at_least)
        chance = NormalDist().cdf(headroom / math.hypot(self.log_sd, THRESHOLD_WIDTH))
        return min(max(chance, 1e-9), 1 - 1e-9)


def _one_or_several(value: object) -> object:
    return tuple(value) if isinstance(value, list) else (value,) if isinstance(value, dict) else value


class Prior(Record):
    """What is believed before any report: a probability, or a base rate, for the window up to the deadline."""

    probability: Probability | None = None
    interval: ProbabilityInterval | None = Field(None, description="central 90 % interval of the probability")
    base_rate: Annotated[
        tuple[BaseRate, ...],
        BeforeValidator(_one_or_several, json_schema_input_type=BaseRate | tuple[BaseRate, ...]),
    ] = Field((), description="one reference class, or several with weights: their events and years are added up")
    quantity: Quantity | None = None
    basis: Text | None = Field(None, description="why this number: shown beside it wherever it is printed")
    as_of: Date | None = Field(None, description="when the window of the prior starts; default: opens")

    @property
    def rate_shape_and_years(self) -> tuple[float, float]:
        """Gamma shape and rate of the yearly hazard: Jeffreys' 1/2 and every class at its weight (Ibrahim & Chen 2000)."""
        classes = self.base_rate
        return 0.5 + sum(c.weight * c.events for c in classes), sum(c.weight * c.years for c in classes)


class Outlook(Record):
    """The ten-year view: prior probability that the event has happened ten years after `opens`."""

    statement: Text | None = None
    probability: Probability | None = None
    interval: ProbabilityInterval | None = None


class Driver(Record):
    """Another scenario whose occurrence multiplies this one's hazard."""

    scenario: Id
    hazard_ratio: Positive | None = None
    interval: PositiveInterval | None = Field(None, description="central 90 % interval of the hazard ratio")
    probability_if_occurs: Probability | None = Field(
        None, description="instead of hazard_ratio: this scenario's probability if the driver happens"
    )
    because: Text | None = None


def _listed(value: object) -> object:
    """One word may stand for a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Concepts = Annotated[tuple[Line, ...], BeforeValidator(_listed, json_schema_input_type=Line | tuple[Line, ...])]
Modality = Literal["actual", "planned", "possible", "conditional", "demanded", "denied"]
Modalities = Annotated[
    tuple[Modality, ...], BeforeValidator(_listed, json_schema_input_type=Modality | tuple[Modality, ...])
]


class Frame(Record):
    """How news words a claim: concepts of `lexicon.yaml` for agent, act, object and addressee, found in one clause."""

    by: Concepts = Field((), description="who acts: any one of these concepts")
    act: Concepts = ()
    object: Concepts = ()
    to: Concepts = Field((), description="addressee or place")
    near: Concepts = Field((), description="concepts of which one must stand somewhere in the sentence")
    unless: Concepts = Field((), description="concepts that must not stand in the sentence")
    modality: Modalities = Field((), description="only if the act is one of these; default: any")
    told: Modality | None = Field(
        None,
        description="how a claim that affirms it is told, whatever governs the act: a request is demanded, a ban actual",
    )
    polarity: Literal["affirms", "denies"] = Field("affirms", description="what a match says of the indicator")
    unit: Concepts = Field((), description="units of the numbers that belong to the claim")
    spoken: bool = Field(False, description="the act is one of speech: owning the object makes nobody its agent")
    conduct: bool = Field(
        False, description="what its agent says in public is the matter: the publisher is the witness"
    )
    counted: bool | None = Field(None, description="true: only with a number in one of its units; false: only without")
    pattern: Annotated[Pattern, AfterValidator(bounded_repeats)] | None = Field(
        None, description="a regular expression instead of concepts, as a last resort"
    )
    example: Text | None = Field(None, description="an invented sentence on which it must fire")
    also: Concepts = Field((), description="indicators whose rules rightly fire on the example too")


class Indicator(Record):
    """An observable claim that is more (or less) likely if the scenario is coming true."""

    statement: Text
    if_true: Probability | None = Field(None, description="P(claim true) if the scenario comes true")
    if_false: Probability | None = Field(None, description="P(claim true) if it does not")
    diagnosticity: Literal["slight", "moderate", "strong", "decisive"] | None = None
    against: bool = Field(False, description="swaps the pair: the claim speaks against the scenario")
    match: tuple[Frame, ...] = Field((), description="rules by which `forecast ingest` proposes claims")

    @property
    def pair(self) -> tuple[float, float]:
        """(if_true, if_false), with `diagnosticity` and `against` applied."""
        if self.diagnosticity:
            if_true, if_false = DIAGNOSTICITY[self.diagnosticity]
        else:
            assert self.if_true is not None  # noqa: S101  (checked when the file was read)
            assert self.if_false is not None  # noqa: S101
            if_true, if_false = self.if_true, self.if_false
        return (if_false, if_true) if self.against else (if_true, if_false)


class Resolution(Record):
    """What came of it, and when that was known."""

    happened: bool
    on: Date
    value: Positive | None = Field(
        None, description="of a scenario about a quantity: the peak it had reached by the deadline, as is known now"
    )
    note: Text | None = None


class Scenario(Record):
    """One scenario file."""

    id: Id
    title: Line
    question: Text
    opens: Date
    deadline: Date
    prior: Prior
    outlook: Outlook | None = None
    relevancy: Rating | None = Field(None, description="how much it matters, 1-5: one more rating beside the signals'")
    signals: tuple[Id, ...] = ()
    drivers: tuple[Driver, ...] = ()
    indicators: dict[Id, Indicator] = Field(default_factory=dict)
    detection: Literal["certain", "uncertain"] | None = Field(
        None, description="certain: it would be known if it had happened, so silence lets the belief sink"
    )
    resolution: Resolution | None = None
    match: tuple[Frame, ...] = Field((), description="rules that propose numbers for the scenario's quantity")
    note: Text | None = None

    @property
    def prior_as_of(self) -> date:
        """The day the prior's window starts."""
        return self.prior.as_of or self.opens

    @property
    def window_years(self) -> float:
        """Length of the prior's window, in years."""
        return (self.deadline - self.prior_as_of).days / 365.25

    @property
    def base_rate_probability(self) -> float | None:
        """What the base rate alone gives for the window: the Gamma-mixed 1 - exp(-rate x years)."""
        if not self.prior.base_rate:
            return None
        shape, rate = self.prior.rate_shape_and_years
        return min(float(1 - (rate / (rate + self.window_years)) ** shape), 1 - 1e-9)

    @property
    def prior_probability(self) -> float | None:
        """The prior marginal by the deadline, however it was stated."""
        if self.prior.quantity:
            return self.prior.quantity.probability
        return self.prior.probability or self.base_rate_probability

    @property
    def detected(self) -> bool:
        """Whether it would be known by now if it had happened."""
        return (self.detection or ("uncertain" if self.prior.quantity else "certain")) == "certain"

    def resolved_by(self, day: date) -> Resolution | None:
        """The resolution if it was known on `day`."""
        return self.resolution if self.resolution and self.resolution.on <= day else None

    def known_by(self, day: date) -> Scenario:
        """The scenario without a resolution that came after the day."""
        return self if self.resolution == self.resolved_by(day) else self.model_copy(update={"resolution": None})
