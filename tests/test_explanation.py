"""What moved a belief: leaving out one witness at a time, the quick way and the slow way."""

import math
from datetime import date
from functools import partial

import brute
import numpy as np
import pytest
import test_brute_force
import test_outlook
from builders import article, indicator, network, project, report, scenario

from engine.analysis.explanation import pulls
from engine.belief.evidence import Evidence
from engine.belief.hearing import build
from engine.belief.inference import infer
from engine.belief.likelihood import believe

CASES = test_brute_force.NETWORKS | {
    "a contradiction": lambda: (
        {"a": scenario(0.3, indicators={"i": indicator(0.95, 0.1)})},
        [article(report("a/i", "ann")), article(report("a/i", "fay", "denies"))],
        date(2024, 1, 1),
    )
}


def found_in(name, draws=3000):
    scenarios, articles, as_of = CASES[name]()
    records = project(scenarios, articles)
    return records, infer(build(records, as_of), "importance", draws, 1)


def decibans(without, having):
    return 10 * math.log10(having / (1 - having) * (1 - without) / without)


@pytest.mark.parametrize("name", CASES)
def test_a_pull_is_the_difference_a_witness_makes_to_the_whole_network(name):
    """Rebuilt without the witness, the same draws weighed by the ratio of the two likelihoods."""
    _, posterior = found_in(name)
    net = posterior.network
    by_witness = {(pull.witness.indicator, pull.witness.source): pull for pull in pulls(posterior)}
    assert len(by_witness) == len(net.evidence.witnesses)
    for witness in net.evidence.witnesses:
        pull = by_witness[witness.indicator, witness.source]
        position = net.position(witness.indicator.split("/")[0])
        assert pull.scenario == net.ids[position]
        silent = partial(Evidence.without, indicator=witness.indicator, sources={witness.grade_source})
        others = believe(net.retold(silent), posterior.theta)
        weight = np.exp(others.log_likelihood - posterior.belief.log_likelihood)
        without = np.average(others.scenarios[:, position], weights=weight)
        if position in net.known:
            assert pull.decibans == 0
            continue
        having = posterior.belief.scenarios[:, position].mean()
        assert pull.without == pytest.approx(without, abs=1e-10)
        # the model page asks for 0.01 dB; the two are the same sum
        assert pull.decibans == pytest.approx(decibans(without, having), abs=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_a_pull_is_that_of_all_worlds_gone_through_without_the_witness(name):
    """The same, with nothing of the engine's in the weights."""
    records, posterior = found_in(name)
    net, theta = posterior.network, test_brute_force.named(posterior.network, posterior.theta)
    with_all, chances = brute.likelihood_and_probabilities(records, theta, net.as_of)
    by_witness = {(pull.witness.indicator, pull.witness.source): pull for pull in pulls(posterior)}
    for number, voice in enumerate(brute.voices(records, net.as_of)):
        scenario_id = voice.path.split("/")[0]
        if brute.known(records, scenario_id, net.as_of) is not None:
            continue
        without_it, others = brute.likelihood_and_probabilities(records, theta, net.as_of, mute=number)
        without = np.average(others[scenario_id], weights=without_it / with_all)
        expected = decibans(without, chances[scenario_id].mean())
        assert by_witness[voice.path, voice.source].decibans == pytest.approx(expected, abs=0.01)


def test_a_pull_agrees_with_running_again_without_the_witness():
    scenarios, articles, as_of = test_brute_force.collider()
    posterior = infer(network(scenarios, articles, as_of), "importance", 20_000, 1)
    # leaving out all that is said by bob of c/m, whose pair is even, and of ann's denial of c/k
    (pull,) = [p for p in pulls(posterior) if (p.witness.indicator, p.witness.source) == ("c/k", "ann")]
    articles[0]["reports"] = [one for one in articles[0]["reports"] if one["indicator"] != "c/k"]
    again = infer(network(scenarios, articles, as_of), "importance", 20_000, 1)
    # two runs of 20,000 draws that vary by 0.15: 0.001 each
    assert pull.without == pytest.approx(again.probability[again.network.position("c")], abs=0.005)


def test_a_coin_flip_witness_pulls_nothing():
    net = network(
        {"a": scenario(indicators={"i": indicator()})},
        [article(report("a/i", "ann"), report("a/i", "fay", "denies"), publisher="ann")],
    )
    posterior = infer(net, "importance", 500, 1)
    column = net.evidence.sources.index("fay")
    posterior.theta.reliability[:, column] = 0.0
    from dataclasses import replace

    posterior = replace(posterior, belief=believe(net, posterior.theta))
    by_source = {pull.witness.source: pull.decibans for pull in pulls(posterior)}
    assert by_source["fay"] == pytest.approx(0, abs=1e-9)
    assert by_source["ann"] > 1


def test_a_witness_of_an_even_claim_pulls_nothing_on_average():
    """if_true = if_false: only the spread of the pair is left, the same on both sides."""
    net = network({"a": scenario(indicators={"i": indicator(0.5, 0.5)})}, [article(report("a/i", "ann"))])
    (pull,) = pulls(infer(net, "importance", 4000, 1))
    # the two logits differ by 0.57 per draw: 0.1 of probability, over sqrt(4000), is 0.002 of 0.3, or 0.04 dB
    assert pull.decibans == pytest.approx(0, abs=0.1)


def test_affirmed_for_pulls_up_and_affirmed_against_pulls_down():
    pairs = {"for": indicator(0.8, 0.2), "against": {"statement": "S.", "diagnosticity": "strong", "against": True}}
    net = network({"a": scenario(indicators=pairs)}, [article(report("a/for", "ann"), report("a/against", "bob"))])
    found = {pull.witness.indicator: pull.decibans for pull in pulls(infer(net, "importance", 1000, 1))}
    assert found["a/for"] > 0 > found["a/against"]


def test_the_only_witness_pulls_all_the_way_from_the_prior():
    net = network({"a": scenario(0.3, indicators={"i": indicator()})}, [article(report("a/i", "ann"))])
    (pull,) = pulls(infer(net, "importance", 8000, 1))
    assert pull.without == pytest.approx(0.3, abs=0.005)


@pytest.mark.parametrize("happened", [True, False])
def test_on_what_is_resolved_nobody_pulls(happened):
    scenarios, articles, as_of = test_outlook.resolved_driver(happened)
    posterior = infer(network(scenarios, articles, as_of), "importance", 1000, 1)
    assert [pull.decibans for pull in pulls(posterior) if pull.scenario == "a"] == [0.0]
