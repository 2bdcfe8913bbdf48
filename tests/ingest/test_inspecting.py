"""inspect_export: columns told with how sure and why, a profile that really reads the file, nothing overwritten."""

import json

import pytest

from recal_labs.errors import FileProblem, UnknownWordError
from recal_labs.ingest import inspect_export, load_profile, read_panel

from . import unknown_exports as exports
from .hl7_messages import message, obx


@pytest.fixture
def inspected(tmp_path):
    """Return a function that saves a text and inspects it."""

    def make(text: str, specimen: str | None = "urine_spot"):
        (tmp_path / "export.txt").write_text(text, encoding="utf-8")
        return inspect_export(tmp_path / "export.txt", specimen=specimen)

    return make


def saved_workbook(path, sheets):
    book = pytest.importorskip("openpyxl").Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def meanings(found) -> dict[str, tuple[str, str]]:
    rows = found.columns.to_dict("records")
    return {row["column"]: (row["read_as"], row["confidence"]) for row in rows}


def test_mistyped_headers_are_told_by_nearness_and_by_their_cells(inspected):
    found = inspected(exports.MISTYPED)
    assert meanings(found) == {
        "Patient": ("subject_id", "sure"),
        "Analyt": ("analyte", "sure"),
        "Rezult": ("value", "likely"),
        "Unti": ("unit", "likely"),
        "Norm": ("range", "likely"),
    }
    why = dict(found.columns[["column", "reason"]].values)
    assert why["Unti"] == "its name is near 'unit', and 4 of 4 cells are units the catalogue knows"
    assert why["Norm"].startswith("4 of 4 cells are ranges with limits")


def test_unknown_names_become_comments_with_what_is_near(inspected):
    toml = inspected(exports.MISTYPED).profile_toml
    assert '# "Dopamien" = "dopamine"' in toml
    assert '# "NA" = "norepinephrine"\n#   or "sodium"' in toml
    assert '"HVA"' not in toml


@pytest.mark.parametrize(
    ("name", "layout", "results"),
    [
        ("MISTYPED", "long", 2),
        ("GERMAN_LIMS", "wide", 8),
        ("NEUROTRANSMITTERS", "long", 3),
        ("OAT", "long", 2),
        ("STEROIDS", "long", 3),
        ("DRIED", "long", 0),
        ("UNDATED", "wide", 0),
    ],
)
def test_the_written_profile_reads_the_file_as_it_was_shown(inspected, tmp_path, name, layout, results):
    found = inspected(getattr(exports, name))
    written = found.write(tmp_path / "my_lab.toml")
    made = read_panel(tmp_path / "export.txt", written)
    assert (found.layout, len(found.results)) == (layout, results)
    assert made.results.equals(found.results)
    assert made.rejects.equals(found.rejects)


def test_what_keeps_a_shape_from_being_read_stands_ready_to_be_filled_in(inspected, tmp_path):
    found = inspected(exports.DRIED)
    assert set(found.rejects["reason"]) == {"missing_unit"}
    assert '# unit = ""  # no column was found for it' in found.profile_toml
    edited = found.profile_toml
    for name in ("Norepinephrine", "Dopamine", "Serotonin"):
        edited = edited.replace(f'# "{name}" = ""', f'"{name}" = "ug/g Cr"')
    (tmp_path / "edited.toml").write_text(edited, encoding="utf-8")
    made = read_panel(tmp_path / "export.txt", tmp_path / "edited.toml")
    assert made.results["unit"].tolist() == ["ug/g{creat}"] * 3
    assert len(made.rejects) == 0


def test_a_unit_that_only_the_head_of_the_values_names_holds_for_all_of_them(inspected):
    found = inspected(exports.OAT)
    assert 'unit = "mmol/mol creatinine"' in found.profile_toml
    assert found.results["unit"].tolist() == ["mmol/mol{creat}"] * 2
    assert '# "Quinolinic" = "quinolinic_acid"' in found.profile_toml


def test_numbers_and_dates_are_declared_as_the_columns_show_them(inspected, tmp_path):
    found = inspected(exports.GERMAN_LIMS)
    profile = load_profile(found.write(tmp_path / "lims.toml"))
    assert (profile.marks.decimal, profile.marks.thousands, profile.delimiter) == (",", ".", ";")
    assert profile.date_formats == ("%d.%m.%Y", "%d.%m.%y")
    assert found.results["value"].tolist()[:2] == [1234.5, 0.8]


def test_a_day_that_may_be_a_month_is_left_to_the_person(inspected):
    found = inspected(exports.UNDATED)
    assert set(found.rejects["reason"]) == {"unreadable_date"}
    assert '# formats = ["%d/%m/%Y"]\n# formats = ["%m/%d/%Y"]' in found.profile_toml
    assert meanings(found)["Weight"] == ("", "not used")
    assert 'ignore = ["Weight"]' in found.profile_toml


def test_a_column_whose_cells_deny_its_name_is_what_its_cells_are(inspected):
    found = inspected(exports.STEROIDS)
    assert meanings(found)["Collection"] == ("timepoint", "likely")
    assert 'specimen = []  # "Collection" is not it' in found.profile_toml
    assert found.results["timepoint"].tolist() == ["waking", "morning", "night"]


