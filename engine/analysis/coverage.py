"""Whether intervals held what they should: outlooks against what had happened by then, quantities against their peak."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.analysis.figures import NOTHING, Figure, ratio
from engine.analysis.scores import crps_normal
from engine.belief.states import IntArray
from engine.probability import Z90, Array
from engine.records.scenario import Scenario


@dataclass(frozen=True)
class OutlookCheck:
    """Points of outlooks whose day has come and whose outcome is known."""

    n_points: int
    expected: Figure
    """Share expected to have happened: the mean probability."""
    low: float | None
    high: float | None
    """Mean ends of the 90 % intervals: what the outlooks allowed the share to be."""
    observed: Figure
    """Share that had happened by then."""


@dataclass(frozen=True)
class QuantityCheck:
    """Forecasts of the peak of a quantity whose peak is known."""

    n_beliefs: int
    covered: Figure
    """Share of the 90 % intervals that held the peak."""
    crps: Figure
    """In natural logs: 0.1 is about 10 % of the peak."""


def had_happened(scenario: Scenario, day: date) -> bool | None:
    """Whether it had happened by a day; None where nobody can say, or could say only of what happens.

    After its deadline nobody asks about a scenario that did not happen, so those that did say nothing there either.
    """
    resolution = scenario.resolution
    if resolution is None or day > scenario.deadline:
        return None
    return resolution.happened and resolution.on <= day


def outlook_check(points: Array, happened: Array, scenario: IntArray) -> OutlookCheck:
    """Points (N, 3) of probability, low and high, with outcomes (N,), of scenarios numbered from 0 (N,)."""
    if not len(points):
        return OutlookCheck(0, NOTHING, None, None, NOTHING)
    share = _mean_of_means
    _, low, high = (share(column, scenario).value for column in points.T)
    return OutlookCheck(len(points), share(points[:, 0], scenario), low, high, share(happened, scenario))


def quantity_check(peaks: Array, value: Array, scenario: IntArray) -> QuantityCheck:
    """Peaks (N, 3) of median, low and high, against the peak that came (N,), of scenarios numbered from 0 (N,).

    A forecast of a peak is lognormal, from its median and its 90 % interval.
    """
    if not len(peaks):
        return QuantityCheck(0, NOTHING, NOTHING)
    median, low, high = peaks.T
    held = ((low <= value) & (value <= high)).astype(float)
    sd = np.maximum(np.log(high / low) / (2 * Z90), 1e-9)
    crps = crps_normal(np.log(value), np.log(median), sd)
    return QuantityCheck(len(peaks), _mean_of_means(held, scenario), _mean_of_means(crps, scenario))


def _mean_of_means(values: Array, scenario: IntArray) -> Figure:
    """The mean over scenarios of the mean of each."""
    number = np.unique(scenario, return_inverse=True)[1]
    sums, counts = np.bincount(number, values), np.bincount(number)
    return ratio(sums / counts, np.ones(len(counts)))


def numbered(names: Sequence[str]) -> IntArray:
    """Each name as a number from 0."""
    return np.unique(np.asarray(names), return_inverse=True)[1].astype(np.int64)
