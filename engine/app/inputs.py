"""What a run was made from, kept beside its draws, so that it can be questioned after the files have changed."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from engine.app.files import load, read_files
from engine.errors import DamagedRunError, ForecastError
from engine.records.article import Article
from engine.records.assembly import complaints
from engine.records.fields import Line, Record
from engine.records.project import Project
from engine.records.scenario import Scenario
from engine.records.settings import Settings
from engine.records.source import Source

INPUTS_FILE = "inputs.json"
MAX_INPUTS_BYTES = 200_000_000
"""A hundred times what ten thousand scenarios need is refused, not read."""


class Inputs(Record):
    """The records of a project, and the folder they stood in as the user named it."""

    format: Literal[1] = 1
    folder: Line | None = None
    seeds: Line | None = Field(None, description="the folder of article records, where one was named")
    files: Line | None = Field(None, description="hash of the files in both, byte by byte")
    settings: Settings
    scenarios: tuple[Scenario, ...]
    sources: tuple[Source, ...]
    articles: tuple[Article, ...]

    @property
    def project(self) -> Project:
        """The project, its mappings sorted as those of a folder are."""
        return Project(
            settings=self.settings,
            scenarios=dict(sorted((one.id, one) for one in self.scenarios)),
            sources=dict(sorted((one.id, one) for one in self.sources)),
            articles=dict(sorted((one.id, one) for one in self.articles)),
        )


def inputs_of(project: Project, folder: Path | None = None, seeds: Path | None = None) -> Inputs:
    """A project as it is kept; a folder named by a whole path belongs to one machine, and is left out."""
    named = [None if one is None or one.is_absolute() else one.as_posix() for one in (folder, seeds)]
    if folder is None or folder.is_absolute() or (seeds and seeds.is_absolute()):
        named = [None, None]
    return Inputs(
        folder=named[0],
        seeds=named[1],
        files=_hash_of(named[0], named[1]) if named[0] else None,
        settings=project.settings,
        scenarios=tuple(project.scenarios.values()),
        sources=tuple(project.sources.values()),
        articles=tuple(project.articles.values()),
    )


def read_whole[T: BaseModel](path: Path, kind: type[T], advice: str) -> T:
    """A file of a run as the record it should hold; refused where it is missing, too large, or says anything else."""
    try:
        if (size := path.stat().st_size) > MAX_INPUTS_BYTES:
            raise DamagedRunError(path, f"it has {size:,} bytes, and {MAX_INPUTS_BYTES:,} is the most")
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ForecastError(f"{path}: cannot be read: {error.strerror}. {advice}") from error
    except ValidationError as error:
        raise DamagedRunError(path, f"{error.error_count()} fields are not as this engine writes them") from error


def read_inputs(path: Path, fingerprint: str) -> Inputs:
    """The inputs of a run; refused unless they are sound records, and those the fingerprint was taken of."""
    inputs = read_whole(path, Inputs, "Run again: forecast run.")
    if inputs.project.fingerprint != fingerprint:
        raise DamagedRunError(path, "its records are not those of the report beside it")
    for _, name, (_, message) in complaints(inputs.project):
        raise DamagedRunError(path, f"{name}: {message}")
    return inputs


def changed_since(inputs: Inputs, fingerprint: str) -> bool:
    """Whether the folder the run was made from is still there, and says something else now.

    Only a relative folder is looked at: a run handed on from elsewhere must not send anyone to another machine.
    """
    if inputs.folder is None or os.path.isabs(inputs.folder) or not Path(inputs.folder).is_dir():  # noqa: PTH117
        return False
    try:
        if _hash_of(inputs.folder, inputs.seeds) == inputs.files:
            return False
        return load(inputs.folder, inputs.seeds).project.fingerprint != fingerprint
    except ForecastError:
        return True


def _hash_of(folder: str, seeds: str | None) -> str:
    """Of every file, byte by byte: cheaper than to read the records, and equal only if they are."""
    digest = hashlib.sha256()
    files = read_files(Path(folder), Path(seeds) if seeds else None)
    for kind in (files.scenarios, files.articles, files.sources, files.settings):
        for path, content in sorted(kind.items()):
            digest.update(f"{path} {len(content)} ".encode() + content)
    return digest.hexdigest()
