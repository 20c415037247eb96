"""What `forecast score` and `forecast replay` say, as a record: the JSON that programs read, and the tables start from."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict

from engine.analysis.corp import Diagram
from engine.analysis.figures import Figure
from engine.analysis.scorecard import ScenarioScore, Score
from engine.analysis.streams import Stream
from engine.app.ledger import Kind
from engine.app.scoring import Scored
from engine.probability import Array

FORMAT = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FigureLine(_Part):
    """A figure over n scenarios; no value where nothing was measured, no interval where they are too few."""

    value: float | None
    interval: tuple[float | None, float | None] | None
    n: int


class SkillLine(_Part):
    """How much better than another forecaster, on the same beliefs: 1 - score / reference."""

    reference: FigureLine
    skill: FigureLine


class ScoreLine(_Part):
    """One proper score; less is better."""

    rule: str
    averaged_over_time: bool
    score: FigureLine
    against: dict[str, SkillLine]


class ScenarioLine(_Part):
    """One scenario of which the outcome is known."""

    id: str
    title: str
    happened: bool
    n_beliefs: int
    first: float
    last: float
    brier: float
    prior_brier: float


class PathLine(_Part):
    """What was believed of one scenario, day after day."""

    id: str
    title: str
    came: bool | None
    settled_on: date | None
    days: tuple[date, ...]
    probability: tuple[float, ...]

    @property
    def n_open(self) -> int:
        """How many of the beliefs are from before it was settled; 1 where it was settled from the start."""
        return max(1, sum(not (self.settled_on and day >= self.settled_on) for day in self.days))

    @property
    def while_open(self) -> tuple[float, ...]:
        """The beliefs from before it was settled."""
        return self.probability[: self.n_open]


class CalibrationLine(_Part):
    """The CORP reliability diagram and its decomposition: score = miscalibration - discrimination + uncertainty."""

    n: int
    probability: tuple[float, ...]
    recalibrated: tuple[float, ...]
    band: tuple[tuple[float, ...], tuple[float, ...]] | None
    score: FigureLine
    miscalibration: FigureLine
    discrimination: FigureLine
    uncertainty: FigureLine
    outside: float | None


class OutlookLine(_Part):
    """Outlooks whose day has come, against what had happened."""

    n_points: int
    expected: FigureLine
    low: float | None
    high: float | None
    observed: FigureLine


class QuantityLine(_Part):
    """Peaks of quantities, against the peak that came."""

    n_beliefs: int
    covered: FigureLine
    crps: FigureLine


class MovementLine(_Part):
    """The movement test."""

    ratio: FigureLine
    excess: FigureLine
    verdict: str


class ScoreReport(_Part):
    """How good the beliefs of a ledger were."""

    format: int = FORMAT
    kind: Kind
    scored_on: date
    n_days: int
    n_unsound_days: int
    n_beliefs: int
    scenarios: tuple[ScenarioLine, ...]
    scores: tuple[ScoreLine, ...]
    calibration: CalibrationLine | None
    outlooks: OutlookLine
    quantities: QuantityLine
    movement: MovementLine
    paths: tuple[PathLine, ...]
    early: tuple[str, ...]
    unheard: tuple[str, ...]
    unresolved: tuple[str, ...]
    unknown: tuple[str, ...]


def score_report(scored: Scored, today: date) -> ScoreReport:
    """The report of these scores, to four digits."""
    card, outlooks, quantities = scored.scorecard, scored.outlooks, scored.quantities
    return ScoreReport(
        kind=scored.kind,
        scored_on=today,
        n_days=scored.n_days,
        n_unsound_days=scored.n_unsound,
        n_beliefs=card.n_beliefs,
        scenarios=tuple(map(_scenario, card.scenarios)),
        scores=tuple(map(_score, card.scores)),
        calibration=_calibration(card.calibration, card.n_calibration) if card.calibration else None,
        outlooks=OutlookLine(
            n_points=outlooks.n_points,
            expected=_figure(outlooks.expected),
            low=_maybe(outlooks.low),
            high=_maybe(outlooks.high),
            observed=_figure(outlooks.observed),
        ),
        quantities=QuantityLine(
            n_beliefs=quantities.n_beliefs, covered=_figure(quantities.covered), crps=_figure(quantities.crps)
        ),
        movement=MovementLine(
            ratio=_figure(card.movement.ratio), excess=_figure(card.movement.excess), verdict=card.movement.verdict
        ),
        paths=tuple(map(_path, scored.streams)),
        early=card.early,
        unheard=card.unheard,
        unresolved=card.unresolved,
        unknown=scored.unknown,
    )


def _scenario(one: ScenarioScore) -> ScenarioLine:
    return ScenarioLine(
        id=one.scenario,
        title=one.title,
        happened=one.happened,
        n_beliefs=one.n_beliefs,
        first=one.first,
        last=one.last,
        brier=round(one.brier, 4),
        prior_brier=round(one.prior_brier, 4),
    )


def _score(one: Score) -> ScoreLine:
    return ScoreLine(
        rule=one.rule,
        averaged_over_time=one.averaged,
        score=_figure(one.figure),
        against={
            name: SkillLine(reference=_figure(skill.reference), skill=_figure(skill.skill))
            for name, skill in one.against.items()
        },
    )


def _calibration(diagram: Diagram, n: int) -> CalibrationLine:
    band = diagram.band
    return CalibrationLine(
        n=n,
        probability=_rounded(diagram.probability),
        recalibrated=_rounded(diagram.recalibrated),
        band=None if band is None else (_rounded(band[0]), _rounded(band[1])),
        score=_figure(diagram.score),
        miscalibration=_figure(diagram.miscalibration),
        discrimination=_figure(diagram.discrimination),
        uncertainty=_figure(diagram.uncertainty),
        outside=_maybe(diagram.outside),
    )


def _path(stream: Stream) -> PathLine:
    resolution = stream.scenario.resolution
    return PathLine(
        id=stream.scenario.id,
        title=stream.scenario.title,
        came=resolution.happened if resolution else None,
        settled_on=resolution.on if resolution else None,
        days=tuple(map(date.fromordinal, stream.day.tolist())),
        probability=_rounded(stream.probability),
    )


def _figure(figure: Figure) -> FigureLine:
    ends = figure.interval and (_finite(figure.interval[0]), _finite(figure.interval[1]))
    return FigureLine(value=_maybe(figure.value), interval=ends, n=figure.n)


def _finite(value: float) -> float | None:
    """An end of an interval; None where it is infinite, which JSON has no number for."""
    return round(value, 4) if abs(value) < float("inf") else None


def _maybe(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _rounded(values: Array) -> tuple[float, ...]:
    return tuple(round(float(value), 4) for value in values)
