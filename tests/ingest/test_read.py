"""read_panel: one file or many in, three tables and a record of each file out; no file is ever lost."""

import hashlib
import os
from contextlib import suppress

import pandas as pd
import polars as pl
import pytest

from recal_labs.columns import NO_RESULT, REJECTS, RESULTS, WORKLIST
from recal_labs.errors import ConservationError, FileProblem, ProfileError, UnknownWordError
from recal_labs.ingest import load_profile, read_panel
from recal_labs.provenance import FileRecord

LONG = "patient,analyte,result,unit,specimen\nS2,HVA,<0.8,mg/g creat,urine\nS1,VMA,QNS,mg/g creat,urine\nS1,DA,,,\n"
WIDE = "patient,collected_at,HVA (mg/g Cr)\nS1,2024-03-11,3.5\n"
GERMAN = "Patient;Datum;HVA (mg/g Krea)\nS1;11.03.2024;3,5\n"
HL7 = "MSH|^~\\&|LIS|LAB|||20240311||ORU^R01|1|P|2.5.1\rPID|1||S1\rOBR|1||F1|X\rOBX|1|NM|HVA||3.5|mg/g{creat}|||||F\r"


@pytest.fixture
def export(tmp_path):
    """Return a function that writes an export and gives its path."""

    def write(text: str | bytes, name: str = "export.csv"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.fixture
def spot(export):
    """Return the path of a wide profile whose specimens are single voids."""
    return export('extends = "generic_wide"\nlab = "north"\n[defaults]\nspecimen = "urine_spot"\n', "spot.toml")


def test_three_tables_a_worklist_and_a_record(export):
    path = export(LONG)
    read = read_panel(path)
    assert tuple(read.results.columns) == RESULTS.names
    assert tuple(read.rejects.columns) == REJECTS.names
    assert tuple(read.no_result.columns) == NO_RESULT.names
    assert tuple(read.worklist.columns) == WORKLIST.names
    (record,) = read.files
    assert record == FileRecord(
        path="export.csv",
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        profile="generic_long",
        profile_fingerprint=load_profile("generic_long").fingerprint,
        encoding="utf-8",
        positions=4,
        results=1,
        rejects=1,
        no_result=2,
        rejects_by_reason={"not_measured": 1},
    )
    assert read.provenance == [record.to_dict()]


@pytest.mark.parametrize(("kind", "frame"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame)])
def test_frames_come_in_the_kind_that_was_asked_for(export, kind, frame):
    read = read_panel(export(LONG), as_frame=kind)
    assert all(isinstance(part, frame) for part in (read.results, read.rejects, read.no_result, read.worklist))
    assert read.results["comparator"].to_list() == ["<"]


def test_a_kind_of_frame_that_is_not_made_is_refused(export):
    with pytest.raises(UnknownWordError, match="spark"):
        read_panel(export(LONG), as_frame="spark")


@pytest.mark.parametrize(
    ("text", "profile"),
    [
        (LONG, "generic_long"),
        ("A title\n\n" + LONG.replace(",", ";"), "generic_long"),
        (WIDE, "generic_wide"),
        (GERMAN, "generic_wide"),
        (HL7, "generic_hl7v2"),
        (HL7.replace("\r", "\n"), "generic_hl7v2"),
    ],
)
def test_the_profile_is_told_from_the_content(export, text, profile):
    assert read_panel(export(text, "anything.txt")).files[0].profile == profile


def test_a_lab_named_in_the_call_stands_above_profile_and_file(export, spot):
    path = export(WIDE)
    assert read_panel(path, spot).results["lab_id"].tolist() == ["north"]
    read = read_panel(path, spot, "south")
    assert read.results["lab_id"].tolist() == ["south"]
    assert read.files[0].lab_id == "south"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"%PDF-1.7", "PDF"),
        (b"PK\x03\x04", "damaged ZIP"),
        (b"name,address\nx,y\n", "none of the shipped profiles"),
        (b"\xef\xbb\xbf", "none of the shipped profiles"),
        (b"\x00\x01\x02", "NUL"),
    ],
)
def test_one_path_that_cannot_be_read_raises_and_among_many_it_is_one_reject(export, content, said):
    bad, good = export(content, "bad.csv"), export(LONG, "good.csv")
    with pytest.raises(FileProblem, match=said):
        read_panel(bad)
    read = read_panel([bad, good])
    assert [(record.positions, record.rejects) for record in read.files] == [(1, 1), (4, 1)]
    first = read.rejects.iloc[0]
    assert (first["source_file"], first["reason"], first["source_place"]) == (
        "bad.csv",
        "unreadable_file",
        "whole file",
    )
    assert said in first["detail"]
    assert len(read.results) == 1


def test_a_missing_file_and_a_folder_among_many_are_rejects(export, tmp_path):
    read = read_panel([tmp_path / "absent.csv", tmp_path, export(LONG), tmp_path / ("x" * 300)])
    assert [record.rejects_by_reason.get("unreadable_file", 0) for record in read.files] == [1, 1, 0, 1]
    assert [record.sha256 != "" for record in read.files] == [False, False, True, False]


def test_no_paths_give_empty_tables(export):
    read = read_panel([])
    assert (len(read.results), len(read.rejects), read.files) == (0, 0, ())
    assert tuple(read.results.columns) == RESULTS.names


