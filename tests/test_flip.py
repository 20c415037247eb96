"""What would flip a belief: each change made to the files and run again leads where it was said to."""

import math
from datetime import date

import pytest
import test_attribution
import test_brute_force
import test_outlook
from builders import GRADES, article, indicator, project, report, scenario

from engine.analysis.flip import flip
from engine.analysis.flips.change import STEP_DB, WITHIN_REASON
from engine.analysis.forecast import forecast
from engine.analysis.words import band
from engine.errors import ForecastError

PUBLISHED_FIRST = "paper"


def echoed():
    """ann, read in two papers, and bob, who says what cat says; a drives b, about which dan speaks."""
    scenarios = {
        "a": scenario(0.3, indicators={"i": indicator(0.8, 0.2), "j": indicator(0.7, 0.3)}),
        "b": scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 3}], indicators={"k": indicator()}),
    }
    articles = [
        article(report("a/i", "eve", credibility=2), publisher=PUBLISHED_FIRST),
        article(report("a/i", "eve", credibility=2), publisher="tabloid"),
        article(report("a/j", "bob"), report("b/k", "dan"), publisher="bob"),
        article(report("a/j", "cat", credibility=3), publisher="cat"),
    ]
    return scenarios, articles, date(2024, 1, 1)


def foretold_after():
    """The echoed story, and a market and an expert who had read it: of what is said, and of what that drives."""
    scenarios, articles, as_of = echoed()
    told = {"kind": "market", "probability": 0.6}
    asked = article(
        publisher="eve",
        published="2024-02-01",
        forecasts=[{"scenario": "a", "source": "eve", **told}, {"scenario": "b", "source": "eve", **told}],
    )
    between = [one | {"published": "2024-03-01"} if one["publisher"] == "cat" else one for one in articles]
    return scenarios, [*between, asked], as_of.replace(month=4)


CASES = {
    "foretold after": foretold_after,
    "four voices": test_attribution.four_voices,
    "foretold": test_attribution.foretold,
    "counted": test_attribution.counted,
    "reached": test_attribution.reached,
    "echoed": echoed,
    **test_brute_force.NETWORKS,
}


def answer_of(case, draws=2000, grades=GRADES):
    scenarios, articles, as_of = case()
    return forecast(project(scenarios, articles, grades), as_of, "importance", draws)


def heard_otherwise(articles, change):
    """An echo dropped, or what other publishers than the first relay put into their own mouths."""
    path, source = change.what.split(", ")
    for one in articles:
        said = [record for record in one["reports"] if (record["indicator"], record["source"]) == (path, source)]
        if change.becomes.startswith("echo of"):
            one["reports"] = [record for record in one["reports"] if record not in said]
        elif one["publisher"] not in (source, PUBLISHED_FIRST):
            for record in said:
                record["source"] = one["publisher"]


def changed(case, change):
    """The files with one change made to them."""
    scenarios, articles, as_of = case()
    grades = dict(GRADES)
    if change.kind == "prior":
        prior = scenarios[change.what]["prior"]
        if "quantity" in prior:
            prior["quantity"]["median"] = float(change.becomes.removeprefix("median ").replace(",", ""))
        else:
            prior["probability"] = float(change.becomes)
    elif change.kind == "credibility":
        path, source = change.what.split(", ")
        for said in (said for one in articles for said in one["reports"]):
            if (said["indicator"], said["source"]) == (path, source):
                assert said["credibility"] == int(change.was)
                said["credibility"] = int(change.becomes)
    elif change.kind == "echo":
        heard_otherwise(articles, change)
    elif change.kind == "letter":
        assert grades[change.what] == change.was
        grades[change.what] = change.becomes
    else:
        name, _, key = change.what.partition("/")
        true, false = map(float, change.becomes.split(" / "))
        scenarios[name]["indicators"][key] = {"statement": "S.", "if_true": true, "if_false": false}
    return (lambda: (scenarios, articles, as_of)), grades


