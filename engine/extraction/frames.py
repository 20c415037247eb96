"""Where a rule's frame is found in a sentence: agent, act, object and addressee in one clause, in either order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.extraction.lexicon import Mention, Vocabulary
from engine.extraction.modality import Reading, clauses, find_cues, reading
from engine.extraction.numbers import Number, numbers
from engine.extraction.sentences import Sentence
from engine.records.scenario import Frame

OBJECT_REACH = 14
ADDRESSEE_REACH = 18
AGENT_REACH = 14
NUMBER_REACH = 14
UNIT_REACH = 7
_PREPOSITIONS = frozenset(
    [
        "of",
        "to",
        "for",
        "with",
        "against",
        "from",
        "into",
        "between",
        "toward",
        "towards",
        "on",
        "in",
        "at",
        "inside",
        "over",
        "about",
        "amid",
        "among",
        "within",
        "near",
        "alongside",
    ]
)
_SKIPPED = frozenset(
    {"the", "a", "an", "its", "their", "ally", "neighbouring", "neighboring", "both", "former", "-", "war"}
)
_PARTING = frozenset({"that", "response", "if", "because", "allegations", "accusations", "return", "exchange"})
"""Between a thing and an act after it these begin another matter."""

_OPENERS = frozenset({"if", "while", "although", "though", "as", "since", "despite", "after", "amid", "when", "should"})
_PASSIVE = frozenset({"be", "been", "being", "were", "was", "is", "are"})


@dataclass(frozen=True)
class Scene:
    """A sentence seen by the rules: its concepts, cues, clauses and numbers, who acted before it, who speaks in it."""

    sentence: Sentence
    vocabulary: Vocabulary
    subject: str | None = None
    speaking: frozenset[int] = frozenset()

    @cached_property
    def concepts(self) -> list[Mention]:
        """Concepts mentioned, in order."""
        return self.vocabulary.concepts.find(self.sentence.tokens)

    @cached_property
    def cues(self) -> list[Mention]:
        """Cues of modality and denial."""
        return find_cues(self.sentence.tokens)

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
    def main_actor(self) -> str | None:
        """Who acts in the sentence as a whole: the first actor after no preposition who does not just speak."""
        low = self.sentence.tokens.low
        start = low.index(",") if low[:1] and low[0] in _OPENERS and "," in low else 0
        silent = [one for one in self.standing if one.first >= start and not self.speaks(one)]
        return silent[0].name if silent else None

    @cached_property
    def actors(self) -> list[Mention]:
        """Mentions of whoever can act."""
        return [mention for mention in self.concepts if mention.name in self.vocabulary.actors]

    @cached_property
    def standing(self) -> list[Mention]:
        """Actors that could be a subject: not after a preposition."""
        low = self.sentence.tokens.low
        named = frozenset(at for one in self.actors for at in range(one.first, one.last + 1))
        return [one for one in self.actors if not _after_preposition(low, one, named)]

    def speaks(self, actor: Mention) -> bool:
        """Whether the actor is (part of the name of) someone who says something here."""
        return not self.speaking.isdisjoint(range(actor.first, actor.last + 3))

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
            found += [one for one in self.actors if 0 < thing.first - one.last <= 3]
            found += [one for one in self.actors if 0 < one.first - thing.last <= 3 and _belongs(low, one)]
            found += [one for one in self.actors if one.first <= thing.first and thing.last <= one.last]
        by = [one for one in self.actors if 0 < one.first - act.last <= 10 and low[one.first - 1] == "by"]
        if by:
            return found + by
        found += [one for one in self.actors if 0 < one.first - act.last <= 3 and _belongs(low, one)]
        return found + self._subjects(act)

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
        return [*found, before[0]] if resumed and before[0] not in found else found


def _belongs(low: Sequence[str], one: Mention) -> bool:
    """'troops of Pyongyang', 'soldiers from the North'."""
    return low[one.first - 1] in {"of", "from"} or low[max(0, one.first - 2) : one.first] == ("from", "the")


def _joined(low: Sequence[str], one: Mention, other: Mention) -> bool:
    """'Seoul and Washington', 'both Russia and North Korea'."""
    between = low[one.last + 1 : other.first]
    return 0 < len(between) <= 3 and between[0] in {"and", "or", "nor", ",", "-", "/"}


def _after_preposition(low: Sequence[str], mention: Mention, named: frozenset[int]) -> bool:
    at = mention.first - 1
    while at >= 0 and (low[at] in _SKIPPED or (at in named and low[at + 1] in {"-", "and"})):
        at -= 1
    if at < 0 or low[at] not in _PREPOSITIONS:
        return False
    return not (low[at] in {"on", "for", "in", "at"} and low[mention.last + 1 : mention.last + 2] == ("to",))


@dataclass(frozen=True)
class Hit:
    """A frame found: where its act stands, how it is told, who does it, and the number that belongs to it."""

    frame: Frame
    anchor: Mention
    told: Reading
    count: tuple[Number, str] | None = None
    carried: bool = False
    why: str = ""
    agents: tuple[str, ...] = ()


def hits(frame: Frame, scene: Scene, quantity: bool = False) -> Iterator[Hit]:
    """Every place where the frame fits the sentence; for a quantity, every number it holds."""
    if frame.unless and scene.names & scene.vocabulary.covers(frame.unless):
        return
    if frame.near and not scene.names & scene.vocabulary.covers(frame.near):
        return
    for anchor, thing, place in _places(frame, scene):
        agents = _agents(frame, scene, anchor, thing, place)
        if agents is None:
            continue
        words = [scene.sentence.tokens.text[one.first] for one in (anchor, thing, place) if one]
        told = _told(frame, scene, anchor, thing)
        carried = bool(frame.by) and not agents
        for count, here in _counted(frame, scene, anchor, told, quantity):
            if not frame.modality or here.modality in frame.modality:
                yield Hit(frame, anchor, here, count, carried, " + ".join(words), agents)


def _places(frame: Frame, scene: Scene) -> Iterator[tuple[Mention, Mention | None, Mention | None]]:
    """Act with its nearest object and addressee; a frame without an act hangs on its object."""
    anchors = scene.found(frame.act) if frame.act else scene.found(frame.object)
    things = [one for one in scene.found(frame.object) if not _of_another(frame, scene, one)] if frame.act else []
    for anchor in anchors:
        thing = _nearest(scene, anchor, things, OBJECT_REACH)
        if frame.act and frame.object and thing is None:
            continue
        places = _addressees(frame, scene, anchor)
        place = _nearest(scene, anchor, places, ADDRESSEE_REACH, avoid=thing)
        if frame.to and place is None and thing is not None:
            place = _nearest(scene, thing, places, ADDRESSEE_REACH, avoid=anchor)
        if frame.to and place is None:
            continue
        yield anchor, thing, place


def _of_another(frame: Frame, scene: Scene, thing: Mention) -> bool:
    """'Russian forces' are no troops of Pyongyang's."""
    if not frame.by or frame.spoken:
        return False
    known = scene.vocabulary.covers([*frame.by, *frame.near, *frame.to])
    owners = [one for one in scene.actors if one.last == thing.first - 1]
    return bool(owners) and not any(one.name in known for one in owners)


