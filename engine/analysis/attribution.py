"""How a belief came from its prior to where it stands: a bar for everything that moved it, in decibans.

The bars do not depend on an order. What moves a belief are its players: time, each witness, the numbers,
the rest of the network, other people's forecasts. A coalition of players has a value: the log odds of the
scenario had only they been heard. A bar is the Shapley value (Shapley 1953; Lundberg & Lee 2017): what a
player adds, averaged over all orders in which they could have been heard.

The value of a coalition is found by reweighting draws of the prior and of the run's posterior together, as one
mixture (Bennett 1976; Shirts & Chodera 2008). Prior draws alone fail where numbers pin a level down, posterior
draws alone where they are left out; in the mixture no weight runs away at either end.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

import numpy as np
from scipy.special import expit, logsumexp

from engine.belief.blocks import blocks_of
from engine.belief.draws import interval
from engine.belief.evidence import Evidence
from engine.belief.importance import believe_in_batches
from engine.belief.likelihood import believed_on_the_day, hear
from engine.belief.measurements import Levels, read_numbers
from engine.belief.network import Network
from engine.belief.parameters import Parameters, prior_draws
from engine.belief.posterior import Posterior
from engine.belief.states import BoolArray, IntArray
from engine.belief.third_party import value_and_gradient
from engine.belief.witnesses import Witness
from engine.probability import Array, decibans, odds, solve_rising

type Kind = Literal["time", "network", "numbers", "forecasts", "witness"]

EXACT_UP_TO = 12
"""Witnesses of one scenario for which every coalition is gone through."""
_MOST_DRAWS = 2000
"""Of the posterior, and as many of the prior."""
_PERMUTATIONS = 200
"""Half of them drawn, half the same backwards (antithetic: Mitchell et al. 2022)."""
_AT_ONCE = 256
"""Coalitions weighed together."""
_SETTLED = 20.0
"""Decibans beyond which a draw of a quantity has settled the matter."""
_SEED = 1953
_DB = 10 / math.log(10)


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
    network = posterior.network
    position = network.position(scenario)
    players = _players(network, position)
    stated, now = network.scenarios[position].prior_probability, float(posterior.probability[position])
    assert stated is not None  # noqa: S101  (every prior states a probability, one way or another)
    found = Waterfall(scenario, stated, now, (), True, 0.0)
    if position in network.known or not 0 < now < 1:
        return replace(found, bars=tuple(Bar(*player, 0.0, (0.0, 0.0), 0.0) for player in players))
    pieces = _pieces(posterior, position)
    exact = len(pieces.said.witnesses) <= EXACT_UP_TO
    values, errors = _shapley(_every_value(pieces)) if exact else _sampled(pieces)
    remainder = found.shift - float(values.sum())
    size = float(np.abs(values).sum())
    if size > 0:
        values = values + remainder * np.abs(values) / size
    spread = _within_draws(pieces)
    spread = interval(spread - spread.mean(axis=0)) + values
    bars = [
        Bar(*player, float(value), _pair(spread[:, number]), float(errors[number]))
        for number, (player, value) in enumerate(zip(players, values, strict=True))
    ]
    return replace(found, bars=tuple(sorted(bars, key=_rank)), exact=exact, remainder=remainder)


def _rank(bar: Bar) -> tuple[int, float, str, str]:
    if bar.witness is None:
        return ("time", "network", "numbers", "forecasts").index(bar.kind), 0.0, "", ""
    return 9, -abs(bar.decibans), bar.witness.indicator, bar.witness.source


def _pair(values: Array) -> tuple[float, float]:
    return float(values[0]), float(values[1])


def _players(network: Network, position: int) -> list[tuple[Kind, Witness | None]]:
    """Everything that may move the belief, groups first, in the order of the axes of a coalition."""
    groups: list[tuple[Kind, Witness | None]] = [(kind, None) for kind in _groups(network, position)]
    return groups + [("witness", witness) for witness in _own(network, position).witnesses]


def _groups(network: Network, position: int) -> list[Kind]:
    found = network.measurements
    has: dict[Kind, bool] = {
        "time": bool(network.elapsed[position] > 0),
        "network": _others_in_block(network, position).size > 0,
        "numbers": bool((found.quantities[found.quantity_of] == position).any()),
        "forecasts": bool((network.readings.scenario_of == position).any()),
    }
    return [kind for kind, there in has.items() if there]


def _own(network: Network, position: int) -> Evidence:
    """What is said of the scenario itself."""
    said = network.evidence
    return said.keep(said.scenario_of_indicator[said.indicator_of] == position)


def _others_in_block(network: Network, position: int) -> IntArray:
    """The other scenarios that can be felt in this one: through drivers, or through a source they share."""
    of = blocks_of(network).of_scenario
    return np.flatnonzero((of == of[position]) & (np.arange(len(of)) != position))


@dataclass(frozen=True)
class _Pieces:
    """What every coalition is put together from; n draws of the mixture, g groups of players."""

    groups: tuple[Kind, ...]
    said: Evidence
    """The witnesses of the scenario."""
    indicators: tuple[tuple[IntArray, Array, Array, Array, Array], ...]
    """For each indicator spoken of: its witnesses, log (1 + u rho) / 2 and log (1 + v rho) / 2 (w, n), P(claim | Z) (n,) twice."""
    log_weight: Array
    """(2^g, 2, n) log weight of not happening and of happening, with each set of groups and no witness."""
    n_posterior: int
    """The first so many draws are of the posterior."""

    @property
    def n_players(self) -> int:
        return len(self.groups) + len(self.said.witnesses)

    def said_by(self, heard: BoolArray) -> tuple[Array, Array]:
        """P(witnesses | Z=0) and P(witnesses | Z=1), each (c, n), for coalitions of witnesses (c, W)."""
        if_not = np.ones((len(heard), self.log_weight.shape[2]))
        if_happens = np.ones_like(if_not)
        for witnesses, claim, no_claim, true, false in self.indicators:
            kinds, kind_of = np.unique(heard[:, witnesses], axis=0, return_inverse=True)
            c1, c0 = np.exp(kinds @ claim), np.exp(kinds @ no_claim)
            if_happens *= (c1 * true + c0 * (1 - true))[kind_of.reshape(-1)]
            if_not *= (c1 * false + c0 * (1 - false))[kind_of.reshape(-1)]
        return if_not, if_happens

    def values(self, heard: BoolArray) -> Array:
        """(c, 2^g) log odds in decibans, for coalitions of witnesses (c, W) with every set of groups."""
        scaled = np.exp(self.log_weight - self.log_weight.max(axis=(1, 2), keepdims=True))
        parts = []
        for start in range(0, len(heard), _AT_ONCE):
            if_not, if_happens = self.said_by(heard[start : start + _AT_ONCE])
            parts.append(np.log(if_happens @ scaled[:, 1].T) - np.log(if_not @ scaled[:, 0].T))
        return _DB * np.concatenate(parts)


def _pieces(posterior: Posterior, position: int) -> _Pieces:
    network = posterior.network
    kept = np.unique(np.linspace(0, posterior.n - 1, min(posterior.n, _MOST_DRAWS)).astype(np.int64))
    theta = _joined(posterior.theta.take(kept), prior_draws(network, _MOST_DRAWS, _SEED))
    said, groups = _own(network, position), _groups(network, position)
    weight = _weigher(network, position, theta)
    heard = hear(said, theta)
    told = np.stack([(one @ said.of_scenario)[:, position] for one in (heard.if_not, heard.if_happens)])
    log_mixture = _log_mixture(logsumexp(weight(frozenset(groups)) + told, axis=0), len(kept))
    return _Pieces(
        groups=tuple(groups),
        said=said,
        indicators=tuple(_indicators(said, theta)),
        log_weight=np.stack([weight(chosen) for chosen in _subsets(groups)]) - log_mixture,
        n_posterior=len(kept),
    )


def _joined(one: Parameters, other: Parameters) -> Parameters:
    return Parameters(
        *(np.concatenate([getattr(one, name), getattr(other, name)]) for name in one.__dataclass_fields__)
    )


def _subsets(groups: list[Kind]) -> Iterator[frozenset[Kind]]:
    """Every set of groups; bit b of its number is group b."""
    for number in range(2 ** len(groups)):
        yield frozenset(kind for bit, kind in enumerate(groups) if number >> bit & 1)


def _weigher(network: Network, position: int, theta: Parameters) -> Callable[[frozenset[Kind]], Array]:
    """What gives the log weights (2, n) of not happening and of happening for a set of groups, before any witness."""
    inner = _by_time_and_network(network, position, theta)
    outer = _by_theta(network, position, theta)

    def weight(chosen: frozenset[Kind]) -> Array:
        return np.asarray(inner[chosen & {"time", "network"}] + sum(outer[kind] for kind in chosen & outer.keys()))

    return weight


def _by_time_and_network(network: Network, position: int, theta: Parameters) -> dict[frozenset[Kind], Array]:
    """Log weights (2, n) by the outcome, with time and the rest of the network heard or not."""
    said = network.evidence
    before = network.before_reports()
    muted = replace(
        network.without_opinions(),
        measurements=network.measurements.unheard(),
        evidence=said.keep(said.scenario_of_indicator[said.indicator_of] != position),
    )
    both = frozenset[Kind]({"time", "network"}).intersection(_groups(network, position))
    shown = {frozenset[Kind](): before, both: muted}
    if len(both) == 2:
        own = np.arange(len(network.ids)) == position
        shown[frozenset({"time"})] = replace(before, elapsed=np.where(own, network.elapsed, 0.0))
        shown[frozenset({"network"})] = replace(muted, elapsed=np.where(own, 0.0, network.elapsed))
    return {heard: _by_outcome(one, theta, position) for heard, one in shown.items()}


def _by_theta(network: Network, position: int, theta: Parameters) -> dict[Kind, Array]:
    """Log weights (n,) of what acts on the unknowns alone: numbers, forecasts, other groups of scenarios."""
    others = _others_in_block(network, position)
    found = network.measurements
    levels = Levels(theta.log_peak, theta.headroom, theta.slip)
    number = read_numbers(found, levels, theta.reliability).value if found.numbers else np.zeros((len(theta), 0))
    about = found.quantities[found.quantity_of]
    opinion, forecast_of = _opinions(network, theta)
    elsewhere = np.unique(network.group_of[others])
    elsewhere = elsewhere[elsewhere != network.group_of[position]]
    through_others = number[:, np.isin(about, others)].sum(axis=1) + opinion[:, np.isin(forecast_of, others)].sum(
        axis=1
    )
    if len(elsewhere):
        silent = replace(network.without_opinions(), measurements=found.unheard())
        through_others = through_others + believe_in_batches(silent, theta).by_group[:, elsewhere].sum(axis=1)
    return {
        "numbers": number[:, about == position].sum(axis=1),
        "forecasts": opinion[:, forecast_of == position].sum(axis=1),
        "network": through_others,
    }


def _by_outcome(network: Network, theta: Parameters, position: int) -> Array:
    """(2, n) log P(what the network has heard, outcome | theta), of not happening and of happening."""
    belief = believe_in_batches(network, theta)
    p = np.clip(belief.scenarios[:, position], 1e-16, 1 - 1e-16)
    return np.asarray(belief.by_group[:, network.group_of[position]] + np.log(np.stack([1 - p, p])))


def _opinions(network: Network, theta: Parameters) -> tuple[Array, IntArray]:
    """(n, scenarios forecast) log likelihood of other people's forecasts, and which scenarios those are."""
    found = network.readings
    if not found.opinions:
        return np.zeros((len(theta), 0)), np.zeros(0, dtype=np.int64)
    value, _ = value_and_gradient(found, believed_on_the_day(network, theta))
    return value, found.scenario_of[[rows[0] for rows, _ in found.precisions]]


