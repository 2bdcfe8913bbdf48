"""The points of a day's curve: which day a timed specimen belongs to, its clock time, its amount within bounds."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.normalise.bounds import lower_bound, upper_bound
from recal_labs.normalise.frames import ROW

POINTS = ("waking", "morning", "afternoon", "night")
POOLED, NIGHT = "pooled", "night"
DAY = ("_dated", "_day_row")
NEEDED = (
    "subject_id",
    "specimen_id",
    "collected_at",
    "utc_offset_min",
    "collected_precision",
    "timepoint",
    "analyte_id",
    "current",
    "amount",
    "amount_comparator",
    "amount_low",
    "amount_unit",
    "basis",
)


def _has_clock() -> Any:
    """Return the expression that is true where a clock time is known; midnight sharp counts only if said to be one."""
    precision, at = nw.col("collected_precision"), nw.col("collected_at")
    told = (precision == "minute").fill_null(False)
    shown = precision.is_null() & ((at.dt.hour() > 0) | (at.dt.minute() > 0) | (at.dt.second() > 0))
    return ~at.is_null() & (told | shown.fill_null(False))


def timed_rows(frame: nw.LazyFrame[Any], analyte_id: str) -> nw.LazyFrame[Any]:
    """Return the current timed and pooled results of one analyte, each with the day it belongs to.

    A day is one date of one person; a night specimen taken before noon was taken after midnight, and belongs to the day
    before. Without a date or a person, rows belong together only when they name one specimen.
    """
    kept = nw.col("current").fill_null(False) & (nw.col("analyte_id") == analyte_id)
    frame = frame.filter(kept & nw.col("timepoint").is_in([*POINTS, POOLED])).with_columns(_clock=_has_clock())
    at = nw.col("collected_at")
    late = (nw.col("timepoint") == NIGHT) & nw.col("_clock")
    day = nw.when(late).then(at.dt.offset_by("-12h")).otherwise(at).dt.truncate("1d")
    dated = (
        ~at.is_null() & ~nw.col("subject_id").is_null() & ~(nw.col("collected_precision") == "month").fill_null(False)
    )
    frame = frame.with_columns(day=nw.when(dated).then(day), _dated=dated)
    row = nw.col(ROW).cast(nw.Int64)
    first = (
        nw.when(dated)
        .then(row.min().over("subject_id", "day"))
        .when(~nw.col("specimen_id").is_null())
        .then(row.min().over("subject_id", "specimen_id", "_dated"))
        .otherwise(row)
    )
    return frame.with_columns(_day_row=first)


def points_of(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the points that have an amount, with ``_hours`` since the first of their day and their bounds.

    Adds ``_order`` (waking first), ``_low`` and ``_high`` (missing when unbounded), ``_censored``, ``_before`` and
    ``_after`` (the hours of the neighbouring points; a point's own at the ends).
    """
    amount, comparator = nw.col("amount"), nw.col("amount_comparator").fill_null("")
    # Without an amount of its own, a result whose bounds are known is one of which only the sign is.
    low = nw.when(amount.is_null()).then(nw.col("amount_low")).otherwise(lower_bound(amount, comparator))
    order = nw.col("timepoint").replace_strict(
        list(POINTS), list(range(len(POINTS))), default=None, return_dtype=nw.Int64
    )
    points = rows.filter(nw.col("timepoint") != POOLED).with_columns(
        _order=order,
        _low=low,
        _high=upper_bound(amount, comparator),
        _censored=amount.is_null() | (comparator != ""),
    )
    points = points.filter(~nw.col("_low").is_null())
    points = points.with_columns(_hours=_minutes_since_first() / 60.0)
    points = points.with_columns(_hours=nw.col("_hours") - nw.col("_hours").min().over(*DAY))
    hours = nw.col("_hours")
    before = hours.shift(1).over(*DAY, order_by=("_order", ROW))
    after = hours.shift(-1).over(*DAY, order_by=("_order", ROW))
    return points.with_columns(
        _first=before.is_null(), _before=nw.coalesce(before, hours), _after=nw.coalesce(after, hours)
    )


def _minutes_since_first() -> Any:
    """Return the expression of minutes between local times, less the change of the offset from UTC if all have one."""
    at, offset = nw.col("collected_at"), nw.col("utc_offset_min")
    elapsed = (at - at.min().over(*DAY)).dt.total_seconds() / 60.0
    every_one = offset.is_null().cast(nw.Int64).max().over(*DAY) == 0
    return elapsed - nw.when(every_one).then(offset.cast(nw.Float64)).otherwise(nw.lit(0.0))
