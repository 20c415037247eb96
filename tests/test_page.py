"""The page to hand over, as HTML: whole, escaped, and with nothing to fetch."""

import base64
import hashlib
import itertools
import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import pages
import pytest
from builders import article, indicator, project, report, scenario
from click.testing import CliRunner

from engine.app.cli import main
from engine.app.notebook import forecast, save
from engine.app.page.chart_of_drivers import drivers
from engine.app.page.page import page_of
from engine.app.reporting import report_of

PAGES = {"story": pages.story, "hostile": pages.hostile}


class Elements(HTMLParser):
    """Every element with its attributes, and the text of scripts."""

    def __init__(self, text):
        super().__init__()
        self.found, self.scripts = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.cdata_elem == "script":
            self.scripts.append((self.found[-1][1], data))

    def all(self, tag):
        return [attrs for name, attrs in self.found if name == tag]


@pytest.fixture(scope="module", params=PAGES)
def text(request):
    return PAGES[request.param]()


@pytest.fixture(scope="module")
def page(text):
    return Elements(text)


def test_nothing_is_fetched(page):
    fetching = {"src", "srcset", "data", "poster", "action", "formaction", "background", "ping"}
    for tag, attrs in page.found:
        assert tag not in {"link", "iframe", "object", "embed", "base", "form", "img"}, tag
        assert not fetching & set(attrs), (tag, attrs)


def test_links_lead_to_the_page_itself_or_to_the_web_without_telling_who_asks(page):
    ids = {attrs["id"] for _, attrs in page.found if "id" in attrs}
    for attrs in page.all("a"):
        if attrs["href"].startswith("#"):
            assert attrs["href"][1:] in ids
        else:
            assert re.match("https?://", attrs["href"])
            assert "noopener" in attrs["rel"]


def test_only_the_scripts_it_was_made_with_may_run(page):
    (policy,) = [attrs["content"] for attrs in page.all("meta") if "Content-Security" in attrs.get("http-equiv", "")]
    assert policy.startswith("default-src 'none'")
    (allowed,) = re.findall(r"script-src ([^;]*);", policy)
    assert "unsafe" not in allowed
    running = [told for attrs, told in page.scripts if attrs.get("type") != "application/json"]
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(told.encode()).digest()).decode()}'" for told in running]
    assert allowed.split() == hashes


def test_no_element_has_code_in_an_attribute(page):
    assert not [name for _, attrs in page.found for name in attrs if name.startswith("on")]


def test_every_chart_can_be_read_back_and_has_a_table(page):
    charts = [attrs for attrs in page.all("div") if attrs.get("class") == "chart"]
    figures = {attrs["id"]: json.loads(told) for attrs, told in page.scripts if "id" in attrs}
    assert {chart["data-figure"] for chart in charts} == set(figures)
    for figure in figures.values():
        assert figure["data"]
    assert len(page.all("table")) >= len(charts)


def test_ids_are_used_once_and_headings_skip_no_level(page):
    ids = [attrs["id"] for _, attrs in page.found if "id" in attrs]
    assert len(ids) == len(set(ids))
    levels = [int(tag[1]) for tag, _ in page.found if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_words_of_probability_come_with_their_numbers(text):
    told = re.sub(r"<[^>]+>", " ", text[text.index("<main") : text.index('id="method"')])
    for word in re.findall(r"(?:very unlikely|very likely|almost certain|roughly even chance)(.{0,4})", told):
        assert "(" in word


def test_likelihood_and_confidence_are_told_apart():
    paragraphs = re.findall(r"<p>(.*?)</p>", pages.story(), flags=re.S)
    likelihoods = [one for one in paragraphs if "Likelihood" in one]
    confidences = [one for one in paragraphs if one.startswith("<strong>Confidence</strong>")]
    assert len(likelihoods) == len(confidences) == 9  # one of ten is resolved
    assert not [one for one in likelihoods if "onfidence" in one]
    assert not [one for one in confidences if "likel" in one]


def test_a_hostile_text_is_nowhere_markup():
    assert pages.HOSTILE not in pages.hostile()
    assert "<b>bold" not in pages.hostile()
    assert "49" not in re.findall(r"<h2[^>]*>([^<]*)", pages.hostile())


def test_a_run_that_is_not_sound_says_so_first_and_in_every_confidence():
    answer = forecast(pages.hostile_project(), pages.DAY, "importance", 400)
    checks = replace(answer.posterior.diagnostics, sound=False, message="Draw more.")
    text = page_of(replace(answer, posterior=replace(answer.posterior, diagnostics=checks)), "run")
    assert "Not sound.</strong> Draw more." in text[: text.index("<main")]
    assert text.count("</strong> is low (the sampler") == text.count("<strong>Confidence</strong>") == 2


def test_no_map_where_nothing_drives_anything():
    records = project({"a": scenario()})
    answer = forecast(records, pages.DAY, "importance", 400)
    assert drivers(report_of(answer, "run"), records) is None


def ask(*words):
    return CliRunner().invoke(main, ["report", *words])


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    save(forecast(pages.hostile_project(), pages.DAY, "importance", 400), folder)
    return folder


def test_the_command_writes_the_page_into_the_run_and_says_where(runs):
    done = ask("--output", str(runs))
    assert done.exit_code == 0, done.output
    (written,) = runs.glob("*/report.html")
    assert f"Written to {written}" in done.stdout.replace("\n", "")
    assert written.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_same_run_gives_the_same_page(runs, tmp_path):
    for name in ("one.html", "two.html"):
        assert ask("--output", str(runs), "--to", str(tmp_path / name)).exit_code == 0
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


@pytest.mark.parametrize("open_it", [True, False])
def test_the_browser_is_opened_only_if_asked_for(runs, tmp_path, monkeypatch, open_it):
    opened = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    path = tmp_path / "page.html"
    assert ask("--output", str(runs), "--to", str(path), *(["--open"] if open_it else [])).exit_code == 0
    assert opened == ([path.as_uri()] if open_it else [])


def test_where_there_is_no_browser_it_says_so(runs, tmp_path, monkeypatch):
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    done = ask("--output", str(runs), "--to", str(tmp_path / "page.html"), "--open")
    assert done.exit_code == 0
    assert "open the file yourself" in done.stderr


def test_an_unknown_run_is_refused(runs):
    done = ask("yesterday", "--output", str(runs))
    assert done.exit_code == 1
    assert "yesterday: is no run" in done.stderr


def test_a_place_that_cannot_be_written_is_refused(runs, tmp_path):
    done = ask("--output", str(runs), "--to", str(tmp_path / "nowhere" / "page.html"))
    assert done.exit_code == 1
    assert "cannot be written" in done.stderr


def test_bars_from_sampled_orders_say_how_far_they_may_be_off():
    many = {f"i{number}": indicator() for number in range(13)}
    records = project({"a": scenario(indicators=many)}, [article(report(f"a/{name}", "bob")) for name in many])
    few = forecast(pages.hostile_project(), pages.DAY, "importance", 400)
    assert "Orders were sampled: standard errors up to 0." in page_of(
        forecast(records, pages.DAY, "importance", 400), "run"
    )
    assert "Orders were sampled" not in page_of(few, "run")
