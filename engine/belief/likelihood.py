"""P(reports | theta) and P(scenario | theta, reports), in closed form: claims and outcomes summed out.

One draw of theta or many: every array has the draws first. The gradient is written beside the value,
so that the sampler and the importance engine share one likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from engine.belief.evidence import Evidence
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.states import Group
from engine.probability import Array, log1mexp

_ALMOST_ONE = 1 - 1e-12


@dataclass(frozen=True)
class Belief:
    """What the reports say of each draw, and each draw of the scenarios."""

    log_likelihood: Array
    """(n,) log P(reports, nothing seen so far | theta)."""
    entries: Array
    """(n, T) probability of each (scenario, drivers, outcome), given theta and the reports."""
    scenarios: Array
    """(n, S) probability that each scenario happens by its deadline."""


def believe(network: Network, theta: Parameters) -> Belief:
    """The belief of every draw."""
    heard = hear(network.evidence, theta)
    return _weigh(network, _table(network, theta, heard))


def log_likelihood(network: Network, theta: Parameters) -> Array:
    """(n,) log P(reports, nothing seen so far | theta)."""
    return believe(network, theta).log_likelihood


def state_probabilities(network: Network, theta: Parameters) -> list[Array]:
    """For each group the probability of every state, (n, states), given theta and the reports."""
    table = _table(network, theta, hear(network.evidence, theta))
    return [_states(table, group)[0] for group in network.groups]


def value_and_gradient(network: Network, theta: Parameters) -> tuple[Array, Parameters]:
    """The log likelihood of every draw, and its derivative by every parameter (as `Parameters`)."""
    heard = hear(network.evidence, theta)
    table = _table(network, theta, heard)
    belief = _weigh(network, table)
    by_log_hazard = belief.entries * table.slope
    by_true, by_false, by_reliability = _hear_back(network.evidence, heard, belief.scenarios)
    return belief.log_likelihood, Parameters(
        log_hazard=by_log_hazard @ network.entry_of_scenario,
        log_hazard_ratio=by_log_hazard @ network.entries.drivers,
        logit_if_true=by_true,
        logit_if_false=by_false,
        reliability=by_reliability,
    )


@dataclass(frozen=True)
class Heard:
    """What the witnesses say of each indicator; c is P(witnesses | claim), in logs."""

    rho: Array
    if_claim: Array
    """(n, K) log c given the claim is true."""
    if_no_claim: Array
    true: Array
    """(n, K) P(claim | scenario)."""
    false: Array
    if_happens: Array
    """(n, K) log P(witnesses | scenario)."""
    if_not: Array


def hear(said: Evidence, theta: Parameters) -> Heard:
    """The claims summed out: P(witnesses | Z) = c1 P(C=1 | Z) + c0 P(C=0 | Z), per indicator."""
    rho = np.minimum(theta.reliability[:, said.source_of] * said.weight, _ALMOST_ONE)
    u, v, halves = said.voices
    if_claim = (np.log1p(u * rho) - halves) @ said.on_indicator
    if_no_claim = (np.log1p(v * rho) - halves) @ said.on_indicator
    t, f = theta.logit_if_true, theta.logit_if_false
    return Heard(
        rho=rho,
        if_claim=if_claim,
        if_no_claim=if_no_claim,
        true=expit(t),
        false=expit(f),
        if_happens=np.logaddexp(if_claim + log_expit(t), if_no_claim + log_expit(-t)),
        if_not=np.logaddexp(if_claim + log_expit(f), if_no_claim + log_expit(-f)),
    )


def _hear_back(said: Evidence, heard: Heard, happens: Array) -> tuple[Array, Array, Array]:
    """Derivatives by logit_if_true, logit_if_false and reliability.

    They are posterior probabilities: of the scenario, and of the claim given the scenario.
    """
    weight_true = happens[:, said.scenario_of_indicator]
    weight_false = 1 - weight_true
    claim_if_happens = np.exp(heard.if_claim - heard.if_happens) * heard.true
    claim_if_not = np.exp(heard.if_claim - heard.if_not) * heard.false
    claim = weight_true * claim_if_happens + weight_false * claim_if_not
    u, v, _ = said.voices
    at = claim[:, said.indicator_of]
    by_rho = at * u / (1 + u * heard.rho) + (1 - at) * v / (1 + v * heard.rho)
    return (
        weight_true * (claim_if_happens - heard.true),
        weight_false * (claim_if_not - heard.false),
        (by_rho * said.weight) @ said.from_source,
    )


@dataclass(frozen=True)
class _Table:
    """The log weight of every entry and its derivative by the entry's log hazard; both (n, T)."""

    log_weight: Array
    slope: Array


def _table(network: Network, theta: Parameters, heard: Heard) -> _Table:
    """Time passing and the witnesses: with fraction w gone unseen, exp(-Hw) - exp(-H) against exp(-H)."""
    entries = network.entries
    H = np.exp(theta.log_hazard[:, entries.scenario] + theta.log_hazard_ratio @ entries.drivers.T)
    H = np.minimum(np.maximum(H, 1e-290), 700.0)
    w = network.entry_elapsed
    left = H * (1 - w)
    said_if_happens = (heard.if_happens @ network.evidence.of_scenario)[:, entries.scenario]
    said_if_not = (heard.if_not @ network.evidence.of_scenario)[:, entries.scenario]
    return _Table(
        log_weight=np.where(entries.happens, said_if_happens - H * w + log1mexp(left), said_if_not - H),
        slope=np.where(entries.happens, left / np.expm1(left) - H * w, -H),
    )


def _states(table: _Table, group: Group) -> tuple[Array, Array]:
    """Probability of every state of a group (n, states), and the log of the sum they were divided by (n,)."""
    weight = table.log_weight[:, group.entries] @ group.takes.T
    weight -= (largest := weight.max(axis=1, keepdims=True))
    np.exp(weight, out=weight)
    total = weight.sum(axis=1, keepdims=True)
    return weight / total, (largest + np.log(total))[:, 0]


def _weigh(network: Network, table: _Table) -> Belief:
    """The outcomes summed out, group by group: all states at once as a matrix product."""
    total = np.zeros(len(table.log_weight))
    entries = np.empty_like(table.log_weight)
    for group in network.groups:
        states, log_sum = _states(table, group)
        entries[:, group.entries] = states @ group.takes
        total += log_sum
    happening = entries * network.entries.happens
    return Belief(total, entries, happening @ network.entry_of_scenario)
