"""The Admiralty digit of one witness, on each other step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from engine.analysis.flips.change import STEP_DB, Crosses, Flip
from engine.analysis.flips.scale import Scale
from engine.belief.witnesses import Witness, relay_weight, stood_by
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
        digit, passed_on = _digit(project, witness)
        for other in (1, 2, 3, 4, 5):
            steps = abs(_PLACE_OF_DIGIT[other] - _PLACE_OF_DIGIT[digit])
            if steps:
                weight = said.weight.copy()
                weight[number] = WEIGHT_OF_CREDIBILITY[other] * passed_on
                gained = scale.gained(indicator, replace(said, weight=weight), scale.theta)
                what = f"{witness.indicator}, {witness.source}"
                yield Flip("credibility", what, str(digit), str(other), steps * STEP_DB, scale.after_own(gained))


def _digit(project: Project, witness: Witness) -> tuple[int, float]:
    """The digit of the report that counts, and how much of a report the best of its publishers passes on."""
    reports = stood_by(project, witness)
    weighed = [
        (relay_weight(project, article, report.source, report.credibility), report) for article, report in reports
    ]
    best = max(weighed, key=lambda pair: pair[0])[1].credibility
    return best, max(relay_weight(project, article, report.source, 1) for article, report in reports)
