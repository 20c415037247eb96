"""The belief model a second time, written from its definition with loops, to hold the engine against.

Nothing is shared with engine.belief: every way the world may be (all outcomes Z, all claims C) is gone
through one by one. Unknowns are given by name, each a float or an array of draws.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from engine.records.project import Project

BETA = {"A": (19, 1), "B": (8.5, 1.5), "C": (6.5, 3.5), "D": (4, 6), "E": (1.5, 8.5), "F": (1, 1)}
CREDIBILITY = {1: 1.0, 2: 0.9, 3: 0.75, 4: 0.5, 5: 0.2, 6: 0.75}
Z90 = 1.6448536269514722

type Draws = Any
"""A float, or an array of draws."""


@dataclass(frozen=True)
class Theta:
    """Unknowns by name: scenario, (driver, driven), scenario/indicator, source."""

    log_hazard: Mapping[str, Draws]
    log_ratio: Mapping[tuple[str, str], Draws]
    logit_true: Mapping[str, Draws]
    logit_false: Mapping[str, Draws]
    reliability: Mapping[str, Draws]


@dataclass(frozen=True)
class Voice:
    """What one source says about one indicator."""

    path: str
    source: str
    stance: str
    kappa: float
    detection: float


def voices(project: Project, as_of: date) -> list[Voice]:
    """Newest stance of each source on each indicator; only for what is open and known."""
    heard: dict[tuple[str, str], list[tuple[date, Any, float]]] = {}
    for article in project.articles.values():
        if article.known_on > as_of:
            continue
        for one in article.reports:
            if project.scenarios[one.indicator.split("/")[0]].opens > as_of:
                continue
            kappa = CREDIBILITY[one.credibility]
            if article.publisher != one.source:
                a, b = BETA[project.sources[article.publisher].reliability]
                kappa *= a / (a + b)
            heard.setdefault((one.indicator, one.source), []).append((article.known_on, one, kappa))
    found = []
    for (path, source), said in sorted(heard.items()):
        newest = max(day for day, _, _ in said)
        (stance,) = {one.stance for day, one, _ in said if day == newest}
        if stance == "retracted":
            continue
        since = max((day for day, one, _ in said if one.stance != stance), default=date.min)
        standing = [
            (kappa * (one.detection or 1), kappa, one.detection or 0) for day, one, kappa in said if day > since
        ]
        _, kappa, detection = max(standing)  # the one report that can tell most
        found.append(Voice(path, source, stance, kappa, detection))
    return found


def sigmoid(x: Draws) -> Draws:
    return 1 / (1 + np.exp(-x))


def of_stance(voice: Voice, reliability: Draws, claim: int) -> Draws:
    """P(stance | claim)."""
    rho = reliability * voice.kappa
    if voice.stance == "absent":
        return 1 - voice.detection * rho if claim else 1.0
    agrees = (voice.stance == "affirms") == bool(claim)
    return (1 + rho) / 2 if agrees else (1 - rho) / 2


def fraction_gone(project: Project, name: str, as_of: date) -> float:
    scenario = project.scenarios[name]
    uncertain = scenario.detection == "uncertain" or (scenario.detection is None and scenario.prior.quantity)
    if uncertain or known(project, name, as_of) is not None:
        return 0.0
    start = scenario.prior.as_of or scenario.opens
    return max(0, (as_of - start).days) / (scenario.deadline - start).days


def known(project: Project, name: str, as_of: date) -> bool | None:
    resolution = project.scenarios[name].resolution
    return resolution.happened if resolution and resolution.on <= as_of else None


def opened(project: Project, as_of: date) -> list[str]:
    return [name for name, scenario in project.scenarios.items() if scenario.opens <= as_of]


def outcome_weight(project: Project, theta: Theta, as_of: date, name: str, z: Mapping[str, int]) -> Draws:
    """P(outcome of one scenario, nothing seen of it so far | its drivers' outcomes)."""
    truth = known(project, name, as_of)
    if truth is not None and z[name] != truth:
        return 0.0
    log_hazard = theta.log_hazard[name]
    for driver in project.scenarios[name].drivers:
        if driver.scenario in z:
            log_hazard = log_hazard + theta.log_ratio[driver.scenario, name] * z[driver.scenario]
    H, w = np.exp(log_hazard), fraction_gone(project, name, as_of)
    return np.exp(-H * w) - np.exp(-H) if z[name] else np.exp(-H)


def worlds(project: Project, theta: Theta, as_of: date, mute: int | None = None) -> dict[tuple[int, ...], Draws]:
    """P(reports, nothing seen, Z | theta) for every Z, the claims summed out one world at a time."""
    names = opened(project, as_of)
    said = [voice for number, voice in enumerate(voices(project, as_of)) if number != mute]
    paths = sorted({voice.path for voice in said})  # a claim nobody speaks of sums to 1
    found = {}
    for outcome in itertools.product((0, 1), repeat=len(names)):
        z = dict(zip(names, outcome, strict=True))
        p_outcome = math.prod(outcome_weight(project, theta, as_of, name, z) for name in names)
        total = 0.0
        for claims in itertools.product((0, 1), repeat=len(paths)):
            c = dict(zip(paths, claims, strict=True))
            weight = p_outcome
            for path in paths:
                true, false = sigmoid(theta.logit_true[path]), sigmoid(theta.logit_false[path])
                p_claim = true if z[path.split("/")[0]] else false
                weight = weight * (p_claim if c[path] else 1 - p_claim)
            for voice in said:
                weight = weight * of_stance(voice, theta.reliability[voice.source], c[voice.path])
            total = total + weight
        found[outcome] = total
    return found


def likelihood_and_probabilities(
    project: Project, theta: Theta, as_of: date, mute: int | None = None
) -> tuple[Draws, dict[str, Draws]]:
    """L(theta), and P(Z_s = 1 | theta, reports) of every scenario."""
    found = worlds(project, theta, as_of, mute)
    total = sum(found.values())
    return total, {
        name: sum(weight for outcome, weight in found.items() if outcome[number]) / total
        for number, name in enumerate(opened(project, as_of))
    }


# --- the prior, drawn and solved for in its own way ---


@dataclass(frozen=True)
class Spreads:
    """The default standard deviations of the model."""

    log_hazard: float = 0.6
    log_ratio: float = 0.35
    logit: float = 0.4


def cloglog(p: float) -> float:
    return math.log(-math.log(1 - p))


def driver_order(project: Project, names: list[str]) -> list[str]:
    order: list[str] = []
    while len(order) < len(names):
        order += [
            name
            for name in names
            if name not in order
            and all(d.scenario in order or d.scenario not in names for d in project.scenarios[name].drivers)
        ]
    return order


def prior_theta(project: Project, as_of: date, n: int, seed: int, spreads: Spreads | None = None) -> Theta:
    """n plain random draws from the prior, with the baselines bisected so that the marginals are as stated."""
    spreads = spreads or Spreads()
    rng = np.random.default_rng(seed)
    names = opened(project, as_of)
    said = voices(project, as_of)
    log_ratio = {}
    for name in names:
        for driver in project.scenarios[name].drivers:
            if driver.scenario in names:
                sd = math.log(driver.interval[1] / driver.interval[0]) / 2 / Z90 if driver.interval else None
                mean = math.log(driver.hazard_ratio) if driver.hazard_ratio else 0.0
                log_ratio[driver.scenario, name] = mean + (spreads.log_ratio if sd is None else sd) * rng.normal(size=n)
    logits: list[dict[str, Draws]] = [{}, {}]
    for path in sorted({voice.path for voice in said}):
        scenario, indicator = path.split("/")
        for side, p in enumerate(project.scenarios[scenario].indicators[indicator].pair):
            logits[side][path] = math.log(p / (1 - p)) + spreads.logit * rng.normal(size=n)
    reliability = {
        source: rng.beta(*BETA[project.sources[source].reliability], size=n)
        for source in sorted({voice.source for voice in said})
    }
    log_hazard: dict[str, Draws] = {}
    for name in names:
        prior = project.scenarios[name].prior
        if prior.probability is not None:
            low, high = prior.interval or (None, None)
            sd = (cloglog(high) - cloglog(low)) / 2 / Z90 if low else spreads.log_hazard
            log_hazard[name] = sd * rng.normal(size=n)
        elif prior.base_rate:
            yearly = rng.gamma(prior.base_rate[0].events + 0.5, 1 / prior.base_rate[0].years, size=n)
            log_hazard[name] = np.log(yearly * project.scenarios[name].window_years)
        else:
            raise NotImplementedError
    theta = Theta(log_hazard, log_ratio, logits[0], logits[1], reliability)
    solved: list[str] = []
    for name in driver_order(project, names):
        theta = _solve(project, theta, name, solved)
        solved.append(name)
    return theta


def _before(theta: Theta, project: Project, names: list[str]) -> dict[tuple[int, ...], Draws]:
    """P(Z of `names`) per draw, when the windows open."""
    found = {}
    for outcome in itertools.product((0, 1), repeat=len(names)):
        z = dict(zip(names, outcome, strict=True))
        weight = 1.0
        for name in names:
            h = theta.log_hazard[name]
            for driver in project.scenarios[name].drivers:
                h = h + theta.log_ratio.get((driver.scenario, name), 0.0) * z.get(driver.scenario, 0)
            stays = np.exp(-np.exp(h))
            weight = weight * (1 - stays if z[name] else stays)
        found[outcome] = weight
    return found


def _solve(project: Project, theta: Theta, name: str, solved: list[str]) -> Theta:
    """Shift one scenario's log hazard, and the log ratios stated as a probability, by nested bisection."""
    scenario = project.scenarios[name]
    target = scenario.prior_probability
    stated = [driver for driver in scenario.drivers if driver.probability_if_occurs and driver.scenario in solved]
    before = _before(theta, project, solved)

    def chances(shift: float, ratio: float) -> tuple[float, float]:
        """(marginal, given that the first driver stated as a probability happens)"""
        marginal = given = driver_happens = 0.0
        for outcome, weight in before.items():
            z = dict(zip(solved, outcome, strict=True))
            h = theta.log_hazard[name] + shift
            for driver in scenario.drivers:
                extra = ratio if driver in stated else 0.0
                if driver.scenario in z:
                    h = h + (theta.log_ratio[driver.scenario, name] + extra) * z[driver.scenario]
            both = np.mean(weight * -np.expm1(-np.exp(h)))
            marginal += both
            if stated and z[stated[0].scenario]:
                given += both
                driver_happens += np.mean(weight)
        return marginal, given / driver_happens if stated else 0.0

    def shift_for(ratio: float) -> float:
        return _bisect(lambda shift: chances(shift, ratio)[0], target)

    ratio = 0.0
    if stated:
        assert len(stated) == 1, "one driver stated as a probability is all this does"
        ratio = _bisect(
            lambda ratio: chances(shift_for(ratio), ratio)[1], stated[0].probability_if_occurs, -6, 6, steps=25
        )
    return replace(
        theta,
        log_hazard={**theta.log_hazard, name: theta.log_hazard[name] + shift_for(ratio)},
        log_ratio=theta.log_ratio | {(d.scenario, name): theta.log_ratio[d.scenario, name] + ratio for d in stated},
    )


def _bisect(rising: Any, target: float, low: float = -12.0, high: float = 6.0, steps: int = 30) -> float:
    for _ in range(steps):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < target else (low, middle)
    return (low + high) / 2


def posterior(project: Project, theta: Theta, as_of: date, mute: int | None = None) -> dict[str, float]:
    """Posterior probability of every scenario: the average over prior draws, weighted by the likelihood."""
    weight, chances = likelihood_and_probabilities(project, theta, as_of, mute)
    return {name: float(np.sum(weight * p) / np.sum(weight)) for name, p in chances.items()}
