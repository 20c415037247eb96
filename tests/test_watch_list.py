"""What a report to come would tell: chances, beliefs and bits, held against arithmetic and against running again."""

import math
from dataclasses import replace
from datetime import date

import brute
import numpy as np
import pytest
import test_brute_force
import test_outlook
from builders import GRADES, article, at_centre, indicator, network, project, report, scenario

from engine.analysis.watch_list import Lookout, information, linked_watch_list, shortlist, watch_list
from engine.belief.inference import infer
from engine.belief.likelihood import believe
from engine.errors import ForecastError

LETTERS = project({"a": scenario()}).sources


def posterior_of(case, draws=1000):
    scenarios, articles, as_of = case()
    return infer(network(scenarios, articles, as_of), "importance", draws, 1)


def two_indicators():
    """bob has affirmed i; nobody has spoken of j."""
    pairs = {"i": indicator(0.8, 0.2), "j": indicator(0.9, 0.3)}
    return {"a": scenario(0.3, indicators=pairs)}, [article(report("a/i", "bob"))], date(2024, 1, 1)


def by_hand(joint):
    """Mutual information of joint[report][outcome], term by term."""
    bits = 0.0
    for y in (0, 1):
        for z in (0, 1):
            alone = (joint[y][0] + joint[y][1]) * (joint[0][z] + joint[1][z])
            bits += joint[y][z] * math.log2(joint[y][z] / alone)
    return bits


def found_by(found):
    return {(one.indicator, one.source): one for one in found}


def test_two_indicators_worked_by_hand():
    """One draw in which nothing is uncertain: bob right with rho 0.8, ann's reliability 0.95 her grade's mean."""
    posterior = posterior_of(two_indicators)
    theta = at_centre(posterior.network, 0.8)
    posterior = replace(posterior, theta=theta, belief=believe(posterior.network, theta))
    found = found_by(watch_list(posterior, LETTERS))

    prior = 1 - math.exp(-math.exp(float(theta.log_hazard[0, 0])))
    bob = {z: 0.9 * c + 0.1 * (1 - c) for z, c in ((1, 0.8), (0, 0.2))}
    p = prior * bob[1] / (prior * bob[1] + (1 - prior) * bob[0])

    def expected(claim, rho):
        affirmed = {z: (1 + rho) / 2 * claim[z] + (1 - rho) / 2 * (1 - claim[z]) for z in (0, 1)}
        joint = [[(1 - p) * (1 - affirmed[0]), p * (1 - affirmed[1])], [(1 - p) * affirmed[0], p * affirmed[1]]]
        chance = joint[1][0] + joint[1][1]
        return by_hand(joint), chance, joint[1][1] / chance, joint[0][1] / (1 - chance)

    of_j = {1: 0.9, 0: 0.3}
    of_i = {1: 0.9 * 0.8 / bob[1], 0: 0.9 * 0.2 / bob[0]}  # what bob's word has made of the claim
    digit_3 = 0.75
    for key, claim, rho in (
        (("a/j", None), of_j, 1.0),
        (("a/j", "bob"), of_j, 0.8 * digit_3),
        (("a/j", "ann"), of_j, 0.95 * digit_3),
        (("a/i", None), of_i, 1.0),
        (("a/i", "ann"), of_i, 0.95 * digit_3),
    ):
        bits, chance, if_affirmed, if_denied = expected(claim, rho)
        # the promise is 1e-6; it is the same sum
        assert found[key].bits == pytest.approx(bits, abs=1e-12), key
        assert found[key].chance == pytest.approx(chance, abs=1e-12)
        assert found[key].if_affirmed == pytest.approx(if_affirmed, abs=1e-12)
        assert found[key].if_denied == pytest.approx(if_denied, abs=1e-12)
        assert found[key].now == pytest.approx(p, abs=1e-12)


