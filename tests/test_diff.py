"""Two runs compared: what each change is said to have moved is what running with it alone moves."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
import test_saved
from builders import DAY, GRADES, article, indicator, project, report, scenario

from engine.analysis.diff import diff
from engine.analysis.forecast import forecast
from engine.probability import decibans, odds

LATER = date(2024, 12, 31)


def story():
    """A driver with two witnesses, what it drives with one, a quantity beside them that drives too."""
    quantity = {"quantity": {"unit": "troops", "median": 4000, "interval": [500, 20000], "at_least": 10000}}
    scenarios = {
        "a": scenario(0.3, indicators={"i": indicator(), "j": indicator(0.7, 0.4)}),
        "b": scenario(
            0.2,
            indicators={"k": indicator()},
            drivers=[{"scenario": "a", "hazard_ratio": 3}, {"scenario": "q", "hazard_ratio": 2}],
        ),
        "q": scenario(prior=quantity),
        "z": scenario(0.4, indicators={"i": indicator()}),
    }
    number = {"scenario": "q", "source": "bob", "kind": "observed", "value": 3000, "credibility": 2}
    market = {"scenario": "b", "source": "cat", "kind": "market", "probability": 0.3}
    articles = [
        article(report("a/i", "bob", credibility=2)),
        article(report("a/j", "cat", "denies")),
        article(report("b/k", "bob")),
        article(report("z/i", "dan")),
        article(publisher="bob", measurements=[number]),
        article(publisher="cat", forecasts=[market]),
    ]
    return {"scenarios": scenarios, "articles": articles, "grades": dict(GRADES), "as_of": LATER}


def run(files, draws=4000, seed=1):
    records = project(files["scenarios"], files["articles"], files["grades"])
    return forecast(records, files["as_of"], "importance", draws, seed)


def prior(files):
    files["scenarios"]["a"]["prior"] = {"probability": 0.4}


def rate(files):
    files["scenarios"]["a"]["prior"] = {"base_rate": {"events": 8, "years": 26}}


def peak(files):
    files["scenarios"]["q"]["prior"]["quantity"]["median"] = 9000


def driver(files):
    files["scenarios"]["b"]["drivers"][0]["hazard_ratio"] = 5


def likelihood(files):
    files["scenarios"]["b"]["indicators"]["k"] = indicator(0.9, 0.1)


def telling(files):
    files["scenarios"]["a"]["indicators"]["i"] = indicator(0.95, 0.05)


def letter(files):
    files["grades"]["bob"] = "D"


def witness(files):
    files["articles"].append(article(report("b/k", "ann"), published="2024-12-01"))


def stance(files):
    files["articles"].append(article(report("a/i", "bob", "denies"), published="2024-12-01"))


def number(files):
    more = {"scenario": "q", "source": "bob", "kind": "observed", "value": 9000, "credibility": 2}
    files["articles"].append(article(publisher="bob", measurements=[more], published="2024-12-01"))


def opinion(files):
    more = {"scenario": "b", "source": "fay", "kind": "market", "probability": 0.6}
    files["articles"].append(article(publisher="fay", forecasts=[more], published="2024-12-01"))


def opinion_of_quantity(files):
    more = {"scenario": "q", "source": "fay", "kind": "market", "probability": 0.6}
    files["articles"].append(article(publisher="fay", forecasts=[more], published="2024-12-01"))


def outcome(files):
    files["scenarios"]["a"]["resolution"] = {"happened": True, "on": "2024-12-30"}


def time(files):
    files["as_of"] = date(2025, 6, 30)


def deadline(files):
    files["scenarios"]["b"]["deadline"] = "2027-01-01"


def asked(files):
    files["scenarios"]["c"] = scenario(0.4)
    files["scenarios"]["b"]["drivers"].append({"scenario": "c", "hazard_ratio": 4})


ALONE = {
    "prior": (prior, "a"), "prior, now a rate": (rate, "a"), "prior of a quantity": (peak, "q"),
    "driver": (driver, "b"), "indicator": (telling, "a"), "letter": (letter, "a"),
    "report": (witness, "b"), "report changed": (stance, "a"), "number": (number, "q"), "forecast": (opinion, "b"),
    "forecast of a quantity": (opinion_of_quantity, "q"),
    "outcome": (outcome, "b"), "time": (time, "a"), "dates": (deadline, "b"),
}  # fmt: skip


def after(*changes):
    files = story()
    for change in changes:
        change(files)
    return files


@pytest.fixture(scope="module")
def before():
    return run(story())


@pytest.mark.parametrize("kind", ALONE)
def test_one_change_is_named_and_is_given_the_whole_shift(before, kind):
    change, about = ALONE[kind]
    found = diff(before, run(after(change)))
    (only,) = found.changes
    assert only.kind == kind.partition(" ")[0].rstrip(",")
    moved = next(one for one in found.moved if one.scenario == about)
    (cause,) = moved.causes
    assert moved.trusted
    assert abs(moved.shift) > 0.3
    assert cause.decibans + moved.sampling == pytest.approx(moved.shift, abs=1e-9)
    # two runs of 4,000 draws: 0.005 in probability each, at 0.3 that is 0.1 dB each, and as much for the mixture
    assert cause.decibans == pytest.approx(moved.shift, abs=0.4)


@pytest.mark.parametrize(
    ("changes", "about"),
    [((prior, witness), "b"), ((letter, stance), "a"), ((time, witness, driver), "b"), ((outcome, likelihood), "b")],
)
def test_several_changes_are_given_their_shapley_values(before, changes, about):
    """Against running again with every set of them, each run with draws of its own."""

    def value(some):
        posterior = run(after(*some), 20_000).posterior
        return float(decibans(1.0, odds(posterior.probability[posterior.network.position(about)])))

    values = {}
    for order in permutations(changes):
        for made in range(len(changes) + 1):
            some = frozenset(order[:made])
            if some not in values:
                values[some] = value([change for change in changes if change in some])
    orders = list(permutations(changes))
    expected = {
        change: sum(
            values[frozenset(order[: order.index(change) + 1])] - values[frozenset(order[: order.index(change)])]
            for order in orders
        )
        / len(orders)
        for change in changes
    }
    found = diff(before, run(after(*changes)))
    moved = next(one for one in found.moved if one.scenario == about)
    kinds = {prior: "prior", witness: "report", letter: "letter", stance: "report", time: "time", driver: "driver",
             outcome: "outcome", likelihood: "indicator"}  # fmt: skip
    parts = {cause.changes[0].kind: cause.decibans for cause in moved.causes}
    for change in changes:
        assert parts[kinds[change]] == pytest.approx(expected[change], abs=0.35), change


def test_many_changes_add_up_to_the_shift(before):
    found = diff(before, run(after(prior, driver, likelihood, letter, witness, stance, number, time)))
    assert len(found.changes) == 8
    for moved in found.moved:
        assert len(moved.causes) == 8
        assert sum(cause.decibans for cause in moved.causes) + moved.sampling == pytest.approx(moved.shift, abs=1e-9)
        assert abs(moved.sampling) < 0.6


def test_what_a_change_cannot_reach_it_does_not_move(before):
    found = diff(before, run(after(likelihood)))
    (cause,) = next(one for one in found.moved if one.scenario == "z").causes
    assert cause.decibans == 0


def test_the_same_inputs_differ_by_sampling_alone(before):
    found = diff(before, run(story(), seed=2))
    assert found.changes == ()
    assert [engine.partition("seed ")[2] for engine in found.engines] == ["1", "2"]
    for moved in found.moved:
        assert moved.causes == ()
        assert moved.sampling == moved.shift


def test_a_run_does_not_differ_from_itself(before):
    assert all(moved.shift == 0 for moved in diff(before, before).moved)


def test_the_order_of_files_is_irrelevant(before):
    files = after(prior, letter, witness, stance, number, time)
    other = files | {"scenarios": dict(reversed(files["scenarios"].items()))}
    one, two = diff(before, run(files)), diff(before, run(other))
    assert one.changes == two.changes
    assert [moved.causes for moved in one.moved] == [moved.causes for moved in two.moved]


def test_backwards_every_part_changes_its_sign(before):
    later = run(after(prior, witness))
    there, back = diff(before, later), diff(later, before)
    for moved in there.moved:
        other = next(one for one in back.moved if one.scenario == moved.scenario)
        assert {(c.changes[0].key, round(-c.decibans, 1)) for c in other.causes} == {
            (c.changes[0].key, round(c.decibans, 1)) for c in moved.causes
        }


def test_scenarios_of_one_run_only_are_listed_and_what_they_drive_is_explained(before):
    found = diff(before, run(after(asked)))
    assert (found.only_before, found.only_after) == ((), ("c",))
    assert {change.kind for change in found.changes} == {"scenario", "driver"}
    assert {moved.scenario for moved in found.moved} == {"a", "b", "q", "z"}
    back = diff(run(after(asked)), before)
    assert back.only_before == ("c",)


def test_runs_with_no_scenario_in_common_are_listed_and_nothing_else():
    runs = (forecast(project({name: scenario()}), DAY, "importance", 500) for name in "ab")
    found = diff(*runs)
    assert (found.moved, found.only_before, found.only_after) == ((), ("a",), ("b",))


def test_a_scenario_that_opens_in_between_comes_with_its_drivers():
    later = scenario(0.4, opens="2024-06-01", drivers=[{"scenario": "a", "hazard_ratio": 2}])
    records = project({"a": scenario(0.3), "b": later})
    there, back = (
        diff(*(forecast(records, day, "importance", 2000) for day in days))
        for days in ((DAY, date(2024, 9, 1)), (date(2024, 9, 1), DAY))
    )
    assert (there.only_after, back.only_before) == (("b",), ("b",))
    for found in (there, back):
        (moved,) = found.moved
        time = next(one for one in moved.causes if one.changes[0].kind == "time")
        assert time.decibans == pytest.approx(moved.shift, abs=0.2)


def test_what_is_settled_has_no_decibans_but_says_what_moved_the_others(before):
    found = diff(before, run(after(outcome)))
    a = next(one for one in found.moved if one.scenario == "a")
    assert (a.after, a.shift, a.causes) == (1.0, None, ())


def test_a_relay_weighs_less_by_the_letter_of_its_publisher_and_not_by_itself():
    case = {"a": scenario(0.3, indicators={"i": indicator()})}
    said = [article(report("a/i", "ann"), publisher="tabloid")]
    records = (project(case, said, GRADES | {"tabloid": letter}) for letter in "DA")
    found = diff(*(forecast(one, DAY, "importance", 4000) for one in records))
    assert [change.key for change in found.changes] == [("letter", "tabloid")]
    (moved,) = found.moved
    assert moved.causes[0].decibans == pytest.approx(moved.shift, abs=0.2)
    assert moved.shift > 1


def test_another_paper_that_prints_the_same_is_a_change_where_a_letter_makes_it_count():
    """At D the tabloid adds nothing to the paper's relay; at A it is the better one, and the way there has two steps."""
    case = {"a": scenario(0.3, indicators={"i": indicator()})}
    paper, tabloid = (article(report("a/i", "ann"), publisher=one) for one in ("paper", "tabloid"))
    before = forecast(project(case, [paper]), DAY, "importance", 4000)
    after = forecast(project(case, [paper, tabloid], GRADES | {"tabloid": "A"}), DAY, "importance", 4000)
    found = diff(before, after)
    assert [change.key for change in found.changes] == [("letter", "tabloid"), ("report", "a/i", "ann")]
    (moved,) = found.moved
    assert abs(moved.sampling) < 0.2


