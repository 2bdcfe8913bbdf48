"""Correlations of two variables, or of every column with every column, with covariates held constant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recal_labs.errors import ArrayError
from recal_labs.stats.coefficients import ROWS_NEEDED, analytic_interval, coefficients, independent_columns
from recal_labs.stats.correlation_grid import COEFFICIENT, CorrelationGrid
from recal_labs.stats.inputs import (
    Codes,
    Flags,
    Floats,
    as_censoring,
    as_matrix,
    as_vector,
    check_confidence,
    is_present,
    one_of,
    same_length,
)
from recal_labs.stats.ranks import tie_censored

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike, NDArray

    from recal_labs.estimate import Estimate

INTERVALS = ("analytic",)


def correlate(
    x: ArrayLike,
    y: ArrayLike,
    *,
    method: str = "spearman",
    covariates: ArrayLike | None = None,
    ci: str = "analytic",
    confidence: float = 0.95,
    x_censoring: ArrayLike | None = None,
    y_censoring: ArrayLike | None = None,
    min_n: int = 4,
    names: tuple[str, str] = ("x", "y"),
) -> Estimate:
    """Correlate two variables, with covariates held constant if any are given.

    Parameters
    ----------
    x, y : array-like, shape (n_subjects,)
        One value a subject. Subjects with a missing value, in either or in a covariate, are left out.
    method : {"spearman", "pearson", "kendall"}
        Spearman's rho, Pearson's r or Kendall's tau-b.
    covariates : array-like, shape (n_subjects,) or (n_subjects, k), optional
        Numbers; categories as 0/1 columns. A column that does not vary, or repeats others, is not counted.
    ci : {"analytic"}
        How the interval is made.
    confidence : float
        Coverage aimed at.
    x_censoring, y_censoring : array-like, shape (n_subjects,), optional
        -1 where the true value is below the stated one, 1 where above, 0 where exact. Censored values share the lowest
        or the highest rank; Pearson's r cannot use them.
    min_n : int
        Fewest complete subjects at which the pair is tested; never fewer than the interval needs.
    names : tuple of str
        What x and y are called in reasons and warnings.

    Returns
    -------
    Estimate
        Effect ``spearman_rho``, ``pearson_r`` or ``kendall_tau_b``, with ``partial_`` before it under covariates; `n`
        is the number of subjects used. Missing, with the reason, when there are too few subjects, a variable is
        constant, infinite or censored throughout, or the covariates determine it. The limits are NaN when the
        correlation is perfect.

    Raises
    ------
    ArrayError
        When shapes do not fit.
    UnknownWordError
        When `method` or `ci` is not known.
    ChoiceError
        When the confidence is not between 0 and 1.

    Notes
    -----
    A partial Spearman correlation is the Pearson correlation of the residuals of both rankings on the ranked covariates
    (for a 0/1 column ranking changes nothing); a partial tau-b is explained in `partial_tau_b`. Pearson's and
    Spearman's coefficients are tested by t on n - 2 - k degrees of freedom, tau-b by its own null distribution. The
    intervals are those of `analytic_interval`, with k rows taken from n.

    Examples
    --------
    >>> y = [21, 4, 9, 12, 35, 18, 10, 22, 24, 1, 6, 8, 13, 16, 19]
    >>> x = [67, 28, 30, 28, 52, 40, 25, 37, 44, 10, 14, 20, 28, 40, 51]
    >>> print(correlate(x, y))
    spearman_rho 0.87 (95 % CI 0.58 to 0.96), n = 15, Spearman's rank correlation, Bonett-Wright interval
    >>> print(correlate([1, 1, 1, 1, 1], [1, 2, 3, 4, 5], method="pearson"))
    pearson_r missing: x is constant (n = 5)
    """
    one_of(ci, INTERVALS, "interval")
    grid = correlate_matrix(
        as_vector(x, "x"),
        as_vector(y, "y"),
        method=method,
        covariates=covariates,
        x_censoring=x_censoring,
        y_censoring=y_censoring,
        confidence=confidence,
        min_n=min_n,
        names=names,
    )
    return grid.at(0, 0)


def correlate_matrix(
    X: ArrayLike,
    Y: ArrayLike,
    *,
    method: str = "spearman",
    covariates: ArrayLike | None = None,
    x_censoring: ArrayLike | None = None,
    y_censoring: ArrayLike | None = None,
    confidence: float = 0.95,
    min_n: int = 4,
    names: tuple[str, str] = ("x", "y"),
) -> CorrelationGrid:
    """Correlate every column of X with every column of Y, each pair on its own complete rows.

    Parameters
    ----------
    X, Y : array-like, shape (n_subjects, p) and (n_subjects, q)
        One row a subject; a vector is a single column.
    x_censoring, y_censoring : array-like, of the shapes of X and Y, optional
        Censoring codes, see `correlate`.
    method, covariates, confidence, min_n, names
        As in `correlate`.

    Returns
    -------
    CorrelationGrid
        Arrays of shape (p, q); ``grid.at(i, j)`` is what ``correlate(X[:, i], Y[:, j])`` returns.

    Raises
    ------
    ArrayError, UnknownWordError, ChoiceError
        As in `correlate`.

    Notes
    -----
    Pairs that miss the same rows are computed together by one matrix product.

    Examples
    --------
    >>> X = [[1, 9], [2, 7], [3, 8], [4, 5], [5, 6]]
    >>> grid = correlate_matrix(X, [1, 2, 3, 5, 4])
    >>> grid.estimate.round(2).tolist()
    [[0.9], [-0.9]]
    """
    one_of(method, tuple(COEFFICIENT), "correlation method")
    x, y = as_matrix(X, "X"), as_matrix(Y, "Y")
    same_length(x, y, ("X", "Y"))
    held = np.empty((len(x), 0)) if covariates is None else as_matrix(covariates, "covariates")
    same_length(x, held, ("X", "covariates"))
    if np.isinf(held).any():
        raise ArrayError("covariates hold an infinite value; expected finite numbers, NaN if missing.")
    sides = (
        _Side(x, as_censoring(x_censoring, x.shape, "x_censoring"), names[0], method),
        _Side(y, as_censoring(y_censoring, y.shape, "y_censoring"), names[1], method),
    )
    return _fill(sides, held, method, check_confidence(confidence), min_n, names, partial=covariates is not None)


class _Side:
    """The columns of one side with their censoring, and what is wrong with them among given rows."""

    def __init__(self, values: Floats, censoring: Codes, name: str, method: str):
        self.values, self.censoring, self.name, self.method = values, censoring, name, method
        self.present = is_present(values)

    def patterns(self, usable: Flags) -> Iterator[tuple[Flags, NDArray[np.intp]]]:
        """Yield each set of usable rows in which some columns are all complete, with those columns."""
        patterns, which = np.unique(self.present & usable[:, np.newaxis], axis=1, return_inverse=True)
        for index in range(patterns.shape[1]):
            yield patterns[:, index], np.flatnonzero(which.ravel() == index)

    def take(self, rows: Flags, columns: NDArray[np.intp]) -> tuple[Floats, Codes]:
        place = np.ix_(np.flatnonzero(rows), columns)
        return self.values[place], self.censoring[place]

    def faults(self, values: Floats, censoring: Codes) -> list[str]:
        """Return, for each column of complete values, why it cannot be correlated; empty when it can."""
        infinite = np.asarray(np.isinf(values).any(axis=0))
        beyond = censoring != 0
        tied = tie_censored(values, censoring)
        constant = np.asarray((tied == tied[:1]).all(axis=0))
        if self.method == "pearson":
            # Numbers that differ only by rounding have no correlation worth the name.
            spread = np.ptp(np.where(np.isfinite(values), values, 0.0), axis=0)
            constant |= spread <= 1e-13 * np.abs(np.where(np.isfinite(values), values, 0.0)).max(axis=0)
        return [
            self._fault(bool(infinite[c]), bool(beyond[:, c].all()), bool(beyond[:, c].any()), bool(constant[c]))
            for c in range(values.shape[1])
        ]

    def _fault(self, infinite: bool, all_censored: bool, any_censored: bool, constant: bool) -> str:
        if infinite:
            return f"{self.name} has an infinite value"
        if all_censored:
            return f"every value of {self.name} is censored"
        if any_censored and self.method == "pearson":
            return (
                f"{self.name} has censored values, whose size Pearson's r would need; a rank correlation can use them"
            )
        return f"{self.name} is constant" if constant else ""


def _fill(
    sides: tuple[_Side, _Side],
    held: Floats,
    method: str,
    confidence: float,
    min_n: int,
    names: tuple[str, str],
    *,
    partial: bool,
) -> CorrelationGrid:
    """Return the grid, filled group by group of pairs that share their complete rows."""
    shape = sides[0].values.shape[1], sides[1].values.shape[1]
    estimate, p_value = np.full(shape, np.nan), np.full(shape, np.nan)
    tallies = ("n", "n_covariates", "censored_x", "censored_y", "unordered_x", "unordered_y")
    counts = {name: np.zeros(shape, dtype=np.int64) for name in tallies}
    reason = np.full(shape, "", dtype=object)
    usable = np.asarray(is_present(held).all(axis=1))
    for rows_x, columns_x in sides[0].patterns(usable):
        for rows_y, columns_y in sides[1].patterns(usable):
            rows, place = rows_x & rows_y, np.ix_(columns_x, columns_y)
            n = int(rows.sum())
            kept = independent_columns(held[rows]) if n else held[:0, :0]
            counts["n"][place], counts["n_covariates"][place] = n, kept.shape[1]
            needed = max(min_n, ROWS_NEEDED[method] + kept.shape[1])
            if n < needed:
                reason[place] = _too_few(n, needed)
                continue
            x, y = sides[0].take(rows, columns_x), sides[1].take(rows, columns_y)
            (censored_x, unordered_x), (censored_y, unordered_y) = _beyond_limits(*x), _beyond_limits(*y)
            counts["censored_x"][place], counts["censored_y"][place] = censored_x[:, np.newaxis], censored_y
            counts["unordered_x"][place], counts["unordered_y"][place] = unordered_x[:, np.newaxis], unordered_y
            estimate[place], p_value[place], reason[place] = _group(sides, x, y, kept, method)
    low, high = analytic_interval(estimate, counts["n"], counts["n_covariates"], method, confidence)
    return CorrelationGrid(
        estimate=estimate,
        ci_low=low,
        ci_high=high,
        p_value=p_value,
        reason=reason,
        method=method,
        partial=partial,
        confidence=confidence,
        names=names,
        **counts,
    )


def _too_few(n: int, needed: int) -> str:
    found = {0: "no complete pair", 1: "1 complete pair"}.get(n, f"{n} complete pairs")
    return f"{found}; at least {needed} are needed"


def _beyond_limits(values: Floats, censoring: Codes) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Count, for each column, censored values, and exact ones that lie beyond the outermost limit of their side."""
    exact = censoring == 0
    highest_low = np.where(censoring < 0, values, -np.inf).max(axis=0)
    lowest_high = np.where(censoring > 0, values, np.inf).min(axis=0)
    unordered = exact & ((values < highest_low) | (values > lowest_high))
    return (~exact).sum(axis=0), unordered.sum(axis=0)


def _group(
    sides: tuple[_Side, _Side], x: tuple[Floats, Codes], y: tuple[Floats, Codes], held: Floats, method: str
) -> tuple[Floats, Floats, NDArray[np.object_]]:
    """Return estimates, p-values and reasons of pairs that share their complete rows."""
    faults_x, faults_y = sides[0].faults(*x), sides[1].faults(*y)
    reason = np.array([[fx or fy for fy in faults_y] for fx in faults_x], dtype=object)
    estimate, p_value = np.full(reason.shape, np.nan), np.full(reason.shape, np.nan)
    sound_x = [c for c, fault in enumerate(faults_x) if not fault]
    sound_y = [c for c, fault in enumerate(faults_y) if not fault]
    if sound_x and sound_y:
        place = np.ix_(sound_x, sound_y)
        found = coefficients(tie_censored(*x)[:, sound_x], tie_censored(*y)[:, sound_y], held, method)
        estimate[place], p_value[place] = found.estimate, found.p_value
    determined = np.isnan(estimate) & (reason == "")
    reason[determined] = f"the covariates determine {sides[0].name} or {sides[1].name}"
    p_value[determined] = np.nan
    return estimate, p_value, reason
