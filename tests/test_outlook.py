"""The outlook against event histories simulated in small steps, and the laws of its curves.

The simulation is written from the model page: it draws outcomes by the deadlines, then event times, then walks
through the years after the deadlines step by step, asking at each whether the event comes now.
"""

from dataclasses import dataclass, replace
from datetime import date

import brute
import numpy as np
import pytest
from builders import article, indicator, network, project, report, scenario

from engine.analysis.histories import clock_of
from engine.analysis.outlook import curves, extend, outlook, solve_long_run
from engine.belief.hearing import build
from engine.belief.inference import infer
from engine.belief.prior import prior_of

N = 100_000
"""Histories: a probability's error is below 0.5 / sqrt(N) = 0.0016."""
STEP = 0.02
"""Years."""
NEVER = np.inf
AGREE = 0.01
"""The model page's bound: 0.0016 from the histories, up to 0.006 from the engine's 6,000 draws."""


# --- the independent simulation ---


def years(start, end):
    return (end - start).days / 365.25


def ten_years_after(day):
    return day.replace(year=day.year + 10)


@dataclass(frozen=True)
class Window:
    start: float
    deadline: float
    length: float


def take(theta, index):
    """The same draws of every unknown."""
    parts = {
        name: {key: draws[index] for key, draws in getattr(theta, name).items()} for name in theta.__dataclass_fields__
    }
    return brute.Theta(**parts)


def window(records, name, zero, gone):
    """In years from `zero`; the event can still come in what is left of it."""
    record = records.scenarios[name]
    deadline = years(zero, record.deadline)
    length = years(record.prior_as_of, record.deadline)
    return Window(deadline - length * (1 - gone), deadline, length)


def outcomes(found, n, rng):
    """One world for each history, drawn by its weight; {outcome: (n,) weight} -> (n, scenarios)."""
    weights = np.array(np.broadcast_arrays(*found.values())).T
    cumulative = np.cumsum(weights / weights.sum(axis=1, keepdims=True), axis=1)
    picked = (rng.random((n, 1)) > cumulative[:, :-1]).sum(axis=1)
    return np.array(list(found))[picked].astype(bool)


def ratio_at(records, theta, name, times, t):
    """Product of the hazard ratios of the drivers that have happened by t."""
    raised = 1.0
    for driver in records.scenarios[name].drivers:
        if driver.scenario in times:
            raised = raised * np.where(times[driver.scenario] <= t, np.exp(theta.log_ratio[driver.scenario, name]), 1.0)
    return raised


def event_times(records, theta, name, happens, all_happen, times, g, zero, gone, until, rng, resolved_on=None):
    """When one scenario happens in each history, drivers' times being known."""
    n = len(happens)
    if resolved_on is not None:
        return np.full(n, resolved_on)
    span = window(records, name, zero, gone)
    log_hazard = theta.log_hazard[name]
    for driver in records.scenarios[name].drivers:
        if driver.scenario in all_happen:
            log_hazard = log_hazard + theta.log_ratio[driver.scenario, name] * all_happen[driver.scenario]
    rate = np.exp(log_hazard) / span.length
    left = span.deadline - span.start
    inside = span.start - np.log(1 - rng.random(n) * (1 - np.exp(-rate * left))) / rate
    result = np.where(happens, inside, NEVER)
    waiting = ~happens
    for step in range(int(np.ceil((until - span.deadline) / STEP))):
        t = span.deadline + (step + 0.5) * STEP
        shape = 1.0 if g.constant[name] else 0.5 ** ((t - span.deadline) / 2)
        hazard = g.yearly[name] * shape * ratio_at(records, theta, name, times, t)
        now = waiting & (rng.random(n) < 1 - np.exp(-hazard * STEP))
        result[now] = t
        waiting &= ~now
    return result


@dataclass
class LongRun:
    """Per draw the yearly hazard on the day after the deadline, by scenario; constant or halving every two years."""

    yearly: dict
    constant: dict


