"""Which interval a result is placed against: the rules, on a made-up analyte whose intervals stand in the test."""

import hashlib
import itertools

import numpy as np
import pandas as pd
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.errors import ChoiceError, UnknownWordError
from recal_labs.normalise import normalise
from recal_labs.normalise.interval_keys import age_keys
from recal_labs.vocabulary import REFERENCE_SPECIMEN, SPECIMENS

SPOT = {"unit": "ug/g{creat}", "specimen": "urine_spot", "basis": "per_creatinine"}
DAY = {"unit": "ug/(24.h)", "specimen": "urine_24h", "basis": "per_24h"}
COLUMNS = (
    "analyte_id,specimen,basis,sex,age_low_years,age_high_years,lower,upper,unit,method,fraction,kind,condition,"
    "source_id,note"
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    return tmp_path_factory.mktemp("catalogues")


@pytest.fixture
def catalogue_with(folders):
    """Return a function that adds intervals of one made-up analyte, `madeupine`, to the built-in catalogue."""

    def make(*intervals: dict, fraction_matters: str = "no"):
        # The same intervals are loaded once: the whole catalogue is checked with them.
        folder = folders / hashlib.sha256(repr((intervals, fraction_matters)).encode()).hexdigest()[:16]
        if folder.exists():
            return load_catalogue(extra=folder)
        folder.mkdir()
        (folder / "analytes.csv").write_text(
            "id,name,formula,molar_mass_g_per_mol,amount_unit,fraction_matters,source_id\n"
            f"madeupine,Madeupine,C8H11NO2,153.181,ug,{fraction_matters},made_a\n",
            encoding="utf-8",
        )
        sources = [
            f"made_{g.lower()},A made-up source,Nobody,2020,https://example.org,{g},{g}: made up" for g in "ABCD"
        ]
        header = "source_id,title,publisher,year,url_or_doi,quality_grade,quality"
        (folder / "sources.csv").write_text("\n".join([header, *sources]) + "\n", encoding="utf-8")
        rows = []
        for given in intervals:
            row = SPOT | {"sex": "any", "kind": "reference_interval", "fraction": "unspecified", "source_id": "made_a"}
            row |= {"analyte_id": "madeupine"} | given
            rows.append(",".join(str(row.get(name, "")) for name in COLUMNS.split(",")))
        (folder / "reference_intervals.csv").write_text("\n".join([COLUMNS, *rows]) + "\n", encoding="utf-8")
        return load_catalogue(extra=folder)

    return make


@pytest.fixture
def placed(results):
    """Return a function that normalises one result of madeupine and gives its row."""

    def place(catalogue, choices=None, **row):
        given = {"analyte_id": "madeupine", "value": 10.0, "unit": "ug/g{creat}"} | row
        return normalise(results(given), catalogue=catalogue, choices=choices).frame.iloc[0]

    return place


@pytest.mark.parametrize(
    ("age", "upper"), [(0.0, 1.0), (1.999, 1.0), (2.0, 2.0), (17.99, 2.0), (18.0, 3.0), (90.0, 3.0)]
)
def test_age_bands_hold_their_lower_end_and_not_their_upper_one(catalogue_with, placed, age, upper):
    catalogue = catalogue_with(
        {"age_low_years": 0, "age_high_years": 2, "lower": 0.5, "upper": 1.0},
        {"age_low_years": 2, "age_high_years": 18, "lower": 0.5, "upper": 2.0},
        {"age_low_years": 18, "lower": 0.5, "upper": 3.0},
    )
    row = placed(catalogue, age_years=age)
    assert row["reference_high"] == upper
    assert row["reference_match"] == "exact"


@pytest.mark.parametrize(("months", "upper"), [(0, 1.0), (2, 1.0), (3, 2.0), (11, 2.0), (12, 3.0), (23, 3.0)])
def test_infants_are_placed_by_month(catalogue_with, placed, months, upper):
    catalogue = catalogue_with(
        {"age_low_years": 0, "age_high_years": 0.25, "lower": 0.5, "upper": 1.0},
        {"age_low_years": 0.25, "age_high_years": 1, "lower": 0.5, "upper": 2.0},
        {"age_low_years": 1, "age_high_years": 2, "lower": 0.5, "upper": 3.0},
    )
    assert placed(catalogue, age_years=months / 12)["reference_high"] == upper


def test_a_band_holds_an_age_exactly_where_its_edges_say_so(catalogue_with, results):
    edges = [0, 1 / 12, 0.25, 7 / 12, 1, 23 / 12, 2, 3, 18, 51, 130]
    catalogue = catalogue_with(
        *(
            {"age_low_years": low, "age_high_years": high, "upper": number, "kind": "upper_limit"}
            for number, (low, high) in enumerate(itertools.pairwise(edges), start=1)
        )
    )
    months, years = [month / 12 for month in range(24)], [float(year) for year in range(2, 130)]
    ages = sorted({*months, *years, *(age + 0.04 for age in months), *(age + 0.5 for age in years)})
    rows = [{"analyte_id": "madeupine", "value": 1.0, "unit": "ug/g{creat}", "age_years": age} for age in ages]
    found = normalise(results(*rows), catalogue=catalogue).frame["reference_high"]
    assert found.tolist() == pytest.approx(np.searchsorted(np.array(edges) - 1e-9, ages, side="right"))


@pytest.mark.parametrize("age", [-0.1, 130.5, np.inf])
def test_an_impossible_age_is_an_unknown_one(catalogue_with, placed, age):
    row = placed(catalogue_with({"age_low_years": 0, "lower": 1, "upper": 4}), age_years=age)
    assert {"no_interval", "unknown_age"} <= set(row["qc"].split(";"))


def test_every_edge_of_the_catalogue_lies_between_two_age_keys():
    edges = {edge for i in load_catalogue().intervals for edge in (i.age_low, i.age_high) if not np.isnan(edge)}
    starts = np.array([month / 12 for month in range(24)] + list(range(2, 132)))
    assert len(age_keys()) == len(starts) - 1
    for edge in edges:
        # An edge inside the span of a key would place a part of that span on the wrong side; 0.33 is four months.
        assert np.abs(starts - edge).min() < 0.005, edge


def test_an_interval_without_an_age_is_used_last_and_said_so(catalogue_with, placed):
    catalogue = catalogue_with(
        {"source_id": "made_a", "lower": 1, "upper": 9},
        {"source_id": "made_c", "age_low_years": 0, "age_high_years": 18, "lower": 1, "upper": 4},
    )
    child, adult = placed(catalogue, age_years=5.0), placed(catalogue, age_years=30.0)
    # The child's own band is of a poorer source, but an interval without an age is nearly always an adult's.
    assert (child["reference_high"], child["reference_match"]) == (4.0, "exact")
    assert (adult["reference_high"], adult["reference_match"]) == (9.0, "wider_age")


def test_an_unknown_age_meets_only_intervals_without_one(catalogue_with, placed):
    banded = {"age_low_years": 18, "lower": 1, "upper": 4}
    catalogue = catalogue_with(banded)
    row = placed(catalogue, age_years=np.nan)
    assert row["reference_match"] == "none"
    assert {"no_interval", "unknown_age"} <= set(row["qc"].split(";"))


def test_an_unknown_age_or_sex_is_only_blamed_where_knowing_it_would_help(catalogue_with, placed):
    catalogue = catalogue_with(
        DAY | {"age_low_years": 18, "sex": "female", "lower": 1, "upper": 4}, {"condition": "pregnancy", "upper": 9}
    )
    spot = placed(catalogue, age_years=np.nan, sex="unknown")
    assert spot["qc"] == "no_interval"
    day = {"specimen": "urine_24h", "unit": "ug/(24.h)"}
    blamed = {
        name: {"unknown_age", "unknown_sex"} & set(placed(catalogue, **day, **given)["qc"].split(";"))
        for name, given in {
            "neither": {},
            "age": {"age_years": np.nan},
            "sex": {"sex": "unknown"},
            "both": {"age_years": np.nan, "sex": "unknown"},
            "a girl": {"age_years": 9.0},
            "a boy without an age": {"sex": "male", "age_years": np.nan},
        }.items()
    }
    assert blamed == {
        "neither": set(),
        "age": {"unknown_age"},
        "sex": {"unknown_sex"},
        "both": {"unknown_age", "unknown_sex"},
        "a girl": set(),
        "a boy without an age": set(),
    }


def test_the_own_sex_stands_before_any_and_an_unknown_sex_meets_only_any(catalogue_with, placed):
    catalogue = catalogue_with(
        {"sex": "any", "lower": 1, "upper": 5},
        {"sex": "female", "lower": 1, "upper": 6},
        {"sex": "male", "lower": 1, "upper": 7},
    )
    found = {sex: placed(catalogue, sex=sex)["reference_high"] for sex in ("female", "male", "unknown")}
    assert found == {"female": 6.0, "male": 7.0, "unknown": 5.0}


def test_an_unknown_sex_is_said_where_only_sexes_have_intervals(catalogue_with, placed):
    row = placed(catalogue_with({"sex": "female", "lower": 1, "upper": 6}), sex="unknown")
    assert "unknown_sex" in row["qc"].split(";")
    assert np.isnan(row["reference_high"])


@pytest.mark.parametrize("given", [{"condition": "pregnancy"}, {"kind": "decision_limit"}, {"source_id": "made_d"}])
def test_conditions_decision_limits_and_quality_d_are_never_chosen_by_default(catalogue_with, placed, given):
    row = placed(catalogue_with({"lower": 1, "upper": 5} | given))
    assert row["reference_match"] == "none"
    assert row["interpretation"] == ""


def test_a_study_may_name_a_source_of_quality_d(catalogue_with, placed):
    catalogue = catalogue_with(
        {"source_id": "made_a", "lower": 1, "upper": 5}, {"source_id": "made_d", "lower": 1, "upper": 8}
    )
    row = placed(catalogue, Choices(range_sources=("made_d",)))
    assert (row["reference_high"], row["reference_source"]) == (8.0, "made_d")


def test_naming_a_source_never_brings_in_its_decision_limits_or_conditions(catalogue_with, placed):
    catalogue = catalogue_with(
        {"source_id": "made_a", "kind": "decision_limit", "lower": 1, "upper": 5},
        {"source_id": "made_a", "condition": "smoker", "lower": 1, "upper": 6},
    )
    assert placed(catalogue, Choices(range_sources=("made_a",)))["reference_match"] == "none"


def test_a_named_condition_stands_before_general_use_and_says_so(catalogue_with, placed):
    catalogue = catalogue_with(
        {"source_id": "made_a", "age_low_years": 18, "lower": 1, "upper": 5},
        {"source_id": "made_c", "condition": "pregnancy", "sex": "female", "lower": 1, "upper": 9},
    )
    choices = Choices(range_conditions=("pregnancy",))
    woman, man = placed(catalogue, choices), placed(catalogue, choices, sex="male")
    assert (woman["reference_high"], woman["reference_match"]) == (9.0, "condition")
    assert (man["reference_high"], man["reference_match"]) == (5.0, "exact")
    preferred = placed(catalogue, choices.with_changes(range_sources=("made_a",)))
    assert preferred["reference_high"] == 5.0


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (
            "pregnant",
            r"'pregnant' is on no interval .*\. Did you mean 'pregnancy'\? Known conditions: .*pregnancy",
        ),
        ("cut-off", "'cut-off' stands only on decision limits, which are never chosen"),
        ("", "'' is on no interval"),
    ],
)
def test_an_unknown_condition_is_refused_with_those_there_are(catalogue_with, placed, word, said):
    catalogue = catalogue_with(
        {"condition": "pregnancy", "upper": 5}, {"condition": "cut-off", "kind": "decision_limit", "upper": 6}
    )
    with pytest.raises(ChoiceError, match=said):
        placed(catalogue, Choices(range_conditions=(word,)))


