"""What follows from supposing an outcome, held against all worlds gone through one by one."""

import itertools
from datetime import date

import brute
import numpy as np
import pytest
import test_brute_force
import test_outlook
from builders import article, indicator, network, project, report, scenario

from engine.analysis.outlook import outlook
from engine.analysis.what_if import parse, what_if
from engine.belief.inference import infer
from engine.belief.prior import prior_of
from engine.errors import ForecastError

DAY = date(2024, 12, 31)
WORLDS = 40_000
"""Plain prior draws: weighted and cut down to one outcome, an error of about 0.2 / sqrt(10,000) = 0.002."""


def diamond():
    """a drives b and c, both drive d; everything is spoken of, and one source speaks of two."""
    spoken = {"i": indicator(0.8, 0.25)}
    scenarios = {
        "a": scenario(0.4, indicators=spoken),
        "b": scenario(0.3, indicators=spoken, drivers=[{"scenario": "a", "hazard_ratio": 4}]),
        "c": scenario(0.25, indicators=spoken, drivers=[{"scenario": "a", "hazard_ratio": 0.4}]),
        "d": scenario(
            0.2,
            indicators=spoken,
            drivers=[{"scenario": "b", "hazard_ratio": 3}, {"scenario": "c", "hazard_ratio": 2.5}],
        ),
    }
    articles = [
        article(report("a/i", "bob"), report("b/i", "cat", "denies")),
        article(report("c/i", "bob", credibility=2), report("d/i", "ann")),
    ]
    return scenarios, articles, DAY


CASES = {"diamond": diamond, "chain": test_brute_force.chain, "collider": test_brute_force.collider}
SUPPOSED = [
    ("diamond", {"b": True}),
    ("diamond", {"d": False, "a": True}),
    ("diamond", {"c": True, "b": False}),
    ("chain", {"b": True}),
    ("chain", {"a": False}),
    ("collider", {"c": True, "a": False}),
]


def posterior_of(case, draws=4000):
    scenarios, articles, as_of = case()
    return infer(network(scenarios, articles, as_of), "importance", draws, 1)


def joint_of(case):
    """P(outcome of every scenario) over all worlds and draws, and the names."""
    scenarios, articles, as_of = case()
    records = project(scenarios, articles)
    worlds = brute.worlds(records, brute.prior_theta(records, as_of, WORLDS, 7), as_of)
    total = {outcome: float(np.sum(weight)) for outcome, weight in worlds.items()}
    whole = sum(total.values())
    return {outcome: weight / whole for outcome, weight in total.items()}, brute.opened(records, as_of)


def causes_of(case, name):
    scenarios, _, _ = case()
    direct = [driver["scenario"] for driver in scenarios[name].get("drivers", ())]
    return set(direct).union(*(causes_of(case, parent) for parent in direct))


@pytest.mark.parametrize(("name", "supposed"), SUPPOSED)
def test_learning_is_conditioning_in_an_enumeration(name, supposed):
    joint, names = joint_of(CASES[name])
    found = what_if(posterior_of(CASES[name], 20_000), supposed)
    agreeing = {
        outcome: weight
        for outcome, weight in joint.items()
        if all(outcome[names.index(one)] == happens for one, happens in supposed.items())
    }
    for number, one in enumerate(names):
        expected = sum(weight for outcome, weight in agreeing.items() if outcome[number]) / sum(agreeing.values())
        assert found.probability[found.ids.index(one)] == pytest.approx(expected, abs=0.005), one
    assert found.likelihood == pytest.approx(sum(agreeing.values()), abs=0.005)


