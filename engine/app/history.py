"""The path of a belief: what the ledger holds of one scenario, and what moved it from one entry to the next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from engine.app.ledger import Kind, Ledger, Row
from engine.app.ledger_file import damaged
from engine.errors import ForecastError

WORTH_TELLING = 0.25
"""Decibans: what sampling error alone may change of a pull is not told."""


@dataclass(frozen=True)
class Change:
    """A reason that came, went, or weighs differently: its pull on the belief before and after, in decibans."""

    what: str
    before: float | None
    after: float | None
    retold: bool = False
    """Whether the same voice now says something else."""

    @property
    def tells(self) -> bool:
        """Whether it is more than sampling error."""
        return self.retold or abs(self.size) >= WORTH_TELLING

    @property
    def size(self) -> float:
        """How far the change moves the belief, in decibans."""
        return (self.after or 0.0) - (self.before or 0.0)


@dataclass(frozen=True)
class Step:
    """One entry of the path, with what moved the belief since the entry before; of the first, since the prior."""

    row: Row
    times: int
    """How often it was computed from the same files for the same day; the last time stands."""
    moved: float | None
    """Decibans since the entry before; none where either is certain."""
    changes: tuple[Change, ...]
    """The largest first."""

    @property
    def rest(self) -> float | None:
        """What no single reason accounts for: time, drivers, other scenarios, and what reasons share."""
        return None if self.moved is None else self.moved - sum(change.size for change in self.changes)


@dataclass(frozen=True)
class History:
    """The path of one belief."""

    scenario: str
    kind: Kind
    n_rows: int
    path: tuple[float, ...]
    """The posterior at every entry."""
    steps: tuple[Step, ...]
    """The last of the entries, in full."""

    @property
    def n_steps(self) -> int:
        """How many entries the path has, those not told in full included."""
        return len(self.path)


class _Entry(NamedTuple):
    """As much of a row as places it on the path."""

    id: int
    run_id: str
    as_of: str
    recorded_at: str
    inputs: str
    engine: str
    posterior: float


def history(
    ledger: Ledger,
    scenario: str,
    kind: Kind = "run",
    *,
    run_id: str | None = None,
    since: date | None = None,
    until: date | None = None,
    recorded_by: datetime | None = None,
    last: int = 20,
) -> History:
    """The path over as_of of a scenario's runs, or of one replay (the newest, unless `run_id` names another)."""
    wanted: dict[str, Any] = {"since": since, "until": until, "recorded_by": recorded_by, "run_id": run_id}
    found = [_Entry(*values) for values in ledger.select(_Entry._fields, scenario=scenario, kind=kind, **wanted)]
    if not found:
        ledger.must_know(scenario, run_id)
        raise _nothing(ledger, scenario, kind, bounded=any(one is not None for one in wanted.values()))
    if kind == "replay":
        newest = run_id or max(found, key=lambda one: (one.recorded_at, one.id)).run_id
        found = [one for one in found if one.run_id == newest]
    groups = [tuple(group) for _, group in groupby(found, key=lambda one: (one.as_of, one.inputs, one.engine))]
    shown = groups[-last - 1 :]
    rows = ledger.rows(ids=[group[-1].id for group in shown])
    if len(rows) != len(shown):
        raise damaged(ledger.path, "its index tells of beliefs that are not there")
    before = (None, *rows[:-1])
    steps = [_step(was, row, len(group)) for was, row, group in zip(before, rows, shown, strict=True)]
    path = tuple(group[-1].posterior for group in groups)
    return History(scenario, kind, len(found), path, tuple(steps[-last:]))


def _nothing(ledger: Ledger, scenario: str, kind: Kind, *, bounded: bool) -> ForecastError:
    other: Kind = "replay" if kind == "run" else "run"
    n_other = len(ledger.select(["id"], scenario=scenario, kind=other))
    also = f" Of kind {other} there are {n_other}: --kind {other}." if n_other else ""
    return ForecastError(
        f"{scenario}: {ledger.path} has no {kind} of it{' within these bounds' if bounded else ''}.{also}"
    )


def _step(before: Row | None, row: Row, times: int) -> Step:
    moved = _decibans(before.posterior if before else row.prior, row.posterior)
    if row.status in {"happened", "did-not-happen"}:
        return Step(row, times, moved, ())
    was, now = reasons(before) if before else {}, reasons(row)
    changes = [_change(was.get(key), now.get(key)) for key in {**was, **now}]
    told = sorted((one for one in changes if one.tells), key=lambda one: (-abs(one.size), one.what))
    return Step(row, times, moved, tuple(told))


@dataclass(frozen=True)
class Reason:
    """What somebody says of something, and its pull on the belief: the decibans it loses if this alone is left out."""

    who: str
    says: str
    about: str
    decibans: float

    def __str__(self) -> str:
        """As it is told: `rok-nis affirms troops-moved`."""
        return " ".join(word for word in (self.who, self.says, self.about) if word)


def reasons(row: Row) -> dict[tuple[str, ...], Reason]:
    """Everything that pulls on a belief, by what makes it the same reason at another time."""
    found: dict[tuple[str, ...], Reason] = {
        ("report", one.source, one.indicator): Reason(one.source, one.stance, one.indicator, one.decibans)
        for one in row.witnesses
    }
    for number in row.numbers:
        told = Reason(number.source, f"{number.kind} {number.value}", "", number.decibans)
        found["number", number.source, number.kind] = told
    if row.without_forecasts is not None:
        pull = _decibans(row.without_forecasts, row.posterior) or 0.0
        found["forecasts",] = Reason("other people's forecasts:", f"{len(row.forecasts)} of them", "", pull)
    return found


def _change(was: Reason | None, now: Reason | None) -> Change:
    if was is None or now is None:
        return Change(str(now or was), was.decibans if was else None, now.decibans if now else None)
    retold = f" (before: {was.says})" if was.says != now.says else ""
    return Change(f"{now}{retold}", was.decibans, now.decibans, retold=bool(retold))


def _decibans(before: float, after: float) -> float | None:
    if not (0 < before < 1 and 0 < after < 1):
        return None
    return 10 * math.log10(after / (1 - after) * (1 - before) / before)
