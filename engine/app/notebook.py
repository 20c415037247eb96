"""The same as the commands, in a notebook."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engine.app.files import load as load_files
from engine.records.project import Project

if TYPE_CHECKING:
    from xarray import DataTree

    from engine.analysis.forecast import Forecast
    from engine.belief.inference import Progress


def load(folder: str | Path, seeds: str | Path | None = None) -> Project:
    """The checked project in a folder of scenarios; raises `ForecastError` with every fault of every file."""
    return load_files(folder, seeds).project


def day_of(project: Project, as_of: date | None = None) -> date:
    """The day asked for, else the project's own, else today."""
    return as_of or project.settings.as_of or date.today()


def forecast(
    project: Project,
    as_of: date | None = None,
    engine: str = "nuts",
    draws: int = 4000,
    seed: int = 1,
    progress: Progress | None = None,
) -> Forecast:
    """Posterior, outlook and pulls of every scenario; `engine` is nuts or importance.

    `as_of` defaults to the project's own day, else today. Nothing dated later is seen.
    """
    from engine.analysis.forecast import forecast as answer  # noqa: PLC0415  (heavy, and `load` alone is not)
    from engine.belief.inference import silent  # noqa: PLC0415

    return answer(project, day_of(project, as_of), engine, draws, seed, progress or silent)


def save(answer: Forecast, folder: str | Path = "runs") -> Path:
    """Write a run's folder, report.json and posterior.nc in it, and say where it is."""
    from engine.app import runs  # noqa: PLC0415
    from engine.app.reporting import report_of  # noqa: PLC0415

    run_id = runs.new_run_id(answer.project.fingerprint)
    return runs.save(Path(folder), run_id, report_of(answer, run_id), answer)


def draws(answer: Forecast) -> DataTree:
    """The draws of a forecast as ArviZ lays them out: groups posterior, prior and sample_stats with named dims."""
    from xarray import DataTree  # noqa: PLC0415

    from engine.app.draws import groups_of  # noqa: PLC0415

    return DataTree.from_dict(groups_of(answer).datasets())
