"""The continuous unknowns, theta: many draws of them, from the prior or a posterior."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from engine.belief.network import Network
from engine.probability import Array, latin_hypercube, ndtri


@dataclass(frozen=True)
class Parameters:
    """n draws of every unknown the reports bear on."""

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

    def __len__(self) -> int:
        return len(self.log_hazard)

    def take(self, draws: np.ndarray | slice) -> Parameters:
        """Some of the draws."""
        return Parameters(*(getattr(self, field.name)[draws] for field in fields(self)))

    def about(self, indicator: int) -> Parameters:
        """The same draws, with the likelihoods of one indicator only."""
        return replace(
            self,
            logit_if_true=self.logit_if_true[:, [indicator]],
            logit_if_false=self.logit_if_false[:, [indicator]],
        )


def prior_draws(network: Network, n: int, seed: int) -> Parameters:
    """n draws from the prior, each unknown evenly spread over its distribution (Latin hypercube)."""
    said, effects = network.evidence, network.effects
    sizes = [len(network.scenarios), len(effects.mean), *[len(said.indicators)] * 2]
    rng = np.random.default_rng(seed)
    u = latin_hypercube(rng, n, sum(sizes))
    hazard, ratio, true, false = np.split(u, np.cumsum(sizes)[:-1], axis=1)
    sd = network.assumptions.likelihood_sd
    return Parameters(
        log_hazard=network.baselines.log_hazard(ndtri(hazard)),
        log_hazard_ratio=effects.mean + effects.sd * ndtri(ratio),
        logit_if_true=said.logit_if_true + sd * ndtri(true),
        logit_if_false=said.logit_if_false + sd * ndtri(false),
        reliability=rng.beta(said.reliability_a, said.reliability_b, (n, len(said.sources))),
    )
