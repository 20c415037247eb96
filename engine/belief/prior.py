"""What would be believed had nothing been said, seen or resolved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.belief.draws import Draws, interval
from engine.belief.importance import believe_in_batches
from engine.belief.network import Network
from engine.belief.parameters import prior_draws
from engine.probability import Array

_SEED = 1972
"""The prior is part of the question: it must not depend on the seed of a run."""


@dataclass(frozen=True)
class Prior(Draws):
    """Draws from the prior, on the day the windows open."""

    @property
    def probability(self) -> Array:
        """(S,) the stated marginals, drivers included."""
        stated = [scenario.prior_probability for scenario in self.network.scenarios]
        return np.array([p for p in stated if p is not None])

    @cached_property
    def interval(self) -> Array:
        """(2, S) central 90 %: as stated, or as it follows where none is stated."""
        found = interval(self.belief.scenarios)
        for position, scenario in enumerate(self.network.scenarios):
            if scenario.prior.interval:
                found[:, position] = scenario.prior.interval
        return found


def prior_of(network: Network) -> Prior:
    """The prior behind a network."""
    before = network.before_reports()
    theta = prior_draws(before, network.assumptions.calibration_draws, _SEED)
    return Prior(before, theta, believe_in_batches(before, theta))
