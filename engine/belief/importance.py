"""The quick engine: draws from the prior, weighted by what the reports say of them, Pareto-smoothed.

It needs no compiler. It is good because one yes-or-no outcome says little about theta, so that
prior and posterior lie close together; the Pareto shape k tells when that fails.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.belief import relevancy
from engine.belief.likelihood import Belief, believe
from engine.belief.network import Network
from engine.belief.parameters import Parameters, prior_draws
from engine.belief.psis import smooth
from engine.probability import Array, latin_hypercube

OVERSAMPLING = 2
"""Prior draws for each draw kept."""
_BATCH_FLOATS = 4_000_000


@dataclass(frozen=True)
class Weighted:
    """Equally weighted draws, with what is known of the weights they were chosen by."""

    theta: Parameters
    relevancy: Array
    belief: Belief
    probability: Array
    """(S,) from all weighted draws, a little more exact than the chosen ones."""
    pareto_k: float
    ess: float
    """Effective number of the weighted draws."""


def weigh(network: Network, draws: int, seed: int) -> Weighted:
    """`draws` equally weighted draws from the posterior, by importance sampling from the prior."""
    theta = prior_draws(network, OVERSAMPLING * draws, seed)
    belief = believe_in_batches(network, theta)
    log_weights, k = smooth(belief.log_likelihood)
    weights = np.exp(log_weights)
    rng = np.random.default_rng([seed, 1])
    chosen = rng.permutation(systematic(weights, draws, float(rng.random())))
    u = latin_hypercube(rng, draws, len(network.scenarios))
    return Weighted(
        theta=theta.take(chosen),
        relevancy=relevancy.draws(network.ratings, len(network.scenarios), u),
        belief=Belief(belief.log_likelihood[chosen], belief.entries[chosen], belief.scenarios[chosen]),
        probability=weights @ belief.scenarios,
        pareto_k=k,
        ess=float(1 / (weights**2).sum()),
    )


def systematic(weights: Array, n: int, offset: float) -> np.ndarray:
    """Positions of n draws chosen in proportion to `weights`: each is taken its share, rounded up or down."""
    return np.searchsorted(np.cumsum(weights) / weights.sum(), (np.arange(n) + offset) / n).clip(0, len(weights) - 1)


def believe_in_batches(network: Network, theta: Parameters) -> Belief:
    """The belief of every draw, in batches that keep the table of states small."""
    widest = max(len(group.states) for group in network.groups)
    size = max(1, _BATCH_FLOATS // widest)
    parts = [believe(network, theta.take(slice(start, start + size))) for start in range(0, len(theta), size)]
    if len(parts) == 1:
        return parts[0]
    return Belief(
        np.concatenate([part.log_likelihood for part in parts]),
        np.concatenate([part.entries for part in parts]),
        np.concatenate([part.scenarios for part in parts]),
    )
