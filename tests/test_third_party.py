"""Other people's forecasts: readings of this model's own belief, as it stood on their day."""

import itertools
import math
from dataclasses import replace
from datetime import date

import brute
import numpy as np
import pytest
from builders import GRADES, OPENS, article, indicator, network, project, random_theta, report, scenario
from gradients import value_and_gradient
from scipy.stats import norm

from engine.analysis.explanation import pulls
from engine.belief.hearing import build
from engine.belief.inference import infer
from engine.belief.likelihood import log_likelihood
from engine.belief.parameters import prior_draws
from engine.belief.third_party import CORRELATION, SIGMA, nobody_leans, opinions
from engine.errors import FaultyFilesError

DAY = date(2024, 6, 1)
NOISE = 0.005
"""A mean over 8000 weighed draws that vary by 0.2, half of them effective, errs by 0.003; evenly spread ones by less."""
WIDE = {"probability": 0.3, "interval": [0.02, 0.9]}
QUANTITY = {"quantity": {"unit": "soldiers", "median": 4000, "interval": [500, 20_000], "at_least": 10_000}}


def forecast(probability, source="paper", kind="market", about="a", **fields):
    return {"scenario": about, "source": source, "kind": kind, "probability": probability} | fields


def given(*forecasts, published=OPENS, **fields):
    return article(forecasts=list(forecasts), published=published, **fields)


def experts(n, probability, kind="expert"):
    return [forecast(probability, f"s{k}", kind) for k in range(n)]


CROWD = GRADES | {f"s{k}": "C" for k in range(30)}


def asked(articles=(), day=DAY, **fields):
    """One scenario with an indicator, whose belief does not sink with time unless `fields` say so."""
    about = {"detection": "uncertain", "indicators": {"i": indicator()}} | fields
    return network({"a": scenario(**about)}, articles, day, grades=CROWD)


def believed(articles=(), day=DAY, draws=4000, **fields):
    return float(infer(asked(articles, day, **fields), "importance", draws, 1).probability[0])


def logit(p):
    return math.log(p / (1 - p))


def pull(of, beside=(), **fields):
    """How far an article moves the log odds, the others being there."""
    return logit(believed([*beside, of], **fields)) - logit(believed(beside, **fields))


REPORT = article(report("a/i", "ann"), published="2024-03-01")
"""Of 2024-03-01; forecasts of February are before it, those of April after."""


# --- the belief of its own day ---


@pytest.mark.parametrize(
    "prior", [{"probability": 0.3}, WIDE, {"probability": 0.03}, {"base_rate": {"events": 2, "years": 11}}]
)
@pytest.mark.parametrize("kind", SIGMA)
def test_a_forecaster_who_says_what_the_model_says_changes_almost_nothing(prior, kind):
    said = given(forecast(believed(prior=prior), kind=kind), published="2024-02-01")
    # not nothing: it also makes the middle of a lopsided prior likelier than its tails
    assert believed([said], prior=prior) == pytest.approx(believed(prior=prior), abs=0.015)


def test_one_who_says_after_a_report_what_the_model_says_then_changes_almost_nothing():
    said = given(forecast(believed([REPORT])), published="2024-04-01")
    assert believed([REPORT, said]) == pytest.approx(believed([REPORT]), abs=0.01)


def test_one_who_says_what_the_model_says_when_nothing_has_happened_yet_changes_almost_nothing():
    """The belief of a day late in the window is lower, and that is the one he is held against."""
    late = date(2025, 7, 1)
    sunk = believed(day=late, detection="certain")
    assert sunk < 0.15
    said = given(forecast(sunk), published="2025-07-01")
    assert believed([said], late, detection="certain") == pytest.approx(sunk, abs=0.01)
    stubborn = given(forecast(0.3), published="2025-07-01")
    assert believed([stubborn], late, detection="certain") > sunk + 0.05


@pytest.mark.parametrize("q", [0.1, 0.3, 0.6])
@pytest.mark.parametrize("prior", [{"probability": 0.3}, WIDE])
def test_a_forecast_dated_before_a_report_leaves_its_pull_alone(q, prior):
    earlier = given(forecast(q), published="2024-02-01")
    alone = pull(REPORT, prior=prior)
    # one report adds nearly the same to the log odds of every draw: 0.02 of 1.25 is what the spread of the draws makes
    assert pull(REPORT, [earlier], prior=prior) == pytest.approx(alone, abs=0.02)


