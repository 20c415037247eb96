"""From reports to witnesses: a source speaks once about an indicator, however often it is printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from engine.records.article import Article, Report
from engine.records.fields import WEIGHT_OF_CREDIBILITY
from engine.records.project import Project
from engine.records.source import Source

BETA_OF_GRADE = {
    "A": (19.0, 1.0),
    "B": (8.5, 1.5),
    "C": (6.5, 3.5),
    "D": (4.0, 6.0),
    "E": (1.5, 8.5),
    "F": (1.0, 1.0),
}
"""Prior of a source's reliability by its Admiralty letter, 0 a coin, 1 always right."""

ADMISSION = " (against interest)"


@dataclass(frozen=True)
class Witness:
    """All that one source says about one indicator, as it stands on the day of the run."""

    indicator: str
    source: str
    stance: str
    weight: float
    """kappa: the best credibility among its reports, relays discounted."""
    detection: float
    """For stance absent: chance that the search would have found it; else 1."""
    articles: tuple[str, ...]
    n_reports: int

    @property
    def grade_source(self) -> str:
        """The source whose letter counts, without the mark of an admission."""
        return self.source.removesuffix(ADMISSION)


@dataclass(frozen=True)
class DatedReport:
    """A report with the article it was found in."""

    report: Report
    article: Article

    @property
    def known_on(self) -> date:
        """The first day on which it counts."""
        return self.article.known_on


def reports_known(project: Project, as_of: date, scenarios: Iterable[str]) -> Iterator[DatedReport]:
    """Every report about these scenarios from articles known by `as_of`, in a fixed order."""
    wanted = frozenset(scenarios)
    for article in project.articles.values():
        if article.known_on <= as_of:
            for report in article.reports:
                if report.indicator.partition("/")[0] in wanted:
                    yield DatedReport(report, article)


def standings(project: Project, as_of: date, scenarios: Iterable[str]) -> dict[tuple[str, str], list[DatedReport]]:
    """All that each source has said about each indicator by `as_of`, oldest first: keys (indicator, source)."""
    heard: dict[tuple[str, str], list[DatedReport]] = defaultdict(list)
    for dated in reports_known(project, as_of, scenarios):
        heard[dated.report.indicator, dated.report.source].append(dated)
    return {
        key: sorted(said, key=lambda dated: (dated.known_on, dated.article.id)) for key, said in sorted(heard.items())
    }


def witnesses(project: Project, as_of: date, scenarios: Iterable[str]) -> list[Witness]:
    """One witness for each indicator and source whose newest stance says something."""
    found = (_witness(project, *key, said) for key, said in standings(project, as_of, scenarios).items())
    return [witness for witness in found if witness is not None]


def _witness(project: Project, indicator: str, source: str, heard: list[DatedReport]) -> Witness | None:
    """The newest stance, as credible as its best report; None if it was retracted or contradicts itself.

    An admission against interest speaks in a voice of its own, graded A: it neither borrows nor
    lends the reliability of the same source speaking for itself.
    """
    newest = max(dated.known_on for dated in heard)
    stances = {dated.report.stance for dated in heard if dated.known_on == newest}
    if len(stances) > 1 or "retracted" in stances:
        return None
    (stance,) = stances
    changed = max((dated.known_on for dated in heard if dated.report.stance != stance), default=date.min)
    holding = [dated for dated in heard if dated.report.stance == stance and dated.known_on > changed]
    admitted = [dated for dated in holding if dated.report.against_interest]
    best = max(admitted or holding, key=lambda dated: _strength(project, dated))
    return Witness(
        indicator=indicator,
        source=source + (ADMISSION if admitted else ""),
        stance=stance,
        weight=_weight(project, best),
        detection=best.report.detection or 1.0,
        articles=tuple(sorted({dated.article.id for dated in holding})),
        n_reports=len(holding),
    )


def stood_by(project: Project, witness: Witness) -> list[tuple[Article, Report]]:
    """The reports a witness stands by, with the articles they were found in."""
    said = (witness.indicator, witness.grade_source, witness.stance)
    return [
        (project.articles[name], report)
        for name in witness.articles
        for report in project.articles[name].reports
        if (report.indicator, report.source, report.stance) == said
    ]


def digit_of(project: Project, witness: Witness) -> int:
    """The Admiralty digit of the report that counts."""
    reports = (DatedReport(report, article) for article, report in stood_by(project, witness))
    admitted = [dated for dated in reports if dated.report.against_interest == witness.source.endswith(ADMISSION)]
    return max(admitted, key=lambda dated: _strength(project, dated)).report.credibility


def _strength(project: Project, dated: DatedReport) -> tuple[float, float]:
    """What a report can move at most: its weight, times the chance that the search would have found it."""
    weight = _weight(project, dated)
    return weight * (dated.report.detection or 1.0), weight


def _weight(project: Project, dated: DatedReport) -> float:
    return relay_weight(project, dated.article, dated.report.source, dated.report.credibility)


def relay_weight(project: Project, article: Article, source: str, credibility: int) -> float:
    """kappa: the credibility of what was found, times the publisher's mean reliability if it is a relay."""
    own = WEIGHT_OF_CREDIBILITY[credibility]
    return own if article.publisher == source else relay_weight_of(own, project.sources[article.publisher])


def relay_weight_of(own: float, publisher: Source) -> float:
    """What is left of a weight after a relay: the publisher's mean reliability of it."""
    a, b = BETA_OF_GRADE[publisher.reliability]
    return own * a / (a + b)
