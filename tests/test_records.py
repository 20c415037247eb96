"""What is read from files, and how every fault is told: file, line, field, what must hold, what to do.

Only engine.records is used here: no arrays, no sampling.
"""

import json
import sys
from datetime import date

import pytest

from engine.errors import FaultyFilesError, ForecastError
from engine.records.assembly import Files, assemble
from engine.records.project import components, in_driver_order

SCENARIO = """\
title: T
question: Q?
opens: 2024-01-01
deadline: 2026-01-01
prior: {probability: 0.3}
"""
"""Five lines: whatever is added starts at line 6."""

INDICATOR = """\
indicators:
  troops-seen: {statement: Troops are seen., diagnosticity: moderate}
"""
ARTICLE = """\
title: T
publisher: ann
published: 2024-02-01
summary: S.
"""
"""Four lines."""

SOURCES = "ann: {name: Ann, reliability: A}\nbob: {name: Bob, reliability: B}\n"


def read(scenarios=SCENARIO, article=None, sources=SOURCES, settings=None):
    scenarios = scenarios if isinstance(scenarios, dict) else {"a": scenarios}

    def encoded(text):
        return text if isinstance(text, bytes) else text.encode()

    return assemble(
        Files(
            scenarios={f"scenarios/{name}.yaml": encoded(text) for name, text in scenarios.items()},
            articles={"seeds/x.yaml": encoded(article)} if article is not None else {},
            sources={"seeds/sources.yaml": encoded(sources)} if sources is not None else {},
            settings={"scenarios/forecast.yaml": encoded(settings)} if settings is not None else {},
        )
    )


def faults(*args, **kwargs):
    with pytest.raises(FaultyFilesError) as caught:
        read(*args, **kwargs)
    return str(caught.value).split("\n")


def prior(text):
    return SCENARIO.replace("{probability: 0.3}", text)


def told(found, *expected):
    """Each expected place begins a fault, and its words stand in it."""
    for place, words in expected:
        assert any(fault.startswith(place) and words in fault for fault in found), (
            f"no '{place} ... {words}' in {found}"
        )


# --- what is read ---


def test_a_project_of_all_kinds_of_records_is_read():
    scenario = (
        SCENARIO
        + INDICATOR
        + "outlook: {statement: More., probability: 0.5, interval: [0.35, 0.8]}\nrelevancy: 4\nsignals: [sig]\n"
        + "drivers: [{scenario: b, hazard_ratio: 2, interval: [1.5, 3], because: it does}]\n"
        + "resolution: {happened: false, on: 2026-01-01}\n"
    )
    quantity = prior("{quantity: {unit: men, median: 4000, interval: [500, 20000], at_least: 10000}}")
    article = (
        ARTICLE
        + "reports:\n  - {indicator: a/troops-seen, source: bob, stance: affirms, credibility: 2}\n"
        + "measurements:\n  - {scenario: b, source: bob, kind: observed, low: 3000, high: 4000}\n"
        + "forecasts:\n  - {scenario: a, source: bob, kind: market, probability: 0.2}\n"
        + "signals:\n  - {id: sig, name: N, relevancy: 5}\n"
    )
    found = read({"a": scenario, "b": quantity}, article, settings="title: Ours\nas_of: 2024-11-10\n")
    project = found.project
    assert found.warnings == ()
    assert list(project.scenarios) == ["a", "b"]
    assert project.scenarios["a"].drivers[0].interval == (1.5, 3.0)
    assert project.scenarios["a"].resolution.on == date(2026, 1, 1)
    assert project.scenarios["b"].prior.quantity.at_least == 10000
    assert project.articles["x"].reports[0].credibility == 2
    assert project.articles["x"].known_on == date(2024, 2, 1)
    assert project.signals["sig"].relevancy == 5
    assert project.sources["bob"].reliability == "B"
    assert project.settings.as_of == date(2024, 11, 10)


def test_without_a_settings_file_there_are_defaults():
    assert read().project.settings.as_of is None
    assert read().project.settings.seeds is None


@pytest.mark.parametrize("word", ["no", "NO", "yes", "on", "off", "y", "1_000", "12:30:45", "0o17x"])
def test_yaml_1_2_leaves_words_words(word):
    assert read(SCENARIO.replace("title: T", f"title: {word}")).project.scenarios["a"].title == word


