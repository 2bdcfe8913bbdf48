"""Units as laboratories spell them: each stands for one UCUM code, or for none and says why."""

import csv
import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.catalogue import data_folder, fold_unit, load_catalogue
from recal_labs.catalogue.names import tidy_unit
from recal_labs.catalogue.ucum import is_ucum
from recal_labs.catalogue.unit_spellings import LONGEST

CATALOGUE = load_catalogue()
FIXTURES = Path(__file__).parents[1] / "fixtures"
PARTS = CATALOGUE.spellings.parts

# What laboratories write for these analytes; the pages and exports in which they were seen are named.
SEEN = {
    "ug/g creat": "ug/g{creat}",
    "µg/gCr": "ug/g{creat}",
    "mcg/g Cr": "ug/g{creat}",  # Doctor's Data
    "μg/g crt": "ug/g{creat}",  # ARUP, University of Iowa
    "mg/g CRT": "mg/g{creat}",  # ARUP
    "mg/g cr": "mg/g{creat}",
    "mg/g creatinine": "mg/g{creat}",  # Mayo
    "mg/g Krea": "mg/g{creat}",
    "ug/g Kreatinin": "ug/g{creat}",
    "µg/g créat": "ug/g{creat}",
    "mg/gCREA": "mg/g{creat}",
    "mg/g creat.": "mg/g{creat}",  # Review of Diabetic Studies
    "μg/g・CRE": "ug/g{creat}",
    "mg/gCr": "mg/g{creat}",
    "ng/mg creat": "ng/mg{creat}",
    "ng/mg (creatinine)": "ng/mg{creat}",  # DUTCH
    "nmol/mg creatinine": "nmol/mg{creat}",  # OMX
    "nmol/mmol Cr": "nmol/mmol{creat}",
    "nmol/mmol creatinine": "nmol/mmol{creat}",  # UHN Toronto
    "µmol/mmol kreatinin": "umol/mmol{creat}",  # Nordlandssykehuset
    "umol/mol Creat": "umol/mol{creat}",
    "mmol/mol creatinine": "mmol/mol{creat}",  # Great Plains
    "мкмоль/моль креатинина": "umol/mol{creat}",
    "µM/mM creatinine": "umol/mmol{creat}",
    "microgram per gram of creatinine": "ug/g{creat}",
    "mg pro g Kreatinin": "mg/g{creat}",
    "mg/g{Creat}": "mg/g{creat}",
    "mg/g_creat": "mg/g{creat}",
    "mcg/24h": "ug/(24.h)",  # Labo Bauduin
    "mcg/24 hr": "ug/(24.h)",  # Davis
    "mcg/24 h": "ug/(24.h)",  # Mayo
    "ug/24 Std": "ug/(24.h)",
    "µg/24 Std.": "ug/(24.h)",  # apotheken.de
    "µmol/Tag": "umol/(24.h)",
    "nmol/Tag": "nmol/(24.h)",  # wissen-naturheilpraxis.de
    "nmol/24 h": "nmol/(24.h)",
    "nmol/24 ore": "nmol/(24.h)",  # valorinormali.com
    "mg/24 heures": "mg/(24.h)",  # ULB
    "µg/24u": "ug/(24.h)",  # labogids.info
    "nmol/døgn": "nmol/(24.h)",  # Norsk elektronisk legehandbok
    "µmol/d": "umol/(24.h)",
    "ug/day": "ug/(24.h)",
    "μg/day": "ug/(24.h)",  # saturin.co.jp
    "mcg/dag": "ug/(24.h)",
    "mg/d": "mg/(24.h)",
    "µg/die": "ug/(24.h)",
    "micromol/24 hr": "umol/(24.h)",  # Davis
    "mcmol/24h": "umol/(24.h)",  # Labo Bauduin
    "microg/24h": "ug/(24.h)",  # farmacia.it
    "мкг/сут": "ug/(24.h)",
    "нмоль/добу": "nmol/(24.h)",
    "UG24H": "ug/(24.h)",
    "mg/dL": "mg/dL",
    "nmol/L": "nmol/L",
    "NMOL/L": "nmol/L",
    "MMOLL": "mmol/L",
    "UGL": "ug/L",
    "µg/l": "ug/L",
    "mg/100 mL": "mg/dL",
    "mg%": "mg/dL",
    "nmol.L-1": "nmol/L",
    "nmol·L⁻¹".replace("⁻¹", "-1"): "nmol/L",
    "nanog/L": "ng/L",  # farmacia.it
    "мкмоль/л": "umol/L",
    "mOsm/kg H2O": "mosm/kg",
}


@pytest.mark.parametrize(("spelling", "ucum"), SEEN.items())
def test_what_laboratories_write(spelling, ucum):
    assert CATALOGUE.find_unit(spelling) == ucum


