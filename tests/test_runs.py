"""Naming a saved run."""

from __future__ import annotations

import pytest

from engine.app.runs import find_run
from engine.errors import ForecastError

IDS = ("20241110T000000000-aaaaaa", "20241111T000000000-aaaaaa", "20250120T000000000-bbbbbb")


@pytest.fixture
def runs(tmp_path):
    for name in IDS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_text("{}")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "found"),
    [(IDS[0], IDS[0]), ("latest", IDS[2]), ("previous", IDS[1]), ("2025", IDS[2]), ("20241111", IDS[1])],
)
def test_a_run_is_found_by_its_id_by_how_that_begins_and_by_its_place(runs, name, found):
    assert find_run(name, runs) == runs / found


def test_a_run_is_found_by_its_folder(runs, tmp_path):
    assert find_run(str(runs / IDS[0]), tmp_path / "elsewhere") == runs / IDS[0]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("202411", "begins the ids of 2 runs"),
        ("20241110T000000000-aaaaab", "Did you mean 20241110T000000000-aaaaaa"),
        ("yesterday", "Known: 20241110"),
        ("", "is no run"),
    ],
)
def test_a_name_that_fits_no_run_or_several_is_refused_with_those_there_are(runs, name, told):
    with pytest.raises(ForecastError, match=told):
        find_run(name, runs)


def test_where_there_is_none_it_is_said_how_to_make_one(tmp_path):
    with pytest.raises(ForecastError, match=r"holds no run\. Make one"):
        find_run("latest", tmp_path)


def test_before_the_only_run_there_is_none(runs):
    for name in IDS[1:]:
        (runs / name / "report.json").unlink()
    with pytest.raises(ForecastError, match="holds one run only"):
        find_run("previous", runs)
