"""What reports may and may not do to a belief: the properties of the model page, one promise a test."""

import itertools
import json
import math
import warnings
from datetime import date
from statistics import NormalDist

import numpy as np
import pytest
from builders import DAY, article, at_centre, files, indicator, network, project, report, scenario
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.belief.assumptions import Assumptions
from engine.belief.hearing import build
from engine.belief.inference import infer
from engine.belief.likelihood import believe
from engine.belief.parameters import Parameters
from engine.belief.witnesses import witnesses
from engine.errors import ForecastError
from engine.records.assembly import assemble

EXACT = 1e-9
"""A closed form in doubles. Also covers rho held at 1 - 1e-12 where a source is always right."""

PRIOR_KEPT = 0.005
"""The model page's own bound on how far the stated priors may drift."""


def odds(p):
    return p / (1 - p)


def decibans(before, after):
    return 10 * math.log10(odds(after) / odds(before))


def belief(net, reliability=None, name="a"):
    """P(name) with every unknown at the centre of its prior: no spread at all."""
    return float(believe(net, at_centre(net, reliability)).scenarios[0, net.position(name)])


def base(net, name="a"):
    """The same without reports: 1 - exp(-H) at the centre."""
    return float(-np.expm1(-np.exp(net.baselines.shift[net.position(name)])))


def posterior(net, draws=4000, seed=1):
    return dict(zip(net.ids, infer(net, "importance", draws, seed).probability.tolist(), strict=True))


def claims(n=1, **pair):
    return {"a": scenario(indicators={f"i{k}": indicator(**pair) for k in range(n)})}


# --- no reports ---

QUANTITY = {"quantity": {"unit": "soldiers", "median": 4000, "interval": [500, 20000], "at_least": 10000}}
BASE_RATE = {"base_rate": {"events": 2, "years": 11}}
NETWORKS = {
    "alone": {"a": scenario(0.12)},
    "with an interval": {"a": scenario(prior={"probability": 0.12, "interval": [0.02, 0.5]})},
    "nearly certain": {"a": scenario(prior={"probability": 0.97, "interval": [0.7, 0.999]})},
    "rare": {"a": scenario(prior={"probability": 0.002, "interval": [0.0001, 0.02]})},
    "base rate": {"a": scenario(prior=BASE_RATE)},
    "quantity": {"a": scenario(prior=QUANTITY)},
    "driven": {
        "a": scenario(0.4),
        "b": scenario(0.25, drivers=[{"scenario": "a", "hazard_ratio": 5, "interval": [2, 12]}]),
    },
    "held back": {"a": scenario(0.4), "b": scenario(0.6, drivers=[{"scenario": "a", "hazard_ratio": 0.1}])},
    "chain and collider": {
        "a": scenario(0.5),
        "b": scenario(0.3, drivers=[{"scenario": "a", "hazard_ratio": 4}]),
        "c": scenario(0.2),
        "d": scenario(
            0.35, drivers=[{"scenario": "b", "hazard_ratio": 3}, {"scenario": "c", "probability_if_occurs": 0.7}]
        ),
    },
    "driven base rate": {
        "a": scenario(0.4),
        "b": scenario(prior=BASE_RATE, drivers=[{"scenario": "a", "hazard_ratio": 3}]),
    },
    "driven by a quantity": {
        "a": scenario(prior=QUANTITY),
        "b": scenario(prior=QUANTITY, drivers=[{"scenario": "a", "hazard_ratio": 2}]),
        "c": scenario(0.1, drivers=[{"scenario": "a", "hazard_ratio": 4}, {"scenario": "b", "hazard_ratio": 0.5}]),
    },
}
STATED_BY_HAND = {
    # gamma(2.5, rate 11) mixed over the window of 731 days
    ("base rate", "a"): 1 - (11 / (11 + 731 / 365.25)) ** 2.5,
    # log(4000/10000) = -0.9163 over hypot(log(40)/3.2897, 0.1) = 1.1258 is -0.8139 sd
    ("quantity", "a"): NormalDist().cdf(-0.8139),
}
LAWS_OF_NO_REPORTS = [(name, one) for name, scenarios in NETWORKS.items() for one in scenarios]


