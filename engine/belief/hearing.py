"""What has been said of the scenarios of a network by its day, and the network once it is heard."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.belief.assumptions import Assumptions
from engine.belief.evidence import evidence
from engine.belief.importance import weigh
from engine.belief.measurements import Number, measurements, numbers
from engine.belief.network import Network, framed
from engine.belief.relevancy import Ratings
from engine.belief.third_party import Leaning, Opinion, opinions, readings
from engine.belief.witnesses import Witness, witnesses
from engine.errors import ForecastError
from engine.probability import logit
from engine.records.project import Project
from engine.records.scenario import Scenario
from engine.records.source import Source

LAST_YEAR = 9900
_DRAWS, _SEED = 8000, 1983
"""Behind the belief of a forecaster's day about a quantity."""
_NEVER = 1e-9
"""As near to certain as that belief is read."""


@dataclass(frozen=True)
class Said:
    """What has been said by a day."""

    witnesses: Sequence[Witness]
    numbers: Sequence[Number]

    @property
    def sources(self) -> set[str]:
        """All who speak."""
        return {one.source for one in self.witnesses} | {one.source for one in self.numbers}


@dataclass(frozen=True)
class Heard:
    """What has been said by the day of a network."""

    now: Said
    opinions: Sequence[Opinion]
    before: Mapping[date, Said]
    """What had been said by each day on which somebody forecast."""


def said_by(project: Project, day: date, scenarios: Iterable[str]) -> Said:
    """What is reported and counted of these scenarios in articles known by a day."""
    wanted = list(scenarios)
    return Said(witnesses(project, day, wanted), numbers(project, day, wanted))


def heard_by(project: Project, as_of: date, scenarios: Iterable[str]) -> Heard:
    """All that is said of these scenarios in articles known by `as_of`."""
    wanted = list(scenarios)
    found = opinions(project, as_of, wanted)
    return Heard(
        now=said_by(project, as_of, wanted),
        opinions=found,
        before={day: said_by(project, day, wanted) for day in sorted({opinion.on for opinion in found})},
    )


def build(project: Project, as_of: date, assumptions: Assumptions | None = None) -> Network:
    """The network of a project on the day `as_of`; nothing dated later is seen."""
    if as_of.year > LAST_YEAR:
        raise ForecastError(f"as_of must not be after {LAST_YEAR}, got {as_of}: the outlook looks ten years on.")
    opened = {name: scenario for name, scenario in project.scenarios.items() if scenario.opens <= as_of}
    if not opened:
        first = min(scenario.opens for scenario in project.scenarios.values())
        raise ForecastError(f"No scenario is open on {as_of}: the first opens on {first}. Choose a later day.")
    silent = framed(opened, as_of, assumptions)
    return replace(
        hear(silent, heard_by(project, as_of, silent.ids), project.sources),
        ratings=_ratings(project, silent.scenarios, as_of),
        not_open=tuple(sorted(set(project.scenarios) - set(opened))),
    )


def hear(silent: Network, heard: Heard, letters: Mapping[str, Source]) -> Network:
    """A network in which nobody spoke, with what has been said."""
    every = [heard.now, *heard.before.values()]
    speaking = sorted({source for said in every for source in said.sources})

    def then(day: date) -> Network:
        return silent.on(day, evidence(silent.scenarios, letters, speaking, heard.before[day].witnesses))

    def counted(network: Network, said: Said) -> Network:
        found = measurements(network.scenarios, said.numbers, speaking, network.as_of)
        return replace(network, measurements=found)

    place = {name: position for position, name in enumerate(silent.ids)}
    measured = silent.baselines.measured
    plain = readings([one for one in heard.opinions if not measured[place[one.scenario]]], place)
    on_quantity = readings([one for one in heard.opinions if measured[place[one.scenario]]], place)
    now = replace(silent, evidence=evidence(silent.scenarios, letters, speaking, heard.now.witnesses))
    believed = [weigh(counted(then(day), heard.before[day]), _DRAWS, _SEED).probability for day in on_quantity.days]
    held = np.array([believed[day][s] for day, s in zip(on_quantity.day_of, on_quantity.scenario_of, strict=True)])
    return replace(
        counted(now, heard.now),
        readings=plain,
        earlier=tuple(map(then, plain.days)),
        leaning=Leaning(
            readings=on_quantity,
            believed=logit(np.clip(held, _NEVER, 1 - _NEVER)),
            stated=logit([scenario.prior_probability for scenario in silent.scenarios]),
            sd=silent.assumptions.log_hazard_sd,
        ),
    )


def reheard(network: Network, project: Project) -> Network:
    """The same network with what this project's articles say of its indicators, on any day; nothing else is heard anew.

    Sources that speak keep their places, and new ones come after them.
    """
    said = witnesses(project, network.as_of, network.ids)
    speaking = network.evidence.sources
    speaking += tuple(sorted({one.source for one in said} - set(speaking)))

    def anew(then: Network) -> Network:
        found = witnesses(project, then.as_of, network.ids)
        return replace(then, evidence=evidence(network.scenarios, project.sources, speaking, found))

    return replace(anew(network), earlier=tuple(map(anew, network.earlier)))


def _ratings(project: Project, scenarios: Sequence[Scenario], as_of: date) -> Ratings:
    """The analyst's own rating and those of the linked signals known by then."""
    rated = {
        signal.id: signal.relevancy
        for article in project.articles.values()
        if article.known_on <= as_of
        for signal in article.signals
    }
    given = [
        (position, rating)
        for position, scenario in enumerate(scenarios)
        for rating in (scenario.relevancy, *(rated.get(name) for name in dict.fromkeys(scenario.signals)))
        if rating is not None
    ]
    return Ratings([position for position, _ in given], [rating for _, rating in given])