@pytest.mark.parametrize(("name", "supposed"), SUPPOSED)
def test_conditioning_the_same_draws_is_exact(name, supposed):
    """The run's own draws, every world of every draw weighed by hand."""
    scenarios, articles, as_of = CASES[name]()
    records, posterior = project(scenarios, articles), posterior_of(CASES[name], 500)
    worlds = brute.worlds(records, test_brute_force.named(posterior.network, posterior.theta), as_of)
    whole, names = sum(worlds.values()), brute.opened(records, as_of)
    found = what_if(posterior, supposed)

    def chance(happening):
        return sum(
            np.sum(weight / whole)
            for outcome, weight in worlds.items()
            if all(outcome[names.index(one)] == happens for one, happens in happening.items())
        )

    for one in names:
        expected = chance(supposed | {one: True}) / chance(supposed) if supposed.get(one, True) else 0
        # sums of a few hundred products of doubles
        assert found.probability[found.ids.index(one)] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "supposed"),
    [("diamond", {"b": True}), ("diamond", {"a": False}), ("diamond", {"d": False}), ("chain", {"b": True})],
)
def test_bringing_about_follows_what_was_set_forward_in_every_draw(name, supposed):
    """Sum over what does not follow from it, as believed in the draw, of what follows from that and from what was set."""
    scenarios, articles, as_of = CASES[name]()
    records, posterior = project(scenarios, articles), posterior_of(CASES[name], 500)
    worlds = brute.worlds(records, test_brute_force.named(posterior.network, posterior.theta), as_of)
    names = brute.opened(records, as_of)
    ((target, happens),) = supposed.items()
    staying = [one for one in names if one != target and target not in causes_of(CASES[name], one)]
    found = what_if(posterior, supposed, do=True)

    def chance(happening):
        """(draws,)"""
        return sum(
            weight / sum(worlds.values())
            for outcome, weight in worlds.items()
            if all(outcome[names.index(one)] == value for one, value in happening.items())
        )

    for one in set(names) - {target}:
        expected = 0.0
        for values in itertools.product((0, 1), repeat=len(staying)):
            stays = dict(zip(staying, values, strict=True))
            if stays.get(one, 1):
                set_so = stays | {target: happens}
                expected += np.mean(chance(stays) * chance(set_so | {one: 1}) / chance(set_so))
        assert found.probability[found.ids.index(one)] == pytest.approx(expected, abs=1e-9), one


@pytest.mark.parametrize(
    ("name", "supposed", "staying"),
    [
        ("diamond", {"b": True}, "ac"),
        ("diamond", {"d": True}, "abc"),
        ("diamond", {"b": True, "c": False}, "a"),
        ("chain", {"b": False}, "a"),
        ("collider", {"c": True}, "ab"),
        ("collider", {"a": True}, "b"),
    ],
)
def test_what_does_not_follow_from_what_is_brought_about_stays_as_it_was(name, supposed, staying):
    posterior = posterior_of(CASES[name], 1000)
    learnt, done = what_if(posterior, supposed), what_if(posterior, supposed, do=True)
    for one in staying:
        place = done.ids.index(one)
        assert done.probability[place] == pytest.approx(done.before[place], abs=1e-12)
    moved = [abs(learnt.probability[learnt.ids.index(one)] - learnt.before[learnt.ids.index(one)]) for one in staying]
    assert max(moved) > 0.003


def test_to_bring_about_says_nothing_of_the_sources():
    """An unknown source speaks of two scenarios that nothing joins: that one happens is no reason to believe it of the other."""
    spoken = {"i": indicator(0.9, 0.1)}
    scenarios = {"a": scenario(0.3, indicators=spoken), "b": scenario(0.3, indicators=spoken)}
    said = article(report("a/i", "fay"), report("b/i", "fay"))
    posterior = posterior_of(lambda: (scenarios, [said], DAY), 20_000)
    learnt, done = what_if(posterior, {"a": True}), what_if(posterior, {"a": True}, do=True)
    b = done.ids.index("b")
    assert done.probability[b] == pytest.approx(done.before[b], abs=1e-12)
    assert learnt.probability[b] > learnt.before[b] + 0.02


def test_bringing_about_moves_what_follows():
    found = what_if(posterior_of(diamond), {"b": True}, do=True)
    d = found.ids.index("d")
    assert found.probability[d] > found.before[d] + 0.03


def test_what_is_supposed_is_so():
    for do in (False, True):
        found = what_if(posterior_of(diamond, 500), {"b": True, "d": False}, do)
        assert [found.probability[found.ids.index(one)] for one in "bd"] == pytest.approx([1, 0], abs=1e-12)


