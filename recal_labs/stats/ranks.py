"""Mid-ranks, with censored values tied at the ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recal_labs.errors import ArrayError
from recal_labs.stats.inputs import Codes, Floats, as_censoring

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


def rank_censored(values: ArrayLike, censoring: ArrayLike | None = None) -> Floats:
    """Rank values from 1 upwards, ties sharing their mean rank and censored values sharing the end ranks.

    Parameters
    ----------
    values : array-like, shape (n_rows,) or (n_rows, n_columns)
        Each column is ranked on its own. NaN stays NaN and takes no rank.
    censoring : array-like of the same shape, optional
        -1 where the true value is below the stated one, 1 where it is above, 0 where it is exact; booleans mean
        "below" where true.

    Returns
    -------
    ndarray, same shape as `values`
        Mid-ranks. All values below a limit share the lowest rank, whatever their limits, and all values above a limit
        the highest.

    Raises
    ------
    ArrayError
        When there are more than two dimensions, or the censoring does not fit.

    Notes
    -----
    Sharing one rank is exact for a single limit with every exact value on its inner side. With several limits it treats
    an exact value below the highest limit as larger than all censored ones, although their order is not known;
    `correlate` says so when it happens. An infinite value ties with the censored ones of its side.

    Examples
    --------
    >>> rank_censored([5.0, 2.0, 2.0, 9.0]).tolist()
    [3.0, 1.5, 1.5, 4.0]
    >>> rank_censored([1.0, 2.0, 7.0, 3.0], [-1, -1, 0, 0]).tolist()
    [1.5, 1.5, 4.0, 3.0]
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim not in (1, 2):
        raise ArrayError(f"values have shape {array.shape}; expected one or two dimensions.")
    return mid_ranks(tie_censored(array, as_censoring(censoring, array.shape, "censoring")))


def tie_censored(values: Floats, censoring: Codes) -> Floats:
    """Return values in which everything below a limit is one lowest value, and everything above one the highest."""
    tied = np.where(censoring < 0, -np.inf, np.where(censoring > 0, np.inf, values))
    return np.where(np.isnan(values), np.nan, tied)


def mid_ranks(values: Floats) -> Floats:
    """Return mid-ranks along the first axis; NaN stays NaN.

    Examples
    --------
    >>> mid_ranks(np.array([[1.0, 4.0], [1.0, np.nan], [0.0, 2.0]])).tolist()
    [[2.5, 2.0], [2.5, nan], [1.0, 1.0]]
    """
    if not len(values):
        return values.copy()
    order = np.argsort(values, axis=0, kind="stable")
    ordered = np.take_along_axis(values, order, axis=0)
    place = np.arange(len(values)).reshape((-1,) + (1,) * (values.ndim - 1))
    # NaN sorts last and differs from itself, so each NaN is a group of its own behind every ranked value.
    changes = ordered[1:] != ordered[:-1]
    edge = np.ones((1, *values.shape[1:]), dtype=bool)
    first = np.maximum.accumulate(np.where(np.concatenate([edge, changes]), place, 0), axis=0)
    ends = np.where(np.concatenate([changes, edge]), place, len(values))
    last = np.minimum.accumulate(ends[::-1], axis=0)[::-1]
    ranks = np.empty_like(values)
    np.put_along_axis(ranks, order, (first + last) / 2 + 1, axis=0)
    ranks[np.isnan(values)] = np.nan
    return ranks


def tie_sums(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Return, for each column of complete values, the three sums over groups of t ties that rank tests need.

    Returns
    -------
    tuple of ndarray, each of shape (n_columns,)
        Sums of ``t (t - 1)``, ``t (t - 1)(t - 2)`` and ``t (t - 1)(2 t + 5)``.

    Examples
    --------
    >>> [float(s[0]) for s in tie_sums(np.array([[1.0], [1.0], [1.0], [2.0]]))]
    [6.0, 6.0, 66.0]
    """
    sums = np.zeros((3, values.shape[1]))
    for column in range(values.shape[1]):
        t = np.unique(values[:, column], return_counts=True)[1].astype(np.float64)
        pairs = t * (t - 1)
        sums[:, column] = pairs.sum(), (pairs * (t - 2)).sum(), (pairs * (2 * t + 5)).sum()
    return sums[0], sums[1], sums[2]
