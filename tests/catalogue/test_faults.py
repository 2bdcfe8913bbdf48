"""Every planted fault of a row is found, with folder, file and line, before it can lose a number."""

import re

import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.errors import CatalogueError

INTERVALS = "reference_intervals.csv"
# The first interval of the file: dopamine, 24 h urine, 18 years and above, 60 to 440 ug/(24.h).
FIRST = "per_24h,any,18,,60,440,ug/(24.h)"

FAULTS = [
    ("analytes.csv", "C8H11NO2,153.181", "C8H11NO2,153.9", "disagrees with C8H11NO2"),
    ("analytes.csv", "C8H11NO2,153.181", "C8H11NO2,nan", "molar_mass_g_per_mol 'nan' is not a number above zero"),
    ("analytes.csv", "C8H11NO2,153.181", ",0", "molar_mass_g_per_mol '0' is not a number above zero"),
    ("analytes.csv", "C8H11NO2,153.181", ",", "amount_unit 'ug' needs a molar mass"),
    ("analytes.csv", "681,ug,ug/(24.h)", "681,mcg,ug/(24.h)", "amount_unit 'mcg' is not a mass or amount"),
    ("analytes.csv", "681,ug,ug/(24.h)", "681,ug/L,ug/(24.h)", "amount_unit 'ug/L' is not a mass or amount"),
    ("analytes.csv", "mosm/kg,mosm/kg", "mOsm/kg,mosm/kg", "amount_unit 'mOsm/kg' is not a UCUM code"),
    ("analytes.csv", "51-61-6", "51-61-7", "CAS 51-61-7 has a wrong check digit"),
    ("analytes.csv", "\nhva,", "\ndopamine,", "id 'dopamine' is not unique"),
    ("analytes.csv", "\nhva,Homovanillic acid", "\nhva,Dopamine", "'Dopamine' is hva here, and at"),
    ("analytes.csv", "massbank|human_gem|drugbank_actor", "massbank|nobody", "unknown source 'nobody'"),
    ("loinc.csv", "2218-6", "2218-7", "LOINC 2218-7 has a wrong check digit"),
    ("loinc.csv", "dopamine,2218-6", ",2218-6", "unknown analyte ''"),
    ("names.csv", "\nHVA,hva", "\nDopamine,hva", "'Dopamine' names hva, and at"),
    ("names.csv", "\nHVA,hva", "\nGLU,glutamate", "'GLU' is ambiguous, and at catalogue/names.csv:"),
    ("names.csv", "\nHVA,hva,,,", "\nHVA,,,,", "'HVA' has no analyte; an ambiguous spelling needs candidates"),
    ("names.csv", "\nHVA,hva,,,", "\nHVA,,,hva,", "'HVA' is ambiguous; its note must say what it may mean"),
    ("names.csv", "\nHVA,hva,,,", "\nHVA,hva,,vma,", "has an analyte and candidates"),
    ("names.csv", "\nHVA,hva,,,", "\nHVA,hva,bound,,", "fraction is 'bound'"),
    ("names.csv", "\nHVA,hva,,,", "\nДофамин,hva,,,", "has no Latin letter or digit"),
    ("units.csv", "MGDL,mg/dL,", "MGDL,mg/dL Krea,", "ucum 'mg/dL Krea' is not a UCUM code"),
    ("units.csv", "MGDL,mg/dL,", "MGDL,mcg/L,", "ucum 'mcg/L' is not a UCUM code"),
    ("units.csv", "MGDL,mg/dL,,", "MGDL,mg/dL,upper,", "case is 'upper'; expected nothing or as_written"),
    ("units.csv", "MGDL,mg/dL,", "mg l,mg/L,", "spelling 'mg l' is not unique"),
    ("units.csv", "MGDL,mg/dL,", "ug/L,mg/L,", "'ug/L' is mg/L here, and its parts make ug/L"),
    ("units.csv", "U/L,U/L,", "[IU]/L,U/L,", "spelling '[IU]/L' is the code [IU]/L, and stands for U/L here"),
    ("unit_parts.csv", "amount,pg,pg,", "amount,ug,pg,", "'ug' is pg here and ug at"),
    ("unit_parts.csv", "amount,pg,pg,", "amount,pg,U,", "ucum 'U' is not a mass or an amount of substance"),
    ("unit_parts.csv", "amount,pg,pg,", "amuont,pg,pg,", "part is 'amuont'; expected amount, creatinine"),
    ("unit_parts.csv", "denominator,dL,dL,", "denominator,dL,kg,", "ucum 'kg' is nothing that an amount can be per"),
    ("unit_parts.csv", "per,pro,/,", "per,pro,.,", "ucum of a word for per is '/', not '.'"),
    ("unit_parts.csv", "form,of*,", "form,of,", "form 'of' has no single *"),
    ("unit_readings.csv", "ng/L,per_volume,", "ng/L,per_24h,", "ng/L is per_volume, not per_24h per L"),
    (
        "unit_readings.csv",
        "ng/L,per_volume,mass,1e-09",
        "ng/L,per_volume,mass,-1",
        "scale '-1' is not a number above zero",
    ),
    ("unit_readings.csv", "ng/L,per_volume,mass", "ng/L,per_volume,amount", "substance of ng/L is 'amount'"),
    ("unit_readings.csv", "ng/dL,", "ng/L,", "ucum 'ng/L' is not unique"),
    ("unit_readings.csv", "ng/L,", "ng/g,", "ucum 'ng/g' is no amount per volume, per creatinine or per time"),
    ("specimen_words.csv", "24 h urine,urine_24h", "24 h urine,urine_24", "specimen is 'urine_24'"),
    (INTERVALS, FIRST, "per_24h,any,18,,440,60,ug/(24.h)", "lower 440 is not below upper 60"),
    (INTERVALS, FIRST, "per_24h,any,18,,nan,440,ug/(24.h)", "lower 'nan' is not a number of zero or more"),
    (INTERVALS, FIRST, "per_24h,any,18,,-60,440,ug/(24.h)", "lower '-60' is not a number of zero or more"),
    (INTERVALS, FIRST, "per_24h,any,18,,60,inf,ug/(24.h)", "upper 'inf' is not a number of zero or more"),
    (INTERVALS, FIRST, "per_24h,any,18,,60,1e999,ug/(24.h)", "upper '1e999' is not a number of zero or more"),
    (INTERVALS, FIRST, "per_24h,any,18,,60,4_40,ug/(24.h)", "upper '4_40' is not a number of zero or more"),
    (INTERVALS, FIRST, "per_24h,any,18,,,0,ug/(24.h)", "upper 0 leaves no result inside"),
    (INTERVALS, FIRST, "per_24h,any,18,,,,ug/(24.h)", "no limit"),
    (INTERVALS, FIRST, "per_24h,any,-1,,60,440,ug/(24.h)", "age_low_years '-1' is not a number of zero or more"),
    (INTERVALS, FIRST, "per_24h,any,18,nan,60,440,ug/(24.h)", "age_high_years 'nan' is not a number of zero or more"),
    (INTERVALS, FIRST, "per_24h,any,18,18,60,440,ug/(24.h)", "the age band 18 to 18 is empty"),
    (INTERVALS, FIRST, "per_24h,any,18,,60,440,ug/g{creat}", "does not fit per_24h"),
    (
        INTERVALS,
        FIRST,
        "per_24h,any,18,,60,440,[iU]/(24.h)",
        "unit [iU]/(24.h) cannot be converted into ug of dopamine",
    ),
    (INTERVALS, FIRST, "per_24h,any,18,,60,440,mcg/(24.h)", "unit 'mcg/(24.h)' is not a UCUM code"),
    (INTERVALS, "mosm/kg", "mmol/L", "unit mmol/L is not mosm/kg, the only one of osmolality"),
    (INTERVALS, "any,0,1,240,1290", "any,0,2,240,1290", "the age band overlaps the one at"),
    (INTERVALS, "arup_catech", "arup_nothing", "unknown source 'arup_nothing'"),
    (INTERVALS, "dopamine,urine_24h", "dopamin,urine_24h", "unknown analyte 'dopamin'"),
    (INTERVALS, "dopamine,urine_24h", "dopamine,urine_48h", "specimen is 'urine_48h'"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), FAULTS)
