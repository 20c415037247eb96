"""Text in cells of a spreadsheet, which computes what looks like a formula: it gets an apostrophe in front."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


def harmless(text: str) -> str:
    """The text as a cell that no spreadsheet computes (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def bare(cell: str) -> str:
    """The text that `harmless` made a cell of."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell
