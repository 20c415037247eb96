"""Whether a sampled answer can be trusted: R-hat, effective draws, Monte Carlo error (Vehtari et al. 2021).

The only module that imports ArviZ.
"""

from __future__ import annotations

from dataclasses import fields

import numpy as np
from arviz_stats.base import array_stats

from engine.belief.parameters import Parameters
from engine.probability import Array


def by_chain(draws: Array, n_chains: int) -> Array:
    """(n, width) -> (width, chains, draws of one chain)."""
    return np.moveaxis(draws.reshape(n_chains, len(draws) // n_chains, draws.shape[1]), -1, 0)


def max_rhat(theta: Parameters, probabilities: Array, n_chains: int) -> float:
    """The largest rank-normalised split R-hat of any unknown or probability."""
    columns = [getattr(theta, field.name) for field in fields(theta)]
    return float(max(array_stats.rhat(one) for one in _varying([*columns, probabilities], n_chains)))


def min_ess(probabilities: Array, n_chains: int) -> float:
    """The fewest effective draws, bulk or tail, behind any scenario's probability."""
    return float(
        min(
            (
                array_stats.ess(one, method=method, prob=prob)
                for one in _varying([probabilities], n_chains)
                for method, prob in (("bulk", None), ("tail", (0.05, 0.95)))
            ),
            default=len(probabilities),
        )
    )


def mcse(probabilities: Array, n_chains: int) -> Array:
    """(S,) Monte Carlo standard error of each mean; 0 where the probability is known."""
    chains = by_chain(probabilities, n_chains)
    return np.array([array_stats.mcse(one) if np.ptp(one) > 0 else 0.0 for one in chains])


def _varying(columns: list[Array], n_chains: int) -> list[Array]:
    return [one for column in columns for one in by_chain(column, n_chains) if np.ptp(one) > 0]
