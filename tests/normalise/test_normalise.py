"""The whole of normalise: rows kept, amounts right, what is missing explained."""

import math

import pandas as pd
import polars as pl
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.errors import TableError, UnknownWordError
from recal_labs.normalise import normalise

HVA = {"analyte_id": "hva", "value": 4.0, "unit": "mg/L"}
CREATININE = {"analyte_id": "creatinine", "value": 80.0, "unit": "mg/dL"}


def row(frame, analyte="hva"):
    return frame[frame["analyte_id"] == analyte].iloc[0]


def test_a_spot_concentration_is_divided_by_its_own_creatinine(results):
    frame = normalise(results(HVA, CREATININE)).frame
    assert row(frame)["amount"] == pytest.approx(4.0 / 0.8)
    assert row(frame)["amount_unit"] == "mg/g{creat}"
    assert row(frame)["basis"] == "per_creatinine"
    assert row(frame)["creatinine_g_per_l"] == pytest.approx(0.8)


def test_dilution_does_not_change_the_amount_per_creatinine(results):
    neat = normalise(results(HVA, CREATININE)).frame
    diluted = normalise(results(HVA | {"value": 2.0}, CREATININE | {"value": 40.0})).frame
    assert row(neat)["amount"] == pytest.approx(row(diluted)["amount"])


def test_a_24_h_collection_becomes_excretion_per_day(results):
    timed = {"specimen": "urine_24h", "collection_volume_l": 1.5, "collection_hours": 22.0}
    frame = normalise(results(HVA | timed, CREATININE | timed)).frame
    assert row(frame)["amount"] == pytest.approx(4.0 * 1.5 * 24 / 22)
    assert row(frame)["amount_unit"] == "mg/(24.h)"
    assert row(frame, "creatinine")["amount"] == pytest.approx(0.8 * 1.5 * 24 / 22)
    assert row(frame, "creatinine")["amount_unit"] == "g/(24.h)"


def test_a_ratio_already_per_creatinine_needs_no_creatinine(results):
    frame = normalise(results({"analyte_id": "hva", "value": 3.0, "unit": "mmol/mol{creat}"})).frame
    assert row(frame)["amount"] == pytest.approx(3.0 * 182.175 / 113.12)
    assert "no_creatinine" not in row(frame)["qc"]


def test_without_creatinine_the_amount_is_missing_and_says_why(results):
    frame = normalise(results(HVA)).frame
    assert math.isnan(row(frame)["amount"])
    assert "no_creatinine" in row(frame)["qc"].split(";")
    assert row(frame)["dilution"] == "unknown"
    assert row(frame)["interpretation"] == ""


@pytest.mark.parametrize(
    ("hva", "creatinine", "amount"),
    [("", "<", ">"), ("", ">=", "<="), ("<", ">", "<"), ("<=", ">=", "<="), (">", "<=", ">"), (">=", "<=", ">=")],
)
def test_a_censored_creatinine_bounds_what_is_divided_by_it(results, hva, creatinine, amount):
    frame = normalise(results(HVA | {"comparator": hva}, CREATININE | {"comparator": creatinine})).frame
    assert row(frame)["amount_comparator"] == amount
    assert row(frame)["amount"] == pytest.approx(5.0)
    assert row(frame)["amount_low"] == pytest.approx(5.0 if amount[0] == ">" else 0.0)
    assert math.isnan(row(frame)["amount_high"]) == (amount[0] == ">")
    assert "creatinine_censored" in row(frame)["qc"].split(";")


@pytest.mark.parametrize("side", ["<", ">"])
def test_where_both_are_censored_alike_nothing_but_the_sign_is_known(results, side):
    frame = normalise(results(HVA | {"comparator": side}, CREATININE | {"comparator": side})).frame
    assert math.isnan(row(frame)["amount"])
    assert math.isnan(row(frame)["position_amount"])
    assert row(frame)["amount_low"] == 0
    assert math.isnan(row(frame)["amount_high"])


