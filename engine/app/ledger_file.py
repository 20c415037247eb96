"""The file of the ledger: made, migrated to the newest schema, and refused where it is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from engine.errors import ForecastError

APPLICATION = 0x464C4447
"""Marks a SQLite file as a ledger ("FLDG")."""

PATIENCE_MS = 60_000
"""How long a writer waits for the others."""

_BELIEFS = """
CREATE TABLE beliefs (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('run', 'replay')),
    scenario TEXT NOT NULL,
    as_of TEXT NOT NULL,
    recorded_at TEXT NOT NULL,
    deadline TEXT NOT NULL,
    status TEXT NOT NULL,
    prior REAL NOT NULL, prior_low REAL NOT NULL, prior_high REAL NOT NULL,
    posterior REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, mcse REAL NOT NULL,
    relevancy REAL NOT NULL,
    score REAL NOT NULL,
    n_witnesses INTEGER NOT NULL,
    engine TEXT NOT NULL, version TEXT NOT NULL, pymc TEXT NOT NULL,
    seed INTEGER NOT NULL, draws INTEGER NOT NULL,
    sound INTEGER NOT NULL,
    max_rhat REAL, min_ess REAL NOT NULL, divergences INTEGER, pareto_k REAL NOT NULL, max_engine_gap REAL,
    inputs TEXT NOT NULL,
    without_forecasts REAL,
    outlook TEXT NOT NULL,
    quantity TEXT,
    forecasts TEXT NOT NULL,
    numbers TEXT NOT NULL,
    witnesses TEXT NOT NULL,
    UNIQUE (run_id, scenario, as_of)
) STRICT;
CREATE TRIGGER kept_once BEFORE INSERT ON beliefs
    WHEN EXISTS (SELECT 1 FROM beliefs WHERE run_id = NEW.run_id AND scenario = NEW.scenario AND as_of = NEW.as_of)
      OR EXISTS (SELECT 1 FROM beliefs WHERE id = NEW.id)
    BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER never_changed BEFORE UPDATE ON beliefs
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no row is changed'); END;
CREATE TRIGGER never_deleted BEFORE DELETE ON beliefs
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no row is deleted'); END;
"""

# holds all that places a belief on its path, so that the path of thousands is drawn without reading their reasons
_PATHS = "CREATE INDEX paths ON beliefs (scenario, kind, as_of, recorded_at, run_id, inputs, engine, posterior);"

STEPS = (_BELIEFS, _PATHS)
"""Step n leads from schema n to n + 1; a step that was released is never edited."""


@contextmanager
def opened(path: Path, *, create: bool = False) -> Iterator[apsw.Connection]:
    """A connection to the ledger at `path`, of the newest schema; every refusal is a ForecastError.

    The journal is SQLite's plain one, not the write-ahead log: the ledger stays one file that can be copied.
    """
    if not create and not path.exists():
        raise ForecastError(f"{path}: there is no ledger here yet. Make one with `forecast run`, or name its folder.")
    connection = None
    try:
        flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if create else 0)
        connection = apsw.Connection(str(path), flags=flags)
        connection.set_busy_timeout(PATIENCE_MS)
        connection.execute("PRAGMA trusted_schema = OFF")
        _migrate(connection, path)
        yield connection
    except apsw.Error as error:
        raise _refusal(path, error) from error
    except UnicodeDecodeError as error:
        raise damaged(path, "text that is no text") from error
    finally:
        if connection is not None:
            connection.close()


@contextmanager
def writing(connection: apsw.Connection) -> Iterator[None]:
    """One transaction that waits its turn: all of it is kept or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _migrate(connection: apsw.Connection, path: Path) -> None:
    if _schema_of(connection, path) == len(STEPS):
        return
    with writing(connection):
        # asked again: another process may have been first
        for number, step in enumerate(STEPS[_schema_of(connection, path) :], _schema_of(connection, path) + 1):
            connection.execute(step)
            connection.pragma("user_version", number)
        connection.pragma("application_id", APPLICATION)


def _schema_of(connection: apsw.Connection, path: Path) -> int:
    """The schema's number, 0 for an empty file; what is no ledger, or a newer one, is refused."""
    # in one statement, and so of one moment: another process may be making the ledger just now
    ((version, application, n_tables),) = connection.execute(
        "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_schema) "
        "FROM pragma_user_version, pragma_application_id"
    )
    schema = int(version)
    if application != APPLICATION and (schema or application or n_tables):
        raise ForecastError(f"{path}: is a database, but no ledger. Name another folder; it was left as it is.")
    if schema > len(STEPS):
        raise ForecastError(
            f"{path}: was written by a newer engine (schema {schema}; this one knows {len(STEPS)}). "
            "Update the engine; the ledger was left as it is."
        )
    return schema


def damaged(path: Path, why: object) -> ForecastError:
    """What is said of a ledger that cannot be read."""
    return ForecastError(
        f"{path}: is damaged ({why}). It was left as it is: put a copy from a backup in its place, or move it away, and "
        "the next run starts a new one and enters every run whose folder is still there."
    )


def _refusal(path: Path, error: apsw.Error) -> ForecastError:
    match error:
        case apsw.NotADBError() | apsw.CorruptError() | apsw.SQLError():
            return damaged(path, error)
        case apsw.BusyError():
            return ForecastError(
                f"{path}: another program has held the ledger for {PATIENCE_MS // 1000} s. Let it finish and try again."
            )
        case _:
            return ForecastError(
                f"{path}: the ledger cannot be used: {error}. See to the file and its folder, then try again."
            )
