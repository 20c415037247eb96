"""The folder of a run: written whole or not at all."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel

from engine.analysis.forecast import Forecast
from engine.app.draws import groups_of
from engine.app.inputs import INPUTS_FILE, inputs_of
from engine.app.netcdf import write_netcdf
from engine.errors import ForecastError, nearest

REPORT_FILE = "report.json"
DRAWS_FILE = "posterior.nc"
PAGE_FILE = "report.html"
_STAMP = "%Y%m%dT%H%M%S%f"


def new_run_id(fingerprint: str, now: datetime | None = None) -> str:
    """A run's name: when it was made, and of what."""
    stamp = (now or datetime.now(UTC)).strftime(_STAMP)
    return f"{stamp}-{fingerprint[:6]}"


def made_at(run_id: str) -> datetime:
    """The moment in a run's name. Raises ValueError where the name was not given by `new_run_id`."""
    return datetime.strptime(run_id.partition("-")[0], _STAMP).replace(tzinfo=UTC)


def save(
    folder: Path,
    run_id: str,
    report: BaseModel,
    forecast: Forecast,
    scenarios: Path | None = None,
    seeds: Path | None = None,
) -> Path:
    """Write `<folder>/<run id>/` with report.json, inputs.json and posterior.nc; a broken-off run leaves nothing behind.

    `scenarios` and `seeds` are the folders it was made from, where there were any.
    """
    final, partial = folder / run_id, folder / f".{run_id}.partial"
    try:
        partial.mkdir(parents=True)
        (partial / REPORT_FILE).write_text(report.model_dump_json(indent=2) + "\n", encoding="utf-8")
        inputs = inputs_of(forecast.project, scenarios, seeds)
        (partial / INPUTS_FILE).write_text(inputs.model_dump_json(exclude_defaults=True) + "\n", encoding="utf-8")
        write_netcdf(partial / DRAWS_FILE, groups_of(forecast))
        partial.rename(final)
    except OSError as error:
        raise ForecastError(
            f"{folder}: the run cannot be written: {error}. Name another folder with --output."
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return final


def finished(folder: Path) -> list[Path]:
    """The folders of the runs that came to their end, oldest first; a killed run's leavings start with a dot."""
    return sorted(path.parent for path in folder.glob(f"[!.]*/{REPORT_FILE}"))


def find_run(name: str, folder: Path) -> Path:
    """The folder of a run: given as a path, by its id or how that begins, as `latest`, or as `previous`, the one before it."""
    direct = Path(name)
    if (direct / REPORT_FILE).is_file():
        return direct
    runs = [path.name for path in finished(folder)]
    if not runs:
        raise ForecastError(f"{folder}: holds no run. Make one: forecast run, or name another folder with --output.")
    if name == "latest":
        return folder / runs[-1]
    if name == "previous":
        if len(runs) == 1:
            raise ForecastError(f"{folder}: holds one run only, {runs[0]}, so there is none before it. Make another.")
        return folder / runs[-2]
    meant = [run for run in runs if run == name] or [run for run in runs if name and run.startswith(name)]
    if len(meant) == 1:
        return folder / meant[0]
    if meant:
        raise ForecastError(
            f"{name}: begins the ids of {len(meant)} runs in {folder}: {', '.join(meant[:12])}. Say more."
        )
    raise ForecastError(f"{name}: is no run in {folder}. {nearest(name, runs)}")
