"""A sentence as the rules see it: its concepts, cues, clauses and numbers, and who may have acted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.extraction.lexicon import Mention, Vocabulary
from engine.extraction.modality import clauses, find_cues
from engine.extraction.numbers import Number, numbers
from engine.extraction.sentences import Sentence

_PREPOSITIONS = frozenset(
    {"of", "to", "for", "with", "against", "from", "into", "between", "toward", "towards", "on"}
    | {"in", "at", "inside", "over", "about", "amid", "among", "within", "near", "alongside"}
)
_SKIPPED = frozenset(
    {"the", "a", "an", "its", "their", "ally", "neighbouring", "neighboring", "both", "former", "-", "war"}
    | {"eastern", "western", "southern", "northern", "far", "occupied", "southwestern", "southeastern"}
)
FEWEST_BARE = 100
"""Smaller numbers without a noun are scores, ages and hours."""
_AFTER_A_BARE_NUMBER = frozenset(
    {
        "in",
        "inside",
        "near",
        "at",
        "by",
        "and",
        "or",
        ",",
        ".",
        ";",
        "to",
        "would",
        "will",
        "are",
        "were",
        "have",
        "had",
        "remain",
        "remained",
        "stay",
    }
    | {"already", "now", "who", "first", "likely", "reportedly", "sent", "dispatched", "deployed", "killed", "wounded"}
)
FIGURE_WORD = "FIGURE"
"""The unit of 'the number' and 'the total': what they count was said before."""
TITLE = 7
"""Words between a country and the name of who speaks for it."""
_PRONOUNS = frozenset({"he", "she", "they"})
_PARTY = frozenset({"team", "delegation", "group", "officials", "envoys", "officers", "experts"})
"""'A team from Seoul' acts, though Seoul stands after a preposition."""
_OPENERS = frozenset({"if", "while", "although", "though", "as", "since", "despite", "after", "amid", "when", "should"})


@dataclass(frozen=True)
class Scene:
    """A sentence seen by the rules: its concepts, cues, clauses and numbers, who acted before it, who speaks in it."""

    sentence: Sentence
    vocabulary: Vocabulary
    subject: str | None = None
    speaking: frozenset[int] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    topic: tuple[str, str] | None = None
    own: frozenset[str] = frozenset()
    since: int = 2000
    context: frozenset[str] = frozenset()
    """What the sentences just before were about, which this one need not name again."""

    @cached_property
    def concepts(self) -> list[Mention]:
        """Concepts mentioned, in order; a surname is whoever was introduced under it."""
        found = self.vocabulary.concepts.find(self.sentence.tokens)
        return sorted([*(one for one in found if not self._somebody_else(one)), *self._understood(found)])

    def _understood(self, found: list[Mention]) -> Iterator[Mention]:
        """'11,000 in Kursk': a bare number counts what the sentences before were about, and that is whose it is."""
        units = self.vocabulary.lexicon.units
        for number in self.numbers if self.topic else ():
            counted = [
                one
                for one in found
                if one.name in units and (-4 <= one.first - number.last <= 6 or self._led_up_to(one, number))
            ]
            after = self.sentence.tokens.low[number.last + 1 : number.last + 3]
            bare = not after or after[0] in _AFTER_A_BARE_NUMBER or after == ("of", "them")
            if bare and not counted and (number.low or number.high or 0) >= FEWEST_BARE:
                yield from (Mention(number.first, number.last, name) for name in self.topic or ())

    def _led_up_to(self, one: Mention, number: Number) -> bool:
        """'The number of troops to be sent at 10,900', 'the workers in Russia at around 4,000'."""
        low, spans = self.sentence.tokens.low, self.spans
        near = -8 <= one.first - number.last < 0 and spans[one.first] == spans[number.first]
        return near and one.name != FIGURE_WORD and not {"and", ","} & set(low[one.last : number.first])

    def _somebody_else(self, one: Mention) -> bool:
        """'Kim', once Kim Hong-kyun is introduced as a minister in Seoul."""
        known = self.aliases.get(self.sentence.tokens.text[one.first]) if one.first == one.last else None
        speaks_for = self.vocabulary.lexicon.spokesmen.get(one.name)
        return known is not None and speaks_for is not None and known != speaks_for

    @cached_property
    def cues(self) -> list[Mention]:
        """Cues of modality and denial; 'No Kwang-chol' and 'No. 248' deny nothing."""
        low = self.sentence.tokens.low
        names = [one for one in self.concepts if one.name in self.vocabulary.actors and one.last > one.first]
        return [
            cue
            for cue in find_cues(self.sentence.tokens)
            if not any(one.first <= cue.first and cue.last <= one.last for one in names)
            and low[cue.first : cue.first + 2] != ("no", ".")
        ]

    @cached_property
    def clauses(self) -> tuple[int, ...]:
        """The clause of each word."""
        return clauses(self.sentence.tokens)

    @cached_property
    def spans(self) -> tuple[int, ...]:
        """The clause of each word, a relative clause counted to the one it hangs on."""
        return clauses(self.sentence.tokens, relative=False)

    @cached_property
    def numbers(self) -> list[Number]:
        """Counts in the sentence."""
        return numbers(self.sentence.tokens)

    @cached_property
    def names(self) -> frozenset[str]:
        """The concepts mentioned, each once."""
        return frozenset(mention.name for mention in self.concepts)

    @cached_property
    def matters(self) -> frozenset[str]:
        """The concepts that the sentence is about: all but whoever only speaks in it."""
        actors = self.vocabulary.actors
        return frozenset(one.name for one in self.concepts if one.name not in actors or not self.speaks(one))

    @cached_property
    def main_actor(self) -> str | None:
        """Who acts in the sentence as a whole: the first actor after no preposition who does not just speak."""
        low = self.sentence.tokens.low
        start = low.index(",") if low[:1] and low[0] in _OPENERS and "," in low else 0
        silent = [one for one in self.standing if one.first >= start and not self.speaks(one)]
        whose = [one for one in self.actors if 0 < one.first <= 6 and _belongs(low, one) and not self.speaks(one)]
        found = sorted([*silent, *(one for one in whose if _owned(self, one))])
        if not found and len({one.name for one in self.actors}) == 1:
            return self.actors[0].name
        return found[0].name if found else None

    @cached_property
    def actors(self) -> list[Mention]:
        """Mentions of whoever can act; 'they' at the start are those who acted before."""
        named = [mention for mention in self.concepts if mention.name in self.vocabulary.actors]
        if self.subject and self.sentence.tokens.low[0] in _PRONOUNS:
            return [Mention(0, 0, self.subject), *named]
        return named

    @cached_property
    def standing(self) -> list[Mention]:
        """Actors that could be a subject: not after a preposition."""
        low = self.sentence.tokens.low
        named = frozenset(at for one in self.actors for at in range(one.first, one.last + 1))
        return [one for one in self.actors if not _after_preposition(low, one, named)]

    def with_speakers(self, own: frozenset[str], speaking: frozenset[int]) -> Scene:
        """The same scene once it is known who speaks in it; what was read of its words is kept."""
        told = replace(self, own=own, speaking=speaking)
        kept = ("concepts", "cues", "clauses", "spans", "numbers", "names", "actors", "standing")
        told.__dict__.update({name: self.__dict__[name] for name in kept if name in self.__dict__})
        return told

    def elsewhere(self, act: Mention) -> bool:
        """Whether the clause speaks of another war, or of a year before `since`: 'in Vietnam', 'in 1950'."""
        low, clause = self.sentence.tokens.low, self.spans[act.first]
        other = self.vocabulary.lexicon.elsewhere
        named = any(one.name in other and self.spans[one.first] == clause for one in self.concepts)
        years = (
            at for at, word in enumerate(low) if re.fullmatch(r"(?:18|19|20)\d\d", word) and int(word) < self.since
        )
        return named or any(
            self.spans[at] == clause for at in years if low[at - 1] in {"in", "since", "of", "by", "until"}
        )

    def swallowed(self, act: Mention) -> bool:
        """'neither confirmed nor denied' holds no denial."""
        return any(
            cue.name.startswith("none")
            and cue.first <= act.first
            and act.last <= cue.last
            and cue.last - cue.first > act.last - act.first
            for cue in self.cues
        )

    def speaks(self, actor: Mention) -> bool:
        """Whether the actor is (part of the name of) someone who says something here."""
        spoken = not self.speaking.isdisjoint(range(actor.first, actor.last + 3))
        return spoken or actor.first in self._named_as_source or self._has_a_speaker(actor)

    def _has_a_speaker(self, actor: Mention) -> bool:
        """'Russia's Security Council Secretary Sergei Shoigu announced': Russia does no more than the secretary does."""
        low = self.sentence.tokens.low
        if low[actor.last + 1 : actor.last + 2] != ("'s",):
            return False
        ahead = [start for start in self.speaking if actor.last < start <= actor.last + TITLE]
        return any("," not in low[actor.last : start] for start in ahead)

    @cached_property
    def _named_as_source(self) -> frozenset[int]:
        """The words after 'according to' that name whoever is meant, title and all."""
        low = self.sentence.tokens.low
        found: set[int] = set()
        for start in self.speaking:
            if low[max(0, start - 4) : start].count("to") and "according" in low[max(0, start - 5) : start]:
                end = next((at for at in range(start, len(low)) if low[at] in {",", ".", ";"}), len(low))
                found.update(range(start, min(end, start + 10)))
        return frozenset(found)

    def found(self, names: Iterable[str]) -> list[Mention]:
        """Mentions that count as one of the named concepts."""
        wanted = self.vocabulary.covers(names)
        return [mention for mention in self.concepts if mention.name in wanted]

    def together(self, one: Mention, other: Mention, reach: int) -> bool:
        """Whether two mentions stand in one clause, near enough."""
        distance = max(other.first - one.last, one.first - other.last)
        return self.spans[one.first] == self.spans[other.first] and distance <= reach

    def agents(self, act: Mention, thing: Mention | None) -> list[Mention]:
        """Who may have done it, best first: by whom, whose things, the nearest actor before."""
        low = self.sentence.tokens.low
        found: list[Mention] = []
        if thing:
            found += [
                one
                for one in self.actors
                if 0 < thing.first - one.last <= 3 and _PREPOSITIONS.isdisjoint(low[one.last + 1 : thing.first])
            ]
            found += [one for one in self.actors if 0 < one.first - thing.last <= 3 and _belongs(low, one)]
            found += [one for one in self.actors if one.first <= thing.first and thing.last <= one.last]
        by = [one for one in self.actors if 0 < one.first - act.last <= 10 and low[one.first - 1] == "by"]
        if by:
            return found + by
        found += [one for one in self.actors if 0 < one.first - act.last <= 3 and _belongs(low, one)]
        return found + self._subjects(act)

    def owner(self, thing: Mention) -> Mention | None:
        """'Kyiv says its troops still hold on': the troops are Kyiv's."""
        low = self.sentence.tokens.low
        if not thing.first or low[thing.first - 1] not in {"its", "their", "his"}:
            return None
        before = [one for one in self.standing if one.last < thing.first - 1]
        return before[-1] if before else None

    def _subjects(self, act: Mention) -> list[Mention]:
        """The nearest actor standing before the act with those joined to it; the first one if the verb resumes it."""
        low = self.sentence.tokens.low
        before = [one for one in self.standing if one.last < act.first]
        if not before:
            return []
        nearest = before[-1]
        found = [one for one in before if one.first == nearest.first or _joined(low, one, nearest)]
        between = low[nearest.last + 1 : act.first]
        resumed = {",", "and"} & set(between) and not {"which", "who"} & set(between[:2])
        first = before[0]
        return [*found, first] if resumed and first not in found and not self.speaks(first) else found


