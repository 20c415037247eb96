"""How long scoring 100,000 beliefs takes, and replaying the shipped story week by week: whole processes."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from engine.app.ledger import Curve, Ledger, Row, Witness

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


def test_a_hundred_thousand_rows_are_scored(benchmark, folder):
    command = [sys.executable, "-m", "engine.app.cli", "score", "scenarios"]
    benchmark.pedantic(lambda: subprocess.run(command, cwd=folder, check=True, capture_output=True), rounds=3)


def test_the_story_is_replayed_week_by_week(benchmark, tmp_path):
    command = [
        sys.executable, "-m", "engine.app.cli", "replay", "scenarios", "--from", "2024-10-01", "--to", "2025-12-31",
        "--output", str(tmp_path), "--workers", "2",
    ]  # fmt: skip
    benchmark.pedantic(lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True), rounds=1)
