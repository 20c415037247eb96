"""`forecast evaluate` and `forecast rules test`: what the rules find in a folder of articles."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence, Set
from dataclasses import dataclass
from pathlib import Path

from engine.app.bounded import read_table
from engine.app.ingest import NO_ARTICLE, Ingested, ingest
from engine.errors import Fault, ForecastError, several
from engine.extraction.claims import Claim
from engine.extraction.evaluate import Evaluation, doubts, evaluate, read_gold
from engine.extraction.lint import rule_faults, rule_warnings
from engine.extraction.proposal import Kit
from engine.records.reading import Document, parse


def evaluate_files(gold: Path, articles: Sequence[Path], kit: Kit) -> tuple[Evaluation, list[str]]:
    """Ingest the articles into a passing folder and compare with the list; and what of the list must be doubted.

    Rows about articles that were not given are left out.
    """
    listed = read_gold(str(gold), read_table(gold))
    reviews = [one.review for one in _read(articles, kit) if one.review]
    given = {name for review in reviews for name in (review.article, review.file.rsplit(".", 1)[0])}
    judged = [one for one in listed if one.article in given]
    if listed and not judged:
        raise ForecastError(
            f"{gold}:{listed[0].line}: article: no row names one of the articles given: {_named(given)}."
        )
    doubted = [f"{gold}:{line}: {what}" for line, what in doubts(judged, _subjects(kit))]
    absent = {one.article for one in listed} - given
    if absent:
        left_out = several(len(listed) - len(judged), "row")
        doubted.append(f"{gold}: {left_out} left out, about articles that were not given: {_named(absent)}.")
    return evaluate(judged, reviews, _against(kit)), doubted


def _named(articles: Set[str]) -> str:
    return ", ".join(sorted(articles)[:6]) + (", ..." if len(articles) > 6 else "")


def _subjects(kit: Kit) -> set[str]:
    scenarios = kit.project.scenarios.values()
    return {one.id for one in scenarios} | {f"{one.id}/{name}" for one in scenarios for name in one.indicators}


def _against(kit: Kit) -> set[str]:
    """Indicators that speak against their scenario."""
    return {
        f"{scenario.id}/{name}"
        for scenario in kit.project.scenarios.values()
        for name, indicator in scenario.indicators.items()
        if indicator.pair[0] < indicator.pair[1]
    }


def _read(articles: Sequence[Path], kit: Kit) -> list[Ingested]:
    """All of the articles: what is measured on some of them is not what was asked."""
    with tempfile.TemporaryDirectory() as folder:
        read = ingest(articles, kit, Path(folder))
    if not read:
        raise ForecastError(NO_ARTICLE)
    unreadable = [one.error for one in read if one.error]
    if unreadable:
        raise ForecastError("\n".join(unreadable))
    return read


@dataclass(frozen=True)
class Tried:
    """A rule's indicator, the sentences it matches and those that come close to its statement."""

    subject: str
    matched: tuple[tuple[str, Claim], ...]
    near: tuple[tuple[str, Claim], ...]


def try_rules(articles: Sequence[Path], kit: Kit) -> list[Tried]:
    """For each indicator with rules: what they match in a folder, and what they nearly match."""
    reviews = [one.review for one in _read(articles, kit) if one.review]
    subjects = dict.fromkeys(rule.subject for rule in kit.rules)
    return [
        Tried(
            subject,
            tuple((review.article, claim) for review in reviews for claim in review.claims if claim.subject == subject),
            tuple((review.article, claim) for review in reviews for claim in review.misses if claim.subject == subject),
        )
        for subject in subjects
    ]


def lint(kit: Kit, scenarios: Path) -> tuple[list[Fault], list[Fault]]:
    """Errors and warnings about the rules, each with its file and line, for `forecast check`."""
    documents: dict[str, Document] = {}

    def fault(scenario: str, field: tuple[str | int, ...], message: str) -> Fault:
        path = scenarios / f"{scenario}.yaml"
        if scenario not in documents:
            documents[scenario] = parse(str(path), path.read_bytes())
        return documents[scenario].fault(field, message)

    errors = [fault(one.scenario, one.field, one.message) for one in rule_faults(kit)]
    if errors:
        return errors, []
    return [], [fault(one.scenario, one.field, one.message) for one in rule_warnings(kit)]