@pytest.mark.parametrize(
    "content", [SCENARIO.replace("\n", "\r\n"), "\ufeff" + SCENARIO, "---\n" + SCENARIO, SCENARIO + "...\n"]
)
def test_line_endings_marks_and_a_lone_document_are_read_alike(content):
    assert read(content).project.scenarios == read().project.scenarios


@pytest.mark.parametrize(
    ("word", "pair"),
    [("slight", (0.60, 0.40)), ("moderate", (0.80, 0.20)), ("strong", (0.91, 0.09)), ("decisive", (0.97, 0.03))],
)
def test_words_of_diagnosticity_are_the_pairs_of_the_table_and_against_swaps_them(word, pair):
    text = (
        SCENARIO
        + f"indicators:\n  i: {{statement: S., diagnosticity: {word}}}\n  j: {{statement: S., diagnosticity: {word}, against: true}}\n"
    )
    found = read(text).project.scenarios["a"].indicators
    assert found["i"].pair == pair
    assert found["j"].pair == pair[::-1]


def test_a_base_rate_gives_the_probability_of_its_gamma():
    scenario = read(prior("{base_rate: {events: 2, years: 11}}")).project.scenarios["a"]
    assert scenario.prior_probability == pytest.approx(1 - (11 / (11 + 731 / 365.25)) ** 2.5)


def test_a_stated_probability_beats_the_base_rate_beside_it():
    found = read(prior("{probability: 0.3, base_rate: {events: 2, years: 11}}"))
    assert found.project.scenarios["a"].prior_probability == 0.3
    assert found.warnings == ()


def test_a_prior_far_from_its_own_base_rate_is_warned_of():
    # 1 - (200/202)^0.5 is 0.005, -23 dB; 0.3 is -3.7 dB
    (warning,) = read(prior("{probability: 0.3, base_rate: {events: 0, years: 200}}")).warnings
    assert str(warning).startswith("scenarios/a.yaml:5: prior.probability: ")
    assert "19 dB" in str(warning)


def test_two_stances_of_one_source_in_one_article_are_warned_of():
    reports = "".join(
        f"  - {{indicator: a/troops-seen, source: ann, stance: {stance}}}\n" for stance in ("affirms", "denies")
    )
    (warning,) = read(SCENARIO + INDICATOR, ARTICLE + "reports:\n" + reports).warnings
    assert str(warning).startswith("seeds/x.yaml:")
    assert "ann" in str(warning)


def test_the_fingerprint_follows_the_records_and_not_their_layout():
    assert read().project.fingerprint == read(SCENARIO + "\n# nothing\n").project.fingerprint
    assert read().project.fingerprint != read(prior("{probability: 0.31}")).project.fingerprint


def test_twelve_joined_scenarios_are_taken():
    names = [f"s{number:02}" for number in range(12)]
    texts = {
        name: SCENARIO + (f"drivers: [{{scenario: {names[number - 1]}, hazard_ratio: 2}}]\n" if number else "")
        for number, name in enumerate(names)
    }
    project = read(texts).project
    assert components(project.scenarios) == [names]
    assert in_driver_order(project.scenarios) == names


# --- faults of one file's form ---

