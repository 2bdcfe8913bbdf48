"""Names, codes and units stand for what the catalogue or the lab's profile says; never for a guess."""

from dataclasses import replace

import pytest

from recal_labs.ingest.names import resolve_name, resolve_unit

from .exports import CATALOGUE, LONG


def named(name, code=None, profile=LONG):
    return resolve_name(name, code, profile, CATALOGUE)


def unit_of(text, analyte="hva", profile=LONG):
    return resolve_unit(text, CATALOGUE.analytes[analyte], profile, CATALOGUE)


@pytest.mark.parametrize(
    ("name", "analyte", "fraction"),
    [
        ("HVA", "hva", "unspecified"),
        ("  homovanillic ACID ", "hva", "unspecified"),
        ("5-HIAA", "hiaa_5", "unspecified"),
        ("5\u2011HIAA", "hiaa_5", "unspecified"),
        ("β-Phenylethylamine", "pea", "unspecified"),
        ("Homovanillinsäure", "hva", "unspecified"),
        ("Norepinephrine (NE)", "norepinephrine", "unspecified"),
        ("VMA (urine)", "vma", "unspecified"),
        ("Metanephrine, free", "metanephrine", "free"),
        ("Normetanephrine total", "normetanephrine", "total"),
    ],
)
def test_spellings_that_are_known(name, analyte, fraction):
    found = named(name)
    assert (found.analyte_id, found.fraction, found.reason) == (analyte, fraction, "")


def test_na_may_be_two_analytes_until_the_lab_says_which():
    assert named("NA").reason == "ambiguous_analyte"
    assert "norepinephrine or sodium" in named("NA").detail
    assert named("NA", profile=replace(LONG, analytes={"NA": "norepinephrine"})).analyte_id == "norepinephrine"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("GLU", "glucose"),
        ("Glu (urine)", "glucose"),
        ("MET", "methionine"),
        ("MN", "manganese"),
        ("NMN", "nicotinamide"),
        ("HIS", "histidine or histamine"),
        ("KYN", "kynurenine or kynurenic_acid"),
        ("Cr", "chromium"),
        ("PEA", "phosphoethanolamine"),
    ],
)
def test_a_name_of_another_urine_test_is_refused_with_what_it_may_mean(name, says):
    found = named(name)
    assert (found.analyte_id, found.reason) == (None, "ambiguous_analyte")
    assert says in found.detail
    assert "[analytes]" in found.detail


def test_a_profile_or_a_code_decides_an_ambiguous_name():
    assert named("GLU", profile=replace(LONG, analytes={"Glu": "glutamate"})).analyte_id == "glutamate"
    # LOINC 2218-6 is dopamine in 24 h urine; Mayo calls 3-methoxytyramine so.
    assert named("Urine Dopamine").reason == "ambiguous_analyte"
    assert named("Urine Dopamine", "2218-6").analyte_id == "dopamine"


@pytest.mark.parametrize(
    ("name", "analyte"),
    [
        ("Glutamic acid (GLU)", "glutamate"),
        ("GLU (Glutamic acid)", "glutamate"),
        ("Phenylethylamine (PEA)", "pea"),
        ("Normetanephrine [NMN]", "normetanephrine"),
        ("Histamine (HIS)", "histamine"),
        ("Kynurenine (KYN)", "kynurenine"),
        ("Noradrenaline (NA)", "norepinephrine"),
        ("Sodium (NA)", "sodium"),
    ],
)
def test_the_certain_half_of_a_name_and_its_short_form_decides(name, analyte):
    assert named(name).analyte_id == analyte


@pytest.mark.parametrize("name", ["Dopamine (GLU)", "Glucose (GLU)", "Methionine (MET)", "Manganese (Mn)", "HIS (NA)"])
def test_a_short_form_never_decides_for_a_name_that_says_something_else(name):
    assert named(name).analyte_id is None


@pytest.mark.parametrize("name", ["Cortisol (metabolised)", "Dopamine (HVA)", "Glucose", "<script>", "🧪", "HVA VMA"])
def test_a_name_that_is_not_known_is_not_guessed(name):
    assert named(name).analyte_id is None
    assert named(name).reason in ("unknown_analyte", "ambiguous_analyte")


def test_an_unknown_name_is_told_what_it_is_near_to():
    assert "Dopamine" in named("Dopamin e 2").detail
    assert "[analytes]" in named("Dopamin e 2").detail


