"""Whether beliefs move as much as they learn: the movement test (Augenblick & Rabin 2021).

For whoever updates as probability demands, the squared changes of a belief are expected to sum to the
uncertainty they remove, p (1 - p) at the start less p (1 - p) at the end, whatever the news and however fast
time passes. More movement than that is over-reaction, less is under-reaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.analysis.figures import Figure, mean, ratio
from engine.probability import Array

FEWEST_MOVES = 2
"""Beliefs that make a path."""
FEWEST_CHANGES = 5
"""Changes of a belief, a path, below which the rare large ones will be missing from most samples."""


@dataclass(frozen=True)
class Movement:
    """The test over several scenarios; each path counts as one draw."""

    ratio: Figure
    """Movement over uncertainty removed: 1 for an honest forecaster, more for one who over-reacts."""
    excess: Figure
    """Movement less uncertainty removed, a path: 0 for an honest forecaster."""
    changes: float
    """Changes of a belief, a path."""

    @property
    def verdict(self) -> str:
        """In words, by whether the interval of the excess holds 0."""
        if self.excess.interval is None:
            return "too few to say"
        if self.changes < FEWEST_CHANGES:
            return f"too few changes to say ({self.changes:.1f} a scenario)"
        low, high = self.excess.interval
        if low > 0:
            return "the beliefs over-react"
        if high < 0:
            return "the beliefs under-react"
        return "no sign that the beliefs over- or under-react"


def movement(paths: Sequence[Array]) -> Movement:
    """The test on the paths of beliefs, (T,) each; a path of one belief says nothing and is left out."""
    paths = [path for path in paths if len(path) >= FEWEST_MOVES]
    moved = np.array([moved_in(path) for path in paths])
    removed = np.array([removed_by(path) for path in paths])
    changes = sum(len(path) - 1 for path in paths) / max(len(paths), 1)
    return Movement(ratio(moved, removed), mean(moved - removed), changes)


def moved_in(path: Array) -> float:
    """Sum of the squared changes of a belief."""
    return float((np.diff(path) ** 2).sum())


def removed_by(path: Array) -> float:
    """Uncertainty p (1 - p) at the start less that at the end; below 0 where the belief has grown less certain."""
    return float(path[0] * (1 - path[0]) - path[-1] * (1 - path[-1]))
