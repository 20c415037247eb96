"""What a proposed claim would do to the belief, shown while it is judged."""

from __future__ import annotations

from collections.abc import Callable

from engine.app.notebook import forecast
from engine.belief.witnesses import BETA_OF_GRADE, Witness, relay_weight_of
from engine.errors import ForecastError
from engine.extraction.claims import Claim, Review
from engine.records.fields import WEIGHT_OF_CREDIBILITY
from engine.records.project import Project


def effects(project: Project) -> Callable[[Review, Claim], float | None]:
    """Decibans a claim would move its scenario, by the importance engine; None for numbers, unknown names and searches not weighed yet."""
    from engine.analysis.explanation import effect_of  # noqa: PLC0415  (heavy, and only the review needs it)

    try:
        posterior = forecast(project, engine="importance").posterior
    except ForecastError:
        return lambda _review, _claim: None
    known = frozenset(posterior.network.evidence.indicators)

    def effect(review: Review, claim: Claim) -> float | None:
        source = claim.witness(review.publisher)
        if claim.indicator not in known or source not in project.sources or claim.unweighed:
            return None
        own = WEIGHT_OF_CREDIBILITY[claim.credibility]
        publisher = project.sources.get(review.publisher)
        witness = Witness(
            indicator=claim.indicator,
            source=source,
            stance=claim.stance,
            weight=own if review.publisher == source or publisher is None else relay_weight_of(own, publisher),
            detection=claim.detection or 1.0,
            articles=(review.article,),
            n_reports=1,
        )
        return effect_of(posterior, witness, BETA_OF_GRADE[project.sources[source].reliability])

    return effect
