"""`forecast new`: a small project that runs, to be changed into one's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from engine.app.files import write_whole
from engine.app.schemas import write_schemas
from engine.errors import ForecastError

_STARTER = "starter"


def start(folder: Path, today: date) -> list[Path]:
    """Write the example into `folder`, its dates set around today, with the schemas for an editor beside it.

    Refused where any of its files is there already: nothing is ever written over.
    """
    days = {"OPENS": today - timedelta(days=30), "PUBLISHED": today - timedelta(days=7)}
    days["DEADLINE"] = today + timedelta(days=335)
    wanted = dict(_texts(files("engine.app").joinpath(_STARTER)))
    there = [folder / name for name in wanted if (folder / name).exists()]
    if there:
        raise ForecastError(f"{there[0]}: is there already. Name a folder that holds no project yet.")
    for name, text in wanted.items():
        for word, day in days.items():
            text = text.replace(word, day.isoformat())  # noqa: PLW2901  (each day in turn)
        write_whole(folder / name, text.encode())
    write_schemas(folder / "schemas")
    return [folder / name for name in wanted]


def _texts(at: Traversable, within: str = "") -> Iterator[tuple[str, str]]:
    for one in sorted(at.iterdir(), key=lambda found: found.name):
        if one.is_dir():
            yield from _texts(one, f"{within}{one.name}/")
        elif one.name.endswith(".yaml"):
            yield within + one.name, one.read_text(encoding="utf-8")
