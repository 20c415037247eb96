"""The commands that question a saved run: each answers from its draws, and refuses what it cannot."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.app.cli import main

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A run of the shipped story."""
    folder = tmp_path_factory.mktemp("runs")
    done = ask("run", str(ROOT / "scenarios"), "--engine", "importance", "--draws", "1000", "--output", str(folder))
    assert done.exit_code == 0, done.output
    return folder


def ask(*words):
    return CliRunner().invoke(main, list(words), env={"COLUMNS": "160"})


def question(runs, *words):
    return ask(*words, "--output", str(runs))


def beliefs(runs):
    (report,) = runs.glob("*/report.json")
    return {one["id"]: one for one in json.loads(report.read_text())["scenarios"]}


def test_explain_starts_at_the_prior_and_ends_at_the_posterior(runs):
    told = question(runs, "explain", "rok-lethal-aid")
    assert told.exit_code == 0, told.output
    one = beliefs(runs)["rok-lethal-aid"]
    assert f"{100 * one['prior']['probability']:.0f} % → {100 * one['posterior']['probability']:.0f} %" in told.stdout
    assert "rok-government affirms lethal-weapons-on-the-table" in told.stdout


def test_what_if_names_every_other_scenario_and_says_which_question_it_answers(runs):
    learnt = question(runs, "what-if", "rok-lethal-aid=yes")
    brought_about = question(runs, "what-if", "rok-lethal-aid=yes", "--do")
    assert learnt.exit_code == brought_about.exit_code == 0
    assert "Learnt" in learnt.stdout
    assert "Brought about" in brought_about.stdout
    for name in set(beliefs(runs)) - {"rok-lethal-aid"}:
        assert name in learnt.stdout


def test_watch_list_shows_as_many_as_asked_for(runs):
    told = question(runs, "watch-list", "--top", "3")
    assert told.exit_code == 0, told.output
    assert told.stdout.count("seen for certain") <= 3
    assert "more: --top" in told.stdout


def test_flip_shows_changes_that_lead_out_of_the_band_or_says_there_is_none(runs):
    told = question(runs, "flip", "rok-lethal-aid")
    assert told.exit_code == 0, told.output
    assert "out of its band" in told.stdout
    assert "The prior held a quarter more firmly" in told.stdout
    none = question(runs, "flip", "dprk-troops-present")
    assert none.exit_code == 0, none.output
    assert "None within reason" in none.stdout


@pytest.mark.parametrize(
    "words",
    [
        ["explain", "rok-lethal-aid"],
        ["flip", "rok-lethal-aid"],
        ["what-if", "rok-lethal-aid=yes"],
        ["what-if", "rok-lethal-aid=yes", "--do"],
        ["watch-list"],
        ["diff", "latest", "latest"],
    ],
    ids=" ".join,
)
def test_no_question_samples_again(runs, monkeypatch, words):
    def refuse(*_, **__):
        raise AssertionError("sampled")

    monkeypatch.setattr("engine.belief.inference.infer", refuse)
    monkeypatch.setattr("engine.analysis.forecast.infer", refuse)
    monkeypatch.setattr("engine.belief.importance.weigh", refuse)
    asked = question(runs, *words)
    assert asked.exit_code == 0, asked.output


def test_a_run_answers_though_its_files_have_changed_and_says_that_they_have(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("scenarios", "seeds"):
        shutil.copytree(ROOT / name, name)
    made = ask("run", "scenarios", "--engine", "importance", "--draws", "400")
    assert made.exit_code == 0, made.output
    at_first = ask("explain", "rok-lethal-aid")
    assert (at_first.exit_code, at_first.stderr) == (0, "")
    file = Path("scenarios/rok-lethal-aid.yaml")
    file.write_text(file.read_text().replace("relevancy: 5", "relevancy: 4"))
    changed = ask("explain", "rok-lethal-aid")
    assert changed.stdout == at_first.stdout
    assert "scenarios has changed since run" in changed.stderr
    shutil.rmtree("scenarios")
    gone = ask("explain", "rok-lethal-aid")
    assert (gone.stdout, gone.stderr) == (at_first.stdout, "")


def test_diff_says_what_moved_between_two_runs_and_says_it_to_programs_too(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("scenarios", "seeds"):
        shutil.copytree(ROOT / name, name)
    run = ("run", "scenarios", "--engine", "importance", "--draws", "1000")
    assert ask(*run).exit_code == 0
    file = Path("scenarios/rok-lethal-aid.yaml")
    file.write_text(file.read_text().replace("probability: 0.12", "probability: 0.2"))
    assert ask(*run).exit_code == 0
    told = ask("diff", "previous", "latest", "--only", "rok-lethal-aid")
    assert told.exit_code == 0, told.output
    assert "prior" in told.stdout
    assert "rok-lethal-aid" in told.stdout
    assert "differing: 1 priors" not in told.stdout
    record = json.loads(ask("diff", "previous", "--json").stdout)
    (change,) = record["changes"]
    assert (change["kind"], change["about"]) == ("prior", ["rok-lethal-aid"])
    moved = next(one for one in record["scenarios"] if one["id"] == "rok-lethal-aid")
    assert sum(one["decibans"] for one in moved["causes"]) + moved["monte_carlo_db"] == pytest.approx(moved["shift_db"])
    unknown = ask("diff", "previous", "--only", "rok-lethal")
    assert unknown.exit_code == 1
    assert "rok-lethal-aid" in unknown.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["explain", "rok-lethal"], "rok-lethal-aid"),
        (["what-if", "rok-lethal-aid=maybe"], "rok-lethal-aid=yes or rok-lethal-aid=no"),
        (["what-if", "dprk-troops-present=no"], "dprk-troops-present"),
        (["flip", "rok-lethal-aid", "--threshold", "1.5"], "--threshold"),
        (["watch-list", "--about", "rok-natto-standing"], "rok-nato-standing"),
        (["explain", "rok-lethal-aid", "--run", "yesterday"], "yesterday"),
        (["diff", "yesterday", "latest"], "yesterday"),
    ],
)
def test_what_cannot_be_answered_is_refused_with_the_nearest(runs, words, told):
    done = question(runs, *words)
    assert done.exit_code == 1
    assert told in done.stderr
    assert "Traceback" not in done.output