@pytest.mark.parametrize("published", ["2024-03-01", "2024-04-01"])
@pytest.mark.parametrize("q", [0.1, 0.3, 0.6])
def test_a_forecast_dated_after_a_report_or_on_its_day_absorbs_it(q, published):
    """Whoever forecasts has read it: with a prior that says little, his number is the belief, report or no report."""
    later = given(forecast(q), published=published)
    assert believed([REPORT, later], prior=WIDE) == pytest.approx(q, abs=0.03)
    assert 0 <= pull(REPORT, [later], prior=WIDE) < 0.1 * pull(REPORT, prior=WIDE)
    # the firmer the prior, the more the report still says against it: sigma^2 / (sigma^2 + 0.7^2) = 0.2 here
    assert 0 < pull(REPORT, [later]) < 0.3 * pull(REPORT)


def test_between_two_reports_a_forecast_absorbs_the_first_and_leaves_the_second():
    pair = {"indicators": {"i": indicator(), "j": indicator()}, "prior": WIDE}
    second = article(report("a/j", "bob"), published="2024-05-01")
    between = given(forecast(0.3), published="2024-04-01")
    assert pull(REPORT, [between, second], **pair) < 0.1 * pull(REPORT, [second], **pair)
    assert pull(second, [REPORT, between], **pair) == pytest.approx(pull(second, **pair), abs=0.02)


def test_a_forecast_of_tomorrow_is_not_seen():
    later = given(forecast(0.9), published="2024-06-02")
    assert believed([later]) == believed()
    assert not asked([later]).readings.opinions


def test_a_forecast_from_before_the_window_is_held_against_the_prior():
    early = given(forecast(0.6), published="2023-06-01")
    assert believed([early], detection="certain", day=date(2024, 1, 1)) == believed(
        [given(forecast(0.6), published="2024-01-01")], detection="certain", day=date(2024, 1, 1)
    )


def test_what_is_resolved_is_not_moved_and_a_forecast_of_it_is_no_trouble():
    resolved = {"resolution": {"happened": True, "on": "2024-05-01"}}
    before, after = (given(forecast(0.1, "paper"), published=day) for day in ("2024-04-01", "2024-05-10"))
    assert believed([before, after], **resolved) == 1.0
    net = asked([before, after, REPORT, given(forecast(0.98, "cat"), published="2024-05-10")], **resolved)
    value, gradient = value_and_gradient(net, random_theta(net, 5, 1))
    assert np.isfinite(value).all()
    assert all(np.isfinite(column).all() for column in vars(gradient).values())


@pytest.mark.parametrize("q", [0.1, 0.98])
@pytest.mark.parametrize("published", ["2024-05-01", "2024-05-10"])
def test_a_forecast_of_what_is_known_already_changes_nothing(q, published):
    """The last price of a market, printed on the day of the resolution or after it."""
    scenarios = {
        "a": scenario(0.3, resolution={"happened": True, "on": "2024-05-01"}),
        "b": scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 3}]),
    }
    nets = [network(scenarios, said, DAY) for said in ([], [given(forecast(q), published=published)])]
    before, after = (infer(net, "importance", 4000, 1) for net in nets)
    assert after.diagnostics.sound, after.diagnostics.message
    assert after.probability == pytest.approx(before.probability, abs=NOISE)


# --- about a quantity ---


def counted(value=9000, published="2024-03-01"):
    """A count by somebody who is nearly always right."""
    number = {"scenario": "a", "source": "ann", "kind": "observed", "value": value, "credibility": 1}
    return article(measurements=[number], publisher="ann", published=published)


@pytest.mark.parametrize("q", [0.02, 0.1, 0.2, 0.5, 0.8])
@pytest.mark.parametrize("kind", SIGMA)
def test_a_forecast_of_a_quantity_pulls_as_one_of_an_event_of_the_same_chance(q, kind):
    """The one has its spread over draws of the hazard, the other none that a forecaster could read."""
    said = [given(forecast(q, kind=kind))]
    event = {"probability": believed(prior=QUANTITY)}
    assert believed(said, prior=QUANTITY) == pytest.approx(believed(said, prior=event), abs=2 * NOISE)


def test_the_pull_of_a_forecast_of_a_quantity_is_that_of_plain_numerical_integration():
    """Median 10,000 for 10,000: even odds."""
    even = {"quantity": {"unit": "soldiers", "median": 10_000, "interval": [2_000, 50_000], "at_least": 10_000}}
    net = asked([given(forecast(0.8), published="2024-02-01")], prior=even)
    (leaning,) = net.leaning.log_odds
    # even odds are met to 0.005 by the 8,000 draws behind the belief of the day, and that is 0.02 in log odds
    assert leaning == pytest.approx(logit(integrated([(0, 0.8, SIGMA["market"])], prior=0.5)), abs=0.02)
    assert [one.probability for one in net.opinions] == [0.8]


