"""Who says something in a sentence: verbs of saying with their subjects, and 'according to'."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yamlrocks

from engine.extraction.lexicon import Finder, Mention
from engine.extraction.scene import Scene
from engine.extraction.thread import Thread
from engine.records.fields import Line, Record

REACH = 14
_PRONOUNS = frozenset({"he", "she", "they"})
_BE = frozenset({"was", "were", "been", "being", "is", "are", "be"})


class SpeechWords(Record):
    """`speech.yaml`."""

    says: tuple[Line, ...]
    according: tuple[Line, ...]
    promises: tuple[Line, ...]
    contents: frozenset[Line]
    reckonings: frozenset[Line]
    again: frozenset[Line]
    agencies: frozenset[Line]


@cache
def speech_words() -> SpeechWords:
    """The packaged words of saying."""
    content = files("engine.extraction").joinpath("speech.yaml").read_bytes()
    return SpeechWords.model_validate_json(json.dumps(yamlrocks.loads(content)))


@cache
def _finder() -> Finder:
    return Finder({"says": speech_words().says, "according": speech_words().according})


type Voice = tuple[Mention, str]
"""A name that can speak, and the source it stands for."""


@dataclass(frozen=True)
class Speech:
    """A verb of saying with those who say it."""

    verb: Mention
    speakers: tuple[str, ...]
    starts: tuple[int, ...]


def speeches(scene: Scene, thread: Thread) -> list[Speech]:
    """Everything in the sentence that says who says something."""
    voices = _voices(scene, thread)
    low = scene.sentence.tokens.low
    found: list[Speech] = [*_headline(low, voices), *_reckoned(low, voices)]
    for verb in _finder().find(scene.sentence.tokens):
        if any(one.first < verb.first <= one.last for one, _ in voices):
            continue
        if verb.name == "according":
            said_by = _after(scene, verb, voices, thread)
        elif found and _resumes(low, verb) and found[-1].verb.name != "according":
            said_by = list(zip(found[-1].starts, found[-1].speakers, strict=False))
        else:
            said_by = _subject(scene, verb, voices, thread)
        if said_by:
            names = dict.fromkeys(name for _, name in said_by)
            found.append(Speech(verb, tuple(names), tuple(place for place, _ in said_by)))
    return found


_DOING = ("consider", "weigh", "mull", "pledg", "vow", "promis", "refus", "threat", "declin", "propos", "summon")


def only_speaking(scene: Scene, said: list[Speech]) -> frozenset[int]:
    """Where those stand who just tell; who considers or pledges something is also the one to do it."""
    low = scene.sentence.tokens.low
    ends = {one.first: one.last for one in scene.vocabulary.speakers.find(scene.sentence.tokens)}
    telling = (start for one in said if not low[one.verb.first].startswith(_DOING) for start in one.starts)
    return frozenset(place for start in telling for place in range(start, ends.get(start, start) + 1))


def _resumes(low: tuple[str, ...], verb: Mention) -> bool:
    """'..., and denied', '... that it expects': whoever spoke goes on."""
    before = low[max(0, verb.first - 2) : verb.first]
    return before[-1:] in {("and",), ("also",)} or bool({"he", "she", "it", "they"} & set(before))


def _headline(low: tuple[str, ...], voices: list[Voice]) -> list[Speech]:
    """'Pentagon: no combat seen yet', 'No combat seen yet – Pentagon'."""
    for mention, name in voices[:2]:
        if mention.first <= 3 and low[mention.last + 1 : mention.last + 2] == (":",):
            return [Speech(Mention(mention.last + 1, mention.last + 1, "says"), (name,), (mention.first,))]
    for mention, name in voices[-1:]:
        if mention.last >= len(low) - 2 and _DASHES & set(low[max(0, mention.first - 3) : mention.first]):
            return [Speech(Mention(mention.first, mention.first, "according"), (name,), (mention.first,))]
    return []


_DASHES = frozenset({"–", "—", "|", "-", ":"})


def _reckoned(low: tuple[str, ...], voices: list[Voice]) -> list[Speech]:
    """'by Seoul's reckoning', 'the Pentagon's latest estimate', 'the tally from Kyiv'."""
    found = []
    for mention, name in voices:
        after = low[mention.last : mention.last + 4]
        owned = next((at for at, word in enumerate(after) if word in speech_words().reckonings), None)
        before = low[max(0, mention.first - 4) : mention.first]
        given = {"from", "by", "of"} & set(before[-2:]) and speech_words().reckonings & set(before)
        if owned is not None and not {",", "."} & set(after[:owned]):
            at = mention.last + owned
            name_of = "according" if "by" in before[-2:] else "says"
            found.append(Speech(Mention(at, at, name_of), (name,), (mention.first,)))
        elif given:
            found.append(Speech(Mention(mention.last, mention.last, "says"), (name,), (mention.first,)))
    return found[:1]


def _voices(scene: Scene, thread: Thread) -> list[Voice]:
    """Speakers by name, actors through their spokesmen, and surnames introduced before."""
    words, vocabulary = scene.sentence.tokens, scene.vocabulary
    named = [(mention, mention.name) for mention in vocabulary.speakers.find(words)]
    spokesmen = vocabulary.lexicon.spokesmen
    taken = {at for mention, _ in named for at in range(mention.first, mention.last + 1)}
    actors = [
        (mention, spokesmen[mention.name])
        for mention in scene.concepts
        if mention.name in spokesmen
        and taken.isdisjoint(range(mention.first, mention.last + 1))
        and not (_owns(words.low, mention, taken) or _describes(words.low, mention))
    ]
    taken |= {at for mention, _ in actors for at in range(mention.first, mention.last + 1)}
    known = [
        (Mention(at, at, source), source)
        for at, word in enumerate(words.text)
        if at not in taken and (source := thread.aliases.get(word))
    ]
    taken |= {at for mention, _ in known for at in range(mention.first, mention.last + 1)}
    same = [
        (Mention(at, at, meant), meant)
        for at, word in enumerate(words.low)
        if at not in taken
        and "the" in _qualified(words.low, at)
        and (meant := (thread.agency or thread.last) if word in speech_words().agencies else thread.last)
        and word in speech_words().again | speech_words().agencies
    ]
    taken |= {at for mention, _ in same for at in range(mention.first, mention.last + 1)}
    return sorted([*named, *actors, *known, *same, *_briefed(scene, named, thread), *_titled(scene, taken)])


def _briefed(scene: Scene, named: list[Voice], thread: Thread) -> Iterator[Voice]:
    """'Lawmakers who were briefed by the agency said': it is the agency's account."""
    low = scene.sentence.tokens.low
    agency = next((name for one, name in named if speech_words().agencies & set(low[one.first : one.last + 1])), None)
    for at, word in enumerate(low):
        told = at == 0 or "briefed" in low[at + 1 : at + 4]
        if word in _LAWMAKERS and told and (meant := agency or thread.agency):
            yield Mention(at, at, meant), meant


