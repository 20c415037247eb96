"""P(evidence | theta) and P(scenario | theta, reports), in closed form: claims and outcomes summed out.

Many draws of theta at once: every array has the draws first. `compiled` takes one draw at a time, with its gradient.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from engine.belief import measurements, third_party
from engine.belief.evidence import Evidence
from engine.belief.network import Network
from engine.belief.parameters import Parameters
from engine.belief.states import Group
from engine.probability import Array, log1mexp

ALMOST_ONE = 1 - 1e-12


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
    belief = _weigh(network, _table(network, theta))
    by_group = belief.by_group
    if network.measurements.numbers:
        by_group = by_group + _of_numbers(network, theta)
    if network.readings.opinions:
        by_group = by_group + _of_opinions(network, believed_on_the_day(network, theta))
    return replace(belief, by_group=by_group)


def log_likelihood(network: Network, theta: Parameters) -> Array:
    """(n,) log P(evidence, nothing seen so far | theta)."""
    return believe(network, theta).log_likelihood


def state_probabilities(network: Network, theta: Parameters) -> list[Array]:
    """For each group the probability of every state, (n, states), given theta and the reports."""
    log_weight = _table(network, theta)
    return [_states(log_weight, group)[0] for group in network.groups]


@dataclass(frozen=True)
class Heard:
    """What the witnesses say of each indicator."""

    if_claim: Array
    """(n, K) log P(witnesses | claim)."""
    true: Array
    """(n, K) P(claim | scenario)."""
    false: Array
    if_happens: Array
    """(n, K) log P(witnesses | scenario)."""
    if_not: Array


def hear(said: Evidence, theta: Parameters) -> Heard:
    """The claims summed out: P(witnesses | Z) = c1 P(C=1 | Z) + c0 P(C=0 | Z), per indicator."""
    rho = np.minimum(theta.reliability[:, said.source_of] * said.weight, ALMOST_ONE)
    u, v, halves = said.voices
    if_claim = (np.log1p(u * rho) - halves) @ said.on_indicator
    if_no_claim = (np.log1p(v * rho) - halves) @ said.on_indicator
    t, f = theta.logit_if_true, theta.logit_if_false
    true, false = expit(t), expit(f)
    larger = np.maximum(if_claim, if_no_claim)  # scaled to it, no sum underflows, at a third of logaddexp's price
    claim, no_claim = np.exp(if_claim - larger), np.exp(if_no_claim - larger)
    return Heard(
        if_claim=if_claim,
        true=true,
        false=false,
        if_happens=larger + np.log(true * claim + expit(-t) * no_claim),
        if_not=larger + np.log(false * claim + expit(-f) * no_claim),
    )


def _table(network: Network, theta: Parameters) -> Array:
    """(n, T) log weight of every entry: with fraction w gone unseen, exp(-Hw) - exp(-H) against exp(-H)."""
    heard = hear(network.evidence, theta)
    entries = network.entries
    H = np.exp(theta.log_hazard[:, entries.scenario] + theta.log_hazard_ratio @ entries.drivers.T)
    H = np.minimum(np.maximum(H, 1e-290), 700.0)
    w = network.entry_elapsed
    said_if_happens = (heard.if_happens @ network.evidence.of_scenario + network.leaning.log_odds)[:, entries.scenario]
    said_if_not = (heard.if_not @ network.evidence.of_scenario)[:, entries.scenario]
    return np.where(entries.happens, said_if_happens - H * w + log1mexp(H * (1 - w)), said_if_not - H)


def _states(log_weight: Array, group: Group) -> tuple[Array, Array]:
    """Probability of every state of a group (n, states), and the log of the sum they were divided by (n,)."""
    weight = log_weight[:, group.entries] @ group.takes.T
    weight -= (largest := weight.max(axis=1, keepdims=True))
    np.exp(weight, out=weight)
    total = weight.sum(axis=1, keepdims=True)
    return weight / total, (largest + np.log(total))[:, 0]


def _weigh(network: Network, log_weight: Array) -> Belief:
    """The outcomes summed out, group by group: all states at once as a matrix product."""
    by_group = np.empty((len(log_weight), len(network.groups)))
    entries = np.empty_like(log_weight)
    for number, group in enumerate(network.groups):
        states, by_group[:, number] = _states(log_weight, group)
        entries[:, group.entries] = states @ group.takes
    scenarios = np.minimum(_happening(network, entries), 1.0)
    for position, happened in network.known.items():
        scenarios[:, position] = happened
    return Belief(by_group, entries, scenarios)


def _happening(network: Network, by_entry: Array) -> Array:
    """(n, S) sums over the entries in which a scenario happens."""
    return np.asarray((by_entry * network.entries.happens) @ network.entry_of_scenario)


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
    theta = as_forecasters_see(network, theta)
    believed = np.empty((len(theta), len(found.opinions)))
    for day, then in enumerate(network.earlier):
        rows = np.flatnonzero(found.day_of == day)
        p = _weigh(then, _table(then, theta)).scenarios[:, found.scenario_of[rows]]
        believed[:, rows] = np.log(np.maximum(p, 1e-300)) - np.log(np.maximum(1 - p, 1e-300))
    return believed


def _of_opinions(network: Network, believed: Array) -> Array:
    """(n, groups) log likelihood of other people's forecasts."""
    found = network.readings
    value, _ = third_party.value_and_gradient(found, believed)
    return np.asarray(value @ network.in_group(found.scenario_of[[rows[0] for rows, _ in found.precisions]]))


def as_forecasters_see(network: Network, theta: Parameters) -> Parameters:
    """Theta as forecasters can know it: of a quantity, its prior chance to reach the threshold, not its peak."""
    measured = network.baselines.measured
    if not measured.any():
        return theta
    log_hazard = theta.log_hazard.copy()
    log_hazard[:, measured] = network.baselines.marginal_log_hazard[measured]
    return replace(theta, log_hazard=log_hazard)
