"""P(evidence | theta) and P(scenario | theta, reports), in closed form: claims and outcomes summed out.

One draw of theta or many: every array has the draws first. The gradient is written beside the value,
so that the sampler and the importance engine share one likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, log_expit

from engine.belief import measurements, third_party
from engine.belief.evidence import Evidence, incidence
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.states import Group
from engine.probability import Array, log1mexp

_ALMOST_ONE = 1 - 1e-12


@dataclass(frozen=True)
class Belief:
    """What the evidence says of each draw, and each draw of the scenarios."""

    by_group: Array
    """(n, groups) log P(evidence about the group | theta)."""
    entries: Array
    """(n, T) probability of each (scenario, drivers, outcome), given theta and the reports."""
    scenarios: Array
    """(n, S) probability that each scenario happens by its deadline."""

    @property
    def log_likelihood(self) -> Array:
        """(n,) log P(evidence, nothing seen so far | theta)."""
        return np.asarray(self.by_group.sum(axis=1))


def believe(network: Network, theta: Parameters) -> Belief:
    """The belief of every draw."""
    belief = _weigh(network, _table(network, theta, hear(network.evidence, theta)))
    by_group = belief.by_group
    if network.measurements.numbers:
        by_group = by_group + _of_numbers(network, theta)
    if network.readings.opinions:
        by_group = by_group + _of_opinions(network, believed_on_the_day(network, theta))[0]
    return replace(belief, by_group=by_group)


def log_likelihood(network: Network, theta: Parameters) -> Array:
    """(n,) log P(evidence, nothing seen so far | theta)."""
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
    value = belief.log_likelihood
    gradient = _pull_back(network, heard, table, belief.entries)
    if network.measurements.numbers:
        of_numbers, by_level, by_reliability = measurements.value_and_gradient(
            network.measurements, _levels(theta), theta.reliability
        )
        value = value + of_numbers.sum(axis=1)
        gradient = replace(gradient, **vars(by_level), reliability=gradient.reliability + by_reliability)
    if network.readings.opinions:
        by_group, slope = _of_opinions(network, believed_on_the_day(network, theta))
        value = value + by_group.sum(axis=1)
        gradient = _plus(gradient, _opinions_back(network, theta, slope))
    return value, gradient


def _plus(one: Parameters, other: Parameters) -> Parameters:
    def added(name: str) -> Array:
        a, b = getattr(one, name), getattr(other, name)
        return np.asarray(a + b) if a.shape == b.shape else (a if a.size else b)

    return Parameters(*(added(name) for name in Parameters.__dataclass_fields__))


@dataclass(frozen=True)
class Heard:
    """What the witnesses say of each indicator; c is P(witnesses | claim), in logs."""

    rho: Array
    """(n, W) reliability times kappa."""
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
    by_group = np.empty((len(table.log_weight), len(network.groups)))
    entries = np.empty_like(table.log_weight)
    for number, group in enumerate(network.groups):
        states, by_group[:, number] = _states(table, group)
        entries[:, group.entries] = states @ group.takes
    scenarios = np.minimum(_happening(network, entries), 1.0)
    for position, happened in network.known.items():
        scenarios[:, position] = happened
    return Belief(by_group, entries, scenarios)


def _happening(network: Network, by_entry: Array) -> Array:
    """(n, S) sums over the entries in which a scenario happens."""
    return np.asarray((by_entry * network.entries.happens) @ network.entry_of_scenario)


def _pull_back(network: Network, heard: Heard, table: _Table, by_entry: Array) -> Parameters:
    """Derivatives by theta, from those by the log weight of every entry (n, T)."""
    by_log_hazard = by_entry * table.slope
    by_happens = _happening(network, by_entry)
    by_not = by_entry @ network.entry_of_scenario - by_happens
    by_true, by_false, by_reliability = _hear_back(network.evidence, heard, by_happens, by_not)
    return Parameters(
        log_hazard=by_log_hazard @ network.entry_of_scenario,
        log_hazard_ratio=by_log_hazard @ network.entries.drivers,
        logit_if_true=by_true,
        logit_if_false=by_false,
        reliability=by_reliability,
    )


def _hear_back(said: Evidence, heard: Heard, by_happens: Array, by_not: Array) -> tuple[Array, Array, Array]:
    """Derivatives by logit_if_true, logit_if_false and reliability, from those by what is said of each scenario.

    They are posterior probabilities of the claims, given that the scenario happens or not.
    """
    by_true, by_false = by_happens[:, said.scenario_of_indicator], by_not[:, said.scenario_of_indicator]
    claim_if_happens = np.exp(heard.if_claim - heard.if_happens) * heard.true
    claim_if_not = np.exp(heard.if_claim - heard.if_not) * heard.false
    by_claim = by_true * claim_if_happens + by_false * claim_if_not
    by_no_claim = by_true + by_false - by_claim
    u, v, _ = said.voices
    at, at_no = by_claim[:, said.indicator_of], by_no_claim[:, said.indicator_of]
    by_rho = at * u / (1 + u * heard.rho) + at_no * v / (1 + v * heard.rho)
    return (
        by_true * (claim_if_happens - heard.true),
        by_false * (claim_if_not - heard.false),
        (by_rho * said.weight) @ said.from_source,
    )


def _of_numbers(network: Network, theta: Parameters) -> Array:
    """(n, groups) log likelihood of the measurements."""
    found = network.measurements
    value = measurements.read_numbers(found, _levels(theta), theta.reliability).value
    return np.asarray(value @ network.in_group(found.quantities[found.quantity_of]))


def _levels(theta: Parameters) -> measurements.Levels:
    return measurements.Levels(theta.log_peak, theta.headroom, theta.slip)


def believed_on_the_day(network: Network, theta: Parameters) -> Array:
    """(n, F) logit of the belief each forecaster was reading: this model's, as it stood on that day."""
    found = network.readings
    theta = _unmeasured(network, theta)
    believed = np.empty((len(theta), len(found.opinions)))
    for day, then in enumerate(network.earlier):
        rows = np.flatnonzero(found.day_of == day)
        p = _weigh(then, _table(then, theta, hear(then.evidence, theta))).scenarios[:, found.scenario_of[rows]]
        believed[:, rows] = np.log(np.maximum(p, 1e-300)) - np.log(np.maximum(1 - p, 1e-300))
    return believed


