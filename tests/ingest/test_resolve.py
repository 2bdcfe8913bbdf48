"""Every position becomes a result, a reject with a reason and a sentence, or no result: exactly one of the three."""

from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recal_labs.columns import NO_RESULT, REJECTS, RESULTS, polars_schema
from recal_labs.ingest.positions import SCHEMA, as_positions
from recal_labs.ingest.resolve import judge
from recal_labs.vocabulary import COMPARATORS, FRACTIONS, NO_RESULT_REASONS, REJECT_REASONS, SPECIMENS, STATUSES

from .exports import CATALOGUE, LONG, long_profile, one_row, read, rows

HEAD = "patient,analyte,result,unit,specimen"
GOOD = {"subject_id": "S1", "name": "HVA", "value": "3", "unit": "mg/g Cr", "specimen": "urine", "raw": "HVA|3"}


def judged(*changes: dict, profile=LONG, lab=None):
    """Judge good positions, each with a change."""
    frame = as_positions(pl.DataFrame([GOOD | change for change in changes], infer_schema_length=None))
    return judge(frame, profile, CATALOGUE, lab=lab, name="export.csv")


@pytest.mark.parametrize(
    ("change", "reason", "said"),
    [
        ({"subject_id": None}, "missing_subject", "map its column"),
        ({"subject_id": "  "}, "missing_subject", "map its column"),
        ({"specimen": "CSF"}, "wrong_specimen", "csf"),
        ({"specimen": "moon dust"}, "wrong_specimen", "specimen_words.csv"),
        ({"specimen": None}, "wrong_specimen", "[defaults]"),
        ({"name": "Kryptonite"}, "unknown_analyte", "[analytes]"),
        ({"name": None}, "unknown_analyte", "no analyte name"),
        ({"name": "NA"}, "ambiguous_analyte", "[analytes]"),
        ({"value": "QNS"}, "not_measured", "QNS"),
        ({"value": None, "status": "cancelled"}, "not_measured", "cancelled"),
        ({"value": "ND"}, "unreadable_value", "[not_detected]"),
        ({"value": "3 or so"}, "unreadable_value", "3 or so"),
        ({"value": "1,530"}, "ambiguous_number", "thousands"),
        ({"value": "-3"}, "impossible_value", "negative"),
        ({"unit": None}, "missing_unit", "[units]"),
        ({"unit": "furlong"}, "unknown_unit", "units.csv"),
        ({"unit": "mmHg"}, "wrong_unit", "ask the lab"),
        ({"collected": "05/06/2021"}, "unreadable_date", "[dates]"),
        ({"status": "Deleted"}, "unreadable_row", "[codes.status]"),
        ({"fraction": "conjugated"}, "unreadable_row", "[codes.fraction]"),
        ({"timepoint": "bedtime"}, "unreadable_row", "[codes.timepoint]"),
        ({"reason": "unreadable_row", "detail": "so said the reader"}, "unreadable_row", "so said the reader"),
        ({"reason": "unreadable_row", "detail": "said of nothing", "value": None}, "unreadable_row", "said of nothing"),
    ],
)
def test_each_fault_has_its_reason_and_a_sentence_that_says_what_to_do(change, reason, said):
    made = judged(change)
    assert rows(made.rejects, "reason") == [(reason,)]
    assert said in made.rejects["detail"][0]
    assert made.results.height == made.no_result.height == 0


@pytest.mark.parametrize(
    ("separate", "text", "comparator"),
    [
        (None, "5", ""),
        ("=", "5", ""),
        ("", "<5", "<"),
        # "=" is what a form is filled with when nobody chose; the printed sign stands.
        ("=", "<5", "<"),
        ("<", "5", "<"),
        ("≤", "5", "<="),
        ("less than", "5", "<"),
        ("<", "< 5", "<"),
    ],
)
def test_a_comparator_in_its_own_column_and_one_in_the_text(separate, text, comparator):
    made = judged({"comparator": separate, "value": text})
    assert rows(made.results, "comparator", "value") == [(comparator, 5)]


@pytest.mark.parametrize(
    ("separate", "text", "said"),
    [
        ("<", ">5", "which is right"),
        ("<=", "<5", "which is right"),
        ("~", "5", "'~'"),
        ("approximately", "5", "'approximately'"),
        ("<", None, "no number"),
        ("<", "-", "no number"),
    ],
)
def test_comparators_that_contradict_or_stand_alone_are_refused(separate, text, said):
    made = judged({"comparator": separate, "value": text})
    assert rows(made.rejects, "reason") == [("unreadable_value",)]
    assert said in made.rejects["detail"][0]


def test_not_detected_becomes_the_limit_that_the_profile_declares():
    profile = replace(LONG, not_detected={"hva": "0.3"})
    assert rows(judged({"value": "ND"}, profile=profile).results, "comparator", "value", "reported_value") == [
        ("<", 0.3, "ND"),
    ]
    assert judged({"value": "ND", "name": "VMA"}, profile=profile).rejects.height == 1


def test_a_cancelled_result_that_still_carries_its_number_stays_visible_as_cancelled():
    assert rows(judged({"status": "cancelled"}).results, "value", "status") == [(3, "cancelled")]


