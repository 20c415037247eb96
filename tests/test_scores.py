"""Scores: values worked by hand, the library that is kept well, and what a decomposition must do."""

from __future__ import annotations

import subprocess
import sys
from datetime import date

import numpy as np
import pytest
from builders import project, scenario
from hypothesis import given
from hypothesis import strategies as st

from engine.analysis.corp import diagram
from engine.analysis.coverage import had_happened, outlook_check, quantity_check
from engine.analysis.figures import Figure, less, mean, ratio
from engine.analysis.scorecard import scorecard
from engine.analysis.scores import brier, crps_normal, log_score
from engine.analysis.streams import Stream
from engine.probability import ndtr

TODAY = date(2027, 1, 1)


def day(text):
    return date.fromisoformat(text).toordinal()


def stream(beliefs, name="a", prior=0.3, others=None, rate=None, **fields):
    """Beliefs by day, of a scenario open from 2024 to the end of 2025."""
    record = project({name: scenario(prior, **fields)}).scenarios[name]
    n = len(beliefs)
    return Stream(
        scenario=record,
        day=np.array([day(on) for on in beliefs]),
        probability=np.array(list(beliefs.values())),
        references={
            "prior": np.full(n, prior),
            "base rate": np.full(n, np.nan if rate is None else rate),
            "others": np.array([np.nan] * n if others is None else others),
        },
    )


HAPPENED = {"resolution": {"happened": True, "on": "2024-01-31"}}
DID_NOT = {"resolution": {"happened": False, "on": "2026-01-01"}}


def test_scores_worked_by_hand():
    assert brier(np.array([0.8, 0.8]), np.array([1, 0])) == pytest.approx([0.04, 0.64])
    # the logs of 1.25 and of 5
    assert log_score(np.array([0.8, 0.8]), np.array([1, 0])) == pytest.approx([0.2231436, 1.6094379])
    # at its own mean a standard normal scores (sqrt(2) - 1) / sqrt(pi)
    assert crps_normal(np.array([0.0]), np.array([0.0]), np.array([1.0])) == pytest.approx([0.2336950])
    # a forecast without spread scores its absolute error
    assert crps_normal(np.array([3.0]), np.array([1.0]), np.array([1e-9])) == pytest.approx([2.0])


def test_a_certainty_that_was_recorded_to_four_digits_has_a_finite_log():
    assert log_score(np.array([0.0]), np.array([1])) == pytest.approx(-np.log(0.00005))


def test_a_normal_forecast_scores_the_mean_brier_score_of_all_thresholds():
    value, mean, sd = np.array([0.7]), np.array([-0.4]), np.array([1.3])
    thresholds = np.linspace(-20, 20, 40_001)
    below = ndtr((thresholds - mean) / sd)
    # a sum of steps of 0.001 over a jump of height 1
    assert crps_normal(value, mean, sd) == pytest.approx(
        [brier(below, 1.0 * (thresholds >= value)).sum() / 1000], abs=1e-3
    )


def test_scoring_neither_loads_numba_nor_hides_it_from_others():
    told = "import numpy as np, sys; from engine.analysis.scores import brier; brier(np.ones(1), np.ones(1)); "
    check = told + "assert 'numba' not in sys.modules; import numba; assert numba.njit"
    subprocess.run([sys.executable, "-c", check], check=True)
    after = "import numba, sys; " + told + "assert sys.modules['numba'] is numba"
    subprocess.run([sys.executable, "-c", after], check=True)


def test_a_belief_counts_for_the_days_it_stood():
    # 10 days at .5, then 20 at .8, then it happened: (10 * .25 + 20 * .04) / 30
    card = scorecard([stream({"2024-01-01": 0.5, "2024-01-11": 0.8, "2024-02-05": 1.0}, **HAPPENED)], TODAY)
    (one,) = card.scenarios
    assert one.brier == pytest.approx(0.11)
    assert one.prior_brier == pytest.approx(0.49)
    assert (one.n_beliefs, one.first, one.last) == (2, 0.5, 0.8)
    plain, log, averaged, log_averaged = card.scores
    assert plain.figure.value == pytest.approx((0.25 + 0.04) / 2)
    assert log.figure.value == pytest.approx((np.log(2) + np.log(1.25)) / 2)
    assert averaged.figure.value == pytest.approx(0.11)
    assert log_averaged.figure.value == pytest.approx((10 * np.log(2) + 20 * np.log(1.25)) / 30)
    assert averaged.against["prior"].skill.value == pytest.approx(1 - 0.11 / 0.49)
    assert averaged.against["base rate"].skill == Figure(None, None, 0)


def test_skill_is_measured_on_the_beliefs_for_which_the_other_is_known():
    found = scorecard(
        [stream({"2024-01-01": 0.5, "2024-01-11": 0.8}, others=[np.nan, 0.6], rate=0.2, **HAPPENED)], TODAY
    )
    plain = found.scores[0]
    assert plain.against["others"].reference.value == pytest.approx(0.16)
    assert plain.against["others"].skill.value == pytest.approx(1 - 0.04 / 0.16)
    assert plain.against["base rate"].skill.value == pytest.approx(1 - 0.145 / 0.64)


def test_a_belief_after_the_deadline_or_the_resolution_is_no_forecast():
    late = stream(
        {"2025-12-31": 0.1, "2026-01-01": 0.2, "2026-03-01": 0.3}, resolution={"happened": False, "on": "2026-02-01"}
    )
    assert late.open.tolist() == [True, True, False]
    assert late.stands_for.tolist() == [1, 1, 0]


