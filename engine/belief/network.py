"""A project on one day, as arrays: all that the likelihood and both engines need, and nothing else.

Axes: S scenarios, E drivers. Scenarios stand in driver order: whatever drives one comes before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from engine.belief.assumptions import Assumptions
from engine.belief.baselines import Baselines, Effects, baselines_of, effects_of
from engine.belief.calibration import Edges, calibrate
from engine.belief.evidence import Evidence, evidence, incidence
from engine.belief.relevancy import Ratings
from engine.belief.states import Entries, Group, tabulate
from engine.belief.witnesses import witnesses
from engine.errors import ForecastError, nearest
from engine.probability import Array
from engine.records.project import Project, components, in_driver_order
from engine.records.scenario import Driver, Scenario


@dataclass(frozen=True)
class Network:
    """What is asked, what is assumed and what has been said, on one day."""

    as_of: date
    scenarios: tuple[Scenario, ...]
    drivers: tuple[tuple[str, Driver], ...]
    """(E,) driven scenario and its driver."""
    edges: Edges
    baselines: Baselines
    effects: Effects
    elapsed: Array
    """(S,) fraction of the window gone without the event, where it would have been seen."""
    known: dict[int, bool]
    """Position of a resolved scenario -> whether it happened."""
    entries: Entries
    groups: tuple[Group, ...]
    evidence: Evidence
    ratings: Ratings
    assumptions: Assumptions
    not_open: tuple[str, ...]
    """Scenarios left out because they open after `as_of`."""

    @property
    def ids(self) -> tuple[str, ...]:
        """(S,) scenario ids."""
        return tuple(scenario.id for scenario in self.scenarios)

    @property
    def driver_names(self) -> tuple[str, ...]:
        """(E,) `driver>driven`."""
        return tuple(f"{driver.scenario}>{child}" for child, driver in self.drivers)

    @property
    def drivers_of(self) -> dict[int, list[tuple[int, int]]]:
        """For each scenario, its (driver number, driving scenario)."""
        return self.edges.by_child(len(self.scenarios))

    def position(self, scenario: str) -> int:
        """Where a scenario stands; an unknown one is an error that names the nearest."""
        if scenario not in self.ids:
            raise ForecastError(f"{scenario}: is no scenario of this run. {nearest(scenario, self.ids)}")
        return self.ids.index(scenario)

    @cached_property
    def entry_of_scenario(self) -> Array:
        """(T, S) 1 where a table entry is about a scenario."""
        return incidence(self.entries.scenario, len(self.scenarios))

    @cached_property
    def entry_elapsed(self) -> Array:
        """(T,) fraction of the window gone, for the scenario of each entry."""
        return self.elapsed[self.entries.scenario]

    def before_reports(self) -> Network:
        """The prior: the same scenarios when their windows opened, nothing said, seen or resolved."""
        silent = self.evidence.unheard()
        members = [group.members.tolist() for group in self.groups]
        entries, groups = tabulate(members, self.drivers_of, {}, len(self.drivers))
        nothing = np.zeros(len(self.scenarios))
        return replace(self, evidence=silent, elapsed=nothing, known={}, entries=entries, groups=groups)

    def without_witness(self, number: int) -> Network:
        """The same network had this witness not spoken; sources and indicators keep their places."""
        others = np.arange(len(self.evidence.witnesses)) != number
        return replace(self, evidence=self.evidence.keep(others))


def build(project: Project, as_of: date, assumptions: Assumptions | None = None) -> Network:
    """The network of a project on the day `as_of`; nothing dated later is seen."""
    assumptions = assumptions or Assumptions()
    opened = {name: scenario for name, scenario in project.scenarios.items() if scenario.opens <= as_of}
    if not opened:
        first = min(scenario.opens for scenario in project.scenarios.values())
        raise ForecastError(f"No scenario is open on {as_of}: the first opens on {first}. Choose a later day.")
    order = in_driver_order(opened)
    place = {name: position for position, name in enumerate(order)}
    scenarios = tuple(opened[name] for name in order)
    drivers = tuple((s.id, driver) for s in scenarios for driver in s.drivers if driver.scenario in place)
    edges = Edges(
        child=np.array([place[name] for name, _ in drivers], dtype=np.int64),
        parent=np.array([place[driver.scenario] for _, driver in drivers], dtype=np.int64),
    )
    groups = [sorted(place[name] for name in names) for names in components(opened)]
    known = {place[s.id]: resolution.happened for s in scenarios if (resolution := s.resolved_by(as_of))}
    marginals = [p for s in scenarios if (p := s.prior_probability) is not None]
    baselines, effects = calibrate(
        baselines_of(scenarios, assumptions),
        effects_of([driver for _, driver in drivers], assumptions),
        edges,
        groups,
        marginals,
        assumptions,
    )
    entries, tables = tabulate(groups, edges.by_child(len(scenarios)), known, len(drivers))
    return Network(
        as_of=as_of,
        scenarios=scenarios,
        drivers=drivers,
        edges=edges,
        baselines=baselines,
        effects=effects,
        elapsed=np.array([0.0 if place[s.id] in known else elapsed(s, as_of) for s in scenarios]),
        known=known,
        entries=entries,
        groups=tables,
        evidence=evidence(scenarios, project.sources, witnesses(project, as_of, place)),
        ratings=_ratings(project, scenarios, as_of),
        assumptions=assumptions,
        not_open=tuple(sorted(set(project.scenarios) - set(opened))),
    )


def elapsed(scenario: Scenario, as_of: date) -> float:
    """Fraction of the prior's window that has passed without the event, where it would have been seen.

    A scenario past its deadline and unresolved is held at its last day: nobody has said yet what came of it.
    """
    if not scenario.detected:
        return 0.0
    start, last = scenario.prior_as_of, scenario.deadline - timedelta(days=1)
    return max(0, (min(as_of, last) - start).days) / (scenario.deadline - start).days


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
        for rating in (scenario.relevancy, *(rated.get(name) for name in scenario.signals))
        if rating is not None
    ]
    return Ratings([position for position, _ in given], [rating for _, rating in given])