@pytest.mark.parametrize(("name", "one"), LAWS_OF_NO_REPORTS)
def test_with_no_reports_the_posterior_is_the_stated_prior(name, one):
    net = network(NETWORKS[name])
    record = net.scenarios[net.position(one)]
    stated = record.prior.probability or STATED_BY_HAND.get((name, one)) or record.prior_probability
    assert posterior(net)[one] == pytest.approx(stated, abs=PRIOR_KEPT)


@pytest.mark.parametrize("name", ["alone", "quantity", "driven"])
def test_with_no_reports_the_quick_engine_trusts_itself(name):
    """All weights are equal, but for rounding: there is no tail to distrust."""
    found = [infer(network(NETWORKS[name]), "importance", 2000, seed).diagnostics for seed in range(1, 6)]
    assert [checks.message for checks in found] == [""] * 5


def test_the_prior_is_kept_by_fresh_draws_too_not_only_by_those_it_was_solved_with():
    found = [posterior(network(NETWORKS["chain and collider"]), draws=8000, seed=seed)["d"] for seed in (2, 3, 4)]
    assert found == pytest.approx([0.35] * 3, abs=PRIOR_KEPT)


def test_with_no_reports_the_interval_of_a_base_rate_is_that_of_its_gamma():
    from scipy.stats import gamma

    found = infer(network({"a": scenario(prior=BASE_RATE)}), "importance", 20_000, 1).interval[:, 0]
    hazard = gamma(2.5, scale=731 / 365.25 / 11).ppf([0.05, 0.95])
    # a 5 % quantile of 20,000 draws errs by sqrt(0.05 0.95 / 20,000) = 0.0015 of rank, 0.002 and 0.004 of probability
    assert found.tolist() == pytest.approx((1 - np.exp(-hazard)).tolist(), abs=0.008)


def test_with_no_reports_a_stated_interval_is_as_wide_as_it_was_stated():
    low, high = infer(network(NETWORKS["with an interval"]), "importance", 20_000, 1).interval[:, 0]

    def on_scale(p):
        return math.log(-math.log(1 - p))

    # the mean is held, so the interval may slide along the complementary log-log scale, but not stretch
    assert on_scale(high) - on_scale(low) == pytest.approx(on_scale(0.5) - on_scale(0.02), rel=0.03)


def test_probability_if_occurs_is_what_the_scenario_has_if_its_driver_occurs():
    net = network(NETWORKS["chain and collider"])
    occurs = {"c": scenario(0.2, resolution={"happened": True, "on": "2024-01-01"})}
    # a draw of theta in which c was likelier does not count more here: that is what a resolution teaches, not what q means
    theta = infer(net, "importance", 8000, 1).theta
    resolved = network(NETWORKS["chain and collider"] | occurs)
    chances = believe(resolved, theta)
    unresolved = believe(net, theta)
    c = net.position("c")
    given_c = np.average(chances.scenarios[:, net.position("d")], weights=unresolved.scenarios[:, c])
    assert given_c == pytest.approx(0.7, abs=PRIOR_KEPT)


@pytest.mark.parametrize("if_occurs", [0.599, 0.59, 0.5, 0.05, 0.005])
def test_a_driver_stated_up_to_its_bound_leaves_the_prior_in_place(if_occurs):
    # 0.3 / 0.5: the child cannot be likelier than 0.6 if its driver occurs, and no likelier than coherent without it
    net = network(
        {"a": scenario(0.5), "b": scenario(0.3, drivers=[{"scenario": "a", "probability_if_occurs": if_occurs}])}
    )
    assert posterior(net)["b"] == pytest.approx(0.3, abs=PRIOR_KEPT)


def test_two_drivers_stated_as_probabilities_leave_the_prior_in_place():
    net = network(
        {
            "a": scenario(0.5),
            "b": scenario(0.5),
            "c": scenario(
                0.3,
                drivers=[
                    {"scenario": "a", "probability_if_occurs": 0.5},
                    {"scenario": "b", "probability_if_occurs": 0.45},
                ],
            ),
        }
    )
    assert posterior(net)["c"] == pytest.approx(0.3, abs=PRIOR_KEPT)


