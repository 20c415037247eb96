"""A project on one day, as arrays: all that the likelihood and both engines need, and nothing else.

Axes: S scenarios, E drivers. Scenarios stand in driver order: whatever drives one comes before it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from engine.belief.assumptions import Assumptions
from engine.belief.baselines import Baselines, Effects, baselines_of, effects_of
from engine.belief.calibration import Edges, calibrate
from engine.belief.evidence import Evidence, evidence, incidence
from engine.belief.measurements import Measurements, measurements
from engine.belief.relevancy import Ratings
from engine.belief.states import Entries, Group, IntArray, tabulate
from engine.belief.third_party import Leaning, Opinion, Readings, nobody_leans, readings
from engine.errors import ForecastError, nearest
from engine.probability import Array
from engine.records.project import components, in_driver_order
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
    measurements: Measurements
    readings: Readings
    """Other people's forecasts, but for those about a quantity."""
    earlier: tuple[Network, ...]
    """The network as it stood on each day on which somebody forecast: its reports, and nothing else."""
    leaning: Leaning
    """Other people's forecasts about a quantity."""
    ratings: Ratings
    assumptions: Assumptions
    not_open: tuple[str, ...]
    """Scenarios left out because they open after `as_of`."""

    @property
    def ids(self) -> tuple[str, ...]:
        """(S,) scenario ids."""
        return tuple(scenario.id for scenario in self.scenarios)

    @property
    def opinions(self) -> tuple[Opinion, ...]:
        """All forecasts of other people."""
        return self.readings.opinions + self.leaning.opinions

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

    @cached_property
    def group_of(self) -> IntArray:
        """(S,) which group of joined scenarios each is in."""
        found = np.empty(len(self.scenarios), dtype=np.int64)
        for number, group in enumerate(self.groups):
            found[group.members] = number
        return found

    def in_group(self, scenarios: IntArray) -> Array:
        """(len(scenarios), groups) 1 for the group of each of these scenarios."""
        return incidence(self.group_of[scenarios], len(self.groups))

    def on(self, day: date, said: Evidence) -> Network:
        """The same scenarios on an earlier day, with what had been reported by then, and no numbers."""
        known = _known(self.scenarios, day)
        return replace(self._restated(said, _elapsed_of(self.scenarios, known, day), known), as_of=day)

    def on_another_day(self, as_of: date, known: Mapping[int, bool]) -> Network:
        """The same scenarios, nobody heard, on another day and with other outcomes known."""
        there = self._restated(self.evidence.unheard(), _elapsed_of(self.scenarios, known, as_of), dict(known))
        return replace(there, as_of=as_of)

    def before_reports(self) -> Network:
        """The prior: the same scenarios when their windows opened, nothing said, seen or resolved."""
        return self._restated(self.evidence.unheard(), np.zeros(len(self.scenarios)), {})

    def _restated(self, said: Evidence, gone: Array, known: dict[int, bool]) -> Network:
        members = [group.members.tolist() for group in self.groups]
        entries, groups = tabulate(members, self.drivers_of, known, len(self.drivers))
        return replace(
            self,
            evidence=said,
            measurements=self.measurements.unheard(),
            readings=self.readings.unheard(),
            earlier=(),
            leaning=nobody_leans(len(self.scenarios)),
            elapsed=gone,
            known=known,
            entries=entries,
            groups=groups,
        )

    def without_opinions(self) -> Network:
        """The same network had nobody else forecast."""
        return replace(self, readings=self.readings.unheard(), earlier=(), leaning=nobody_leans(len(self.scenarios)))

    def retold(self, retold: Callable[[Evidence], Evidence]) -> Network:
        """The same network had the witnesses of every day spoken otherwise; sources and indicators keep their places."""
        earlier = tuple(replace(then, evidence=retold(then.evidence)) for then in self.earlier)
        return replace(self, evidence=retold(self.evidence), earlier=earlier)


def framed(opened: Mapping[str, Scenario], as_of: date, assumptions: Assumptions | None = None) -> Network:
    """These scenarios on a day, their priors and drivers made to agree, and nobody heard yet."""
    assumptions = assumptions or Assumptions()
    order = in_driver_order(opened)
    place = {name: position for position, name in enumerate(order)}
    scenarios = tuple(opened[name] for name in order)
    drivers = tuple((s.id, driver) for s in scenarios for driver in s.drivers if driver.scenario in place)
    edges = Edges(
        child=np.array([place[name] for name, _ in drivers], dtype=np.int64),
        parent=np.array([place[driver.scenario] for _, driver in drivers], dtype=np.int64),
    )
    groups = [sorted(place[name] for name in names) for names in components(opened)]
    baselines, effects = calibrate(
        baselines_of(scenarios, assumptions),
        effects_of([driver for _, driver in drivers], assumptions),
        edges,
        groups,
        [p for s in scenarios if (p := s.prior_probability) is not None],
        order,
        assumptions,
    )
    known = _known(scenarios, as_of)
    entries, tables = tabulate(groups, edges.by_child(len(scenarios)), known, len(drivers))
    return Network(
        as_of=as_of,
        scenarios=scenarios,
        drivers=drivers,
        edges=edges,
        baselines=baselines,
        effects=effects,
        elapsed=_elapsed_of(scenarios, known, as_of),
        known=known,
        entries=entries,
        groups=tables,
        evidence=evidence(scenarios, {}, [], []),
        measurements=measurements(scenarios, [], [], as_of),
        readings=readings((), place),
        earlier=(),
        leaning=nobody_leans(len(scenarios)),
        ratings=Ratings((), ()),
        assumptions=assumptions,
        not_open=(),
    )


def _known(scenarios: Sequence[Scenario], as_of: date) -> dict[int, bool]:
    """Position of each scenario resolved by the day -> whether it happened."""
    found = ((position, scenario.resolved_by(as_of)) for position, scenario in enumerate(scenarios))
    return {position: resolution.happened for position, resolution in found if resolution}


def _elapsed_of(scenarios: Sequence[Scenario], known: Mapping[int, bool], as_of: date) -> Array:
    return np.array([0.0 if place in known else elapsed(one, as_of) for place, one in enumerate(scenarios)])


def elapsed(scenario: Scenario, as_of: date) -> float:
    """Fraction of the prior's window that has passed without the event, where it would have been seen.

    A scenario past its deadline and unresolved is held at its last day: nobody has said yet what came of it.
    """
    if not scenario.detected:
        return 0.0
    start, last = scenario.prior_as_of, scenario.deadline - timedelta(days=1)
    return max(0, (min(as_of, last) - start).days) / (scenario.deadline - start).days
