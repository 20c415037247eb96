"""The likelihood of one draw with its gradient, in machine code: what the sampler steps through.

The same numbers as `likelihood`, which takes thousands of draws at once and needs no compiler. Here one draw is taken
at a time, in plain loops, and every derivative is written beside its value.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from engine.belief.likelihood import ALMOST_ONE
from engine.belief.measurements import BEST_SD, WORST_EXTRA_SD, Measurements
from engine.belief.network import Network
from engine.belief.relevancy import RATING_SD
from engine.belief.states import BoolArray, IntArray
from engine.probability import Array
from engine.records.scenario import THRESHOLD_WIDTH

_loop = njit(error_model="numpy")
_door = njit(error_model="numpy", cache=True)
"""What is called from outside: compiled once on a machine, a few seconds, then read from its cache."""

_LOG_2 = math.log(2.0)
_LOG_ROOT_2_PI = 0.5 * math.log(2.0 * math.pi)
_ROOT_HALF = math.sqrt(0.5)


class Said(NamedTuple):
    """What is said, and the table of outcomes: the arrays of a network on one day."""

    scenario_of_entry: IntArray
    """(T,)"""
    happens: BoolArray
    """(T,)"""
    drivers: Array
    """(T, E) 1 where the driver has happened."""
    elapsed: Array
    """(T,) fraction of the window gone."""
    taken: IntArray
    """The entries each state takes, states of a group one after another, groups one after another."""
    n_members: IntArray
    """(groups,) scenarios of a group, and so entries a state takes."""
    n_states: IntArray
    """(groups,)"""
    scenario_of_indicator: IntArray
    """(K,)"""
    indicator_of: IntArray
    """(W,)"""
    source_of: IntArray
    """(W,)"""
    weight: Array
    """(W,)"""
    u: Array
    """(W,) P(stance | claim) is proportional to 1 + u rho."""
    v: Array
    """(W,) P(stance | no claim) to 1 + v rho."""
    leaning: Array
    """(S,) log odds that forecasts of a quantity add."""


def said_of(network: Network) -> Said:
    """The arrays of a network, as the loops take them."""
    entries, heard = network.entries, network.evidence
    u, v, _ = heard.voices
    taken = [group.entries.start + np.nonzero(group.takes)[1] for group in network.groups]
    return Said(
        scenario_of_entry=entries.scenario,
        happens=entries.happens,
        drivers=np.ascontiguousarray(entries.drivers),
        elapsed=network.entry_elapsed,
        taken=np.concatenate(taken),
        n_members=np.array([len(group.members) for group in network.groups]),
        n_states=np.array([len(group.states) for group in network.groups]),
        scenario_of_indicator=heard.scenario_of_indicator,
        indicator_of=heard.indicator_of,
        source_of=heard.source_of,
        weight=heard.weight,
        u=u,
        v=v,
        leaning=network.leaning.log_odds,
    )


class Numbers(NamedTuple):
    """The measurements of the quantities; arrays (M,), as in `Measurements`."""

    quantity_of: IntArray
    source_of: IntArray
    weight: Array
    projected: BoolArray
    low: Array
    high: Array
    extra_variance: Array


def numbers_of(found: Measurements) -> Numbers:
    """The arrays of the measurements, as the loops take them."""
    return Numbers(*(np.ascontiguousarray(getattr(found, name)) for name in Numbers._fields))


class Theta(NamedTuple):
    """One draw of the unknowns the reports bear on, or derivatives by them; as in `Parameters`."""

    log_hazard: Array
    ratio: Array
    """(E,) log hazard ratios."""
    if_true: Array
    """(K,) logits."""
    if_false: Array
    reliability: Array


class Levels(NamedTuple):
    """One draw of what the numbers are about (Q,), or derivatives by it."""

    peak: Array
    headroom: Array
    slip: Array


class Heard(NamedTuple):
    """(K,) log P(witnesses | claim), given no claim, given that the scenario happens, and that it does not."""

    if_claim: Array
    if_no_claim: Array
    if_happens: Array
    if_not: Array


@_loop
def _log_ndtr(x: float) -> float:
    if x < -30.0:
        y = 1.0 / (x * x)
        series = 1.0 - y * (1.0 - 3.0 * y * (1.0 - 5.0 * y * (1.0 - 7.0 * y)))
        return -0.5 * x * x - _LOG_ROOT_2_PI - math.log(-x) + math.log(series)
    if x < 0.0:
        return math.log(0.5 * math.erfc(-x * _ROOT_HALF))
    return math.log1p(-0.5 * math.erfc(x * _ROOT_HALF))


@_loop
def _log1mexp(x: float) -> float:
    return math.log(-math.expm1(-x)) if x < _LOG_2 else math.log1p(-math.exp(-x))


@_loop
def _logaddexp(a: float, b: float) -> float:
    high, low = max(a, b), min(a, b)
    return high + math.log1p(math.exp(low - high))


@_loop
def _log_expit(x: float) -> float:
    return -math.log1p(math.exp(-x)) if x > 0 else x - math.log1p(math.exp(x))


@_loop
def _expit(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x > 0 else math.exp(x) / (1.0 + math.exp(x))


@_loop
def _density_over(x: float, log_chance: float) -> float:
    return 0.0 if math.isinf(x) else math.exp(-x * x / 2.0 - _LOG_ROOT_2_PI - log_chance)


@_loop
def _between(low: float, high: float) -> tuple[float, float, float]:
    """Log P(low < X < high) of a standard normal, and its slopes by low and by high, in the lower tail."""
    flipped = low > 0
    a, b = (-high, -low) if flipped else (low, high)
    upper = _log_ndtr(b) if b < math.inf else 0.0
    chance = upper + (_log1mexp(max(upper - _log_ndtr(a), 1e-300)) if a > -math.inf else 0.0)
    by_a, by_b = -_density_over(a, chance), _density_over(b, chance)
    return (chance, -by_b, -by_a) if flipped else (chance, by_a, by_b)


@_loop
def _hear(said: Said, n_indicators: int, reliability: Array) -> tuple[Array, Array]:
    """Log P(witnesses | claim) and given no claim, by indicator."""
    if_claim, if_no_claim = np.zeros(n_indicators), np.zeros(n_indicators)
    for w in range(len(said.weight)):
        k = said.indicator_of[w]
        rho = min(reliability[said.source_of[w]] * said.weight[w], ALMOST_ONE)
        half = _LOG_2 if said.v[w] != 0 else 0.0
        if_claim[k] += math.log1p(said.u[w] * rho) - half
        if_no_claim[k] += math.log1p(said.v[w] * rho) - half
    return if_claim, if_no_claim


@_loop
def _claims(if_claim: Array, if_no_claim: Array, logits: Array) -> Array:
    """The claims summed out: log P(witnesses), by indicator, where the claim holds with these logits."""
    total = np.empty(len(logits))
    for k in range(len(logits)):
        total[k] = _logaddexp(if_claim[k] + _log_expit(logits[k]), if_no_claim[k] + _log_expit(-logits[k]))
    return total


@_loop
def _listen(said: Said, theta: Theta) -> Heard:
    """The claims summed out, by indicator."""
    if_claim, if_no_claim = _hear(said, len(theta.if_true), theta.reliability)
    return Heard(
        if_claim,
        if_no_claim,
        _claims(if_claim, if_no_claim, theta.if_true),
        _claims(if_claim, if_no_claim, theta.if_false),
    )


@_loop
def _table(said: Said, theta: Theta, heard: Heard) -> tuple[Array, Array]:
    """The log weight of every entry of the table, and its slope by the entry's log hazard."""
    n, n_scenarios = len(said.happens), len(theta.log_hazard)
    from_true, from_false = said.leaning.copy(), np.zeros(n_scenarios)
    for k in range(len(heard.if_happens)):
        from_true[said.scenario_of_indicator[k]] += heard.if_happens[k]
        from_false[said.scenario_of_indicator[k]] += heard.if_not[k]
    log_weight, slope = np.empty(n), np.empty(n)
    for t in range(n):
        s = said.scenario_of_entry[t]
        x = theta.log_hazard[s]
        for e in range(len(theta.ratio)):
            x += said.drivers[t, e] * theta.ratio[e]
        hazard = min(max(math.exp(x), 1e-290), 700.0)
        gone = hazard * said.elapsed[t]
        left = hazard - gone
        if said.happens[t]:
            log_weight[t] = from_true[s] - gone + _log1mexp(left)
            slope[t] = left / math.expm1(left) - gone
        else:
            log_weight[t] = from_false[s] - hazard
            slope[t] = -hazard
    return log_weight, slope


