"""The words behind concepts and speakers, and where they are mentioned in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property

from pydantic import Field

from engine.errors import nearest
from engine.extraction.inflection import forms
from engine.extraction.tokens import Tokens, tokens
from engine.records.fields import Id, Line, Record

GAP = "..."
MAX_GAP = 6


class Concept(Record):
    """A list of words; `word~` stands for its forms, `word*` for its beginnings, `...` for up to six words between."""

    words: tuple[Line, ...] = ()
    includes: tuple[Line, ...] = Field((), description="concepts whose words count as this one's too")
    actor: bool = Field(False, description="can act: rivals others for the place of the agent")
    hides: bool = Field(False, description="hides other concepts inside it: non-lethal weapons are no weapons")


class Lexicon(Record):
    """`lexicon.yaml`: concepts for frames, words for speakers, names and addresses of publishers."""

    concepts: dict[Line, Concept]
    speakers: dict[Id, tuple[Line, ...]] = Field(
        default_factory=dict, description="source id: how the press calls whoever speaks"
    )
    publishers: dict[Id, tuple[Line, ...]] = Field(
        default_factory=dict, description="source id: names and web addresses it publishes under"
    )
    units: dict[Line, Line] = Field(
        default_factory=dict, description="concepts that numbers count, the most telling first, with the unit's name"
    )
    elsewhere: tuple[Line, ...] = Field(
        (), description="concepts of other times and wars: a clause that names one claims nothing"
    )
    spokesmen: dict[Line, Id] = Field(
        default_factory=dict, description="actor concept: the source that speaks for it when it is named itself"
    )

    def covers(self, concept: str) -> frozenset[str]:
        """A concept with everything it includes, however deep."""
        found: set[str] = set()
        waiting = [concept]
        while waiting:
            name = waiting.pop()
            if name not in found and name in self.concepts:
                found.add(name)
                waiting.extend(self.concepts[name].includes)
        return frozenset(found)

    def complaints(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        """What is wrong in it: includes of concepts that are not there."""
        for name, concept in self.concepts.items():
            for included in concept.includes:
                if included not in self.concepts:
                    yield (
                        ("concepts", name, "includes"),
                        f"is no concept here: {included}. {nearest(included, self.concepts)}",
                    )
        for unit in self.units:
            if unit not in self.concepts:
                yield ("units", unit), f"is no concept here. {nearest(unit, self.concepts)}"
        for actor in self.spokesmen:
            if actor not in self.concepts:
                yield ("spokesmen", actor), f"is no concept here. {nearest(actor, self.concepts)}"


@dataclass(frozen=True, order=True)
class Mention:
    """A name found at words first..last of a sentence."""

    first: int
    last: int
    name: str


@dataclass(frozen=True)
class _Word:
    """One word of a phrase: exact, a beginning, or any of up to six; capitals in it must stand in the text."""

    low: str
    spelt: str | None
    beginning: bool

    def fits(self, low: str, text: str) -> bool:
        fitting = low.startswith(self.low) if self.beginning else low == self.low
        if not fitting or self.spelt is None:
            return fitting
        return text.isupper() if self.spelt.isupper() and len(self.spelt) > 1 else text[0].isupper()


@dataclass(frozen=True)
class _Phrase:
    name: str
    words: tuple[_Word | None, ...]

    @cached_property
    def second(self) -> str:
        """The second word if it must be just that one, else ''."""
        following = self.words[1] if len(self.words) > 1 else None
        return following.low if following is not None and not following.beginning else ""

    def match(self, words: Tokens, at: int) -> int | None:
        """The last word of the phrase if it starts at word `at`."""
        return _match(self.words, words.low, words.text, at)


def _match(phrase: tuple[_Word | None, ...], low: tuple[str, ...], text: tuple[str, ...], at: int) -> int | None:
    for step, word in enumerate(phrase):
        if word is None:
            return _after_gap(phrase[step + 1 :], low, text, at)
        if at >= len(low) or not word.fits(low[at], text[at]):
            return None
        at += 1
    return at - 1


def _after_gap(rest: tuple[_Word | None, ...], low: tuple[str, ...], text: tuple[str, ...], at: int) -> int | None:
    """The rest of a phrase after up to six words in between."""
    for start in range(at, min(at + MAX_GAP, len(low)) + 1):
        if start > at and not _joins(text[start - 1]):
            return None
        last = _match(rest, low, text, start)
        if last is not None:
            return last
    return None


def _joins(sign: str) -> bool:
    return sign[0].isalnum() or sign == "-" or sign.startswith("'")


class Finder:
    """Finds every phrase of a family of names in one pass over the words.

    Of phrases one inside the other the longer counts, if its name is among `hiding` (default: all).
    """

    def __init__(self, named: Mapping[str, Iterable[str]], hiding: Iterable[str] | None = None) -> None:
        self._hiding = frozenset(named if hiding is None else hiding)
        self._exact: dict[str, list[_Phrase]] = {}
        self._begins: dict[str, list[_Phrase]] = {}
        self._seen: dict[str, Mapping[str, Sequence[_Phrase]]] = {}
        for name, phrases in named.items():
            for phrase in phrases:
                for spelt in _spellings(phrase):
                    self._add(_Phrase(name, spelt))

    def _add(self, phrase: _Phrase) -> None:
        first = phrase.words[0]
        assert first is not None  # noqa: S101  (a phrase starts with a word)
        (self._begins if first.beginning else self._exact).setdefault(first.low, []).append(phrase)

    def _starting(self, low: str) -> Mapping[str, Sequence[_Phrase]]:
        """Phrases that may start with a word, by the second word they need; '' where any will do."""
        if low not in self._seen:
            found = list(self._exact.get(low, ()))
            for length in range(2, len(low) + 1):
                found.extend(self._begins.get(low[:length], ()))
            if len(self._seen) > 50_000:
                self._seen.clear()
            by_second: dict[str, list[_Phrase]] = {}
            for phrase in found:
                by_second.setdefault(phrase.second, []).append(phrase)
            self._seen[low] = by_second
        return self._seen[low]

    def find(self, words: Tokens) -> list[Mention]:
        """Every mention, in order."""
        longest: dict[tuple[int, str], int] = {}
        for at, low in enumerate(words.low):
            starting = self._starting(low)
            if not starting:
                continue
            following = words.low[at + 1] if at + 1 < len(words) else ""
            for phrase in (*starting.get("", ()), *(starting.get(following, ()) if following else ())):
                last = phrase.match(words, at)
                if last is not None and last >= longest.get((at, phrase.name), at):
                    longest[at, phrase.name] = last
        found = sorted(Mention(first, last, name) for (first, name), last in longest.items())
        hiding = [one for one in found if one.name in self._hiding and one.last > one.first]
        return [one for one in found if not any(_inside(one, other) for other in hiding)]


def _inside(one: Mention, other: Mention) -> bool:
    within = other.first <= one.first and one.last <= other.last
    return within and (other.last - other.first) > (one.last - one.first)


def _spellings(phrase: str) -> Iterator[tuple[_Word | None, ...]]:
    """`send~ troops` gives one phrase for each form of send."""
    written: list[tuple[_Word | None, ...]] = [()]
    for part in phrase.split():
        written = [(*done, *more) for done in written for more in _word_choices(part)]
    yield from (one for one in written if one and one[0] is not None)


def _word_choices(part: str) -> list[tuple[_Word | None, ...]]:
    if part == GAP:
        return [(None,)]
    ending = part[-1] if part[-1] in "~*" and len(part) > 1 else ""
    bare = part[:-1] if ending else part
    if ending == "~":
        return [_plain_words(form) for form in forms(bare)]
    words = _plain_words(bare)
    if ending == "*":
        words = (*words[:-1], replace(words[-1], beginning=True))
    return [words]


@cache
def _plain_words(text: str) -> tuple[_Word, ...]:
    words = (text,) if text.isalpha() else tokens(text).text
    return tuple(_Word(word.lower(), None if word == word.lower() else word, beginning=False) for word in words)


@dataclass(frozen=True)
class Vocabulary:
    """A lexicon made ready for finding; made once and used for every article."""

    lexicon: Lexicon

    @cached_property
    def concepts(self) -> Finder:
        """Finds concepts."""
        concepts = self.lexicon.concepts
        hiding = [name for name, concept in concepts.items() if concept.hides]
        return Finder({name: concept.words for name, concept in concepts.items()}, hiding)

    @cached_property
    def speakers(self) -> Finder:
        """Finds whoever can be quoted."""
        return Finder(self.lexicon.speakers)

    @cached_property
    def actors(self) -> frozenset[str]:
        """Concepts that can act."""
        return frozenset(name for name, concept in self.lexicon.concepts.items() if concept.actor)

    @cached_property
    def _covers(self) -> dict[str, frozenset[str]]:
        return {name: self.lexicon.covers(name) for name in self.lexicon.concepts}

    @cached_property
    def _covered(self) -> dict[tuple[str, ...], frozenset[str]]:
        return {}

    def covers(self, names: Iterable[str]) -> frozenset[str]:
        """Everything that counts as one of the named concepts."""
        asked = tuple(names)
        if asked not in self._covered:
            self._covered[asked] = frozenset(found for name in asked for found in self._covers.get(name, ()))
        return self._covered[asked]