A = "scenarios/a.yaml"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (SCENARIO + "title: U\n", f"{A}:6:", "duplicate mapping key: title"),
        (prior("{probability: 0.3, probability: 0.4}"), f"{A}:5:", "duplicate mapping key: probability"),
        (SCENARIO + "note: [a\n", f"{A}:", "is not readable YAML"),
        (SCENARIO + "? [a, b]\n: x\n", f"{A}:6:", "complex mapping key"),
        (SCENARIO + "note: " + "[" * 5000 + "]" * 5000 + "\n", f"{A}:6:", "depth"),
        (SCENARIO + "note: a\x07b\n", f"{A}:6:", "U+0007"),
        (SCENARIO + "note: a\x00b\n", f"{A}:6:", "U+0000"),
        (SCENARIO + 'note: "a\\u0007b"\n', f"{A}:6: note:", "U+0007"),
        (SCENARIO + 'note: "a\\u202eb"\n', f"{A}:6: note:", "U+202E"),
        (SCENARIO + 'note: "a\\ud800b"\n', f"{A}:6:", "U+D800"),
        (SCENARIO + 'note: "a\\ue000b"\n', f"{A}:6: note:", "U+E000"),
        (SCENARIO + "note: " + "x" * 2_000_000, f"{A}:", "at most 2,000,000 bytes"),
        (SCENARIO + f"note: {'x' * 4001}\n", f"{A}:6: note:", "at most 4000 characters"),
        ((SCENARIO + "note: é\n").encode("latin-1"), f"{A}:", "must be UTF-8 text, got the byte 0xe9 at offset 93"),
        (SCENARIO.encode("utf-16"), f"{A}:", "must be UTF-8"),
        ("- a\n", f"{A}:1:", "must be a mapping"),
        ("", f"{A}:1:", "must be a mapping"),
        ("hello", f"{A}:1:", "must be a mapping"),
        ("title: T\n", f"{A}:1: question:", "is missing. Add it."),
        (SCENARIO + "titel: x\n", f"{A}:6: titel:", "Did you mean title?"),
        (prior("\n  probability: 0.3\n  intervall: [0.1, 0.5]"), f"{A}:7: prior.intervall:", "Did you mean interval?"),
        (SCENARIO + "drivers:\n  - {scenario: b, hazard: 2}\n", f"{A}:7: drivers.0.hazard:", "Did you mean hazard_ratio?"),
        (SCENARIO + "id: a\n", f"{A}:6: id:", "comes from the file name (a). Remove it."),
        (SCENARIO.replace("title: T", "title: true"), f"{A}:1: title:", "string, got True"),
        (SCENARIO.replace("title: T", "title: 12"), f"{A}:1: title:", "string, got 12"),
        (prior("0.3"), f"{A}:5: prior:", "must be a mapping of fields, got 0.3"),
        (SCENARIO + "drivers: x\n", f"{A}:6: drivers:", "must be a list, got 'x'"),
        (SCENARIO + "indicators: [x]\n", f"{A}:6: indicators:", "must be a mapping of fields"),
        (SCENARIO + "relevancy: 4.5\n", f"{A}:6: relevancy:", "integer"),
        (SCENARIO + "relevancy: 6\n", f"{A}:6: relevancy:", "got 6"),
        (SCENARIO + "detection: sure\n", f"{A}:6: detection:", "'certain' or 'uncertain', got 'sure'"),
        (SCENARIO + "resolution: {happened: maybe, on: 2025-01-01}\n", f"{A}:6: resolution.happened:", "got 'maybe'"),
        # numbers that are none
        (prior("{probability: '0.3'}"), f"{A}:5: prior.probability:", "number, got '0.3'"),
        (prior("{probability: 30%}"), f"{A}:5: prior.probability:", "number, got '30%'"),
        (prior("{probability: .nan}"), f"{A}:5: prior.probability:", "finite"),
        (prior("{probability: .inf}"), f"{A}:5: prior.probability:", "finite"),
        (prior("{probability: true}"), f"{A}:5: prior.probability:", "got True"),
        (prior("{probability: 0}"), f"{A}:5: prior.probability:", "greater than 0"),
        (prior("{probability: 1}"), f"{A}:5: prior.probability:", "less than 1"),
        (prior("{probability: -0.1}"), f"{A}:5: prior.probability:", "greater than 0"),
        (prior("{base_rate: {events: 1.5, years: 10}}"), f"{A}:5: prior.base_rate.events:", "integer, got 1.5"),
        (prior("{base_rate: {events: -1, years: 10}}"), f"{A}:5: prior.base_rate.events:", "got -1"),
        # dates that are none
        (SCENARIO.replace("2024-01-01", "2024-13-01"), f"{A}:3: opens:", "must be a date like 2024-10-18"),
        (SCENARIO.replace("2024-01-01", "20240101"), f"{A}:3: opens:", "got 20240101"),
        (SCENARIO.replace("2024-01-01", "2024-1-1"), f"{A}:3: opens:", "must be a date"),
        (SCENARIO.replace("2024-01-01", "2024-01-01T00:00:00"), f"{A}:3: opens:", "must be a date"),
        # names
        (SCENARIO + "indicators:\n  Troops_Seen: {statement: S., diagnosticity: slight}\n", f"{A}:7:", "lower-case words joined by hyphens"),
        # nothing given
        (SCENARIO + "drivers:\n", f"{A}:6: drivers:", "must be a list, got nothing"),
        (prior(""), f"{A}:5: prior:", "must be a mapping of fields, got nothing"),
    ],
    ids=lambda value: None if isinstance(value, bytes) or len(value) > 60 else value,
)  # fmt: skip
def test_a_faulty_form_is_told_with_its_line(text, place, words):
    told(faults(text), (place, words))


