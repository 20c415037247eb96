"""Who says so: 'according to', 'said', a denier, or whoever spoke last in the paragraph."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from engine.extraction.frames import Hit, Scene
from engine.extraction.lexicon import Finder, Mention

_SPEECH = (
    "say~", "tell~", "report~", "confirm~", "reveal~", "announce~", "state~", "estimate~", "assess~", "believe~",
    "claim~", "assert~", "declare~", "disclose~", "indicate~", "suggest~", "note~", "add~", "stress~", "emphasize~",
    "emphasise~", "warn~", "caution~", "predict~", "expect~", "anticipate~", "forecast~", "deny~", "dismiss~", "reject~",
    "refute~", "call~", "describe~", "urge~", "demand~", "pledge~", "vow~", "promise~", "hint~", "signal~", "express~",
    "acknowledge~", "admit~", "recognize~", "recognise~", "explain~", "insist~", "argue~", "maintain~", "reiterate~",
    "repeat~", "detect~", "observe~", "conclude~", "brief~", "presume~", "judge~", "see~ signs", "concede~", "credit~",
    "mention~", "remark~", "comment~", "put~ ... at",
    "has no evidence",
    "had no evidence",
    "have no evidence",
    "has not seen",
    "have not seen",
    "had not seen",
    "has seen no",
    "had seen no",
    "have seen no",
    "not yet seen",
    "put~ the number",
    "put~ the figure",
    "put~ the total", "consider~", "weigh~", "mull~", "accuse~", "blame~", "thank~",
    "show~", "discover~", "find~", "found", "determine~", "write~", "wrote", "tweet~", "post~", "speak~", "respond~",
    "ask~", "appeal~", "threaten~", "raise~ ... estimate", "raise~ ... tally", "suspect~", "worried that",
    "worry that",
    "worries that", "fear that", "fears that", "feared that", "concerned that", "concerned about", "express~ concern~", "raise~ concern~",
    "refuse~", "decline~", "summon~", "counts", "reckon~", "plead~", "condemn~", "vowed", "released",
    "made ... discovery", "unveil~", "spot~", "notice~", "propose~",
    "rule~ out", "speculate~", "evade~", "deflect~", "disput~", "dispute~", "brush~", "is worried", "are worried", "publish~", "praise~", "hail~",
)  # fmt: skip
_ACCORDING = (
    "according to",
    "citing",
    "quoting",
    "told by",
    "as told by",
    "in the words of",
    "said by",
    "attributed to",
    "cited by",
    "quoted",
    "cites",
    "cited",
    "quotes",
    "estimates by",
    "assessment by",
    "announced by",
    "statement by",
    "statement from",
    "a report by",
    "data from",
    "by the account of",
    "confirmed by",
    "denied by",
    "reported by",
    "revealed by",
    "detected by",
    "dismissed by",
    "rejected by",
    "intelligence from",
    "remarks by",
    "information from",
)
_PRONOUNS = frozenset({"he", "she", "it", "they", "his", "her", "their", "the", "officials", "both"})
REACH = 14
_PROMISES = (
    "pledg", "vow", "summon", "promis", "demand", "urg", "consider", "mull", "weigh", "refus", "declin", "threat", "ask",
    "appeal", "hint", "signal", "condemn", "call", "den", "dismiss", "reject",
)  # fmt: skip
"""Verbs that say what someone will do or wants: the sentences after them are not by that someone."""

_CONTENTS = frozenset(
    {"figures", "details", "findings", "discovery", "following", "estimates", "assessment", "numbers"}
)
"""What is announced at the end of one paragraph stands in the next."""


@cache
def _speech() -> Finder:
    return Finder({"says": _SPEECH, "according": _ACCORDING})


@dataclass
class Thread:
    """What the sentences before leave open: who spoke last, in which paragraph, and who is called what."""

    speaker: str | None = None
    paragraph: int = -1
    last: str | None = None
    announced: bool = False
    aliases: dict[str, str] = field(default_factory=dict)

    def carried(self, paragraph: int) -> str | None:
        """Whoever spoke last in this paragraph, or announced at the end of the one before what now follows."""
        follows = paragraph == self.paragraph or (self.announced and paragraph == self.paragraph + 1)
        return self.speaker if follows else None


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
    found: list[Speech] = _headline(low, voices)
    for verb in _speech().find(scene.sentence.tokens):
        if verb.name == "according":
            said_by = _after(scene, verb, voices)
        elif found and _resumes(low, verb) and found[-1].verb.name != "according":
            said_by = list(zip(found[-1].starts, found[-1].speakers, strict=False))
        else:
            said_by = _subject(scene, verb, voices, thread)
        if said_by:
            names = dict.fromkeys(name for _, name in said_by)
            found.append(Speech(verb, tuple(names), tuple(place for place, _ in said_by)))
    return found


def _resumes(low: tuple[str, ...], verb: Mention) -> bool:
    """'..., and denied', '... that it expects': whoever spoke goes on."""
    before = low[max(0, verb.first - 2) : verb.first]
    return before[-1:] in {("and",), ("also",)} or bool({"he", "she", "it", "they"} & set(before))


def _headline(low: tuple[str, ...], voices: list[tuple[Mention, str]]) -> list[Speech]:
    """'Pentagon: no combat seen yet'."""
    for mention, name in voices[:1]:
        if mention.first <= 2 and low[mention.last + 1 : mention.last + 2] == (":",):
            return [Speech(Mention(mention.last + 1, mention.last + 1, "says"), (name,), (mention.first,))]
    return []


def sources(scene: Scene, hit: Hit, said: list[Speech], thread: Thread, publisher: str) -> tuple[str, ...]:
    """Who asserts (or denies) what a frame has found."""
    if hit.frame.conduct:
        return (publisher,)
    if hit.frame.spoken and hit.frame.polarity == "denies":
        spokesmen = scene.vocabulary.lexicon.spokesmen
        return tuple(dict.fromkeys(spokesmen[name] for name in hit.agents if name in spokesmen)) or (publisher,)
    speech = _governing(scene, hit, said)
    return speech.speakers if speech else (_carried(scene, thread) or publisher,)


def _governing(scene: Scene, hit: Hit, said: list[Speech]) -> Speech | None:
    """The denial that denies it, else the last verb of saying before it, else a closing one, else 'according to'."""
    anchor, cue = hit.anchor, hit.told.cue
    says = [one for one in said if one.verb.name == "says"]
    denying = [one for one in said if cue and one.verb.first <= cue.last and cue.first <= one.verb.last]
    outer = [one for one in says if one.verb.first <= anchor.first][::-1]
    closing = [one for one in says if one.verb.first > anchor.last and _closes(scene, one, anchor)]
    clause = scene.clauses[anchor.first]
    according = sorted(
        (one for one in said if one.verb.name == "according"),
        key=lambda one: (scene.clauses[one.verb.first] != clause, abs(one.verb.first - anchor.first)),
    )
    found = [*(denying if hit.told.group == "denied" else []), *outer, *closing, *according]
    return found[0] if found else None


def _carried(scene: Scene, thread: Thread) -> str | None:
    """Whoever spoke before and goes on; a heading continues nobody's words."""
    if not scene.sentence.text.endswith((".", "!", "?", '"', "”", "…", ":", ")")):
        return None
    paragraph = scene.sentence.paragraph
    goes_on = "also" in scene.sentence.tokens.low[:8] and paragraph == thread.paragraph + 1
    return thread.carried(paragraph) or (thread.last if goes_on else None)