def test_several_paths_of_one_name_are_told_apart_in_every_table_and_no_machine_is_named(export, tmp_path):
    text = LONG + "S1,Mystery,1,ug/L,urine\n"
    paths = [export(text, "a/export.csv"), export(text, "b/export.csv"), export(text, "b/c.csv"), export(b"", "d.csv")]
    read = read_panel(paths)
    names = ["a/export.csv", "b/export.csv", "c.csv", "d.csv"]
    assert [record.path for record in read.files] == names
    for record in read.files:
        counts = [(table["source_file"] == record.path).sum() for table in (read.results, read.rejects, read.no_result)]
        assert counts == [record.results, record.rejects, record.no_result]
    assert read.worklist["example"].tolist() == ["a/export.csv row 5"]
    for table in (read.results, read.rejects, read.no_result, read.worklist):
        assert str(tmp_path) not in table.to_csv()


def test_spellings_and_links_do_not_lengthen_a_name(export, tmp_path, monkeypatch):
    path = export(LONG)
    (tmp_path / "alias.csv").symlink_to(path)
    monkeypatch.chdir(tmp_path)
    read = read_panel([path, "export.csv", "./x/../export.csv", "alias.csv"])
    assert [record.path for record in read.files] == ["export.csv", "export.csv", "export.csv", "alias.csv"]


def test_a_pipe_or_a_device_is_refused_at_once(export, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(FileProblem, match="named pipe"):
        read_panel(tmp_path / "pipe.csv")
    read = read_panel([tmp_path / "pipe.csv", "/dev/zero", "/proc/self/mem", export(LONG)])
    assert [record.rejects_by_reason.get("unreadable_file", 0) for record in read.files] == [1, 1, 1, 0]


def test_an_edit_of_the_profile_that_another_extends_is_seen(export):
    base = export('extends = "generic_wide"\n', "base.toml")
    mine = export('extends = "base.toml"\n[defaults]\nspecimen = "urine_spot"\n', "mine.toml")
    path = export(WIDE)
    assert read_panel(path, mine).results["lab_id"].isna().all()
    base.write_text('extends = "generic_wide"\nlab = "north"\n')
    assert read_panel(path, mine).results["lab_id"].tolist() == ["north"]


def test_an_iterator_of_paths_is_read_to_its_end(export):
    read = read_panel(path for path in (export(LONG, "a.csv"), export(LONG, "b.csv")))
    assert read.results["source_file"].tolist() == ["a.csv", "b.csv"]


def test_a_profile_with_faults_raises_even_among_many(export):
    wrong = export('extends = "generic_long"\n[analytes]\nX = "no_such_thing"\n', "wrong.toml")
    for paths in (export(LONG), [export(LONG)]):
        with pytest.raises(ProfileError, match="no_such_thing"):
            read_panel(paths, wrong)
        with pytest.raises(UnknownWordError, match="generic_lang"):
            read_panel(paths, "generic_lang")


def test_rows_stand_in_the_order_of_files_and_lines(export):
    text = "patient,analyte,result,unit,specimen\n" + "".join(
        f"S{n},HVA,{value},mg/g creat,urine\n" for n, value in enumerate(["3", "<1", "4", "1e1", "≤ 2", "5"])
    )
    read = read_panel([export(text, "b.csv"), export(text, "a.csv")])
    assert read.results["source_file"].tolist() == ["b.csv"] * 6 + ["a.csv"] * 6
    assert read.results["source_row"].tolist() == [2, 3, 4, 5, 6, 7] * 2
    assert read.results["subject_id"].tolist() == ["S0", "S1", "S2", "S3", "S4", "S5"] * 2


def test_reading_twice_gives_the_same_tables(export, spot):
    path = export("patient,HVA (mg/g Cr),VMA (mg/g Cr)\nS2,3,4\nS1,x,\nS1,5,6\n")
    one, two = read_panel(path, spot), read_panel(path, spot)
    pd.testing.assert_frame_equal(one.results, two.results)
    pd.testing.assert_frame_equal(one.rejects, two.rejects)


@pytest.mark.parametrize("kind", ["pandas", "polars"])
def test_what_a_notebook_shows_is_escaped_and_counts_positions(export, kind):
    text = "patient,analyte,result,unit,specimen\n<script>alert(1)</script>,HVA,3,mg/g creat,urine\n"
    shown = read_panel(export(text), as_frame=kind)._repr_html_()
    assert "<script>" not in shown
    assert "2 positions: 1 results, 0 rejects, 1 without a result" in shown


def test_a_lost_position_is_a_fault_of_ours_and_never_passes_in_silence():
    with pytest.raises(ConservationError, match="3 positions became 1 results, 1 rejects and 0"):
        FileRecord(path="x.csv", sha256="", positions=3, results=1, rejects=1).check_conservation()


@pytest.mark.parametrize(
    "text",
    [
        LONG.replace("\n", "\r"),
        LONG + '"open quote',
        LONG + "S1,HVA," + "9" * 500 + ",mg/g creat,urine\n",
        LONG + 'S1,HVA,"' + "x" * 150_000 + '",mg/g creat,urine\n',
        LONG + "S1,HVA,٣,mg/g creat,urine\nS1,HVA,３,mg/g creat,urine\n",
        LONG + "S1," * 5000 + "\n",
        "\ufeff" + LONG,
        LONG.splitlines()[0],
    ],
)
@pytest.mark.parametrize("profile", ["auto", "generic_long", "generic_wide", "generic_wide_comma", "generic_hl7v2"])
def test_hostile_files_under_any_profile_end_in_tables_or_in_a_file_problem(export, text, profile):
    # Not every error of ours: a lost position would raise one too.
    with suppress(FileProblem):
        (record,) = read_panel(export(text), profile, as_frame="polars").files
        assert record.positions == record.results + record.rejects + record.no_result >= 1
