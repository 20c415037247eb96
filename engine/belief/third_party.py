"""Other people's forecasts: noisy readings of this model's own belief, as it stood on their day.

A forecaster had read what was published by then, so a forecast is no news about those reports;
it says where this model's own unknowns, the priors above all, should lie. Forecasters of one
scenario err together, so ten of them are not ten witnesses.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from engine.belief.states import IntArray
from engine.probability import Array, expit, from_hazard, logit, solve_rising
from engine.records.article import ThirdPartyForecast
from engine.records.project import Project
from engine.records.scenario import Scenario

SIGMA = {"market": 0.25, "crowd": 0.4, "expert": 0.5, "model": 0.8}
"""Spread, in logits, of a forecast of each kind around this model's belief.

Market, crowd and expert were set on ForecastBench and Metaculus questions (`tests/validation/tuning.py`); the
optimum is flat, and nothing was there to set `model` by.
"""
CORRELATION = 0.8
"""Share of the error of the more precise of two forecasters of one scenario that the other has too."""
REACH = 1.5
"""How far, in spreads of their own errors, forecasters of one kind may stand from their centre before they are pulled in."""
_HALF_LIFE = 2.0
_ALMOST_ONE = 1 - 1e-12


@dataclass(frozen=True)
class Opinion:
    """One forecaster's newest forecast of one scenario, as a probability that it happens by its deadline."""

    scenario: str
    source: str
    kind: str
    probability: float
    on: date
    articles: tuple[str, ...]


def opinions(project: Project, as_of: date, scenarios: Iterable[str]) -> list[Opinion]:
    """The newest forecast of each source for each scenario, from articles known by `as_of`.

    A forecast of what was known already says nothing, and is passed over; so is one for a later day, made when the
    scenario's own deadline had gone by.
    """
    wanted = frozenset(scenarios)
    heard: dict[tuple[str, str], list[tuple[date, str, ThirdPartyForecast]]] = defaultdict(list)
    for article in project.articles.values():
        if article.known_on <= as_of:
            for record in article.forecasts:
                if record.scenario in wanted and _bears_on(
                    project.scenarios[record.scenario], record, article.known_on
                ):
                    heard[record.scenario, record.source].append((article.known_on, article.id, record))
    return [_newest(project.scenarios[key[0]], said) for key, said in sorted(heard.items())]


def _bears_on(scenario: Scenario, record: ThirdPartyForecast, on: date) -> bool:
    of_its_own = (record.deadline or scenario.deadline) == scenario.deadline
    return not scenario.resolved_by(on) and (of_its_own or on < scenario.deadline)


def _newest(scenario: Scenario, said: Sequence[tuple[date, str, ThirdPartyForecast]]) -> Opinion:
    """Of several made on one day, the one for the day nearest to the deadline."""

    def rank(found: tuple[date, str, ThirdPartyForecast]) -> tuple[date, int, str, float]:
        on, article, record = found
        return on, -abs(((record.deadline or scenario.deadline) - scenario.deadline).days), article, record.probability

    on, _, record = max(said, key=rank)
    happening = record.probability if record.on == "happening" else 1 - record.probability
    return Opinion(
        scenario=scenario.id,
        source=record.source,
        kind=record.kind,
        probability=translated(happening, scenario, record.deadline or scenario.deadline, on),
        on=on,
        articles=tuple(sorted({name for day, name, _ in said if day == on})),
    )


def translated(probability: float, scenario: Scenario, deadline: date, on: date) -> float:
    """A probability for another deadline, brought to the scenario's along its prior curve.

    The forecaster is taken to see the prior's shape of hazard over time, and its own height of it.
    """
    if deadline == scenario.deadline:
        return probability
    begun = prior_cumulative_hazard(scenario, on) if scenario.detected else 0.0
    theirs, ours = (prior_cumulative_hazard(scenario, day) - begun for day in (deadline, scenario.deadline))
    hazard = -math.log1p(-probability) * ours / theirs
    return min(max(-math.expm1(-hazard), 1e-6), 1 - 1e-6)


def prior_cumulative_hazard(scenario: Scenario, day: date) -> float:
    """Cumulative hazard of the stated prior by a day: even inside the window, then on to the ten-year view."""
    years = max((day - scenario.prior_as_of).days / 365.25, 0.0)
    window = scenario.window_years
    by_deadline = -math.log1p(-(scenario.prior_probability or 0.5))
    if years <= window:
        return by_deadline * years / window
    late = years - window
    view = scenario.outlook.probability if scenario.outlook else None
    if view is None:
        return by_deadline * (1 + _HALF_LIFE / math.log(2) * (1 - 2 ** (-late / _HALF_LIFE)) / window)
    ten_years = 10 - (scenario.deadline - scenario.opens).days / 365.25
    return by_deadline + (-math.log1p(-view) - by_deadline) * late / ten_years


@dataclass(frozen=True)
class Readings:
    """The forecasts, as arrays (F,)."""

    opinions: tuple[Opinion, ...]
    days: tuple[date, ...]
    scenario_of: IntArray
    day_of: IntArray
    logit: Array
    precisions: tuple[tuple[IntArray, Array], ...]
    """For each scenario that is forecast: the rows of its forecasters, and the inverse covariance of their errors."""

    def unheard(self) -> Readings:
        """No forecasts."""
        return readings((), {})