def test_a_forecast_of_a_quantity_before_a_count_leaves_its_pull_alone():
    early = given(forecast(0.5), published="2024-02-01")
    alone, beside = (pull(counted(), others, prior=QUANTITY) for others in ([], [early]))
    assert beside == pytest.approx(alone, abs=0.1)  # 8,000 draws of 0 or 1, half of them effective, four times: 0.05


@pytest.mark.parametrize("published", ["2024-04-01", "2024-03-01"])
def test_a_forecast_of_a_quantity_after_a_count_or_on_its_day_absorbs_it(published):
    day = date.fromisoformat(published)
    knowing = believed([counted()], day, prior=QUANTITY)
    assert knowing > believed([], day, prior=QUANTITY) + 0.3
    late = given(forecast(knowing), published=published)
    assert believed([counted(), late], day, prior=QUANTITY) == pytest.approx(knowing, abs=0.02)


def test_a_forecast_of_a_quantity_after_a_report_absorbs_it():
    day = date(2024, 4, 1)
    knowing = believed([REPORT], day, prior=QUANTITY)
    late = given(forecast(knowing), published="2024-04-01")
    assert believed([REPORT, late], day, prior=QUANTITY) == pytest.approx(knowing, abs=0.02)


def test_ten_experts_on_a_quantity_move_less_than_two_independent_ones_would():
    one, ten = (asked([given(*experts(n, 0.6))], prior=QUANTITY).leaning.log_odds[0] for n in (1, 10))
    at, sigma = believed(prior=QUANTITY), SIGMA["expert"]
    two_independent = logit(integrated([(0, 0.6, sigma)] * 2, prior=at, correlation=0)) - logit(at)
    assert one < ten < two_independent


def test_a_forecast_that_a_quantity_is_not_reached_mirrors_one_that_it_is():
    said, mirrored = (
        asked([given(one)], prior=QUANTITY).leaning.log_odds
        for one in (forecast(0.3), forecast(0.7, on="not-happening"))
    )
    assert said == pytest.approx(mirrored, abs=1e-12)


def test_a_forecast_of_a_quantity_moves_what_it_drives_and_tilts_its_level():
    driven = scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 5}], detection="uncertain")
    scenarios = {"a": scenario(prior=QUANTITY), "b": driven, "z": scenario(0.3, detection="uncertain")}
    before, after = (
        infer(network(scenarios, said, DAY), "importance", 4000, 1) for said in ([], [given(forecast(0.8))])
    )
    a, b, z = (before.network.position(name) for name in "abz")
    assert after.probability[a] > before.probability[a] + 0.4
    assert after.probability[b] > before.probability[b] + 0.1
    assert after.probability[z] == pytest.approx(before.probability[z], abs=NOISE)
    assert np.median(after.theta.log_peak) > np.median(before.theta.log_peak) + 0.5


@pytest.mark.parametrize("hazard_ratio", [2, 6])
def test_a_forecaster_of_what_a_quantity_drives_who_says_what_the_model_says_changes_almost_nothing(hazard_ratio):
    """He cannot know either which side of its threshold the quantity will end on."""
    driven = scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": hazard_ratio}], detection="uncertain")
    scenarios = {"a": scenario(prior=QUANTITY), "b": driven}

    def asked_of_both(articles):
        net = network(scenarios, articles, DAY)
        return dict(zip(net.ids, infer(net, "importance", 8000, 1).probability.tolist(), strict=True))

    before = asked_of_both([])
    after = asked_of_both([given(forecast(before["b"], about="b"), published="2024-02-01")])
    assert after["b"] == pytest.approx(before["b"], abs=0.02)
    assert after["a"] == pytest.approx(before["a"], abs=0.03)


# --- how much ---


def test_a_forecast_moves_the_belief_towards_itself_and_not_past():
    for q in (0.05, 0.2, 0.5, 0.9):
        after = believed([given(forecast(q))])
        assert min(q, 0.3) < after < max(q, 0.3)


def test_a_market_moves_more_than_a_crowd_than_an_expert_than_a_model():
    moved = [believed([given(forecast(0.7, kind=kind))]) for kind in ("market", "crowd", "expert", "model")]
    assert moved == sorted(moved, reverse=True)
    assert len(set(moved)) == 4
    assert moved[-1] > 0.3 + 3 * NOISE


