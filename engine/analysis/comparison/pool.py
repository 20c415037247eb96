"""Draws of two runs, and of the prior, on one scale: each unknown by where it stands in its own prior.

On that scale every network has the same prior, so that a draw counts under any of them what its likelihood is.
An unknown that only one of the networks has is drawn from its prior for the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import betainc, betaincinv

from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.posterior import Posterior
from engine.belief.states import IntArray
from engine.probability import Array, latin_hypercube, ndtri

_SEED = 1953
_EDGE = 1e-12


@dataclass(frozen=True, eq=False)
class Pool:
    """n draws of the prior, of one run and of another, as standard normal numbers by name."""

    runs: tuple[Posterior, Posterior]
    rows: tuple[IntArray, IntArray]
    """Which draws of each run."""
    n_prior: int

    @staticmethod
    def of(before: Posterior, after: Posterior, most: int) -> Pool:
        """At most so many draws of each run, evenly picked, and a third as many of the prior."""
        rows = [np.unique(np.linspace(0, run.n - 1, min(run.n, most)).astype(np.int64)) for run in (before, after)]
        return Pool((before, after), (rows[0], rows[1]), most // 3)

    @property
    def counts(self) -> Array:
        """(3,) draws of the prior and of the runs."""
        return np.array([self.n_prior, *map(len, self.rows)], dtype=float)

    def theta(self, network: Network) -> Parameters:
        """Every draw as the unknowns of a network."""
        base, effects, said, found = network.baselines, network.effects, network.evidence, network.measurements
        own = self._stack(_HAZARD, network.ids)
        quantities = [network.ids[place] for place in found.quantities]
        sd = network.assumptions.likelihood_sd
        return Parameters(
            log_hazard=base.log_hazard(own),
            log_hazard_ratio=effects.mean + effects.sd * self._stack(_RATIO, network.driver_names),
            logit_if_true=said.logit_if_true + sd * self._stack(_TRUE, said.indicators),
            logit_if_false=said.logit_if_false + sd * self._stack(_FALSE, said.indicators),
            reliability=self._reliability(network),
            log_peak=(base.log_peak + base.log_peak_sd * own)[:, found.quantities],
            headroom=-np.log(np.clip(self._stack(_HEADROOM, quantities, uniform=True), 1e-300, 1.0)),
            slip=found.slip_sd * self._stack(_SLIP, quantities),
        )

    def _stack(self, kind: str, names: tuple[str, ...] | list[str], *, uniform: bool = False) -> Array:
        columns = [self._column(kind, name, uniform) for name in names]
        return np.stack(columns, axis=1) if columns else np.zeros((int(self.counts.sum()), 0))

    def _column(self, kind: str, name: str, uniform: bool) -> Array:
        """(n,) one unknown of all draws: standard normal, or uniform."""
        if (kind, name) not in self._cache:
            rng = np.random.default_rng([_SEED, *f"{kind} {name}".encode()])
            parts = [_drawn(rng, self.n_prior, uniform)]
            for columns, rows in zip(self._columns, self.rows, strict=True):
                there = columns.get((kind, name))
                parts.append(_drawn(rng, len(rows), uniform) if there is None else there)
            self._cache[kind, name] = np.concatenate(parts)
        return self._cache[kind, name]

    @cached_property
    def _cache(self) -> dict[tuple[str, str], Array]:
        return {}

    @cached_property
    def _columns(self) -> list[dict[tuple[str, str], Array]]:
        return [_standard(run.network, run.theta.take(rows)) for run, rows in zip(self.runs, self.rows, strict=True)]

    def _reliability(self, network: Network) -> Array:
        said = network.evidence
        letters = zip(said.sources, said.reliability_a.tolist(), said.reliability_b.tolist(), strict=True)
        columns = [self._graded(*one) for one in letters]
        return np.stack(columns, axis=1) if columns else np.zeros((int(self.counts.sum()), 0))

    def _graded(self, source: str, a: float, b: float) -> Array:
        """(n,) reliability of a source at a letter; as it was drawn where the letter is the run's own."""
        key = f"{source} {a:g} {b:g}"
        if ("graded", key) not in self._cache:
            level = np.clip(self._column(_LEVEL, source, uniform=True), _EDGE, 1 - _EDGE)
            parts, start = [betaincinv(a, b, level[: self.n_prior])], self.n_prior
            for run, rows in zip(self.runs, self.rows, strict=True):
                theirs = run.network.evidence
                place = theirs.sources.index(source) if source in theirs.sources else None
                same = place is not None and (theirs.reliability_a[place], theirs.reliability_b[place]) == (a, b)
                own = run.theta.reliability[rows, place] if same else betaincinv(a, b, level[start : start + len(rows)])
                parts.append(own)
                start += len(rows)
            drawn = np.concatenate(parts)
            self._cache["graded", key] = drawn
        return self._cache["graded", key]


_HAZARD, _RATIO, _TRUE, _FALSE, _LEVEL, _HEADROOM, _SLIP = (
    "hazard", "ratio", "true", "false", "level", "headroom", "slip",
)  # fmt: skip


def _drawn(rng: np.random.Generator, n: int, uniform: bool) -> Array:
    u = latin_hypercube(rng, n, 1)[:, 0]
    return u if uniform else np.asarray(ndtri(u))


def _standard(network: Network, theta: Parameters) -> dict[tuple[str, str], Array]:
    """Every unknown by where it stands in its prior."""
    base, effects, said, found = network.baselines, network.effects, network.evidence, network.measurements
    own = base.standard(theta.log_hazard)
    own[:, found.quantities] = (theta.log_peak - base.log_peak[found.quantities]) / base.log_peak_sd[found.quantities]
    quantities = [network.ids[place] for place in found.quantities]
    sd = network.assumptions.likelihood_sd
    level = betainc(said.reliability_a, said.reliability_b, theta.reliability)
    tables: list[tuple[str, tuple[str, ...] | list[str], Array]] = [
        (_HAZARD, network.ids, own),
        (_RATIO, network.driver_names, (theta.log_hazard_ratio - effects.mean) / effects.sd),
        (_TRUE, said.indicators, (theta.logit_if_true - said.logit_if_true) / sd),
        (_FALSE, said.indicators, (theta.logit_if_false - said.logit_if_false) / sd),
        (_LEVEL, said.sources, level),
        (_HEADROOM, quantities, np.exp(-theta.headroom)),
        (_SLIP, quantities, theta.slip / found.slip_sd),
    ]
    return {(kind, name): values[:, column] for kind, names, values in tables for column, name in enumerate(names)}