_LAWMAKERS = frozenset({"lawmakers", "mps", "legislators"})


_QUALIFIES = frozenset(
    {"foreign", "defence", "defense", "unification", "state", "senior", "deputy", "same", "spy", "unnamed"}
)


def _qualified(low: tuple[str, ...], at: int) -> tuple[str, ...]:
    """The word before, or the one before that: 'the ministry', 'the foreign ministry'."""
    return low[max(0, at - 2) : at - 1] if at > 1 and low[at - 1] in _QUALIFIES else low[max(0, at - 1) : at]


def _titled(scene: Scene, taken: set[int]) -> Iterator[tuple[Mention, str]]:
    """'a ministry official': of the side that the sentence is about."""
    low = scene.sentence.tokens.low
    spokesmen = scene.vocabulary.lexicon.spokesmen
    sides = [(one.first, spokesmen[one.name]) for one in scene.concepts if one.name in spokesmen]
    for at, word in enumerate(low):
        if at in taken or word not in speech_words().again or not {"a", "an"} & set(low[max(0, at - 4) : at]):
            continue
        there = next((side for place, side in sides if place == at + 2 and low[at + 1] == "in"), None)
        verb = at + (3 if there else 1)
        if sides and low[verb : verb + 1] in {("said",), ("says",), ("told",)}:
            yield Mention(at, at, there or sides[0][1]), there or sides[0][1]


