"""How long the commands take, side by side in one session: `uv run pytest tests/benchmarks`.

Machines differ and drift, so the figures to quote are the ratios to the plain model, not the seconds.
"""

from __future__ import annotations

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


@pytest.mark.parametrize("name", COMMANDS)
def test_whole_command(benchmark, name, tmp_path):
    command = [sys.executable, *COMMANDS[name]]
    if "run" in command:
        command += ["--output", str(tmp_path)]
    rounds = 2 if name == "plain pm.sample" else 3
    benchmark.pedantic(
        lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True),
        rounds=rounds,
        warmup_rounds=1,
    )


def test_ten_thousand_scenario_files_are_loaded_and_checked(benchmark, tmp_path):
    text = (ROOT / "scenarios" / "rok-nato-standing.yaml").read_text()
    alone = text.split("drivers:")[0] + "indicators:" + text.split("indicators:")[1]
    alone = "\n".join(line for line in alone.splitlines() if not line.startswith("signals:"))
    for number in range(10_000):
        (tmp_path / f"s{number}.yaml").write_text(alone)
    command = [sys.executable, "-m", "engine.app.cli", "check", str(tmp_path)]
    benchmark.pedantic(lambda: subprocess.run(command, cwd=ROOT, check=True, capture_output=True), rounds=2)