def test_a_planted_fault_is_found_with_folder_file_and_line(copy, plant, faults, file, old, new, message):
    plant(file, old, new)
    found = [fault for fault in faults(copy) if message in fault]
    assert found
    assert re.match(rf"catalogue/{re.escape(file)}:\d+: ", found[0])


def test_an_age_band_given_again_in_another_unit_overlaps(copy, faults):
    text = (copy / INTERVALS).read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if FIRST in line)
    (copy / INTERVALS).write_text(text + row.replace("60,440,ug/(24.h)", "0.39,2.9,umol/(24.h)") + "\n")
    (fault,) = faults(copy)
    assert fault.startswith(f"catalogue/{INTERVALS}:{len(text.splitlines()) + 1}: the age band overlaps the one at")
    assert fault.endswith("(ug/(24.h) there, umol/(24.h) here)")


def test_a_long_band_overlaps_every_band_inside_it(copy, faults):
    text = (copy / INTERVALS).read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if FIRST in line)
    inside = [row.replace("any,18,,", f"any,{low},{low + 5},") for low in (20, 30, 40)]
    (copy / INTERVALS).write_text(text + "\n".join(inside) + "\n")
    assert len(faults(copy)) == len(inside)


def test_all_faults_are_said_at_once(copy, plant, faults):
    for file, old, new, _ in (FAULTS[0], FAULTS[7]):
        plant(file, old, new)
    assert len(faults(copy)) == 2


def test_a_thousand_faults_are_not_listed(copy, plant):
    plant("sources.csv", "\narup_catech,", "\narup_kept_elsewhere,")
    text = (copy / INTERVALS).read_text(encoding="utf-8")
    (copy / INTERVALS).write_text(text.replace(",ug/", ",mcg/"), encoding="utf-8")
    with pytest.raises(CatalogueError) as caught:
        load_catalogue(copy)
    lines = str(caught.value).splitlines()
    assert len(caught.value.faults) > 100
    assert len(lines) == 32
    assert lines[-1].strip() == f"and {len(caught.value.faults) - 30} more"
    assert f"{len(caught.value.faults)} faults" in lines[0]