@pytest.mark.parametrize("name", test_brute_force.NETWORKS)
@pytest.mark.parametrize("source", ["ann", "bob", "tabloid"])
def test_a_report_to_come_is_the_report_having_come(name, source):
    """The run's own draws, all worlds gone through with one more article; a new source at its mean reliability."""
    scenarios, articles, as_of = test_brute_force.NETWORKS[name]()
    posterior = posterior_of(test_brute_force.NETWORKS[name], 200)
    theta = test_brute_force.named(posterior.network, posterior.theta)
    a, b = brute.BETA[GRADES[source]]
    theta = replace(theta, reliability={source: a / (a + b), **theta.reliability})
    before, _ = brute.likelihood_and_probabilities(project(scenarios, articles), theta, as_of)
    found = [one for one in watch_list(posterior, LETTERS, credibility=2) if one.source == source]
    assert found or name == "resolved"
    for one in found:
        joint = []
        for stance in ("denies", "affirms"):
            said = article(report(one.indicator, source, stance, 2), published=as_of.isoformat())
            after, chances = brute.likelihood_and_probabilities(project(scenarios, [*articles, said]), theta, as_of)
            weight, p = after / before, chances[one.scenario]
            joint.append([np.mean(weight * (1 - p)), np.mean(weight * p)])
        assert one.chance == pytest.approx(sum(joint[1]), abs=1e-9)
        assert one.if_affirmed == pytest.approx(joint[1][1] / sum(joint[1]), abs=1e-9)
        assert one.if_denied == pytest.approx(joint[0][1] / sum(joint[0]), abs=1e-9)
        assert one.bits == pytest.approx(by_hand(joint), abs=1e-9)


@pytest.mark.parametrize("name", test_brute_force.NETWORKS)
def test_information_is_never_negative_and_never_more_than_there_is_to_know(name):
    found = watch_list(posterior_of(test_brute_force.NETWORKS[name]), LETTERS)
    for one in found:
        entropy = -sum(p * math.log2(p) for p in (one.now, 1 - one.now))
        assert 0 <= one.bits <= entropy
        assert min(one.if_affirmed, one.if_denied) <= one.now + 1e-9
        assert max(one.if_affirmed, one.if_denied) >= one.now - 1e-9
        # the belief is where the two it may lead to lead on average
        assert one.chance * one.if_affirmed + (1 - one.chance) * one.if_denied == pytest.approx(one.now, abs=1e-9)
    assert [one.bits for one in found] == sorted((one.bits for one in found), reverse=True)


def test_information_of_independent_matters_is_nothing_and_of_one_and_the_same_is_a_bit():
    assert information(np.outer([0.3, 0.7], [0.6, 0.4])) == pytest.approx(0, abs=1e-15)
    assert information(np.diag([0.5, 0.5])) == pytest.approx(1)
    rng = np.random.default_rng(1)
    some = rng.dirichlet([0.01] * 4, 1000).reshape(-1, 2, 2)
    assert (information(some) >= 0).all()


def test_who_stands_by_a_stance_is_not_asked_again():
    found = found_by(watch_list(posterior_of(two_indicators), LETTERS))
    assert ("a/i", "bob") not in found
    assert {("a/j", "bob"), ("a/i", "ann"), ("a/i", None)} <= set(found)
    assert len(found) == 2 * (len(LETTERS) + 1) - 1


def test_a_source_that_took_it_back_can_be_asked_again():
    scenarios, articles, _ = two_indicators()
    articles.append(article(report("a/i", "bob", "retracted"), published="2024-01-02"))
    posterior = infer(network(scenarios, articles, date(2024, 1, 3)), "importance", 500, 1)
    assert ("a/i", "bob") in found_by(watch_list(posterior, LETTERS))


def test_an_admission_is_a_stance_too():
    scenarios, _, as_of = two_indicators()
    admitted = article(report("a/i", "bob", against_interest=True))
    posterior = infer(network(scenarios, [admitted], as_of), "importance", 500, 1)
    assert ("a/i", "bob") not in found_by(watch_list(posterior, LETTERS))


def test_what_is_resolved_is_not_watched():
    scenarios, articles, as_of = test_outlook.resolved_driver(True)
    posterior = infer(network(scenarios, articles, as_of), "importance", 500, 1)
    assert "a" not in {one.scenario for one in watch_list(posterior, LETTERS)}
    assert watch_list(posterior, LETTERS, about="a") == ()