def readings(found: Sequence[Opinion], place: Mapping[str, int]) -> Readings:
    """The arrays behind these opinions."""
    days = sorted({opinion.on for opinion in found})
    scenario_of = np.array([place[opinion.scenario] for opinion in found], dtype=np.int64)
    sigma = np.array([SIGMA[opinion.kind] for opinion in found])
    kinds = np.array([opinion.kind for opinion in found])
    said = logit(np.array([opinion.probability for opinion in found], dtype=float))
    day_of = np.array([days.index(opinion.on) for opinion in found], dtype=np.int64)
    for panel in set(zip(scenario_of.tolist(), day_of.tolist(), kinds.tolist(), strict=True)):
        rows = np.flatnonzero((scenario_of == panel[0]) & (day_of == panel[1]) & (kinds == panel[2]))
        said[rows] = pulled_in(said[rows], float(REACH * np.sqrt(1 - CORRELATION) * sigma[rows[0]]))
    precisions = []
    for scenario in np.unique(scenario_of):
        rows = np.flatnonzero(scenario_of == scenario)
        shared = np.minimum.outer(sigma[rows], sigma[rows]) ** 2
        covariance = CORRELATION * shared + (1 - CORRELATION) * np.diag(sigma[rows] ** 2)
        precisions.append((rows, np.linalg.inv(covariance)))
    return Readings(
        opinions=tuple(found),
        days=tuple(days),
        scenario_of=scenario_of,
        day_of=day_of,
        logit=said,
        precisions=tuple(precisions),
    )


@dataclass(frozen=True)
class Leaning:
    """What forecasts about quantities add to the log odds of their scenarios.

    Given the peak, its threshold is passed or not: no draw has a belief that could be read. So what is read is the
    belief of the day over all draws, and the forecasts add the same log odds to each (Jeffrey 1965; Pearl 1988): as
    many as they would add to an event of the stated chance whose log hazard has the spread `sd`.
    """

    readings: Readings
    believed: Array
    """(F,) logit of this model's belief in what each forecast is about, on its day."""
    stated: Array
    """(S,) logit of the stated probabilities."""
    sd: float

    @property
    def opinions(self) -> tuple[Opinion, ...]:
        """The forecasts."""
        return self.readings.opinions

    @cached_property
    def log_odds(self) -> Array:
        """(S,)"""
        return np.array([self.pull(scenario) for scenario in range(len(self.stated))])

    def pull(self, scenario: int, moved: float = 0.0) -> float:
        """The log odds added, had the stated probability, and the belief of every day with it, been so many higher."""
        for rows, precision in self.readings.precisions:
            if self.readings.scenario_of[rows[0]] == scenario:
                prior = float(self.stated[scenario]) + moved
                log_density, chance = _chances(prior, self.sd)
                off = (logit(chance) - prior)[:, None]
                missed = self.readings.logit[rows] - (self.believed[rows] + moved) - off
                fits = log_density - ((missed @ precision) * missed).sum(axis=1) / 2
                weight = np.exp(fits - fits.max())
                return float(logit(weight @ chance / weight.sum())) - prior
        return 0.0


def _chances(prior: float, sd: float) -> tuple[Array, Array]:
    """Log weights and chances of an event whose log hazard is normal, with this logit of its mean chance.

    Far into the tails: the forecasts may lie there.
    """
    z = np.linspace(-30, 30, 2001)
    density = np.exp(-(z**2) / 2)
    density /= density.sum()
    mean = solve_rising(lambda x: float(density @ from_hazard(x + sd * z)), float(expit(prior)))
    return -(z**2) / 2, np.clip(from_hazard(mean + sd * z), 1 - _ALMOST_ONE, _ALMOST_ONE)


def nobody_leans(n_scenarios: int) -> Leaning:
    """No forecasts about a quantity."""
    return Leaning(readings((), {}), np.zeros(0), np.zeros(n_scenarios), 1.0)


def pulled_in(said: Array, reach: float) -> Array:
    """Logits, those out of reach of the rest pulled in to where they pull as hard as any (Huber 1964)."""
    middle = np.median(said)
    for _ in range(100):
        middle = np.clip(said, middle - reach, middle + reach).mean()
    return np.asarray(np.clip(said, middle - reach, middle + reach))


def value_and_gradient(found: Readings, believed: Array) -> tuple[Array, Array]:
    """Log likelihood by scenario forecast (n, scenarios forecast), and its slope by each believed logit (n, F).

    `believed` (n, F) is the logit of this model's probability for each forecast, on its day.
    """
    missed = found.logit - believed
    slope = np.zeros_like(missed)
    value = np.zeros((len(missed), len(found.precisions)))
    for column, (rows, precision) in enumerate(found.precisions):
        pressed = missed[:, rows] @ precision
        slope[:, rows] = pressed
        value[:, column] = -(pressed * missed[:, rows]).sum(axis=1) / 2
    return value, slope
