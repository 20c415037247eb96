"""How close two sentences are in their words (TF-IDF, cosine): a finder of possible misses, blind to sign and actor."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Mapping

from engine.extraction.tokens import tokens

_STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "in",
        "on",
        "for",
        "and",
        "or",
        "but",
        "with",
        "by",
        "from",
        "at",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "it",
        "its",
        "this",
        "that",
        "these",
        "those",
        "he",
        "she",
        "they",
        "his",
        "her",
        "their",
        "has",
        "have",
        "had",
        "will",
        "would",
        "could",
        "may",
        "might",
        "can",
        "not",
        "no",
        "which",
        "who",
        "whom",
        "also",
        "more",
        "than",
        "into",
        "over",
        "about",
        "after",
        "before",
        "such",
        "other",
        "some",
        "any",
        "all",
        "there",
        "here",
        "if",
        "then",
        "so",
        "up",
        "out",
        "one",
        "two",
        "said",
        "says",
        "say",
    ]
)


def terms(text: str) -> list[str]:
    """Words that carry meaning, cut to their stems, and pairs of neighbours."""
    stems = [_stem(word) for word in tokens(text).low if len(word) > 2 and word.isalpha() and word not in _STOP]
    return stems + [f"{one} {other}" for one, other in itertools.pairwise(stems)]


def _stem(word: str) -> str:
    for ending in ("ations", "ation", "ments", "ment", "ings", "ing", "ers", "ied", "ies", "ed", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


class Corpus:
    """A few statements, each a unit vector of TF-IDF weights."""

    def __init__(self, statements: Mapping[str, str]) -> None:
        self.names = tuple(statements)
        counted = [Counter(terms(text)) for text in statements.values()]
        spread = Counter(term for counts in counted for term in counts)
        self._idf = {term: math.log((1 + len(counted)) / (1 + spread[term])) + 1 for term in sorted(spread)}
        self._vectors = [self._vector(counts) for counts in counted]

    def _vector(self, counts: Mapping[str, int]) -> dict[str, float]:
        known = ((term, count) for term, count in sorted(counts.items()) if term in self._idf)
        weights = {term: (1 + math.log(count)) * self._idf[term] for term, count in known}
        length = math.hypot(*weights.values())
        return {term: weight / length for term, weight in weights.items()}

    def scores(self, text: str) -> list[float]:
        """Cosine of the text with every statement; words the statements do not know count against it a little."""
        counts = Counter(terms(text))
        known = sum(count for term, count in counts.items() if term in self._idf)
        if not known:
            return [0.0] * len(self.names)
        mine = self._vector(counts)
        share = math.sqrt(known / sum(counts.values()))
        return [
            share * sum(weight * theirs.get(term, 0.0) for term, weight in mine.items()) for theirs in self._vectors
        ]

    def nearest(self, text: str, count: int) -> list[tuple[str, float]]:
        """The closest statements, best first; ties by name."""
        scores = self.scores(text)
        order = sorted(range(len(self.names)), key=lambda at: (-scores[at], self.names[at]))
        return [(self.names[at], scores[at]) for at in order[:count]]
