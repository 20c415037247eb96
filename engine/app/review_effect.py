"""What a proposed claim would do to the belief, shown while it is judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from pydantic import ValidationError

from engine.app.notebook import day_of, forecast
from engine.errors import ForecastError
from engine.extraction.claims import Claim, Review
from engine.records.article import Article
from engine.records.project import Project

if TYPE_CHECKING:
    from engine.belief.posterior import Posterior


def effects(project: Project) -> Callable[[Review, Claim], float | None]:
    """Decibans a claim would move its scenario, were it all that is taken of its article.

    On the run's day or the article's, whichever is later, by the importance engine. None for numbers, undated
    articles, unknown names and searches not weighed yet.
    """
    from engine.analysis.explanation import effect_of  # noqa: PLC0415  (heavy, and only the review needs it)

    @cache
    def believed(day: date) -> Posterior | None:
        try:
            return forecast(project, day, engine="importance").posterior
        except ForecastError:
            return None

    def effect(review: Review, claim: Claim) -> float | None:
        article = _article(review, claim, project)
        if article is None or (posterior := believed(max(day_of(project), article.known_on))) is None:
            return None
        if claim.indicator not in posterior.network.evidence.indicators:
            return None
        told = replace(project, articles={**project.articles, article.id: article})
        return effect_of(posterior, told, claim.about)

    return effect


def _article(review: Review, claim: Claim, project: Project) -> Article | None:
    """The record of the claim alone, as far as it can be one yet."""
    source = claim.witness(review.publisher)
    if claim.indicator is None or claim.unweighed or not {source, review.publisher} <= project.sources.keys():
        return None
    report = {"indicator": claim.indicator, "source": source, "stance": claim.stance, "credibility": claim.credibility}
    searched = {"detection": claim.detection} if claim.stance == "absent" else {}
    try:
        return Article.model_validate(
            {
                "id": "under-review",
                "title": "Under review",
                "publisher": review.publisher,
                "published": review.published,
                "received": review.received,
                "summary": "One claim.",
                "reports": (report | searched,),
            }
        )
    except ValidationError:
        return None