def long_run(records, theta, names, as_of_of_prior, rng):
    """Solved in driver order on histories of the prior, so that ten years after `opens` have the stated probability."""
    n = len(theta.log_hazard[names[0]])
    g = LongRun({}, {})
    prior_worlds = brute._before(theta, records, names)
    z = dict(zip(names, outcomes(prior_worlds, n, rng).T, strict=True))
    times = {}
    for name in brute.driver_order(records, names):
        record = records.scenarios[name]
        view = record.outlook
        stated = view is not None and view.probability is not None
        log_hazard = theta.log_hazard[name]
        if stated:
            sd = (
                (brute.cloglog(view.interval[1]) - brute.cloglog(view.interval[0])) / 2 / brute.Z90
                if view.interval
                else 0.6
            )
            standard = (log_hazard - log_hazard.mean()) / log_hazard.std()
            deviation = sd * (0.5 * standard + np.sqrt(0.75) * rng.normal(size=n))
            deadline, end = (years(as_of_of_prior, day) for day in (record.deadline, ten_years_after(record.opens)))
            area = np.zeros(n)
            for step in range(n_steps := int(np.ceil((end - deadline) / STEP))):
                width = (end - deadline) / n_steps
                area += width * ratio_at(records, theta, name, times, deadline + (step + 0.5) * width)

            def by_ten_years(mean, happens=z[name], area=area, deviation=deviation):
                return np.mean(np.where(happens, 1, 1 - np.exp(-np.exp(mean + deviation) * area)))

            mean = brute._bisect(by_ten_years, view.probability, -20, 5)
            g.yearly[name] = np.exp(mean + deviation)
        else:
            g.yearly[name] = np.exp(log_hazard) / record.window_years
        g.constant[name] = stated
        times[name] = event_times(records, theta, name, z[name], z, times, g, as_of_of_prior, 0.0, 12.0, rng)
    return g


def simulated(records, as_of, seed):
    """{scenario: probability by 1..10 years}, from N histories of the posterior."""
    rng = np.random.default_rng(seed)
    names = brute.opened(records, as_of)
    theta = brute.prior_theta(records, as_of, N, seed + 1)
    first = min(record.opens for record in records.scenarios.values())
    g = long_run(records, theta, names, first, rng)
    weight, _ = brute.likelihood_and_probabilities(records, theta, as_of)
    index = rng.choice(N, N, p=np.broadcast_to(weight, N) / np.sum(np.broadcast_to(weight, N)))
    theta = take(theta, index)
    g = LongRun({name: yearly[index] for name, yearly in g.yearly.items()}, g.constant)
    z = dict(zip(names, outcomes(brute.worlds(records, theta, as_of), N, rng).T, strict=True))
    times, curve = {}, {}
    for name in brute.driver_order(records, names):
        gone = brute.fraction_gone(records, name, as_of)
        resolution = records.scenarios[name].resolution
        happened = resolution and resolution.happened and resolution.on <= as_of
        on = years(as_of, resolution.on) if happened else None
        times[name] = event_times(records, theta, name, z[name], z, times, g, as_of, gone, 10.1, rng, on)
        curve[name] = [np.mean(times[name] <= years(as_of, as_of.replace(year=as_of.year + t))) for t in range(1, 11)]
    return curve


# --- cases ---

TEN_YEARS = {"probability": 0.7, "interval": [0.5, 0.85]}
REPORTS = [article(report("a/i", "ann"))]
SPOKEN = {"i": indicator()}


def one_driver():
    return (
        {
            "a": scenario(0.4, indicators=SPOKEN),
            "b": scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 5, "interval": [2, 12]}]),
        },
        REPORTS,
        date(2024, 1, 1),
    )


def one_driver_with_ten_year_views():
    return (
        {
            "a": scenario(0.2, outlook=TEN_YEARS, indicators=SPOKEN),
            "b": scenario(0.1, outlook={"probability": 0.4}, drivers=[{"scenario": "a", "hazard_ratio": 6}]),
        },
        REPORTS,
        date(2024, 9, 1),
    )


def driver_of_a_driver():
    return (
        {
            "a": scenario(0.2, outlook=TEN_YEARS, indicators=SPOKEN),
            "b": scenario(0.15, deadline="2027-07-01", drivers=[{"scenario": "a", "hazard_ratio": 5}]),
            "c": scenario(0.1, outlook={"probability": 0.5}, drivers=[{"scenario": "b", "hazard_ratio": 6}]),
        },
        REPORTS,
        date(2024, 1, 1),
    )


def two_drivers():
    return (
        {
            "a": scenario(0.3, indicators=SPOKEN, detection="uncertain"),
            "b": scenario(
                0.15,
                outlook={"probability": 0.6, "interval": [0.3, 0.85]},
                drivers=[{"scenario": "a", "hazard_ratio": 4}],
            ),
            "c": scenario(
                0.2,
                outlook={"probability": 0.35},
                drivers=[{"scenario": "b", "hazard_ratio": 6}, {"scenario": "a", "hazard_ratio": 0.3}],
            ),
        },
        REPORTS,
        date(2025, 3, 1),
    )


