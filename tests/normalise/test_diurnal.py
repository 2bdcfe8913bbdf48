"""Cortisol over the day: slope, areas and peak to night against numpy and statsmodels, bounds, days, pools, reasons."""

import itertools
import math

import numpy as np
import pandas as pd
import polars as pl
import pytest
import statsmodels.api as sm

from recal_labs.columns import DIURNAL
from recal_labs.errors import TableError, UnknownAnalyteError
from recal_labs.normalise import diurnal_cortisol, normalise
from recal_labs.vocabulary import DIURNAL_REASONS

TIMES = {"waking": "07:00", "morning": "09:00", "afternoon": "15:00", "night": "23:00"}
AMOUNTS = {"waking": 40.0, "morning": 48.0, "afternoon": 20.0, "night": 8.0}
SHOWN = ("slope", "auc_ground", "auc_increase", "peak_to_night_difference", "peak_to_night_ratio")


def point(timepoint, value=None, at=None, **more):
    clock = f"2026-01-05 {TIMES.get(timepoint, '07:00')}" if at is None else at
    return {
        "subject_id": "S1",
        "specimen_id": f"{timepoint} {clock}",
        "specimen": "urine_spot",
        "timepoint": timepoint,
        "collected_at": pd.Timestamp(clock) if clock else pd.NaT,
        "collected_precision": "minute",
        "analyte_id": "cortisol",
        "comparator": "",
        "value": AMOUNTS.get(timepoint, 25.0) if value is None else value,
        "unit": "ug/g{creat}",
    } | more


def course(*points, **more):
    return diurnal_cortisol(normalise(pd.DataFrame(points)), **more)


def full_day(**more):
    return [point(timepoint, **more) for timepoint in TIMES]


def test_a_day_by_hand():
    day = course(*full_day()).iloc[0]
    # (40 + 48) / 2 x 2 + (48 + 20) / 2 x 6 + (20 + 8) / 2 x 8; less 40 x 16.
    assert day["auc_ground"] == pytest.approx(88 + 204 + 112, rel=1e-12)
    assert day["auc_increase"] == pytest.approx(404 - 640, rel=1e-12)
    assert day["time_weighted_mean"] == pytest.approx(404 / 16, rel=1e-12)
    assert (day["peak_to_night_difference"], day["peak_to_night_ratio"]) == (40.0, 6.0)
    assert (day["n_points"], day["timepoints"], day["minutes"]) == (4, "waking;morning;afternoon;night", 960.0)
    assert (day["basis"], day["amount_unit"], day["day"]) == (
        "per_creatinine",
        "ug/g{creat}",
        pd.Timestamp("2026-01-05"),
    )
    assert "void before" in day["assumptions"]


def test_a_published_example_of_both_areas():
    # README of the R package AUCtrap (rdrr.io/github/anikoszabo/AUCtrap): times 0:3, values 3, 4, 1, 2: 7.5.
    values = zip(TIMES, (3.0, 4.0, 1.0, 2.0), itertools.count(11))
    day = course(*(point(t, value, f"2026-01-05 {hour:02}:00") for t, value, hour in values)).iloc[0]
    assert day["auc_ground"] == pytest.approx(7.5, rel=1e-12)
    # Pruessner et al. 2003: less the first amount times all hours, 3 x 3.
    assert day["auc_increase"] == pytest.approx(7.5 - 9.0, rel=1e-12)


def random_days(n=40, seed=7):
    """Days with two to four points at odd times."""
    rng = np.random.default_rng(seed)
    rows = []
    for i in range(n):
        kept = sorted(rng.choice(4, size=rng.integers(2, 5), replace=False))
        start = pd.Timestamp("2026-03-02") + pd.Timedelta(days=int(i), minutes=int(rng.integers(300, 500)))
        # A night before noon would belong to the day before.
        minutes = np.cumsum(rng.integers(20, 300, size=4)) + np.array([0, 0, 0, 450])
        rows += [
            point(
                list(TIMES)[k], rng.lognormal(3, 0.6), start + pd.Timedelta(minutes=int(minutes[k])), subject_id=f"S{i}"
            )
            for k in kept
        ]
    return pd.DataFrame(rows)


