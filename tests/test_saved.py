"""A saved run read back: the same beliefs from the same draws, or a refusal that says what to do."""

import json
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import test_brute_force
from builders import article, indicator, project, report, scenario

from engine.app import runs
from engine.app.draws import Variable, groups_of
from engine.app.inputs import Inputs, inputs_of, read_inputs
from engine.app.netcdf import write_netcdf
from engine.app.notebook import forecast, load
from engine.app.reporting import report_of
from engine.app.saved import open_run
from engine.errors import DamagedRunError, ForecastError

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
    return answer, runs.save(folder, "run", report_of(answer, "run"), answer)


@pytest.mark.parametrize("name", CASES)
def test_a_saved_run_gives_the_same_probabilities(tmp_path, name):
    answer, folder = saved(tmp_path, CASES[name])
    again = open_run(folder).posterior
    # if_true and if_false are kept as probabilities: logit and back costs a few units in the last digit
    np.testing.assert_allclose(again.belief.scenarios, answer.posterior.belief.scenarios, rtol=0, atol=1e-12)
    np.testing.assert_allclose(again.probability, answer.posterior.probability, rtol=0, atol=1e-12)
    for one in fields(again.theta):
        mine, theirs = getattr(again.theta, one.name), getattr(answer.posterior.theta, one.name)
        np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-11)


def test_a_saved_run_gives_the_whole_forecast(tmp_path):
    answer, folder = saved(tmp_path)
    again = open_run(folder)
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


def test_a_run_keeps_what_it_was_made_from(tmp_path):
    answer, folder = saved(tmp_path)
    assert open_run(folder).project == answer.project


def test_the_records_of_the_shipped_story_survive_the_run(tmp_path):
    scenarios = Path(__file__).parents[1] / "scenarios"
    story = load(scenarios)
    path = tmp_path / "inputs.json"
    path.write_text(inputs_of(story, scenarios).model_dump_json(exclude_defaults=True))
    again = read_inputs(path, story.fingerprint)
    assert again.project == story
    assert list(again.project.articles) == list(story.articles)
    assert again.folder is None, "a whole path belongs to one machine"


def tampered(folder, change):
    """The inputs of a run, changed as text."""
    path = folder / "inputs.json"
    path.write_text(change(path.read_text()))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace('"median":4000', '"median":4001'),
        lambda text: text.replace('"probability":0.2', '"probability":1.2'),
        lambda text: text.replace('"settings"', '"settlings"'),
        lambda text: text.replace('"statement":"S."', '"statement":"S.\\u202e"'),
        lambda text: text[: len(text) // 2],
        lambda _: "[]",
        lambda _: "",
    ],
)
def test_tampered_inputs_are_refused(tmp_path, change):
    _, folder = saved(tmp_path)
    before = (folder / "inputs.json").read_text()
    tampered(folder, change)
    assert (folder / "inputs.json").read_text() != before
    with pytest.raises(DamagedRunError, match=r"inputs.json: .*Run again"):
        open_run(folder)


def test_records_that_contradict_each_other_are_refused_though_the_fingerprint_fits(tmp_path):
    _, folder = saved(tmp_path)
    kept = Inputs.model_validate_json((folder / "inputs.json").read_bytes())
    orphaned = kept.model_copy(update={"scenarios": kept.scenarios[1:]})
    (folder / "inputs.json").write_text(orphaned.model_dump_json())
    with pytest.raises(DamagedRunError, match=r"inputs.json: .*b: .*a"):
        read_inputs(folder / "inputs.json", orphaned.project.fingerprint)


def test_inputs_too_large_are_not_read(tmp_path, monkeypatch):
    _, folder = saved(tmp_path)
    monkeypatch.setattr("engine.app.inputs.MAX_INPUTS_BYTES", 1000)
    with pytest.raises(DamagedRunError, match="1,000 is the most"):
        open_run(folder)


