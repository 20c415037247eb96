"""Solving the baselines so that each stated probability stays the marginal, drivers included."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.belief.assumptions import Assumptions
from engine.belief.baselines import Baselines, Effects
from engine.belief.states import IntArray
from engine.errors import ForecastError
from engine.probability import Array, cloglog, from_hazard, latin_hypercube, ndtri, solve_rising

_SEED = 1950
"""The prior draws are always the same: priors must not depend on the seed of a run."""


_PASSES = 200
_MAX_MISS = 0.01
"""How far a stated conditional probability may be missed: near the largest coherent one it is only approached."""
_CANNOT_HOLD = (
    "{}: probability_if_occurs of its drivers and its probability of {:.3g} cannot hold together: "
    "with some of them it would have to leave [0, 1]. Move one of them, or state a hazard_ratio."
)


class _NoFixedPointError(Exception):
    """The drivers' stated probabilities cannot all be met."""


@dataclass(frozen=True)
class Edges:
    """Who drives whom: arrays (E,) of scenario positions, drivers before what they drive."""

    child: IntArray
    parent: IntArray

    def by_child(self, n_scenarios: int) -> dict[int, list[tuple[int, int]]]:
        """For each scenario, its (driver number, driving scenario)."""
        return {
            scenario: [(int(number), int(self.parent[number])) for number in np.flatnonzero(self.child == scenario)]
            for scenario in range(n_scenarios)
        }


def calibrate(
    baselines: Baselines,
    effects: Effects,
    edges: Edges,
    groups: Sequence[Sequence[int]],
    marginals: Sequence[float],
    names: Sequence[str],
    assumptions: Assumptions,
) -> tuple[Baselines, Effects]:
    """Baselines whose marginals are `marginals`, and effects that lead where it was stated.

    Goes through each group in driver order, carrying for every prior draw the probability of
    every combination of outcomes of the scenarios already solved that drive others.
    """
    n = assumptions.calibration_draws
    u = latin_hypercube(np.random.default_rng(_SEED), n, len(marginals) + len(effects.mean))
    z, z_effect = ndtri(u[:, : len(marginals)]), ndtri(u[:, len(marginals) :])
    unshifted = baselines.log_hazard(z)
    shift, mean = baselines.shift.copy(), effects.mean.copy()
    for members in groups:
        joint, states = np.ones((n, 1)), np.zeros((1, 0), dtype=np.int64)
        carried: list[int] = []
        for scenario in members:
            own = np.flatnonzero(edges.child == scenario)
            taken = states[:, [carried.index(parent) for parent in edges.parent[own]]]
            kinds, kind_of = np.unique(taken, axis=0, return_inverse=True)
            kind_of = kind_of.reshape(-1)
            weight = joint @ np.eye(len(kinds))[kind_of]
            deviations = effects.sd[own] * z_effect[:, own]
            solve = _Solve(unshifted[:, [scenario]], deviations, kinds, weight)
            try:
                shift[scenario], mean[own] = solve(marginals[scenario], mean[own], effects.if_occurs[own])
            except _NoFixedPointError:
                raise ForecastError(_CANNOT_HOLD.format(names[scenario], marginals[scenario])) from None
            if scenario not in edges.parent:
                continue
            carried.append(scenario)
            happens = solve.probability(shift[scenario], mean[own])[:, kind_of]
            joint = np.hstack([joint * (1 - happens), joint * happens])
            states = np.vstack([np.column_stack([states, np.full(len(states), outcome)]) for outcome in (0, 1)])
    return replace(baselines, shift=shift), replace(effects, mean=mean)


@dataclass(frozen=True)
class _Solve:
    """One scenario given what its drivers do; n draws, c combinations of e drivers."""

    log_hazard: Array
    """(n, 1) before the shift."""
    deviations: Array
    """(n, e) of the log hazard ratios from their means."""
    kinds: IntArray
    """(c, e) 1 where the driver happens."""
    weight: Array
    """(n, c) probability of the combination, per draw."""

    def probability(self, shift: float, mean: Array) -> Array:
        """(n, c) that the scenario happens."""
        return from_hazard(self.log_hazard + shift + (mean + self.deviations) @ self.kinds.T)

    def __call__(self, marginal: float, mean: Array, aims: Array) -> tuple[float, Array]:
        """The shift, and the mean log hazard ratios with those stated as a probability solved for.

        Both are moved in turn until neither moves: each pass is exact for the shift, and a
        fixed-point step on the complementary log-log scale for the drivers.
        """
        mean = mean.copy()
        stated = np.flatnonzero(~np.isnan(aims))
        shift = self._shift(marginal, mean)
        for _ in range(_PASSES if len(stated) else 0):
            moves = np.array([aims[e] - cloglog(self.given(int(e), shift, mean)) for e in stated])
            mean[stated] += moves
            shift = self._shift(marginal, mean)
            if np.abs(moves).max() < 1e-6:
                break
        else:
            missed = [abs(self.given(int(e), shift, mean) + np.expm1(-np.exp(aims[e]))) for e in stated]
            if max(missed, default=0.0) > _MAX_MISS:
                raise _NoFixedPointError
        if abs(self._mean(shift, mean) - marginal) > 1e-4:
            raise _NoFixedPointError
        return shift, mean

    def _shift(self, marginal: float, mean: Array) -> float:
        return solve_rising(lambda x: self._mean(x, mean), marginal)

    def _mean(self, shift: float, mean: Array) -> float:
        """The marginal probability."""
        return float(np.vdot(self.weight, self.probability(shift, mean))) / len(self.weight)

    def given(self, driver: int, shift: float, mean: Array) -> float:
        """Probability of the scenario if this driver happens."""
        weight = self.weight * self.kinds[:, driver]
        return float((weight * self.probability(shift, mean)).sum() / weight.sum())