@pytest.mark.parametrize("if_occurs", [0.58, 0.02])
def test_two_drivers_that_cannot_both_be_right_are_refused_or_leave_the_prior_in_place(if_occurs):
    """Each is coherent alone. Together P(c | a, b) would have to be above 1 (0.58 is half of it and half of 0.04 at most),

    or P(c | neither) would: 0.3 is a quarter of it, and little more where either happens.
    """
    drivers = [{"scenario": one, "probability_if_occurs": if_occurs} for one in "ab"]
    try:
        net = network({"a": scenario(0.5), "b": scenario(0.5), "c": scenario(0.3, drivers=drivers)})
    except ForecastError:
        return
    assert posterior(net)["c"] == pytest.approx(0.3, abs=PRIOR_KEPT)


@pytest.mark.parametrize(
    ("median", "interval", "threshold", "p"),
    [(3, [2.9, 3.1], 1e9, 0.0), (1e9, [9e8, 1.1e9], 1, 1.0), (3, [2, 4], 30, 0.0)],
)
def test_a_threshold_far_out_of_reach_or_long_passed_is_no_trouble(median, interval, threshold, p):
    """No warning reaches the terminal, and the answer is a number."""
    prior = {"quantity": {"unit": "men", "median": median, "interval": interval, "at_least": threshold}}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = network({"a": scenario(prior=prior), "b": scenario(0.3, drivers=[{"scenario": "a", "hazard_ratio": 2}])})
        found = posterior(net, draws=500)
    assert found["a"] == pytest.approx(p, abs=1e-6)
    assert found["b"] == pytest.approx(0.3, abs=0.01)  # 500 draws that vary by 0.15


# --- how much one report moves ---


@pytest.mark.parametrize("stance", ["affirms", "denies"])
def test_a_report_of_a_coin_flip_source_changes_nothing(stance):
    net = network(claims(), [article(report("a/i0", "fay", stance))])
    assert belief(net, reliability=0.0) == pytest.approx(base(net), abs=EXACT)


def test_a_search_by_a_coin_flip_source_that_found_nothing_changes_nothing():
    net = network(claims(), [article(report("a/i0", "fay", "absent", detection=0.9))])
    assert belief(net, reliability=0.0) == pytest.approx(base(net), abs=EXACT)


def test_one_sure_report_moves_the_odds_by_the_likelihood_ratio():
    net = network(claims(if_true=0.8, if_false=0.2), [article(report("a/i0", "ann"))])
    assert odds(belief(net, 1.0)) / odds(base(net)) == pytest.approx(4, rel=EXACT)


def test_one_report_moves_the_odds_by_the_ratio_worked_by_hand():
    # B has mean reliability 0.85, digit 2 weighs 0.9: rho 0.765, so P(affirms | C) = 0.8825 or 0.1175
    net = network(claims(if_true=0.9, if_false=0.45), [article(report("a/i0", "bob", credibility=2))])
    ratio = (0.9 * 0.8825 + 0.1 * 0.1175) / (0.45 * 0.8825 + 0.55 * 0.1175)
    assert odds(belief(net)) / odds(base(net)) == pytest.approx(ratio, rel=EXACT)


@pytest.mark.parametrize("kind", ["affirms", "denies"])
@pytest.mark.parametrize("pair", [(0.8, 0.2), (0.97, 0.03), (0.6, 0.01)])
def test_an_e5_report_moves_less_than_one_deciban(kind, pair):
    said = claims(if_true=pair[0], if_false=pair[1])
    after = posterior(network(said, [article(report("a/i0", "eve", kind, credibility=5))]))["a"]
    before = posterior(network(said))["a"]
    assert 0 < abs(decibans(before, after)) < 1


def test_better_grades_and_better_digits_move_more():
    def moved(source, digit):
        net = network(claims(), [article(report("a/i0", source, credibility=digit))])
        return decibans(base(net), belief(net))

    by_grade = [moved(source, 2) for source in ("ann", "bob", "cat", "dan", "eve")]
    by_digit = [moved("bob", digit) for digit in (1, 2, 3, 4, 5)]
    assert by_grade == sorted(by_grade, reverse=True)
    assert by_digit == sorted(by_digit, reverse=True)
    assert len(set(by_grade)) == len(set(by_digit)) == 5
    assert moved("bob", 6) == pytest.approx(moved("bob", 3), abs=EXACT)


# --- echoes ---


@pytest.mark.parametrize("stance", ["affirms", "denies"])
def test_ten_copies_move_what_one_does(stance):
    one = network(claims(), [article(report("a/i0", "cat", stance))])
    ten = network(claims(), [article(report("a/i0", "cat", stance)) for _ in range(10)])
    assert posterior(ten) == posterior(one)


