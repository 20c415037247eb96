"""What was believed of one scenario, day after day, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.belief.states import BoolArray, IntArray
from engine.probability import Array
from engine.records.scenario import Scenario


@dataclass(frozen=True)
class Stream:
    """The beliefs of one scenario, the oldest first; arrays (T,)."""

    scenario: Scenario
    day: IntArray
    """The day each belief is about, as an ordinal; rising."""
    probability: Array
    references: Mapping[str, Array]
    """What else could have been said each day, by name; nan where it could not."""

    @cached_property
    def open(self) -> BoolArray:
        """(T,) the beliefs that were still forecasts: before it was settled, and not after the deadline."""
        resolution = self.scenario.resolution
        last = self.scenario.deadline.toordinal()
        return self.day <= (min(last, resolution.on.toordinal() - 1) if resolution else last)

    @property
    def scorable(self) -> bool:
        """Whether it is known what came of a forecast."""
        return self.scenario.resolution is not None and bool(self.open.any())

    @property
    def happened(self) -> float:
        """1 if it happened, 0 if not; only of a resolved scenario."""
        assert self.scenario.resolution is not None  # noqa: S101  (scorable streams are resolved)
        return float(self.scenario.resolution.happened)

    @cached_property
    def stands_for(self) -> Array:
        """(T,) days on which each belief was the newest one, up to the day the scenario was settled; 0 after it."""
        resolution = self.scenario.resolution
        end = self.scenario.deadline.toordinal() + 1
        end = min(end, resolution.on.toordinal()) if resolution else end
        until = np.minimum(np.append(self.day[1:], end), end)
        return np.where(self.open, until - self.day, 0).astype(float)
