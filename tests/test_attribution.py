"""The waterfall: bars that add up, whatever the order, each worth what it is worth when all orders are gone through."""

import itertools
import math
from dataclasses import replace
from datetime import date
from pathlib import Path

import brute
import numpy as np
import pytest
import test_brute_force
import test_outlook
import test_saved
from builders import article, indicator, network, project, report, scenario

from engine.analysis import attribution
from engine.analysis.attribution import waterfall
from engine.analysis.coalitions import Ground
from engine.analysis.shapley import subsets
from engine.app.notebook import load
from engine.belief.hearing import build
from engine.belief.inference import infer
from engine.belief.likelihood import believe

DAY = date(2025, 1, 1)
"""Half of the window gone."""


def four_voices():
    """One scenario, time passing, four witnesses of three indicators."""
    indicators = {"i": indicator(0.9, 0.2), "j": indicator(0.6, 0.3), "k": indicator(0.2, 0.7)}
    articles = [
        article(report("a/i", "bob")),
        article(report("a/i", "cat", "denies", 2)),
        article(report("a/j", "ann", "absent", detection=0.7)),
        article(report("a/k", "bob", "affirms", 3)),
    ]
    return {"a": scenario(0.3, indicators=indicators)}, articles, DAY


def counted():
    """A quantity with a number, and a scenario it drives."""
    scenarios, articles, as_of = test_saved.troops()
    return scenarios, [one for one in articles if not one.get("forecasts")], as_of


def foretold():
    """The market was asked before anything was reported, so that what it had read is no matter."""
    scenarios, articles, as_of = test_brute_force.chain()
    market = {"scenario": "b", "source": "cat", "kind": "market", "probability": 0.5}
    reported = [one | {"published": "2024-03-01"} for one in articles]
    return scenarios, [*reported, article(publisher="cat", forecasts=[market])], as_of


def reached():
    """Somebody forecast a quantity before it was counted; it drives another scenario."""
    scenarios, articles, as_of = test_saved.troops()
    told = {"scenario": "a", "source": "cat", "kind": "market", "probability": 0.6}
    return scenarios, [*articles[:2], article(publisher="cat", forecasts=[told], published="2023-12-01")], as_of


CASES = {
    "reached": reached,
    "four voices": four_voices,
    "troops": test_saved.troops,
    "foretold": foretold,
    "nobody speaks": lambda: ({"a": scenario(0.3)}, [], date(2024, 1, 1)),
    **test_brute_force.NETWORKS,
}


def posterior_of(case, draws=4000):
    scenarios, articles, as_of = case()
    return infer(network(scenarios, articles, as_of), "importance", draws, 1)


def decibans(p):
    return 10 * math.log10(p / (1 - p))


def by_player(found):
    return {(bar.witness.indicator, bar.witness.source) if bar.witness else bar.kind: bar for bar in found.bars}


def shapley(players, value):
    """Averaged over all orders, one by one."""
    total = dict.fromkeys(players, 0.0)
    known = {}
    orders = list(itertools.permutations(players))
    for order in orders:
        for place, player in enumerate(order):
            for coalition in (frozenset(order[:place]), frozenset(order[: place + 1])):
                if coalition not in known:
                    known[coalition] = decibans(value(coalition))
            total[player] += known[frozenset(order[: place + 1])] - known[frozenset(order[:place])]
    return {player: pull / len(orders) for player, pull in total.items()}


def only(case, about, heard):
    """The project had only these players been heard; a scenario for which no time passes is one nobody would detect."""
    scenarios, articles, as_of = case()
    timeless = [name for name in scenarios if ("time" if name == about else "network") not in heard]
    for name in timeless:
        scenarios[name] = scenarios[name] | {"detection": "uncertain"}

    def counts(path, source):
        return (path, source) in heard if path.split("/")[0] == about else "network" in heard

    def there(record, kind):
        return kind in heard if record["scenario"] == about else "network" in heard

    articles = [
        one
        | {
            "reports": [said for said in one["reports"] if counts(said["indicator"], said["source"])],
            "measurements": [said for said in one.get("measurements", ()) if there(said, "numbers")],
            "forecasts": [said for said in one.get("forecasts", ()) if there(said, "forecasts")],
        }
        for one in articles
    ]
    return project(scenarios, articles), as_of


@pytest.mark.parametrize("name", CASES)
def test_bars_sum_to_the_shift(name):
    posterior = posterior_of(CASES[name], 2000)
    for one in posterior.network.ids:
        found = waterfall(posterior, one)
        # promised to 0.05 dB; what Monte Carlo error leaves over is shared out, so the sum is exact
        moved = sum(bar.decibans for bar in found.bars)
        assert moved == pytest.approx(found.shift if found.bars else 0, abs=1e-9)
        # a quantity is settled, 0 or 1, in most draws: 1,000 effective ones of 0.83 have an error of 0.012, or 0.4 dB
        assert abs(found.remainder) < 1


