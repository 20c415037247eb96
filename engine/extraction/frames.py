"""Where a rule's frame is found in a sentence: agent, act, object and addressee in one clause, in either order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.extraction.counting import counted
from engine.extraction.lexicon import Mention
from engine.extraction.modality import Reading, reading
from engine.extraction.numbers import Number
from engine.extraction.scene import Scene
from engine.records.scenario import Frame

OBJECT_REACH = 16
ADDRESSEE_REACH = 18
THEY_WORD = "THEY"
"""The concept of 'they' and 'some of them': those the sentences before were about."""
AGENT_REACH = 14
_PARTING = frozenset({"that", "response", "if", "because", "allegations", "accusations", "return", "exchange"})
"""Between a thing and an act after it these begin another matter."""


_ASIDE = frozenset({"how", "whether", "why", "study", "observe", "watch", "monitor", "question"})
"""Between an act and a thing after it these begin another matter."""
_PRONOUNS = frozenset({"he", "she", "it", "they", "its"})
_PASSIVE = frozenset({"be", "been", "being", "were", "was", "is", "are"})


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
    if frame.object and scene.names.isdisjoint(scene.vocabulary.covers(frame.object)):
        return
    if frame.unless and scene.matters & scene.vocabulary.covers(frame.unless):
        return
    if frame.near and not _names_near(frame, scene) & scene.vocabulary.covers(frame.near):
        return
    for anchor, thing, place in sorted(_places(frame, scene), key=_stretch):
        agents = _agents(frame, scene, anchor, thing, place)
        if agents is None:
            continue
        words = [scene.sentence.tokens.text[one.first] for one in (anchor, thing, place) if one]
        told = _told(frame, scene, anchor, thing)
        carried = bool(frame.by) and not agents
        for count, here in counted(frame, scene, anchor, told, quantity):
            if not frame.modality or here.modality in frame.modality:
                yield Hit(frame, anchor, here, count, carried, " + ".join(words), agents)


def _names_near(frame: Frame, scene: Scene) -> frozenset[str]:
    """What stands near: in the sentence; actors, and whatever speech is about, may have been named just before."""
    left_open = frame.spoken or scene.vocabulary.actors.issuperset(frame.near)
    return scene.names | scene.context if left_open else scene.names


def _stretch(found: tuple[Mention, Mention | None, Mention | None]) -> int:
    """Words between an act and where it leads: of two acts the closer one leads there."""
    act, _, place = found
    return max(place.first - act.last, act.first - place.last) if place else 0


def _places(frame: Frame, scene: Scene) -> Iterator[tuple[Mention, Mention | None, Mention | None]]:
    """Act with its nearest object and addressee; a frame without an act hangs on its object."""
    anchors = scene.found(frame.act) if frame.act else scene.found(frame.object)
    things = [one for one in scene.found(frame.object) if not _of_another(frame, scene, one)] if frame.act else []
    for anchor in anchors:
        if (frame.spoken and scene.swallowed(anchor)) or scene.elsewhere(anchor):
            continue
        thing = _inside(scene, anchor, things) or _nearest(scene, anchor, things, OBJECT_REACH)
        if frame.act and frame.object and thing is None:
            continue
        places = [one for one in _addressees(frame, scene, anchor) if not (thing and _describes(scene, one, thing))]
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
    known = scene.vocabulary.covers([*frame.by, *frame.near])
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
        and not (one.last < to.first and _PARTING & set(scene.sentence.tokens.low[one.last + 2 : to.first]))
        and not (to.last < one.first and _ASIDE & set(scene.sentence.tokens.low[to.last + 1 : one.first]))
    ]
    if not near:
        return None
    clause = scene.clauses[to.first]
    return min(
        near,
        key=lambda one: (
            scene.clauses[one.first] != clause,
            one.first - to.last if one.first > to.last else 3 + to.first - one.last,
        ),
    )


def _describes(scene: Scene, one: Mention, thing: Mention) -> bool:
    """'Russian weapons' go to nobody; 'send Kyiv weapons' says to whom."""
    return one.last == thing.first - 1 and scene.sentence.tokens.low[one.last].endswith(("ian", "ish", "ese"))


def _inside(scene: Scene, act: Mention, among: Sequence[Mention]) -> Mention | None:
    """'arms for Kyiv' and 'arming Ukraine' hold their own object."""
    if act.last > act.first and scene.sentence.tokens.low[act.last] not in {"to", "for"}:
        return None
    held = [one for one in among if act.first <= one.first and one.last <= act.last and one.name != act.name]
    return held[0] if held else None


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
        if one not in doing
        and not scene.speaks(one)
        and not {"from", "by", "against"} & set(low[max(0, one.first - 2) : one.first])
    ]


def _agents(
    frame: Frame, scene: Scene, anchor: Mention, thing: Mention | None, place: Mention | None
) -> tuple[str, ...] | None:
    """The allowed agents who do it; none of them if only sentences before name one; None if someone else does it."""
    if not frame.by:
        return ()
    allowed = scene.vocabulary.covers(frame.by)
    owner = scene.owner(thing or anchor)
    if owner is not None and not frame.spoken and owner != place:
        return (owner.name,) if owner.name in allowed else None
    candidates = scene.agents(anchor, None if frame.spoken else thing or anchor)
    if frame.spoken:
        candidates += [one for one in scene.standing[:1] if one.last < anchor.first]
    fitting = [
        one
        for one in candidates
        if one.name in allowed and one != place and (not frame.conduct or _says_it(scene, one, anchor))
    ]
    named = tuple(dict.fromkeys(one.name for one in fitting)) or _speaking(frame, scene, allowed, candidates)
    if named:
        return named
    if any(one != place and (frame.spoken or not scene.speaks(one)) for one in candidates):
        return None
    near = [
        one
        for one in scene.actors
        if one.name in allowed
        and one != place
        and (not frame.spoken or (one.last < anchor.first and one in scene.standing))
        and scene.together(anchor, one, AGENT_REACH)
    ]
    if near and not candidates:
        return (near[0].name,)
    return () if _understood(frame, scene, allowed, anchor, thing, bool(candidates)) else None


def _denied_of_themselves(scene: Scene, act: Mention) -> bool:
    """'Moscow and Pyongyang denied weapons transfers': their own."""
    return any(
        cue.name == "denied>" and 0 < cue.first - one.last <= 3 and cue.last < act.first
        for cue in scene.cues
        for one in scene.standing
    )


def _we_do_it(scene: Scene, act: Mention) -> bool:
    """'we handed over a list': the speaker's own side does it."""
    low = scene.sentence.tokens.low
    at = act.first - 1
    while at >= 0 and low[at] in _AUXILIARIES:
        at -= 1
    return at >= 0 and low[at] == "we"