def remember(scene: Scene, said: list[Speech], thread: Thread) -> None:
    """Keep the last speaker for the sentences that follow, and the names of those introduced."""
    paragraph = scene.sentence.paragraph
    telling = [one for one in said if not scene.sentence.tokens.low[one.verb.first].startswith(_PROMISES)]
    if telling:
        thread.speaker, thread.paragraph = telling[-1].speakers[0], paragraph
        thread.last = thread.speaker
        thread.announced = bool(_CONTENTS & set(scene.sentence.tokens.low)) or scene.sentence.text.endswith(":")
    elif thread.paragraph != paragraph:
        keeps = thread.announced and paragraph == thread.paragraph + 1
        thread.paragraph, thread.speaker = paragraph, thread.speaker if keeps else None
        thread.announced = False
    _introduce(scene, thread)


def _voices(scene: Scene, thread: Thread) -> list[tuple[Mention, str]]:
    """Speakers by name, actors through their spokesmen, and surnames introduced before."""
    words, vocabulary = scene.sentence.tokens, scene.vocabulary
    named = [(mention, mention.name) for mention in vocabulary.speakers.find(words)]
    spokesmen = vocabulary.lexicon.spokesmen
    taken = {at for mention, _ in named for at in range(mention.first, mention.last + 1)}
    actors = [
        (mention, spokesmen[mention.name])
        for mention in scene.concepts
        if mention.name in spokesmen and mention.first not in taken and not _owns(words.low, mention, taken)
    ]
    taken |= {at for mention, _ in actors for at in range(mention.first, mention.last + 1)}
    known = [
        (Mention(at, at, source), source)
        for at, word in enumerate(words.text)
        if at not in taken and (source := thread.aliases.get(word))
    ]
    return sorted([*named, *actors, *known])


def _owns(low: tuple[str, ...], mention: Mention, taken: set[int]) -> bool:
    """'South Korea's Joint Chiefs' speak, not South Korea."""
    return mention.last + 2 in taken and low[mention.last + 1] == "'s"


