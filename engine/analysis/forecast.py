"""One call from a project to everything a report shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from engine.analysis.explanation import Pull, pulls
from engine.analysis.levels import QuantityRead, quantities
from engine.analysis.outlook import Outlook, outlook
from engine.belief.draws import interval
from engine.belief.inference import Progress, infer, silent
from engine.belief.network import Network, build
from engine.belief.posterior import Posterior
from engine.belief.prior import Prior, prior_of
from engine.probability import Array
from engine.records.project import Project


@dataclass(frozen=True)
class Forecast:
    """A posterior with the questions asked of it."""

    project: Project
    prior: Prior
    posterior: Posterior
    outlook: Outlook
    pulls: tuple[Pull, ...]
    quantities: tuple[QuantityRead, ...] = ()
    without_opinions: Array | None = None
    """(S,) the probabilities had nobody else forecast; None where nobody did."""

    @cached_property
    def score(self) -> Array:
        """(S,) posterior probability x (relevancy - 1) / 4, in [0, 1], averaged over the draws."""
        return np.asarray(
            (self.posterior.belief.scenarios * (_on_scale(self.posterior.relevancy) - 1) / 4).mean(axis=0)
        )

    @cached_property
    def relevancy(self) -> tuple[Array, Array]:
        """(S,) mean relevancy, 1-5, and its central 90 % interval (2, S)."""
        relevancy = _on_scale(self.posterior.relevancy)
        return relevancy.mean(axis=0), interval(relevancy)

    @property
    def ranking(self) -> list[int]:
        """Positions of the scenarios, the highest score first."""
        score, ids = self.score, self.posterior.network.ids
        return sorted(range(len(ids)), key=lambda position: (-score[position], ids[position]))


def forecast(
    project: Project,
    as_of: date,
    engine: str = "nuts",
    draws: int = 4000,
    seed: int = 1,
    progress: Progress = silent,
) -> Forecast:
    """Posterior, outlook and pulls of every scenario open on `as_of`.

    The same project, day, engine, number of draws and seed give the same answer.
    """
    network = build(project, as_of)
    prior = prior_of(network)
    posterior = infer(network, engine, draws, seed, progress)
    return Forecast(
        project=project,
        prior=prior,
        posterior=posterior,
        outlook=outlook(posterior, prior),
        pulls=tuple(pulls(posterior)),
        quantities=tuple(quantities(posterior)),
        without_opinions=_without_opinions(network, draws, seed),
    )


def _without_opinions(network: Network, draws: int, seed: int) -> Array | None:
    if not network.readings.opinions:
        return None
    return infer(network.without_opinions(), "importance", draws, seed).probability


def _on_scale(relevancy: Array) -> Array:
    return np.clip(relevancy, 1, 5)
