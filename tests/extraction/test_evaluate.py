"""What `forecast evaluate` counts as found, missed, wrong and misread."""

from __future__ import annotations

import pytest

from engine.app.evaluate import evaluate_files
from engine.errors import ForecastError

ARTICLE = (
    "SEOUL, Oct. 24, 2024 (Agency) -- Seoul looks on\n\n"
    "The Foreign Trade Act bars Seoul from sending lethal weapons to Ukraine. "
    "North Korea has sent about 3,000 soldiers to Russia, the National Intelligence Service said.\n"
)
BAR = "The Foreign Trade Act bars Seoul from sending lethal weapons to Ukraine."
SENT = "North Korea has sent about 3,000 soldiers to Russia"


@pytest.fixture
def measured(kit, tmp_path):
    (tmp_path / "seoul.txt").write_text(ARTICLE)

    def of(*rows: str):
        listed = tmp_path / "gold.csv"
        listed.write_text("article,quote,subject,stance,modality,source,low,high,required\n" + "\n".join(rows) + "\n")
        return evaluate_files(listed, [tmp_path / "seoul.txt"], kit)[0]

    return of


def test_a_scenario_alone_is_spoken_of_by_any_of_its_indicators(measured):
    found = measured(f'seoul,"{SENT}",dprk-troops-present,affirms,actual,rok-nis,,,yes')
    assert found.lines[0].recall.hits == 1
    assert not found.misread


def test_an_indicator_against_its_scenario_denies_what_the_list_says_of_the_scenario(measured):
    assert not measured(f'seoul,"{BAR}",rok-lethal-aid,denies,,,,,yes').misread
    assert not measured(f'seoul,"{BAR}",rok-lethal-aid/ban-in-force,affirms,,,,,yes').misread
    misread = measured(f'seoul,"{BAR}",rok-lethal-aid,affirms,,,,,yes').misread
    assert {what for _, _, what in misread} == {"polarity"}


def test_a_number_is_judged_by_both_its_ends(measured):
    exact = measured(f'seoul,"{SENT}",dprk-troops-10k,affirms,actual,rok-nis,3000,3000,yes').lines[0]
    bound = measured(f'seoul,"{SENT}",dprk-troops-10k,affirms,actual,rok-nis,3000,,yes').lines[0]
    assert (exact.numbers.hits, bound.numbers.hits) == (1, 0)


def test_what_the_list_does_not_name_counts_as_wrong_and_what_is_not_due_is_never_missed(measured):
    due = measured(f'seoul,"{BAR}",rok-lethal-aid,denies,,,,,yes')
    spare = measured(
        f'seoul,"{BAR}",rok-lethal-aid,denies,,,,,yes',
        f'seoul,"{SENT}",dprk-troops-10k,,,,,,no',
        f'seoul,"{SENT}",dprk-troops-present,,,,,,no',
        'seoul,"Seoul looks on",rok-nato-standing,,,,,,no',
    )
    assert due.spurious
    assert due.lines[0].precision.value < 1
    assert spare.lines[0].precision.value == 1
    assert not spare.missed


def test_a_row_that_can_never_match_is_told_with_its_line(kit, tmp_path):
    (tmp_path / "seoul.txt").write_text(ARTICLE)
    listed = tmp_path / "gold.csv"
    listed.write_text(
        "article,quote,subject,stance,modality\n"
        f'seoul,"{BAR}",rok-lethal-aids,affirms,actual\n'
        f'seoul,"{BAR}",rok-lethal-aid,maybe,sure\n'
        'busan,"Nobody is asked",rok-lethal-aid,affirms,actual\n'
    )
    measured, doubted = evaluate_files(listed, [tmp_path / "seoul.txt"], kit)
    told = "\n".join(doubted)
    assert "gold.csv:2: subject: is no scenario or indicator here: rok-lethal-aids. Did you mean rok-lethal-aid" in told
    assert "gold.csv:3: stance: must be affirms, denies or absent, got maybe." in told
    assert "gold.csv:3: modality: must be one of actual" in told
    assert "1 row left out, about articles that were not given: busan." in told
    assert measured.lines[0].recall.of == 2


def test_a_list_about_other_articles_is_refused(kit, tmp_path):
    (tmp_path / "seoul.txt").write_text(ARTICLE)
    (tmp_path / "gold.csv").write_text("article,quote,subject\nbusan,Nobody is asked,rok-lethal-aid\n")
    with pytest.raises(ForecastError, match=r"gold\.csv:2: article: .*seoul"):
        evaluate_files(tmp_path / "gold.csv", [tmp_path / "seoul.txt"], kit)
