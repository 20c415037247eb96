"""From the files of a folder, given as bytes, to a checked project."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Literal

from pydantic import BaseModel

from engine.errors import Fault, FaultyFilesError, ForecastError, nearest
from engine.records.article import Article
from engine.records.checks import (
    Complaint,
    article_complaints,
    article_warnings,
    network_complaints,
    scenario_complaints,
    scenario_warnings,
    signal_complaints,
)
from engine.records.project import Project
from engine.records.reading import Document, parse, read
from engine.records.scenario import Prior, Scenario
from engine.records.settings import Settings
from engine.records.source import Source

type Kind = Literal["scenario", "article"]


@dataclass(frozen=True)
class Files:
    """The bytes of a project's files, by the path shown to people."""

    scenarios: Mapping[str, bytes]
    articles: Mapping[str, bytes] = field(default_factory=dict)
    sources: Mapping[str, bytes] = field(default_factory=dict)
    settings: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Assembled:
    """A project without faults, and what in it is probably not meant."""

    project: Project
    warnings: tuple[Fault, ...]


def read_settings(files: Files) -> Settings:
    """The folder's own settings, or the defaults."""
    for path, content in files.settings.items():
        return read(parse(path, content), Settings)
    return Settings()


def assemble(files: Files) -> Assembled:
    """Read and cross-check everything; one error tells every fault of every file."""
    desk = _Desk()
    scenarios = desk.parse_all(files.scenarios)
    articles = desk.parse_all(files.articles)
    sources = desk.parse_all(files.sources)
    project = Project(
        settings=desk.attempt(read_settings, files) or Settings(),
        scenarios=desk.read_all(scenarios, Scenario),
        sources=desk.read_sources(sources),
        articles=desk.read_all(articles, Article),
    )
    told_at = _Places(scenarios, articles)
    known_scenarios = {_stem(path) for path in files.scenarios}
    known_sources = {name for document in sources.values() for name in document.data}
    if not files.sources:
        known_sources |= {name for article in project.articles.values() for name in article.quoted}
    told = complaints(project, known_scenarios, known_sources)
    faults = [*desk.faults, *(told_at.of(kind, name).fault(*complaint) for kind, name, complaint in told)]
    if known_sources and not files.sources:
        told_of = f"is missing, and {len(known_sources)} sources are named. Add it: a name and a reliability for each."
        faults.append(Fault(str(PurePosixPath(min(files.articles)).with_name("sources.yaml")), 0, "", told_of))
    if not files.scenarios:
        faults.append(Fault("", 0, "", "There is no scenario file here. Add one, named like rok-lethal-aid.yaml."))
    if faults:
        raise FaultyFilesError(faults)
    return Assembled(project, tuple(sorted(_warnings(project, told_at))))


@dataclass(frozen=True)
class _Places:
    """Which document a record was read from."""

    scenarios: Mapping[str, Document]
    articles: Mapping[str, Document]

    def scenario(self, name: str) -> Document:
        return next(document for path, document in self.scenarios.items() if _stem(path) == name)

    def article(self, name: str) -> Document:
        return next(document for path, document in self.articles.items() if _stem(path) == name)

    def of(self, kind: Kind, name: str) -> Document:
        return self.scenario(name) if kind == "scenario" else self.article(name)


def complaints(
    project: Project, known_scenarios: Container[str] | None = None, known_sources: Container[str] | None = None
) -> Iterator[tuple[Kind, str, Complaint]]:
    """What does not hold between the records of a project: each with the scenario or article it is told of.

    Names that are known, though their own record could not be read, may be pointed at.
    """
    scenarios = project.scenarios if known_scenarios is None else known_scenarios
    sources = project.sources if known_sources is None else known_sources
    for name, scenario in project.scenarios.items():
        for complaint in scenario_complaints(scenario, project, scenarios):
            yield "scenario", name, complaint
    for name, complaint in network_complaints(project.scenarios):
        yield "scenario", name, complaint
    for name, complaint in signal_complaints(project.articles):
        yield "article", name, complaint
    for name, article in project.articles.items():
        for complaint in article_complaints(article, project, scenarios, sources):
            yield "article", name, complaint


def restated(project: Project, scenario: str, **prior: object) -> Project:
    """The project with another prior for one scenario, its basis and window kept; refused where that cannot hold.

    `prior` are the fields of a scenario file: probability, interval, base_rate or quantity.
    """
    if scenario not in project.scenarios:
        raise ForecastError(f"{scenario}: is no scenario here. {nearest(scenario, project.scenarios)}")
    record = project.scenarios[scenario]
    kept = {"basis": record.prior.basis, "as_of": record.prior.as_of and record.prior.as_of.isoformat()}
    document = Document(
        f"{scenario}.yaml", b"", {"prior": {key: value for key, value in kept.items() if value} | prior}
    )
    other = record.model_copy(update={"prior": read(document, Prior, ("prior",))})
    found = replace(project, scenarios={**project.scenarios, scenario: other})
    faults = [Fault(f"{name}.yaml", 0, ".".join(map(str, field)), told) for _, name, (field, told) in complaints(found)]
    if faults:
        raise FaultyFilesError(faults)
    return found


def _warnings(project: Project, told_at: _Places) -> Iterator[Fault]:
    for name, complaint in scenario_warnings(project.scenarios):
        yield told_at.scenario(name).fault(*complaint)
    for name, complaint in article_warnings(project.articles):
        yield told_at.article(name).fault(*complaint)


def _stem(path: str) -> str:
    return PurePosixPath(path).stem


@dataclass
class _Desk:
    """Reads one file after another and keeps the faults, so that all are told at once."""

    faults: list[Fault] = field(default_factory=list)

    def attempt[**P, T](self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return step(*args, **kwargs)
        except FaultyFilesError as error:
            self.faults.extend(error.faults)
            return None

    def parse_all(self, files: Mapping[str, bytes]) -> dict[str, Document]:
        parsed = {path: self.attempt(parse, path, content) for path, content in sorted(files.items())}
        return {path: document for path, document in parsed.items() if document is not None}

    def read_all[R: BaseModel](self, documents: Mapping[str, Document], kind: type[R]) -> dict[str, R]:
        records = {
            _stem(path): self.attempt(read, document, kind, (), id=_stem(path)) for path, document in documents.items()
        }
        return {name: record for name, record in sorted(records.items()) if record is not None}

    def read_sources(self, documents: Mapping[str, Document]) -> dict[str, Source]:
        records = {
            name: self.attempt(read, document, Source, (name,), id=name)
            for document in documents.values()
            for name in sorted(document.data)
        }
        return {name: record for name, record in records.items() if record is not None}
