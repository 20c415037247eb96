"""What a finished run leaves in the ledger, and runs that were cut off before they came so far."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from engine.app.ledger import LEDGER_FILE, Ledger, Row, rows_of
from engine.app.report import Report
from engine.app.runs import REPORT_FILE, finished, made_at
from engine.errors import ForecastError


def remember(output: Path, run: Path) -> int:
    """Enter the run in the folder `run` into the ledger in `output`, with every other run there that it lacks.

    How many others there were: runs killed before they were entered, or made before there was a ledger.
    """
    ledger = Ledger(output / LEDGER_FILE)
    try:
        known = set(ledger.known("run_id") if ledger.path.exists() else ())
        missing = (_rows(folder / REPORT_FILE) for folder in finished(output) if folder.name not in known)
        found = [rows for rows in missing if rows]
        ledger.append(row for rows in found for row in rows)
    except ForecastError as error:
        raise ForecastError(f"{error}\nThe run itself is whole, in {run}/; the next run enters it too.") from error
    return len({rows[0].run_id for rows in found} - known - {run.name})


def _rows(path: Path) -> tuple[Row, ...]:
    """The rows of a run's report; none of a report that this engine did not write, or cannot read any more."""
    try:
        report = Report.model_validate_json(path.read_bytes())
        return rows_of(report, "run", made_at(report.run_id))
    except (OSError, ValidationError, ValueError):
        return ()
