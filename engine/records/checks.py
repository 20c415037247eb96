"""What must hold between fields and between files, checked without sampling anything."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence

from engine.errors import nearest
from engine.records.article import Article, Measurement, Report, ThirdPartyForecast
from engine.records.project import Project, components, in_driver_order
from engine.records.reading import FieldPath
from engine.records.scenario import Driver, Quantity, Resolution, Scenario
from engine.records.source import Source

MAX_COMPONENT = 12
"""Scenarios joined by drivers are summed over 2^S states; above this that is no longer quick."""

MAX_PRIOR_GAP_DB = 10.0
"""A stated prior further than this from its own base rate wants a reason."""

type Complaint = tuple[FieldPath, str]


def scenario_complaints(scenario: Scenario, project: Project, known_scenarios: Container[str]) -> Iterator[Complaint]:
    """Everything wrong within one scenario, or between it and the rest of the project."""
    yield from _date_complaints(scenario)
    yield from _prior_complaints(scenario)
    yield from _outlook_complaints(scenario)
    for number, driver in enumerate(scenario.drivers):
        for field, message in _driver_complaints(scenario, driver, project, known_scenarios):
            yield ("drivers", number, *field), message
    for name, count in Counter(driver.scenario for driver in scenario.drivers).items():
        if count > 1:
            yield ("drivers",), f"must name each driver once, got {name} {count} times."
    for name, indicator in scenario.indicators.items():
        stated = (indicator.if_true is not None) + (indicator.if_false is not None)
        if stated != (0 if indicator.diagnosticity else 2):
            yield ("indicators", name), "must give if_true and if_false, or diagnosticity, and not both."
    for number, signal in enumerate(scenario.signals):
        if signal not in project.signals:
            yield (
                ("signals", number),
                f"is no signal of any article record: {signal}. {nearest(signal, project.signals)}",
            )


def _date_complaints(scenario: Scenario) -> Iterator[Complaint]:
    if scenario.deadline <= scenario.opens:
        yield ("deadline",), f"must be after opens ({scenario.opens}), got {scenario.deadline}."
    elif not scenario.opens <= scenario.prior_as_of < scenario.deadline:
        yield (
            ("prior", "as_of"),
            f"must be from opens ({scenario.opens}) to before the deadline ({scenario.deadline}), got {scenario.prior_as_of}.",
        )
    if scenario.resolution and scenario.resolution.on < scenario.opens:
        yield ("resolution", "on"), f"must not be before opens ({scenario.opens}), got {scenario.resolution.on}."
    if scenario.resolution and scenario.resolution.value is not None:
        yield from _peak_complaints(scenario.resolution, scenario.prior.quantity)


def _peak_complaints(resolution: Resolution, quantity: Quantity | None) -> Iterator[Complaint]:
    field, value = ("resolution", "value"), resolution.value or 0.0
    if quantity is None:
        yield field, "is the peak of a quantity, and this scenario is about none. Remove it."
    elif resolution.happened != (value >= quantity.at_least):
        came = "happened" if resolution.happened else "did not happen"
        yield field, f"must agree with what came of it: it {came} at {quantity.at_least:,g} or more, got {value:,g}."


def _prior_complaints(scenario: Scenario) -> Iterator[Complaint]:
    prior = scenario.prior
    if prior.quantity and (prior.probability or prior.base_rate):
        yield ("prior",), "must give quantity alone: the probability follows from it. Remove probability and base_rate."
    if not (prior.probability or prior.base_rate or prior.quantity):
        yield ("prior",), "must give probability, base_rate or quantity. Add one."
    if prior.interval and not prior.probability:
        yield ("prior", "interval"), "needs the probability it is the interval of. Add prior.probability."
    if prior.probability and prior.interval:
        yield from _holds(("prior", "interval"), "probability", prior.probability, prior.interval)
    if prior.quantity:
        yield from _holds(("prior", "quantity", "interval"), "median", prior.quantity.median, prior.quantity.interval)


def _outlook_complaints(scenario: Scenario) -> Iterator[Complaint]:
    outlook = scenario.outlook
    if not outlook:
        return
    if outlook.interval and not outlook.probability:
        yield ("outlook", "interval"), "needs the probability it is the interval of. Add outlook.probability."
    if not outlook.probability:
        return
    if outlook.interval:
        yield from _holds(("outlook", "interval"), "probability", outlook.probability, outlook.interval)
    by_deadline = scenario.prior_probability
    if by_deadline is not None and outlook.probability < by_deadline:
        yield (
            ("outlook", "probability"),
            f"must not be below the probability by the deadline ({by_deadline:.3g}), got {outlook.probability:g}: "
            "what has happened by the deadline has happened by ten years. Raise it or lower the prior.",
        )
    if (scenario.deadline - scenario.opens).days > 3652:
        yield ("outlook", "probability"), "is for ten years after opens, which is before the deadline here. Remove it."


def _driver_complaints(
    scenario: Scenario, driver: Driver, project: Project, known: Container[str]
) -> Iterator[Complaint]:
    if driver.scenario == scenario.id:
        yield ("scenario",), "must be another scenario: nothing drives itself."
    elif driver.scenario not in known:
        yield ("scenario",), f"is no scenario here: {driver.scenario}. {nearest(driver.scenario, project.scenarios)}"
    if (driver.hazard_ratio is None) == (driver.probability_if_occurs is None):
        yield (), "must give hazard_ratio or probability_if_occurs, and not both."
    if driver.interval and driver.hazard_ratio is None:
        yield ("interval",), "is the interval of a hazard_ratio, which is not given. Remove it."
    elif driver.interval and driver.hazard_ratio is not None:
        yield from _holds(("interval",), "hazard_ratio", driver.hazard_ratio, driver.interval)
    parent = project.scenarios.get(driver.scenario)
    if driver.probability_if_occurs is not None and parent:
        yield from _conditional_complaints(driver.probability_if_occurs, scenario, parent)


def _conditional_complaints(if_occurs: float, child: Scenario, parent: Scenario) -> Iterator[Complaint]:
    """0 <= P(child | parent did not happen) <= 1, given both marginals."""
    marginal, driver = child.prior_probability, parent.prior_probability
    if marginal is None or driver is None:
        return
    lowest, highest = max(0.0, (marginal - (1 - driver)) / driver), min(1.0, marginal / driver)
    if not lowest < if_occurs < highest:
        bound = f"below {highest:.3g}" if if_occurs >= highest else f"above {lowest:.3g}"
        yield (
            ("probability_if_occurs",),
            f"must be {bound}, got {if_occurs:g}: with {child.id} at {marginal:.3g} and {parent.id} at {driver:.3g} "
            "the probability without the driver would leave [0, 1]. Move it or one of the two priors.",
        )


def _holds(field: FieldPath, name: str, value: float, interval: tuple[float, float]) -> Iterator[Complaint]:
    low, high = interval
    if not low < value < high:
        yield (
            field,
            f"must contain the {name}, got {value:g} outside [{low:g}, {high:g}]. Widen the interval or move the {name}.",
        )


def network_complaints(scenarios: Mapping[str, Scenario]) -> Iterator[tuple[str, Complaint]]:
    """What is wrong with the drivers as a whole, each with the scenario it is told at."""
    try:
        in_driver_order(scenarios)
    except ValueError as error:
        cycle = str(error)
        yield (
            cycle.split(" -> ", 1)[0],
            (("drivers",), f"must form no cycle, got {cycle}. Remove one of these drivers."),
        )
    for group in components(scenarios):
        if len(group) > MAX_COMPONENT:
            message = (
                f"must join at most {MAX_COMPONENT} scenarios, got {len(group)}: {', '.join(group)}. "
                "Remove a driver that does little, so that the group falls apart."
            )
            yield group[0], (("drivers",), message)


def article_complaints(
    article: Article, project: Project, known_scenarios: Container[str], known_sources: Container[str]
) -> Iterator[Complaint]:
    """Everything an article record refers to must be there, and say one thing."""
    if article.publisher not in known_sources:
        yield ("publisher",), _unknown_source(article.publisher, project.sources)
    if article.received and article.received < article.known_on:
        yield ("received",), f"must not be before published ({article.published}), got {article.received}."
    said: dict[str, Sequence[Report | Measurement | ThirdPartyForecast]] = {
        "reports": article.reports,
        "measurements": article.measurements,
        "forecasts": article.forecasts,
    }
    for kind, records in said.items():
        for number, record in enumerate(records):
            if record.source not in known_sources:
                yield (kind, number, "source"), _unknown_source(record.source, project.sources)
    for number, report in enumerate(article.reports):
        for field, message in _report_complaints(report, project, known_scenarios):
            yield ("reports", number, *field), message
    for number, measurement in enumerate(article.measurements):
        for field, message in _measurement_complaints(measurement, article, project, known_scenarios):
            yield ("measurements", number, *field), message
    for number, forecast in enumerate(article.forecasts):
        for field, message in _forecast_complaints(forecast, article, project, known_scenarios):
            yield ("forecasts", number, *field), message


def _forecast_complaints(
    forecast: ThirdPartyForecast, article: Article, project: Project, known_scenarios: Container[str]
) -> Iterator[Complaint]:
    name = forecast.scenario
    if name not in known_scenarios:
        yield ("scenario",), f"is no scenario here: {name}. {nearest(name, project.scenarios)}"
    if forecast.deadline and forecast.deadline <= article.known_on:
        message = f"must be after the forecast itself ({article.known_on}), got {forecast.deadline}."
        yield ("deadline",), message
    scenario = project.scenarios.get(name)
    if scenario and forecast.deadline and forecast.deadline <= scenario.prior_as_of:
        message = f"must be after the day from which {name} counts ({scenario.prior_as_of}), got {forecast.deadline}."
        yield ("deadline",), message


def signal_complaints(articles: Mapping[str, Article]) -> Iterator[tuple[str, Complaint]]:
    """A signal's id stands for one row, in all the articles together."""
    first: dict[str, str] = {}
    for name, article in articles.items():
        for number, signal in enumerate(article.signals):
            if signal.id in first:
                message = f"must be its own, got {signal.id}, which {first[signal.id]} has already. Choose another id."
                yield name, (("signals", number, "id"), message)
            first.setdefault(signal.id, name)


