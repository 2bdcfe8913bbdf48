"""Faults of completeness.csv are named with file and line."""

import pytest

from recal_labs.catalogue import load_catalogue

MALE = "creatinine,male,18,,12.74,30.92,mg/(kg.d),swiss2015"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("duration,any", "time,any", "measure is 'time'"),
        ("duration,any,,,20,28,h", "duration,any,,,20,28,min", "unit is 'min'; expected h"),
        ("creatinine,male", "creatinine,man", "sex is 'man'"),
        (MALE, MALE.replace("12.74", "12,74").replace("12,74", '"12,74"'), "lower is '12,74'"),
        (MALE, MALE.replace("12.74", "40"), "lower 40 is not below upper 30.92"),
        (MALE, MALE.replace("12.74", "").replace("30.92", ""), "neither lower nor upper limit"),
        (MALE, MALE.replace("18,,", "18,10,"), "the age band 18 to 10 is empty"),
        ("creatinine,female,18,,", "creatinine,male,60,,", "the age band overlaps"),
        ("swiss2015", "swiss1815", "unknown source 'swiss1815'"),
    ],
)
def test_a_fault_is_named_with_file_and_line(copy, plant, faults, old, new, said):
    plant("completeness.csv", old, new)
    found = faults(copy)
    assert any("/completeness.csv:" in fault and said in fault for fault in found), found


def test_a_study_may_overrule_a_limit_but_not_contradict_itself(tmp_path, faults):
    head = "measure,sex,age_low_years,age_high_years,lower,upper,unit,source_id\n"
    row = "duration,any,,,22,26,h,arup_catech\n"
    place = tmp_path / "completeness.csv"
    place.write_text(head + row, encoding="utf-8")
    assert load_catalogue(extra=tmp_path).completeness[-1].lower == 22
    place.write_text(head + row + row, encoding="utf-8")
    assert any("overlaps" in fault for fault in faults(extra=tmp_path))
