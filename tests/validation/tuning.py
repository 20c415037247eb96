"""How sigma and the correlation of other people's forecasts were set, from the two development sets.

A question with a wide prior and n forecasters is answered by exact integration (`exact`), so that a grid costs
seconds. Grid: sigma 0.2 ... 1.5, correlation 0.3 ... 0.9, spread of the prior's log hazard 1.5 and 2.
Criterion: the mean log score, over the two sets at equal weight, and over what one, two, four and all forecasters
of a question say (random subsets, the same for the whole grid). All forecasters alone tell only
tau^2 = sigma^2 (c + (1 - c)/n); it is the score of one against the score of many that parts sigma from c.
The base rate of a question leaves the question out. Standard errors are clustered by question.

Nothing finer than the grid's flat bottom is read off: the two sets pull apart (superforecasters want to be sharpened,
the professionals softened), so the choice is

1. among values within one standard error of the best on the pooled criterion,
2. the largest sigma with which the engine is worse than the best of mean, median and geometric mean of odds,
   chosen with hindsight for each set, by no more than about one standard error on either set,
3. rounded; the correlation where the score of one and of many forecasters agree best, and no lower than 0.45,
   below which ten experts would move more than two independent ones.

`halves` says what tuning is worth: chosen on one half of the questions, scored on the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.probability import Array, logit
from validation import exact
from validation.crowds import Question, base_rates, clusters, outcomes
from validation.scores import log_score, mean

SIGMAS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5)
CORRELATIONS = (0.3, 0.5, 0.6, 0.7, 0.8, 0.9)
SPREADS = (1.5, 2.0)
HEARD = (1, 2, 4, 1000)
"""How many forecasters of each question are listened to."""
_SUBSETS = 4
_TAUS = np.array([0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0])


@dataclass(frozen=True)
class Tried:
    """The log score of every question under every pair of constants."""

    names: list[str]
    by_heard: dict[int, Array]
    """Number of forecasters heard -> (sigmas, correlations, questions)."""

    @property
    def all_together(self) -> Array:
        """(sigmas, correlations, questions) averaged over how many are heard."""
        return np.mean([*self.by_heard.values()], axis=0)


def tried(questions: Sequence[Question], spread: float) -> Tried:
    """Every pair of the grid; between standard errors of the mean logit the score is interpolated."""
    y, rates = outcomes(questions), base_rates(questions)
    logits = [logit(question.forecasts) for question in questions]
    by_heard = {}
    for heard in HEARD:
        n = np.array([min(heard, len(x)) for x in logits])
        rng = np.random.default_rng(heard)
        curves = np.zeros((len(_TAUS), len(y)))
        subsets = 1 if heard >= max(map(len, logits)) else _SUBSETS
        for _ in range(subsets):
            middle = np.array([rng.choice(x, k, replace=False).mean() for x, k in zip(logits, n, strict=True)])
            for row, tau in enumerate(_TAUS):
                p = exact.posterior(middle, np.full(len(y), tau), rates, spread)
                curves[row] += log_score(p, y) / subsets
        by_heard[heard] = np.array(
            [[_read_off(curves, exact.tau(n, sigma, correlation)) for correlation in CORRELATIONS] for sigma in SIGMAS]
        )
    return Tried(clusters(questions), by_heard)


def _read_off(curves: Array, taus: Array) -> Array:
    return np.array([np.interp(np.log(t), np.log(_TAUS), curves[:, j]) for j, t in enumerate(taus)])


def best(sets: Sequence[Tried]) -> tuple[int, int]:
    """Where on the grid the mean over the sets is least."""
    score = np.mean([one.all_together.mean(axis=2) for one in sets], axis=0)
    return tuple(int(place) for place in np.unravel_index(score.argmin(), score.shape))  # type: ignore[return-value]


def behind(sets: Sequence[Tried], one: tuple[int, int], other: tuple[int, int]) -> tuple[float, float]:
    """How much worse `one` is than `other` over the sets at equal weight, and the standard error."""
    parts = [mean(each.all_together[one] - each.all_together[other], each.names) for each in sets]
    value = np.mean([part.value for part in parts])
    return float(value), float(np.sqrt(sum(part.error**2 for part in parts)) / len(parts))


def halves(sets: Sequence[Tried], fixed: tuple[int, int], times: int = 50) -> tuple[float, float, list[float]]:
    """Mean log score on the half not tuned on, of the tuned pair and of the fixed one; and the sigmas chosen."""
    rng = np.random.default_rng(1)
    tuned, kept, chosen = [], [], []
    for _ in range(times):
        near, far = [], []
        for one in sets:
            _, number = np.unique(one.names, return_inverse=True)
            half = rng.permutation(number.max() + 1) % 2 == 0
            near.append(one.all_together[:, :, half[number]].mean(axis=2))
            far.append(one.all_together[:, :, ~half[number]].mean(axis=2))
        score, elsewhere = np.mean(near, axis=0), np.mean(far, axis=0)
        place = np.unravel_index(score.argmin(), score.shape)
        tuned.append(elsewhere[place])
        kept.append(elsewhere[fixed])
        chosen.append(SIGMAS[place[0]])
    return float(np.mean(tuned)), float(np.mean(kept)), chosen
