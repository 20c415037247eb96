"""From accepted claims to the article record: facts, address and grades, none of the publisher's sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from engine.errors import ForecastError
from engine.extraction.claims import DETECTION_ASKED, TAKEN, Claim, ProposedSignal, Review
from engine.extraction.horizon import slug
from engine.extraction.tokens import tokens
from engine.records.fields import UNKNOWN, WEIGHT_OF_CREDIBILITY
from engine.records.scenario import Scenario

RUN_OF_WORDS = 10
"""So many of the publisher's words in a row are a quotation."""


def record_id(review: Review) -> str:
    """`<date>-<slug of your title>`, or `<date>-<publisher>-<hash>`; an undated article takes the day it came to hand."""
    day = review.published if review.published != UNKNOWN else (review.received or UNKNOWN)
    told = slug(review.own_title, 60) if review.own_title else f"{review.publisher[:60]}-{review.hash[:4]}"
    return review.record or f"{day}-{told}"


def article_record(review: Review, scenarios: Mapping[str, Scenario]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The record to write, as plain data ready for YAML, and what was left out of it with the reason."""
    _complete(review)
    taken = [claim for claim in review.proposals if claim.status in TAKEN]
    reports = _reports([claim for claim in taken if claim.indicator], review.publisher)
    measured, left = _measurements([claim for claim in taken if claim.scenario], scenarios)
    signals = [_signal(one) for one in review.signals if one.status in TAKEN]
    data: dict[str, Any] = {
        "title": review.own_title or _title(review, taken, scenarios),
        "publisher": review.publisher,
        "published": review.published,
        **({"received": review.received.isoformat()} if review.received else {}),
        **({"date_basis": review.date_basis} if review.date_basis else {}),
        **({"url": review.url} if review.url else {}),
        **({"language": review.language} if review.language not in {None, "en", "unknown"} else {}),
        "summary": review.summary or _summary(taken, scenarios),
        "reports": reports,
        **({"measurements": measured} if measured else {}),
        **({"signals": signals} if signals else {}),
    }
    _no_quotation(data, review)
    return data, left


def _complete(review: Review) -> None:
    faults = [
        f"{review.article}: claim {claim.id}: its quote is not what stands at {claim.span[0]}-{claim.span[1]} of the text. "
        "Restore the quote or the span."
        for claim in review.misquotes()
        if claim.status in TAKEN
    ]
    waiting = sum(claim.status == "proposed" and not claim.stale for claim in review.claims)
    statuses = {claim.status for claim in review.proposals} | {signal.status for signal in review.signals}
    if waiting and not statuses & TAKEN:
        faults.append(
            f"{review.article}: no claim of it is accepted, and {waiting} wait. Run `forecast review {review.article}`."
        )
    faults += [
        f"{review.article}: claim {claim.id}: detection: must be given for stance absent: {DETECTION_ASKED}"
        for claim in review.proposals
        if claim.status in TAKEN and claim.unweighed
    ]
    if review.published == UNKNOWN and review.received is None:
        faults.append(
            f"{review.article}: published: is unknown. Give the date, or `received`, the day it came to hand."
        )
    if review.published != UNKNOWN:
        try:
            date.fromisoformat(review.published)
        except ValueError:
            faults.append(
                f"{review.article}: published: must be a date like 2024-10-18, or unknown, got {review.published!r}."
            )
    if faults:
        raise ForecastError("\n".join(faults))


def _title(review: Review, taken: Iterable[Claim], scenarios: Mapping[str, Scenario]) -> str:
    """'menafn on: ROK supplies lethal aid': the headline itself is the publisher's."""
    about = dict.fromkeys(scenarios[claim.about].title for claim in taken if claim.about in scenarios)
    return f"{review.publisher} on: {'; '.join(list(about)[:2]) or 'nothing that bears on the scenarios'}"[:300]


def _reports(claims: list[Claim], publisher: str) -> list[dict[str, Any]]:
    """One report an indicator, source and stance: the best grade, with the numbers in its note."""
    grouped: dict[tuple[str, str, str], list[Claim]] = {}
    for claim in claims:
        grouped.setdefault((claim.indicator or "", claim.witness(publisher), claim.stance), []).append(claim)
    return [_report(witness, group) for (_, witness, _), group in grouped.items()]


def _report(witness: str, group: list[Claim]) -> dict[str, Any]:
    first, best = group[0], max(group, key=_strength)
    notes = list(dict.fromkeys(filter(None, [*(claim.note for claim in group), _told(group)])))
    return {
        "indicator": first.indicator,
        "source": witness,
        "stance": first.stance,
        "credibility": best.credibility,
        **({"detection": best.detection} if first.stance == "absent" else {}),
        "proposed_by": min((claim.by for claim in group), key=["rule", "similarity", "llm", "person"].index),
        **({"edited": True} if any(claim.status == "edited" or claim.edited for claim in group) else {}),
        **({"note": "; ".join(notes)[:4000]} if notes else {}),
    }


def _strength(claim: Claim) -> tuple[float, int]:
    """What it can move: its weight, times the chance that a search would have found it."""
    return WEIGHT_OF_CREDIBILITY[claim.credibility] * (claim.detection or 1.0), -claim.credibility


def _told(group: list[Claim]) -> str:
    """'told as planned; at least 1,500 soldiers'."""
    modality = group[0].modality
    spoken = [f"told as {modality}"] if modality not in {"actual", "denied"} else []
    return "; ".join([*spoken, *dict.fromkeys(number_of(claim) for claim in group if claim.numbered)])


def number_of(claim: Claim) -> str:
    """A claim's number in words: 'at least 1,500 soldiers'."""
    unit = f" {claim.unit}" if claim.unit else ""
    match claim.bound:
        case "exact":
            return f"{claim.value:,.0f}{unit}"
        case "range":
            return f"{claim.low:,.0f} to {claim.high:,.0f}{unit}"
        case "at-least":
            return f"at least {claim.low:,.0f}{unit}"
        case _:
            return f"up to {claim.high:,.0f}{unit}" if claim.high else ""


def _measurements(
    claims: list[Claim], scenarios: Mapping[str, Scenario]
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Numbers for scenarios about a quantity; others have no place to stand and are told."""
    measured, left = [], []
    for claim in claims:
        scenario = scenarios.get(claim.scenario or "")
        if claim.numbered and scenario and scenario.prior.quantity:
            measured.append(_measurement(claim))
        else:
            left.append(
                f"{number_of(claim)} ({claim.source}): {claim.scenario} is no scenario about a quantity, so the record has no place for it."
            )
    return measured, tuple(dict.fromkeys(left))


def _measurement(claim: Claim) -> dict[str, Any]:
    fields = {
        "exact": {"value": claim.value},
        "range": {"low": claim.low, "high": claim.high},
        "at-least": {"at_least": claim.low},
        "at-most": {"at_most": claim.high},
    }[claim.bound]
    return {
        "scenario": claim.scenario,
        "source": claim.source,
        "kind": "observed" if claim.modality == "actual" else "projected",
        **{name: int(value) if value and value == int(value) else value for name, value in fields.items()},
        **({"on": claim.on.isoformat()} if claim.on else {}),
        "credibility": claim.credibility,
        "proposed_by": claim.by,
        **({"edited": True} if claim.status == "edited" or claim.edited else {}),
        **({"note": claim.note} if claim.note else {}),
    }


def _signal(signal: ProposedSignal) -> dict[str, Any]:
    """A row as it was rated; its text only where a person has put it in other words."""
    texts = {"change": signal.change, "ten_year": signal.ten_year, "driving_force": signal.driving_force}
    own = texts if signal.status == "edited" else {}
    return {
        "id": signal.known_as or signal.id,
        "kind": signal.kind,
        "name": signal.name,
        **{name: text for name, text in own.items() if text},
        "relevancy": signal.relevancy,
        "proposed_by": "rule",
        **({"edited": True} if signal.status == "edited" else {}),
    }


def _summary(taken: list[Claim], scenarios: Mapping[str, Scenario]) -> str:
    """What was accepted, in the words of the indicators."""
    told = []
    for claim in taken:
        if claim.indicator:
            scenario, _, name = claim.indicator.partition("/")
            found = scenarios[scenario].indicators.get(name) if scenario in scenarios else None
            statement = found.statement if found else claim.indicator
            told.append(f"{claim.source} {claim.stance}: {statement}")
    return " ".join(dict.fromkeys(told))[:3900] or "Nothing in it bears on the scenarios."


def _no_quotation(data: Mapping[str, Any], review: Review) -> None:
    """The publisher's words stay in the inbox: no field may hold ten of them in a row."""
    words = [word for word in tokens(review.text).low if word.isalnum()]
    runs = {tuple(words[at : at + RUN_OF_WORDS]) for at in range(len(words) - RUN_OF_WORDS + 1)}
    for field, text in _texts({name: value for name, value in data.items() if name not in {"date_basis", "url"}}):
        told = [word for word in tokens(text).low if word.isalnum()]
        for at in range(len(told) - RUN_OF_WORDS + 1):
            if tuple(told[at : at + RUN_OF_WORDS]) in runs:
                shown = " ".join(told[at : at + RUN_OF_WORDS])
                raise ForecastError(
                    f"{review.article}: {field}: must be in your own words, got ten of the publisher's in a row "
                    f"('{shown}'). Say it differently."
                )


def _texts(value: Any, at: str = "") -> Iterable[tuple[str, str]]:
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield from _texts(part, f"{at}.{name}" if at else str(name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _texts(part, f"{at}.{number}")
