"""Review in a spreadsheet: the claims of the inbox as CSV, and the decisions made there back into the review files."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from engine.app.bounded import read_table
from engine.app.files import write_whole
from engine.app.inbox import load_review, review_path, save_review
from engine.app.review_edit import changed
from engine.app.spreadsheet import bare, harmless
from engine.errors import Fault, FaultyFilesError, ForecastError
from engine.extraction.claims import DECIDED, Claim, Review

COLUMNS = (
    "article", "id", "status", "indicator", "scenario", "stance", "modality", "source", "value", "low", "high", "unit", "on",
    "credibility", "detection", "echo", "by", "stale", "note", "quote",
)  # fmt: skip
_NAMING = ("article", "id")
_NUMBERS = frozenset({"value", "low", "high", "detection"})
_READ_BACK = tuple(name for name in COLUMNS if name not in {"article", "id", "by", "stale", "quote"})


def write_csv(reviews: Iterable[Review], path: Path) -> int:
    """Write every claim as a row; how many. A cell that a spreadsheet would compute is quoted with an apostrophe."""
    out = io.StringIO()
    table = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    table.writeheader()
    count = 0
    for review in reviews:
        for claim in review.proposals:
            table.writerow({name: _cell(value) for name, value in _row(review, claim).items()})
            count += 1
    write_whole(path, b"\xef\xbb\xbf" + out.getvalue().encode())
    return count


def _row(review: Review, claim: Claim) -> dict[str, Any]:
    data = claim.model_dump(mode="json")
    return {"article": review.article, **{name: data.get(name) for name in COLUMNS if name != "article"}}


def _cell(value: Any) -> str:
    text = "" if value is None else f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)
    return harmless(text)


def read_csv(path: Path, inbox: Path, reviewer: str, today: date) -> int:
    """Take the decisions of a spreadsheet over into the review files; how many claims changed. All faults come at once."""
    rows = _rows(path)
    reviews: dict[Path, Review] = {}
    faults: list[Fault] = []
    count = 0
    for line, row in enumerate(rows, start=2):
        try:
            count += _take(row, inbox, reviews, reviewer, today)
        except ForecastError as error:
            faults.append(Fault(str(path), line, "", str(error)))
    if faults:
        raise FaultyFilesError(faults)
    for target, review in reviews.items():
        save_review(target, review)
    return count


def _rows(path: Path) -> list[dict[str, str | None]]:
    """The rows of a spreadsheet that can name claims: it has the columns for it, and a row."""
    table = csv.DictReader(io.StringIO(read_table(path), newline=""))
    try:
        names, rows = table.fieldnames or (), list(table)
    except csv.Error as error:
        raise FaultyFilesError([Fault(str(path), 0, "", f"cannot be read as CSV: {error}.")]) from None
    missing = [name for name in _NAMING if name not in names]
    if missing:
        parted = "It is parted by semicolons: save it with commas." if any(";" in name for name in names) else ""
        advice = parted or "Write it anew with `forecast review --csv FILE`."
        told = (
            f"must have the columns {' and '.join(_NAMING)}, parted by commas; missing: {', '.join(missing)}. {advice}"
        )
        raise FaultyFilesError([Fault(str(path), 1, "", told)])
    if not rows:
        told = "must hold a row for each claim, got none. Write it anew with `forecast review --csv FILE`."
        raise FaultyFilesError([Fault(str(path), 0, "", told)])
    return rows


def _take(row: Mapping[str, str | None], inbox: Path, reviews: dict[Path, Review], reviewer: str, today: date) -> bool:
    target = review_path(inbox, bare(row.get("article") or ""))
    if target not in reviews:
        reviews[target] = load_review(target)
    name = bare(row.get("id") or "")
    claim = reviews[target].find(name)
    if claim is None:
        raise ForecastError(f"id: {name}: is no claim of {target}. Export the CSV again.")
    told = {field: _value(field, bare(cell)) for field in _READ_BACK if (cell := row.get(field)) is not None}
    data = claim.model_dump(mode="json")
    differing = {field: value for field, value in told.items() if value != data.get(field)}
    if not differing:
        return False
    touched = set(differing) - {"status", "note", "echo"}
    if touched and told.get("status") in {"accepted", "proposed"}:
        differing["status"] = "edited"
    if differing.get("status", claim.status) in DECIDED:
        differing |= {"reviewer": reviewer, "reviewed_on": today}
    reviews[target] = reviews[target].with_claim(changed(claim, {**differing, "edited": claim.edited or bool(touched)}))
    return True


def _value(field: str, text: str) -> Any:
    if not text:
        return None
    try:
        if field in _NUMBERS:
            return float(text.replace(",", ""))
        return int(text) if field == "credibility" else text
    except ValueError:
        raise ForecastError(f"{field}: must be a number, got {text!r:.40}.") from None
