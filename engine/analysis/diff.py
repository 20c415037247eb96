"""Which beliefs moved from one run to another, and what in the inputs moved them, in decibans.

How the parts are found, and why they sum to the whole, stands in `comparison/ways`. What is left between their sum and
the runs themselves is Monte Carlo error, theirs and the mixture's, and is told as such.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.analysis.comparison.between import Between
from engine.analysis.comparison.changes import Change, changes_between
from engine.analysis.comparison.side import Side
from engine.analysis.comparison.ways import Explained, explained_by
from engine.analysis.forecast import Forecast
from engine.belief.psis import TRUSTED_BELOW
from engine.probability import decibans, odds

MIN_DRAWS = 100
"""Effective draws below which a reweighting is not trusted."""


@dataclass(frozen=True)
class Cause:
    """What one change did to one belief, in decibans; or several that could only be made together."""

    changes: tuple[Change, ...]
    decibans: float


@dataclass(frozen=True)
class Moved:
    """One scenario in both runs."""

    scenario: str
    before: float
    after: float
    causes: tuple[Cause, ...]
    """The largest first; empty where they cannot be told apart, or where there is no shift to explain."""
    sampling: float
    """Decibans between what the changes explain and the runs themselves: Monte Carlo error."""
    pareto_k: float
    """The worst on the way; 0 where nothing was reweighed."""
    effective_draws: float
    """The fewest on the way."""

    @property
    def shift(self) -> float | None:
        """Decibans; None where either belief is certain."""
        if not (0 < self.before < 1 and 0 < self.after < 1):
            return None
        return float(decibans(odds(self.before), odds(self.after)))

    @property
    def trusted(self) -> bool:
        """Whether the draws bear the weights: else `causes` is empty, for no number is better than a wrong one."""
        return self.pareto_k < TRUSTED_BELOW and self.effective_draws >= MIN_DRAWS


@dataclass(frozen=True)
class Diff:
    """Two runs compared."""

    moved: tuple[Moved, ...]
    """Every scenario of both, the one that moved most first."""
    changes: tuple[Change, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]
    days: tuple[date, date]
    engines: tuple[str, str]
    """Engine, number of draws and seed of each run."""


def diff(before: Forecast, after: Forecast) -> Diff:
    """What moved each belief from one run to the other."""
    sides = Side.of(before), Side.of(after)
    changes = changes_between(*sides)
    names = [name for name in sides[1].scenarios if name in sides[0].scenarios]
    explained = explained_by(Between(*sides, changes), (before, after)) if changes and names else None
    moved = [_moved(name, (_probability(before, name), _probability(after, name)), explained) for name in names]
    return Diff(
        moved=tuple(sorted(moved, key=lambda one: (-abs(one.shift or 0.0), one.scenario))),
        changes=changes,
        only_before=tuple(sorted(sides[0].scenarios.keys() - sides[1].scenarios.keys())),
        only_after=tuple(sorted(sides[1].scenarios.keys() - sides[0].scenarios.keys())),
        days=(sides[0].as_of, sides[1].as_of),
        engines=(_engine(before), _engine(after)),
    )


def _engine(run: Forecast) -> str:
    return f"{run.posterior.engine}, {run.posterior.n:,} draws, seed {run.posterior.seed}"


def _moved(name: str, beliefs: tuple[float, float], explained: Explained | None) -> Moved:
    unexplained = Moved(name, *beliefs, (), 0.0, 0.0, np.inf)
    if explained is None:
        return replace(unexplained, sampling=unexplained.shift or 0.0)
    column = explained.names.index(name)
    found = replace(
        unexplained,
        pareto_k=float(explained.pareto_k[column]),
        effective_draws=float(explained.effective_draws[column]),
    )
    if found.shift is None or not found.trusted:
        return found
    parts = explained.decibans[:, column].tolist()
    causes = sorted(
        (Cause(bundle, part) for bundle, part in zip(explained.bundles, parts, strict=True)),
        key=lambda cause: (-abs(cause.decibans), cause.changes[0].key),
    )
    return replace(found, causes=tuple(causes), sampling=found.shift - sum(parts))


def _probability(run: Forecast, name: str) -> float:
    return float(run.posterior.probability[run.posterior.network.position(name)])
