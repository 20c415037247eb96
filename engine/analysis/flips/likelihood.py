"""One indicator, made more or less telling."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engine.analysis.flips.change import WITHIN_REASON, Crosses, Flip, worth_trying
from engine.analysis.flips.scale import Scale
from engine.probability import expit


def likelihoods(scale: Scale, crosses: Crosses) -> Iterator[Flip]:
    """Every indicator that is spoken of made more or less telling, both its probabilities moved alike in logits."""
    said = scale.network.evidence
    for indicator in scale.own_indicators:
        pair = said.logit_if_true[indicator], said.logit_if_false[indicator]

        def belief(moved_db: float, indicator: int = indicator) -> float:
            shift = np.where(np.arange(len(said.indicators)) == indicator, moved_db * math.log(10) / 20, 0.0)
            theta = replace(
                scale.theta,
                logit_if_true=scale.theta.logit_if_true + shift,
                logit_if_false=scale.theta.logit_if_false - shift,
            )
            return scale.retold(indicator, lambda said: said, theta)

        for moved in (one for end in (WITHIN_REASON, -WITHIN_REASON) for one in worth_trying(belief, crosses, end)):
            shift = moved * math.log(10) / 20
            becomes = _pair(pair[0] + shift, pair[1] - shift)
            yield Flip("likelihood", said.indicators[indicator], _pair(*pair), becomes, abs(moved), belief(moved))


def _pair(logit_if_true: float, logit_if_false: float) -> str:
    return f"{expit(logit_if_true):.2f} / {expit(logit_if_false):.2f}"
