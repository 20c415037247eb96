"""The ledger: what goes in comes out, nothing is changed or lost, and what is no ledger is left alone."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from multiprocessing import get_context
from pathlib import Path

import pytest
from builders import article, indicator, project, report, scenario
from hypothesis import given
from hypothesis import strategies as st

from engine.app.history import history
from engine.app.ledger import Curve, Estimated, Ledger, Number, Opinion, QuantityBelief, Row, Witness, rows_of
from engine.app.ledger_file import STEPS, opened
from engine.errors import ForecastError

NOON = datetime(2024, 6, 1, 12, tzinfo=UTC)
YEARS = tuple(date(2024 + year, 6, 1) for year in range(1, 11))


def row(run_id="r1", scenario="alpha", as_of=date(2024, 6, 1), **fields):
    """A belief, unless `fields` say otherwise."""
    about = {
        "run_id": run_id, "kind": "run", "scenario": scenario, "as_of": as_of, "recorded_at": NOON,
        "deadline": date(2025, 1, 1), "status": "open", "prior": 0.2, "prior_low": 0.1, "prior_high": 0.4,
        "posterior": 0.3, "low": 0.1, "high": 0.6, "mcse": 0.002, "relevancy": 3.0, "score": 0.15, "n_witnesses": 1,
        "engine": "importance", "version": "0", "pymc": "6", "seed": 1, "draws": 4000, "sound": True, "max_rhat": None,
        "min_ess": 3000.0, "divergences": None, "pareto_k": 0.1, "max_engine_gap": None, "inputs": "abc",
        "without_forecasts": None, "outlook": Curve(by=YEARS, probability=(0.4,) * 10, low=(0.2,) * 10, high=(0.7,) * 10),
        "quantity": None, "forecasts": (), "numbers": (),
        "witnesses": (Witness(indicator="seen", source="bob", stance="affirms", articles=("a",), decibans=2.5),),
    }  # fmt: skip
    return Row(**about | fields)


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.sqlite")


FULL = row(
    status="due",
    max_rhat=1.001,
    divergences=0,
    max_engine_gap=0.004,
    without_forecasts=0.25,
    quantity=QuantityBelief(
        unit="soldiers", at_least=1e4, level=Estimated(median=3e3, low=2e3, high=5e3), peak=Estimated(median=9e3, low=4e3, high=2e4)
    ),
    forecasts=(Opinion(source="crowd", kind="crowd", probability=0.4, on=date(2024, 5, 1), articles=("c",)),),
    numbers=(Number(source="bob", kind="observed", value="at least 3,000", on=date(2024, 5, 2), articles=("n",), decibans=-1.5),),
)  # fmt: skip


@pytest.mark.parametrize("kept", [row(), FULL], ids=["bare", "full"])
def test_a_row_comes_back_as_it_went_in(ledger, kept):
    assert ledger.append([kept]) == 1
    assert ledger.rows() == (kept,)


@given(text=st.text(min_size=1), share=st.floats(0, 1), days=st.integers(0, 4000), hours=st.integers(-12, 12))
def test_any_text_number_and_moment_comes_back(tmp_path_factory, text, share, days, hours):
    ledger = Ledger(tmp_path_factory.mktemp("any") / "ledger.sqlite")
    moment = datetime(2020, 1, 1, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=hours))) + timedelta(days=days)
    text = text.encode("utf-8", "replace").decode()  # half a surrogate pair is no text that a record may hold
    witness = Witness(indicator=text, source=text, stance=text, articles=(text, text), decibans=share)
    kept = row(posterior=share, recorded_at=moment, witnesses=(witness,))
    ledger.append([kept])
    assert ledger.rows() == (kept,)


def test_appending_the_same_again_changes_nothing(ledger):
    ledger.append([row(), row(scenario="beta")])
    again = [row(posterior=0.9, recorded_at=NOON + timedelta(days=1)), row(scenario="gamma")]
    assert ledger.append(again) == 1
    assert [(one.scenario, one.posterior) for one in ledger.rows()] == [("alpha", 0.3), ("beta", 0.3), ("gamma", 0.3)]


def test_a_row_that_cannot_be_kept_keeps_its_whole_batch_out(ledger):
    ledger.append([row("first")])
    unreal = row("third").model_copy(update={"kind": "dream"})
    with pytest.raises(ForecastError):
        ledger.append([row("second"), unreal])
    assert [one.run_id for one in ledger.rows()] == ["first"]


@pytest.mark.parametrize(
    "order",
    [
        "UPDATE beliefs SET posterior = 1",
        "DELETE FROM beliefs",
        "INSERT OR REPLACE INTO beliefs SELECT * FROM beliefs",
        "REPLACE INTO beliefs SELECT id + 0, run_id, kind, 'other', {rest} FROM beliefs",
    ],
)
def test_the_database_itself_refuses_to_change_or_delete_a_row(ledger, order):
    ledger.append([row()])
    with sqlite3.connect(ledger.path) as other:
        names = [one[1] for one in other.execute("PRAGMA table_info(beliefs)")]
        order = order.format(rest=", ".join(names[4:]))
        try:
            other.execute(order)
        except sqlite3.IntegrityError as error:
            assert "append-only" in str(error)  # noqa: PT017
    assert ledger.rows() == (row(),)


def test_rows_are_found_by_scenario_run_kind_day_and_moment(ledger):
    days = [date(2024, 6, day) for day in (1, 8, 15)]
    for number, day in enumerate(days):
        kind = "replay" if number == 2 else "run"
        moment = NOON + timedelta(days=number)
        ledger.append([row(f"r{number}", name, day, kind=kind, recorded_at=moment) for name in ("beta", "alpha")])

    def found(**wanted):
        return [(one.run_id, one.scenario) for one in ledger.rows(**wanted)]

    assert found(scenario="alpha") == [("r0", "alpha"), ("r1", "alpha"), ("r2", "alpha")]
    assert found(run_id="r1") == [("r1", "beta"), ("r1", "alpha")]
    assert found(kind="replay", scenario="beta") == [("r2", "beta")]
    assert found(since=days[1], until=days[1], scenario="beta") == [("r1", "beta")]
    assert found(recorded_by=NOON + timedelta(days=1), scenario="beta") == [("r0", "beta"), ("r1", "beta")]
    assert found(recorded_by=NOON - timedelta(seconds=1)) == []
    assert ledger.select(["as_of", "posterior"], run_id="r0", scenario="alpha") == [("2024-06-01", 0.3)]


def test_rows_come_by_day_then_by_when_they_were_recorded(ledger):
    early, late = date(2024, 6, 1), date(2024, 6, 8)
    ledger.append([row("b", as_of=late), row("c", as_of=early, recorded_at=NOON + timedelta(microseconds=1))])
    ledger.append([row("a", as_of=early)])
    assert [one.run_id for one in ledger.rows()] == ["a", "c", "b"]


def test_a_report_becomes_one_row_for_each_scenario():
    from engine.app.notebook import forecast
    from engine.app.reporting import report_of

    quantity = {"quantity": {"unit": "soldiers", "median": 4000, "interval": [500, 20_000], "at_least": 10_000}}
    made = project(
        {"alpha": scenario(0.3, indicators={"seen": indicator()}), "gamma": scenario(prior=quantity)},
        [
            article(report("alpha/seen", "bob")),
            article(
                measurements=[{"scenario": "gamma", "source": "bob", "kind": "observed", "value": 3000}],
                forecasts=[{"scenario": "alpha", "source": "paper", "kind": "market", "probability": 0.4}],
            ),
        ],
    )
    told = report_of(forecast(made, date(2024, 6, 1), "importance", 400, 1), "r1")
    rows = {one.scenario: one for one in rows_of(told, "run", NOON)}
    said = {one.id: one for one in told.scenarios}
    assert set(rows) == {"alpha", "gamma"}
    for name, kept in rows.items():
        assert kept.posterior == said[name].posterior.probability
        assert (kept.low, kept.high) == said[name].posterior.interval
        assert kept.outlook.probability == said[name].outlook.probability
        assert kept.inputs == told.inputs
    (witness,) = rows["alpha"].witnesses
    assert (witness.indicator, witness.source, witness.stance) == ("seen", "bob", "affirms")
    assert witness.decibans == said["alpha"].evidence[0].decibans > 0
    assert rows["alpha"].forecasts[0].probability == pytest.approx(0.4, abs=0.01)
    assert rows["alpha"].without_forecasts == said["alpha"].forecasts.without
    assert rows["gamma"].quantity.peak.median == said["gamma"].quantity.peak.median
    assert rows["gamma"].numbers[0].value == "3,000"
    assert rows["gamma"].without_forecasts is None


# --- what is no ledger ---


def test_reading_where_there_is_none_makes_none(ledger):
    with pytest.raises(ForecastError, match="no ledger here yet"):
        ledger.rows()
    assert not ledger.path.exists()


def test_an_empty_file_is_a_ledger_that_was_never_written(ledger):
    """What a kill leaves between making the file and its first row."""
    ledger.path.touch()
    assert ledger.rows() == ()
    ledger.append([row()])
    assert ledger.rows() == (row(),)


def damage(content: bytes, how: str) -> bytes:
    return {
        "cut in half": content[: len(content) // 2],
        "no database": b"What was believed of alpha\n" * 400,
        "a page of zeros": content[:4096] + bytes(4096) + content[8192:],
        "the first page overwritten": b"\xff" * 4096 + content[4096:],
    }[how]


@pytest.mark.parametrize("how", ["cut in half", "no database", "a page of zeros", "the first page overwritten"])
def test_a_damaged_ledger_is_told_and_left_as_it_is(ledger, how):
    for number in range(40):
        ledger.append([row(f"r{number}")])
    hurt = damage(ledger.path.read_bytes(), how)
    ledger.path.write_bytes(hurt)
    for use in (ledger.rows, lambda: ledger.append([row("new")])):
        with pytest.raises(ForecastError, match=r"ledger\.sqlite: is damaged .* left as it is"):
            use()
        assert ledger.path.read_bytes() == hurt


@given(flips=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), min_size=1, max_size=20))
def test_whatever_bytes_are_hurt_it_reads_or_it_is_told_and_left_as_it_is(tmp_path_factory, flips):
    ledger = Ledger(tmp_path_factory.mktemp("hurt") / "ledger.sqlite")
    ledger.append([row(f"r{number}") for number in range(12)])
    hurt = bytearray(ledger.path.read_bytes())
    for place, value in flips:
        hurt[int(place * len(hurt))] = value
    ledger.path.write_bytes(hurt)
    for use in (ledger.rows, lambda: history(ledger, "alpha")):
        with contextlib.suppress(ForecastError):
            use()
    assert ledger.path.read_bytes() == hurt


def test_somebody_elses_database_is_left_alone(ledger):
    with sqlite3.connect(ledger.path) as other:
        other.execute("CREATE TABLE diary (day TEXT)")
    other.close()
    before = ledger.path.read_bytes()
    with pytest.raises(ForecastError, match="no ledger"):
        ledger.append([row()])
    assert ledger.path.read_bytes() == before


def test_a_ledger_of_a_newer_engine_is_refused(ledger):
    ledger.append([row()])
    with sqlite3.connect(ledger.path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    before = ledger.path.read_bytes()
    with pytest.raises(ForecastError, match=r"newer engine \(schema 99"):
        ledger.append([row("new")])
    assert ledger.path.read_bytes() == before


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ForecastError, match="cannot be used"):
        Ledger(tmp_path / "nowhere" / "ledger.sqlite").append([row()])


# --- older ledgers ---

VERSION_1 = """
CREATE TABLE beliefs (
    id INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL, kind TEXT NOT NULL CHECK (kind IN ('run', 'replay')), scenario TEXT NOT NULL,
    as_of TEXT NOT NULL, recorded_at TEXT NOT NULL, deadline TEXT NOT NULL, status TEXT NOT NULL,
    prior REAL NOT NULL, prior_low REAL NOT NULL, prior_high REAL NOT NULL,
    posterior REAL NOT NULL, low REAL NOT NULL, high REAL NOT NULL, mcse REAL NOT NULL,
    relevancy REAL NOT NULL, score REAL NOT NULL, n_witnesses INTEGER NOT NULL,
    engine TEXT NOT NULL, version TEXT NOT NULL, pymc TEXT NOT NULL, seed INTEGER NOT NULL, draws INTEGER NOT NULL,
    sound INTEGER NOT NULL, max_rhat REAL, min_ess REAL NOT NULL, divergences INTEGER, pareto_k REAL NOT NULL,
    max_engine_gap REAL, inputs TEXT NOT NULL, without_forecasts REAL,
    outlook TEXT NOT NULL, quantity TEXT, forecasts TEXT NOT NULL, numbers TEXT NOT NULL, witnesses TEXT NOT NULL,
    UNIQUE (run_id, scenario, as_of)
) STRICT;
INSERT INTO beliefs (
    run_id, kind, scenario, as_of, recorded_at, deadline, status, prior, prior_low, prior_high, posterior, low, high,
    mcse, relevancy, score, n_witnesses, engine, version, pymc, seed, draws, sound, min_ess, pareto_k, inputs,
    outlook, forecasts, numbers, witnesses
) VALUES (
    'r1', 'run', 'alpha', '2024-06-01', '2024-06-01T12:00:00.000000Z', '2025-01-01', 'open', 0.2, 0.1, 0.4, 0.3, 0.1,
    0.6, 0.002, 3.0, 0.15, 0, 'importance', '0', '6', 1, 4000, 1, 3000.0, 0.1, 'abc',
    '{"by":[],"probability":[],"low":[],"high":[]}', '[]', '[]', '[]'
);
CREATE TRIGGER kept_once BEFORE INSERT ON beliefs
    WHEN EXISTS (SELECT 1 FROM beliefs WHERE run_id = NEW.run_id AND scenario = NEW.scenario AND as_of = NEW.as_of)
      OR EXISTS (SELECT 1 FROM beliefs WHERE id = NEW.id)
    BEGIN SELECT RAISE(IGNORE); END;