def test_slope_and_areas_agree_with_statsmodels_and_numpy():
    frame = random_days()
    found = diurnal_cortisol(normalise(frame)).set_index("subject_id")
    assert len(found) == 40
    for subject, rows in frame.groupby("subject_id"):
        hours = (rows["collected_at"] - rows["collected_at"].min()).dt.total_seconds().to_numpy() / 3600
        amounts = rows["value"].to_numpy()
        slope = sm.OLS(np.log(amounts), sm.add_constant(hours)).fit().params[1]
        day = found.loc[subject]
        assert day["slope"] == pytest.approx(slope, rel=1e-9)
        assert day["auc_ground"] == pytest.approx(np.trapezoid(amounts, hours), rel=1e-12)
        assert day["auc_increase"] == pytest.approx(np.trapezoid(amounts - amounts[0], hours), rel=1e-9, abs=1e-9)
        assert day["minutes"] == pytest.approx(hours[-1] * 60, rel=1e-12)


@pytest.mark.parametrize("first", range(3))
def test_whatever_the_true_amounts_are_they_lie_within_the_bounds(first):
    rng = np.random.default_rng(first)
    frame = random_days(30, seed=100 + first)
    frame["comparator"] = rng.choice(["", "<", ">"], size=len(frame), p=[0.6, 0.25, 0.15])
    found = diurnal_cortisol(normalise(frame)).set_index("subject_id")
    assert (found["slope_reason"] == "censored").any()
    for subject, rows in frame.groupby("subject_id"):
        hours = (rows["collected_at"] - rows["collected_at"].min()).dt.total_seconds().to_numpy() / 3600
        for _ in range(20):
            share = rng.uniform(1e-3, 1, size=len(rows))
            true = rows["value"].to_numpy() * np.select(
                [rows["comparator"] == "<", rows["comparator"] == ">"], [share, 1 / share], 1.0
            )
            numbers = {
                "slope": np.polyfit(hours, np.log(true), 1)[0],
                "auc_ground": np.trapezoid(true, hours),
                "auc_increase": np.trapezoid(true - true[0], hours),
            }
            if rows["timepoint"].iloc[-1] == "night":
                numbers["peak_to_night_difference"] = true.max() - true[-1]
                numbers["peak_to_night_ratio"] = true.max() / true[-1]
            for name, number in numbers.items():
                low, high = found.loc[subject, f"{name}_low"], found.loc[subject, f"{name}_high"]
                assert math.isnan(low) or low <= number + 1e-6 * abs(number)
                assert math.isnan(high) or number - 1e-6 * abs(number) <= high


def test_a_night_below_the_limit_bounds_what_it_can():
    day = course(*full_day()[:3], point("night", comparator="<")).iloc[0]
    exact = course(*full_day()).iloc[0]
    assert [day[f"{name}_reason"] for name in ("slope", "auc", "peak")] == ["censored"] * 3
    assert day[list(SHOWN)].isna().all()
    # However low the night was, the slope was steeper than with the limit, and has no lower bound.
    assert day["slope_high"] == pytest.approx(exact["slope"], rel=1e-12)
    assert math.isnan(day["slope_low"])
    assert [day["auc_ground_low"], day["auc_ground_high"]] == pytest.approx([404 - 8 * 4, 404], rel=1e-12)
    assert [day["auc_increase_low"], day["auc_increase_high"]] == pytest.approx([-236 - 32, -236], rel=1e-12)
    assert [day["peak_to_night_difference_low"], day["peak_to_night_difference_high"]] == [40.0, 48.0]
    assert day["peak_to_night_ratio_low"] == pytest.approx(6.0, rel=1e-12)
    assert math.isnan(day["peak_to_night_ratio_high"])
    assert math.isnan(day["time_weighted_mean"])


def test_a_waking_amount_above_the_range_has_no_upper_bound_and_lowers_the_increase():
    day = course(point("waking", comparator=">"), *full_day()[1:]).iloc[0]
    assert math.isnan(day["auc_ground_high"])
    assert day["auc_ground_low"] == pytest.approx(404, rel=1e-12)
    # The first amount is taken away over all hours, and counts for one hour only.
    assert math.isnan(day["auc_increase_low"])
    assert day["auc_increase_high"] == pytest.approx(-236, rel=1e-12)


def test_a_censored_point_in_the_middle_of_time_does_not_move_the_slope():
    rows = [
        point("waking", 40.0, "2026-01-05 07:00"),
        point("afternoon", 20.0, "2026-01-05 15:00", comparator="<"),
        point("night", 8.0, "2026-01-05 23:00"),
    ]
    day = course(*rows).iloc[0]
    assert day["slope_low"] == day["slope_high"] == pytest.approx(math.log(8 / 40) / 16, rel=1e-12)
    assert (day["slope"], day["slope_reason"]) == (day["slope_low"], "")
    # Nor does it touch peak to night; the area it does.
    assert (day["peak_to_night_ratio"], day["peak_reason"], day["auc_reason"]) == (5.0, "", "censored")