def _log_mixture(log_likelihood: Array, n_posterior: int) -> Array:
    """(n,) log density of the mixture over the prior's, up to a constant; posterior draws come first.

    The evidence is where the mixture holds as many posterior draws as there are (Bennett 1976).
    """
    n_prior = len(log_likelihood) - n_posterior
    scaled = log_likelihood - log_likelihood[n_prior:].max() + math.log(n_posterior / n_prior)
    log_evidence = -solve_rising(lambda x: float(expit(scaled + x).mean()), n_posterior / len(scaled), -700.0, 700.0)
    return np.asarray(np.logaddexp(0.0, scaled - log_evidence))


def _indicators(said: Evidence, theta: Parameters) -> Iterator[tuple[IntArray, Array, Array, Array, Array]]:
    """How each witness of each indicator spoken of speaks, in every draw; see `_Pieces.indicators`."""
    rho = np.minimum(theta.reliability[:, said.source_of] * said.weight, 1 - 1e-12)
    u, v, halves = said.voices
    claim, no_claim = (np.log1p(u * rho) - halves).T, (np.log1p(v * rho) - halves).T
    for indicator in np.unique(said.indicator_of):
        mine = np.flatnonzero(said.indicator_of == indicator)
        true, false = expit(theta.logit_if_true[:, indicator]), expit(theta.logit_if_false[:, indicator])
        yield mine, claim[mine], no_claim[mine], true, false


