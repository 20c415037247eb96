"""From the ledger to a score: which rows count, and what is told of those that do not."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest
from builders import project, scenario
from click.testing import CliRunner
from test_ledger import NOON, row

from engine.app.cli import main
from engine.app.ledger import Curve, Estimated, Ledger, Opinion, QuantityBelief
from engine.app.score_report import score_report
from engine.app.scoring import score

TODAY = date(2027, 1, 1)
FIRST, SECOND = date(2024, 6, 1), date(2024, 7, 1)
SETTLED = {"resolution": {"happened": True, "on": "2024-08-01"}}
QUANTITY = {"quantity": {"unit": "soldiers", "median": 4000, "interval": [500, 20_000], "at_least": 10_000}}


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "runs" / "ledger.sqlite")


def test_of_several_beliefs_about_one_day_the_last_recorded_counts(ledger):
    ledger.path.parent.mkdir()
    ledger.append([row("late", as_of=FIRST, posterior=0.9, recorded_at=NOON + timedelta(hours=1))])
    ledger.append([row("soon", as_of=FIRST, posterior=0.1), row("soon", as_of=SECOND, posterior=0.6)])
    ledger.append([row("past", as_of=FIRST, posterior=0.5, kind="replay")])
    (one,) = score(project({"alpha": scenario(**SETTLED)}), ledger, "run", TODAY).scorecard.scenarios
    assert (one.n_beliefs, one.first, one.last) == (2, 0.9, 0.6)
    assert one.brier == pytest.approx((30 * 0.01 + 31 * 0.16) / 61)


def test_of_several_replays_the_newest_is_scored(ledger):
    ledger.path.parent.mkdir()
    for hours, name in enumerate(("old", "new")):
        days = (FIRST, SECOND)[: 2 - hours]
        ledger.append([row(name, as_of=day, kind="replay", recorded_at=NOON + timedelta(hours=hours)) for day in days])
    settled = project({"alpha": scenario(**SETTLED)})
    assert score(settled, ledger, "replay", TODAY).scorecard.n_beliefs == 1
    assert score(settled, ledger, "replay", TODAY, "old").scorecard.n_beliefs == 2
    assert score(settled, ledger, "replay", TODAY, "old", [SECOND]).scorecard.n_beliefs == 1


def test_others_outlooks_and_quantities_come_from_the_row(ledger):
    ledger.path.parent.mkdir()
    by = (date(2025, 6, 1), date(2026, 6, 1))
    said = [
        Opinion(source=name, kind="crowd", probability=p, on=FIRST, articles=("a",))
        for name, p in (("ann", 0.2), ("bob", 0.8))
    ]
    peak = Estimated(median=9e3, low=4e3, high=2e4)
    ledger.append(
        [
            row(
                as_of=FIRST,
                posterior=0.7,
                forecasts=tuple(said),
                quantity=QuantityBelief(unit="soldiers", at_least=1e4, level=None, peak=peak),
                outlook=Curve(by=by, probability=(0.5, 0.6), low=(0.4, 0.5), high=(0.6, 0.7)),
            )
        ]
    )
    resolved = scenario(prior=QUANTITY, resolution={"happened": True, "on": "2025-08-01", "value": 12_000})
    found = score(project({"alpha": resolved}), ledger, "run", date(2026, 1, 2))
    # odds of 1/4 and 4: their geometric mean is 1
    assert found.scorecard.scores[0].against["others"].skill.value == pytest.approx(1 - 0.09 / 0.25)
    assert (found.outlooks.n_points, found.outlooks.observed.value) == (1, 0.0)  # the second day is after the deadline
    assert (found.quantities.n_beliefs, found.quantities.covered.value) == (1, 1.0)


def test_a_scenario_that_left_the_folder_and_a_day_without_trust_are_told(ledger):
    ledger.path.parent.mkdir()
    ledger.append([row(as_of=FIRST, sound=False), row(as_of=FIRST, scenario="gone")])
    found = score_report(score(project({"alpha": scenario()}), ledger, "run", TODAY), TODAY)
    assert (found.unknown, found.n_unsound_days, found.unresolved) == (("gone",), 1, ("alpha",))


@pytest.fixture
def folder(tmp_path, ledger):
    ledger.path.parent.mkdir()
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "scenarios" / "alpha.yaml").write_text(json.dumps(scenario(title="[bold]A[/bold]", **SETTLED)))
    return tmp_path


def run_score(folder, *options):
    told = CliRunner().invoke(main, ["score", str(folder / "scenarios"), "--output", str(folder / "runs"), *options])
    assert told.exception is None or isinstance(told.exception, SystemExit)
    return told


def test_the_command_tells_people_and_programs(folder, ledger):
    ledger.append([row(as_of=FIRST), row(as_of=SECOND)])
    told = run_score(folder)
    assert told.exit_code == 0
    assert "[bold]A[/bold]" in told.output
    assert "too few" in told.output
    answer = json.loads(run_score(folder, "--json", "-").stdout)
    assert answer["scenarios"][0]["n_beliefs"] == 2
    assert answer["movement"]["verdict"] == "too few to say"
    assert "too few: too few" not in told.output


def test_what_was_known_before_any_belief_is_not_scored_and_told_so(folder, ledger):
    ledger.append([row(as_of=date(2024, 8, 1))])
    told = " ".join(run_score(folder).output.split())
    assert "no belief is about an earlier day, so not scored: alpha" in told
    assert "None of the" not in told


def test_where_there_is_nothing_to_score_it_says_what_there_is(folder, ledger):
    missing = run_score(folder)
    assert (missing.exit_code, "there is no ledger here yet" in missing.output) == (1, True)
    ledger.append([row(as_of=FIRST, kind="replay")])
    other = run_score(folder)
    assert other.exit_code == 1
    assert (
        "holds no beliefs of kind run about these scenarios. It holds 1 of kind replay: --kind replay." in other.output
    )
    assert "under the name nobody" in run_score(folder, "--run", "nobody").output


def test_a_ledger_without_resolutions_says_how_to_resolve(folder, ledger):
    (folder / "scenarios" / "alpha.yaml").write_text(json.dumps(scenario()))
    ledger.append([row(as_of=FIRST), row(as_of=SECOND)])
    told = run_score(folder)
    assert told.exit_code == 0
    assert "forecast resolve ID --happened --on DATE" in " ".join(told.output.split())


def test_the_diagram_is_drawn_once_a_deadline_has_passed(folder, ledger):
    pytest.importorskip("matplotlib")
    ledger.append([row(as_of=FIRST), row(as_of=SECOND)])
    picture = folder / "diagram.svg"
    assert run_score(folder, "--picture", str(picture)).exit_code == 0
    assert "1 scenario: too few to say" in picture.read_text()
    (folder / "scenarios" / "alpha.yaml").write_text(json.dumps(scenario(deadline="2090-01-01", **SETTLED)))
    told = run_score(folder, "--picture", str(picture))
    assert (told.exit_code, "no resolved scenario is past its deadline yet" in told.output) == (1, True)