def test_a_file_name_that_is_no_id_is_refused():
    told(faults({"A_b": SCENARIO}), ("scenarios/A_b.yaml:1:", "lower-case words joined by hyphens"))


def test_an_alias_bomb_is_refused():
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, after in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]")
    told(faults("\n".join(lines) + "\n" + SCENARIO), (f"{A}:", "alias bomb"))


@pytest.mark.parametrize(
    "tagged",
    [
        "!!python/object/apply:pathlib.Path.touch ['{}']",
        "!!python/object/new:pathlib.Path ['{}']",
        "!include {}",
        "!ENV ${{HOME}}",
    ],
)
def test_tags_execute_and_include_nothing(tagged, tmp_path):
    victim = tmp_path / "touched"
    secret = tmp_path / "secret.yaml"
    secret.write_text("a secret")
    text = SCENARIO + "note: " + tagged.format(secret if "include" in tagged else victim) + "\n"
    try:
        note = read(text).project.scenarios["a"].note
    except ForecastError:
        note = ""
    assert not victim.exists()
    assert "a secret" not in note
    assert "/root" not in note


def test_a_second_document_is_not_dropped_silently():
    told(faults(SCENARIO + "---\n" + SCENARIO.replace("title: T", "title: U")), (f"{A}:", "document"))


def test_a_number_and_the_same_in_quotes_are_one_key():
    text = (
        SCENARIO
        + "indicators:\n  1: {statement: One., diagnosticity: slight}\n  '1': {statement: Two., diagnosticity: slight}\n"
    )
    told(faults(text), (f"{A}:", "1"))


# --- faults between the fields of a scenario ---


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (SCENARIO.replace("2026-01-01", "2020-01-01"), f"{A}:4: deadline:", "must be after opens (2024-01-01), got 2020-01-01"),
        (SCENARIO.replace("2026-01-01", "2024-01-01"), f"{A}:4: deadline:", "must be after opens"),
        (prior("{probability: 0.3, as_of: 2026-01-01}"), f"{A}:5: prior.as_of:", "before the deadline (2026-01-01)"),
        (prior("{probability: 0.3, as_of: 2023-12-31}"), f"{A}:5: prior.as_of:", "from opens (2024-01-01)"),
        (SCENARIO + "resolution: {happened: true, on: 2023-12-31}\n", f"{A}:6: resolution.on:", "must not be before opens"),
        (prior("{basis: none}"), f"{A}:5: prior:", "must give probability, base_rate or quantity"),
        (prior("{base_rate: {events: 1, years: 9}, interval: [0.1, 0.2]}"), f"{A}:5: prior.interval:", "Add prior.probability"),
        (prior("{probability: 0.3, interval: [0.4, 0.5]}"), f"{A}:5: prior.interval:", "must contain the probability, got 0.3 outside [0.4, 0.5]"),
        (prior("{probability: 0.3, interval: [0.5, 0.1]}"), f"{A}:5: prior.interval:", "low below high"),
        (prior("{probability: 0.3, interval: [0.1, 0.3, 0.5]}"), f"{A}:5: prior.interval:", "2 items"),
        (prior("{probability: 0.3, quantity: {unit: u, median: 3, interval: [1, 5], at_least: 4}}"), f"{A}:5: prior:", "must give quantity alone"),
        (prior("{quantity: {unit: u, median: 9, interval: [1, 5], at_least: 4}}"), f"{A}:5: prior.quantity.interval:", "must contain the median"),
        (SCENARIO + "outlook: {probability: 0.2}\n", f"{A}:6: outlook.probability:", "must not be below the probability by the deadline (0.3), got 0.2"),
        (SCENARIO + "outlook: {probability: 0.4, interval: [0.5, 0.6]}\n", f"{A}:6: outlook.interval:", "must contain the probability"),
        (SCENARIO + "outlook: {interval: [0.5, 0.6]}\n", f"{A}:6: outlook.interval:", "Add outlook.probability"),
        (SCENARIO.replace("2026", "2036") + "outlook: {probability: 0.4}\n", f"{A}:6: outlook.probability:", "ten years after opens"),
        (SCENARIO + "indicators:\n  i: {statement: S., diagnosticity: slight, if_true: 0.3, if_false: 0.2}\n", f"{A}:7: indicators.i:", "and not both"),
        (SCENARIO + "indicators:\n  i: {statement: S., if_true: 0.3}\n", f"{A}:7: indicators.i:", "must give if_true and if_false"),
        (SCENARIO + "indicators:\n  i: {statement: S.}\n", f"{A}:7: indicators.i:", "or diagnosticity"),
    ],
    ids=lambda value: None if len(value) > 60 else value,
)  # fmt: skip
def test_fields_that_contradict_one_another_are_told_with_their_line(text, place, words):
    assert len(faults(text)) == 1
    told(faults(text), (place, words))


