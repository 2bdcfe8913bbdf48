"""Real files that no one here wrote: every record of them is counted, by plain csv splitting and by the reader."""

import csv
import io
from pathlib import Path

import pytest

from recal_labs.errors import FileProblem
from recal_labs.ingest import read_panel

FIXTURES = Path(__file__).parents[1] / "fixtures"
# These are tables of laboratories, and are read.
PANELS = ("pharmaversesdtm__lb_metabolic.csv", "pharmaversesdtm__lb_neuro.csv", "synthea27nj__MEASUREMENT.csv")
FOLDERS = ("csv", "cdisc", "omop", "redcap", "ucum", "openehr")
FILES = sorted(p for folder in FOLDERS for p in (FIXTURES / folder).iterdir() if p.name not in PANELS)

# file: encoding, analyte column, value column
LONG = {
    "csv/csv-spectrum__comma_in_quotes.csv": ("utf-8", "first", "zip"),
    "csv/csv-spectrum__escaped_quotes.csv": ("utf-8", "b", "a"),
    "csv/csv-spectrum__newlines.csv": ("utf-8", "a", "b"),
    "csv/csv-spectrum__quotes_and_newlines.csv": ("utf-8", "b", "a"),
    "csv/csv-spectrum__utf8.csv": ("utf-8", "c", "b"),
    "csv/csvkit__mac_newlines.csv": ("utf-8", "a", "b"),
    "csv/csvkit__test_header_newline.csv": ("utf-8", "c", "b"),
    "csv/csvkit__test_latin1.csv": ("latin-1", "c", "b"),
    "csv/csvkit__test_locale.csv": ("utf-8", "c", "a"),
    "csv/csvkit__test_utf16_little.csv": ("utf-16", "c", "b"),
    "csv/csvkit__test_utf8_bom.csv": ("utf-8-sig", "baz", "bar"),
    "csv/frictionless-py__latin1.csv": ("latin-1", "name", "id"),
    "cdisc/pharmaversesdtm__lb_neuro.csv": ("utf-8", "LBTEST", "LBORRES"),
    "cdisc/rho__labs.csv": ("utf-8", "LBTEST", "LBSTNRHI"),
    "omop/synthea27nj__MEASUREMENT.csv": ("utf-8", "measurement_source_value", "value_source_value"),
}


def records(name: str, encoding: str) -> list[list[str]]:
    """Split a file by the csv module alone; records without any text are no positions."""
    text = (FIXTURES / name).read_bytes().decode(encoding)
    return [record for record in csv.reader(io.StringIO(text, newline="")) if any(cell.strip() for cell in record)]


def read(name: str, toml: str, folder: Path):
    """Read a fixture through a profile written here; the counts of the record are checked against its tables."""
    profile = folder / "fixture.toml"
    profile.write_text(toml, encoding="utf-8")
    panel = read_panel(FIXTURES / name, profile)
    (record,) = panel.files
    assert (record.results, record.rejects, record.no_result) == tuple(
        map(len, (panel.results, panel.rejects, panel.no_result))
    )
    assert record.positions == record.results + record.rejects + record.no_result
    return panel, record


@pytest.mark.parametrize("name", sorted(LONG))
def test_every_record_of_a_long_table_is_one_position(name, tmp_path):
    encoding, analyte, value = LONG[name]
    _, record = read(name, f'[columns]\nanalyte = "{analyte}"\nvalue = "{value}"\n', tmp_path)
    assert record.positions == len(records(name, encoding))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_file_is_taken_for_what_it_is_not_and_among_many_none_is_lost(path):
    with pytest.raises(FileProblem, match=r"none of the shipped profiles|but none for"):
        read_panel(path)
    read_many = read_panel([path, path])
    assert read_many.rejects["reason"].tolist() == ["unreadable_file"] * 2


@pytest.mark.parametrize("name", PANELS)
def test_tables_of_laboratories_are_read_record_by_record(name):
    (path,) = FIXTURES.rglob(name)
    with path.open(encoding="utf-8", newline="") as handle:
        counted = sum(any(cell.strip() for cell in record) for record in csv.reader(handle))
    (record,) = read_panel(path).files
    assert record.positions == counted
    assert record.profile in ("cdisc_lb", "omop_measurement")


