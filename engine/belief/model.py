"""The belief model in PyMC: every continuous unknown by name, every yes-or-no summed out.

The only module that imports PyMC. The likelihood enters the graph as one operation that carries its own
gradient (`compiled`), so that it compiles in a moment; tests hold it to the importance engine's text of the same.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt
from pytensor import config
from pytensor.compile.mode import Mode
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from threadpoolctl import threadpool_limits

from engine.belief import log_density, relevancy
from engine.belief.baselines import threshold_log_hazard
from engine.belief.log_density import ValueAndGradient
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.probability import Array

N_CHAINS = 4
N_TUNE = 300
"""Warm-up iterations a chain: few are enough, for the posterior is close to the prior it starts from."""
TARGET_ACCEPT = 0.7
"""Lower than usual: the posterior is nearly normal, and longer steps cost nothing but a few refusals."""
_LINKER = "cvm"
"""PyTensor's C back end: it compiles this graph in a second or two, where numba takes ten and more."""
_OPTIMISATION = "-O1"
"""Vectors of a few dozen numbers gain nothing from more, and a machine's first run is two seconds shorter."""

type Progress = Callable[[int, int], None]


class LogDensity(Op):
    """A scalar function of vectors that comes with its gradient; outputs the value, then the gradients."""

    __props__ = ("name",)

    def __init__(self, name: str, function: ValueAndGradient) -> None:
        self.name = name
        self._function = function

    def make_node(self, *vectors: Any) -> Apply:
        """Vectors in, a scalar and vectors of the same kinds out."""
        inputs = [pt.as_tensor_variable(vector) for vector in vectors]
        return Apply(self, inputs, [pt.dscalar(), *(vector.type() for vector in inputs)])

    def perform(self, node: Apply, inputs: Sequence[Array], outputs: Sequence[list[Any]]) -> None:  # noqa: ARG002
        """Value and gradients in one pass."""
        value, gradients = self._function(*inputs)
        outputs[0][0] = np.asarray(value, dtype=float)
        for output, gradient in zip(outputs[1:], gradients, strict=True):
            output[0] = np.ascontiguousarray(gradient, dtype=float)

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:  # noqa: ARG002
        """The gradients computed with the value, times what comes from above."""
        return [cotangents[0] * gradient for gradient in outputs[1:]]


def build_model(network: Network) -> pm.Model:
    """The model of a network, with named dims scenario, driver, indicator, source."""
    said, effects, spread = network.evidence, network.effects, network.assumptions.likelihood_sd
    coords = {
        "scenario": network.ids,
        "driver": network.driver_names,
        "indicator": said.indicators,
        "source": said.sources,
        "quantity": [network.ids[position] for position in network.measurements.quantities],
    }
    with pm.Model(coords=coords) as model:
        unknowns = (
            *_hazards(network),
            _vector(pm.Normal, "log_hazard_ratio", "driver", effects.mean, effects.sd),
            _vector(pm.Normal, "logit_if_true", "indicator", said.logit_if_true, spread),
            _vector(pm.Normal, "logit_if_false", "indicator", said.logit_if_false, spread),
            _vector(pm.Beta, "reliability", "source", said.reliability_a, said.reliability_b),
            *_levels(network),
        )
        latent_relevancy = pm.Normal("relevancy", relevancy.MEAN, relevancy.SD, dims="scenario")

        pm.Potential("evidence", LogDensity("evidence", log_density.evidence(network))(*unknowns)[0])
        ratings = LogDensity("ratings", log_density.of_ratings(network.ratings))
        pm.Potential("ratings", ratings(latent_relevancy)[0])
    return model


def _vector(distribution: Any, name: str, dim: str, first: Array, second: Array | float) -> Any:
    """A named vector of unknowns, or nothing to be unknown about."""
    return distribution(name, first, second, dims=dim) if len(first) else np.zeros(0)


def _hazards(network: Network) -> tuple[Any, Any]:
    """What each scenario's hazard follows from: its probability or its base rate; a quantity's from its peak."""
    base = network.baselines
    if base.stated.all():
        return pm.Normal("log_hazard", base.shift, base.sd, dims="scenario"), np.zeros(0)
    model = pm.modelcontext(None)
    for dim, chosen in (("stated", base.stated), ("counted", base.counted)):
        model.add_coord(f"scenario_{dim}", [name for name, one in zip(network.ids, chosen, strict=True) if one])
    stated, counted = base.stated, base.counted
    stated_hazard = _vector(pm.Normal, "log_hazard_stated", "scenario_stated", base.shift[stated], base.sd[stated])
    if not counted.any():
        return stated_hazard, np.zeros(0)
    # in units of the rate and through log(exp(x) - 1): through log x the tails are uneven, and no step fits both
    units = pm.Gamma(
        "hazard_units",
        base.shape[counted],
        1.0,
        dims="scenario_counted",
        default_transform=pm.distributions.transforms.log_exp_m1,
    )
    return stated_hazard, units / base.rate[counted]


