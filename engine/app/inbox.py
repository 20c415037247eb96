"""Review files on disk: one YAML file an article in `inbox/`, written whole or not at all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yamlrocks

from engine.app.bounded import read_bounded
from engine.app.files import write_whole
from engine.errors import Fault, FaultyFilesError, ForecastError
from engine.extraction.claims import Claim, Review
from engine.extraction.lexicon import Lexicon
from engine.records.reading import MAX_BYTES, parse, read

INBOX = "inbox"
_HEAD = (
    "# Quotes the publisher: keep it out of git. Change status, or any field of a claim, and save; then `forecast accept`. "
    "Comments go into `note:`.\n"
)


def review_path(inbox: Path, article: str) -> Path:
    """Where an article's review file stands: inside the inbox whatever the article is called."""
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", article):
        raise ForecastError(f"{article!r:.80}: is no article's name: lower-case words joined by hyphens.")
    return inbox / f"{article}.yaml"


def load_review(path: Path) -> Review:
    """Read and check a review file: every quote must stand in the text at its span."""
    document = parse(str(path), read_bounded(path, MAX_BYTES))
    review = read(document, Review)
    twice = Counter(claim.id for claim in review.proposals)
    faults = [
        document.fault((place, number, "id"), "must be its own: another claim has it. Give one of them another.")
        for place, claims in (("claims", review.claims), ("misses", review.misses))
        for number, claim in enumerate(claims)
        if twice[claim.id] > 1
    ]
    faults += [
        document.fault(
            (place, number, "quote"), "must be what stands at its span in the text. Restore the quote or the span."
        )
        for place, claims in (("claims", review.claims), ("misses", review.misses))
        for number, claim in enumerate(claims)
        if not claim.stale and review.text[claim.span[0] : claim.span[1]] != claim.quote
    ]
    if faults:
        raise FaultyFilesError(faults)
    return review


def load_inbox(inbox: Path) -> list[Review]:
    """Every review file, in the order of names."""
    return [load_review(path) for path in sorted(inbox.glob("*.yaml"))] if inbox.is_dir() else []


def save_review(path: Path, review: Review) -> bool:
    """Write the file if anything in it has changed; whether it has."""
    content = (_HEAD + to_yaml(_plain(review))).encode()
    if path.exists():
        there = read_bounded(path, MAX_BYTES)
        if there == content:
            return False
        _no_comment(path, there)
    write_whole(path, content)
    return True


def _no_comment(path: Path, content: bytes) -> None:
    """Refuse to write over what somebody noted in the file: it could not be kept."""
    head, newline, rest = content.partition(b"\n")
    if not head.startswith(_HEAD[:20].encode()):
        head, newline, rest = b"", b"", content
    tree = yamlrocks.loads(rest, option=yamlrocks.OPT_ROUND_TRIP)
    places = {field[:depth] for field, _ in tree.walk() for depth in range(len(field) + 1)}
    nodes = (tree.locate(list(place)) if place else tree.node for place in sorted(places, key=str))
    for node in nodes:
        if node is not None and (node.comment or node.comment_before or node.comment_after):
            told = "a comment stands here, which writing this file would lose. Put it into the `note:` of the claim."
            raise FaultyFilesError([Fault(str(path), node.line + len(newline), "", told)])


def _plain(review: Review) -> dict[str, Any]:
    """A review as YAML shows it best: defaults of the parts left out, the text last."""
    data = review.model_dump(mode="json", exclude_none=True)
    shown = ("status", "stance", "modality", "credibility", "by")
    for place in ("claims", "misses"):
        data[place] = [_claim(claim, shown) for claim in getattr(review, place)]
    data["signals"] = [
        one.model_dump(mode="json", exclude_none=True, exclude_defaults=True) | {"status": one.status}
        for one in review.signals
    ]
    return {name: value for name, value in data.items() if value not in ([], None)}


def _claim(claim: Claim, shown: Iterable[str]) -> dict[str, Any]:
    full = claim.model_dump(mode="json", exclude_none=True)
    told = claim.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return {name: value for name, value in full.items() if name in told or name in shown}


def to_yaml(data: Mapping[str, Any]) -> str:
    """Tidy YAML that reads back the same."""
    written = yamlrocks.dumps(data)
    return written.decode() if isinstance(written, bytes) else str(written)


def load_lexicon(path: Path) -> Lexicon:
    """Read and check `lexicon.yaml`; a project without one has no words."""
    if not path.exists():
        return Lexicon(concepts={})
    document = parse(str(path), path.read_bytes())
    lexicon = read(document, Lexicon)
    faults = [document.fault(field, message) for field, message in lexicon.complaints()]
    if faults:
        raise FaultyFilesError(faults)
    return lexicon
