"""The Admiralty digit of one witness, on each other step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from engine.analysis.flips.change import STEP_DB, Crosses, Flip
from engine.analysis.flips.scale import Scale
from engine.belief.evidence import Evidence
from engine.belief.witnesses import Witness, digit_of, relay_weight, stood_by
from engine.records.fields import WEIGHT_OF_CREDIBILITY
from engine.records.project import Project

_PLACE_OF_DIGIT = {1: 1, 2: 2, 3: 3, 6: 3, 4: 4, 5: 5}
"""6, cannot be judged, weighs what 3 does."""


def credibilities(scale: Scale, _: Crosses) -> Iterator[Flip]:
    """Every witness of the scenario at every other digit, given to all the reports it stands by."""
    said, project = scale.network.evidence, scale.forecast.project
    for number, witness in enumerate(said.witnesses):
        indicator = int(said.indicator_of[number])
        if indicator not in scale.own_indicators:
            continue
        digit = digit_of(project, witness)
        for other in (1, 2, 3, 4, 5):
            steps = abs(_PLACE_OF_DIGIT[other] - _PLACE_OF_DIGIT[digit])
            if steps:
                what = f"{witness.indicator}, {witness.source}"
                belief = scale.retold(indicator, partial(_graded, project=project, witness=witness, digit=other))
                yield Flip("credibility", what, str(digit), str(other), steps * STEP_DB, belief)


def _graded(said: Evidence, project: Project, witness: Witness, digit: int) -> Evidence:
    """What is said, on any day, with another digit for all the reports a witness stands by."""
    weight = said.weight.copy()
    for number, one in enumerate(said.witnesses):
        if (one.indicator, one.grade_source, one.stance) == (witness.indicator, witness.grade_source, witness.stance):
            weight[number] = WEIGHT_OF_CREDIBILITY[digit] * _passed_on(project, one)
    return replace(said, weight=weight)


def _passed_on(project: Project, witness: Witness) -> float:
    """How much of a report the best of its publishers passes on."""
    return max(relay_weight(project, article, report.source, 1) for article, report in stood_by(project, witness))
