"""What world the priors foresee, before any report: how many of the scenarios come true together."""

from __future__ import annotations

import numpy as np

from engine.belief.draws import Draws
from engine.probability import Array


def number_happening(draws: Draws) -> Array:
    """(S + 1,) chance that so many of the scenarios happen by their deadlines, drivers and unknowns taken together.

    Within a draw groups of scenarios are independent, so their counts are convolved.
    """
    counted = np.ones((draws.n, 1))
    for group, states in zip(draws.network.groups, draws.states, strict=True):
        here = states @ np.eye(len(group.members) + 1)[group.states.sum(axis=1)]
        wider = np.zeros((draws.n, counted.shape[1] + here.shape[1] - 1))
        for number in range(here.shape[1]):
            wider[:, number : number + counted.shape[1]] += counted * here[:, [number]]
        counted = wider
    return np.asarray(counted.mean(axis=0))
