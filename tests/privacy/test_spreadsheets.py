"""No cell of a CSV file is run by a spreadsheet; numbers stay numbers and Parquet keeps every letter."""

import csv
import io

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.spreadsheets import neutral_text, neutralised

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\x00")
# The cells of OWASP's page on CSV injection, and others of their kind.
ATTACKS = [
    '=1+2";=1+2',
    "=1+2'\" ;,=1+2",
    "=cmd|'/c calc'!A1",
    "@SUM(1+1)",
    "+1+1",
    "-1+1",
    "\t=1",
    "\r=1",
    "\n=1",
    "\x00=1",
    " =1",
    "x\r=1",
    "x\r\n=1",
    "a;=1",
    "a\t=1",
]
# Writers quote these, so that another spreadsheet's habits alone could run them.
QUOTED = ["a,=1", '"=1']
HARMLESS = ["", "HVA", "5-HIAA", "<0.8", "2 - 8", "S-1", "-5", "+1.5e-3", "-0,5", ".5", "no_interval;too_dilute", "a@b"]


def cells_of(text: str, delimiter: str) -> list[str]:
    # A spreadsheet takes a lone carriage return for the end of a row.
    rows = csv.reader(io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n")), delimiter=delimiter)
    return [cell for row in rows for cell in row]


def is_safe(cell: str) -> bool:
    try:
        float(cell.strip().replace(",", "."))
    except ValueError:
        return not cell.lstrip(" ").startswith(DANGEROUS)
    return True


@pytest.mark.parametrize("text", [*ATTACKS, *QUOTED])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_no_cell_begins_a_formula_whatever_the_separator(text, delimiter):
    frame = pl.DataFrame({"id": ["S1"], "text": [text], "n": [1.0]})
    for written in (neutralised(frame).write_csv(), neutralised(frame.to_pandas()).to_csv(index=False)):
        assert all(is_safe(cell) for cell in cells_of(written, delimiter)), written


@pytest.mark.parametrize("text", ATTACKS)
def test_the_test_above_can_fail(text):
    written = pl.DataFrame({"id": ["S1"], "text": [text], "n": [1.0]}).write_csv()
    assert not all(is_safe(cell) for mark in ",;\t" for cell in cells_of(written, mark))


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_cells_and_plain_numbers_stay(text):
    assert neutral_text(text) == text
    assert neutralised(pl.DataFrame({"t": [text]}))["t"].to_list() == [text]


@given(st.lists(st.text(alphabet="=+-@;,\t\r\n\x00\"' a1."), max_size=30))
def test_python_polars_and_pandas_agree_and_twice_is_once(texts):
    frame = pl.DataFrame({"t": texts}, schema={"t": pl.String})
    safe = neutralised(frame)
    assert safe["t"].to_list() == [neutral_text(text) for text in texts]
    assert neutralised(safe).equals(safe)
    assert neutralised(frame.lazy()).collect().equals(safe)
    assert neutralised(frame.to_pandas())["t"].tolist() == safe["t"].to_list()


@given(st.text(alphabet="=+-@;,\t\r\n\x00\"' a1."))
def test_nothing_but_apostrophes_and_line_ends_changes(text):
    plain = text.replace("\r\n", "\n").replace("\r", "\n")
    assert neutral_text(text).replace("'", "") == (text if neutral_text(text) == text else plain).replace("'", "")


def test_numbers_dates_and_missing_cells_stay():
    frame = pl.DataFrame({"n": [-1.5, None], "t": ["=1", None], "f": [True, None], "d": [None, None]})
    safe = neutralised(frame)
    assert safe.drop("t").equals(frame.drop("t"))
    assert safe["t"].to_list() == ["'=1", None]
    pandas = neutralised(frame.to_pandas())
    assert pandas["n"].tolist()[0] == -1.5
    assert pandas["t"].isna().tolist() == [False, True]


def test_names_of_columns_are_cells_too():
    assert neutralised(pl.DataFrame({"=x": [1]})).columns == ["'=x"]
    assert list(neutralised(pd.DataFrame({"@x": [1], 3: [2]})).columns) == ["'@x", 3]


def test_a_pandas_frame_is_not_changed_and_keeps_its_index():
    frame = pd.DataFrame({"t": ["=1", "b"]}, index=[5, 6])
    safe = neutralised(frame)
    assert frame["t"].tolist() == ["=1", "b"]
    assert list(safe.index) == [5, 6]


def test_a_column_with_many_words_is_looked_at_cell_by_cell():
    many = [f"S{n}" for n in range(5000)] + ["=1"]
    assert neutralised(pl.DataFrame({"t": many}))["t"][-1] == "'=1"


def test_effects_are_neutral_as_csv(tmp_path):
    from recal_labs.analyse import Associations
    from recal_labs.columns import ESTIMATES
    from recal_labs.utility import UtilityStatement

    table = pd.DataFrame([dict.fromkeys(ESTIMATES.names) | {"analyte_id": "=x", "estimate": -0.5}])
    statement = UtilityStatement(headline="h", seen=(), weakens=(), cannot_show=("c",), for_whom="f", closing="c")
    path = Associations(table=table, statement=statement).to_csv(tmp_path / "effects.csv")
    written = pd.read_csv(path)
    assert written["analyte_id"].tolist() == ["'=x"]
    assert written["estimate"].tolist() == [-0.5]
