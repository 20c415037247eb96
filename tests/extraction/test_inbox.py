"""The way of a claim: ingest, review, accept; what is decided stays decided."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from datetime import date

import pytest
from click.testing import CliRunner

import engine.app.inbox as inbox_module
from engine.app.cli import main
from engine.app.evaluate import try_rules
from engine.app.inbox import load_inbox, load_review, save_review
from engine.app.ingest import ingest
from engine.app.review import Session
from engine.app.review_accept import accept
from engine.app.review_csv import read_csv, write_csv
from engine.errors import ForecastError
from engine.extraction.claims import ProposedSignal
from engine.extraction.echoes import echoes
from engine.records.article import Article
from engine.records.reading import parse, read
from tests.extraction.conftest import ARTICLES, HOME

DAY = date(2025, 1, 1)


@pytest.fixture
def article(tmp_path):
    path = tmp_path / "first.txt"
    path.write_text(
        "Seoul weighs weapons for Kyiv\n\nOctober 24, 2024\n\nSeoul may supply lethal weapons to Ukraine, President Yoon said. "
        "North Korea has sent 1,500 soldiers to Russia, the NIS said. Moscow denied the allegations.\n"
    )
    return path


@pytest.fixture
def session(article, kit, inbox):
    one = ingest([article], kit, inbox)[0]
    return Session([one.path], inbox, "ana", DAY)


def test_ingesting_twice_changes_nothing(kit, inbox):
    assert all(one.changed for one in ingest([ARTICLES], kit, inbox))
    before = {path: path.read_bytes() for path in inbox.iterdir()}
    assert not any(one.changed for one in ingest([ARTICLES], kit, inbox))
    assert before == {path: path.read_bytes() for path in inbox.iterdir()}


def test_same_bytes_under_any_hash_seed(tmp_path):
    code = (
        "import sys; from pathlib import Path; from engine.app.files import load; from engine.app.ingest import ingest, kit_of;"
        f"s = Path({str(HOME / 'scenarios')!r}); ingest([Path({str(ARTICLES)!r})], kit_of(load(s).project, s), Path(sys.argv[1]))"
    )
    told = []
    for seed in ("0", "12345"):
        target = tmp_path / seed
        subprocess.run(
            [sys.executable, "-c", code, str(target)], check=True, env={**os.environ, "PYTHONHASHSEED": seed}
        )
        told.append([path.read_bytes() for path in sorted(target.iterdir())])
    assert told[0] == told[1]


def test_decisions_survive_a_new_run(session, article, kit, inbox):
    accepted = session.next().claim.id
    session.accept()
    edited = session.next().claim.id
    session.edit(credibility=5, note="hearsay")
    ingest([article], kit, inbox)
    review = load_inbox(inbox)[0]
    assert review.find(accepted).status == "accepted"
    assert (review.find(edited).status, review.find(edited).credibility) == ("edited", 5)


def test_decisions_survive_a_changed_text(session, article, kit, inbox):
    decided = session.next().claim
    session.accept()
    article.write_text(article.read_text() + "\nOne more sentence of no import.\n")
    ingest([article], kit, inbox)
    kept = load_inbox(inbox)[0].find(decided.id)
    assert (kept.status, kept.stale) == ("accepted", True)


def test_undo_takes_the_last_decision_back(session):
    first = session.next().claim
    session.reject()
    assert session.undo()
    assert session.next().claim == first
    assert not session.undo()


def test_a_wrong_edit_is_refused_and_changes_nothing(session):
    before = session.next()
    with pytest.raises(ForecastError, match="credibility"):
        session.edit(credibility=9)
    with pytest.raises(ForecastError, match="Did you mean"):
        session.edit(sorce="nato")
    assert session.next().claim == before.claim


def test_killed_while_writing_leaves_the_old_file_whole(session, monkeypatch):
    path = session.paths[0]
    session.accept()
    before = path.read_bytes()

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(inbox_module.Path, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        session.reject()
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_accepting_writes_facts_and_none_of_the_publishers_sentences(session, kit, tmp_path):
    while session.next():
        session.accept()
    done = accept(session.paths[0], kit.project, tmp_path / "seeds")
    article = read(parse(done.path.name, done.path.read_bytes()), Article, id=done.path.stem)
    assert {one.proposed_by for one in article.reports} == {"rule"}
    text = done.path.read_text()
    assert not any(one.quote in text for one in load_review(session.paths[0]).claims)
    assert accept(session.paths[0], kit.project, tmp_path / "seeds").path == done.path


def test_a_summary_in_the_publishers_words_is_refused(session, kit, tmp_path):
    path = session.paths[0]
    session.accept()
    review = load_review(path)
    save_review(path, review.model_copy(update={"summary": review.text[-150:].strip()}))
    with pytest.raises(ForecastError, match="your own words"):
        accept(path, kit.project, tmp_path / "seeds")


def test_a_record_of_another_hand_is_not_overwritten(session, kit, tmp_path):
    session.accept()
    done = accept(session.paths[0], kit.project, tmp_path / "seeds")
    review = load_review(session.paths[0])
    save_review(session.paths[0], review.model_copy(update={"record": None}))
    done.path.write_text("title: Of another hand\n")
    with pytest.raises(ForecastError, match="is there already"):
        accept(session.paths[0], kit.project, tmp_path / "seeds")
    assert done.path.read_text() == "title: Of another hand\n"


def test_what_was_changed_in_a_record_by_hand_is_not_undone(session, kit, tmp_path):
    session.accept()
    done = accept(session.paths[0], kit.project, tmp_path / "seeds")
    again = accept(session.paths[0], kit.project, tmp_path / "seeds")
    assert again.path == done.path
    by_hand = done.path.read_text().replace("credibility: ", "credibility: 1 # raised by me, was ", 1)
    done.path.write_text(by_hand)
    with pytest.raises(ForecastError, match="was changed since it was written"):
        accept(session.paths[0], kit.project, tmp_path / "seeds")
    assert done.path.read_text() == by_hand
    save_review(session.paths[0], load_review(session.paths[0]).model_copy(update={"written": None}))
    accept(session.paths[0], kit.project, tmp_path / "seeds")
    assert done.path.read_text() != by_hand


@pytest.mark.parametrize("name", ["sources", "forecast", "lexicon"])
def test_a_record_cannot_take_the_place_of_another_kind_of_file(session, kit, tmp_path, name):
    session.accept()
    save_review(session.paths[0], load_review(session.paths[0]).model_copy(update={"record": name}))
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / f"{name}.yaml").write_text("nis: {name: NIS, reliability: B}\n")
    with pytest.raises(ForecastError, match="another kind of file"):
        accept(session.paths[0], kit.project, tmp_path / "seeds")
    assert (tmp_path / "seeds" / f"{name}.yaml").read_text() == "nis: {name: NIS, reliability: B}\n"


@pytest.mark.parametrize(
    ("line", "noted"),
    [
        ("\nhash: ", "\n# mine\nhash: "),
        ("status: proposed", "status: proposed # mine"),
        ("\ntext: ", "\n# mine\ntext: "),
    ],
)
def test_a_comment_in_a_review_file_is_not_lost(session, line, noted):
    path = session.paths[0]
    by_hand = path.read_text().replace(line, noted, 1)
    path.write_text(by_hand)
    with pytest.raises(ForecastError, match="a comment stands here"):
        session.accept()
    assert path.read_text() == by_hand


def test_a_review_file_with_a_comment_writes_no_record(session, kit, tmp_path):
    session.accept()
    accept(session.paths[0], kit.project, tmp_path / "seeds").path.unlink()
    path = session.paths[0]
    path.write_text(path.read_text().replace("\nhash: ", "\n# mine\nhash: ", 1))
    with pytest.raises(ForecastError, match="a comment stands here"):
        accept(path, kit.project, tmp_path / "seeds")
    assert not list((tmp_path / "seeds").iterdir())


def test_claims_copied_with_their_id_are_refused_before_one_overwrites_the_other(session):
    path = session.paths[0]
    first, second = (claim.id for claim in load_review(path).claims[:2])
    copied = path.read_text().replace(second, first)
    path.write_text(copied)
    with pytest.raises(ForecastError, match="another claim has it"):
        load_review(path)
    assert path.read_text() == copied


def test_an_address_that_is_none_is_refused_with_its_line(session, kit, tmp_path):
    session.accept()
    path = session.paths[0]
    path.write_text(path.read_text().replace("language:", "url: javascript:alert(1)\nlanguage:", 1))
    with pytest.raises(ForecastError, match="must be an http or https address"):
        accept(path, kit.project, tmp_path / "seeds")
    assert not (tmp_path / "seeds").exists()


def test_an_undated_article_asks_for_the_day_it_came(kit, inbox, tmp_path):
    path = tmp_path / "undated.txt"
    path.write_text("North Korea has sent soldiers to Russia, the NIS said.\n")
    one = ingest([path], kit, inbox)[0]
    with pytest.raises(ForecastError, match="received"):
        accept(one.path, kit.project, tmp_path / "seeds")


def test_a_changed_quote_is_refused_with_its_line(session):
    path = session.paths[0]
    path.write_text(path.read_text().replace("quote: Seoul may supply", "quote: Seoul must supply", 1))
    with pytest.raises(ForecastError, match=r"first\.yaml:\d+: claims\.\d+\.quote"):
        load_review(path)


def test_the_csv_round_trip_changes_nothing_and_carries_decisions(article, kit, inbox, tmp_path):
    ingest([article], kit, inbox)
    table = tmp_path / "claims.csv"
    write_csv(load_inbox(inbox), table)
    assert read_csv(table, inbox, "ana", DAY) == 0
    table.write_text(table.read_text(encoding="utf-8-sig").replace(",proposed,", ",accepted,"), encoding="utf-8")
    assert read_csv(table, inbox, "ana", DAY) > 0
    assert all(one.status == "accepted" and one.reviewer == "ana" for one in load_inbox(inbox)[0].claims)


def test_a_cell_is_no_formula(session, inbox, tmp_path):
    path = session.paths[0]
    claim = session.next().claim
    session.edit(note="=HYPERLINK(1)")
    table = tmp_path / "claims.csv"
    write_csv(load_inbox(inbox), table)
    assert ",'=HYPERLINK(1)," in table.read_text(encoding="utf-8-sig")
    assert read_csv(table, inbox, "ana", DAY) == 0
    assert load_review(path).find(claim.id).note == "=HYPERLINK(1)"


def test_articles_that_repeat_one_statement_are_one_witness(kit, inbox, tmp_path):
    for number, day in enumerate(("October 18, 2024", "October 19, 2024", "October 21, 2024")):
        (tmp_path / f"a{number}.txt").write_text(
            f"Soldiers sent abroad, Seoul says\n\n{day}\n\nNorth Korea has sent 1,500 soldiers to Russia, the NIS said.\n"
        )
    ingest(sorted(tmp_path.glob("a*.txt")), kit, inbox)
    found = [one for one in echoes(load_inbox(inbox)) if one.key.startswith("dprk-troops-present/troops-moved|rok-nis")]
    assert [len(one.articles) for one in found] == [3]


def test_rules_test_shows_what_a_rule_matches(kit):
    tried = {one.subject: one for one in try_rules([ARTICLES], kit)}
    assert tried["dprk-troops-present/troops-moved"].matched
    assert set(tried) == {rule.subject for rule in kit.rules}


@pytest.fixture
def unseen(kit, inbox, tmp_path):
    path = tmp_path / "unseen.txt"
    path.write_text(
        "A quiet front\n\nOctober 24, 2024\n\nThe Pentagon has seen no North Korean soldiers in combat in Kursk, it said.\n"
    )
    one = ingest([path], kit, inbox)[0]
    assert [claim.stance for claim in one.review.claims] == ["absent"]
    return one.path


def test_a_search_that_found_nothing_is_weighed_by_the_reviewer_and_never_guessed(unseen, inbox, kit, tmp_path):
    session = Session([unseen], inbox, "ana", DAY)
    with pytest.raises(ForecastError, match="detection: must be given"):
        session.accept()
    assert session.next() is not None
    session.accept(detection=0.7)
    done = accept(unseen, kit.project, tmp_path / "seeds")
    assert [one.detection for one in _record(done.path).reports] == [0.7]


def test_an_unweighed_absence_accepted_in_the_file_makes_no_record(unseen, kit, tmp_path):
    unseen.write_text(unseen.read_text().replace("status: proposed", "status: accepted"))
    with pytest.raises(ForecastError, match="detection: must be given for stance absent"):
        accept(unseen, kit.project, tmp_path / "seeds")
    assert not (tmp_path / "seeds").exists()


def test_a_claim_is_split_off_its_echo_and_joined_to_another(session):
    first = session.next().claim
    session.regroup("a-statement-of-its-own")
    assert session.next().claim.echo == "a-statement-of-its-own"
    assert load_review(session.paths[0]).find(first.id).status == "proposed"


def _record(path):
    return read(parse(path.name, path.read_bytes()), Article, id=path.stem)


def test_an_article_nobody_has_judged_makes_no_record(session, kit, tmp_path):
    with pytest.raises(ForecastError, match="no claim of it is accepted"):
        accept(session.paths[0], kit.project, tmp_path / "seeds")
    while session.next():
        session.reject()
    assert not _record(accept(session.paths[0], kit.project, tmp_path / "seeds").path).reports


def test_accepting_tells_which_scenarios_do_not_name_a_signal_yet(session, kit, tmp_path):
    session.accept()
    (path,) = session.paths
    known = kit.project.scenarios["rok-lethal-aid"].signals[0]
    rated = {"relevancy": 4, "scenarios": ("rok-lethal-aid",), "status": "accepted"}
    signals = (
        ProposedSignal(id="new-one", name="A new one", **rated),
        ProposedSignal(id=known, name="Named already", **rated),
        ProposedSignal(id="not-taken", name="Not taken", **{**rated, "status": "rejected"}),
    )
    save_review(path, load_review(path).model_copy(update={"signals": signals}))
    assert accept(path, kit.project, tmp_path / "seeds").to_link == (("rok-lethal-aid", "new-one"),)


def test_a_sentence_that_is_only_similar_is_accepted_as_the_reviewer_reads_it(kit, inbox, tmp_path):
    """Nobody has read it: its stance and credibility are asked for, and nothing is taken for granted."""
    path = tmp_path / "first.txt"
    path.write_text(
        "Seoul weighs weapons for Kyiv\n\nOctober 24, 2024\n\nSeoul may supply lethal weapons to Ukraine, President Yoon said.\n"
    )
    made = ingest([path], kit, inbox)[0]
    review = load_review(made.path)
    near = review.claims[0].model_copy(update={"by": "similarity", "why": "0.4"})
    save_review(made.path, review.model_copy(update={"claims": (), "misses": (near,)}))
    asked = CliRunner().invoke(
        main, ["review", "--inbox", str(inbox), "--reviewer", "ana"], input="?\na\ndenies\n\n4\n"
    )
    assert asked.exit_code == 0, asked.output
    assert "undo the last decision" in asked.output
    (decided,) = load_review(made.path).misses
    assert (decided.status, decided.stance, decided.credibility, decided.source) == ("edited", "denies", 4, near.source)


def take(table, inbox):
    return CliRunner().invoke(main, ["review", "--from-csv", str(table), "--inbox", str(inbox)])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "missing: article, id."),
        ("article,status\r\nfirst,accepted\r\n", "missing: id."),
        ("article;id;status\r\nfirst;x;accepted\r\n", "missing: article, id. It is parted by semicolons"),
        ("article,id,status\r\n", "must hold a row for each claim, got none"),
        ('article,id\r\n"first,x\r\n' + "y" * 200_000, "cannot be read as CSV"),
        ("\udcff", "cannot be read as UTF-8"),
    ],
    ids=["empty", "no-id", "semicolons", "no-rows", "endless-cell", "other-bytes"],
)
@pytest.mark.usefixtures("session")
def test_a_spreadsheet_that_names_no_claims_is_refused(inbox, tmp_path, text, told):
    (tmp_path / "claims.csv").write_bytes(text.encode(errors="surrogateescape"))
    done = take(tmp_path / "claims.csv", inbox)
    assert (done.exit_code, f"{tmp_path}/claims.csv" in done.stderr, told in done.stderr) == (1, True, True), (
        done.stderr
    )


def test_a_spreadsheet_that_is_not_there_or_no_file_is_refused(inbox, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    for name, told in (("gone.csv", "cannot be read"), ("pipe.csv", "is no regular file")):
        done = take(tmp_path / name, inbox)
        assert (done.exit_code, f"{name}: {told}" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize(
    ("column", "wrong"),
    [("on", "yesterday"), ("stance", "maybe"), ("credibility", "9"), ("source", "No One"), ("detection", "7")],
)
@pytest.mark.usefixtures("session")
def test_a_wrong_cell_is_told_once_with_its_line(inbox, tmp_path, column, wrong):
    table = tmp_path / "claims.csv"
    write_csv(load_inbox(inbox), table)
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"), newline="")))
    rows[0][column] = wrong
    with table.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    done = take(table, inbox)
    assert done.exit_code == 1
    (fault, _) = done.stderr.splitlines()
    where = f"{table}:2: {column}: "
    assert fault.startswith(f"{where}must be")
    told = fault.removeprefix(where)
    assert told.count("got") == told.count(wrong) == 1
    assert "Value error" not in told


@pytest.mark.parametrize("command", [["rules", "test"], ["evaluate", "GOLD"]], ids=["rules-test", "evaluate"])
@pytest.mark.parametrize(
    ("name", "told"), [("nofile", "nofile: cannot be read"), ("empty", "There is no article here")]
)
def test_rules_are_tried_only_on_articles_that_are_there(article, tmp_path, command, name, told):
    (tmp_path / "empty").mkdir()
    (tmp_path / "gold.csv").write_text("article,quote,subject\n")
    words = [str(tmp_path / "gold.csv") if word == "GOLD" else word for word in command]
    scenarios = ["--scenarios", str(HOME / "scenarios")]
    done = CliRunner().invoke(main, [*words, str(tmp_path / name), *scenarios])
    assert (done.exit_code, told in done.stderr, done.stdout) == (1, True, ""), done.stderr
    assert CliRunner().invoke(main, [*words, str(article), *scenarios]).exit_code == 0


def test_a_list_that_is_not_there_is_refused(article, tmp_path):
    done = CliRunner().invoke(
        main, ["evaluate", str(tmp_path / "gold.csv"), str(article), "--scenarios", str(HOME / "scenarios")]
    )
    assert (done.exit_code, "gold.csv: cannot be read" in done.stderr) == (1, True), done.stderr


def claim_of(inbox, article, subject, *options):
    return CliRunner().invoke(main, ["claim", article, subject, "--inbox", str(inbox), "--reviewer", "ana", *options])


def test_a_claim_that_the_rules_missed_is_put_in_and_becomes_a_report(session, inbox, kit, tmp_path):
    path = session.paths[0]
    words = "North Korea has sent 1,500 soldiers"
    done = claim_of(
        inbox, path.stem, "dprk-troops-10k/corps-command", "--quote", words, "--source", "rok-nis", "--note", "A guess."
    )
    assert done.exit_code == 0, done.output
    (added,) = (one for one in load_review(path).claims if one.by == "person")
    assert (added.status, added.quote, added.reviewer, added.modality) == ("accepted", words, "ana", "actual")
    record = accept(path, kit.project, tmp_path / "seeds").path
    assert "proposed_by: person" in record.read_text()
    ingest([tmp_path / "first.txt"], kit, inbox)  # what a person wrote is kept when the article is read again
    assert added in load_review(path).claims


def test_a_number_that_the_rules_missed_is_put_in(session, inbox):
    done = claim_of(
        inbox, "first", "dprk-troops-10k", "--quote", "1,500  soldiers", "--source", "rok-nis", "--value", "1500"
    )
    assert done.exit_code == 0, done.output
    (added,) = (one for one in load_review(session.paths[0]).claims if one.by == "person")
    assert (added.scenario, added.value, added.quote) == ("dprk-troops-10k", 1500, "1,500 soldiers")


@pytest.mark.parametrize(
    ("subject", "options", "words"),
    [
        ("rok-lethal-aid/nothing", ["--quote", "Seoul may", "--source", "rok-nis"], "is no indicator here"),
        ("dprk-troops-present", ["--quote", "Seoul may", "--source", "rok-nis"], "no scenario about a quantity"),
        ("rok-lethal-aid/ban-in-force", ["--quote", "Seoul must", "--source", "rok-nis"], "does not stand in the text"),
        ("rok-lethal-aid/ban-in-force", ["--quote", " ", "--source", "rok-nis"], "does not stand in the text"),
        ("rok-lethal-aid/ban-in-force", ["--quote", "Seoul may", "--source", "rok-nisse"], "Did you mean rok-nis"),
        ("dprk-troops-10k", ["--quote", "Seoul may", "--source", "rok-nis"], "give its number"),
        (
            "dprk-troops-10k",
            ["--quote", "Seoul may", "--source", "rok-nis", "--value", "-5"],
            "value: must be greater than 0",
        ),
        (
            "rok-lethal-aid/ban-in-force",
            ["--quote", "Seoul", "--source", "rok-nis", "--stance", "absent"],
            "--detection",
        ),
    ],
)
def test_a_claim_that_cannot_be_put_in_changes_nothing(session, inbox, subject, options, words):
    before = session.paths[0].read_bytes()
    done = claim_of(inbox, "first", subject, *options)
    assert done.exit_code in (1, 2)
    assert words in done.output
    assert session.paths[0].read_bytes() == before


def test_reading_an_article_again_does_not_forget_what_was_written(session, kit, inbox, tmp_path):
    session.accept()
    done = accept(session.paths[0], kit.project, tmp_path / "seeds")
    ingest([tmp_path / "first.txt"], kit, inbox)
    by_hand = done.path.read_text() + "# mine\n"
    done.path.write_text(by_hand)
    review = load_review(session.paths[0])
    save_review(session.paths[0], review.model_copy(update={"own_title": "Another"}))
    with pytest.raises(ForecastError, match="was changed since it was written"):
        accept(session.paths[0], kit.project, tmp_path / "seeds")
    assert done.path.read_text() == by_hand
