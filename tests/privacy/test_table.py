"""The key table tells codes back; it grows from run to run and only its owner reads it."""

import os
import stat

import polars as pl
import pytest

from recal_labs.errors import FileProblem
from recal_labs.privacy import Key, read_key_table
from recal_labs.privacy.codes import Coder
from recal_labs.privacy.table import write_key_table

from .conftest import SECRET


def coded(key, *names):
    coder = Coder(key)
    for name in names:
        coder.code("subject", name)
    return coder.originals


def test_the_table_lies_beside_the_key_and_only_the_owner_reads_it(key, key_file):
    path = write_key_table(key, coded(key, "S1"))
    assert path == key_file.with_name("test.key.table.csv")
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_second_run_adds_and_takes_nothing_away(key):
    write_key_table(key, coded(key, "S1", "S2"))
    write_key_table(key, coded(key, "S3", "S2"))
    assert read_key_table(key)["original"].to_list() == ["S1", "S2", "S3"]
    before = key.table.read_bytes()
    write_key_table(key, coded(key, "S1", "S3"))
    assert key.table.read_bytes() == before


def test_ids_come_back_letter_by_letter(key):
    names = ["007", " x", "1e5", "Ä,;\"'", "line\nbreak", "true", "", "NA"]
    write_key_table(key, coded(key, *[name for name in names if name]))
    assert set(read_key_table(key)["original"]) == {name for name in names if name}


def test_a_table_opened_in_a_spreadsheet_runs_nothing(key):
    write_key_table(key, coded(key, "=1+1"))
    assert "'=1+1" in key.table.read_text(encoding="utf-8")
    write_key_table(key, coded(key, "=1+1"))
    assert read_key_table(key).height == 1


def test_two_identifiers_under_one_code_are_refused(key):
    first = coded(key, "S1")
    write_key_table(key, first)
    with pytest.raises(FileProblem, match="stands for two identifiers"):
        write_key_table(key, first.with_columns(original=pl.lit("S2")))
    assert read_key_table(key)["original"].to_list() == ["S1"]


def test_a_table_that_is_something_else_is_not_written_over(key):
    key.table.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(FileProblem, match="it is no key table"):
        write_key_table(key, coded(key, "S1"))
    assert key.table.read_text(encoding="utf-8") == "a,b\n1,2\n"


def test_a_key_without_a_file_has_no_table():
    key = Key(SECRET)
    assert write_key_table(key, coded(key, "S1")) is None
    assert read_key_table(key).is_empty()
