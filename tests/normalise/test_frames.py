"""The border: the caller's own columns, labels and clocks come through as they are, and faults are told at the door."""

import pandas as pd
import polars as pl
import pytest

from recal_labs.errors import TableError
from recal_labs.normalise import normalise

HVA = {"analyte_id": "hva", "value": 4.0, "unit": "mg/L"}
CREATININE = {"analyte_id": "creatinine", "value": 100.0, "unit": "mg/dL"}
INNER = ["quantity", "stale", "age_key", "reference_fraction", "reference_specimen", "_row", "_who", "_unit", "_rank"]


@pytest.mark.parametrize("name", INNER)
def test_a_column_of_the_callers_own_comes_back_whatever_it_is_called(results, name):
    frame = results(HVA, CREATININE).assign(**{name: ["x", "y"]})
    plain = normalise(results(HVA, CREATININE)).frame
    for given in (frame, pl.from_pandas(frame), pl.from_pandas(frame).lazy()):
        made = normalise(given).frame
        made = made.collect() if isinstance(made, pl.LazyFrame) else made
        assert list(made[name]) == ["x", "y"]
        assert list(made["amount"]) == plain["amount"].tolist()


def test_a_column_of_mixed_things_comes_back(results):
    assert normalise(results(HVA, CREATININE).assign(extra=[1, "a"])).frame["extra"].tolist() == [1, "a"]


def test_the_index_of_pandas_stays_so_that_columns_can_be_set_beside_each_other(results):
    frame = results(HVA, CREATININE).set_axis([7, 3])
    assert normalise(frame).frame.index.tolist() == [7, 3]


def test_a_time_with_a_zone_stays_the_time_on_the_wall(results):
    at = pd.Timestamp("2026-01-05 23:30", tz="America/New_York")
    frame = results(HVA, CREATININE).assign(collected_at=at)
    for given in (frame, pl.from_pandas(frame)):
        made = normalise(given).frame
        assert list(made["utc_offset_min"]) == [-300, -300]
        assert [str(moment) for moment in made["collected_at"]] == ["2026-01-05 23:30:00"] * 2


def test_an_offset_that_is_stated_stands(results):
    at = pd.Timestamp("2026-07-05 07:30", tz="Europe/Berlin")
    frame = results(HVA).assign(collected_at=at, utc_offset_min=60)
    assert normalise(frame).frame["utc_offset_min"].tolist() == [60]


def test_what_is_no_number_or_stands_twice_is_told_in_a_sentence(results):
    frame = results(HVA, CREATININE)
    with pytest.raises(TableError, match=r"could not be read as its type: .*column 'value'"):
        normalise(frame.assign(value=["4.0", "x"]))
    with pytest.raises(TableError, match="more than one column value"):
        normalise(pd.concat([frame, frame[["value"]]], axis=1))


def test_a_lazy_frame_with_an_unknown_word_fails_when_it_is_computed(results):
    lazy = normalise(pl.from_pandas(results(HVA).assign(comparator="≤")).lazy()).frame
    with pytest.raises(pl.exceptions.InvalidOperationError, match="comparator"):
        lazy.collect()


def test_an_infinite_number_is_none(results):
    made = normalise(results(HVA | {"value": float("inf")})).frame
    assert made["amount"].isna().all()
    assert "no_value" in made["qc"][0]
