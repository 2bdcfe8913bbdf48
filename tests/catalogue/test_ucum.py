"""The light reading of units agrees with the one that computes factors, over every unit that could be met."""

import csv

import pytest

from recal_labs.catalogue import data_folder, load_catalogue
from recal_labs.catalogue.ucum import PREFIXES, basis_of, is_substance, is_ucum
from recal_labs.normalise.units import convert, read_unit

# Without osm and eq: the other reader takes them for moles, which no analyte is reported in.
TOPS = ("g", "ug", "mg", "kg", "dag", "mol", "umol", "fmol", "mcg", "gr", "U", "[iU]", "%", "1", "", "Mol", "m")
BOTTOMS = (
    "L",
    "dL",
    "mL",
    "uL",
    "l",
    "ml",
    "dm3",
    "m3",
    "(24.h)",
    "(12.h)",
    "d",
    "h",
    "min",
    "24.h",
    "24h",
    "g{creat}",
    "mmol{creat}",
    "umol{creat}",
    "g",
    "mmol",
    "L{creat}",
    "{creat}",
    "kg",
    "",
    "L/d",
)


@pytest.mark.parametrize("top", TOPS)
def test_what_a_unit_is_per_agrees_with_its_conversion(top):
    for bottom in BOTTOMS:
        unit = f"{top}/{bottom}"
        reading = read_unit(unit)
        assert basis_of(unit) == (reading.basis if reading else None), unit


def test_every_prefix_makes_a_unit_of_substance():
    for prefix in ("", *PREFIXES):
        assert is_substance(f"{prefix}g")
        assert is_substance(f"{prefix}mol")
        assert read_unit(f"{prefix}mol/L"), prefix


def test_every_interval_of_the_catalogue_can_be_converted():
    catalogue = load_catalogue()
    for interval in catalogue.intervals:
        assert convert(catalogue.analytes[interval.analyte_id], interval.unit), interval


CODES = (
    "10*3/uL 10*-3 m2 s-1 /min umol/kg/(24.h) [iU]/(24.h) ug/24.h {creat} 24.h m[IU]/L mm[Hg] cm[H2O] dag daL kg2 "
    "[degF] ug3 1 % mosm/kg ug//L ug/ .g g. -1 (g g) g/(L [foo] mg/{ k[degF] 3ug mcg/L µg/L ug/gKrea 24hr mOsm/kg"
)


@pytest.mark.parametrize("code", CODES.split())
def test_a_code_is_ucum_where_an_independent_reader_takes_it(code):
    from ucumvert import get_ucum_parser

    try:
        taken = bool(PARSER.setdefault("it", get_ucum_parser()).parse(code))
    except Exception:  # lark's many ways to refuse
        taken = False
    assert is_ucum(code) == taken


PARSER = {}


def test_every_code_of_the_catalogue_is_ucum():
    with open(data_folder("reference_ranges") / "units.csv", newline="", encoding="utf-8") as handle:
        assert [row["ucum"] for row in csv.DictReader(handle) if not is_ucum(row["ucum"])] == []


def test_capital_letters_are_no_other_spelling():
    # In UCUM MG is a megagauss: valid, and never meant. units.csv holds MG/L as a spelling of mg/L.
    assert not is_ucum("MG/L")
    assert load_catalogue().find_unit("MG/L") == "mg/L"


@pytest.mark.parametrize("text", ["", " ", "ug / L", "ug/L\n", "ug/g {creat}", "()", "{", "ug/()"])
def test_what_is_no_code_at_all(text):
    assert not is_ucum(text)
