"""Units: worked conversions that laboratories print themselves, and identities that must hold for every pair."""

import math
import subprocess
import sys

import numpy as np
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.catalogue.rows import TabledUnit
from recal_labs.normalise.units import conversion_table, convert, creatinine_molar_mass, is_pure_number, read_unit

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
    # Davis's Lab & Diagnostic Tests (nursing.unboundmedicine.com), 5-HIAA: 7 mg/24 hr is 36.6 micromol/24 hr.
    ("hiaa_5", 7, "mg/(24.h)", 36.6, "umol/(24.h)"),
    # Davis, VMA (ed.mdict.net/k1819942.html): 2.6, 5.2 and 6.5 mg/24 hr are 13, 26 and 33 micromol/24 hr.
    ("vma", 2.6, "mg/(24.h)", 13, "umol/(24.h)"),
    ("vma", 5.2, "mg/(24.h)", 26, "umol/(24.h)"),
    ("vma", 6.5, "mg/(24.h)", 33, "umol/(24.h)"),
    # iliveok.com: HVA to 15 mg is 82 umol a day, VMA to 7 mg is 35 umol, free cortisol 20 to 90 ug is 55 to 248 nmol.
    ("hva", 15, "mg/(24.h)", 82, "umol/(24.h)"),
    ("vma", 7, "mg/(24.h)", 35, "umol/(24.h)"),
    ("cortisol", 20, "ug/(24.h)", 55, "nmol/(24.h)"),
    ("cortisol", 90, "ug/(24.h)", 248, "nmol/(24.h)"),
    # apotheken.de, Katecholamine: 20 and 105 ug, 450 ug, 6.5 mg and 7.4 mg/24 Std. in umol/24 Std.
    ("epinephrine", 20, "ug/(24.h)", 0.11, "umol/(24.h)"),
    ("norepinephrine", 105, "ug/(24.h)", 0.62, "umol/(24.h)"),
    ("dopamine", 450, "ug/(24.h)", 2.9, "umol/(24.h)"),
    ("hva", 7.4, "mg/(24.h)", 41, "umol/(24.h)"),
    # valorinormali.com: norepinephrine 15 to 80 mcg is 89 to 473 nmol, the interval of Singapore General Hospital.
    ("norepinephrine", 15, "ug/(24.h)", 89, "nmol/(24.h)"),
    ("norepinephrine", 80, "ug/(24.h)", 473, "nmol/(24.h)"),
    # wissen-naturheilpraxis.de: adrenalin 4.0 to 20 ug is 22 to 110 nmol a day.
    ("epinephrine", 4, "ug/(24.h)", 22, "nmol/(24.h)"),
    # MSD Manual, urine tests, normal values: cortisone 17 ug/24 h is 47 nmol.
    ("cortisone", 17, "ug/(24.h)", 47, "nmol/(24.h)"),
    # labtests.co.in, tryptophan: 1 umol/L is 0.204 mg/L.
    ("tryptophan", 1, "umol/L", 0.204, "mg/L"),
]

