"""Panels meet forms: same person, nearest date, inside the window; one visit per subject."""

import pandas as pd
import pytest

from recal_labs.cohort.linking import link_outcomes, number_visits


def panels(*rows):
    frame = pd.DataFrame(rows, columns=["subject_id", "specimen_id", "panel_at"])
    return frame.assign(panel_at=pd.to_datetime(frame["panel_at"]))


def forms(*rows):
    frame = pd.DataFrame(rows, columns=["subject_id", "assessed_at", "instrument", "score"])
    return frame.assign(assessed_at=pd.to_datetime(frame["assessed_at"]), status="ok")


def test_the_nearest_form_is_linked():
    _, scores = link_outcomes(
        panels(("S1", "U1", "2024-03-10 08:00")),
        forms(("S1", "2024-03-01", "phq9", 3.0), ("S1", "2024-03-12", "phq9", 9.0), ("S1", "2024-03-20", "phq9", 4.0)),
        14,
    )
    assert scores["phq9"].tolist() == [9.0]


def test_of_two_equally_near_forms_the_earlier_is_linked():
    visits, scores = link_outcomes(
        panels(("S1", "U1", "2024-03-10")),
        forms(("S1", "2024-03-12", "phq9", 9.0), ("S1", "2024-03-08", "phq9", 3.0)),
        14,
    )
    assert scores["phq9"].tolist() == [3.0]
    assert visits["phq9_days"].tolist() == [-2.0]


@pytest.mark.parametrize(("day", "linked"), [("2024-03-24", True), ("2024-03-25", False), ("2024-02-25", True)])
def test_the_window_counts_calendar_days_on_both_sides(day, linked):
    # The panel was taken late in the day: 14 calendar days are 14, whatever the hour.
    _, scores = link_outcomes(panels(("S1", "U1", "2024-03-10 23:30")), forms(("S1", day, "phq9", 3.0)), 14)
    assert scores["phq9"].notna().tolist() == [linked]


def test_a_form_of_somebody_else_is_never_linked():
    _, scores = link_outcomes(panels(("S1", "U1", "2024-03-10")), forms(("S2", "2024-03-10", "phq9", 3.0)), 14)
    assert scores["phq9"].isna().all()


def test_undated_records_meet_only_one_to_one():
    _, scores = link_outcomes(
        panels(("S1", "U1", None), ("S2", "U2", None), ("S2", "U3", None)),
        forms(("S1", None, "phq9", 5.0), ("S2", None, "phq9", 6.0)),
        14,
    )
    assert scores["phq9"].fillna(-1).tolist() == [5.0, -1.0, -1.0]


def test_a_form_without_score_is_not_linked_and_its_column_stays():
    unscored = forms(("S1", "2024-03-10", "gad7", float("nan"))).assign(status="incomplete")
    _, scores = link_outcomes(panels(("S1", "U1", "2024-03-10")), unscored, 14)
    assert list(scores.columns) == ["gad7"]
    assert scores["gad7"].isna().all()


def test_the_first_visit_with_both_is_analysed():
    visits, scores = link_outcomes(
        panels(("S1", "U1", "2024-01-01"), ("S1", "U2", "2024-03-10"), ("S1", "U3", "2024-05-10")),
        forms(("S1", "2024-03-10", "phq9", 3.0), ("S1", "2024-05-10", "phq9", 9.0)),
        14,
    )
    visits = number_visits(visits, scores)
    assert visits["visit"].tolist() == [1, 2, 3]
    assert visits["analysed"].tolist() == [False, True, False]


def test_dates_of_unlike_resolution_are_compared():
    left = panels(("S1", "U1", "2024-03-10")).astype({"panel_at": "datetime64[ns]"})
    right = forms(("S1", "2024-03-10", "phq9", 3.0)).astype({"assessed_at": "datetime64[s]"})
    assert link_outcomes(left, right, 0)[1]["phq9"].tolist() == [3.0]
