"""Which scenarios have to be weighed together: those joined by drivers, or by a source that speaks of both.

Blocks share no unknown, so their posteriors are independent and each can have weights of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.belief.likelihood import Belief
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.states import IntArray
from engine.probability import Array
from engine.records.project import joined


@dataclass(frozen=True)
class Blocks:
    """The block of every scenario (S,), group (G,) and source (I,)."""

    n: int
    of_scenario: IntArray
    of_group: IntArray
    of_source: IntArray


def blocks_of(network: Network) -> Blocks:
    """The blocks of a network: groups of scenarios, joined by their sources."""
    meetings = meetings_of(network)
    groups_of_source: dict[int, list[int]] = {}
    for group, source in meetings:
        groups_of_source.setdefault(source, []).append(group)
    pairs = ((groups[0], other) for groups in groups_of_source.values() for other in groups[1:])
    of_group = np.empty(len(network.groups), dtype=np.int64)
    blocks = joined(range(len(network.groups)), pairs)
    for number, members in enumerate(blocks):
        of_group[members] = number
    of_source = np.zeros(len(network.evidence.sources), dtype=np.int64)
    for source, groups in groups_of_source.items():
        of_source[source] = of_group[groups[0]]
    return Blocks(len(blocks), of_group[network.group_of], of_group, of_source)


def meetings_of(network: Network) -> list[tuple[int, int]]:
    """(group, source) wherever a source speaks about a scenario of the group."""
    found: list[tuple[int, int]] = []
    for one in (network, *network.earlier):
        said = one.evidence
        scenarios = said.scenario_of_indicator[said.indicator_of]
        found += zip(network.group_of[scenarios].tolist(), said.source_of.tolist(), strict=True)
    numbers = network.measurements
    scenarios = numbers.quantities[numbers.quantity_of]
    found += zip(network.group_of[scenarios].tolist(), numbers.source_of.tolist(), strict=True)
    return found


def compose(network: Network, blocks: Blocks, chosen: list[IntArray], theta: Parameters) -> Parameters:
    """Draws in which each block takes its own choice of rows."""
    found, said = network.measurements, network.evidence
    pick = _picker(chosen)
    s = blocks.of_scenario
    return Parameters(
        log_hazard=pick(theta.log_hazard, s),
        log_hazard_ratio=pick(theta.log_hazard_ratio, s[network.edges.child]),
        logit_if_true=pick(theta.logit_if_true, s[said.scenario_of_indicator]),
        logit_if_false=pick(theta.logit_if_false, s[said.scenario_of_indicator]),
        reliability=pick(theta.reliability, blocks.of_source),
        log_peak=pick(theta.log_peak, s[found.quantities]),
        headroom=pick(theta.headroom, s[found.quantities]),
        slip=pick(theta.slip, s[found.quantities]),
    )


def compose_belief(network: Network, blocks: Blocks, chosen: list[IntArray], belief: Belief) -> Belief:
    """The belief that goes with `compose`."""
    pick = _picker(chosen)
    return Belief(
        by_group=pick(belief.by_group, blocks.of_group),
        entries=pick(belief.entries, blocks.of_scenario[network.entries.scenario]),
        scenarios=pick(belief.scenarios, blocks.of_scenario),
    )


def _picker(chosen: list[IntArray]) -> Callable[[Array, IntArray], Array]:
    def pick(values: Array, block_of_column: IntArray) -> Array:
        result = np.empty((len(chosen[0]), values.shape[1]))
        for block, rows in enumerate(chosen):
            columns = np.flatnonzero(block_of_column == block)
            result[:, columns] = values[np.ix_(rows, columns)]
        return result

    return pick
