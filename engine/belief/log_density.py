"""The two log densities the PyMC model takes as operations: one draw of its unknowns, with the gradient."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from engine.belief import compiled
from engine.belief.compiled import Levels, Theta
from engine.belief.evidence import incidence
from engine.belief.network import Network
from engine.belief.parameters import expected
from engine.belief.relevancy import MEAN, Ratings
from engine.belief.third_party import value_and_gradient as of_opinions
from engine.probability import Array

type ValueAndGradient = Callable[..., tuple[float, Sequence[Array]]]


def evidence(network: Network) -> ValueAndGradient:
    """Log likelihood of all evidence, as a function of nine vectors, each of which may be empty.

    These are: log hazards of the scenarios whose probability is stated, yearly hazards of those with a base rate,
    log hazard ratios, the indicators' two logits, reliabilities, and of every quantity the log level, the headroom
    above it and the slip of plans.
    """
    base, shift, n_scenarios = network.baselines, network.baselines.shift, len(network.scenarios)
    stated, counted, measured = (np.flatnonzero(kind) for kind in (base.stated, base.counted, base.measured))
    weigh = of_theta(network)

    def value_and_gradient(*unknowns: Array) -> tuple[float, Sequence[Array]]:
        of_stated, hazard, ratio, if_true, if_false, reliability, level, headroom, slip = unknowns
        of_measured, threshold_slope = compiled.thresholds(level + headroom)
        log_hazard = np.empty(n_scenarios)
        log_hazard[stated] = of_stated
        log_hazard[counted] = np.log(hazard) + shift[counted]
        log_hazard[measured] = of_measured + shift[measured]
        theta = Theta(log_hazard, ratio, if_true, if_false, reliability)
        value, by_theta, by_levels = weigh(theta, Levels(level + headroom, headroom, slip))
        by_peak = by_theta.log_hazard[measured] * threshold_slope + by_levels.peak
        by_hazard = by_theta.log_hazard[counted] / hazard
        return value, (
            by_theta.log_hazard[stated],
            by_hazard,
            *by_theta[1:],
            by_peak,
            by_peak + by_levels.headroom,
            by_levels.slip,
        )

    return value_and_gradient


def of_theta(network: Network) -> Callable[[Theta, Levels], tuple[float, Theta, Levels]]:
    """Log likelihood of all evidence as a function of theta, and its derivatives."""
    said, numbers = compiled.said_of(network), compiled.numbers_of(network.measurements)
    opinions = _opinions(network) if network.readings.opinions else None

    def value_and_gradient(theta: Theta, levels: Levels) -> tuple[float, Theta, Levels]:
        value, by_theta = compiled.of_reports(said, theta)
        of_numbers, by_levels, by_reliability = compiled.of_numbers(numbers, levels, theta.reliability)
        by_theta.reliability[:] += by_reliability
        if opinions is None:
            return value + of_numbers, by_theta, by_levels
        of_opinions, by_opinions = opinions(theta)
        return value + of_numbers + of_opinions, _sum(by_theta, by_opinions), by_levels

    return value_and_gradient


def _sum(one: Theta, other: Theta) -> Theta:
    return Theta(*(a + b for a, b in zip(one, other, strict=True)))


def _opinions(network: Network) -> Callable[[Theta], tuple[float, Theta]]:
    """Log likelihood of other people's forecasts, each read off the belief of its day, and its gradient."""
    found, measured = network.readings, network.baselines.measured
    rows_of = [np.flatnonzero(found.day_of == day) for day in range(len(network.earlier))]
    days = [
        (compiled.said_of(then), rows, incidence(found.scenario_of[rows], len(then.scenarios)))
        for then, rows in zip(network.earlier, rows_of, strict=True)
    ]
    prior_log_hazard = network.baselines.marginal_log_hazard

    def value_and_gradient(theta: Theta) -> tuple[float, Theta]:
        theta = theta._replace(log_hazard=np.where(measured, prior_log_hazard, theta.log_hazard))
        believed = np.empty(len(found.opinions))
        for said, rows, about in days:
            p = about @ compiled.belief(said, theta)
            believed[rows] = np.log(np.maximum(p, 1e-300)) - np.log(np.maximum(1 - p, 1e-300))
        by_scenario, slopes = of_opinions(found, believed[None, :])
        slope = slopes[0]
        total = Theta(*(np.zeros_like(part) for part in theta))
        for said, rows, about in days:
            total = _sum(total, compiled.through_belief(said, theta, slope[rows] @ about))
        total.log_hazard[measured] = 0.0
        return float(by_scenario.sum()), total

    return value_and_gradient


def of_ratings(ratings: Ratings) -> ValueAndGradient:
    """Log likelihood of the ratings, as a function of the latent relevancies (S,)."""
    scenario, lower, upper = ratings.cuts

    def value_and_gradient(relevancy: Array) -> tuple[float, Sequence[Array]]:
        value, slope = compiled.of_ratings(scenario, lower, upper, relevancy)
        return value, (slope,)

    return value_and_gradient


def compile_for(network: Network) -> None:
    """Have the loops compiled, and kept on disk, by taking one draw through them."""
    middle = [
        np.ascontiguousarray(column[0]) for column in vars(expected(network, np.zeros(len(network.scenarios)))).values()
    ]
    of_theta(network)(Theta(*middle[:5]), Levels(*middle[5:]))
    compiled.thresholds(middle[5])
    of_ratings(network.ratings)(np.full(len(network.scenarios), MEAN))