def test_better_quality_stands_before_two_sides(catalogue_with, placed):
    catalogue = catalogue_with(
        {"source_id": "made_b", "lower": 1, "upper": 5}, {"source_id": "made_a", "kind": "upper_limit", "upper": 8}
    )
    assert placed(catalogue)["reference_source"] == "made_a"


def test_of_one_source_the_two_sided_interval_is_chosen(catalogue_with, placed):
    catalogue = catalogue_with({"kind": "upper_limit", "upper": 8}, {"lower": 1, "upper": 5, "method": "other"})
    row = placed(catalogue)
    assert row["reference_high"] == 5.0
    assert row["zlog"] > 1.96


@pytest.mark.parametrize("lower", ["", 0])
def test_a_one_sided_or_zero_lower_interval_has_no_zlog_and_says_why(catalogue_with, placed, lower):
    row = placed(catalogue_with({"lower": lower, "upper": 12}))
    assert row["interpretation"] == "N"
    assert np.isnan(row["zlog"])
    assert np.isnan(row["midpoint_ratio"])
    assert "one_sided_reference" in row["qc"].split(";")


def test_unlike_fractions_never_match(catalogue_with, placed):
    catalogue = catalogue_with(
        {"fraction": "free", "lower": 1, "upper": 5},
        {"fraction": "total", "lower": 10, "upper": 50},
        fraction_matters="yes",
    )
    found = {f: placed(catalogue, fraction=f) for f in ("free", "total", "unspecified")}
    assert found["free"]["reference_high"] == 5.0
    assert found["total"]["reference_high"] == 50.0
    assert found["unspecified"]["reference_match"] == "none"
    assert "fraction_unstated" in found["unspecified"]["qc"].split(";")


