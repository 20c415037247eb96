"""The ways from one run to another, change by change, and what each change moves on them.

The changes are made one after another, and each is given what the belief moves when it is made: averaged over every
order where there are few, else over one order and its reverse, which is the Shapley value as far as changes
act on one another in pairs. So the parts add up to the whole. A network with some of the changes is weighed on the
draws of both runs and of the prior, taken together as one mixture, each unknown moved with its
prior from quantile to quantile: none samples again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, permutations

import numpy as np

from engine.analysis.comparison.between import Between, Chosen
from engine.analysis.comparison.changes import Change, bundled
from engine.analysis.comparison.pool import Pool
from engine.analysis.forecast import Forecast
from engine.analysis.mixture import log_mixture
from engine.belief.blocks import meetings_of
from engine.belief.importance import believe_in_batches
from engine.belief.network import Network
from engine.belief.psis import smooth
from engine.errors import ForecastError
from engine.probability import Array, decibans, odds
from engine.records.project import joined

EVERY_ORDER_UP_TO = 4
"""Changes, beyond which one order and its reverse stand for all."""
MOST_APART = 40
"""Changes, beyond which those of a kind about a scenario are made together."""
_EFFORT = 60_000
"""Draws weighed in all, shared out over the networks in between."""
_FEWEST, _MOST = 400, 2000
"""Draws of each run."""


@dataclass(frozen=True)
class Explained:
    """Decibans of every bundle of changes (C, S) for the scenarios of both runs, and how far the draws bear it (S,)."""

    names: tuple[str, ...]
    bundles: list[tuple[Change, ...]]
    decibans: Array
    pareto_k: Array
    effective_draws: Array


def explained_by(between: Between, runs: tuple[Forecast, Forecast]) -> Explained:
    """Priors and drivers changed one by one need not agree on the way, however well they do at both ends."""
    try:
        return _Ways(between, runs, bundled(between.changes, MOST_APART)).explain()
    except ForecastError:
        return _Ways(between, runs, bundled(between.changes, MOST_APART, structure_apart=False)).explain()


@dataclass(frozen=True, eq=False)
class _Ways:
    """The ways from one run to the other, over networks with some of the changes."""

    between: Between
    runs: tuple[Forecast, Forecast]
    bundles: list[tuple[Change, ...]]

    def explain(self) -> Explained:
        """Every change's part in every belief, averaged over the orders."""
        n = len(self.bundles)
        orders = (
            list(permutations(range(n))) if n <= EVERY_ORDER_UP_TO else [tuple(range(n)), tuple(reversed(range(n)))]
        )
        seen: dict[Chosen, tuple[Array, Array, Array]] = {}
        parts = np.zeros((n, len(self.names)))
        for order in orders:
            steps = [self.made(order[:number]) for number in range(n + 1)]
            for step in steps:
                if step not in seen:
                    seen[step] = self.weighed(step)
            for number, (one, other) in zip(order, pairwise(steps), strict=True):
                parts[number] += (seen[other][0] - seen[one][0]) / len(orders)
        return Explained(
            names=self.names,
            bundles=self.bundles,
            decibans=parts,
            pareto_k=np.stack([k for _, k, _ in seen.values()]).max(axis=0),
            effective_draws=np.stack([ess for _, _, ess in seen.values()]).min(axis=0),
        )

    def made(self, numbers: Iterable[int]) -> Chosen:
        """The changes of some bundles."""
        return frozenset(change.key for number in numbers for change in self.bundles[number])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The scenarios of both runs."""
        return tuple(sorted(self.between.before.scenarios.keys() & self.between.after.scenarios.keys()))

    @cached_property
    def pool(self) -> Pool:
        """Fewer draws where more networks have to be weighed."""
        most = int(np.clip(_EFFORT // (4 * len(self.bundles)), _FEWEST, _MOST))
        return Pool.of(self.runs[0].posterior, self.runs[1].posterior, most)

    @cached_property
    def block_of(self) -> dict[str, int]:
        """Which scenarios have to be weighed together: those joined in either run, or by a source in both."""
        pairs: list[tuple[str, str]] = []
        speaks_of: dict[str, str] = {}
        every = self.between.before.scenarios.keys() | self.between.after.scenarios.keys()
        for network in (run.posterior.network for run in self.runs):
            ids = network.ids
            for group in network.groups:
                members = group.members.tolist()
                pairs += [(ids[members[0]], ids[other]) for other in members[1:]]
            for number, source in meetings_of(network):
                one = ids[int(network.groups[int(number)].members[0])]
                pairs.append((speaks_of.setdefault(network.evidence.sources[int(source)], one), one))
        blocks = joined(sorted(every), pairs)
        return {name: number for number, members in enumerate(blocks) for name in members}

    def by_block(self, network: Network) -> tuple[Array, Array]:
        """(blocks, n) log likelihood of every draw, and (n, S) what it makes of every scenario of both runs."""
        belief = believe_in_batches(network, self.pool.theta(network))
        total = np.zeros((max(self.block_of.values()) + 1, len(belief.by_group)))
        for number, group in enumerate(network.groups):
            total[self.block_of[network.ids[int(group.members[0])]]] += belief.by_group[:, number]
        return total, belief.scenarios[:, [network.ids.index(name) for name in self.names]]

    @cached_property
    def mixtures(self) -> Array:
        """(blocks, n) log density of the draws of prior and runs, taken together."""
        ends = [self.by_block(self.between.network(chosen))[0] for chosen in (frozenset(), self.between.differing)]
        return np.stack(
            [
                log_mixture(np.stack([np.zeros_like(one), one, other]), self.pool.counts)
                for one, other in zip(*ends, strict=True)
            ]
        )

    def weighed(self, chosen: Chosen) -> tuple[Array, Array, Array]:
        """(S,) log odds in decibans once these changes are made, Pareto k, and effective draws."""
        total, scenarios = self.by_block(self.between.network(chosen))
        log_odds, ks, sizes = (np.zeros(len(self.names)) for _ in range(3))
        for block, log_ratio in enumerate(total - self.mixtures):
            mine = [place for place, name in enumerate(self.names) if self.block_of[name] == block]
            if mine:
                log_weights, k = smooth(log_ratio)
                weights = np.exp(log_weights)
                p = np.clip(weights @ scenarios[:, mine], 1e-12, 1 - 1e-12)
                log_odds[mine] = decibans(1.0, odds(p))
                ks[mine], sizes[mine] = k, 1 / (weights**2).sum()
        return log_odds, ks, sizes
