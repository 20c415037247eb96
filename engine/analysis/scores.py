"""Proper scores of forecasts, elementwise; less is better, and only an honest forecast is best on average.

Written here, one line each: the well-kept library of them compiles for four seconds when it is imported.
The tests hold them to it.
"""

from __future__ import annotations

import numpy as np

from engine.probability import Array, ndtr

NEAREST = 5e-5
"""A probability closer to 0 or 1 than half of the last digit that is recorded counts as this: its log is finite."""


def brier(probability: Array, happened: Array) -> Array:
    """(p - y)^2, from 0 to 1; 0.25 for a coin (Brier 1950)."""
    return np.asarray((probability - happened) ** 2)


def log_score(probability: Array, happened: Array) -> Array:
    """Minus the log of the probability given to what came of it; 0.69 for a coin (Good 1952)."""
    p = np.clip(probability, NEAREST, 1 - NEAREST)
    return np.asarray(-np.log(np.where(happened > 0, p, 1 - p)))


def crps_normal(value: Array, mean: Array, sd: Array) -> Array:
    """Continuous ranked probability score of a normal forecast, in the unit of the value (Gneiting & Raftery 2007).

    The mean of the Brier scores of all thresholds: for a forecast without spread it is the absolute error.
    """
    z = (value - mean) / sd
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return np.asarray(sd * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))
