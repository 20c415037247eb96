"""A source: whoever asserts a report; the same record serves the publishers that carry it."""

from __future__ import annotations

from pydantic import Field

from engine.records.fields import Grade, Id, Line, Record, Text


class Source(Record):
    """A line of `sources.yaml`: who it is, and how far it is to be trusted (Admiralty letter)."""

    id: Id
    name: Line
    kind: Line | None = None
    reliability: Grade = Field(description="Admiralty letter: A completely reliable ... E unreliable, F not known")
    because: Text | None = None
