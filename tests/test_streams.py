"""Output that is closed, full or speaks a narrower alphabet: a word to the user, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HOME = Path(__file__).parents[1]
CODE = "from engine.app.cli import main; main()"


def forecast(*arguments, **how):
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", **how.pop("env", {})}
    return subprocess.run(
        [sys.executable, "-c", CODE, *map(str, arguments)],
        cwd=HOME, env=environment, capture_output="stdout" not in how, check=False, **how,
    )  # fmt: skip


@pytest.mark.parametrize("alphabet", ["ascii", "latin-1", "cp1252"])
def test_what_the_stream_cannot_spell_is_replaced(alphabet):
    done = forecast("show", "rok-lethal-aid", "scenarios", "--engine", "importance", env={"PYTHONIOENCODING": alphabet})
    assert done.returncode == 0, done.stderr.decode()
    assert b"rok-lethal-aid" in done.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("arguments", [["--help"], ["check", "scenarios"], ["schema"]])
def test_a_full_disk_is_told(arguments):
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        done = forecast(*arguments, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 1
    assert b"cannot be written: No space left" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-"])
def test_a_closed_stream_is_no_matter(closed):
    command = f'"{sys.executable}" -c "{CODE}" check scenarios {closed}'
    done = subprocess.run(["sh", "-c", command], cwd=HOME, capture_output=True, check=False)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


def test_the_table_keeps_its_names_however_narrow_the_terminal(tmp_path):
    done = forecast("run", "scenarios", "--engine", "importance", "--output", tmp_path, env={"COLUMNS": "20"})
    assert "ROK supplies" in done.stdout.decode()
