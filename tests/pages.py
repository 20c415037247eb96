"""Pages to look at: the shipped story's, and one in which every text wants to be markup."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from builders import GRADES, article, indicator, project, report, scenario

from engine.app.notebook import forecast, load
from engine.app.page.page import page_of
from engine.records.settings import Settings

ROOT = Path(__file__).parents[1]
ENDLESS = "x" * 300
HOSTILE = "</script><script>document.title='taken'</script> \"quoted\" 'single' {{ 7*7 }} &amp; <b>bold</b> <!--"
DAY = date(2024, 6, 1)


@cache
def story() -> str:
    """The page of the shipped story."""
    return page_of(forecast(load(ROOT / "scenarios"), engine="importance", draws=1000), "run")


@cache
def hostile() -> str:
    """A page with scenarios named like parts of the page, a driver, a quantity, somebody's forecast, a withdrawn report, a signal and a resolved scenario."""
    return page_of(forecast(hostile_project(), DAY, "importance", 800), "run")


def hostile_project():
    prior = {"quantity": {"unit": HOSTILE, "median": 4000, "interval": [500, 20000], "at_least": 10000}}
    texts = {"title": HOSTILE, "question": f"{HOSTILE} {ENDLESS}"}
    said = indicator(statement=HOSTILE)
    scenarios = {
        "overview": scenario(prior=prior, indicators={"i": said}, **texts),
        "b": scenario(
            prior={"probability": 0.2, "basis": HOSTILE},
            drivers=[{"scenario": "overview", "hazard_ratio": 3, "because": HOSTILE}],
            indicators={"j": said, "k": said},
            outlook={"statement": HOSTILE, "probability": 0.5},
            signals=["s"],
            **texts,
        ),
        "sources": scenario(0.1, indicators={"l": said}, resolution={"happened": True, "on": "2024-05-01"}, **texts),
    }
    words = {"title": HOSTILE, "summary": ENDLESS}
    number = {"scenario": "overview", "source": "bob", "kind": "observed", "value": 3000, "credibility": 2}
    market = {"scenario": "b", "source": "cat", "kind": "market", "probability": 0.3}
    signal = {"id": "s", "name": HOSTILE, "ten_year": HOSTILE, "relevancy": 4}
    url = "https://example.org/?a=<b>".replace("<b>", "%3Cb%3E&x=y")
    articles = [
        article(report("overview/i", "ann"), report("b/j", "bob", "denies", 2), url=url, **words),
        article(report("b/k", "dan"), report("sources/l", "bob"), **words),
        article(report("b/k", "dan", "denies"), published="2024-02-01", **words),
        article(report("b/j", "eve"), **words),
        article(report("b/j", "eve", "retracted"), published="2024-02-01", **words),
        article(publisher="bob", measurements=[number], **words),
        article(publisher="cat", forecasts=[market], signals=[signal], **words),
    ]
    found = project(scenarios, articles, GRADES)
    named = {name: source.model_copy(update={"name": f"{name} {HOSTILE}"}) for name, source in found.sources.items()}
    return type(found)(
        settings=Settings(title=HOSTILE), scenarios=found.scenarios, sources=named, articles=found.articles
    )
