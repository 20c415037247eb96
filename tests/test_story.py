"""The shipped case study: what the five documents say, dated and graded, and an answer that can be trusted."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.app.files import load
from engine.app.notebook import forecast
from engine.belief.hearing import build
from engine.belief.inference import infer

ROOT = Path(__file__).parents[1]
DOCUMENTS = ROOT.parent / "shared" / "seeds"
AS_OF = date(2024, 11, 10)
REQUIRED = {
    "rok-lethal-aid",
    "dprk-troops-10k",
    "rus-tech-to-dprk",
    "rok-nato-standing",
    "dprk-suicide-drones",
    "rok-dprk-clash",
    "rok-main-arms-supplier",
}
PUBLISHED = {
    "2024-10-24-arms-industry-and-a-thin-pledge": date(2024, 10, 24),
    "2024-10-23-seoul-weighs-weapons": "unknown",
    "2024-10-22-rok-closer-to-nato": date(2024, 10, 22),
    "2024-12-23-jcs-drones-and-more-troops": "unknown",
    "2024-11-10-horizon-scan": date(2024, 11, 10),
}
"""The five documents, in the order in which they came to hand."""
TABLES = {"signal": 5, "concern": 6, "behaviour": 7, "technology": 4, "issue": 5}


@cache
def shipped():
    return load(ROOT / "scenarios")


@pytest.fixture
def story():
    return shipped().project


@cache
def answer():
    return forecast(shipped().project, engine="importance")


# --- records ---


def test_the_story_loads_without_a_fault_or_a_warning():
    assert shipped().warnings == ()


def test_the_story_stands_still(story):
    assert story.settings.as_of == AS_OF


def test_the_required_scenarios_are_there(story):
    assert set(story.scenarios) >= REQUIRED
    assert len(story.scenarios) >= 7


def test_every_prior_says_what_it_is_based_on(story):
    assert not [name for name, scenario in story.scenarios.items() if not scenario.prior.basis]


def test_every_scenario_is_joined_to_the_scan_and_reported_on(story):
    reported = {report.indicator.split("/")[0] for article in story.articles.values() for report in article.reports}
    reported |= {number.scenario for article in story.articles.values() for number in article.measurements}
    for name in REQUIRED - {"rok-main-arms-supplier"}:
        assert name in reported, name
    assert not [name for name in REQUIRED if not story.scenarios[name].signals]


def test_there_are_drivers_between_them_with_reasons(story):
    drivers = [driver for scenario in story.scenarios.values() for driver in scenario.drivers]
    assert len(drivers) >= 3
    assert all(driver.because for driver in drivers)


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_five_documents_carry_the_date_of_their_story_and_not_of_their_page(name, story):
    article = story.articles[name]
    assert article.published == PUBLISHED[name]
    assert article.date_basis
    if article.published == "unknown":
        assert article.received is not None


def test_the_page_of_april_2025_is_not_dated_by_its_clock(story):
    assert "27 April 2025" in story.articles["2024-10-22-rok-closer-to-nato"].date_basis


def test_the_scan_has_all_rows_of_its_five_tables(story):
    assert Counter(signal.kind for signal in story.signals.values()) == TABLES
    assert len(story.signals) == sum(TABLES.values()) == 27
    scan = story.articles["2024-11-10-horizon-scan"]
    assert len(scan.signals) == 27
    for signal in scan.signals:
        if signal.kind == "signal":
            assert signal.change, signal.id
            assert signal.ten_year, signal.id
            assert signal.driving_force, signal.id


def test_every_source_has_a_reason_for_its_letter(story):
    assert not [name for name, source in story.sources.items() if not source.because]
    speaking = {r.source for a in story.articles.values() for r in (*a.reports, *a.measurements, *a.forecasts)}
    assert speaking | {a.publisher for a in story.articles.values()} == set(story.sources)


def test_denials_of_the_parties_to_the_deal_are_worth_little(story):
    for name in ("dprk-government", "rus-government"):
        assert story.sources[name].reliability in "DE"


def test_every_article_of_the_dated_claims_has_its_address(story):
    without = {name for name, article in story.articles.items() if not article.url}
    assert without <= set(PUBLISHED)


# --- what is counted ---


def test_nothing_dated_after_its_day_is_counted(story):
    network = build(story, AS_OF)
    told = {
        *(name for witness in network.evidence.witnesses for name in witness.articles),
        *(name for number in network.measurements.numbers for name in number.articles),
        *(name for opinion in network.readings.opinions for name in opinion.articles),
    }
    assert told
    assert not [name for name in told if story.articles[name].known_on > AS_OF]
    assert all(story.scenarios[network.ids[place]].resolution.on <= AS_OF for place in network.known)
    assert any(article.known_on > AS_OF for article in story.articles.values()), "nothing to leave out"


def test_the_answer_is_that_of_a_folder_which_never_heard_of_later_things(story):
    def as_it_stood(scenario):
        known = scenario.resolution and scenario.resolution.on <= AS_OF
        return scenario if known else scenario.model_copy(update={"resolution": None})

    then = replace(
        story,
        articles={name: article for name, article in story.articles.items() if article.known_on <= AS_OF},
        scenarios={name: as_it_stood(scenario) for name, scenario in story.scenarios.items()},
    )
    assert len(then.articles) < len(story.articles)
    found, expected = (infer(build(one, AS_OF), "importance", 1000, 1) for one in (story, then))
    np.testing.assert_array_equal(found.belief.scenarios, expected.belief.scenarios)
    np.testing.assert_array_equal(found.relevancy, expected.relevancy)


# --- the answer ---


def test_the_quick_engine_s_answer_is_sound():
    checks = answer().posterior.diagnostics
    assert checks.sound, checks.message
    assert checks.pareto_k < 0.7
    assert checks.min_ess >= 400


@pytest.mark.parametrize("seed", [2, 3])
def test_another_seed_gives_the_same_answer(seed, story):
    other = infer(build(story, AS_OF), "importance", 4000, seed)
    assert other.diagnostics.sound, other.diagnostics.message
    # two runs, each off by its own error
    bound = 4 * np.hypot(other.mcse, answer().posterior.mcse) + 1e-9
    assert (np.abs(other.probability - answer().posterior.probability) <= bound).all()


def test_the_beliefs_lie_where_the_evidence_points():
    """Signs only, each worked out from the documents: what is repeatedly affirmed rises, what nobody saw does not."""
    found = dict(zip(answer().posterior.network.ids, answer().posterior.probability, strict=True))
    prior = dict(zip(answer().posterior.network.ids, answer().prior.probability, strict=True))
    for name in ("dprk-troops-10k", "rok-lethal-aid", "rok-nato-standing", "rus-tech-to-dprk"):
        assert found[name] > prior[name], name
    assert found["rok-lethal-aid"] < 0.6  # the law forbids what officials float


# --- whose words ---

RUN = 8
"""Consecutive words in common: fewer turn up by chance in names and titles."""


def words_of(text):
    return re.findall(r"[a-z0-9]+(?:['’][a-z]+)?", text.lower())


def runs_of(text):
    """Every run of RUN consecutive words."""
    words = words_of(text)
    return {tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1)}


@cache
def runs_of_documents():
    texts = [path.read_text(encoding="utf-8") for path in sorted(DOCUMENTS.glob("*.txt"))]
    return frozenset().union(*map(runs_of, texts)) if texts else frozenset()


def own_words(article):
    """Everything in a record that is ours to word: summary, notes, and the rows of the scan."""
    yield article.summary
    yield from (record.note for record in (*article.reports, *article.measurements, *article.forecasts) if record.note)
    for signal in article.signals:
        yield from filter(None, (signal.name, signal.change, signal.ten_year, signal.driving_force))


def test_no_record_repeats_eight_words_of_the_documents(story):
    if not DOCUMENTS.is_dir() or not runs_of_documents():
        pytest.skip(f"the documents' texts belong to their publishers and are not in {DOCUMENTS}")
    shared = {
        name: [" ".join(run) for text in own_words(article) for run in sorted(runs_of(text) & runs_of_documents())]
        for name, article in story.articles.items()
    }
    assert not {name: found for name, found in shared.items() if found}


def test_what_counts_as_repeating_is_found():
    text = "the law of the land forbids all arms for a country at war today"
    assert len(runs_of(text)) == len(words_of(text)) - RUN + 1
    assert runs_of("He said: the LAW of the land, forbids all ARMS today") & runs_of(text)
    assert not runs_of("the law of the land forbids some arms for a country") & runs_of(text)
