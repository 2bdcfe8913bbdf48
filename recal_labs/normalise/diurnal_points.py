"""The points of a day's curve: which day a timed specimen belongs to, its clock time, its amount within bounds."""

from __future__ import annotations

from functools import reduce
from operator import and_
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
    """Return the points that have an amount, with its bounds (``_high`` is missing when unbounded) and ``_minutes``.

    Without an amount of its own, a result whose bounds are known is one of which only the sign is.
    """
    amount, comparator = nw.col("amount"), nw.col("amount_comparator").fill_null("")
    points = rows.filter(nw.col("timepoint") != POOLED).with_columns(
        _low=nw.when(amount.is_null()).then(nw.col("amount_low")).otherwise(lower_bound(amount, comparator)),
        _high=upper_bound(amount, comparator),
        _censored=amount.is_null() | (comparator != ""),
    )
    return points.filter(~nw.col("_low").is_null()).with_columns(_minutes=_minutes_since_first())


def _minutes_since_first() -> Any:
    """Return the expression of minutes between local times, less the change of the offset from UTC if all have one."""
    at, offset = nw.col("collected_at"), nw.col("utc_offset_min")
    elapsed = (at - at.min().over(*DAY)).dt.total_seconds() / 60.0
    every_one = offset.is_null().cast(nw.Int64).max().over(*DAY) == 0
    change = (offset - offset.min().over(*DAY)).cast(nw.Float64)
    return elapsed - nw.when(every_one).then(change).otherwise(nw.lit(0.0))


def days_of(points: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Set the points of each day side by side: ``_hour_0`` (waking) to ``_hour_3`` (night), ``_low_0`` and so on.

    Side by side, so that they are added in one order whatever engine counts: the same day gives the same number, to the
    last bit.
    """
    found: dict[str, Any] = {
        "n_points": nw.len(),
        "_clocked": nw.col("_clock").min(),
        "_any_censored": nw.col("_censored").max(),
        "_any_zero": (~nw.col("_censored") & (nw.col("_low") <= 0.0)).max(),
        "_any_negative": (nw.col("_low") < 0.0).max(),
        "amount_unit": nw.col("amount_unit").min(),
        "_last_unit": nw.col("amount_unit").max(),
        "basis": nw.col("basis").min(),
        "_last_basis": nw.col("basis").max(),
    }
    for k, name in enumerate(POINTS):
        here = nw.col("timepoint") == name
        found |= {
            f"_is_{k}": here.max(),
            f"_hour_{k}": nw.when(here).then(nw.col("_minutes")).max() / 60.0,
            f"_low_{k}": nw.when(here).then(nw.col("_low")).max(),
            f"_high_{k}": nw.when(here).then(nw.col("_high")).max(),
        }
    days = points.group_by(*DAY).agg(*(each.alias(name) for name, each in found.items()))
    named = [nw.when(nw.col(f"_is_{k}")).then(nw.lit(name)) for k, name in enumerate(POINTS)]
    kinds = sum(nw.col(f"_is_{k}").cast(nw.Int64) for k in range(len(POINTS)))
    return days.with_columns(
        n_points=nw.col("n_points").cast(nw.Int64),
        timepoints=nw.concat_str(named, separator=";", ignore_nulls=True),
        _several=nw.col("n_points").cast(nw.Int64) > kinds,
        _unlike=(nw.col("amount_unit") != nw.col("_last_unit")) | (nw.col("basis") != nw.col("_last_basis")),
        **_neighbours(),
    ).with_columns(**_span())


def _neighbours() -> dict[str, Any]:
    """Return for each point the hours of those before and after it that there are; its own at the ends."""
    hours = [nw.col(f"_hour_{k}") for k in range(len(POINTS))]
    found = {}
    for k, own in enumerate(hours):
        found[f"_before_{k}"] = nw.when(~own.is_null()).then(nw.coalesce(*reversed(hours[:k]), own))
        found[f"_after_{k}"] = nw.when(~own.is_null()).then(nw.coalesce(*hours[k + 1 :], own))
    return found


def _span() -> dict[str, Any]:
    """Return the hours from the first point to the last, and whether each point is later than the one before it."""
    hours = [nw.col(f"_hour_{k}") for k in range(len(POINTS))]
    later = [nw.lit(True)]
    for k, own in enumerate(hours[1:], start=1):
        earlier = nw.coalesce(*reversed(hours[:k]))
        later.append((own > earlier).fill_null(True))
    return {
        "_hours": nw.coalesce(*reversed(hours)) - nw.coalesce(*hours),
        "_first_hour": nw.coalesce(*hours),
        "_ordered": reduce(and_, later),
    }
