"""Every public file: its positions are counted again by plain splitting, and docs/formats.md says the truth."""

import csv
import importlib.util
import json
from pathlib import Path

import pytest

from recal_labs.ingest import read_panel
from recal_labs.ingest.grid import read_grid
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.text import decode

from .test_delimited_fixtures import PANELS
from .test_hl7_fixtures import GLUED, count_by_splitting

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
FILES = sorted(
    path
    for path in FIXTURES.rglob("*")
    if path.is_file() and path.name != "README.md" and not path.is_relative_to(FIXTURES / "found")
)
FHIR_CONTEXT = {"Patient", "Specimen", "DiagnosticReport", "Organization", "Practitioner", "PractitionerRole"}


def records_of(path):
    with path.open(encoding="utf-8", newline="") as handle:
        return sum(any(cell.strip() for cell in record) for record in csv.reader(handle))


def expected(path):
    """Count the positions of a file without the reader; a file that is no panel is one reject."""
    if path.name in PANELS:
        return records_of(path)
    if path.parent.name == "hl7v2":
        text = path.read_bytes().decode("utf-8-sig", errors="replace").replace("\r\n", "\n").replace("\r", "\n")
        return count_by_splitting(text)[1] + GLUED.get(path.name, 0)
    if path.parent.name == "fhir":
        pytest.skip("counted by a walk of its own in test_fhir_fixtures.py")
    return 1


def test_all_of_them_are_there():
    assert len(FILES) >= 155


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_positions_are_those_of_an_independent_count(path):
    read = read_panel([path])
    (record,) = read.files
    assert record.positions == expected(path)
    assert record.positions == len(read.results) + len(read.rejects) + len(read.no_result)
    assert read.rejects["detail"].str.len().gt(20).all()


def test_the_page_of_formats_says_what_is_read():
    spec = importlib.util.spec_from_file_location("write_formats", ROOT / "docs" / "write_formats.py")
    writer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(writer)
    assert writer.PAGE.read_text(encoding="utf-8") == writer.page(), "run docs/write_formats.py"


def test_the_expected_parse_of_the_spectrum_is_what_the_grid_holds():
    for path in sorted((FIXTURES / "csv").glob("csv-spectrum__*.csv")):
        if "location_coordinates" in path.name:
            continue  # the two files were published with different telephone numbers
        told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        rows = told if isinstance(told, list) else [told]
        names = frozenset({fold_label(next(iter(rows[0])))}) if rows else frozenset()
        text = decode(path.read_bytes(), path.name).text
        grid = read_grid(text, ",", [names], path.name)
        cells = grid.cells.select([f"c{n}" for n in range(len(grid.header))]).rows()
        found = [dict(zip(grid.header, (cell or "" for cell in row), strict=True)) for row in cells]
        assert found == [{key.strip(): value.strip() for key, value in row.items()} for row in rows], path.name
