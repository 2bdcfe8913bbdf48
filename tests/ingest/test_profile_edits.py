"""Entries are added to a profile's text so that it says what it said before, and them; or nothing is changed."""

import tomllib

import pytest

from recal_labs.errors import FileProblem
from recal_labs.ingest.profile_edits import added, with_entries

TEXT = """\
about = '''
[analytes]
'''
[units]  # of theirs
HVA = "mg/g Cr"

# the next table
[dates]
formats = ["%Y"]
"""


@pytest.fixture
def path(tmp_path):
    (tmp_path / "lab.toml").write_text(TEXT, encoding="utf-8")
    return tmp_path / "lab.toml"


def test_an_entry_stands_below_the_last_of_its_table(path):
    text = with_entries(path, {"units": {'V "x"\n': "mg/L"}})
    assert tomllib.loads(text)["units"] == {"HVA": "mg/g Cr", 'V "x"\n': "mg/L"}
    assert [line for line in text.splitlines() if line not in TEXT.splitlines()] == ['"V \\"x\\"\\n" = "mg/L"']


def test_a_header_inside_a_text_is_no_table(path):
    with pytest.raises(FileProblem, match="nothing was changed"):
        with_entries(path, {"analytes": {"X": "hva"}})


def test_a_key_that_is_there_is_not_written_twice(path):
    with pytest.raises(FileProblem, match="nothing was changed"):
        with_entries(path, {"units": {"HVA": "mg/L"}})


def test_an_empty_text_gets_the_table():
    assert added("", "units", {"A": "mg/L"}) == '[units]\n"A" = "mg/L"\n'
    assert added("x = 1", "units", {}) == "x = 1"
