"""The quotient of two sums of which each part may be known only within bounds."""

from __future__ import annotations

from typing import Any

import narwhals as nw

BOUNDS = ("_low", "_high", "_unbounded", "_below", "_above")


def side_sums() -> list[Any]:
    """Return the sums of the parts' bounds on each side, ``n`` and ``d``, and how many lack one or never reach it."""
    sides = {"n": nw.col("_above_line"), "d": ~nw.col("_above_line")}
    return [
        nw.when(on_it).then(nw.col(name)).sum().alias(f"{side}{name}")
        for side, on_it in sides.items()
        for name in BOUNDS
    ]


def with_quotient(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``ratio``, ``ratio_comparator``, ``ratio_low``, ``ratio_high``, ``log_ratio`` and ``reason``.

    The frame holds the `side_sums`, zero or more, and ``_censored``, the number of censored parts. The least that the
    quotient may be is the least numerator over the greatest denominator, the most the greatest numerator over the least
    denominator (interval arithmetic). It is one number where both agree, a limit where the one is zero or the other has
    no bound, and otherwise an interval without a number of its own.
    """
    endless_top, endless_bottom = nw.col("n_unbounded") > 0, nw.col("d_unbounded") > 0
    zero = ~endless_bottom & (nw.col("d_high") == 0.0)
    low = nw.when(endless_bottom).then(nw.col("n_low") * 0.0).otherwise(nw.col("n_low") / nw.col("d_high"))
    bounded = nw.when(~endless_top & (nw.col("d_low") > 0.0)).then(nw.col("n_high") / nw.col("d_low"))
    # Without a censored part both are one number, in whatever order the parts were added.
    high = nw.when(nw.col("_censored") == 0).then(low).otherwise(bounded)
    frame = frame.with_columns(ratio_low=nw.when(~zero).then(low), ratio_high=nw.when(~zero).then(high), _zero=zero)
    least, most = nw.col("ratio_low"), nw.col("ratio_high")
    known = (least == most).fill_null(False)
    at_most, at_least = ~known & (least == 0.0) & ~most.is_null(), (least > 0.0) & most.is_null()
    strict_most = nw.col("n_below") + nw.col("d_above") > 0
    strict_least = nw.col("n_above") + nw.col("d_below") > 0
    comparator = (
        nw.when(at_most)
        .then(nw.when(strict_most).then(nw.lit("<")).otherwise(nw.lit("<=")))
        .when(at_least)
        .then(nw.when(strict_least).then(nw.lit(">")).otherwise(nw.lit(">=")))
        .otherwise(nw.lit(""))
    )
    reason = (
        nw.when(nw.col("_zero"))
        .then(nw.lit("zero_denominator"))
        .when(known | at_most | at_least)
        .then(nw.lit(""))
        .when(most.is_null())
        .then(nw.lit("open"))
        .otherwise(nw.lit("interval_only"))
    )
    ratio = nw.when(known | at_least).then(least).when(at_most).then(most)
    frame = frame.with_columns(ratio=ratio, ratio_comparator=comparator, reason=reason)
    # Not the logarithm of a limit: whoever averages it would have put the limit in the place of what lies below it.
    positive = (nw.col("ratio_comparator") == "") & (nw.col("ratio") > 0.0)
    return frame.with_columns(log_ratio=nw.when(positive).then(nw.col("ratio")).log())