def test_ten_experts_move_more_than_one_and_less_than_two_independent_ones_would():
    one, ten = believed([given(*experts(1, 0.7))]), believed([given(*experts(10, 0.7))])
    two_independent = integrated([(0.0, 0.7, SIGMA["expert"])] * 2, correlation=0.0)
    assert one + 2 * NOISE < ten < two_independent - 2 * NOISE


def test_a_hundred_experts_move_what_their_common_error_lets_them():
    """With correlation 0.8 no number of them says more than one with 0.8 of the variance."""
    many = integrated([(0.0, 0.7, SIGMA["expert"] * math.sqrt(CORRELATION))])
    assert believed([given(*experts(30, 0.7))]) == pytest.approx(many, abs=0.01)


def test_two_forecasters_who_differ_meet_between():
    low, high, both = (
        believed([given(*said)], prior=WIDE)
        for said in (
            [forecast(0.2)],
            [forecast(0.7, "cat")],
            [forecast(0.2), forecast(0.7, "cat")],
        )
    )
    assert low < both < high


def test_the_newest_forecast_of_a_source_replaces_the_older():
    old, new = given(forecast(0.9), published="2024-02-01"), given(forecast(0.2), published="2024-04-01")
    assert believed([old, new]) == believed([new]) == believed([new, old])
    other = given(forecast(0.9, "cat"), published="2024-02-01")
    assert believed([other, new]) > believed([new]) + NOISE


def test_a_forecast_repeated_in_ten_articles_moves_what_one_does():
    once = given(forecast(0.7), published="2024-02-01")
    elsewhere = [article(forecasts=[forecast(0.7)], published="2024-02-01", publisher="tabloid")] * 9
    assert believed([once, *elsewhere]) == believed([once])


def test_the_order_of_files_does_not_matter():
    said = [given(*experts(3, 0.6)), REPORT, given(forecast(0.2), published="2024-05-01"), given(forecast(0.4, "cat"))]
    assert len({believed(order, draws=500) for order in itertools.permutations(said)}) == 1


def test_a_forecast_moves_what_its_scenario_drives_and_nothing_else():
    scenarios = {
        "a": scenario(0.3),
        "b": scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 5}]),
        "c": scenario(),
    }
    nets = [network(scenarios, said, date(2024, 1, 1)) for said in ([], [given(forecast(0.8))])]
    before, after = (dict(zip(net.ids, infer(net, "importance", 8000, 1).probability, strict=True)) for net in nets)
    assert after["a"] > before["a"] + 0.2
    assert after["b"] > before["b"] + 0.05
    assert after["c"] == pytest.approx(before["c"], abs=1e-3)  # the prior's mean, over other draws


# --- polarity and deadlines ---


@pytest.mark.parametrize("q", [0.125, 0.25, 0.75])
def test_flipping_polarity_mirrors(q):
    """These numbers and their complements are exact in binary, so nothing may differ at all."""
    for deadline in ({}, {"deadline": "2025-01-01"}):
        plain = given(forecast(q, **deadline))
        flipped = given(forecast(1 - q, on="not-happening", **deadline))
        assert believed([plain], detection="certain") == believed([flipped], detection="certain")


# 732 days, so that half of the window is a day
WINDOW = {"opens": "2024-01-01", "deadline": "2026-01-02"}


def translated(probability, deadline, on="2024-01-01", **fields):
    """The forecast as the engine takes it, for the scenario's own deadline."""
    about = {"detection": "certain"} | WINDOW | fields
    said = given(forecast(probability, deadline=deadline), published=on)
    (opinion,) = opinions(project({"a": scenario(**about)}, [said]), date(2026, 1, 1), ["a"])
    return opinion.probability


def test_the_own_deadline_needs_no_translation():
    assert translated(0.2, "2026-01-02") == 0.2


def test_a_forecast_for_half_the_window_has_half_the_hazard():
    # 1 - 0.8^2
    assert translated(0.2, "2025-01-01") == pytest.approx(0.36, rel=1e-12)


def test_a_forecast_given_later_is_about_what_is_left_of_the_window():
    # a quarter is gone: what is left is three quarters, and the forecast is for one of them: 1 - 0.8^3
    assert translated(0.2, "2025-01-01", on="2024-07-02") == pytest.approx(0.488, rel=1e-12)
    # where nobody would have noticed, the whole window is still open
    assert translated(0.2, "2025-01-01", on="2024-07-02", detection="uncertain") == pytest.approx(0.36, rel=1e-12)