def test_a_run_of_an_older_engine_without_inputs_is_refused(tmp_path):
    _, folder = saved(tmp_path)
    (folder / "inputs.json").unlink()
    with pytest.raises(ForecastError, match=r"inputs.json: cannot be read: .* Run again"):
        open_run(folder)


@pytest.mark.parametrize("name", ["posterior.nc", "report.json", "inputs.json"])
@pytest.mark.parametrize("kept", [0, 100, 5000])
def test_a_damaged_file_is_refused(tmp_path, name, kept):
    _, folder = saved(tmp_path)
    path = folder / name
    path.write_bytes(path.read_bytes()[: min(kept, path.stat().st_size - 10)])
    with pytest.raises(ForecastError, match=rf"{name}: .*Run again"):
        open_run(folder)


def test_draws_of_another_run_are_refused(tmp_path):
    _, folder = saved(tmp_path)
    _, elsewhere = saved(tmp_path / "other", test_brute_force.chain)
    (folder / "posterior.nc").write_bytes((elsewhere / "posterior.nc").read_bytes())
    with pytest.raises(ForecastError, match="not the file"):
        open_run(folder)


@pytest.mark.parametrize("spoiled", ["probability", "relevancy", "reliability"])
def test_a_number_changed_in_the_file_is_refused(tmp_path, spoiled):
    import h5py

    _, folder = saved(tmp_path)
    with h5py.File(folder / "posterior.nc", "r+") as file:
        file["posterior"][spoiled][0, 0, 0] = np.nan
    with pytest.raises(ForecastError, match="damaged"):
        open_run(folder)


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("reliability", None),
        ("reliability", Variable(("chain", "draw"), np.zeros((4, 200)))),
        ("relevancy", Variable(("chain", "draw", "quantity"), np.zeros((4, 200, 1)))),
        ("log_hazard", Variable(("chain", "draw", "scenario"), np.zeros((4, 200, 2)))),
        ("outlook", Variable(("chain", "draw", "scenario"), np.zeros((4, 200, 2)))),
    ],
)
def test_draws_of_another_shape_are_refused(tmp_path, name, variable):
    answer, folder = saved(tmp_path)
    whole = groups_of(answer)
    size = whole.groups["posterior"]["probability"].values.shape[1]
    changed = dict(whole.groups["posterior"])
    del changed[name]
    if variable:
        changed[name] = Variable(variable.dims, np.resize(variable.values, (4, size, *variable.values.shape[2:])))
    write_netcdf(folder / "posterior.nc", replace(whole, groups=whole.groups | {"posterior": changed}))
    with pytest.raises(DamagedRunError, match=r"posterior\.nc: is damaged"):
        open_run(folder)


def test_a_file_that_tells_of_more_draws_than_anybody_draws_is_not_read(tmp_path):
    import h5netcdf

    _, folder = saved(tmp_path)
    (folder / "posterior.nc").unlink()
    with h5netcdf.File(folder / "posterior.nc", "w") as file:
        group = file.create_group("posterior")
        group.dimensions = {"chain": 100_000, "draw": 100_000}
        group.create_variable("probability", ("chain", "draw"), float, chunks=(1000, 1000))
    with pytest.raises(DamagedRunError, match="100,000 chains"):
        open_run(folder)


def test_a_missing_run_is_refused(tmp_path):
    with pytest.raises(ForecastError, match="cannot be read"):
        open_run(tmp_path)


def test_a_sampled_run_of_a_quantity_nobody_has_counted_opens_again(tmp_path):
    prior = {"quantity": {"unit": "troops", "median": 4000, "interval": [500, 20000], "at_least": 10000}}
    answer, folder = saved(tmp_path, lambda: ({"a": scenario(prior=prior)}, [], DAY), "nuts", 400)
    again = open_run(folder).posterior
    np.testing.assert_allclose(again.probability, answer.posterior.probability, rtol=0, atol=1e-12)