def _nearest(
    scene: Scene, to: Mention, among: Sequence[Mention], reach: int, avoid: Mention | None = None
) -> Mention | None:
    """What follows is preferred to what precedes."""
    near = [
        one
        for one in among
        if _apart(one, to)
        and (avoid is None or _apart(one, avoid))
        and scene.together(to, one, reach)
        and not (one.last < to.first and _PARTING & set(scene.sentence.tokens.low[one.last : to.first]))
    ]
    if not near:
        return None
    return min(near, key=lambda one: one.first - to.last if one.first > to.last else 3 + to.first - one.last)


def _apart(one: Mention, other: Mention) -> bool:
    return one.last < other.first or other.last < one.first


def _addressees(frame: Frame, scene: Scene, anchor: Mention) -> list[Mention]:
    """Where it could go: not whoever does it, and nothing after 'from', 'by' or 'against'."""
    if not frame.to:
        return []
    low = scene.sentence.tokens.low
    passive = bool(anchor.first) and low[anchor.first - 1] in _PASSIVE
    doing = [one for one in scene.standing if one.last < anchor.first][-1:] if not passive else []
    return [
        one
        for one in scene.found(frame.to)
        if one not in doing and not {"from", "by", "against"} & set(low[max(0, one.first - 2) : one.first])
    ]


def _agents(
    frame: Frame, scene: Scene, anchor: Mention, thing: Mention | None, place: Mention | None
) -> tuple[str, ...] | None:
    """The allowed agents who do it; none of them if only sentences before name one; None if someone else does it."""
    if not frame.by:
        return ()
    allowed = scene.vocabulary.covers(frame.by)
    candidates = scene.agents(anchor, None if frame.spoken else thing or anchor)
    if frame.spoken:
        candidates += [one for one in scene.standing[:1] if one.last < anchor.first]
    fitting = [
        one
        for one in candidates
        if one.name in allowed and one != place and (not frame.conduct or _says_it(scene, one, anchor))
    ]
    if fitting:
        return tuple(dict.fromkeys(one.name for one in fitting))
    if any(one != place and (frame.spoken or not scene.speaks(one)) for one in candidates):
        return None
    near = [
        one
        for one in scene.actors
        if one.name in allowed
        and one != place
        and (one.last < anchor.first or not frame.spoken)
        and scene.together(anchor, one, AGENT_REACH)
    ]
    if near and not candidates:
        return (near[0].name,)
    return () if scene.subject in allowed else None


