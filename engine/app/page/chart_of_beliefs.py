"""Every scenario's belief on one scale, from prior to posterior with its interval."""

from __future__ import annotations

from engine.app.page.chart import ROW, Chart, label, percent_axis, right_label, row_axis, wrapped
from engine.app.page.wording import between, day, percent
from engine.app.report import Report, ScenarioReport


def beliefs(report: Report) -> Chart:
    """Ranked by score, as the table beneath it."""
    found = report.scenarios
    rows = list(range(len(found)))
    now = [one.posterior.probability for one in found]
    then = [one.prior.probability for one in found]
    intervals = {
        "type": "scatter",
        "mode": "lines",
        "x": [end for one in found for end in (*one.posterior.interval, None)],
        "y": [row for row in rows for _ in range(3)],
        "line": {"color": "--soft", "width": 9},
        "hoverinfo": "skip",
    }
    moves = {
        "type": "scatter",
        "mode": "lines",
        "x": [end for one in zip(then, now, strict=True) for end in (*one, None)],
        "y": [row for row in rows for _ in range(3)],
        "line": {"color": "--accent", "width": 1.5},
        "hoverinfo": "skip",
    }
    priors = {
        "type": "scatter",
        "mode": "markers",
        "x": then,
        "y": rows,
        "marker": {"symbol": "line-ns", "size": 11, "line": {"width": 2, "color": "--muted"}},
        "hoverinfo": "skip",
    }
    posteriors = {
        "type": "scatter",
        "mode": "markers",
        "x": now,
        "y": rows,
        "marker": {"size": 12, "color": "--accent", "line": {"width": 2, "color": "--paper"}},
        "customdata": [_told(one) for one in found],
    }
    return Chart(
        id="beliefs",
        title="Probability by the deadline",
        note="Dot: now. Upright stroke: before the reports. Band: central 90 %, where it would lie were "
        "every unknown of the model known.",
        figure={
            "data": [intervals, moves, priors, posteriors],
            "layout": {
                "height": ROW * len(found) + 56,
                "xaxis": percent_axis(),
                "yaxis": row_axis(len(found)),
                "annotations": [
                    part
                    for row, one in enumerate(found)
                    for part in (label(one.title, row), right_label(_change(one), row))
                ],
            },
        },
        columns=(),
        rows=(),
    )


def _change(one: ScenarioReport) -> str:
    if one.status == "happened":
        return "happened"
    if one.status == "did-not-happen":
        return "did not happen"
    return f"{percent(one.prior.probability)} \N{RIGHTWARDS ARROW} {percent(one.posterior.probability)}"


def _told(one: ScenarioReport) -> str:
    if one.status in {"happened", "did-not-happen"}:
        return wrapped(one.title, f"{_change(one)}, prior {percent(one.prior.probability)}")
    return wrapped(
        one.title,
        f"{percent(one.posterior.probability)} by {day(one.deadline)}, {one.posterior.words}",
        f"90 %: {between(one.posterior.interval)}; prior {percent(one.prior.probability)}",
    )
