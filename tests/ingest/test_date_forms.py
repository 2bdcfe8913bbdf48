"""Day or month first: the whole column decides, and in doubt nobody does."""

import pytest

from recal_labs.ingest.date_forms import date_forms
from recal_labs.ingest.dates import read_date
from recal_labs.ingest.profiles import Profile

SHIPPED = Profile(name="generic_long")


def read(*texts, profile=SHIPPED):
    forms = date_forms(texts, profile)
    found = [read_date(text, forms) for text in texts]
    return [one and one.moment.strftime("%Y-%m-%d %H:%M") for one in found]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("13.4.24", "2024-04-13 00:00"),
        ("03.04.2024 07:30", "2024-04-03 07:30"),
        ("2016-10-01 06:01AM", "2016-10-01 06:01"),
        ("2024/03/11", "2024-03-11 00:00"),
        ("13-Apr-2024", "2024-04-13 00:00"),
        ("Apr 13, 2024", "2024-04-13 00:00"),
        ("20240311", "2024-03-11 00:00"),
    ],
)
def test_forms_with_one_reading_are_read(text, moment):
    assert read(text) == [moment]


def test_the_column_decides_between_day_and_month():
    assert read("05/06/2021", "25/06/2021") == ["2021-06-05 00:00", "2021-06-25 00:00"]
    assert read("05/06/2021", "06/25/2021") == ["2021-05-06 00:00", "2021-06-25 00:00"]
    assert read("05-06-21 08:15", "25-06-21 08:15") == ["2021-06-05 08:15", "2021-06-25 08:15"]


def test_in_doubt_and_in_contradiction_no_date_is_read():
    assert read("05/06/2021", "07/08/2021") == [None, None]
    assert read("05/06/2021", "25/06/2021", "06/25/2021") == [None, None, None]


@pytest.mark.parametrize("text", ["12.5", "10", "may 5 1970 or so", "55:02", "2021"])
def test_what_is_no_full_date_is_none(text):
    assert read(text) == [None]


def test_a_lab_that_declares_its_forms_is_believed():
    own = Profile(name="own", date_formats=("%m/%d/%Y",))
    assert read("05/06/2021", profile=own) == ["2021-05-06 00:00"]
    assert read("25/06/2021", profile=own) == [None]
