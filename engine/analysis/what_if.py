"""What else would be believed if some scenarios happened or did not: learnt of, or brought about.

To learn is to condition: draws and outcomes that agree are kept, so causes and effects both move, and so does
what is believed of the sources. To bring about (`do`, Pearl 2009) is to cut what drives the scenario: whatever does
not follow from it, causes and sources too, stays as it is believed now, and what it drives follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.analysis.histories import LongRun, years
from engine.analysis.outlook import HORIZON, Outlook, anniversary, curves, extend, solve_long_run
from engine.belief.blocks import Blocks, blocks_of, compose
from engine.belief.draws import Draws
from engine.belief.importance import systematic
from engine.belief.likelihood import Belief
from engine.belief.network import Network
from engine.belief.posterior import Posterior
from engine.belief.prior import Prior
from engine.belief.states import BoolArray, Group, IntArray
from engine.errors import ForecastError, nearest
from engine.probability import Array

_OUTLOOK_DRAWS = 1000
_ANSWERS = {"yes": True, "no": False}


def parse(supposed: Iterable[str], network: Network) -> dict[str, bool]:
    """`["a=yes", "b=no"]` as outcomes by scenario; every fault of every one comes in one error."""
    found: dict[str, bool] = {}
    faults = []
    for text in supposed:
        name, equals, answer = (part.strip() for part in text.partition("="))
        if name not in network.ids:
            faults.append(f"{text}: {name} is no scenario of this run. {nearest(name, network.ids)}")
        elif not equals or answer not in _ANSWERS:
            faults.append(f"{text}: must be {name}=yes or {name}=no.")
        elif found.get(name, _ANSWERS[answer]) != _ANSWERS[answer]:
            faults.append(f"{text}: {name} cannot be both yes and no. Give it once.")
        else:
            found[name] = _ANSWERS[answer]
    if faults:
        raise ForecastError("\n".join(faults))
    return found


@dataclass(frozen=True)
class WhatIf:
    """Every scenario's belief before and after supposing some outcomes."""

    supposed: Mapping[str, bool]
    do: bool
    ids: tuple[str, ...]
    before: Array
    """(S,) as believed now."""
    probability: Array
    """(S,) given what is supposed; 0 or 1 for what is."""
    interval: Array
    """(2, S) central 90 %, over the draws at their weights."""
    outlook: Outlook | None
    """Curves given what is supposed, on fewer draws; None where not asked for."""
    likelihood: float
    """How likely what is supposed is believed to be now."""
    effective_draws: float
    """Of the scenarios that have fewest: an unlikely supposition leaves few draws that agree."""

    @property
    def meaning(self) -> str:
        """In a line, what kind of question was answered."""
        if self.do:
            return (
                "Brought about: what drives it is cut, so only what follows from it moves; "
                "causes and sources stay as they are believed now."
            )
        return "Learnt: causes and effects both move. With --do it is brought about instead, and its causes stay."


def what_if(posterior: Posterior, supposed: Mapping[str, bool], do: bool = False, prior: Prior | None = None) -> WhatIf:
    """Every scenario given these outcomes, on the run's own draws; with `prior`, the outlook too.

    Within a draw a state of the network is kept if it agrees, and a draw weighs as much as its states, so that unknowns
    and sources are learnt about too; scenarios that share neither drivers nor sources with what is supposed do not move.
    With `do`, a kept state counts 1 / P(outcome | whatever does not follow from it) in its draw: that undoes what the
    outcome says of everything but its effects (the g-formula: Robins 1986), and leaves every draw its weight: the reports
    were made before, and say of the rest what they said. A supposition that contradicts a resolution is refused.
    """
    network = posterior.network
    places = {network.position(name): happens for name, happens in supposed.items()}
    _refuse_the_impossible(network, places)
    states, weights = _suppose(posterior, places, do)
    blocks = blocks_of(network)
    by_block = _by_block(blocks, weights)
    scenarios = _scenarios(network, states)
    weight_of = by_block[:, blocks.of_scenario]
    return WhatIf(
        supposed=dict(supposed),
        do=do,
        ids=network.ids,
        before=posterior.probability,
        probability=np.clip((weight_of * scenarios).sum(axis=0), 0.0, 1.0),
        interval=_weighted_interval(scenarios, weight_of),
        outlook=_outlook(posterior, prior, states, by_block, blocks) if prior else None,
        likelihood=_likelihood(weights if not do else _suppose(posterior, places, do=False)[1]),
        effective_draws=float((1 / (by_block**2).sum(axis=0)).min()),
    )


def _refuse_the_impossible(network: Network, places: Mapping[int, bool]) -> None:
    answer = {True: "happened", False: "did not happen"}
    faults = [
        f"{network.ids[place]}={'yes' if happens else 'no'}: is impossible: by {network.as_of} it is resolved, "
        f"it {answer[network.known[place]]}. Leave it out."
        for place, happens in places.items()
        if network.known.get(place, happens) != happens
    ]
    if faults:
        raise ForecastError("\n".join(faults))


