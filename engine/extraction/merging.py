"""Running again loses no decision: a new reading of an article merged with its review file."""

from __future__ import annotations

from collections.abc import Iterable

from engine.extraction.claims import DECIDED, Claim, ProposedSignal, Review


def merged(new: Review, old: Review | None) -> Review:
    """The new reading with everything people decided in the old one; what is no longer proposed is marked stale."""
    if old is None:
        return new
    same_text = new.hash == old.hash
    claims = _kept(new.claims, old.claims, new.text, same_text)
    misses = _kept(new.misses, old.misses, new.text, same_text)
    return new.model_copy(
        update={
            "claims": claims,
            "misses": tuple(one for one in misses if one.id not in {claim.id for claim in claims}),
            "signals": _kept_signals(new.signals, old.signals),
            **{field: getattr(old, field) for field in _written_by_people(new, old)},
        }
    )


def _written_by_people(new: Review, old: Review) -> Iterable[str]:
    """Fields of the head that an analyst fills in or corrects."""
    yield from (
        field for field in ("received", "own_title", "summary", "record", "written") if getattr(old, field) is not None
    )
    if old.hash == new.hash:
        yield from (
            field
            for field in ("title", "publisher", "published", "date_basis", "url", "language")
            if getattr(old, field) != getattr(new, field)
        )


def _kept(new: tuple[Claim, ...], old: tuple[Claim, ...], text: str, same_text: bool) -> tuple[Claim, ...]:
    before = {claim.id: claim for claim in old}
    proposed = [_decided_or_new(claim, before.get(claim.id)) for claim in new]
    fresh = {claim.id for claim in new}
    left = [_stale(claim, text, same_text) for claim in old if claim.id not in fresh]
    return tuple(sorted([*proposed, *left], key=lambda claim: (claim.span, claim.subject, claim.id)))


def _decided_or_new(claim: Claim, before: Claim | None) -> Claim:
    if before is not None and (before.status in DECIDED or before.edited or before.note):
        return before.model_copy(update={"stale": False})
    if before is not None and "|" not in before.echo:
        return claim.model_copy(update={"echo": before.echo})
    return claim


def _stale(claim: Claim, text: str, same_text: bool) -> Claim:
    """Kept, with its place found again where the text has changed around it; written by people, it never goes stale."""
    if claim.by in {"person", "llm"} and same_text:
        return claim
    place = claim.span[0] if same_text else text.find(claim.quote)
    span = (place, place + len(claim.quote)) if place >= 0 else claim.span
    return claim.model_copy(update={"stale": True, "span": span})


def _kept_signals(new: tuple[ProposedSignal, ...], old: tuple[ProposedSignal, ...]) -> tuple[ProposedSignal, ...]:
    before = {signal.id: signal for signal in old}
    kept = [before[one.id] if one.id in before and before[one.id].status != "proposed" else one for one in new]
    fresh = {one.id for one in new}
    left = [one.model_copy(update={"stale": True}) for one in old if one.id not in fresh]
    return (*kept, *left)
