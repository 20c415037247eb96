"""Bad files are told clearly, the others are still read, and nothing is written outside the inbox."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.app.bounded import read_bounded
from engine.app.cli import main
from engine.app.inbox import load_review, review_path
from engine.app.ingest import ingest
from engine.app.review_accept import accept
from engine.errors import ForecastError
from engine.extraction.patterns import pattern_hits
from engine.extraction.scene import Scene
from engine.extraction.sentences import sentences
from engine.records.scenario import Frame

GOOD = "A headline long enough\n\nNorth Korea has sent soldiers to Russia, the NIS said.\n"


def test_one_bad_file_spoils_none(kit, inbox, tmp_path):
    (tmp_path / "big.txt").write_bytes(b"a" * 50_000_000)
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "good.txt").write_text(GOOD)
    (tmp_path / "latin.txt").write_bytes(GOOD.encode() + b"\xe9\xff")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    told = {one.file.rsplit("/", 1)[-1]: one for one in ingest([tmp_path, tmp_path / "gone.txt"], kit, inbox)}
    assert {name for name, one in told.items() if one.error} == {"big.txt", "binary.txt", "empty.txt", "gone.txt"}
    assert "at most 5,000,000 bytes" in told["big.txt"].error
    assert told["good.txt"].review.claims


def test_names_lead_nowhere_but_the_inbox(kit, inbox, tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    (tmp_path / "x.txt").write_text(GOOD)
    (deep / "..; rm -rf.txt").write_text(GOOD + "More.")
    (deep / "\x1b[31mred.txt").write_text(GOOD + "Even more.")
    told = ingest([deep / "../../x.txt", *sorted(deep.iterdir())], kit, inbox)
    assert all(one.path.parent == inbox for one in told)
    assert not any("\x1b" in one.file for one in told)
    with pytest.raises(ForecastError):
        review_path(inbox, "../../x")


def test_two_articles_of_one_name_keep_apart(kit, inbox, tmp_path):
    for folder, extra in (("a", ""), ("b", "Different.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.txt").write_text(GOOD + extra)
    assert len({one.path for one in ingest([tmp_path / "a", tmp_path / "b"], kit, inbox)}) == 2


def test_escape_codes_and_markup_in_a_title_become_plain_text(kit, inbox, tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("Soldiers \x1b]0;owned\x07\x1b[2J<script>alert(1)</script> \u202egnp.exe\n\n" + GOOD)
    review = load_review(ingest([path], kit, inbox)[0].path)
    assert not {"\x1b", "\x07", "\u202e"} & set(review.title + review.text)


def test_a_pattern_that_would_run_for_ever_is_stopped(kit):
    pytest.importorskip("regex")
    scene = Scene(sentences("a" * 400 + "! and more.")[0], kit.vocabulary)
    with pytest.raises(ForecastError, match="must find its match within"):
        list(pattern_hits(Frame(pattern=r"^(\w|\w\w)*\d$"), scene))


@pytest.mark.parametrize("command", ["check", "run", "ingest"])
def test_a_pattern_that_would_take_all_memory_is_refused_by_every_command(inbox, tmp_path, command):
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (folder / "a.yaml").write_text(
        "title: T\nquestion: Q?\nopens: 2024-01-01\ndeadline: 2026-01-01\nprior: {probability: 0.3}\nindicators:\n"
        "  seen: {statement: S., diagnosticity: slight, match: [{pattern: 'a{1000000000}'}]}\n"
    )
    (tmp_path / "x.txt").write_text(GOOD)
    rest = [str(tmp_path / "x.txt"), "--scenarios", str(folder), "--inbox", str(inbox)]
    done = CliRunner().invoke(main, [command, *(rest if command == "ingest" else [str(folder)])])
    assert done.exit_code == 1
    assert "a.yaml:7: indicators.seen.match.0.pattern: must repeat nothing more than 10,000" in done.stderr


def test_a_pattern_whose_flags_exclude_each_other_is_told(kit):
    pytest.importorskip("regex")
    scene = Scene(sentences("Soldiers were sent.")[0], kit.vocabulary)
    with pytest.raises(ForecastError, match="is no regular expression"):
        list(pattern_hits(Frame(pattern="(?L)(?a)x"), scene))


def test_a_pipe_or_a_device_is_refused_unopened(kit, inbox, tmp_path):
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "zero.txt").symlink_to("/dev/zero")
    (tmp_path / "good.txt").write_text(GOOD)
    named = [tmp_path / name for name in ("pipe.txt", "zero.txt", "good.txt")]
    pipe, zero, good = ingest(named, kit, inbox)
    assert "pipe.txt: is no regular file" in pipe.error
    assert "zero.txt: is no regular file" in zero.error
    assert good.review
    assert [one.review.title for one in ingest([tmp_path], kit, inbox)] == [good.review.title]


def test_a_file_that_does_not_tell_its_size_is_read_no_further_than_the_limit():
    told = Path("/proc/self/maps")
    if not told.exists():
        pytest.skip("no /proc here")
    assert told.stat().st_size == 0
    with pytest.raises(ForecastError, match=r"must be at most 100 bytes, got more\. Cut it\."):
        read_bounded(told, 100, "Cut it.", "maps")


def test_a_file_of_just_the_limit_is_read(tmp_path):
    (tmp_path / "x").write_bytes(b"a" * 100)
    assert len(read_bounded(tmp_path / "x", 100, "x", "")) == 100
    with pytest.raises(ForecastError, match="x: must be at most 99 bytes, got 100"):
        read_bounded(tmp_path / "x", 99, "x", "")


@pytest.mark.parametrize(
    "text",
    [
        "word " * 60_000,
        "(" * 100_000,
        "a." * 50_000,
        "1,000 to " * 20_000,
        "[x](" * 20_000,
        "| a |\n" * 20_000,
        "not " * 50_000,
    ],
)
def test_long_nonsense_is_read_to_its_end(kit, inbox, tmp_path, text):
    path = tmp_path / "n.txt"
    path.write_text("Headline of the page\n\n" + text)
    one = ingest([path], kit, inbox)[0]
    assert one.review or one.error


def test_deep_html_is_survived(kit, inbox, tmp_path):
    path = tmp_path / "d.html"
    path.write_text("<html><body>" + "<div>" * 50_000 + GOOD)
    one = ingest([path], kit, inbox)[0]
    assert one.review or one.error


def test_a_record_named_outside_the_seeds_is_refused(kit, inbox, tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("A headline long enough\n\nOctober 24, 2024\n\n" + GOOD)
    target = ingest([path], kit, inbox)[0].path
    text = target.read_text().replace("status: proposed", "status: accepted")
    for name in ("../../x", "/x", "a/b", ".hidden"):
        target.write_text(text.replace("published:", f"record: {name}\npublished:", 1))
        with pytest.raises(ForecastError, match="record"):
            accept(target, kit.project, tmp_path / "seeds")
    assert not (tmp_path / "seeds").exists()
    assert not (tmp_path / "x.yaml").exists()


def test_ingest_writes_nothing_but_the_inbox(kit, inbox, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text(GOOD)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    ingest([tmp_path / "a"], kit, inbox)
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file() and path not in before} == {inbox}
