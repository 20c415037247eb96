"""Draws of several distributions taken together as one, so that each can be weighed against all (Shirts & Chodera 2008)."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from engine.probability import Array

_STEPS = 100
_SETTLED = 1e-9
_RIDGE = 1e-9
"""Share of the draws: keeps a step finite where two distributions have nothing in common."""


def log_mixture(log_density: Array, counts: Array) -> Array:
    """(n,) log density of the mixture of K distributions, up to a constant.

    log_density (K, n): of every draw under every distribution, each up to a constant of its own; `counts` (K,)
    how many of the n draws come from each. The constants are those at which the mixture holds of each distribution as many
    draws as came from it (Bennett 1976 for two): the lowest point of a convex function, found by Newton's steps.
    """
    log_counts = np.log(counts)[:, None]
    offset = -logsumexp(log_density, axis=1, keepdims=True)
    for _ in range(_STEPS):
        share = np.exp(log_density + log_counts + offset - _total(log_density, log_counts, offset))
        missed = share.sum(axis=1) - counts
        if np.abs(missed).max() < _SETTLED * counts.sum():
            break
        curvature = np.diag(share.sum(axis=1)) - share @ share.T + _RIDGE * counts.sum() * np.eye(len(counts))
        step = np.zeros_like(offset)
        step[1:, 0] = np.linalg.solve(curvature[1:, 1:], missed[1:])
        now, size = _height(log_density, log_counts, offset, counts), 1.0
        while size > 1e-6 and _height(log_density, log_counts, offset - size * step, counts) > now + 1e-12 * abs(now):
            size /= 2
        offset = offset - size * step
    return _total(log_density, log_counts, offset)


def _total(log_density: Array, log_counts: Array, offset: Array) -> Array:
    return np.asarray(logsumexp(log_density + log_counts + offset, axis=0))


def _height(log_density: Array, log_counts: Array, offset: Array, counts: Array) -> float:
    return float(_total(log_density, log_counts, offset).sum() - counts @ offset[:, 0])