def test_the_night_is_one_of_the_amounts_that_the_peak_is_among():
    day = course(point("waking", 5.0), point("night", 9.0)).iloc[0]
    assert (day["peak_to_night_difference"], day["peak_to_night_ratio"]) == (0.0, 1.0)


def test_a_night_after_midnight_belongs_to_the_day_before():
    found = course(*full_day()[:3], point("night", at="2026-01-06 00:40"), point("waking", at="2026-01-06 07:10"))
    assert found["day"].tolist() == [pd.Timestamp("2026-01-05"), pd.Timestamp("2026-01-06")]
    assert found["n_points"].tolist() == [4, 1]
    assert found["minutes"].iloc[0] == 17 * 60 + 40


def test_two_days_and_two_people_are_never_one_curve():
    rows = [point("waking"), point("night", subject_id="S2"), point("night", at="2026-01-06 23:00")]
    assert course(*rows)["n_points"].tolist() == [1, 1, 1]


def test_without_dates_rows_that_name_one_specimen_make_one_day():
    rows = [point(t, at="", specimen_id="U1") for t in TIMES] + [point("waking", at="", specimen_id="U2")]
    found = course(*rows)
    assert found["n_points"].tolist() == [4, 1]
    assert found["day"].isna().all()
    assert found["slope_reason"].tolist() == ["no_clock_time", "one_point"]
    assert found["peak_to_night_ratio"].iloc[0] == 6.0


def test_rows_without_person_date_and_specimen_stay_alone():
    rows = [point(t, subject_id=None, specimen_id=None) for t in TIMES]
    assert course(*rows)["n_points"].tolist() == [1] * 4


def test_a_month_is_no_date():
    rows = [point(t, at="2026-01-01", collected_precision="month") for t in TIMES]
    assert course(*rows)["n_points"].tolist() == [1] * 4


def test_a_change_of_the_clock_in_the_night_is_no_hour_of_the_day():
    # Summer time ends at 03:00 on 25 October 2026: from 23:00 to 04:00 six hours pass.
    rows = [
        point("waking", at="2026-10-24 23:00", utc_offset_min=120),
        point("morning", at="2026-10-24 23:30", utc_offset_min=120),
        point("night", at="2026-10-25 04:00", utc_offset_min=60),
    ]
    assert course(*rows)["minutes"].item() == 6 * 60
    for row in rows:
        del row["utc_offset_min"]
    assert course(*rows)["minutes"].item() == 5 * 60


REASONS = {
    "one_point": ([point("waking")], ("slope", "auc", "peak")),
    "several_results": (
        [*full_day(), point("waking", specimen_id="another")],
        ("slope", "auc", "peak"),
    ),
    "unlike_bases": (
        [*full_day()[:3], point("night", unit="ug/(24.h)", specimen="urine_24h")],
        ("slope", "auc", "peak"),
    ),
    "no_clock_time": ([point(t, at="2026-01-05", collected_precision="day") for t in TIMES], ("slope", "auc")),
    "times_out_of_order": (
        [*full_day()[:2], point("afternoon", at="2026-01-05 08:00"), point("night")],
        ("slope", "auc"),
    ),
    "no_night": (full_day()[:3], ("peak",)),
    "not_positive": ([*full_day()[:3], point("night", 0.0)], ("slope", "peak")),
    "censored": ([*full_day()[:3], point("night", comparator="<")], ("slope", "auc", "peak")),
}


@pytest.mark.parametrize(("reason", "case"), REASONS.items(), ids=REASONS)
def test_what_is_missing_says_why(reason, case):
    rows, missing = case
    day = course(*rows).iloc[0]
    assert [name for name in ("slope", "auc", "peak") if day[f"{name}_reason"] == reason] == list(missing)
    columns = {"slope": ["slope"], "auc": ["auc_ground", "auc_increase", "time_weighted_mean"]}
    columns["peak"] = ["peak_to_night_difference", "peak_to_night_ratio"]
    for name in missing:
        assert day[columns[name]].isna().all()
        if reason != "censored":
            bounds = [f"{column}_{end}" for column in columns[name] for end in ("low", "high")]
            assert day[[column for column in bounds if column in day]].isna().all()


