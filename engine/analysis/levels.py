"""What the numbers say of a quantity: the level now, the peak to come, each source's bias."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.belief.draws import interval
from engine.belief.measurements import Levels, Number, read_numbers
from engine.belief.posterior import Posterior
from engine.belief.psis import smooth
from engine.probability import Array, decibans, odds
from engine.records.scenario import Quantity


@dataclass(frozen=True)
class Estimate:
    """A median and a central 90 % interval, in the quantity's unit."""

    median: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class NumberRead:
    """One number, how far it moves the belief, and how its source reads the level."""

    number: Number
    decibans: float
    without: float
    """The scenario's probability had it not been given."""
    bias: float
    """Factor by which the source's numbers run high; 1 for plans, which carry no bias of their own."""


@dataclass(frozen=True)
class QuantityRead:
    """Everything about one quantity."""

    scenario: str
    quantity: Quantity
    level: Estimate | None
    """The level now; None where nobody has given a number."""
    peak: Estimate
    numbers: tuple[NumberRead, ...]


def quantities(posterior: Posterior) -> list[QuantityRead]:
    """The quantities of a run, with each number's pull on the same draws."""
    network, theta = posterior.network, posterior.theta
    found = network.measurements
    levels = Levels(theta.log_peak, theta.headroom, theta.slip)
    read = read_numbers(found, levels, theta.reliability) if found.numbers else None
    result = []
    for q, place in enumerate(found.quantities):
        scenario = network.scenarios[place]
        assert scenario.prior.quantity is not None  # noqa: S101  (that is what makes it a quantity)
        numbers = []
        for m in np.flatnonzero(found.quantity_of == q):
            assert read is not None  # noqa: S101  (there is a number)
            without = _without(posterior.belief.scenarios[:, place], read.value[:, m])
            now = float(posterior.probability[place])
            pull = float(decibans(odds(without), odds(now))) if 0 < now < 1 else 0.0
            # a normal bias given its reading: its variance times the slope of the log likelihood
            bias = float((found.numbers[m].bias_sd ** 2 * read.by_mean[:, m]).mean())
            numbers.append(NumberRead(found.numbers[m], pull, without, float(np.exp(bias))))
        threshold, log_peak = scenario.prior.quantity.at_least, theta.log_peak[:, q]
        result.append(
            QuantityRead(
                scenario=scenario.id,
                quantity=scenario.prior.quantity,
                level=_estimate(threshold, log_peak - theta.headroom[:, q]) if numbers else None,
                peak=_estimate(threshold, log_peak),
                numbers=tuple(sorted(numbers, key=lambda one: (one.number.on, one.number.source, one.number.kind))),
            )
        )
    return result


def _without(probability: Array, log_likelihood: Array) -> float:
    """Mean probability had the evidence with this log likelihood (n,) not been there."""
    log_weights, _ = smooth(-log_likelihood)
    return float(np.exp(log_weights) @ probability)


def _estimate(threshold: float, logs: Array) -> Estimate:
    low, high = threshold * np.exp(interval(logs))
    return Estimate(float(threshold * np.exp(np.median(logs))), (float(low), float(high)))