def test_a_forecast_for_longer_than_the_window_is_brought_back_along_the_fading_hazard():
    # the hazard goes on at its yearly rate and halves every two years: over two more years, (2 / ln 2) / 2 years' worth
    years = 732 / 365.25
    # 2028-01-02 is 730 days on
    more = 2 / math.log(2) * (1 - 2 ** (-730 / 365.25 / 2))
    assert translated(0.5, "2028-01-02") == pytest.approx(1 - 0.5 ** (years / (years + more)), rel=1e-9)


def test_a_forecast_of_the_stated_ten_year_view_is_the_stated_prior():
    ten_years = translated(0.6, "2034-01-01", outlook={"probability": 0.6})
    # ten years are 3653 days, of 3652.5
    assert ten_years == pytest.approx(0.3, abs=1e-3)


def test_a_translated_forecast_moves_as_its_translation_does():
    about = {"detection": "certain"} | WINDOW
    there, here = given(forecast(0.2, deadline="2025-01-01")), given(forecast(0.36))
    assert believed([there], **about) == pytest.approx(believed([here], **about), abs=1e-9)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"probability": 0}, "greater than 0"),
        ({"probability": 1}, "less than 1"),
        ({"probability": 40}, "less than 1"),
        ({"about": "b"}, "is no scenario here: b"),
        ({"on": "maybe"}, "'happening' or 'not-happening'"),
        ({"deadline": "2024-01-01"}, "must be after the forecast itself"),
        ({"deadline": "2023-12-15", "made": "2023-12-01"}, "must be after the day from which a counts"),
        ({"source": "papers"}, "Did you mean paper"),
        ({"kind": "oracle"}, "'market', 'crowd', 'expert' or 'model'"),
    ],
)
def test_a_forecast_that_cannot_be_is_refused_where_it_stands(fields, words):
    made = fields.pop("made", OPENS)
    one = forecast(**({"probability": 0.3} | fields))
    with pytest.raises(FaultyFilesError, match=words) as refused:
        project({"a": scenario()}, [given(one, published=made)])
    assert str(refused.value).startswith("seeds/article-000.yaml:1: forecasts.0")


# --- gradient ---


def test_the_gradient_is_that_of_finite_differences_over_two_days():
    """Both forecast days, a report between them, drivers, a late window, a resolved scenario."""
    pair = {"i": indicator(0.9, 0.2), "j": indicator(0.3, 0.6)}
    scenarios = {
        "a": scenario(0.3, indicators=pair, detection="uncertain"),
        "b": scenario(0.4, indicators=pair, drivers=[{"scenario": "a", "hazard_ratio": 3}]),
        "c": scenario(0.5, indicators=pair, resolution={"happened": True, "on": "2024-05-15"}),
    }
    articles = [
        given(forecast(0.2), forecast(0.6, "cat", "expert", "b"), published="2024-02-01"),
        article(report("a/i", "bob"), report("b/j", "bob", "denies", 2), published="2024-03-01"),
        given(forecast(0.7, "dan", "crowd"), forecast(0.5, "ann", "expert", "b"), published="2024-04-01"),
        article(report("a/i", "cat", "denies"), report("c/i", "bob"), published="2024-05-01"),
        given(forecast(0.4, about="c"), published="2024-05-05"),
    ]
    net = network(scenarios, articles, DAY)
    assert len(net.earlier) == 3
    theta = random_theta(net, 5, 7)
    value, gradient = value_and_gradient(net, theta)
    np.testing.assert_allclose(value, log_likelihood(net, theta), rtol=0, atol=1e-11)
    h = 1e-5
    for name in ("log_hazard", "log_hazard_ratio", "logit_if_true", "logit_if_false", "reliability"):
        at = getattr(theta, name)
        found = np.empty_like(at)
        for column in range(at.shape[1]):
            step = np.zeros_like(at)
            step[:, column] = h
            up, down = (log_likelihood(net, replace(theta, **{name: at + sign * step})) for sign in (1, -1))
            found[:, column] = (up - down) / (2 * h)
        # h = 1e-5: truncation is 1e-10 of the third derivative; rounding 1e-16 of a value of some hundred, over h
        np.testing.assert_allclose(getattr(gradient, name), found, rtol=1e-5, atol=1e-7, err_msg=name)


