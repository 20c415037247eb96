"""Possible misses: what bears on an indicator by its words, and fired no rule."""

from __future__ import annotations

import pytest

from engine.extraction.misses import MOST
from engine.extraction.proposal import propose
from engine.extraction.readers import read_page

MOVED = "North Korea has sent soldiers to Russia, Seoul said on Monday."
LONG_AGO = "In 1812 soldiers were sent to Russia, the school books of North Korea tell."


@pytest.fixture
def read(kit):
    return lambda *lines: propose(read_page("x.txt", "\n\n".join(lines).encode()), "x", "x.txt", kit)


def test_a_sentence_with_all_words_of_a_rule_that_did_not_fire_is_suggested_with_the_rule(read):
    found = read("A headline of no matter", LONG_AGO)
    assert not [one for one in found.claims if one.quote == LONG_AGO]
    (miss,) = found.misses
    assert miss.quote == LONG_AGO
    assert "stand here, but not as it asks" in miss.why


def test_a_suggestion_says_nothing_of_who_or_whether_and_has_the_weakest_grade(read):
    (miss,) = read("A headline of no matter", LONG_AGO).misses
    assert (miss.by, miss.credibility) == ("similarity", 6)


def test_what_is_claimed_is_not_suggested_too_and_other_news_is_not_suggested(read):
    found = read(MOVED, "The harvest was good this year, farmers in the south of Spain said on Friday.")
    assert [one.quote for one in found.claims] == [MOVED]
    assert not found.misses


def test_no_article_suggests_more_than_a_person_would_read(read):
    lines = [LONG_AGO.replace("1812", str(year)) for year in range(1801, 1802 + MOST)]
    assert len(read("A headline of no matter", *lines).misses) == MOST


def test_a_question_is_no_miss(read):
    assert not read("A headline of no matter", "Will North Korea send more soldiers to Russia this year?").misses