CREATE TRIGGER never_changed BEFORE UPDATE ON beliefs
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no row is changed'); END;
CREATE TRIGGER never_deleted BEFORE DELETE ON beliefs
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: no row is deleted'); END;
PRAGMA application_id = 0x464C4447;
PRAGMA user_version = 1;
"""
NO_OUTLOOK = Curve(by=(), probability=(), low=(), high=())
OLD_ROW = row(n_witnesses=0, outlook=NO_OUTLOOK, witnesses=())


@pytest.fixture
def old(ledger):
    """A ledger as the first schema had it."""
    with sqlite3.connect(ledger.path) as other:
        other.executescript(VERSION_1)
    other.close()
    return ledger


def schema_of(ledger):
    with sqlite3.connect(ledger.path) as other:
        found = other.execute("PRAGMA user_version").fetchone()[0]
        names = {name for (name,) in other.execute("SELECT name FROM sqlite_schema")}
    other.close()
    return found, names


def test_an_older_ledger_is_migrated_and_keeps_its_rows(old):
    assert old.rows() == (OLD_ROW,)
    version, names = schema_of(old)
    assert version == len(STEPS) > 1
    assert "paths" in names
    old.append([row("r2")])
    assert [one.run_id for one in old.rows()] == ["r1", "r2"]


def test_a_migration_that_fails_leaves_the_older_ledger_as_it_was(old, monkeypatch):
    monkeypatch.setattr("engine.app.ledger_file.STEPS", (*STEPS, "CREATE TABLE more (a); CREATE TABLE more (a);"))
    with pytest.raises(ForecastError, match="table more already exists"):
        old.rows()
    version, names = schema_of(old)
    assert (version, "more" in names, "paths" in names) == (1, False, False)
    monkeypatch.undo()
    assert old.rows() == (OLD_ROW,)


def test_a_migrated_ledger_has_the_schema_of_a_new_one(old, tmp_path):
    fresh = Ledger(tmp_path / "fresh.sqlite")
    fresh.append([row()])
    old.rows()
    assert schema_of(fresh) == schema_of(old)


# --- many at once ---

WRITER = """
import sys
from pathlib import Path
sys.path[:0] = [sys.argv[1]]
from test_ledger import row
from engine.app.ledger import Ledger
ledger, writer = Ledger(Path(sys.argv[2])), sys.argv[3]
print("ready", flush=True)
sys.stdin.readline()
for number in range(20):
    ledger.append([row(f"{writer}-{number}", name) for name in ("alpha", "beta")])
"""


def test_ten_processes_writing_at_once_lose_nothing(ledger):
    command = [sys.executable, "-c", WRITER, str(Path(__file__).parent), str(ledger.path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([*command, str(number)], **pipes) for number in range(10)]
    for writer in writers:
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        _, told = writer.communicate(timeout=120)
        assert writer.returncode == 0, told
    kept = [(one.run_id, one.scenario) for one in ledger.rows()]
    assert len(kept) == len(set(kept)) == 10 * 20 * 2


def _make(path, go):
    go.wait()
    with opened(path, create=True):
        pass


def test_a_ledger_made_by_many_at_once_is_taken_for_a_ledger_by_all(tmp_path):
    fork = get_context("fork")
    for number in range(15):
        go = fork.Event()
        makers = [fork.Process(target=_make, args=(tmp_path / f"{number}.sqlite", go)) for _ in range(12)]
        for maker in makers:
            maker.start()
        go.set()
        for maker in makers:
            maker.join()
        assert [maker.exitcode for maker in makers] == [0] * 12
