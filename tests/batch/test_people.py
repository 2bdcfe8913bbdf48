"""Sex, age, volume and duration come from the tables of people and bottles where an export leaves them out."""

import json

import pandas as pd
import pytest

from recal_labs.batch import normalise_inbox
from recal_labs.cli import main
from recal_labs.errors import FileProblem
from recal_labs.privacy import new_key

from .conftest import write

HEAD = "patient,accession,collected,specimen,test,result,unit,sex\n"
ROWS = "S1,U1,2024-03-11 07:00,24 h urine,HVA,4.0,mg/L,\nS2,U2,2024-03-11 07:00,24 h urine,HVA,4.0,mg/L,m\n"


@pytest.fixture
def export(tmp_path):
    return write(tmp_path / "inbox" / "one.csv", HEAD + ROWS)


@pytest.fixture
def subjects(tmp_path):
    return write(tmp_path / "subjects.csv", "subject_id,sex,age_years\nS1,female,31\nS2,female,forty\n")


@pytest.fixture
def specimens(tmp_path):
    return write(tmp_path / "specimens.csv", "specimen_id,collection_volume_l,collection_hours\nU1,1.5,24\n")


def table(finished):
    return pd.read_csv(finished.out / "normalised.csv", keep_default_na=False).set_index("subject_id")


def test_what_the_export_leaves_out_is_filled_in_and_an_interval_is_found(export, subjects, specimens, run):
    bare = table(run(export))
    assert bare["sex"].to_dict() == {"S1": "unknown", "S2": "male"}
    assert bare["reference_match"].tolist() == ["none", "none"]
    filled = table(run(export, subjects=subjects, specimens=specimens))
    assert filled["sex"].to_dict() == {"S1": "female", "S2": "male"}
    assert filled["age_years"].to_dict() == {"S1": "31.0", "S2": ""}
    assert filled["collection_volume_l"].to_dict() == {"S1": "1.5", "S2": ""}
    assert filled["reference_match"]["S1"] not in ("none", "")
    assert list(filled.columns) == list(bare.columns)


def test_parts_do_not_depend_on_the_tables(export, subjects, specimens, run):
    run(export)
    assert run(export, subjects=subjects, specimens=specimens).skipped == 1
    write(subjects, "subject_id,sex,age_years\nS1,female,90\n")
    again = run(export, subjects=subjects)
    assert again.skipped == 1
    assert table(again)["age_years"]["S1"] == "90.0"
    assert table(run(export))["age_years"]["S1"] == ""


def test_cells_of_the_tables_that_cannot_be_read_are_rejects_of_their_own(export, subjects, tmp_path):
    run = normalise_inbox([export.parent, subjects], tmp_path / "out", subjects=subjects, progress=False)
    content = json.loads((run.out / "manifest.json").read_text(encoding="utf-8"))
    assert [entry["path"] for entry in content["files"]] == ["one.csv"]
    (people,) = content["tables"]
    assert (people["path"], people["positions"], people["rejects"]) == ("subjects.csv", 6, 1)
    assert pd.read_csv(run.out / "rejects.csv")["source_file"].tolist() == ["subjects.csv"]
    assert run.needs_attention == 1


def test_a_table_that_is_not_there_stops_before_reading(export, tmp_path):
    for option in ("subjects", "specimens", "interventions"):
        with pytest.raises(FileProblem, match="no such file"):
            normalise_inbox([export], tmp_path / "out", **{option: tmp_path / "no.csv"}, progress=False)
    assert not (tmp_path / "out").exists()


def test_an_inbox_without_a_result_is_filled_from_nothing(tmp_path, subjects, specimens, run):
    bad = write(tmp_path / "bad.csv", HEAD + ROWS.replace("4.0", "QNS"))
    assert len(table(run(bad, subjects=write(subjects, "subject_id\nS1\n"), specimens=specimens))) == 0


@pytest.fixture
def medicines(tmp_path):
    taken = "S1,pharmaceutical,levodopa,2024-03-01,2024-03-20\nS2,pharmaceutical,levodopa,2023-03-01,2023-03-20\n"
    return write(tmp_path / "interventions.csv", f"subject_id,kind,name,start,stop\n{taken}")


def test_a_table_of_interventions_flags_what_was_taken_at_the_time(export, medicines, run):
    assert not table(run(export))["qc"].str.contains("interference").any()
    flagged = table(run(export, interventions=medicines))["qc"].str.contains("interference")
    assert flagged.to_dict() == {"S1": True, "S2": False}


@pytest.mark.parametrize("shift", [None, 200])
def test_interventions_meet_their_people_under_codes_and_moved_dates_too(export, medicines, tmp_path, run, shift):
    (tmp_path / "safe").mkdir()
    key = new_key(tmp_path / "safe" / "my.key").path
    finished = run(export, interventions=medicines, pseudonymise=key, shift_dates=shift)
    kept = pd.read_csv(finished.out / "normalised.csv", keep_default_na=False)
    assert kept["qc"].str.contains("interference").sum() == 1
    assert not {"S1", "S2"} & set(kept["subject_id"])
    (record,) = finished.tables
    assert record.path.startswith("F-")
    assert finished.names[record.path] == "interventions.csv"


def test_interventions_are_named_on_the_command_line(export, medicines, tmp_path):
    with pytest.raises(SystemExit) as ended:
        main(["normalise", str(export), "--interventions", str(medicines), "--out", str(tmp_path / "out"), "--quiet"])
    assert ended.value.code == 0
    kept = pd.read_csv(tmp_path / "out" / "normalised.csv", keep_default_na=False)
    assert kept["qc"].str.contains("interference").tolist() == [True, False]