@pytest.mark.parametrize("value", [0.0, -5.0])
def test_creatinine_of_zero_divides_nothing(results, value):
    assert math.isnan(row(normalise(results(HVA, CREATININE | {"value": value})).frame)["amount"])


def test_a_censored_value_stays_censored_at_the_converted_limit(results):
    frame = normalise(results(HVA | {"comparator": "<"}, CREATININE)).frame
    assert row(frame)["comparator"] == "<"
    assert row(frame)["amount"] == pytest.approx(5.0)
    assert math.isnan(row(frame)["zlog"])


@pytest.mark.parametrize(
    ("mg_per_dl", "verdict"), [(20.0, "too_dilute"), (30.0, "ok"), (300.0, "ok"), (310.0, "too_concentrated")]
)
def test_dilution_is_flagged_and_nothing_is_removed(results, mg_per_dl, verdict):
    frame = normalise(results(HVA, CREATININE | {"value": mg_per_dl})).frame
    assert row(frame)["dilution"] == verdict
    assert row(frame)["amount"] > 0
    assert (verdict in row(frame)["qc"].split(";")) is (verdict != "ok")


def test_of_two_creatinines_the_last_is_used_and_both_stay(results):
    frame = normalise(results(HVA, CREATININE, CREATININE | {"value": 100.0})).frame
    assert len(frame) == 3
    assert row(frame)["amount"] == pytest.approx(4.0)
    assert frame["current"].tolist() == [True, False, True]
    assert "several_creatinines" in row(frame)["qc"].split(";")


def test_a_correction_stands_wherever_it_is(results):
    frame = normalise(
        results(
            HVA | {"value": 4.8, "status": "corrected"},
            HVA | {"value": 4.0},
            HVA | {"value": 9.0, "status": "preliminary"},
        )
    ).frame
    assert frame["current"].tolist() == [True, False, False]
    assert frame["qc"].str.contains("superseded").tolist() == [False, True, True]


def test_a_rerun_stands_and_the_first_run_stays_visible(results):
    frame = normalise(results(HVA, HVA | {"value": 5.0})).frame
    assert frame["current"].tolist() == [False, True]
    assert "rerun" in frame["qc"].iloc[0].split(";")


def test_a_withdrawn_result_never_stands(results):
    frame = normalise(
        results(HVA | {"status": "entered_in_error"}, HVA | {"specimen_id": "U2", "status": "cancelled"})
    ).frame
    assert frame["current"].tolist() == [False, False]
    assert frame["qc"].str.contains("withdrawn").all()


def test_rows_without_specimen_id_are_no_duplicates_of_each_other(results):
    frame = normalise(results(HVA | {"specimen_id": None}, HVA | {"specimen_id": None})).frame
    assert frame["current"].tolist() == [True, True]


def test_rows_in_are_rows_out_in_the_same_order(results):
    rows = [
        HVA | {"sex": "unknown", "age_years": None},
        HVA | {"specimen_id": "U2", "age_years": -3.0},
        HVA | {"specimen_id": None, "subject_id": None},
        CREATININE | {"specimen_id": "U2"},
        CREATININE | {"specimen_id": "U2", "value": None},
        {"analyte_id": "not_in_catalogue", "value": 1.0, "unit": "ug/L"},
        {"analyte_id": "hva", "value": 1.0, "unit": "mm[Hg]"},
        HVA | {"specimen": "something_else"},
        HVA | {"specimen_id": "U2", "age_years": 400.0},
    ]
    frame = normalise(results(*rows)).frame
    assert len(frame) == len(rows)
    assert frame["analyte_id"].tolist() == [r["analyte_id"] for r in rows]
    assert frame["qc"].iloc[5].split(";")[:1] == ["no_canonical_unit"]
    assert "no_canonical_unit" in frame["qc"].iloc[6].split(";")


def test_an_empty_panel_stays_empty(results):
    assert normalise(results(HVA).iloc[0:0]).frame.empty


