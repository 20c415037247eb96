"""What `forecast score` and `forecast replay` print for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from engine.analysis.figures import FEWEST
from engine.app.score_report import CalibrationLine, FigureLine, PathLine, ScoreReport
from engine.app.terminal import percent, spark

_WIDEST = 26
_READINGS = 9
_WORST = 20
"""Scenarios that are listed, the worst scores first."""
_ARROW = "\N{RIGHTWARDS ARROW}"
_CAME = {True: "happened", False: "did not", None: "open"}
_TOO_FEW = "too few to say"


def whole_score(report: ScoreReport) -> RenderableType:
    """The answer to `forecast score`."""
    if not report.scenarios:
        return Group(_heading(report), Text(_nothing_settled(report)), *_movement(report), *_notes(report))
    return Group(
        _heading(report),
        _scenarios(report),
        *([_scores(report)] if report.scores and report.scores[0].score.n else []),
        *_calibration(report.calibration),
        *_coverage(report),
        *_movement(report),
        *_notes(report),
    )


def paths_table(paths: Sequence[PathLine]) -> RenderableType:
    """The path of every belief on one axis of time, for `forecast replay`."""
    first, last = min(path.days[0] for path in paths), max(path.days[-1] for path in paths)
    axis = [first + (last - first) * place / (_WIDEST - 1) for place in range(_WIDEST)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Scenario", overflow="fold", min_width=16)
    table.add_column(f"{first}{str(last).rjust(_WIDEST - len(str(first)))}", no_wrap=True)
    table.add_column(f"First {_ARROW} last", no_wrap=True)
    table.add_column("Came", no_wrap=True)
    for path in paths:
        still = path.while_open
        came = Text(_CAME[path.came]) + (Text(f"\n{path.settled_on}", style="dim") if path.settled_on else "")
        table.add_row(Text(path.title), _drawn(path, axis), _moved(still[0], still[-1]), came)
    return table


def _drawn(path: PathLine, axis: Sequence[date]) -> str:
    """The belief that stood on each day of the axis; blank before the first one and once it was settled."""
    signs = []
    for day in axis:
        standing = [p for on, p in zip(path.days, path.probability, strict=True) if on <= day]
        settled = path.settled_on and day >= path.settled_on
        signs.append(spark(standing[-1:]) if standing and not settled else " ")
    return "".join(signs)


def _moved(first: float, last: float) -> str:
    return f"{percent(first)} {_ARROW} {percent(last)}"


def _heading(report: ScoreReport) -> Text:
    what = "Replayed beliefs" if report.kind == "replay" else "Recorded beliefs"
    return Text(what, style="bold") + Text(
        f" about {_counted(report.n_days, 'day')}. What came is known of {_counted(len(report.scenarios), 'scenario')}, "
        f"with {_counted(report.n_beliefs, 'belief')} from before it was known."
    )


def _nothing_settled(report: ScoreReport) -> str:
    if report.unheard:
        return "Nothing can be scored yet: only a belief about a day before the outcome was known is a forecast."
    return (
        f"None of the {len(report.paths)} scenarios is resolved, so nothing can be scored yet. "
        "When you know what came of one: forecast resolve ID --happened --on DATE."
    )


def _scenarios(report: ScoreReport) -> RenderableType:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Scenario", overflow="fold", min_width=16)
    table.add_column("Came", no_wrap=True)
    table.add_column(f"First {_ARROW} last", no_wrap=True)
    table.add_column("Beliefs", justify="right")
    table.add_column("Brier", justify="right")
    table.add_column("Prior kept", justify="right")
    for one in report.scenarios[:_WORST]:
        table.add_row(
            Text(one.title),
            _CAME[one.happened],
            _moved(one.first, one.last),
            f"{one.n_beliefs:,}",
            f"{one.brier:.3f}",
            f"{one.prior_brier:.3f}",
        )
    rest = len(report.scenarios) - _WORST
    if rest > 0:
        return Group(table, Text(f"... and {rest:,} with better scores: --json FILE has them all.", style="dim"))
    return table


def _scores(report: ScoreReport) -> RenderableType:
    others = [
        name
        for name in ("prior", "base rate", "others")
        if any(line.against.get(name) and line.against[name].skill.n for line in report.scores)
    ]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Score (less is better)")
    table.add_column("Value", no_wrap=True)
    for name in others:
        table.add_column(f"Skill against {'other forecasters' if name == 'others' else f'the {name}'}")
    for line in report.scores:
        name = f"{line.rule}, {'averaged over time' if line.averaged_over_time else 'each belief'}"
        table.add_row(name, figure(line.score), *(figure(line.against[other].skill, "+.2f") for other in others))
    return table


def figure(line: FigureLine, form: str = ".3f") -> str:
    """A figure with its interval and n, or that n is too few to say."""
    if line.value is None:
        return "-"
    if line.interval is None:
        return f"{line.value:{form}}, n {line.n}: too few"
    low, high = ("\N{INFINITY}" if end is None else f"{end:{form.removeprefix('+')}}" for end in line.interval)
    return f"{line.value:{form}} [{low} to {high}], n {line.n}"


def _calibration(found: CalibrationLine | None) -> Iterator[RenderableType]:
    yield _section("Calibration", "scenarios past their scheduled deadline, each weighing the same")
    if found is None:
        yield _indented("No resolved scenario is past its deadline yet.")
        return
    yield _indented(
        f"Brier {figure(found.score)}\n"
        f"  = miscalibration {figure(found.miscalibration)}\n"
        f"  - discrimination {figure(found.discrimination)}\n"
        f"  + uncertainty    {figure(found.uncertainty)}"
    )
    if found.band is None or found.outside is None:
        yield _indented(
            f"Whether what was called 30 % comes true in 30 % of cases: {_TOO_FEW} below {FEWEST} scenarios."
        )
        return
    yield _diagram(found)
    yield _indented(
        "Every step lies in the band that a calibrated forecaster stays in nine times in ten."
        if found.outside == 0
        else f"{percent(found.outside)} of the probabilities given leave the band that a calibrated forecaster stays in."
    )


def _diagram(found: CalibrationLine) -> RenderableType:
    """The recalibration read off at a few probabilities, evenly spread over those that were given."""
    assert found.band is not None  # noqa: S101  (only drawn with a band)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("Said", "Came true", "If calibrated"):
        table.add_column(name, no_wrap=True, justify="right")
    n = len(found.probability)
    for place in sorted({round(step * (n - 1) / (_READINGS - 1)) for step in range(_READINGS)}):
        low, high = (percent(end[place]) for end in found.band)
        table.add_row(percent(found.probability[place]), percent(found.recalibrated[place]), f"{low} to {high}")
    return Padding(table, (0, 0, 0, 2))


def _coverage(report: ScoreReport) -> Iterator[RenderableType]:
    outlooks, quantities = report.outlooks, report.quantities
    if outlooks.n_points and outlooks.expected.value is not None and outlooks.observed.value is not None:
        yield _section(
            "Outlooks",
            f"{_counted(outlooks.n_points, 'point')} whose day has come, of {_counted(outlooks.observed.n, 'scenario')}",
        )
        allowed = f"[{percent(outlooks.low or 0)} to {percent(outlooks.high or 0)}]"
        held = (outlooks.low or 0) <= outlooks.observed.value <= (outlooks.high or 0)
        few = f"; {_TOO_FEW} whether by chance" if outlooks.observed.interval is None else ""
        yield _indented(
            f"Expected to have happened by then: {percent(outlooks.expected.value)} {allowed}. "
            f"Had happened: {percent(outlooks.observed.value)}, {'inside' if held else 'outside'} what they allowed{few}."
        )
    if quantities.n_beliefs and quantities.covered.value is not None:
        yield _section(
            "Quantities",
            f"{_counted(quantities.n_beliefs, 'belief')} about the peak, of {_counted(quantities.covered.n, 'scenario')}",
        )
        yield _indented(
            f"90 % intervals that held the peak: {figure(quantities.covered, '.2f')}\n"
            f"CRPS, in natural logs (0.1: about a tenth of the peak): {figure(quantities.crps)}"
        )


def _movement(report: ScoreReport) -> Iterator[RenderableType]:
    line = report.movement
    yield _section(
        "Movement", "squared changes of the beliefs over the uncertainty they removed; 1 for an honest forecaster"
    )
    if line.ratio.n == 0:
        yield _indented("No scenario was believed on two days yet.")
        return
    value = (
        figure(line.ratio, ".2f")
        if line.ratio.value is not None
        else f"no ratio: the beliefs have grown less certain (n {line.ratio.n})"
    )
    yield _indented(f"{value}: {line.verdict}." if line.excess.interval else f"{value} to say.")


def _notes(report: ScoreReport) -> Iterator[RenderableType]:
    if report.unheard:
        yield Text(f"\nResolved, and no belief is about an earlier day, so not scored: {', '.join(report.unheard)}.")
    if report.early:
        yield Text(
            f"\nResolved early, so listed and not counted until the deadline has passed: {', '.join(report.early)}. "
            "Until then only what came true can be known, and to count it alone would judge every probability too low."
        )
    if report.unresolved:
        yield Text(f"\nPast their deadline and unresolved, so not scored: {', '.join(report.unresolved)}.")
    if report.unknown:
        yield Text(f"\nIn the ledger but not in the folder, so not scored: {', '.join(report.unknown)}.")
    if report.n_unsound_days:
        yield Text(f"\nOn {report.n_unsound_days} of the days the engine did not trust its own answer.")
    yield Text(
        f"\nIntervals are central 90 %, from drawing whole scenarios again; below {FEWEST} scenarios it is {_TOO_FEW}. "
        "Skill is 1 - score / the other's score. Scenarios that share drivers and sources err together, so the "
        "intervals are rather too narrow.",
        style="dim",
    )


def _section(name: str, about: str) -> Text:
    return Text(f"\n{name}", style="bold") + Text(f"  {about}", style="dim")


def _counted(n: int, noun: str) -> str:
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def _indented(text: str) -> RenderableType:
    return Padding(Text(text), (0, 0, 0, 2))