def test_the_compiled_likelihood_has_the_forecast_of_a_quantity_in_it():
    """It adds a constant to the log odds of one outcome, and so bends no derivative but through the outcome."""
    driven = scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 5}], indicators={"i": indicator()})
    scenarios = {"a": scenario(prior=QUANTITY), "b": driven}
    said = [given(forecast(0.8)), counted(published="2024-02-01"), article(report("b/i", "bob"))]
    net = network(scenarios, said, DAY)
    theta = prior_draws(net, 6, 3)
    value, gradient = value_and_gradient(net, theta)
    np.testing.assert_allclose(value, log_likelihood(net, theta), rtol=0, atol=1e-10)
    silent = replace(net, leaning=nobody_leans(2))
    assert np.abs(value - value_and_gradient(silent, theta)[0]).max() > 1
    step = 1e-5 * np.array([[0.0, 1.0]])
    up, down = (log_likelihood(net, replace(theta, log_hazard=theta.log_hazard + sign * step)) for sign in (1, -1))
    np.testing.assert_allclose(gradient.log_hazard[:, 1], (up - down) / 2e-5, rtol=1e-5, atol=1e-7)


# --- against plain numerical integration, and against every world gone through one by one ---

LOG_H = np.linspace(-8, 5, 2001)


def covariance(sigmas, correlation=CORRELATION):
    """Of the errors: two forecasters share most of what the more precise of them gets wrong."""
    return [
        [a**2 if i == j else correlation * min(a, b) ** 2 for j, b in enumerate(sigmas)] for i, a in enumerate(sigmas)
    ]


def log_density(missed, sigmas, correlation=CORRELATION):
    """Of errors (forecasters, draws), up to a constant."""
    return -(missed * np.linalg.solve(np.array(covariance(sigmas, correlation)), missed)).sum(axis=0) / 2


def integrated(forecasts, gone=0.0, prior=0.3, sd=0.6, correlation=CORRELATION):
    """P(scenario) from the one unknown, log H, summed over a grid; nothing shared with the engine.

    `forecasts`: (fraction of the window gone on its day, q, sigma). Nothing has been seen by `gone`.
    """

    def marginal(mean):
        weight = norm.pdf(LOG_H, mean, sd)
        return float((weight * -np.expm1(-np.exp(LOG_H))).sum() / weight.sum())

    low, high = -10.0, 4.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if marginal(middle) < prior else (low, middle)
    H = np.exp(LOG_H)
    left = [H * (1 - w) for w, _, _ in forecasts]
    missed = np.array([logit(q) - np.log(np.expm1(h)) for h, (_, q, _) in zip(left, forecasts, strict=True)])
    told = log_density(missed, [sigma for _, _, sigma in forecasts], correlation)
    weight = norm.pdf(LOG_H, low, sd) * np.exp(told - H * gone)
    return float((weight * -np.expm1(-H * (1 - gone))).sum() / weight.sum())


DAYS = 731
ASKED = {
    "one market": ([("2024-01-01", 0.6, "market")], "2024-01-01"),
    "three of three kinds, apart": (
        [("2024-01-01", 0.1, "market"), ("2024-01-01", 0.5, "crowd"), ("2024-01-01", 0.8, "expert")],
        "2024-01-01",
    ),
    "two days, the window half gone": (
        [("2024-02-01", 0.6, "market"), ("2024-12-01", 0.15, "expert"), ("2024-12-01", 0.3, "model")],
        "2024-12-31",
    ),
    "five who agree on the unlikely": ([("2024-01-01", 0.02, "expert")] * 5, "2024-06-01"),
}


@pytest.mark.parametrize("name", ASKED)
@pytest.mark.parametrize("sd", [0.6, 1.6])
def test_the_quick_engine_agrees_with_plain_numerical_integration(name, sd):
    said, day = ASKED[name]

    def gone(on):
        return (date.fromisoformat(on) - date(2024, 1, 1)).days / DAYS

    def on_scale(z):
        """An interval sd wide on the complementary log-log scale; where it lies is the mean's affair."""
        return -math.expm1(-math.exp(math.log(-math.log(0.7)) + 1.6448536269514722 * sd * z))

    articles = [given(forecast(q, f"s{k}", kind), published=on) for k, (on, q, kind) in enumerate(said)]
    prior = {"probability": 0.3, "interval": [on_scale(-1), on_scale(1)]}
    found = infer(asked(articles, date.fromisoformat(day), prior=prior, detection="certain"), "importance", 20_000, 1)
    by_hand = integrated([(gone(on), q, SIGMA[kind]) for on, q, kind in said], gone(day), sd=sd)
    # sd 0.2 over 40,000 draws, half of them effective: 0.0014
    assert float(found.probability[0]) == pytest.approx(by_hand, abs=0.005)
    assert found.diagnostics.pareto_k < 0.7