def test_ten_papers_relaying_one_source_move_what_the_best_of_them_does():
    def relays(*papers):
        return network(claims(), [article(report("a/i0", "cat"), publisher=paper) for paper in papers])

    assert posterior(relays(*["tabloid", "paper"] * 5)) == posterior(relays("paper"))


def test_copies_within_one_article_move_what_one_does():
    one = network(claims(), [article(report("a/i0", "cat"))])
    three = network(claims(), [article(*[report("a/i0", "cat")] * 3)])
    assert posterior(three) == posterior(one)


def test_the_best_credibility_among_copies_counts():
    both = network(claims(), [article(report("a/i0", "cat", credibility=digit)) for digit in (4, 2)])
    best = network(claims(), [article(report("a/i0", "cat", credibility=2))])
    assert belief(both) == belief(best)


def test_the_order_of_files_and_of_reports_is_irrelevant():
    said = {
        "a": scenario(indicators={"i0": indicator(), "i1": indicator(0.9, 0.4)}),
        "b": scenario(0.2, indicators={"j0": indicator()}, drivers=[{"scenario": "a", "hazard_ratio": 3}]),
    }
    reports = [
        report(path, source, stance, digit)
        for path, source, stance, digit in [
            ("a/i0", "ann", "affirms", 2),
            ("a/i1", "ann", "denies", 3),
            ("b/j0", "cat", "affirms", 1),
            ("a/i0", "dan", "denies", 4),
            ("b/j0", "ann", "affirms", 2),
        ]
    ]

    def answer(order, backwards):
        records = files(said, [article(*reports[:3], publisher="paper"), article(*reports[3:], publisher="tabloid")])
        shuffled = [json.loads(content) for content in records.articles.values()]
        for one in shuffled:
            order.shuffle(one["reports"])
        pairs = list(zip(records.articles, (json.dumps(one).encode() for one in shuffled), strict=True))
        scenarios = list(records.scenarios.items())
        for listed in (pairs, scenarios):
            if backwards:
                listed.reverse()
        mixed = type(records)(dict(scenarios), dict(pairs), records.sources)
        return posterior(build(assemble(mixed).project, DAY))

    straight = answer(np.random.default_rng(0), backwards=False)
    for seed, backwards in itertools.product((1, 2, 3), (False, True)):
        assert answer(np.random.default_rng(seed), backwards) == straight


def test_the_names_of_article_files_are_irrelevant():
    said = [article(report("a/i0", "ann")), article(report("a/i0", "bob", "denies"), published="2023-05-01")]
    assert posterior(network(claims(), said)) == posterior(network(claims(), said[::-1]))


# --- many witnesses ---


@pytest.mark.parametrize("k", [1, 2, 5, 9])
def test_k_independent_equal_indicators_at_zero_spread_give_the_ratio_to_the_power_k(k):
    net = network(claims(k), [article(report(f"a/i{n}", "ann")) for n in range(k)])
    assert odds(belief(net, 1.0)) / odds(base(net)) == pytest.approx(4.0**k, rel=1e-8)  # k times rho = 1 - 1e-12


def test_k_equal_indicators_give_the_ratio_to_the_power_k_through_the_whole_engine_at_almost_no_spread():
    nothing = Assumptions(log_hazard_sd=1e-6, likelihood_sd=1e-6)
    net = network(claims(3), [article(report(f"a/i{n}", "ann")) for n in range(3)], assumptions=nothing)
    certain = network(claims(3), assumptions=nothing)
    before, after = posterior(certain)["a"], posterior(net)["a"]
    # A is Beta(19, 1): three reports of one source, whose reliability is the only thing not known
    r = np.linspace(0, 1, 20_001)[1:-1]
    density = r**18
    ratio = (0.8 * (1 + r) / 2 + 0.2 * (1 - r) / 2) / (0.2 * (1 + r) / 2 + 0.8 * (1 - r) / 2)
    if_not = ((0.2 * (1 + r) + 0.8 * (1 - r)) / 2) ** 3
    expected = (density * if_not * ratio**3).sum() / (density * if_not).sum()
    # 8,000 plain draws of r; the ratio varies by 0.35 of itself, so 0.4 %, thrice over
    assert odds(after) / odds(before) == pytest.approx(expected, rel=0.015)


