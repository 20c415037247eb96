"""Bare formulas, against values worked by hand or in 50 digits."""

import math
from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import probability as formulas

getcontext().prec = 50

ROUNDING = 1e-12
"""Relative: a handful of double operations."""


def test_ten_decibans_are_odds_times_ten():
    assert formulas.decibans(0.5, 5.0) == pytest.approx(10, rel=ROUNDING)
    assert formulas.decibans(4.0, 1.0) == pytest.approx(-10 * math.log10(4), rel=ROUNDING)
    assert formulas.decibans(3.0, 3.0) == 0


def test_odds_of_three_quarters_are_three_to_one():
    assert formulas.odds(0.75) == pytest.approx(3)


def test_cloglog_of_the_chance_of_a_unit_hazard_is_zero():
    assert formulas.cloglog(1 - math.exp(-1)) == pytest.approx(0, abs=1e-15)
    assert formulas.cloglog(0.5) == pytest.approx(math.log(math.log(2)), rel=ROUNDING)


def test_cloglog_of_a_tiny_probability_is_its_log():
    # log(-log(1 - p)) = log p + p/2 + ...: the rest is below double precision here
    assert formulas.cloglog(1e-18) == pytest.approx(math.log(1e-18), rel=1e-15)


@given(st.floats(1e-9, 1 - 1e-9))
@settings(max_examples=50)
def test_from_hazard_undoes_cloglog(p):
    # near 1 the cloglog flattens: its own rounding, 1e-16, is magnified by H = -log(1 - p) < 21
    assert formulas.from_hazard(formulas.cloglog(p)) == pytest.approx(p, rel=1e-13)


@pytest.mark.parametrize("x", [1e-300, 1e-17, 1e-8, 0.1, math.log(2), 0.7, 1.0, 10.0, 40.0, 700.0])
def test_log1mexp_keeps_its_digits_at_both_ends(x):
    one = Decimal(1)
    # below 1e-40 the difference 1 - exp(-x) drowns even in 50 digits, and is x (1 - x/2 ...) itself
    exact = Decimal(x).ln() if x < 1e-40 else (one - (-Decimal(x)).exp()).ln()
    assert formulas.log1mexp(np.array([x]))[0] == pytest.approx(float(exact), rel=4e-15)


def test_spread_of_an_interval_is_its_width_on_the_cloglog_scale_over_two_z90():
    low, high = 1 - math.exp(-math.exp(-2)), 1 - math.exp(-math.exp(-1))  # cloglogs -2 and -1
    assert formulas.spread_of((low, high)) == pytest.approx(1 / (2 * 1.6448536269514722), rel=ROUNDING)


def test_z90_is_the_normal_quantile_of_a_central_ninety_percent_interval():
    assert pytest.approx(1.6448536269514722, rel=1e-15) == formulas.Z90


def test_truncated_exponential_by_hand():
    # hazard log 4: survival falls 1, 1/2, 1/4; of the 3/4 that come, 1/2 have come by half time
    assert formulas.truncated_exponential(np.array([0.5]), np.array([math.log(4)]))[0] == pytest.approx(2 / 3)
    assert formulas.truncated_exponential(np.array([0.0, 1.0]), np.array([3.0])).tolist() == [0, 1]


def test_a_small_hazard_spreads_the_event_evenly_over_the_window():
    x = np.linspace(0, 1, 11)
    # the cdf is x + O(hazard)
    np.testing.assert_allclose(formulas.truncated_exponential(x, np.array([1e-9])), x, atol=1e-9)


@given(st.floats(0, 1), st.floats(-12, 3.2))
@settings(max_examples=100)
def test_the_truncated_exponential_quantile_inverts_its_cdf(u, log_hazard):
    hazard = np.array([math.exp(log_hazard)])
    x = formulas.truncated_exponential_quantile(np.array([u]), hazard)
    assert 0 <= x[0] <= 1 + ROUNDING
    # the survival is at least exp(-24.6) = 2e-11, so log1p loses at most five of sixteen digits in x, none in u
    assert formulas.truncated_exponential(x, hazard)[0] == pytest.approx(u, abs=1e-12)


@pytest.mark.parametrize(("n", "dimensions"), [(1, 1), (7, 3), (500, 5)])
def test_latin_hypercube_puts_one_draw_in_each_cell_of_each_column(n, dimensions):
    u = formulas.latin_hypercube(np.random.default_rng(3), n, dimensions)
    assert u.shape == (n, dimensions)
    assert ((u > 0) & (u < 1)).all()
    for column in u.T:
        assert sorted(np.floor(column * n)) == list(range(n))


def test_columns_of_a_latin_hypercube_are_unrelated():
    u = formulas.latin_hypercube(np.random.default_rng(3), 10_000, 3)
    # the correlation of independent columns has sd 1/sqrt(n) = 0.01
    assert np.abs(np.corrcoef(u.T)[np.triu_indices(3, 1)]).max() < 0.04


@pytest.mark.parametrize(("events", "rate"), [(0, 10.0), (3, 2.5)])
def test_log_gamma_quantile_gives_back_the_gamma_mixed_probability(events, rate):
    shape = events + 0.5
    u = (np.arange(200_000) + 0.5) / 200_000
    mixed = -np.expm1(-np.exp(formulas.log_gamma_quantile(u, shape, rate)))
    # the Laplace transform of the gamma at 1; a midpoint sum over a bounded rising function errs below 1/n
    assert mixed.mean() == pytest.approx(1 - (rate / (rate + 1)) ** shape, abs=1e-5)


@pytest.mark.parametrize("target", [1e-6, 0.01, 0.3, 0.5, 0.99, 1 - 1e-6])
@pytest.mark.parametrize("steep", [0.5, 1.0, 5.0])
def test_solve_rising_hits_the_target(target, steep):
    def f(x):
        return float(formulas.from_hazard(steep * x - 0.7))

    x = formulas.solve_rising(f, target)
    # it stops within 1e-8 on the cloglog scale
    assert float(formulas.cloglog(f(x))) == pytest.approx(float(formulas.cloglog(target)), abs=1e-7)


def test_solve_rising_of_a_mixture_hits_the_target():
    def f(x):
        return 0.2 + 0.3 * float(formulas.from_hazard(x)) + 0.4 * float(formulas.from_hazard(x + 5))

    assert f(formulas.solve_rising(f, 0.6)) == pytest.approx(0.6, abs=1e-8)


def test_solve_rising_ends_at_an_end_where_the_target_is_out_of_reach():
    def f(x):
        return 0.2 + 0.3 * float(formulas.from_hazard(x))

    assert f(formulas.solve_rising(f, 0.1)) == pytest.approx(0.2, abs=1e-7)
    assert f(formulas.solve_rising(f, 0.9)) == pytest.approx(0.5, abs=1e-7)
