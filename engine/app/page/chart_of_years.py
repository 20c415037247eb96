"""The ten-year outlook of one scenario as a fan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from engine.app.page.chart import Chart, percent_axis, wrapped
from engine.app.page.wording import between, day, percent
from engine.app.report import ScenarioReport

type Point = tuple[date, float, tuple[float, float], str]


def years(one: ScenarioReport) -> Chart:
    """Probability by each of the next ten years, and by the deadline where it lies among them."""
    points = _points(one)
    by = [on.isoformat() for on, *_ in points]
    band = {
        "type": "scatter",
        "mode": "lines",
        "x": [*by, *reversed(by)],
        "y": [high for _, _, (_, high), _ in points] + [low for _, _, (low, _), _ in reversed(points)],
        "fill": "toself",
        "fillcolor": "--soft",
        "line": {"width": 0, "color": "--soft"},
        "hoverinfo": "skip",
    }
    curve = {
        "type": "scatter",
        "mode": "lines+markers",
        "x": by,
        "y": [probability for _, probability, _, _ in points],
        "line": {"color": "--accent", "width": 2.5},
        "marker": {"size": [11 if name else 6 for *_, name in points], "color": "--accent"},
        "customdata": [_told(point) for point in points],
    }
    at = one.deadline.isoformat()
    shown = any(name for *_, name in points)
    return Chart(
        id=f"years-{one.id}",
        title="Ten-year outlook",
        note="Probability that it has happened by then, with its central 90 % band. It never falls from year to year."
        + (" The large dot is the deadline." if shown else ""),
        figure={
            "data": [band, curve],
            "layout": {
                "height": 330,
                "xaxis": {"type": "date", "fixedrange": True, "showgrid": False, "tickformat": "%Y", "nticks": 6},
                "yaxis": percent_axis(),
                "shapes": [_upright(at)] if shown else [],
            },
        },
        columns=("By", "Probability", "90 %"),
        rows=[
            (f"{day(on)}{name and f' ({name})'}", percent(probability), between(interval))
            for on, probability, interval, name in points
        ],
    )


def _points(one: ScenarioReport) -> Sequence[Point]:
    view = one.outlook
    found: list[Point] = [
        (on, probability, (low, high), "")
        for on, probability, low, high in zip(view.by, view.probability, view.low, view.high, strict=True)
    ]
    if one.status == "open" and one.deadline < view.by[-1]:
        found = [point for point in found if point[0] != one.deadline]
        found.append((one.deadline, one.posterior.probability, one.posterior.interval, "deadline"))
    return sorted(found)


def _upright(at: str) -> dict[str, object]:
    return {
        "type": "line",
        "x0": at,
        "x1": at,
        "y0": 0,
        "y1": 1,
        "layer": "below",
        "line": {"color": "--line", "width": 1, "dash": "dot"},
    }


def _told(point: Point) -> str:
    on, probability, interval, name = point
    return wrapped(f"by {day(on)}{name and f', the {name}'}", f"{percent(probability)} (90 %: {between(interval)})")