def test_every_reason_was_met():
    assert {*REASONS, ""} == set(DIURNAL_REASONS)


def test_midnight_sharp_counts_as_a_clock_time_only_when_said_to_be_one():
    rows = [point("waking"), point("night", at="2026-01-06 00:00", collected_precision="minute")]
    assert course(*rows)["n_points"].item() == 2
    for row in rows:
        row["collected_precision"] = None
    assert course(*rows)["n_points"].tolist() == [1, 1]


def test_pooled_rows_stand_beside_the_curve_and_never_in_it():
    with_pool = course(*full_day(), point("pooled", 30.0)).iloc[0]
    without = course(*full_day()).iloc[0]
    assert with_pool[list(SHOWN)].tolist() == without[list(SHOWN)].tolist()
    assert with_pool["n_points"] == 4
    assert with_pool["pool_amount"] == 30.0
    assert with_pool["mean_to_pool_ratio"] == pytest.approx(404 / 16 / 30, rel=1e-12)
    assert math.isnan(without["pool_amount"])


@pytest.mark.parametrize(
    "pools",
    [
        [point("pooled", 30.0, comparator="<")],
        [point("pooled", 30.0), point("pooled", 31.0, specimen_id="another")],
        [point("pooled", 30.0, unit="ug/(24.h)", specimen="urine_24h")],
        [point("pooled", 30.0, at="2026-01-06 07:00")],
    ],
    ids=["censored", "two", "another unit", "another day"],
)
def test_a_pool_that_cannot_be_compared_is_not(pools):
    day = course(*full_day(), *pools).iloc[0]
    assert math.isnan(day["mean_to_pool_ratio"])
    assert day["auc_ground"] == pytest.approx(404, rel=1e-12)


def test_a_day_with_a_pool_alone_has_no_curve():
    assert course(point("pooled")).empty


def test_only_current_results_are_used():
    rows = [*full_day()[:3], point("night", 80.0), point("night", status="corrected")]
    assert course(*rows)["auc_ground"].item() == pytest.approx(404, rel=1e-12)


def test_per_volume_results_are_divided_by_the_creatinine_of_their_own_void():
    rows = [
        point(t, AMOUNTS[t] * creatinine, unit="ug/L") for t, creatinine in zip(TIMES, (2, 1, 0.5, 1.6), strict=True)
    ]
    extra = [
        {**row, "analyte_id": "creatinine", "value": creatinine, "unit": "g/L"}
        for row, creatinine in zip(rows, (2, 1, 0.5, 1.6), strict=True)
    ]
    assert course(*rows, *extra)["auc_ground"].item() == pytest.approx(404, rel=1e-9)
    # Without creatinine there is no amount, and no point.
    assert course(*rows)["n_points"].item() == 0
    assert course(*rows)["slope_reason"].item() == "one_point"


def test_another_analyte_may_be_asked_for_and_an_unknown_one_is_refused():
    rows = [{**row, "analyte_id": "cortisone"} for row in full_day()]
    assert course(*rows).empty
    assert course(*rows, analyte_id="cortisone")["auc_ground"].item() == pytest.approx(404, rel=1e-12)
    with pytest.raises(UnknownAnalyteError, match="Unknown analyte 'cortisl' in diurnal_cortisol"):
        course(*rows, analyte_id="cortisl")
    with pytest.raises(TableError, match="no column current"):
        diurnal_cortisol(pd.DataFrame(rows))


def test_pandas_polars_eager_and_lazy_give_the_same_table_in_the_order_of_the_rows():
    frame = normalise(random_days()).frame
    eager, lazy = diurnal_cortisol(pl.from_pandas(frame)), diurnal_cortisol(pl.from_pandas(frame).lazy())
    pandas = diurnal_cortisol(frame)
    assert isinstance(lazy, pl.LazyFrame)
    assert lazy.collect().equals(eager)
    assert pl.from_pandas(pandas, nan_to_null=True).cast(dict(eager.schema)).equals(eager)
    assert pandas["subject_id"].tolist() == frame["subject_id"].drop_duplicates().tolist()
    assert tuple(pandas.columns) == DIURNAL.names
    shuffled = diurnal_cortisol(frame.sample(frac=1.0, random_state=3)).sort_values("subject_id", ignore_index=True)
    pd.testing.assert_frame_equal(pandas.sort_values("subject_id", ignore_index=True), shuffled, rtol=1e-12)
