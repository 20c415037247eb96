"""One replayed day: what the engine would have said on it, from what was known by then."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version

from threadpoolctl import threadpool_limits

from engine.analysis.forecast import Forecast, forecast
from engine.app.report import Report
from engine.app.reporting import report_of
from engine.records.project import Project

ENGINE = "importance"


@dataclass(frozen=True)
class Options:
    """What a replay depends on, besides the files and the days."""

    draws: int = 4000
    seed: int = 1


def replay_id(project: Project, options: Options) -> str:
    """The name of a replay in the ledger: the same files, options and engine version give the same name."""
    made_of = [project.fingerprint, ENGINE, options.draws, options.seed, version("scenario-forecast-engine")]
    return f"replay-{hashlib.sha256(json.dumps(made_of).encode()).hexdigest()[:12]}"


def forecast_on(project: Project, day: date, options: Options) -> Forecast:
    """The forecast of a day, from the part of the project that was known on it.

    One thread: the days are computed side by side.
    """
    with threadpool_limits(1):
        return forecast(project.known_by(day), day, ENGINE, options.draws, options.seed)


def replayed(project: Project, day: date, options: Options, name: str) -> Report:
    """The report of a day, under the name of its replay."""
    return report_of(forecast_on(project, day, options), name)
