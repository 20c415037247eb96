"""Whether a belief hangs on its prior or on the evidence: power-scaling (Kallioinen, Paananen, Buerkner & Vehtari 2024).

A prior raised to a power above 1 is held more firmly, a likelihood is counted more often. The belief is a chance of one
outcome, so prior and likelihood are taken of the outcome together with the unknowns: the prior of a scenario is that
of its hazard and of its coming true, drivers included; the likelihood is all that was said, counted and
seen in its block, time passing among it. Each draw stands for both outcomes at their weights,
so that nothing is drawn again. A threshold on a quantity has the prior of its peak alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.belief.blocks import blocks_of
from engine.belief.importance import believe_in_batches
from engine.belief.posterior import Posterior
from engine.probability import Array

type Reading = Literal["agree", "conflict", "compromise", "prior", "evidence", "neither"]

THRESHOLD = 0.05
"""Sensitivity from which on it counts (Kallioinen et al. 2024)."""
FIRMER = 1.25
"""The power whose belief is shown: a quarter more."""
_ALPHAS = 0.99, 1.01
"""Powers between which sensitivity is the slope, as in ArviZ."""
_DRAWS = 2000
_EDGE = 1e-16


@dataclass(frozen=True)
class Sensitivity:
    """How far one belief follows its prior, and how far the evidence."""

    scenario: str
    now: float
    prior_interval: tuple[float, float]
    """Central 90 % of the prior."""
    prior: float
    """Cumulative Jensen-Shannon distance per doubling of the power."""
    evidence: float
    prior_firmer: float
    """The belief were the prior held a quarter more firmly."""
    evidence_firmer: float
    """The belief did the evidence count a quarter more."""

    @property
    def reading(self) -> Reading:
        """agree: both count and pull the same way; else they pull apart. Or what alone counts.

        A conflict leads out of the 90 % interval the prior had for itself, a compromise stays within it: evidence mostly
        pulls away from a prior, and that alone is no reason to doubt either.
        """
        if self.prior < THRESHOLD:
            return "evidence" if self.evidence >= THRESHOLD else "neither"
        if self.evidence < THRESHOLD:
            return "prior"
        together = (self.prior_firmer > self.now) == (self.evidence_firmer > self.now)
        if together:
            return "agree"
        return "compromise" if self.prior_interval[0] <= self.now <= self.prior_interval[1] else "conflict"


def sensitivity(posterior: Posterior, scenario: str) -> Sensitivity:
    """How far the belief in one scenario follows its prior, and how far the evidence; 0 for what is resolved."""
    network = posterior.network
    position = network.position(scenario)
    now = float(posterior.probability[position])
    low, high = posterior.prior.interval[:, position].tolist()
    interval = low, high
    if position in network.known or not 0 < now < 1:
        return Sensitivity(scenario, now, interval, 0.0, 0.0, now, now)
    p, log_prior, log_likelihood = _in_two(posterior, position)
    base = float(p[1].mean())

    def scaled(log_density: Array, power: float) -> float:
        weight = p * np.exp((power - 1) * (log_density - log_density.max()))
        return float(weight[1].sum() / weight.sum())

    def slope(log_density: Array) -> float:
        return sum(distance(base, scaled(log_density, power)) / abs(math.log2(power)) for power in _ALPHAS) / len(
            _ALPHAS
        )

    def told(probability: float) -> float:
        """Of the thinned draws, as one of the run: moved as far in log odds."""
        log_odds = math.log(probability / (1 - probability)) - math.log(base / (1 - base)) + math.log(now / (1 - now))
        return 1 / (1 + math.exp(-log_odds))

    return Sensitivity(
        scenario=scenario,
        now=now,
        prior_interval=interval,
        prior=slope(log_prior),
        evidence=slope(log_likelihood),
        prior_firmer=told(scaled(log_prior, FIRMER)),
        evidence_firmer=told(scaled(log_likelihood, FIRMER)),
    )


def _in_two(posterior: Posterior, position: int) -> tuple[Array, Array, Array]:
    """For not happening and happening, (2, n) each: posterior probability, log prior and log likelihood."""
    network, before = posterior.network, posterior.network.before_reports()
    rows = np.unique(np.linspace(0, posterior.n - 1, min(posterior.n, _DRAWS)).astype(np.int64))
    theta = posterior.theta.take(rows)
    after = _both(posterior.belief.scenarios[rows, position])
    at_first = np.log(_both(believe_in_batches(before, theta).scenarios[:, position]))
    blocks = blocks_of(network)
    mine = blocks.of_group == blocks.of_scenario[position]
    said = posterior.belief.by_group[rows][:, mine].sum(axis=1)
    quantities = network.measurements.quantities.tolist()
    if position in quantities:
        column = quantities.index(position)
        base = network.baselines
        z = (theta.log_peak[:, column] - base.log_peak[position]) / base.log_peak_sd[position]
        log_prior = np.stack([-(z**2) / 2] * 2)
    else:
        log_prior = at_first - network.baselines.standard(theta.log_hazard)[:, position] ** 2 / 2
    return after, log_prior, said + np.log(after) - at_first


def _both(happens: Array) -> Array:
    """(2, n) chance of not happening and of happening."""
    p = np.clip(happens, _EDGE, 1 - _EDGE)
    return np.stack([1 - p, p])


def distance(p: float, q: float) -> float:
    """Cumulative Jensen-Shannon distance of two chances of one outcome, the larger of its two directions."""

    def one_way(a: float, b: float) -> float:
        middle = (a + b) / 2
        return math.sqrt(max(a * math.log2(a / middle) + b * math.log2(b / middle), 0.0) / (a + b))

    return max(one_way(p, q), one_way(1 - p, 1 - q))