@_loop
def _states(said: Said, log_weight: Array) -> tuple[Array, float]:
    """Probability of every state, group after group, and the log of what all groups were divided by."""
    total = 0.0
    probability = np.zeros(said.n_states.sum())
    at, first = 0, 0
    for g in range(len(said.n_states)):
        n, width = said.n_states[g], said.n_members[g]
        largest = -math.inf
        for i in range(first, first + n):
            for _ in range(width):
                probability[i] += log_weight[said.taken[at]]
                at += 1
            largest = max(largest, probability[i])
        weight = 0.0
        for i in range(first, first + n):
            probability[i] = math.exp(probability[i] - largest)
            weight += probability[i]
        for i in range(first, first + n):
            probability[i] /= weight
        total += largest + math.log(weight)
        first += n
    return probability, total


@_loop
def _entries(said: Said, by_state: Array, n: int) -> Array:
    """What every state carries, added up by the entries it takes."""
    by_entry = np.zeros(n)
    at, i = 0, 0
    for g in range(len(said.n_states)):
        for _ in range(said.n_states[g]):
            for _ in range(said.n_members[g]):
                by_entry[said.taken[at]] += by_state[i]
                at += 1
            i += 1
    return by_entry


@_loop
def _happening(said: Said, probability: Array, n_scenarios: int) -> Array:
    """Probability of every scenario, from those of the states."""
    happening = np.zeros(n_scenarios)
    by_entry = _entries(said, probability, len(said.happens))
    for t in range(len(by_entry)):
        if said.happens[t]:
            happening[said.scenario_of_entry[t]] += by_entry[t]
    return happening