def test_columns_of_the_caller_are_kept(results):
    frame = normalise(results(HVA | {"my_note": "kept"})).frame
    assert frame["my_note"].item() == "kept"


def test_the_same_numbers_on_any_frame(results):
    frame = results(HVA, CREATININE, HVA | {"comparator": "<", "specimen_id": "U2"})
    from_pandas = pl.from_pandas(normalise(frame).frame)
    eager = normalise(pl.from_pandas(frame)).frame
    lazy = normalise(pl.from_pandas(frame).lazy()).frame
    assert isinstance(eager, pl.DataFrame)
    assert isinstance(lazy, pl.LazyFrame)
    assert eager.equals(lazy.collect())
    assert eager.equals(from_pandas.cast(eager.schema))


def test_a_missing_column_is_named_with_its_meaning(results):
    with pytest.raises(TableError, match=r"unit \(UCUM"):
        normalise(results(HVA).drop(columns="unit"))


def test_a_frame_of_another_kind_is_refused():
    with pytest.raises(TableError, match="expected a pandas DataFrame"):
        normalise([{"value": 1}])


def test_an_unknown_range_source_is_refused_with_the_nearest(results):
    with pytest.raises(UnknownWordError, match="Did you mean 'arup_hva'"):
        normalise(results(HVA), choices=Choices(range_sources=("arup_hvaa",)))


def test_text_is_text(results):
    frame = normalise(results(HVA | {"subject_id": "<script>alert(1)</script>"})).frame
    assert frame["subject_id"].item() == "<script>alert(1)</script>"


def test_result_shows_its_recipe_in_a_cell(results):
    shown = normalise(results(HVA | {"subject_id": "<b>x</b>"}))._repr_html_()
    assert "creatinine_limits" in shown
    assert "<b>x</b>" not in shown


def test_version_of_the_catalogue_travels(results):
    assert normalise(results(HVA)).catalogue_version == load_catalogue().version


def test_pandas_types_come_back_as_they_went_in(results):
    frame = normalise(results(HVA | {"collected_at": pd.Timestamp("2024-03-11 08:00")})).frame
    assert isinstance(frame, pd.DataFrame)
    assert frame["collected_at"].item() == pd.Timestamp("2024-03-11 08:00")


def test_normalising_again_gives_the_same_frame(results):
    once = normalise(results({"analyte_id": "hva", "value": 4.0, "unit": "mg/g{creat}"}).assign(mine="x")).frame
    pd.testing.assert_frame_equal(normalise(once).frame, once)


def test_a_result_without_a_number_says_so(results):
    rows = ({"analyte_id": "creatinine", "value": 1.0, "unit": "g/L"}, {"analyte_id": "hva", "unit": "mg/L"})
    frame = normalise(results(*rows)).frame
    assert "no_value" in frame["qc"].iloc[1].split(";")
    assert "no_value" not in frame["qc"].iloc[0]


@pytest.mark.parametrize(
    ("column", "word"),
    [("comparator", "≤"), ("comparator", "< "), ("status", "Final"), ("sex", "F"), ("fraction", "bound")],
)
def test_a_word_outside_its_list_is_refused_before_it_means_something_else(results, column, word):
    frame = results({"analyte_id": "hva", "value": 4.0, "unit": "mg/g{creat}", column: word})
    with pytest.raises(TableError, match=f"the column {column} holds '{word}'"):
        normalise(frame)


def test_an_analyte_that_the_catalogue_lacks_says_so(results):
    frame = normalise(results({"analyte_id": "dopamin", "value": 4.0, "unit": "mg/g{creat}"})).frame
    assert "unknown_analyte" in frame["qc"].item().split(";")


def test_a_specimen_of_another_kind_is_kept_and_says_so(results):
    row = {"analyte_id": "hva", "value": 4.0, "unit": "mg/g{creat}", "specimen": "spot urine"}
    frame = normalise(results(row)).frame
    assert {"no_interval", "unknown_specimen"} <= set(frame["qc"].item().split(";"))
