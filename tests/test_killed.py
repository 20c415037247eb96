"""Kill -9 at random moments: what was finished is in the ledger once, and nothing is there by half."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from builders import article, indicator, report, scenario
from test_cli import forecast, written

from engine.app.ledger import Ledger
from engine.app.runs import finished

TIMES = 50

KILLER = """
import json, os, random, signal, sys, time
sys.path[:0] = [sys.argv[1]]
from pathlib import Path
from test_ledger import row
from engine.app.cli import main
from engine.app.ledger import Ledger

output, acknowledged, times, longest = Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), float(sys.argv[5])

def work(say):
    for turn in range(1_000_000):
        {work}

main(["run", *sys.argv[6:], "--output", str(output / "warm")], standalone_mode=False) if sys.argv[6:] else None
for kill in range(times):
    child = os.fork()
    if child == 0:
        file = os.open(acknowledged, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        work(lambda name: os.write(file, (name + "\\n").encode()))
    time.sleep(random.uniform(0, longest))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
"""
RUN = """
        main(["run", *sys.argv[6:], "--output", str(output), "--json", acknowledged + ".json"], standalone_mode=False)
        say(json.loads(Path(acknowledged + ".json").read_text())["run_id"])
"""
APPEND = """
        name = f"{os.getpid()}-{turn}"
        Ledger(output / "ledger.sqlite").append([row(name, "alpha"), row(name, "beta")])
        say(name)
"""


def kill_often(tmp_path: Path, work: str, longest: float, *run: str) -> set[str]:
    """Kill workers after random times, none longer than `longest` seconds; what they said they had finished."""
    program = KILLER.replace("{work}", work.strip())
    given = [str(Path(__file__).parent), str(tmp_path / "runs"), str(tmp_path / "said"), str(TIMES), str(longest), *run]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *given], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set((tmp_path / "said").read_text().split())


def is_whole(ledger: Ledger, said: set[str]) -> set[str]:
    """Everything said to be finished is there, and everything there has both its rows; which runs are there."""
    n_rows = Counter(one.run_id for one in ledger.rows())
    assert said <= set(n_rows)
    assert set(n_rows.values()) == {2}
    with sqlite3.connect(ledger.path) as other:
        assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    return set(n_rows)


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_killed_while_appending(tmp_path):
    (tmp_path / "runs").mkdir()
    said = kill_often(tmp_path, APPEND, 0.06)
    assert said
    is_whole(Ledger(tmp_path / "runs/ledger.sqlite"), said)


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_killed_while_running(tmp_path):
    scenarios = {"alpha": scenario(0.3, indicators={"seen": indicator()}), "beta": scenario(0.2)}
    folder = written(tmp_path, scenarios, [article(report("alpha/seen", "bob"))])
    run = [folder, "--engine", "importance", "--draws", "400"]
    said = kill_often(tmp_path, RUN, 0.25, *run)
    assert said
    ledger = Ledger(tmp_path / "runs/ledger.sqlite")
    is_whole(ledger, said)
    assert forecast("run", *run, "--output", tmp_path / "runs").exit_code == 0
    entered = is_whole(ledger, said)
    assert entered == {path.name for path in finished(tmp_path / "runs")}