_AUXILIARIES = frozenset(
    {"have", "had", "will", "would", "are", "were", "do", "did", "can", "could", "may", "might"}
) | {*("not", "never", "going", "to", "already", "n't", "ready", "also", "now", "still")}


def _speaking(frame: Frame, scene: Scene, allowed: frozenset[str], others: list[Mention]) -> tuple[str, ...]:
    """'The South must pay dearly, the ministry in Pyongyang said': whoever speaks does what is done by speaking."""
    quoted = frame.conduct and not any(scene.speaks(one) for one in others)
    return tuple(sorted(scene.own & allowed)) if quoted else ()


def _understood(
    frame: Frame, scene: Scene, allowed: frozenset[str], anchor: Mention, thing: Mention | None, rivals: bool
) -> bool:
    """Whether the sentences before say who it is, though this one does not."""
    if not frame.spoken and _denied_of_themselves(scene, anchor):
        return False
    ours = not frame.spoken and scene.own and not scene.own & allowed and _we_do_it(scene, anchor)
    if ours or _must_be_named(frame, scene, allowed):
        return False
    if scene.subject in allowed or scene.main_actor in allowed or scene.own & allowed:
        return True
    if frame.spoken and not frame.conduct and not rivals and scene.context & allowed:
        return True
    if scene.context & allowed and all(scene.speaks(one) for one in scene.standing):
        return True
    what = thing or (None if frame.act and frame.object else anchor)
    return what is not None and _known_whose(scene, what, allowed, what is anchor)


