"""Scores against worked examples of others, and the traps of each instrument."""

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import recal_labs.catalogue.instruments as instruments
from recal_labs.errors import ChoiceError, TableError, UnknownWordError
from recal_labs.outcomes import find_instrument, item_gaps, item_rejects, safety_flags, score

PLAIN = [i for i in instruments.load_instruments().values() if i.is_plain_sum]


def form(answers, subject="S1"):
    return pd.DataFrame([{"subject_id": subject} | {f"q{i}": a for i, a in enumerate(answers, 1)}])


def _worked_examples():
    """Totals computed by other projects' tests, from worked_examples.csv."""
    with open(Path(instruments.FOLDER) / "worked_examples.csv", newline="", encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            known = instruments.load_instruments().get(row["instrument_id"])
            try:
                answers = json.loads(row["item_responses"])
            except ValueError:
                continue
            if known and known.is_plain_sum and isinstance(answers, list) and len(answers) == known.n_items:
                yield pytest.param(row, answers, id=row["example_id"])


@pytest.mark.parametrize(("row", "answers"), list(_worked_examples()))
def test_worked_examples_of_others(row, answers):
    found = score(form(answers), instrument=row["instrument_id"]).iloc[0]
    if row["expected_total"]:
        assert found["score"] == pytest.approx(float(row["expected_total"]))
        assert found["status"] == "ok"
    else:
        assert np.isnan(found["score"])
    if row["expected_severity"] and row["expected_total"]:
        assert found["severity"] == row["expected_severity"]


def test_there_are_worked_examples_of_both_main_scales():
    ids = {param.values[0]["instrument_id"] for param in _worked_examples()}
    assert {"phq9", "gad7"} <= ids


@pytest.mark.parametrize(
    ("total", "band"),
    [(0, "none-minimal"), (4, "none-minimal"), (5, "mild"), (9, "mild"), (10, "moderate"), (14, "moderate"),
     (15, "moderately severe"), (19, "moderately severe"), (20, "severe"), (27, "severe")],
)  # fmt: skip
def test_phq9_band_edges(total, band):
    answers = [3] * (total // 3) + ([total % 3] if total % 3 else [])
    found = score(form(answers + [0] * (9 - len(answers))), instrument="phq9").iloc[0]
    assert (found["score"], found["severity"]) == (total, band)


def test_two_missing_phq9_items_are_prorated_and_three_are_not():
    two = score(form([2, 2, 2, 2, 2, 2, 2, None, None]), instrument="phq9").iloc[0]
    three = score(form([2, 2, 2, 2, 2, 2, None, None, None]), instrument="phq9").iloc[0]
    assert (two["score"], two["status"]) == (18.0, "ok")
    assert np.isnan(three["score"])
    assert three["status"] == "incomplete"


def test_a_missing_gad7_item_gives_no_total():
    found = score(form([1, 1, 1, 1, 1, 1, ""]), instrument="gad7").iloc[0]
    assert np.isnan(found["score"])
    assert found["status"] == "incomplete"
    assert found["items_answered"] == 6


@pytest.mark.parametrize("answer", [4, -1, 99, 1.5])
def test_out_of_range_is_invalid_never_clipped(answer):
    items = form([answer, 0, 0, 0, 0, 0, 0])
    found = score(items, instrument="gad7").iloc[0]
    assert found["status"] == "invalid"
    assert np.isnan(found["score"])
    reject = item_rejects(items, instrument=find_instrument("gad7")).iloc[0]
    assert reject["reason"] == "impossible_value"
    assert "q1" in reject["detail"]


def test_text_in_an_item_is_refused_and_the_rest_scored():
    items = pd.concat([form(["often", 0, 0, 0, 0, 0, 0]), form([1] * 7, "S2")])
    assert score(items, instrument="gad7")["status"].tolist() == ["invalid", "ok"]
    assert item_rejects(items, instrument=find_instrument("gad7"))["reason"].tolist() == ["unreadable_value"]


def test_item_nine_is_flagged_at_any_total_and_when_incomplete():
    complete = form([0] * 8 + [1])
    incomplete = form([None] * 8 + [2], "S2")
    unanswered = form([0] * 8 + [None], "S3")
    empty = form([None] * 9, "S4")
    flags = safety_flags(pd.concat([complete, incomplete, unanswered, empty]), instrument="phq9")
    assert flags["subject_id"].tolist() == ["S1", "S2", "S3"]
    assert flags["answer"].fillna(-1).tolist() == [1.0, 2.0, -1.0]
    assert flags["action"].str.contains("unanswered").tolist() == [False, False, True]


def test_unknown_instruments_and_items_are_refused_with_a_hint():
    with pytest.raises(UnknownWordError, match="Did you mean 'phq9'"):
        score(form([0] * 9), instrument="phq-9")
    with pytest.raises(TableError, match=r"q8, q9 are missing"):
        score(form([0] * 7), instrument="phq9")
    with pytest.raises(ChoiceError, match="is not scored by this version"):
        score(form([0] * 19), instrument="psqi")


@pytest.mark.parametrize("instrument", PLAIN, ids=lambda i: i.id)
def test_extremes_of_every_scale_reach_its_range(instrument):
    ranges = [instrument.item_ranges[n] for n in range(1, instrument.n_items + 1)]
    worst = [low if n in instrument.reverse_items else high for n, (low, high) in enumerate(ranges, 1)]
    best = [high if n in instrument.reverse_items else low for n, (low, high) in enumerate(ranges, 1)]
    both = pd.concat([form(best), form(worst)])
    assert score(both, instrument=instrument)["score"].tolist() == list(instrument.score_range)


@given(st.lists(st.sampled_from([0, 1, 2, 3]), min_size=9, max_size=9), st.integers(0, 8))
def test_prorating_stays_in_range_and_near_the_full_total(answers, gap):
    holed = [None if i == gap else a for i, a in enumerate(answers)]
    full, prorated = (score(form(a), instrument="phq9")["score"].item() for a in (answers, holed))
    assert 0 <= prorated <= 27
    assert abs(full - prorated) <= 3.0 + 1e-9


@pytest.mark.parametrize("answer", [-1, 0.5, 9, "often"])
def test_a_flagged_item_without_a_usable_answer_is_listed(answer):
    flags = safety_flags(form([0] * 8 + [answer]), instrument="phq9")
    assert flags["subject_id"].tolist() == ["S1"]
    # 9 is out of range, and still no denial: it is listed as it stands.
    assert flags["answer"].isna().tolist() == [answer != 9]


def test_a_table_with_more_items_is_another_instruments():
    with pytest.raises(TableError, match="the table has q8, q9 too"):
        score(form([0] * 9), instrument="gad7")


def test_every_item_is_a_result_a_reject_or_a_gap():
    items = pd.concat([form([1, 2, 3, 0, None, 7, "x"]), form([1] * 7, None)], ignore_index=True)
    gad7 = find_instrument("gad7")
    rejects, gaps = item_rejects(items, instrument=gad7), item_gaps(items, instrument=gad7)
    assert sorted(rejects["reason"]) == ["impossible_value"] + ["missing_subject"] * 7 + ["unreadable_value"]
    assert gaps["source_place"].tolist() == ["q5"]
    assert items[[*gad7.items]].size == len(rejects) + len(gaps) + 4


def test_a_form_whose_date_cannot_be_read_has_no_total():
    items = form([1] * 9).assign(assessed_at=pd.NaT, reported_date="1.4.24")
    found = score(items, instrument="phq9").iloc[0]
    assert found["status"] == "undated"
    assert np.isnan(found["score"])


def test_a_flagged_form_without_an_id_can_be_found_again():
    items = form([0] * 8 + [2], None).assign(source_file="phq9.csv", source_row=7)
    flag = safety_flags(items, instrument="phq9").iloc[0]
    assert (flag["source_file"], flag["source_row"]) == ("phq9.csv", 7)


def test_an_instrument_written_large_is_suggested():
    with pytest.raises(UnknownWordError, match="Did you mean 'phq9'"):
        score(form([0] * 9), instrument="PHQ9")
