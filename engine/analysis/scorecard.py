"""How good the beliefs were, over every scenario of which it is known what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from engine.analysis.corp import Diagram, diagram
from engine.analysis.figures import NOTHING, Figure, less, ratio
from engine.analysis.movement import Movement, movement
from engine.analysis.scores import brier, log_score
from engine.analysis.streams import Stream
from engine.probability import Array

type Rule = Callable[[Array, Array], Array]
RULES: Mapping[str, Rule] = {"Brier": brier, "log": log_score}


@dataclass(frozen=True)
class Skill:
    """How much better than something else that could have been said, on the same beliefs."""

    reference: Figure
    """The score of the other."""
    skill: Figure
    """1 - score / reference: 1 is perfect, 0 no better, below 0 worse."""


@dataclass(frozen=True)
class Score:
    """One proper score over the scenarios; less is better."""

    rule: str
    averaged: bool
    """Over time: each belief counts for the days it stood, and each scenario as one. Else each belief counts as one."""
    figure: Figure
    against: Mapping[str, Skill]
    """By the name of the reference."""


@dataclass(frozen=True)
class ScenarioScore:
    """One scenario of which the outcome is known."""

    scenario: str
    title: str
    happened: bool
    n_beliefs: int
    first: float
    last: float
    """The first and the last belief before it was settled."""
    brier: float
    """Averaged over time."""
    prior_brier: float
    """The same, had the stated prior been kept."""


@dataclass(frozen=True)
class Scorecard:
    """Everything that `forecast score` says of beliefs and outcomes."""

    scenarios: tuple[ScenarioScore, ...]
    """The worst first."""
    n_beliefs: int
    scores: tuple[Score, ...]
    calibration: Diagram | None
    n_calibration: int
    """Scenarios past their scheduled deadline; of those alone are the scores and the calibration."""
    movement: Movement
    early: tuple[str, ...]
    """Resolved before their deadline has passed: listed, and not counted yet."""
    unheard: tuple[str, ...]
    """Resolved, and no belief is about a day before that."""
    unresolved: tuple[str, ...]
    """Past their deadline, and nobody has said what came of them."""


def scorecard(streams: Sequence[Stream], today: date) -> Scorecard:
    """The scores of these streams, as far as their outcomes are known."""
    scored = [stream for stream in streams if stream.scorable]
    # what happens early is settled early: before its deadline a scenario would count only if it came true
    settled = [stream for stream in scored if stream.scenario.deadline < today]
    return Scorecard(
        scenarios=tuple(sorted(map(_one, scored), key=lambda one: (-one.brier, one.scenario))),
        n_beliefs=sum(int(stream.open.sum()) for stream in scored),
        scores=tuple(_score(settled, rule, averaged) for averaged in (False, True) for rule in RULES),
        calibration=_diagram(settled),
        n_calibration=len(settled),
        movement=movement([stream.probability for stream in streams]),
        early=tuple(stream.scenario.id for stream in scored if stream.scenario.deadline >= today),
        unheard=tuple(stream.scenario.id for stream in streams if stream.scenario.resolution and not stream.open.any()),
        unresolved=tuple(
            stream.scenario.id
            for stream in streams
            if stream.scenario.resolution is None and stream.scenario.deadline < today
        ),
    )


def _one(stream: Stream) -> ScenarioScore:
    still = stream.probability[stream.open]
    kept = stream.references["prior"]
    return ScenarioScore(
        scenario=stream.scenario.id,
        title=stream.scenario.title,
        happened=bool(stream.happened),
        n_beliefs=len(still),
        first=float(still[0]),
        last=float(still[-1]),
        brier=_summed(stream, stream.probability, brier, averaged=True)[0],
        prior_brier=_summed(stream, kept, brier, averaged=True)[0],
    )


def _summed(
    stream: Stream, said: Array, rule: Rule, *, averaged: bool, where: Array | None = None
) -> tuple[float, float]:
    """Weighted sum of a score over the open beliefs of a stream, and the sum of the weights."""
    weights = stream.stands_for if averaged else stream.open.astype(float)
    counted = (weights > 0) & np.isfinite(said if where is None else where)
    if not counted.any():
        return 0.0, 0.0
    weights = weights[counted]
    if averaged:
        weights = weights / weights.sum()
    return float(weights @ rule(said[counted], np.full(len(weights), stream.happened))), float(weights.sum())


def _score(scored: Sequence[Stream], rule: str, averaged: bool) -> Score:
    own = np.array([_summed(s, s.probability, RULES[rule], averaged=averaged) for s in scored]).reshape(-1, 2)
    names = dict.fromkeys(name for stream in scored for name in stream.references)
    return Score(
        rule=rule,
        averaged=averaged,
        figure=ratio(own[:, 0], own[:, 1]),
        against={name: _skill(scored, RULES[rule], averaged, name) for name in names},
    )


def _skill(scored: Sequence[Stream], rule: Rule, averaged: bool, name: str) -> Skill:
    """On the beliefs for which the other is known, and no others."""
    pairs = []
    for stream in scored:
        other = stream.references[name]
        theirs, weight = _summed(stream, other, rule, averaged=averaged)
        ours, _ = _summed(stream, stream.probability, rule, averaged=averaged, where=other)
        if weight:
            pairs.append((ours, theirs, weight))
    if not pairs:
        return Skill(NOTHING, NOTHING)
    ours, theirs, weights = np.array(pairs).T
    return Skill(ratio(theirs, weights), less(ratio(ours, theirs)))


def _diagram(settled: Sequence[Stream]) -> Diagram | None:
    if not settled:
        return None
    return diagram(
        np.concatenate([stream.probability[stream.open] for stream in settled]),
        np.concatenate([np.full(int(stream.open.sum()), stream.happened) for stream in settled]),
        np.concatenate([np.full(int(stream.open.sum()), number) for number, stream in enumerate(settled)]),
    )
