"""Folders that are not as they should be: one clear fault for each cause, no hang, and never more than can be read."""

import os
from pathlib import Path

import pytest
from builders import article, files, indicator, report, scenario

from engine.app.bounded import read_bounded
from engine.app.files import load, write_whole
from engine.errors import MOST_TOLD, FaultyFilesError, ForecastError
from engine.records.assembly import assemble
from engine.records.reading import MAX_DEPTH, parse

GOOD = """title: T
question: Q?
opens: 2024-01-01
deadline: 2026-01-01
prior: {probability: 0.3}
"""


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "scenarios"
    place.mkdir()
    (place / "a.yaml").write_text(GOOD)
    return place


def refused(folder):
    with pytest.raises(ForecastError) as error:
        load(folder)
    return str(error.value)


def test_a_pipe_is_not_waited_for(folder):
    os.mkfifo(folder / "x.yaml")
    assert "x.yaml: is no regular file" in refused(folder)


def test_a_link_to_nowhere_is_told(folder):
    (folder / "x.yaml").symlink_to("nowhere")
    assert "x.yaml: cannot be read" in refused(folder)


def test_a_file_of_the_other_ending_is_told(folder):
    (folder / "b.yml").write_text(GOOD)
    assert "b.yml: is not read: name it b.yaml." in refused(folder)


def test_a_folder_without_scenarios_is_one_fault(tmp_path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.yaml").write_text("title: T\n")
    (tmp_path / "scenarios").mkdir()
    assert refused(tmp_path / "scenarios").endswith("holds no scenario file. Add one, named like rok-lethal-aid.yaml.")


def test_a_missing_list_of_sources_is_one_fault():
    given = files({"a": scenario(indicators={"i": indicator()})}, [article(report("a/i", "ann"), report("a/i", "bob"))])
    with pytest.raises(FaultyFilesError, match=r"seeds/sources.yaml: is missing, and 2 sources are named") as error:
        assemble(type(given)(given.scenarios, given.articles))
    assert len(error.value.faults) == 1


def test_what_is_nested_too_deep_is_refused():
    deep = "a: " + "[" * (MAX_DEPTH + 10) + "]" * (MAX_DEPTH + 10)
    with pytest.raises(FaultyFilesError, match=f"must be nested at most {MAX_DEPTH} deep"):
        parse("a.yaml", deep.encode())
    with pytest.raises(FaultyFilesError, match="must be nested at most"):
        parse("a.yaml", ("a: " + "{a: " * 990 + "1" + "}" * 990).encode())


def test_no_more_faults_are_told_than_can_be_read(folder):
    many = "".join(f"x{number}: 1\n" for number in range(5000))
    (folder / "a.yaml").write_text(GOOD + many)
    told = refused(folder).splitlines()
    assert len(told) == MOST_TOLD + 1
    assert told[-1] == f"... and {5000 - MOST_TOLD:,} more."


def test_a_long_key_or_one_with_a_line_break_forges_nothing(folder):
    (folder / "a.yaml").write_text(GOOD + f'"{"y" * 5000}": 1\n"a\\nFAKE: all fine": 1\n')
    told = refused(folder).splitlines()
    assert len(told) == 2
    assert all(len(line) < 1500 for line in told)
    assert not any(line.startswith("FAKE") for line in told)


@pytest.mark.parametrize("title", ['"   "', '"\\u200b"', '"a\\nb"'])
def test_a_title_is_a_line_that_can_be_read(folder, title):
    (folder / "a.yaml").write_text(GOOD.replace("title: T", f"title: {title}"))
    assert "a.yaml:1: title: must " in refused(folder)


@pytest.mark.parametrize("probability", [1e-7, 1e-30, 1 - 1e-9])
def test_what_is_as_good_as_certain_is_no_prior(folder, probability):
    (folder / "a.yaml").write_text(GOOD.replace("0.3", repr(probability)))
    assert "prior.probability: must be from 0.000001 to 0.999999" in refused(folder)


def test_what_is_read_is_bounded_whatever_the_size_says(tmp_path):
    path = tmp_path / "big"
    path.write_bytes(b"x" * 101)
    assert len(read_bounded(path, 101)) == 101
    with pytest.raises(ForecastError, match="must be at most 100 bytes, got 101"):
        read_bounded(path, 100)


def test_what_is_no_file_is_written_into_and_stays_what_it_is():
    nothing = Path("/dev/null")
    write_whole(nothing, b"x")
    assert nothing.is_char_device()
