"""Numbers for a quantity: what each source's newest number says of the level now and of the peak to come.

Axes: Q quantities, M measurements. All values are logs, measured from the scenario's threshold.
Q is the log peak by the deadline; the level now lies `headroom` below it. A source has one bias for a
quantity and one observation of it that counts, so the bias is summed out: it widens the reading.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from engine.belief.states import BoolArray, IntArray
from engine.belief.witnesses import relay_weight
from engine.probability import Array, normal_between
from engine.records.article import Article, Measurement
from engine.records.project import Project
from engine.records.scenario import Scenario

BIAS_SD, LOSSES_BIAS_SD = 0.2, 0.7
"""Spread of a source's bias; wider where it counts its own or its enemy's losses (Radford et al. 2023)."""
SLIP_SD = 0.25
"""Spread of how far plans miss the peak."""
AGEING = 0.64
"""Variance an observation gains a year: levels move on."""
BEST_SD, WORST_EXTRA_SD = 0.15, 0.5
"""Spread of a number from a source that is always right, and what a coin adds."""


@dataclass(frozen=True)
class Number:
    """One source's newest number of one kind for one scenario."""

    scenario: str
    source: str
    kind: str
    record: Measurement
    weight: float
    """kappa: its credibility, discounted if relayed."""
    on: date
    articles: tuple[str, ...]

    @property
    def bias_sd(self) -> float:
        """Spread of the source's bias; plans carry the slip instead."""
        if self.kind == "projected":
            return 0.0
        return LOSSES_BIAS_SD if self.record.losses else BIAS_SD


def numbers(project: Project, as_of: date, scenarios: Iterable[str]) -> list[Number]:
    """The newest number of each source and kind, however often it is printed."""
    wanted = frozenset(scenarios)
    heard: dict[tuple[str, str, str], list[tuple[Measurement, Article]]] = defaultdict(list)
    for article in project.articles.values():
        if article.known_on <= as_of:
            for record in article.measurements:
                if record.scenario in wanted:
                    heard[record.scenario, record.source, record.kind].append((record, article))
    return [_newest(project, *key, said) for key, said in sorted(heard.items())]


def _newest(
    project: Project, scenario: str, source: str, kind: str, said: Sequence[tuple[Measurement, Article]]
) -> Number:
    """The latest level date decides, then the latest article, so that a corrected number replaces the first.

    Of numbers that differ on one day the most credible stands, then the highest; it is as credible as its best print.
    """

    def freshness(pair: tuple[Measurement, Article]) -> tuple[date, date]:
        record, article = pair
        return record.on or article.known_on, article.known_on

    def weight(pair: tuple[Measurement, Article]) -> float:
        record, article = pair
        return relay_weight(project, article, record.source, record.credibility)

    latest = max(map(freshness, said))
    newest = [pair for pair in said if freshness(pair) == latest]
    record, _ = max(newest, key=lambda pair: (weight(pair), bounds(pair[0]), pair[1].id))
    same = [pair for pair in said if bounds(pair[0]) == bounds(record)]
    best = max(weight(pair) for pair in same if freshness(pair)[0] == latest[0])
    return Number(scenario, source, kind, record, best, latest[0], tuple(sorted({article.id for _, article in same})))


def bounds(record: Measurement) -> tuple[float, float]:
    """The number as an interval of values: equal ends if exact, 0 or inf where it is open."""
    if record.value is not None:
        return record.value, record.value
    if record.low is not None and record.high is not None:
        return record.low, record.high
    return record.at_least or 0.0, record.at_most or math.inf


@dataclass(frozen=True)
class Measurements:
    """The numbers, as arrays."""

    numbers: tuple[Number, ...]
    quantities: IntArray
    """(Q,) positions of the scenarios about a quantity."""
    quantity_of: IntArray
    source_of: IntArray
    """(M,) position among the sources."""
    weight: Array
    projected: BoolArray
    low: Array
    high: Array
    """(M,) log bounds from the threshold; equal if exact."""
    extra_variance: Array
    """(M,) added by age and bias."""

    @property
    def slip_sd(self) -> float:
        """Spread of how far plans miss the peak."""
        return SLIP_SD

    def unheard(self) -> Measurements:
        """The same quantities and voices, without numbers."""
        none = np.zeros(0)
        nowhere = np.zeros(0, dtype=np.int64)
        return replace(
            self,
            numbers=(),
            quantity_of=nowhere,
            source_of=nowhere,
            weight=none,
            projected=np.zeros(0, dtype=bool),
            low=none,
            high=none,
            extra_variance=none,
        )


def measurements(
    scenarios: Sequence[Scenario], found: Sequence[Number], sources: Sequence[str], as_of: date
) -> Measurements:
    """The arrays behind these numbers."""
    quantities = [position for position, scenario in enumerate(scenarios) if scenario.prior.quantity]
    place: Mapping[str, int] = {scenarios[position].id: number for number, position in enumerate(quantities)}
    threshold = [q.at_least for position in quantities if (q := scenarios[position].prior.quantity)]
    quantity_of = np.array([place[number.scenario] for number in found], dtype=np.int64)
    ends = np.array([bounds(number.record) for number in found], dtype=float).reshape(-1, 2)
    with np.errstate(divide="ignore"):
        logs = np.log(ends / np.array(threshold)[quantity_of, None]) if len(found) else ends
    projected = np.array([number.kind == "projected" for number in found], dtype=bool)
    age = np.array([max((as_of - number.on).days, 0) / 365.25 for number in found])
    return Measurements(
        numbers=tuple(found),
        quantities=np.array(quantities, dtype=np.int64),
        quantity_of=quantity_of,
        source_of=np.array([list(sources).index(number.source) for number in found], dtype=np.int64),
        weight=np.array([number.weight for number in found], dtype=float),
        projected=projected,
        low=logs[:, 0],
        high=logs[:, 1],
        extra_variance=np.array([number.bias_sd**2 for number in found]) + np.where(projected, 0.0, AGEING * age),
    )


@dataclass(frozen=True)
class Levels:
    """n draws of what the numbers are about."""

    log_peak: Array
    """(n, Q) from the threshold."""
    headroom: Array
    """(n, Q) how far the level now lies below the peak, >= 0."""
    slip: Array
    """(n, Q)"""


@dataclass(frozen=True)
class Read:
    """How the numbers sit with n draws of the levels; (n, M) each."""

    value: Array
    """Log likelihood."""
    by_mean: Array
    """Its derivative by the mean of the reading."""


def read_numbers(found: Measurements, levels: Levels, reliability: Array) -> Read:
    """Every number against every draw: a normal reading that is exact or known to lie between."""
    q = found.quantity_of
    mean = levels.log_peak[:, q] - np.where(found.projected, -levels.slip[:, q], levels.headroom[:, q])
    own = BEST_SD + WORST_EXTRA_SD * (1 - reliability[:, found.source_of] * found.weight)
    sd = np.sqrt(own**2 + found.extra_variance)
    exact = found.low == found.high
    miss = np.where(exact, found.low - mean, 0.0) / sd
    a, b = np.where(exact, -1.0, found.low - mean) / sd, np.where(exact, 1.0, found.high - mean) / sd
    between, by_a, by_b = normal_between(a, b)
    return Read(np.where(exact, -np.log(sd) - miss**2 / 2, between), np.where(exact, miss, -(by_a + by_b)) / sd)