def test_each_encoding_is_named_in_the_record(tmp_path):
    toml = '[columns]\nanalyte = "c"\nvalue = "b"\n'
    seen = {
        name: read(f"csv/csvkit__test_{name}.csv", toml, tmp_path)[1].encoding for name in ("latin1", "utf16_little")
    }
    assert seen == {"latin1": "cp1252", "utf16_little": "utf-16"}
    panel, _ = read("csv/csvkit__test_latin1.csv", toml, tmp_path)
    assert panel.rejects["raw"].tolist()[-1].startswith("©|5")


def test_a_table_pasted_from_a_spreadsheet_gives_its_numbers_back(tmp_path):
    name, years = "csv/messytables__excel_pasting.csv", range(2000, 2008)
    toml = 'layout = "wide"\n[text]\nthousands = ","\n[defaults]\nspecimen = "urine"\nunit = "mg/L"\n'
    toml += '[columns]\nsubject_id = "Year"\n[analytes]\n' + "".join(f'{year} = "hva"\n' for year in years)
    panel, record = read(name, toml, tmp_path)
    found = records(name, "utf-8")
    head = next(n for n, cells in enumerate(found) if cells[0] == "Year")
    data = [cells for cells in found[head + 1 :] if sum(bool(cell.strip()) for cell in cells) > 1]
    notes = [cells for cells in found[head + 1 :] if sum(bool(cell.strip()) for cell in cells) == 1]
    assert record.positions == head + 1 + len(notes) + len(years) * len(data)
    printed = [float(cell.replace(",", "")) for cells in data for cell in cells[1:9] if cell.strip()]
    assert panel.results["value"].tolist() == printed
    assert panel.results["value"][0] == 2666


def test_all_three_columns_of_one_name_are_accounted_for(tmp_path):
    name = "csv/frictionless-py__duplicate-headers.csv"
    panel, record = read(name, 'layout = "wide"\n[columns]\nsubject_id = "id"\n', tmp_path)
    header, *data = records(name, "utf-8")
    # One of the five columns holds the subject; the other four are taken for analytes that nobody knows.
    assert record.positions == 1 + (len(header) - 1) * len(data)
    assert "id|001101" in panel.rejects["raw"].tolist()


def test_cells_that_r_wrote_as_na_are_empty_and_results_of_plasma_are_told_so(tmp_path):
    name = "cdisc/pharmaversesdtm__lb_neuro.csv"
    columns = {"subject_id": "USUBJID", "analyte": "LBTEST", "value": "LBORRES", "unit": "LBORRESU"}
    columns |= {"range": "LBORNRLO", "flag": "LBNRIND", "collected_at": "LBDTC", "specimen": "LBTEST"}
    toml = 'missing = ["NA"]\n[columns]\n' + "".join(f'{ours} = "{theirs}"\n' for ours, theirs in columns.items())
    header, *data = records(name, "utf-8")
    words = {record[header.index("LBTEST")] for record in data}
    toml += "[codes.specimen]\n" + "".join(f'"{word}" = "plasma"\n' for word in words)
    panel, record = read(name, toml, tmp_path)
    empty = sum(cells[header.index("LBORRES")] == "NA" for cells in data)
    assert (record.rejects, record.no_result) == (len(data) - empty, 1 + empty)
    assert set(panel.rejects["reason"]) == {"wrong_specimen"}
    assert panel.rejects["detail"].str.contains("is plasma").all()


def test_the_operators_of_omop_are_codes_and_zero_is_none(tmp_path):
    name = "omop/synthea27nj__MEASUREMENT.csv"
    columns = {"subject_id": "person_id", "loinc": "measurement_source_value", "analyte": "measurement_source_value"}
    columns |= {"value": "value_as_number", "unit": "unit_source_value", "comparator": "operator_concept_id"}
    toml = '[defaults]\nspecimen = "urine"\n[codes.comparator]\n0 = ""\n4172703 = "="\n4171756 = "<"\n[columns]\n'
    toml += "".join(f'{ours} = "{theirs}"\n' for ours, theirs in columns.items())
    header, *data = records(name, "utf-8")
    panel, record = read(name, toml, tmp_path)
    empty = sum(not cells[header.index("value_as_number")].strip() for cells in data)
    assert record.positions == 1 + len(data)
    assert record.no_result == 1 + empty
    assert not panel.rejects["detail"].str.contains("comparator").any()
    # Without the codes the zeros are no comparators, and nothing is taken for exact that may not be.
    blind, _ = read(name, toml.replace('0 = ""\n', ""), tmp_path)
    assert blind.results.empty
    assert len(blind.rejects) == len(data)
