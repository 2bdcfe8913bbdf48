"""Kendall's tau-b for whole grids: the signs of all pairs of rows, and how much tau varies when nothing is there."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr

from recal_labs.stats.ranks import tie_sums

if TYPE_CHECKING:
    from recal_labs.stats.inputs import Floats

EXACT_UP_TO = 33
_BLOCK_VALUES = 2_000_000


def concordance(x: Floats, y: Floats) -> Floats:
    """Return concordant minus discordant pairs of rows, for each column of x with each column of y.

    Parameters
    ----------
    x, y : ndarray, shape (n, p) and (n, q)
        Complete values.

    Returns
    -------
    ndarray, shape (p, q)
        Whole numbers.

    Examples
    --------
    >>> concordance(np.array([[1.0], [2.0], [3.0]]), np.array([[1.0], [3.0], [2.0]])).tolist()
    [[1.0]]
    """
    total = np.zeros((x.shape[1], y.shape[1]))
    rows = max(1, _BLOCK_VALUES // max(1, len(x) * (x.shape[1] + y.shape[1])))
    for start in range(0, len(x) - 1, rows):
        stop = min(start + rows, len(x) - 1)
        # Rows after `start` only: within the block a pair is met twice, which the upper triangle undoes.
        later = np.arange(start + 1, len(x)) > np.arange(start, stop)[:, np.newaxis]
        total += _signs(x, start, stop, later).T @ _signs(y, start, stop, later)
    return total


def _signs(values: Floats, start: int, stop: int, later: np.ndarray) -> Floats:
    """Return the sign of each later row against each row of a block, shape (pairs, columns)."""
    after, row = values[np.newaxis, start + 1 :, :], values[start:stop, np.newaxis, :]
    # Comparisons rather than a difference: censored values are infinite, and infinity minus itself is no number.
    signs: Floats = (after > row).astype(np.float64) - (after < row)
    return signs[later]


def tau_b(x: Floats, y: Floats) -> Floats:
    """Return tau-b of each column of x with each column of y; columns vary and are complete.

    Examples
    --------
    >>> tau_b(np.array([[1.0], [2.0], [3.0], [4.0]]), np.array([[1.0], [2.0], [2.0], [3.0]])).round(4).tolist()
    [[0.9129]]
    """
    return concordance(x, y) / np.sqrt(np.outer(_untied_pairs(x), _untied_pairs(y)))


def _untied_pairs(values: Floats) -> Floats:
    n = len(values)
    return (n * (n - 1) - tie_sums(values)[0]) / 2


def partial_tau_b(x: Floats, y: Floats, covariates: Floats) -> Floats:
    """Return tau-b of each column of x with each of y, covariates held constant.

    Parameters
    ----------
    x, y, covariates : ndarray, shape (n, p), (n, q) and (n, k)
        Complete, varying columns; the covariates are not determined by one another.

    Returns
    -------
    ndarray, shape (p, q)
        NaN where the covariates order a column completely.

    Notes
    -----
    tau-b is the product-moment correlation of the signs of pairs of rows, so it is made partial as any correlation is:
    the signs of x and of y are each regressed on the signs of the covariates. With one covariate this is
    ``(t_xy - t_xz t_yz) / sqrt((1 - t_xz²)(1 - t_yz²))``, and in general what the R package ppcor computes (Kim 2015,
    Communications for Statistical Applications and Methods 22:665-674).
    """
    among, of_x, of_y = tau_b(covariates, covariates), tau_b(covariates, x), tau_b(covariates, y)
    inverse = np.linalg.pinv(among, hermitian=True)
    left_x = 1 - np.einsum("ip,ij,jp->p", of_x, inverse, of_x)
    left_y = 1 - np.einsum("iq,ij,jq->q", of_y, inverse, of_y)
    left = np.outer(np.where(left_x > 1e-12, left_x, np.nan), np.where(left_y > 1e-12, left_y, np.nan))
    return (tau_b(x, y) - of_x.T @ inverse @ of_y) / np.sqrt(left)


def tau_b_p_values(tau: Floats, x: Floats, y: Floats, n_covariates: int) -> Floats:
    """Return two-sided p-values of tau-b, shape (p, q).

    Notes
    -----
    Without ties and covariates, and up to 33 rows, from the exact distribution of the number of discordant pairs. In
    all other cases normal, with the variance that the ties leave; k covariates take k rows from n, as in the R package
    ppcor. A t distribution on n - 2 - k degrees of freedom, right for Pearson's and Spearman's coefficients, would be
    wrong here: under independence the standard deviation of tau is about 2/3 of theirs.
    """
    n = len(x)
    x_ties, y_ties = tie_sums(x), tie_sums(y)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = tau / np.sqrt(_null_variance(n, x_ties, y_ties) * _fewer_rows(n, n_covariates))
        p = 2 * ndtr(-np.abs(z))
    if n_covariates == 0 and n <= EXACT_UP_TO:
        untied = np.outer(x_ties[0] == 0, y_ties[0] == 0)
        p[untied] = _exact_p(n)[_discordant(tau[untied], n)]
    return p


def _null_variance(n: int, x: tuple[Floats, Floats, Floats], y: tuple[Floats, Floats, Floats]) -> Floats:
    """Return the variance of tau-b under independence given the ties (Kendall's, as scipy.stats.kendalltau has it)."""
    pairs = n * (n - 1.0)
    of_s = (pairs * (2 * n + 5) - x[2][:, np.newaxis] - y[2]) / 18 + np.outer(x[0], y[0]) / (2 * pairs)
    if n > 2:
        of_s = of_s + np.outer(x[1], y[1]) / (9 * pairs * (n - 2))
    return of_s / np.outer((pairs - x[0]) / 2, (pairs - y[0]) / 2)


def _fewer_rows(n: int, k: int) -> float:
    """Return by what factor the variance of an untied tau grows from n rows to n - k."""

    def variance(rows: int) -> float:
        return 2 * (2 * rows + 5) / (9 * rows * (rows - 1)) if rows > 1 else np.nan

    return variance(n - k) / variance(n)


def _discordant(tau: Floats, n: int) -> np.ndarray:
    """Return the number of discordant pairs behind an untied tau."""
    return np.rint((1 - tau) * n * (n - 1) / 4).astype(np.int64)


@lru_cache(maxsize=64)
def _exact_p(n: int) -> Floats:
    """Return the two-sided p-value for each possible number of discordant pairs among n untied rows."""
    chance = np.ones(1)
    # The row ranked m-th is discordant with 0 to m - 1 of those before it, each with the same chance.
    for m in range(2, n + 1):
        chance = np.convolve(chance, np.full(m, 1 / m))
    one_sided = np.cumsum(chance)
    p: Floats = np.minimum(1.0, 2 * np.minimum(one_sided, one_sided[::-1]))
    return p
