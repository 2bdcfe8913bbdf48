"""A file or folder that is not what it should be is named in a sentence; nothing of it is taken by half."""

import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.errors import FileProblem

HEADER = "name,analyte_id,fraction,candidates,note\n"


@pytest.fixture
def own(tmp_path):
    """An empty folder of a study's own."""
    folder = tmp_path / "study" / "catalogue"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("file", ["analytes.csv", "units.csv", "names.csv", "sources.csv", "result_words.csv"])
def test_a_whole_catalogue_lacks_no_file(copy, faults, file):
    (copy / file).unlink()
    assert faults(copy) == (f"catalogue/{file}: the file is missing; a whole catalogue has it",)


def test_a_folder_of_ones_own_needs_one_file_only(own):
    (own / "names.csv").write_text(HEADER + "Our own HVA,hva,,,\n", encoding="utf-8")
    assert load_catalogue(extra=own).names["ourownhva"].analyte_id == "hva"


def test_a_folder_without_any_catalogue_file_is_refused(own, faults):
    (own / "README.md").write_text("nothing yet", encoding="utf-8")
    (fault,) = faults(extra=own)
    assert fault.startswith("study/catalogue: it holds no catalogue file; expected one or more of analytes.csv, ")


@pytest.mark.parametrize("name", ["analyte.csv", "Analytes.csv", "analytes.CSV"])
def test_a_misspelt_file_is_told_what_it_is_near_to(own, faults, name):
    (own / "names.csv").write_text(HEADER, encoding="utf-8")
    (own / name).write_text("id,name\n", encoding="utf-8")
    assert faults(extra=own) == (
        f"study/catalogue/{name}: the catalogue has no such file. Did you mean 'analytes.csv'?",
    )


def test_readings_of_units_are_made_not_written(own, faults):
    (own / "unit_readings.csv").write_text("ucum,basis,substance,scale,per\n", encoding="utf-8")
    (fault,) = faults(extra=own)
    assert fault.startswith("study/catalogue/unit_readings.csv: it is made, not written")