def _unknown_source(name: str, sources: Mapping[str, Source]) -> str:
    return f"is no source of sources.yaml: {name}. {nearest(name, sources)}"


def _report_complaints(report: Report, project: Project, known_scenarios: Container[str]) -> Iterator[Complaint]:
    name, _, indicator = report.indicator.partition("/")
    scenario = project.scenarios.get(name)
    if name not in known_scenarios:
        yield ("indicator",), f"is no scenario here: {name}. {nearest(name, project.scenarios)}"
    elif scenario and indicator not in scenario.indicators:
        yield ("indicator",), f"is no indicator of {name}: {indicator}. {nearest(indicator, scenario.indicators)}"
    if (report.stance == "absent") != (report.detection is not None):
        yield (
            ("detection",),
            "goes with stance absent, and only with it: the chance that the search would have found it.",
        )


def _measurement_complaints(
    measurement: Measurement, article: Article, project: Project, known_scenarios: Container[str]
) -> Iterator[Complaint]:
    scenario = project.scenarios.get(measurement.scenario)
    if measurement.scenario not in known_scenarios:
        yield (
            ("scenario",),
            f"is no scenario here: {measurement.scenario}. {nearest(measurement.scenario, project.scenarios)}",
        )
    elif scenario and not scenario.prior.quantity:
        yield (
            ("scenario",),
            f"must be a scenario about a quantity, and {measurement.scenario} is not. Give it prior.quantity or remove the measurement.",
        )
    ranged = measurement.low is not None or measurement.high is not None
    stated = [measurement.value is not None, ranged, measurement.at_least is not None, measurement.at_most is not None]
    if sum(stated) != 1 or (ranged and None in (measurement.low, measurement.high)):
        yield (), "must give one of value, low with high, at_least, at_most."
    elif measurement.low is not None and measurement.high is not None and measurement.low >= measurement.high:
        yield ("low",), f"must be below high ({measurement.high:g}), got {measurement.low:g}."
    if measurement.on and measurement.kind == "observed" and measurement.on > article.known_on:
        yield (
            ("on",),
            f"must not be after the article ({article.known_on}), got {measurement.on}: nothing is observed ahead of time.",
        )