def _after(scene: Scene, verb: Mention, voices: list[tuple[Mention, str]]) -> list[tuple[int, str]]:
    near = [(mention, name) for mention, name in voices if 0 < mention.first - verb.last <= 8]
    if not near:
        return []
    first = near[0][0]
    return [
        (mention.first, name)
        for mention, name in near
        if mention.first == first.first or _conjoined(scene, first, mention)
    ]


def _subject(scene: Scene, verb: Mention, voices: list[tuple[Mention, str]], thread: Thread) -> list[tuple[int, str]]:
    """Whoever stands before the verb as its subject, or right after it when it closes a quotation."""
    low = scene.sentence.tokens.low
    text = scene.sentence.tokens.text
    feeling = low[verb.first] in {"concerned", "worried"}
    if (_passive(low, verb) and not feeling) or low[verb.first - 1] in {"may", "might", "could", "would", "to"}:
        return []
    if {"he", "she", "it", "they"} & set(low[max(0, verb.first - 2) : verb.first]):
        return [(verb.first, thread.last)] if thread.last else []
    after = [
        (mention, name)
        for mention, name in voices
        if mention.first > verb.last and set(low[verb.last + 1 : mention.first]) <= {"the", "a", "an"}
    ]
    quoted = (
        verb.first
        and text[verb.first - 1] in {",", '"', "?", "!"}
        and low[verb.first] in {"said", "says", "told", "added", "wrote"}
    )
    if quoted and after:
        return [(after[0][0].first, after[0][1])]
    clause = scene.clauses[verb.first]
    before = [
        (mention, name)
        for mention, name in voices
        if 0 < verb.first - mention.last <= REACH + 8
        and (scene.clauses[mention.first] == clause or scene.clauses[mention.first] < clause)
        and not _oblique(low, mention)
    ]
    same = [(mention, name) for mention, name in before if scene.clauses[mention.first] == clause]
    before = same or (before if _elided(low, verb) else [])
    if before:
        last = before[-1][0]
        if verb.first - last.last <= REACH:
            return [
                (mention.first, name) for mention, name in before if mention is last or _conjoined(scene, mention, last)
            ]
    return []


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
    ending = low[verb.first].endswith(("s", "rt", "im", "al", "gn"))
    return any(word in {"was", "were", "been", "being", "is", "are", "be"} for word in before[-1:]) or bool(
        nominal and ending and low[verb.first] != "says"
    )


def _oblique(low: tuple[str, ...], mention: Mention) -> bool:
    """A name after a preposition is not who speaks, unless it belongs to the speaker's title."""
    at = mention.first - 1
    while at >= 0 and low[at] in {"the", "a", "an", "its", "their", "-", "both"}:
        at -= 1
    return not (
        at < 0
        or low[at]
        not in {"to", "for", "with", "against", "from", "into", "between", "toward", "towards", "about", "on", "by"}
    )


def _conjoined(scene: Scene, one: Mention, other: Mention) -> bool:
    """'Moscow and Pyongyang', 'neither Moscow nor Pyongyang'."""
    low = scene.sentence.tokens.low
    first, second = (one, other) if one.first < other.first else (other, one)
    between = set(low[first.last + 1 : second.first])
    return bool(between & {"and", "or", "nor"}) and between <= {"and", "or", "nor", ",", "the", "both"}


def _closes(scene: Scene, said: Speech, anchor: Mention) -> bool:
    """', the ministry said' at the end of what is said."""
    text = scene.sentence.tokens.text
    commas = [at for at in range(anchor.last + 1, said.starts[0]) if text[at] in {",", '"'}]
    return bool(commas) and said.starts[0] - commas[-1] <= 10


def _introduce(scene: Scene, thread: Thread) -> None:
    """'Kim Hong-kyun, South Korea's vice minister' lets 'Kim' and 'Hong-kyun' speak later on."""
    words = scene.sentence.tokens
    for mention in scene.vocabulary.speakers.find(words):
        for at in (*_names_before(words.text, mention.first), *_names_after(words.text, mention.last)):
            thread.aliases[words.text[at]] = mention.name


def _names_before(text: tuple[str, ...], first: int) -> list[int]:
    at = first - 1
    while at >= 0 and text[at].lower() in {"the", "a"}:
        at -= 1
    if at < 1 or text[at] != ",":
        return []
    return _run(text, at - 1, -1)


def _names_after(text: tuple[str, ...], last: int) -> list[int]:
    return _run(text, last + 1, 1)


def _run(text: tuple[str, ...], at: int, step: int) -> list[int]:
    found: list[int] = []
    while 0 <= at < len(text) and (text[at] == "-" or text[at][0].isalpha()) and len(found) < 5:
        if text[at] != "-" and text[at][0].isupper():
            found.append(at)
        elif text[at] != "-" and not (step and text[at - 1 : at] == ("-",)):
            break
        at += step
    names = [one for one in found if len(text[one]) > 2]
    return names if 2 <= len(found) <= 4 else []
