"""The movement test: honest beliefs pass, hasty and sluggish ones do not."""

from __future__ import annotations

import numpy as np
import pytest

from engine.analysis.movement import moved_in, movement, removed_by
from engine.probability import expit, logit


def paths(n, seed=1, reaction=1.0, days=30, prior=0.3):
    """n paths of a Bayesian who sees a noisy signal a day, and takes each to weigh `reaction` times what it does."""
    rng = np.random.default_rng(seed)
    happens = rng.random(n) < prior
    signals = rng.normal(np.where(happens, 0.3, -0.3)[:, None], 1.0, (n, days))
    log_odds = logit(prior) + reaction * np.cumsum(2 * 0.3 * signals, axis=1)
    return list(expit(np.column_stack([np.full(n, logit(prior)), log_odds])))


def test_movement_and_uncertainty_of_a_path_worked_by_hand():
    # 0.3^2 + 0.6^2 + 0.2^2, and 0.5 * 0.5 - 0
    path = np.array([0.5, 0.8, 0.2, 0.0])
    assert moved_in(path) == pytest.approx(0.09 + 0.36 + 0.04)
    assert removed_by(path) == pytest.approx(0.25)


@pytest.mark.parametrize("seed", range(5))
def test_two_thousand_honest_paths_are_accepted(seed):
    found = movement(paths(2000, seed))
    assert found.ratio.value == pytest.approx(1, abs=0.1)


def test_the_interval_holds_one_about_nine_times_in_ten():
    held = sum(low < 1 < high for low, high in (movement(paths(100, 100 + seed)).ratio.interval for seed in range(200)))
    # 180 expected; a bootstrap of 100 skewed paths falls a little short of its level
    assert 160 <= held <= 195


def test_beliefs_that_overreact_by_half_are_rejected():
    found = movement(paths(2000, reaction=1.5))
    assert found.verdict == "the beliefs over-react"
    assert found.ratio.interval[0] > 1.1


def test_beliefs_that_underreact_by_half_are_rejected():
    found = movement(paths(2000, reaction=0.5))
    assert found.verdict == "the beliefs under-react"


def test_time_that_passes_without_the_event_is_honest_movement():
    # hazard even over 40 days; the belief sinks day by day, or the event comes
    rng = np.random.default_rng(3)
    hazard, days = 0.5, 40
    left = 1 - np.exp(-hazard * (1 - np.arange(days + 1) / days))
    came = rng.exponential(days / hazard, 2000)
    found = movement([np.where(np.arange(days + 1) >= when, 1.0, left) for when in came])
    assert found.ratio.value == pytest.approx(1, abs=0.1)


def test_few_paths_are_too_few_to_say():
    found = movement(paths(9))
    assert found.verdict == "too few to say"
    assert found.ratio.interval is None
    assert found.ratio.n == 9


def test_a_change_or_two_of_each_is_too_little_to_judge_by():
    found = movement([path[:3] for path in paths(2000, reaction=0.5)])
    assert found.verdict == "too few changes to say (2.0 a scenario)"


def test_nothing_to_say_about_nothing():
    found = movement([np.array([0.4])])
    assert (found.ratio.value, found.ratio.n, found.verdict) == (None, 0, "too few to say")
