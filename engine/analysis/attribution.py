"""How a belief came from its prior to where it stands: a bar for everything that moved it, in decibans.

The bars do not depend on an order. What moves a belief are its players: time, each witness, the numbers,
the rest of the network, other people's forecasts. A coalition of players has a value: the log odds of the
scenario had only they been heard. A bar is the Shapley value (Shapley 1953; Lundberg & Lee 2017): what a
player adds, averaged over all orders in which they could have been heard.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from engine.analysis.coalitions import DB, Ground, Kind, Pieces, players, subsets_of
from engine.belief.draws import interval
from engine.belief.posterior import Posterior
from engine.belief.states import BoolArray
from engine.belief.witnesses import Witness
from engine.probability import Array, decibans, odds

EXACT_UP_TO = 12
"""Witnesses of one scenario for which every coalition is gone through."""
_PERMUTATIONS = 200
"""Half of them drawn, half the same backwards (antithetic: Mitchell et al. 2022)."""
_SETTLED = 20.0
"""Decibans beyond which a draw of a quantity has settled the matter."""
_SEED = 1953


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
    values, errors = _shapley(pieces.every_value()) if exact else _sampled(pieces)
    remainder = found.shift - float(values.sum())
    size = float(np.abs(values).sum())
    if size > 0:
        values = values + remainder * np.abs(values) / size
    spread = _within_draws(pieces)
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


def _shapley(values: Array) -> tuple[Array, Array]:
    """(P,) Shapley values of all P players from the values of all coalitions (2,) * P + (...); and no error."""
    n = values.ndim
    if n == 0:
        return np.zeros(0), np.zeros(0)
    size = np.indices((2,) * (n - 1)).sum(axis=0) if n > 1 else np.zeros((), dtype=np.int64)
    weight = np.array([1 / (n * math.comb(n - 1, k)) for k in range(n)])[size]
    gains = (np.take(values, 1, axis=p) - np.take(values, 0, axis=p) for p in range(n))
    return np.array([float((weight * gain).sum()) for gain in gains]), np.zeros(n)


def _sampled(pieces: Pieces) -> tuple[Array, Array]:
    """Shapley values from orders drawn at random with their reverses, and the standard error of each."""
    n, n_groups = pieces.n_players, len(pieces.groups)
    rng = np.random.default_rng(_SEED)
    orders = [one for order in (rng.permutation(n) for _ in range(_PERMUTATIONS // 2)) for one in (order, order[::-1])]
    heard = np.zeros((len(orders), n + 1, n), dtype=bool)
    for row, order in enumerate(orders):
        for step, player in enumerate(order):
            heard[row, step + 1 :, player] = True
    flat = heard.reshape(-1, n)
    kinds, kind_of = np.unique(flat[:, n_groups:], axis=0, return_inverse=True)
    of_groups = flat[:, :n_groups] @ (1 << np.arange(n_groups))
    value = pieces.values(kinds)[kind_of.reshape(-1), of_groups].reshape(len(orders), n + 1)
    gains = np.empty((len(orders), n))
    for row, order in enumerate(orders):
        gains[row, order] = [after - before for before, after in pairwise(value[row].tolist())]
    pairs = gains.reshape(-1, 2, n).mean(axis=1)
    return pairs.mean(axis=0), pairs.std(axis=0, ddof=1) / math.sqrt(len(pairs))


def _within_draws(pieces: Pieces) -> Array:
    """(posterior draws, players) how far each player pulls in every draw, in decibans.

    Within a draw log odds add up over indicators; the witnesses of one indicator share its pull by
    Shapley, and so do time and network theirs. What acts on theta alone shows where the draw starts from.
    """
    n, groups = pieces.n_posterior, pieces.groups
    log_odds = DB * (pieces.log_weight[:, 1, :n] - pieces.log_weight[:, 0, :n])
    pulls = np.zeros((n, pieces.n_players))
    for player, kind in enumerate(groups):
        if kind in ("numbers", "forecasts"):
            pulls[:, player] = np.clip(log_odds[0], -_SETTLED, _SETTLED)
            continue
        other = next((1 << bit for bit, also in enumerate(groups) if also in ("time", "network") and bit != player), 0)
        me = 1 << player
        pulls[:, player] = (log_odds[me] - log_odds[0] + log_odds[me | other] - log_odds[other]) / 2
    for witnesses, claim, no_claim, true, false in pieces.indicators:
        shares = _shares(claim[:, :n], no_claim[:, :n], true[:n], false[:n])
        pulls[:, len(groups) + witnesses] = shares.T
    return pulls


def _shares(claim: Array, no_claim: Array, true: Array, false: Array) -> Array:
    """(w, n) how the witnesses of one indicator share its pull in every draw, by Shapley; in decibans.

    Of more than eight, each gets its part of what its leaving out and its coming first add.
    """
    w = len(claim)

    def pull(heard: BoolArray) -> Array:
        c1, c0 = np.exp(heard @ claim), np.exp(heard @ no_claim)
        return DB * (np.log(c1 * true + c0 * (1 - true)) - np.log(c1 * false + c0 * (1 - false)))

    if w > 8:
        alone, without = pull(np.eye(w, dtype=bool)), pull(~np.eye(w, dtype=bool))
        return (alone + pull(np.ones((1, w), dtype=bool)) - without) / 2
    bits = subsets_of(w)
    value, size = pull(bits), bits.sum(axis=1)
    weight = np.array([1 / (w * math.comb(w - 1, k)) for k in range(w)])
    shares = np.empty((w, claim.shape[1]))
    for witness in range(w):
        out = np.flatnonzero(~bits[:, witness])
        shares[witness] = weight[size[out]] @ (value[out | 1 << witness] - value[out])
    return shares