def _suppose(posterior: Posterior, places: Mapping[int, bool], do: bool) -> tuple[list[Array], Array]:
    """For each group the probability of every state (n, states) given the supposition, and its weight (n, groups)."""
    network = posterior.network
    weights = np.ones((posterior.n, len(network.groups)))
    found = []
    for number, (group, states) in enumerate(zip(network.groups, posterior.states, strict=True)):
        mine = {place: happens for place, happens in places.items() if place in group.members}
        if not mine:
            found.append(states)
            continue
        kept = _brought_about(network, group, states, mine) if do else states * _agrees(group, mine)
        weights[:, number] = kept.sum(axis=1)
        found.append(kept / np.maximum(weights[:, [number]], 1e-300))
    return found, weights


def _agrees(group: Group, places: Mapping[int, bool]) -> BoolArray:
    """(states,) whether a state agrees with these outcomes."""
    members = group.members.tolist()
    columns = [members.index(place) for place in places]
    return np.asarray((group.states[:, columns] == list(places.values())).all(axis=1))


def _brought_about(network: Network, group: Group, states: Array, places: Mapping[int, bool]) -> Array:
    """(n, states) once these outcomes are set, one after the other: in each draw, what does not follow from one stays."""
    for place, happens in places.items():
        staying = [
            column
            for column, member in enumerate(group.members.tolist())
            if member != place and place not in _causes(network, member)
        ]
        _, kind_of = np.unique(group.states[:, staying], axis=0, return_inverse=True)
        kind_of = kind_of.reshape(-1)
        set_so = states * _agrees(group, {place: happens})
        states = set_so * (_by_kind(states, kind_of) / np.maximum(_by_kind(set_so, kind_of), 1e-300))[:, kind_of]
    return states


def _by_kind(values: Array, kind_of: IntArray) -> Array:
    """(n, kinds) sums of the columns of each kind."""
    order = np.argsort(kind_of, kind="stable")
    starts = np.searchsorted(kind_of[order], np.arange(kind_of.max() + 1))
    return np.asarray(np.add.reduceat(values[:, order], starts, axis=1))


def _causes(network: Network, scenario: int) -> set[int]:
    """All that drives a scenario, directly or not."""
    direct = {parent for _, parent in network.drivers_of[scenario]}
    return direct.union(*(_causes(network, parent) for parent in direct))


def _by_block(blocks: Blocks, weights: Array) -> Array:
    """(n, blocks) weights that add up to 1: scenarios that share no unknown are not weighed by each other."""
    product = np.stack([weights[:, blocks.of_group == block].prod(axis=1) for block in range(blocks.n)], axis=1)
    total = product.sum(axis=0)
    if not (total > 0).all():
        raise ForecastError("No draw of the run agrees with all of this together. Suppose less at once.")
    return np.asarray(product / total)


def _likelihood(weights: Array) -> float:
    """Chance of these outcomes together, as believed now, from what they weigh in every group (n, groups)."""
    return float(weights.prod(axis=1).mean())


def _scenarios(network: Network, states: list[Array]) -> Array:
    """(n, S) from the probability of every state."""
    found = np.empty((len(states[0]), len(network.ids)))
    for group, probability in zip(network.groups, states, strict=True):
        found[:, group.members] = probability @ group.states
    return np.clip(found, 0.0, 1.0)


def _weighted_interval(values: Array, weights: Array) -> Array:
    """(2, S) 5 % and 95 % points of weighted draws (n, S)."""
    order = np.argsort(values, axis=0)
    reached = np.cumsum(np.take_along_axis(weights, order, axis=0), axis=0)
    rows = [(reached < level).sum(axis=0).clip(0, len(values) - 1) for level in (0.05, 0.95)]
    ranked = np.take_along_axis(values, order, axis=0)
    return np.stack([ranked[row, np.arange(values.shape[1])] for row in rows])


@dataclass(frozen=True)
class _Supposed(Draws):
    """Draws whose states follow from a supposition, not from their unknowns alone."""

    supposed: tuple[Array, ...]

    @cached_property
    def states(self) -> tuple[Array, ...]:
        return self.supposed


def _outlook(posterior: Posterior, prior: Prior, states: list[Array], by_block: Array, blocks: Blocks) -> Outlook:
    """The ten-year curves on equally weighted draws, each block with its own choice."""
    network = posterior.network
    n = min(posterior.n, _OUTLOOK_DRAWS)
    chosen: list[IntArray] = [systematic(weights, n, 0.5) for weights in by_block.T]
    probabilities = tuple(
        probability[chosen[int(blocks.of_group[number])]] for number, probability in enumerate(states)
    )
    entries = np.empty((n, len(network.entries.scenario)))
    for group, probability in zip(network.groups, probabilities, strict=True):
        entries[:, group.entries] = probability @ group.takes
    belief = Belief(np.zeros((n, len(network.groups))), entries, _scenarios(network, list(probabilities)))
    draws = _Supposed(network, compose(network, blocks, chosen, posterior.theta), belief, probabilities)
    whole = extend(posterior, solve_long_run(prior), posterior.seed)
    rows = np.stack([chosen[int(block)] for block in blocks.of_scenario], axis=1)
    long_run = LongRun(np.take_along_axis(whole.amplitude, rows, axis=0), whole.constant)
    by = tuple(anniversary(network.as_of, year) for year in range(1, HORIZON + 1))
    return Outlook(by, curves(draws, long_run, [years(network.as_of, day) for day in by], posterior.seed))
