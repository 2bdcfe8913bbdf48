"""An inbox of mixed files: one bad file never stops the others, and a second run reads nothing again."""

import json
import os
import socket

import pandas as pd
import pytest

from recal_labs.batch import files as files_room
from recal_labs.batch import normalise_inbox, parts
from recal_labs.errors import ConservationError, FileProblem, ProfileError, UnknownWordError

from .conftest import HL7, LONG, manifest, names, write

TABLES = ("normalised.parquet", "normalised.csv", "rejects.csv", "no_result.csv", "worklist.csv")


def test_mixed_files_become_one_table_and_nothing_is_lost(inbox, run):
    out = run(inbox).out
    table = pd.read_csv(out / "normalised.csv")
    assert sorted(table["analyte_id"]) == ["hva", "vma"]
    assert table.set_index("analyte_id")["comparator"]["vma"] == "<"
    rejects = pd.read_csv(out / "rejects.csv")
    assert sorted(rejects["reason"]) == ["unknown_analyte", "unreadable_file"]
    assert [entry["positions"] for entry in manifest(out)] == [1, 3, 1]


def test_unknown_names_are_on_the_worklist(inbox, run):
    finished = run(inbox)
    worklist = pd.read_csv(finished.out / "worklist.csv")
    assert worklist[["what", "text", "count"]].values.tolist() == [["name", "Mystery", 1]]
    assert finished.to_map == 1


def test_not_measured_alone_needs_no_attention(tmp_path, run):
    path = write(tmp_path / "one.csv", LONG.replace("4.0", "QNS").rsplit("S1", 1)[0])
    assert run(path).needs_attention == 0


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_an_input_that_is_not_there_or_empty_is_said_so(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileProblem, match="there is no"):
        normalise_inbox([tmp_path / name], tmp_path / "out", progress=False)


def test_the_manifest_says_of_each_file_how_it_was_read_and_of_the_run_what_was_decided(inbox, run, tmp_path):
    run(inbox)
    write(inbox / "three.csv", LONG.replace("4.0", "5.0"))
    content = json.loads((run(inbox).out / "manifest.json").read_text())
    assert {entry["path"]: (entry["profile"], entry["skipped"]) for entry in content["files"]} == {
        "deeper/two.hl7": ("generic_hl7v2", True),
        "one.csv": ("generic_long", True),
        "report.pdf": ("", True),
        "three.csv": ("generic_long", False),
    }
    assert content["choices"]["basis"]
    assert set(content["files"][0]) >= {"path", "positions", "results", "rejects", "no_result", "sha256"}


# --- the same again, byte for byte


def test_outputs_are_the_same_bytes_whatever_the_order_and_spelling_of_the_inputs(tmp_path, monkeypatch, run):
    for lab in "abc":
        write(tmp_path / lab / "export.csv", LONG.replace("S1", f"S{lab}"))
    write(tmp_path / "a" / "msg.hl7", HL7)
    write(tmp_path / "a" / "deep" / "z.csv", LONG.replace("S1", "Sz"))
    monkeypatch.chdir(tmp_path)
    single = tmp_path / "c" / "export.csv"
    spelled = [
        (tmp_path / "a", tmp_path / "b", single),
        (tmp_path / "c" / ".." / "c" / "export.csv", "b", "a"),
        ("./a/../b", "c/export.csv", "a", "a/msg.hl7", tmp_path / "b" / "export.csv"),
    ]
    seen = {}
    for number, inputs in enumerate([*spelled, spelled[0]]):
        out = run(*inputs, out=tmp_path / f"out{min(number, 2)}").out
        seen[number] = {name: (out / name).read_bytes() for name in TABLES}
        assert names(out) == ["a/deep/z.csv", "a/export.csv", "a/msg.hl7", "b/export.csv", "export.csv"]
    assert all(found == seen[0] for found in seen.values())


# --- what cannot be opened


def test_pipes_sockets_links_and_devices_are_a_reject_each_and_hang_nothing(inbox, run):
    os.mkfifo(inbox / "pipe.csv")
    (inbox / "gone.csv").symlink_to("nowhere.csv")
    (inbox / "gone_too.csv").symlink_to("nowhere.csv")
    (inbox / "circle.csv").symlink_to("circle.csv")
    (inbox / "zero.csv").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as ear:
        here = os.open(inbox, os.O_RDONLY)
        ear.bind(f"/proc/self/fd/{here}/socket")  # the whole path may be too long for a socket
        os.close(here)
        out = run(inbox).out
    refused = pd.read_csv(out / "rejects.csv").query("reason == 'unreadable_file'").set_index("source_file")["detail"]
    told = {
        "pipe.csv": "a named pipe",
        "gone.csv": "leads to no file",
        "gone_too.csv": "leads to no file",
        "circle.csv": "cannot be followed",
        "zero.csv": "a device",
        "socket": "a socket",
        "report.pdf": "PDF",
    }
    assert set(refused.index) == set(told)
    assert all(words in refused[name] for name, words in told.items())
    assert sorted(pd.read_csv(out / "normalised.csv")["analyte_id"]) == ["hva", "vma"]