def test_without_a_person_the_specimen_stands_for_one_and_that_is_a_guess(inspected):
    rows = inspected(exports.STEROIDS).columns
    last = rows[rows["read_as"] == "subject_id"].iloc[0]
    assert (last["column"], last["confidence"]) == ("Accession", "a guess")


def test_an_unstated_specimen_is_said_and_never_assumed(inspected):
    found = inspected(exports.NEUROTRANSMITTERS, specimen=None)
    assert len(found.results) == 0
    assert set(found.rejects["reason"]) == {"wrong_specimen"}
    assert '# Above the table stands "second morning void".' in found.profile_toml
    assert "\n[defaults]" not in found.profile_toml
    assert any("--specimen" in note for note in found.notes)
    with pytest.raises(UnknownWordError, match="blood"):
        inspected(exports.NEUROTRANSMITTERS, specimen="blood")


def test_nothing_is_overwritten(inspected, tmp_path):
    found = inspected(exports.DRIED)
    (tmp_path / "mine.toml").write_text("# mine\n", encoding="utf-8")
    with pytest.raises(FileProblem, match="not overwritten"):
        found.write(tmp_path / "mine.toml")
    assert (tmp_path / "mine.toml").read_text(encoding="utf-8") == "# mine\n"
    with pytest.raises(FileProblem, match=r"\.toml"):
        found.write(tmp_path / "mine.txt")


def test_of_a_workbook_the_sheet_that_tells_most_is_shown_and_the_others_are_named(tmp_path):
    rows = [["North lab"], [], ["Patinet", "Analyt", "Rezult", "Unti"]]
    rows += [["S1", "HVA", 2.5, "mg/g Cr"], ["S1", "VMA", 3.5, "mg/g Cr"]]
    path = saved_workbook(tmp_path / "book.xlsx", {"About": [["What", "Why"], ["x", "y"]], "Data": rows})
    found = inspect_export(path, specimen="urine_spot")
    assert found.kind.startswith("an Excel workbook")
    assert "header is in row 3" in found.kind
    assert found.notes[0] == "The columns are those of the sheet 'Data'."
    assert "'About'" in found.notes[1]
    assert found.results["value"].tolist() == [2.5, 3.5]
    made = read_panel(path, found.write(tmp_path / "book.toml"))
    assert made.results.equals(found.results)


def test_a_message_is_said_to_be_one_and_read_by_the_standard(tmp_path):
    (tmp_path / "oru.hl7").write_text(message(obx("3.1")), encoding="utf-8")
    found = inspect_export(tmp_path / "oru.hl7")
    assert "HL7 v2" in found.kind
    assert "no column is guessed" in found.kind
    assert len(found.columns) == 0
    assert load_profile(found.write(tmp_path / "hl7.toml")).format == "hl7v2"


def test_what_is_no_table_is_a_problem(tmp_path, inspected):
    with pytest.raises(FileProblem, match="no table was found"):
        inspected("Dear colleague\nplease find the results enclosed\n")
    with pytest.raises(FileProblem, match="no such file"):
        inspect_export(tmp_path / "absent.csv")


@pytest.mark.parametrize("name", ["MISTYPED", "GERMAN_LIMS", "NEUROTRANSMITTERS", "OAT", "STEROIDS", "DRIED"])
def test_the_lines_fit_80_columns_and_cut_no_name(inspected, name):
    found = inspected(getattr(exports, name))
    text = "\n".join(found.lines())
    assert max(map(len, found.lines())) <= 80
    assert all(" ".join(name.split()) in " ".join(text.split()) for name in found.columns["column"])


def test_a_notebook_shows_text_and_runs_none(inspected):
    page = inspected("Patient,Analyte,Result,Unit,<script>x</script>\nS1,HVA,3,mg/g Cr,a\nS2,HVA,4,mg/g Cr,b\n")
    assert "<script>" not in page._repr_html_()


def test_a_resource_is_read_by_the_standard_too(tmp_path):
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "HVA"},
        "subject": {"reference": "Patient/S1"},
        "valueQuantity": {"value": 3.1, "unit": "mg/g Cr"},
    }
    (tmp_path / "one.json").write_text(json.dumps(observation), encoding="utf-8")
    found = inspect_export(tmp_path / "one.json")
    assert "FHIR" in found.kind
    assert load_profile(found.write(tmp_path / "fhir.toml")).format == "fhir"


def test_of_several_columns_of_numbers_none_is_taken_for_the_values(inspected):
    found = inspected("patient,test,low,high,amount,u\nS1,HVA,0,8,2.5,mg/g Cr\nS2,VMA,1,7,3.5,mg/g Cr\n")
    assert "value" not in set(found.columns["read_as"])
    assert '# value = ""  # no column was found for it' in found.profile_toml
    assert any("reads nothing yet" in note for note in found.notes)


def test_nobody_is_guessed_and_what_is_missing_is_said(inspected):
    found = inspected("Stoff,Menge,Was,Wer\nHVA,2.5,mg/g Cr,Anna\nVMA,3.5,mg/g Cr,Berta\n")
    assert meanings(found)["Menge"] == ("value", "a guess")
    assert meanings(found)["Wer"] == ("", "not used")
    assert set(found.rejects["reason"]) == {"missing_subject"}
    assert any("whose results these are" in note for note in found.notes)
