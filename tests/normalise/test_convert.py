"""Numbers from unit to unit: published ones, there and back on every basis, and a sentence where it cannot be."""

import itertools

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.errors import ConversionError, RecalLabsError, UnknownAnalyteError
from recal_labs.normalise import amounts_in, convert_amounts, normalise
from recal_labs.normalise.units import conversion_table, is_pure_number

CATALOGUE = load_catalogue()
SUBSTANCES = sorted(a.id for a in CATALOGUE.analytes.values() if not is_pure_number(a))
UNITS = sorted(CATALOGUE.unit_readings)


def test_published_pairs_in_the_words_of_the_laboratories():
    # iliveok.com: HVA up to 82 umol/day (up to 15 mg/day). Mayo CORTU: mcg/24 h x 2.76. UHN: 390 nmol/mmol is 528 ug/g.
    assert convert_amounts(15, "hva", "mg/day", "μmol/day").round() == 82
    assert convert_amounts([3.5], "cortisol", "mcg/24 h", "nmol/24 hr").round(1).tolist() == [round(3.5 * 2.76, 1)]
    assert convert_amounts(390, "dopamine", "nmol/mmol creatinine", "µg/g Krea").round() == 528


def test_a_concentration_needs_creatinine_volume_or_hours():
    # 4 mg/L of HVA at 2 g/L of creatinine is 2 mg/g; 1.5 L in 24 h is 6 mg a day; in 12 h it would be 12.
    assert convert_amounts(4.0, "hva", "mg/L", "mg/g{creat}", creatinine_g_per_l=2.0) == pytest.approx(2.0)
    assert convert_amounts(4.0, "hva", "mg/L", "mg/(24.h)", volume_l=1.5, hours=24.0) == pytest.approx(6.0)
    assert convert_amounts(4.0, "hva", "mg/L", "mg/(24.h)", volume_l=1.5, hours=12.0) == pytest.approx(12.0)
    day = convert_amounts(2.0, "hva", "mg/g{creat}", "mg/(24.h)", creatinine_g_per_l=2.0, volume_l=1.5, hours=24.0)
    assert day == pytest.approx(6.0)


def test_numbers_come_as_arrays_and_missing_ones_stay_missing():
    made = convert_amounts([1.0, np.nan, 3.0], "hva", "mg/L", "mg/g{creat}", creatinine_g_per_l=[0.5, 1.0, np.nan])
    assert made[0] == 2.0
    assert np.isnan(made[1:]).all()
    series = convert_amounts(pd.Series([1.0, 2.0], index=["a", "b"]), "hva", "mg/L", "ug/L")
    assert series.tolist() == [1000.0, 2000.0]
    assert convert_amounts([], "hva", "mg/L", "ug/L").shape == (0,)


@pytest.mark.parametrize("wrong", [0.0, -1.0, np.nan])
@pytest.mark.parametrize("name", ["creatinine_g_per_l", "volume_l", "hours"])
def test_what_cannot_be_divided_by_leaves_the_amount_missing(name, wrong):
    known = {"creatinine_g_per_l": 1.0, "volume_l": 1.5, "hours": 24.0, name: wrong}
    assert np.isnan(convert_amounts([5.0], "vma", "mg/g{creat}", "mg/(24.h)", **known)).all()


@pytest.mark.parametrize(
    ("unit", "to", "given_", "says"),
    [
        ("mg/L", "mg/g{creat}", {}, "only with creatinine_g_per_l (g/L)"),
        ("mg/L", "mg/(24.h)", {"volume_l": 1.0}, "only with hours (h)"),
        ("mg/g{creat}", "mg/(24.h)", {}, "creatinine_g_per_l (g/L) and volume_l (L) and hours (h)"),
        ("mg/g", "mg/g{creat}", {}, "does not say per what"),
        ("mg/L", "mmol/mol", {"creatinine_g_per_l": 1.0}, "write 'mmol/mol{creat}'"),
        ("mmHg", "mg/L", {}, "is no unit that hva can be converted"),
        ("mg/L", "furlong", {}, "'furlong' is no unit"),
        ("Mmol/L", "mg/L", {}, "mega"),
        ("mg/TV", "mg/(24.h)", {"volume_l": 1.0, "hours": 24.0}, "whole collection"),
    ],
)
def test_what_cannot_be_converted_says_why(unit, to, given_, says):
    with pytest.raises(ConversionError) as caught:
        convert_amounts([1.0], "hva", unit, to, **given_)
    assert says in str(caught.value)
    assert isinstance(caught.value, RecalLabsError)


