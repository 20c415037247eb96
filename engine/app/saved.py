"""A saved run, read back as the forecast it was: no sampling, the beliefs computed again from its draws."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

import h5netcdf
import numpy as np

from engine.analysis.forecast import Forecast
from engine.analysis.outlook import HORIZON, Outlook, anniversary
from engine.app.inputs import INPUTS_FILE, read_inputs, read_whole
from engine.app.report import Report
from engine.app.runs import DRAWS_FILE, REPORT_FILE
from engine.belief.hearing import build
from engine.belief.importance import believe_in_batches
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.posterior import ENGINES, Diagnostics, Posterior
from engine.errors import DamagedRunError
from engine.probability import Array, logit
from engine.records.project import Project

_GROUP = "posterior"
MAX_DRAWS, MAX_FLOATS = 4_000_000, 500_000_000
"""More than any run writes: a file may tell of more than it holds, and memory is given for what it tells."""
_LOGITS = {"logit_if_true": "if_true", "logit_if_false": "if_false"}
"""Kept in the file as the probabilities an analyst knows."""


def open_run(folder: str | Path) -> Forecast:
    """The whole forecast of the run in `folder`, with prior, outlook and pulls: its beliefs computed again from its draws.

    A folder that is not as the engine wrote it is a ForecastError.
    """
    saved = _Saved.read(Path(folder))
    posterior = saved.posterior()
    return Forecast(
        project=saved.project,
        posterior=posterior,
        outlook=saved.outlook(posterior.network.as_of),
        without_opinions=saved.without_opinions(posterior),
    )


@dataclass(frozen=True)
class _Saved:
    """What the files of a run hold, its draws in one row."""

    folder: Path
    project: Project
    report: Report
    attrs: Mapping[str, str]
    columns: Mapping[str, Array]
    """Every variable of the posterior, (n, ...)."""
    names: Mapping[str, tuple[str, ...]]
    """The names along every dim."""
    n_chains: int
    network: Network

    @staticmethod
    def read(folder: Path) -> _Saved:
        report = read_report(folder / REPORT_FILE)
        project = read_inputs(folder / INPUTS_FILE, report.inputs).project
        path = folder / DRAWS_FILE
        try:
            with h5netcdf.File(path, "r") as file:
                attrs = {name: str(value) for name, value in file.attrs.items()}
                group = file[_GROUP]
                shape = tuple(len(group.dimensions[dim]) for dim in ("chain", "draw"))
                if (
                    not 0 < math.prod(shape) <= MAX_DRAWS
                    or max(_size(one) for one in group.variables.values()) > MAX_FLOATS
                ):
                    raise DamagedRunError(path, f"it tells of {shape[0]:,} chains of {shape[1]:,} draws")
                drawn = {name: one[...] for name, one in group.variables.items() if _drawn(one.dimensions)}
                named = {name: one[...] for name, one in group.variables.items() if one.dimensions == (name,)}
        except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
            raise DamagedRunError(path, str(error)) from error
        found = _Saved(
            folder=folder,
            project=project,
            report=report,
            attrs=attrs,
            columns={name: values.reshape(shape[0] * shape[1], *values.shape[2:]) for name, values in drawn.items()},
            names={name: tuple(map(_text, values)) for name, values in named.items()},
            n_chains=shape[0],
            network=build(project, report.as_of),
        )
        found.check()
        return found

    @property
    def path(self) -> Path:
        return self.folder / DRAWS_FILE

    def check(self) -> None:
        """The draws belong to the report, and to this network as this engine builds it."""
        said = self.attrs.get("inputs"), self.attrs.get("as_of"), self.attrs.get("engine")
        if said != (self.report.inputs, self.report.as_of.isoformat(), self.report.engine.name):
            raise DamagedRunError(self.path, f"it is not the file that {REPORT_FILE} beside it tells of")
        network, evidence = self.network, self.network.evidence
        expected = {
            "scenario": network.ids,
            "driver": network.driver_names,
            "indicator": evidence.indicators,
            "source": evidence.sources,
            "quantity": tuple(network.ids[position] for position in network.measurements.quantities),
        }
        for dim, names in expected.items():
            if self.names.get(dim, ()) != names:
                raise DamagedRunError(self.path, f"its {dim}s are not those of the project")

    def posterior(self) -> Posterior:
        """The posterior, as the engine first answered it."""
        theta = Parameters(*(self.unknown(one.name) for one in fields(Parameters)))
        n_scenarios = len(self.network.ids)
        relevancy = self.column("relevancy", n_scenarios)
        believed = believe_in_batches(self.network, theta)
        if not np.allclose(believed.scenarios, self.column("probability", n_scenarios), rtol=0, atol=1e-6):
            raise DamagedRunError(self.path, "its probabilities are not what this engine makes of its draws")
        line, checks = self.report.engine, self.report.diagnostics
        mcse = {scenario.id: scenario.posterior.mcse for scenario in self.report.scenarios}
        if missing := set(self.network.ids) - mcse.keys():
            raise DamagedRunError(self.folder / REPORT_FILE, f"it says nothing of {', '.join(sorted(missing))}")
        return Posterior(
            network=self.network,
            theta=theta,
            belief=believed,
            engine=line.name,
            seed=line.seed,
            n_chains=self.n_chains,
            relevancy=relevancy,
            mcse=np.array([mcse[name] for name in self.network.ids]),
            diagnostics=Diagnostics(**checks.model_dump()),
        )

    def unknown(self, name: str) -> Array:
        """(n, width) one of the unknowns; no columns where the network has none of it."""
        stored = _LOGITS.get(name, name)
        width = self.expected_width(name)
        if stored not in self.columns and not width:
            return np.zeros((len(self.column("probability", len(self.network.ids))), 0))
        values = self.column(stored, width)
        return np.asarray(logit(values)) if name in _LOGITS else values

    def expected_width(self, name: str) -> int:
        network, evidence = self.network, self.network.evidence
        if name == "log_hazard":
            return len(network.ids)
        if name == "log_hazard_ratio":
            return len(network.drivers)
        if name in _LOGITS:
            return len(evidence.indicators)
        return len(evidence.sources) if name == "reliability" else len(network.measurements.quantities)

    def column(self, name: str, *shape: int) -> Array:
        """(n, *shape) a variable that must be there, and finite."""
        values = self.columns.get(name)
        if values is None or values.dtype.kind != "f" or not np.isfinite(values).all():
            raise DamagedRunError(self.path, f"{name} is missing or not finite")
        if values.shape[1:] != shape:
            raise DamagedRunError(self.path, f"{name} has another shape")
        return values

    def outlook(self, as_of: date) -> Outlook:
        """The curves as they were drawn."""
        drawn = self.column("outlook", len(self.network.ids), HORIZON)
        return Outlook(tuple(anniversary(as_of, year) for year in range(1, HORIZON + 1)), drawn)

    def without_opinions(self, posterior: Posterior) -> Array | None:
        """(S,) the probabilities had nobody else forecast, as the report tells them: to four digits."""
        told = {one.id: one.forecasts.without for one in self.report.scenarios if one.forecasts}
        if not told:
            return None
        own = zip(self.network.ids, posterior.probability.tolist(), strict=True)
        return np.array([told.get(name, probability) for name, probability in own])


def read_report(path: Path) -> Report:
    """The report of a run, as the engine wrote it."""
    report = read_whole(path, Report, "Name the folder of a run.")
    if report.engine.name not in ENGINES:
        raise DamagedRunError(path, f"{report.engine.name} is no engine")
    return report


def _drawn(dimensions: tuple[str, ...]) -> bool:
    return dimensions[:2] == ("chain", "draw")


def _size(variable: h5netcdf.Variable) -> int:
    return math.prod(variable.shape)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
