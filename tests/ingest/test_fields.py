"""Which column holds what, and what a row says of its subject and bottle."""

from dataclasses import replace

import pytest

from recal_labs.ingest.fields import find_columns, repeated_columns
from recal_labs.ingest.labels import fold_label

from .exports import LONG, WIDE, long_profile, one_row, read, rows

HEAD = "patient,analyte,result,unit,specimen"
ROW = "S1,HVA,3,mg/g creat,urine"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Proben-ID", "proben id"), ("\ufeffpatient", "Patient"), ("Größe", "GRÖSSE"), ("Alter (Jahre)", "alterjahre")],
)
def test_spellings_of_one_column(one, other):
    assert fold_label(one) == fold_label(other)


def test_columns_in_another_alphabet_are_told_apart():
    profile = replace(LONG, columns={"subject_id": ("Пациент",), "analyte": ("Анализ",), "value": ("Результат",)})
    found = find_columns(("Анализ", "Результат", "Пациент"), profile)
    assert found == {"subject_id": 2, "analyte": 0, "value": 1}


def test_of_several_spellings_the_first_in_the_profile_is_read():
    profile = replace(LONG, columns={"value": ("result", "value")})
    assert find_columns(("value", "result"), profile) == {"value": 1}


def test_a_column_that_stands_again_is_named():
    header = ("Result", "unit", "result ", "RESULT")
    assert repeated_columns(header, {"value": 0, "unit": 1}) == {"value": [2, 3]}


def detail(columns: str, texts: str, profile=LONG):
    """Read one good result whose row also says something of subject or bottle."""
    judged = one_row(f"{HEAD},{columns}", f"{ROW},{texts}", profile)
    (kept,) = rows(judged.results, "collection_volume_l", "collection_hours", "age_years", "sex")
    return kept, rows(judged.rejects, "source_row", "source_place", "reason", "raw")


def test_volume_hours_age_and_sex_are_read_as_numbers_and_words():
    kept, unread = detail("volume_l,hours,age,sex", "1.85,24,40.5,F")
    assert kept == (1.85, 24, 40.5, "female")
    assert unread == []


def test_a_volume_in_millilitres_becomes_litres_and_fills_in_for_an_empty_one():
    assert detail("volume_ml", "1850")[0][0] == pytest.approx(1.85)
    assert detail("volume_l,volume_ml", ",1850")[0][0] == pytest.approx(1.85)
    assert detail("volume_l,volume_ml", "1.7,1850")[0][0] == 1.7


@pytest.mark.parametrize("text", ["", "-", "n/a", "QNS", " "])
def test_nothing_said_is_no_fault(text):
    kept, unread = detail("volume_l,hours,age,sex", ",".join([text] * 4))
    assert kept == (None, None, None, "unknown")
    assert unread == []


@pytest.mark.parametrize(
    ("column", "text", "reason"),
    [
        ("volume_l", "2 bottles", "unreadable_value"),
        ("volume_l", "1850 mL", "unreadable_value"),
        ("volume_ml", "1.85 L", "unreadable_value"),
        ("hours", "24h", "unreadable_value"),
        ("hours", "<20", "unreadable_value"),
        ("hours", "-24", "impossible_value"),
        ("age", "-5", "impossible_value"),
        ("age", "1985", "impossible_value"),
        ("age", ">89", "unreadable_value"),
        ("age", "forty", "unreadable_value"),
        ("age", "inf", "unreadable_value"),
        ("sex", "3", "unreadable_value"),
        ("sex", "<script>", "unreadable_value"),
    ],
)
def test_an_unreadable_detail_is_refused_by_itself_and_its_result_stands(column, text, reason):
    kept, unread = detail(column, text)
    assert kept == (None, None, None, "unknown")
    assert unread == [(2, f"row 2 column {column}", reason, text)]


def test_a_decimal_comma_between_declared_thousands_never_becomes_a_hundredfold_volume():
    kept, unread = detail("volume_l", '"1,85"', long_profile(".", ","))
    assert kept[0] is None
    assert unread[0][2] == "ambiguous_number"


def test_details_are_read_with_the_marks_of_the_file():
    text = "patient;analyte;result;unit;specimen;volume_l;age\nS1;HVA;3,5;mg/g creat;urine;1,85;40,5\n"
    judged = read(text, long_profile(","))
    assert rows(judged.results, "value", "collection_volume_l", "age_years") == [(3.5, 1.85, 40.5)]


def test_a_detail_of_a_wide_row_is_refused_once_not_once_a_cell():
    judged = read("patient,age,HVA (mg/g Cr),VMA (mg/g Cr)\nS1,forty,3,4\n", WIDE)
    assert judged.results.height == 2
    assert rows(judged.rejects, "source_place", "raw") == [("row 2 column age", "forty")]


@pytest.mark.parametrize(("code", "sex"), [("1", "male"), ("2", "female"), ("9", "unknown"), ("", "unknown")])
def test_a_labs_own_codes_for_sex(code, sex):
    profile = replace(LONG, codes={"sex": {"1": "male", "2": "female", "9": "unknown"}})
    kept, unread = detail("sex", code, profile)
    assert (kept[3], unread) == (sex, [])
