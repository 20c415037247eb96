"""What a folder of scenarios says of itself: `scenarios/forecast.yaml`."""

from __future__ import annotations

from pydantic import Field

from engine.records.fields import Date, Line, Record


class Settings(Record):
    """Title, a fixed date for a case study, and where the article records stand."""

    title: Line | None = None
    as_of: Date | None = None
    seeds: Line | None = Field(None, description="folder of the article records; default: ../seeds, if it is there")