# Factors printed by the source named: one of the first unit is so many of the second.
FACTORS = [
    # Luzerner Kantonsspital, Katecholamine (analysenverzeichnis.luks.ch); it prints 6.54 for dopamine, 6.528 here.
    ("epinephrine", "ug/(24.h)", "nmol/(24.h)", 5.46),
    ("norepinephrine", "ug/(24.h)", "nmol/(24.h)", 5.91),
    ("epinephrine", "nmol/(24.h)", "ug/(24.h)", 0.183),
    ("norepinephrine", "nmol/(24.h)", "ug/(24.h)", 0.169),
    ("dopamine", "nmol/(24.h)", "ug/(24.h)", 0.153),
    # Laboratoires Bauduin (labobauduin.be); it prints 5.03 for VMA, where Davis prints 5.05.
    ("metanephrine", "ug/(24.h)", "nmol/(24.h)", 5.07),
    ("normetanephrine", "ug/(24.h)", "nmol/(24.h)", 5.46),
    # Davis.
    ("hiaa_5", "mg/(24.h)", "umol/(24.h)", 5.23),
    ("vma", "mg/(24.h)", "umol/(24.h)", 5.05),
    # Mayo Clinic Laboratories, CORTU: mcg/24 h x 2.76 = nmol/24 h.
    ("cortisol", "ug/(24.h)", "nmol/(24.h)", 2.76),
    # Chung Shan Medical University (w3.csmu.edu.tw/~chr/Int_unit_conversion.htm).
    ("cortisol", "ug/dL", "nmol/L", 27.59),
    ("creatinine", "mg/dL", "umol/L", 88.40),
    ("epinephrine", "pg/mL", "pmol/L", 5.458),
    # medicalalgorithms.com, albumin to creatinine: 1 mg/mmol is 8.84 mg/g, whatever is divided by creatinine.
    ("hva", "mg/mmol{creat}", "mg/g{creat}", 8.84),
]


def factor(analyte, one, other):
    return convert(CATALOGUE.analytes[analyte], one).factor / convert(CATALOGUE.analytes[analyte], other).factor


@pytest.mark.parametrize(("analyte", "value", "unit", "expected", "other"), WORKED)
def test_worked_conversions(analyte, value, unit, expected, other):
    digits = len(str(expected).replace(".", "").lstrip("0"))
    assert float(f"{value * factor(analyte, unit, other):.{digits}g}") == expected


@pytest.mark.parametrize(("analyte", "unit", "other", "expected"), FACTORS)
def test_published_factors(analyte, unit, other, expected):
    digits = len(str(expected).replace(".", "").lstrip("0"))
    assert float(f"{factor(analyte, unit, other):.{digits}g}") == expected


@pytest.mark.parametrize("unit", ["ug/g", "mg/kg", "ng/mg", "mmol/mol", "nmol/mmol"])
def test_a_fraction_is_never_a_creatinine_ratio(unit):
    assert read_unit(unit) is None
    assert read_unit(f"{unit}{{creat}}").basis == "per_creatinine"


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


@pytest.mark.parametrize("unit", ["mm[Hg]", "[IU]/L", "U/L", "10*3/uL", "%", "ug", "", "mg/{collection}", "10*9/L"])
def test_units_of_other_things_are_not_read(unit):
    assert read_unit(unit) is None


def test_every_unit_of_every_interval_converts():
    table = {(c.analyte_id, c.unit) for c in conversion_table(CATALOGUE)}
    without = {(i.analyte_id, i.unit) for i in CATALOGUE.intervals} - table
    assert without == set()


def test_every_unit_that_a_spelling_may_stand_for_converts_unless_it_is_of_another_thing():
    units = {c.unit for c in conversion_table(CATALOGUE)}
    others = {code for code in CATALOGUE.spellings.codes() if code not in units}
    fractions = {f"{top}/{bottom}" for top in CATALOGUE.spellings.parts["amount"].values()
                 for bottom in CATALOGUE.spellings.parts["of_creatinine"].values()}  # fmt: skip
    assert others - fractions == {
        "%", "/min", "10*9/L", "L", "U/L", "[IU]/L", "[IU]/mL", "h", "m[IU]/L", "m[IU]/mL", "mL", "mU/L", "mg",
        "mm[Hg]", "pg", "u[IU]/mL", "uU/mL", "ug",
        *(f"{amount}/{{collection}}" for amount in ("ug", "mg", "ng", "nmol", "umol", "mmol")),
    }  # fmt: skip


def test_there_and_back_is_the_same_for_every_pair():
    # Every pair of units of every analyte and basis: some twenty thousand.
    groups = {}
    for cell in conversion_table(CATALOGUE):
        groups.setdefault((cell.analyte_id, cell.basis), []).append(cell.factor)
    pairs = 0
    for factors in groups.values():
        one = np.array(factors)
        there = 7.3 * one[:, None] / one[None, :]
        back = there * one[None, :] / one[:, None]
        assert np.abs(back / 7.3 - 1).max() <= 1e-12
        pairs += back.size
    assert pairs > 50_000


