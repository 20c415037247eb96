"""When things happen: event times inside and after the windows, and how long a hazard was raised.

Times are years from the day of the run. Inside its window an event that happens comes at a
truncated exponential time. After its deadline a scenario that has not happened goes on with a
long-run hazard, multiplied by the hazard ratio of each driver from the moment it happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.belief.draws import Draws
from engine.belief.network import Network
from engine.belief.states import BoolArray, Group
from engine.probability import Array, truncated_exponential_quantile

DAYS_IN_YEAR = 365.25
HALF_LIFE = 2.0
"""Years in which a long-run hazard halves where no ten-year view is given."""
N_HISTORIES = 16_000
"""Histories of the drivers in all, at least two for each draw; the scenario's own event is in closed form."""
_NEVER = 1e6
"""Years."""
_SHAPE_LIMIT = HALF_LIFE / np.log(2)


@dataclass(frozen=True)
class Clock:
    """Where each scenario's window lies, in years from the day of the run; arrays (S,)."""

    start: Array
    """From here on the event can still come: the day of the run, or the window's start where nobody would know."""
    deadline: Array
    late: Array
    """From here on it can come late: the deadline, or the day of the run if it would have been seen by then."""
    resolved: Array
    """When a resolved scenario was known to have happened; nan elsewhere."""


def clock_of(network: Network) -> Clock:
    """The windows of a network, seen from its day."""
    start, deadline, late, resolved = [], [], [], []
    for position, scenario in enumerate(network.scenarios):
        window = (scenario.deadline - scenario.prior_as_of).days / DAYS_IN_YEAR
        end = years(network.as_of, scenario.deadline)
        start.append(end - window * (1 - network.elapsed[position]))
        deadline.append(end)
        late.append(max(end, 0.0) if scenario.detected else end)
        happened = network.known.get(position, False) and scenario.resolution
        resolved.append(years(network.as_of, scenario.resolution.on) if happened and scenario.resolution else np.nan)
    return Clock(*map(np.array, (start, deadline, late, resolved)))


def years(start: date, end: date) -> float:
    """Years from one day to another."""
    return (end - start).days / DAYS_IN_YEAR


@dataclass(frozen=True)
class LongRun:
    """The hazard after the deadline, before drivers: `amplitude` times a constant or a decaying shape."""

    amplitude: Array
    """(n, S) yearly hazard from the moment it can come late."""
    constant: BoolArray
    """(S,) whether it stays; else it halves every two years."""

    def cumulative(self, scenario: int, x: Array) -> Array:
        """The shape integrated over x >= 0 years after the deadline."""
        return x if self.constant[scenario] else _SHAPE_LIMIT * -np.expm1(-x / _SHAPE_LIMIT)

    def inverse(self, scenario: int, area: Array) -> Array:
        """Years after the deadline at which the integrated shape reaches `area`; inf if never."""
        if self.constant[scenario]:
            return area
        reached = np.minimum(area / _SHAPE_LIMIT, 1.0)
        with np.errstate(divide="ignore"):
            return np.asarray(-_SHAPE_LIMIT * np.log1p(-reached))


@dataclass(frozen=True)
class Stretches:
    """After a scenario's deadline, the stretches between one driver's event and the next; (n, R, P + 1) each."""

    begin: Array
    """Years after the deadline, in rising order, the first 0."""
    ratio: Array
    """Factor on the hazard during the stretch."""


def stretches(times: Array, log_ratios: Array, deadline: float) -> Stretches:
    """From the event times (n, R, P) of the drivers and their log hazard ratios (n, P)."""
    since = np.clip(times - deadline, 0.0, _NEVER)
    order = np.argsort(since, axis=2, kind="stable")
    begin = np.take_along_axis(since, order, axis=2)
    raised = np.cumsum(np.take_along_axis(np.broadcast_to(log_ratios[:, None, :], times.shape), order, axis=2), axis=2)
    first = np.zeros((*times.shape[:2], 1))
    return Stretches(np.concatenate([first, begin], axis=2), np.exp(np.concatenate([first, raised], axis=2)))


def exposure(long_run: LongRun, scenario: int, after: Stretches, until: float) -> Array:
    """(n, R) the long-run shape, raised by the drivers, integrated to `until` years after the deadline."""
    begin = np.minimum(after.begin, until)
    end = np.concatenate([begin[:, :, 1:], np.full_like(begin[:, :, :1], until)], axis=2)
    area = long_run.cumulative(scenario, end) - long_run.cumulative(scenario, begin)
    return np.asarray((area * after.ratio).sum(axis=2))