def test_an_unknown_analyte_is_named_with_its_neighbour():
    with pytest.raises(UnknownAnalyteError, match="Did you mean 'hva'"):
        convert_amounts([1.0], "hvaa", "mg/L", "ug/L")


def test_a_pure_number_stays_what_it_is():
    assert convert_amounts([1.02], "specific_gravity", "1", "1").tolist() == [1.02]
    with pytest.raises(ConversionError, match="such as '1'"):
        convert_amounts([1.02], "specific_gravity", "1", "g/L")


def test_an_equivalent_of_sodium_is_a_mole():
    assert convert_amounts([140.0], "sodium", "mEq/L", "mmol/L").tolist() == [140.0]
    with pytest.raises(ConversionError, match="sodium only"):
        convert_amounts([140.0], "hva", "mEq/L", "mmol/L")


KNOWN = {"creatinine_g_per_l": 1.37, "volume_l": 1.9, "hours": 22.5}


def test_there_and_back_is_the_same_for_every_pair_of_units_on_every_basis():
    # The analyte counts through its molar mass only: one whose amounts are masses and one whose are moles.
    for analyte in ("hva", "kynurenine"):
        factors = {
            pair: float(convert_amounts(1.0, analyte, *pair, **KNOWN, catalogue=CATALOGUE))
            for pair in itertools.product(UNITS, UNITS)
        }
        assert max(abs(factors[one, other] * factors[other, one] - 1) for one, other in factors) <= 1e-12


@given(
    analyte=st.sampled_from(SUBSTANCES),
    units=st.lists(st.sampled_from(UNITS), min_size=3, max_size=3),
    value=st.floats(1e-6, 1e6),
    creatinine=st.floats(0.01, 10),
    volume=st.floats(0.1, 10),
    hours=st.floats(1, 48),
)
def test_round_about_is_as_good_as_straight(analyte, units, value, creatinine, volume, hours):
    known = {"creatinine_g_per_l": creatinine, "volume_l": volume, "hours": hours, "catalogue": CATALOGUE}
    one, two, three = units
    by_way = convert_amounts(convert_amounts(value, analyte, one, two, **known), analyte, two, three, **known)
    assert by_way == pytest.approx(convert_amounts(value, analyte, one, three, **known), rel=1e-12)
    circle = convert_amounts(by_way, analyte, three, one, **known)
    assert circle == pytest.approx(value, rel=1e-12)


@given(analyte=st.sampled_from(SUBSTANCES), value=st.floats(1e-6, 1e6), creatinine=st.floats(0.01, 10))
def test_volume_creatinine_day_and_volume_again(analyte, value, creatinine):
    known = {"creatinine_g_per_l": creatinine, "volume_l": 1.7, "hours": 23.0, "catalogue": CATALOGUE}
    per_creatinine = convert_amounts(value, analyte, "nmol/L", "nmol/mmol{creat}", **known)
    per_day = convert_amounts(per_creatinine, analyte, "nmol/mmol{creat}", "ug/(24.h)", **known)
    assert convert_amounts(per_day, analyte, "ug/(24.h)", "nmol/L", **known) == pytest.approx(value, rel=1e-12)


def test_it_agrees_with_the_table_that_normalise_joins():
    for cell in conversion_table(CATALOGUE):
        made = convert_amounts(1.0, cell.analyte_id, cell.unit, cell.amount_unit, catalogue=CATALOGUE)
        assert abs(float(made) / cell.factor - 1) <= 1e-14


