"""What names an observation and stands beside its value: code and name, unit, range, flag."""

import pytest

from recal_labs.ingest import read_panel
from tests.ingest.hl7_messages import message, obx, only, position


@pytest.fixture
def read(tmp_path):
    def read_message(*segments, **parts):
        path = tmp_path / "message.hl7"
        path.write_text(message(*segments, **parts), encoding="utf-8", newline="")
        return read_panel(path)

    return read_message


@pytest.mark.parametrize(
    ("field", "unit"),
    [
        ("ug/(24.h)^^UCUM", "ug/(24.h)"),
        ("UG/24H", "UG/24H"),
        ("CD:88^mg/g crt", "mg/g crt"),
        ("289^mg/dL", "mg/dL"),
        ("MMOLL", "MMOLL"),
        ("mg/g{creat}^milligram per gram^UCUM^mg/g crt^^L", "mg/g{creat}"),
        ("^mg/g crt", "mg/g crt"),
        ("1^^UCUM^^^^1.6^^s/co ratio", "s/co ratio"),
        ("*", None),
        ('""', None),
        ("", None),
        ("L", "L"),
        (r"ug\S\mg", "ug^mg"),
    ],
)
def test_the_unit_is_the_first_part_that_is_no_internal_number(field, unit):
    assert position(obx("4.0", unit=field))["unit"] == unit


@pytest.mark.parametrize(
    ("field", "code", "unit"),
    [
        ("ug/(24.h)^^UCUM", "NE24^Norepinephrine^L", "ug/(24.h)"),
        ("UG/24H", "NE24^Norepinephrine^L", "ug/(24.h)"),
        ("CD:88^mg/g crt", "VMA^Vanillylmandelic acid^L", "mg/g{creat}"),
        ("MMOLL", "CRE^Creatinine^L", "mmol/L"),
    ],
)
def test_a_lab_s_spelling_becomes_ucum(read, field, code, unit):
    assert only(read(obx("4.0", code=code, unit=field)).results)["unit"] == unit


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0 - 20", 0.0, 20.0),
        ("70_105", 70.0, 105.0),
        ("35-150^35^150", 35.0, 150.0),
        ("1.8_6.7^1.8^6.7", 1.8, 6.7),
        ("<8.0 (>15y)", None, 8.0),
        (">40^>40", 40.0, None),
        ("[ ]", None, None),
        ("Negative", None, None),
        ('""', None, None),
    ],
)
def test_a_printed_range_gives_its_limits(read, text, low, high):
    result = only(read(obx("4.0", limits=text)).results)
    limits = [None if limit != limit else limit for limit in (result["reported_low"], result["reported_high"])]
    assert limits == [low, high]


def test_a_null_range_is_no_range():
    assert position(obx("4.0", limits='""'))["range"] is None


@pytest.mark.parametrize(
    ("field", "flag"),
    [
        ("H", "H"),
        ("H~POS", "H~POS"),
        ("N^Normal^HL70078", "N"),
        ("null^No range defined", "No range defined"),
        ('""', None),
        ("", None),
    ],
)
def test_the_flag_is_the_lab_s_code(field, flag):
    assert position(obx("4.0", flag=field))["flag"] == flag


@pytest.mark.parametrize("code", ["HVA", "HVA^^L", "^Homovanillic acid", "X1^HVA^L", "^^^HVA^Homovanillic acid^L"])
def test_an_analyte_is_known_by_name_or_code_alone(read, code):
    assert only(read(obx("4.0", code=code)).results)["analyte_id"] == "hva"


def test_a_loinc_code_alone_is_enough_when_its_system_is_named(read):
    result = only(read(obx("4.0", code="11146-8^^LN", unit="ug/g crt")).results)
    assert (result["analyte_id"], result["loinc"]) == ("hva", "11146-8")


def test_the_loinc_code_may_stand_in_the_second_triplet():
    assert position(obx("4.0", code="H1^Test 17^L^11146-8^HVA^LN"))["code"] == "11146-8"


def test_a_local_code_that_looks_like_loinc_is_not_believed(read):
    # The laboratory of hl7__isabella_jones calls its metabolic panel 3427-2, without a system; check digit and all.
    panel = read(obx("4.0", code="11146-8^Test 17", unit="ug/g crt"))
    assert only(panel.rejects)["reason"] == "unknown_analyte"


def test_a_code_and_a_name_that_contradict_are_both_refused(read):
    panel = read(obx("4.0", code="11146-8^Dopamine^LN", unit="ug/g crt"))
    assert only(panel.rejects)["reason"] == "ambiguous_analyte"


@pytest.mark.parametrize("code", ["", '""', "^^"])
def test_an_observation_without_a_name_is_refused_not_lost(read, code):
    assert only(read(obx("4.0", code=code)).rejects)["reason"] == "unknown_analyte"


def test_escaped_separators_are_part_of_the_name():
    assert position(obx("4.0", code=r"X^HVA \T\ VMA \S\ sum^L"))["name"] == "HVA & VMA ^ sum"