@_loop
def _back(said: Said, theta: Theta, heard: Heard, by_weight: Array, slope: Array) -> Theta:
    """Derivatives by theta, from those by the log weight of every entry."""
    n_scenarios, n_ratios, n = len(theta.log_hazard), len(theta.ratio), len(theta.if_true)
    by_hazard, by_ratio = np.zeros(n_scenarios), np.zeros(n_ratios)
    by_happens, by_not = np.zeros(n_scenarios), np.zeros(n_scenarios)
    for t in range(len(by_weight)):
        s = said.scenario_of_entry[t]
        push = by_weight[t] * slope[t]
        by_hazard[s] += push
        for e in range(n_ratios):
            by_ratio[e] += said.drivers[t, e] * push
        if said.happens[t]:
            by_happens[s] += by_weight[t]
        else:
            by_not[s] += by_weight[t]
    by_true, by_false, by_claim, by_no_claim = np.empty(n), np.empty(n), np.empty(n), np.empty(n)
    for k in range(n):
        s = said.scenario_of_indicator[k]
        true, false = _expit(theta.if_true[k]), _expit(theta.if_false[k])
        claim_if_happens = math.exp(heard.if_claim[k] - heard.if_happens[k]) * true
        claim_if_not = math.exp(heard.if_claim[k] - heard.if_not[k]) * false
        by_claim[k] = by_happens[s] * claim_if_happens + by_not[s] * claim_if_not
        by_no_claim[k] = by_happens[s] + by_not[s] - by_claim[k]
        by_true[k] = by_happens[s] * (claim_if_happens - true)
        by_false[k] = by_not[s] * (claim_if_not - false)
    by_reliability = np.zeros(len(theta.reliability))
    for w in range(len(said.weight)):
        i, k, u, v = said.source_of[w], said.indicator_of[w], said.u[w], said.v[w]
        rho = min(theta.reliability[i] * said.weight[w], ALMOST_ONE)
        by_rho = by_claim[k] * u / (1 + u * rho) + by_no_claim[k] * v / (1 + v * rho)
        by_reliability[i] += by_rho * said.weight[w]
    return Theta(by_hazard, by_ratio, by_true, by_false, by_reliability)


@_door
def of_reports(said: Said, theta: Theta) -> tuple[float, Theta]:
    """Log likelihood of the reports, and of nothing having been seen so far; its derivatives by theta."""
    heard = _listen(said, theta)
    log_weight, slope = _table(said, theta, heard)
    probability, value = _states(said, log_weight)
    return value, _back(said, theta, heard, _entries(said, probability, len(log_weight)), slope)


