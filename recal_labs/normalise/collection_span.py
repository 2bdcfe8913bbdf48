"""When a specimen was collected: from the earliest moment it may have begun to the latest it may have ended."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.normalise.dilution import is_timed

# Of a timed collection whose duration nobody wrote down.
HOURS_OF_A_DAY = 24.0
MICROSECONDS_OF_AN_HOUR = 3_600_000_000


def precision() -> Any:
    """Return the expression of how precise ``collected_at`` is; where nobody says, midnight stands for a whole day."""
    at = nw.col("collected_at")
    midnight = (at.dt.hour() == 0) & (at.dt.minute() == 0) & (at.dt.second() == 0)
    return (
        nw.when(~nw.col("collected_precision").is_null())
        .then(nw.col("collected_precision"))
        .when(midnight)
        .then(nw.lit("day"))
        .otherwise(nw.lit("minute"))
    )


def latest_begin() -> Any:
    """Return the expression of the latest moment at which the collection may have begun, within its day or month."""
    at = nw.col("collected_at")
    return (
        nw.when(precision() == "month")
        .then(at.dt.offset_by("1mo").dt.offset_by("-1us"))
        .when(precision() == "day")
        .then(at.dt.offset_by("1d").dt.offset_by("-1us"))
        .otherwise(at)
    )


def latest_end() -> Any:
    """Return the expression of the latest moment at which the collection may have ended."""
    hours = nw.col("collection_hours")
    unwritten = nw.when(is_timed()).then(nw.lit(HOURS_OF_A_DAY)).otherwise(nw.lit(0.0))
    lasted = nw.when(hours > 0).then(hours).otherwise(unwritten) * MICROSECONDS_OF_AN_HOUR
    return latest_begin() + lasted.cast(nw.Int64).cast(nw.Duration("us"))
