"""The ledger as a table: every belief once, as it is in the ledger, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_history import ask
from test_ledger import FULL, NOON, row

from engine.app import export
from engine.app.ledger import COLUMNS, Ledger, Row
from engine.app.spreadsheet import bare, harmless

DANGEROUS = '=HYPERLINK("http://x")'
BELIEFS = (
    row(),
    row("r2", scenario="beta", as_of=date(2024, 6, 8), recorded_at=NOON + timedelta(microseconds=7)),
    FULL.model_copy(update={"run_id": "r3", "kind": "replay"}),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    Ledger(tmp_path / "ledger.sqlite").append(BELIEFS)
    return tmp_path


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_csv_holds_every_belief_with_its_outlook_and_reasons(folder):
    done = ask("export", "--csv", folder / "out.csv", "--output", folder)
    assert done.exit_code == 0, done.output
    assert done.stdout.replace("\n", " ").startswith("3 rows written to ")
    rows = {one["run_id"]: one for one in table((folder / "out.csv").read_text(encoding="utf-8-sig"))}
    assert set(rows) == {"r1", "r2", "r3"}
    assert tuple(rows["r1"]) == export.CSV_COLUMNS
    assert float(rows["r1"]["posterior"]) == 0.3
    assert rows["r2"]["recorded_at"] == "2024-06-01T12:00:00.000007Z"
    assert (rows["r1"]["outlook_10"], rows["r1"]["outlook_1_low"], rows["r1"]["outlook_10_high"]) == (
        "0.4",
        "0.2",
        "0.7",
    )
    assert (rows["r3"]["level"], rows["r3"]["peak_high"], rows["r3"]["quantity_unit"]) == (
        "3000.0",
        "20000.0",
        "soldiers",
    )
    assert (rows["r1"]["peak"], rows["r1"]["divergences"]) == ("", "")
    assert json.loads(rows["r1"]["witnesses"])[0]["source"] == "bob"


def test_csv_on_standard_output_is_the_table_and_nothing_else(folder):
    done = ask("export", "--csv", "-", "--output", folder)
    assert [one["run_id"] for one in table(done.stdout)] == ["r1", "r3", "r2"]
    assert done.stdout_bytes.count(b"\r\n") == done.stdout_bytes.count(b"\n") == 4


def test_parquet_reads_back_as_the_rows_of_the_ledger(folder):
    parquet = pytest.importorskip("pyarrow.parquet")
    done = ask("export", "--parquet", folder / "out.parquet", "--output", folder)
    assert done.exit_code == 0, done.output
    read = parquet.read_table(folder / "out.parquet")
    assert read.column_names == list(COLUMNS)
    assert tuple(Row.model_validate(one) for one in read.to_pylist()) == Ledger(folder / "ledger.sqlite").rows()


def test_batches_hold_every_row_once_in_order(folder, monkeypatch):
    monkeypatch.setattr(export, "_BATCH", 2)
    ledger = Ledger(folder / "ledger.sqlite")
    batches = list(export.rows_in_batches(ledger))
    assert [len(batch) for batch in batches] == [2, 1]
    assert tuple(one for batch in batches for one in batch) == ledger.rows()


@pytest.mark.parametrize(
    ("words", "runs"),
    [
        (["alpha"], ["r1", "r3"]),
        (["--kind", "replay"], ["r3"]),
        (["--run", "r2"], ["r2"]),
        (["--since", "2024-06-02"], ["r2"]),
        (["alpha", "--until", "2024-05-31"], []),
    ],
)
def test_what_is_asked_for_is_written(folder, words, runs):
    done = ask("export", *words, "--csv", "-", "--output", folder)
    assert [one["run_id"] for one in table(done.stdout)] == runs


@given(text=st.text())
def test_no_cell_starts_like_a_formula_and_all_read_back(text):
    cell = harmless(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert bare(cell) == text


def test_a_formula_in_a_unit_stays_text(folder):
    quantity = FULL.quantity.model_copy(update={"unit": DANGEROUS})
    Ledger(folder / "ledger.sqlite").append([row("r4", quantity=quantity)])
    done = ask("export", "--run", "r4", "--csv", "-", "--output", folder)
    assert table(done.stdout)[0]["quantity_unit"] == f"'{DANGEROUS}"


def test_a_failed_export_leaves_what_was_there(folder):
    (folder / "out.csv").write_text("last week's")
    (folder / "empty").mkdir()
    done = ask("export", "--csv", folder / "out.csv", "--output", folder / "empty")
    assert (done.exit_code, "no ledger here yet" in done.stderr) == (1, True)
    assert (folder / "out.csv").read_text() == "last week's"
    assert {path.name for path in folder.iterdir()} == {"out.csv", "empty", "ledger.sqlite"}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ([], 2, "one of the two"),
        (["--csv", "a", "--parquet", "b"], 2, "one of the two"),
        (["alhpa", "--csv", "-"], 1, "Did you mean alpha"),
        (["--run", "r9", "--csv", "-"], 1, "r9: is no run or replay of"),
        (["--run", "r9", "--csv", "-"], 1, "Did you mean r"),
        (["--since", "2024-06-02", "--until", "2024-06-01", "--csv", "-"], 1, "--since must not be after --until"),
    ],
)
def test_what_cannot_be_exported_is_refused(folder, words, code, told):
    done = ask("export", *words, "--output", folder)
    assert (done.exit_code, told in done.stderr, done.stdout) == (code, True, ""), done.stderr


def test_the_ledger_is_not_written_over(folder):
    before = (folder / "ledger.sqlite").read_bytes()
    done = ask("export", "--csv", folder / "." / "ledger.sqlite", "--output", folder)
    assert done.exit_code == 2
    assert (folder / "ledger.sqlite").read_bytes() == before


def test_without_pyarrow_it_says_what_to_install_and_writes_nothing(folder):
    program = "import sys\nsys.modules['pyarrow'] = None\nfrom engine.app.cli import main\nmain()"
    command = [
        sys.executable,
        "-c",
        program,
        "export",
        "--parquet",
        str(folder / "out.parquet"),
        "--output",
        str(folder),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "needs pyarrow" in done.stderr
    assert "uv sync --extra parquet" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in folder.iterdir()} == {"ledger.sqlite"}
