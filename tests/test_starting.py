"""A project to begin with: it has no fault, runs as it is, reads its own kind of article, and writes over nothing."""

from datetime import date

import pytest
from click.testing import CliRunner

from engine.app.cli import main
from engine.app.files import LEXICON_FILE, load
from engine.app.ingest import ingest, kit_of
from engine.app.notebook import forecast
from engine.app.starting import start
from engine.errors import ForecastError

DAY = date(2026, 3, 1)


@pytest.fixture
def folder(tmp_path):
    start(tmp_path / "mine", DAY)
    return tmp_path / "mine"


def test_it_is_without_fault_or_warning_and_runs(folder):
    found = load(folder / "scenarios")
    assert not found.warnings
    (scenario,) = found.project.scenarios.values()
    assert scenario.opens < DAY < scenario.deadline
    answer = forecast(found.project, DAY, "importance", 1000)
    assert answer.posterior.probability[0] > scenario.prior_probability  # its one report affirms


def test_its_rules_read_an_article(folder, tmp_path):
    article = tmp_path / "note.txt"
    article.write_text(
        "Ships on the move\n\nMarch 1, 2026\n\nThe northern navy sent two minelayers to the strait, the coast guard said.\n"
    )
    kit = kit_of(load(folder / "scenarios").project, folder / "scenarios")
    assert (folder / "scenarios" / LEXICON_FILE).exists()
    (claim,) = ingest([article], kit, tmp_path / "inbox")[0].review.claims
    assert (claim.subject, claim.source, claim.stance) == ("strait-closed/minesweepers-moved", "coast-guard", "affirms")


def test_nothing_is_written_over(folder):
    mine = folder / "scenarios" / "strait-closed.yaml"
    mine.write_text("mine")
    with pytest.raises(ForecastError, match="is there already"):
        start(folder, DAY)
    assert mine.read_text() == "mine"


def test_the_command_says_what_to_do_next(tmp_path):
    done = CliRunner().invoke(main, ["new", str(tmp_path / "a")])
    assert done.exit_code == 0, done.output
    assert "forecast check" in done.output
    assert CliRunner().invoke(main, ["check", str(tmp_path / "a" / "scenarios")]).exit_code == 0
