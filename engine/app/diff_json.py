"""Two runs compared, as a record that programs read."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from engine.analysis.comparison.changes import Change
from engine.analysis.diff import Diff, Moved


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChangeLine(_Part):
    """One input that differs."""

    kind: str
    about: tuple[str, ...]
    was: str
    becomes: str


class CauseLine(_Part):
    """What one change, or several made together, did to one belief."""

    changes: tuple[ChangeLine, ...]
    decibans: float


class MovedLine(_Part):
    """One scenario of both runs; no causes where the draws do not bear them, or where it is settled."""

    id: str
    before: float
    after: float
    shift_db: float | None
    causes: tuple[CauseLine, ...]
    monte_carlo_db: float
    trusted: bool
    pareto_k: float | None


class DiffRecord(_Part):
    """Two runs compared."""

    format: Literal[1] = 1
    as_of: tuple[date, date]
    engines: tuple[str, str]
    changes: tuple[ChangeLine, ...]
    scenarios: tuple[MovedLine, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


def as_record(found: Diff, only: tuple[str, ...] = ()) -> DiffRecord:
    """The whole comparison, or that of some scenarios."""
    return DiffRecord(
        as_of=found.days,
        engines=found.engines,
        changes=tuple(map(_change, found.changes)),
        scenarios=tuple(_moved(one) for one in found.moved if not only or one.scenario in only),
        only_before=found.only_before,
        only_after=found.only_after,
    )


def _change(change: Change) -> ChangeLine:
    return ChangeLine(kind=change.kind, about=change.key[1:], was=change.was, becomes=change.becomes)


def _moved(moved: Moved) -> MovedLine:
    return MovedLine(
        id=moved.scenario,
        before=moved.before,
        after=moved.after,
        shift_db=moved.shift,
        causes=tuple(
            CauseLine(changes=tuple(map(_change, one.changes)), decibans=one.decibans) for one in moved.causes
        ),
        monte_carlo_db=moved.sampling,
        trusted=moved.trusted,
        pareto_k=moved.pareto_k,
    )
