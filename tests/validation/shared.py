"""The data sets that lie beside the repository, if they do."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"


def needs(name: str) -> pytest.MarkDecorator:
    """A mark that skips what needs a file which is not there."""
    return pytest.mark.skipif(not (DATA / name).exists(), reason=f"{DATA / name} is not here")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a csv file."""
    with (DATA / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
