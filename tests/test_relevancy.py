"""How much a scenario matters: ordered-probit readings of a number on 1-5."""

from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest
from builders import DAY, article, network, project, scenario

from engine.analysis.forecast import Forecast, forecast
from engine.analysis.outlook import outlook
from engine.belief.inference import infer
from engine.belief.log_density import of_ratings
from engine.belief.prior import prior_of
from engine.belief.relevancy import Ratings, draws

CUTS = [-np.inf, 1.5, 2.5, 3.5, 4.5, np.inf]


def chance(rating, x):
    """P(rating | latent x)."""
    reading = NormalDist(x, 0.7)
    return reading.cdf(CUTS[rating]) - reading.cdf(CUTS[rating - 1])


RATINGS = Ratings([0, 0, 2, 2, 2, 3], [4, 5, 1, 2, 2, 3])


def test_the_log_likelihood_by_hand():
    at = np.array([4.2, 3.0, 1.7, 2.6])
    expected = sum(np.log(chance(rating, at[s])) for s, rating in zip(RATINGS.scenario, RATINGS.rating, strict=True))
    assert of_ratings(RATINGS)(at)[0] == pytest.approx(expected, abs=1e-10)


def test_a_rating_is_one_of_five():
    assert sum(
        np.exp(of_ratings(Ratings([0], [rating]))(np.array([2.2]))[0]) for rating in range(1, 6)
    ) == pytest.approx(1)


@pytest.mark.parametrize("at", [[4.2, 3.0, 1.7, 2.6], [1.0, 1.0, 5.0, 5.0], [1.8, 9.0, 4.0, -0.5]])
def test_the_gradient_is_that_of_central_differences(at):
    at, h = np.array(at), 1e-5
    _, (gradient,) = of_ratings(RATINGS)(at)
    for s in range(4):
        step = h * np.eye(4)[s]
        difference = (of_ratings(RATINGS)(at + step)[0] - of_ratings(RATINGS)(at - step)[0]) / (2 * h)
        # a chance far out is a difference of near-ones: rounding 1e-16 over a chance of 1e-5, over 2h, is 1e-6
        assert gradient[s] == pytest.approx(difference, rel=1e-6, abs=2e-6)


def test_draws_are_those_of_the_posterior_by_numbers():
    u = (np.arange(20_000) + 0.5)[:, None].repeat(4, axis=1) / 20_000
    found = draws(RATINGS, 4, u)
    x = np.linspace(-4, 10, 2801)
    for s in range(4):
        density = np.array([NormalDist(3, 1.2).pdf(value) for value in x])
        for scenario_number, rating in zip(RATINGS.scenario, RATINGS.rating, strict=True):
            if scenario_number == s:
                density *= [chance(rating, value) for value in x]
        mean = (x * density).sum() / density.sum()
        sd = np.sqrt(((x - mean) ** 2 * density).sum() / density.sum())
        # both are sums over grids of 0.004 and 0.005
        assert found[:, s].mean() == pytest.approx(mean, abs=0.003)
        assert found[:, s].std() == pytest.approx(sd, abs=0.003)


def test_without_a_rating_relevancy_is_its_prior():
    u = (np.arange(20_000) + 0.5)[:, None] / 20_000
    found = draws(Ratings([], []), 1, u)
    assert found.mean() == pytest.approx(3, abs=0.003)
    assert found.std() == pytest.approx(1.2, abs=0.003)


def test_one_high_rating_by_hand():
    # Normal(3, 1.2) cut from below by a reading above 4.5 of sd 0.7: mean 3 + s phi(a)/Phi(a) 1.2^2/s^2, s^2 = 1.44 + 0.49
    s = np.hypot(1.2, 0.7)
    a = (3 - 4.5) / s
    mean = 3 + 1.44 / s * NormalDist().pdf(a) / NormalDist().cdf(a)
    u = (np.arange(20_000) + 0.5)[:, None] / 20_000
    assert draws(Ratings([0], [5]), 1, u).mean() == pytest.approx(mean, abs=0.003)


def test_linked_signals_and_the_analyst_are_all_readings():
    signals = [{"id": f"s{n}", "name": "N", "relevancy": n} for n in (2, 4)]
    later = [{"id": "s-later", "name": "N", "relevancy": 1}]
    scenarios = {"a": scenario(relevancy=5, signals=["s2", "s4", "s-later"]), "b": scenario()}
    net = network(scenarios, [article(signals=signals), article(signals=later, published="2024-01-02")])
    assert list(zip(net.ratings.scenario, net.ratings.rating, strict=True)) == [(0, 5), (0, 2), (0, 4)]


def test_a_signal_linked_twice_is_one_reading():
    signals = [{"id": "s2", "name": "N", "relevancy": 2}]
    net = network({"a": scenario(signals=["s2", "s2"])}, [article(signals=signals)])
    assert list(net.ratings.rating) == [2]


def test_the_score_is_probability_times_relevancy_from_nought_to_one():
    net = network({"a": scenario(0.4), "b": scenario(0.2)})
    posterior = infer(net, "importance", 400, 1)
    prior = prior_of(net)
    p = np.array([[0.5, 0.2], [0.1, 0.4]])
    posterior = replace(
        posterior,
        theta=posterior.theta.take(slice(0, 2)),
        relevancy=np.array([[5.0, 3.0], [3.0, 7.0]]),
        belief=replace(posterior.belief, scenarios=p),
    )
    whole = Forecast(project({"a": scenario()}), posterior, outlook(infer(net, "importance", 400, 1), prior))
    # a: (0.5 x 1 + 0.1 x 0.5)/2; b: (0.2 x 0.5 + 0.4 x 1)/2, the 7 held at 5
    assert whole.score.tolist() == pytest.approx([0.275, 0.25])
    assert whole.ranking == [0, 1]


def test_a_scenario_that_matters_more_is_ranked_first():
    found = forecast(
        project({"a": scenario(0.4, relevancy=1), "b": scenario(0.3, relevancy=5)}), DAY, "importance", 500
    )
    assert found.ranking == [1, 0]
    assert ((found.score >= 0) & (found.score <= 1)).all()
