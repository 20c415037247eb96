"""What a run says, as a record: the JSON that programs read, and every other rendering starts from."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

FORMAT = 1
type Status = Literal["open", "due", "happened", "did-not-happen"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class EngineLine(_Part):
    """What computed it."""

    name: str
    version: str
    pymc: str
    seed: int
    draws: int


class DiagnosticsLine(_Part):
    """Whether it can be trusted."""

    sound: bool
    max_rhat: float | None
    min_ess: float
    divergences: int | None
    pareto_k: float
    max_engine_gap: float | None
    message: str


class Belief(_Part):
    """A probability before the reports."""

    probability: float
    interval: tuple[float, float]
    basis: str | None = None


class PosteriorBelief(_Part):
    """A probability after the reports, with its Monte Carlo error and its words."""

    probability: float
    interval: tuple[float, float]
    mcse: float
    words: str


class ConfidenceLine(_Part):
    """How far the probability is to be trusted, apart from how high it is."""

    level: Literal["low", "moderate", "high"]
    statement: str
    n_sources: int
    effective_sources: float
    prior_share: float


class OutlookLine(_Part):
    """The ten-year view, year by year."""

    statement: str | None
    beyond: str | None = None
    """What the years after the deadline rest on."""
    by: tuple[date, ...]
    probability: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class RelevancyLine(_Part):
    """How much it matters, 1-5."""

    rating: float
    interval: tuple[float, float]


class EvidenceLine(_Part):
    """One witness: what it says and how far it moves the belief."""

    indicator: str
    statement: str
    source: str
    grade: str | None = None
    """Admiralty letter of the source and digit of the report that counts, as in B2; None once it is withdrawn."""
    stance: str
    articles: tuple[str, ...]
    decibans: float
    without: float
    history: tuple[StanceLine, ...]


class NumberLine(_Part):
    """One source's newest number of one kind."""

    source: str
    kind: str
    value: str
    on: date
    articles: tuple[str, ...]
    decibans: float
    without: float
    bias: float


class EstimateLine(_Part):
    """Median and central 90 % interval, in the quantity's unit."""

    median: float
    interval: tuple[float, float]


class QuantityLine(_Part):
    """What the numbers say of a quantity."""

    unit: str
    at_least: float
    level: EstimateLine | None
    peak: EstimateLine
    numbers: tuple[NumberLine, ...]


class OpinionLine(_Part):
    """One forecaster's newest forecast, brought to the scenario's deadline."""

    source: str
    kind: str
    probability: float
    on: date
    articles: tuple[str, ...]


class ForecastsLine(_Part):
    """Other people's forecasts, and the belief without them."""

    without: float
    forecasts: tuple[OpinionLine, ...]


class StanceLine(_Part):
    """What a source said of an indicator, and when."""

    on: date
    stance: str
    article: str


class DriverLine(_Part):
    """Another scenario whose occurrence multiplies this one's hazard."""

    scenario: str
    effect: str
    because: str | None


class SignalLine(_Part):
    """A row of a horizon scan linked to the scenario."""

    id: str
    name: str
    relevancy: int
    ten_year: str | None


class ScenarioReport(_Part):
    """Everything about one scenario."""

    id: str
    title: str
    question: str
    deadline: date
    status: Status
    prior: Belief
    posterior: PosteriorBelief
    shift_db: float
    confidence: ConfidenceLine | None = None
    """None once it is resolved: then it is known, not believed."""
    outlook: OutlookLine
    relevancy: RelevancyLine
    score: float
    n_articles: int
    n_reports: int
    n_witnesses: int
    drivers: tuple[DriverLine, ...]
    signals: tuple[SignalLine, ...]
    evidence: tuple[EvidenceLine, ...]
    quantity: QuantityLine | None
    forecasts: ForecastsLine | None


class Report(_Part):
    """A run: scenarios ranked by score."""

    format: int = FORMAT
    run_id: str
    title: str | None
    as_of: date
    inputs: str
    engine: EngineLine
    diagnostics: DiagnosticsLine
    not_open: tuple[str, ...]
    later_articles: int = 0
    """Articles dated after `as_of`, which were not heard."""
    scenarios: tuple[ScenarioReport, ...]

    def only(self, ids: Container[str]) -> Report:
        """The same run, showing some of its scenarios."""
        kept = tuple(scenario for scenario in self.scenarios if scenario.id in ids)
        return self.model_copy(update={"scenarios": kept})
