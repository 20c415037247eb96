"""Where to look for what other people's forecasts, or numbers, have pinned down.

Weights of draws from the prior would be uneven there; draws from a distribution fitted to prior and
evidence, a little wide, are weighted by prior over fit instead, and stay exact.
"""

from __future__ import annotations

import math

import numpy as np

from engine.belief.likelihood import believed_on_the_day
from engine.belief.measurements import Levels, read_numbers
from engine.belief.network import Network
from engine.belief.parameters import Guide, LevelGuide, Parameters, expected, guided_draws, level_log_prior
from engine.belief.states import IntArray
from engine.probability import Array

_STEPS = 20
_LONGEST = 1.0
"""Step of a log hazard: near certainty a logit grows as the hazard itself, and a bolder step overshoots for good."""
_NUDGE = 0.01
_WIDENING = 1.5
"""Towards small hazards the logit is flatter than where it was linearised, so that tail is longer than the fit's."""
_FITS, _FIT_DRAWS = 4, 2000
_SEED = 2004


def guide_of(network: Network) -> Guide:
    """The prior where nobody forecasts; elsewhere Gauss-Newton from the prior's middle."""
    n = len(network.scenarios)
    z, sd = np.zeros(n), np.ones(n)
    weights: dict[int, Array] = {}
    for _ in range(_STEPS if network.readings.opinions else 0):
        believed = _believed(network, z)
        slopes = (_believed(network, z + _NUDGE) - believed) / _NUDGE
        per_z = (network.baselines.log_hazard(z[None] + _NUDGE) - network.baselines.log_hazard(z[None]))[0] / _NUDGE
        for rows, precision in network.readings.precisions:
            scenario = int(network.readings.scenario_of[rows[0]])
            k = slopes[rows]
            weight = precision @ k
            information = 1 + float(k @ weight)
            aim = network.readings.logit[rows] - believed[rows] + k * z[scenario]
            step, longest = float(weight @ aim) / information - z[scenario], _LONGEST / max(per_z[scenario], 0.1)
            z[scenario] = np.clip(z[scenario] + np.clip(step, -longest, longest), -6, 6)
            weights[scenario] = weight / (information - 1) if information > 1 else 0 * weight
    for rows, precision in network.readings.precisions if weights else ():
        scenario = int(network.readings.scenario_of[rows[0]])
        own = float(weights[scenario] @ np.linalg.inv(precision) @ weights[scenario])
        spread = own + _spread(network, z, rows, weights[scenario])
        sd[scenario] = min(1.0, _WIDENING * math.sqrt(spread / (1 + spread)))
    return Guide(z, sd, _levels(network))


def _spread(network: Network, z: Array, rows: IntArray, weights: Array) -> float:
    """Variance of what the forecasts say of z, from all that is not known besides: drivers, claims, sources."""
    theta, _ = guided_draws(network, _FIT_DRAWS // 10, _SEED, Guide(z, np.full(len(z), 1e-9), prior_share=0.0))
    return float(np.var(believed_on_the_day(network, theta)[:, rows] @ weights))


def _levels(network: Network) -> tuple[LevelGuide, ...]:
    """For every quantity with numbers: fitted to weighted draws, over and over (Cappe et al. 2004)."""
    found, said = network.measurements, network.evidence
    if not found.numbers:
        return ()
    reliability = (said.reliability_a / (said.reliability_a + said.reliability_b))[None, :]
    return tuple(_level(network, quantity, reliability) for quantity in range(len(found.quantities)))


def _level(network: Network, quantity: int, reliability: Array) -> LevelGuide:
    base, found = network.baselines, network.measurements
    place = found.quantities[quantity]
    about = np.flatnonzero(found.quantity_of == quantity)
    rng = np.random.default_rng(_SEED)
    guide = LevelGuide(
        np.array([base.log_peak[place] - 1, 0.0, 0.0]), np.diag([base.log_peak_sd[place] + 1, 1.5, found.slip_sd])
    )
    for _ in range(_FITS):
        drawn, log_density = guide.draw(rng, _FIT_DRAWS)
        levels = Levels(*np.zeros((3, _FIT_DRAWS, len(found.quantities))))
        headroom = np.logaddexp(0, drawn[:, 1])
        levels.log_peak[:, quantity], levels.headroom[:, quantity] = drawn[:, 0] + headroom, headroom
        levels.slip[:, quantity] = drawn[:, 2]
        read = read_numbers(found, levels, np.repeat(reliability, _FIT_DRAWS, axis=0))
        said = read.value[:, about].sum(axis=1)
        log_weights = level_log_prior(network, quantity, drawn) + said - log_density
        weights = np.exp(log_weights - log_weights.max())
        weights /= weights.sum()
        centre = weights @ drawn
        apart = (drawn - centre) * np.sqrt(weights)[:, None]
        guide = LevelGuide(centre, _WIDENING * np.linalg.cholesky(apart.T @ apart + 1e-6 * np.eye(3)))
    return guide


def _believed(network: Network, z: Array) -> Array:
    """(F,) what each forecaster would have read, with every other unknown at its middle."""
    theta: Parameters = expected(network, z)
    return np.asarray(believed_on_the_day(network, theta)[0])
