"""Web pages: by trafilatura where the extra is installed, by the plain parser where it is not."""

from __future__ import annotations

from importlib import import_module

import pytest

import engine.extraction.html as html_module
from engine.errors import ForecastError
from engine.extraction.proposal import propose
from engine.extraction.readers import read_page

STORY = (
    "North Korea has sent 1,500 soldiers to Russia, the National Intelligence Service told lawmakers on Friday.",
    "The Kremlin dismissed the reports as fake, and its spokesman declined to answer further questions about the soldiers.",
    "South Korea may supply lethal weapons to Ukraine if the deployment goes on, a presidential official told reporters.",
)
PAGE = """<!doctype html><html lang="en"><head><title>Soldiers sent - The Example Times</title>
<meta property="og:title" content="Soldiers sent abroad, Seoul says">
<meta property="og:url" content="https://example.org/news/soldiers"><meta property="og:site_name" content="Example Times">
<meta property="article:published_time" content="2024-10-18T09:00:00Z">
<script>document.write("North Korea sent 99,000 soldiers to Russia.")</script></head>
<body><header><a href="/">Home</a><a href="/war">War</a></header>
<nav><ul><li><a href="/a">North Korea sends 77,000 soldiers to Russia: live</a></li><li><a href="/b">Sport</a></li></ul></nav>
<main><article><h1>Soldiers sent abroad, Seoul says</h1><p>{}</p><p>{}</p><p>{}</p></article></main>
<aside><h3>Most read</h3><p><a href="/c">North Korea ships 66,000 soldiers to Russia</a></p></aside>
<div id="comments"><h2>User comments</h2><div class="comment"><p>North Korea sent 55,000 soldiers, I bet.</p></div></div>
<footer>Copyright Example Times. We use cookies. Sign up for our newsletter.</footer></body></html>""".format(*STORY)


@pytest.fixture(params=["trafilatura", "plain"])
def way(request, monkeypatch):
    if request.param == "plain":

        def missing(name):
            if name == "trafilatura":
                raise ImportError(name)
            return import_module(name)

        monkeypatch.setattr(html_module, "import_module", missing)
    else:
        import_module("trafilatura")
    return request.param


def test_the_story_is_read_and_what_stands_around_it_is_not(way):
    page = read_page("x.html", PAGE.encode())
    assert all(sentence in page.text for sentence in STORY), way
    assert not any(number in page.text for number in ("99,000", "77,000", "66,000", "55,000"))
    assert (page.title, page.published) == ("Soldiers sent abroad, Seoul says", "2024-10-18")


def test_a_page_gives_the_claims_of_its_story(way, kit):
    review = propose(read_page("x.html", PAGE.encode()), "x", "x.html", kit)
    said = {(claim.subject, claim.source) for claim in review.claims}
    assert ("dprk-troops-present/troops-moved", "rok-nis") in said, way
    assert ("rok-lethal-aid/lethal-weapons-on-the-table", "rok-government") in said
    assert {claim.value for claim in review.claims if claim.value} == {1500}


BESIDE = """<html><body><article><p>{}</p>
<div class="box module-related"><div><div>North Korea sent 44,000 soldiers to Russia: what we know</div></div><p>More</p></div>
<p>{}</p><section id="comments"><p>They sent 33,000 soldiers, I bet.</p></section><p>{}</p></article></body></html>"""


def test_what_its_class_puts_beside_the_article_is_left_out_and_what_follows_is_not(way):
    page = read_page("x.html", BESIDE.format(*STORY).encode())
    assert all(sentence in page.text for sentence in STORY), way
    assert not any(number in page.text for number in ("44,000", "33,000"))


def test_a_teaser_that_is_never_closed_takes_no_paragraph_with_it(monkeypatch):
    monkeypatch.setattr(html_module, "_main_text", lambda _: "")
    page = f"<html><body><p>{STORY[0]}<p class=promo>Sent: 44,000 soldiers<p>{STORY[1]}<p>{STORY[2]}</body></html>"
    read = read_page("x.html", page.encode()).text
    assert all(sentence in read for sentence in STORY)
    assert "44,000" not in read


def test_a_page_that_is_all_beside_itself_is_read_all_the_same(monkeypatch):
    monkeypatch.setattr(html_module, "_main_text", lambda _: "")
    whole = "<html><body><div class='share'>" + "".join(f"<p>{one}</p>" for one in STORY) + "</div></body></html>"
    assert all(sentence in read_page("x.html", whole.encode()).text for sentence in STORY)


@pytest.mark.parametrize(
    "page",
    [
        "<html><body>" + "<div>" * 20_000 + STORY[0],
        "<html><body><p>" + STORY[0] + "<table><tr><td><p>open",
        "<html><body><p>" + STORY[0] + "</p><script>" + "x" * 100_000,
        "<html>" + "<p>&#0;&#x1b;[31m" + STORY[0] + "</p>",
    ],
)
def test_a_broken_page_is_read_as_far_as_it_goes(way, page):
    text = read_page("x.html", page.encode()).text
    assert "1,500 soldiers" in text, way
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "opened",
    ["<!--", "<!---", "<script", "<style", "<![CDATA[", "<?", "<!", "</a", '<a b="', "<a href=", "<!DOCTYPE ["],
)
@pytest.mark.usefixtures("way")
def test_a_page_of_nothing_but_open_ends_is_refused(opened):
    with pytest.raises(ForecastError, match=r"x\.html: must close its tags and comments"):
        read_page("x.html", f"<html><p>{STORY[0]}</p>{opened * 200_000}".encode())


@pytest.mark.parametrize("page", ["<script>", "<style>", "<!-- a -->", "<svg>", "<title>< "])
@pytest.mark.usefixtures("way")
def test_a_page_with_as_many_ends_as_it_needs_is_read(page):
    assert STORY[0] in read_page("x.html", f"<html><p>{STORY[0]}</p>{page * 20_000}".encode()).text


@pytest.mark.parametrize("opened", ["<!-- ", "<a href='x\">", "<![CDATA[ ", "<? ", "<a b"])
@pytest.mark.usefixtures("way")
def test_a_few_open_ends_spoil_no_page(opened):
    page = "".join(f"<p>{sentence}</p>\n" for sentence in STORY) + f"{opened}<p>More.</p>" * 20
    assert STORY[0] in read_page("x.html", f"<html><body>{page}".encode()).text
