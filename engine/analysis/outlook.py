"""The ten-year view: the probability of each scenario by each of the next ten years, and by its deadline."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

import numpy as np

from engine.analysis.histories import HALF_LIFE, Clock, LongRun, Simulator, clock_of, exposure, years
from engine.belief.draws import Draws, interval
from engine.belief.posterior import Posterior
from engine.belief.prior import Prior
from engine.probability import Array, latin_hypercube, ndtri, solve_rising, spread_of, truncated_exponential

HORIZON = 10
"""Years."""
CORRELATION = 0.5
"""Of the log long-run hazard with the log hazard over the window."""
_SEED = 1972


@dataclass(frozen=True)
class Outlook:
    """Probability curves of every scenario."""

    by: tuple[date, ...]
    """(10,) the same day in each of the next ten years."""
    draws: Array
    """(n, S, 10) never falling from year to year, in any draw."""

    @cached_property
    def probability(self) -> Array:
        """(S, 10) the mean over the draws."""
        return np.asarray(self.draws.mean(axis=0))

    @cached_property
    def interval(self) -> Array:
        """(2, S, 10) central 90 %."""
        return interval(self.draws)


def outlook(posterior: Posterior, prior: Prior) -> Outlook:
    """The outlook of every scenario: one curve with the probability by its deadline, in every draw."""
    as_of = posterior.network.as_of
    by = tuple(anniversary(as_of, year) for year in range(1, HORIZON + 1))
    with ThreadPoolExecutor(1) as beside:  # the states of all draws are arithmetic on large arrays: another core's work
        beside.submit(lambda: posterior.states)
        long_run = extend(posterior, solve_long_run(prior), posterior.seed)
    return Outlook(by, curves(posterior, long_run, [years(as_of, day) for day in by], posterior.seed))


def anniversary(day: date, year: int) -> date:
    """The same day `year` years on; 28 February where there is no 29th."""
    try:
        return day.replace(year=day.year + year)
    except ValueError:
        return day.replace(year=day.year + year, day=28)


def curves(draws: Draws, long_run: LongRun, times: Sequence[float], seed: int) -> Array:
    """(n, S, times) probability by each time, in years from the day of the network."""
    clock = clock_of(draws.network)
    simulator = Simulator(draws, long_run, clock, seed)
    result = np.empty((len(draws.theta), len(draws.network.scenarios), len(times)))

    def fill(scenario: int) -> None:
        happens = draws.belief.scenarios[:, scenario]
        after = simulator.drivers_after(scenario)
        for column, time in enumerate(times):
            if time < clock.deadline[scenario]:
                result[:, scenario, column] = _within(draws, clock, scenario, time)
            else:
                raised = exposure(long_run, scenario, after, max(time - clock.late[scenario], 0.0))
                survives = np.exp(-long_run.amplitude[:, scenario, None] * raised).mean(axis=1)
                result[:, scenario, column] = happens + (1 - happens) * (1 - survives)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(fill, range(len(draws.network.scenarios))))
    return np.clip(result, 0, 1)


def _within(draws: Draws, clock: Clock, scenario: int, time: float) -> Array:
    """(n,) probability by a time inside the window: each way to happen, times how much of it has come by then."""
    if not np.isnan(clock.resolved[scenario]):
        return draws.belief.scenarios[:, scenario]
    entries = draws.network.entries
    ways = np.flatnonzero((entries.scenario == scenario) & entries.happens)
    log_hazard = draws.theta.log_hazard[:, [scenario]] + draws.theta.log_hazard_ratio @ entries.drivers[ways].T
    left = np.clip(np.exp(log_hazard) * (1 - draws.network.elapsed[scenario]), 1e-12, 700)
    gone = (time - clock.start[scenario]) / (clock.deadline[scenario] - clock.start[scenario])
    return np.asarray((draws.belief.entries[:, ways] * truncated_exponential(np.clip(gone, 0, 1), left)).sum(axis=1))


@dataclass(frozen=True)
class LongRunPrior:
    """Prior of the log of each scenario's long-run yearly hazard g; (S,), nan where no ten-year view is given."""

    mean: Array
    sd: Array


def extend(draws: Draws, prior: LongRunPrior, seed: int, clock: Clock | None = None) -> LongRun:
    """Long-run hazards for draws of theta: log g goes halfway with log H, the rest is its own."""
    theta, network = draws.theta, draws.network
    own = ndtri(latin_hypercube(np.random.default_rng([seed, 2]), *theta.log_hazard.shape))
    z = CORRELATION * network.baselines.standard(theta.log_hazard) + np.sqrt(1 - CORRELATION**2) * own
    constant = ~np.isnan(prior.mean)
    log_window = np.log([scenario.window_years for scenario in network.scenarios])
    clock = clock or clock_of(network)
    faded = (clock.late - clock.deadline) * np.log(2) / HALF_LIFE
    log_amplitude = np.where(constant, prior.mean + prior.sd * z, theta.log_hazard - log_window - faded)
    return LongRun(np.exp(np.clip(log_amplitude, -300, 300)), constant)


def solve_long_run(prior: Prior) -> LongRunPrior:
    """The long-run hazards at which each stated ten-year probability is the prior marginal, drivers included.

    Solved in driver order against prior draws, ten years after each scenario opens.
    """
    network, clock = prior.network, clock_of(prior.network)
    clock = replace(clock, late=clock.deadline)
    n = len(network.scenarios)
    found = LongRunPrior(np.full(n, np.nan), np.full(n, np.nan))
    for scenario, record in enumerate(network.scenarios):
        view = record.outlook
        if view is None or view.probability is None:
            continue
        found.sd[scenario] = spread_of(view.interval) if view.interval else network.assumptions.log_hazard_sd
        found.mean[scenario] = 0.0
        long_run = extend(prior, found, _SEED, clock)
        after = Simulator(prior, long_run, clock, _SEED).drivers_after(scenario)
        until = years(network.as_of, anniversary(record.opens, HORIZON)) - clock.deadline[scenario]
        at_unit_hazard = long_run.amplitude[:, scenario, None] * exposure(long_run, scenario, after, until)
        solve = _TenYears(prior.belief.scenarios[:, scenario], at_unit_hazard)
        found.mean[scenario] = solve_rising(solve.probability, view.probability)
    return found


@dataclass(frozen=True)
class _TenYears:
    """One scenario's prior by ten years, as a function of its long-run hazard."""

    by_deadline: Array
    """(n,)"""
    at_unit_hazard: Array
    """(n, R) cumulative hazard from the deadline to ten years, where log g has mean 0."""

    def probability(self, log_g: float) -> float:
        survives = np.exp(-np.exp(log_g) * self.at_unit_hazard).mean(axis=1)
        return float(1 - ((1 - self.by_deadline) * survives).mean())
