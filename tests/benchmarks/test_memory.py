"""A ledger of 100,000 beliefs: `uv run pytest tests/benchmarks/test_memory.py`."""

from __future__ import annotations

"""How long the ledger's readers take on 100,000 rows, and how long a replay takes: whole processes."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.app.ledger import Curve, Ledger, Row, Witness

N = 100_000
N_WITNESSES = 12
START, NOON = date(2000, 1, 1), datetime(2024, 6, 1, 12, tzinfo=UTC)


def belief(number: int, scenario: str) -> Row:
    """A belief with a dozen witnesses, about as large as those of the shipped story (3 kB)."""
    day = START + timedelta(days=number % 9_000)
    share = 0.1 + 0.8 * (number % 97) / 97
    witnesses = tuple(
        Witness(
            indicator=f"an-indicator-with-a-name-{one}",
            source=f"source-of-some-kind-{one}",
            stance="affirms",
            articles=tuple(f"2024-10-{10 + one}-an-article-with-a-long-name-{two}" for two in range(2)),
            decibans=(number * one) % 7 - 3.0,
        )
        for one in range(N_WITNESSES)
    )
    return Row(
        run_id=f"run-{number}", kind="run", scenario=scenario, as_of=day,
        recorded_at=NOON + timedelta(minutes=number), deadline=date(2030, 1, 1), status="open", prior=0.2,
        prior_low=0.1, prior_high=0.4, posterior=share, low=share / 2, high=(1 + share) / 2, mcse=0.002, relevancy=3.0,
        score=share / 2, n_witnesses=N_WITNESSES, engine="importance", version="0", pymc="6", seed=1, draws=4000,
        sound=True, max_rhat=None, min_ess=3000.0, divergences=None, pareto_k=0.1, max_engine_gap=None,
        inputs=f"inputs-{number}", without_forecasts=None,
        outlook=Curve(
            by=tuple(day + timedelta(days=365 * year) for year in range(1, 11)), probability=(0.4567,) * 10,
            low=(0.1234,) * 10, high=(0.7891,) * 10,
        ),
        quantity=None, forecasts=(), numbers=(), witnesses=witnesses,
    )  # fmt: skip


@pytest.fixture(scope="module", params=[10, 1], ids=["ten scenarios", "one scenario"])
def folder(request, tmp_path_factory) -> Path:
    """A ledger of 100,000 beliefs, of ten scenarios or all of one."""
    made = tmp_path_factory.mktemp("ledger")
    ledger = Ledger(made / "ledger.sqlite")
    for start in range(0, N, 10_000):
        ledger.append(belief(number, f"scenario-{number % request.param}") for number in range(start, start + 10_000))
    return made


def run(*words: str) -> None:
    subprocess.run([sys.executable, "-m", "engine.app.cli", *words], check=True, capture_output=True)


def test_history(benchmark, folder):
    benchmark.pedantic(lambda: run("history", "scenario-0", "--output", str(folder)), rounds=5, warmup_rounds=1)


def test_one_more_belief(benchmark, folder):
    more = iter(range(N, 2 * N))
    ledger = Ledger(folder / "ledger.sqlite")
    benchmark.pedantic(lambda: ledger.append([belief(next(more), "scenario-0")]), rounds=20)


@pytest.mark.parametrize("how", ["--csv", "--parquet"])
def test_export(benchmark, folder, how):
    benchmark.pedantic(lambda: run("export", how, str(folder / "out"), "--output", str(folder)), rounds=1)
ROOT = Path(__file__).parents[2]
N_SCENARIOS, N_DAYS = 200, 500
OPENS = date(2022, 1, 1)


def belief(name, day, probability):
    by = tuple(day + timedelta(365 * year) for year in range(1, 11))
    curve = tuple(round(probability + (1 - probability) * year / 20, 4) for year in range(10))
    return Row(
        run_id=f"r{day:%Y%m%d}", kind="run", scenario=name, as_of=day, recorded_at=datetime(2024, 1, 1, tzinfo=UTC),
        deadline=date(2024, 1, 1), status="open", prior=0.3, prior_low=0.1, prior_high=0.5, posterior=probability,
        low=0.1, high=0.6, mcse=0.002, relevancy=3.0, score=0.2, n_witnesses=3, engine="nuts", version="0", pymc="6",
        seed=1, draws=4000, sound=True, max_rhat=1.0, min_ess=3000.0, divergences=0, pareto_k=0.1, max_engine_gap=0.002,
        inputs="abc", without_forecasts=None, outlook=Curve(by=by, probability=curve, low=curve, high=curve),
        quantity=None, forecasts=(), numbers=(),
        witnesses=tuple(Witness(indicator="seen", source=s, stance="affirms", articles=("a",), decibans=2.5) for s in "abc"),
    )  # fmt: skip


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """200 resolved scenarios, each believed on 500 days."""
    root = tmp_path_factory.mktemp("memory")
    (root / "scenarios").mkdir()
    (root / "runs").mkdir()
    rng = np.random.default_rng(1)
    ledger = Ledger(root / "runs" / "ledger.sqlite")
    for number in range(N_SCENARIOS):
        happens = bool(rng.random() < 0.3)
        record = {
            "title": f"Scenario {number}", "question": "Q?", "opens": "2022-01-01", "deadline": "2024-01-01",
            "prior": {"probability": 0.3}, "resolution": {"happened": happens, "on": "2023-06-01" if happens else "2024-01-01"},
        }  # fmt: skip
        (root / "scenarios" / f"s{number}.yaml").write_text(json.dumps(record))
        path = 1 / (1 + np.exp(0.85 - np.cumsum(rng.normal(0.03 if happens else -0.03, 0.2, N_DAYS))))
        ledger.append(belief(f"s{number}", OPENS + timedelta(n), round(float(p), 4)) for n, p in enumerate(path))
    return root


@pytest.mark.parametrize("command", [["score", "scenarios"], ["history", "s7"]], ids=["score", "history"])
def test_a_hundred_thousand_rows(benchmark, folder, command):
    whole = [sys.executable, "-m", "engine.app.cli", *command]
    benchmark.pedantic(lambda: subprocess.run(whole, cwd=folder, check=True, capture_output=True), rounds=3)


def test_the_story_is_replayed_week_by_week(benchmark, tmp_path):
    command = [
        sys.executable, "-m", "engine.app.cli", "replay", "scenarios", "--from", "2024-10-01", "--to", "2025-12-31",
        "--output", str(tmp_path), "--workers", "2",
    ]  # fmt: skip
    benchmark.pedantic(lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True), rounds=1)