def driver_whose_deadline_is_later():
    return (
        {
            "a": scenario(0.6, deadline="2030-01-01", indicators=SPOKEN),
            "b": scenario(0.15, outlook={"probability": 0.45}, drivers=[{"scenario": "a", "hazard_ratio": 6}]),
        },
        REPORTS,
        date(2024, 6, 1),
    )


def resolved_driver(happened):
    resolution = {"happened": happened, "on": "2024-10-01"}
    return (
        {
            "a": scenario(0.3, deadline="2024-10-01", outlook=TEN_YEARS, resolution=resolution, indicators=SPOKEN),
            "b": scenario(0.15, outlook={"probability": 0.45}, drivers=[{"scenario": "a", "hazard_ratio": 5}]),
        },
        REPORTS,
        date(2024, 10, 1),
    )


def steep_driver_late():
    """A rare driver with a strong effect: the worst case for averaging over few histories."""
    return (
        {
            "a": scenario(0.05, outlook={"probability": 0.3}, indicators=SPOKEN),
            "b": scenario(0.05, outlook={"probability": 0.25}, drivers=[{"scenario": "a", "hazard_ratio": 40}]),
        },
        [],
        date(2024, 1, 1),
    )


def rare_driver_late():
    """A driver that comes late in one history of fourteen: few histories a draw must not lose it."""
    return (
        {
            "a": scenario(0.01, outlook={"probability": 0.08}, indicators=SPOKEN),
            "b": scenario(0.05, drivers=[{"scenario": "a", "hazard_ratio": 60}]),
        },
        [],
        date(2024, 1, 1),
    )


CASES = {
    "one driver": one_driver(),
    "one driver, ten-year views": one_driver_with_ten_year_views(),
    "a driver of a driver": driver_of_a_driver(),
    "two drivers": two_drivers(),
    "a driver whose deadline is later": driver_whose_deadline_is_later(),
    "a driver that happened": resolved_driver(True),
    "a driver that did not happen in time": resolved_driver(False),
    "a steep driver": steep_driver_late(),
    "a rare driver": rare_driver_late(),
}


def answer(case, draws=6000):
    scenarios, articles, as_of = case
    net = build(project(scenarios, articles), as_of)
    return infer(net, "importance", draws, 1), prior_of(net)


@pytest.mark.parametrize("name", CASES)
def test_the_mean_curve_is_that_of_simulated_histories(name):
    scenarios, articles, as_of = CASES[name]
    expected = simulated(project(scenarios, articles), as_of, seed=11)
    posterior, prior = answer(CASES[name])
    found = outlook(posterior, prior).probability
    for scenario_id, curve in expected.items():
        np.testing.assert_allclose(
            found[posterior.network.position(scenario_id)], curve, rtol=0, atol=AGREE, err_msg=scenario_id
        )


@pytest.mark.parametrize("name", CASES)
def test_the_probability_never_falls_in_any_draw(name):
    posterior, prior = answer(CASES[name], draws=500)
    times = np.linspace(0, 12, 97)
    found = curves(posterior, extend(posterior, solve_long_run(prior), 1), times, 1)
    # sums in another order may differ in the last digits
    assert np.diff(found, axis=2).min() > -1e-12
    assert found.min() >= 0
    assert found.max() <= 1


