"""The ledger: every belief that was ever computed, when, and about which day; rows are only ever added."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict

from engine.app.ledger_file import damaged, opened, writing
from engine.errors import ForecastError, nearest

if TYPE_CHECKING:
    from engine.app.report import EstimateLine, QuantityLine, Report, ScenarioReport

LEDGER_FILE = "ledger.sqlite"
type Kind = Literal["run", "replay"]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Curve(_Part):
    """The ten-year outlook: the probability by each day, with its central 90 % interval."""

    by: tuple[date, ...]
    probability: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


class Witness(_Part):
    """A reason: what a source says of an indicator, and how far it moves the belief."""

    indicator: str
    source: str
    stance: str
    articles: tuple[str, ...]
    decibans: float


class Number(_Part):
    """A reason: one source's newest number of one kind."""

    source: str
    kind: str
    value: str
    on: date
    articles: tuple[str, ...]
    decibans: float


class Opinion(_Part):
    """A reason: somebody else's probability, brought to the scenario's deadline."""

    source: str
    kind: str
    probability: float
    on: date
    articles: tuple[str, ...]


class Estimated(_Part):
    """Median and central 90 % interval, in the quantity's unit."""

    median: float
    low: float
    high: float


class QuantityBelief(_Part):
    """What was believed of a quantity: its level now, where a number was known, and its peak by the deadline."""

    unit: str
    at_least: float
    level: Estimated | None
    peak: Estimated


class Row(_Part):
    """One belief: of one scenario, about one day (`as_of`), computed at one moment (`recorded_at`, UTC)."""

    run_id: str
    kind: Kind
    scenario: str
    as_of: date
    recorded_at: AwareDatetime
    deadline: date
    status: Literal["open", "due", "happened", "did-not-happen"]
    prior: float
    prior_low: float
    prior_high: float
    posterior: float
    low: float
    high: float
    mcse: float
    relevancy: float
    score: float
    n_witnesses: int
    engine: str
    version: str
    pymc: str
    seed: int
    draws: int
    sound: bool
    max_rhat: float | None
    min_ess: float
    divergences: int | None
    pareto_k: float
    max_engine_gap: float | None
    inputs: str
    without_forecasts: float | None
    """The posterior had nobody else forecast, where somebody did."""
    outlook: Curve
    quantity: QuantityBelief | None
    forecasts: tuple[Opinion, ...]
    numbers: tuple[Number, ...]
    witnesses: tuple[Witness, ...]


COLUMNS = tuple(Row.model_fields)
_NESTED = frozenset({"outlook", "quantity", "forecasts", "numbers", "witnesses"})
"""Columns that hold JSON."""


def rows_of(report: Report, kind: Kind, recorded_at: datetime) -> tuple[Row, ...]:
    """One row for each scenario of a run."""
    return tuple(_row(report, one, kind, recorded_at) for one in report.scenarios)


def _row(report: Report, one: ScenarioReport, kind: Kind, recorded_at: datetime) -> Row:
    line, checks, curve = report.engine, report.diagnostics, one.outlook
    return Row(
        run_id=report.run_id,
        kind=kind,
        scenario=one.id,
        as_of=report.as_of,
        recorded_at=recorded_at.astimezone(UTC),
        deadline=one.deadline,
        status=one.status,
        prior=one.prior.probability,
        prior_low=one.prior.interval[0],
        prior_high=one.prior.interval[1],
        posterior=one.posterior.probability,
        low=one.posterior.interval[0],
        high=one.posterior.interval[1],
        mcse=one.posterior.mcse,
        relevancy=one.relevancy.rating,
        score=one.score,
        n_witnesses=one.n_witnesses,
        engine=line.name,
        version=line.version,
        pymc=line.pymc,
        seed=line.seed,
        draws=line.draws,
        sound=checks.sound,
        max_rhat=checks.max_rhat,
        min_ess=checks.min_ess,
        divergences=checks.divergences,
        pareto_k=checks.pareto_k,
        max_engine_gap=checks.max_engine_gap,
        inputs=report.inputs,
        without_forecasts=one.forecasts.without if one.forecasts else None,
        outlook=Curve(by=curve.by, probability=curve.probability, low=curve.low, high=curve.high),
        quantity=_quantity(one.quantity) if one.quantity else None,
        forecasts=tuple(Opinion(**said.model_dump()) for said in (one.forecasts.forecasts if one.forecasts else ())),
        numbers=tuple(
            Number(**said.model_dump(include=set(Number.model_fields)))
            for said in (one.quantity.numbers if one.quantity else ())
        ),
        witnesses=tuple(Witness(**said.model_dump(include=set(Witness.model_fields))) for said in one.evidence),
    )


