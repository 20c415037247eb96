"""`forecast claim`: what the rules missed, put into the review file by the person who read it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from engine.app.inbox import load_review, save_review
from engine.app.review_edit import what_is_wrong
from engine.errors import ForecastError, nearest
from engine.extraction.claims import Claim, Review, claim_id
from engine.extraction.echoes import echo_key
from engine.records.project import Project


def add(
    path: Path, project: Project, subject: str, quote: str, said: dict[str, Any], reviewer: str, today: date
) -> Claim:
    """Add an accepted claim on an indicator, or a number for a scenario's quantity.

    `quote` are words of the text, whatever the line breaks between them. `said` are fields of the claim: source, stance,
    modality, credibility, detection, value, low, high, note.
    """
    review = load_review(path)
    _known(project, subject, str(said["source"]))
    span = _span(review, quote)
    modality = said.get("modality") or ("actual" if said["stance"] == "affirms" else "denied")
    ordinal = sum(claim.span == span and claim.subject == subject for claim in review.proposals)
    told = {name: value for name, value in said.items() if value is not None} | {"modality": modality}
    claim = _checked(
        {
            "id": claim_id(review.hash, span, f"{subject} by {reviewer}", ordinal),
            "status": "accepted",
            ("indicator" if "/" in subject else "scenario"): subject,
            "echo": echo_key(subject, str(said["source"]), modality, _number(told)),
            "by": "person",
            "span": span,
            "quote": review.text[span[0] : span[1]],
            "reviewer": reviewer,
            "reviewed_on": today,
            **told,
        }
    )
    if claim.scenario and not claim.numbered:
        raise ForecastError(f"{subject}: is a quantity: give its number with --value, or --low and --high.")
    save_review(path, review.model_copy(update={"claims": (*review.claims, claim)}))
    return claim


def _checked(fields: dict[str, Any]) -> Claim:
    try:
        return Claim.model_validate(fields)
    except ValidationError as error:
        raise ForecastError(what_is_wrong(error)) from None


def _known(project: Project, subject: str, source: str) -> None:
    quantities = [name for name, scenario in project.scenarios.items() if scenario.prior.quantity]
    indicators = [f"{name}/{one}" for name, scenario in project.scenarios.items() for one in scenario.indicators]
    if subject not in {*quantities, *indicators}:
        raise ForecastError(
            f"{subject}: is no indicator here, and no scenario about a quantity. {nearest(subject, [*indicators, *quantities])}"
        )
    if source not in project.sources:
        raise ForecastError(f"{source}: is no source of sources.yaml. {nearest(source, project.sources)}")


def _span(review: Review, quote: str) -> tuple[int, int]:
    """Where the words stand; several spaces and line breaks count as one space."""
    words = r"\s+".join(map(re.escape, quote.split()))
    found = re.search(words, review.text) if words else None
    if found is None:
        raise ForecastError(f"{quote!r:.80}: does not stand in the text of {review.article}. Copy the words from it.")
    return found.span()


def _number(said: dict[str, Any]) -> str:
    return " to ".join(f"{said[name]:,g}" for name in ("value", "low", "high") if name in said)
