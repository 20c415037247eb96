"""Whether an act is told as done, planned, possible, conditional, demanded or denied (ConText: Harkema et al. 2009)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import yamlrocks
from pydantic import Field

from engine.extraction.lexicon import Finder, Mention
from engine.extraction.tokens import Tokens
from engine.records.fields import Line, Record
from engine.records.scenario import Modality

Told = Literal["actual", "planned", "possible", "conditional", "demanded", "demanded-not", "denied"]


class CueGroup(Record):
    """Cues that mean the same."""

    reach: int
    means: Told = "actual"
    forward: tuple[Line, ...] = ()
    backward: tuple[Line, ...] = ()


class Cues(Record):
    """`cues.yaml`: groups from the strongest to the weakest."""

    cues: dict[str, CueGroup]
    terminators: tuple[Line, ...] = Field(())


@dataclass(frozen=True)
class Reading:
    """How an act is told: its modality, whether it is negated, and the cue that says so."""

    modality: Modality = "actual"
    negated: bool = False
    group: str = ""
    cue: Mention | None = None


@cache
def cues() -> Cues:
    """The packaged cues."""
    content = files("engine.extraction").joinpath("cues.yaml").read_bytes()
    return Cues.model_validate_json(json.dumps(yamlrocks.loads(content)))


@cache
def _finder() -> Finder:
    named = {}
    for name, group in cues().cues.items():
        named[f"{name}>"] = group.forward
        named[f"{name}<"] = group.backward
    named["stop>"] = cues().terminators
    return Finder(named)


def find_cues(words: Tokens) -> list[Mention]:
    """Every cue of a sentence; of cues one inside the other, the longer."""
    return _finder().find(words)


def reading(
    found: Sequence[Mention],
    first: int,
    last: int,
    segments: Sequence[int],
    infinitive: bool = False,
    own: tuple[int, int] | None = None,
) -> Reading:
    """How the act at words first..last is told, given the cues of its sentence and the clause of each word.

    Cues among the words `own` are the act itself: to plan is planned, but a denial is not thereby denied.
    """
    for name, group in cues().cues.items():
        if group.reach == 0:
            continue
        reaching = [
            cue
            for cue in found
            if cue.name[:-1] == name
            and (_is_own(cue, own, group.means) or _reaches(cue, group.reach, first, last, segments, own, found))
        ]
        if reaching:
            nearest = min(reaching, key=lambda cue: min(abs(first - cue.last), abs(cue.first - last)))
            return _meaning(name, group.means, nearest)
    return Reading("planned") if infinitive else Reading()


def _overlaps(cue: Mention, own: tuple[int, int] | None) -> bool:
    return own is not None and own[0] <= cue.last and cue.first <= own[1]


def _is_own(cue: Mention, own: tuple[int, int] | None, means: Told) -> bool:
    """'detected no' holds its act in itself, 'denied' does not."""
    return _overlaps(cue, own) and (means not in {"denied", "demanded-not"} or cue.name.startswith("unseen"))


def _meaning(name: str, means: Told, cue: Mention) -> Reading:
    if means == "demanded-not":
        return Reading("demanded", True, name, cue)
    return Reading(means, means == "denied", name, cue)


_STOPPED = frozenset({"possible", "planned", "demanded", "negated", "refused"})
"""Cues that do not govern what somebody then says: 'amid fears of a strike, Seoul said that it will ...'."""


def _reaches(
    cue: Mention,
    reach: int,
    first: int,
    last: int,
    segments: Sequence[int],
    own: tuple[int, int] | None,
    found: Sequence[Mention],
) -> bool:
    if cue.first < first and last <= cue.last and cue.name.startswith(("unseen", "open", "planned")):
        return True  # 'no soldier has been seen' stands around its act
    distance = first - cue.last if cue.name.endswith(">") else cue.first - last
    if _overlaps(cue, own) or not 0 < distance <= reach:
        return False
    if cue.name.startswith("conditional"):
        return True
    stopped = cue.name[:-1] in _STOPPED and any(
        one.name == "stop>" and cue.last < one.first and one.last < first for one in found
    )
    return not stopped and segments[cue.first] == segments[first]


def clauses(words: Tokens, relative: bool = True) -> tuple[int, ...]:
    """The clause of each word: an inserted clause has its own number, and the main clause goes on after it.

    With `relative` false a relative clause counts to the one it hangs on, and a second verb to the first.
    """
    clause: list[int] = []
    main, current, highest = 0, 0, 0
    for at, word in enumerate(words.low):
        opens = _opens(words, at, relative)
        if opens == "inserted" and not relative and word in _RELATIVE:
            opens = ""
        if opens == "main":
            highest += 1
            main = current = highest
        elif opens == "inserted":
            highest += 1
            current = highest
        elif word == "," and current != main and not _inside_list(words, at):
            current = main
        clause.append(current)
    return tuple(clause)


_MAIN = frozenset({";", "—", "–", "but", "whereas"})
_INSERTED = frozenset(
    {"while", "although", "though", "despite", "because", "amid", "after", "since", "which", "who", "whose"}
)
_VERB_AGAIN = frozenset(
    {"will", "would", "could", "may", "might", "can", "has", "have", "had", "is", "are", "was", "were", "did"}
    | {"expects", "plans", "wants", "hopes", "said", "says", "told", "added", "warned", "believes", "called"}
)
"""After 'and' these tell something new of the same subject, in a way of its own."""
_NEW_TALLY = frozenset(("the", word) for word in ("number", "figure", "total", "tally"))
_RELATIVE = frozenset({"which", "who", "whose", "with"})
_AT_START = frozenset({"as", "given", "unlike", "before", "when", "even"})


def _opens(words: Tokens, at: int, narrow: bool) -> str:
    word = words.low[at]
    after_comma = at > 0 and words.text[at - 1] == ","
    if word in _MAIN or (narrow and word == ":"):
        return "main"
    if word == "and" and _goes_on_anew(words, at + 1, after_comma, narrow):
        return "main"
    if word == "with" and after_comma:
        return "inserted"
    if word in _INSERTED or (word in _AT_START and (at == 0 or after_comma)):
        return "inserted"
    return ""


def _goes_on_anew(words: Tokens, at: int, after_comma: bool, narrow: bool) -> bool:
    """Whether what follows an 'and' is a statement of its own."""
    return (after_comma and at < len(words) and _new_subject(words, at)) or _new_statement(words, at, narrow)


def _new_statement(words: Tokens, at: int, narrow: bool) -> bool:
    """'and that ...', 'and is expected to ...', 'and the number is to grow'."""
    following = words.low[at] if at < len(words) else ""
    return following == "that" or (narrow and following in _VERB_AGAIN) or words.low[at : at + 2] in _NEW_TALLY


def _new_subject(words: Tokens, at: int) -> bool:
    return words.low[at] in {"that", "he", "she", "it", "they", "his", "its", "there"}


def _inside_list(words: Tokens, at: int) -> bool:
    """A comma between figures or names does not end a clause: 'despite denials from Moscow, Minsk and Pyongyang, ...'."""
    low = words.low
    ahead, behind = low[at + 1 : at + 4], low[max(0, at - 2) : at]
    if {"and", "or"} & set(ahead[1:2]) or (ahead[1:2] == (",",) and {"and", "or"} & set(ahead[2:])):
        return True
    return behind[:1] == (",",) and bool({"and", "or"} & set(ahead[:1]))
