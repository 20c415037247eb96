"""Pareto-smoothed importance sampling (Vehtari, Simpson, Gelman, Yao & Gabry 2024).

ArviZ has the same formula, and a test holds the two together; it is written here because
importing ArviZ takes longer than everything else the importance engine does.
"""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from engine.probability import Array

TRUSTED_BELOW = 0.7


def smooth(log_ratios: Array) -> tuple[Array, float]:
    """Normalised log weights (n,) and the Pareto shape k of their tail; k above 0.7 is not to be trusted.

    The largest 3 sqrt(n) ratios are replaced by quantiles of the generalised Pareto fitted to them.
    """
    log_weights = log_ratios - log_ratios.max()
    n = len(log_weights)
    n_tail = int(3 * np.sqrt(n)) if n > 225 else n // 5
    order = np.argsort(log_weights)
    tail = order[n - n_tail :]
    cutoff = np.exp(log_weights[order[n - n_tail - 1]])
    excess = np.exp(log_weights[tail]) - cutoff
    k, sigma = fit_generalised_pareto(excess)
    if np.isnan(k):  # most of the tail is one value: bounded weights, unless a few hold nearly all
        k = 0.0 if np.exp(logsumexp(log_weights)) > n / 10 else np.inf
    elif sigma > 0:
        p = (np.arange(n_tail) + 0.5) / n_tail
        smoothed = cutoff + sigma * (np.expm1(-k * np.log1p(-p)) / k if k else -np.log1p(-p))
        log_weights[tail] = np.log(np.minimum(smoothed, 1.0))
    return log_weights - logsumexp(log_weights), float(k)


def fit_generalised_pareto(excess: Array) -> tuple[float, float]:
    """Shape k and scale sigma of rising excesses, by the profile posterior mean (Zhang & Stephens 2009).

    k is drawn towards 0.5 with the weight of ten observations. nan if the first quartile is no larger
    than the smallest excess: nothing like a Pareto tail.
    """
    n = len(excess)
    quartile = excess[int(n / 4 + 0.5) - 1]
    if quartile <= excess[0] or excess[-1] - excess[0] < 1e-12:
        return np.nan, np.nan
    grid = 30 + int(np.sqrt(n))
    b = 1 / excess[-1] + (1 - np.sqrt(grid / (np.arange(1, grid + 1) - 0.5))) / (3 * quartile)
    k = np.log1p(-b[:, None] * excess).mean(axis=1)
    profile = n * (np.log(-b / k) - k - 1)
    weight = np.exp(profile - logsumexp(profile))
    b_mean = float(b @ weight)
    k_mean = float(np.log1p(-b_mean * excess).mean())
    return (n * k_mean + 10 * 0.5) / (n + 10), -k_mean / b_mean
