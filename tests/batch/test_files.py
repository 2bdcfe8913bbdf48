"""Which files an inbox holds: each once, under a name that tells it apart, and never what the tool wrote itself."""

import pytest

from recal_labs.batch.files import find_files
from recal_labs.errors import FileProblem

from .conftest import HL7, LONG, names, write


def found(*inputs, out="nowhere/out", configured=()):
    return [file.name for file in find_files(inputs, out=inputs[0].parent / out, configured=configured)]


def test_one_file_under_many_spellings_counts_once(tmp_path, monkeypatch, run):
    path = write(tmp_path / "inbox" / "lab_a.csv")
    (tmp_path / "inbox" / "alias.csv").symlink_to(path)
    (tmp_path / "elsewhere").symlink_to(tmp_path / "inbox")
    monkeypatch.chdir(tmp_path)
    spelled = ("inbox/lab_a.csv", "./inbox/../inbox/lab_a.csv", path, "elsewhere/lab_a.csv", "inbox/alias.csv")
    for inputs in (spelled, (*spelled, "inbox"), ("inbox", "elsewhere", "./inbox")):
        finished = run(*inputs)
        assert names(finished.out) == ["lab_a.csv"]
        assert sum(record.results for record in finished.files) == 1


def test_two_files_with_the_same_bytes_are_two_files(tmp_path):
    write(tmp_path / "inbox" / "a.csv")
    write(tmp_path / "inbox" / "b.csv")
    assert found(tmp_path / "inbox") == ["a.csv", "b.csv"]


def test_links_in_a_circle_and_to_folders_above_end(tmp_path):
    box = tmp_path / "inbox"
    write(box / "a" / "one.csv")
    write(box / "b" / "two.csv")
    write(tmp_path / "not_in_it.csv")
    for link, target in (("a/up", ".."), ("a/b", "../b"), ("b/a", "../a"), ("self", "."), ("root", "/"), ("out", "..")):
        (box / link).symlink_to(target)
    assert found(box) == ["a/one.csv", "b/two.csv"]


def test_a_linked_folder_elsewhere_belongs_to_the_inbox(tmp_path):
    write(tmp_path / "share" / "deep" / "one.csv")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "lab").symlink_to(tmp_path / "share")
    assert found(tmp_path / "inbox") == ["lab/deep/one.csv"]


def test_names_tell_folders_and_files_apart(tmp_path, run):
    for place in ("two/a", "two/b", "one/a"):
        write(tmp_path / place / "export.csv", LONG.replace("S1", place))
    assert found(tmp_path / "two") == ["a/export.csv", "b/export.csv"]
    assert found(tmp_path / "two", tmp_path / "one") == ["one/a/export.csv", "two/a/export.csv", "two/b/export.csv"]
    assert found(tmp_path / "two/a", tmp_path / "one/a") == ["one/a/export.csv", "two/a/export.csv"]
    assert found(tmp_path / "two/a/export.csv", tmp_path / "two/b/export.csv") == ["a/export.csv", "b/export.csv"]
    assert found(tmp_path / "two/a/export.csv") == ["export.csv"]
    assert found(tmp_path / "two/a", tmp_path / "one/a/export.csv") == ["a/export.csv", "export.csv"]
    # A folder inside a folder that is given too is no inbox of its own.
    assert found(tmp_path / "two", tmp_path / "two/b") == ["a/export.csv", "b/export.csv"]
    run(tmp_path / "two", tmp_path / "one" / "a" / "export.csv")


def test_names_that_are_no_utf8_or_hold_a_line_end_are_written_out(tmp_path, run):
    box = tmp_path / "inbox"
    write(box / "caf\udce9.csv")
    write(box / "two\nlines, and a comma.csv", HL7)
    assert names(run(box).out) == ["caf\\xe9.csv", "two\nlines, and a comma.csv"]


def test_hidden_files_are_left_out(tmp_path):
    for name in ("inbox/.x.csv", "inbox/.y/z.csv", "inbox/seen.csv"):
        write(tmp_path / name)
    assert found(tmp_path / "inbox") == ["seen.csv"]


@pytest.mark.parametrize("out", ["out", "deeper/out", "."])
def test_own_outputs_are_not_read_by_the_next_run(inbox, run, out):
    first = names(run(inbox, out=inbox / out).out)
    again = run(inbox, out=inbox / out)
    assert names(again.out) == first == ["deeper/two.hl7", "one.csv", "report.pdf"]
    assert again.skipped == 3


def test_own_outputs_are_not_read_when_out_is_above_the_inbox(inbox, run):
    (inbox / "normalised.csv").write_text(LONG, encoding="utf-8")
    run(inbox, out=inbox.parent)
    # A file of such a name that lies in the inbox, not in the out folder, is an export like others.
    assert names(run(inbox, out=inbox.parent).out) == ["deeper/two.hl7", "normalised.csv", "one.csv", "report.pdf"]
    assert names(run(inbox.parent, out=inbox.parent).out)[0] == "inbox/deeper/two.hl7"


def test_where_out_is_the_inbox_other_files_beside_the_outputs_are_read(inbox, run):
    write(inbox / "more_rejects.csv")
    run(inbox, out=inbox)
    assert "more_rejects.csv" in names(run(inbox, out=inbox).out)


def test_outputs_that_an_earlier_run_wrote_elsewhere_in_the_inbox_are_not_read(inbox, run):
    run(inbox, out=inbox / "monday")
    assert names(run(inbox, out=inbox / "tuesday").out) == ["deeper/two.hl7", "one.csv", "report.pdf"]


def test_links_to_own_outputs_are_not_followed(inbox, run):
    out = run(inbox, out=inbox / "out").out
    (inbox / "latest.csv").symlink_to(out / "normalised.csv")
    (inbox / "latest").symlink_to(out / "parts")
    assert names(run(inbox, out=out).out) == ["deeper/two.hl7", "one.csv", "report.pdf"]


def test_nothing_but_own_outputs_is_nothing_to_read(inbox, run):
    out = run(inbox).out
    with pytest.raises(FileProblem, match="no file to read"):
        run(out / "rejects.csv", out / "parts", out=out)


def test_files_that_say_how_to_read_others_are_left_out(tmp_path):
    box = tmp_path / "inbox"
    write(box / "one.csv")
    people = write(box / "subjects.csv", "subject_id\nS1\n")
    assert found(box, configured={people.resolve()}) == ["one.csv"]
