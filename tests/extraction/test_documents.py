"""The five documents of the story, from page to shipped record; they belong to their publishers and stand beside the repository."""

from __future__ import annotations

import pytest

from engine.app.files import load
from engine.app.ingest import ingest
from engine.app.review_accept import accept
from engine.extraction.claims import Review
from tests.extraction.conftest import HOME

DOCUMENTS = HOME.parent / "shared" / "seeds"
RECORDS = {
    "000": "2024-10-24-arms-industry-and-a-thin-pledge",
    "001": "2024-10-23-seoul-weighs-weapons",
    "002": "2024-10-22-rok-closer-to-nato",
    "003": "2024-12-23-jcs-drones-and-more-troops",
    "004": "2024-11-10-horizon-scan",
}
DATES = {"000": "2024-10-24", "001": "unknown", "002": "2024-10-22", "003": "unknown", "004": "2024-11-10"}


@pytest.fixture(scope="module")
def story():
    return load(HOME / "scenarios").project


@pytest.fixture(scope="module")
def reviews(kit, tmp_path_factory) -> dict[str, Review]:
    if not DOCUMENTS.is_dir():
        pytest.skip("the five documents are not here: they cannot be shipped")
    found = ingest([DOCUMENTS], kit, tmp_path_factory.mktemp("inbox"))
    return {one.review.article[:3]: one.review for one in found}


def test_every_shipped_report_and_number_says_what_proposed_it(story):
    told = [one for article in story.articles.values() for one in (*article.reports, *article.measurements)]
    assert told
    assert all(one.proposed_by for one in told)


def test_the_records_of_the_documents_came_through_the_pipeline(story):
    for name in RECORDS.values():
        article = story.articles[name]
        assert {one.proposed_by for one in (*article.reports, *article.measurements, *article.signals)} == {"rule"}


def test_every_report_left_unedited_stands_as_it_is_proposed(story, reviews):
    for number, name in RECORDS.items():
        review = reviews[number]
        proposed = {(c.indicator, c.witness(review.publisher), c.stance, c.credibility) for c in review.claims}
        shipped = [one for one in story.articles[name].reports if not one.edited]
        assert {(one.indicator, one.source, one.stance, one.credibility) for one in shipped} <= proposed


def test_all_five_dates_are_right_or_unknown(reviews):
    assert {number: review.published for number, review in reviews.items()} == DATES


def test_every_row_of_the_scan_becomes_a_signal(reviews, story):
    assert len(reviews["004"].signals) == 27
    shipped = story.articles[RECORDS["004"]].signals
    assert [one.relevancy for one in reviews["004"].signals] == [one.relevancy for one in shipped]


def test_no_boilerplate_becomes_a_claim(reviews):
    for review in reviews.values():
        assert review.dropped
        dropped = " ".join(one.text for one in review.dropped)
        assert not any(claim.quote in dropped for claim in review.proposals)


def test_an_undated_document_makes_no_record_before_somebody_says_when_it_came(reviews, kit, tmp_path):
    from engine.app.inbox import save_review
    from engine.errors import ForecastError

    save_review(tmp_path / "x.yaml", reviews["001"])
    with pytest.raises(ForecastError, match="received"):
        accept(tmp_path / "x.yaml", kit.project, tmp_path / "seeds")
