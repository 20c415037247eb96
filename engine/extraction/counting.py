"""Which numbers of a sentence belong to an act, what they count, and how they are told."""

from __future__ import annotations

from collections.abc import Sequence

from engine.extraction.lexicon import Mention
from engine.extraction.modality import Reading, reading
from engine.extraction.numbers import Number
from engine.extraction.scene import Scene
from engine.records.scenario import Frame

NUMBER_REACH = 14
UNIT_REACH = 7
VAGUE = 4
"""A range from which the high end is this many times the low one names no level."""
FORMATION = "FORMATION"
"""The unit of brigades and battalions: 'four brigades' are not four soldiers, but '1,500 men of a corps' are men."""


def counted(
    frame: Frame, scene: Scene, anchor: Mention, told: Reading, quantity: bool
) -> list[tuple[tuple[Number, str] | None, Reading]]:
    """The numbers of the act, each as it is told; an act keeps to numbers near it that are told like itself."""
    read = [(count, _told_at(scene, count[0], told, anchor)) for count in _counts(frame, scene)]
    if frame.counted is False:
        return [] if _counts_any(frame, scene) else [(None, told)]
    if quantity:
        return [
            (count, here)
            for count, here in read
            if not (_added(scene, count[0]) or _former(scene, count[0]) or _vague(count[0]))
        ]
    own = [
        (count, here)
        for count, here in read
        if here.modality == told.modality and _distance(anchor, count[0]) <= NUMBER_REACH
    ]
    return list(own) or ([] if frame.counted else [(None, told)])


def _counts_any(frame: Frame, scene: Scene) -> bool:
    """Whether a number in the sentence counts what the frame names as its unit."""
    return bool(_counts(frame, scene))


def _added(scene: Scene, number: Number) -> bool:
    """'another 1,500', '3,000 more': an addition and no level."""
    low = scene.sentence.tokens.low
    around = {*low[max(0, number.first - 3) : number.first], *low[number.last + 1 : number.last + 2]}
    return bool(around & {"additional", "another", "extra", "further", "more"}) and "than" not in around


def _former(scene: Scene, number: Number) -> bool:
    """'up from 3,000 last week': a level that was, or was thought."""
    before = scene.sentence.tokens.low[max(0, number.first - 6) : number.first]
    changed = {"up", "down", "rose", "grew", "risen", "revised", "raised", "increased"} & set(before)
    return ("from" in before and bool(changed)) or bool({"compared", "previously", "earlier"} & set(before[-4:]))


def _vague(number: Number) -> bool:
    """'several thousand' says how large, not how many."""
    return number.low is not None and number.high is not None and number.high >= VAGUE * number.low > 0


def _distance(one: Mention, number: Number) -> int:
    return max(number.first - one.last, one.first - number.last)


def _told_at(scene: Scene, number: Number, told: Reading, anchor: Mention) -> Reading:
    """A number is told as the words around it say, else as the act close to it."""
    cues = [cue for cue in scene.cues if not cue.name.startswith("possible-act")]
    here = reading(cues, number.first, number.last, scene.clauses)
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
    understood = [one.name for one in units if (one.first, one.last) == (number.first, number.last)]
    if understood:
        return understood[0]
    low, last = scene.sentence.tokens.low, number.last
    held = {at for one in units for at in range(one.first, one.last + 1)}
    if low[last + 2 : last + 3] == ("of",) and last + 1 not in held and low[last + 1].endswith("s"):
        return ""  # '70 shiploads of shells'
    whole = next((one for one in scene.numbers if 0 < one.first - last <= 4 and low[last + 1] == "of"), None)
    last = whole.last if whole else last  # '4,000 of the 11,000 killed'
    if any(0 < number.first - one.last <= 4 and low[one.last + 1] == "of" for one in scene.numbers):
        return ""
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
        and (alone or low[last + 1] in _AS_GOOD_AS_ALONE)
    ]
    if not near and alone and (number.high or number.low or 0) >= 100:
        near = [one for one in before if number.first - one.last <= 16 and "and" not in low[one.last : number.first]]
    first = min((one.first for one in near if one.first > last), default=None)
    if FORMATION in {one.name for one in near if one.first == first}:
        return FORMATION
    return min((one.name for one in near if one.name != FORMATION), key=order.index, default="")


_FOLLOWS_A_COUNT = frozenset(
    {"by", "in", "of", "to", "and", "or", "more", "were", "was", "have", "had", "are", "is", "who", "at", "from"}
    | {
        "last",
        "this",
        "over",
        "for",
        "after",
        "before",
        "until",
        "during",
        "compared",
        "since",
        "as",
        "then",
        "when",
        "into",
        "would",
        "will",
        "could",
        "may",
        "might",
    }
)


_AS_GOOD_AS_ALONE = frozenset({"others", "people"})


def _broken(low: Sequence[str], last: int, first: int) -> bool:
    return any(
        sign in {",", ";", ":", "(", ")", "—", "–", "and", "but", "while", "after", "before"}
        for sign in low[last + 1 : first]
    )
