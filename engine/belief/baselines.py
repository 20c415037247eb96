"""Prior of each scenario's hazard and of each driver's effect, before they are tied together.

A scenario's log cumulative hazard over its window is one of three functions of one standard
normal number: a stated probability with an interval, a base rate, or a threshold on a quantity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import gammainc

from engine.belief.assumptions import Assumptions
from engine.belief.states import BoolArray
from engine.probability import (
    Z90,
    Array,
    cloglog,
    from_hazard,
    log_gamma_quantile,
    log_ndtr,
    ndtr,
    ndtri,
    spread_of,
)
from engine.records.scenario import THRESHOLD_WIDTH, Driver, Scenario


@dataclass(frozen=True)
class Baselines:
    """How each scenario's log hazard follows from a standard normal number; all arrays (S,).

    `shift` is added to every log hazard; calibration moves it so that the stated
    probability stays the marginal, drivers included.
    """

    sd: Array
    """Spread of the log hazard, where a probability is stated; else nan."""
    shape: Array
    """Gamma shape of the yearly hazard, where a base rate is given; else nan."""
    rate: Array
    """Gamma rate of the cumulative hazard over the window; else nan."""
    log_peak: Array
    """Mean of the log peak of a quantity, over the threshold: log(median / at_least); else nan."""
    log_peak_sd: Array
    shift: Array

    @cached_property
    def stated(self) -> BoolArray:
        """(S,) whether a probability is stated."""
        return ~np.isnan(self.sd)

    @cached_property
    def counted(self) -> BoolArray:
        """(S,) whether a base rate is the prior."""
        return ~np.isnan(self.shape)

    @cached_property
    def measured(self) -> BoolArray:
        """(S,) whether a threshold on a quantity is the prior."""
        return ~np.isnan(self.log_peak)

    def log_hazard(self, z: Array) -> Array:
        """Log cumulative hazard over the window, shape (n, S), from standard normal z of that shape."""
        h = np.where(self.stated, self.sd * z, 0.0)
        if self.counted.any():
            c = self.counted
            h[:, c] = log_gamma_quantile(ndtr(z[:, c]), self.shape[c], self.rate[c])
        if self.measured.any():
            m = self.measured
            h[:, m] = threshold_log_hazard(self.log_peak[m] + self.log_peak_sd[m] * z[:, m])
        return h + self.shift

    @cached_property
    def marginal_log_hazard(self) -> Array:
        """(S,) log hazard of a quantity's prior chance to reach its threshold; nan elsewhere."""
        return cloglog(ndtr(self.log_peak / np.hypot(self.log_peak_sd, THRESHOLD_WIDTH))) + self.shift

    def standard(self, log_hazard: Array) -> Array:
        """The standard normal numbers behind log hazards (n, S): the inverse of `log_hazard`."""
        h = log_hazard - self.shift
        z = np.where(self.stated, h / self.sd, 0.0)
        if self.counted.any():
            c = self.counted
            z[:, c] = ndtri(gammainc(self.shape[c], np.exp(h[:, c]) * self.rate[c]))
        if self.measured.any():
            m = self.measured
            z[:, m] = (ndtri(from_hazard(h[:, m])) * THRESHOLD_WIDTH - self.log_peak[m]) / self.log_peak_sd[m]
        return np.clip(z, -8, 8)


def threshold_log_hazard(log_peak: Array) -> Array:
    """log H such that 1 - exp(-H) = Phi(log_peak / 0.1), for a log peak measured from the threshold."""
    x = log_peak / THRESHOLD_WIDTH
    below = np.minimum(x, -8.0)
    return np.asarray(np.where(x < -8.0, log_ndtr(below), np.log(-log_ndtr(-np.maximum(x, -8.0)))))


def baselines_of(scenarios: Sequence[Scenario], assumptions: Assumptions) -> Baselines:
    """The priors as they are written, not yet shifted."""
    nan = math.nan
    sd, shape, rate, peak, peak_sd = [], [], [], [], []
    for scenario in scenarios:
        prior = scenario.prior
        stated = prior.probability is not None
        counted, quantity = bool(prior.base_rate) and not stated, prior.quantity
        events, years = prior.rate_shape_and_years if counted else (nan, nan)
        sd.append((spread_of(prior.interval) if prior.interval else assumptions.log_hazard_sd) if stated else nan)
        shape.append(events)
        rate.append(years / scenario.window_years)
        peak.append(math.log(quantity.median / quantity.at_least) if quantity else nan)
        peak_sd.append(quantity.log_sd if quantity else nan)
    return Baselines(*map(np.array, (sd, shape, rate, peak, peak_sd, [0.0] * len(scenarios))))


@dataclass(frozen=True)
class Effects:
    """Prior of each driver's log hazard ratio; arrays (E,)."""

    mean: Array
    sd: Array
    if_occurs: Array
    """cloglog of the probability the driver should lead to, where that was stated; else nan."""


def effects_of(drivers: Sequence[Driver], assumptions: Assumptions) -> Effects:
    """Hazard ratios as they are written; those stated as a probability start at 1 and are solved for."""
    mean = [math.log(driver.hazard_ratio or 1.0) for driver in drivers]
    sd = [
        math.log(driver.interval[1] / driver.interval[0]) / (2 * Z90)
        if driver.interval
        else assumptions.log_hazard_ratio_sd
        for driver in drivers
    ]
    aim = [float(cloglog(q)) if (q := driver.probability_if_occurs) else math.nan for driver in drivers]
    return Effects(np.array(mean), np.array(sd), np.array(aim))