def test_what_is_carried_for_readers_or_hidden_is_no_fault(own):
    (own / "names.csv").write_text(HEADER, encoding="utf-8")
    (own / "unverified.csv").write_text("anything\n", encoding="utf-8")
    (own / ".names.csv").write_text("an editor's own\n", encoding="utf-8")
    (own / "README.md").write_text("ours", encoding="utf-8")
    assert load_catalogue(extra=own)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("", ":1: the file is empty; expected a line of column names"),
        ("\ufeff \n\n", ":1: the file is empty; expected a line of column names"),
        ("name;analyte_id;note\nOurs;hva;\n", ":1: the columns are separated by semicolons; save the file with commas"),
        ("name\tanalyte_id\nOurs\thva\n", ":1: the columns are separated by tabs; save the file with commas"),
        ("name,note\nOurs,\n", ":1: no column analyte_id"),
        ("name,analyte_id,\nOurs,hva,\n", ":1: column 3 has no name"),
        ("name,analyte_id,name\nOurs,hva,x\n", ":1: column name stands twice"),
        ("name,analyte_id,fractoin\nOurs,hva,free\n", ":1: unknown column 'fractoin'. Did you mean 'fraction'?"),
        ("name,analyte_id\nOurs,hva,free\n", ":2: the row has another number of fields (3) than the header"),
        ("name,analyte_id\n\nOurs\n", ":3: the row has another number of fields (1) than the header"),
        ('name,analyte_id\n"Ours\nand theirs",hva\n', ":2: the quotes of this row span 2 lines; a fact has one"),
        ('name,analyte_id\n"Ours,hva\nTheirs,vma\n', ":2: the quotes of this row do not match"),
        ('name,analyte_id\n"Ours"s,hva\n', ":2: the quotes of this row do not match"),
        (b"name,analyte_id\nOurs,hva\n\xe4,vma\n", ":3: it is not UTF-8"),
    ],
)
def test_a_file_that_is_no_csv_of_ours(own, faults, content, fault):
    (own / "names.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    found = faults(extra=own)
    assert len(found) == 1
    assert found[0].startswith(f"study/catalogue/names.csv{fault}")


def test_an_open_quote_never_swallows_the_rows_below(copy, plant, faults):
    # The next quote of the file closes it: everything between them would be one name.
    plant("names.csv", "\nDA,dopamine", '\n"DA,dopamine')
    assert any(fault.startswith("catalogue/names.csv:3: the quotes of this row") for fault in faults(copy))


def test_a_misspelt_header_of_the_whole_catalogue_is_found(copy, plant, faults):
    plant("analytes.csv", "fraction_matters", "fraction_mater")
    assert faults(copy) == (
        "catalogue/analytes.csv:1: no column fraction_matters",
        "catalogue/analytes.csv:1: unknown column 'fraction_mater'. Did you mean 'fraction_matters'?",
    )


def test_spellings_in_a_column_of_their_own_are_sent_to_their_file(copy, plant, faults):
    plant("analytes.csv", "id,name,abbreviation", "id,name,synonyms")
    assert any("unknown column 'synonyms'. Spellings stand in names.csv." in fault for fault in faults(copy))


def test_a_byte_order_mark_is_read_over(own):
    (own / "names.csv").write_text("\ufeff" + HEADER + "Our own HVA,hva,,,\n", encoding="utf-8")
    assert "ourownhva" in load_catalogue(extra=own).names


@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_line_ends_change_nothing(own, end):
    (own / "names.csv").write_text((HEADER + "Our own HVA,hva,,,\n").replace("\n", end), encoding="utf-8", newline="")
    assert load_catalogue(extra=own).names["ourownhva"].analyte_id == "hva"


def test_a_folder_or_a_broken_link_in_place_of_a_file(copy, faults):
    for file in ("analytes.csv", "names.csv"):
        (copy / file).unlink()
    (copy / "analytes.csv").mkdir()
    (copy / "names.csv").symlink_to(copy / "nowhere.csv")
    assert faults(copy) == (
        "catalogue/analytes.csv: it is a folder; expected a CSV file",
        "catalogue/names.csv: it is a link to nothing; expected a CSV file",
    )


def test_a_file_in_place_of_the_folder(tmp_path):
    (tmp_path / "names.csv").write_text(HEADER, encoding="utf-8")
    with pytest.raises(FileProblem, match="there is no such folder"):
        load_catalogue(extra=tmp_path / "names.csv")


INTERVAL = "hva,urine_spot,per_creatinine,any,18,,1,7,mg/g{creat},reference_interval,mayo_hva_new"


@pytest.mark.parametrize(
    ("columns", "cells"),
    [("", ""), (",fraction", ","), (",fraction,method,condition,note", ",,,,"), (",fraction", ",unspecified")],
)
def test_an_optional_column_may_be_left_out_or_empty(own, columns, cells):
    source = next(iter(load_catalogue().sources))
    (own / "reference_intervals.csv").write_text(
        "analyte_id,specimen,basis,sex,age_low_years,age_high_years,lower,upper,unit,kind,source_id"
        f"{columns}\n{INTERVAL.replace('mayo_hva_new', source)}{cells}\n",
        encoding="utf-8",
    )
    added = load_catalogue(extra=own).intervals[-1]
    assert (added.fraction, added.method, added.condition, added.note) == ("unspecified", "", "", "")


def test_an_analyte_may_leave_out_whether_its_fraction_matters(own):
    source = next(iter(load_catalogue().sources))
    (own / "analytes.csv").write_text(
        f"id,name,formula,molar_mass_g_per_mol,amount_unit,source_id\nlead,Lead,Pb,207.2,ug,{source}\n",
        encoding="utf-8",
    )
    assert not load_catalogue(extra=own).analytes["lead"].fraction_matters


def test_faults_tell_a_study_folder_from_the_whole_catalogue(copy, plant, own, faults):
    plant("names.csv", "\nHomovanilate,hva", "\nHomovanilate,hvaa")
    (own / "names.csv").write_text(HEADER + "Ours,vmaa,,,\n", encoding="utf-8")
    one, two = faults(copy, extra=own)
    assert one.startswith("catalogue/names.csv:")
    assert two == "study/catalogue/names.csv:2: unknown analyte 'vmaa'"


def test_a_study_folder_cannot_make_an_ambiguous_name_certain_for_everybody(own, faults):
    (own / "names.csv").write_text(HEADER + "Glu,glutamate,,,\n", encoding="utf-8")
    (fault,) = faults(extra=own)
    assert fault.startswith("study/catalogue/names.csv:2: 'Glu' names glutamate, and at reference_ranges/names.csv:")
    assert fault.endswith("it is ambiguous; map it in a profile's [analytes] instead")


def test_a_study_folder_may_add_what_an_ambiguous_name_can_mean(own):
    (own / "names.csv").write_text(HEADER + "MET,,,metanephrine|tyrosine,two analytes of ours\n", encoding="utf-8")
    assert load_catalogue(extra=own).names["met"].candidates == ("metanephrine", "tyrosine")
