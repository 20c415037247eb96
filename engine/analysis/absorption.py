"""What other people's forecasts would have told, had one thing been reported otherwise before they were made.

A forecaster had read what was published by his day, so a forecast is compared with what this model believed on that
day. Had a report been another, that belief would have been another too, and the forecast other news.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.belief.evidence import Evidence
from engine.belief.likelihood import as_forecasters_see, believed_on_the_day, hear, state_probabilities
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.states import IntArray
from engine.belief.third_party import value_and_gradient
from engine.probability import Array

type Retold = Callable[[Evidence], Evidence]
"""What is said, on any day, heard otherwise."""


@dataclass(frozen=True)
class Absorption:
    """The beliefs that forecasters read, draw by draw, ready to be moved; forecasts of a quantity stay as they are."""

    network: Network
    theta: Parameters
    """n draws"""

    @cached_property
    def _believed(self) -> Array:
        return believed_on_the_day(self.network, self.theta)

    @cached_property
    def _so_far(self) -> Array:
        return self._told(self._believed)

    def _told(self, believed: Array) -> Array:
        """(n,) log likelihood of the forecasts, read against these beliefs."""
        return np.asarray(value_and_gradient(self.network.readings, believed)[0].sum(axis=1))

    @cached_property
    def _states(self) -> list[list[Array]]:
        """For each day and group (n, states)."""
        theta = as_forecasters_see(self.network, self.theta)
        return [state_probabilities(then, theta) for then in self.network.earlier]

    def gained(self, indicator: int, retold: Retold, theta: Parameters) -> Array:
        """(n,) log likelihood the forecasts gain, once the witnesses of one indicator are heard otherwise, with `theta`."""
        found, believed = self.network.readings, self._believed.copy()
        for day, then in enumerate(self.network.earlier):
            scenario = int(then.evidence.scenario_of_indicator[indicator])
            group = then.group_of[scenario]
            rows = np.flatnonzero((found.day_of == day) & (then.group_of[found.scenario_of] == group))
            if rows.size:
                old = hear(then.evidence.about(indicator), self.theta.about(indicator))
                new = hear(retold(then.evidence).about(indicator), theta.about(indicator))
                odds_of_states = np.exp(new.if_not - old.if_not), np.exp(new.if_happens - old.if_happens)
                believed[:, rows] = self._moved(day, scenario, found.scenario_of[rows], *odds_of_states)
        return self.against(believed)

    def against(self, believed: Array) -> Array:
        """(n,) log likelihood the forecasts gain, read against other beliefs: logits (n, F)."""
        return self._told(believed) - self._so_far

    def _moved(self, day: int, scenario: int, about: IntArray, if_not: Array, if_happens: Array) -> Array:
        """(n, about) logits of a day's belief, one scenario's outcomes weighed so much more (n, 1)."""
        then = self.network.earlier[day]
        number = int(then.group_of[scenario])
        group, states = then.groups[number], self._states[day][number]
        members = group.members.tolist()
        happens = group.states[:, members.index(scenario)] > 0
        weighed = states * np.where(happens, if_happens, if_not)
        told = group.states[:, [members.index(place) for place in about.tolist()]]
        return np.asarray(np.log(np.maximum(weighed @ told, 1e-300)) - np.log(np.maximum(weighed @ (1 - told), 1e-300)))
