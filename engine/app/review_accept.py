"""`forecast accept`: the accepted claims of a review file become the article record in `seeds/`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.app.files import write_whole
from engine.app.inbox import load_review, save_review, to_yaml
from engine.errors import Fault, FaultyFilesError, ForecastError
from engine.extraction.record import article_record, record_id
from engine.records.article import Article
from engine.records.checks import article_complaints
from engine.records.project import Project
from engine.records.reading import parse, read

_SCHEMA = "# yaml-language-server: $schema=../engine/schemas/article.schema.json\n"


@dataclass(frozen=True)
class Accepted:
    """The record written, how much it holds, and what found no place in it."""

    path: Path
    reports: int
    measurements: int
    signals: int
    left_out: tuple[str, ...]
    open_claims: int


def accept(file: Path, project: Project, seeds: Path) -> Accepted:
    """Write the article record of a review file; the decision stays in the review file, which names the record."""
    review = load_review(file)
    name = record_id(review)
    target = seeds / f"{name}.yaml"
    if target.exists() and review.record != name:
        raise ForecastError(
            f"{target}: is there already and was not written from {file}. Put `record: {name}` into {file} to replace it, "
            "or another name to stand beside it."
        )
    data, left = article_record(review, project.scenarios)
    content = (_SCHEMA + to_yaml(data)).encode()
    article = _checked(target, content, project)
    if review.record != name:
        save_review(file, review.model_copy(update={"record": name}))
    write_whole(target, content)
    waiting = sum(claim.status == "proposed" and not claim.stale for claim in review.claims)
    return Accepted(target, len(article.reports), len(article.measurements), len(article.signals), left, waiting)


def _checked(target: Path, content: bytes, project: Project) -> Article:
    """The record as the engine will read it, or every fault of it before anything is written."""
    document = parse(str(target), content)
    article = read(document, Article, (), id=target.stem)
    faults: list[Fault] = [
        document.fault(*complaint)
        for complaint in article_complaints(article, project, set(project.scenarios), set(project.sources))
    ]
    if faults:
        raise FaultyFilesError(faults)
    return article
