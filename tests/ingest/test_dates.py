"""A date is read in a declared form or refused; a partial one keeps its precision."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.ingest.dates import read_date

ISO = ("%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
GERMAN = ("%d.%m.%Y %H:%M", "%d.%m.%Y")


@pytest.mark.parametrize(
    ("text", "formats", "moment", "precision", "offset"),
    [
        ("2024-03-11 07:40", ISO, datetime(2024, 3, 11, 7, 40), "minute", None),
        (" 2024-03-11 ", ISO, datetime(2024, 3, 11), "day", None),
        ("2024-03", ISO, datetime(2024, 3, 1), "month", None),
        ("11.03.2024 07:40", GERMAN, datetime(2024, 3, 11, 7, 40), "minute", None),
        ("2024-03-11T07:40+01:00", ISO, datetime(2024, 3, 11, 7, 40), "minute", 60),
        ("2024-03-11T07:40-0530", ISO, datetime(2024, 3, 11, 7, 40), "minute", -330),
        ("2024-03-11T07:40Z", ISO, datetime(2024, 3, 11, 7, 40), "minute", 0),
        # An offset that the form itself declares.
        ("2024-03-11T07:40+0100", ("%Y-%m-%dT%H:%M%z",), datetime(2024, 3, 11, 7, 40), "minute", 60),
    ],
)
def test_declared_forms(text, formats, moment, precision, offset):
    found = read_date(text, formats)
    assert (found.moment, found.precision, found.offset_min) == (moment, precision, offset)
    assert found.moment.tzinfo is None


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "12.5", "10", "2024", "55:02", "may 5 1970", "45362", "before validation 1", "2024-03-11 7 Uhr"),
        # two-digit years, the other order, days that are none
        *("13.4.24", "11.03.24", "05/06/2021", "2024-02-30", "2024-13-01"),
        # months that are none, offsets that are none
        *("2024-13", "2024-00", "0000-05", "2024-03-11T07:40+99:99", "2024-03-11T07:40+15:00", "2024-03-11+01:00"),
    ],
)
def test_what_fits_no_declared_form_is_refused(text):
    assert read_date(text, ISO) is None


def test_the_order_of_day_and_month_is_the_declared_one():
    assert read_date("05/06/2021", ("%d/%m/%Y",)).moment == datetime(2021, 6, 5)
    assert read_date("05/06/2021", ("%m/%d/%Y",)).moment == datetime(2021, 5, 6)


@given(st.datetimes(datetime(1000, 1, 1)).map(lambda moment: moment.replace(second=0, microsecond=0)))
def test_a_printed_moment_comes_back(moment):
    assert read_date(moment.strftime("%d.%m.%Y %H:%M"), GERMAN).moment == moment


@given(st.text(st.sampled_from("0123456789-+:.TZ /"), max_size=20))
def test_any_text_is_a_date_or_none(text):
    found = read_date(text, ISO + GERMAN)
    assert found is None or found.precision in ("minute", "day", "month")
