"""How much a scenario matters: a latent number on 1-5 behind every rating of it (ordered probit)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.belief.states import IntArray
from engine.probability import Array, normal_between

MEAN, SD = 3.0, 1.2
"""Prior of the latent relevancy."""
RATING_SD = 0.7
"""How far a rating strays from the latent number."""
_CUTS = np.array([-np.inf, 1.5, 2.5, 3.5, 4.5, np.inf])


@dataclass(frozen=True)
class Ratings:
    """R ratings: which scenario each is of, and the number given."""

    scenario: Sequence[int]
    rating: Sequence[int]

    @cached_property
    def cuts(self) -> tuple[IntArray, Array, Array]:
        """(R,) each: the scenario, and the lower and upper cut point of the rating."""
        given = np.asarray(self.rating, dtype=np.int64)
        return np.asarray(self.scenario, dtype=np.int64), _CUTS[given - 1], _CUTS[given]


def draws(ratings: Ratings, n_scenarios: int, u: Array) -> Array:
    """Exact posterior draws (n, S) of the latent relevancies from uniform u (n, S), by inverting on a grid."""
    grid = np.linspace(MEAN - 6 * SD, MEAN + 6 * SD, 4001)
    log_density = np.tile(-(((grid - MEAN) / SD) ** 2) / 2, (n_scenarios, 1))
    for scenario, rating in zip(ratings.scenario, ratings.rating, strict=True):
        log_density[scenario] += normal_between(
            (_CUTS[rating - 1] - grid) / RATING_SD, (_CUTS[rating] - grid) / RATING_SD
        )[0]
    cumulative = np.cumsum(np.exp(log_density - log_density.max(axis=1, keepdims=True)), axis=1)
    cumulative /= cumulative[:, -1:]
    return np.column_stack([np.interp(u[:, s], cumulative[s], grid) for s in range(n_scenarios)])
