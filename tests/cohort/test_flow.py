"""The flow: results, specimens and people each come down to the analysis, and nothing is lost on the way."""

from itertools import groupby, pairwise

import pandas as pd
import pytest

from recal_labs.cohort import build_cohort, count_positions
from recal_labs.provenance import FileRecord

from .test_core import PEOPLE, SCORED, TWO, forms, panel

# S1 comes twice, S3 has a panel too far from the form, S4 a form alone, S5 a panel alone.
ROWS = (
    *TWO,
    ("S1", "U1", "vma", 3.0, {}),
    ("S1", "U8", "hva", 5.0, {"collected_at": pd.Timestamp("2024-06-01 08:00")}),
    ("S3", "U3", "hva", 3.0, {}),
    ("S5", "U5", "hva", 3.0, {}),
    ("S2", "U2", "creatinine", 1.0, {"unit": "g/L"}),
)
FORMS = pd.concat(
    [
        SCORED,
        forms(("S1", "2024-06-02", 7.0, "ok"), ("S3", "2024-05-01", 5.0, "ok"), ("S4", "2024-03-01", 5.0, "ok")),
    ]
)


def made(rows=ROWS, outcomes=FORMS):
    return build_cohort(panel(*rows), outcomes, PEOPLE)


def test_each_flow_adds_up_and_never_rises():
    flows = [list(steps) for _, steps in groupby(made().flow, key=lambda step: step.counted)]
    assert [steps[0].counted for steps in flows] == ["results", "specimens", "subjects"]
    for steps in flows:
        for before, after in pairwise(steps):
            assert before.n == after.n + sum(n for _, n in after.left_out), after


def test_specimens_and_results_of_the_first_visit_are_what_is_analysed():
    cohort = made()
    by_stage = {step.stage: step for step in cohort.flow}
    specimens = by_stage["Specimens analysed: first visit with panel and outcome"]
    assert specimens.n == int(cohort.analysed.sum()) == 2
    assert dict(specimens.left_out) == {
        "a later visit of the same subject": 1,
        "no outcome within the window of this visit": 1,
        "a subject without an outcome that could be scored": 1,
    }
    results = by_stage["Results analysed: first visit with panel and outcome"]
    assert results.n == int(cohort.log_amounts[cohort.analysed].notna().sum().sum()) == 3


def test_people_are_lost_first_for_want_of_a_panel_then_of_an_outcome():
    people = [step for step in made().flow if step.counted == "subjects"]
    assert [step.n for step in people] == [5, 4, 2]
    assert dict(people[1].left_out) == {"no panel that can be analysed": 1}
    assert dict(people[2].left_out) == {
        "no outcome that could be scored": 1,
        "panel and outcome too far apart or undated": 1,
    }


def test_a_result_in_a_second_form_is_counted_as_left_out():
    both_forms = (
        ("S1", "U1", "creatinine", 2.0, {"unit": "g/L"}),
        ("S1", "U1", "hva", 8.2, {"unit": "mg/L"}),
        *TWO,
    )
    step = made(both_forms, SCORED).flow[1]
    assert step.n == 2
    assert dict(step.left_out)["the same result in a second form, as per litre beside per gram of creatinine"] == 1


FILES = (
    FileRecord(path="a.csv", sha256="", positions=10, results=5, rejects=2, no_result=3, rejects_by_reason={"x_y": 2}),
    FileRecord(path="b.csv", sha256="", positions=4, results=4),
)


@pytest.mark.parametrize("reason", ["empty_cell", "empty_value"])
def test_a_cell_without_a_value_is_missing_data_and_no_header(reason):
    no_result = pd.DataFrame({"source_file": "a.csv", "reason": ["header", reason, reason]})
    first, second = count_positions(FILES, no_result)
    assert (first.n, second.n) == (14, 9)
    assert dict(second.left_out) == {
        "rejected: x y": 2,
        "a cell or row without a value": 2,
        "header, legend or note": 1,
    }
    assert first.n == second.n + sum(n for _, n in second.left_out)


def test_without_positions_that_hold_no_result_there_is_no_such_reason():
    empty = pd.DataFrame({"source_file": [], "reason": []})
    assert dict(count_positions(FILES[1:], empty)[1].left_out) == {}
