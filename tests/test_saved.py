"""A saved run read back: the same beliefs from the same draws, or a refusal that says what to do."""

import json
from dataclasses import fields
from datetime import date

import numpy as np
import pytest
import test_brute_force
from builders import article, indicator, project, report, scenario

from engine.app import runs
from engine.app.notebook import forecast
from engine.app.report import report_of
from engine.app.saved import open_posterior, open_run
from engine.errors import ForecastError

DAY = date(2024, 6, 1)


def troops():
    """A quantity with numbers, a driver, two witnesses and somebody's forecast."""
    prior = {"quantity": {"unit": "troops", "median": 4000, "interval": [500, 20000], "at_least": 10000}}
    scenarios = {
        "a": scenario(prior=prior, indicators={"i": indicator()}),
        "b": scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 3}], indicators={"j": indicator()}),
    }
    number = {"scenario": "a", "source": "bob", "kind": "observed", "value": 3000, "credibility": 2}
    market = {"scenario": "b", "source": "cat", "kind": "market", "probability": 0.3}
    articles = [
        article(report("a/i", "ann"), report("b/j", "bob", "denies", 2)),
        article(publisher="bob", measurements=[number]),
        article(publisher="cat", forecasts=[market]),
    ]
    return scenarios, articles, DAY


CASES = {"troops": troops, **test_brute_force.NETWORKS}


def saved(folder, case=troops, engine="importance", draws=800):
    scenarios, articles, as_of = case()
    records = project(scenarios, articles)
    answer = forecast(records, as_of, engine, draws)
    return records, answer, runs.save(folder, "run", report_of(answer, "run"), answer)


@pytest.mark.parametrize("name", CASES)
def test_a_saved_run_gives_the_same_probabilities(tmp_path, name):
    records, answer, folder = saved(tmp_path, CASES[name])
    again = open_posterior(folder, records)
    # if_true and if_false are kept as probabilities: logit and back costs a few units in the last digit
    np.testing.assert_allclose(again.belief.scenarios, answer.posterior.belief.scenarios, rtol=0, atol=1e-12)
    np.testing.assert_allclose(again.probability, answer.posterior.probability, rtol=0, atol=1e-12)
    for one in fields(again.theta):
        mine, theirs = getattr(again.theta, one.name), getattr(answer.posterior.theta, one.name)
        np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-11)


def test_a_saved_run_gives_the_whole_forecast(tmp_path):
    records, answer, folder = saved(tmp_path)
    again = open_run(folder, records)
    assert again.outlook.by == answer.outlook.by
    np.testing.assert_array_equal(again.outlook.draws, answer.outlook.draws)
    np.testing.assert_array_equal(again.posterior.relevancy, answer.posterior.relevancy)
    np.testing.assert_allclose(again.score, answer.score, atol=1e-12)
    assert (again.posterior.engine, again.posterior.seed, again.posterior.n_chains) == ("importance", 1, 4)
    assert [pull.witness for pull in again.pulls] == [pull.witness for pull in answer.pulls]
    assert [pull.decibans for pull in again.pulls] == pytest.approx([pull.decibans for pull in answer.pulls])
    b = again.posterior.network.position("b")
    # the report keeps four digits
    assert again.without_opinions[b] == pytest.approx(answer.without_opinions[b], abs=5e-5)
    rewritten = report_of(again, "run").model_dump()
    written = json.loads((folder / "report.json").read_text())
    assert rewritten["scenarios"][0]["posterior"] == {
        **written["scenarios"][0]["posterior"],
        "interval": tuple(written["scenarios"][0]["posterior"]["interval"]),
    }


def test_a_run_of_other_files_is_refused(tmp_path):
    _, _, folder = saved(tmp_path)
    scenarios, articles, _ = troops()
    scenarios["b"]["prior"]["probability"] = 0.25
    with pytest.raises(ForecastError, match="the files have changed since this run"):
        open_run(folder, project(scenarios, articles))


def test_a_run_of_another_day_is_refused(tmp_path):
    records, _, folder = saved(tmp_path)
    open_posterior(folder, records, DAY)
    with pytest.raises(ForecastError, match="the run is of 2024-06-01, not of 2024-06-02"):
        open_posterior(folder, records, date(2024, 6, 2))


@pytest.mark.parametrize("name", ["posterior.nc", "report.json"])
@pytest.mark.parametrize("kept", [0, 100, 5000])
def test_a_damaged_file_is_refused(tmp_path, name, kept):
    records, _, folder = saved(tmp_path)
    path = folder / name
    path.write_bytes(path.read_bytes()[: min(kept, path.stat().st_size - 10)])
    with pytest.raises(ForecastError, match=rf"{name}: .*Run again"):
        open_run(folder, records)


def test_draws_of_another_run_are_refused(tmp_path):
    records, _, folder = saved(tmp_path)
    _, _, elsewhere = saved(tmp_path / "other", test_brute_force.chain)
    (folder / "posterior.nc").write_bytes((elsewhere / "posterior.nc").read_bytes())
    with pytest.raises(ForecastError, match="not the file"):
        open_run(folder, records)


@pytest.mark.parametrize("spoiled", ["probability", "relevancy", "reliability"])
def test_a_number_changed_in_the_file_is_refused(tmp_path, spoiled):
    import h5py

    records, _, folder = saved(tmp_path)
    with h5py.File(folder / "posterior.nc", "r+") as file:
        file["posterior"][spoiled][0, 0, 0] = np.nan
    with pytest.raises(ForecastError, match="damaged"):
        open_run(folder, records)


def test_a_missing_run_is_refused(tmp_path):
    with pytest.raises(ForecastError, match="cannot be read"):
        open_run(tmp_path, project({"a": scenario()}))
