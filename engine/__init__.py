"""A scenario-scoring forecasting engine: priors in YAML, evidence from articles, probabilities with their reasons.

The house has five rooms, and a room imports only rooms above it:

- `records`     what people write, read strictly and checked as a whole
- `extraction`  from article text to proposed reports
- `belief`      from a project to a posterior: one likelihood in two texts, two engines
- `analysis`    questions asked of a posterior; none of them samples again
- `app`         the rim: files, runs, reports, the command line

In a notebook::

    import engine

    answer = engine.forecast(engine.load("scenarios/"))
    answer.posterior.probability
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.analysis.forecast import Forecast
    from engine.app.notebook import draws, forecast, load, save
    from engine.app.saved import open_run
    from engine.belief.posterior import Posterior
    from engine.errors import ForecastError
    from engine.records.project import Project

__all__ = ["Forecast", "ForecastError", "Posterior", "Project", "draws", "forecast", "load", "open_run", "save"]

_HOME = {
    "Forecast": "engine.analysis.forecast",
    "ForecastError": "engine.errors",
    "Posterior": "engine.belief.posterior",
    "Project": "engine.records.project",
    "draws": "engine.app.notebook",
    "forecast": "engine.app.notebook",
    "load": "engine.app.notebook",
    "open_run": "engine.app.saved",
    "save": "engine.app.notebook",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first asked for, so that `forecast --help` answers at once."""
    if name not in _HOME:
        raise AttributeError(f"module 'engine' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    """The public names."""
    return sorted(__all__)