@pytest.mark.parametrize("do", [False, True])
def test_supposing_nothing_changes_nothing(do):
    posterior = posterior_of(diamond, 1000)
    found = what_if(posterior, {}, do)
    np.testing.assert_allclose(found.probability, posterior.probability, atol=1e-12)
    # order statistics instead of interpolated ones
    np.testing.assert_allclose(found.interval, posterior.interval, atol=0.01)


def test_scenarios_that_share_nothing_do_not_move():
    scenarios, articles, as_of = diamond()
    scenarios["e"] = scenario(0.3, indicators={"i": indicator()})
    articles.append(article(report("e/i", "dan")))
    posterior = infer(network(scenarios, articles, as_of), "importance", 1000, 1)
    found = what_if(posterior, {"a": True})
    e = found.ids.index("e")
    assert found.probability[e] == pytest.approx(found.before[e], abs=1e-12)


def test_an_outcome_teaches_about_the_sources_of_others():
    """bob affirmed a and e: if a happens, bob is the better for it, and e the likelier."""
    scenarios, articles, as_of = diamond()
    scenarios["e"] = scenario(0.3, indicators={"i": indicator(0.95, 0.05)})
    articles.append(article(report("e/i", "bob")))
    posterior = infer(network(scenarios, articles, as_of), "importance", 4000, 1)
    found = what_if(posterior, {"a": True})
    e = found.ids.index("e")
    assert found.probability[e] > found.before[e]


@pytest.mark.parametrize("happened", [True, False])
def test_what_contradicts_a_resolution_is_refused(happened):
    scenarios, articles, as_of = test_outlook.resolved_driver(happened)
    posterior = infer(network(scenarios, articles, as_of), "importance", 500, 1)
    with pytest.raises(ForecastError, match=r"a=(yes|no): is impossible"):
        what_if(posterior, {"a": not happened})
    np.testing.assert_allclose(what_if(posterior, {"a": happened}).probability, posterior.probability, atol=1e-12)


@pytest.mark.parametrize("do", [False, True])
def test_the_outlook_follows_the_supposition(do):
    posterior = posterior_of(diamond)
    prior = prior_of(posterior.network)
    before = outlook(posterior, prior)
    found = what_if(posterior, {"b": True}, do, prior)
    curves = found.outlook.probability
    assert (np.diff(curves, axis=1) >= -1e-12).all()
    b, d = found.ids.index("b"), found.ids.index("d")
    # the deadline is one year on: by then what is supposed has happened; 1,000 draws that vary by 0.2: 0.006
    assert curves[b, 1] == pytest.approx(1, abs=1e-9)
    assert curves[d, 0] == pytest.approx(found.probability[d], abs=0.02)
    assert (curves[d] > before.probability[d]).all()


def test_supposing_nothing_leaves_the_outlook():
    posterior = posterior_of(diamond)
    prior = prior_of(posterior.network)
    found = what_if(posterior, {}, False, prior).outlook
    # every eighth draw, that vary by 0.2: 0.006, and histories of their own
    np.testing.assert_allclose(found.probability, outlook(posterior, prior).probability, atol=0.02)


@pytest.mark.parametrize(
    ("texts", "told"),
    [
        (["bb=yes"], "bb=yes: bb is no scenario of this run. Did you mean b"),
        (["b=maybe"], "b=maybe: must be b=yes or b=no."),
        (["b"], "b: must be b=yes or b=no."),
        (["b=yes", "b=no"], "b=no: b cannot be both yes and no."),
    ],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(texts, told):
    with pytest.raises(ForecastError, match=told):
        parse(texts, network(*diamond()))


def test_every_fault_is_told_at_once():
    with pytest.raises(ForecastError) as refused:
        parse(["bb=yes", "c=1"], network(*diamond()))
    assert len(str(refused.value).splitlines()) == 2


def test_yes_and_no_are_read():
    assert parse(["b=yes", "d = no"], network(*diamond())) == {"b": True, "d": False}