@_door
def belief(said: Said, theta: Theta) -> Array:
    """(S,) the probability that each scenario happens."""
    log_weight, _ = _table(said, theta, _listen(said, theta))
    return _happening(said, _states(said, log_weight)[0], len(theta.log_hazard))


@_door
def through_belief(said: Said, theta: Theta, by_logit: Array) -> Theta:
    """Derivatives by theta, from those by the logit of every scenario's belief (S,): covariances of states."""
    heard = _listen(said, theta)
    log_weight, slope = _table(said, theta, heard)
    probability, _ = _states(said, log_weight)
    p = _happening(said, probability, len(by_logit))
    push = by_logit / np.maximum(p * (1 - p), 1e-300)
    at, i = 0, 0
    for g in range(len(said.n_states)):
        for _ in range(said.n_states[g]):
            off = 0.0
            for _ in range(said.n_members[g]):
                entry = said.taken[at]
                s = said.scenario_of_entry[entry]
                off += push[s] * ((1.0 if said.happens[entry] else 0.0) - p[s])
                at += 1
            probability[i] *= off
            i += 1
    return _back(said, theta, heard, _entries(said, probability, len(log_weight)), slope)


@_door
def of_numbers(found: Numbers, levels: Levels, reliability: Array) -> tuple[float, Levels, Array]:
    """Log likelihood of the measurements, its derivatives by the levels, and by reliability (I,)."""
    value, n = 0.0, len(levels.peak)
    by_peak, by_headroom, by_slip, by_reliability = np.zeros(n), np.zeros(n), np.zeros(n), np.zeros(len(reliability))
    for m in range(len(found.weight)):
        q, i, weight = found.quantity_of[m], found.source_of[m], found.weight[m]
        mean = levels.peak[q] + (levels.slip[q] if found.projected[m] else -levels.headroom[q])
        own = BEST_SD + WORST_EXTRA_SD * (1 - reliability[i] * weight)
        sd = math.sqrt(own * own + found.extra_variance[m])
        low, high = found.low[m], found.high[m]
        if low == high:
            miss = (low - mean) / sd
            value += -math.log(sd) - miss * miss / 2
            by_mean, by_sd = miss / sd, (miss * miss - 1) / sd
        else:
            a, b = (low - mean) / sd, (high - mean) / sd
            chance, by_a, by_b = _between(a, b)
            value += chance
            by_mean = -(by_a + by_b) / sd
            by_sd = -((a * by_a if a > -math.inf else 0.0) + (b * by_b if b < math.inf else 0.0)) / sd
        by_peak[q] += by_mean
        if found.projected[m]:
            by_slip[q] += by_mean
        else:
            by_headroom[q] -= by_mean
        by_reliability[i] -= by_sd * own / sd * WORST_EXTRA_SD * weight
    return value, Levels(by_peak, by_headroom, by_slip), by_reliability


@_door
def thresholds(peak: Array) -> tuple[Array, Array]:
    """Log hazards of quantities whose log peaks lie this far from their thresholds (Q,), and their slopes."""
    log_hazard, slope = np.empty(len(peak)), np.empty(len(peak))
    for q in range(len(peak)):
        x = peak[q] / THRESHOLD_WIDTH
        log_not = _log_ndtr(-x)
        log_hazard[q] = _log_ndtr(x) if x < -8.0 else math.log(-log_not)
        slope[q] = math.exp(-x * x / 2 - _LOG_ROOT_2_PI - log_not - log_hazard[q]) / THRESHOLD_WIDTH
    return log_hazard, slope


@_door
def of_ratings(scenario: IntArray, lower: Array, upper: Array, relevancy: Array) -> tuple[float, Array]:
    """Log likelihood of ratings between cut points (R,) at latent relevancies (S,), and its derivative."""
    value, slope = 0.0, np.zeros(len(relevancy))
    for r in range(len(scenario)):
        x = relevancy[scenario[r]]
        chance, by_lower, by_upper = _between((lower[r] - x) / RATING_SD, (upper[r] - x) / RATING_SD)
        value += chance
        slope[scenario[r]] -= (by_lower + by_upper) / RATING_SD
    return value, slope
