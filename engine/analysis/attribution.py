"""How a belief came from its prior to where it stands: a bar for everything that moved it, in decibans.

The bars do not depend on an order. What moves a belief are its players: time, each witness, the numbers,
the rest of the network, other people's forecasts. A coalition of players has a value: the log odds of the
scenario had only they been heard. A bar is the Shapley value (Shapley 1953; Lundberg & Lee 2017): what a
player adds, averaged over all orders in which they could have been heard.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from engine.analysis import shapley
from engine.analysis.coalitions import Ground, players
from engine.analysis.pieces import Kind
from engine.analysis.within_draws import within_draws
from engine.belief.draws import interval
from engine.belief.posterior import Posterior
from engine.belief.witnesses import Witness
from engine.probability import Array, decibans, odds

EXACT_UP_TO = 12
"""Witnesses of one scenario for which every coalition is gone through."""


@dataclass(frozen=True)
class Bar:
    """How far one player moves the belief."""

    kind: Kind
    witness: Witness | None
    decibans: float
    interval: tuple[float, float]
    """Central 90 % over the posterior draws: how far the player would pull if the unknowns were known to be so.

    Its pull within each draw, moved so that the mean over the draws is the bar. Numbers and other people's
    forecasts pull on the unknowns themselves and not within a draw: theirs is the spread they leave
    in where the belief starts from, a draw that settles the matter counting as 20 dB (99 %).
    (0, 0) for a player that pulls in no draw.
    """
    error: float
    """Standard error in decibans of drawing orders at random; 0 where all were gone through."""


@dataclass(frozen=True)
class Waterfall:
    """From the stated prior to the posterior of one scenario; the bars add up to `shift`."""

    scenario: str
    prior: float
    posterior: float
    bars: tuple[Bar, ...]
    """time, network, numbers, forecasts as far as there are any, then the witnesses, largest bar first."""
    exact: bool
    """Whether every coalition was gone through; else orders were drawn, and every bar has its error."""
    remainder: float
    """Decibans of Monte Carlo error between the mixture and the run, shared out in proportion to the bars."""

    @property
    def shift(self) -> float:
        """Decibans from prior to posterior; 0 for a scenario that is resolved."""
        if not 0 < self.posterior < 1:
            return 0.0
        return float(decibans(odds(self.prior), odds(self.posterior)))


def waterfall(posterior: Posterior, scenario: str) -> Waterfall:
    """What moved the belief in one scenario from its prior to where it stands.

    A resolved scenario is no belief any more: its bars are all 0.
    """
    (found,) = waterfalls(posterior, [scenario])
    return found


def waterfalls(posterior: Posterior, scenarios: Iterable[str]) -> list[Waterfall]:
    """The waterfalls of several scenarios of a run, for little more than the price of one."""
    ground = Ground(posterior)
    return [_waterfall(ground, scenario) for scenario in scenarios]


def _waterfall(ground: Ground, scenario: str) -> Waterfall:
    posterior, network = ground.posterior, ground.network
    position = network.position(scenario)
    moving = players(network, position)
    stated, now = network.scenarios[position].prior_probability, float(posterior.probability[position])
    assert stated is not None  # noqa: S101  (every prior states a probability, one way or another)
    found = Waterfall(scenario, stated, now, (), True, 0.0)
    if position in network.known or not 0 < now < 1:
        return replace(found, bars=tuple(Bar(*player, 0.0, (0.0, 0.0), 0.0) for player in moving))
    pieces = ground.about(position)
    exact = len(pieces.said.witnesses) <= EXACT_UP_TO
    values, errors = (
        shapley.exact(pieces.every_value()) if exact else shapley.sampled(pieces.n_players, pieces.some_values)
    )
    remainder = found.shift - float(values.sum())
    size = float(np.abs(values).sum())
    if size > 0:
        values = values + remainder * np.abs(values) / size
    spread = within_draws(pieces)
    spread = interval(spread - spread.mean(axis=0)) + values
    bars = [
        Bar(*player, float(value), _pair(spread[:, number]), float(errors[number]))
        for number, (player, value) in enumerate(zip(moving, values, strict=True))
    ]
    return replace(found, bars=tuple(sorted(bars, key=_rank)), exact=exact, remainder=remainder)


def _rank(bar: Bar) -> tuple[int, float, str, str]:
    if bar.witness is None:
        return ("time", "network", "numbers", "forecasts").index(bar.kind), 0.0, "", ""
    return 9, -abs(bar.decibans), bar.witness.indicator, bar.witness.source


def _pair(values: Array) -> tuple[float, float]:
    return float(values[0]), float(values[1])