def _bits(n: int) -> BoolArray:
    """(2^n, n) every subset of n; column b is bit b of the row's number."""
    return (np.arange(2**n)[:, None] >> np.arange(n) & 1).astype(bool)


def _every_value(pieces: _Pieces) -> Array:
    """(2,) * players values of all coalitions; axis p is 1 where player p is heard."""
    n_witnesses, n_groups = len(pieces.said.witnesses), len(pieces.groups)
    table = pieces.values(_bits(n_witnesses)).T  # (groups, witnesses), bit 0 the fastest in each
    shaped = table.reshape((2,) * (n_groups + n_witnesses))
    order = [*range(n_groups - 1, -1, -1), *range(n_groups + n_witnesses - 1, n_groups - 1, -1)]
    return shaped.transpose(order)


def _shapley(values: Array) -> tuple[Array, Array]:
    """(P,) Shapley values of all P players from the values of all coalitions (2,) * P + (...); and no error."""
    n = values.ndim
    if n == 0:
        return np.zeros(0), np.zeros(0)
    size = np.indices((2,) * (n - 1)).sum(axis=0) if n > 1 else np.zeros((), dtype=np.int64)
    weight = np.array([1 / (n * math.comb(n - 1, k)) for k in range(n)])[size]
    gains = (np.take(values, 1, axis=p) - np.take(values, 0, axis=p) for p in range(n))
    return np.array([float((weight * gain).sum()) for gain in gains]), np.zeros(n)


