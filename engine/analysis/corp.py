"""Whether things happen as often as was said: the CORP reliability diagram (Dimitriadis, Gneiting & Jordan 2021).

Each forecast is recalibrated to the share that happened, by isotonic regression: no bins to choose. The mean Brier
score then splits into miscalibration - discrimination + uncertainty, to the last digit. Every scenario weighs the
same, however often it was forecast, since all its beliefs share one outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.analysis.figures import FEWEST, Figure, draws_again
from engine.analysis.scores import brier
from engine.belief.states import IntArray
from engine.probability import Array

REPLICATES = 500
_SEED = 2021


@dataclass(frozen=True)
class Diagram:
    """The diagram and the three parts of the Brier score."""

    probability: Array
    """(P,) the distinct probabilities that were given, rising."""
    recalibrated: Array
    """(P,) the share that happened, never falling."""
    band: Array | None
    """(2, P) central 90 % of `recalibrated` for a calibrated forecaster; None where scenarios are too few."""
    score: Figure
    """The mean Brier score."""
    miscalibration: Figure
    """What recalibration would gain: less is better, 0 for a calibrated forecaster."""
    discrimination: Figure
    """What telling cases apart has gained: more is better."""
    uncertainty: Figure
    """The score of always giving the share that happened."""

    @property
    def outside(self) -> float | None:
        """Share of the distinct probabilities whose recalibrated value leaves the band."""
        if self.band is None:
            return None
        low, high = self.band
        return float(((self.recalibrated < low - 1e-9) | (self.recalibrated > high + 1e-9)).mean())


def diagram(probability: Array, happened: Array, scenario: IntArray) -> Diagram | None:
    """The diagram of forecasts (N,) with outcomes 0 or 1 (N,), of scenarios numbered 0 to n - 1 (N,); None for none."""
    if not len(probability):
        return None
    n = int(scenario.max()) + 1
    weight = 1 / np.bincount(scenario, minlength=n)[scenario]
    distinct, place = np.unique(probability, return_inverse=True)
    fit = partial(_fit, place, len(distinct))
    recalibrated, _ = fit(weight, happened)
    parts = _parts(probability, happened, weight, fit)
    again = None
    if n >= FEWEST:
        drawn = draws_again(n, REPLICATES)
        again = np.array([_parts(probability, happened, weight * times[scenario], fit) for times in drawn])
    return Diagram(
        probability=distinct,
        recalibrated=recalibrated,
        band=_band(probability, scenario, weight, fit) if n >= FEWEST else None,
        score=_figure(parts, again, 0, n),
        miscalibration=_figure(parts, again, 1, n),
        discrimination=_figure(parts, again, 2, n),
        uncertainty=_figure(parts, again, 3, n),
    )


type _Fit = Callable[[Array, Array], tuple[Array, Array]]


def _fit(place: IntArray, n_distinct: int, weight: Array, happened: Array) -> tuple[Array, Array]:
    """Recalibrated value of each distinct probability, and of each forecast; a probability of no weight says nothing."""
    from scipy.optimize import isotonic_regression  # noqa: PLC0415  (a third of a second, and only needed here)

    heavy = np.bincount(place, weight, n_distinct)
    share = np.bincount(place, weight * happened, n_distinct)
    present = heavy > 0
    solved = isotonic_regression(share[present] / heavy[present], weights=heavy[present]).x
    everywhere = np.interp(np.arange(n_distinct), np.flatnonzero(present), solved)
    return everywhere, everywhere[place]


def _parts(probability: Array, happened: Array, weight: Array, fit: _Fit) -> tuple[float, float, float, float]:
    """Mean Brier score, miscalibration, discrimination and uncertainty."""
    _, recalibrated = fit(weight, happened)
    rate = np.average(happened, weights=weight)
    score, best, constant = (
        float(np.average(brier(np.asarray(p), happened), weights=weight)) for p in (probability, recalibrated, rate)
    )
    return score, score - best, constant - best, constant


def _band(probability: Array, scenario: IntArray, weight: Array, fit: _Fit) -> Array:
    """What a calibrated forecaster's diagram looks like: outcomes drawn with the stated probabilities.

    A scenario has one outcome, so one uniform number decides for all its beliefs.
    """
    rng = np.random.default_rng(_SEED)
    uniform = rng.random((REPLICATES, int(scenario.max()) + 1))
    fits = [fit(weight, (u[scenario] < probability).astype(float))[0] for u in uniform]
    return np.asarray(np.quantile(fits, (0.05, 0.95), axis=0))


def _figure(parts: tuple[float, ...], again: Array | None, part: int, n: int) -> Figure:
    if again is None:
        return Figure(parts[part], None, n)
    low, high = np.quantile(again[:, part], (0.05, 0.95))
    return Figure(parts[part], (float(low), float(high)), n)
