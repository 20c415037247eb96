"""The answer to a run: equally weighted draws of every unknown, and what each makes of every scenario."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.belief.draws import Draws, interval
from engine.belief.prior import Prior, prior_of
from engine.probability import Array

ENGINES = ("nuts", "importance")


@dataclass(frozen=True)
class Diagnostics:
    """Whether the draws can be trusted, and why; None where a figure does not apply."""

    sound: bool
    message: str
    """What is wrong and what to do; or, when sound, what could not be checked; else empty."""
    max_rhat: float | None
    min_ess: float
    divergences: int | None
    pareto_k: float
    max_engine_gap: float | None
    """Largest difference of a scenario's probability between the two engines."""


@dataclass(frozen=True)
class Posterior(Draws):
    """Draws from the posterior of one network."""

    engine: str
    seed: int
    n_chains: int
    relevancy: Array
    """(n, S) latent relevancy, on 1-5."""
    mcse: Array
    """(S,) Monte Carlo standard error of each scenario's probability."""
    diagnostics: Diagnostics

    @cached_property
    def prior(self) -> Prior:
        """What would be believed had nothing been said, seen or resolved."""
        return prior_of(self.network)

    @cached_property
    def probability(self) -> Array:
        """(S,) posterior probability of each scenario: the mean over the draws."""
        return np.asarray(self.belief.scenarios.mean(axis=0))

    @cached_property
    def interval(self) -> Array:
        """(2, S) central 90 %: where the probability would lie, were every unknown of the model known."""
        return interval(self.belief.scenarios)
