"""From a forecast to its report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib.metadata import version

from engine.analysis.confidence import confidence
from engine.analysis.explanation import Pull
from engine.analysis.forecast import Forecast
from engine.analysis.histories import HALF_LIFE
from engine.analysis.levels import Estimate, QuantityRead
from engine.analysis.words import words
from engine.app.report import (
    Belief,
    ConfidenceLine,
    DiagnosticsLine,
    DriverLine,
    EngineLine,
    EstimateLine,
    EvidenceLine,
    ForecastsLine,
    NumberLine,
    OpinionLine,
    OutlookLine,
    PosteriorBelief,
    QuantityLine,
    RelevancyLine,
    Report,
    ScenarioReport,
    SignalLine,
    StanceLine,
    Status,
)
from engine.belief.network import Network
from engine.belief.witnesses import ADMISSION, DatedReport, Witness, digit_of, standings
from engine.probability import Array, decibans, odds
from engine.records.article import Measurement, Signal
from engine.records.project import Project
from engine.records.scenario import Driver, Scenario

type Said = Mapping[tuple[str, str], Sequence[DatedReport]]


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
        later_articles=sum(one.known_on > posterior.network.as_of for one in forecast.project.articles.values()),
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
    said = standings(forecast.project, network.as_of, [scenario.id])
    scanned = forecast.project.known_by(network.as_of).signals
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
        confidence=_confidence(forecast, scenario.id),
        outlook=OutlookLine(
            statement=scenario.outlook.statement if scenario.outlook else None,
            beyond=_beyond(scenario),
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
        signals=tuple(_signal(scanned[name]) for name in scenario.signals if name in scanned),
        evidence=(
            *(_evidence(forecast.project, scenario, pull, said) for pull in evidence),
            *_withdrawn(scenario, evidence, said),
        ),
        quantity=next((_quantity(read) for read in forecast.quantities if read.scenario == scenario.id), None),
        forecasts=_forecasts(forecast, position),
    )


def _beyond(scenario: Scenario) -> str:
    view = scenario.outlook
    if view is None or view.probability is None:
        return f"No ten-year view is stated: past the deadline the yearly hazard halves every {HALF_LIFE:g} years."
    between = f" [{100 * view.interval[0]:.0f}-{100 * view.interval[1]:.0f} %]" if view.interval else ""
    stated = f"{100 * view.probability:.0f} %{between}"
    return (
        f"Past the deadline the curve follows the ten-year view stated at the outset, {stated}, moved by the evidence."
    )


def _grade(project: Project, witness: Witness) -> str:
    letter = "A" if witness.source.endswith(ADMISSION) else project.sources[witness.source].reliability
    return f"{letter}{digit_of(project, witness)}"


def _confidence(forecast: Forecast, scenario: str) -> ConfidenceLine | None:
    held = confidence(forecast, scenario)
    if held is None:
        return None
    return ConfidenceLine(
        level=held.level,
        statement=held.statement,
        n_sources=held.n_sources,
        effective_sources=round(held.effective_sources, 2),
        prior_share=_round(held.prior_share),
    )


def _evidence(project: Project, scenario: Scenario, pull: Pull, said: Said) -> EvidenceLine:
    name = pull.witness.indicator.partition("/")[2]
    heard = said[pull.witness.indicator, pull.witness.source.removesuffix(ADMISSION)]
    return EvidenceLine(
        indicator=name,
        statement=scenario.indicators[name].statement,
        source=pull.witness.source,
        grade=_grade(project, pull.witness),
        stance=pull.witness.stance,
        articles=pull.witness.articles,
        decibans=round(pull.decibans, 2),
        without=_round(pull.without),
        history=_history(heard),
    )


def _withdrawn(scenario: Scenario, pulls: Sequence[Pull], said: Said) -> Iterator[EvidenceLine]:
    """Sources that spoke and no longer stand by anything: they move nothing, and are told all the same."""
    standing = {(pull.witness.indicator, pull.witness.source.removesuffix(ADMISSION)): pull for pull in pulls}
    for (indicator, source), heard in said.items():
        if (indicator, source) in standing:
            continue
        name = indicator.partition("/")[2]
        retracted = heard[-1].report.stance == "retracted"
        yield EvidenceLine(
            indicator=name,
            statement=scenario.indicators[name].statement,
            source=source,
            stance="retracted" if retracted else "contradicts itself",
            articles=tuple(sorted({dated.article.id for dated in heard})),
            decibans=0.0,
            without=0.0,
            history=_history(heard),
        )


def _history(heard: Sequence[DatedReport]) -> tuple[StanceLine, ...]:
    return tuple(StanceLine(on=dated.known_on, stance=dated.report.stance, article=dated.article.id) for dated in heard)


def _quantity(read: QuantityRead) -> QuantityLine:
    return QuantityLine(
        unit=read.quantity.unit,
        at_least=read.quantity.at_least,
        level=_estimate(read.level) if read.level else None,
        peak=_estimate(read.peak),
        numbers=tuple(
            NumberLine(
                source=one.number.source,
                kind=one.number.kind,
                value=_stated(one.number.record),
                on=one.number.on,
                articles=one.number.articles,
                decibans=round(one.decibans, 2),
                without=_round(one.without),
                bias=round(one.bias, 2),
            )
            for one in read.numbers
        ),
    )


def _estimate(estimate: Estimate) -> EstimateLine:
    low, high = estimate.interval
    return EstimateLine(median=_three_digits(estimate.median), interval=(_three_digits(low), _three_digits(high)))


def _three_digits(value: float) -> float:
    return float(f"{value:.3g}")


def _stated(record: Measurement) -> str:
    if record.value is not None:
        return f"{record.value:,g}"
    if record.low is not None and record.high is not None:
        return f"{record.low:,g} to {record.high:,g}"
    return f"at least {record.at_least:,g}" if record.at_least is not None else f"at most {record.at_most:,g}"


def _forecasts(forecast: Forecast, position: int) -> ForecastsLine | None:
    network = forecast.posterior.network
    mine = [one for one in network.opinions if one.scenario == network.ids[position]]
    if not mine or forecast.without_opinions is None:
        return None
    return ForecastsLine(
        without=_round(forecast.without_opinions[position]),
        forecasts=tuple(
            OpinionLine(
                source=one.source,
                kind=one.kind,
                probability=_round(one.probability),
                on=one.on,
                articles=one.articles,
            )
            for one in mine
        ),
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