def late_time(long_run: LongRun, scenario: int, after: Stretches, threshold: Array) -> Array:
    """(n, R) years after the deadline at which the raised cumulative hazard reaches `threshold`; inf if never."""
    left = threshold / long_run.amplitude[:, scenario, None]
    time = np.full(left.shape, np.inf)
    for stretch in range(after.begin.shape[2]):
        base = long_run.cumulative(scenario, after.begin[:, :, stretch])
        at = long_run.inverse(scenario, base + left / after.ratio[:, :, stretch])
        if stretch + 1 < after.begin.shape[2]:
            end = after.begin[:, :, stretch + 1]
            within = (at < end) & np.isinf(time)
            area = (long_run.cumulative(scenario, end) - base) * after.ratio[:, :, stretch]
            left = np.maximum(left - area, 0.0)
        else:
            within = np.isinf(time)
        time = np.where(within, at, time)
    return time


@dataclass(frozen=True)
class Simulator:
    """Histories of what drives a scenario, R for every draw of theta."""

    draws: Draws
    long_run: LongRun
    clock: Clock
    seed: int

    @property
    def n_histories(self) -> int:
        """R, for each draw."""
        return max(2, N_HISTORIES // self.draws.n)

    def drivers_after(self, scenario: int) -> Stretches:
        """What its drivers do after a scenario's deadline, given that it did not happen by then."""
        own = self.draws.network.drivers_of[scenario]
        ancestors = self._ancestors(scenario)
        rng = np.random.default_rng([self.seed, scenario])
        outcomes = self._outcomes(scenario, ancestors, rng)
        times: dict[int, Array] = {}
        happens = {ancestor: outcomes[:, :, column] for column, ancestor in enumerate(ancestors)}
        for ancestor in ancestors:
            times[ancestor] = self._times(ancestor, happens, times, rng)
        shape = (len(self.draws.theta), self.n_histories, 0)
        together = np.stack([times[parent] for _, parent in own], axis=2) if own else np.zeros(shape)
        ratios = self.draws.theta.log_hazard_ratio[:, [number for number, _ in own]]
        return stretches(together, ratios, float(self.clock.late[scenario]))

    def _ancestors(self, scenario: int) -> list[int]:
        """Everything that drives it, directly or not, in driver order."""
        found: set[int] = set()
        waiting = [scenario]
        while waiting:
            parents = {parent for _, parent in self.draws.network.drivers_of[waiting.pop()]} - found
            found |= parents
            waiting += parents
        return sorted(found)

    def _outcomes(self, scenario: int, ancestors: list[int], rng: np.random.Generator) -> BoolArray:
        """(n, R, ancestors) which ancestors happen by their deadlines, given that the scenario does not."""
        groups = self.draws.network.groups
        number = next(number for number, group in enumerate(groups) if scenario in group.members)
        kinds, chance = _marginal(groups[number], self.draws.states[number], scenario, ancestors)
        u = (np.arange(self.n_histories) + rng.random((len(chance), 1))) / self.n_histories
        taken = (np.cumsum(chance, axis=1)[:, None, :-1] < u[:, :, None]).sum(axis=2)
        return kinds[taken]

    def _times(
        self, scenario: int, outcomes: dict[int, BoolArray], times: dict[int, Array], rng: np.random.Generator
    ) -> Array:
        """(n, R) when an ancestor happens, given which ancestors happen by their deadlines."""
        if not np.isnan(self.clock.resolved[scenario]):
            return np.full(outcomes[scenario].shape, self.clock.resolved[scenario])
        own = self.draws.network.drivers_of[scenario]
        log_ratios = self.draws.theta.log_hazard_ratio[:, [number for number, _ in own]]
        happening = [log_ratios[:, i, None] * outcomes[parent] for i, (_, parent) in enumerate(own)]
        start, deadline = float(self.clock.start[scenario]), float(self.clock.deadline[scenario])
        left = np.exp(self.draws.theta.log_hazard[:, [scenario]] + sum(happening)) * (
            1 - self.draws.network.elapsed[scenario]
        )
        u = rng.permuted(np.arange(self.n_histories) + rng.random((len(left), self.n_histories)), axis=1)
        u /= self.n_histories
        early = start + (deadline - start) * truncated_exponential_quantile(u, np.clip(left, 1e-12, 700))
        parents = np.stack([times[parent] for _, parent in own], axis=2) if own else np.zeros((*u.shape, 0))
        begin = float(self.clock.late[scenario])
        after = stretches(parents, log_ratios, begin)
        late = begin + late_time(self.long_run, scenario, after, -np.log1p(-u))
        return np.where(outcomes[scenario], early, late)


def _marginal(group: Group, probabilities: Array, scenario: int, ancestors: list[int]) -> tuple[BoolArray, Array]:
    """Combinations of the ancestors (c, a), and their probabilities (n, c) given that the scenario does not happen."""
    members = group.members.tolist()
    not_happening = ~group.states[:, members.index(scenario)]
    columns = [members.index(ancestor) for ancestor in ancestors]
    kinds, kind_of = np.unique(group.states[:, columns], axis=0, return_inverse=True)
    belongs = np.eye(len(kinds))[kind_of.reshape(-1)] * not_happening[:, None]
    chance = probabilities @ belongs
    return kinds, chance / np.maximum(chance.sum(axis=1, keepdims=True), 1e-300)
