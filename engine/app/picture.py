"""The paths of replayed beliefs as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from engine.app.score_report import PathLine
from engine.errors import ForecastError

FORMATS = (".svg", ".png", ".pdf")
_COLUMNS = 2
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


def draw_paths(paths: Sequence[PathLine], path: Path) -> None:
    """One small chart a scenario: the belief from day to day, and the day it was settled."""
    from matplotlib import rc_context  # noqa: PLC0415  (an extra)
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    rows = -(-len(paths) // _COLUMNS)
    # glyphs as text, and a fixed salt: small files, the same bytes from the same beliefs
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "paths", "font.size": 8, "font.family": "sans-serif"}):
        figure = Figure(figsize=(8.4, 1.25 * rows + 0.3), layout="constrained")
        charts = figure.subplots(rows, _COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
        for chart, one in zip(charts, paths, strict=False):
            days, believed = list(one.days[: one.n_open]), list(one.while_open)
            if one.settled_on:
                days, believed = [*days, one.settled_on], [*believed, believed[-1]]
            chart.step(days, believed, where="post", color="#1f4e79", linewidth=1.4)
            if one.settled_on and one.came is not None:
                chart.axvline(one.settled_on, color="#888888", linewidth=0.7, linestyle=":")
                chart.plot(one.settled_on, float(one.came), "o", color="#c0392b", markersize=4, clip_on=False)
            came = "" if one.came is None else "  (happened)" if one.came else "  (did not happen)"
            chart.set_title(f"{one.title}{came}", fontsize=8, loc="left", pad=6)
            chart.set_ylim(0, 1)
            chart.set_yticks([0, 0.5, 1], ["0 %", "50 %", "100 %"])
            chart.grid(axis="y", linewidth=0.4, alpha=0.5)
            chart.spines[["top", "right"]].set_visible(False)
            locator = AutoDateLocator(maxticks=6)
            chart.xaxis.set_major_locator(locator)
            chart.xaxis.set_major_formatter(ConciseDateFormatter(locator))
        for chart in charts[len(paths) :]:
            chart.set_axis_off()
        try:
            figure.savefig(path, dpi=_DOTS_PER_INCH, metadata={"Date": None} if path.suffix == ".svg" else None)
        except OSError as error:
            raise ForecastError(f"{path}: cannot be written: {error.strerror}. Name another place.") from None