def test_drivers_turned_round_are_changed_together():
    """a drives b, then b drives a: with both they would drive each other."""
    one = {"a": scenario(0.3), "b": scenario(0.2, drivers=[{"scenario": "a", "hazard_ratio": 4}])}
    other = {"a": scenario(0.3, drivers=[{"scenario": "b", "hazard_ratio": 4}]), "b": scenario(0.2)}
    said = [article(report("a/i", "ann"))]
    for scenarios in (one, other):
        scenarios["a"]["indicators"] = {"i": indicator()}
    found = diff(*(forecast(project(s, said), DAY, "importance", 2000) for s in (one, other)))
    b = next(moved for moved in found.moved if moved.scenario == "b")
    (cause,) = b.causes
    assert len(cause.changes) == 2
    assert cause.decibans == pytest.approx(b.shift, abs=0.3)


def test_changes_too_large_for_the_draws_are_told_without_numbers():
    """Eight sources count 200, then eight others 60,000: draws of neither run say what all sixteen would lead to."""
    scenarios = {
        "q": scenario(prior={"quantity": {"unit": "t", "median": 4000, "interval": [100, 200000], "at_least": 10000}})
    }

    def counted(value, voices):
        record = {"scenario": "q", "kind": "observed", "value": value, "credibility": 1}
        return [article(publisher=one, measurements=[record | {"source": one}]) for one in voices]

    grades = {f"s{number}": "A" for number in range(16)} | GRADES
    names = [f"s{number}" for number in range(16)]
    runs = [
        forecast(project(scenarios, counted(*told), grades), DAY, "importance", 2000)
        for told in ((200, names[:8]), (60_000, names[8:]))
    ]
    (moved,) = diff(*runs).moved
    assert not moved.trusted
    assert moved.causes == ()