def _owns(low: tuple[str, ...], mention: Mention, taken: set[int]) -> bool:
    """'South Korea's Joint Chiefs' speak, not South Korea."""
    return mention.last + 2 in taken and low[mention.last + 1] == "'s"


_ADJECTIVES = frozenset({"russian", "ukrainian", "korean", "american", "western", "chinese", "iranian", "japanese"})


def _describes(low: tuple[str, ...], mention: Mention) -> bool:
    """'Russian uniforms' say nothing."""
    following = low[mention.last + 1 : mention.last + 2]
    speaks = {"and", *speech_words().again}.intersection(following)
    return low[mention.last] in _ADJECTIVES and bool(following) and following[0].isalpha() and not speaks


def _after(scene: Scene, verb: Mention, voices: list[Voice], thread: Thread) -> list[tuple[int, str]]:
    the, what = (*scene.sentence.tokens.low[verb.last + 1 : verb.last + 3], "", "")[:2]
    if the == "the" and what in speech_words().reckonings and thread.last:
        return [(verb.first, thread.last)]  # 'according to the assessment'
    if the in {"him", "her"} and thread.last:
        return [(verb.first, thread.last)]
    near = [(mention, name) for mention, name in voices if 0 < mention.first - verb.last <= 8]
    if not near:
        return []
    first = near[0][0]
    return [
        (mention.first, name)
        for mention, name in near
        if mention.first == first.first or _conjoined(scene, first, mention)
    ]


def _subject(scene: Scene, verb: Mention, voices: list[Voice], thread: Thread) -> list[tuple[int, str]]:
    """Whoever stands before the verb as its subject, or right after it when it closes a quotation."""
    low = scene.sentence.tokens.low
    if _nobodys(low, verb):
        return []
    if {"he", "she", "it", "they"} & set(low[max(0, verb.first - 2) : verb.first]):
        closing = verb.first > 1 and low[verb.first - 2] == ","
        named = [name for one, name in voices if one.first <= 1 and one.last < verb.first - 2 and not closing]
        last = named[0] if named else thread.last
        return [(verb.first, last)] if last else []
    quoting = _after_a_quotation(scene, verb, voices)
    if quoting:
        return quoting
    before = _before(scene, verb, voices)
    if (
        low[0] in _PRONOUNS
        and thread.last
        and (not before or {"of", "both"} & set(low[max(0, before[0][0].first - 3) : before[0][0].first]))
    ):
        return [(0, thread.last)]
    if len(before) > 1 and _just_visited(low, before[-1][0], verb):
        before = before[:1]
    last_one = before[-1][0] if before else None
    if last_one is None or verb.first - last_one.last > REACH:
        return []
    return [(one.first, name) for one, name in before if one is last_one or _conjoined(scene, one, last_one)]


def _just_visited(low: tuple[str, ...], one: Mention, verb: Mention) -> bool:
    """'the delegation visited Seoul and asked ...': the delegation asked."""
    return low[one.last + 1 : verb.first] == ("and",) and low[max(0, one.first - 1)] not in {",", "and"}


