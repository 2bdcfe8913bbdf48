"""What a file is is told from its content; a damaged, locked or swollen one is refused in a sentence."""

import io
import zipfile
from pathlib import Path

import pytest

from recal_labs.errors import FileProblem
from recal_labs.ingest import read_panel
from recal_labs.ingest.containers import open_content
from recal_labs.ingest.profiles import Marks
from recal_labs.ingest.sheets import Sheet, cell_text, sheet_records

FIXTURES = Path(__file__).parents[1] / "fixtures"


def packed(**files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"PK\x03\x04rest", "damaged ZIP"),
        (packed(readme_dot_txt="hello"), "ZIP archive"),
        (packed(xl__workbook_dot_xml="no xml"), "cannot be read as a workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", "cannot be read as a workbook"),
        (b"HEADER RECORD*******LIBRARY", "SAS transport"),
        (packed(xl__worksheets__sheet1_dot_xml="0" * 20_000_000), "unfolds from"),
    ],
)
def test_what_cannot_be_opened_is_told(data, said):
    with pytest.raises(FileProblem, match=said) as told:
        open_content(data, "inbox/file.xlsx")
    assert told.value.remedy


def test_cells_become_the_text_that_a_person_sees():
    assert [cell_text(value, Marks(",")) for value in (1530.0, 0.1 + 0.2, float("nan"), None, True, " x ")] == [
        "1530",
        "0,3",
        "",
        "",
        "true",
        "x",
    ]


def test_rows_of_a_sheet_have_one_width_and_keep_their_numbers():
    records = sheet_records(Sheet("s", [["a"], [], ["b", 2.5]]))
    assert [(record.first, record.fields) for record in records] == [(1, ["a", ""]), (2, ["", ""]), (3, ["b", "2.5"])]


def test_the_sheets_of_real_workbooks_are_found():
    names = {
        path.name: [sheet.name for sheet in open_content(path.read_bytes(), path.name).sheets]
        for path in sorted((FIXTURES / "xlsx").glob("*.xlsx"))
    }
    assert len(names) == 19
    assert names["readxl__datasets.xlsx"] == ["mtcars", "chickwts", "quakes"]


def workbook(path, sheets, merges=()):
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
        for cells in merges if title == next(reversed(sheets)) else ():
            sheet.merge_cells(cells)
    book.save(path)
    return path


def test_a_panel_behind_an_explainer_sheet_with_its_header_further_down_is_read(tmp_path):
    rows = [
        ["Report of March"],
        [],
        ["Patient", "Analyte", "Result", "Unit", "Specimen"],
        ["007", "HVA", "<0.8", "mg/g creat", "random urine"],
        ["007", "VMA", 3.25, "mg/g creat", "random urine"],
    ]
    read = read_panel(workbook(tmp_path / "a.xlsx", {"Read me": [["How to read this"]], "March": rows}))
    assert read.results[["subject_id", "analyte_id", "comparator", "value", "source_place"]].values.tolist() == [
        ["007", "hva", "<", 0.8, "March!C4"],
        ["007", "vma", "", 3.25, "March!C5"],
    ]
    assert read.no_result["source_place"].tolist() == ["Read me!A1", "March!A1", "March!A3"]
    assert read.files[0].encoding == "xlsx"


def test_header_rows_with_merged_groups_and_merged_ids_are_read(tmp_path):
    rows = [
        ["Patient", "Date", "Specimen", "Catecholamines", None],
        [None, None, None, "Dopamine", "HVA"],
        [None, None, None, "(ug/g creat)", "(mg/g creat)"],
        ["S1", "2024-03-01", "random urine", 212.5, 3.1],
        [None, "2024-04-01", "random urine", 190.0, 2.9],
    ]
    merges = ["A1:A3", "B1:B3", "C1:C3", "D1:E1", "A4:A5"]
    read = read_panel(workbook(tmp_path / "b.xlsx", {"Panel": rows}, merges))
    assert read.results[["subject_id", "analyte_id", "value", "unit", "source_place"]].values.tolist() == [
        ["S1", "dopamine", 212.5, "ug/g{creat}", "Panel!D4"],
        ["S1", "hva", 3.1, "mg/g{creat}", "Panel!E4"],
        ["S1", "dopamine", 190.0, "ug/g{creat}", "Panel!D5"],
        ["S1", "hva", 2.9, "mg/g{creat}", "Panel!E5"],
    ]
