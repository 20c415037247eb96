"""The escape hatch: a regular expression instead of a frame, stopped before it can run for ever."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import import_module
from typing import Any

from engine.errors import ForecastError
from engine.extraction.frames import Hit
from engine.extraction.lexicon import Mention
from engine.extraction.modality import reading
from engine.extraction.scene import Scene
from engine.records.scenario import Frame

SECONDS = 0.1
"""A pattern that needs longer on one sentence would run for ever on another."""


@cache
def compiled(pattern: str) -> Any:
    """A pattern made ready; a clear error if it is none."""
    try:
        regex = import_module("regex")  # only needed where a project uses patterns
    except ImportError:
        raise ForecastError(
            "pattern: needs the package regex, which can be stopped. Install it, or use concepts."
        ) from None
    try:
        return regex.compile(pattern, regex.IGNORECASE)
    except (regex.error, ValueError) as error:  # flags that exclude each other are a ValueError
        raise ForecastError(f"pattern {pattern!r:.80}: is no regular expression: {error}.") from None


def pattern_hits(frame: Frame, scene: Scene) -> Iterator[Hit]:
    """Where the pattern fits the sentence, told as the cues around it say."""
    assert frame.pattern  # noqa: S101  (asked for only where there is one)
    try:
        match = compiled(frame.pattern).search(scene.sentence.text, timeout=SECONDS)
    except TimeoutError:
        raise ForecastError(
            f"pattern {frame.pattern!r:.80}: must find its match within {SECONDS} s, and did not. "
            "Avoid repeated groups like (a+)+ and leading .*"
        ) from None
    if not match:
        return
    words = scene.sentence.tokens
    inside = [at for at in range(len(words)) if words.end[at] > match.start() and words.start[at] < match.end()]
    if not inside:
        return
    anchor = Mention(inside[0], inside[-1], "pattern")
    told = reading(scene.cues, anchor.first, anchor.last, scene.clauses)
    if not frame.modality or told.modality in frame.modality:
        yield Hit(frame, anchor, told, why=match.group()[:80])