# --- drivers ---


def driven(line, marginal=0.3, driver=0.3):
    return {
        "a": prior(f"{{probability: {marginal}}}") + f"drivers:\n  - {line}\n",
        "troops-sent": prior(f"{{probability: {driver}}}"),
    }


@pytest.mark.parametrize(
    ("texts", "place", "words"),
    [
        (driven("{scenario: troop-sent, hazard_ratio: 2}"), f"{A}:7: drivers.0.scenario:", "is no scenario here: troop-sent. Did you mean troops-sent?"),
        (driven("{scenario: a, hazard_ratio: 2}"), f"{A}:7: drivers.0.scenario:", "nothing drives itself"),
        (driven("{scenario: troops-sent}"), f"{A}:7: drivers.0:", "must give hazard_ratio or probability_if_occurs"),
        (driven("{scenario: troops-sent, hazard_ratio: 2, probability_if_occurs: 0.4}"), f"{A}:7: drivers.0:", "and not both"),
        (driven("{scenario: troops-sent, hazard_ratio: 2, interval: [3, 4]}"), f"{A}:7: drivers.0.interval:", "must contain the hazard_ratio"),
        (driven("{scenario: troops-sent, probability_if_occurs: 0.4, interval: [3, 4]}"), f"{A}:7: drivers.0.interval:", "Remove it"),
        (driven("{scenario: troops-sent, hazard_ratio: -2}"), f"{A}:7: drivers.0.hazard_ratio:", "greater than 0"),
        (driven("{scenario: troops-sent, hazard_ratio: 2}\n  - {scenario: troops-sent, hazard_ratio: 3}"), f"{A}:7: drivers:", "must name each driver once, got troops-sent 2 times"),
        # 0.3 / 0.5, and (0.8 - 0.5) / 0.5
        (driven("{scenario: troops-sent, probability_if_occurs: 0.7}", driver=0.5), f"{A}:7: drivers.0.probability_if_occurs:", "must be below 0.6, got 0.7"),
        (driven("{scenario: troops-sent, probability_if_occurs: 0.5}", 0.8, 0.5), f"{A}:7: drivers.0.probability_if_occurs:", "must be above 0.6, got 0.5"),
    ],
    ids=lambda value: None if isinstance(value, dict) or len(value) > 60 else value,
)  # fmt: skip
def test_faulty_drivers_are_told_with_their_line(texts, place, words):
    told(faults(texts), (place, words))


@pytest.mark.parametrize(("if_occurs", "marginal", "driver"), [(0.59, 0.3, 0.5), (0.61, 0.8, 0.5), (0.99, 0.1, 0.1)])
def test_a_driver_just_inside_its_bound_is_taken(if_occurs, marginal, driver):
    read(driven(f"{{scenario: troops-sent, probability_if_occurs: {if_occurs}}}", marginal, driver))


