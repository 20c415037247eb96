"""What the sentences before leave open: who spoke last, and who is called what."""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.extraction.scene import Scene


@dataclass
class Thread:
    """What the sentences before leave open: who spoke last, in which paragraph, and who is called what."""

    speaker: str | None = None
    paragraph: int = -1
    last: str | None = None
    agency: str | None = None
    """The last agency, service or directorate that spoke."""
    announced: bool = False
    aliases: dict[str, str] = field(default_factory=dict)

    def carried(self, paragraph: int) -> str | None:
        """Whoever spoke last in this paragraph, or announced at the end of the one before what now follows."""
        follows = paragraph == self.paragraph or (self.announced and paragraph == self.paragraph + 1)
        return self.speaker if follows else None


_NO_NAMES = frozenset({"he", "it", "in", "on", "at", "as", "by", "to", "of", "mr", "ms", "dr", "us", "uk", "eu", "un"})


_AGENCIES = frozenset({"agency", "service", "nis", "directorate", "commission"})


def introduce(scene: Scene, thread: Thread) -> None:
    """'Kim Hong-kyun, South Korea's vice minister' lets 'Kim' and 'Hong-kyun' speak later on."""
    words = scene.sentence.tokens
    for mention in scene.vocabulary.speakers.find(words):
        if words.low[mention.last] in _AGENCIES:
            thread.agency = mention.name
        if surname := _surname(words.text[mention.first : mention.last + 1]):
            thread.aliases.setdefault(surname, mention.name)
        for at in (*_names_before(words.text, mention.first), *_names_after(words.text, mention.last)):
            thread.aliases[words.text[at]] = mention.name


def _surname(name: tuple[str, ...]) -> str:
    """'Wi' of 'Wi Sung-lac'; what is hyphenated is a Korean's given name."""
    korean = len(name) == 4 and name[2] == "-" and name[3].islower()
    return name[0] if korean and name[0] not in _COMMON and len(name[0]) > 1 else ""


_COMMON = frozenset({"Kim", "The", "South", "North"})
"""Too many bear it."""


def _names_before(text: tuple[str, ...], first: int) -> list[int]:
    at = first - 1
    while at >= 0 and text[at].lower() in {"the", "a", "senior", "top"}:
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
    names = [one for one in found if len(text[one]) > 1 and text[one].lower() not in _NO_NAMES]
    return names if 2 <= len(found) <= 4 else []
