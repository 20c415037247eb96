"""Replay: nothing later leaks in, a broken-off one goes on, and where it is computed makes no difference."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import yamlrocks
from builders import article, files, indicator, project, report, scenario
from click.testing import CliRunner

from engine.analysis.forecast import forecast
from engine.app.cli import main
from engine.app.files import load
from engine.app.ledger import Ledger
from engine.app.pools import cluster, processes
from engine.app.replay import days_between, plan, replay
from engine.app.replay_day import Options, forecast_on
from engine.app.reporting import report_of
from engine.errors import ForecastError

ROOT = Path(__file__).parents[1]
QUICK = Options(draws=400)
QUANTITY = {"quantity": {"unit": "soldiers", "median": 4000, "interval": [500, 20_000], "at_least": 10_000}}

SCENARIOS = {
    "alpha": scenario(
        0.3,
        indicators={"seen": indicator(), "heard": indicator(0.7, 0.3)},
        signals=["early", "late"],
        resolution={"happened": True, "on": "2024-09-20"},
    ),
    "beta": scenario(0.2, drivers=[{"scenario": "alpha", "hazard_ratio": 3}], indicators={"said": indicator()}),
    "gamma": scenario(prior=QUANTITY, resolution={"happened": False, "on": "2024-11-01", "value": 5000}),
    "delta": scenario(0.4, opens="2024-06-01", indicators={"shown": indicator()}),
}
ARTICLES = [
    article(report("alpha/seen", "bob"), published="2024-02-01"),
    article(
        report("alpha/seen", "cat", "denies"),
        published="2024-03-01",
        signals=[{"id": "early", "name": "Early", "relevancy": 2}],
        forecasts=[{"scenario": "beta", "source": "ann", "kind": "expert", "probability": 0.4}],
    ),
    article(
        report("beta/said", "bob"),
        published="2024-05-01",
        measurements=[{"scenario": "gamma", "source": "bob", "kind": "observed", "value": 3000}],
    ),
    article(report("delta/shown", "dan"), publisher="paper", published="2024-05-15"),
    article(
        report("alpha/seen", "bob", "retracted"),
        report("alpha/heard", "cat"),
        published="2024-08-01",
        signals=[{"id": "late", "name": "Late", "relevancy": 5}],
        forecasts=[{"scenario": "beta", "source": "ann", "kind": "expert", "probability": 0.7}],
        measurements=[{"scenario": "gamma", "source": "bob", "kind": "observed", "value": 6000}],
    ),
    article(report("beta/said", "eve"), published="unknown", received="2024-10-01"),
    article(report("beta/said", "fay", "denies"), published="2024-12-01"),
]


@pytest.fixture
def folder(tmp_path):
    written = files(SCENARIOS, ARTICLES)
    for path, content in {**written.scenarios, **written.articles, **written.sources}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
    return tmp_path


def deleted_by_hand(root, day, to):
    """A copy of a folder of scenarios and its seeds from which everything later than a day was struck out."""
    scenarios = {path.stem: _read(path) for path in (root / "scenarios").glob("*.yaml")}
    settings, lexicon = scenarios.pop("forecast", {}), scenarios.pop("lexicon", None)
    seeds = {path.stem: _read(path) for path in (root / "seeds").glob("*.yaml")}
    sources = seeds.pop("sources")
    seeds = {name: one for name, one in seeds.items() if _dated(one) <= day}
    scenarios = {name: one for name, one in scenarios.items() if date.fromisoformat(str(one["opens"])) <= day}
    signals = {row["id"] for one in seeds.values() for row in one.get("signals", [])}
    for one in scenarios.values():
        if "resolution" in one and date.fromisoformat(str(one["resolution"]["on"])) > day:
            del one["resolution"]
        one["signals"] = [name for name in one.get("signals", []) if name in signals]
        one["drivers"] = [row for row in one.get("drivers", []) if row["scenario"] in scenarios]
    for one in seeds.values():
        one["reports"] = [row for row in one.get("reports", []) if row["indicator"].split("/")[0] in scenarios]
        for kind in ("measurements", "forecasts"):
            one[kind] = [row for row in one.get(kind, []) if row["scenario"] in scenarios]
    for name, one in scenarios.items():
        _write(to / "scenarios" / f"{name}.yaml", one)
    for name, one in {**seeds, "sources": sources}.items():
        _write(to / "seeds" / f"{name}.yaml", one)
    if settings:
        _write(to / "scenarios" / "forecast.yaml", settings)
    assert lexicon is None or lexicon
    return to / "scenarios"


def _read(path):
    return yamlrocks.loads(path.read_bytes())


def _write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(data, default=str))


def _dated(one):
    told = str(one["published"])
    return date.fromisoformat(str(one["received"]) if told == "unknown" else told)


def numbers(answer):
    """Everything that is believed, bare."""
    return (
        answer.posterior.probability,
        answer.posterior.interval,
        answer.outlook.probability,
        answer.outlook.interval,
        *answer.relevancy,
        answer.score,
        np.array([pull.decibans for pull in answer.pulls]),
    )


def assert_no_leak(root, day, tmp_path, answer):
    fresh = forecast(load(deleted_by_hand(root, day, tmp_path)).project, day, "importance", 400)
    known = answer(load(root / "scenarios").project, day)
    for one, other in zip(numbers(known), numbers(fresh), strict=True):
        np.testing.assert_allclose(one, other, rtol=0, atol=1e-12)
    assert report_of(known, "same").scenarios == report_of(fresh, "same").scenarios


def replay_of(whole, day):
    return forecast_on(whole, day, QUICK)


def run_of(whole, day):
    """What `forecast run --as-of` says: the project as it is, cut by the model alone."""
    return forecast(whole, day, "importance", 400)


RANDOM = np.random.default_rng(6)
STORY_DAYS = sorted(date(2024, 10, 8) + timedelta(int(n)) for n in RANDOM.choice(450, 20, replace=False))


@pytest.mark.parametrize("day", STORY_DAYS, ids=str)
def test_the_replayed_story_equals_a_run_without_everything_later(day, tmp_path):
    assert_no_leak(ROOT, day, tmp_path, replay_of)


@pytest.mark.parametrize("answer", [replay_of, run_of])
@pytest.mark.parametrize(
    "day",
    ["2024-01-01", "2024-03-01", "2024-05-20", "2024-06-01", "2024-08-01", "2024-09-19", "2024-09-20", "2024-12-31"],
)
def test_no_forecast_number_signal_retraction_or_resolution_leaks_in(day, answer, folder, tmp_path):
    assert_no_leak(folder, date.fromisoformat(day), tmp_path / "copy", answer)


def test_the_days_asked_for_and_the_last_one():
    monday = date(2024, 1, 1)
    assert days_between(monday, date(2024, 1, 17), "week") == [
        monday, date(2024, 1, 8), date(2024, 1, 15), date(2024, 1, 17),
    ]  # fmt: skip
    assert days_between(date(2024, 1, 31), date(2024, 3, 31), "month") == [
        date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31),
    ]  # fmt: skip
    assert days_between(monday, monday, "day") == [monday]
    with pytest.raises(ForecastError, match="--from must not be after --to"):
        days_between(date(2024, 1, 2), monday, "day")


def test_other_files_or_options_make_another_replay():
    days = date(2024, 4, 1), date(2024, 11, 1), "month"
    one, again, fewer, other = (
        plan(project(SCENARIOS, told), *days, options).replay_id
        for told, options in ((ARTICLES, QUICK), (ARTICLES, QUICK), (ARTICLES[:5], QUICK), (ARTICLES, Options(500)))
    )
    assert one == again
    assert len({one, fewer, other}) == 3


def beliefs(ledger):
    return ledger.select(("scenario", "as_of", "run_id", "posterior", "low", "high", "outlook", "witnesses"))


@pytest.fixture(scope="module")
def replayed_here(tmp_path_factory):
    """The small story, month by month, in processes of this machine."""
    whole = project(SCENARIOS, ARTICLES)
    days = plan(whole, date(2024, 1, 1), date(2024, 12, 31), "month", QUICK)
    ledger = Ledger(tmp_path_factory.mktemp("replay") / "ledger.sqlite")
    seen = []
    with processes(2, "engine.app.replay_day") as pool:
        assert replay(days, ledger, pool, lambda done, n: seen.append((done, n))) == 13
    assert seen[0] == (0, 13)
    assert seen[-1] == (13, 13)
    return days, ledger


class Refusing:
    """A pool that must not be asked."""

    def submit(self, *_args):
        raise AssertionError("computed again")


def test_a_replay_that_is_finished_computes_nothing(replayed_here):
    days, ledger = replayed_here
    stored = beliefs(ledger)
    assert replay(days, ledger, Refusing(), lambda _done, _n: None) == 0
    assert beliefs(ledger) == stored


def test_every_open_scenario_stands_once_for_every_day(replayed_here):
    _, ledger = replayed_here
    stored = [(name, day) for name, day, *_ in beliefs(ledger)]
    assert len(stored) == len(set(stored)) == 4 * 13 - 5  # delta opens after the first five days
    assert ("delta", "2024-05-01") not in stored


@pytest.mark.filterwarnings("ignore")
def test_a_dask_cluster_of_two_processes_gives_the_same_numbers(replayed_here, tmp_path):
    distributed = pytest.importorskip("distributed")
    days, here = replayed_here
    there = Ledger(tmp_path / "ledger.sqlite")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as two,
        cluster(two.scheduler_address) as pool,
    ):
        assert replay(days, there, pool, lambda _done, _n: None) == 13
    assert sorted(beliefs(there)) == sorted(beliefs(here))


def test_a_scheduler_that_does_not_answer_is_told_within_seconds(folder):
    pytest.importorskip("distributed")
    begun = time.monotonic()
    told = run_replay(folder, "--to", "2024-03-01", "--scheduler", "tcp://127.0.0.1:9")
    assert time.monotonic() - begun < 60  # five seconds of patience, on however busy a machine
    assert told.exit_code == 1
    assert "no Dask scheduler answers there within 5 s" in told.output
    assert "Traceback" not in told.output


def run_replay(folder, *options):
    command = ["replay", str(folder / "scenarios"), "--output", str(folder / "runs"), "--draws", "400", *options]
    return CliRunner().invoke(main, command)


@pytest.mark.parametrize(
    ("options", "exit_code", "says"),
    [
        (["--from", "2024-12-01", "--to", "2024-02-01"], 1, "--from must not be after --to, got 2024-12-01 and 2024-02-01"),
        (["--from", "2024-13-01"], 2, "must be a date like 2024-10-18"),
        (["--to", "2999-01-01"], 1, "--to must not be after today"),
        (["--from", "2020-01-01", "--to", "2021-01-01"], 1, "the first opens on 2024-01-01"),
        (["--every", "hour"], 2, "'hour' is not one of"),
        (["--picture", "paths.gif"], 1, "a picture ends in .svg, .png or .pdf"),
        (["--picture", "nowhere/paths.svg"], 1, "is no folder"),
        (["--scheduler", "nonsense://x", "--to", "2024-02-01"], 1, "no Dask scheduler answers"),
        (["--from", "0001-01-01", "--every", "day", "--to", "2024-02-01"], 1, "at most 20,000 days"),
    ],
)  # fmt: skip
def test_what_cannot_be_replayed_is_refused_and_nothing_is_written(folder, options, exit_code, says):
    told = run_replay(folder, *options)
    assert (told.exit_code, told.exception is None or isinstance(told.exception, SystemExit)) == (exit_code, True)
    assert says in told.output
    assert not list((folder / "runs").glob("*")) if (folder / "runs").exists() else True


def test_the_command_replays_scores_and_draws(folder):
    told = run_replay(folder, "--every", "month", "--to", "2024-12-31", "--picture", str(folder / "paths.svg"))
    assert told.exit_code == 0, told.output
    assert "13 of 13 days computed now" in told.output
    assert "Movement" in told.output
    assert (folder / "paths.svg").read_text().count("<svg") == 1
    again = run_replay(folder, "--every", "month", "--to", "2024-12-31", "--json", "-")
    answer = json.loads(again.stdout)
    assert [one["id"] for one in answer["scenarios"]] == ["alpha", "gamma"]
    assert answer["quantities"]["n_beliefs"] == 10  # from January to October: on 1 November it was settled
    assert answer["movement"]["verdict"] == "too few to say"


@contextmanager
def running(command, cwd):
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def n_days(ledger):
    return len({day for _, day, *_ in beliefs(ledger)}) if ledger.path.exists() else 0


def test_killed_at_random_moments_it_resumes_to_the_same_end(folder, replayed_here):
    """Ctrl-C once, kill -9 four times; then to the end."""
    _, whole = replayed_here
    rng = np.random.default_rng(9)
    command = [
        sys.executable, "-m", "engine.app.cli", "replay", "scenarios", "--draws", "400", "--every", "month",
        "--to", "2024-12-31", "--workers", "1",
    ]  # fmt: skip
    ledger = Ledger(folder / "runs" / "ledger.sqlite")
    broken_off = set()
    for how in (signal.SIGINT, *[signal.SIGKILL] * 4):
        with running(command, folder) as process:
            before = n_days(ledger)
            while n_days(ledger) == before and process.poll() is None:
                time.sleep(0.01)
            time.sleep(rng.uniform(0, 0.1))
            process.send_signal(how)
            process.wait(timeout=60)
        if ledger.path.exists():
            with sqlite3.connect(ledger.path) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            per_day = {}
            for _, day, *_ in beliefs(ledger):
                per_day[day] = per_day.get(day, 0) + 1
            assert all(n == (3 if day < "2024-06-01" else 4) for day, n in per_day.items())
            broken_off.add(len(per_day))
    assert any(0 < n_days < 13 for n_days in broken_off), "no kill came in the middle"
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    assert sorted(beliefs(ledger)) == sorted(beliefs(whole))
