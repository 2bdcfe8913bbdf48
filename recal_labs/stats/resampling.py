"""Bootstrap resamples of subjects as row counts, so that a resampled mean or slope is a matrix product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, stdtrit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from recal_labs.stats.inputs import Floats


def resample_counts(strata: Sequence[int] | np.ndarray, n_resamples: int, seed: int) -> Floats:
    """Return how often each subject is drawn in each resample, every stratum keeping its size.

    Parameters
    ----------
    strata : array of int, shape (n_subjects,)
        Stratum of each subject.
    n_resamples, seed : int
        How many resamples, and the seed of the draws.

    Returns
    -------
    ndarray, shape (n_resamples, n_subjects)
        Counts; within a stratum they sum to its size.

    Examples
    --------
    >>> resample_counts([0, 0, 0, 1, 1], 2, seed=1).sum(axis=1).tolist()
    [5.0, 5.0]
    """
    rng = np.random.default_rng(seed)
    stratum = np.asarray(strata)
    counts = np.empty((n_resamples, len(stratum)))
    for value in np.unique(stratum):
        members = np.flatnonzero(stratum == value)
        counts[:, members] = rng.multinomial(len(members), np.full(len(members), 1 / len(members)), size=n_resamples)
    return counts


def weighted_means(counts: Floats, values: Floats) -> Floats:
    """Return the mean of each resample; NaN for one that drew nobody.

    Examples
    --------
    >>> weighted_means(np.array([[1.0, 1.0], [2.0, 0.0]]), np.array([3.0, 5.0])).tolist()
    [4.0, 3.0]
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        means: Floats = (counts @ values) / counts.sum(axis=1)
    return means


def weighted_slopes(counts: Floats, x: Floats, y: Floats) -> Floats:
    """Return the least-squares slope of y on x in each resample; NaN where x does not vary in it.

    Examples
    --------
    >>> counts = np.array([[1.0, 1.0, 1.0], [0.0, 1.0, 2.0], [3.0, 0.0, 0.0]])
    >>> weighted_slopes(counts, np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 6.0])).round(9).tolist()
    [2.5, 3.0, nan]
    """
    # Centring first keeps the sums of squares from losing digits to a large mean.
    x, y = x - x.mean(), y - y.mean()
    mean_x, mean_y, total = weighted_means(counts, x), weighted_means(counts, y), counts.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        xx = counts @ (x * x) / total - mean_x**2
        xy = counts @ (x * y) / total - mean_x * mean_y
        slopes: Floats = np.where(xx > 1e-12 * np.mean(x * x), xy / xx, np.nan)
    return slopes


def expanded_percentile_interval(resampled: Floats, confidence: float, n: int) -> tuple[float, float]:
    """Return percentile limits, widened for the narrowness of the bootstrap in small samples.

    Parameters
    ----------
    resampled : ndarray
        The statistic in each resample; NaN is left out.
    confidence : float
        Coverage aimed at.
    n : int
        Subjects that the statistic mostly rests on.

    Notes
    -----
    A bootstrap distribution is narrower than it should be by about sqrt((n - 1) / n), and knows no t quantiles. The
    levels a' with ``z(a') sqrt((n - 1) / n) = t(a, n - 1)`` make up for both (Hesterberg 2014, arXiv:1411.5279).

    Examples
    --------
    >>> low, high = expanded_percentile_interval(np.linspace(0, 1, 1001), 0.95, 10)
    >>> round(low, 4), round(high, 4)
    (0.0086, 0.9914)
    """
    level = float(ndtr(np.sqrt(n / (n - 1)) * stdtrit(n - 1, (1 + confidence) / 2)))
    low, high = np.nanquantile(resampled, [1 - level, level])
    return float(low), float(high)
