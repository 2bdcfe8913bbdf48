"""An inbox of mixed files: one bad file never stops the others, and a second run reads nothing again."""

import json

import pandas as pd
import pytest

from recal_labs.batch import normalise_inbox
from recal_labs.errors import FileProblem

LONG = "patient,analyte,result,unit,specimen\nS1,HVA,4.0,mg/g creat,random urine\nS1,Mystery,1,ug/L,urine\n"
HL7 = (
    "MSH|^~\\&|LIS|LAB|EHR|C|20240311||ORU^R01|1|P|2.5\n"
    "PID|1||S2\nOBR|1||U2||||202403110700||||||||UR^random urine\n"
    "OBX|1|NM|VMA^Vanillylmandelic^L||<1.5|mg/g crt|1.8-6.7||||F\n"
)


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    (folder / "deeper").mkdir(parents=True)
    (folder / "one.csv").write_text(LONG, encoding="utf-8")
    (folder / "deeper" / "two.hl7").write_text(HL7, encoding="utf-8")
    (folder / "report.pdf").write_bytes(b"%PDF-1.7 binary")
    (folder / ".hidden").write_text("not read", encoding="utf-8")
    return folder


def test_mixed_files_become_one_table_and_nothing_is_lost(inbox, tmp_path):
    run = normalise_inbox([inbox], tmp_path / "out", progress=False)
    table = pd.read_csv(run.out / "normalised.csv")
    assert sorted(table["analyte_id"]) == ["hva", "vma"]
    assert table.set_index("analyte_id")["comparator"]["vma"] == "<"
    rejects = pd.read_csv(run.out / "rejects.csv")
    assert sorted(rejects["reason"]) == ["unknown_analyte", "unreadable_file"]
    manifest = json.loads((run.out / "manifest.json").read_text())
    assert [entry["positions"] for entry in manifest["files"]] == [1, 3, 1]
    for entry in manifest["files"]:
        assert entry["positions"] == entry["results"] + entry["rejects"] + entry["no_result"]


def test_unknown_names_are_on_the_worklist(inbox, tmp_path):
    run = normalise_inbox([inbox], tmp_path / "out", progress=False)
    worklist = pd.read_csv(run.out / "worklist.csv")
    assert worklist[["what", "text", "count"]].values.tolist() == [["name", "Mystery", 1]]


def test_a_second_run_skips_what_was_read_and_gives_the_same(inbox, tmp_path):
    first = normalise_inbox([inbox], tmp_path / "out", progress=False)
    before = (first.out / "normalised.parquet").read_bytes()
    second = normalise_inbox([inbox], tmp_path / "out", progress=False)
    assert (first.skipped, second.skipped) == (0, 3)
    assert (second.out / "normalised.parquet").read_bytes() == before


def test_a_changed_file_is_read_again(inbox, tmp_path):
    normalise_inbox([inbox], tmp_path / "out", progress=False)
    (inbox / "one.csv").write_text(LONG.replace("4.0", "5.0"), encoding="utf-8")
    again = normalise_inbox([inbox], tmp_path / "out", progress=False)
    assert again.skipped == 2
    assert 5.0 in pd.read_csv(again.out / "normalised.csv")["value"].tolist()


def test_a_part_that_was_not_finished_is_read_again(inbox, tmp_path):
    run = normalise_inbox([inbox], tmp_path / "out", progress=False)
    next((run.out / "parts").glob("*/record.json")).unlink()
    assert normalise_inbox([inbox], tmp_path / "out", progress=False).skipped == 2


def test_not_measured_alone_needs_no_attention(tmp_path):
    path = tmp_path / "one.csv"
    path.write_text(LONG.replace("4.0", "QNS").rsplit("S1", 1)[0], encoding="utf-8")
    assert normalise_inbox([path], tmp_path / "out", progress=False).needs_attention == 0


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_an_input_that_is_not_there_or_empty_is_said_so(tmp_path, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileProblem, match="there is no"):
        normalise_inbox([tmp_path / name], tmp_path / "out", progress=False)
