"""Prior against evidence: power-scaling of a chance, by hand, against ArviZ, and in the words it leads to."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pytest
import test_outlook
from builders import DAY, article, indicator, network, report, scenario

from engine.analysis.sensitivity import distance, sensitivity
from engine.belief.inference import infer
from engine.probability import expit, logit


def posterior_of(scenarios, articles=(), as_of=DAY, draws=8000):
    return infer(network(scenarios, articles, as_of), "importance", draws, 1)


def sharp(probability, **fields):
    """A prior so narrow that its hazard counts as known."""
    return scenario(
        prior={"probability": probability, "interval": [probability - 0.001, probability + 0.001]}, **fields
    )


def believed():
    return posterior_of({"a": sharp(0.2, indicators={"i": indicator(0.9, 0.3)})}, [article(report("a/i", "ann"))])


def test_a_prior_held_more_firmly_multiplies_its_log_odds():
    """Sharp prior 0.2, one witness: log odds 1.25 logit(0.2) + log LR; and logit(0.2) + 1.25 log LR."""
    found = sensitivity(believed(), "a")
    prior = logit(0.2)
    log_ratio = logit(found.now) - prior
    # what a hazard and a source that are not quite known add
    assert found.prior_firmer == pytest.approx(expit(1.25 * prior + log_ratio), abs=0.005)
    assert found.evidence_firmer == pytest.approx(expit(prior + 1.25 * log_ratio), abs=0.01)


def test_the_distance_is_that_of_arviz():
    from arviz_stats.base import array_stats

    n = 20_000
    for p, q in ((0.2, 0.25), (0.7, 0.5), (0.02, 0.01)):
        outcome = (np.arange(n) < round(p * n)).astype(float)
        weight = np.where(outcome == 1, q / p, (1 - q) / (1 - p))
        theirs = float(array_stats.power_scale_sense(outcome[None], weight[None], weight[None], 0.5, 2.0))
        # ArviZ counts n - 1 steps between n draws
        assert distance(p, q) == pytest.approx(theirs, rel=0.01)


def test_sensitivity_is_that_of_arviz_on_outcomes_drawn_in():
    """Draws of unknown and outcome as ArviZ wants them: the outcome drawn evenly at the chance of each draw."""
    from arviz_stats.base import array_stats

    from engine.analysis.sensitivity import _in_two

    posterior = believed()
    p, log_prior, log_likelihood = _in_two(posterior, 0)
    copies = 20
    u = (np.arange(copies)[:, None] + np.random.default_rng(1).random((copies, p.shape[1]))) / copies
    outcome = (u < p[1]).astype(int)
    found = sensitivity(posterior, "a")
    for log_density, mine in ((log_prior, found.prior), (log_likelihood, found.evidence)):
        drawn = np.take_along_axis(log_density[None].repeat(copies, 0), outcome[:, None], axis=1)[:, 0].reshape(4, -1)
        lower, upper = (np.exp((power - 1) * drawn) for power in (0.99, 1.01))
        theirs = float(array_stats.power_scale_sense(outcome.reshape(4, -1).astype(float), lower, upper, 0.99, 1.01))
        # 40,000 outcomes drawn
        assert mine == pytest.approx(theirs, rel=0.02)


def test_the_distance_grows_with_the_shift_and_is_nothing_without_one():
    assert distance(0.3, 0.3) == 0
    assert 0 < distance(0.3, 0.31) < distance(0.3, 0.35) < distance(0.3, 0.9) <= 1
    # small shifts d of the smaller chance p: d / (p sqrt(8 log 2))
    assert distance(0.2, 0.2001) == pytest.approx(0.0001 / 0.2 / math.sqrt(8 * math.log(2)), rel=1e-3)


SAID = [article(report("a/i", "ann"), report("a/j", "bob"))]
DENIED = [article(report("a/i", "ann", "denies"), report("a/j", "bob", "denies"))]
SPOKEN = {"i": indicator(0.9, 0.2), "j": indicator(0.8, 0.2)}


@pytest.mark.parametrize(
    ("probability", "articles", "reading"),
    [(0.1, SAID, "conflict"), (0.1, DENIED, "agree"), (0.9, SAID, "agree"), (0.9, DENIED, "conflict"),
     (0.1, [], "prior"), (0.5, SAID, "evidence"), (0.5, [], "neither")],
)  # fmt: skip
def test_readings(probability, articles, reading):
    assert sensitivity(posterior_of({"a": sharp(probability, indicators=SPOKEN)}, articles), "a").reading == reading


@pytest.mark.parametrize(("high", "reading"), [(0.2, "conflict"), (0.9, "compromise")])
def test_a_conflict_leads_out_of_what_the_prior_allowed_for(high, reading):
    prior = {"probability": 0.1, "interval": [0.02, high]}
    found = sensitivity(posterior_of({"a": scenario(prior=prior, indicators=SPOKEN)}, SAID), "a")
    assert found.now > 0.25
    assert found.reading == reading


def test_reports_on_what_drives_a_scenario_are_evidence_about_it():
    scenarios = {
        "a": scenario(0.3, indicators=SPOKEN),
        "b": scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 5}]),
    }
    assert sensitivity(posterior_of(scenarios, SAID), "b").evidence > sensitivity(posterior_of(scenarios), "b").evidence
    assert sensitivity(posterior_of(scenarios), "b").evidence < 1e-6


def test_time_passed_is_evidence_too():
    found = sensitivity(posterior_of({"a": scenario(0.6)}, as_of=date(2025, 6, 1)), "a")
    assert found.evidence > 0.05
    assert found.evidence_firmer < found.now


def test_numbers_far_from_the_prior_of_a_quantity_conflict_with_it():
    prior = {"quantity": {"unit": "t", "median": 1000, "interval": [300, 3000], "at_least": 4000}}
    number = {"scenario": "a", "source": "bob", "kind": "observed", "value": 5000, "credibility": 2}
    counted = [article(publisher="bob", measurements=[number])]
    found = sensitivity(posterior_of({"a": scenario(prior=prior)}, counted), "a")
    assert found.reading == "conflict"
    assert found.prior_firmer < found.now < found.evidence_firmer


@pytest.mark.parametrize("happened", [True, False])
def test_what_is_resolved_follows_nothing(happened):
    scenarios, articles, as_of = test_outlook.resolved_driver(happened)
    found = sensitivity(posterior_of(scenarios, articles, as_of, 500), "a")
    assert (found.prior, found.evidence, found.prior_firmer) == (0, 0, happened)