def plainly_stated(record):
    """A base rate states no probability to change; a driver stated as a probability would get another hazard ratio."""
    return not record.prior.base_rate and not any(driver.probability_if_occurs for driver in record.drivers)


@pytest.mark.parametrize(
    ("name", "about"),
    [
        ("four voices", "a"),
        ("collider", "c"),
        ("collider", "a"),
        ("chain", "b"),
        ("counted", "a"),
        ("reached", "a"),
        ("reached", "b"),
        ("apart", "a"),
        ("foretold", "b"),
    ],
)
def test_a_change_leads_where_running_again_with_it_leads(name, about):
    answer = answer_of(CASES[name], 10_000)
    found = flip(answer, about)
    assert found.found or name == "apart"
    for change in found.found:
        if change.kind == "prior" and not plainly_stated(answer.project.scenarios[change.what]):
            continue
        other, grades = changed(CASES[name], change)
        again = answer_of(other, 10_000, grades)
        p = float(again.posterior.probability[again.posterior.network.position(about)])
        # 1,000 of the draws, moved together: 0.005; two digits of a likelihood; what it drives keeps its baseline
        assert change.probability == pytest.approx(p, abs=0.015), change


@pytest.mark.parametrize("about", ["a", "b"])
def test_a_change_to_what_a_forecaster_had_read_leads_where_running_again_leads(about):
    answer = answer_of(foretold_after, 10_000)
    now = flip(answer, about).now
    found = [change for edge in (-0.008, 0.008) for change in flip(answer, about, now + edge).found]
    assert {change.kind for change in found} >= {"letter", "likelihood"}
    for change in found:
        other, grades = changed(foretold_after, change)
        again = answer_of(other, 10_000, grades)
        p = float(again.posterior.probability[again.posterior.network.position(about)])
        assert change.probability == pytest.approx(p, abs=0.01), change


def test_changes_that_the_draws_cannot_tell_of_are_counted_and_not_shown():
    """A market within 0.25 logits of what it read holds few draws once what it read is turned about."""
    answer = answer_of(foretold_after, 400)
    found = [flip(answer, "a", threshold) for threshold in (0.2, 0.8)]
    assert any(one.unweighed for one in found)
    assert not any(math.isnan(change.probability) for one in found for change in one.found)
    assert not any(math.isnan(edge) for one in found for edge in one.reach)


@pytest.mark.parametrize("name", CASES)
def test_what_is_found_crosses_and_the_smallest_comes_first(name):
    answer = answer_of(CASES[name], 800)
    for about in answer.posterior.network.ids:
        found = flip(answer, about)
        assert all(band(change.probability) != band(found.now) for change in found.found)
        sizes = [change.size for change in found.found]
        assert sizes == sorted(sizes)
        assert all(size <= WITHIN_REASON + 1e-9 for size in sizes)
        assert found.smallest is (found.found[0] if found.found else None)
        assert found.reach[0] <= found.now <= found.reach[1]
        inputs = [(change.kind, change.what) for change in found.found]
        assert len(inputs) == len(set(inputs))


@pytest.mark.parametrize("case", [echoed, foretold_after])
@pytest.mark.parametrize(
    ("what", "becomes"), [("a/i, eve", "2 voices"), ("a/j, cat", "echo of bob")], ids=["more voices", "fewer voices"]
)
def test_voices_made_echoes_and_echoes_made_voices_lead_where_running_again_leads(what, becomes, case):
    answer = answer_of(case, 10_000)
    now = flip(answer, "a").now
    found = [change for edge in (-1, 1) for change in flip(answer, "a", now + edge * 1e-6).found]
    (change,) = (change for change in found if (change.kind, change.what) == ("echo", what))
    assert (change.becomes, change.size) == (becomes, STEP_DB)
    other, grades = changed(case, change)
    again = answer_of(other, 10_000, grades)
    p = float(again.posterior.probability[again.posterior.network.position("a")])
    # 1,000 of the draws, and the tabloid's reliability drawn anew: 0.005
    assert change.probability == pytest.approx(p, abs=0.01)


