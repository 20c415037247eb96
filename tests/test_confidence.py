"""Confidence, apart from likelihood: who speaks, how much is still the prior, how wide it is."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from builders import article, indicator, project, report, scenario

from engine.analysis.confidence import Confidence, confidence, effective_number, overlap
from engine.analysis.forecast import forecast

STRONG = Confidence(n_sources=5, effective_sources=4.0, prior_share=0.2, width=0.2, trusted=True)


@pytest.mark.parametrize(
    ("sizes", "number"),
    [
        ([], 0.0),
        ([0.0, 0.0], 0.0),
        ([3.0], 1.0),
        ([2.0, 2.0, 2.0], 3.0),
        ([3.0, 1.0], 16 / 10),  # (3 + 1)^2 / (9 + 1)
        ([4.0, 1.0, 1.0], 36 / 18),
    ],
)
def test_the_effective_number_counts_equal_pulls_and_discounts_unequal_ones(sizes, number):
    assert effective_number(np.array(sizes)) == pytest.approx(number)


def test_a_distribution_overlaps_itself_wholly_and_one_elsewhere_not_at_all():
    x = np.linspace(0.1, 0.3, 1000)
    assert overlap(x, x) == pytest.approx(1)
    assert overlap(x, x + 0.5) == pytest.approx(0.05)  # all of it in the last twentieth, which is open upwards


def test_overlap_is_the_shared_area():
    first = np.repeat([0.1, 0.9], [300, 100])
    then = np.repeat([0.1, 0.9], [100, 300])
    assert overlap(first, then) == pytest.approx(0.5)  # min(.75, .25) + min(.25, .75)


def test_half_of_a_uniform_shares_half_with_it():
    whole = np.linspace(0, 1, 10_000)
    assert overlap(whole, whole / 2) == pytest.approx(0.5, abs=0.001)


@pytest.mark.parametrize(
    ("change", "level", "reason"),
    [
        ({}, "high", ""),
        ({"effective_sources": 2.5}, "moderate", ""),
        ({"prior_share": 0.5}, "moderate", ""),
        ({"width": 0.45}, "moderate", ""),
        ({"effective_sources": 1.2}, "low", "few independent sources"),
        ({"prior_share": 0.8}, "low", "mostly the prior"),
        ({"width": 0.7}, "low", "a wide interval"),
        ({"trusted": False}, "low", "checks failed"),
    ],
)
def test_one_weak_side_makes_it_low_and_only_three_strong_ones_make_it_high(change, level, reason):
    found = replace(STRONG, **change)
    assert found.level == level
    assert found.statement.startswith(f"Confidence is {level}")
    assert reason in found.statement


def test_the_statement_gives_the_figures_and_no_likelihood():
    told = replace(STRONG, n_sources=5, effective_sources=2.04, prior_share=0.36, width=0.64).statement
    assert "5 sources" in told
    assert "2.0" in told
    assert "36 %" in told
    assert "64 percentage points" in told
    assert "likely" not in told


def answer(*articles, **fields):
    records = project({"a": scenario(0.3, indicators={"i": indicator(), "j": indicator()}, **fields)}, articles)
    return forecast(records, date(2024, 1, 1), "importance", 1000)


def test_a_source_counts_once_however_often_it_speaks():
    once = confidence(answer(article(report("a/i", "ann"))), "a")
    often = confidence(answer(*[article(report("a/i", "ann"), report("a/j", "ann"))] * 5), "a")
    assert once is not None
    assert often is not None
    assert once.n_sources == often.n_sources == 1
    assert once.effective_sources == often.effective_sources == 1


def test_with_no_report_the_prior_is_all_there_is():
    found = confidence(answer(), "a")
    assert found is not None
    assert (found.n_sources, found.effective_sources) == (0, 0)
    assert found.prior_share > 0.9
    assert found.level == "low"
    assert "No source speaks of it." in found.statement


def test_numbers_of_a_quantity_are_witnesses_too():
    prior = {"quantity": {"unit": "troops", "median": 4000, "interval": [500, 20000], "at_least": 10000}}
    number = {"scenario": "a", "source": "bob", "kind": "observed", "value": 3000, "credibility": 2}
    found = confidence(answer(article(publisher="bob", measurements=[number]), prior=prior), "a")
    assert found is not None
    assert found.n_sources == 1


def test_what_is_resolved_is_known_and_has_no_confidence():
    resolved = answer(resolution={"happened": True, "on": "2024-01-01"})
    assert confidence(resolved, "a") is None


def test_a_source_that_also_admits_something_counts_once():
    denial, admission = report("a/i", "ann", "denies"), report("a/j", "ann", against_interest=True)
    found = confidence(answer(article(denial), article(admission)), "a")
    assert found is not None
    assert found.n_sources == 1
    assert found.effective_sources == 1
