"""What to look for next: how much each report that could still come would tell, in bits.

A report by a source on an indicator is not known beforehand. What it is worth is what it tells on average about
whether the scenario happens: the mutual information of the two (Shannon 1948; Lindley 1956), under all
that has been reported so far.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from engine.analysis.words import band
from engine.belief.likelihood import hear
from engine.belief.posterior import Posterior
from engine.belief.states import BoolArray, IntArray
from engine.belief.witnesses import ADMISSION, BETA_OF_GRADE
from engine.errors import ForecastError
from engine.probability import Array
from engine.records.fields import WEIGHT_OF_CREDIBILITY
from engine.records.source import Source

CREDIBILITY = 3
"""Digit a report to come is taken to have: what a record has that states none."""


@dataclass(frozen=True)
class Lookout:
    """One report that could come, and what it would do to one scenario."""

    scenario: str
    """The scenario it would tell about."""
    indicator: str
    """`scenario/indicator`: what to look for."""
    source: str | None
    """Who could report it; None for seeing it with certainty."""
    chance: float
    """That it would be affirmed rather than denied, if it were reported on."""
    now: float
    """The belief in the scenario."""
    if_affirmed: float
    """The belief it would lead to."""
    if_denied: float
    bits: float
    """Expected information about the scenario, from 0 to 1."""

    @property
    def chance_of_crossing(self) -> float:
        """Chance that the answer leads into another band of ICD 203."""
        here = band(self.now)
        return self.chance * (band(self.if_affirmed) != here) + (1 - self.chance) * (band(self.if_denied) != here)


def linked_watch_list(
    posterior: Posterior, sources: Mapping[str, Source], credibility: int = CREDIBILITY
) -> tuple[Lookout, ...]:
    """Every report that could still come, once for every scenario it tells about: its own, and those joined by drivers."""
    network = posterior.network
    about = [name for place, name in enumerate(network.ids) if place not in network.known]
    found = [one for name in about for one in watch_list(posterior, sources, credibility, name)]
    return tuple(sorted(found, key=lambda one: (*_most_bits_first(one), one.scenario)))


def watch_list(
    posterior: Posterior,
    sources: Mapping[str, Source],
    credibility: int = CREDIBILITY,
    about: str | None = None,
) -> tuple[Lookout, ...]:
    """Every report that could still come, the one that tells most first.

    One for every indicator of an unresolved scenario and each of `sources` that does not stand by a stance on it,
    published by the source itself, and one for seeing the indicator with certainty. Each is weighed
    for the indicator's own scenario; with `about`, for that scenario instead, over the indicators
    of every scenario joined to it by drivers.
    """
    if credibility not in WEIGHT_OF_CREDIBILITY:
        raise ForecastError(f"{credibility}: is no Admiralty digit. Give one from 1 to 6.")
    network = posterior.network
    target = None if about is None else network.position(about)
    own = network.evidence.scenario_of_indicator
    kept = np.flatnonzero(
        [
            place not in network.known
            and (
                target is None or (target not in network.known and network.group_of[place] == network.group_of[target])
            )
            for place in own.tolist()
        ]
    )
    if not len(kept):
        return ()
    voices = [*sorted(sources), None]
    joint = _joint(posterior, kept, target, _credence(posterior, sources, voices, WEIGHT_OF_CREDIBILITY[credibility]))
    bits = information(joint)
    affirmed = joint.sum(axis=-1)
    happens = joint[..., 1] / np.maximum(affirmed, 1e-300)
    silent = _not_yet(posterior, voices, kept)
    found = [
        Lookout(
            scenario=network.ids[own[indicator] if target is None else target],
            indicator=network.evidence.indicators[indicator],
            source=voices[row],
            chance=float(affirmed[row, column, 1]),
            now=float(posterior.probability[own[indicator] if target is None else target]),
            if_affirmed=float(happens[row, column, 1]),
            if_denied=float(happens[row, column, 0]),
            bits=float(bits[row, column]),
        )
        for column, indicator in enumerate(kept.tolist())
        for row in np.flatnonzero(silent[:, column]).tolist()
    ]
    return tuple(sorted(found, key=_most_bits_first))


def shortlist(found: Iterable[Lookout]) -> tuple[Lookout, ...]:
    """Of each indicator only the voice that would tell most: what to look for, rather than who might say it."""
    best: dict[tuple[str, str], Lookout] = {}
    for one in found:
        key = one.scenario, one.indicator
        if key not in best or one.bits > best[key].bits:
            best[key] = one
    return tuple(sorted(best.values(), key=_most_bits_first))


def _most_bits_first(one: Lookout) -> tuple[float, str, str]:
    return -one.bits, one.indicator, one.source or ""


def _credence(posterior: Posterior, sources: Mapping[str, Source], voices: list[str | None], weight: float) -> Array:
    """(V, n) rho of every voice: as in each draw where it already speaks, else its mean, for nothing else bears on it."""
    said = posterior.network.evidence
    rho = np.ones((len(voices), posterior.n))
    for row, voice in enumerate(voices):
        if voice in said.sources:
            rho[row] = weight * posterior.theta.reliability[:, said.sources.index(voice)]
        elif voice is not None:
            a, b = BETA_OF_GRADE[sources[voice].reliability]
            rho[row] = weight * a / (a + b)
    return rho


def _joint(posterior: Posterior, kept: IntArray, target: int | None, rho: Array) -> Array:
    """(V, indicators, 2, 2) P(denied or affirmed, target does not or does happen), averaged over the draws.

    In a draw P(affirmed | Z) = 1/2 + rho (P(C=1 | Z, reports) - 1/2), so that the average is a matrix product.
    """
    network, theta = posterior.network, posterior.theta
    heard = hear(network.evidence, theta)
    claim_if_happens = np.exp(heard.if_claim - heard.if_happens)[:, kept] * heard.true[:, kept]
    claim_if_not = np.exp(heard.if_claim - heard.if_not)[:, kept] * heard.false[:, kept]
    outcomes = _own_and_target(posterior, kept, target)
    found = np.empty((len(rho), len(kept), 2, 2))
    for happens in (0, 1):
        if_not, if_happens = outcomes[0][happens], outcomes[1][happens]
        leaning = if_happens * (claim_if_happens - 0.5) + if_not * (claim_if_not - 0.5)
        pulled = rho @ leaning / posterior.n
        half = (if_happens + if_not).mean(axis=0) / 2
        found[:, :, 1, happens], found[:, :, 0, happens] = half + pulled, half - pulled
    return np.clip(found, 0.0, 1.0)


def _own_and_target(posterior: Posterior, kept: IntArray, target: int | None) -> list[list[Array]]:
    """[own outcome][target's outcome] (n, indicators): probability of both, the own scenario being the indicator's."""
    network = posterior.network
    own = network.evidence.scenario_of_indicator[kept]
    p = posterior.belief.scenarios[:, own]
    nothing = np.zeros_like(p)
    if target is None:
        return [[1 - p, nothing], [nothing, p]]
    number = int(network.group_of[target])
    group, states = network.groups[number], posterior.states[number]
    members = group.members.tolist()
    with_target = states * group.states[:, members.index(target)]
    both = (with_target @ group.states)[:, [members.index(place) for place in own.tolist()]]
    q = posterior.belief.scenarios[:, [target]]
    return [[1 - p - q + both, q - both], [p - both, both]]


def information(joint: Array) -> Array:
    """Mutual information in bits of two yes-or-no matters, from their joint probabilities (..., 2, 2)."""
    rows, columns = joint.sum(axis=-1, keepdims=True), joint.sum(axis=-2, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(joint > 0, joint * np.log2(joint / (rows * columns)), 0.0)
    return np.asarray(np.maximum(terms.sum(axis=(-2, -1)), 0.0))


def _not_yet(posterior: Posterior, voices: list[str | None], kept: IntArray) -> BoolArray:
    """(V, indicators) whether a voice does not stand by a stance on an indicator."""
    said = posterior.network.evidence
    column_of = {indicator: column for column, indicator in enumerate(kept.tolist())}
    row_of = {voice: row for row, voice in enumerate(voices)}
    free = np.ones((len(voices), len(kept)), dtype=bool)
    for witness, indicator in zip(said.witnesses, said.indicator_of.tolist(), strict=True):
        if indicator in column_of and (row := row_of.get(witness.source.removesuffix(ADMISSION))) is not None:
            free[row, column_of[indicator]] = False
    return free
