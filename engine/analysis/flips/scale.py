"""A run's draws as scales: what a change does to the likelihood weighs states and draws anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.analysis.forecast import Forecast
from engine.belief.blocks import Blocks, blocks_of
from engine.belief.evidence import Evidence
from engine.belief.likelihood import hear, state_probabilities
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.states import IntArray
from engine.probability import Array, expit, logit

DRAWS = 1000


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
        rows = np.unique(np.linspace(0, posterior.n - 1, min(posterior.n, DRAWS)).astype(np.int64))
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
        """A belief of the thinned draws, as one of the run: moved as far in log odds."""
        return float(expit(logit(self.now) + logit(probability) - logit(self.base)))

    def after_own(self, gained: Array, log_weight: Array | float = 0.0) -> float:
        """The belief once the entries about the scenario have gained log likelihood (n, own entries)."""
        weight = self.entries[:, self.own] * np.exp(gained + np.reshape(log_weight, (-1, 1)))
        return self.told(float((weight @ self.happens).sum() / weight.sum()))

    def after_all(self, gained: Mapping[int, Array], log_weight: Array) -> float:
        """The belief once outcomes of some scenarios have gained log likelihood (2, n), and the draws (n,).

        Only what shares an unknown with the scenario weighs the draws.
        """
        network, blocks = self.network, self.blocks
        mine = int(network.group_of[self.position])
        weight, p = np.exp(log_weight), np.zeros(len(self.theta))
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
            weight = weight * total
            if number == mine:
                p = joint @ kinds[:, -1] / total
        return self.told(float(weight @ p / weight.sum()))

    @cached_property
    def blocks(self) -> Blocks:
        """Which scenarios are weighed together."""
        return blocks_of(self.network)

    @cached_property
    def states(self) -> list[Array]:
        """For each group (n, states)."""
        return state_probabilities(self.network, self.theta)

    def gained(self, indicator: int, said: Evidence, theta: Parameters) -> Array:
        """(n, own entries) log likelihood gained once the witnesses of one indicator are heard otherwise."""
        old = hear(self.network.evidence.about(indicator), self.theta.about(indicator))
        new = hear(said.about(indicator), theta.about(indicator))
        return np.where(self.happens > 0, new.if_happens - old.if_happens, new.if_not - old.if_not)

    @cached_property
    def own_indicators(self) -> list[int]:
        """The indicators of the scenario that somebody speaks of."""
        said = self.network.evidence
        spoken = np.unique(said.indicator_of)
        return [int(one) for one in spoken[said.scenario_of_indicator[spoken] == self.position]]
