"""Sources that earn their grade: what a resolution teaches, about whom, and what silence does not."""

from datetime import date

import numpy as np
import pytest
from builders import GRADES, article, indicator, network, report, scenario

from engine.belief.inference import infer

DAY = date(2024, 6, 1)
EPSILON = 0.006
"""The mean of a reliability that varies by 0.15 to 0.29 over 8000 even draws errs by 0.002 to 0.003, two of them by half more."""
GAIN = 0.002
"""A B source has little to gain, about 0.005; before and after are the same draws, so much of the error cancels."""
QUANTITY = {"quantity": {"unit": "soldiers", "median": 4000, "interval": [500, 20_000], "at_least": 10_000}}
TELLING = {"i": indicator(0.95, 0.05)}


def reliabilities(scenarios, articles, day=DAY):
    found = infer(network(scenarios, articles, day, grades=GRADES | {"gus": "F"}), "importance", 8000, 1)
    mean = found.theta.reliability.mean(axis=0)
    return dict(zip(found.network.evidence.sources, mean.tolist(), strict=True))


def resolved(about, happened):
    return about | {"resolution": {"happened": happened, "on": "2024-05-01"}}


def learned(scenarios, articles, name, happened):
    """How far resolving a scenario moves the reliability of every source."""
    before = reliabilities(scenarios, articles)
    after = reliabilities(scenarios | {name: resolved(scenarios[name], happened)}, articles)
    return {source: after[source] - before[source] for source in before}


# --- resolutions ---


@pytest.mark.parametrize(("stance", "happened"), [("affirms", False), ("denies", True)])
@pytest.mark.parametrize("source", ["bob", "cat", "dan", "fay"])
def test_resolving_a_scenario_against_a_source_lowers_its_reliability(source, stance, happened):
    said = [article(report("a/i", source, stance))]
    assert learned({"a": scenario(0.5, indicators=TELLING)}, said, "a", happened)[source] < -EPSILON


@pytest.mark.parametrize(("stance", "happened"), [("affirms", True), ("denies", False)])
@pytest.mark.parametrize("source", ["bob", "cat", "dan", "fay"])
def test_resolving_a_scenario_as_a_source_said_raises_its_reliability(source, stance, happened):
    said = [article(report("a/i", source, stance))]
    assert learned({"a": scenario(0.5, indicators=TELLING)}, said, "a", happened)[source] > GAIN


def test_the_fall_of_a_source_is_the_one_worked_by_hand():
    """F is uniform: E[r] given a wrong report, (1 + r) 0.05 + (1 - r) 0.95 over 2, is (1/2 - 0.9/3) / (1 - 0.45)."""
    zero_spread = {"i": indicator(0.95, 0.05)}
    said = [article(report("a/i", "fay"))]
    after = reliabilities({"a": resolved(scenario(0.5, indicators=zero_spread), False)}, said)["fay"]
    # if_false spreads by 0.4 in logits around 0.05: its mean is 0.0535, and so the result 0.366
    assert after == pytest.approx((1 / 2 - 0.893 / 3) / (1 - 0.893 / 2), abs=EPSILON)


def test_only_sources_with_a_stake_in_it_are_touched():
    """A source of another scenario keeps every draw; one that speaks of both is touched by what it said of this one."""
    scenarios = {name: scenario(0.5, indicators=TELLING) for name in "abc"}
    said = [
        article(report("a/i", "cat")),
        article(report("a/i", "fay", "denies"), report("b/i", "fay")),
        article(report("c/i", "dan"), report("c/i", "bob", "denies"), publisher="dan"),
    ]
    moved = learned(scenarios, said, "a", False)
    assert moved["cat"] < -EPSILON
    assert moved["fay"] > EPSILON
    assert moved["dan"] == moved["bob"] == 0.0


def test_a_publisher_has_no_stake_in_what_it_relays():
    scenarios = {"a": scenario(0.5, indicators=TELLING), "b": scenario(0.5, indicators=TELLING)}
    said = [article(report("a/i", "cat"), publisher="paper"), article(report("b/i", "paper"))]
    moved = learned(scenarios, said, "a", False)
    assert moved["cat"] < -EPSILON
    assert moved["paper"] == 0.0


@pytest.mark.parametrize("stance", ["affirms", "denies"])
def test_a_source_of_an_indicator_that_tells_nothing_has_no_stake_in_the_outcome(stance):
    said = [article(report("a/i", "fay", stance))]
    about = {"a": scenario(0.5, indicators={"i": indicator(0.5, 0.5)})}
    # if_true and if_false spread alike around the same value: resolving either way is all one
    assert learned(about, said, "a", True)["fay"] == pytest.approx(0.0, abs=EPSILON)
    assert learned(about, said, "a", False)["fay"] == pytest.approx(0.0, abs=EPSILON)