def test_a_cycle_of_drivers_is_named():
    texts = {
        one: SCENARIO + f"drivers: [{{scenario: {other}, hazard_ratio: 2}}]\n" for one, other in ("ab", "bc", "ca")
    }
    (fault,) = faults(texts)
    assert ":6: drivers: must form no cycle, got " in fault
    cycle = fault.partition("got ")[2].partition(". ")[0].split(" -> ")
    assert sorted(cycle[1:]) == ["a", "b", "c"]
    assert cycle[0] == cycle[-1]
    assert fault.startswith(f"scenarios/{cycle[0]}.yaml")


def chained(n, backwards=False):
    names = [f"s{number:04}" for number in range(n)]
    if backwards:
        names.reverse()
    return {
        name: SCENARIO + (f"drivers: [{{scenario: {names[number - 1]}, hazard_ratio: 2}}]\n" if number else "")
        for number, name in enumerate(names)
    }


def test_thirteen_joined_scenarios_are_refused():
    (fault,) = faults(chained(13))
    assert "must join at most 12 scenarios, got 13: s0000, s0001" in fault


@pytest.mark.parametrize("backwards", [False, True])
def test_a_very_long_chain_is_refused_and_not_a_crash(backwards):
    # the limit of a plain interpreter: other tests may have raised it
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    try:
        found = faults(chained(1200, backwards))
    finally:
        sys.setrecursionlimit(before)
    assert any("must join at most 12 scenarios, got 1200" in fault for fault in found)


# --- articles, sources, settings ---

X = "seeds/x.yaml"


def reported(line):
    return ARTICLE + f"reports:\n  - {{{line}}}\n"


@pytest.mark.parametrize(
    ("article", "place", "words"),
    [
        (reported("indicator: b/troops-seen, source: ann, stance: affirms"), f"{X}:6: reports.0.indicator:", "is no scenario here: b"),
        (reported("indicator: a/troop-seen, source: ann, stance: affirms"), f"{X}:6: reports.0.indicator:", "Did you mean troops-seen?"),
        (reported("indicator: troops-seen, source: ann, stance: affirms"), f"{X}:6: reports.0.indicator:", "must be scenario/indicator"),
        (reported("indicator: a/troops-seen, source: anne, stance: affirms"), f"{X}:6: reports.0.source:", "Did you mean ann?"),
        (ARTICLE + "reports:\n  - indicator: a/troops-seen\n    source: anne\n    stance: affirms\n", f"{X}:7: reports.0.source:", "anne"),
        (ARTICLE.replace("ann", "bobb"), f"{X}:2: publisher:", "Did you mean bob?"),
        (reported("indicator: a/troops-seen, source: ann, stance: confirms"), f"{X}:6: reports.0.stance:", "'affirms', 'denies', 'absent' or 'retracted', got 'confirms'"),
        (reported("indicator: a/troops-seen, source: ann, stance: affirms, credibility: 7"), f"{X}:6: reports.0.credibility:", "got 7"),
        (reported("indicator: a/troops-seen, source: ann, stance: affirms, credibility: B2"), f"{X}:6: reports.0.credibility:", "got 'B2'"),
        (reported("indicator: a/troops-seen, source: ann, stance: absent"), f"{X}:6: reports.0.detection:", "goes with stance absent"),
        (reported("indicator: a/troops-seen, source: ann, stance: denies, detection: 0.5"), f"{X}:6: reports.0.detection:", "goes with stance absent"),
        (reported("indicator: a/troops-seen, source: ann, stance: absent, detection: 0"), f"{X}:6: reports.0.detection:", "greater than 0"),
        (ARTICLE.replace("2024-02-01", "yesterday"), f"{X}:3: published:", "or unknown, got 'yesterday'"),
        (ARTICLE.replace("2024-02-01", "unknown"), f"{X}:", "add received"),
        (ARTICLE + "received: 2024-01-31\n", f"{X}:5: received:", "must not be before published (2024-02-01)"),
        (ARTICLE + "url: javascript:alert(1)\n", f"{X}:5: url:", "http or https"),
        (ARTICLE + "url: 'https://x.org/\"onload=1'\n", f"{X}:5: url:", "without spaces or quotes"),
        (ARTICLE + "measurements:\n  - {scenario: a, source: ann, kind: observed, value: 3}\n", f"{X}:6: measurements.0.scenario:", "must be a scenario about a quantity"),
        (ARTICLE + "measurements:\n  - {scenario: c, source: ann, kind: observed, value: 3}\n", f"{X}:6: measurements.0.scenario:", "is no scenario here"),
        (ARTICLE + "forecasts:\n  - {scenario: c, source: ann, kind: market, probability: 0.3}\n", f"{X}:6: forecasts.0.scenario:", "is no scenario here: c"),
        (ARTICLE + "forecasts:\n  - {scenario: a, source: ann, kind: oracle, probability: 0.3}\n", f"{X}:6: forecasts.0.kind:", "got 'oracle'"),
        (ARTICLE + "forecasts:\n  - {scenario: a, source: ann, kind: market, probability: 0.3, deadline: 2024-02-01}\n", f"{X}:6: forecasts.0.deadline:", "must be after the forecast itself"),
        (ARTICLE + "signals:\n  - {id: sig, name: N, relevancy: 0}\n", f"{X}:6: signals.0.relevancy:", "got 0"),
    ],
    ids=lambda value: None if len(value) > 60 else value,
)  # fmt: skip
def test_faulty_articles_are_told_with_their_line(article, place, words):
    told(faults(SCENARIO + INDICATOR, article), (place, words))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "must give one of value"),
        ("value: 3, at_least: 2", "must give one of value"),
        ("low: 3", "must give one of value"),
        ("low: 4, high: 3", "must be below high (3), got 4"),
        ("value: -3", "greater than 0"),
        ("value: 3, on: 2024-03-01", "nothing is observed ahead of time"),
    ],
)
def test_faulty_measurements_are_told_with_their_line(line, words):
    quantity = prior("{quantity: {unit: men, median: 4, interval: [1, 9], at_least: 5}}")
    article = (
        ARTICLE + f"measurements:\n  - {{scenario: a, source: ann, kind: observed{', ' + line if line else ''}}}\n"
    )
    told(faults(quantity, article), (f"{X}:6: measurements.0", words))