@pytest.mark.parametrize(
    ("written", "status"),
    [("Final", "final"), ("F", "final"), ("c", "corrected"), ("Entered in error", "entered_in_error"), ("", "final")],
)
def test_a_status_is_known_by_its_word_or_its_hl7_letter(written, status):
    assert rows(one_row(f"{HEAD},status", f"S1,HVA,3,mg/g Cr,urine,{written}").results, "status") == [(status,)]


def test_a_fraction_in_its_own_column_stands_before_the_one_in_the_name():
    made = judged(
        {"name": "Metanephrine, free"}, {"name": "Metanephrine", "fraction": "Total"}, {"name": "Metanephrine"}
    )
    assert made.results["fraction"].to_list() == ["free", "total", "unspecified"]


def test_units_come_from_the_cell_then_the_labs_name_then_the_analyte_then_the_default():
    profile = replace(LONG, units={"HVA": "mg/L", "vma": "ug/L"}, defaults={"unit": "g/L"})
    made = judged(
        {}, *({"unit": None, "name": name} for name in ("HVA", "Vanillylmandelic acid", "DA")), profile=profile
    )
    assert made.results["unit"].to_list() == ["mg/g{creat}", "mg/L", "ug/L", "g/L"]


def test_a_specimen_without_an_id_is_named_by_subject_and_day_and_time():
    made = judged({"collected": "2024-03-11 07:40"}, {"collected": "2024-03-11"}, {"specimen_id": "U7"}, {})
    assert made.results["specimen_id"].to_list() == ["S1@2024-03-11T07:40", "S1@2024-03-11", "U7", "S1"]


def test_the_labs_word_for_missing_empties_any_cell_but_a_name():
    profile = replace(LONG, missing=("NA",), analytes={"NA": "norepinephrine"})
    blank = dict.fromkeys(("collected", "range", "flag", "status", "timepoint", "comparator", "specimen_id"), "NA")
    made = judged(blank | {"name": "NA"}, blank | {"value": "NA"}, blank | {"subject_id": "NA"}, profile=profile)
    assert rows(made.results, "reported_name", "status", "reported_flag", "specimen_id") == [
        ("NA", "final", None, "S1")
    ]
    assert rows(made.no_result, "reason") == [("empty_value",)]
    assert rows(made.rejects, "reason") == [("missing_subject",)]


@pytest.mark.parametrize(("given", "lab_id"), [(None, "printed"), ("ours", "ours")])
def test_the_lab_of_the_call_stands_above_the_files(given, lab_id):
    assert judged({"lab": "printed"}, lab=given).results["lab_id"].to_list() == [lab_id]


def test_the_labs_own_panic_flag_is_kept_verbatim():
    assert judged({"flag": "HH"}, {"value": "3 (H)"}).results["reported_flag"].to_list() == ["HH", "H"]


def test_a_megabyte_in_a_cell_is_one_reject_with_a_short_sentence():
    made = judged({"value": "x" * 10**6}, {"unit": "x" * 10**6}, {"name": "x" * 10**4}, {"specimen": "x" * 10**6})
    assert made.rejects.height == 4
    assert made.rejects["detail"].str.len_chars().max() < 400


texts = st.sampled_from(
    [None, "", "HVA", "3", "<", "<5", "=", "~", "mg/g Cr", "urine", "QNS", "2024-03-11", "final", "1,5"]
)
any_position = st.fixed_dictionaries(
    {name: texts for name, dtype in SCHEMA.items() if dtype == pl.String and name not in ("no_result", "reason")}
)


@settings(max_examples=50, deadline=None)
@given(st.lists(any_position, min_size=1, max_size=5), st.sampled_from([".", ","]))
def test_any_positions_are_conserved_and_speak_only_words_of_the_closed_lists(positions, decimal):
    frame = as_positions(pl.DataFrame(positions, schema_overrides=dict.fromkeys(positions[0], pl.String)))
    made = judge(frame, long_profile(decimal), CATALOGUE, lab=None, name="export.csv")
    assert made.results.height + made.rejects.height + made.no_result.height == len(positions)
    for part, table in ((made.results, RESULTS), (made.rejects, REJECTS), (made.no_result, NO_RESULT)):
        assert part.schema == polars_schema(table)
    assert set(made.rejects["reason"]) <= set(REJECT_REASONS)
    assert set(made.no_result["reason"]) <= set(NO_RESULT_REASONS)
    assert all(made.rejects["detail"])
    for column, words in (("comparator", COMPARATORS), ("fraction", FRACTIONS), ("status", STATUSES)):
        assert set(made.results[column]) <= set(words)
    assert set(made.results["specimen"]) <= set(SPECIMENS)
    for needed in ("subject_id", "analyte_id", "value", "unit"):
        assert made.results[needed].null_count() == 0


def test_the_order_of_rows_is_the_files_own():
    odd = ["3", "<1", "4", "QNS", "1e3", "", "5"]
    made = read("\n".join([HEAD, *(f"S{n},HVA,{value},mg/g Cr,urine" for n, value in enumerate(odd))]))
    assert made.results["subject_id"].to_list() == ["S0", "S1", "S2", "S4", "S6"]