def test_a_named_pipe_or_a_dangling_link_that_is_named_itself_is_a_reject(inbox, run, tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "gone.csv").symlink_to("nowhere.csv")
    finished = run(tmp_path / "pipe.csv", tmp_path / "gone.csv", inbox / "one.csv")
    assert [record.rejects_by_reason for record in finished.files] == [
        {"unreadable_file": 1},
        {"unknown_analyte": 1},
        {"unreadable_file": 1},
    ]


def test_a_file_and_a_folder_without_permission_are_rejects_and_are_tried_again(inbox, run, monkeypatch):
    # Permissions do not hold for root, so the system's answer is played.
    real_open, real_scan = open, os.scandir

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    def opened(path, *args, **kwargs):
        return refuse(path) if str(path).endswith("one.csv") else real_open(path, *args, **kwargs)

    def scanned(path):
        return refuse(path) if str(path).endswith("deeper") else real_scan(path)

    with monkeypatch.context() as patched:
        patched.setattr("recal_labs.storage.open", opened, raising=False)
        patched.setattr(files_room.os, "scandir", scanned)
        finished = run(inbox)
    assert {record.path: record.rejects_by_reason for record in finished.files} == {
        "deeper": {"unreadable_file": 1},
        "one.csv": {"unreadable_file": 1},
        "report.pdf": {"unreadable_file": 1},
    }
    assert "Permission denied" in finished.failed["one.csv"]
    again = run(inbox)
    assert names(again.out) == ["deeper/two.hl7", "one.csv", "report.pdf"]
    assert again.already_read == {"report.pdf"}


def test_a_fault_of_ours_in_one_file_costs_no_other_and_is_tried_again(inbox, run, monkeypatch):
    real = parts.read_export

    def broken(path, **options):
        if path.name == "one.csv":
            raise RuntimeError("the sky fell")
        return real(path, **options)

    with monkeypatch.context() as patched:
        patched.setattr(parts, "read_export", broken)
        finished = run(inbox)
    assert "the sky fell" in finished.failed["one.csv"]
    assert finished.needs_attention == 2
    again = run(inbox)
    assert again.already_read == {"deeper/two.hl7", "report.pdf"}
    assert "one.csv" not in again.failed


def test_a_lost_position_is_never_passed_over(inbox, monkeypatch, tmp_path):
    def losing(path, **options):
        raise ConservationError("lost")

    monkeypatch.setattr(parts, "read_export", losing)
    with pytest.raises(ConservationError):
        normalise_inbox([inbox], tmp_path / "out", progress=False)


# --- what is wrong with the call is said before anything is read


@pytest.mark.parametrize("made", ["nope.toml", "sub/nope.toml"])
def test_a_profile_that_is_not_there_is_said_in_a_sentence(inbox, tmp_path, made):
    with pytest.raises(FileProblem, match="no such file"):
        normalise_inbox([inbox], tmp_path / "out", profile=tmp_path / made, progress=False)
    assert not (tmp_path / "out").exists()


def test_a_profile_with_faults_and_an_unknown_one_stop_before_reading(inbox, tmp_path):
    wrong = write(tmp_path / "wrong.toml", 'extends = "generic_long"\n[analytes]\nX = "no_such_thing"\n')
    with pytest.raises(ProfileError, match="no_such_thing"):
        normalise_inbox([inbox], tmp_path / "out", profile=wrong, progress=False)
    with pytest.raises(UnknownWordError, match="generic_long"):
        normalise_inbox([inbox], tmp_path / "out", profile=["auto", "generic_lang"], progress=False)


def test_an_out_that_cannot_hold_the_outputs_is_said_in_a_sentence(inbox, tmp_path):
    with pytest.raises(FileProblem, match="it is a file"):
        normalise_inbox([inbox], inbox / "one.csv", progress=False)
    for impossible in (inbox / "one.csv" / "out", "/proc/no/such/place"):
        with pytest.raises(FileProblem, match="nothing can be written there"):
            normalise_inbox([inbox], impossible, progress=False)


def test_an_output_is_never_written_over_a_table_that_was_named(tmp_path):
    subjects = tmp_path / "worklist.csv"
    subjects.write_text("subject_id,sex\nS1,female\n", encoding="utf-8")
    (tmp_path / "panel.csv").write_text("patient,analyte,result,unit,specimen\nS1,HVA,4,mg/g creat,urine\n")
    with pytest.raises(FileProblem, match="an output would be written over this input"):
        normalise_inbox([tmp_path / "panel.csv"], tmp_path, subjects=subjects, progress=False)
    assert subjects.read_text(encoding="utf-8").startswith("subject_id")
