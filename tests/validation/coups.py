"""Coup attempts by country since 1950, and what base rates make of a country's history.

A recipe turns what was known on a day into the classes of a `base_rate:` (events, years, weight). All but the last
two rows of the printed table are what an analyst can write today.

- world: the constant rate of all countries since 1950.
- plug-in: the country's own rate, taken as known.
- Gamma-mixed: the country's own history as the only class, the engine's plain `base_rate`.
- weighted: recent years in full, older ones and the world's last years at less.
- anchored: the half event that the engine adds is given the time in which it would have come somewhere in the world:
  a second class of no events in 0.5 / (the world's recent rate) years. So Gamma(k + 1/2, n + 1/2 / world rate), whose
  prior part has the world's rate for its mean instead of half an event in no time.
- indexed: anchored, and each stretch of the country's years counted as (world rate then / world rate now) years,
  so that it is the country's ratio to a drifting world rate that is learnt, not its rate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from engine.probability import Array
from validation.shared import rows

COUPS = "coups/coup_country_month.csv"
CUTS = (1970, 1980, 1990, 2000, 2010)
HORIZONS = (1, 10)
FIRST = 1950

type Class = tuple[float, float, float]
"""Events, years, weight."""
type Recipe = Callable[[str, int], list[Class]]


@cache
def _history() -> dict[str, dict[int, int]]:
    """Attempts by country and month, months counted from year 0."""
    found: dict[str, dict[int, int]] = {}
    for row in rows(COUPS):
        year, month = map(int, row["month"].split("-"))
        attempts = int(row["n_success"]) + int(row["n_failed_attempt"])
        found.setdefault(row["country"], {})[12 * year + month - 1] = attempts
    return found


@cache
def seen(country: str, start: int, end: int) -> tuple[int, float]:
    """Attempts in a country, and years it was there, from one new year's day to another."""
    history = _history()[country]
    months = [history[month] for month in range(12 * start, 12 * end) if month in history]
    return sum(months), len(months) / 12


@cache
def world(start: int, end: int) -> tuple[int, float]:
    """The same for all countries together."""
    parts = [seen(country, start, end) for country in _history()]
    return sum(events for events, _ in parts), sum(years for _, years in parts)


def world_rate(start: int, end: int) -> float:
    events, years = world(max(start, FIRST), end)
    return (events + 0.5) / (years + 0.5)


@dataclass(frozen=True)
class Case:
    """A country on a new year's day, and whether an attempt followed within the horizon."""

    country: str
    year: int
    horizon: int
    outcome: float


@cache
def cases(horizon: int) -> tuple[Case, ...]:
    """Every country there at the cut-off and observed to the end of the horizon."""
    found = []
    for year in CUTS:
        for country, history in _history().items():
            ahead = [history.get(month) for month in range(12 * year, 12 * (year + horizon))]
            if 12 * year - 1 in history and None not in ahead:
                found.append(Case(country, year, horizon, float(any(ahead))))
    return tuple(found)


def mixed(classes: list[Class], horizon: float) -> float:
    """What the engine's `base_rate` gives: Gamma(1/2 + weighted events, weighted years), integrated."""
    shape = 0.5 + sum(weight * events for events, _, weight in classes)
    years = sum(weight * years for _, years, weight in classes)
    return float(1 - (years / (years + horizon)) ** shape)


def own(country: str, year: int) -> list[Class]:
    return [(*seen(country, FIRST, year), 1.0)]


def weighted(recent: int, older: float, world_years: int, weight: float) -> Recipe:
    def classes(country: str, year: int) -> list[Class]:
        return [*_recent_and_older(country, year, recent, older), (*world(year - world_years, year), weight)]

    return classes


def anchored(recent: int, older: float, world_years: int) -> Recipe:
    def classes(country: str, year: int) -> list[Class]:
        anchor = (0, 0.5 / world_rate(year - world_years, year), 1.0)
        return [*_recent_and_older(country, year, recent, older), anchor]

    return classes


def indexed(block: int, older: float, world_years: int) -> Recipe:
    """Blocks of years, each `older` times the weight of the next."""

    def classes(country: str, year: int) -> list[Class]:
        now = world_rate(year - world_years, year)
        found: list[Class] = [(0, 0.5 / now, 1.0)]
        for age, start in enumerate(range(year - block, FIRST - block, -block)):
            begin, end = max(start, FIRST), start + block
            events, years = seen(country, begin, end)
            found.append((events, years * world_rate(begin, end) / now, older**age))
        return found

    return classes


def _recent_and_older(country: str, year: int, recent: int, older: float) -> list[Class]:
    parts = (*seen(country, year - recent, year), 1.0), (*seen(country, FIRST, year - recent), older)
    return [part for part in parts if part[1] and part[2]]


def probabilities(recipe: Recipe, horizon: int) -> Array:
    return np.array([mixed(recipe(case.country, case.year), horizon) for case in cases(horizon)])


def constant(horizon: int) -> Array:
    return np.array([-np.expm1(-_plain(world(FIRST, case.year)) * horizon) for case in cases(horizon)])


def plug_in(horizon: int) -> Array:
    return np.array([-np.expm1(-_plain(seen(case.country, FIRST, case.year)) * horizon) for case in cases(horizon)])


def _plain(counted: tuple[int, float]) -> float:
    return counted[0] / counted[1]
