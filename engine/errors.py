"""The only errors a user sees: what must hold, what was found, what to do.

Everything the engine refuses on purpose is a `ForecastError`; anything else that escapes is a bug.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


class ForecastError(Exception):
    """A refusal a user can act on; its text is complete and needs no traceback."""


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in one file: where it stands, which field, what to do about it."""

    path: str
    line: int
    field: str
    message: str

    def __str__(self) -> str:
        """`scenarios/strait.yaml:7: prior.interval: must ...`."""
        where = f"{_in_one_line(self.path)}:{self.line}" if self.line else _in_one_line(self.path)
        field, message = _cut(_in_one_line(self.field), 120), _cut(self.message, 1000)
        return printable(f"{where}: {field}: {message}" if field else f"{where}: {message}")


def _in_one_line(text: str) -> str:
    """A name of a file or a key cannot look like a line of its own."""
    return text.replace("\n", "\\n")


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 3]}..."


MOST_TOLD = 60
"""Faults told at once: whoever has more than that will not read them all."""


class FaultyFilesError(ForecastError):
    """Every fault of every file, in one answer."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(set(faults)))
        more = [f"... and {len(self.faults) - MOST_TOLD:,} more."] if len(self.faults) > MOST_TOLD else []
        super().__init__("\n".join([*map(str, self.faults[:MOST_TOLD]), *more]))


class UntrustedSamplesError(ForecastError):
    """The sampler's answer is not to be trusted (only raised where the user asked to be strict)."""


class DamagedRunError(ForecastError):
    """A file of a saved run that is not as this engine writes it."""

    def __init__(self, path: object, why: str) -> None:
        super().__init__(f"{path}: is damaged or of another version: {why}. Run again: forecast run.")


def printable(text: str) -> str:
    """Text that cannot steer a terminal: control and direction-changing characters are spelt out."""
    return "".join(one if one in "\n\t" or _is_plain(one) else f"\\u{ord(one):04x}" for one in text)


def _is_plain(character: str) -> bool:
    return unicodedata.category(character) not in {"Cc", "Cs", "Co", "Cf"}


def nearest(name: str, known: Iterable[str]) -> str:
    """'Did you mean ...?' for an unknown name, or the known ones when none is close."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if close:
        return f"Did you mean {' or '.join(close)}?"
    if not known:
        return "None is defined."
    shown = ", ".join(known[:12])
    return f"Known: {shown}{', ...' if len(known) > 12 else '.'}"


def several(n: int, what: str) -> str:
    """'1 article', '2 articles'."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"
