"""Proper scores of forecasts, elementwise; less is better, and only an honest forecast is best on average.

The formulas are those of scoringrules.
"""

from __future__ import annotations

import sys
from functools import cache
from types import ModuleType
from typing import cast

import numpy as np

from engine.probability import Array

NEAREST = 5e-5
"""A probability closer to 0 or 1 than half of the last digit that is recorded counts as this: its log is finite."""


@cache
def _rules() -> ModuleType:
    """The library, with its NumPy formulas: one that finds numba compiles for four seconds while it is imported."""
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    numba = modules.get("numba")
    modules["numba"] = None  # what the import system takes for "not installed"
    try:
        import scoringrules  # noqa: PLC0415
    finally:
        del modules["numba"]
        if numba:
            modules["numba"] = numba
    return cast("ModuleType", scoringrules)


def brier(probability: Array, happened: Array) -> Array:
    """(p - y)^2, from 0 to 1; 0.25 for a coin (Brier 1950)."""
    return np.asarray(_rules().brier_score(happened, probability, backend="numpy"))


def log_score(probability: Array, happened: Array) -> Array:
    """Minus the log of the probability given to what came of it; 0.69 for a coin (Good 1952)."""
    p = np.clip(probability, NEAREST, 1 - NEAREST)
    return np.asarray(_rules().log_score(happened, p, backend="numpy"))


def crps_normal(value: Array, mean: Array, sd: Array) -> Array:
    """Continuous ranked probability score of a normal forecast, in the unit of the value (Gneiting & Raftery 2007).

    The mean of the Brier scores of all thresholds: for a forecast without spread it is the absolute error.
    """
    return np.asarray(_rules().crps_normal(value, mean, sd, backend="numpy"))