def test_a_day_is_never_placed_against_a_creatinine_ratio_nor_the_other_way_round(catalogue_with, placed):
    catalogue = catalogue_with({"lower": 1, "upper": 5}, DAY | {"lower": 10, "upper": 50})
    timed = {"specimen": "urine_24h", "unit": "ug/(24.h)"}
    assert placed(catalogue)["reference_high"] == 5.0
    assert placed(catalogue, **timed)["reference_high"] == 50.0
    # A timed collection measured per creatinine has no interval here: the one for single voids is another specimen's.
    ratio = placed(catalogue, specimen="urine_24h")
    assert ratio["reference_match"] == "none"


@pytest.mark.parametrize("specimen", ["urine_first_morning", "urine_second_morning"])
def test_morning_voids_are_looked_up_as_single_voids(catalogue_with, placed, specimen):
    assert placed(catalogue_with({"lower": 1, "upper": 5}), specimen=specimen)["reference_high"] == 5.0


def test_dried_urine_meets_no_interval_and_says_so(catalogue_with, placed):
    assert set(SPECIMENS) - set(REFERENCE_SPECIMEN) == {"urine_dried"}
    row = placed(catalogue_with({"lower": 1, "upper": 5}), specimen="urine_dried")
    assert (row["reference_match"], row["qc"], row["interpretation"]) == ("none", "no_interval", "")
    assert row["amount"] == 10.0


