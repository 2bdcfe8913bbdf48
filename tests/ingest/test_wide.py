"""Wide tables and surveys: every cell of an analyte column is one position."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recal_labs.errors import FileProblem, ProfileError
from recal_labs.ingest.profiles import Marks, load_profile
from recal_labs.ingest.wide import split_header

from .exports import CATALOGUE, WIDE, read, rows

GERMAN = replace(load_profile("generic_wide_comma"), defaults={"specimen": "urine_spot"})
SURVEY = replace(
    load_profile("survey_comment_codes"),
    defaults={"specimen": "urine_spot", "unit": "ug/L"},
    survey={"pairs": {"hva": ["VAL", "CODE"]}, "below_codes": ["1"], "divisor": 2**0.5},
)


@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("HVA (mg/g Krea)", "HVA", "mg/g Krea"),
        ("HVA [mg/g Krea]", "HVA", "mg/g Krea"),
        ("HVA\n(mg/g Krea)", "HVA", "mg/g Krea"),
        ("Norepinephrine (NE) (ug/g Cr)", "Norepinephrine (NE)", "ug/g Cr"),
        ("DA (ug/(24.h))", "DA", "ug/(24.h)"),
        ("Osmolality (mosm/kg)", "Osmolality", "mosm/kg"),
        ("HVA (furlong/week)", "HVA", "furlong/week"),
        ("HVA (urine)", "HVA (urine)", None),
        ("HVA", "HVA", None),
    ],
)
def test_a_header_holds_a_name_and_perhaps_a_unit(header, name, unit):
    assert split_header(header, CATALOGUE) == (name, unit)


def test_every_cell_is_a_result_a_reject_or_empty():
    judged = read("patient,HVA (mg/g Cr),VMA (mg/g Cr),DA (ug/g Cr)\nS1,3,QNS,\nS2,<0.8,4 oder 5,5\n", WIDE)
    assert rows(judged.results, "subject_id", "analyte_id", "comparator", "value") == [
        ("S1", "hva", "", 3),
        ("S2", "hva", "<", 0.8),
        ("S2", "dopamine", "", 5),
    ]
    assert rows(judged.rejects, "source_place", "reason") == [
        ("row 2 column VMA (mg/g Cr)", "not_measured"),
        ("row 3 column VMA (mg/g Cr)", "unreadable_value"),
    ]
    assert rows(judged.no_result, "source_place", "reason") == [
        ("row 1", "header"),
        ("row 2 column DA (ug/g Cr)", "empty_cell"),
    ]


def test_the_lims_sheet_with_title_unit_row_and_legend():
    text = (
        "Sample report LIMS 4.2;;;;;\n"
        "Patient;Datum;Dopamin;HVA (mg/g Krea);5-HIES;Bemerkung\n"
        ";;µg/24h;;µmol/mol Krea;\n"
        "007;03.04.2024;1.234,5;<0,8;QNS;Wdh.\n"
        "007;03.04.2024;1.198,0 ±5 %;0,9*;12,5;Wiederholung von 007\n"
        "008;13.4.24;> 3.000;ND;≤ 2;\n"
        "* oberhalb Referenz   ND = nicht nachweisbar (NWG 0,3);;;;;\n"
    )
    judged = read(text, GERMAN)
    assert rows(judged.results, "subject_id", "analyte_id", "comparator", "value", "unit") == [
        ("007", "dopamine", "", 1234.5, "ug/(24.h)"),
        ("007", "hva", "<", 0.8, "mg/g{creat}"),
        ("007", "dopamine", "", 1198, "ug/(24.h)"),
        ("007", "hva", "", 0.9, "mg/g{creat}"),
        ("007", "hiaa_5", "", 12.5, "umol/mol{creat}"),
        ("008", "dopamine", ">", 3000.0, "ug/(24.h)"),
        ("008", "hiaa_5", "<=", 2.0, "umol/mol{creat}"),
    ]
    assert rows(judged.rejects, "source_row", "reason") == [
        (4, "not_measured"),
        (6, "unreadable_value"),
    ]
    assert rows(judged.no_result, "source_row", "reason") == [
        (1, "preamble"),
        (2, "header"),
        (3, "unit_row"),
        (7, "footer"),
    ]


def test_all_filled_cells_under_an_unknown_header_are_refused_and_the_empty_ones_are_empty():
    judged = read("patient,HVA (mg/g Cr),Kryptonite\nS1,3,7\nS2,4,\n", WIDE)
    assert rows(judged.rejects, "source_row", "reason") == [(2, "unknown_analyte")]
    assert rows(judged.no_result, "source_row", "reason") == [(1, "header"), (3, "empty_cell")]


def test_two_columns_of_one_name_are_both_read_and_told_apart():
    judged = read("patient,HVA (mg/g Cr),HVA (mg/g Cr)\nS1,3,4\n", WIDE)
    assert rows(judged.results, "value", "source_place") == [
        (3, "row 2 column HVA (mg/g Cr) (number 2)"),
        (4, "row 2 column HVA (mg/g Cr) (number 3)"),
    ]


def test_a_second_column_of_ids_is_not_overlooked():
    judged = read("patient,patient,HVA (mg/g Cr)\nS1,X1,3\n", WIDE)
    assert rows(judged.results, "subject_id", "value") == [("S1", 3)]
    assert rows(judged.rejects, "reason", "raw") == [("unknown_analyte", "patient|X1")]


def test_a_column_without_a_name_counts_where_it_holds_something():
    judged = read("patient,HVA (mg/g Cr),,\nS1,3,7,\n", WIDE)
    assert rows(judged.rejects, "source_place", "reason", "raw") == [("row 2 column number 3", "unknown_analyte", "|7")]
    assert "no name" in judged.rejects["detail"][0]


def test_a_declared_remark_column_is_not_part_of_the_panel():
    judged = read("patient,HVA (mg/g Cr),Courier\nS1,3,bike\n", replace(WIDE, ignore=("courier",)))
    assert (judged.results.height, judged.rejects.height) == (1, 0)


@pytest.mark.parametrize("row", [",2024-03-11,5,", ",,5,", ",,<0.5,", ",,1.5 *,"])
def test_a_number_without_a_subject_is_refused_not_taken_for_a_legend(row):
    judged = read(f"patient,collected_at,HVA (mg/g Cr),VMA (mg/g Cr)\nS1,2024-03-11,3,4\n{row}\n", WIDE)
    assert rows(judged.rejects, "source_row", "reason") == [(3, "missing_subject")]


@pytest.mark.parametrize("row", ["* above reference,,,", ",,* above,", ",,2 Ages 18 and over,", "S9,,,"])
def test_a_row_with_nothing_but_a_remark_holds_no_result(row):
    judged = read(f"patient,collected_at,HVA (mg/g Cr),VMA (mg/g Cr)\nS1,2024-03-11,3,4\n{row}\n", WIDE)
    assert rows(judged.no_result, "source_row", "reason") == [(1, "header"), (3, "footer")]


def test_a_long_table_under_a_wide_profile_is_a_problem_not_an_empty_panel():
    with pytest.raises(FileProblem, match="choose a long profile"):
        read("patient,analyte,result,unit\nS1,HVA,3,mg/g Cr\n", WIDE)
    with pytest.raises(FileProblem, match="a column of analytes and one of values"):
        read("patient,analyte,result,unit,courier\nS1,HVA,3,mg/g Cr,bike\n", WIDE)
    with pytest.raises(FileProblem, match="none of its columns is an analyte"):
        read("patient,age\nS1,40\n", WIDE)


def test_a_header_alone_is_one_position_of_a_wide_table_and_of_a_survey():
    for text, profile in (("patient,HVA (mg/g Cr)", WIDE), ("subject,VAL,CODE", SURVEY)):
        judged = read(text, profile)
        assert (judged.results.height, judged.rejects.height) == (0, 0)
        assert rows(judged.no_result, "source_row", "reason") == [(1, "header")]


def test_the_place_of_a_cell_stays_on_one_line_where_its_header_has_two():
    judged = read('patient,"HVA\n(mg/g Cr)"\nS1,3\n', WIDE)
    assert rows(judged.results, "source_row", "source_place", "value") == [(3, "row 3 column HVA (mg/g Cr)", 3)]


cells = st.sampled_from(["", "3", "<0.5", "QNS", "1,530", "note", "27~25", "NaN", "*"])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["S1", "S2"]), cells, cells, cells), max_size=10))
def test_every_cell_of_every_subject_is_counted_once(table):
    text = "patient|HVA (mg/g Cr)|VMA (mg/g Cr)|Kryptonite\n" + "\n".join("|".join(row) for row in table)
    judged = read(text, WIDE)
    whole = sum(1 if not any(row[1:]) else 3 for row in table)
    assert judged.results.height + judged.rejects.height + judged.no_result.height == whole + 1


def survey(row: str, profile=SURVEY):
    return read(f"subject,VAL,CODE,other\n{row}\n", profile)


@pytest.mark.parametrize("code", ["1", "1.0"])
def test_a_comment_code_turns_the_printed_number_back_into_its_limit(code):
    # A limit of 0.13 is printed as 0.13 / sqrt(2) = 0.0919.
    judged = survey(f"S1,0.0919,{code},x")
    assert rows(judged.results, "comparator", "value", "reported_value", "reported_flag") == [
        ("<", 0.13, "0.0919", code),
    ]


def test_the_decimal_comma_serves_the_limit_too():
    text = "subject;VAL;CODE\nS1;0,0919;1\n"
    judged = read(text, replace(SURVEY, marks=Marks(",")))
    assert rows(judged.results, "comparator", "value") == [("<", 0.13)]


def test_a_number_without_the_code_is_itself():
    assert rows(survey("S1,0.5,0,x").results, "comparator", "value") == [("", 0.5)]


@pytest.mark.parametrize("value", ["", "NA", "abc"])
def test_a_censored_cell_without_a_limit_is_refused_not_emptied(value):
    judged = survey(f"S1,{value},1,x", replace(SURVEY, missing=("NA",)))
    assert rows(judged.rejects, "reason") == [("unreadable_value",)]


def test_a_survey_without_its_columns_or_its_pairs_is_refused():
    with pytest.raises(FileProblem, match="no column CODE"):
        read("subject,VAL\nS1,3\n", SURVEY)
    with pytest.raises(ProfileError, match="pairs"):
        read("subject,VAL\nS1,3\n", replace(SURVEY, survey={}))
