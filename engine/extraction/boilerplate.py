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


@cache
def drop_list() -> DropList:
    """The packaged list."""
    content = files("engine.extraction").joinpath("boilerplate.yaml").read_bytes()
    return DropList.model_validate_json(json.dumps(yamlrocks.loads(content)))


def boilerplate(text: str) -> dict[int, Dropped]:
    """The paragraphs of a text that are no news, by the place where they start."""
    found: dict[int, Dropped] = {}
    ended = ""
    all_of_it = list(paragraphs(text))
    for number, (start, paragraph) in enumerate(all_of_it):
        plain = paragraph.lower().strip(" *#_|:.>-")
        if plain in drop_list().after and number > len(all_of_it) // 2:
            ended = plain
        reason = f"stands after '{ended}'" if ended and plain != ended else why_dropped(paragraph)
        if reason:
            found[start] = Dropped(text=paragraph, because=reason)
    return found


def why_dropped(paragraph: str) -> str:
    """The reason to drop a paragraph, or nothing."""
    rules = drop_list()
    low = paragraph.lower().strip()
    plain = low.strip(" *#_|:.>-")
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
