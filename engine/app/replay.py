"""Replay of the past: what the engine would have said on each day, from what was known by then."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from engine.app.ledger import Ledger, rows_of
from engine.app.replay_day import Options, replay_id, replayed
from engine.errors import ForecastError
from engine.records.project import Project

type Every = Literal["day", "week", "month"]
type Watch = Callable[[int, int], None]
"""watch(finished, all)"""

MOST_DAYS = 20_000


@dataclass(frozen=True)
class Plan:
    """The days of a replay, and the name it has in the ledger."""

    project: Project
    options: Options
    replay_id: str
    days: tuple[date, ...]
    too_early: tuple[date, ...]
    """Days on which no scenario was open yet."""

    def missing(self, ledger: Ledger) -> list[date]:
        """The days that do not stand in the ledger."""
        if not ledger.path.exists():
            return list(self.days)
        stored = {day for (day,) in ledger.select(("as_of",), kind="replay", run_id=self.replay_id)}
        return [day for day in self.days if day.isoformat() not in stored]


def plan(project: Project, first: date, last: date, every: Every, options: Options) -> Plan:
    """Every so many days from `first`, and `last`; a ForecastError where no scenario is open on any of them."""
    asked = days_between(first, last, every)
    opens = min(scenario.opens for scenario in project.scenarios.values())
    days = tuple(day for day in asked if day >= opens)
    if not days:
        raise ForecastError(f"No scenario is open by {last}: the first opens on {opens}. Choose a later --to.")
    return Plan(project, options, replay_id(project, options), days, tuple(asked[: len(asked) - len(days)]))


def days_between(first: date, last: date, every: Every) -> list[date]:
    """The days from `first` to `last`, both included; the last step may be shorter."""
    if first > last:
        raise ForecastError(f"--from must not be after --to, got {first} and {last}. Exchange them.")
    if every == "month":
        return sorted({*_monthly(first, last), last})
    step = 7 if every == "week" else 1
    n = (last - first).days // step + 1
    if n > MOST_DAYS:
        raise ForecastError(
            f"A replay has at most {MOST_DAYS:,} days, got {n:,}. Choose a shorter time or --every week."
        )
    return sorted({*(first + timedelta(step * number) for number in range(n)), last})


def _monthly(first: date, last: date) -> list[date]:
    """The same day of each month, or its last one where the month is shorter."""
    days = []
    for month in range((last.year - first.year) * 12 + last.month - first.month + 1):
        year, number = divmod(first.month - 1 + month, 12)
        begins = date(first.year + year, number + 1, 1)
        ends = (begins + timedelta(31)).replace(day=1) - timedelta(1)
        days.append(min(begins.replace(day=min(first.day, ends.day)), ends))
    return [day for day in days if day <= last]


def replay(plan: Plan, ledger: Ledger, pool: Executor, watch: Watch) -> int:
    """Compute the days that are missing and add each to the ledger, whole, as it is finished; how many they were.

    Broken off, it leaves the finished days; run again, it goes on with the others.
    """
    missing = plan.missing(ledger)
    watch(0, len(missing))
    waiting = [pool.submit(replayed, plan.project, day, plan.options, plan.replay_id) for day in missing]
    for number, future in enumerate(as_completed(waiting), 1):
        ledger.append(rows_of(future.result(), "replay", datetime.now(UTC)))
        watch(number, len(missing))
    return len(missing)
