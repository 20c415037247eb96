"""The shipped rules, a passing inbox, and a way to ask what one sentence claims."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.app.files import load
from engine.app.ingest import kit_of
from engine.extraction.claims import Claim
from engine.extraction.proposal import Kit, propose
from engine.extraction.readers import read_page

HOME = Path(__file__).parents[2]
ARTICLES = Path(__file__).parent / "articles"


@pytest.fixture(scope="session")
def kit() -> Kit:
    return kit_of(load(HOME / "scenarios").project, HOME / "scenarios")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return tmp_path / "inbox"


@pytest.fixture
def claims(kit: Kit) -> Callable[[str], tuple[Claim, ...]]:
    def ask(text: str) -> tuple[Claim, ...]:
        return propose(
            read_page("note.txt", f"A heading of some length here\n\n{text}\n".encode()), "note", "note.txt", kit
        ).claims

    return ask
