"""Units: worked conversions that laboratories print themselves, and identities that must hold for every pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.catalogue import load_catalogue
from recal_labs.normalise.units import conversion_table, convert, read_unit

CATALOGUE = load_catalogue()

# Both numbers of each row are printed by the source named, or by the reference catalogue's notes from it.
WORKED = [
    # University Health Network prints 390 nmol/mmol; its conventional form is 528 ug/g.
    ("dopamine", 390, "nmol/mmol{creat}", 528, "ug/g{creat}"),
    # Glasgow: 40 nmol/mmol is 128 ug/g.
    ("cortisol", 40, "nmol/mmol{creat}", 128, "ug/g{creat}"),
    # Exeter: 5.3 umol/24 h is 971 ug/24 h.
    ("normetanephrine", 5.3, "umol/(24.h)", 971, "ug/(24.h)"),
    # Glasgow study: 40 umol/24 h is 7.3 mg/24 h.
    ("hva", 40, "umol/(24.h)", 7.3, "mg/(24.h)"),
    # US limits of 9 and 15 mg/24 h are 47 and 78 umol/24 h.
    ("hiaa_5", 9, "mg/(24.h)", 47, "umol/(24.h)"),
    ("hiaa_5", 15, "mg/(24.h)", 78, "umol/(24.h)"),
    # Accepted urinary creatinine: 0.3 to 3.0 g/L is 30 to 300 mg/dL is 2.65 to 26.5 mmol/L.
    ("creatinine", 0.3, "g/L", 2.65, "mmol/L"),
    ("creatinine", 300, "mg/dL", 26.5, "mmol/L"),
]


@pytest.mark.parametrize(("analyte", "value", "unit", "expected", "other"), WORKED)
def test_worked_conversions(analyte, value, unit, expected, other):
    one, two = (convert(CATALOGUE.analytes[analyte], u) for u in (unit, other))
    digits = len(str(expected).replace(".", "").lstrip("0"))
    assert float(f"{value * one.factor / two.factor:.{digits}g}") == expected


@pytest.mark.parametrize("unit", ["ug/g", "mg/kg", "ng/mg"])
def test_a_mass_fraction_is_never_a_creatinine_ratio(unit):
    assert read_unit(unit) is None


@pytest.mark.parametrize(
    ("unit", "basis"),
    [
        ("ug/g{creat}", "per_creatinine"),
        ("nmol/mmol{creat}", "per_creatinine"),
        ("ug/(24.h)", "per_24h"),
        ("mg/d", "per_24h"),
        ("mg/dL", "per_volume"),
        ("nmol/L", "per_volume"),
    ],
)
def test_basis_is_read_from_the_denominator(unit, basis):
    assert read_unit(unit).basis == basis


def test_a_day_is_24_hours():
    assert read_unit("mg/d").scale == pytest.approx(read_unit("mg/(24.h)").scale, rel=1e-15)
    assert read_unit("mg/h").scale == pytest.approx(24 * read_unit("mg/d").scale, rel=1e-15)


def test_24_point_h_without_brackets_is_not_a_day():
    # UCUM reads left to right: ug/24.h is micrograms times hours over 24.
    assert read_unit("ug/24.h") is None


@pytest.mark.parametrize("unit", ["mm[Hg]", "[IU]/L", "U/L", "10*3/uL", "%", "ug", ""])
def test_units_of_other_things_are_not_read(unit):
    assert read_unit(unit) is None


def test_every_unit_of_every_interval_converts():
    table = {(c.analyte_id, c.unit) for c in conversion_table(CATALOGUE)}
    without = {(i.analyte_id, i.unit) for i in CATALOGUE.intervals} - table
    assert without == set()


@given(st.data(), st.floats(1e-6, 1e6))
def test_there_and_back_is_the_same(data, value):
    table = conversion_table(CATALOGUE)
    one = data.draw(st.sampled_from(table))
    two = data.draw(st.sampled_from([c for c in table if (c.analyte_id, c.basis) == (one.analyte_id, one.basis)]))
    there = value * one.factor / two.factor
    assert there * two.factor / one.factor == pytest.approx(value, rel=1e-12)