def _log10_odds(probability: float) -> float:
    return math.log10(probability / (1 - probability))


def scenario_warnings(scenarios: Mapping[str, Scenario]) -> Iterator[tuple[str, Complaint]]:
    """What is allowed in a scenario but probably not meant, with its id."""
    for name, scenario in scenarios.items():
        stated, outside = scenario.prior.probability, scenario.base_rate_probability
        if not (stated and outside):
            continue
        apart = 10 * abs(_log10_odds(stated) - _log10_odds(outside))
        if apart > MAX_PRIOR_GAP_DB:
            message = (
                f"is {stated:.3g}, and its own base rate gives {outside:.3g}, {apart:.0f} dB away. "
                "Say in basis why this case differs, or move the prior."
            )
            yield name, (("prior", "probability"), message)


def article_warnings(articles: Mapping[str, Article]) -> Iterator[tuple[str, Complaint]]:
    """What is allowed in an article record but probably not meant, with its id."""
    for name, article in articles.items():
        stances: dict[tuple[str, str], set[str]] = {}
        for report in article.reports:
            stances.setdefault((report.indicator, report.source), set()).add(report.stance)
        for (indicator, source), taken in stances.items():
            if len(taken) > 1:
                message = f"give {source} {len(taken)} stances on {indicator} on one day, so they cancel. Keep the one it holds."
                yield name, (("reports",), message)
