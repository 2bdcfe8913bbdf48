"""A change of lab, method or preservative inside one person's series is flagged where it first shows, there only."""

import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recal_labs.normalise import normalise
from recal_labs.normalise.series import CODES

HVA = {"analyte_id": "hva", "value": 4.0, "unit": "mg/g{creat}"}


def panel(day, **more):
    return HVA | {"specimen_id": f"U{day}", "collected_at": pd.Timestamp(2024, 1, 1) + pd.Timedelta(days=day)} | more


@pytest.fixture
def changes(results):
    """Return a function that tells which rows carry which of the codes of a change."""

    def of(*rows, **tables):
        frame = normalise(results(*rows), **tables).frame
        assert len(frame) == len(rows)
        return [sorted(set(CODES.values()) & set(qc.split(";"))) for qc in frame["qc"]]

    return of


@pytest.mark.parametrize(("column", "code"), [("lab_id", "lab_changed"), ("method", "method_changed")])
def test_the_first_panel_after_a_change_is_flagged_and_not_the_next(changes, column, code):
    rows = [panel(day, **{column: word}) for day, word in enumerate(["a", "a", "b", "b", "a"])]
    assert changes(*rows) == [[], [], [code], [], [code]]


def test_time_decides_and_not_the_order_of_rows(changes):
    rows = [panel(2, lab_id="b"), panel(3, lab_id="b"), panel(1, lab_id="a")]
    assert changes(*rows) == [["lab_changed"], [], []]


def test_a_missing_word_is_no_change_and_hides_none(changes):
    words = ["a", None, "a", "", "b", None]
    assert changes(*(panel(day, lab_id=word) for day, word in enumerate(words))) == [
        [],
        [],
        [],
        [],
        ["lab_changed"],
        [],
    ]


def test_case_and_spaces_are_no_change(changes):
    assert changes(panel(1, method="LC-MS/MS"), panel(2, method=" lc-ms/ms ")) == [[], []]


@pytest.mark.parametrize(
    "different",
    [{"subject_id": "S2"}, {"analyte_id": "vma"}, {"fraction": "free"}, {"specimen": "urine_24h", "unit": "mg/(24.h)"}],
)
def test_another_person_analyte_fraction_or_specimen_is_another_series(changes, different):
    assert changes(panel(1, lab_id="a"), panel(2, lab_id="b", **different)) == [[], []]


def test_a_change_of_unit_does_not_hide_a_change_of_lab(changes):
    assert changes(panel(1, lab_id="a"), panel(2, lab_id="b", unit="mg/L")) == [[], ["lab_changed"]]


def test_all_rows_of_the_panel_after_the_change_are_flagged(changes):
    second = panel(2, lab_id="b"), panel(2, lab_id="b", unit="mg/L")
    assert changes(panel(1, lab_id="a"), *second) == [[], ["lab_changed"], ["lab_changed"]]


def test_what_does_not_stand_or_has_no_date_or_nobody_is_left_out(changes):
    gone = panel(2, lab_id="b", status="entered_in_error")
    assert changes(panel(1, lab_id="a"), gone, panel(3, lab_id="a")) == [[], [], []]
    assert changes(panel(1, lab_id="a"), panel(2, lab_id="b") | {"collected_at": pd.NaT}) == [[], []]
    assert changes(panel(1, lab_id="a", subject_id=None), panel(2, lab_id="b", subject_id=None)) == [[], []]


def test_a_change_of_preservative_comes_from_the_table_of_specimens(changes):
    bottles = pd.DataFrame(
        {"specimen_id": ["U1", "U2", "U3"], "preservative": ["HCl", "hydrochloric acid 6N", "boric acid"]}
    )
    assert changes(*(panel(day) for day in (1, 2, 3, 4)), specimens=bottles) == [[], [], ["preservative_changed"], []]


def test_panels_of_one_time_give_the_same_in_any_order(changes):
    first, second = panel(1, lab_id="a"), panel(1, lab_id="b", specimen_id="U2")
    assert changes(first, second) == [[], ["lab_changed"]]
    assert changes(second, first) == [["lab_changed"], []]


def test_lab_and_method_may_change_at_once(changes):
    rows = panel(1, lab_id="a", method="HPLC"), panel(2, lab_id="b", method="LC-MS/MS")
    assert changes(*rows) == [[], ["lab_changed", "method_changed"]]


def test_without_the_columns_nothing_is_looked_for(changes):
    assert changes(panel(1), panel(2)) == [[], []]


@settings(max_examples=6, deadline=None)
@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["S1", "S2", "S3"]), st.integers(0, 9), st.sampled_from(["a", "b", None])),
        max_size=25,
    ),
    lazy=st.booleans(),
)
def test_it_is_the_last_known_lab_before_that_counts(rows, lazy):
    # One panel a person and day.
    rows = list({(who, day): (who, day, lab) for who, day, lab in rows}.values())
    schema = {"subject_id": pl.String, "day": pl.Int64, "lab_id": pl.String}
    frame = pl.DataFrame(rows, schema=schema, orient="row").with_columns(
        specimen_id=pl.format("{}-{}", "subject_id", "day"),
        collected_at=pl.datetime(2024, 1, 1) + pl.duration(days="day"),
        specimen=pl.lit("urine_spot"),
        comparator=pl.lit(""),
        **{name: pl.lit(value) for name, value in HVA.items()},
    )
    made = normalise(frame.lazy() if lazy else frame).frame.lazy().collect()
    expected = []
    for who, day, lab in rows:
        before = [(d, b) for w, d, b in rows if w == who and d < day and b is not None]
        expected.append(lab is not None and bool(before) and max(before)[1] != lab)
    assert [("lab_changed" in qc.split(";")) for qc in made["qc"]] == expected
