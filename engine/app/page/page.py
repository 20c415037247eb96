"""One HTML file from a forecast: text, charts, style and scripts, with nothing left to fetch."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from engine.analysis.attribution import waterfalls
from engine.analysis.confidence import RULE
from engine.analysis.forecast import Forecast
from engine.analysis.sources import track_records
from engine.analysis.words import BANDS
from engine.app.page import wording
from engine.app.page.chart import Chart
from engine.app.page.chart_of_beliefs import beliefs
from engine.app.page.chart_of_drivers import drivers
from engine.app.page.chart_of_moves import moves
from engine.app.page.chart_of_years import years
from engine.app.report import Report, ScenarioReport
from engine.app.reporting import report_of
from engine.errors import ForecastError
from engine.records.article import Article
from engine.records.project import Project

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Section:
    """One scenario on the page."""

    report: ScenarioReport
    charts: tuple[Chart, ...]
    """What moved it, and the ten years; none once it is resolved."""


def page_of(forecast: Forecast, run_id: str) -> str:
    """The page of a run, as HTML."""
    project, report = forecast.project, report_of(forecast, run_id)
    scripts = [Markup(text) for text in (_plotly(), (HERE / "page.js").read_text(encoding="utf-8"))]  # noqa: S704  (ours, and a package's)
    sections = _sections(forecast, report)
    return (
        _environment(project)
        .get_template("page.html.jinja")
        .render(
            report=report,
            sections=sections,
            shown={one.id for one in report.scenarios},
            overview=beliefs(report),
            map=drivers(report, project),
            sources=track_records(forecast.posterior, project),
            articles=_cited(report, project),
            rule=RULE,
            bands=[(term, numbers) for _, term, numbers in BANDS],
            style=Markup((HERE / "page.css").read_text(encoding="utf-8")),  # noqa: S704
            scripts=scripts,
            hashes=[_hash(script) for script in scripts],
        )
    )


def _sections(forecast: Forecast, report: Report) -> list[Section]:
    still_open = [one.id for one in report.scenarios if one.status in {"open", "due"}]
    moved = {found.scenario: found for found in waterfalls(forecast.posterior, still_open)}
    return [
        Section(
            report=one,
            charts=(
                *([moves(moved[one.id], forecast.project)] if one.id in moved else []),
                *([years(one)] if one.status in {"open", "due"} else []),
            ),
        )
        for one in report.scenarios
    ]


def _cited(report: Report, project: Project) -> list[Article]:
    """Every article the page speaks of, the newest first."""
    names: set[str] = set()
    for one in report.scenarios:
        names.update(*(line.articles for line in one.evidence))
        names.update(*(line.articles for line in (one.quantity.numbers if one.quantity else ())))
        names.update(*(line.articles for line in (one.forecasts.forecasts if one.forecasts else ())))
    return sorted((project.articles[name] for name in names), key=lambda a: (a.known_on, a.id), reverse=True)


def _environment(project: Project) -> Environment:
    """Everything is escaped, and a name the template does not know is an error."""
    found = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    found.filters |= {
        "percent": wording.percent,
        "signed": wording.signed,
        "between": wording.between,
        "day": wording.day,
        "dated": wording.dated,
        "range": wording.range_of,
        "stance": wording.stance,
        "term": wording.term_of,
        "unbroken": wording.unbroken,
        "with_words": wording.with_words,
    }
    found.globals |= {
        "article": project.articles.__getitem__,
        "source_name": lambda voice: wording.source_name(project, voice),
        "title_of": lambda scenario: project.scenarios[scenario].title,
    }
    return found


def _plotly() -> str:
    """Plotly's JavaScript out of the installed package, whose Python is never imported."""
    found = find_spec("plotly")
    if not found or not found.origin:
        raise ForecastError("plotly: is not installed, and the page draws with it. Run: pip install plotly.")
    return (Path(found.origin).parent / "package_data" / "plotly.min.js").read_text(encoding="utf-8")


def _hash(script: str) -> str:
    """What the page's content security policy allows to run: this text and no other."""
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
