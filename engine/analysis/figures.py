"""A figure measured on several scenarios, with how far it can be trusted: n, a bootstrap interval, or "too few to say"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.probability import Array

FEWEST = 10
"""Scenarios below which a figure has no interval and no verdict: it is too few to say."""
REPLICATES = 2000
_SEED = 1979


@dataclass(frozen=True)
class Figure:
    """A mean or a ratio over n scenarios, each of which counts as one draw however often it was forecast."""

    value: float | None
    """None where nothing was measured."""
    interval: tuple[float, float] | None
    """Central 90 % of the bootstrap (Efron 1979) over scenarios; None where they are too few."""
    n: int

    @property
    def enough(self) -> bool:
        """Whether there are enough scenarios to say anything."""
        return self.interval is not None


NOTHING = Figure(None, None, 0)


def ratio(above: Array, below: Array) -> Figure:
    """Sum of `above` over sum of `below`, (n,) each: one entry a scenario, and scenarios are drawn again whole."""
    n = len(above)
    if n == 0:
        return NOTHING
    total = float(below.sum())
    value = float(above.sum()) / total if total > 0 else None
    if n < FEWEST or value is None:
        return Figure(value, None, n)
    drawn = draws_again(n)
    with np.errstate(divide="ignore", invalid="ignore"):
        replicates = (drawn @ above) / (drawn @ below)
    # where nothing was left to explain, any movement is too much
    replicates = np.where(drawn @ below > 0, replicates, np.inf)
    low, high = np.quantile(replicates, (0.05, 0.95), method="nearest")
    return Figure(value, (float(low), float(high)), n)


def mean(values: Array) -> Figure:
    """The mean over scenarios, (n,)."""
    return ratio(values, np.ones(len(values)))


def less(one: Figure) -> Figure:
    """1 minus a figure: skill from the ratio of two scores."""
    value = None if one.value is None else 1 - one.value
    return Figure(value, one.interval and (1 - one.interval[1], 1 - one.interval[0]), one.n)


@cache
def draws_again(n: int, replicates: int = REPLICATES) -> Array:
    """(replicates, n) how often each of n scenarios is drawn, n times with replacement."""
    return np.random.default_rng(_SEED).multinomial(n, np.full(n, 1 / n), size=replicates).astype(float)