def _real_units():
    with open(Path(__file__).parent / "expected" / "real_units.csv", newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


@pytest.mark.parametrize("row", _real_units(), ids=lambda row: row["spelling"])
def test_every_spelling_of_the_real_files_is_read_or_has_its_reason(row):
    found = CATALOGUE.find_unit(row["spelling"])
    assert (found or "") == row["ucum"]
    assert bool(row["ucum"]) != bool(row["why_not"])


def _fixture_units():
    """Return every unit that the real files in tests/fixtures hold."""
    found = set()
    for path in sorted((FIXTURES / "hl7v2").iterdir()):
        text = path.read_text(encoding="utf-8", errors="replace").replace("\n", "\r")
        for line in text.split("\r"):
            fields = line.strip().split("|")
            if fields[0] == "OBX" and len(fields) > 6 and fields[6] and "^" not in fields[6]:
                found.add(fields[6])
    for name, columns in (
        ("cdisc/pharmaversesdtm__lb_neuro.csv", ("LBORRESU", "LBSTRESU")),
        ("cdisc/rho__labs.csv", ("LBSTRESU",)),
        ("omop/synthea27nj__MEASUREMENT.csv", ("unit_source_value",)),
    ):
        with open(FIXTURES / name, newline="", encoding="utf-8") as handle:
            found |= {row[column] for row in csv.DictReader(handle) for column in columns if row[column]}
    return sorted(found)


def test_the_list_of_real_spellings_leaves_none_out():
    listed = {row["spelling"] for row in _real_units()}
    flattened = {"x 1012 cells/L", "x 109/L", "#/min"}  # counts of cells, and beats, in yet other letters
    assert set(_fixture_units()) - listed - flattened == set()


@pytest.mark.parametrize("bare", ["ug/g", "ng/mg", "mmol/mol", "µg / g", "nmol/mmol", "umol/mol", "ug/mmol", "MG/G"])
def test_a_fraction_of_something_unstated_never_becomes_a_creatinine_ratio(bare):
    found = CATALOGUE.find_unit(bare)
    assert found is not None
    assert "{creat}" not in found
    assert "/" in found


@pytest.mark.parametrize(
    "spelling", ["Mmol/L", "Mg/dL", "Mmol/mol Krea", "Pg/mL", "Pmol/L", "mg/Mmol Krea", "Meq/L", "mg/Ml"]
)
def test_a_capital_that_is_mega_or_peta_is_not_folded(spelling):
    assert CATALOGUE.find_unit(spelling, "sodium") is None
    assert "a capital" in CATALOGUE.spellings.remark(spelling)


@pytest.mark.parametrize(
    ("spelling", "ucum"),
    [
        ("MMOL/L", "mmol/L"),
        ("MG/DL", "mg/dL"),
        ("PG/ML", "pg/mL"),
        ("NMOL/MMOL CREAT", "nmol/mmol{creat}"),
        ("UG/24HR", "ug/(24.h)"),
        ("nG/ML", "ng/mL"),
        ("uG/DL", "ug/dL"),
        ("Ug/g Cr", "ug/g{creat}"),
        ("Mcg/24 h", "ug/(24.h)"),
        ("Nmol/L", "nmol/L"),
        ("Mol/L", "mol/L"),
        ("nmol/l", "nmol/L"),
        ("Micrograms per day", "ug/(24.h)"),
    ],
)
def test_letters_all_in_capitals_or_without_another_meaning_are_folded(spelling, ucum):
    assert CATALOGUE.find_unit(spelling) == ucum


@pytest.mark.parametrize(
    ("written", "ucum", "otherwise"),
    [("uM", "umol/L", "um"), ("nM", "nmol/L", "nm"), ("mM", "mmol/L", "mm"), ("mIU/L", "m[IU]/L", "MIU/L"),
     ("mU/L", "mU/L", "MU/L")],
)  # fmt: skip
def test_what_another_case_would_make_another_unit_is_taken_as_written_only(written, ucum, otherwise):
    assert CATALOGUE.find_unit(written) == ucum
    assert CATALOGUE.find_unit(otherwise) is None


def test_a_capital_g_alone_is_giga():
    assert CATALOGUE.find_unit("G/L") == "10*9/L"
    assert CATALOGUE.find_unit("g/l") == "g/L"


def test_an_equivalent_is_a_mole_of_sodium_only():
    assert CATALOGUE.find_unit("mEq/L", "sodium") == "mmol/L"
    assert CATALOGUE.find_unit("mEq/L", "hva") is None
    assert CATALOGUE.find_unit("mEq/L") is None
    assert "sodium only" in CATALOGUE.spellings.remark("mEq/L")


def test_an_amount_in_a_whole_collection_says_that_its_hours_are_missing():
    assert CATALOGUE.find_unit("mg/TV") == "mg/{collection}"
    assert "hours" in CATALOGUE.spellings.remark("mg/TV")


def test_24_point_h_is_meant_as_a_day_where_a_lab_writes_it():
    # As a code UCUM reads it from left to right, and normalise/units.py does not convert it.
    assert CATALOGUE.find_unit("ug/24.h") == CATALOGUE.find_unit("ug/(24.h)") == "ug/(24.h)"


MICROS = ("µ", "μ", "u", "Âµ")


@pytest.mark.parametrize("micro", MICROS)
@pytest.mark.parametrize("rest", ["g/g Krea", "mol/24 h", "g/L", "mol/mmol creat"])
def test_every_micro_sign_is_one(micro, rest):
    assert CATALOGUE.find_unit(micro + rest) == CATALOGUE.find_unit("u" + rest) is not None


def test_a_micro_sign_in_capitals_is_no_m():
    assert "µg/g krea".upper()[0] not in "UM"
    assert CATALOGUE.find_unit("µg/g krea".upper()) == "ug/g{creat}"


@pytest.mark.parametrize("text", ["", " ", "/", "ug", "per g creat", "ug/", "/g{creat}", "ug/g ", "x" * (LONGEST + 1)])
def test_what_is_no_unit_of_an_amount(text):
    assert (CATALOGUE.find_unit(text) or "") in {"", "ug", "ug/g"}


def test_a_text_without_end_is_turned_away_at_once():
    assert CATALOGUE.find_unit("mg/g " + "creat" * 10**5) is None
    assert CATALOGUE.spellings.remark("M" * 10**6) == ""


def _words():
    """Yield every word for creatinine in every form."""
    for form, word in itertools.product(PARTS["creatinine_form"], PARTS["creatinine"]):
        yield form.replace("*", word)


def test_no_spelling_that_parts_make_has_two_meanings():
    # Every amount and every way to write per, over every denominator; and one of each over every word for creatinine.
    spellings = CATALOGUE.spellings
    bottoms = {**PARTS["denominator"], **PARTS["of_creatinine"]}
    for top, per, bottom in itertools.product(PARTS["amount"], PARTS["per"], bottoms):
        made = set(spellings._readings(top + per + bottom))
        assert made == {f"{PARTS['amount'][top]}/{bottoms[bottom]}"}, top + per + bottom
    for bottom, word in itertools.product(PARTS["of_creatinine"], _words()):
        made = set(spellings._readings(f"ug/{bottom}{word}"))
        assert made == {f"ug/{PARTS['of_creatinine'][bottom]}{{creat}}"}, bottom + word
    for top, suffix in itertools.product(PARTS["amount"], PARTS["suffix"]):
        assert set(spellings._readings(top + suffix)) == {f"{PARTS['amount'][top]}/{PARTS['suffix'][suffix]}"}


def test_every_code_is_ucum_and_a_spelling_of_itself():
    for code in CATALOGUE.spellings.codes():
        assert is_ucum(code), code
        assert CATALOGUE.units[fold_unit(code)] == code
        assert CATALOGUE.find_unit(code) == code


def test_every_spelling_of_before_is_still_read():
    # What the list held before its spellings were made of parts: 8 words for creatinine, 11 for a day, 8 amounts.
    amounts = ("ng", "ug", "mg", "g", "nmol", "umol", "mmol", "pmol")
    creatinine = ("{creat}", " creat", " creatinine", " Cr", " crt", " Krea", " Crea", " Kreatinin")
    days = ("(24.h)", "24h", "24hr", "24hrs", "24 hours", "24.h", "24Std", "d", "day", "dag", "Tag")
    for amount in amounts:
        for bottom, word in itertools.product(("g", "mg", "mmol", "mol", "umol"), creatinine):
            assert CATALOGUE.find_unit(f"{amount}/{bottom}{word}") == f"{amount}/{bottom}{{creat}}"
        for day in days:
            assert CATALOGUE.find_unit(f"{amount}/{day}") == f"{amount}/(24.h)"
        for volume in ("L", "dL", "mL"):
            assert CATALOGUE.find_unit(f"{amount}/{volume}") == f"{amount}/{volume}"


@given(st.sampled_from(sorted(SEEN)), st.data())
def test_spaces_never_change_a_unit(spelling, data):
    place = data.draw(st.integers(0, len(spelling)))
    space = data.draw(st.sampled_from([" ", "  ", "\u00a0", "\u2009", "\u200b", "\t"]))
    spaced = spelling[:place] + space + spelling[place:]
    assert tidy_unit(spaced) == tidy_unit(spelling)
    assert CATALOGUE.find_unit(spaced) == SEEN[spelling]


def test_a_lab_adds_its_own_words(tmp_path):
    (tmp_path / "unit_parts.csv").write_text("part,spelling,ucum\ncreatinine,kreatiniinia,{creat}\n", encoding="utf-8")
    (tmp_path / "units.csv").write_text(
        "spelling,ucum,case,note\nMmol/L,mmol/L,as_written,our system writes it so\n", encoding="utf-8"
    )
    own = load_catalogue(extra=tmp_path)
    assert own.find_unit("µg/g kreatiniinia") == "ug/g{creat}"
    assert own.find_unit("Mmol/L") == "mmol/L"
    assert own.find_unit("Mmol/mol Cr") is None


def test_the_files_hold_no_row_that_the_parts_make_already():
    with open(data_folder("reference_ranges") / "units.csv", newline="", encoding="utf-8") as handle:
        rows = [row for row in csv.DictReader(handle) if not row["case"]]
    assert [row["spelling"] for row in rows if CATALOGUE.spellings.compose(fold_unit(row["spelling"]))] == []
