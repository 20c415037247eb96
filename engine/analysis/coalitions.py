"""What moves each scenario of a run, weighed on the same draws: the ground on which coalitions are valued.

Values are found by reweighting draws of the prior and of the run's posterior together, as one mixture
(Bennett 1976; Shirts & Chodera 2008). Prior draws alone fail where numbers pin a level down, posterior
draws alone where they are left out; in the mixture no weight runs away at either end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.special import expit, logsumexp

from engine.analysis.mixture import log_mixture
from engine.analysis.pieces import Kind, Pieces
from engine.belief.blocks import blocks_of
from engine.belief.evidence import Evidence
from engine.belief.importance import believe_in_batches
from engine.belief.likelihood import Belief, believed_on_the_day, hear
from engine.belief.measurements import Levels, read_numbers
from engine.belief.network import Network
from engine.belief.parameters import Parameters, prior_draws
from engine.belief.posterior import Posterior
from engine.belief.states import IntArray
from engine.belief.third_party import value_and_gradient
from engine.belief.witnesses import Witness
from engine.probability import Array, log1mexp

_MOST_DRAWS = 2000
"""Of the posterior, and as many of the prior."""
_SEED = 1953


@dataclass(frozen=True)
class Ground:
    """What the coalitions of every scenario of one run share: n draws, and what is believed of them."""

    posterior: Posterior

    @property
    def network(self) -> Network:
        """What the run was about."""
        return self.posterior.network

    @cached_property
    def kept(self) -> IntArray:
        """Which draws of the posterior stand first in the mixture."""
        n = self.posterior.n
        return np.unique(np.linspace(0, n - 1, min(n, _MOST_DRAWS)).astype(np.int64))

    @cached_property
    def theta(self) -> Parameters:
        """Draws of the posterior, then of the prior."""
        return _joined(self.posterior.theta.take(self.kept), prior_draws(self.network, _MOST_DRAWS, _SEED))

    @cached_property
    def before(self) -> tuple[Network, Belief]:
        """Nothing said, seen or resolved."""
        network = self.network.before_reports()
        return network, believe_in_batches(network, self.theta)

    @cached_property
    def told(self) -> tuple[Network, Belief]:
        """Time passed and every report heard, and forecasts of quantities; no numbers, and no other forecasts."""
        network = replace(self.network.without_opinions(), measurements=self.network.measurements.unheard())
        network = replace(network, leaning=self.network.leaning)
        return network, believe_in_batches(network, self.theta)

    @cached_property
    def reports(self) -> Array:
        """(2, n, S) log P(what is said of a scenario | it does not happen, it happens)."""
        heard = hear(self.network.evidence, self.theta)
        return np.stack([one @ self.network.evidence.of_scenario for one in (heard.if_not, heard.if_happens)])

    @cached_property
    def numbers(self) -> Array:
        """(n, M) log likelihood of every number."""
        theta, found = self.theta, self.network.measurements
        if not found.numbers:
            return np.zeros((len(theta), 0))
        return read_numbers(found, Levels(theta.log_peak, theta.headroom, theta.slip), theta.reliability).value

    @cached_property
    def forecasts(self) -> tuple[Array, IntArray]:
        """(n, scenarios forecast) log likelihood of other people's forecasts, and which scenarios those are."""
        found = self.network.readings
        if not found.opinions:
            return np.zeros((len(self.theta), 0)), np.zeros(0, dtype=np.int64)
        value, _ = value_and_gradient(found, believed_on_the_day(self.network, self.theta))
        return value, found.scenario_of[[rows[0] for rows, _ in found.precisions]]

    def about(self, position: int) -> Pieces:
        """What the coalitions of one scenario are put together from."""
        network, groups = self.network, groups_of(self.network, position)
        said = own_evidence(network, position)
        inner, outer = self._by_outcome(position, groups), self._by_theta(position)

        def weight(chosen: frozenset[Kind]) -> Array:
            own = inner[chosen & {"time", "network"}]
            return np.asarray(own + sum(outer[kind] for kind in chosen & outer.keys()))

        everything = weight(frozenset(groups)) + self.reports[:, :, position]
        said_by_all = logsumexp(everything, axis=0)
        counts = np.array([len(self.kept), _MOST_DRAWS])
        together = log_mixture(np.stack([said_by_all, np.zeros(len(self.theta))]), counts)
        return Pieces(
            groups=tuple(groups),
            said=said,
            indicators=tuple(_indicators(said, self.theta)),
            log_weight=np.stack([weight(chosen) for chosen in _subsets(groups)]) - together,
            n_posterior=len(self.kept),
        )

    def _by_outcome(self, position: int, groups: list[Kind]) -> dict[frozenset[Kind], Array]:
        """Log weights (2, n) of not happening and of happening, with time and the rest of the network heard or not.

        Own time and own reports multiply each way to happen by a factor known in every draw, so two beliefs are
        enough for all scenarios: these factors are put to the one and taken from the other.
        """
        own = self.reports[:, :, position] + self._leaning(position)
        found = {
            frozenset[Kind](): self._weights(*self.before, position, 0),
            frozenset[Kind]({"time"}): self._weights(*self.before, position, 1),
            frozenset[Kind]({"network"}): self._weights(*self.told, position, -1) - own,
            frozenset[Kind]({"time", "network"}): self._weights(*self.told, position, 0) - own,
        }
        both = frozenset[Kind]({"time", "network"})
        if "network" not in groups:  # what is left of the network is the scenario itself
            found[frozenset({"network"})], found[both] = found[frozenset()], found[frozenset({"time"})]
        return found

    def _leaning(self, position: int) -> Array:
        """(2, 1) what forecasts of its quantity make of a scenario that does not happen, and that does."""
        return np.array([[0.0], [self.network.leaning.log_odds[position]]])

    def _weights(self, network: Network, belief: Belief, position: int, times: int) -> Array:
        """(2, n) log P(what this network has heard, outcome | theta), own time heard so many times more."""
        entries = network.entries
        mine = entries.scenario == position
        ways = belief.entries[:, mine & entries.happens]
        if times:
            ways = ways * np.exp(times * self._unseen(entries.drivers[mine & entries.happens], position))
        p = np.stack([belief.entries[:, mine & ~entries.happens].sum(axis=1), ways.sum(axis=1)])
        total = p.sum(axis=0)
        by_group = belief.by_group[:, network.group_of[position]]
        return np.asarray(by_group + np.log(total) + np.log(np.clip(p / total, 1e-16, 1)))

    def _unseen(self, drivers: Array, position: int) -> Array:
        """(n, ways) log P(not seen so far | it happens by the deadline), for each way to happen."""
        theta, w = self.theta, self.network.elapsed[position]
        hazard = np.exp(theta.log_hazard[:, [position]] + theta.log_hazard_ratio @ drivers.T)
        hazard = np.clip(hazard, 1e-290, 700.0)
        return np.asarray(log1mexp(hazard * (1 - w)) - hazard * w - log1mexp(hazard))

    def _by_theta(self, position: int) -> dict[Kind, Array]:
        """Log weights, to be added to (2, n), of what mostly acts on the unknowns alone: numbers, forecasts, other groups."""
        network = self.network
        others = _others_in_block(network, position)
        about = network.measurements.quantities[network.measurements.quantity_of]
        opinion, forecast_of = self.forecasts
        through_others = self.numbers[:, np.isin(about, others)].sum(axis=1)
        through_others = through_others + opinion[:, np.isin(forecast_of, others)].sum(axis=1)
        elsewhere = np.unique(network.group_of[others])
        elsewhere = elsewhere[elsewhere != network.group_of[position]]
        if len(elsewhere):
            through_others = through_others + self.told[1].by_group[:, elsewhere].sum(axis=1)
        return {
            "numbers": self.numbers[:, about == position].sum(axis=1),
            "forecasts": opinion[:, forecast_of == position].sum(axis=1) + self._leaning(position),
            "network": through_others,
        }


