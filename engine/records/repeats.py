"""How large a regular expression becomes when it is made ready: what is repeated is written out in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import prod

MOST_REPEATS = 10_000
MOST_WRITTEN_OUT = 100_000
_SPACE = r"(?:\s|#[^\n]*\n)*"
"""What stands between the parts of a verbose pattern; taken for space everywhere, which can only count too much."""
_COUNT = rf"{_SPACE}(?:[0-9]{_SPACE})*"
_TOKEN = re.compile(
    rf"\\.|(?P<group>\){_SPACE}\+)|\{{(?=(?P<low>{_COUNT})(?P<comma>,(?P<high>{_COUNT}))?\}})", re.DOTALL
)


def bounded_repeats(pattern: str) -> str:
    """Refuse a pattern that would take much memory before anybody has used it."""
    repeats = list(_repeats(pattern))
    if any(most > MOST_REPEATS for _, most in repeats):
        raise ValueError(
            f"must repeat nothing more than {MOST_REPEATS:,} times, got {pattern!r:.60}. "
            "Write a smaller number into the braces, or use + or *."
        )
    if prod(copies for copies, _ in repeats) * len(pattern) > MOST_WRITTEN_OUT:
        raise ValueError(
            f"its repeats make more than {MOST_WRITTEN_OUT:,} characters of it when they are written out: must be "
            f"fewer, got {pattern!r:.60}. Nest no repeated groups, or write smaller numbers into the braces."
        )
    return pattern


def _repeats(pattern: str) -> Iterator[tuple[int, int]]:
    """Of each repeat: how often what is repeated is written out, and the largest number in its braces."""
    for found in _TOKEN.finditer(pattern):
        if found["group"]:
            yield 2, 1
        elif found["low"] is not None:
            low, high = _number(found["low"]), _number(found["high"] or "")
            open_ended = found["comma"] is not None and high != low
            yield max(1, low + open_ended), max(1, low, high)


def _number(count: str) -> int:
    digits = re.sub(r"#[^\n]*\n|\s", "", count)
    return int(digits) if digits else 0
