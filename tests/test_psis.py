"""Pareto smoothing, written here to save an import, against the formula in ArviZ."""

import numpy as np
import pytest
from arviz_stats.base import array_stats

from engine.belief.psis import TRUSTED_BELOW, smooth

SAME = 1e-9

rng = np.random.default_rng(8)
NORMAL, EXPONENTIAL = rng.normal(size=4000), rng.exponential(size=4000)
TAILS = {
    "light": 0.3 * NORMAL,
    "bounded": np.log(rng.uniform(0.2, 1, 4000)),
    "heavy": 0.5 * EXPONENTIAL,
    "very heavy": 1.5 * EXPONENTIAL,
    "far from nought": 0.5 * EXPONENTIAL - 5000,
    "heavier than the mean allows": 3 * EXPONENTIAL,
    "a few draws": 0.5 * EXPONENTIAL[:150],
    "at the edge of few": 0.5 * EXPONENTIAL[:225],
    "just above few": 0.5 * EXPONENTIAL[:226],
}


@pytest.mark.parametrize("tail", TAILS)
def test_weights_and_k_are_those_of_arviz(tail):
    log_weights, k = smooth(TAILS[tail])
    theirs, their_k = array_stats.psislw(-TAILS[tail], r_eff=1)
    np.testing.assert_allclose(log_weights, theirs, rtol=0, atol=SAME)
    assert k == pytest.approx(float(their_k), abs=SAME)


@pytest.mark.parametrize("tail", TAILS)
def test_weights_sum_to_one_and_keep_their_order(tail):
    log_weights, _ = smooth(TAILS[tail])
    assert np.exp(log_weights).sum() == pytest.approx(1, abs=1e-12)
    order = np.argsort(TAILS[tail], kind="stable")
    assert (np.diff(log_weights[order]) >= -1e-12).all()


def test_the_ratios_given_are_left_as_they_were():
    given = TAILS["heavy"].copy()
    smooth(given)
    np.testing.assert_array_equal(given, TAILS["heavy"])


@pytest.mark.parametrize("tail_index", [0.2, 0.5, 0.9])
def test_k_finds_the_shape_of_a_pareto_tail(tail_index):
    # exp(k E) is Pareto with shape k; 3 sqrt(100,000) = 948 of the largest, so its error is (1 + k)/sqrt(948) = 0.06
    _, k = smooth(tail_index * np.random.default_rng(2).exponential(size=100_000))
    assert k == pytest.approx(tail_index, abs=0.15)


def test_a_tail_without_a_variance_is_not_trusted():
    assert smooth(TAILS["very heavy"])[1] > TRUSTED_BELOW
    assert smooth(TAILS["light"])[1] < TRUSTED_BELOW


@pytest.mark.parametrize("n", [100, 4000])
def test_constant_weights_stay_constant_and_are_trusted(n):
    log_weights, k = smooth(np.full(n, -3.7))
    np.testing.assert_allclose(log_weights, -np.log(n), rtol=0, atol=1e-12)
    assert k < TRUSTED_BELOW


@pytest.mark.parametrize("seed", range(5))
def test_weights_constant_but_for_rounding_stay_constant_and_are_trusted(seed):
    """What a likelihood of 1 for every draw gives: noise in the last digit, and no tail."""
    noise = np.random.default_rng(seed).choice([-2.2e-16, 0.0, 1.1e-16], size=4000, p=[0.1, 0.6, 0.3])
    log_weights, k = smooth(noise)
    np.testing.assert_allclose(log_weights, -np.log(4000), rtol=0, atol=1e-12)
    assert k < TRUSTED_BELOW
