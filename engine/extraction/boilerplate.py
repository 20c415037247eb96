"""What stands on news pages and is no news: dropped by a short list, and kept for audit."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

import yamlrocks

from engine.extraction.claims import Dropped
from engine.extraction.sentences import paragraphs
from engine.records.fields import Record


class DropList(Record):
    """`boilerplate.yaml`."""

    short: int
    exactly: frozenset[str]
    starts: tuple[str, ...]
    contains: tuple[str, ...]
    disclaimers: tuple[str, ...]
    after: frozenset[str]
    lists: frozenset[str]
    list_starts: tuple[str, ...]
    prose: int


@cache
def drop_list() -> DropList:
    """The packaged list."""
    content = files("engine.extraction").joinpath("boilerplate.yaml").read_bytes()
    return DropList.model_validate_json(json.dumps(yamlrocks.loads(content)))


def boilerplate(text: str) -> dict[int, Dropped]:
    """The paragraphs of a text that are no news, by the place where they start."""
    rules = drop_list()
    found: dict[int, Dropped] = {}
    ended = listing = ""
    begun = False
    all_of_it = list(paragraphs(text))
    for number, (start, paragraph) in enumerate(all_of_it):
        heading = _plain(paragraph).partition(" (")[0]  # 'comments (12)'
        reason = why_dropped(paragraph)
        if heading in rules.after and number > len(all_of_it) // 2:
            ended = ended or heading
            reason = f"is '{heading}'"
        elif begun and (heading in rules.lists or heading.startswith(rules.list_starts)):
            listing = heading
            reason = f"is '{heading}'"
        elif _is_prose(paragraph):
            listing, begun = "", True
        if ended or listing:
            reason = reason or f"stands after '{ended or listing}'"
        if reason:
            found[start] = Dropped(text=paragraph, because=reason)
    return found


def _plain(paragraph: str) -> str:
    return paragraph.lower().strip(" *#_|:.>-").replace("’", "'")


def _is_prose(paragraph: str) -> bool:
    """Whether it tells on where a list of headlines stood: long, and closed by a full stop."""
    return len(paragraph) >= drop_list().prose and paragraph.rstrip(" \"'”’)").endswith((".", "!", "?"))


def why_dropped(paragraph: str) -> str:
    """The reason to drop a paragraph, or nothing."""
    rules = drop_list()
    low = paragraph.lower().strip()
    plain = _plain(paragraph)
    if not any(map(str.isalnum, plain)):
        return "holds no words"
    if plain in rules.exactly:
        return f"is '{plain}'"
    for start in rules.starts:
        if low.startswith(start) and len(low) <= rules.short:
            return f"begins with '{start}'"
    for phrase in rules.contains:
        if phrase in low and len(low) <= rules.short:
            return f"contains '{phrase}'"
    for phrase in rules.disclaimers:
        if phrase in low:
            return f"is a disclaimer ('{phrase}')"
    return ""
