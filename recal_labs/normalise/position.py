"""Where a result stands against an interval: zlog, midpoint ratio, and L, N or H where censoring lets it be told."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import ArrayLike, NDArray

from recal_labs.errors import ReferenceLimitError

# The central 95 % of a normal distribution is 2 x 1.96 standard deviations wide (Hoffmann et al. 2017).
WIDTH_IN_SD = 3.92


def zlog(value: ArrayLike, reference_low: ArrayLike, reference_high: ArrayLike) -> NDArray[np.float64]:
    """Place results on the log scale of their reference interval.

    Parameters
    ----------
    value : array-like, shape (n_results,)
        Positive results in the unit of the limits. NaN stays NaN.
    reference_low, reference_high : float or array-like, shape (n_results,)
        The central 95 % interval (2.5th and 97.5th percentiles). NaN stays NaN.

    Returns
    -------
    ndarray, shape (n_results,)
        Dimensionless: 0 at the geometric centre, ±1.96 at the limits.

    Raises
    ------
    ReferenceLimitError
        If a limit is not positive, or ``reference_low >= reference_high``.

    Notes
    -----
    ``(ln x - m) / s`` with ``m = (ln low + ln high) / 2`` and ``s = (ln high - ln low) / 3.92``; assumes log-normal
    reference values. Hoffmann et al. 2017, doi:10.1515/labmed-2016-0087.

    Examples
    --------
    >>> zlog([4.0, 8.0], 2.0, 8.0).round(2).tolist()
    [0.0, 1.96]
    """
    x, low, high = (np.asarray(a, dtype=float) for a in (value, reference_low, reference_high))
    if np.any(low <= 0) or np.any(high <= 0):
        raise ReferenceLimitError("zlog needs positive limits; a one-sided or zero-lower interval has no zlog.")
    if np.any(low >= high):
        raise ReferenceLimitError("zlog needs reference_low below reference_high.")
    with np.errstate(divide="ignore", invalid="ignore"):
        centre, spread = (np.log(low) + np.log(high)) / 2, (np.log(high) - np.log(low)) / WIDTH_IN_SD
        place = (np.log(x) - centre) / spread
    return np.where(x > 0, place, np.nan)


def _interpretation(amount: Any, comparator: Any, low: Any, high: Any) -> Any:
    """Return the expression of L, N, H, IND, or empty without an interval.

    A lower limit of zero is no limit, for nothing lies below it. A censored value is placed only where every amount it
    may stand for falls on the same side.
    """
    has_low, has_high = (low > 0).fill_null(False), ~high.is_null()
    below, above = (has_low & (amount < low)).fill_null(False), (has_high & (amount > high)).fill_null(False)
    at_low, at_high = (has_low & (amount <= low)).fill_null(False), (has_high & (amount >= high)).fill_null(False)
    left, right = comparator.is_in(["<", "<="]), comparator.is_in([">", ">="])
    surely_low = (comparator == "<") & at_low | (comparator == "<=") & below
    surely_high = (comparator == ">") & at_high | (comparator == ">=") & above
    within_left = left & ~has_low & (amount <= high).fill_null(False)
    within_right = right & ~has_high & (amount >= low).fill_null(False)
    return (
        nw.when(amount.is_null() | ~(has_low | has_high))
        .then(nw.lit(""))
        .when(surely_low | (comparator == "") & below)
        .then(nw.lit("L"))
        .when(surely_high | (comparator == "") & above)
        .then(nw.lit("H"))
        .when((comparator == "") | within_left | within_right)
        .then(nw.lit("N"))
        .otherwise(nw.lit("IND"))
    )


def add_position(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``zlog``, ``midpoint_ratio``, ``interpretation`` and ``lab_interpretation``.

    zlog and midpoint ratio need a positive two-sided interval and a value that is neither censored nor zero.
    """
    amount, low, high = nw.col("position_amount"), nw.col("reference_low"), nw.col("reference_high")
    two_sided = ((low > 0) & (high > low)).fill_null(False)
    comparator = nw.col("_position_comparator")
    placeable = two_sided & (comparator == "") & (amount > 0).fill_null(False)
    centre = (low.log() + high.log()) / 2
    spread = (high.log() - low.log()) / WIDTH_IN_SD
    return frame.with_columns(
        zlog=nw.when(placeable).then((amount.log() - centre) / spread),
        midpoint_ratio=nw.when(two_sided).then(amount / (low * high).sqrt()),
        interpretation=_interpretation(amount, comparator, low, high),
        lab_interpretation=_interpretation(
            nw.col("value"), nw.col("comparator"), nw.col("reported_low"), nw.col("reported_high")
        ),
    )
