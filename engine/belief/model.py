"""The belief model in PyMC: every continuous unknown by name, every yes-or-no summed out.

The only module that imports PyMC. The likelihood enters the graph as one operation that carries its
own gradient, so that it is the same code as the importance engine's and compiles in a moment.
"""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable, Iterator, Sequence
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

from engine.belief import likelihood, relevancy
from engine.belief.baselines import threshold_log_hazard, threshold_slope
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.states import BoolArray
from engine.probability import Array

N_CHAINS = 4
N_TUNE = 300
"""Warm-up iterations a chain: few are enough, for the posterior is close to the prior it starts from."""
TARGET_ACCEPT = 0.7
"""Lower than usual: the posterior is nearly normal, and longer steps cost nothing but a few refusals."""
_LINKER = "cvm"
"""PyTensor's C back end: it compiles this graph in a second or two, where numba takes ten and more."""

type Progress = Callable[[int, int], None]
type ValueAndGradient = Callable[..., tuple[float, Sequence[Array]]]


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


class Threshold(Op):
    """log H of a threshold on a quantity, from the log peak measured from it; outputs value and slope."""

    __props__ = ()

    def make_node(self, log_peak: Any) -> Apply:
        """A vector in, two vectors out."""
        vector = pt.as_tensor_variable(log_peak)
        return Apply(self, [vector], [vector.type(), vector.type()])

    def perform(self, node: Apply, inputs: Sequence[Array], outputs: Sequence[list[Any]]) -> None:  # noqa: ARG002
        """Elementwise."""
        outputs[0][0] = threshold_log_hazard(inputs[0])
        outputs[1][0] = threshold_slope(inputs[0])

    def pullback(self, inputs: Sequence[Any], outputs: Sequence[Any], cotangents: Sequence[Any]) -> list[Any]:  # noqa: ARG002
        """The slope is the second output."""
        return [cotangents[0] * outputs[1]]


def build_model(network: Network) -> pm.Model:
    """The model of a network, with named dims scenario, driver, indicator, source."""
    said, effects, spread = network.evidence, network.effects, network.assumptions.likelihood_sd
    coords = {
        "scenario": network.ids,
        "driver": network.driver_names,
        "indicator": said.indicators,
        "source": said.sources,
    }
    with pm.Model(coords=coords) as model:
        log_hazard = _log_hazard(network)
        log_hazard_ratio = _vector(pm.Normal, "log_hazard_ratio", "driver", effects.mean, effects.sd)
        logit_if_true = _vector(pm.Normal, "logit_if_true", "indicator", said.logit_if_true, spread)
        logit_if_false = _vector(pm.Normal, "logit_if_false", "indicator", said.logit_if_false, spread)
        reliability = _vector(pm.Beta, "reliability", "source", said.reliability_a, said.reliability_b)
        latent_relevancy = pm.Normal("relevancy", relevancy.MEAN, relevancy.SD, dims="scenario")

        reports = LogDensity("reports", _reports(network))
        pm.Potential("reports", reports(log_hazard, log_hazard_ratio, logit_if_true, logit_if_false, reliability)[0])
        ratings = LogDensity("ratings", _ratings(network))
        pm.Potential("ratings", ratings(latent_relevancy)[0])
    return model


def _vector(distribution: Any, name: str, dim: str, first: Array, second: Array | float) -> Any:
    """A named vector of unknowns, or nothing to be unknown about."""
    return distribution(name, first, second, dims=dim) if len(first) else np.zeros(0)


def _log_hazard(network: Network) -> Any:
    """log H of every scenario: from its probability, its base rate or its quantity."""
    base = network.baselines
    if base.stated.all():
        return pm.Normal("log_hazard", base.shift, base.sd, dims="scenario")
    log_hazard = pt.as_tensor_variable(base.shift)
    if base.stated.any():
        _add_dim("scenario_with_probability", network, base.stated)
        normal = pm.Normal("log_hazard_stated", 0.0, base.sd[base.stated], dims="scenario_with_probability")
        log_hazard = pt.inc_subtensor(log_hazard[np.flatnonzero(base.stated)], normal)
    if base.counted.any():
        _add_dim("scenario_with_base_rate", network, base.counted)
        hazard = pm.Gamma("hazard", base.shape[base.counted], base.rate[base.counted], dims="scenario_with_base_rate")
        log_hazard = pt.inc_subtensor(log_hazard[np.flatnonzero(base.counted)], pt.log(hazard))
    if base.measured.any():
        _add_dim("quantity", network, base.measured)
        peak = pm.Normal("log_peak", base.log_peak[base.measured], base.log_peak_sd[base.measured], dims="quantity")
        log_hazard = pt.inc_subtensor(log_hazard[np.flatnonzero(base.measured)], Threshold()(peak)[0])
    return pm.Deterministic("log_hazard", log_hazard, dims="scenario")


def _add_dim(name: str, network: Network, chosen: BoolArray) -> None:
    """A dim for some of the scenarios."""
    pm.modelcontext(None).add_coord(name, [scenario for scenario, one in zip(network.ids, chosen, strict=True) if one])


def _reports(network: Network) -> ValueAndGradient:
    def value_and_gradient(*vectors: Array) -> tuple[float, Sequence[Array]]:
        value, gradient = likelihood.value_and_gradient(network, Parameters(*(vector[None, :] for vector in vectors)))
        return float(value[0]), [getattr(gradient, name)[0] for name in gradient.__dataclass_fields__]

    return value_and_gradient


def _ratings(network: Network) -> ValueAndGradient:
    def value_and_gradient(latent: Array) -> tuple[float, Sequence[Array]]:
        value, gradient = relevancy.value_and_gradient(network.ratings, latent)
        return value, [gradient]

    return value_and_gradient


def _ignore(done: int, total: int) -> None:
    """Progress that nobody watches."""


@contextmanager
def _quietly() -> Iterator[None]:
    """One thread a chain, one back end, and no chatter: what matters is told by the diagnostics."""
    log = logging.getLogger("pymc")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with threadpool_limits(1), config.change_flags(linker=_LINKER), np.errstate(over="ignore"):
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


def sample(network: Network, draws: int, seed: int, progress: Progress = _ignore) -> Sampled:
    """Draw `draws` draws in all from the posterior with NUTS (Hoffman & Gelman 2014), in four chains.

    `progress(done, total)` is called as iterations finish, warm-up included.
    """
    per_chain = -(-draws // N_CHAINS)
    total = N_CHAINS * (per_chain + N_TUNE)
    done = itertools.count(1)
    with build_model(network), _quietly():
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
            callback=lambda **_: progress(next(done), total),
            compile_kwargs={"mode": Mode(linker=_LINKER, optimizer="fast_run")},
        )
    posterior = trace["posterior"]
    n = N_CHAINS * per_chain

    def flat(name: str, width: int) -> Array:
        return np.asarray(posterior[name]).reshape(n, width) if name in posterior else np.zeros((n, width))

    n_scenarios, said = len(network.scenarios), network.evidence
    return Sampled(
        theta=Parameters(
            log_hazard=flat("log_hazard", n_scenarios),
            log_hazard_ratio=flat("log_hazard_ratio", len(network.drivers)),
            logit_if_true=flat("logit_if_true", len(said.indicators)),
            logit_if_false=flat("logit_if_false", len(said.indicators)),
            reliability=flat("reliability", len(said.sources)),
        ),
        relevancy=flat("relevancy", n_scenarios),
        n_chains=N_CHAINS,
        divergences=int(trace["sample_stats"]["diverging"].sum()),
    )
