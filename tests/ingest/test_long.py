"""Long tables: every data row is one position, whatever is in it."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recal_labs.errors import FileProblem, RecalLabsError
from recal_labs.ingest.grid import DELIMITERS

from .exports import LONG, long_profile, one_row, read, rows

HEAD = "patient,analyte,result,unit,specimen"


def test_a_row_is_a_result_with_the_labs_own_words_beside_it():
    head = "patient,accession,collected,test,result,units,range,flag,specimen,lab,method,loinc"
    row = '007,U-1,2024-03-11 07:40,"Norepinephrine (NE)",<41.3 *,\u00b5g/g Krea,11.0 - 34.0,H,random urine,north,LC,'
    made = one_row(head, row).results.row(0, named=True)
    expected = {
        "subject_id": "007",
        "specimen_id": "U-1",
        "collected_precision": "minute",
        "specimen": "urine_spot",
        "analyte_id": "norepinephrine",
        "comparator": "<",
        "value": 41.3,
        "unit": "ug/g{creat}",
        "reported_name": "Norepinephrine (NE)",
        "reported_value": "<41.3 *",
        "reported_unit": "\u00b5g/g Krea",
        "reported_range": "11.0 - 34.0",
        "reported_flag": "H",
        "reported_low": 11.0,
        "reported_high": 34.0,
        "status": "final",
        "lab_id": "north",
        "method": "LC",
        "source_row": 2,
        "source_place": "row 2",
    }
    assert {key: made[key] for key in expected} == expected
    assert made["collected_at"].isoformat() == "2024-03-11T07:40:00"


def test_na_is_an_analyte_and_007_a_subject_and_neither_is_changed():
    profile = replace(LONG, analytes={"NA": "norepinephrine"})
    judged = one_row(HEAD, "007,NA,1.50,ug/g Cr,urine", profile)
    assert rows(judged.results, "subject_id", "reported_name", "reported_value") == [("007", "NA", "1.50")]


def test_titles_sections_and_legends_hold_no_result():
    text = f"SIMULATED\n{HEAD}\nAMINES,,,,\nS1,HVA,3,mg/g Cr,urine\nND = not detected,,,,\n"
    judged = read(text)
    assert rows(judged.no_result, "source_row", "reason") == [
        (1, "preamble"),
        (2, "header"),
        (3, "section"),
        (5, "footer"),
    ]


def test_a_row_without_a_value_holds_none_and_a_value_without_a_name_is_refused():
    judged = read(f"{HEAD}\nS1,HVA,,mg/g Cr,urine\nS1,,3,mg/g Cr,urine\n,,4,,\n")
    assert rows(judged.no_result, "source_row", "reason") == [(1, "header"), (2, "empty_value")]
    assert rows(judged.rejects, "source_row", "reason") == [(3, "unknown_analyte"), (4, "missing_subject")]


def test_a_row_that_does_not_fit_the_header_is_a_reject_and_never_a_result():
    judged = read(f"{HEAD}\nS1,HVA,3,mg/g Cr,urine,7,8\nS2,HVA\nS3,HVA,3,mg/g Cr,urine\n")
    assert rows(judged.rejects, "source_row", "reason", "raw") == [
        (2, "unreadable_row", "S1,HVA,3,mg/g Cr,urine,7,8"),
        (3, "unreadable_row", "S2,HVA"),
    ]
    assert rows(judged.results, "subject_id") == [("S3",)]


def test_two_result_columns_of_one_name_are_read_only_where_they_agree():
    head = "patient,analyte,result,result,unit,specimen"
    judged = read(f"{head}\nS1,HVA,3,3,mg/g Cr,urine\nS2,HVA,3,4,mg/g Cr,urine\nS3,HVA,3,,mg/g Cr,urine\n")
    assert rows(judged.results, "subject_id", "value") == [("S1", 3), ("S3", 3)]
    assert rows(judged.rejects, "source_row", "reason") == [(3, "unreadable_row")]
    assert "'result' stands more than once" in judged.rejects["detail"][0]


def test_two_columns_of_remarks_are_no_contradiction():
    judged = one_row(f"{HEAD},comment,comment", "S1,HVA,3,mg/g Cr,urine,late,very late")
    assert (judged.results.height, judged.rejects.height) == (1, 0)


def test_the_raw_text_of_a_reject_has_name_value_unit_range_and_flag_in_their_places():
    judged = one_row("patient,test,result,range,flag", "S1,Kryptonite,3,1-5,H")
    assert rows(judged.rejects, "raw") == [("Kryptonite|3||1-5|H",)]


def test_a_wide_file_has_no_header_for_a_long_profile():
    with pytest.raises(FileProblem, match="no header line"):
        read("patient,HVA,VMA\nS1,3,4\n")


words = st.sampled_from(
    ["S1", "HVA", "Foo", "3", "<0.5", "1,5", "QNS", "mg/g Cr", "urine", "CSF", "", " ", "~", '"', "2024"]
)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(words, min_size=1, max_size=7), max_size=8),
    st.sampled_from(DELIMITERS),
    st.sampled_from([".", ","]),
)
def test_no_row_of_any_table_is_lost(table, mark, decimal):
    head = mark.join(["patient", "analyte", "result", "unit", "specimen", "comparator", "age"])
    text = "\n".join([head, *(mark.join(row) for row in table)])
    judged = read(text, long_profile(decimal))
    places = [place for part in (judged.results, judged.rejects, judged.no_result) for place in part["source_row"]]
    filled = {number for number, line in enumerate(text.split("\n"), 1) if line.replace(mark, "").strip()}
    if '"' not in text:
        assert set(places) == filled
    details = judged.rejects["source_place"].str.contains("column").sum()
    assert len(places) - details <= len(filled)


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=200))
def test_any_text_below_a_header_is_read_or_refused_in_a_sentence(text):
    judged = read(f"{HEAD}\n{text}".replace("\x00", ""))
    assert judged.results.height + judged.rejects.height + judged.no_result.height >= 1
    assert all(detail.strip() for detail in judged.rejects["detail"])


@settings(max_examples=50, deadline=None)
@given(st.text(st.sampled_from('patient,analyte;result\n"|\t ') | st.characters(), max_size=120))
def test_any_text_at_all_raises_nothing_but_our_own_errors(text):
    with suppress(RecalLabsError):
        read(text)
