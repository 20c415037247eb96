"""What moved a belief: from the prior down to the posterior, a bar for every player, on the scale of odds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from engine.analysis.attribution import Bar, Waterfall
from engine.app.page.chart import ROW, Chart, Figure, label, right_label, row_axis, wrapped
from engine.app.page.wording import percent, signed, source_name, stance
from engine.probability import decibans, odds
from engine.records.project import Project

_MOST = 14
"""Bars drawn; the smallest of more are one bar together. The table has them all."""
_GROUPS = {
    "time": "Time passed and it was not seen",
    "network": "Drivers and other scenarios",
    "numbers": "Numbers given for the quantity",
    "forecasts": "Other people's forecasts",
}
_TICKS = (0.001, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999)


@dataclass(frozen=True)
class _Step:
    name: str
    told: str
    """The name with the claim in full."""
    decibans: float
    interval: tuple[float, float] | None
    """None for several bars together."""


def moves(found: Waterfall, project: Project) -> Chart:
    """The waterfall of a scenario that is still open."""
    steps = [_Step(_name(bar, project), _told_in_full(bar, project), bar.decibans, bar.interval) for bar in found.bars]
    return Chart(
        id=f"moves-{found.scenario}",
        title="What moved it",
        note=f"From the prior to now, {signed(found.shift)} together; 3 dB doubles the odds. "
        f"Thin line: how far a pull varies over the draws.{_error(found)}",
        figure=_figure(found, _drawn(steps)),
        columns=("What", "Moves it by", "90 %"),
        rows=[(one.told, signed(one.decibans), _spread(one)) for one in steps],
    )


def _error(found: Waterfall) -> str:
    if found.exact:
        return ""
    return f" Orders were sampled: standard errors up to {max(bar.error for bar in found.bars):.2f} dB."


def _name(bar: Bar, project: Project) -> str:
    """Who says what, the claim by its name."""
    if bar.witness is None:
        return _GROUPS[bar.kind]
    claim = bar.witness.indicator.partition("/")[2].replace("-", " ")
    return f"{source_name(project, bar.witness.source)} {stance(bar.witness.stance)}: {claim}"


def _told_in_full(bar: Bar, project: Project) -> str:
    """Who says what, the claim in its own words."""
    if bar.witness is None:
        return _GROUPS[bar.kind]
    scenario, _, name = bar.witness.indicator.partition("/")
    statement = project.scenarios[scenario].indicators[name].statement
    return f"{source_name(project, bar.witness.source)} {stance(bar.witness.stance)}: {statement}"


def _drawn(steps: Sequence[_Step]) -> list[_Step]:
    """All of them, or the largest and the sum of the rest."""
    if len(steps) <= _MOST:
        return list(steps)
    kept = sorted(sorted(range(len(steps)), key=lambda place: -abs(steps[place].decibans))[: _MOST - 1])
    rest = [one for place, one in enumerate(steps) if place not in kept]
    together = _Step(
        f"{len(rest)} smaller ones", f"{len(rest)} smaller ones: see the table", sum(one.decibans for one in rest), None
    )
    return [steps[place] for place in kept] + [together]


def _figure(found: Waterfall, steps: Sequence[_Step]) -> Figure:
    start, end = (float(decibans(1.0, odds(p))) for p in (found.prior, found.posterior))
    levels = list(accumulate((one.decibans for one in steps), initial=start))
    last = len(steps) + 1
    ends = {
        "type": "scatter",
        "mode": "markers",
        "x": [start, end],
        "y": [0, last],
        "marker": {"size": 12, "color": ["--muted", "--accent"], "symbol": ["line-ns", "circle"], "line": _STROKE},
        "hoverinfo": "skip",
    }
    bars = {
        "type": "bar",
        "orientation": "h",
        "y": list(range(1, last)),
        "base": levels[:-1],
        "x": [one.decibans for one in steps],
        "width": 0.3,
        "marker": {"color": ["--accent" if one.decibans > 0 else "--muted" for one in steps]},
        "error_x": _whiskers(steps),
        "customdata": [_told(one, level) for one, level in zip(steps, levels[1:], strict=True)],
    }
    texts = [label(f"Prior: {percent(found.prior)}", 0)]
    for row, one in enumerate(steps, 1):
        texts += [label(one.name, row), right_label(signed(one.decibans), row)]
    texts.append(label(f"Now: {percent(found.posterior)}", last))
    return {
        "data": [ends, bars],
        "layout": {
            "height": ROW * (last + 1) + 40,
            "xaxis": _axis([*levels, end]),
            "yaxis": row_axis(last + 1),
            "shapes": [_link(row, level) for row, level in enumerate(levels)],
            "annotations": texts,
            "bargap": 0,
        },
    }


_STROKE = {"width": [2, 0], "color": "--muted"}


def _whiskers(steps: Sequence[_Step]) -> Mapping[str, object]:
    high = [one.interval[1] - one.decibans if one.interval else 0.0 for one in steps]
    low = [one.decibans - one.interval[0] if one.interval else 0.0 for one in steps]
    return {"array": high, "arrayminus": low, "thickness": 1, "width": 0, "color": "--ink"}


def _link(row: int, level: float) -> Mapping[str, object]:
    """The thin upright from where one bar ends to where the next begins."""
    return {
        "type": "line",
        "x0": level,
        "x1": level,
        "y0": row + 0.15,
        "y1": row + 0.85,
        "layer": "below",
        "line": {"color": "--line", "width": 1},
    }


def _axis(levels: Sequence[float]) -> Mapping[str, object]:
    """Decibans from even odds, labelled with the probabilities they stand for."""
    low, high = min(levels) - 2.5, max(levels) + 2.5
    places = [(float(decibans(1.0, odds(p))), p) for p in _TICKS]
    shown: list[tuple[float, float]] = []
    for x, p in places:
        if low <= x <= high and (not shown or x - shown[-1][0] > (high - low) / 8):
            shown.append((x, p))
    return {
        "range": [low, high],
        "tickvals": [x for x, _ in shown],
        "ticktext": [f"{100 * p:g} %" for _, p in shown],
        "fixedrange": True,
        "zeroline": False,
    }


def _spread(one: _Step) -> str:
    return f"{one.interval[0]:+.1f} to {one.interval[1]:+.1f} dB" if one.interval else ""


def _told(one: _Step, level: float) -> str:
    reached = odds_to_probability(level)
    return wrapped(
        one.told,
        f"{signed(one.decibans)} (90 %: {_spread(one)})" if one.interval else signed(one.decibans),
        f"brings it to {percent(reached)}",
    )


def odds_to_probability(level: float) -> float:
    """The probability that stands so many decibans from even odds."""
    return float(1 / (1 + 10 ** (-level / 10)))
