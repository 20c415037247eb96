"""The page as its reader meets it: opened in the system's chromium, offline.

Skipped where no chromium is installed, unless FORECAST_BROWSER=required (as .ci/run sets it).
"""

import os
import shutil

import pages
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and os.environ.get("FORECAST_BROWSER") != "required",
    reason="no chromium here: apt-get install chromium",
)
PAGES = {"story": pages.story, "hostile": pages.hostile}
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
LOADING = 60_000
"""Milliseconds; generous, since machines that test are busy."""


@pytest.fixture(scope="module")
def browser():
    assert CHROMIUM, "FORECAST_BROWSER=required, and no chromium is installed: apt-get install chromium"
    with sync_playwright() as play:
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if root else [])
        yield started
        started.close()


@pytest.fixture(scope="module")
def addresses(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, made in PAGES.items():
        (folder / f"{name}.html").write_text(made(), encoding="utf-8")
    return {name: (folder / f"{name}.html").as_uri() for name in PAGES}


@pytest.fixture(scope="module")
def opened(browser, addresses):
    """Opens a page, and keeps what it complained of and asked for; each combination once."""
    tabs = {}

    def opening(name="story", size=WIDE, scheme="light"):
        key = name, size["width"], scheme
        if key not in tabs:
            tab = browser.new_page(viewport=size, color_scheme=scheme)
            tab.complaints, tab.requests = [], []
            tab.on("console", lambda message: tab.complaints.append(message.text))
            tab.on("pageerror", lambda error: tab.complaints.append(str(error)))
            tab.on("request", lambda request: tab.requests.append(request.url))
            tab.goto(addresses[name])
            tab.wait_for_selector("html[data-ready]", state="attached", timeout=LOADING)
            tabs[key] = tab
        return tabs[key]

    yield opening
    for tab in tabs.values():
        tab.close()


@pytest.fixture(params=PAGES)
def name(request):
    return request.param


def test_it_opens_without_complaint_and_asks_for_nothing_else(opened, addresses, name):
    tab = opened(name)
    assert tab.complaints == []
    assert tab.requests == [addresses[name]]


def test_the_network_is_closed_even_to_a_script_that_tries(browser, addresses):
    tab = browser.new_page()
    tab.goto(addresses["story"])
    tried = "fetch('https://example.org').then(() => 'through', () => 'stopped')"
    assert tab.evaluate(tried) == "stopped"
    tab.close()


def test_every_chart_is_drawn(opened, name):
    drawn = opened(name).evaluate(
        """() => [...document.querySelectorAll(".chart")].map((chart) => ({
            size: chart.querySelector("svg.main-svg").getBoundingClientRect().height,
            marks: chart.querySelectorAll(".cartesianlayer .trace path").length,
        }))"""
    )
    assert len(drawn) >= 5
    for chart in drawn:
        assert chart["size"] > 100
        assert chart["marks"] > 0


def test_hostile_titles_are_shown_as_text(opened):
    tab = opened("hostile")
    assert tab.title() == f"{pages.HOSTILE}, {pages.DAY}"
    assert tab.locator("h1").inner_text() == pages.HOSTILE
    assert tab.locator("h2").all_inner_texts().count(pages.HOSTILE) == 3
    assert tab.locator("b").count() == 0
    shown = tab.evaluate("""[...document.querySelectorAll("#t-drivers")].length
        ? [...document.querySelectorAll('[data-figure="f-drivers"] text')].map((t) => t.textContent).join(" ") : "" """)
    assert "</script><script>" in shown
    overview = tab.evaluate("""document.querySelector('[data-figure="f-beliefs"]').textContent""")
    assert pages.HOSTILE[:40] in overview


def test_hover_labels_show_hostile_text_as_text(opened):
    tab = opened("hostile")
    chart = tab.locator('[data-figure="f-beliefs"]')
    chart.focus()
    tab.keyboard.press("ArrowDown")
    label = tab.locator('[data-figure="f-beliefs"] .hoverlayer').text_content()
    assert "</script><script>" in label
    assert tab.title() == f"{pages.HOSTILE}, {pages.DAY}"


def focused(tab):
    """What has the keyboard: its tag, address, id and class."""
    return tab.evaluate(
        "(({tagName, id, className, hash}) => [tagName, hash ?? '', id, className])(document.activeElement)"
    )


def test_every_scenario_can_be_reached_by_keyboard_alone(opened, name):
    tab = opened(name)
    wanted = tab.evaluate("[...document.querySelectorAll('.scenario')].map((one) => one.id)")
    assert wanted
    for scenario in wanted:
        tab.evaluate(
            "window.scrollTo({top: 0, behavior: 'instant'}); document.activeElement.blur(); getSelection().removeAllRanges()"
        )
        tab.locator("h1").evaluate("(h) => { h.tabIndex = -1; h.focus(); h.removeAttribute('tabindex'); }")
        for _ in range(len(wanted) + 8):
            tab.keyboard.press("Tab")
            if focused(tab)[1] == f"#{scenario}":
                break
        else:
            raise AssertionError(f"{scenario}: no way there with the Tab key")
        tab.keyboard.press("Enter")
        tab.wait_for_function(
            "(id) => Math.abs(document.getElementById(id).getBoundingClientRect().top) < 60",
            arg=scenario,
            timeout=LOADING,
        )


def test_the_first_key_offers_to_skip_to_the_forecast(browser, addresses):
    tab = browser.new_page(viewport=WIDE)
    tab.goto(addresses["story"])
    tab.keyboard.press("Tab")
    assert focused(tab)[1] == "#main"
    assert tab.locator(".skip").bounding_box()["x"] >= 0
    tab.keyboard.press("Enter")
    assert focused(tab)[2] == "main"
    tab.close()


def test_the_tab_key_stops_at_tables_only_where_they_must_be_scrolled(opened):
    stops = """[...document.querySelectorAll('.scroll')]
        .filter((one) => one.checkVisibility({contentVisibilityAuto: true}) && !one.closest('details:not([open])'))
        .map((one) => [one.ariaLabel, one.scrollWidth > one.clientWidth, one.tabIndex])"""
    for size in (WIDE, NARROW):
        tab = opened("story", size)
        # the page follows its layout a moment later
        tab.wait_for_function(f"() => {stops}.every(([, scrolls, stop]) => stop === (scrolls ? 0 : -1))")
        found = tab.evaluate(stops)
    assert any(scrolls for _, scrolls, _ in found)


def test_arrow_keys_read_a_chart_point_by_point(opened):
    tab = opened("story")
    chart = tab.locator('[data-figure="f-years-rok-lethal-aid"]')
    said = tab.locator("#r-years-rok-lethal-aid")
    chart.focus()
    tab.keyboard.press("ArrowRight")
    first = said.inner_text()
    assert "%" in first
    tab.keyboard.press("End")
    assert said.inner_text() != first
    assert "2034" in said.inner_text()
    tab.keyboard.press("Escape")
    assert said.inner_text() == ""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_nothing_sticks_out_sideways(opened, name, size, scheme):
    tab = opened(name, size, scheme)
    widths = tab.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert widths[0] <= widths[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_axe_finds_nothing_wrong(opened, size, scheme):
    found = Axe().run(opened("story", size, scheme))
    assert found.violations_count == 0, found.generate_report()


LUMINANCE = """() => {
  const light = (colour) => { const [r, g, b] = colour.match(/\\d+/g).map(Number); return (r + g + b) / 765; };
  const text = document.querySelector('.chart text');
  return [light(getComputedStyle(document.body).backgroundColor), light(getComputedStyle(text).fill)];
}"""


def test_dark_is_dark_in_the_charts_too(opened):
    paper, ink = opened("story", WIDE, "light").evaluate(LUMINANCE)
    assert paper > 0.9
    assert ink < 0.5
    paper, ink = opened("story", WIDE, "dark").evaluate(LUMINANCE)
    assert paper < 0.15
    assert ink > 0.5


def test_the_reader_can_choose_dark_and_go_back(browser, addresses):
    tab = browser.new_page(viewport=WIDE, color_scheme="light")
    tab.goto(addresses["hostile"])
    tab.wait_for_selector("html[data-ready]", state="attached", timeout=LOADING)
    button = tab.get_by_role("button", name="Dark")
    button.click()
    assert tab.evaluate(LUMINANCE)[0] < 0.15
    assert button.get_attribute("aria-pressed") == "true"
    button.click()
    assert tab.evaluate(LUMINANCE)[0] > 0.9
    tab.close()


def test_on_paper_it_is_light_and_charts_are_as_wide_as_the_paper(opened):
    tab = opened("hostile", WIDE, "dark")
    widths = (
        "[...document.querySelectorAll('.chart')].map((one) => one.querySelector('svg').getBoundingClientRect().width)"
    )
    before = tab.evaluate(widths)
    tab.evaluate("dispatchEvent(new Event('beforeprint'))")
    tab.emulate_media(media="print")
    assert set(tab.evaluate(widths)) == {660}
    assert tab.evaluate(LUMINANCE)[0] > 0.9
    assert tab.locator("nav").is_hidden()
    assert tab.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    tab.emulate_media(media="screen")
    tab.evaluate("dispatchEvent(new Event('afterprint'))")
    assert tab.evaluate(widths) == before


def test_without_scripts_every_number_is_still_there(browser, addresses):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(addresses["story"])
    assert tab.locator("#s-rok-lethal-aid details table").count() == 2
    assert tab.locator("#overview table tbody tr").count() == 10
    assert tab.locator(".chart").first.is_hidden()
    context.close()