def test_an_unknown_signal_is_told_with_the_nearest():
    told(
        faults(SCENARIO + "signals: [arms-suply]\n", ARTICLE + "signals: [{id: arms-supply, name: N, relevancy: 3}]\n"),
        (f"{A}:6: signals.0:", "Did you mean arms-supply?"),
    )


def test_two_rows_of_horizon_scans_may_not_share_an_id():
    """Else one of them silently rates in the other's place."""
    row = "signals:\n  - {{id: arms-supply, name: {}, relevancy: {}}}\n"
    files = Files(
        scenarios={A: SCENARIO.encode()},
        articles={X: (ARTICLE + row.format("N", 1)).encode(), "seeds/y.yaml": (ARTICLE + row.format("M", 5)).encode()},
        sources={"seeds/sources.yaml": SOURCES.encode()},
    )
    with pytest.raises(FaultyFilesError, match="arms-supply"):
        assemble(files)


@pytest.mark.parametrize(
    ("sources", "line", "words"),
    [
        ("ann: {name: Ann, reliability: A}\nbob: {name: Bob, reliability: G}\n", "2: bob.reliability:", "got 'G'"),
        ("ann: {name: Ann, reliability: A}\nbob: 3\n", "2: bob:", "must be a mapping of fields, got 3"),
        ("ann: {name: Ann, reliability: A}\nBob: {name: Bob, reliability: B}\n", "2:", "lower-case words"),
        ("ann: {name: Ann}\n", "1: ann.reliability:", "is missing"),
        ("ann: {name: Ann, reliability: A}\nann: {name: Ann, reliability: B}\n", "2:", "duplicate"),
    ],
)
def test_faulty_sources_are_told_with_their_line(sources, line, words):
    told(faults(sources=sources), (f"seeds/sources.yaml:{line}", words))


def test_faulty_settings_are_told_with_their_line():
    told(faults(settings="titel: x\nas_of: today\n"), ("scenarios/forecast.yaml:1: titel:", "Did you mean title?"))
    told(faults(settings="title: x\nas_of: today\n"), ("scenarios/forecast.yaml:2: as_of:", "got 'today'"))


