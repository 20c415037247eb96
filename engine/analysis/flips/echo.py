"""Who speaks for himself: voices taken for one another's echoes, and echoes taken for voices of their own."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engine.analysis.flips.change import STEP_DB, Crosses, Flip
from engine.analysis.flips.scale import Scale
from engine.belief.states import BoolArray
from engine.belief.witnesses import BETA_OF_GRADE, Witness, relay_weight, stood_by
from engine.records.fields import WEIGHT_OF_CREDIBILITY
from engine.records.project import Project

_STANCES = ("affirms", "denies")


def echoes(scale: Scale, _: Crosses) -> Iterator[Flip]:
    """Every group of witnesses that could be fewer, and every witness that could be more; each doubling of voices is a step."""
    for indicator in scale.own_indicators:
        for stance in _STANCES:
            yield from _as_one(scale, indicator, stance)
    for number, indicator in enumerate(scale.network.evidence.indicator_of.tolist()):
        if indicator in scale.own_indicators:
            yield from _as_several(scale, number, indicator)


def _as_one(scale: Scale, indicator: int, stance: str) -> Iterator[Flip]:
    """Witnesses that take one stance, as echoes of the one that is believed most: each alone, and all of them."""
    said = scale.network.evidence
    alike = [
        number
        for number in np.flatnonzero(said.indicator_of == indicator).tolist()
        if said.witnesses[number].stance == stance
    ]
    rho = (scale.theta.reliability[:, said.source_of] * said.weight).mean(axis=0)
    loudest, *others = sorted(alike, key=lambda number: (-rho[number], said.witnesses[number].source)) or [-1]

    def without(echoing: list[int]) -> float:
        kept: BoolArray = ~np.isin(np.arange(len(said.witnesses)), echoing)
        return scale.after_own(scale.gained(indicator, said.keep(kept), scale.theta))

    for number in others:
        one = said.witnesses[number]
        becomes = f"echo of {said.witnesses[loudest].source}"
        yield Flip("echo", f"{one.indicator}, {one.source}", "own voice", becomes, STEP_DB, without([number]))
    if len(others) > 1:
        what = f"{said.indicators[indicator]}, all that {stance.removesuffix('s')}"
        becomes = f"one voice: {said.witnesses[loudest].source}"
        yield Flip("echo", what, f"{len(alike)} voices", becomes, _size(len(alike)), without(others))


def _as_several(scale: Scale, number: int, indicator: int) -> Iterator[Flip]:
    """A witness whose other publishers are heard as having seen for themselves, at their own letters."""
    said, project = scale.network.evidence, scale.forecast.project
    witness = said.witnesses[number]
    speaking = {said.witnesses[one].grade_source for one in np.flatnonzero(said.indicator_of == indicator).tolist()}
    promoted = {name: weight for name, weight in _carriers(project, witness).items() if name not in speaking}
    if witness.stance not in _STANCES or not promoted:
        return
    rng = np.random.default_rng(scale.forecast.posterior.seed)
    heard, reliability = said, scale.theta.reliability
    for publisher, weight in promoted.items():
        if publisher in said.sources:
            source = said.sources.index(publisher)
        else:
            letter = BETA_OF_GRADE[project.sources[publisher].reliability]
            source = reliability.shape[1]
            reliability = np.hstack([reliability, rng.beta(*letter, (len(reliability), 1))])
        heard = heard.plus(replace(witness, source=publisher, weight=weight), source)
    gained = scale.gained(indicator, heard, replace(scale.theta, reliability=reliability))
    size, becomes = _size(1 + len(promoted)), f"{1 + len(promoted)} voices"
    what = f"{witness.indicator}, {witness.source}"
    yield Flip("echo", what, f"one voice in {len(promoted) + 1} places", becomes, size, scale.after_own(gained))


def _size(voices: int) -> float:
    """Decibans that so many voices in the place of one count as: a step for every doubling."""
    return STEP_DB * math.log2(voices)


def _carriers(project: Project, witness: Witness) -> dict[str, float]:
    """The publishers that carry a witness, but for the one that carries it best, each at its best digit."""
    weighed = sorted(
        (
            (-relay_weight(project, article, report.source, report.credibility), article.publisher, report.credibility)
            for article, report in stood_by(project, witness)
        ),
    )
    best = weighed[0][1]
    carriers: dict[str, float] = {}
    for _, publisher, digit in weighed:
        if publisher not in (best, witness.grade_source):
            carriers[publisher] = max(carriers.get(publisher, 0.0), WEIGHT_OF_CREDIBILITY[digit])
    return carriers