def test_a_value_without_any_name_says_so():
    assert named(None).reason == "unknown_analyte"
    assert "no analyte name" in named(None).detail


def test_two_names_in_another_alphabet_are_two_names():
    own = replace(LONG, analytes={"Дофамин": "dopamine", "Кортизол": "cortisol"})
    assert [named(name, profile=own).analyte_id for name in ("Дофамин", "кортизол", "Адреналин")] == [
        "dopamine",
        "cortisol",
        None,
    ]


def test_the_latin_letter_of_a_cyrillic_name_is_no_short_form():
    # E alone is epinephrine.
    assert named("E").analyte_id == "epinephrine"
    assert named("витамин E").reason == "unknown_analyte"


def test_a_code_and_a_name_that_disagree_are_both_not_believed():
    # LOINC 2218-6 is dopamine in 24 h urine.
    assert named("Dopamine", "2218-6").analyte_id == "dopamine"
    assert named("no such name", "2218-6").analyte_id == "dopamine"
    assert named("HVA", "2218-6").reason == "ambiguous_analyte"


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("ug/g Cr", "ug/g{creat}"),
        ("\u00b5g/g Krea", "ug/g{creat}"),
        ("\u03bcg/g Krea", "ug/g{creat}"),
        ("mcg/g crt", "ug/g{creat}"),
        ("UG/24H", "ug/(24.h)"),
        ("ug/24.h", "ug/(24.h)"),
        ("MMOLL", "mmol/L"),
        ("mg/dL", "mg/dL"),
    ],
)
def test_spellings_of_units(text, unit):
    assert unit_of(text).unit == unit


def test_per_gram_means_creatinine_only_where_the_profile_says_so():
    assert unit_of("ug/g").reason == "unknown_unit"
    assert "per_gram_means_creatinine" in unit_of("ug/g").detail
    assert unit_of("ug/g", profile=replace(LONG, per_gram_means_creatinine=True)).unit == "ug/g{creat}"


@pytest.mark.parametrize(
    ("text", "analyte", "reason"),
    [
        (None, "hva", "missing_unit"),
        ("furlong", "hva", "unknown_unit"),
        ("mmHg", "hva", "wrong_unit"),
        ("%", "hva", "wrong_unit"),
        ("mg/L", "specific_gravity", "wrong_unit"),
    ],
)
def test_units_that_cannot_be_used(text, analyte, reason):
    assert unit_of(text, analyte).reason == reason


@pytest.mark.parametrize("bare", ["mmol/mol", "ng/mg", "nmol/mmol", "ug/mmol", "MG/G"])
def test_a_profile_may_say_that_all_fractions_are_of_creatinine(bare):
    assert unit_of(bare).reason == "unknown_unit"
    assert "per_gram_means_creatinine" in unit_of(bare).detail
    found = unit_of(bare, profile=replace(LONG, per_gram_means_creatinine=True)).unit
    assert found == CATALOGUE.find_unit(f"{bare} creat")


def test_a_unit_whose_case_would_change_it_is_refused_with_the_reason():
    found = unit_of("Mmol/mol Krea")
    assert found.reason == "unknown_unit"
    assert "a capital M before a small letter is mega" in found.detail


@pytest.mark.parametrize(
    ("text", "analyte", "near"),
    [
        ("ug/g creatnine", "hva", "ug/g{creat}"),
        ("mgg/L", "creatinine", "mg/L"),
        # Of what is near only a unit that the analyte can have.
        ("mmHgg", "hva", ""),
    ],
)
def test_a_slip_of_the_pen_is_told_with_the_unit_it_is_near_to_and_never_made_a_spelling(text, analyte, near):
    detail = unit_of(text, analyte).detail
    assert detail.startswith(f"The unit '{text}' is not known; ")
    assert (f"did you mean {near}? Correct it in the file" in detail) == bool(near)
    assert "only a spelling that is right" in detail or "ask the lab what it means" in detail
    assert "add its spelling" not in detail


def test_an_amount_in_a_whole_collection_is_refused_with_the_reason():
    found = unit_of("mg/TV")
    assert found.reason == "wrong_unit"
    assert "whose hours it does not say" in found.detail


def test_equivalents_are_moles_of_sodium_only():
    assert unit_of("mEq/L", "sodium").unit == "mmol/L"
    assert unit_of("mEq/L").reason == "unknown_unit"
    assert "sodium only" in unit_of("mEq/L").detail


def test_a_pure_number_needs_no_unit():
    assert unit_of(None, "specific_gravity").unit == "1"