def _nobodys(low: tuple[str, ...], verb: Mention) -> bool:
    """'was reported', 'could say', 'will soon be briefing': nobody says it yet."""
    before = low[max(0, verb.first - 3) : verb.first]
    able = before[-2:] in {("able", "to"), ("unable", "to")}
    open_ = (
        bool(before) and before[-1] in {"may", "might", "could", "would", "will", "should", "must", "to"} and not able
    )
    coming = low[verb.first].endswith("ing") and {"will", "would", "soon"} & set(before)
    feeling = low[verb.first] in {"concerned", "worried"}
    if before[-1:] == ("in",) and low[verb.first].endswith("ing"):
        return True  # 'in writing'
    return open_ or bool(coming) or (_passive(low, verb) and not feeling)


def _after_a_quotation(scene: Scene, verb: Mention, voices: list[Voice]) -> list[tuple[int, str]]:
    """'..., said the minister'."""
    low, text = scene.sentence.tokens.low, scene.sentence.tokens.text
    closes = verb.first and text[verb.first - 1] in {",", '"', "?", "!"}
    if not closes or low[verb.first] not in {"said", "says", "added", "wrote"}:
        return []
    following = [
        (one.first, name)
        for one, name in voices
        if one.first > verb.last and set(low[verb.last + 1 : one.first]) <= {"the", "a", "an"}
    ]
    return following[:1]


def _before(scene: Scene, verb: Mention, voices: list[Voice]) -> list[Voice]:
    """The voices that could be its subject: in its clause, else in an outer one that the verb resumes."""
    low, clause = scene.sentence.tokens.low, scene.clauses[verb.first]
    near = [
        (one, name)
        for one, name in voices
        if 0 < verb.first - one.last <= REACH + 8 and scene.clauses[one.first] <= clause and not _oblique(low, one)
    ]
    same = [(one, name) for one, name in near if scene.clauses[one.first] == clause]
    resumes = low[verb.first] in {"said", "says", "told"} or _elided(low, verb)
    return same or (near if resumes else [])


def _elided(low: tuple[str, ...], verb: Mention) -> bool:
    return verb.first > 0 and low[verb.first - 1] in {"which", "who", "and", "but", "has", "have", "also", "that"}


def _passive(low: tuple[str, ...], verb: Mention) -> bool:
    """'was reported', 'are believed to': nobody says it. 'has been reported by X' is read by _after."""
    before = low[max(0, verb.first - 2) : verb.first]
    nominal = before and before[-1] in {
        "the",
        "a",
        "an",
        "these",
        "those",
        "such",
        "of",
        "alleged",
        "recent",
        "this",
    }
    ending = low[verb.first].endswith(("s", "rt", "im", "al", "gn", "ing"))
    progressive = low[verb.first].endswith("ing")
    return (not progressive and before[-1:] in {(be,) for be in _BE}) or bool(
        nominal and ending and low[verb.first] != "says"
    )


_OBLIQUE = (
    {"to", "for", "with", "against", "from", "into", "between", "toward", "towards", "about", "on", "by"}
    | {"in", "at", "near", "inside"}
)  # fmt: skip
_SEATS = frozenset({"ministry", "government", "presidency", "military", "authorities", "officials", "office", "army"})


def _oblique(low: tuple[str, ...], mention: Mention) -> bool:
    """A name after a preposition is not who speaks, unless it belongs to the speaker's title: 'the ministry in Seoul', 'a spokesman for'."""
    at = mention.first - 1
    while at >= 0 and low[at] in {"the", "a", "an", "its", "their", "-", "both"}:
        at -= 1
    if at < 0 or low[at] not in _OBLIQUE:
        return False
    before = low[at - 1] if at else ""
    speaks_for = low[at] in {"for", "at", "from", "with"} and before in speech_words().again
    return not speaks_for and not (low[at] == "in" and before in _SEATS)


def _conjoined(scene: Scene, one: Mention, other: Mention) -> bool:
    """'Moscow and Pyongyang', 'neither Moscow nor Pyongyang'."""
    low = scene.sentence.tokens.low
    first, second = (one, other) if one.first < other.first else (other, one)
    between = set(low[first.last + 1 : second.first])
    return bool(between & {"and", "or", "nor"}) and between <= {"and", "or", "nor", ",", "the", "both"}
