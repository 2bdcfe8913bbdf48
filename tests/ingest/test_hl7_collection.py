"""When and how a specimen was collected: time stamps, hours and volume, in every place that a message has for them."""

import pytest

from recal_labs.ingest import read_panel
from tests.ingest.hl7_messages import DAY, SPOT, message, obx, position, positions

VOLUME = "3167-4^Volume of 24 hour urine^LN"
HOURS = "30211-7^Hours collected^LN"


@pytest.mark.parametrize(
    ("stamp", "moment", "precision", "offset"),
    [
        ("20240311070030", "2024-03-11T07:00:30", "minute", None),
        ("202403110700", "2024-03-11T07:00:00", "minute", None),
        ("2024031107", "2024-03-11T07:00:00", "minute", None),
        ("20240311", "2024-03-11T00:00:00", "day", None),
        ("202403", "2024-03-01T00:00:00", "month", None),
        ("20240311070030.1234-0500", "2024-03-11T07:00:30", "minute", -300),
        ("202403110700+0545", "2024-03-11T07:00:00", "minute", 345),
        ("202403110700+0000", "2024-03-11T07:00:00", "minute", 0),
        ("202403110700^M", "2024-03-11T07:00:00", "minute", None),
    ],
)
def test_a_time_stamp_keeps_wall_clock_precision_and_offset(stamp, moment, precision, offset):
    seen = position(obx("4.0"), order=SPOT.replace("202403110700", stamp))
    assert (seen["collected_at"].isoformat(), seen["collected_precision"], seen["utc_offset_min"]) == (
        moment,
        precision,
        offset,
    )


@pytest.mark.parametrize(
    "stamp", ["20241311", "2024031199", "00000000", "2024", "20240311 07:00", "DATE!", "20240311x"]
)
def test_a_time_stamp_that_cannot_be_read_is_refused(tmp_path, stamp):
    path = tmp_path / "date.hl7"
    path.write_text(message(obx("4.0"), order=SPOT.replace("202403110700", stamp)))
    reject = read_panel(path).rejects.iloc[0]
    assert reject["reason"] == "unreadable_date"
    assert stamp in reject["detail"]


def test_the_time_of_the_observation_serves_where_the_order_has_none():
    seen = position(obx("4.0") + "|||202403120800", order=SPOT.replace("202403110700", ""))
    assert seen["collected_at"].isoformat() == "2024-03-12T08:00:00"


def test_a_day_s_collection_has_volume_hours_and_specimen(tmp_path):
    path = tmp_path / "day.hl7"
    path.write_text(message(obx("41.9", code="NE24^Norepinephrine^L", unit="ug/(24.h)^^UCUM"), order=DAY))
    result = read_panel(path).results.iloc[0]
    assert result["specimen"] == "urine_24h"
    assert (result["collection_volume_l"], result["collection_hours"]) == (1.85, 24.0)


@pytest.mark.parametrize(
    ("begin", "end", "hours"),
    [
        ("202403100700", "202403110630", 23.5),
        ("202403300700+0100", "202403310700+0200", 23.0),
        ("20240310", "20240311", None),
        ("202403100700", "20240311", None),
        ("202403110700", "202403110700", None),
        ("202403110700", "202403100700", None),
        ("202403100700", "", None),
    ],
)
def test_hours_are_counted_only_between_two_known_times(begin, end, hours):
    order = f"OBR|1|P77|F77|CATU^Catecholamines^L|||{begin}|{end}"
    assert position(obx("4.0"), order=order)["hours"] == hours


@pytest.mark.parametrize(
    ("field", "litres"),
    [
        ("1850^mL", 1.85),
        ("1850^ml&millilitre&UCUM", 1.85),
        ("1.85^L", 1.85),
        ("18.5^dL", 1.85),
        ("1850mL", 1.85),
        ("1850", None),
        ("1,850^mL", None),
        ("<400^mL", None),
        ("-5^mL", None),
        ("0^mL", None),
        ("2^g", None),
        ('""', None),
    ],
)
def test_a_volume_is_taken_only_when_it_is_exact(field, litres):
    order = f"OBR|1|P77|F77|CATU^Catecholamines 24 h urine^L|||202403100700|202403110700|{field}"
    assert position(obx("4.0"), order=order)["volume_l"] == (None if litres is None else pytest.approx(litres))


@pytest.mark.parametrize("first", [True, False])
def test_volume_and_hours_may_be_observations_of_the_order(first):
    details = [obx("1850", code=VOLUME, unit="mL"), obx("23", code=HOURS, unit="h")]
    amount = obx("4.0")
    rows = positions(*(([amount, *details]) if first else [*details, amount]), order=DAY.replace("1850^mL", ""))
    assert {(row["volume_l"], row["hours"]) for row in rows} == {(1.85, 23.0)}
    assert sorted(str(row["no_result"]) for row in rows) == ["None", "collection_detail", "collection_detail"]


@pytest.mark.parametrize(
    ("code", "kind", "value", "unit", "expected"),
    [
        (VOLUME, "NM", "1.85", "L", (1.85, 24.0)),
        (VOLUME, "SN", "^1850", "mL", (1.85, 24.0)),
        (VOLUME, "ST", "1850 mL", "", (1.85, 24.0)),
        ("VOL^Volume^L^19153-6^Volume of urine^LN", "NM", "1850", "mL", (1.85, 24.0)),
        (HOURS, "NM", "23", "", (None, 23.0)),
        (HOURS, "NM", "1380", "min", (None, 23.0)),
        (HOURS, "NM", "1", "d", (None, 24.0)),
        (HOURS, "ST", "23 h", "", (None, 23.0)),
    ],
)
def test_details_are_read_in_their_own_units(code, kind, value, unit, expected):
    seen = position(obx(value, kind=kind, code=code, unit=unit), order=DAY.replace("1850^mL", ""))
    assert (seen["volume_l"], seen["hours"]) == expected
    assert seen["no_result"] == "collection_detail"


@pytest.mark.parametrize(
    ("code", "kind", "value", "unit"),
    [
        (VOLUME, "NM", "1,850", "mL"),
        (VOLUME, "NM", "1850", ""),
        (VOLUME, "SN", ">^2000", "mL"),
        (VOLUME, "ST", "about 2 litres", ""),
        (HOURS, "NM", "24", "mL"),
    ],
)
def test_a_detail_that_is_not_exact_is_refused_and_not_used(code, kind, value, unit):
    seen = position(obx(value, kind=kind, code=code, unit=unit), order=DAY.replace("1850^mL", ""))
    assert (seen["reason"], seen["volume_l"], seen["hours"]) == ("unreadable_value", None, 24.0)


@pytest.mark.parametrize("state", ["D", "W", "X"])
def test_a_withdrawn_volume_is_not_used(state):
    rows = positions(obx("1850", code=VOLUME, unit="mL", state=state), obx("4.0"), order=DAY.replace("1850^mL", ""))
    assert [row["volume_l"] for row in rows] == [None, None]


def test_a_corrected_volume_replaces_the_first():
    rows = positions(obx("185", code=VOLUME, unit="mL"), obx("1850", code=VOLUME, unit="mL", state="C"), order=DAY)
    assert {row["volume_l"] for row in rows} == {1.85}


def test_volume_and_hours_stay_in_their_order():
    rows = positions(obx("4.0"), SPOT.replace("F77", "F78"), obx("5.0"), order=DAY)
    assert [(row["volume_l"], row["hours"]) for row in rows] == [(1.85, 24.0), (None, None)]
