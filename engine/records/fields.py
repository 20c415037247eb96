"""The kinds of values a record may hold, each refusing what an analyst did not mean."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

UNKNOWN = "unknown"
NEAREST_TO_CERTAIN = 1e-6


class Record(BaseModel):
    """A frozen piece of what people write; fields it does not know are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def _plain(text: str) -> str:
    """Refuse control and direction-changing characters: text is shown in terminals and pages."""
    for character in text:
        if character in "\n\t":
            continue
        if unicodedata.category(character) in {"Cc", "Cs", "Co"} or character in _DIRECTION_MARKS:
            raise ValueError(f"must be plain text, got the character U+{ord(character):04X}. Remove it.")
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise ValueError("must not be blank. Write something, or leave it out.")
    return text


def _one_line(text: str) -> str:
    if "\n" in text:
        raise ValueError("must be one line. Join its lines.")
    return text


def _in_reach(probability: float) -> float:
    """Nearer to certain than that, nothing that is said could be weighed."""
    if not NEAREST_TO_CERTAIN <= probability <= 1 - NEAREST_TO_CERTAIN:
        raise ValueError(
            f"must be from {NEAREST_TO_CERTAIN:f} to {1 - NEAREST_TO_CERTAIN:f}, got {probability:g}. "
            "What is as good as certain is no scenario; what is known is a `resolution`."
        )
    return probability


_DIRECTION_MARKS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def iso_date(value: object) -> object:
    """A date is text like 2024-10-18; a bare number would be read as seconds since 1970."""
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, date):
        return value
    raise ValueError(f"must be a date like 2024-10-18, got {value!r:.60}.")


def _identifier(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", value):
        raise ValueError(f"must be lower-case words joined by hyphens, like rok-lethal-aid, got {value!r:.60}.")
    return value


def _rising(pair: tuple[float, float]) -> tuple[float, float]:
    low, high = pair
    if not low < high:
        raise ValueError(f"must be [low, high] with low below high, got [{low:g}, {high:g}].")
    return pair


def _web_address(value: str) -> str:
    """Only http(s) addresses are kept: they become links on a page."""
    if not re.fullmatch(r"https?://[^\s<>\"'\\]+", value):
        raise ValueError(f"must be an http or https address without spaces or quotes, got {value!r:.60}.")
    return _plain(value)


Text = Annotated[str, Field(min_length=1, max_length=4000), AfterValidator(_plain)]
Line = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_plain), AfterValidator(_one_line)]
Pattern = Annotated[str, Field(min_length=1, max_length=300), AfterValidator(_plain)]
Id = Annotated[str, Field(max_length=100), AfterValidator(_identifier)]
Address = Annotated[str, Field(max_length=2000), AfterValidator(_web_address)]
Date = Annotated[date, BeforeValidator(iso_date)]
Probability = Annotated[float, Field(gt=0, lt=1), AfterValidator(_in_reach)]
ProbabilityInterval = Annotated[tuple[Probability, Probability], AfterValidator(_rising)]
Positive = Annotated[float, Field(gt=0, le=1e12)]
PositiveInterval = Annotated[tuple[Positive, Positive], AfterValidator(_rising)]
Rating = Annotated[int, Field(ge=1, le=5)]
Grade = Literal["A", "B", "C", "D", "E", "F"]
Credibility = Annotated[int, Field(ge=1, le=6)]

WEIGHT_OF_CREDIBILITY = {1: 1.0, 2: 0.9, 3: 0.75, 4: 0.5, 5: 0.2, 6: 0.75}
"""How far a report of this Admiralty digit is believed, times the source's reliability."""
