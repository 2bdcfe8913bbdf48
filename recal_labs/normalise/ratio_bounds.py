"""The quotient of two sums of which each part may be known only within bounds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add, and_
from typing import Any

import narwhals as nw

from recal_labs.normalise.bounds import LEFT, RIGHT
from recal_labs.normalise.ratio_parts import CODED, Slot


def _is(slot: Slot, comparators: Sequence[str]) -> Any:
    return slot.comparator().is_in([CODED.index(comparator) for comparator in comparators])


def _how_many(slots: Sequence[Slot], comparators: Sequence[str]) -> Any:
    return reduce(add, (_is(slot, comparators).cast(nw.Int64) for slot in slots))


def sums(side: str, slots: Sequence[Slot]) -> dict[str, Any]:
    """Return the expressions of one side: the sums of its parts' bounds, and how many parts have no bound or an open one.

    A part reported as ``< x`` lies between zero and x, one as ``> x`` has no upper bound.
    """
    low = [nw.when(~_is(slot, LEFT)).then(nw.col(slot.moles)).otherwise(nw.col(slot.moles) * 0.0) for slot in slots]
    return {
        f"{side}_low": reduce(add, low),
        f"{side}_high": reduce(add, (nw.col(slot.moles) for slot in slots)),
        f"{side}_unbounded": _how_many(slots, RIGHT),
        f"{side}_below": _how_many(slots, ("<",)),
        f"{side}_above": _how_many(slots, (">",)),
        f"{side}_plain": reduce(and_, (slot.comparator() == 0 for slot in slots)),
    }


def with_quotient(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``ratio``, ``ratio_comparator``, ``ratio_low``, ``ratio_high``, ``log_ratio`` and ``_outcome``.

    The frame holds the `sums` of both sides, ``n`` and ``d``, zero or more. The least that the quotient may be is the
    least numerator over the greatest denominator, the most the greatest numerator over the least denominator (interval
    arithmetic). It is one number where both agree, a limit where the one is zero or the other has no bound, and
    otherwise an interval without a number of its own.
    """
    endless_top, endless_bottom = nw.col("n_unbounded") > 0, nw.col("d_unbounded") > 0
    zero = (~endless_bottom & (nw.col("d_high") == 0.0)).fill_null(False)
    low = nw.when(endless_bottom).then(nw.col("n_low") * 0.0).otherwise(nw.col("n_low") / nw.col("d_high"))
    high = nw.when(~endless_top & (nw.col("d_low") > 0.0)).then(nw.col("n_high") / nw.col("d_low"))
    # Without a censored part both are one number, in whatever order the parts were added.
    high = nw.when(nw.col("n_plain") & nw.col("d_plain")).then(low).otherwise(high)
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
    outcome = (
        nw.when(nw.col("_zero"))
        .then(nw.lit("zero_denominator"))
        .when(known | at_most | at_least)
        .then(nw.lit(""))
        .when(most.is_null())
        .then(nw.lit("open"))
        .otherwise(nw.lit("interval_only"))
    )
    ratio = nw.when(known | at_least).then(least).when(at_most).then(most)
    frame = frame.with_columns(ratio=ratio, ratio_comparator=comparator, _outcome=outcome)
    # Not the logarithm of a limit: whoever averages it would have put the limit in the place of what lies below it.
    positive = (nw.col("ratio_comparator") == "") & (nw.col("ratio") > 0.0)
    return frame.with_columns(log_ratio=nw.when(positive).then(nw.col("ratio")).log())