def _quantity(line: QuantityLine) -> QuantityBelief:
    return QuantityBelief(
        unit=line.unit,
        at_least=line.at_least,
        level=_estimated(line.level) if line.level else None,
        peak=_estimated(line.peak),
    )


def _estimated(line: EstimateLine) -> Estimated:
    return Estimated(median=line.median, low=line.interval[0], high=line.interval[1])


@dataclass(frozen=True)
class Ledger:
    """The ledger in one SQLite file, which several processes may write to at once."""

    path: Path

    def append(self, rows: Iterable[Row]) -> int:
        """Add rows, all of them or none; how many were new. One that is there already stays as it is."""
        marks = ", ".join("?" * len(COLUMNS))
        statement = f"INSERT INTO beliefs ({', '.join(COLUMNS)}) VALUES ({marks})"  # noqa: S608  (our own names)
        stored = [_stored(row) for row in rows]
        with opened(self.path, create=True) as connection, writing(connection):
            before = connection.total_changes()
            connection.executemany(statement, stored)
            return connection.total_changes() - before

    def rows(self, **wanted: Any) -> tuple[Row, ...]:
        """The rows that `select` finds, whole."""
        return tuple(self._read(values) for values in self.select(COLUMNS, **wanted))

    def select(
        self,
        columns: Sequence[str],
        *,
        scenario: str | None = None,
        run_id: str | None = None,
        kind: Kind | None = None,
        since: date | None = None,
        until: date | None = None,
        recorded_by: datetime | None = None,
        ids: Iterable[int] | None = None,
    ) -> list[tuple[Any, ...]]:
        """Some columns of the rows, as stored (days as ISO text), by as_of, then as they were recorded.

        `since` and `until` bound as_of, `recorded_by` bounds recorded_at: what was believed by then. `ids` are values
        of the column `id`, which every row has besides its fields.
        """
        bounds = {
            "scenario = ?": scenario,
            "run_id = ?": run_id,
            "kind = ?": kind,
            "as_of >= ?": since.isoformat() if since else None,
            "as_of <= ?": until.isoformat() if until else None,
            "recorded_at <= ?": _instant(recorded_by) if recorded_by else None,
            "id IN (SELECT value FROM json_each(?))": _text(list(ids)) if ids is not None else None,
        }
        given = {condition: value for condition, value in bounds.items() if value is not None}
        where = f" WHERE {' AND '.join(given)}" if given else ""
        assert set(columns) <= {"id", *COLUMNS}, columns  # noqa: S101  (names go into the statement)
        statement = f"SELECT {', '.join(columns)} FROM beliefs{where} ORDER BY as_of, recorded_at, id"  # noqa: S608
        with opened(self.path) as connection:
            return list(connection.execute(statement, tuple(given.values())))

    def _read(self, values: tuple[Any, ...]) -> Row:
        data = dict(zip(COLUMNS, values, strict=True))
        try:
            for name in _NESTED:
                data[name] = None if data[name] is None else json.loads(data[name])
            return Row.model_validate(data)
        except (TypeError, ValueError) as error:
            raise damaged(self.path, f"the belief of {data['scenario']} in {data['run_id']} does not read") from error

    def known(self, column: Literal["scenario", "run_id"]) -> tuple[str, ...]:
        """The scenarios, or the runs and replays, that the ledger tells of."""
        with opened(self.path) as connection:
            return tuple(name for (name,) in connection.execute(f"SELECT DISTINCT {column} FROM beliefs ORDER BY 1"))  # noqa: S608

    def must_know(self, scenario: str | None, run_id: str | None = None) -> None:
        """Refuse a scenario, or a run or replay, that the ledger does not tell of, with the nearest that it does."""
        if scenario is not None and scenario not in (known := self.known("scenario")):
            raise ForecastError(f"{scenario}: is no scenario of {self.path}. {nearest(scenario, known)}")
        if run_id is not None and run_id not in (known := self.known("run_id")):
            raise ForecastError(f"{run_id}: is no run or replay of {self.path}. {nearest(run_id, known)}")


def _stored(row: Row) -> tuple[Any, ...]:
    data = row.model_dump(mode="json") | {"recorded_at": _instant(row.recorded_at), "sound": int(row.sound)}
    return tuple(_text(data[name]) if name in _NESTED else data[name] for name in COLUMNS)


def _text(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _instant(moment: datetime) -> str:
    """UTC to the microsecond, of one length, so that the order of text is the order of time."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
