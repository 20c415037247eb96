"""Killed with SIGKILL in the middle of review or accept: every decision already made is on disk, and work goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.app.inbox import load_inbox, load_review
from engine.app.ingest import ingest
from engine.app.review_accept import accept
from engine.records.article import Article
from engine.records.reading import parse, read
from tests.extraction.conftest import HOME

TEXT = """Seoul weighs weapons for Kyiv

October 24, 2024

Seoul may supply lethal weapons to Ukraine, President Yoon said. North Korea has sent 1,500 soldiers to Russia, the NIS said.
Moscow denied the allegations. North Korean soldiers have arrived in Kursk, the Pentagon said.
"""


@pytest.fixture
def review_file(kit, inbox, tmp_path) -> Path:
    path = tmp_path / "first.txt"
    path.write_text(TEXT)
    return ingest([path], kit, inbox)[0].path


def _start(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-c", code, *arguments],
        cwd=HOME,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"},
    )


def _kill(process: subprocess.Popen[str]) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL


def _read_until(process: subprocess.Popen[str], mark: str) -> None:
    told = ""
    while mark not in told:
        one = process.stdout.read(1)
        assert one, f"it ended before saying {mark!r}: {told[-2000:]}"
        told += one


def test_the_review_command_killed_at_a_question_keeps_each_decision_before_it(review_file, inbox):
    code = "import sys; from engine.app.cli import main; main(['review', '--inbox', sys.argv[1], '--reviewer', 'ana'])"
    process = _start(code, str(inbox))
    for answer in ("a\n", "r\nnot news\n", None):
        _read_until(process, "help:")
        if answer:
            process.stdin.write(answer)
            process.stdin.flush()
    _kill(process)
    decided = {claim.status for claim in load_review(review_file).claims if claim.reviewer == "ana"}
    assert decided == {"accepted", "rejected"}
    assert sum(claim.reviewer == "ana" for claim in load_review(review_file).claims) == 2


DECIDING = """
import sys
from datetime import date
from pathlib import Path
from engine.app.review import Session
inbox = Path(sys.argv[1])
session = Session(sorted(inbox.glob('*.yaml')), inbox, 'ana', date(2025, 1, 1))
while step := session.next():
    session.accept()
    print(step.claim.id)
    session.undo()
    session.accept()
"""


def test_killed_at_any_moment_of_deciding_the_file_is_whole_and_holds_what_was_decided(review_file, inbox):
    process = _start(DECIDING, str(inbox))
    told = [process.stdout.readline().strip() for _ in range(3)]
    _kill(process)
    review = load_review(review_file)
    assert all(review.find(name).status == "accepted" for name in told[:2])


ACCEPTING = """
import os, sys, time
from pathlib import Path
from engine.app import inbox
from engine.app.files import load
from engine.app.review_accept import accept
seeds = Path(sys.argv[2])
whole = Path.replace
def slowly(self, target):
    if Path(target).parent == seeds:
        print('about to write', flush=True)
        time.sleep(60)
    return whole(self, target)
Path.replace = slowly
accept(Path(sys.argv[1]), load(Path('scenarios')).project, seeds)
"""


def test_killed_while_accepting_leaves_no_half_record_and_can_be_done_again(review_file, kit, tmp_path):
    text = review_file.read_text().replace("status: proposed", "status: accepted")
    review_file.write_text(text)
    seeds = tmp_path / "seeds"
    process = _start(ACCEPTING, str(review_file), str(seeds))
    _read_until(process, "about to write")
    _kill(process)
    assert not list(seeds.glob("*.yaml"))
    assert all(claim.status == "accepted" for review in load_inbox(review_file.parent) for claim in review.claims)
    done = accept(review_file, kit.project, seeds)
    assert read(parse(done.path.name, done.path.read_bytes()), Article, id=done.path.stem).reports
    assert [path.name for path in seeds.glob("*.yaml")] == [done.path.name]