def test_many_changes_of_a_kind_are_made_together():
    scenarios = {"a": scenario(0.3, indicators={"i": indicator()}), "b": scenario(0.3, indicators={"i": indicator()})}
    names = [f"s{number}" for number in range(45)]
    said = [article(report(f"{'ab'[number % 2]}/i", name, "affirms", 5)) for number, name in enumerate(names)]
    grades = dict.fromkeys(names, "E") | GRADES
    found = diff(*(forecast(project(scenarios, some, grades), DAY, "importance", 1000) for some in ([said[0]], said)))
    a = next(moved for moved in found.moved if moved.scenario == "a")
    assert len(found.changes) == 44
    assert sorted(len(cause.changes) for cause in a.causes) == [22, 22]


def test_runs_read_back_are_compared_as_the_runs_were(tmp_path):
    one, folder = test_saved.saved(tmp_path)
    from engine.app.saved import open_run

    scenarios, articles, _ = test_saved.troops()
    scenarios["b"]["prior"]["probability"] = 0.3
    other = forecast(project(scenarios, articles), test_saved.DAY, "importance", 800)
    fresh, read_back = diff(one, other), diff(open_run(folder), other)
    for mine, theirs in zip(fresh.moved, read_back.moved, strict=True):
        assert [c.decibans for c in theirs.causes] == pytest.approx([c.decibans for c in mine.causes], abs=1e-6)
