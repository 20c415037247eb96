"""Words and their places: what every rule looks at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

_TOKEN = re.compile(
    r"(?:[A-Z]\.){2,}"  # U.S., U.N.
    r"|\d+(?:[.,]\d+)*"  # 1,500 and 2.3
    r"|[^\W\d_]+(?:'[^\W\d_]+)?"  # words, with don't and Russia's kept whole for a moment
    r"|[^\w\s]|_",
)


@dataclass(frozen=True)
class Tokens:
    """The words of a stretch of text, with their places in it; spelling is kept, quotes are straight."""

    text: tuple[str, ...]
    start: tuple[int, ...]
    end: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.text)

    @cached_property
    def low(self) -> tuple[str, ...]:
        """The words in lower case."""
        return tuple(word.lower() for word in self.text)


def tokens(text: str) -> Tokens:
    """Split into words, numbers and signs; a possessive 's and n't stand apart, dots go from U.S."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _TOKEN.finditer(text.translate(_STRAIGHT)):
        for word, start, end in _parts(match.group(), match.start()):
            words.append(word)
            starts.append(start)
            ends.append(end)
    return Tokens(tuple(words), tuple(starts), tuple(ends))


def _parts(word: str, start: int) -> list[tuple[str, int, int]]:
    end = start + len(word)
    if "'" in word and len(word) > 1:
        if word.lower().endswith("n't") and len(word) > 3:
            stem = {"wo": "will", "ca": "can"}.get(word[:-3].lower(), word[:-3])
            return [(stem, start, end - 3), ("not", end - 3, end)]
        stem, _, rest = word.partition("'")
        return [(stem, start, start + len(stem)), ("'" + rest, start + len(stem), end)]
    return [(word.replace(".", "") if word[0].isalpha() else word, start, end)]


_STRAIGHT = str.maketrans(
    {"‘": "'", "’": "'", "‛": "'", "′": "'", "“": '"', "”": '"', "„": '"', "‐": "-", "‑": "-", "\xa0": " "}
)
