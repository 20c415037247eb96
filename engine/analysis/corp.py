"""Whether things happen as often as was said: the CORP reliability diagram (Dimitriadis, Gneiting & Jordan 2021).

Each forecast is recalibrated to the share that happened, by isotonic regression: no bins to choose. The mean Brier
score then splits into miscalibration - discrimination + uncertainty, to the last digit. Every scenario weighs the
same, however often it was forecast, since all its beliefs share one outcome.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.analysis.figures import FEWEST, Figure, draws_again
from engine.belief.states import IntArray
from engine.probability import Array

REPLICATES = 200
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
    cases = _Cases.of(probability, happened, scenario)
    n = cases.n_scenarios
    parts = cases.parts(np.ones(n))
    again = np.array([cases.parts(times) for times in draws_again(n, REPLICATES)]) if n >= FEWEST else None
    return Diagram(
        probability=cases.distinct,
        recalibrated=cases.recalibrated(cases.weight, happened),
        band=cases.band() if n >= FEWEST else None,
        score=_figure(parts, again, 0, n),
        miscalibration=_figure(parts, again, 1, n),
        discrimination=_figure(parts, again, 2, n),
        uncertainty=_figure(parts, again, 3, n),
    )


@dataclass(frozen=True)
class _Cases:
    """The forecasts, with what is asked of them many times."""

    probability: Array
    happened: Array
    scenario: IntArray
    weight: Array
    """(N,) each scenario weighs 1 in all."""
    distinct: Array
    """(P,)"""
    place: IntArray
    """(N,) which of the distinct probabilities each forecast is."""

    @staticmethod
    def of(probability: Array, happened: Array, scenario: IntArray) -> _Cases:
        distinct, place = np.unique(probability, return_inverse=True)
        return _Cases(probability, happened, scenario, 1 / np.bincount(scenario)[scenario], distinct, place)

    @property
    def n_scenarios(self) -> int:
        return int(self.scenario.max()) + 1

    def recalibrated(self, weight: Array, happened: Array) -> Array:
        """(P,) the share that happened of each distinct probability, never falling; one of no weight says nothing."""
        return _isotonic(*self._summed(weight, happened))

    def _summed(self, weight: Array, happened: Array) -> tuple[Array, Array]:
        """(P,) the weight of each distinct probability, and of that what happened."""
        n = len(self.distinct)
        return np.bincount(self.place, weight, n), np.bincount(self.place, weight * happened, n)

    def parts(self, times: Array) -> tuple[float, float, float, float]:
        """Mean Brier score, miscalibration, discrimination and uncertainty, each scenario counted so many times (n,)."""
        heavy, share = self._summed(self.weight * times[self.scenario], self.happened)
        total, came = heavy.sum(), share.sum()

        def score(p: Array | float) -> float:
            """Mean of (p - y)^2 over the forecasts, y being 0 or 1, so that y^2 is y."""
            return float(((heavy * p - 2 * share) * p).sum() + came) / float(total)

        said, best, constant = score(self.distinct), score(_isotonic(heavy, share)), score(float(came / total))
        return said, said - best, constant - best, constant

    def band(self) -> Array:
        """(2, P) what a calibrated forecaster's diagram looks like: outcomes drawn with the stated probabilities.

        A scenario has one outcome, so one uniform number decides for all its beliefs.
        """
        uniform = np.random.default_rng(_SEED).random((REPLICATES, self.n_scenarios))
        fits = [self.recalibrated(self.weight, (u[self.scenario] < self.probability).astype(float)) for u in uniform]
        return np.asarray(np.quantile(fits, (0.05, 0.95), axis=0))


def _isotonic(heavy: Array, share: Array) -> Array:
    """(P,) rising means from weights (P,) and weighted sums (P,); between those with weight, a straight line."""
    from scipy.optimize import isotonic_regression  # noqa: PLC0415  (a third of a second, and only needed here)

    present = np.flatnonzero(heavy > 0)
    solved = isotonic_regression(share[present] / heavy[present], weights=heavy[present]).x
    return np.asarray(np.interp(np.arange(len(heavy)), present, solved))


def _figure(parts: tuple[float, ...], again: Array | None, part: int, n: int) -> Figure:
    if again is None:
        return Figure(parts[part], None, n)
    low, high = np.quantile(again[:, part], (0.05, 0.95))
    return Figure(parts[part], (float(low), float(high)), n)