def test_a_better_letter_tells_more_and_certainty_most():
    found = found_by(watch_list(posterior_of(two_indicators, 4000), LETTERS))
    bits = [found["a/j", source].bits for source in (None, "ann", "bob", "cat", "dan", "eve")]
    assert bits == sorted(bits, reverse=True)


def test_an_indicator_of_a_driver_tells_about_what_it_drives():
    """By hand from the worlds: i of a, seen with certainty, and b."""
    posterior = posterior_of(test_brute_force.chain, 500)
    found = found_by(watch_list(posterior, LETTERS, about="b"))
    assert {one.scenario for one in found.values()} == {"b"}
    own = found_by(watch_list(posterior, LETTERS))
    assert found["b/j", None].bits == pytest.approx(own["b/j", None].bits, abs=1e-12)
    scenarios, articles, as_of = test_brute_force.chain()
    theta = test_brute_force.named(posterior.network, posterior.theta)
    before, _ = brute.likelihood_and_probabilities(project(scenarios, articles), theta, as_of)
    sure = replace(theta, reliability=theta.reliability | {"ann": 1.0})
    joint = []
    for stance in ("denies", "affirms"):
        said = article(report("a/i", "ann", stance))
        after, chances = brute.likelihood_and_probabilities(project(scenarios, [*articles, said]), sure, as_of)
        joint.append([np.mean(after / before * (1 - chances["b"])), np.mean(after / before * chances["b"])])
    assert found["a/i", None].bits == pytest.approx(by_hand(joint), abs=1e-9)
    assert 0 < found["a/i", None].bits < own["a/i", None].bits


def test_crossing_a_band_is_told():
    """0.3 is unlikely (21-45 %); seen with certainty a claim of 0.97 against 0.03 leads to 0.93 or 0.01."""
    case = {
        "a": scenario(0.3, indicators={"i": {"statement": "S.", "diagnosticity": "decisive"}, "j": indicator(0.5, 0.5)})
    }
    found = found_by(watch_list(infer(network(case), "importance", 1000, 1), LETTERS))
    assert found["a/i", None].chance_of_crossing == pytest.approx(1)
    assert found["a/j", "eve"].chance_of_crossing == 0


@pytest.mark.parametrize(
    ("if_affirmed", "if_denied", "chance"), [(0.5, 0.3, 0.25), (0.3, 0.1, 0.75), (0.6, 0.1, 1), (0.44, 0.3, 0)]
)
def test_the_chance_of_another_band_is_that_of_the_answers_that_lead_there(if_affirmed, if_denied, chance):
    """From 0.4, unlikely (21-45 %)."""
    one = Lookout("a", "a/i", None, 0.25, 0.4, if_affirmed, if_denied, 0.1)
    assert one.chance_of_crossing == pytest.approx(chance)


def test_linked_tells_about_own_scenario_and_about_those_joined_by_drivers():
    posterior = posterior_of(test_brute_force.collider)
    linked = linked_watch_list(posterior, LETTERS)
    for name in posterior.network.ids:
        about = watch_list(posterior, LETTERS, about=name)
        assert {one for one in linked if one.scenario == name} == set(about)
    own = {one for one in linked if one.indicator.startswith(f"{one.scenario}/")}
    assert own == set(watch_list(posterior, LETTERS))
    assert [one.bits for one in linked] == sorted((one.bits for one in linked), reverse=True)


def test_the_shortlist_names_each_indicator_once():
    short = shortlist(watch_list(posterior_of(test_brute_force.collider), LETTERS))
    names = [one.indicator for one in short]
    assert len(names) == len(set(names)) == 5


def test_what_is_unknown_is_refused():
    posterior = posterior_of(two_indicators)
    with pytest.raises(ForecastError, match=r"aa: is no scenario of this run\. Did you mean a"):
        watch_list(posterior, LETTERS, about="aa")
    with pytest.raises(ForecastError, match=r"7: is no Admiralty digit"):
        watch_list(posterior, LETTERS, credibility=7)
