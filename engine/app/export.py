"""The ledger as a table for other programs: CSV for spreadsheets, Parquet for data frames."""

from __future__ import annotations

import csv
import io
import json
import types
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, BinaryIO, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel

from engine.app.ledger import COLUMNS, Ledger, Row
from engine.app.spreadsheet import harmless
from engine.errors import ForecastError

_BATCH = 2_000
_YEARS = range(1, 11)
_PLAIN = tuple(name for name in COLUMNS if name not in {"outlook", "quantity", "forecasts", "numbers", "witnesses"})
CSV_COLUMNS = (
    *_PLAIN,
    *(f"outlook_{year}" for year in _YEARS),
    *(f"outlook_{year}_{edge}" for year in _YEARS for edge in ("low", "high")),
    "quantity_unit", "quantity_at_least", "level", "level_low", "level_high", "peak", "peak_low", "peak_high",
    "witnesses", "numbers", "forecasts",
)  # fmt: skip
"""`outlook_3` is the probability by the third anniversary of as_of; reasons are JSON."""


def rows_in_batches(ledger: Ledger, **wanted: Any) -> Iterator[tuple[Row, ...]]:
    """The rows that `Ledger.select` finds, some thousands at a time: a ledger may be larger than memory."""
    ids = [one for (one,) in ledger.select(["id"], **wanted)]
    for start in range(0, len(ids), _BATCH):
        yield ledger.rows(ids=ids[start : start + _BATCH])


def write_csv(batches: Iterable[tuple[Row, ...]], file: BinaryIO) -> int:
    """Write a row for each belief, under a header; how many. No cell is a formula."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    table = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\r\n")
    table.writeheader()
    count = 0
    for batch in batches:
        table.writerows({name: _cell(value) for name, value in _flat(row).items()} for row in batch)
        count += len(batch)
    text.detach()
    return count


def _flat(row: Row) -> dict[str, Any]:
    data, curve = row.model_dump(mode="json"), row.outlook
    flat = {name: data[name] for name in _PLAIN}
    for year, chance, low, high in zip(_YEARS, curve.probability, curve.low, curve.high, strict=False):
        flat |= {f"outlook_{year}": chance, f"outlook_{year}_low": low, f"outlook_{year}_high": high}
    if row.quantity:
        flat |= {"quantity_unit": row.quantity.unit, "quantity_at_least": row.quantity.at_least}
        for name, one in (("level", row.quantity.level), ("peak", row.quantity.peak)):
            flat |= {name: one.median, f"{name}_low": one.low, f"{name}_high": one.high} if one else {}
    reasons = {name: data[name] for name in ("witnesses", "numbers", "forecasts")}
    return flat | {name: json.dumps(said, ensure_ascii=False) for name, said in reasons.items()}


def _cell(value: Any) -> Any:
    return harmless(value) if isinstance(value, str) else value


def write_parquet(batches: Iterable[tuple[Row, ...]], file: BinaryIO) -> int:
    """Write every belief with its outlook and reasons as nested columns; how many."""
    try:
        import pyarrow as pa  # noqa: PLC0415  (optional, and heavy)
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError:
        raise ForecastError(
            "--parquet: needs pyarrow, which is not installed. Install it with `uv sync --extra parquet` "
            "or `pip install pyarrow`; --csv needs nothing."
        ) from None
    schema = pa.schema([(name, _arrow_type(pa, field.annotation)) for name, field in Row.model_fields.items()])
    count = 0
    with pq.ParquetWriter(file, schema) as writer:
        for batch in batches:
            writer.write_table(pa.Table.from_pylist([row.model_dump() for row in batch], schema=schema))
            count += len(batch)
    return count


def _arrow_type(pa: Any, annotation: Any) -> Any:
    """The Arrow type of a field of `Row`; every field may be missing there."""
    plain = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_(), date: pa.date32()}
    moment = pa.timestamp("us", tz="UTC")
    found = (plain | {datetime: moment, AwareDatetime: moment}).get(annotation)
    if found is not None:
        return found
    origin, inside = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        fields = annotation.model_fields.items()
        return pa.struct([(name, _arrow_type(pa, field.annotation)) for name, field in fields])
    if origin is tuple:
        return pa.list_(_arrow_type(pa, inside[0]))
    if origin in {Union, types.UnionType}:
        return _arrow_type(pa, inside[0])
    if origin is Literal:
        return pa.string()
    return _arrow_type(pa, annotation.__value__)  # a `type` statement's name