def players(network: Network, position: int) -> list[tuple[Kind, Witness | None]]:
    """Everything that may move the belief, groups first, in the order of the axes of a coalition."""
    groups: list[tuple[Kind, Witness | None]] = [(kind, None) for kind in groups_of(network, position)]
    return groups + [("witness", witness) for witness in own_evidence(network, position).witnesses]


def groups_of(network: Network, position: int) -> list[Kind]:
    """What moves the belief besides the witnesses, as far as there is any of it."""
    found = network.measurements
    has: dict[Kind, bool] = {
        "time": bool(network.elapsed[position] > 0),
        "network": _others_in_block(network, position).size > 0,
        "numbers": bool((found.quantities[found.quantity_of] == position).any()),
        "forecasts": network.ids[position] in {opinion.scenario for opinion in network.opinions},
    }
    return [kind for kind, there in has.items() if there]


def own_evidence(network: Network, position: int) -> Evidence:
    """What is said of the scenario itself."""
    said = network.evidence
    return said.keep(said.scenario_of_indicator[said.indicator_of] == position)


def _others_in_block(network: Network, position: int) -> IntArray:
    """The other scenarios that can be felt in this one: through drivers, or through a source they share."""
    of = blocks_of(network).of_scenario
    return np.flatnonzero((of == of[position]) & (np.arange(len(of)) != position))


def _joined(one: Parameters, other: Parameters) -> Parameters:
    return Parameters(
        *(np.concatenate([getattr(one, name), getattr(other, name)]) for name in one.__dataclass_fields__)
    )


def _subsets(groups: list[Kind]) -> Iterator[frozenset[Kind]]:
    """Every set of groups; bit b of its number is group b."""
    for number in range(2 ** len(groups)):
        yield frozenset(kind for bit, kind in enumerate(groups) if number >> bit & 1)


def _indicators(said: Evidence, theta: Parameters) -> Iterator[tuple[IntArray, Array, Array, Array, Array]]:
    """How each witness of each indicator spoken of speaks, in every draw; see `Pieces.indicators`."""
    rho = np.minimum(theta.reliability[:, said.source_of] * said.weight, 1 - 1e-12)
    u, v, halves = said.voices
    claim, no_claim = (np.log1p(u * rho) - halves).T, (np.log1p(v * rho) - halves).T
    for indicator in np.unique(said.indicator_of):
        mine = np.flatnonzero(said.indicator_of == indicator)
        true, false = expit(theta.logit_if_true[:, indicator]), expit(theta.logit_if_false[:, indicator])
        yield mine, claim[mine], no_claim[mine], true, false