def _sampled(pieces: _Pieces) -> tuple[Array, Array]:
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


def _within_draws(pieces: _Pieces) -> Array:
    """(posterior draws, players) how far each player pulls in every draw, in decibans.

    Within a draw log odds add up over indicators; the witnesses of one indicator share its pull by
    Shapley, and so do time and network theirs. What acts on theta alone shows where the draw starts from.
    """
    n, groups = pieces.n_posterior, pieces.groups
    log_odds = _DB * (pieces.log_weight[:, 1, :n] - pieces.log_weight[:, 0, :n])
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
        return _DB * (np.log(c1 * true + c0 * (1 - true)) - np.log(c1 * false + c0 * (1 - false)))

    if w > 8:
        alone, without = pull(np.eye(w, dtype=bool)), pull(~np.eye(w, dtype=bool))
        return (alone + pull(np.ones((1, w), dtype=bool)) - without) / 2
    bits = _bits(w)
    value, size = pull(bits), bits.sum(axis=1)
    weight = np.array([1 / (w * math.comb(w - 1, k)) for k in range(w)])
    shares = np.empty((w, claim.shape[1]))
    for witness in range(w):
        out = np.flatnonzero(~bits[:, witness])
        shares[witness] = weight[size[out]] @ (value[out | 1 << witness] - value[out])
    return shares
