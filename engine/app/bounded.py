"""Reading what a user named: only regular files, and never more of one than its limit."""

from __future__ import annotations

import io
from pathlib import Path
from stat import S_ISREG

from engine.errors import ForecastError

MAX_TABLE = 50_000_000
"""Bytes of a spreadsheet's CSV."""


def read_bounded(path: Path, limit: int, advice: str = "Make it smaller.", shown: str | None = None) -> bytes:
    """The bytes of a file; a pipe or device is refused unopened, and a file whose size is not told is read no further."""
    shown = shown or str(path)
    try:
        state = path.stat()
        if not S_ISREG(state.st_mode):
            raise ForecastError(f"{shown}: is no regular file. Save what it holds as a file, and name that.")
        content = b"" if state.st_size > limit else _start(path, limit + 1)
    except OSError as error:
        raise ForecastError(f"{shown}: cannot be read: {error.strerror}.") from None
    if max(state.st_size, len(content)) > limit:
        got = f"{state.st_size:,}" if state.st_size > limit else "more"  # what has no size tells none
        raise ForecastError(f"{shown}: must be at most {limit:,} bytes, got {got}. {advice}")
    return content


def _start(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        return file.read(size)


def read_table(path: Path) -> str:
    """The text of a CSV file, its byte-order mark left out."""
    content = read_bounded(path, MAX_TABLE, "Part it into several.")
    try:
        return io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig").read()
    except UnicodeDecodeError as error:
        raise ForecastError(f"{path}: cannot be read as UTF-8: {error}. Save it as CSV UTF-8.") from None