@pytest.mark.parametrize(("name", "about"), [("four voices", "a"), ("chain", "b"), ("chain", "a")])
def test_a_bar_is_the_average_over_all_orders_of_all_worlds_gone_through(name, about):
    case = CASES[name]
    scenarios, articles, as_of = case()
    whole = project(scenarios, articles)
    theta = brute.prior_theta(whole, as_of, 20_000, 3)

    def value(heard):
        records, day = only(case, about, heard)
        return brute.posterior(records, theta, day)[about]

    found = by_player(waterfall(posterior_of(case, 8000), about))
    expected = shapley(list(found), value)
    for player, bar in found.items():
        # 4,000 draws in the mixture: a bar is a difference of values with errors of 0.1 dB, mostly common to both
        assert bar.decibans == pytest.approx(expected[player], abs=0.2), player


@pytest.mark.parametrize(
    ("case", "about", "kinds"),
    [
        (counted, "a", {"numbers", "network"}),
        (counted, "b", {"network", "time"}),
        (foretold, "b", {"forecasts", "network", "time"}),
        (foretold, "a", {"network", "time"}),
        (reached, "a", {"numbers", "forecasts", "network"}),
        (reached, "b", {"network", "time"}),
    ],
)
def test_numbers_and_forecasts_weigh_what_running_again_without_them_says(case, about, kinds):
    def value(heard):
        records, day = only(case, about, heard)
        posterior = infer(build(records, day), "importance", 8000, 5)
        return float(posterior.probability[posterior.network.position(about)])

    found = by_player(waterfall(posterior_of(case, 8000), about))
    assert {bar.kind for bar in found.values()} == kinds | {"witness"}
    expected = shapley(list(found), value)
    for player, bar in found.items():
        # each run has an error of 0.1 to 0.2 dB of its own
        assert bar.decibans == pytest.approx(expected[player], abs=0.35), player


def test_a_forecast_of_a_quantity_weighs_the_log_odds_it_adds():
    posterior = posterior_of(reached, 8000)
    bar = by_player(waterfall(posterior, "a"))["forecasts"]
    # the same in every order; what Monte Carlo error leaves over is shared out among the bars
    assert bar.decibans == pytest.approx(10 / math.log(10) * posterior.network.leaning.log_odds[0], abs=0.3)


def muted(case, number):
    """A posterior in which one witness speaks without weight."""
    scenarios, articles, as_of = case()
    net = network(scenarios, articles, as_of)
    weight = net.evidence.weight.copy()
    weight[number] = 0
    return infer(replace(net, evidence=replace(net.evidence, weight=weight)), "importance", 1000, 1)


@pytest.mark.parametrize("exact_up_to", [12, 0])
def test_a_witness_with_no_pull_has_a_bar_of_0(monkeypatch, exact_up_to):
    monkeypatch.setattr(attribution, "EXACT_UP_TO", exact_up_to)
    posterior = muted(four_voices, 1)
    silent = posterior.network.evidence.witnesses[1]
    found = by_player(waterfall(posterior, "a"))[silent.indicator, silent.source]
    assert found.decibans == pytest.approx(0, abs=1e-6)
    assert found.interval == pytest.approx((0, 0), abs=1e-6)


def test_the_order_of_files_is_irrelevant():
    scenarios, articles, as_of = test_brute_force.collider()
    one = waterfall(infer(network(scenarios, articles, as_of), "importance", 1000, 1), "c")
    backwards = {name: scenarios[name] for name in reversed(scenarios)}
    other = waterfall(infer(network(backwards, articles[::-1], as_of), "importance", 1000, 1), "c")
    mine, theirs = by_player(one), by_player(other)
    assert list(mine) == list(theirs)
    for player, bar in mine.items():
        assert bar.decibans == pytest.approx(theirs[player].decibans, abs=1e-9)


def test_orders_drawn_at_random_agree_within_their_stated_error(monkeypatch):
    posterior = posterior_of(test_brute_force.collider, 1000)
    exact = by_player(waterfall(posterior, "c"))
    monkeypatch.setattr(attribution, "EXACT_UP_TO", 0)
    drawn = waterfall(posterior, "c")
    assert not drawn.exact
    assert all(bar.error == 0 for bar in exact.values())
    for player, bar in by_player(drawn).items():
        # five standard errors for a handful of bars, and what sharing out the remainder moves
        assert bar.decibans == pytest.approx(exact[player].decibans, abs=5 * bar.error + 0.02)
        assert bar.error < 0.2


def test_affirmed_twice_as_good_pulls_up_and_denied_pulls_down():
    found = by_player(waterfall(posterior_of(four_voices), "a"))
    assert found["a/i", "bob"].decibans > 1
    assert found["a/i", "cat"].decibans < -0.5
    assert found["a/k", "bob"].decibans < 0
    assert found["time"].decibans < 0