def test_the_quick_engine_agrees_with_all_worlds_gone_through_on_every_forecaster_s_day():
    """Drivers, reports before, between and after the forecasts, a window that runs; brute.py knows no forecasts."""
    scenarios = {
        "a": scenario(0.35, indicators={"i": indicator(0.9, 0.3)}, detection="uncertain"),
        "b": scenario(
            0.25,
            indicators={"j": indicator(0.7, 0.2)},
            drivers=[{"scenario": "a", "hazard_ratio": 4, "interval": [2, 8]}],
        ),
    }
    articles = [
        article(report("a/i", "bob"), published="2024-02-01"),
        given(forecast(0.4, "s0", "market"), forecast(0.5, "s1", "expert", "b"), published="2024-03-01"),
        article(report("b/j", "bob"), report("a/i", "cat", "denies"), published="2024-04-01"),
        given(forecast(0.25, "s2", "crowd"), forecast(0.6, "s3", "expert", "b"), published="2024-05-01"),
        article(report("b/j", "fay", "denies"), published="2024-06-01"),
    ]
    said = {
        "a": [(date(2024, 3, 1), 0.4, SIGMA["market"]), (date(2024, 5, 1), 0.25, SIGMA["crowd"])],
        "b": [(date(2024, 3, 1), 0.5, SIGMA["expert"]), (date(2024, 5, 1), 0.6, SIGMA["expert"])],
    }
    about = project(scenarios, articles, CROWD)
    theta = brute.prior_theta(about, DAY, 200_000, 5)
    weight, now = brute.likelihood_and_probabilities(about, theta, DAY)
    for name, forecasts in said.items():
        then = [brute.likelihood_and_probabilities(about, theta, day)[1][name] for day, _, _ in forecasts]
        missed = np.array([logit(q) - np.log(p / (1 - p)) for p, (_, q, _) in zip(then, forecasts, strict=True)])
        weight = weight * np.exp(log_density(missed, [sigma for _, _, sigma in forecasts]))
    found = infer(build(about, DAY), "importance", 20_000, 1)
    assert found.diagnostics.sound, found.diagnostics.message
    assert weight.sum() ** 2 / (weight**2).sum() > 6000
    for name, p in now.items():
        # sd 0.15 over 6000 effective plain draws, and over some thousand of the engine's: 0.002 each
        by_hand = float(np.sum(weight * p) / weight.sum())
        assert found.probability[found.network.position(name)] == pytest.approx(by_hand, abs=0.005), name


# --- blocks ---


def two_groups():
    """Joined within by a driver and by sources; the groups share neither, but one forecaster speaks of both."""
    scenarios = {
        "a": scenario(0.3, indicators={"i": indicator()}),
        "b": scenario(0.4, indicators={"i": indicator()}, drivers=[{"scenario": "a", "hazard_ratio": 3}]),
        "c": scenario(0.2, indicators={"i": indicator()}),
        "d": scenario(0.6, indicators={"i": indicator()}),
    }
    articles = {
        "ab": [
            article(report("a/i", "ann"), report("b/i", "bob", "denies")),
            given(forecast(0.6), forecast(0.5, "s1", "expert", "b"), published="2024-02-01"),
        ],
        "cd": [
            article(report("c/i", "cat"), report("d/i", "cat", "denies"), publisher="cat"),
            given(forecast(0.5, about="c"), published="2024-03-01"),
        ],
    }
    return scenarios, articles


@pytest.mark.parametrize("names", ["ab", "cd"])
def test_scenarios_that_share_no_unknown_get_the_same_answer_alone_and_together(names):
    scenarios, articles = two_groups()
    both = network(scenarios, [*articles["ab"], *articles["cd"]], DAY, grades=CROWD)
    part = network({name: scenarios[name] for name in names}, articles[names], DAY, grades=CROWD)
    together, alone = (infer(net, "importance", 8000, 1) for net in (both, part))
    for name in names:
        here, there = both.position(name), part.position(name)
        assert together.probability[here] == pytest.approx(alone.probability[there], abs=NOISE)
        np.testing.assert_allclose(together.interval[:, here], alone.interval[:, there], atol=4 * NOISE)