def test_limits_come_in_the_unit_of_the_amount(catalogue_with, placed):
    # 100 umol/mol creatinine of 153.181 g/mol, creatinine 113.12 g/mol: 100e-6 x 153.181 / 113.12 g/g = 135.4 ug/g.
    row = placed(catalogue_with({"unit": "umol/mol{creat}", "lower": 10, "upper": 100}))
    assert row["reference_high"] == pytest.approx(100 * 153.181 / 113.12)
    assert row["amount_unit"] == row["reference_unit"] == "ug/g{creat}"


def test_an_unknown_source_is_refused_with_the_nearest(catalogue_with, placed):
    catalogue = catalogue_with({"lower": 1, "upper": 5})
    with pytest.raises(UnknownWordError, match="made_a"):
        placed(catalogue, Choices(range_sources=("made_aa",)))


def test_a_source_that_has_the_name_of_the_printed_range_is_refused(results, tmp_path):
    (tmp_path / "sources.csv").write_text(
        "source_id,title,publisher,year,url_or_doi,quality_grade,quality\n"
        "reported_by_lab,A made-up source,Nobody,2020,https://example.org,A,A: made up\n",
        encoding="utf-8",
    )
    with pytest.raises(ChoiceError, match="stands for the range that the lab printed"):
        normalise(
            results({"analyte_id": "hva", "value": 1.0, "unit": "mg/L"}), catalogue=load_catalogue(extra=tmp_path)
        )


