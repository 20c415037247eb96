"""Draws of the unknowns of a network, with what each makes of every scenario."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.belief.likelihood import Belief, state_probabilities
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.probability import Array


@dataclass(frozen=True)
class Draws:
    """n equally weighted draws: of the prior, or of a posterior."""

    network: Network
    theta: Parameters
    belief: Belief

    @cached_property
    def states(self) -> tuple[Array, ...]:
        """For each group of scenarios, the probability of every way it may turn out, (n, states)."""
        return tuple(state_probabilities(self.network, self.theta))

    @property
    def n(self) -> int:
        """Number of draws."""
        return len(self.theta)


def interval(draws: Array) -> Array:
    """Central 90 % interval over the first axis, stacked in front."""
    return np.asarray(np.quantile(draws, [0.05, 0.95], axis=0))
