"""A printed range gives its limits where they are certain, and nothing where it is only words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.ingest.profiles import Marks
from recal_labs.ingest.ranges import read_range


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("15-80", (15, 80)),
        ("600 – 3500", (600, 3500)),
        ("0.8—4.5", (0.8, 4.5)),
        ("2.0 − 32", (2, 32)),
        ("2.0 to 32", (2, 32)),
        ("70_105", (70, 105)),
        ("[3-5]", (3, 5)),
        ("35-150^35^150", (35, 150)),
        ("15-80 ug/g Cr", (15, 80)),
        ("0 - 20", (0, 20)),
        ("≤ 5.0", (None, 5)),
        ("<= 60", (None, 60)),
        ("<7800", (None, 7800)),
        ("<10 ug/dL", (None, 10)),
        ("<8.0 (>15y)", (None, 8)),
        ("up to 12", (None, 12)),
        (">40", (40, None)),
        ("≥ 0.3", (0.3, None)),
    ],
)
def test_limits_that_are_certain(text, limits):
    assert read_range(text, Marks()) == limits


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", " ", "[ ]", "See report.", "see note 2", "Negative", "Not Established", "(>15y) <8.0"),
        # two ranges in one cell
        *("16-26 / 11.0-34.0", "11.0 - 34.0 [optimal 16-26]"),
        # limits that do not rise, and what a spreadsheet made of a range
        *("80-15", "01-02-2024", "2024-03-11", "5/6/2024"),
        # marks that the profile does not explain
        *("1,530 - 2,000", "<12,0"),
    ],
)
def test_text_without_certain_limits_gives_none(text):
    assert read_range(text, Marks()) == (None, None)


def test_limits_are_read_with_the_marks_of_the_file():
    assert read_range("1.200,5 - 2.400", Marks(",", ".")) == (1200.5, 2400)
    assert read_range("< 12,0", Marks(",")) == (None, 12)


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.sampled_from(["-", " - ", "–", " – ", "_", " to ", " bis "]))
def test_two_printed_limits_come_back(one, two, dash):
    low, high = sorted((one / 8, two / 8))
    assert read_range(f"{low}{dash}{high}", Marks()) == (low, high)


@given(st.text(st.sampled_from("0123456789.,-–_^<>≤≥[]() toab'"), max_size=16))
def test_any_text_gives_rising_limits_or_none(text):
    low, high = read_range(text, Marks())
    assert low is None or high is None or low <= high


@pytest.mark.parametrize(
    "text", ["18-65 y: <8.0", ">15 y: <8.0", "18 - 65 years 2.0 - 6.0", "<5 or >10", "146 - 270 (target: <190)"]
)
def test_an_age_is_no_limit_and_of_two_limits_neither_is_chosen(text):
    assert read_range(text, Marks()) == (None, None)


@pytest.mark.parametrize(("text", "limits"), [("<8.0 (>15y)", (None, 8.0)), (">40^>40", (40.0, None))])
def test_an_age_in_brackets_says_whom_the_limit_is_for(text, limits):
    assert read_range(text, Marks()) == limits