def test_a_resolution_is_not_seen_before_its_day():
    about = {"a": resolved(scenario(0.5, indicators=TELLING), False)}
    said = [article(report("a/i", "fay"))]
    open_still = {"a": scenario(0.5, indicators=TELLING)}
    assert reliabilities(about, said, date(2024, 4, 30)) == reliabilities(open_still, said, date(2024, 4, 30))
    assert reliabilities(about, said, date(2024, 5, 1))["fay"] < reliabilities(about, said, date(2024, 4, 30))["fay"]


def test_a_retracted_report_is_no_stake():
    about = {"a": scenario(0.5, indicators=TELLING), "b": scenario(0.5, indicators=TELLING)}
    said = [
        article(report("a/i", "fay"), report("b/i", "fay"), published="2024-02-01"),
        article(report("a/i", "fay", "retracted"), published="2024-03-01"),
    ]
    assert learned(about, said, "a", False)["fay"] == 0.0


def test_more_wrong_reports_lower_it_more():
    many = {f"q{k}": scenario(0.5, indicators=TELLING) for k in range(6)}

    def after(wrong):
        outcomes = {name: resolved(one, int(name[1:]) >= wrong) for name, one in many.items()}
        return reliabilities(outcomes, [article(report(f"{name}/i", "cat")) for name in many])["cat"]

    found = [after(wrong) for wrong in (0, 1, 3, 6)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.65 > found[-1]  # 0.65: what C stands for


def test_ten_copies_of_a_wrong_report_lower_it_by_one():
    about = {"a": resolved(scenario(0.5, indicators=TELLING), False)}
    one = article(report("a/i", "fay"))
    assert reliabilities(about, [one] * 10) == reliabilities(about, [one])


def test_an_admission_lends_nothing_to_the_source_speaking_for_itself():
    about = {"a": scenario(0.5, indicators=TELLING), "b": scenario(0.5, indicators=TELLING)}
    said = [article(report("a/i", "eve", against_interest=True)), article(report("b/i", "eve"))]
    moved = learned(about, said, "a", True)
    assert set(moved) == {"eve", "eve (against interest)"}
    assert moved["eve"] == 0.0


@pytest.mark.parametrize(("value", "happened"), [(20_000, False), (1500, True)])
def test_a_count_that_resolution_belies_lowers_the_counter_and_nobody_else(value, happened):
    about = {"a": scenario(prior=QUANTITY), "b": scenario(0.5, indicators=TELLING)}
    said = [
        article(
            measurements=[{"scenario": "a", "source": "fay", "kind": "projected", "value": value, "credibility": 1}],
            publisher="fay",
        ),
        article(report("b/i", "cat")),
    ]
    moved = learned(about, said, "a", happened)
    assert moved["fay"] < -EPSILON
    assert moved["cat"] == 0.0


def test_what_drives_a_resolved_scenario_is_a_stake_too_but_a_smaller_one():
    """b did not happen, so a, which drives it, is less likely, so whoever affirmed a is less likely to be right."""
    about = {
        "a": scenario(0.5, indicators=TELLING),
        "b": scenario(0.5, indicators=TELLING, drivers=[{"scenario": "a", "hazard_ratio": 6}]),
    }
    said = [article(report("a/i", "fay")), article(report("b/i", "gus"))]
    moved = learned(about, said, "b", False)
    assert moved["gus"] < moved["fay"] - EPSILON
    assert moved["fay"] < -EPSILON


# --- silence ---


@pytest.mark.parametrize("publisher", list(GRADES))
def test_silence_without_a_declared_search_changes_nothing(publisher):
    """An article that reports nothing is no report that nothing happened."""
    about = {"a": scenario(0.4, indicators=TELLING), "b": scenario(prior=QUANTITY)}
    said = [article(report("a/i", "cat"), published="2024-02-01")]
    silent = article(publisher=publisher, published="2024-03-01")
    heard, unheard = (
        infer(network(about, articles, DAY), "importance", 1000, 1) for articles in ([*said, silent], said)
    )
    np.testing.assert_array_equal(heard.belief.scenarios, unheard.belief.scenarios)
    np.testing.assert_array_equal(heard.theta.reliability, unheard.theta.reliability)
    assert heard.network.evidence.sources == unheard.network.evidence.sources


def test_a_declared_search_that_found_nothing_lowers_the_belief_by_how_well_it_searched():
    about = {"a": scenario(0.4, indicators={"i": indicator(0.9, 0.1)})}

    def after(detection):
        said = [article(report("a/i", "ann", "absent", detection=detection))] if detection else []
        return float(infer(network(about, said, date(2024, 1, 1)), "importance", 8000, 1).probability[0])

    found = [after(detection) for detection in (0, 0.2, 0.5, 0.9, 1.0)]
    assert found == sorted(found, reverse=True)
    assert found[0] - found[-1] > 0.2


def test_an_indicator_nobody_has_reported_on_changes_nothing():
    bare, with_more = (
        float(infer(network({"a": scenario(0.4, indicators=claims)}, [], DAY), "importance", 8000, 1).probability[0])
        for claims in ({}, {f"i{k}": indicator(0.9, 0.05) for k in range(5)})
    )
    assert with_more == pytest.approx(bare, abs=1e-3)  # the same belief, over other draws of the hazard
