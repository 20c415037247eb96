"""Finding a project's files on disk, inside the folders the user named and nowhere else."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from engine.app.bounded import read_bounded
from engine.errors import Fault, FaultyFilesError, ForecastError
from engine.records.assembly import Assembled, Files, assemble, read_settings
from engine.records.reading import MAX_BYTES

SETTINGS_FILE = "forecast.yaml"
SOURCES_FILE = "sources.yaml"
LEXICON_FILE = "lexicon.yaml"
KEPT_APART = frozenset({SETTINGS_FILE, SOURCES_FILE, LEXICON_FILE})
"""Files that are no scenario and no article."""


def load(folder: str | Path, seeds: str | Path | None = None) -> Assembled:
    """Read and check `folder` with its seeds; every fault of every file comes in one error."""
    return assemble(read_files(Path(folder), Path(seeds) if seeds else None))


def read_files(folder: Path, seeds: Path | None = None) -> Files:
    """The bytes of the scenario files in `folder` and of the article records beside it."""
    if not folder.is_dir():
        raise ForecastError(f"{folder}: is no folder. Name the folder that holds the scenario files.")
    settings = _contents(folder, [SETTINGS_FILE])
    stated = read_settings(Files({}, settings=settings)).seeds
    _open(folder)
    seeds = seeds or (folder / stated if stated else None)
    if seeds and not seeds.is_dir():
        raise ForecastError(f"{seeds}: is no folder. Name the folder that holds the article records.")
    seeds = seeds or folder / ".." / "seeds"
    scenarios = _contents(folder, _yaml_names(folder))
    if not scenarios:
        raise ForecastError(f"{folder}: holds no scenario file. Add one, named like rok-lethal-aid.yaml.")
    if not seeds.is_dir():
        return Files(scenarios, settings=settings)
    _open(seeds)
    return Files(
        scenarios=scenarios,
        articles=_contents(seeds, _yaml_names(seeds)),
        sources=_contents(seeds, [SOURCES_FILE]),
        settings=settings,
    )


def _open(folder: Path) -> None:
    if not os.access(folder, os.R_OK | os.X_OK):
        raise ForecastError(f"{folder}: cannot be read: permission denied. Let yourself read it and look into it.")


def _yaml_names(folder: Path) -> list[str]:
    misnamed = sorted(folder.glob("*.yml"))
    if misnamed:
        told = (Fault(str(path), 0, "", f"is not read: name it {path.stem}.yaml.") for path in misnamed)
        raise FaultyFilesError(told)
    return sorted(path.name for path in folder.glob("*.yaml") if path.name not in KEPT_APART)


def _contents(folder: Path, names: Iterable[str]) -> dict[str, bytes]:
    return {str(folder / name): _read(folder / name) for name in names if os.path.lexists(folder / name)}


def _read(path: Path) -> bytes:
    """The bytes of a file of bounded size; a link out of its folder is refused."""
    if not path.resolve().is_relative_to(path.parent.resolve()):
        raise FaultyFilesError([Fault(str(path), 0, "", "must not be a link out of its folder. Copy the file here.")])
    return read_bounded(path, MAX_BYTES)


def write_text(path: Path, text: str) -> None:
    """Write a file the user asked for, into a folder that is there."""
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ForecastError(f"{path}: cannot be written: {error.strerror}. Name another place.") from None


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write into, so that at every moment either the old one or the new one is there, whole.

    A file that was there keeps its permissions, and a link its target. What is no file, such as /dev/stdout, is
    written into as it is.
    """
    target, temporary = path.resolve(), ""
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as file:
                yield file
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.", suffix=".tmp")
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(target.stat().st_mode & 0o7777 if target.exists() else 0o666 & ~_umask())
        Path(temporary).replace(target)
    except OSError as error:
        raise ForecastError(f"{path}: cannot be written: {error.strerror}. What was there is as it was.") from error
    finally:
        with suppress(OSError):
            Path(temporary).unlink()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file as `whole_file` does."""
    with whole_file(path) as file:
        file.write(content)


def _umask() -> int:
    """What new files may not permit; it can only be read by setting it."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def make_folder(folder: Path) -> None:
    """Make a folder the user asked for, and those around it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ForecastError(f"{folder}: cannot be made: {error.strerror}. Name another place.") from None
