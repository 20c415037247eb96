"""A claim with changes a person has made: in the terminal, in the file or in a spreadsheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from engine.errors import ForecastError, nearest
from engine.extraction.claims import Claim

EDITABLE = (
    "indicator", "scenario", "stance", "modality", "source", "value", "low", "high", "unit", "on", "credibility",
    "detection", "echo", "note",
)  # fmt: skip


def edits(changes: Mapping[str, Any]) -> Mapping[str, Any]:
    """The changes, all of them of fields that may be edited."""
    unknown = sorted(set(changes) - set(EDITABLE))
    if unknown:
        raise ForecastError(f"{unknown[0]}: is no field to edit. {nearest(unknown[0], EDITABLE)}")
    return changes


def changed(claim: Claim, changes: Mapping[str, Any]) -> Claim:
    """The claim with changes, checked as a whole."""
    try:
        return Claim.model_validate({**claim.model_dump(), **changes})
    except ValidationError as error:
        raise ForecastError(what_is_wrong(error)) from None


def what_is_wrong(error: ValidationError) -> str:
    """The first complaint of a validator, with its field; what our own validators say is complete as it is."""
    details = error.errors()[0]
    where = ".".join(map(str, details["loc"]))
    own = details.get("ctx", {}).get("error")
    if own is not None:
        return f"{where}: {own}"
    message = details["msg"].replace("Input should", "must").replace("String should", "must")
    return f"{where}: {message}, got {details['input']!r:.60}."
