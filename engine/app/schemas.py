"""JSON Schemas of the files people write, so that their editors complete and check them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from engine.app.files import make_folder, write_text
from engine.records.article import Article
from engine.records.scenario import Scenario
from engine.records.settings import Settings
from engine.records.source import Source

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """Schema by kind of file: scenario, article, sources, settings."""
    return {
        "scenario": _schema(Scenario),
        "article": _schema(Article),
        "sources": {"$schema": _DIALECT, "type": "object", "additionalProperties": _without_id(Source)},
        "settings": _schema(Settings),
    }


def write_schemas(folder: Path) -> None:
    """Write every schema as a file into a folder, which is made where it is missing."""
    make_folder(folder)
    for name, text in schemas().items():
        write_text(folder / f"{name}.schema.json", json.dumps(text, indent=2) + "\n")


def _schema(kind: type[BaseModel]) -> dict[str, Any]:
    return {"$schema": _DIALECT, **_without_id(kind)}


def _without_id(kind: type[BaseModel]) -> dict[str, Any]:
    """An id comes from the file name or the key, so the text must not hold it."""
    schema = kind.model_json_schema()
    schema["properties"].pop("id", None)
    schema["required"] = [name for name in schema.get("required", []) if name != "id"]
    return schema