def _levels(network: Network) -> tuple[Any, Any, Any]:
    """The peak of every quantity, through the level now and the headroom above it.

    Numbers pin the level down and leave the headroom open, so in these two the posterior is nearly
    upright, where peak and headroom would be all but one.
    """
    base, found = network.baselines, network.measurements
    mean, sd = base.log_peak[base.measured], base.log_peak_sd[base.measured]
    if not len(mean):
        return np.zeros(0), np.zeros(0), np.zeros(0)
    # sampled through log(exp(h) - 1): through log h a long step would send the peak out of all bounds
    headroom = pm.Exponential(
        "headroom", 1.0, dims="quantity", default_transform=pm.distributions.transforms.log_exp_m1
    )
    level = pm.Normal("log_level", mean - headroom, sd, dims="quantity")
    return level, headroom, pm.Normal("slip", 0.0, found.slip_sd, dims="quantity")


def theta_of(network: Network, drawn: Mapping[str, Array]) -> Parameters:
    """Parameters from draws of the model's unknowns by name, (n, width) each."""
    base, values = network.baselines, dict(drawn)
    if base.stated.all():
        return Parameters(**values)
    if "log_level" in values:
        values["log_peak"] = values.pop("log_level") + values["headroom"]
    log_hazard = np.empty((len(values["log_hazard"]), len(network.scenarios)))
    log_hazard[:, base.stated] = values["log_hazard"]
    units = values.pop("hazard_units")
    if base.counted.any():
        log_hazard[:, base.counted] = np.log(units / base.rate[base.counted]) + base.shift[base.counted]
    if base.measured.any():
        log_hazard[:, base.measured] = threshold_log_hazard(values["log_peak"]) + base.shift[base.measured]
    return Parameters(**{**values, "log_hazard": log_hazard})


def _ignore(done: int, total: int) -> None:
    """Progress that nobody watches."""


@contextmanager
def _quietly() -> Iterator[None]:
    """One thread a chain, one back end, and no chatter: what matters is told by the diagnostics."""
    log = logging.getLogger("pymc")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        flags = {"linker": _LINKER, "gcc__cxxflags": f"{config.gcc__cxxflags} {_OPTIMISATION}".strip()}
        with threadpool_limits(1), config.change_flags(**flags), np.errstate(over="ignore"):
            yield
    finally:
        log.setLevel(level)


@dataclass(frozen=True)
class Sampled:
    """What the sampler returned, chains one after another."""

    theta: Parameters
    relevancy: Array
    """(n, S)"""
    n_chains: int
    divergences: int


@dataclass
class _Watch:
    """Counts iterations, and tells an interrupted sampler from a finished one.

    PyMC catches Ctrl-C and hands over what it had, or stumbles over how little that is: half an answer is none.
    """

    total: int
    progress: Progress
    done: int = 0

    def __call__(self, **_: Any) -> None:
        self.done += 1
        self.progress(self.done, self.total)

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.done < self.total and kind in {None, ValueError}:
            raise KeyboardInterrupt from None


def sample(network: Network, draws: int, seed: int, progress: Progress = _ignore) -> Sampled:
    """Draw `draws` draws in all from the posterior with NUTS (Hoffman & Gelman 2014), in four chains.

    `progress(done, total)` is called as iterations finish, warm-up included.
    """
    per_chain = -(-draws // N_CHAINS)
    watch = _Watch(N_CHAINS * (per_chain + N_TUNE), progress)
    with build_model(network), _quietly(), watch:
        trace = pm.sample(
            draws=per_chain,
            tune=N_TUNE,
            chains=N_CHAINS,
            cores=min(N_CHAINS, os.cpu_count() or 1),
            target_accept=TARGET_ACCEPT,
            random_seed=seed,
            nuts_sampler="pymc",
            progressbar=False,
            compute_convergence_checks=False,
            callback=watch,
            compile_kwargs={"mode": Mode(linker=_LINKER, optimizer="fast_run")},
        )
    posterior = trace["posterior"]
    n = N_CHAINS * per_chain
    widths = _widths(network)
    drawn = {
        name: np.asarray(posterior[variable]).reshape(n, width) if width else np.zeros((n, 0))
        for name, (variable, width) in widths.items()
    }
    return Sampled(
        theta=theta_of(network, drawn),
        relevancy=np.asarray(posterior["relevancy"]).reshape(n, -1),
        n_chains=N_CHAINS,
        divergences=int(trace["sample_stats"]["diverging"].sum()),
    )


def _widths(network: Network) -> dict[str, tuple[str, int]]:
    """For every unknown the likelihood takes: the name it is sampled by, and how many there are."""
    base, said = network.baselines, network.evidence
    found = {
        "log_hazard_ratio": ("log_hazard_ratio", len(network.drivers)),
        "logit_if_true": ("logit_if_true", len(said.indicators)),
        "logit_if_false": ("logit_if_false", len(said.indicators)),
        "reliability": ("reliability", len(said.sources)),
    }
    if base.stated.all():
        return {"log_hazard": ("log_hazard", len(network.scenarios)), **found}
    n_quantities = int(base.measured.sum())
    found |= {
        "log_hazard": ("log_hazard_stated", int(base.stated.sum())),
        "hazard_units": ("hazard_units", int(base.counted.sum())),
    }
    return found | {name: (name, n_quantities) for name in ("log_level", "headroom", "slip") if n_quantities}