SPOT = {"subject_id": "S1", "specimen_id": "U1", "specimen": "urine_spot", "comparator": ""}
DAY = {"subject_id": "S2", "specimen_id": "U2", "specimen": "urine_24h", "comparator": "",
       "collection_volume_l": 1.5, "collection_hours": 24.0}  # fmt: skip
ROWS = [
    SPOT | {"analyte_id": "hva", "value": 4.0, "unit": "mg/L"},
    SPOT | {"analyte_id": "creatinine", "value": 100.0, "unit": "mg/dL"},
    SPOT | {"analyte_id": "vma", "value": 3.0, "unit": "mg/g{creat}", "comparator": "<"},
    DAY | {"analyte_id": "hva", "value": 6.0, "unit": "mg/(24.h)"},
    DAY | {"analyte_id": "creatinine", "value": 1.2, "unit": "g/L"},
]


@pytest.fixture
def frame():
    made = pd.DataFrame(ROWS)
    made.index = list("abcde")
    return made


def test_amounts_of_one_analyte_in_a_unit_of_ones_choice(frame):
    made = amounts_in(normalise(frame), "hva", "mmol/mol Cr")
    assert made.name == "hva [mmol/mol{creat}]"
    # 4 mg/L at 1 g/L is 4 mg/g; 6 mg a day at 1.2 g/L x 1.5 L is 3.33 mg/g; 1 mg/g is 0.6209 mmol/mol.
    assert made.to_numpy().round(3).tolist() == [2.484, 2.07]


def test_the_comparator_stands_beside_the_amount(frame):
    normalised = normalise(frame)
    made = amounts_in(normalised, "vma", "µmol/mol creat")
    beside = normalised.frame.loc[made.index, "amount_comparator"]
    assert beside.tolist() == ["<"]
    # 3 mg/g of VMA, 198.174 g/mol, is 3 / 198.174 x 113.12 mmol/mol.
    assert made.iloc[0] == pytest.approx(3000 / 198.174 * 113.12, rel=1e-12)


def test_amounts_are_of_the_kind_of_the_frame(frame):
    eager = pl.from_pandas(frame)
    expected = amounts_in(normalise(frame), "hva", "nmol/L").tolist()
    for kind in (eager, eager.lazy()):
        made = amounts_in(normalise(kind), "hva", "nmol/L")
        assert isinstance(made, pl.Series)
        assert made.to_list() == expected


def test_a_creatinine_that_is_only_bounded_gives_no_amount_on_another_basis(frame):
    frame.loc["b", "comparator"] = "<"
    normalised = normalise(frame)
    assert amounts_in(normalised, "vma", "mg/L").isna().all()
    assert amounts_in(normalised, "vma", "nmol/mmol{creat}").notna().all()


def test_amounts_that_are_missing_stay_missing(frame):
    made = amounts_in(normalise(frame.drop(index="b")), "hva", "mg/g{creat}")
    assert np.isnan(made.iloc[0])
    assert made.iloc[1] == pytest.approx(6.0 / 1.8)


def test_concentrations_may_change_their_unit_on_any_concentration_basis(frame):
    plain = normalise(frame, choices=Choices(basis="none"))
    assert amounts_in(plain, "hva", "umol/L").iloc[0] == pytest.approx(4000 / 182.175)


def test_an_analyte_without_rows_gives_an_empty_series(frame):
    assert len(amounts_in(normalise(frame), "dopamine", "ug/g{creat}")) == 0


def test_a_unit_that_does_not_fit_is_refused(frame):
    normalised = normalise(frame)
    with pytest.raises(ConversionError, match="does not say per what"):
        amounts_in(normalised, "hva", "mmol/mol")
    with pytest.raises(UnknownAnalyteError, match="amounts_in"):
        amounts_in(normalised, "homovanillate", "mg/L")


def test_a_ratio_without_a_unit_is_not_converted(frame):
    normalised = normalise(frame)
    normalised.frame["basis"] = "conditional"
    with pytest.raises(ConversionError, match="basis 'conditional'"):
        amounts_in(normalised, "hva", "mg/L")
