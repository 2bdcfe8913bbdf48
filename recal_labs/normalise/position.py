"""Where a result stands against an interval: zlog, midpoint ratio, and L, N or H where censoring lets it be told."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
from numpy.typing import ArrayLike, NDArray

from recal_labs.choices import Choices
from recal_labs.errors import ReferenceLimitError
from recal_labs.normalise.bounds import OPEN
from recal_labs.normalise.printed_range import printed_limits

# The central 95 % of a normal distribution is 2 x 1.96 standard deviations wide (Hoffmann et al. 2017).
WIDTH_IN_SD = 3.92

# What is taken, on request, for a lower limit that is missing or zero: this share of the upper one. The manual of the R
# package zlog 1.0.2 (set_missing_limits) names Haeckel et al. 2015, doi:10.1515/cclm-2014-0874, for it.
ASSUMED_SHARE = 0.15


def _positive_limits(reference_low: ArrayLike, reference_high: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return centre and spread on the log scale, refusing limits that give none."""
    low, high = (np.asarray(a, dtype=float) for a in (reference_low, reference_high))
    if np.any(low <= 0) or np.any(high <= 0):
        raise ReferenceLimitError("zlog needs positive limits; a one-sided or zero-lower interval has no zlog.")
    if np.any(low >= high):
        raise ReferenceLimitError("zlog needs reference_low below reference_high.")
    return (np.log(low) + np.log(high)) / 2, (np.log(high) - np.log(low)) / WIDTH_IN_SD


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
    x = np.asarray(value, dtype=float)
    centre, spread = _positive_limits(reference_low, reference_high)
    with np.errstate(divide="ignore", invalid="ignore"):
        place = (np.log(x) - centre) / spread
    return np.where(x > 0, place, np.nan)


def from_zlog(z: ArrayLike, reference_low: ArrayLike, reference_high: ArrayLike) -> NDArray[np.float64]:
    """Return the result that stands at a zlog of an interval: where another lab would have put the same place.

    Parameters
    ----------
    z : array-like, shape (n_results,)
        Dimensionless. NaN stays NaN.
    reference_low, reference_high : float or array-like, shape (n_results,)
        The central 95 % interval. NaN stays NaN.

    Returns
    -------
    ndarray, shape (n_results,)
        In the unit of the limits.

    Raises
    ------
    ReferenceLimitError
        If a limit is not positive, or ``reference_low >= reference_high``.

    Notes
    -----
    ``low ** (0.5 - z / 3.92) * high ** (0.5 + z / 3.92)``, Hoffmann et al. 2017, doi:10.1515/labmed-2017-0135. It holds
    as far as both intervals were made from like people; two labs' intervals for one analyte often were not.

    Examples
    --------
    >>> from_zlog([-1.96, 0.0, 1.96], 2.0, 8.0).round(2).tolist()
    [2.0, 4.0, 8.0]
    """
    centre, spread = _positive_limits(reference_low, reference_high)
    result: NDArray[np.float64] = np.exp(centre + np.asarray(z, dtype=float) * spread)
    return result


def interpretation_of(amount: Any, comparator: Any, low: Any, high: Any) -> Any:
    """Return the expression of L, N, H, IND, or empty without an interval.

    A lower limit of zero is no limit, for nothing lies below it. A number below zero is no amount. A censored value is
    placed only where every amount it may stand for falls on the same side.
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
        nw.when(~(amount >= 0).fill_null(False) | ~(has_low | has_high))
        .then(nw.lit(""))
        .when(surely_low | (comparator == "") & below)
        .then(nw.lit("L"))
        .when(surely_high | (comparator == "") & above)
        .then(nw.lit("H"))
        .when((comparator == "") | within_left | within_right)
        .then(nw.lit("N"))
        .otherwise(nw.lit("IND"))
    )


def _interpretation() -> Any:
    """Return the expression of the place against the chosen interval.

    Where quantity and creatinine are censored on opposite sides the quotient may be anything: there is no amount, and
    an interval leaves it open.
    """
    amount, comparator = nw.col("position_amount"), nw.col("_position_comparator")
    low, high = nw.col("reference_low"), nw.col("reference_high")
    open_ = (comparator == OPEN) & ~nw.col("quantity").is_null() & ((low > 0).fill_null(False) | ~high.is_null())
    return (
        nw.when(open_.fill_null(False)).then(nw.lit("IND")).otherwise(interpretation_of(amount, comparator, low, high))
    )


def add_position(frame: nw.LazyFrame[Any], choices: Choices) -> nw.LazyFrame[Any]:
    """Add ``position_comparator``, ``zlog``, ``midpoint_ratio``, ``interpretation`` and ``lab_interpretation``.

    zlog needs a positive two-sided interval and a value that is neither censored nor zero. With the choice
    ``zero_lower_rule = "fifteen_percent"`` it takes 15 % of the upper limit for a lower limit that is missing or zero,
    and ``_lower_assumed`` is true; limits, midpoint ratio and interpretation never see that number.
    """
    amount, low, high = nw.col("position_amount"), nw.col("reference_low"), nw.col("reference_high")
    comparator = nw.col("_position_comparator")
    two_sided = ((low > 0) & (high > low)).fill_null(False)
    assumed = nw.lit(False)
    if choices.zero_lower_rule == "fifteen_percent":
        assumed = ~(low > 0).fill_null(False) & (high > 0).fill_null(False)
    lower = nw.when(assumed).then(high * ASSUMED_SHARE).otherwise(low)
    placeable = (two_sided | assumed) & (comparator == "") & (amount > 0).fill_null(False)
    centre, spread = (lower.log() + high.log()) / 2, (high.log() - lower.log()) / WIDTH_IN_SD
    value = nw.col("value")
    return frame.with_columns(
        position_comparator=nw.when(~amount.is_null()).then(comparator).otherwise(nw.lit("")),
        zlog=nw.when(placeable).then((amount.log() - centre) / spread),
        midpoint_ratio=nw.when(two_sided & (comparator == "")).then(amount / (low * high).sqrt()),
        interpretation=_interpretation(),
        lab_interpretation=interpretation_of(value, nw.col("comparator"), *printed_limits()),
        _lower_assumed=placeable & assumed,
    )
