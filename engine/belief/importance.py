"""The quick engine: draws from the prior, weighted by what the reports say of them, Pareto-smoothed.

It needs no compiler. It is good because one yes-or-no outcome says little about theta, so that
prior and posterior lie close together; the Pareto shape k tells when that fails.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields

import numpy as np

from engine.belief import relevancy
from engine.belief.blocks import blocks_of, compose, compose_belief
from engine.belief.guide import guide_of
from engine.belief.likelihood import Belief, believe
from engine.belief.network import Network
from engine.belief.parameters import Parameters, guided_draws
from engine.belief.psis import smooth
from engine.probability import Array, latin_hypercube

_BATCH_FLOATS = 1_000_000


@dataclass(frozen=True)
class Weighted:
    """Equally weighted draws, with what is known of the weights they were chosen by."""

    theta: Parameters
    relevancy: Array
    belief: Belief
    probability: Array
    """(S,) from all weighted draws, a little more exact than the chosen ones."""
    pareto_k: float
    """The largest of any block."""
    ess: float
    """Effective number of the weighted draws, of the block that has fewest."""


def weigh(network: Network, draws: int, seed: int) -> Weighted:
    """`draws` equally weighted draws from the posterior, by importance sampling from the prior, block by block."""
    theta, log_ratio = guided_draws(network, draws, seed, guide_of(network))
    belief = believe_in_batches(network, theta)
    blocks = blocks_of(network)
    evidence = belief.by_group + log_ratio @ network.in_group(np.arange(len(network.scenarios)))
    rng = np.random.default_rng([seed, 1])
    chosen, ks, sizes = [], [], []
    probability = np.empty(len(network.scenarios))
    for block in range(blocks.n):
        log_weights, k = smooth(evidence[:, blocks.of_group == block].sum(axis=1))
        weights = np.exp(log_weights)
        chosen.append(rng.permutation(systematic(weights, draws, float(rng.random()))))
        mine = blocks.of_scenario == block
        probability[mine] = weights @ belief.scenarios[:, mine]
        ks.append(k)
        sizes.append(float(1 / (weights**2).sum()))
    u = latin_hypercube(rng, draws, len(network.scenarios))
    return Weighted(
        theta=compose(network, blocks, chosen, theta),
        relevancy=relevancy.draws(network.ratings, len(network.scenarios), u),
        belief=compose_belief(network, blocks, chosen, belief),
        probability=probability,
        pareto_k=max(ks),
        ess=min(sizes),
    )


def systematic(weights: Array, n: int, offset: float) -> np.ndarray:
    """Positions of n draws chosen in proportion to `weights`: each is taken its share, rounded up or down."""
    return np.searchsorted(np.cumsum(weights) / weights.sum(), (np.arange(n) + offset) / n).clip(0, len(weights) - 1)


def believe_in_batches(network: Network, theta: Parameters) -> Belief:
    """The belief of every draw, in batches that keep the table of states small, two at a time."""
    widest = max(len(group.states) for group in network.groups)
    size = max(1, _BATCH_FLOATS // widest)
    starts = range(0, len(theta), size)
    if len(starts) == 1:
        return believe(network, theta)
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda start: believe(network, theta.take(slice(start, start + size))), starts))
    return Belief(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Belief)))
