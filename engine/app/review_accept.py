"""`forecast accept`: the accepted claims of a review file become the article record in `seeds/`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.app.bounded import read_bounded
from engine.app.files import KEPT_APART, write_whole
from engine.app.inbox import load_review, save_review, to_yaml
from engine.errors import Fault, FaultyFilesError, ForecastError
from engine.extraction.claims import TAKEN, Review, text_hash
from engine.extraction.record import article_record, record_id
from engine.records.article import Article
from engine.records.checks import article_complaints
from engine.records.project import Project
from engine.records.reading import MAX_BYTES, parse, read

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
    to_link: tuple[tuple[str, str], ...]
    """(scenario, signal) wherever the review links a signal to a scenario whose file does not name it yet."""


def accept(file: Path, project: Project, seeds: Path) -> Accepted:
    """Write the article record of a review file; the decision stays in the review file, which names the record."""
    review = load_review(file)
    name = record_id(review)
    target = seeds / f"{name}.yaml"
    if target.name in KEPT_APART:
        raise ForecastError(f"{file}: record: {name} is the name of another kind of file. Give it another.")
    data, left = article_record(review, project.scenarios)
    content = (_SCHEMA + to_yaml(data)).encode()
    article = _checked(f"{file}, as the record {target.name}", name, content, project)
    if target.exists():
        _may_replace(target, content, file, review)
    save_review(file, review.model_copy(update={"record": name}))  # refused here, nothing is written at all
    write_whole(target, content)
    save_review(file, review.model_copy(update={"record": name, "written": text_hash(content.decode())}))
    waiting = sum(claim.status == "proposed" and not claim.stale for claim in review.claims)
    return Accepted(
        path=target,
        reports=len(article.reports),
        measurements=len(article.measurements),
        signals=len(article.signals),
        left_out=left,
        open_claims=waiting,
        to_link=tuple(_unlinked(review, project)),
    )


def _may_replace(target: Path, content: bytes, file: Path, review: Review) -> None:
    """A record is written anew over what this review file wrote, and over nothing else without being told so."""
    there = read_bounded(target, MAX_BYTES)
    if there == content:
        return
    if review.record != target.stem:
        raise ForecastError(
            f"{target}: is there already and was not written from {file}. Put `record: {target.stem}` into {file} to "
            "replace it, or another name to stand beside it."
        )
    if review.written and review.written != text_hash(there.decode("utf-8", errors="replace")):
        raise ForecastError(
            f"{target}: was changed since it was written from {file}. Make the same changes in {file}, then take "
            "`written:` out of it to replace the record."
        )


def _unlinked(review: Review, project: Project) -> Iterator[tuple[str, str]]:
    for signal in review.signals:
        name = signal.known_as or signal.id
        for scenario in signal.scenarios if signal.status in TAKEN else ():
            if scenario in project.scenarios and name not in project.scenarios[scenario].signals:
                yield scenario, name


def _checked(shown: str, name: str, content: bytes, project: Project) -> Article:
    """The record as the engine will read it, or every fault of it before anything is written."""
    document = parse(shown, content)
    article = read(document, Article, (), id=name)
    faults: list[Fault] = [
        document.fault(*complaint)
        for complaint in article_complaints(article, project, set(project.scenarios), set(project.sources))
    ]
    if faults:
        raise FaultyFilesError(faults)
    return article