@given(
    st.floats(0.05, 0.95),
    st.floats(0.05, 0.95),
    st.lists(st.sampled_from(["ann", "bob", "cat", "dan", "eve", "fay"]), min_size=1, unique=True),
)
@settings(max_examples=40)
def test_the_pull_of_an_indicator_is_bounded_by_its_ratio_however_many_affirm_it(t, f, sources):
    net = network(claims(if_true=t, if_false=f), [article(report("a/i0", source)) for source in sources])
    for stance_odds in [odds(belief(net, 1.0)) / odds(base(net)), odds(belief(net)) / odds(base(net))]:
        assert abs(math.log(stance_odds)) <= abs(math.log(t / f)) + EXACT


def test_many_good_sources_come_close_to_the_bound():
    net = network(claims(), [article(report("a/i0", source)) for source in ("ann", "bob", "cat", "paper")])
    assert odds(belief(net)) / odds(base(net)) == pytest.approx(4, rel=0.01)


@pytest.mark.parametrize("pair", [(0.8, 0.2), (0.9, 0.45), (0.1, 0.6)])
def test_opposite_reports_by_equal_sources_cancel_where_the_claim_was_even_to_begin_with(pair):
    """With rho equal, P(affirms) P(denies) is the same whether the claim is true or not."""
    net = network(
        claims(if_true=pair[0], if_false=pair[1]),
        [article(report("a/i0", "bob")), article(report("a/i0", "paper", "denies"))],
    )
    assert belief(net) == pytest.approx(base(net), abs=EXACT)


def test_opposite_reports_by_equal_sources_cancel_with_spreads_too():
    net = network(claims(), [article(report("a/i0", "bob")), article(report("a/i0", "paper", "denies"))])
    # two reliabilities drawn apart: their difference averages out over 8,000 draws
    assert posterior(net)["a"] == pytest.approx(0.3, abs=PRIOR_KEPT)


@pytest.mark.parametrize("if_true", [0.6, 0.8, 0.97])
@pytest.mark.parametrize("stance", ["affirms", "denies"])
def test_a_wider_spread_on_a_symmetric_pair_never_moves_the_mean_further(if_true, stance):
    """The mean over the spread, by quadrature: nothing is drawn, so nothing hides a small breach."""
    net = network(claims(if_true=if_true, if_false=1 - if_true), [article(report("a/i0", "bob", stance))])
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    x, y = (grid.reshape(-1, 1) for grid in np.meshgrid(nodes, nodes))
    weight = np.outer(weights, weights).reshape(-1)
    one = at_centre(net)

    def shift(sd):
        theta = Parameters(
            *(np.repeat(getattr(one, name), len(x), axis=0) for name in ("log_hazard", "log_hazard_ratio")),
            logit_if_true=one.logit_if_true + sd * x,
            logit_if_false=one.logit_if_false + sd * y,
            reliability=np.repeat(one.reliability, len(x), axis=0),
        )
        found = believe(net, theta)
        weighted = weight * np.exp(found.log_likelihood)
        return abs(decibans(base(net), np.average(found.scenarios[:, 0], weights=weighted)))

    shifts = [shift(sd) for sd in (0, 0.1, 0.2, 0.4, 0.8, 1.6)]
    assert all(wider < tighter for tighter, wider in itertools.pairwise(shifts))


def test_a_wider_spread_moves_less_through_the_whole_engine():
    said = [article(report("a/i0", "ann"))]
    moved = [
        posterior(network(claims(), said, assumptions=Assumptions(likelihood_sd=sd)))["a"] for sd in (0.01, 0.8, 1.6)
    ]
    assert moved[0] > moved[1] > moved[2] > 0.3


# --- which stance holds ---


def test_the_newest_stance_of_a_source_replaces_its_older_ones():
    both = network(
        claims(),
        [article(report("a/i0", "bob", "denies"), published="2023-01-01"), article(report("a/i0", "bob"))],
    )
    assert posterior(both) == posterior(network(claims(), [article(report("a/i0", "bob"))]))


def test_an_older_article_read_later_does_not_replace_a_newer_one():
    both = network(
        claims(),
        [article(report("a/i0", "bob")), article(report("a/i0", "bob", "denies"), published="2023-01-01")],
    )
    assert posterior(both) == posterior(network(claims(), [article(report("a/i0", "bob"))]))


