"""From the ledger's rows and the resolutions in the scenario files to scores."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np

from engine.analysis.coverage import (
    OutlookCheck,
    QuantityCheck,
    had_happened,
    numbered,
    outlook_check,
    quantity_check,
)
from engine.analysis.scorecard import Scorecard, scorecard
from engine.analysis.streams import Stream
from engine.app.ledger import Kind, Ledger
from engine.probability import Array, expit, logit
from engine.records.project import Project

_NEAREST = 1e-4


class Told(NamedTuple):
    """The part of a row of the ledger that is scored; what is nested is still JSON."""

    id: int
    scenario: str
    as_of: str
    recorded_at: str
    run_id: str
    posterior: float
    prior: float
    forecasts: str
    quantity: str | None
    sound: int

    @property
    def day(self) -> date:
        """The day the belief is about."""
        return date.fromisoformat(self.as_of)


@dataclass(frozen=True)
class Scored:
    """What a ledger says of how good the beliefs in it were."""

    kind: Kind
    scorecard: Scorecard
    streams: tuple[Stream, ...]
    outlooks: OutlookCheck
    quantities: QuantityCheck
    n_days: int
    n_unsound: int
    """Days on which the engine itself did not trust its answer."""
    unknown: tuple[str, ...]
    """Scenarios of the ledger that are not in the folder."""


def score(
    project: Project,
    ledger: Ledger,
    kind: Kind,
    today: date,
    run_id: str | None = None,
    days: Collection[date] | None = None,
) -> Scored:
    """The scores of the beliefs of one kind; of several about one day, the one recorded last counts.

    `run_id` keeps to one run or replay, `days` to some days. Of several replays the newest is scored.
    """
    rows = [Told._make(values) for values in ledger.select(Told._fields, kind=kind, run_id=run_id)]
    if kind == "replay" and rows:
        name = max(rows, key=lambda row: row.recorded_at).run_id
        rows = [row for row in rows if row.run_id == name]
    wanted = None if days is None else {day.isoformat() for day in days}
    newest = {(row.scenario, row.as_of): row for row in rows if wanted is None or row.as_of in wanted}
    by_scenario: dict[str, list[Told]] = defaultdict(list)
    for row in newest.values():
        by_scenario[row.scenario].append(row)
    streams = tuple(
        _stream(project, name, told) for name, told in sorted(by_scenario.items()) if name in project.scenarios
    )
    known = [row for row in newest.values() if row.scenario in project.scenarios]
    return Scored(
        kind=kind,
        scorecard=scorecard(streams, today),
        streams=streams,
        outlooks=_outlooks(project, ledger, known, today),
        quantities=_quantities(project, known),
        n_days=len({row.as_of for row in known}),
        n_unsound=len({row.as_of for row in known if not row.sound}),
        unknown=tuple(sorted(set(by_scenario) - set(project.scenarios))),
    )


def _stream(project: Project, name: str, told: Sequence[Told]) -> Stream:
    scenario = project.scenarios[name]
    told = sorted(told, key=lambda row: row.as_of)
    rate = scenario.base_rate_probability
    return Stream(
        scenario=scenario,
        day=np.array([row.day.toordinal() for row in told], dtype=np.int64),
        probability=np.array([row.posterior for row in told]),
        references={
            "prior": np.array([row.prior for row in told]),
            "base rate": np.full(len(told), np.nan if rate is None else rate),
            "others": np.array([_others(row.forecasts) for row in told]),
        },
    )


def _others(forecasts: str) -> float:
    """The geometric mean of the odds that others gave; nan where nobody did."""
    said = [] if forecasts == "[]" else [one["probability"] for one in json.loads(forecasts)]
    if not said:
        return np.nan
    return float(expit(logit(np.clip(said, _NEAREST, 1 - _NEAREST)).mean()))


def _outlooks(project: Project, ledger: Ledger, rows: Iterable[Told], today: date) -> OutlookCheck:
    """Points of outlooks up to the deadline, given while the scenario was open, once the deadline has passed.

    What happens early is settled early: before its deadline a scenario would count only if it came true.

    One outlook of a scenario a month, the last: those of neighbouring days say the same.
    """
    monthly = {(row.scenario, row.as_of[:7]): row.id for row in _while_open(project, rows)}
    names, points, happened = [], [], []
    for scenario, outlook in ledger.select(("scenario", "outlook"), ids=monthly.values()):
        curve = json.loads(outlook)
        for by, *point in zip(curve["by"], curve["probability"], curve["low"], curve["high"], strict=True):
            day = date.fromisoformat(by)
            past = project.scenarios[scenario].deadline < today
            outcome = had_happened(project.scenarios[scenario], day) if past else None
            if outcome is None:
                break
            names.append(scenario)
            points.append(point)
            happened.append(float(outcome))
    return outlook_check(_table(points), np.array(happened), numbered(names))


def _quantities(project: Project, rows: Iterable[Told]) -> QuantityCheck:
    names, peaks, values = [], [], []
    for row in _while_open(project, rows):
        resolution = project.scenarios[row.scenario].resolution
        if row.quantity and resolution and resolution.value:
            peak = json.loads(row.quantity)["peak"]
            names.append(row.scenario)
            peaks.append([peak["median"], peak["low"], peak["high"]])
            values.append(resolution.value)
    return quantity_check(_table(peaks), np.array(values), numbered(names))


def _while_open(project: Project, rows: Iterable[Told]) -> Iterable[Told]:
    """Rows of resolved scenarios, given while they were open."""
    last = {
        name: min(one.deadline, one.resolution.on - timedelta(1)).isoformat()
        for name, one in project.scenarios.items()
        if one.resolution
    }
    return (row for row in rows if row.as_of <= last.get(row.scenario, ""))


def _table(rows: Sequence[Sequence[float]]) -> Array:
    return np.array(rows, dtype=float).reshape(-1, 3)
