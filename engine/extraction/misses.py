"""Possible misses: sentences that bear on an indicator by their words, though no rule fired in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.extraction.lexicon import Vocabulary
from engine.extraction.rules import FEWEST_WORDS, Rule, asks
from engine.extraction.scene import Scene
from engine.extraction.sentences import Sentence
from engine.extraction.similarity import Corpus

FLOOR = 0.18
"""Below this a sentence shares little more with a statement than the names of the countries."""
MOST = 6
"""Of one article; more would be a second reading."""
FEWEST_PARTS = 2
"""A rule of one part that did not fire says nothing."""


@dataclass(frozen=True)
class Miss:
    """A sentence to look at: whether a rule's agent is named in it too, how close its words are, and for what."""

    named: bool
    score: float
    subject: str
    why: str
    sentence: Sentence


def near_misses(
    sentences: Sequence[Sentence], rules: Sequence[Rule], vocabulary: Vocabulary, statements: Corpus
) -> list[Miss]:
    """The likeliest misses among sentences without a claim, in the order of the text.

    First where all words of some rule stand, though not as it asks; then where the words come close to a statement.
    """
    scenes = [Scene(one, vocabulary) for one in sentences if len(one.tokens) >= FEWEST_WORDS]
    looked = [_almost(one, rules, statements) or _close(one, statements) for one in scenes if not asks(one)]
    found = [miss for miss in looked if miss]
    likeliest = sorted(found, key=lambda one: (not one.named, -one.score, one.sentence.start))[:MOST]
    return sorted(likeliest, key=lambda one: one.sentence.start)


def _almost(scene: Scene, rules: Sequence[Rule], statements: Corpus) -> Miss | None:
    fitting = list(_fitting(rules, scene))
    if not fitting:
        return None
    close = dict(zip(statements.names, statements.scores(scene.sentence.text), strict=True))
    named, subject, number = max(fitting, key=lambda one: (one[0], close.get(one[1], 0.0), one[1], -one[2]))
    why = f"the words of rule {number + 1} stand here, but not as it asks"
    return Miss(named, close.get(subject, 0.0), subject, why, scene.sentence)


def _fitting(rules: Sequence[Rule], scene: Scene) -> Iterator[tuple[bool, str, int]]:
    """Indicators' rules all of whose parts are named, and whether one of their agents is."""
    names, covers = scene.names, scene.vocabulary.covers
    for rule in rules:
        frame = rule.frame
        parts = [part for part in (frame.act, frame.object, frame.to, frame.near) if part]
        if "/" not in rule.subject or len(parts) < FEWEST_PARTS:
            continue
        if all(names & covers(part) for part in parts):
            yield not frame.by or bool(names & covers(frame.by)), rule.subject, rule.number


def _close(scene: Scene, statements: Corpus) -> Miss | None:
    nearest = statements.nearest(scene.sentence.text, 1)
    if not nearest or nearest[0][1] < FLOOR:
        return None
    subject, score = nearest[0]
    return Miss(False, score, subject, f"words close to the statement ({score:.2f})", scene.sentence)
