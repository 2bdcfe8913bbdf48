"""Samples with values beyond a limit of detection: how many there are, and the sample made ready for a statistic."""

from __future__ import annotations

import math
import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from recal_labs.errors import ChoiceError
from recal_labs.stats.inputs import Codes, Floats, as_censoring, as_vector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

ASSUMES = ("subjects are independent", "limits of detection do not depend on the true values")
BEYOND = "beyond what a number holds"
LARGEST_LOG = math.log(sys.float_info.max)


def share_censored(values: ArrayLike, censoring: ArrayLike) -> Any:
    """Return which share of the values that are not missing is censored.

    Parameters
    ----------
    values : array-like, shape (n,) or (n, p)
        NaN is left out.
    censoring : array-like of the same shape
        -1 below the stated value, 1 above it, 0 exact.

    Returns
    -------
    float, or ndarray of shape (p,)
        NaN for a column without values.

    Examples
    --------
    >>> share_censored([1.0, 2.0, float("nan"), 4.0], [-1, 0, -1, 0]) == 1 / 3
    True
    """
    array = np.asarray(values, dtype=np.float64)
    codes = as_censoring(censoring, array.shape, "censoring")
    present = ~np.isnan(array)
    with np.errstate(invalid="ignore"):
        share = ((codes != 0) & present).sum(axis=0) / present.sum(axis=0)
    return float(share) if array.ndim == 1 else share


def censored_sample(values: ArrayLike, censoring: ArrayLike | None) -> tuple[Floats, Codes, str]:
    """Return the values that are not missing, their codes, and why they cannot be summarised; empty when they can.

    Raises
    ------
    ArrayError
        When shapes do not fit, or a code is not -1, 0 or 1.

    Examples
    --------
    >>> values, codes, reason = censored_sample([2, None, 5], [-1, 0, 0])
    >>> values.tolist(), codes.tolist(), reason
    ([2.0, 5.0], [-1, 0], '')
    """
    array = as_vector(values, "values")
    codes = as_censoring(censoring, array.shape, "censoring")
    present = ~np.isnan(array)
    array, codes = array[present], codes[present]
    reason = "no values" if not len(array) else "a value is infinite" if np.isinf(array).any() else ""
    return array, codes, reason


def percentile_names(probabilities: Sequence[float]) -> list[str]:
    """Return the names of the effects that percentiles are.

    Raises
    ------
    ChoiceError
        When a probability is not between 0 and 1.

    Examples
    --------
    >>> percentile_names([0.025, 0.5])
    ['percentile_2.5', 'percentile_50']
    """
    for p in probabilities:
        if not 0 < p < 1:
            raise ChoiceError(f"a probability is {p}; expected numbers between 0 and 1.")
    return [f"percentile_{100 * p:g}" for p in probabilities]


def exp_or_infinite(log: float) -> float:
    """Return e to a power; infinity, not an error, where that is more than a number holds (1.8e308).

    Examples
    --------
    >>> exp_or_infinite(0.0), exp_or_infinite(1e4)
    (1.0, inf)
    """
    return math.inf if log > LARGEST_LOG else math.exp(log)
