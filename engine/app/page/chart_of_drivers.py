"""Which scenario drives which, as a map: a scenario stands to the right of everything that drives it."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from engine.app.page.chart import Chart, wrapped
from engine.app.page.wording import percent
from engine.app.report import DriverLine, Report, ScenarioReport
from engine.probability import cloglog
from engine.records.project import Project, in_driver_order

_SETTLED = {"happened": "yes", "did-not-happen": "no"}

type Places = Mapping[str, tuple[float, float]]


def drivers(report: Report, project: Project) -> Chart | None:
    """The map of a run; None where nothing drives anything."""
    shown = {one.id: one for one in report.scenarios}
    edges = [
        _Edge(line.scenario, one.id, line, _strength(one, project, line.scenario))
        for one in report.scenarios
        for line in one.drivers
        if line.scenario in shown
    ]
    if not edges:
        return None
    joined = {name for edge in edges for name in (edge.parent, edge.child)}
    order = [name for name in in_driver_order(project.scenarios) if name in joined]
    places = _places(order, edges)
    tallest = max(sum(place[0] == x for place in places.values()) for x, _ in places.values())
    columns = 1 + round(max(x for x, _ in places.values()))
    return Chart(
        id="drivers",
        title="Map of drivers",
        note="An arrow runs from a scenario to one that it makes more or less likely; the thicker, the more. "
        "In each circle: its probability by its own deadline.",
        figure={
            "data": [*(_arrow(places, edge, shown) for edge in edges), _nodes(places, shown)],
            "layout": {
                "height": 122 * tallest + 60,
                "xaxis": {"visible": False, "range": [-0.45, columns - 0.55], "fixedrange": True},
                "yaxis": {"visible": False, "range": [-tallest / 2 - 0.15, tallest / 2 + 0.15], "fixedrange": True},
                "annotations": [_name(place, shown[name].title) for name, place in places.items()],
            },
        },
        columns=("Driver", "drives", "by", "because"),
        rows=[
            (shown[edge.parent].title, shown[edge.child].title, edge.line.effect, edge.line.because or "")
            for edge in edges
        ],
        narrowest=128 * columns,
    )


@dataclass(frozen=True)
class _Edge:
    parent: str
    child: str
    line: DriverLine
    strength: float
    """Log hazard ratio."""


def _strength(one: ScenarioReport, project: Project, parent: str) -> float:
    driver = next(driver for driver in project.scenarios[one.id].drivers if driver.scenario == parent)
    if driver.probability_if_occurs is not None:
        return float(cloglog(driver.probability_if_occurs) - cloglog(one.prior.probability))
    return math.log(driver.hazard_ratio or 1.0)


def _places(order: Sequence[str], edges: Sequence[_Edge]) -> Places:
    """(column, height) of every scenario: columns by the longest way to it, heights near those of what drives it."""
    column: dict[str, int] = {}
    for name in order:
        column[name] = max((column[edge.parent] + 1 for edge in edges if edge.child == name), default=0)
    height: dict[str, float] = {}
    for x in range(max(column.values()) + 1):
        mine = [name for name in order if column[name] == x]
        ahead = {name: [height[edge.parent] for edge in edges if edge.child == name] for name in mine}
        mine.sort(key=lambda name: (-fmean(ahead[name] or [0.0]), name))
        # every second column stands half a step off, so that long arrows pass between circles
        off = 0.25 * (x % 2) if len(mine) < len(order) else 0.0
        height |= {name: (len(mine) - 1) / 2 - place + off for place, name in enumerate(mine)}
    return {name: (float(column[name]), height[name]) for name in order}


def _arrow(places: Places, edge: _Edge, shown: Mapping[str, ScenarioReport]) -> Mapping[str, Any]:
    """A bent arrow; its middle can be pointed at."""
    (x0, y0), (x1, y1) = places[edge.parent], places[edge.child]
    told = f"{shown[edge.parent].title} \N{RIGHTWARDS ARROW} {shown[edge.child].title}"
    bend = 0.12 * (x1 - x0 - 1)
    middle = (x0 + x1) / 2, (y0 + y1) / 2 + bend
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [x0, middle[0], x1],
        "y": [y0, middle[1], y1],
        "line": {"shape": "spline", "color": "--rule", "width": 1 + 1.5 * abs(edge.strength)},
        "marker": {
            "symbol": ["circle", "circle", "arrow"],
            "size": [0, 7, 12],
            "angleref": "previous",
            "standoff": [0, 0, 19],
            "color": "--muted",
            "opacity": [0, 1, 1],
        },
        "customdata": ["", wrapped(told, edge.line.effect, edge.line.because or ""), ""],
    }


def _nodes(places: Places, shown: Mapping[str, ScenarioReport]) -> Mapping[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers+text",
        "x": [x for x, _ in places.values()],
        "y": [y for _, y in places.values()],
        "text": [_SETTLED.get(shown[name].status) or percent(shown[name].posterior.probability) for name in places],
        "textposition": "middle center",
        "marker": {"size": 38, "color": "--paper", "line": {"color": "--accent", "width": 2}, "opacity": 1},
        "customdata": [
            wrapped(shown[name].title, f"{percent(shown[name].posterior.probability)}, {shown[name].posterior.words}")
            for name in places
        ],
    }


def _name(place: tuple[float, float], title: str) -> Mapping[str, Any]:
    lines = textwrap.wrap(title, 17, max_lines=4, placeholder="\N{HORIZONTAL ELLIPSIS}")
    return {
        "text": "\n".join(lines),
        "bgcolor": "--paper",
        "borderpad": 0,
        "x": place[0],
        "y": place[1],
        "yshift": -21,
        "yanchor": "top",
        "showarrow": False,
        "align": "center",
    }
