"""The continuous unknowns, theta: many draws of them, from the prior or a posterior."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
from scipy.special import log_expit

from engine.belief.baselines import threshold_log_hazard
from engine.belief.network import Network
from engine.probability import Array, latin_hypercube, ndtri


def _none() -> Array:
    return np.zeros((0, 0))


@dataclass(frozen=True)
class Parameters:
    """n draws of every unknown the evidence bears on; the last three only where a scenario is about a quantity."""

    log_hazard: Array
    """(n, S) log cumulative hazard over the prior's window, no driver having happened."""
    log_hazard_ratio: Array
    """(n, E)"""
    logit_if_true: Array
    """(n, K)"""
    logit_if_false: Array
    """(n, K)"""
    reliability: Array
    """(n, I) 0 a coin, 1 always right."""
    log_peak: Array = field(default_factory=_none)
    """(n, Q) log of the peak value by the deadline, from the threshold."""
    headroom: Array = field(default_factory=_none)
    """(n, Q) how far the log level now lies below the peak, >= 0."""
    slip: Array = field(default_factory=_none)
    """(n, Q) how far log plans miss the peak."""

    def __post_init__(self) -> None:
        """What is left out has no columns."""
        for name in ("log_peak", "headroom", "slip"):
            if len(getattr(self, name)) != len(self):
                object.__setattr__(self, name, np.zeros((len(self), 0)))

    def __len__(self) -> int:
        return len(self.log_hazard)

    def take(self, draws: np.ndarray | slice) -> Parameters:
        """Some of the draws."""
        return Parameters(*(getattr(self, one.name)[draws] for one in fields(self)))

    def about(self, indicator: int) -> Parameters:
        """The same draws, with the likelihoods of one indicator only."""
        return replace(
            self,
            logit_if_true=self.logit_if_true[:, [indicator]],
            logit_if_false=self.logit_if_false[:, [indicator]],
        )


PRIOR_SHARE = 0.3
"""Share of draws taken from the prior all the same, so that no weight runs away' (Hesterberg 1995)."""


@dataclass(frozen=True)
class LevelGuide:
    """A multivariate t from which to draw (log level, log(exp(headroom) - 1), slip) of a quantity."""

    centre: Array
    """(3,)"""
    root: Array
    """(3, 3) lower Cholesky factor of its scale."""

    def draw(self, rng: np.random.Generator, n: int) -> tuple[Array, Array]:
        """n draws (n, 3), and the log density of each up to a constant."""
        normal = rng.standard_normal((n, 3))
        stretch = np.sqrt(_T_DF / rng.chisquare(_T_DF, (n, 1)))
        log_density = -(_T_DF + 3) / 2 * np.log1p(((normal * stretch) ** 2).sum(axis=1) / _T_DF)
        return self.centre + (normal * stretch) @ self.root.T, log_density - np.log(np.diag(self.root)).sum()


_T_DF = 5.0
"""Heavier tails than a normal's, so that no weight runs away."""


@dataclass(frozen=True)
class Guide:
    """Where to draw instead of from the prior: a normal for each standard log hazard (S,), and for quantities."""

    mean: Array
    sd: Array
    levels: tuple[LevelGuide, ...] = ()
    """(Q,) or none, for the prior."""
    prior_share: float = PRIOR_SHARE
    """Share of draws of a guided hazard that come from the prior all the same."""


def prior_draws(network: Network, n: int, seed: int) -> Parameters:
    """n draws from the prior, each unknown evenly spread over its distribution (Latin hypercube)."""
    nowhere = np.zeros(len(network.scenarios))
    return guided_draws(network, n, seed, Guide(nowhere, nowhere + 1))[0]