def test_hva_of_a_child_meets_the_child_band_of_its_own_basis(results):
    # arup_hva, random urine, mg/g creatinine: 0 to 42 below 3 years, 0 to 8 for adults (reference_intervals.csv).
    rows = ({"analyte_id": "hva", "value": 20.0, "unit": "mg/g{creat}", "age_years": age} for age in (0.1, 40.0))
    frame = normalise(results(*rows)).frame
    assert frame["reference_source"].tolist() == ["arup_hva", "arup_hva"]
    assert frame["interpretation"].tolist() == ["N", "H"]


PRINTED = {"reported_low": 20.0, "reported_high": 30.0}


def chosen(row):
    return row["reference_source"], row["reference_match"]


@pytest.fixture
def three_sources(catalogue_with):
    """made_a and made_c for everyone, made_b for men only."""
    return catalogue_with(
        {"source_id": "made_a", "age_low_years": 18, "lower": 1, "upper": 5},
        {"source_id": "made_b", "age_low_years": 18, "sex": "male", "lower": 1, "upper": 6},
        {"source_id": "made_c", "age_low_years": 18, "lower": 1, "upper": 7},
    )


@pytest.mark.parametrize(
    ("range_sources", "source"),
    [
        ((), "made_a"),
        (("made_c",), "made_c"),
        (("reported_by_lab",), "reported_by_lab"),
        (("reported_by_lab", "made_c"), "reported_by_lab"),
        (("made_c", "reported_by_lab"), "made_c"),
        # No interval of made_b is for a woman: the printed range is next, before the sources that nobody named.
        (("made_b", "reported_by_lab"), "reported_by_lab"),
        (("made_b", "reported_by_lab", "made_c"), "reported_by_lab"),
    ],
)
def test_the_printed_range_takes_its_place_among_the_named_sources(three_sources, placed, range_sources, source):
    row = placed(three_sources, Choices(range_sources=range_sources), **PRINTED)
    assert row["reference_source"] == source
    assert row["reference_match"] == ("reported_by_lab" if source == "reported_by_lab" else "exact")
    # 10 lies above every interval of the sources and below the printed one.
    assert row["interpretation"] == ("L" if source == "reported_by_lab" else "H")
    assert row["lab_interpretation"] == "L"


@pytest.mark.parametrize(
    "printed",
    [
        {},
        {"reported_low": 0.0},
        {"reported_high": 0.0},
        {"reported_low": 9.0, "reported_high": 9.0},
        {"reported_low": 30.0, "reported_high": 20.0},
    ],
)
def test_where_the_lab_printed_nothing_usable_the_sources_follow(three_sources, placed, printed):
    given = {"reported_low": np.nan, "reported_high": np.nan} | printed
    row = placed(three_sources, Choices(range_sources=("reported_by_lab", "made_c")), **given)
    assert chosen(row) == ("made_c", "exact")
    assert row["lab_interpretation"] == ""