def test_by_way_of_a_third_unit_is_the_same():
    groups = {}
    for cell in conversion_table(CATALOGUE):
        groups.setdefault((cell.analyte_id, cell.basis), []).append(cell.factor)
    for factors in groups.values():
        f = np.array(factors)
        straight = f[:, None, None] / f[None, None, :]
        round_about = (f[:, None, None] / f[None, :, None]) * (f[None, :, None] / f[None, None, :])
        assert np.abs(round_about / straight - 1).max() <= 1e-12


def test_mass_and_amount_differ_by_the_molar_mass_and_nothing_else():
    for analyte in CATALOGUE.analytes.values():
        if is_pure_number(analyte):
            continue
        assert factor(analyte.id, "mmol/L", "mg/L") == pytest.approx(analyte.molar_mass, rel=1e-12)
        assert factor(analyte.id, "nmol/(24.h)", "ng/(24.h)") == pytest.approx(analyte.molar_mass, rel=1e-12)


def test_another_molar_mass_of_creatinine_is_heeded():
    hva = CATALOGUE.analytes["hva"]
    light, heavy = (convert(hva, "mmol/mol{creat}", mass).factor for mass in (100.0, 200.0))
    assert light == pytest.approx(2 * heavy, rel=1e-12)
    assert creatinine_molar_mass(CATALOGUE) == 113.12


def test_a_unit_outside_the_shipped_table_is_read_through_pint():
    assert "ng/(12.h)" not in CATALOGUE.unit_readings
    reading = read_unit("ng/(12.h)")
    assert (reading.basis, reading.substance) == ("per_24h", "mass")
    assert reading.scale == pytest.approx(2e-9, rel=1e-15)


def test_a_study_of_its_own_units_converts_them(tmp_path):
    (tmp_path / "units.csv").write_text("spelling,ucum,note\nfmol per uL,fmol/uL,\n", encoding="utf-8")
    own = load_catalogue(extra=tmp_path)
    factors = {(c.analyte_id, c.unit): c.factor for c in conversion_table(own)}
    assert factors["melatonin", "fmol/uL"] == pytest.approx(232.283e-3, rel=1e-12)


def test_a_pure_number_converts_only_into_itself():
    gravity = CATALOGUE.analytes["specific_gravity"]
    assert convert(gravity, "1").factor == 1.0
    assert convert(gravity, "g/L") is None


def test_the_table_holds_positive_finite_factors():
    table = conversion_table(CATALOGUE)
    assert all(cell.factor > 0 and math.isfinite(cell.factor) for cell in table)
    assert len({(cell.analyte_id, cell.unit) for cell in table}) == len(table)


def test_every_reading_is_a_row_of_the_catalogue():
    assert all(isinstance(unit, TabledUnit) for unit in CATALOGUE.unit_readings.values())
    assert len(CATALOGUE.unit_readings) > 100


SCRIPT = """
import sys
import pandas as pd
from recal_labs.normalise import normalise
results = pd.DataFrame({
    "subject_id": "S1", "specimen_id": "U1", "specimen": "urine_spot", "comparator": "", "sex": "female",
    "analyte_id": ["hva", "creatinine", "dopamine", "sodium"], "value": [4.0, 100.0, 300.0, 90.0],
    "unit": ["mg/L", "mg/dL", "nmol/mmol{creat}", "mmHg"], "age_years": 40.0})
frame = normalise(results).frame
assert frame["amount"].notna().tolist() == [True, True, True, False]
print(sorted(name for name in sys.modules if name.split(".")[0] in ("pint", "ucumvert", "lark")))
"""


def test_shipped_units_are_normalised_without_importing_pint():
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