def test_calibration_waits_for_the_scheduled_deadline():
    early = stream({"2024-01-01": 0.6}, "a", **HAPPENED)
    unsettled = stream({"2024-01-01": 0.6}, "b")
    before = scorecard([early, unsettled], date(2025, 6, 1))
    assert (before.n_calibration, before.calibration, len(before.scenarios)) == (0, None, 1)
    assert (before.early, before.scores[0].figure) == (("a",), Figure(None, None, 0))
    after = scorecard([early, unsettled], date(2026, 1, 2))
    assert (after.n_calibration, after.early, after.scores[0].figure.n) == (1, (), 1)
    assert after.unresolved == ("b",)


def test_below_ten_scenarios_there_is_a_figure_and_no_interval():
    assert mean(np.ones(9)) == Figure(1.0, None, 9)
    assert mean(np.arange(10.0)).interval is not None
    assert ratio(np.zeros(0), np.zeros(0)) == Figure(None, None, 0)


def test_the_interval_of_a_mean_is_near_the_one_from_theory():
    found = mean(np.random.default_rng(1).normal(size=400))
    low, high = found.interval
    assert high - low == pytest.approx(2 * 1.645 / 20, rel=0.15)
    assert low < found.value < high


def test_skill_turns_the_interval_round():
    assert less(Figure(0.25, (0.1, 0.5), 12)) == Figure(0.75, (0.5, 0.9), 12)


def test_recalibration_worked_by_hand():
    # .2 .4 .6 .8 with outcomes 0 1 0 1: the middle two are pooled to a half
    found = diagram(np.array([0.2, 0.4, 0.6, 0.8]), np.array([0.0, 1, 0, 1]), np.arange(4))
    assert found.recalibrated == pytest.approx([0, 0.5, 0.5, 1])
    assert found.score.value == pytest.approx((0.04 + 0.36 + 0.36 + 0.04) / 4)
    assert found.uncertainty.value == pytest.approx(0.25)
    assert found.discrimination.value == pytest.approx(0.25 - 0.125)
    assert found.miscalibration.value == pytest.approx(0.2 - 0.125)
    assert found.band is None


def test_a_scenario_weighs_the_same_however_often_it_was_forecast():
    often = diagram(np.array([0.2] * 8 + [0.2, 0.7]), np.array([0.0] * 8 + [1, 1]), np.array([0] * 8 + [1, 2]))
    once = diagram(np.array([0.2, 0.2, 0.7]), np.array([0.0, 1, 1]), np.arange(3))
    assert often.score.value == pytest.approx(once.score.value)
    assert often.recalibrated == pytest.approx(once.recalibrated)


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.integers(0, 12)), min_size=1, max_size=60),
)
def test_the_decomposition_sums(cases):
    p, y, s = (np.array(column) for column in zip(*cases, strict=True))
    numbers = np.unique(s, return_inverse=True)[1]
    found = diagram(p.astype(float), y.astype(float), numbers)
    parts = found.miscalibration.value - found.discrimination.value + found.uncertainty.value
    assert parts == pytest.approx(found.score.value, abs=1e-12)
    assert found.miscalibration.value >= -1e-12
    assert found.discrimination.value >= -1e-12
    assert (np.diff(found.recalibrated) >= -1e-12).all()


def forecasts(n, tilt, seed=2):
    """One forecast each of n scenarios that happen with the stated probability; then tilted on the log odds."""
    rng = np.random.default_rng(seed)
    p = rng.beta(1, 1, n).round(2).clip(0.01, 0.99)
    y = (rng.random(n) < p).astype(float)
    odds = (p / (1 - p)) ** tilt
    return odds / (1 + odds), y, np.arange(n)


def test_a_calibrated_forecaster_stays_in_the_band_and_a_hasty_one_leaves_it():
    assert diagram(*forecasts(600, 1.0)).outside < 0.2
    assert diagram(*forecasts(600, 2.5)).outside > 0.4


def test_what_had_happened_by_a_day():
    happened, did_not, open_ = (project({"a": scenario(**fields)}).scenarios["a"] for fields in (HAPPENED, DID_NOT, {}))
    assert had_happened(happened, date(2024, 1, 30)) is False
    assert had_happened(happened, date(2024, 1, 31)) is True
    assert had_happened(did_not, date(2026, 1, 1)) is False
    assert had_happened(did_not, date(2026, 1, 2)) is None  # nobody looked after the deadline
    assert had_happened(happened, date(2026, 1, 2)) is None  # so to count it would be to count only what happened
    assert had_happened(open_, date(2024, 1, 1)) is None


def test_outlooks_against_what_had_happened():
    points = np.array([[0.2, 0.1, 0.4], [0.4, 0.2, 0.6], [0.9, 0.7, 1.0]])
    found = outlook_check(points, np.array([0.0, 0, 1]), np.array([0, 0, 1]))
    # the mean over scenarios of the mean of each
    assert found.expected.value == pytest.approx((0.3 + 0.9) / 2)
    assert (found.low, found.high) == pytest.approx(((0.15 + 0.7) / 2, (0.5 + 1.0) / 2))
    assert found.observed.value == 0.5


def test_peaks_against_the_peak_that_came():
    # 1.645 sd on either side, so sd = log(2) / 1.645; the median is what came
    found = quantity_check(np.array([[100.0, 50, 200], [100, 90, 110]]), np.array([100.0, 120]), np.array([0, 1]))
    sd = np.log(2) / 1.6448536
    narrow = np.log(110 / 90) / 2 / 1.6448536
    missed = crps_normal(np.array([np.log(1.2)]), np.array([0.0]), np.array([narrow]))[0]
    assert found.covered.value == 0.5
    assert found.crps.value == pytest.approx((sd * 0.2336950 + missed) / 2)


def test_nothing_can_be_scored_of_nothing():
    card = scorecard([], TODAY)
    assert (card.scenarios, card.calibration, card.scores[0].figure.n) == ((), None, 0)