def test_sources_of_one_group_are_graded_alone_as_together():
    scenarios, articles = two_groups()
    both = network(scenarios, [*articles["ab"], *articles["cd"]], DAY, grades=CROWD)
    part = network({name: scenarios[name] for name in "cd"}, articles["cd"], DAY, grades=CROWD)
    cat = [
        infer(net, "importance", 8000, 1).theta.reliability[:, net.evidence.sources.index("cat")].mean()
        for net in (both, part)
    ]
    # sd 0.14 over 8000 draws: 0.0016
    assert cat[0] == pytest.approx(cat[1], abs=0.006)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_a_market_on_a_driven_scenario_does_not_wear_the_quick_engine_out(seed):
    """Two scenarios and one number: what the driver adds is unknown too, and the draws must leave room for it."""
    scenarios = {"a": scenario(0.3), "b": scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 3}])}
    said = [given(forecast(0.4, about="b"), published="2024-04-01")]
    found = infer(network(scenarios, said, DAY), "importance", 4000, seed).diagnostics
    assert found.sound, found.message


def test_many_scenarios_with_many_forecasters_do_not_wear_the_quick_engine_out():
    """Weighed as one, thirty scenarios would leave no draw any weight."""
    rng = np.random.default_rng(11)
    names = [f"q{number}" for number in range(30)]
    stated = dict(zip(names, rng.uniform(0.05, 0.9, 30).round(3).tolist(), strict=True))
    scenarios = {name: scenario(p) for name, p in stated.items()}
    said = [
        given(*(forecast(float(q), f"s{k}", "expert", name) for k, q in enumerate(rng.uniform(0.02, 0.98, 5).round(3))))
        for name in names
    ]
    net = network(scenarios, said, date(2024, 1, 1), grades=CROWD)
    found = infer(net, "importance", 4000, 1)
    assert found.diagnostics.sound, found.diagnostics.message
    assert found.diagnostics.pareto_k < 0.7
    # and each is what it is alone, to three errors of 4000 effective draws
    lone = network({"q7": scenarios["q7"]}, [said[7]], date(2024, 1, 1), grades=CROWD)
    assert found.probability[net.position("q7")] == pytest.approx(
        infer(lone, "importance", 4000, 1).probability[0], abs=0.01
    )


def after_the_deadline(deadline):
    """The scenario ends on 2026-01-01 and nobody has told what came of it; somebody forecasts all the same."""
    return given(forecast(0.9, deadline=deadline), published="2026-02-01")


def test_a_forecast_for_a_later_day_made_after_the_deadline_is_passed_over():
    """What comes after the deadline is another question: the answer is as without it."""
    late = date(2026, 3, 1)
    assert asked([after_the_deadline("2027-01-01")], late).opinions == ()
    assert believed([after_the_deadline("2027-01-01")], late) == believed([], late)
    assert len(asked([given(forecast(0.9, deadline="2027-01-01"), published="2025-12-01")], late).opinions) == 1


@pytest.mark.parametrize("q", [1e-6, 0.001, 0.999, 1 - 1e-6])
def test_a_forecast_of_a_quantity_that_is_all_but_certain_is_heard(q):
    sure = QUANTITY["quantity"] | {"median": 60_000, "interval": [50_000, 70_000]}
    p = believed([given(forecast(q))], prior={"quantity": sure})
    assert 0 < p <= 1


def test_a_pull_is_what_running_again_without_the_report_takes_away():
    """Two reports, and a market that had read them: it would have told other news, had there been nothing to read."""
    said = [REPORT, article(report("a/j", "bob"), published="2024-03-15")]
    market = given(forecast(0.5), published="2024-04-01")
    about = {"indicators": {"i": indicator(), "j": indicator(0.6, 0.3)}, "prior": WIDE}
    found = pulls(infer(asked([*said, market], **about), "importance", 40_000, 1))
    for one, others in zip(found, (said[1:], said[:1]), strict=True):
        without = believed([*others, market], draws=40_000, **about)
        assert one.without == pytest.approx(without, abs=NOISE)


@pytest.mark.parametrize("digit", [1, 2, 3, 4, 5])
def test_what_would_be_believed_without_a_report_does_not_depend_on_its_digit(digit):
    said = article(report("a/i", "ann", credibility=digit), published="2024-03-01")
    market = given(forecast(0.5), published="2024-04-01")
    (found,) = pulls(infer(asked([said, market]), "importance", 40_000, 1))
    # few of the draws are like those without it, where the market had read a strong report
    assert found.without == pytest.approx(believed([market], draws=40_000), abs=2 * NOISE)
