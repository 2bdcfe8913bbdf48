"""What was read of a file is kept, and believed only while it is whole and nothing that made it has changed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from recal_labs.batch import parts
from recal_labs.errors import FileProblem
from recal_labs.storage import STALE_AFTER_S, write_atomic

from .conftest import LONG, names, write


def test_a_second_run_skips_what_was_read_and_gives_the_same(inbox, run):
    first = run(inbox)
    before = (first.out / "normalised.parquet").read_bytes()
    second = run(inbox)
    assert (first.skipped, second.skipped) == (0, 3)
    assert (second.out / "normalised.parquet").read_bytes() == before


def test_a_changed_file_is_read_again(inbox, run):
    run(inbox)
    write(inbox / "one.csv", LONG.replace("4.0", "5.0"))
    again = run(inbox)
    assert again.already_read == {"deeper/two.hl7", "report.pdf"}
    assert 5.0 in pd.read_csv(again.out / "normalised.csv")["value"].tolist()


def test_an_edited_parent_of_a_profile_is_noticed(tmp_path, run):
    path = write(tmp_path / "one.csv", LONG)
    base = write(tmp_path / "base.toml", 'extends = "generic_long"\n')
    mine = write(tmp_path / "my.toml", 'extends = "base.toml"\nlab = "north"\n')
    assert run(path, profile=mine).needs_attention == 1
    assert run(path, profile=mine).skipped == 1
    base.write_text('extends = "generic_long"\n[analytes]\nMystery = "dopamine"\n', encoding="utf-8")
    again = run(path, profile=mine)
    assert (again.skipped, again.needs_attention) == (0, 0)


@pytest.mark.parametrize("option", [{"lab": "north"}, {"profile": "generic_long"}])
def test_another_way_of_reading_reads_again(inbox, run, option):
    run(inbox)
    assert run(inbox, **option).skipped == 0
    assert run(inbox, **option).skipped == 3


@pytest.mark.parametrize("edited", ["ingest/values.py", "ingest/profiles/generic_long.toml", "columns.py"])
def test_the_fingerprint_changes_with_the_code_that_reads(tmp_path, edited):
    package = tmp_path / "package"
    shutil.copytree(parts.PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "bundled"))
    fingerprint = parts.reading_fingerprint.__wrapped__
    assert fingerprint(package) == fingerprint(parts.PACKAGE)
    path = package / edited
    path.write_text(path.read_text(encoding="utf-8") + "\n# another reading\n", encoding="utf-8")
    assert fingerprint(package) != fingerprint(parts.PACKAGE)


def test_a_part_of_another_program_is_read_again(inbox, run, monkeypatch):
    run(inbox)
    monkeypatch.setattr(parts, "reading_fingerprint", lambda: "another")
    assert run(inbox).skipped == 0


def _empty(path):
    path.write_bytes(b"")


def _halve(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _flip(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def _no_mapping(path):
    path.write_text("[]", encoding="utf-8")


def _lose_a_position(path):
    content = json.loads(path.read_text(encoding="utf-8"))
    content["record"]["positions"] += 1
    path.write_text(json.dumps(content), encoding="utf-8")


@pytest.mark.parametrize("name", ["results.parquet", "rejects.parquet", "no_result.parquet", "record.json"])
@pytest.mark.parametrize("harm", [_empty, _halve, _flip, lambda path: path.unlink()])
def test_a_part_that_is_not_whole_is_read_again(inbox, run, name, harm):
    if (name, harm) == ("record.json", _flip):
        harm = _no_mapping
    before = (run(inbox).out / "normalised.csv").read_bytes()
    (part,) = [
        path for path in (inbox.parent / "out/parts").iterdir() if "one.csv" in (path / "record.json").read_text()
    ]
    harm(part / name)
    again = run(inbox)
    assert again.already_read == {"deeper/two.hl7", "report.pdf"}
    assert (again.out / "normalised.csv").read_bytes() == before
    assert run(inbox).skipped == 3


def test_a_record_that_lost_a_position_is_not_believed(inbox, run):
    out = run(inbox).out
    for record in (out / "parts").glob("*/record.json"):
        _lose_a_position(record)
    assert run(inbox).skipped == 0


def test_parts_of_files_that_are_gone_are_not_gathered(inbox, run):
    run(inbox)
    (inbox / "one.csv").unlink()
    out = run(inbox).out
    assert names(out) == ["deeper/two.hl7", "report.pdf"]
    assert pd.read_csv(out / "normalised.csv")["analyte_id"].tolist() == ["vma"]


def test_the_bytes_that_were_read_are_those_that_are_recorded(inbox, run, monkeypatch):
    # The sender replaces the file between the look at it and the reading of it.
    real = parts.read_export

    def late(path, **options):
        if path.name == "one.csv":
            write(path, LONG.replace("4.0", "7.0"))
        return real(path, **options)

    with monkeypatch.context() as patched:
        patched.setattr(parts, "read_export", late)
        run(inbox)
    again = run(inbox)
    assert again.skipped == 3
    assert 7.0 in pd.read_csv(again.out / "normalised.csv")["value"].tolist()
    write(inbox / "one.csv", LONG)
    assert 4.0 in pd.read_csv(run(inbox).out / "normalised.csv")["value"].tolist()


KILLED = """
import os, signal, sys
from recal_labs.batch import normalise_inbox, parts
real = parts.write_atomic
def dying(path, write):
    if path.name == sys.argv[3]:
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / f".{path.name}.abcdefgh{path.suffix}").write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    return real(path, write)
parts.write_atomic = dying
import recal_labs.batch.inbox as inbox
from recal_labs.normalise import streaming
inbox.write_atomic = streaming.write_atomic = dying
normalise_inbox([sys.argv[1]], sys.argv[2], progress=False)
"""


@pytest.mark.parametrize("at", ["results.parquet", "no_result.parquet", "normalised.csv", "worklist.csv"])
def test_a_run_that_is_killed_leaves_nothing_that_the_next_believes(inbox, run, tmp_path, at):
    whole = (run(inbox, out=tmp_path / "whole").out / "normalised.csv").read_bytes()
    out = tmp_path / "out"
    ended = subprocess.run([sys.executable, "-c", KILLED, str(inbox), str(out), at], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not (out / "manifest.json").exists()
    left = list(out.rglob(".*"))
    assert len(left) == 1
    long_ago = time.time() - STALE_AFTER_S - 60
    os.utime(left[0], (long_ago, long_ago))
    again = run(inbox, out=out)
    assert (again.out / "normalised.csv").read_bytes() == whole
    assert names(again.out) == ["deeper/two.hl7", "one.csv", "report.pdf"]
    assert list(out.rglob(".*")) == []


@pytest.mark.parametrize(("at", "old"), [("results.parquet", True), ("normalised.csv", False)])
def test_outputs_beside_a_manifest_are_those_of_one_run(inbox, run, tmp_path, at, old):
    out = run(inbox).out
    before = (out / "normalised.parquet").read_bytes()
    write(inbox / "one.csv", LONG.replace("4.0", "5.0"))
    subprocess.run([sys.executable, "-c", KILLED, str(inbox), str(out), at], check=False)
    assert (out / "manifest.json").exists() == old
    # Parquet and CSV are put in place together, at the end: neither is new while the other is not.
    assert (out / "normalised.parquet").read_bytes() == before


def test_a_temporary_file_of_a_run_at_work_is_left_alone(inbox, run):
    out = run(inbox).out
    (out / ".normalised.csv.abcdefgh.csv").write_text("at work", encoding="utf-8")
    (out / ".keep.me").write_text("not ours", encoding="utf-8")
    os.utime(out / ".keep.me", (0, 0))
    run(inbox)
    assert {path.name for path in out.glob(".*")} == {".normalised.csv.abcdefgh.csv", ".keep.me"}


def test_a_file_that_cannot_be_written_is_said_in_a_sentence_and_leaves_nothing(tmp_path):
    def full(path):
        path.write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    with pytest.raises(FileProblem, match="No space left on device"):
        write_atomic(tmp_path / "a.csv", full)
    with pytest.raises(FileProblem, match="cannot be written"):
        write_atomic(write(tmp_path / "file") / "a.csv", lambda path: path.write_text("x"))
    with pytest.raises(FileNotFoundError):  # another file's trouble is not blamed on this one
        write_atomic(tmp_path / "b.csv", lambda path: path.write_bytes((tmp_path / "absent").read_bytes()))
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
