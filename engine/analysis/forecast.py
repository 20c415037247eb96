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
from engine.belief.hearing import build
from engine.belief.inference import Progress, infer, silent
from engine.belief.network import Network
from engine.belief.posterior import Posterior
from engine.belief.prior import Prior
from engine.probability import Array
from engine.records.project import Project


@dataclass(frozen=True)
class Forecast:
    """A posterior with the questions asked of it."""

    project: Project
    posterior: Posterior
    outlook: Outlook
    without_opinions: Array | None = None
    """(S,) the probabilities had nobody else forecast; None where nobody did."""

    @property
    def prior(self) -> Prior:
        """What would be believed had nothing been said, seen or resolved."""
        return self.posterior.prior

    @cached_property
    def pulls(self) -> tuple[Pull, ...]:
        """How far each witness moves the belief it speaks of, given all the others."""
        return tuple(pulls(self.posterior))

    @cached_property
    def quantities(self) -> tuple[QuantityRead, ...]:
        """Levels and peaks of the quantities, with the pull of each number."""
        return tuple(quantities(self.posterior))

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
    posterior = infer(network, engine, draws, seed, progress)
    return Forecast(
        project=project,
        posterior=posterior,
        outlook=outlook(posterior, posterior.prior),
        without_opinions=_without_opinions(network, draws, seed),
    )


def _without_opinions(network: Network, draws: int, seed: int) -> Array | None:
    if not network.opinions:
        return None
    return infer(network.without_opinions(), "importance", draws, seed).probability


def _on_scale(relevancy: Array) -> Array:
    return np.clip(relevancy, 1, 5)
