"""A folder holds names or codes, never both, and its manifest says which."""

import json

import pytest

from recal_labs.errors import FileProblem
from recal_labs.privacy import MARK, Key, Protection, check_folder, manifest_facts, mark_folder, protection_of

from .conftest import SECRET

CODED = Protection(Key(SECRET), 30)
OUTPUTS = (MARK, "manifest.json", "rejects.csv")


def test_codes_are_not_written_beside_names(tmp_path):
    (tmp_path / "rejects.csv").write_text("raw\n", encoding="utf-8")
    with pytest.raises(FileProblem, match="outputs of a run without pseudonyms"):
        check_folder(tmp_path, CODED, OUTPUTS)
    check_folder(tmp_path, None, OUTPUTS)


def test_names_are_not_written_beside_codes(tmp_path):
    mark_folder(tmp_path, CODED)
    with pytest.raises(FileProblem, match="outputs of a run with pseudonyms"):
        check_folder(tmp_path, None, OUTPUTS)
    check_folder(tmp_path, CODED, OUTPUTS)


def test_a_new_folder_and_one_with_other_files_are_fine(tmp_path):
    check_folder(tmp_path / "new", CODED, OUTPUTS)
    (tmp_path / "readme.txt").write_text("mine", encoding="utf-8")
    check_folder(tmp_path, CODED, OUTPUTS)


def test_the_mark_says_what_was_done_and_nothing_of_the_key(tmp_path):
    mark_folder(tmp_path, CODED)
    said = (tmp_path / MARK).read_text(encoding="utf-8")
    assert SECRET.hex() not in said
    assert json.loads(said)["dates"].endswith("at most 30")
    mark_folder(tmp_path / "none", None)
    assert not (tmp_path / "none").exists()


def test_the_manifest_says_whether_there_are_identifiers():
    plain, coded = manifest_facts(None, ["b", "a"]), manifest_facts(CODED, ["b", "a"])
    assert plain["contains"].startswith("identifiers")
    assert plain["not_shareable"] == ["a", "b"]
    assert coded["contains"].startswith("pseudonyms")
    assert coded["about_single_people"] == ["a", "b"]


def test_dates_do_not_move_without_a_key(key_file):
    with pytest.raises(FileProblem, match="--pseudonymise KEYFILE"):
        protection_of(None, 30)
    assert protection_of(None, None) is None
    assert protection_of(key_file, None).shift_days == 0
