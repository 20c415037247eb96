"""Bare formulas on arrays: odds, decibans, hazards, quantiles of priors.

Nothing here knows what a scenario is. Probabilities are in (0, 1), hazards are cumulative
over a window and so without unit, and every function works elementwise on arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaincinv, log_ndtr, logit, ndtr, ndtri

__all__ = ["expit", "log_ndtr", "logit", "ndtr", "ndtri"]

type Array = NDArray[np.float64]

Z90 = float(ndtri(0.95))
"""Standard normal quantile of 0.95: a central 90 % interval is mean +- Z90 sd."""

_DB = 10 / math.log(10)


def decibans(odds_from: Array | float, odds_to: Array | float) -> Array:
    """How far a belief moved, 10 log10 of the ratio of its odds (Good 1950)."""
    return np.asarray(_DB * (np.log(odds_to) - np.log(odds_from)))


def odds(probability: Array | float) -> Array:
    """p / (1 - p)."""
    p: Array = np.asarray(probability, dtype=float)
    return p / (1 - p)


def cloglog(probability: Array | float) -> Array:
    """Complementary log-log, log of the cumulative hazard: log(-log(1 - p)) (Prentice & Gloeckler 1978)."""
    return np.asarray(np.log(-np.log1p(-np.asarray(probability, dtype=float))))


def from_hazard(log_hazard: Array | float) -> Array:
    """Probability that an event with this log cumulative hazard happens: 1 - exp(-exp(log_hazard))."""
    return np.asarray(-np.expm1(-np.exp(log_hazard)))


def log1mexp(x: Array) -> Array:
    """log(1 - exp(-x)) for x > 0, without loss at either end (Maechler 2012)."""
    small = x < math.log(2)
    return np.where(small, np.log(-np.expm1(-x)), np.log1p(-np.exp(-np.maximum(x, 0.5))))


def spread_of(interval: tuple[float, float]) -> float:
    """Standard deviation on the complementary log-log scale of a central 90 % interval of a probability."""
    low, high = cloglog(np.array(interval))
    return float(high - low) / (2 * Z90)


def truncated_exponential(x: Array, hazard: Array) -> Array:
    """Chance that an event has come by fraction `x` of a window, given that it comes within it.

    The event time is exponential with this cumulative hazard over the window.
    """
    return np.asarray(np.expm1(-hazard * x) / np.expm1(-hazard))


def truncated_exponential_quantile(u: Array, hazard: Array) -> Array:
    """Fraction of the window by which the event has come with chance `u`: the inverse of the above."""
    return np.asarray(-np.log1p(u * np.expm1(-hazard)) / hazard)


def latin_hypercube(rng: np.random.Generator, n: int, dimensions: int) -> Array:
    """Uniform draws, shape (n, dimensions), each column evenly spread over (0, 1) (McKay et al. 1979)."""
    cells = np.argsort(rng.random((dimensions, n)), axis=1).T
    return (cells + rng.random((n, dimensions))) / n


def log_gamma_quantile(u: Array, shape: Array, rate: Array) -> Array:
    """Log of the quantile function of Gamma(shape, rate)."""
    return np.asarray(np.log(gammaincinv(shape, u)) - np.log(rate))


def normal_between(low: Array, high: Array) -> tuple[Array, Array, Array]:
    """log P(low < X < high) of a standard normal, and its slopes by low and by high; ends may be infinite.

    Computed in the lower tail, whichever side the interval lies on, so that nothing cancels.
    """
    flip = low > 0
    a, b = np.where(flip, -high, low), np.where(flip, -low, high)
    upper, lower = log_ndtr(b), log_ndtr(a)
    chance = upper + log1mexp(np.maximum(upper - lower, 1e-300))
    by_a, by_b = -_density_over(a, chance), _density_over(b, chance)
    return chance, np.where(flip, -by_b, by_a), np.where(flip, -by_a, by_b)


def _density_over(x: Array, log_chance: Array) -> Array:
    """phi(x) / exp(log_chance)."""
    return np.asarray(np.exp(-(x**2) / 2 - 0.5 * math.log(2 * math.pi) - log_chance))


def solve_rising(f: Callable[[float], float], target: float, low: float = -40.0, high: float = 40.0) -> float:
    """The x in [low, high] at which a rising probability reaches `target`; an end where it never does.

    Secant steps on the complementary log-log scale, on which the probabilities solved for here are
    nearly straight lines of slope 1; a step that leaves the bracket is replaced by its middle.
    """

    def gap(x: float) -> float:
        return float(cloglog(min(max(f(x), 1e-300), 1 - 1e-15)) - aim)

    aim = float(cloglog(target))
    x, slope = min(max(aim, low), high), 1.0
    now = gap(x)
    while abs(now) > 1e-8 and high - low > 1e-8:
        low, high = (x, high) if now < 0 else (low, x)
        step = x - now / slope
        x, before = step if low < step < high else (low + high) / 2, (x, now)
        now = gap(x)
        slope = max((now - before[1]) / (x - before[0]), 1e-3)
    return x