def test_a_source_that_admits_what_it_denied_has_changed_its_stance():
    """The newest stance of a source replaces its older ones; an admission changes only the grade."""
    denied = article(report("a/i0", "eve", "denies"), published="2023-01-01")
    admits = article(report("a/i0", "eve", against_interest=True))
    assert posterior(network(claims(), [denied, admits])) == posterior(network(claims(), [admits]))


def test_a_retraction_removes_what_was_said():
    net = network(
        claims(),
        [article(report("a/i0", "bob"), published="2023-01-01"), article(report("a/i0", "bob", "retracted"))],
    )
    assert net.evidence.witnesses == ()
    assert posterior(net) == posterior(network(claims()))


def test_a_retraction_removes_only_what_its_own_source_said_of_its_own_indicator():
    kept = [article(report("a/i0", "ann")), article(report("a/i1", "bob"))]
    gone = [
        article(report("a/i0", "bob"), published="2023-01-01"),
        article(report("a/i0", "bob", "retracted"), published="2023-02-01"),
    ]
    assert posterior(network(claims(2), kept + gone)) == posterior(network(claims(2), kept))


def test_what_is_said_again_after_a_retraction_counts():
    said = [
        article(report("a/i0", "bob"), published="2023-01-01"),
        article(report("a/i0", "bob", "retracted"), published="2023-02-01"),
        article(report("a/i0", "bob"), published="2023-03-01"),
    ]
    assert posterior(network(claims(), said)) == posterior(network(claims(), said[2:]))


def test_a_relay_weighs_its_credibility_times_its_publishers_mean_reliability():
    relay = network(claims(), [article(report("a/i0", "ann", credibility=2), publisher="tabloid")])
    assert [witness.weight for witness in relay.evidence.witnesses] == pytest.approx([0.9 * 0.4])  # D is Beta(4, 6)
    direct = network(claims(), [article(report("a/i0", "ann", credibility=2))])
    assert [witness.weight for witness in direct.evidence.witnesses] == pytest.approx([0.9])


def test_an_admission_against_interest_is_graded_a_whatever_the_letter():
    admits = network(claims(), [article(report("a/i0", "eve", against_interest=True))])
    by_a = network(claims(), [article(report("a/i0", "ann"))])
    assert posterior(admits) == posterior(by_a)
    assert posterior(network(claims(), [article(report("a/i0", "eve"))])) != posterior(by_a)


@pytest.mark.parametrize(
    ("detection", "r", "digit", "kappa"), [(0.9, 0.85, 1, 1.0), (0.5, 0.3, 2, 0.9), (1.0, 1.0, 1, 1.0)]
)
def test_absence_where_it_was_looked_for_has_likelihood_one_minus_d_rho(detection, r, digit, kappa):
    net = network(
        claims(if_true=0.9, if_false=0.3), [article(report("a/i0", "bob", "absent", digit, detection=detection))]
    )
    missed = 1 - detection * r * kappa
    ratio = (0.9 * missed + 0.1) / (0.3 * missed + 0.7)
    assert odds(belief(net, r)) / odds(base(net)) == pytest.approx(ratio, rel=1e-9)


# --- time ---


def test_nothing_dated_after_the_day_is_seen():
    later = [
        article(report("a/i0", "ann"), published="2024-03-02"),
        article(report("a/i0", "bob"), published="2025-01-01"),
    ]
    quiet = {"a": claims()["a"] | {"detection": "uncertain"}}
    resolved = {"a": quiet["a"] | {"resolution": {"happened": True, "on": "2024-03-02"}}}
    day = date(2024, 3, 1)
    assert posterior(network(resolved, later, day)) == posterior(network(quiet, [], day))
    assert posterior(network(resolved, later, date(2024, 3, 2)))["a"] == 1


def test_an_article_counts_from_the_day_it_was_published():
    said = [article(report("a/i0", "ann"), published="2024-03-01")]
    assert len(network(claims(), said, date(2024, 3, 1)).evidence.witnesses) == 1
    assert len(network(claims(), said, date(2024, 2, 29)).evidence.witnesses) == 0


def test_an_article_of_unknown_date_counts_from_the_day_it_came_to_hand():
    said = [article(report("a/i0", "ann"), published="unknown", received="2024-03-01")]
    assert len(network(claims(), said, date(2024, 3, 1)).evidence.witnesses) == 1
    assert len(network(claims(), said, date(2024, 2, 29)).evidence.witnesses) == 0