@pytest.mark.parametrize("name", CASES)
def test_a_bar_has_an_interval_around_it(name):
    posterior = posterior_of(CASES[name], 1000)
    for bar in (bar for one in posterior.network.ids for bar in waterfall(posterior, one).bars):
        low, high = bar.interval
        assert np.isfinite([low, high]).all()
        assert low <= high


def test_the_interval_of_a_lone_witness_is_that_of_its_likelihood_ratio():
    """log10 of (c1 t + c0 (1-t)) / (c1 f + c0 (1-f)), draw by draw, worked out here."""
    posterior = posterior_of(
        lambda: ({"a": scenario(indicators={"i": indicator()})}, [article(report("a/i", "bob"))], DAY)
    )
    theta = posterior.theta.take(np.unique(np.linspace(0, posterior.n - 1, 2000).astype(int)))
    rho = theta.reliability[:, 0]
    t, f = (1 / (1 + np.exp(-x[:, 0])) for x in (theta.logit_if_true, theta.logit_if_false))
    ratio = 10 * np.log10((1 + rho * (2 * t - 1)) / (1 + rho * (2 * f - 1)))
    bar = by_player(waterfall(posterior, "a"))["a/i", "bob"]
    expected = np.quantile(ratio, [0.05, 0.95]) - ratio.mean() + bar.decibans
    assert bar.interval == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("happened", [True, False])
def test_on_what_is_resolved_nothing_pulls(happened):
    scenarios, articles, as_of = test_outlook.resolved_driver(happened)
    found = waterfall(infer(network(scenarios, articles, as_of), "importance", 500, 1), "a")
    assert found.shift == 0
    assert all(bar.decibans == 0 for bar in found.bars)


def test_the_shipped_story_with_twelve_witnesses():
    posterior = infer(build(load(Path(__file__).parents[1] / "scenarios"), date(2024, 11, 10)), "importance", 1000, 1)
    found = waterfall(posterior, "rok-lethal-aid")
    assert sum(bar.decibans for bar in found.bars) == pytest.approx(found.shift, abs=0.05)
    assert {"time", "network", "witness"} <= {bar.kind for bar in found.bars}


def test_all_coalitions_at_once_are_worth_what_each_is_worth_alone():
    names = ("i", "j", "k")
    scenarios = {
        "a": scenario(0.2),
        "b": scenario(0.3, drivers=[{"scenario": "a", "hazard_ratio": 3}], indicators={n: indicator() for n in names}),
    }
    told = [("i", "ann"), ("i", "bob"), ("i", "cat"), ("j", "ann"), ("j", "dan"), ("k", "eve")]
    articles = [article(report(f"b/{name}", source)) for name, source in told]
    posterior = infer(network(scenarios, articles, date(2024, 7, 1)), "importance", 500, 1)
    pieces = Ground(posterior).about(posterior.network.position("b"))
    heard = subsets(len(told))
    alone = pieces.values(heard)  # (coalitions of witnesses, sets of groups)
    together = pieces.every_value()
    assert together.shape == (2,) * (len(pieces.groups) + len(told))
    for number, witnesses in enumerate(heard):
        for chosen, groups in enumerate(subsets(len(pieces.groups))):
            place = tuple(np.concatenate([groups, witnesses]).astype(int))
            assert together[place] == pytest.approx(alone[number, chosen], abs=1e-9)


def test_own_time_and_own_reports_are_taken_off_a_belief_as_if_they_had_never_been_heard():
    scenarios = {
        "a": scenario(0.2, indicators={"i": indicator()}),
        "b": scenario(0.3, drivers=[{"scenario": "a", "hazard_ratio": 3}], indicators={"j": indicator()}),
        "c": scenario(0.1, drivers=[{"scenario": "b", "hazard_ratio": 2}], indicators={"k": indicator()}),
    }
    articles = [article(report("a/i", "ann"), report("b/j", "bob"), report("c/k", "ann", "denies"))]
    net = network(scenarios, articles, date(2024, 7, 1))
    ground = Ground(infer(net, "importance", 500, 1))
    place = net.position("b")
    said = net.evidence
    mute = replace(net, evidence=said.keep(said.scenario_of_indicator[said.indicator_of] != place))
    timeless = replace(mute, elapsed=np.where(np.arange(3) == place, 0.0, mute.elapsed))
    found = ground._by_outcome(place, ["time", "network"])
    for network_, heard in ((mute, {"time", "network"}), (timeless, {"network"})):
        belief = believe(network_, ground.theta)
        p = belief.scenarios[:, place]
        expected = belief.by_group[:, net.group_of[place]] + np.log([1 - p, p])
        np.testing.assert_allclose(found[frozenset(heard)], expected, atol=1e-9)
