"""Who speaks for himself: voices taken for one another's echoes, and echoes taken for voices of their own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from engine.analysis.flips.change import STEP_DB, Crosses, Flip
from engine.analysis.flips.scale import Scale
from engine.belief.evidence import Evidence
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
        silent = {said.witnesses[number].grade_source for number in echoing}
        return scale.retold(indicator, partial(Evidence.without, indicator=said.indicators[indicator], sources=silent))

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
    promoted = [name for name in list(_carriers(project, witness))[1:] if name not in speaking]
    if witness.stance not in _STANCES or not promoted:
        return
    rng = np.random.default_rng(scale.forecast.posterior.seed)
    reliability, column_of = scale.theta.reliability, {}
    for publisher in promoted:
        if publisher in said.sources:
            column_of[publisher] = said.sources.index(publisher)
        else:
            letter = BETA_OF_GRADE[project.sources[publisher].reliability]
            column_of[publisher] = reliability.shape[1]
            reliability = np.hstack([reliability, rng.beta(*letter, (len(reliability), 1))])
    apart = partial(_apart, project=project, witness=witness, column_of=column_of)
    belief = scale.retold(indicator, apart, replace(scale.theta, reliability=reliability))
    size, becomes = _size(1 + len(promoted)), f"{1 + len(promoted)} voices"
    what = f"{witness.indicator}, {witness.source}"
    yield Flip("echo", what, f"one voice in {len(promoted) + 1} places", becomes, size, belief)


def _apart(said: Evidence, project: Project, witness: Witness, column_of: Mapping[str, int]) -> Evidence:
    """What is said, on any day, with these publishers of a witness, as far as they had carried it, as witnesses too."""
    alike = (witness.indicator, witness.source, witness.stance)
    for one in said.witnesses:
        if (one.indicator, one.source, one.stance) == alike:
            carriers = _carriers(project, one)
            if carriers.keys() <= column_of.keys():  # by then, nobody else had carried it
                said = said.without(one.indicator, {one.source})
            for publisher in carriers.keys() & column_of.keys():
                voice = replace(one, source=publisher, weight=carriers[publisher])
                said = said.plus(voice, column_of[publisher])
    return said


def _size(voices: int) -> float:
    """Decibans that so many voices in the place of one count as: a step for every doubling."""
    return STEP_DB * math.log2(voices)


def _carriers(project: Project, witness: Witness) -> dict[str, float]:
    """The publishers that carry a witness, each at its best digit; the one that carries it best first."""
    weighed = sorted(
        (
            (-relay_weight(project, article, report.source, report.credibility), article.publisher, report.credibility)
            for article, report in stood_by(project, witness)
        ),
    )
    carriers: dict[str, float] = {}
    for _, publisher, digit in weighed:
        carriers[publisher] = max(carriers.get(publisher, 0.0), WEIGHT_OF_CREDIBILITY[digit])
    return carriers
