"""Shapley values: what a player adds, averaged over all orders in which players could have come (Shapley 1953)."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np

from engine.belief.states import BoolArray
from engine.probability import Array

_PERMUTATIONS = 200
"""Half of them drawn, half the same backwards (antithetic: Mitchell et al. 2022)."""
_SEED = 1953


def subsets(n: int) -> BoolArray:
    """(2^n, n) every subset of n; column b is bit b of the row's number."""
    return (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(bool)


def exact(values: Array) -> tuple[Array, Array]:
    """(P,) Shapley values of all P players from the values of all coalitions (2,) * P + (...); and no error."""
    n = values.ndim
    if n == 0:
        return np.zeros(0), np.zeros(0)
    size = np.indices((2,) * (n - 1)).sum(axis=0) if n > 1 else np.zeros((), dtype=np.int64)
    weight = np.array([1 / (n * math.comb(n - 1, k)) for k in range(n)])[size]
    gains = (np.take(values, 1, axis=p) - np.take(values, 0, axis=p) for p in range(n))
    return np.array([float((weight * gain).sum()) for gain in gains]), np.zeros(n)


def sampled(n: int, values: Callable[[BoolArray], Array]) -> tuple[Array, Array]:
    """Shapley values of n players from orders drawn at random with their reverses, and the standard error of each.

    `values` gives those of coalitions (c, n).
    """
    rng = np.random.default_rng(_SEED)
    orders = [one for order in (rng.permutation(n) for _ in range(_PERMUTATIONS // 2)) for one in (order, order[::-1])]
    heard = np.zeros((len(orders), n + 1, n), dtype=bool)
    for row, order in enumerate(orders):
        for step, player in enumerate(order):
            heard[row, step + 1 :, player] = True
    value = values(heard.reshape(-1, n)).reshape(len(orders), n + 1)
    gains = np.empty((len(orders), n))
    for row, order in enumerate(orders):
        gains[row, order] = [after - before for before, after in pairwise(value[row].tolist())]
    pairs = gains.reshape(-1, 2, n).mean(axis=1)
    return pairs.mean(axis=0), pairs.std(axis=0, ddof=1) / math.sqrt(len(pairs))
