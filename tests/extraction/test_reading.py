"""Numbers, dates, boilerplate, tables and formats."""

from __future__ import annotations

import pytest

from engine.errors import ForecastError
from engine.extraction.boilerplate import boilerplate
from engine.extraction.dates import dating
from engine.extraction.horizon import signals, tables
from engine.extraction.numbers import numbers, spoken
from engine.extraction.readers import clean, read_page
from engine.extraction.sentences import sentences
from engine.extraction.tokens import tokens


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("some 10,000 to 12,000 troops", ["10,000 to 12,000"]),
        ("between 8,000 and 10,000 men", ["8,000 to 10,000"]),
        ("up to 10,000 soldiers", ["up to 10,000"]),
        ("more than 13,000 containers", ["at least 13,000"]),
        ("tens of thousands of troops", ["20,000 to 90,000"]),
        ("twenty-five thousand men", ["25,000"]),
        ("10-12 thousand men", ["10,000 to 12,000"]),
        ("10k troops", ["10,000"]),
        ("a hundred thousand soldiers", ["100,000"]),
        ("hundreds of thousands of shells", ["200,000 to 900,000"]),
        ("half a million shells", ["500,000"]),
        ("three quarters of a million", ["750,000"]),
        ("two and a half thousand men", ["2,500"]),
        ("three to four thousand troops", ["3,000 to 4,000"]),
        ("between 10 and 12,000 troops", ["10,000 to 12,000"]),
        ("3 000 soldiers", ["3,000"]),
        ("12 000 to 15 000 soldiers", ["12,000 to 15,000"]),
        ("a hundred and fifty officers", ["150"]),
        ("half a dozen generals", ["6"]),
        ("on May 3 500 soldiers came", ["500"]),
        ("28 flights and 300 dead", ["28", "300"]),
        ("between 100 and 3,000 men", ["100 to 3,000"]),
        ("no fewer than 12,000", ["at least 12,000"]),
        ("a soldier", []),
        ("about half of them", []),
        ("155mm shells, KN-23 missiles, 3 percent, $5, in 2024", []),
    ],
)
def test_numbers_are_read_as_written(words, said):
    assert [spoken(one) for one in numbers(tokens(words))] == said


def test_a_wire_code_beats_the_clock_of_the_page():
    told = dating("Sunday 27 April 2025 01:10 GMT\n\nA headline\n\nText.\n\nMENAFN22102024007421016031ID11")
    assert told.published == "2024-10-22"
    assert any("2025-04-27" in one for one in told.refused)


@pytest.mark.parametrize(
    "text", ["Earthlings 1997 wrote of May and now.", "It happened on 3 May 2020, and " + "more " * 30]
)
def test_a_year_or_a_date_told_of_dates_nothing(text):
    assert dating(text).published == "unknown"


def test_the_own_address_beats_an_address_linked_to():
    told = dating("text", address="https://a.org/p/20241110", links=["https://b.org/2024/10/22/x"])
    assert told.published == "2024-11-10"


def test_boilerplate_is_dropped_and_kept_for_audit():
    text = "A sentence of news stands here.\nLeave a Comment\nRead : Something else\nBack to Top"
    assert [one.text for one in boilerplate(text).values()] == [
        "Leave a Comment",
        "Read : Something else",
        "Back to Top",
    ]


PROSE = "A paragraph of the article that is long enough to be one, and that ends as paragraphs do, with a stop."


def test_a_list_of_other_headlines_is_dropped_up_to_the_next_paragraph():
    text = "\n".join(
        [PROSE, "Most read", "Soldiers reach the front", "1  Talks go on", PROSE + " Again.", "Comments (2)", "I bet."]
    )
    assert [one.text for one in boilerplate(text).values()] == [
        "Most read", "Soldiers reach the front", "1  Talks go on", "Comments (2)", "I bet.",
    ]  # fmt: skip


def test_a_menu_above_the_headline_costs_no_headline():
    text = "\n".join(["Latest", "Soldiers reach the front", PROSE])
    assert "Soldiers reach the front" not in [one.text for one in boilerplate(text).values()]


def test_abbreviations_end_no_sentence():
    told = [one.text for one in sentences("Gen. Lee met U.S. officials on Oct. 3. He spoke of 2.3 billion.")]
    assert told == ["Gen. Lee met U.S. officials on Oct. 3.", "He spoke of 2.3 billion."]


def test_table_rows_with_a_relevancy_become_signals():
    table = "## Signals\n\n| name | change | 10-year | relevancy |\n|:--|--|--|--:|\n| Arms for Kyiv | more | maybe | 4 |\n| No rating | x | y | |"
    found = signals(list(tables(table.split("\n"))), {"a": "arms for Kyiv"})
    assert [(one.id, one.kind, one.relevancy, one.scenarios) for one in found] == [
        ("arms-for-kyiv", "signal", 4, ("a",))
    ]


def test_html_is_read_without_scripts_even_broken():
    page = read_page(
        "x.html",
        b"<html><head><title>North \x1b[31mKorea</title><meta property='article:published_time' content='2024-10-22T01:00'>"
        b"<script>alert('x')</script></head><body><nav>Menu</nav><p>Soldiers were sent.<p>Unclosed <b>tag",
    )
    assert page.title == "North Korea"
    assert page.published == "2024-10-22"
    assert "alert" not in page.text
    assert "Soldiers were sent." in page.text


@pytest.mark.parametrize("content", [b"\x00\x01\x02" * 50, b"%PDF-1.7 ...", b"PK\x03\x04zip", b"", b"   \n"])
def test_what_is_no_text_is_refused_with_a_reason(content):
    with pytest.raises(ForecastError, match=r"x\.txt: "):
        read_page("x.txt", content)


def test_other_encodings_are_read():
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        assert "Seoul’s" in read_page("x.txt", "Seoul’s spy agency spoke of troops.".encode(encoding)).text


def test_control_and_direction_characters_are_taken_out():
    assert clean("a\x1b[2Jb\x1b]0;title\x07c\u202ed\x00e\r\nf") == "abcde\nf"
