"""Pictures of looking back: the paths of beliefs, and the reliability diagram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.app.score_report import CalibrationLine, PathLine
from engine.errors import ForecastError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = (".svg", ".png", ".pdf")
_COLUMNS = 2
_MOST_MARKS = 200
_BELIEF, _CAME, _FAINT = "#1f4e79", "#c0392b", "#888888"
_DOTS_PER_INCH = 110


def check_picture(path: Path) -> None:
    """Refuse a picture that could not be drawn, before anything is computed."""
    if path.suffix not in FORMATS:
        raise ForecastError(f"{path}: a picture ends in {', '.join(FORMATS[:-1])} or {FORMATS[-1]}. Name another file.")
    if not path.parent.is_dir():
        raise ForecastError(f"{path.parent}: is no folder. Make it, or name another place for the picture.")
    try:
        import matplotlib as mpl  # noqa: F401, PLC0415  (an extra)
    except ImportError:
        raise ForecastError(
            "--picture needs matplotlib, which is not installed. Install the extra `pictures`: uv sync --extra pictures."
        ) from None


@contextmanager
def _sheet(width: float, height: float, path: Path) -> Iterator[Figure]:
    """A figure that is saved in the end: glyphs as text and a fixed salt, so small files, and the same from the same."""
    from matplotlib import rc_context  # noqa: PLC0415  (an extra)
    from matplotlib.figure import Figure  # noqa: PLC0415

    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "paths", "font.size": 8, "font.family": "sans-serif"}):
        figure = Figure(figsize=(width, height), layout="constrained")
        yield figure
        try:
            figure.savefig(path, dpi=_DOTS_PER_INCH, metadata={"Date": None} if path.suffix == ".svg" else None)
        except OSError as error:
            raise ForecastError(f"{path}: cannot be written: {error.strerror}. Name another place.") from None


def draw_paths(paths: Sequence[PathLine], path: Path) -> None:
    """One small chart a scenario: the belief from day to day, and the day it was settled."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415  (an extra)

    rows = -(-len(paths) // _COLUMNS)
    with _sheet(8.4, 1.25 * rows + 0.3, path) as figure:
        charts = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
        for chart, one in zip(charts, paths, strict=False):
            days, believed = list(one.days[: one.n_open]), list(one.while_open)
            if one.settled_on:
                days, believed = [*days, one.settled_on], [*believed, believed[-1]]
            chart.step(days, believed, where="post", color=_BELIEF, linewidth=1.4)
            if one.settled_on and one.came is not None:
                chart.axvline(one.settled_on, color=_FAINT, linewidth=0.7, linestyle=":")
                chart.plot(one.settled_on, float(one.came), "o", color=_CAME, markersize=4, clip_on=False)
            came = "" if one.came is None else "  (happened)" if one.came else "  (did not happen)"
            chart.set_title(f"{one.title}{came}", fontsize=8, loc="left", pad=6, parse_math=False)
            chart.set_ylim(0, 1)
            chart.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
            chart.grid(axis="y", linewidth=0.4, alpha=0.5)
            chart.spines[["top", "right"]].set_visible(False)
            locator = AutoDateLocator(maxticks=6)
            chart.xaxis.set_major_locator(locator)
            chart.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        for chart in charts[len(paths) :]:
            chart.set_axis_off()


def draw_diagram(found: CalibrationLine, path: Path) -> None:
    """The reliability diagram: what was said against what came true, and the band of a calibrated forecaster."""
    with _sheet(4.2, 4.2, path) as figure:
        chart = figure.subplots()
        chart.plot([0, 1], [0, 1], color=_FAINT, linewidth=0.7)
        if found.band is not None:
            chart.fill_between(found.probability, *found.band, color=_BELIEF, alpha=0.15, linewidth=0)
        chart.plot(found.probability, found.recalibrated, color=_CAME, linewidth=1.4)
        if len(found.probability) <= _MOST_MARKS:
            marks = [0] * len(found.probability)
            chart.plot(found.probability, marks, "|", color=_BELIEF, markersize=5, clip_on=False)
        few = "" if found.band is not None else ": too few to say"
        chart.set_title(f"{found.n} scenario{'' if found.n == 1 else 's'}{few}", fontsize=8, loc="left")
        parts = {"Brier": found.score, "miscalibration": found.miscalibration}
        parts |= {"discrimination": found.discrimination, "uncertainty": found.uncertainty}
        told = "\n".join(f"{name} {line.value:.3f}" for name, line in parts.items() if line.value is not None)
        chart.text(0.03, 0.97, told, va="top", fontsize=7)
        chart.set(xlim=(0, 1), ylim=(0, 1), xlabel="Said", ylabel="Came true", aspect="equal")
        ticks = [0, 0.25, 0.5, 0.75, 1]
        chart.set_xticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
        chart.set_yticks(ticks, [f"{100 * tick:.0f} %" for tick in ticks])
        chart.spines[["top", "right"]].set_visible(False)
