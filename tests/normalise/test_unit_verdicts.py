"""Which intervals of the catalogue the other laboratories make implausible, and which slips would be found."""

import importlib.util
from pathlib import Path

import polars as pl
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.normalise.plausible import EVIDENCE
from recal_labs.normalise.unit_verdicts import judge_groups

CATALOGUE = load_catalogue()
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "unit_slips.py"

# Printed limits of the catalogue that lie more than three times outside what every other laboratory prints and would
# fit another unit, each with why it is kept.
DOUBTED = {
    (
        "epinephrine",
        "uiowa_catur",
        380.0,
    ): "infants under one year, by ARUP; Mayo prints 61 to 76 for them, and both are "
    "kept as printed: the labs are five to six times apart (reference_ranges/README.md)",
}
# And those that no unit would explain: none at present.
UNEXPLAINED: dict[tuple[str, str, float], str] = {}


@pytest.fixture(scope="module")
def slips():
    spec = importlib.util.spec_from_file_location("unit_slips", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture(scope="module")
def printed(slips):
    return slips.measure(CATALOGUE, "printed range")


def test_every_implausible_interval_of_the_catalogue_is_known_and_has_its_reason(slips, printed):
    counts, doubted = printed
    assert {(row["analyte_id"], row["lab_id"], row["median_high"]) for row in doubted} == set(DOUBTED)
    assert counts[slips.AS_PRINTED]["cannot_tell"] == len(UNEXPLAINED)


def share(counts, *, of, names=("found", "found, another unit named")):
    judged = sum(counts[of].values()) - counts[of]["nothing to judge by"]
    return sum(counts[of][name] for name in names) / judged


def test_a_slip_of_a_thousand_or_a_million_in_a_printed_range_is_found(printed):
    counts, _ = printed
    assert share(counts, of="prefix 1e-03") > 0.99
    assert share(counts, of="prefix 1e-06") > 0.99
    assert share(counts, of="prefix 1e-03", names=["found"]) > 0.99


def test_mass_for_mole_in_a_printed_range_is_found_where_laboratories_agree_well_enough(printed):
    # Under one prefix it is a factor of a hundred to four hundred; in neighbouring ones of three to ten, which is about
    # as far as laboratories are apart.
    counts, _ = printed
    assert share(counts, of="mass and moles under one prefix") > 0.99
    assert 0.35 < share(counts, of="mass and moles") < 0.6


def test_results_are_doubted_only_where_illness_cannot_be_the_reason(slips):
    counts, doubted = slips.measure(CATALOGUE, "results")
    assert counts[slips.AS_PRINTED]["suspect"] == 0
    assert counts[slips.ILL_10]["suspect"] == 0
    assert share(counts, of=slips.ILL_30, names=["suspect"]) < 0.02
    assert all(row["done"] == slips.ILL_30 for row in doubted)
    assert share(counts, of="prefix 1e-03") > 0.85


def judge(**group):
    row = dict.fromkeys(EVIDENCE) | {
        "lab_id": "lab_a",
        "specimen_class": "single",
        "fraction": "unspecified",
        "n": 30,
        "n_exact": 0,
        "n_ranges": 0,
    }
    return judge_groups(pl.DataFrame([row | group], schema=dict(EVIDENCE)), CATALOGUE).row(0, named=True)


def values(median, **group):
    return judge(n_exact=30, median_value=median, **group)


# Slips that stand on real pages, read through the pages they were seen on.
REAL = [
    # St Michael's Hospital, Toronto, catecholamines: "Creatinine/d: 7.0 - 15.0 nmol/d".
    ("creatinine", "nmol/(24.h)", 15.0, "mmol/(24.h)"),
    # Davis's Lab & Diagnostic Tests, metanephrines: "44-261 mcg/24 hr", "229-1357 micromol/day".
    ("metanephrine", "umol/(24.h)", 1357.0, "nmol/(24.h)"),
    ("normetanephrine", "umol/(24.h)", 2508.0, "nmol/(24.h)"),
    # ULB, Brussels, catecholamines: "Unites: mg/24 heures", noradrenaline 8-100, adrenaline <20, dopamine <500.
    ("norepinephrine", "mg/(24.h)", 100.0, "ug/(24.h)"),
    ("epinephrine", "mg/(24.h)", 20.0, "ug/(24.h)"),
    ("dopamine", "mg/(24.h)", 500.0, "ug/(24.h)"),
]


@pytest.mark.parametrize(("analyte", "unit", "high", "meant"), REAL)
def test_slips_of_real_pages_are_found(analyte, unit, high, meant):
    row = judge(analyte_id=analyte, unit=unit, n_ranges=1, median_high=high)
    assert (row["verdict"], row["suspected_unit"], row["judged_by"]) == ("suspect", meant, "printed_range")


@pytest.mark.parametrize(
    ("unit", "median", "meant"),
    [
        ("mg/dL", 110.0, ""),
        ("g/L", 1.1, ""),
        ("mmol/L", 9.7, ""),
        ("mmol/L", 110.0, "mg/dL"),
        ("mg/dL", 9.7, "mmol/L"),
        ("mg/dL", 1.1, "g/L"),
        ("g/L", 110.0, "mg/dL"),
        ("mmol/L", 9700.0, "umol/L"),
        ("mg/dL", 1100.0, "mg/L"),
    ],
)
def test_creatinine_in_the_unit_of_the_other_side_of_the_ocean(unit, median, meant):
    row = values(median, analyte_id="creatinine", unit=unit)
    assert (row["verdict"], row["suspected_unit"]) == ("suspect" if meant else "fits", meant)


def test_specific_gravity_told_in_thousandths():
    assert values(1019.0, analyte_id="specific_gravity", unit="1")["suspected_unit"] == "10*-3"
    assert values(1.019, analyte_id="specific_gravity", unit="1")["verdict"] == "fits"


def test_people_on_levodopa_are_no_slip():
    # Urinary dopamine of treated people is tens of times that of others.
    row = values(20_000.0, analyte_id="dopamine", unit="ug/g{creat}")
    assert row["verdict"] == "fits"


def test_ill_people_are_no_slip_where_the_labs_own_range_fits():
    row = values(400.0, analyte_id="hiaa_5", unit="mg/(24.h)", n_ranges=30, median_high=10.0)
    assert row["verdict"] != "suspect"
    assert row["judged_by"] == "both"


def test_a_range_that_fits_does_not_excuse_results_a_thousand_times_off():
    row = values(4000.0, analyte_id="hva", unit="mg/g{creat}", n_ranges=30, median_high=8.0)
    assert (row["verdict"], row["suspected_unit"], row["judged_by"]) == ("suspect", "ug/g{creat}", "values")


def test_the_printed_range_is_heard_first():
    row = values(4.0, analyte_id="hva", unit="ug/g{creat}", n_ranges=30, median_high=8.0)
    assert (row["judged_by"], row["suspected_factor"]) == ("both", pytest.approx(1000))


def test_a_sentence_speaks_only_of_what_does_not_fit():
    row = values(7e5, analyte_id="hiaa_5", unit="mg/(24.h)", n_ranges=30, median_high=10.0)
    assert (row["verdict"], row["judged_by"]) == ("cannot_tell", "values")
    assert "printed" not in row["sentence"]
    # The range would be right in grams, the results in nothing that explains the range.
    row = values(4e-4, analyte_id="hva", unit="ug/g{creat}", n_ranges=30, median_high=8.0)
    assert (row["verdict"], row["judged_by"], row["suspected_unit"]) == ("suspect", "printed_range", "mg/g{creat}")


def test_fewer_than_five_results_say_nothing():
    row = judge(analyte_id="hva", unit="ug/g{creat}", n_exact=4, median_value=4.0)
    assert (row["verdict"], row["judged_by"]) == ("cannot_tell", "")
    assert "5 results" in row["sentence"]


@pytest.mark.parametrize(
    ("analyte", "unit", "says"),
    [
        ("dopac", "ug/g{creat}", "no source prints anything"),
        ("hva", "ug/g", "cannot be converted"),
        ("unheard_of", "ug/L", "cannot be converted"),
    ],
)
def test_what_cannot_be_told_says_why(analyte, unit, says):
    row = values(4.0, analyte_id=analyte, unit=unit)
    assert row["verdict"] == "cannot_tell"
    assert says in row["sentence"]


def test_what_no_single_slip_explains_is_not_called_suspect():
    row = judge(analyte_id="hva", unit="mg/g{creat}", n_ranges=1, median_high=8e8)
    assert (row["verdict"], row["suspected_unit"]) == ("cannot_tell", "")
    assert "no other single unit explains it" in row["sentence"]


def test_the_sentence_names_lab_number_sources_unit_and_what_to_do():
    row = judge(analyte_id="hva", unit="ug/g{creat}", n_ranges=12, median_high=8.0)
    assert row["sentence"] == (
        "hva in ug/g{creat} of lab_a: its printed upper limit of 8 lies far from what 4 sources print (8,000 "
        "to 42,000); read as mg/g{creat} it would fit (prefix confused, a factor of 1,000). The numbers were not "
        "changed; ask the lab which unit it means."
    )


def test_no_group_gives_no_verdict():
    assert judge_groups(pl.DataFrame(schema=dict(EVIDENCE)), CATALOGUE).height == 0