def _owned(scene: Scene, one: Mention) -> bool:
    """'1,500 men of the 11th Corps': the men are the Corps's."""
    units = scene.vocabulary.lexicon.units
    return any(thing.name in units and 0 < one.first - thing.last <= 3 for thing in scene.concepts)


def _belongs(low: Sequence[str], one: Mention) -> bool:
    """'troops of Pyongyang', 'soldiers from the North'."""
    at = one.first - 1 - (low[one.first - 1] == "the")
    return at >= 0 and low[at] in {"of", "from"}


def _joined(low: Sequence[str], one: Mention, other: Mention) -> bool:
    """'Seoul and Washington', 'both Russia and North Korea'."""
    between = low[one.last + 1 : other.first]
    return 0 < len(between) <= 3 and between[0] in {"and", "or", "nor", ",", "-", "/"}


def _after_preposition(low: Sequence[str], mention: Mention, named: frozenset[int]) -> bool:
    at = mention.first - 1
    while at >= 0 and (low[at] in _SKIPPED or (at in named and low[at + 1] in {"-", "and"})):
        at -= 1
    if at < 0 or low[at] not in _PREPOSITIONS or (low[at] == "from" and at and low[at - 1] in _PARTY):
        return False
    return not (low[at] in {"on", "for", "in", "at"} and low[mention.last + 1 : mention.last + 2] == ("to",))
