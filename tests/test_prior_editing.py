"""Editing a prior: restated in a project, what it foresees, and what the evidence makes of any other."""

from __future__ import annotations

import numpy as np
import pytest
from builders import DAY, article, indicator, network, project, report, scenario

from engine.analysis.flips.prior import belief_by_prior
from engine.analysis.forecast import forecast
from engine.analysis.prior_predictive import number_happening
from engine.belief.prior import prior_of
from engine.errors import FaultyFilesError, ForecastError
from engine.probability import expit, logit
from engine.records.assembly import restated

DRIVEN = {"drivers": [{"scenario": "a", "hazard_ratio": 3}]}


def two():
    return {"a": scenario(0.3, indicators={"i": indicator()}), "b": scenario(0.2, **DRIVEN)}


def test_a_restated_prior_is_that_of_a_file_which_states_it():
    changed = two()
    changed["a"]["prior"] = {"probability": 0.4, "interval": [0.2, 0.6]}
    assert restated(project(two()), "a", probability=0.4, interval=[0.2, 0.6]) == project(changed)


def test_another_kind_of_prior_may_be_stated():
    found = restated(project(two()), "a", base_rate=[{"events": 5, "years": 26}])
    assert found.scenarios["a"].prior.probability is None
    # windows are two years: 1 - (26 / 28) ^ 5.5
    assert found.scenarios["a"].prior_probability == pytest.approx(1 - (26 / 28) ** 5.5, abs=1e-3)


@pytest.mark.parametrize(
    ("prior", "told"),
    [
        ({"probability": 1.4}, "probability"),
        ({"probability": 0.4, "interval": [0.5, 0.6]}, "interval"),
        ({"likelihood": 0.4}, "likelihood"),
        ({}, "prior"),
    ],
)
def test_a_prior_that_cannot_hold_is_refused_as_in_a_file(prior, told):
    with pytest.raises(FaultyFilesError, match=told):
        restated(project(two()), "a", **prior)


def test_a_scenario_that_is_not_there_is_refused():
    with pytest.raises(ForecastError, match="is no scenario here"):
        restated(project(two()), "bb", probability=0.1)


def test_the_number_that_happen_has_the_mean_of_the_priors():
    scenarios = two() | {"c": scenario(0.5), "d": scenario(0.1)}
    found = number_happening(prior_of(network(scenarios)))
    assert len(found) == 5
    assert found.sum() == pytest.approx(1)
    # 4,096 prior draws on which the baselines were not solved: 0.005 each
    assert found @ np.arange(5) == pytest.approx(0.3 + 0.2 + 0.5 + 0.1, abs=0.02)


def test_drivers_make_all_or_nothing_likelier():
    apart = {"a": scenario(0.3), "b": scenario(0.2)}
    tied, loose = (number_happening(prior_of(network(some))) for some in (two(), apart))
    assert loose[2] == pytest.approx(0.06, abs=0.005)
    assert tied[2] > loose[2] + 0.02
    assert tied[0] > loose[0]


def test_the_belief_by_prior_is_bayes_rule_where_all_is_known():
    """Sharp prior and sure source: the log odds of the belief are those of the prior and 10 log10 of 4."""
    sharp = {"probability": 0.3, "interval": [0.299, 0.301]}
    records = project({"a": scenario(prior=sharp, indicators={"i": indicator()})}, [article(report("a/i", "ann"))])
    answer = forecast(records, DAY, "importance", 4000)
    stated, belief = belief_by_prior(answer, "a")
    middle = len(stated) // 2
    assert stated[middle] == pytest.approx(0.3, abs=1e-6)
    assert belief[middle] == pytest.approx(float(answer.posterior.probability[0]), abs=1e-6)
    shift = logit(belief[middle]) - logit(0.3)
    # the likelihoods are not quite known, and the belief averages over them
    np.testing.assert_allclose(belief, expit(logit(stated) + shift), atol=0.01)
    assert (np.diff(stated) > 0).all()
    assert (np.diff(belief) > 0).all()
