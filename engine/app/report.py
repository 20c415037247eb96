"""What a run says, as a record: the JSON that programs read, and every other rendering starts from."""

from __future__ import annotations

from collections.abc import Container
from datetime import date
from importlib.metadata import version
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.analysis.explanation import Pull
from engine.analysis.forecast import Forecast
from engine.analysis.words import words
from engine.belief.network import Network
from engine.probability import Array, decibans, odds
from engine.records.article import Signal
from engine.records.scenario import Driver, Scenario

FORMAT = 1
Status = Literal["open", "due", "happened", "did-not-happen"]


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


class OutlookLine(_Part):
    """The ten-year view, year by year."""

    statement: str | None
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
    stance: str
    articles: tuple[str, ...]
    decibans: float
    without: float


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
    outlook: OutlookLine
    relevancy: RelevancyLine
    score: float
    n_articles: int
    n_reports: int
    n_witnesses: int
    drivers: tuple[DriverLine, ...]
    signals: tuple[SignalLine, ...]
    evidence: tuple[EvidenceLine, ...]


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
    scenarios: tuple[ScenarioReport, ...]

    def only(self, ids: Container[str]) -> Report:
        """The same run, showing some of its scenarios."""
        kept = tuple(scenario for scenario in self.scenarios if scenario.id in ids)
        return self.model_copy(update={"scenarios": kept})


def report_of(forecast: Forecast, run_id: str) -> Report:
    """The report of a forecast; numbers are rounded to what their Monte Carlo error supports."""
    posterior = forecast.posterior
    checks = posterior.diagnostics
    return Report(
        run_id=run_id,
        title=forecast.project.settings.title,
        as_of=posterior.network.as_of,
        inputs=forecast.project.fingerprint,
        engine=EngineLine(
            name=posterior.engine,
            version=version("scenario-forecast-engine"),
            pymc=version("pymc"),
            seed=posterior.seed,
            draws=posterior.n,
        ),
        diagnostics=DiagnosticsLine(
            sound=checks.sound,
            max_rhat=_maybe(checks.max_rhat),
            min_ess=round(checks.min_ess),
            divergences=checks.divergences,
            pareto_k=_round(checks.pareto_k),
            max_engine_gap=_maybe(checks.max_engine_gap),
            message=checks.message,
        ),
        not_open=posterior.network.not_open,
        scenarios=tuple(_scenario(forecast, position) for position in forecast.ranking),
    )


def _scenario(forecast: Forecast, position: int) -> ScenarioReport:
    posterior, network = forecast.posterior, forecast.posterior.network
    scenario = network.scenarios[position]
    prior = float(forecast.prior.probability[position])
    probability = float(posterior.probability[position])
    evidence = sorted(
        (pull for pull in forecast.pulls if pull.scenario == scenario.id),
        key=lambda pull: (-abs(pull.decibans), pull.witness.indicator, pull.witness.source),
    )
    relevancy, relevancy_interval = forecast.relevancy
    view = forecast.outlook
    return ScenarioReport(
        id=scenario.id,
        title=scenario.title,
        question=scenario.question,
        deadline=scenario.deadline,
        status=status(network, position),
        prior=Belief(
            probability=_round(prior), interval=_pair(forecast.prior.interval[:, position]), basis=scenario.prior.basis
        ),
        posterior=PosteriorBelief(
            probability=_round(probability),
            interval=_pair(posterior.interval[:, position]),
            mcse=_round(float(posterior.mcse[position])),
            words=words(probability),
        ),
        shift_db=0.0 if not 0 < probability < 1 else round(float(decibans(odds(prior), odds(probability))), 2),
        outlook=OutlookLine(
            statement=scenario.outlook.statement if scenario.outlook else None,
            by=view.by,
            probability=_rounded(view.probability[position]),
            low=_rounded(view.interval[0, position]),
            high=_rounded(view.interval[1, position]),
        ),
        relevancy=RelevancyLine(
            rating=round(float(relevancy[position]), 2),
            interval=(
                round(float(relevancy_interval[0, position]), 2),
                round(float(relevancy_interval[1, position]), 2),
            ),
        ),
        score=_round(float(forecast.score[position])),
        n_articles=len({article for pull in evidence for article in pull.witness.articles}),
        n_reports=sum(pull.witness.n_reports for pull in evidence),
        n_witnesses=len(evidence),
        drivers=tuple(_driver(driver) for driver in scenario.drivers),
        signals=tuple(_signal(forecast.project.signals[name]) for name in scenario.signals),
        evidence=tuple(_evidence(scenario, pull) for pull in evidence),
    )


def _evidence(scenario: Scenario, pull: Pull) -> EvidenceLine:
    name = pull.witness.indicator.partition("/")[2]
    return EvidenceLine(
        indicator=name,
        statement=scenario.indicators[name].statement,
        source=pull.witness.source,
        stance=pull.witness.stance,
        articles=pull.witness.articles,
        decibans=round(pull.decibans, 2),
        without=_round(pull.without),
    )


def _driver(driver: Driver) -> DriverLine:
    if driver.hazard_ratio is not None:
        between = f" [{driver.interval[0]:g}-{driver.interval[1]:g}]" if driver.interval else ""
        effect = f"hazard x {driver.hazard_ratio:g}{between}"
    else:
        effect = f"{driver.probability_if_occurs:.0%} if it happens"
    return DriverLine(scenario=driver.scenario, effect=effect, because=driver.because)


def _signal(signal: Signal) -> SignalLine:
    return SignalLine(id=signal.id, name=signal.name, relevancy=signal.relevancy, ten_year=signal.ten_year)


def status(network: Network, position: int) -> Status:
    """Where a scenario stands on the day of the run."""
    if position in network.known:
        return "happened" if network.known[position] else "did-not-happen"
    return "due" if network.scenarios[position].deadline < network.as_of else "open"


def _round(value: float) -> float:
    return round(float(value), 4)


def _maybe(value: float | None) -> float | None:
    return None if value is None else _round(value)


def _pair(values: Array) -> tuple[float, float]:
    low, high = (_round(value) for value in values)
    return low, high


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(_round(value) for value in values)
