"""A run's draws as scales: what a change does to the likelihood weighs states and draws anew."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.analysis.absorption import Absorption, Retold
from engine.analysis.forecast import Forecast
from engine.belief.blocks import Blocks, blocks_of
from engine.belief.likelihood import hear, state_probabilities
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.psis import TRUSTED_BELOW, smooth
from engine.belief.states import IntArray
from engine.probability import Array, expit, logit

DRAWS = 1000
DRAWS_BESIDE_FORECASTS = 10_000
"""Where a change weighs the draws themselves, their weights are uneven, and a thousand would be too few."""


@dataclass(frozen=True)
class Scale:
    """A run's draws, thinned, on which changes are weighed against one scenario."""

    forecast: Forecast
    network: Network
    position: int
    theta: Parameters
    entries: Array
    """(n, T)"""
    now: float

    @staticmethod
    def of(forecast: Forecast, position: int) -> Scale:
        """Every so many of a run's draws."""
        posterior = forecast.posterior
        n = DRAWS_BESIDE_FORECASTS if posterior.network.readings.opinions else DRAWS
        rows = np.unique(np.linspace(0, posterior.n - 1, min(posterior.n, n)).astype(np.int64))
        theta, entries = posterior.theta.take(rows), posterior.belief.entries[rows]
        return Scale(forecast, posterior.network, position, theta, entries, float(posterior.probability[position]))

    @cached_property
    def own(self) -> IntArray:
        """The table entries about the scenario."""
        return np.flatnonzero(self.network.entries.scenario == self.position)

    @cached_property
    def happens(self) -> Array:
        """(own entries,) whether the scenario happens."""
        return self.network.entries.happens[self.own].astype(float)

    @cached_property
    def base(self) -> float:
        """The belief of the thinned draws."""
        return float((self.entries[:, self.own] @ self.happens).mean())

    def told(self, probability: float) -> float:
        """A belief of the thinned draws, as one of the run: moved as far in log odds; nan stays nan."""
        return float(expit(logit(self.now) + logit(probability) - logit(self.base)))

    def after_own(self, gained: Array, log_weight: Array | float = 0.0) -> float:
        """The belief once the entries about the scenario have gained log likelihood (n, own entries)."""
        joint = self.entries[:, self.own] * np.exp(gained)
        total = joint.sum(axis=1)
        return self.told(_mean(joint @ self.happens / total, np.log(total) + log_weight))

    def after_all(self, gained: Mapping[int, Array], log_weight: Array) -> float:
        """The belief once outcomes of some scenarios have gained log likelihood (2, n), and the draws (n,).

        Only what shares an unknown with the scenario weighs the draws.
        """
        network, blocks = self.network, self.blocks
        mine = int(network.group_of[self.position])
        log_weight, p = log_weight.copy(), np.zeros(len(self.theta))
        for number in np.flatnonzero(blocks.of_group == blocks.of_group[mine]):
            group = network.groups[number]
            members = group.members.tolist()
            moved = [place for place in members if place in gained]
            if not moved and number != mine:
                continue
            shown = [*moved, self.position] if number == mine else moved
            kinds, kind_of = np.unique(
                group.states[:, [members.index(place) for place in shown]], axis=0, return_inverse=True
            )
            joint = self.states[number] @ np.eye(len(kinds))[kind_of.reshape(-1)]
            for column, place in enumerate(moved):
                joint *= np.exp(gained[place])[kinds[:, column].astype(np.int64)].T
            total = joint.sum(axis=1)
            log_weight += np.log(total)
            if number == mine:
                p = joint @ kinds[:, -1] / total
        return self.told(_mean(p, log_weight))

    @cached_property
    def blocks(self) -> Blocks:
        """Which scenarios are weighed together."""
        return blocks_of(self.network)

    @cached_property
    def states(self) -> list[Array]:
        """For each group (n, states)."""
        return state_probabilities(self.network, self.theta)

    @cached_property
    def absorption(self) -> Absorption:
        """What other people's forecasts make of a change."""
        return Absorption(self.network, self.theta)

    def retold(self, indicator: int, retold: Retold, theta: Parameters | None = None) -> float:
        """The belief once the witnesses of one of its indicators are heard otherwise, on any day, or with other unknowns."""
        moved = self.theta if theta is None else theta
        old = hear(self.network.evidence.about(indicator), self.theta.about(indicator))
        new = hear(retold(self.network.evidence).about(indicator), moved.about(indicator))
        gained = np.where(self.happens > 0, new.if_happens - old.if_happens, new.if_not - old.if_not)
        return self.after_own(gained, self.absorption.gained(indicator, retold, moved))

    @cached_property
    def own_indicators(self) -> list[int]:
        """The indicators of the scenario that somebody speaks of."""
        said = self.network.evidence
        spoken = np.unique(said.indicator_of)
        return [int(one) for one in spoken[said.scenario_of_indicator[spoken] == self.position]]


def _mean(p: Array, log_weight: Array) -> float:
    """The mean over the draws, weighed so much more (Vehtari et al. 2024); nan where too few of them carry the weight."""
    smoothed, pareto_k = smooth(log_weight)
    return float(np.exp(smoothed) @ p) if pareto_k < TRUSTED_BELOW else math.nan
