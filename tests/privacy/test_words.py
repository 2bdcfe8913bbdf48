"""A word stays because a list knows it; what no list knows may be somebody's name."""

import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.ingest import Profile, load_profile
from recal_labs.privacy.words import KnownWords


@pytest.fixture(scope="module")
def words():
    return KnownWords(load_catalogue(), [load_profile("generic_long")])


@pytest.mark.parametrize("text", ["HVA", "5-HIAA", "Norepinephrine (NE)", "Homovanillic  acid", "β-Phenylethylamine"])
def test_names_of_the_catalogue_are_known(words, text):
    assert words.analyte(text)


@pytest.mark.parametrize(
    "text",
    [
        "HVA of Ann Smith",
        "Ann",
        "HVA 12345",
        "HVA 山田太郎",
        "HVA ٠١٢٣",
        "5550173942",
        "Дофамин",
        "HVA (Smith)",
        "",
        "1943",
    ],
)
def test_a_name_with_anything_beside_it_is_not(words, text):
    assert not words.analyte(text)


def test_names_that_a_profile_declares_are_known():
    own = KnownWords(load_catalogue(), [Profile(name="own", analytes={"Дофамин": "dopamine", "Smith test": "hva"})])
    assert own.analyte("дофамин")
    assert own.analyte("smith-test")
    assert not own.analyte("Smith test of Ann")


@pytest.mark.parametrize("text", ["mg/g creat", "µg/g Krea", "mg/L", "nmol/mmol Cr", "ug/(24.h)"])
def test_units_of_the_catalogue_are_known(words, text):
    assert words.unit(text)


@pytest.mark.parametrize("text", ["mg/Smith", "Ann", "mg/L Ann", "44", "furlong"])
def test_other_texts_in_the_place_of_a_unit_are_not(words, text):
    assert not words.unit(text)


@pytest.mark.parametrize(
    "text", ["4.2", "<0,8 *", "1,234.5", "≤ 3", "4.1 ± 0.2", "20.3 (H)", "1e-3", "QNS", "not detected"]
)
def test_amounts_and_words_in_their_place_are_known(words, text):
    assert words.value(text)


@pytest.mark.parametrize(
    "text",
    [
        "5550173942",
        "19430617",
        "1.3.1980",
        "12/03/1980",
        "ask Ann",
        "QNS Ann",
        "4.2 Ann",
        "555-0199",
        "4.2\nAnn",
        "4 Smith",
    ],
)
def test_numbers_too_long_dates_and_remarks_are_not(words, text):
    assert not words.value(text)


@pytest.mark.parametrize(
    "text",
    [
        "35 - 150",
        "<8.0 (>15y)",
        "35-150^35^150",
        "70_105",
        "up to 5,0",
        "2.0 - 8.0 mg/g creat",
        "m: 3-5; f: 2-4",
        "1,000-2,500",
    ],
)
def test_printed_ranges_are_known(words, text):
    assert words.printed_range(text)


@pytest.mark.parametrize(
    "text",
    [
        "see Ann",
        "1943-06-17",
        "17.06.1943",
        "06/17/1943",
        "555-0173942",
        "555-0199",
        "2-8 for Ann",
        "2-8 mg/Ann",
        "A-12345678",
    ],
)
def test_dates_telephones_and_remarks_in_the_place_of_a_range_are_not(words, text):
    assert not words.printed_range(text)


def test_flags_and_methods(words):
    assert all(words.flag(text) for text in ("H", "HH", "l", "*", "H~A", "abnormal", "1"))
    assert not any(words.flag(text) for text in ("Ann", "H Ann", "HAnn", "12"))
    assert all(words.method(text) for text in ("LC-MS/MS", "HPLC-ECD", "gas chromatography mass spectrometry"))
    assert not any(words.method(text) for text in ("by Ann", "", "LC-MS/MS (Ann)", "Device 4711"))


@pytest.mark.parametrize(
    "place",
    [
        "row 7",
        "msg 2 OBX 5 rep 2",
        "whole file",
        "q9",
        "age_years",
        "row 3 column HVA (mg/g Krea)",
        "row 3 column number 9",
        "row 3 column HVA (number 4)",
    ],
)
def test_places_of_numbers_and_known_columns_stay(words, place):
    assert words.place(place, lambda text: "CODE") == place


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("row 3 column Ann (mg/g Krea)", "row 3 column CODE"),
        ("row 3 column Ann (number 4)", "row 3 column CODE (number 4)"),
        ("row 3 column Ann\nSmith", "row 3 column CODE"),
        ("Ann Smith!D14", "CODE!D14"),
        ("somewhere", "CODE"),
        ("row 3 Ann", "CODE"),
    ],
)
def test_other_parts_of_a_place_are_coded(words, place, told):
    assert words.place(place, lambda text: "CODE") == told


def test_only_slips_of_the_pen_are_told_what_they_are_near_to(words):
    assert words.nearly("Homovanilic acid")
    assert words.nearly("Marguerite") == ()
    assert words.nearly("Phone") == ()
