"""Correlation coefficients of complete rows, covariates held constant, with their p-values and analytic intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln, ndtri, stdtr

from recal_labs.stats.kendall import partial_tau_b, tau_b, tau_b_p_values
from recal_labs.stats.ranks import mid_ranks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from recal_labs.stats.inputs import Floats

# Rows that one coefficient of each method needs beyond the covariates: the interval's variance must be defined.
ROWS_NEEDED = {"spearman": 4, "pearson": 4, "kendall": 5}
_ROUNDING = 1e-13


@dataclass(frozen=True, eq=False)
class Coefficients:
    """Coefficients of every column of x with each of y, and their p-values; NaN where covariates determine a column."""

    estimate: Floats
    p_value: Floats


def independent_columns(covariates: Floats) -> Floats:
    """Return the covariate columns that add something: constants and repetitions of earlier columns fall out.

    Examples
    --------
    >>> independent_columns(np.array([[1.0, 5.0, 2.0], [2.0, 5.0, 4.0], [4.0, 5.0, 8.0]])).tolist()
    [[1.0], [2.0], [4.0]]
    """
    basis, kept = np.empty((len(covariates), 0)), []
    for column in range(covariates.shape[1]):
        centred = covariates[:, column] - covariates[:, column].mean()
        left = centred - basis @ (basis.T @ centred)
        if np.linalg.norm(left) > 1e-9 * max(float(np.linalg.norm(covariates[:, column])), 1e-300):
            kept.append(column)
            basis = np.column_stack([basis, left / np.linalg.norm(left)])
    return covariates[:, kept]


def coefficients(x: Floats, y: Floats, covariates: Floats, method: str) -> Coefficients:
    """Return the coefficients of complete, varying columns.

    Parameters
    ----------
    x, y : ndarray, shape (n, p) and (n, q)
        Ranked already, or infinite where censored, for the rank methods.
    covariates : ndarray, shape (n, k)
        Columns as `independent_columns` returns them; k may be 0.
    method : {"spearman", "pearson", "kendall"}
        Which coefficient.
    """
    k = covariates.shape[1]
    if method == "kendall":
        tau = partial_tau_b(x, y, covariates) if k else tau_b(x, y)
        tau = _snap(tau)
        return Coefficients(tau, tau_b_p_values(tau, x, y, k))
    ranked = method == "spearman"
    if ranked:
        x, y, covariates = mid_ranks(x), mid_ranks(y), mid_ranks(covariates)
    r = _snap(_residual_directions(x, covariates).T @ _residual_directions(y, covariates))
    p = t_test_p(r, len(x) - 2 - k)
    if ranked and k == 0:
        perfect = np.abs(r) == 1
        if perfect.any():
            p[perfect] = np.broadcast_to(_permutation_p_if_perfect(x)[:, np.newaxis], r.shape)[perfect]
    return Coefficients(r, p)


def _residual_directions(values: Floats, covariates: Floats) -> Floats:
    """Return columns centred, freed of the covariates, and scaled to length 1; NaN where nothing is left."""
    centred = values - values.mean(axis=0)
    size = np.linalg.norm(centred, axis=0)
    if covariates.shape[1]:
        basis = np.linalg.qr(covariates - covariates.mean(axis=0))[0]
        # Twice: a second projection removes what rounding left of the first.
        for _ in range(2):
            centred = centred - basis @ (basis.T @ centred)
    left = np.linalg.norm(centred, axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(left > 1e-10 * size, centred / left, np.nan)


def _snap(r: Floats) -> Floats:
    """Return coefficients in which -1 and 1 are exact: rounding must not make a perfect one look merely strong."""
    return np.where(1 - np.abs(r) < _ROUNDING, np.sign(r), r)


def t_test_p(r: Floats, df: int) -> Floats:
    """Return two-sided p-values of ``r sqrt(df / (1 - r²))`` against Student's t on `df` degrees of freedom.

    Examples
    --------
    >>> t_test_p(np.array([0.0, 0.5]), 10).round(4).tolist()
    [1.0, 0.0979]
    """
    with np.errstate(divide="ignore"):
        t = np.abs(r) * np.sqrt(df / (1 - r * r))
    p: Floats = 2 * stdtr(df, -t)
    return p


def _permutation_p_if_perfect(ranks: Floats) -> Floats:
    """Return, for each column, the p-value of a perfect rank correlation: the share of orders that give one.

    The t approximation gives 0, which no finite number of rows can. Of the n! orders, those that only exchange ties
    keep the correlation at 1, and at most as many again turn it to -1.
    """
    p = np.empty(ranks.shape[1])
    for column in range(ranks.shape[1]):
        ties = np.unique(ranks[:, column], return_counts=True)[1]
        p[column] = min(1.0, 2 * np.exp(gammaln(ties + 1).sum() - gammaln(len(ranks) + 1)))
    return p


def analytic_interval(
    r: Floats, n: NDArray[np.int64] | int, k: NDArray[np.int64] | int, method: str, confidence: float
) -> tuple[Floats, Floats]:
    """Return the limits of intervals made on Fisher's scale, ``tanh(atanh r ± z se)``.

    Parameters
    ----------
    r : ndarray
        Coefficients.
    n, k : int or ndarray
        Rows and covariates behind each.
    method : {"spearman", "pearson", "kendall"}
        ``se²`` is ``(1 + r²/2) / (n - k - 3)`` for Spearman (Bonett & Wright 2000, doi:10.1007/BF02294183),
        ``1 / (n - k - 3)`` for Pearson (Fisher) and ``0.437 / (n - k - 4)`` for Kendall (Fieller, Hartley & Pearson
        1957, as in the R package correlation).
    confidence : float
        Coverage aimed at.

    Returns
    -------
    tuple of ndarray
        Lower and upper limits; NaN for a perfect coefficient, to which the scale gives no width.

    Examples
    --------
    >>> low, high = analytic_interval(np.array([0.8699639]), 15, 0, "spearman", 0.95)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.5841], [0.9638])
    """
    inside = np.where(np.abs(r) < 1, r, np.nan)
    # NaN where the coefficient is missing anyway: with too few rows the variance is none.
    left = np.where(np.isnan(inside), np.nan, np.asarray(n, dtype=np.float64) - k)
    if method == "kendall":
        variance = 0.437 / (left - 4)
    else:
        variance = (1 + inside * inside / 2 if method == "spearman" else 1.0) / (left - 3)
    half = ndtri((1 + confidence) / 2) * np.sqrt(variance)
    return np.tanh(np.arctanh(inside) - half), np.tanh(np.arctanh(inside) + half)