def test_an_echo_of_a_louder_voice_weighs_less_than_the_louder_voice():
    """ann is taken for bob's echo, not bob for hers: what is believed most stays."""
    case = {"a": scenario(0.3, indicators={"i": indicator()})}
    answer = answer_of(lambda: (case, [article(report("a/i", "ann")), article(report("a/i", "dan"))], date(2024, 1, 1)))
    now = flip(answer, "a").now
    echo = [change for change in flip(answer, "a", now - 1e-6).found if change.kind == "echo"]
    assert [(change.what, change.becomes) for change in echo] == [("a/i, dan", "echo of ann")]


def test_one_step_is_counted_for_a_voice_and_for_each_doubling_of_voices():
    case = {"a": scenario(0.3, indicators={"i": indicator()})}
    said = [article(report("a/i", source)) for source in ("ann", "bob", "cat")]
    answer = answer_of(lambda: (case, said, date(2024, 1, 1)))
    found = flip(answer, "a", flip(answer, "a").now - 1e-6).found
    sizes = {change.what: change.size for change in found if change.kind == "echo"}
    assert sizes == {"a/i, bob": 3.0, "a/i, cat": 3.0, "a/i, all that affirm": pytest.approx(3 * math.log2(3))}


def test_a_prior_flips_where_its_decibans_say():
    """Nothing reported, 0.3: 21-45 % ends at 0.205 and 0.455, so the nearer edge is 0.205, 2.21 dB down."""
    answer = answer_of(lambda: ({"a": scenario(0.3)}, [], date(2024, 1, 1)), 4000)
    (change,) = flip(answer, "a").found
    assert (change.kind, change.what, change.was) == ("prior", "a", "0.3")
    # 10 log10 of (0.3 / 0.7) / (0.205 / 0.795); 1,000 prior draws that vary by 0.15 move together
    assert change.size == pytest.approx(2.206, abs=0.1)
    assert float(change.becomes) == pytest.approx(0.205, abs=0.005)


def test_a_threshold_is_crossed_instead_of_a_band():
    answer = answer_of(CASES["four voices"])
    now = flip(answer, "a").now
    for threshold in (now - 0.05, now + 0.05):
        found = flip(answer, "a", threshold)
        assert found.found
        assert all((change.probability >= threshold) != (now >= threshold) for change in found.found)


def test_none_within_reason_is_an_answer():
    found = flip(answer_of(CASES["four voices"]), "a", 0.97)
    assert found.found == ()
    assert found.smallest is None
    low, high = found.reach
    assert 0 < low < found.now < high < 0.97


def test_a_step_of_a_letter_or_digit_counts_three_decibans():
    """ann (A) relays nothing; her lone word at digit 1 carries the belief over 0.5."""
    case = {"a": scenario(0.3, indicators={"i": indicator(0.8, 0.2)})}
    answer = answer_of(lambda: (case, [article(report("a/i", "ann"))], date(2024, 1, 1)), 4000)
    found = {change.kind: change for change in flip(answer, "a", 0.5).found}
    assert (found["credibility"].was, found["letter"].was) == ("1", "A")
    for kind, steps in (("credibility", "12345"), ("letter", "ABCDE")):
        change = found[kind]
        away = abs(steps.index(change.becomes) - steps.index(change.was))
        assert change.size == pytest.approx(STEP_DB * away)


@pytest.mark.parametrize("happened", [True, False])
def test_nothing_flips_what_is_resolved(happened):
    found = flip(answer_of(lambda: test_outlook.resolved_driver(happened), 500), "a")
    assert found.found == ()
    assert found.now == happened


@pytest.mark.parametrize("threshold", [0, 1, 1.5, -0.1, float("nan")])
def test_a_threshold_that_is_no_probability_is_refused(threshold):
    with pytest.raises(ForecastError, match="--threshold: must be a probability between 0 and 1"):
        flip(answer_of(CASES["four voices"], 500), "a", threshold)


def test_an_unknown_scenario_is_refused():
    with pytest.raises(ForecastError, match="is no scenario of this run"):
        flip(answer_of(CASES["four voices"], 500), "aa")