@pytest.mark.parametrize("name", CASES)
def test_the_curve_passes_through_the_probability_by_the_deadline_in_every_draw(name):
    posterior, prior = answer(CASES[name], draws=500)
    long_run_hazards = extend(posterior, solve_long_run(prior), 1)
    deadlines = clock_of(posterior.network).deadline
    for position, deadline in enumerate(deadlines):
        at = curves(posterior, long_run_hazards, [deadline], 1)[:, position, 0]
        np.testing.assert_array_equal(at, np.clip(posterior.belief.scenarios[:, position], 0, 1))
        # from the other side it is a sum over the ways to happen, so equal but for rounding and the last instant
        just_before = curves(posterior, long_run_hazards, [deadline - 1e-9], 1)[:, position, 0]
        np.testing.assert_allclose(just_before, at, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_before_the_deadline_it_is_below_the_probability_by_the_deadline(name):
    posterior, prior = answer(CASES[name], draws=500)
    net = posterior.network
    long_run_hazards = extend(posterior, solve_long_run(prior), 1)
    for position, deadline in enumerate(clock_of(net).deadline):
        if position in net.known:
            continue
        half = curves(posterior, long_run_hazards, [deadline / 2], 1)[:, position, 0]
        assert (half < posterior.belief.scenarios[:, position]).all()
        assert (half > 0).all()


def test_half_way_through_the_window_by_hand():
    # P(by t) = 1 - exp(-H t / window), with no driver, nothing said, on the day the window opens
    net = network({"a": scenario(0.3)})
    prior = prior_of(net)
    H = np.exp(prior.theta.log_hazard[:, 0])
    found = curves(prior, extend(prior, solve_long_run(prior), 1), [731 / 365.25 / 2], 1)[:, 0, 0]
    np.testing.assert_allclose(found, 1 - np.exp(-H / 2), rtol=1e-10)


def test_without_a_ten_year_view_the_hazard_halves_every_two_years_by_hand():
    net = network({"a": scenario(0.3)})
    prior = prior_of(net)
    H = np.exp(prior.theta.log_hazard[:, 0])
    length = 731 / 365.25
    later = 5.0
    area = H / length * 2 / np.log(2) * (1 - 0.5 ** (later / 2))
    found = curves(prior, extend(prior, solve_long_run(prior), 1), [length + later], 1)[:, 0, 0]
    np.testing.assert_allclose(found, 1 - np.exp(-H - area), rtol=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_the_stated_ten_year_probability_is_the_prior_marginal_ten_years_after_opens(name):
    _, prior = answer(CASES[name], draws=500)
    # fresh draws of everything that is not theta, as a run has them
    long_run_hazards = extend(prior, solve_long_run(prior), 77)
    for position, record in enumerate(prior.network.scenarios):
        if record.outlook:
            at = years(prior.network.as_of, ten_years_after(record.opens))
            found = curves(prior, long_run_hazards, [at], 78)[:, position, 0].mean()
            assert found == pytest.approx(record.outlook.probability, abs=AGREE)


def test_ten_year_views_are_kept_wherever_the_day_of_the_run_lies():
    scenarios, _, _ = driver_of_a_driver()
    for as_of in (date(2024, 1, 1), date(2025, 7, 1)):
        prior = prior_of(network(scenarios, as_of=as_of))
        position = prior.network.position("c")
        at = years(as_of, date(2034, 1, 1))
        found = curves(prior, extend(prior, solve_long_run(prior), 5), [at], 6)[:, position, 0].mean()
        assert found == pytest.approx(0.5, abs=AGREE)


def test_a_scenario_that_has_happened_is_certain_throughout():
    posterior, prior = answer(CASES["a driver that happened"], draws=500)
    found = outlook(posterior, prior).draws[:, posterior.network.position("a")]
    np.testing.assert_allclose(found, 1.0, rtol=0, atol=1e-12)  # a sum over states, but for rounding


def test_a_scenario_that_did_not_happen_in_time_may_still_come():
    posterior, prior = answer(CASES["a driver that did not happen in time"], draws=500)
    curve = outlook(posterior, prior).probability[posterior.network.position("a")]
    assert 0 < curve[0] < curve[-1] < 1


def test_the_long_run_hazard_goes_halfway_with_the_window_hazard():
    prior = prior_of(network({"a": scenario(0.3, outlook={"probability": 0.6, "interval": [0.3, 0.9]})}))
    found = extend(prior, solve_long_run(prior), 3)
    correlation = np.corrcoef(np.log(found.amplitude[:, 0]), prior.theta.log_hazard[:, 0])[0, 1]
    # 4,096 draws: sd of the correlation (1 - 0.25)/sqrt(4096) = 0.012
    assert correlation == pytest.approx(0.5, abs=0.04)


def test_the_same_seed_gives_the_same_outlook():
    posterior, prior = answer(CASES["two drivers"], draws=300)
    np.testing.assert_array_equal(outlook(posterior, prior).draws, outlook(posterior, prior).draws)
    other = replace(posterior, seed=2)
    assert not np.array_equal(outlook(other, prior).draws, outlook(posterior, prior).draws)


def test_the_years_are_the_same_day_in_each_of_the_next_ten():
    posterior, prior = answer((CASES["one driver"][0], [], date(2024, 2, 29)), draws=300)
    by = outlook(posterior, prior).by
    assert by[0] == date(2025, 2, 28)
    assert by[3] == date(2028, 2, 29)
    assert len(by) == 10
