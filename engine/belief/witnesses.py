"""From reports to witnesses: a source speaks once about an indicator, however often it is printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from engine.records.article import Article, Report
from engine.records.project import Project

BETA_OF_GRADE = {
    "A": (19.0, 1.0),
    "B": (8.5, 1.5),
    "C": (6.5, 3.5),
    "D": (4.0, 6.0),
    "E": (1.5, 8.5),
    "F": (1.0, 1.0),
}
"""Prior of a source's reliability by its Admiralty letter, 0 a coin, 1 always right."""

WEIGHT_OF_CREDIBILITY = {1: 1.0, 2: 0.9, 3: 0.75, 4: 0.5, 5: 0.2, 6: 0.75}
"""How far a report of this Admiralty digit is believed, times the source's reliability."""

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


def witnesses(project: Project, as_of: date, scenarios: Iterable[str]) -> list[Witness]:
    """One witness for each indicator and source whose newest stance says something.

    An admission against interest is a voice of its own: it is graded A, so it does not
    borrow, or lend, the reliability of the same source speaking for itself.
    """
    heard: dict[tuple[str, str], list[DatedReport]] = defaultdict(list)
    for dated in reports_known(project, as_of, scenarios):
        voice = dated.report.source + (ADMISSION if dated.report.against_interest else "")
        heard[dated.report.indicator, voice].append(dated)
    found = (_witness(project, *key, reports) for key, reports in sorted(heard.items()))
    return [witness for witness in found if witness is not None]


def _witness(project: Project, indicator: str, source: str, heard: list[DatedReport]) -> Witness | None:
    """The newest stance, as credible as its best report; None if it was retracted or contradicts itself."""
    newest = max(dated.known_on for dated in heard)
    stances = {dated.report.stance for dated in heard if dated.known_on == newest}
    if len(stances) > 1 or "retracted" in stances:
        return None
    (stance,) = stances
    holding = [
        dated for dated in heard if dated.report.stance == stance and dated.known_on > _last_change(heard, stance)
    ]
    best = max(holding, key=lambda dated: (_weight(project, dated), dated.article.id))
    return Witness(
        indicator=indicator,
        source=source,
        stance=stance,
        weight=_weight(project, best),
        detection=max(dated.report.detection or 0.0 for dated in holding) if stance == "absent" else 1.0,
        articles=tuple(sorted({dated.article.id for dated in holding})),
        n_reports=len(holding),
    )


def _last_change(heard: list[DatedReport], stance: str) -> date:
    """The last day on which the source still said something else."""
    return max((dated.known_on for dated in heard if dated.report.stance != stance), default=date.min)


def _weight(project: Project, dated: DatedReport) -> float:
    """kappa of one report: its credibility, times the publisher's mean reliability if it is a relay."""
    credibility = WEIGHT_OF_CREDIBILITY[dated.report.credibility]
    if dated.article.publisher == dated.report.source:
        return credibility
    a, b = BETA_OF_GRADE[project.sources[dated.article.publisher].reliability]
    return credibility * a / (a + b)