@pytest.mark.parametrize("day", [date(2024, 1, 1), date(2024, 7, 1), date(2025, 6, 1), date(2025, 12, 31)])
def test_a_belief_sinks_by_itself_by_the_closed_form_when_nothing_happens(day):
    net = network({"a": scenario(0.4)}, as_of=day)
    H = math.exp(net.baselines.shift[0])
    w = (day - date(2024, 1, 1)).days / 731  # 2024 is a leap year
    assert belief(net) == pytest.approx((math.exp(-H * w) - math.exp(-H)) / math.exp(-H * w), abs=EXACT)


def test_the_window_runs_from_the_day_the_prior_is_for():
    net = network({"a": scenario(prior={"probability": 0.4, "as_of": "2025-01-01"})}, as_of=date(2025, 7, 2))
    H = math.exp(net.baselines.shift[0])
    assert belief(net) == pytest.approx(1 - math.exp(-H * (1 - 182 / 365)), abs=EXACT)


@pytest.mark.parametrize("fields", [{"detection": "uncertain"}, {"prior": QUANTITY}])
def test_a_belief_does_not_sink_where_nobody_would_know(fields):
    early, late = (posterior(network({"a": scenario(**fields)}, as_of=day)) for day in (DAY, date(2025, 10, 1)))
    assert early == late


def test_a_quantity_can_be_said_to_be_known_at_once():
    net = {"a": scenario(prior=QUANTITY, detection="certain")}
    assert posterior(network(net, as_of=date(2025, 10, 1)))["a"] < posterior(network(net))["a"] / 2


def test_a_driver_that_did_not_come_so_far_lowers_what_it_drives():
    def driven(ratio):
        said = {
            "a": scenario(0.6),
            "b": scenario(0.3, detection="uncertain", drivers=[{"scenario": "a", "hazard_ratio": ratio}]),
        }
        return posterior(network(said, as_of=date(2025, 12, 1)))["b"]

    assert driven(8) < 0.2 < driven(1.0001)
    # b hardly hangs on a, so only what a's absence says of nothing is left
    assert driven(1.0001) == pytest.approx(0.3, abs=0.01)


def test_a_scenario_that_opens_later_is_left_out_and_said_so():
    later = {"b": scenario(0.2, opens="2025-01-01", drivers=[{"scenario": "a", "hazard_ratio": 3}])}
    driving = {
        "a": scenario(0.3, drivers=[{"scenario": "c", "hazard_ratio": 9}]),
        "c": scenario(0.5, opens="2025-01-01"),
    }
    net = network(driving | later)
    assert net.ids == ("a",)
    assert net.not_open == ("b", "c")
    assert posterior(net)["a"] == pytest.approx(0.3, abs=PRIOR_KEPT)
    assert posterior(net) == posterior(network({"a": scenario(0.3)}))


def test_reports_about_a_scenario_that_opens_later_are_not_heard_yet():
    said = claims() | {"b": scenario(opens="2025-01-01", indicators={"j": indicator()})}
    net = network(said, [article(report("a/i0", "ann"), report("b/j", "ann", "denies"))])
    assert [witness.indicator for witness in net.evidence.witnesses] == ["a/i0"]


def test_before_anything_opens_the_error_names_the_first_day():
    with pytest.raises(ForecastError, match="2024-01-01"):
        network({"a": scenario()}, as_of=date(2023, 12, 31))


def test_a_scenario_past_its_deadline_stays_where_its_last_day_left_it():
    net = {"a": scenario(0.3)}
    assert posterior(network(net, as_of=date(2026, 5, 1))) == posterior(network(net, as_of=date(2025, 12, 31)))


# --- what resolutions teach ---


@pytest.mark.parametrize(("happened", "p"), [(True, 1.0), (False, 0.0)])
def test_a_resolved_scenario_is_known_in_every_draw(happened, p):
    net = network(
        {"a": claims()["a"] | {"resolution": {"happened": happened, "on": "2024-06-01"}}},
        [article(report("a/i0", "ann", "denies" if happened else "affirms"))],
        date(2024, 6, 1),
    )
    assert (infer(net, "importance", 500, 1).belief.scenarios == p).all()