def guided_draws(network: Network, n: int, seed: int, guide: Guide) -> tuple[Parameters, Array]:
    """Draws of what is guided from the guide, else from the prior; and log prior / guide by scenario (n, S)."""
    said, effects, base, found = network.evidence, network.effects, network.baselines, network.measurements
    sizes = [len(network.scenarios), len(effects.mean), *[len(said.indicators)] * 2]
    rng = np.random.default_rng(seed)
    standard = ndtri(latin_hypercube(rng, n, sum(sizes)))
    own, ratio, true, false = np.split(standard, np.cumsum(sizes)[:-1], axis=1)
    z, log_ratio = _guided(rng, own, guide)
    sd = network.assumptions.likelihood_sd
    log_hazard = base.log_hazard(z)
    log_peak = (base.log_peak + base.log_peak_sd * z)[:, found.quantities]
    headroom = rng.exponential(1.0, log_peak.shape)
    slip = found.slip_sd * rng.standard_normal(log_peak.shape)
    for q, level in enumerate(guide.levels):
        place = found.quantities[q]
        drawn, log_density = level.draw(rng, n)
        log_ratio[:, place] = level_log_prior(network, q, drawn) - log_density
        headroom[:, q], slip[:, q] = np.logaddexp(0, drawn[:, 1]), drawn[:, 2]
        log_peak[:, q] = drawn[:, 0] + headroom[:, q]
        log_hazard[:, place] = threshold_log_hazard(log_peak[:, q]) + base.shift[place]
    theta = Parameters(
        log_hazard=log_hazard,
        log_hazard_ratio=effects.mean + effects.sd * ratio,
        logit_if_true=said.logit_if_true + sd * true,
        logit_if_false=said.logit_if_false + sd * false,
        reliability=rng.beta(said.reliability_a, said.reliability_b, (n, len(said.sources))),
        log_peak=log_peak,
        headroom=headroom,
        slip=slip,
    )
    return theta, log_ratio


def _guided(rng: np.random.Generator, own: Array, guide: Guide) -> tuple[Array, Array]:
    """Standard log hazards (n, S), most of them moved to where the guide says, and log prior / mixture of each."""
    z, log_ratio = own.copy(), np.zeros_like(own)
    for s in np.flatnonzero((guide.mean != 0) | (guide.sd != 1)):
        mean, sd, share = guide.mean[s], guide.sd[s], guide.prior_share
        z[:, s] = x = np.where(rng.random(len(own)) < share, own[:, s], mean + sd * own[:, s])
        mixture = share * np.exp(-(x**2) / 2) + (1 - share) / sd * np.exp(-(((x - mean) / sd) ** 2) / 2)
        log_ratio[:, s] = -(x**2) / 2 - np.log(np.maximum(mixture, 1e-300))
    return z, log_ratio


def level_log_prior(network: Network, quantity: int, drawn: Array) -> Array:
    """(n,) log prior, up to a constant, of (log level, log(exp(headroom) - 1), slip) of one quantity."""
    base, found = network.baselines, network.measurements
    place = found.quantities[quantity]
    headroom = np.logaddexp(0, drawn[:, 1])
    peak = (drawn[:, 0] + headroom - base.log_peak[place]) / base.log_peak_sd[place]
    return np.asarray(-(peak**2) / 2 - headroom + log_expit(drawn[:, 1]) - (drawn[:, 2] / found.slip_sd) ** 2 / 2)


def expected(network: Network, z: Array) -> Parameters:
    """One draw with every unknown at its middle, but the standard log hazards at z (S,)."""
    said, base, found = network.evidence, network.baselines, network.measurements
    n_quantities = len(found.quantities)
    return Parameters(
        log_hazard=base.log_hazard(z[None, :]),
        log_hazard_ratio=network.effects.mean[None, :],
        logit_if_true=said.logit_if_true[None, :],
        logit_if_false=said.logit_if_false[None, :],
        reliability=(said.reliability_a / (said.reliability_a + said.reliability_b))[None, :],
        log_peak=(base.log_peak + base.log_peak_sd * z)[None, found.quantities],
        headroom=np.ones((1, n_quantities)),
        slip=np.zeros((1, n_quantities)),
    )
