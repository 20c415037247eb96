"""Writing a resolution into a scenario's file: the field is there, and every other byte is as it was."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
import yamlrocks
from builders import files, scenario
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from engine.app.cli import main
from engine.app.resolve import resolve
from engine.errors import ForecastError
from engine.records.editing import with_field
from engine.records.reading import parse

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 6, 1)
VALUE = {"happened": True, "on": "2025-03-01", "note": "It was: announced, on the 1st #of March."}
LONG = "A note that 'goes on', with a colon: and a hash #here; so long that no line of a file could hold it whole. " * 3

FIRST = ["title: T", "title: 'T'   # why", '"title" : "T"', "title:   T  "]
MIDDLE = [
    "", "   ", "# a remark", "    # a remark further in", "prior: {probability: 0.3,   interval: [0.1,0.5]}  # two",
    "list: [a,   b , 'c']", "folded: >-\n  one\n  two\n", "kept: |+\n  one\n\n", "items:\n- 1\n-   2  # two",
    "deep:\n      on: yes\n      'quoted' : no", "text: a text\n  that goes on", "anchored: &one {a: 1}\nalias: *one", "tab: x\t# tab",
    "words: päivää 你好 \U0001f600",
]  # fmt: skip
LAST = ["", "\n", "\n\n# the end", "\n   \n", "\n...", "\n...\n# after the end\n"]


@st.composite
def yaml_files(draw):
    """Files as people write them: comments, odd spaces, every style, either kind of line end."""
    lines = [draw(st.sampled_from(FIRST)), *draw(st.lists(st.sampled_from(MIDDLE), unique=True, max_size=6))]
    head = draw(st.sampled_from(["", "# top\n", "---\n", "\n\n"]))
    text = head + "\n".join(lines) + draw(st.sampled_from(LAST))
    return text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))).encode()


def only_added(before: bytes, after: bytes) -> bytes:
    """What stands in `after` besides the bytes of `before`, all of which stand around it in one piece or two."""
    start = 0
    while start < len(before) and before[start] == after[start]:
        start += 1
    end = len(before) - start
    assert after[len(after) - end :] == before[start:]
    return after[start : len(after) - end]


@given(
    content=yaml_files(),
    note=st.sampled_from([None, "Plain.", VALUE["note"], LONG, "two\nlines", "yes", "- x", "é\u2028"]),
)
def test_adding_a_field_keeps_every_byte(content, note):
    value = {"happened": False, "on": "2025-03-01"} | ({"note": note} if note else {})
    document = parse("a.yaml", content)
    edited = with_field(document, "resolution", value)
    added = only_added(content, edited)
    assert b"happened" in added
    assert parse("a.yaml", edited).data == {**document.data, "resolution": value}
    if b"\r\n" in content:
        assert b"\n" not in added.replace(b"\r\n", b"")


@given(
    content=yaml_files(),
    first=st.sampled_from(["Old.", LONG]),
    second=st.sampled_from(["New.", LONG + "And more.", None]),
)
def test_replacing_a_field_keeps_every_byte_around_it(content, first, second):
    document = parse("a.yaml", content)
    once = with_field(document, "resolution", {"happened": False, "on": "2025-03-01", "note": first})
    value = {"happened": True, "on": "2025-04-01"} | ({"note": second} if second else {})
    twice = with_field(parse("a.yaml", once), "resolution", value)
    assert only_added(content, twice)
    assert parse("a.yaml", twice).data == {**document.data, "resolution": value}


def reads_with_the_field(content: str) -> str:
    document = parse("a.yaml", content.encode())
    edited = with_field(document, "resolution", VALUE)
    assert parse("a.yaml", edited).data == {**document.data, "resolution": VALUE}
    return edited.decode()


@pytest.mark.parametrize(
    "content",
    [
        json.dumps({"title": "T", "deep": {"a": "}"}}),
        json.dumps({"title": "T", "list": [1, 2]}, indent=2) + "\n",
        "{title: T,   # why }\n list: [a,  b],}\n# end }\n",
        "  title: T\n  after: 1\n",
        "\ufefftitle: T\n",
        "title: T\nnote: |\n  x",
        "title: T\nnote: |+\n  x\n\n",
    ],
)
def test_every_way_to_write_a_mapping_takes_the_field(content):
    assert only_added(content.encode(), reads_with_the_field(content).encode())


@pytest.mark.parametrize(
    ("before", "old", "after"),
    [
        ("{title: T, resolution: ", "{happened: false, on: 2024-01-01, note: 'a } b'}", ", last: 1}"),
        ("title: T\nresolution: ", "{happened: false, on: 2024-01-01}", "   # known\nlast: 1\n"),
        ("resolution:   # known\n    # why\n    ", "happened: false\n    on: 2024-01-01", "\n\n# next\nlast: 1\n"),
    ],
)
def test_an_old_field_is_replaced_where_it_stands(before, old, after):
    edited = reads_with_the_field(before + old + after)
    assert edited.startswith(before)
    assert edited.endswith(after)


def test_what_cannot_be_spliced_in_is_told_with_the_lines_to_put_in():
    document = parse("a.yaml", b"title: T\nresolution:\n")
    with pytest.raises(ForecastError, match=r"(?s)a\.yaml:2: resolution: cannot be put in .*\n  happened: true\n"):
        with_field(document, "resolution", VALUE)


# --- the command ---


@pytest.fixture
def folder(tmp_path):
    """Two scenarios on disk, one of them resolved."""
    closed = scenario(0.4, resolution={"happened": False, "on": "2025-06-01", "note": "Ruled out."})
    made = files({"alpha": scenario(0.3), "beta": closed})
    for path, content in {**made.scenarios, **made.sources}.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    (tmp_path / "scenarios/alpha.yaml").write_text(yamlrocks.dumps(scenario(0.3)).decode() + "# to the end\n")
    return tmp_path / "scenarios"


def ask(folder, *words):
    done = CliRunner().invoke(main, ["resolve", *words, "--scenarios", str(folder)], env={"COLUMNS": "200"})
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done


def snapshot(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_resolution_is_written_and_read_back(folder):
    before = (folder / "alpha.yaml").read_text()
    done = ask(folder, "alpha", "--happened", "--on", "2025-03-01", "--note", "Both ministries said so.")
    assert done.exit_code == 0, done.output
    added = "resolution:\n  happened: true\n  on: 2025-03-01\n  note: Both ministries said so.\n"
    assert (folder / "alpha.yaml").read_text() == before + added
    assert "happened, known on 2025-03-01 (Both ministries said so.)" in done.stdout
    assert "306 days before its deadline, 2026-01-01" in done.stdout


def test_the_peak_of_a_quantity_is_written_as_a_number(folder):
    quantity = {"unit": "soldiers", "median": 4000, "interval": [500, 20_000], "at_least": 10_000}
    made = scenario(prior={"quantity": quantity})
    (folder / "alpha.yaml").write_text(yamlrocks.dumps(made).decode())
    words = ["alpha", "--happened", "--on", "2025-03-01"]
    refused = ask(folder, *words, "--value", "9000")
    assert (refused.exit_code, "resolution.value" in refused.stderr) == (1, True)
    done = ask(folder, *words, "--value", "11000")
    assert done.exit_code == 0, done.output
    assert (folder / "alpha.yaml").read_text().endswith("  on: 2025-03-01\n  value: 11000\n")
    assert "happened, peak 11,000, known on 2025-03-01" in done.stdout


def test_a_late_resolution_is_allowed_and_told(folder):
    done = ask(folder, "alpha", "--did-not-happen", "--on", "2026-02-01")
    assert done.exit_code == 0, done.output
    assert "31 days after its deadline" in done.stdout


def test_a_resolution_is_replaced_only_by_force_and_what_it_said_is_told(folder):
    before = snapshot(folder)
    refused = ask(folder, "beta", "--happened", "--on", "2025-07-01")
    assert refused.exit_code == 1
    assert "did not happen, known on 2025-06-01 (Ruled out.)" in refused.stderr
    assert "--force" in refused.stderr
    assert snapshot(folder) == before
    done = ask(folder, "beta", "--happened", "--on", "2025-07-01", "--force")
    assert done.exit_code == 0, done.output
    assert "Before it said: did not happen, known on 2025-06-01 (Ruled out.)" in done.stdout
    resolution = json.loads((folder / "beta.yaml").read_text())["resolution"]
    assert resolution == {"happened": True, "on": "2025-07-01"}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["alpha", "--happened", "--on", "2023-12-31"], 1, "must not be before alpha opens (2024-01-01)"),
        (["alpha", "--happened", "--on", "2999-01-01"], 1, "must not be after today"),
        (["alpha", "--happened", "--on", "2025-02-30"], 2, "must be a date like 2024-10-18, got '2025-02-30'"),
        (["alpha", "--on", "2025-01-01"], 2, "--happened or --did-not-happen"),
        (["alpha", "--happened"], 2, "--on"),
        (["alhpa", "--happened", "--on", "2025-01-01"], 1, "Did you mean alpha"),
        (["alpha", "--happened", "--on", "2025-01-01", "--note", ""], 1, "resolution.note: must have"),
        (["alpha", "--happened", "--on", "2025-01-01", "--note", "\x1b[2J"], 1, "U+001B"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(folder, words, code, told):
    before = snapshot(folder)
    done = ask(folder, *words)
    assert (done.exit_code, told in done.stderr) == (code, True), done.stderr
    assert snapshot(folder) == before


def test_a_fault_anywhere_in_the_folder_is_told_and_nothing_written(folder):
    (folder / "gamma.yaml").write_text("title: T\nrelevancy: 9\n")
    before = snapshot(folder)
    done = ask(folder, "alpha", "--happened", "--on", "2025-01-01")
    assert done.exit_code == 1
    assert "gamma.yaml:2: relevancy" in done.stderr
    assert snapshot(folder) == before


def test_a_file_changed_meanwhile_is_not_overwritten(folder, monkeypatch):
    def slow(document, field, value):
        (folder / "alpha.yaml").write_text("title: somebody else's\n")
        return with_field(document, field, value)

    monkeypatch.setattr("engine.app.resolve.with_field", slow)
    with pytest.raises(ForecastError, match="changed by somebody else"):
        resolve(folder, None, "alpha", happened=True, on=date(2025, 1, 1), note=None, today=TODAY)
    assert (folder / "alpha.yaml").read_text() == "title: somebody else's\n"


def test_the_file_keeps_its_permissions(folder):
    (folder / "alpha.yaml").chmod(0o640)
    assert ask(folder, "alpha", "--happened", "--on", "2025-01-01").exit_code == 0
    assert (folder / "alpha.yaml").stat().st_mode & 0o777 == 0o640
    assert {path.name for path in folder.iterdir()} == {"alpha.yaml", "beta.yaml"}


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").glob("*-*.yaml")), ids=lambda path: path.stem)
def test_the_shipped_files_keep_every_other_byte(path):
    content = path.read_bytes()
    document = parse(str(path), content)
    edited = with_field(document, "resolution", VALUE)
    assert parse(str(path), edited).data == {**document.data, "resolution": VALUE}
    if "resolution" not in document.data:
        assert edited == content + only_added(content, edited)
    else:
        start = content.index(b"\nresolution:")
        assert edited.startswith(content[:start])
