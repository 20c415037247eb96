"""The path of a belief: its entries in order, and the reasons that moved it."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, timedelta

import pytest
from click.testing import CliRunner
from test_cli import QUICK, small, written
from test_ledger import FULL, NOON, row

from engine.app.cli import main
from engine.app.history import WORTH_TELLING, history, reasons
from engine.app.ledger import Ledger, Number, Opinion, Witness
from engine.app.runs import made_at, new_run_id
from engine.errors import ForecastError

JUNE = [date(2024, 6, day) for day in (1, 8, 15)]


@pytest.fixture
def ledger(tmp_path):
    return Ledger(tmp_path / "ledger.sqlite")


def says(source, stance, decibans, indicator="seen"):
    return Witness(indicator=indicator, source=source, stance=stance, articles=("a",), decibans=decibans)


def keep(ledger, *steps):
    """One run a week, each as the fields say."""
    for number, (day, fields) in enumerate(zip(JUNE, steps, strict=False)):
        ledger.append(
            [row(f"r{number}", as_of=day, recorded_at=NOON + timedelta(days=number), inputs=str(number), **fields)]
        )


def test_the_first_entry_moves_from_the_prior_and_the_next_from_the_one_before(ledger):
    keep(ledger, {"prior": 0.5, "posterior": 10 / 11}, {"posterior": 100 / 101})
    first, second = history(ledger, "alpha").steps
    assert first.moved == pytest.approx(10)
    assert second.moved == pytest.approx(10)


def test_reasons_that_came_went_and_changed_their_weight_are_told_and_sum_with_the_rest_to_the_move(ledger):
    keep(
        ledger,
        {"posterior": 0.3, "witnesses": (says("bob", "affirms", 3.0), says("cat", "denies", -2.0), says("dan", "affirms", 1.0))},
        {"posterior": 0.5, "witnesses": (says("bob", "affirms", 1.5), says("dan", "affirms", 1.1), says("eve", "affirms", 4.0))},
    )  # fmt: skip
    first, second = history(ledger, "alpha").steps
    assert {(one.what, one.before, one.after) for one in first.changes} == {
        ("bob affirms seen", None, 3.0), ("cat denies seen", None, -2.0), ("dan affirms seen", None, 1.0),
    }  # fmt: skip
    assert [(one.what, one.before, one.after) for one in second.changes] == [
        ("eve affirms seen", None, 4.0),
        ("cat denies seen", -2.0, None),
        ("bob affirms seen", 3.0, 1.5),
    ]
    assert second.moved == pytest.approx(sum(one.size for one in second.changes) + second.rest)
    assert second.rest == pytest.approx(second.moved - 4.0 - 2.0 + 1.5)


def test_a_voice_that_says_something_else_is_told_however_little_it_moves(ledger):
    keep(ledger, {"witnesses": (says("bob", "denies", -0.1),)}, {"witnesses": (says("bob", "affirms", 0.1),)})
    (change,) = history(ledger, "alpha").steps[1].changes
    assert change.what == "bob affirms seen (before: denies)"
    assert abs(change.size) < WORTH_TELLING


def test_a_number_and_other_peoples_forecasts_are_reasons_too():
    found = reasons(FULL)
    assert found["number", "bob", "observed"].decibans == -1.5
    assert str(found["number", "bob", "observed"]) == "bob observed at least 3,000"
    pull = found["forecasts",].decibans  # from 1:3 to 3:7
    assert pull == pytest.approx(10 * 0.10914447)


def test_what_is_certain_has_no_move_and_no_reasons(ledger):
    keep(ledger, {"posterior": 0.5}, {"posterior": 1.0, "low": 1.0, "high": 1.0, "status": "happened", "witnesses": ()})
    _, known = history(ledger, "alpha").steps
    assert (known.moved, known.rest, known.changes) == (None, None, ())


def test_runs_of_the_same_files_for_the_same_day_are_one_entry_and_the_last_stands(ledger):
    for number in range(3):
        ledger.append([row(f"r{number}", posterior=0.3 + number / 100, recorded_at=NOON + timedelta(hours=number))])
    ledger.append([row("r3", inputs="other", recorded_at=NOON + timedelta(hours=3))])
    found = history(ledger, "alpha")
    assert [(one.row.run_id, one.times) for one in found.steps] == [("r2", 3), ("r3", 1)]
    assert found.path == (0.32, 0.3)
    assert found.n_rows == 4


def test_the_last_entries_are_told_as_they_are_in_the_whole_path(ledger):
    keep(ledger, {"posterior": 0.3}, {"posterior": 0.4}, {"posterior": 0.5})
    whole, end = history(ledger, "alpha"), history(ledger, "alpha", last=1)
    assert end.steps == whole.steps[-1:]
    assert end.path == whole.path == (0.3, 0.4, 0.5)


def test_what_was_believed_by_then_leaves_out_what_was_recorded_later(ledger):
    keep(ledger, {}, {}, {})
    by = history(ledger, "alpha", recorded_by=NOON + timedelta(days=1))
    assert [one.row.as_of for one in by.steps] == JUNE[:2]
    about = history(ledger, "alpha", since=JUNE[1], until=JUNE[1])
    assert [one.row.as_of for one in about.steps] == JUNE[1:2]


def test_of_several_replays_the_newest_is_shown_and_no_run_beside_it(ledger):
    for number, name in enumerate(("old", "new")):
        moment = NOON + timedelta(days=number)
        ledger.append([row(name, as_of=day, kind="replay", recorded_at=moment, inputs=str(day)) for day in JUNE])
    ledger.append([row("run")])
    assert {one.row.run_id for one in history(ledger, "alpha", "replay").steps} == {"new"}
    assert {one.row.run_id for one in history(ledger, "alpha", "replay", run_id="old").steps} == {"old"}
    assert {one.row.run_id for one in history(ledger, "alpha").steps} == {"run"}


def test_what_is_not_there_is_told_with_what_is(ledger):
    ledger.append([row(), row("replayed", kind="replay", scenario="beta")])
    with pytest.raises(ForecastError, match=r"alhpa: is no scenario .* Did you mean alpha"):
        history(ledger, "alhpa")
    with pytest.raises(ForecastError, match=r"beta: .* has no run of it\. .* there are 1: --kind replay"):
        history(ledger, "beta")
    with pytest.raises(ForecastError, match="no run of it within these bounds"):
        history(ledger, "alpha", since=date(2030, 1, 1))


# --- the commands ---


def ask(*words):
    done = CliRunner().invoke(main, [str(word) for word in words], env={"COLUMNS": "80"})
    assert done.exception is None or isinstance(done.exception, SystemExit), repr(done.exception)
    return done


def test_a_run_is_entered_with_what_its_report_says_and_history_tells_it(tmp_path):
    folder, output = written(tmp_path, *small()), tmp_path / "runs"
    for day in ("2024-02-15", "2024-06-01"):
        assert ask("run", folder, *QUICK, "--as-of", day, "--output", output).exit_code == 0
    reports = {path.parent.name: json.loads(path.read_text()) for path in output.glob("*/report.json")}
    rows = Ledger(output / "ledger.sqlite").rows()
    told = {
        (name, one["id"], one["posterior"]["probability"])
        for name, report in reports.items()
        for one in report["scenarios"]
    }
    assert {(one.run_id, one.scenario, one.posterior) for one in rows} == told
    assert {one.kind for one in rows} == {"run"}
    done = ask("history", "alpha", "--output", output)
    assert done.exit_code == 0, done.output
    assert re.search(r"2024-02-15 .* \+\d\.\d", done.stdout)
    assert re.search(r"new +bob affirms seen", done.stdout)
    assert re.search(r"new +cat denies seen +-\d\.\d dB", done.stdout)
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_run_that_cannot_be_entered_is_whole_all_the_same_and_the_next_enters_both(tmp_path):
    folder, output = written(tmp_path, *small()), tmp_path / "runs"
    output.mkdir()
    (output / "ledger.sqlite").write_text("no ledger at all\n" * 100)
    done = ask("run", folder, *QUICK, "--output", output)
    assert done.exit_code == 1
    assert "is damaged" in done.stderr
    assert "The run itself is whole, in " in done.stderr
    (run,) = output.glob("*/")
    assert {path.name for path in run.iterdir()} == {"report.json", "inputs.json", "posterior.nc"}
    (output / "ledger.sqlite").unlink()
    again = ask("run", folder, *QUICK, "--output", output)
    assert again.exit_code == 0
    assert "took in 1 other run too" in again.stderr
    entered = Ledger(output / "ledger.sqlite").rows(scenario="alpha")
    assert [one.run_id for one in entered] == sorted(path.name for path in output.glob("*/"))


def test_a_run_whose_folder_was_renamed_is_not_entered_again(tmp_path):
    folder, output = written(tmp_path, *small()), tmp_path / "runs"
    assert ask("run", folder, *QUICK, "--output", output).exit_code == 0
    (run,) = output.glob("*/")
    run.rename(output / "before-the-summit")
    again = ask("run", folder, *QUICK, "--output", output)
    assert (again.exit_code, again.stderr) == (0, "")
    assert len(Ledger(output / "ledger.sqlite").rows(scenario="alpha")) == 2


def test_what_is_no_report_of_a_run_is_passed_over(tmp_path):
    folder, output = written(tmp_path, *small()), tmp_path / "runs"
    for name, text in {"notes": "{}", "broken": "not JSON", ".20240101T000000000000-abcdef.partial": "{}"}.items():
        (output / name).mkdir(parents=True)
        (output / name / "report.json").write_text(text)
    done = ask("run", folder, *QUICK, "--output", output)
    assert (done.exit_code, done.stderr) == (0, "")
    assert len(Ledger(output / "ledger.sqlite").known("run_id")) == 1


def test_a_runs_name_tells_when_it_was_made():
    moment = NOON.replace(microsecond=123456).astimezone(UTC)
    assert made_at(new_run_id("abcdef0123", moment)) == moment
    with pytest.raises(ValueError, match="time data"):
        made_at("show")


def test_history_fits_eighty_columns_whatever_is_in_it(ledger):
    long = "word-" * 19 + "word"
    opinion = Opinion(source=long, kind="crowd", probability=0.4, on=JUNE[0], articles=("c",))
    number = Number(source=long, kind="observed", value="at least 3,000", on=JUNE[0], articles=("n",), decibans=-1.5)
    fields = {"witnesses": (says(long, "affirms", 3.0, long),), "numbers": (number,), "forecasts": (opinion,)}
    keep(ledger, fields | {"without_forecasts": 0.01}, {"status": "due", "low": 0.0, "high": 1.0})
    done = ask("history", "alpha", "--output", ledger.path.parent)
    assert done.exit_code == 0, done.output
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--run", "r9"], "r9: is no run or replay of"),
        (["--since", "2024-06-02", "--until", "2024-06-01"], "--since must not be after --until"),
    ],
)
def test_a_run_that_is_not_there_and_days_in_the_wrong_order_are_refused(ledger, words, told):
    keep(ledger, {})
    done = ask("history", "alpha", *words, "--output", ledger.path.parent)
    assert (done.exit_code, told in done.stderr) == (1, True), done.stderr
