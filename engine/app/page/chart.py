"""A chart as the page carries it: a Plotly figure without theme, and the same as a table.

Colours are names of the style sheet's variables, such as `--accent`; the page's script looks them up, so that
a chart follows light, dark and print. Texts are plain; the script escapes them for Plotly, which reads markup.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Figure = Mapping[str, Any]

ROW = 42
"""Pixels for one labelled row."""


@dataclass(frozen=True)
class Chart:
    """What is drawn, what it is called, and its values for those who cannot see it."""

    id: str
    title: str
    note: str
    figure: Figure
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    folded: bool = True
    """Whether its table waits behind a click, being nowhere else on the page."""
    narrowest: int = 0
    """Pixels below which it scrolls sideways in its own frame."""

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.figure["layout"]["height"])


def label(text: str, row: float) -> Mapping[str, Any]:
    """A row's name, on a line of its own above the row, so that it needs no margin on a narrow screen.

    The page's script cuts it to the width there is.
    """
    return {
        "name": "row",
        "text": text,
        "bgcolor": "--paper",
        "borderpad": 0,
        "xref": "paper",
        "x": 0,
        "xanchor": "left",
        "y": row,
        "yshift": 16,
        "showarrow": False,
        "align": "left",
    }


def right_label(text: str, row: float) -> Mapping[str, Any]:
    """A row's value, at the far end of its name."""
    return {**label(text, row), "name": "value", "x": 1, "xanchor": "right", "font": {"color": "--muted"}}


def row_axis(n: int) -> Mapping[str, Any]:
    """An axis of n rows, the first on top, without ticks of its own."""
    return {"visible": False, "range": [n - 0.4, -0.75], "fixedrange": True}


def percent_axis() -> Mapping[str, Any]:
    """0 to 100 %, the same on every chart, so that charts can be compared."""
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    return {
        "range": [-0.015, 1.015],
        "tickvals": ticks,
        "ticktext": [f"{100 * tick:.0f} %" for tick in ticks],
        "fixedrange": True,
        "zeroline": False,
    }


def wrapped(*lines: str) -> str:
    """Lines for a hover label, broken where they would be too wide."""
    return "\n".join(part for line in lines for part in textwrap.wrap(line, 52) or [""])
