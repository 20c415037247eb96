"""A ledger of 100,000 beliefs: `uv run pytest tests/benchmarks/test_memory.py`."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

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
