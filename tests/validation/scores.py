"""Proper scores, paired differences whose standard errors know of clusters, and a table to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.probability import Array


def brier(p: Array, y: Array) -> Array:
    return (p - y) ** 2


def log_score(p: Array, y: Array) -> Array:
    """Minus the log of the probability given to what happened: less is better."""
    return -np.log(np.where(y == 1, p, 1 - p))


@dataclass(frozen=True)
class Mean:
    """A mean with its standard error, values of one cluster counting as one draw (Liang & Zeger 1986)."""

    value: float
    error: float

    def __str__(self) -> str:
        return f"{self.value:.4f} ± {self.error:.4f}"

    @property
    def signed(self) -> str:
        return f"{self.value:+.4f} ± {self.error:.4f}"


def mean(values: Array, clusters: Sequence[str]) -> Mean:
    _, number = np.unique(np.asarray(clusters), return_inverse=True)
    n = number.max() + 1
    sums = np.bincount(number, weights=values - values.mean())
    return Mean(float(values.mean()), float(np.sqrt((sums**2).sum() * n / (n - 1)) / len(values)))


def table(title: str, columns: Sequence[str], lines: Sequence[Sequence[object]]) -> None:
    """Print a table that can be pasted into a README."""
    print(f"\n\n{title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for line in lines:
        print(f"| {' | '.join(str(cell) for cell in line)} |")
