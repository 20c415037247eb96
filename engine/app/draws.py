"""The draws of a forecast with named dims, as ArviZ and xarray lay them out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from engine.analysis.forecast import Forecast
from engine.belief.parameters import Parameters
from engine.probability import Array, expit

_DIM_OF = {
    "log_hazard": "scenario",
    "log_hazard_ratio": "driver",
    "logit_if_true": "indicator",
    "logit_if_false": "indicator",
    "reliability": "source",
    "log_peak": "quantity",
    "headroom": "quantity",
    "slip": "quantity",
}


@dataclass(frozen=True)
class Variable:
    """An array with the names of its dims."""

    dims: tuple[str, ...]
    values: Array


@dataclass(frozen=True)
class Groups:
    """posterior, prior and sample_stats, with the coordinates they share."""

    groups: Mapping[str, Mapping[str, Variable]]
    coords: Mapping[str, Array]
    attrs: Mapping[str, str]

    def coordinates(self, group: str) -> dict[str, Array]:
        """The coordinates one group uses; draws are numbered as far as it has them."""
        sizes = {
            dim: size
            for variable in self.groups[group].values()
            for dim, size in zip(variable.dims, variable.values.shape, strict=True)
        }
        return {dim: np.arange(size) if dim == "draw" else self.coords[dim] for dim, size in sorted(sizes.items())}

    def datasets(self) -> dict[str, Any]:
        """An xarray Dataset for every group."""
        from xarray import Dataset  # noqa: PLC0415  (a second and a half to import)

        return {
            f"/{name}": Dataset(
                {key: (variable.dims, variable.values) for key, variable in variables.items()},
                self.coordinates(name),
                self.attrs,
            )
            for name, variables in self.groups.items()
        }


def groups_of(forecast: Forecast) -> Groups:
    """Everything drawn: unknowns, probabilities by the deadline, outlook curves; chains and draws first."""
    posterior, prior, network = forecast.posterior, forecast.prior, forecast.posterior.network
    chains = posterior.n_chains
    said = network.evidence
    coords: dict[str, Any] = {
        "scenario": network.ids,
        "driver": network.driver_names,
        "indicator": said.indicators,
        "source": said.sources,
        "quantity": [network.ids[position] for position in network.measurements.quantities],
        "year": [day.year for day in forecast.outlook.by],
        "chain": np.arange(chains),
    }
    in_posterior = {
        **_unknowns(posterior.theta, chains),
        "relevancy": _variable(posterior.relevancy, chains, "scenario"),
        "probability": _variable(posterior.belief.scenarios, chains, "scenario"),
        "outlook": _variable(forecast.outlook.draws, chains, "scenario", "year"),
    }
    in_prior = {
        **_unknowns(prior.theta, chains),
        "probability": _variable(prior.belief.scenarios, chains, "scenario"),
    }
    stats = {"log_likelihood": _variable(posterior.belief.log_likelihood, chains)}
    return Groups(
        groups={"posterior": in_posterior, "prior": in_prior, "sample_stats": stats},
        coords={name: np.asarray(values) for name, values in coords.items()},
        attrs={
            "as_of": network.as_of.isoformat(),
            "engine": posterior.engine,
            "seed": str(posterior.seed),
            "inputs": forecast.project.fingerprint,
        },
    )


def _unknowns(theta: Parameters, chains: int) -> dict[str, Variable]:
    columns = {field.name: getattr(theta, field.name) for field in fields(theta)}
    found = {name: _variable(drawn, chains, _DIM_OF[name]) for name, drawn in columns.items() if drawn.size}
    for name in ("if_true", "if_false"):
        logits = found.pop(f"logit_{name}", None)
        if logits is None:
            continue
        found[name] = Variable(logits.dims, expit(logits.values))
    return found


def _variable(values: Array, chains: int, *dims: str) -> Variable:
    return Variable(("chain", "draw", *dims), values.reshape(chains, len(values) // chains, *values.shape[1:]))
