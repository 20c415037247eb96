"""What is shown beside a claim under review is what accepting it brings."""

import math
from dataclasses import replace

import pytest
from builders import article, indicator, project, report, scenario

from engine.app.notebook import day_of, forecast
from engine.app.review_effect import effects
from engine.extraction.claims import Claim, Review

DRAWS = 20_000
SAID = [
    article(report("a/i", "ann", credibility=2), published="2024-02-01"),
    article(report("a/i", "bob", "denies"), published="2024-02-10"),
]


def records():
    scenarios = {
        "a": scenario(0.3, detection="uncertain", indicators={"i": indicator(), "j": indicator(0.7, 0.2)}),
        "b": scenario(0.2, detection="uncertain", drivers=[{"scenario": "a", "hazard_ratio": 3}]),
    }
    found = project(scenarios, SAID)
    return replace(found, settings=found.settings.model_copy(update={"as_of": day_of(found).replace(2024, 3, 1)}))


def claim(subject="a/j", source="cat", stance="affirms", **fields):
    return Claim(id="1", indicator=subject, source=source, stance=stance, echo="e", span=(0, 2), quote="He", **fields)


def under_review(one, published="2024-02-20", publisher="cat"):
    return Review(
        article="x", file="x.txt", hash="0123456789abcdef", title="T", publisher=publisher, published=published,
        claims=(one,), text="He",
    )  # fmt: skip


def decibans(before, after):
    return 10 * math.log10(after / (1 - after) * (1 - before) / before)


@pytest.mark.parametrize(
    ("one", "where"),
    [
        (claim(), {}),
        (claim(credibility=5), {}),
        (claim(), {"publisher": "tabloid"}),
        (claim("a/i", "ann", "denies"), {"publisher": "ann"}),
        (claim("a/i", "bob", credibility=1), {"publisher": "bob"}),
        (claim(stance="absent", detection=0.8), {}),
        (claim(), {"published": "2024-05-01"}),
        (claim(source="fay"), {"publisher": "fay"}),
    ],
    ids=["new", "improbable", "relayed", "changed story", "the other way", "absent", "later than the run", "graded F"],
)
def test_what_is_shown_is_what_a_run_with_it_shows(one, where):
    found, review = records(), under_review(one, **where)
    told = report(one.indicator, one.source, one.stance, one.credibility)
    told |= {"detection": one.detection} if one.detection else {}
    scenarios = {name: record.model_dump(mode="json", exclude_none=True) for name, record in found.scenarios.items()}
    for record in scenarios.values():
        record.pop("id")
    other = project(scenarios, [*SAID, article(told, publisher=review.publisher, published=review.published)])
    day = max(day_of(found), next(a.known_on for a in other.articles.values() if a.id == "article-002"))
    before, after = (float(forecast(one, day, "importance", DRAWS).posterior.probability[0]) for one in (found, other))
    # two runs of 20,000 draws each, and 4,000 that were weighed anew: 0.15 dB
    assert effects(found)(review, one) == pytest.approx(decibans(before, after), abs=0.2)


def test_what_was_said_before_moves_nothing_when_it_is_said_again():
    again = claim("a/i", "ann", credibility=2)
    assert effects(records())(under_review(again, publisher="ann"), again) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("one", "where"),
    [
        (claim("a/nothing"), {}),
        (claim(source="nobody"), {}),
        (claim(stance="absent"), {}),
        (claim(), {"publisher": "nobody"}),
        (claim(), {"published": "unknown"}),
        (claim(), {"published": "soon"}),
    ],
    ids=["unknown indicator", "unknown source", "unweighed", "unknown publisher", "undated", "misdated"],
)
def test_nothing_is_shown_where_it_cannot_be_told(one, where):
    assert effects(records())(under_review(one, **where), one) is None
