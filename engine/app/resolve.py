"""Writing down what came of a scenario, into its own file."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from engine.app.files import read_files, write_whole
from engine.errors import ForecastError, nearest
from engine.records.assembly import assemble
from engine.records.editing import Plain, with_field
from engine.records.project import Project
from engine.records.reading import parse
from engine.records.scenario import Resolution, Scenario


@dataclass(frozen=True)
class Resolved:
    """The file written, the scenario as it now stands, and what it said before."""

    path: Path
    scenario: Scenario
    before: Resolution | None
    as_of: date | None
    """The day the folder stands still at, where it does."""


def resolve(
    folder: Path,
    seeds: Path | None,
    name: str,
    *,
    happened: bool,
    on: date,
    value: float | None = None,
    note: str | None = None,
    today: date,
    force: bool = False,
) -> Resolved:
    """Put the resolution into `<folder>/<name>.yaml`, every other byte as it was.

    `value` is the peak that a quantity reached. The folder must be without fault before and after; what is refused is refused before anything is written.
    """
    if value is not None and not math.isfinite(value):
        raise ForecastError(f"--value: must be a number, got {value}.")
    if note is not None and note != note.encode(errors="replace").decode():
        raise ForecastError("--note: must be UTF-8 text.")
    files = read_files(folder, seeds)
    project = assemble(files).project
    scenario = _checked(project, name, on, today, force)
    path = folder / f"{name}.yaml"
    content = files.scenarios[str(path)]
    said: dict[str, Plain | None] = {"happened": happened, "on": on.isoformat(), "value": _number(value), "note": note}
    given = {name: one for name, one in said.items() if one is not None}
    edited = with_field(parse(str(path), content), "resolution", given)
    after = assemble(replace(files, scenarios={**files.scenarios, str(path): edited})).project
    if path.read_bytes() != content:
        raise ForecastError(f"{path}: was changed by somebody else meanwhile; nothing was written. Try again.")
    write_whole(path, edited)
    return Resolved(path, after.scenarios[name], scenario.resolution, project.settings.as_of)


def _number(value: float | None) -> float | None:
    """A whole number without its decimal point."""
    return int(value) if value is not None and value.is_integer() else value


def _checked(project: Project, name: str, on: date, today: date, force: bool) -> Scenario:
    scenario = project.scenarios.get(name)
    if scenario is None:
        raise ForecastError(f"{name}: is no scenario here. {nearest(name, project.scenarios)}")
    if on < scenario.opens:
        raise ForecastError(f"--on: must not be before {name} opens ({scenario.opens}), got {on}.")
    if on > today:
        raise ForecastError(f"--on: must not be after today ({today}), got {on}. Resolve it once it is known.")
    if scenario.resolution and not force:
        raise ForecastError(
            f"{name}: is resolved already: {told(scenario.resolution)}. --force puts the new resolution in its place."
        )
    return scenario


def told(resolution: Resolution) -> str:
    """A resolution in words."""
    outcome = "happened" if resolution.happened else "did not happen"
    peak = "" if resolution.value is None else f", peak {resolution.value:,g}"
    return f"{outcome}{peak}, known on {resolution.on}" + (f" ({resolution.note})" if resolution.note else "")
