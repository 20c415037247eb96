"""`forecast ingest`: articles on disk to review files in the inbox, each on its own, so that one bad file spoils none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from engine.app.bounded import read_bounded
from engine.app.files import LEXICON_FILE
from engine.app.inbox import load_lexicon, load_review, review_path, save_review
from engine.app.review_edit import what_is_wrong
from engine.errors import ForecastError
from engine.extraction.claims import Review
from engine.extraction.horizon import slug
from engine.extraction.merging import merged
from engine.extraction.proposal import Kit, propose
from engine.extraction.readers import MAX_BYTES, clean, read_page
from engine.records.project import Project

NO_ARTICLE = "There is no article here. Name .txt, .md or .html files, or a folder that holds some."
SUFFIXES = frozenset({".txt", ".md", ".markdown", ".html", ".htm", ".xhtml"})


@dataclass(frozen=True)
class Ingested:
    """What came of one file: its review file, or why it could not be read."""

    file: str
    review: Review | None
    path: Path | None
    changed: bool = False
    error: str = ""


def kit_of(project: Project, scenarios: Path) -> Kit:
    """The project's rules with the lexicon beside its scenarios."""
    return Kit(project, load_lexicon(scenarios / LEXICON_FILE))


def ingest(paths: Sequence[Path], kit: Kit, inbox: Path) -> list[Ingested]:
    """Read every file (folders are searched), propose claims, and write one review file each."""
    used: dict[str, str] = {}
    return [_ingest_one(path, kit, inbox, used) for path in articles_in(paths)]


def articles_in(paths: Iterable[Path]) -> list[Path]:
    """The files named, and the texts in the folders named, in the order of names."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(one for one in path.rglob("*") if one.suffix.lower() in SUFFIXES and _inside(one, path))
        else:
            found.append(path)
    return list(dict.fromkeys(found))


def _inside(path: Path, folder: Path) -> bool:
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def _ingest_one(path: Path, kit: Kit, inbox: Path, used: dict[str, str]) -> Ingested:
    shown = " ".join(clean(str(path)).split())[:300]
    try:
        content = read_bounded(path, MAX_BYTES, "Cut it to the article.", shown)
        name = " ".join(clean(path.name).split())[:300] or "article"
        review = propose(read_page(name, content), "article", name, kit)
        article = _free_name(path, review, inbox, used)
        target = review_path(inbox, article)
        review = review.model_copy(update={"article": article})
        review = merged(review, load_review(target) if target.exists() else None)
        return Ingested(shown, review, target, save_review(target, review))
    except ForecastError as error:
        return Ingested(shown, None, None, error=str(error))
    except ValidationError as error:
        return Ingested(shown, None, None, error=f"{shown}: {what_is_wrong(error)} Correct the article and try again.")
    except RecursionError:
        return Ingested(
            shown, None, None, error=f"{shown}: is nested too deeply to be read. Save the article as plain text."
        )


def _free_name(path: Path, review: Review, inbox: Path, used: dict[str, str]) -> str:
    """The file's name as an id; another article that already has it keeps it."""
    name = slug(path.stem, 90)
    owner = used.get(name) or _owner(inbox / f"{name}.yaml", review)
    if owner and owner != review.hash:
        name = f"{name}-{review.hash[:6]}"
    used[name] = review.hash
    return name


def _owner(path: Path, review: Review) -> str:
    """Hash of the article that holds the name; a newer text of the same file is the same article."""
    if not path.exists():
        return ""
    held = load_review(path)
    return review.hash if held.file == review.file else held.hash
