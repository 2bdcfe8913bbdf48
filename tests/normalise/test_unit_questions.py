"""A group of results whose unit is doubted becomes one question, with its place, and one row of the worklist."""

import pandas as pd
import polars as pl
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.columns import WORKLIST, polars_schema
from recal_labs.normalise import normalise
from recal_labs.normalise.unit_questions import as_worklist, unit_questions

CATALOGUE = load_catalogue()


def results(**columns):
    n = 6
    frame = {
        "subject_id": [f"S{i}" for i in range(n)],
        "specimen_id": [f"U{i}" for i in range(n)],
        "specimen": "urine_spot",
        "analyte_id": "hva",
        "comparator": "",
        "value": [3700.0 + i for i in range(n)],
        "unit": "mg/g{creat}",
        "reported_unit": "mg/g Krea",
        "lab_id": "lab_a",
        "source_file": "a.csv",
        "source_place": [f"row {i + 2}" for i in range(n)],
    }
    return pd.DataFrame(frame | columns)


@pytest.mark.parametrize("kind", ["pandas", "polars", "lazy"])
def test_a_group_is_asked_about_once_with_its_first_place(kind):
    fits = results(lab_id="lab_b", value=4.0)
    frame = normalise(pd.concat([fits, results()], ignore_index=True)).frame
    inside = pl.from_pandas(frame)
    (asked,) = unit_questions({"pandas": frame, "polars": inside, "lazy": inside.lazy()}[kind], CATALOGUE)
    assert (asked.lab_id, asked.analyte_id, asked.unit, asked.text) == ("lab_a", "hva", "mg/g{creat}", "mg/g Krea")
    assert (asked.count, asked.file, asked.place) == (6, "a.csv", "row 2")
    for part in ("hva in mg/g{creat} of lab_a", "median of 3,700 of its 6", "read as ug/g{creat}", "ask the lab"):
        assert part in asked.sentence


def test_a_table_without_words_of_the_lab_is_asked_about_by_its_code():
    bare = results().drop(columns=["reported_unit", "lab_id", "source_file", "source_place"])
    (asked,) = unit_questions(normalise(bare).frame, CATALOGUE)
    assert (asked.text, asked.file, asked.lab_id) == ("mg/g{creat}", "", "")


def test_nothing_is_asked_where_units_fit():
    assert unit_questions(normalise(results(value=4.0)).frame, CATALOGUE) == ()
    assert as_worklist(()).schema == polars_schema(WORKLIST)


def test_a_question_is_a_row_of_the_worklist():
    made = as_worklist(unit_questions(normalise(results()).frame, CATALOGUE))
    assert made.schema == polars_schema(WORKLIST)
    assert made.select("what", "text", "count", "example").rows() == [("unit (suspect)", "mg/g Krea", 6, "a.csv row 2")]
    assert made["suggestion"][0].endswith("ask the lab which unit it means.")