def patterned(pattern):
    """A scenario with a rule by this pattern; JSON is YAML."""
    return SCENARIO + (
        "indicators:\n  troops-seen:\n    statement: Troops are seen.\n    diagnosticity: moderate\n"
        f"    match: [{{pattern: {json.dumps(pattern)}}}]\n"
    )


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("a{1000000000}", "repeat nothing more than 10,000"),
        ("a{20000000}", "repeat nothing more than 10,000"),
        ("a{10001}", "repeat nothing more than 10,000"),
        ("a{,10001}", "repeat nothing more than 10,000"),
        ("a{10001,}", "repeat nothing more than 10,000"),
        ("(?:a{90}b{90}){90}", "written out"),
        (r"\\{10001}", "repeat nothing more than 10,000"),
        ("(?x)a{ 1 00 # a hundred}\n01 }", "repeat nothing more than 10,000"),
        ("a{2#}{10001}\n}", "repeat nothing more than 10,000"),
        ("(" * 34 + "a" + "{2})" * 34, "written out"),
        ("(?:" * 40 + "a" + ")+" * 40, "written out"),
        ("(?x)" + "(" * 40 + "a" + ") #\n+" * 40, "written out"),
        ("(?:" + "abc|" * 60 + "x){10000}", "written out"),
        ("a" * 1001, "at most 300 characters"),
    ],
)
def test_a_pattern_that_would_take_all_memory_is_refused_before_it_is_made_ready(pattern, words):
    told(faults(patterned(pattern)), ("scenarios/a.yaml:10: indicators.troops-seen.match.0.pattern:", words))


@pytest.mark.parametrize(
    "pattern",
    [
        "a{10000}",
        r"\d{1,3}(?:,\d{3}){0,4} (?:North )?Korean (?:\w+ ){0,3}soldiers",
        r"\{1000000\}",
        "(?:sent|sends)+ (?:troops)+",
        "a{0}",
        r"troops.{0,60}sent.{0,60}to.{0,60}Russia",
    ],
)
def test_a_pattern_with_a_few_repeats_is_read(pattern):
    (scenario,) = read(patterned(pattern)).project.scenarios.values()
    assert scenario.indicators["troops-seen"].match[0].pattern == pattern


def test_no_scenario_at_all_is_told():
    told(faults({}), ("", "There is no scenario file here"))


def test_all_faults_of_all_files_come_in_one_error():
    found = faults(
        {
            "a": prior("{probability: 3}") + "titel: x\n",
            "b": "opens: [\n",
            "c": SCENARIO.replace("2026", "2020"),
            "d": SCENARIO + "drivers: [{scenario: zz, hazard_ratio: 2}]\n",
        },
        reported("indicator: a/troops-seen, source: anne, stance: affirms"),
        sources="ann: {name: Ann, reliability: A}\nbob: {name: Bob, reliability: Z}\n",
        settings="as_of: today\n",
    )
    told(
        found,
        ("scenarios/a.yaml:5: prior.probability:", "less than 1"),
        ("scenarios/a.yaml:6: titel:", "Did you mean title?"),
        ("scenarios/b.yaml:", "is not readable YAML"),
        ("scenarios/c.yaml:4: deadline:", "must be after opens"),
        ("scenarios/d.yaml:6: drivers.0.scenario:", "zz"),
        ("seeds/x.yaml:6: reports.0.source:", "anne"),
        ("seeds/sources.yaml:2: bob.reliability:", "got 'Z'"),
        ("scenarios/forecast.yaml:1: as_of:", "got 'today'"),
    )
    assert len(found) == 8
    assert found == sorted(found)


def test_a_file_that_cannot_be_read_is_not_said_to_be_missing_elsewhere():
    """One fault, one line: what refers to it is not blamed."""
    texts = {"a": SCENARIO + "drivers: [{scenario: b, hazard_ratio: 2}]\n", "b": "opens: [\n"}
    (fault,) = faults(texts, reported("indicator: b/x, source: ann, stance: affirms"))
    assert fault.startswith("scenarios/b.yaml:")


def test_a_folder_of_articles_named_in_the_settings_must_be_there(tmp_path):
    """A slip in its name would otherwise drop every report without a word."""
    from engine.app.files import load

    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "a.yaml").write_text(SCENARIO)
    assert load(tmp_path / "scenarios").project.articles == {}
    (tmp_path / "scenarios" / "forecast.yaml").write_text("seeds: ../sedes\n")
    with pytest.raises(ForecastError, match="sedes"):
        load(tmp_path / "scenarios")
