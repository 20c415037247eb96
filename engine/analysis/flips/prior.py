"""The stated prior of a scenario, moved up or down."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engine.analysis.flips.change import WITHIN_REASON, Crosses, Curve, Flip, edge_of, worth_trying
from engine.analysis.flips.scale import DRAWS, Scale
from engine.analysis.forecast import Forecast
from engine.belief.likelihood import believed_on_the_day
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.states import IntArray
from engine.belief.third_party import value_and_gradient
from engine.probability import Array, decibans, expit, log1mexp, logit, odds

_WIDEST = 4.0
"""Of the log hazard or log median: the search for a prior ends here."""


def priors(scale: Scale, crosses: Crosses) -> Iterator[Flip]:
    """The stated prior moved up or down.

    Hazard ratios of its drivers, and baselines of the scenarios it drives, are kept as they were solved: a driver stated
    as a probability would, on running again, get another hazard ratio, and lead a little elsewhere.
    """
    network, name = scale.network, scale.network.ids[scale.position]
    quantity = network.scenarios[scale.position].prior.quantity
    belief, stated = _curves(scale)
    was = stated(0.0)
    ends = [
        edge_of(lambda x: abs(_db(was, stated(x))), lambda db: db > WITHIN_REASON - 0.05, end)
        for end in (_WIDEST, -_WIDEST)
    ]
    for moved in sorted({one for end in ends for one in worth_trying(belief, crosses, end)}):
        now = stated(moved)
        stating = (f"{was:.3g}", f"{now:.3g}")
        if quantity:
            stating = (_median(quantity.median), _median(quantity.median * math.exp(moved)))
        yield Flip("prior", name, *stating, abs(_db(was, now)), belief(moved))


def belief_by_prior(forecast: Forecast, scenario: str, points: int = 41) -> tuple[Array, Array]:
    """The belief in a scenario for stated priors from far below its own to far above: two rising rows of probabilities.

    On the run's own draws, with all that was said; nothing for what is resolved.
    """
    position = forecast.posterior.network.position(scenario)
    if position in forecast.posterior.network.known:
        return np.zeros(0), np.zeros(0)
    scale = Scale.of(forecast, position)
    belief, stated = _curves(scale)
    moves = np.linspace(-0.75 * _WIDEST, 0.75 * _WIDEST, points).tolist()
    return np.array([stated(moved) for moved in moves]), np.array([belief(moved) for moved in moves])


def _curves(scale: Scale) -> tuple[Curve, Curve]:
    """Belief and stated prior, as functions of how far the log hazard or the log median is moved."""
    quantity = scale.network.scenarios[scale.position].prior.quantity
    return _of_quantity(scale) if quantity else _of_hazard(scale)


def _median(value: float) -> str:
    return f"median {float(f'{value:.4g}'):,.10g}"


def _db(before: float, after: float) -> float:
    return float(decibans(odds(before), odds(after)))


def _of_hazard(scale: Scale) -> tuple[Curve, Curve]:
    """Belief and stated prior, once the log hazard is moved."""
    network, own, prior = scale.network, scale.own, scale.forecast.prior
    scenario = network.scenarios[scale.position]
    before = prior.network
    first = np.flatnonzero(before.entries.scenario == scale.position)
    happens = before.entries.happens[first].astype(float)
    thinned = slice(None, None, max(1, prior.n // DRAWS))
    prior_theta, prior_entries = prior.theta.take(thinned), prior.belief.entries[thinned, first]

    def belief(moved: float) -> float:
        gained = _own_weight(network, scale.theta, own, moved) - _own_weight(network, scale.theta, own, 0.0)
        return scale.after_own(gained, _opinions(scale, moved) - _opinions(scale, 0.0))

    def marginal(moved: float) -> float:
        gained = _own_weight(before, prior_theta, first, moved) - _own_weight(before, prior_theta, first, 0.0)
        return float((prior_entries * np.exp(gained) @ happens).mean())

    base, said = marginal(0.0), scenario.prior_probability
    assert said is not None  # noqa: S101  (every prior states a probability, one way or another)
    return belief, lambda moved: float(expit(logit(said) + logit(marginal(moved)) - logit(base)))


def _own_weight(network: Network, theta: Parameters, entries: IntArray, moved: float) -> Array:
    """(n, entries) log P(outcome, nothing seen so far | drivers), the log hazard moved by so much."""
    table, w = network.entries, network.entry_elapsed[entries]
    log_hazard = theta.log_hazard[:, table.scenario[entries]] + theta.log_hazard_ratio @ table.drivers[entries].T
    H = np.clip(np.exp(log_hazard + moved), 1e-290, 700.0)
    return np.where(table.happens[entries], log1mexp(H * (1 - w)) - H * w, -H)


def _opinions(scale: Scale, moved: float) -> Array:
    """(n,) log likelihood of other people's forecasts, the scenario's log hazard moved by so much."""
    if not scale.network.readings.opinions:
        return np.zeros(len(scale.theta))
    log_hazard = scale.theta.log_hazard.copy()
    log_hazard[:, scale.position] += moved
    believed = believed_on_the_day(scale.network, replace(scale.theta, log_hazard=log_hazard))
    return np.asarray(value_and_gradient(scale.network.readings, believed)[0].sum(axis=1))


def _of_quantity(scale: Scale) -> tuple[Curve, Curve]:
    """Belief and prior probability, once the log median of the peak is moved; numbers pin the peak, so it stays put.

    A forecast of it read the belief of its day, which is taken to move as this one does before anybody forecasts.
    """
    base, leaning, place = scale.network.baselines, scale.network.leaning, scale.position
    quantity = scale.network.scenarios[place].prior.quantity
    assert quantity is not None  # noqa: S101  (asked only of quantities)
    column = scale.network.measurements.quantities.tolist().index(place)
    sd = base.log_peak_sd[place]
    z = (scale.theta.log_peak[:, column] - base.log_peak[place]) / sd
    nothing = np.zeros((1, len(scale.own)))

    def belief(moved: float) -> float:
        alone = scale.after_own(nothing, moved / sd * z - (moved / sd) ** 2 / 2)
        higher = float(logit(alone) - logit(scale.now))
        return float(expit(logit(alone) + leaning.pull(place, higher) - leaning.pull(place)))

    def stated(moved: float) -> float:
        return quantity.model_copy(update={"median": quantity.median * math.exp(moved)}).probability

    return belief, stated
