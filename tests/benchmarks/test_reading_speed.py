"""How long a hundred articles take to read: `uv run pytest tests/benchmarks/test_reading_speed.py`; we aim below 10 s."""

from __future__ import annotations

from pathlib import Path

from engine.app.files import load
from engine.app.ingest import ingest, kit_of

ROOT = Path(__file__).parents[2]
LENGTH = 6_000
"""Characters of an article: about a thousand words, a long news story."""


def test_a_hundred_articles(benchmark, tmp_path):
    kit = kit_of(load(ROOT / "scenarios").project, ROOT / "scenarios")
    texts = sorted((ROOT / "tests/extraction/articles").glob("*.txt"))
    text = "\n\n".join(path.read_text() for path in texts)[:LENGTH]
    for number in range(100):
        (tmp_path / f"n{number:03}.txt").write_text(f"Number {number}\n\n{text}")
    found = benchmark.pedantic(lambda: ingest([tmp_path], kit, tmp_path / "inbox"), rounds=1)
    assert sum(bool(one.review and one.review.claims) for one in found) == 100