def _of_opinions(network: Network, believed: Array) -> tuple[Array, Array]:
    """(n, groups) log likelihood of other people's forecasts, and its slope by each believed logit (n, F)."""
    found = network.readings
    value, slope = third_party.value_and_gradient(found, believed)
    return value @ network.in_group(found.scenario_of[[rows[0] for rows, _ in found.precisions]]), slope


def _unmeasured(network: Network, theta: Parameters) -> Parameters:
    """Theta as a forecaster can know it: of a quantity, its prior chance to reach the threshold, not its peak."""
    measured = network.baselines.measured
    if not measured.any():
        return theta
    log_hazard = theta.log_hazard.copy()
    log_hazard[:, measured] = network.baselines.marginal_log_hazard[measured]
    return replace(theta, log_hazard=log_hazard)


def _opinions_back(network: Network, theta: Parameters, slope: Array) -> Parameters:
    """Derivatives by theta, from the slope by each believed logit; a probability's own are covariances of states."""
    found = network.readings
    theta = _unmeasured(network, theta)
    total: Parameters | None = None
    for day, then in enumerate(network.earlier):
        rows = np.flatnonzero(found.day_of == day)
        heard = hear(then.evidence, theta)
        table = _table(then, theta, heard)
        by_logit = slope[:, rows] @ incidence(found.scenario_of[rows], len(then.scenarios))
        part = _pull_back(then, heard, table, _logits_back(then, table, by_logit))
        total = part if total is None else _plus(total, part)
    assert total is not None  # noqa: S101  (there is a day for every forecast)
    total.log_hazard[:, network.baselines.measured] = 0.0
    return total


def _logits_back(network: Network, table: _Table, by_logit: Array) -> Array:
    """(n, T) derivatives by the log weight of every entry, from those by the logit of every scenario (n, S)."""
    by_entry = np.zeros_like(table.log_weight)
    for group in network.groups:
        states, _ = _states(table, group)
        p = states @ group.states
        push = by_logit[:, group.members] / np.maximum(p * (1 - p), 1e-300)
        by_state = states * (push @ group.states.T - (push * p).sum(axis=1, keepdims=True))
        by_entry[:, group.entries] = by_state @ group.takes
    return by_entry