@pytest.mark.parametrize(
    ("printed", "verdict", "one_sided"),
    [
        ({"reported_high": 9.0}, "H", True),
        ({"reported_low": 0.0, "reported_high": 9.0}, "H", True),
        ({"reported_low": 12.0}, "L", True),
        ({"reported_low": 2.0, "reported_high": 12.0}, "N", False),
    ],
)
def test_a_printed_range_may_have_one_side(three_sources, placed, printed, verdict, one_sided):
    given = {"reported_low": np.nan, "reported_high": np.nan} | printed
    row = placed(three_sources, Choices(range_sources=("reported_by_lab",)), **given)
    assert (row["reference_match"], row["interpretation"]) == ("reported_by_lab", verdict)
    assert ("one_sided_reference" in row["qc"].split(";")) == np.isnan(row["zlog"]) == one_sided


def test_a_printed_range_is_held_against_the_result_as_it_was_reported(three_sources, results):
    # 1.0 nmol/L is 0.153181 ug/L. Creatinine is below 0.5 g/L, which censors the ratio and not what the lab reported.
    rows = [
        {"analyte_id": "madeupine", "value": 100.0, "unit": "nmol/L", "comparator": "<"},
        {"analyte_id": "creatinine", "value": 0.5, "unit": "g/L", "comparator": "<"},
    ]
    frame = results(rows[0] | {"reported_low": 200.0, "reported_high": 900.0}, rows[1])
    by_lab, by_rule = (
        normalise(frame, catalogue=three_sources, choices=Choices(range_sources=sources)).frame.iloc[0]
        for sources in (("reported_by_lab",), ())
    )
    assert by_lab["position_basis"] == "per_volume"
    assert by_lab["reference_unit"] == "ug/L"
    assert by_lab["position_amount"] == pytest.approx(15.3181)
    assert by_lab["position_comparator"] == "<"
    assert [by_lab["reference_low"], by_lab["reference_high"]] == pytest.approx([30.6362, 137.8629])
    assert (by_lab["interpretation"], by_lab["lab_interpretation"]) == ("L", "L")
    # Below one limit divided by below another is anything.
    assert (by_rule["interpretation"], by_rule["position_comparator"]) == ("IND", "")
    assert np.isnan(by_rule["position_amount"])
    # What is analysed does not change with the range.
    pd.testing.assert_series_equal(*(row.filter(like="amount_") for row in (by_lab, by_rule)))


def test_a_printed_range_in_a_unit_that_nothing_converts_is_left_to_the_labs_own_verdict(three_sources, placed):
    row = placed(three_sources, Choices(range_sources=("reported_by_lab",)), unit="ug/kg", **PRINTED)
    assert (row["reference_source"], row["interpretation"], row["lab_interpretation"]) == ("made_a", "", "L")
    assert "no_canonical_unit" in row["qc"].split(";")


def test_a_printed_range_needs_neither_age_nor_sex_nor_a_known_specimen(three_sources, placed):
    choices = Choices(range_sources=("reported_by_lab",))
    row = placed(three_sources, choices, age_years=np.nan, sex="unknown", specimen="urine_dried", **PRINTED)
    assert (row["reference_match"], row["interpretation"]) == ("reported_by_lab", "L")
    assert not {"no_interval", "unknown_age", "unknown_sex"} & set(row["qc"].split(";"))


def test_a_pure_number_has_its_printed_range_too(results):
    row = {"analyte_id": "specific_gravity", "value": 1.040, "unit": "1", "reported_low": 1.005, "reported_high": 1.030}
    placed = normalise(results(row), choices=Choices(range_sources=("reported_by_lab",))).frame.iloc[0]
    assert (placed["position_basis"], placed["reference_unit"]) == ("as_reported", "1")
    assert placed["interpretation"] == "H"