def _must_be_named(frame: Frame, scene: Scene, allowed: frozenset[str]) -> bool:
    """Nobody's words or public conduct are laid to somebody who is not even 'he', nor where another speaks."""
    another = frame.spoken and any(scene.speaks(one) and one.name not in allowed for one in scene.actors)
    return another or (frame.conduct and not _PRONOUNS & set(scene.sentence.tokens.low))


def _known_whose(scene: Scene, what: Mention, allowed: frozenset[str], alone: bool) -> bool:
    """Whether what is counted was told to be theirs before."""
    if scene.topic is None or scene.topic[1] not in allowed:
        return False
    units = {*scene.vocabulary.lexicon.units, THEY_WORD}
    return alone or any(
        one.name in units and what.first <= one.first and one.last <= what.last for one in scene.concepts
    )


def _says_it(scene: Scene, agent: Mention, act: Mention) -> bool:
    """Whether the agent itself speaks: 'Pyongyang denied', 'the North's denial', and not 'reports that it did are false'."""
    return scene.speaks(agent) or agent.name in scene.own or 0 < act.first - agent.last <= 3


def _told(frame: Frame, scene: Scene, anchor: Mention, thing: Mention | None) -> Reading:
    words = scene.sentence.tokens
    before = words.low[anchor.first - 1] if anchor.first else ""
    verb = bool(frame.act) and not words.low[anchor.first].endswith("ing")
    infinitive = verb and before == "to" and not _done(words.low, anchor.first - 2)
    infinitive = infinitive and not _CAUSED & set(words.low[max(0, anchor.first - 6) : anchor.first - 2])
    own = (anchor.first, anchor.last) if frame.act else None
    passed_over = ("denied",) if frame.conduct and not frame.told else ("denied", "conditional")
    cues = [cue for cue in scene.cues if not (frame.spoken and cue.name.startswith(passed_over))]
    told = reading(cues, anchor.first, anchor.last, scene.clauses, infinitive, own)
    if told.cue and (_taken_already(words.low, told.cue) or _presupposed(words.low, thing, anchor)):
        return Reading()
    if told.modality == "actual" and not told.negated and thing and _none_of(words.low, thing):
        return Reading("denied", True, "negated")
    return told


def _none_of(low: Sequence[str], thing: Mention) -> bool:
    """'no soldier', 'no drone of North Korean make'."""
    before = low[max(0, thing.first - 2) : thing.first]
    return bool(_NONE & set(before)) and not _BREAKS & set(before)


_NONE = frozenset({"no", "zero"})
_BREAKS = frozenset({",", "and", "but", "that"})


def _taken_already(low: Sequence[str], cue: Mention) -> bool:
    """'Pyongyang's decision to send troops has alarmed Seoul' tells of troops sent."""
    if low[cue.first : cue.last + 1] != ("decision", "to") or low[max(0, cue.first - 1)] != "'s":
        return False
    return bool({"has", "have", "had"} & set(low[cue.last : cue.last + 12]))


_GIVEN = frozenset({"its", "their", "these", "those", "'s", "presence"})


def _presupposed(low: Sequence[str], thing: Mention | None, anchor: Mention) -> bool:
    """'may rotate its troops in Russia' tells of troops in Russia."""
    noun = thing or anchor
    there = low[noun.last + 1 : anchor.first + 1] == ("in",) if thing else "in" in low[anchor.first : anchor.last]
    return there and bool(_GIVEN & set(low[max(0, noun.first - 4) : noun.first]))


_REALISED = (
    "began",
    "operation",
    "battle",
    "campaign",
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


_CAUSED = frozenset({"sent", "prompted", "led", "forced", "caused", "enabled", "helped", "drove", "pushed", "allowed"})
"""'prompted Seoul to raise its alert' tells what Seoul did."""


def _done(low: Sequence[str], at: int) -> bool:
    return at >= 0 and low[at].startswith(_REALISED)