def test_no_probability_leaves_the_unit_interval_and_a_resolved_one_is_exact_even_by_rounding():
    """A mean of 1 - 1e-16 on a resolved scenario would be told as 150 dB."""
    others = {name: scenario(0.4) for name in "bcdef"}
    drivers = [{"scenario": name, "hazard_ratio": 1.5} for name in others]
    happened = scenario(0.3, drivers=drivers, resolution={"happened": True, "on": "2024-01-01"})
    net = network(others | {"a": happened})
    found = infer(net, "importance", 500, 1)
    assert found.belief.scenarios.min() >= 0
    assert found.belief.scenarios.max() <= 1
    assert found.probability[net.position("a")] == 1


def test_a_source_that_affirmed_what_happened_gains_and_one_that_denied_it_loses():
    net = network(
        {"a": claims(if_true=0.95, if_false=0.05)["a"] | {"resolution": {"happened": True, "on": "2024-06-01"}}},
        [article(report("a/i0", "cat")), article(report("a/i0", "fay", "denies"))],
        date(2024, 6, 1),
    )
    reliability = dict(
        zip(net.evidence.sources, infer(net, "importance", 4000, 1).theta.reliability.mean(0), strict=True)
    )
    # cat (C, Beta(6.5, 3.5), mean 0.65, mean square 0.4432) is right: weight (0.95 (1 + r) 0.5 + 0.05 (1 - r) 1.5) / 4,
    # so (0.55 x 0.65 + 0.4 x 0.4432) / 0.81; fay (F, uniform) wrong: (1.585 / 2 - 1.55 / 3) / (1.585 - 1.55 / 2)
    # sd 0.14 and 0.25 over sqrt(4000) draws, two and a half times
    assert reliability["cat"] == pytest.approx(0.6602, abs=0.006)
    assert reliability["fay"] == pytest.approx(0.3405, abs=0.010)


def test_reliability_learned_from_one_scenario_is_used_in_another():
    other = {"b": scenario(0.3, indicators={"j": indicator()})}
    said = [article(report("a/i0", "fay")), article(report("b/j", "fay"))]

    def b(happened):
        truth = claims(if_true=0.97, if_false=0.03)["a"] | {"resolution": {"happened": happened, "on": "2024-01-01"}}
        return posterior(network({"a": truth} | other, said))["b"]

    open_still = posterior(network(claims(if_true=0.97, if_false=0.03) | other, said))["b"]
    assert b(False) < open_still < b(True)


def test_what_happened_raises_what_it_drives_by_its_hazard_ratio():
    said = {
        "a": scenario(0.3, resolution={"happened": True, "on": "2024-01-01"}),
        "b": scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 3}]),
    }
    net = network(said)
    H = math.exp(net.baselines.shift[net.position("b")])
    assert belief(net, name="b") == pytest.approx(1 - math.exp(-3 * H), abs=EXACT)


def test_witnesses_are_told_with_their_articles():
    found = witnesses(
        project(claims(), [article(report("a/i0", "bob")), article(report("a/i0", "bob"), publisher="tabloid")]),
        DAY,
        ["a"],
    )
    assert [(one.source, one.stance, one.articles, one.n_reports) for one in found] == [
        ("bob", "affirms", ("article-000", "article-001"), 2)
    ]


def test_of_two_searches_in_vain_the_one_that_tells_more_counts_and_they_are_not_mixed():
    """A careful look by a weak report and a glance by a good one are not a careful look by a good one."""
    careful = report("a/i0", "bob", "absent", 5, detection=1)
    glance = report("a/i0", "bob", "absent", 1, detection=0.3)
    both = network(claims(), [article(careful), article(glance)])
    assert posterior(both) == posterior(network(claims(), [article(glance)]))  # 1 x 0.3 tells more than 0.2 x 1


def test_credibility_from_before_a_change_of_mind_is_not_borrowed():
    said = [
        article(report("a/i0", "bob", credibility=1), published="2023-01-01"),
        article(report("a/i0", "bob", "denies"), published="2023-02-01"),
        article(report("a/i0", "bob", credibility=5), published="2023-03-01"),
    ]
    assert posterior(network(claims(), said)) == posterior(network(claims(), said[2:]))
    (witness,) = network(claims(), said).evidence.witnesses
    assert (witness.articles, witness.n_reports) == (("article-002",), 1)