def _says_it(scene: Scene, agent: Mention, act: Mention) -> bool:
    """Whether the agent itself speaks: 'Pyongyang denied', 'the North's denial', and not 'reports that it did are false'."""
    return scene.speaks(agent) or 0 < act.first - agent.last <= 3


def _told(frame: Frame, scene: Scene, anchor: Mention, thing: Mention | None) -> Reading:
    words = scene.sentence.tokens
    before = words.low[anchor.first - 1] if anchor.first else ""
    verb = bool(frame.act) and not words.low[anchor.first].endswith("ing")
    infinitive = verb and before == "to" and not _done(words.low, anchor.first - 2)
    own = (anchor.first, anchor.last) if frame.act else None
    cues = [cue for cue in scene.cues if not (frame.spoken and cue.name.startswith("denied"))]
    told = reading(cues, anchor.first, anchor.last, scene.clauses, infinitive, own)
    if told.modality == "actual" and not told.negated and thing and words.low[thing.first - 1] in {"no", "zero"}:
        return Reading("denied", True, "negated")
    return told


_REALISED = (
    "began",
    "begun",
    "start",
    "continu",
    "helped",
    "helping",
    "used",
    "ordered",
    "allow",
    "prompt",
    "steps",
    "measures",
    "forced",
    "using",
    "led",
    "managed",
)


def _done(low: Sequence[str], at: int) -> bool:
    return at >= 0 and low[at].startswith(_REALISED)


def _counted(
    frame: Frame, scene: Scene, anchor: Mention, told: Reading, quantity: bool
) -> list[tuple[tuple[Number, str] | None, Reading]]:
    """The numbers of the act, each as it is told; an act keeps to numbers near it that are told like itself."""
    read = [(count, _told_at(scene, count[0], told, anchor)) for count in _counts(frame, scene)]
    if quantity:
        return [(count, here) for count, here in read if not _added(scene, count[0])]
    own = [
        (count, here)
        for count, here in read
        if here.modality == told.modality and _distance(anchor, count[0]) <= NUMBER_REACH
    ]
    return list(own) or ([] if frame.counted else [(None, told)])


def _added(scene: Scene, number: Number) -> bool:
    """'another 1,500', '3,000 more': an addition and no level."""
    low = scene.sentence.tokens.low
    around = {*low[max(0, number.first - 3) : number.first], *low[number.last + 1 : number.last + 2]}
    return bool(around & {"additional", "another", "extra", "further", "more"}) and "than" not in around


def _distance(one: Mention, number: Number) -> int:
    return max(number.first - one.last, one.first - number.last)


def _told_at(scene: Scene, number: Number, told: Reading, anchor: Mention) -> Reading:
    """A number is told as the words around it say, else as the act close to it."""
    here = reading(scene.cues, number.first, number.last, scene.clauses)
    return told if here.group == "" and _distance(anchor, number) <= 8 else here


def _counts(frame: Frame, scene: Scene) -> list[tuple[Number, str]]:
    """Numbers of the sentence in one of the frame's units."""
    if not frame.unit:
        return []
    wanted = scene.vocabulary.covers(frame.unit)
    units = [(one, unit_of(scene, one)) for one in scene.numbers]
    return [(number, unit) for number, unit in units if unit in wanted]


def unit_of(scene: Scene, number: Number) -> str:
    """What a number counts: the most telling unit close after it, else close before it, else before in the clause."""
    order = list(scene.vocabulary.lexicon.units)
    units = [one for one in scene.concepts if one.name in order]
    low, last = scene.sentence.tokens.low, number.last
    following = min([one.first for one in scene.numbers if one.first > last], default=len(low))
    preceding = max([one.last for one in scene.numbers if one.last < number.first], default=-1)
    near = [
        one
        for one in units
        if 0 < one.first - last <= UNIT_REACH and one.first < following and not _broken(low, last, one.first)
    ]
    alone = last + 1 >= len(low) or not low[last + 1].isalpha() or low[last + 1] in _FOLLOWS_A_COUNT
    before = [
        one for one in units if one.last < number.first and scene.clauses[one.first] == scene.clauses[number.first]
    ]
    near += [
        one
        for one in before
        if preceding < one.first
        and number.first - one.last <= 4
        and not _broken(low, one.last, number.first)
        and (alone or one.name != "TROOPS")
    ]
    if not near and alone and (number.high or number.low or 0) >= 100:
        near = [one for one in before if number.first - one.last <= 16]
    return min((one.name for one in near), key=order.index, default="")


_FOLLOWS_A_COUNT = frozenset(
    {"by", "in", "of", "to", "and", "or", "more", "were", "was", "have", "had", "are", "is", "who", "at", "from"}
    | {"last", "this", "over", "for", "since", "as", "then", "when", "into", "would", "will", "could", "may", "might"}
)


def _broken(low: Sequence[str], last: int, first: int) -> bool:
    return any(sign in {",", ";", ":", "(", ")", "—", "–", "and", "but", "while"} for sign in low[last + 1 : first])
