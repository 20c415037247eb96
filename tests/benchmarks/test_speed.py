"""How long the commands take, side by side in one session: `uv run pytest tests/benchmarks`.

Machines differ and drift, so the figures to quote are the ratios to the plain model, not the seconds. Python may
keep its bytecode, as it does unless told otherwise.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMANDS = {
    "help": ["-m", "engine.app.cli", "--help"],
    "check": ["-m", "engine.app.cli", "check", "scenarios"],
    "importance": ["-m", "engine.app.cli", "run", "scenarios", "--engine", "importance"],
    "nuts": ["-m", "engine.app.cli", "run", "scenarios"],
    "plain pm.sample": ["tests/benchmarks/plain_model.py"],
}

SCENARIO = """title: ROK supplies lethal aid
question: Will the Republic of Korea transfer lethal weapons to Ukraine, directly or by a declared transfer?
opens: 2024-10-18
deadline: 2025-12-31
prior: {probability: 0.12, interval: [0.04, 0.30], basis: none in 32 months of war; law and policy are against it}
outlook: {statement: It could be a main supplier., probability: 0.35, interval: [0.15, 0.60]}
relevancy: 4
indicators:
  on-the-table: {statement: Senior officials say publicly that it is an option., if_true: 0.90, if_false: 0.45}
  ban-in-force: {statement: Law and policy still bar it., diagnosticity: moderate, against: true}
"""


def run(command: list[str], **settings: str) -> None:
    """A whole process, in the environment of a plain machine."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=plain | settings)


@pytest.mark.parametrize("name", COMMANDS)
def test_whole_command(benchmark, name, tmp_path):
    command = [sys.executable, *COMMANDS[name]]
    if "run" in command:
        command += ["--output", str(tmp_path)]
    slow = name in {"nuts", "plain pm.sample"}
    benchmark.pedantic(lambda: run(command), rounds=2 if slow else 5, warmup_rounds=1)


QUESTIONS = {
    "explain": ["explain", "rok-lethal-aid"],
    "flip": ["flip", "rok-lethal-aid"],
    "what-if": ["what-if", "rok-lethal-aid=yes", "rok-nato-standing=no"],
    "watch-list": ["watch-list"],
    "diff": ["diff", "previous", "latest"],
}


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory):
    """The shipped story, and the same ten weeks on."""
    folder = tmp_path_factory.mktemp("runs")
    for day in ("2024-11-10", "2025-01-20"):
        run([sys.executable, *COMMANDS["importance"], "--as-of", day, "--output", str(folder)])
    return folder


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_of_a_saved_run(benchmark, name, two_runs):
    command = [sys.executable, "-m", "engine.app.cli", *QUESTIONS[name], "--output", str(two_runs)]
    benchmark.pedantic(lambda: run(command), rounds=5, warmup_rounds=1)


def test_the_page_of_a_run(benchmark, tmp_path):
    engine = [sys.executable, "-m", "engine.app.cli"]
    made = [*engine, "run", "scenarios", "--engine", "importance", "--output", str(tmp_path)]
    subprocess.run(made, cwd=ROOT, check=True, capture_output=True)
    command = [*engine, "report", "--output", str(tmp_path)]
    benchmark.pedantic(
        lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True), rounds=5, warmup_rounds=1
    )


def test_the_first_run_ever_with_nothing_compiled(benchmark, tmp_path):
    command = [sys.executable, *COMMANDS["nuts"], "--output", str(tmp_path / "runs")]
    nowhere = {
        "PYTENSOR_FLAGS": f"base_compiledir={tmp_path / 'compiled'}",
        "NUMBA_CACHE_DIR": str(tmp_path / "numba"),
        "PYTHONPYCACHEPREFIX": str(tmp_path / "bytecode"),
    }
    benchmark.pedantic(lambda: run(command, **nowhere), rounds=1)


def test_ten_thousand_scenario_files_are_loaded_and_checked(benchmark, tmp_path):
    for number in range(10_000):
        (tmp_path / f"s{number}.yaml").write_text(SCENARIO)
    command = [sys.executable, "-m", "engine.app.cli", "check", str(tmp_path)]
    benchmark.pedantic(lambda: run(command), rounds=2)
