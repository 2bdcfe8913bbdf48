"""The shipped table of units is what pint and ucumvert make of them, digit for digit."""

import importlib.util
from pathlib import Path

import pytest

from recal_labs.catalogue import data_folder, load_catalogue
from recal_labs.normalise.pint_units import read_through_pint, tidy_number

SCRIPT = Path(__file__).parents[2] / "docs" / "write_unit_readings.py"


def test_the_shipped_table_is_what_pint_makes_of_it():
    spec = importlib.util.spec_from_file_location("write_unit_readings", SCRIPT)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    shipped = (data_folder("reference_ranges") / "unit_readings.csv").read_text(encoding="utf-8")
    assert script.table() == shipped


def test_every_reading_of_the_catalogue_is_that_of_pint_exactly():
    for unit, row in load_catalogue().unit_readings.items():
        assert read_through_pint(unit) == row


@pytest.mark.parametrize(
    ("unit", "scale", "per"),
    [
        ("ug/g{creat}", 1e-06, "g{creat}"),
        ("nmol/mmol{creat}", 1e-06, "mol{creat}"),
        ("mg/dL", 0.01, "L"),
        ("mg/(24.h)", 0.001, "(24.h)"),
        ("umol/h", 2.4e-05, "(24.h)"),
        ("pg/uL", 1e-06, "L"),
    ],
)
def test_scales_are_round_numbers(unit, scale, per):
    read = read_through_pint(unit)
    assert (read.scale, read.per) == (scale, per)


@pytest.mark.parametrize("unit", ["ug/g", "ug", "ug/24.h", "[IU]/L", "furlong/L", "g{creat}/L", "ug/m", "ug/[foo]"])
def test_what_is_no_amount_of_a_substance_per_something(unit):
    assert read_through_pint(unit) is None


def test_tidy_number():
    assert tidy_number(9.999999999999997e-07) == 1e-06
    assert tidy_number(0.1 + 0.2) == 0.3
