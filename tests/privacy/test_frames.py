"""Ages told coarsely keep their reference interval; dates move together; every row stays where it is."""

import datetime as dt

import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.normalise.interval_keys import age_key
from recal_labs.privacy import Key
from recal_labs.privacy.codes import Coder
from recal_labs.privacy.frames import coarse_age, mapped, with_shifts

from .conftest import SECRET


def told(*ages):
    return (
        pl.DataFrame({"age_years": list(ages)}, schema={"age_years": pl.Float64})
        .select(coarse_age())["age_years"]
        .to_list()
    )


def test_ages_are_whole_years_months_below_two_and_ninety_for_all_above_89():
    assert told(44.99, 2.0, 89.0, 89.99, 90.0, 104.2, None) == [44.0, 2.0, 89.0, 89.0, 90.0, 90.0, None]
    assert told(1.999, 0.5, 0.01, 7 / 12) == pytest.approx([23 / 12, 0.5, 0.0, 7 / 12])


@given(st.floats(0, 89.999))
def test_a_coarse_age_meets_the_same_reference_interval(age):
    import narwhals as nw

    frame = pl.DataFrame({"age_years": [age]})
    key = [nw.from_native(f).select(age_key().alias("k"))["k"][0] for f in (frame, frame.select(coarse_age()))]
    assert key[0] == key[1]


@given(st.floats(0, 130))
def test_a_coarse_age_is_told_the_same_when_it_is_told_again(age):
    assert told(*told(age)) == told(age)


def test_an_age_beside_its_date_is_no_birth_date():
    born, taken = dt.datetime(1980, 5, 17), dt.datetime(2024, 3, 1)
    ages = [(taken - born - dt.timedelta(days=d)).total_seconds() / (365.25 * 86400) for d in range(-40, 40)]
    assert len(set(told(*ages))) == 1


def dates(*days):
    return [dt.datetime(2020, 1, 1) + dt.timedelta(days=d) for d in days]


@given(st.lists(st.tuples(st.sampled_from(["A", "B"]), st.integers(0, 3000)), min_size=1), st.integers(1, 400))
def test_intervals_of_one_subject_stay_and_nobody_keeps_a_date(rows, distance):
    frame = pl.DataFrame({"who": [w for w, _ in rows], "at": dates(*(d for _, d in rows))})
    moved = with_shifts(frame, ["at"], "who", Coder(Key(SECRET)), distance)
    apart = (moved["at"] - frame["at"]).dt.total_days()
    assert apart.abs().is_between(1, distance).all()
    assert moved.with_columns(apart=apart).group_by("who").agg(pl.col("apart").n_unique())["apart"].max() == 1
    assert with_shifts(moved, ["at"], "who", Coder(Key(SECRET)), -distance).equals(frame)


def test_a_row_of_nobody_loses_its_date_and_a_missing_date_stays_missing():
    frame = pl.DataFrame({"who": [None, "A"], "at": [dt.datetime(2020, 1, 1), None]})
    assert with_shifts(frame, ["at"], "who", Coder(Key(SECRET)), 9)["at"].to_list() == [None, None]
    assert with_shifts(frame, ["at"], "who", Coder(Key(SECRET)), 0).equals(frame)


@given(st.lists(st.one_of(st.none(), st.text(max_size=3))))
def test_mapping_keeps_rows_and_their_order(texts):
    frame = pl.DataFrame({"t": texts, "n": range(len(texts))}, schema={"t": pl.String, "n": pl.Int64})
    done = mapped(frame, ["t"], lambda text: None if text is None else text + "!", "t")
    assert done["n"].to_list() == list(range(len(texts)))
    assert done["t"].to_list() == [None if text is None else text + "!" for text in texts]


def test_pandas_dates_move_as_polars_ones_do(shifting):
    outcomes = pd.DataFrame(
        {
            "subject_id": ["S1", "S1", "S2", None],
            "assessed_at": pd.to_datetime(["2024-03-01", "2024-05-01", None, "2024-01-01"]),
            "instrument": "phq9",
            "score": 1.0,
            "status": "ok",
        }
    )
    there = shifting.outcomes(outcomes)
    here = shifting.outcomes(pl.from_pandas(outcomes)).to_pandas()
    assert there["assessed_at"].tolist()[:2] == here["assessed_at"].tolist()[:2]
    assert (there["assessed_at"][1] - there["assessed_at"][0]).days == 61
    assert there["assessed_at"].isna().tolist() == [False, False, True, True]
