"""Rows of a censored regression: the bounds of each response, in numbers near one, or why they cannot be fitted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import linprog

from recal_labs.errors import ArrayError
from recal_labs.stats.inputs import Floats, as_censoring, as_matrix, as_vector

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# Values that are known to both sides beyond the number of coefficients; one is used up by the standard deviation.
SPARE = 2
# A column of unit length whose distance from the span of those before it is smaller adds nothing but rounding.
COLLINEAR = 1e-9
# An interval narrower than this part of the residual SD says no more than a value does, but cancels in its likelihood.
NARROW = 1e-5


@dataclass(frozen=True, eq=False)
class BoundedRows:
    """Complete rows: the bounds of each response (equal where it is exact), the design, the cluster as a number."""

    low: Floats
    high: Floats
    design: Floats
    clusters: np.ndarray | None

    @property
    def exact(self) -> np.ndarray:
        """Whether a response is a value."""
        return self.low == self.high

    @property
    def two_sided(self) -> np.ndarray:
        """Whether a response is known to both sides: exact, or between two limits."""
        return np.isfinite(self.low) & np.isfinite(self.high)

    @property
    def n_clusters(self) -> int:
        """How many clusters there are; without any, every row is one."""
        return len(self.low) if self.clusters is None else int(self.clusters.max(initial=-1)) + 1

    def refusal(self) -> str:
        """Say why there is too little to fit; empty when there is enough."""
        n, p = self.design.shape
        known = int(self.two_sided.sum())
        if not n:
            return "no complete rows"
        if not np.isfinite(self.design).all() or (np.isinf(self.low) & self.exact).any():
            return "a value is infinite"
        if not known:
            return "every value is censored"
        if known < p + SPARE:
            return f"{known} values that are not censored; at least {p + SPARE} are needed for {p} coefficients"
        if self.clusters is not None and self.n_clusters <= p:
            return f"{self.n_clusters} clusters; more than the {p} coefficients are needed"
        return ""


def complete_rows(
    y: ArrayLike,
    censoring: ArrayLike | None,
    design: ArrayLike,
    upper: ArrayLike | None,
    clusters: ArrayLike | None,
) -> BoundedRows:
    """Return the complete rows of a regression, their responses as bounds.

    Raises
    ------
    ArrayError
        When shapes do not fit, a code is not -1, 0 or 1, or `upper` lies below `y`.
    """
    response, columns = as_vector(y, "y"), as_matrix(design, "design")
    codes = as_censoring(censoring, response.shape, "censoring")
    given = np.full(response.shape, np.nan) if upper is None else as_vector(upper, "upper")
    for name, length in (("design", len(columns)), ("upper", len(given))):
        if length != len(response):
            raise ArrayError(f"{name} has {length} rows and y has {len(response)}; expected one row a response.")
    between = ~np.isnan(given)
    if (given < response).any():
        raise ArrayError(f"upper lies below y in {int((given < response).sum())} rows; expected the larger bound.")
    low = np.where(~between & (codes < 0), -np.inf, response)
    high = np.where(between, given, np.where(codes > 0, np.inf, response))
    # Nothing is known of a response between -inf and +inf: it is a missing one.
    kept = ~np.isnan(response) & ~np.isnan(columns).any(axis=1) & ~(np.isneginf(low) & np.isposinf(high))
    numbers = None
    if clusters is not None:
        numbers, known = _numbered(clusters, len(response))
        kept &= known
        numbers = np.unique(numbers[kept], return_inverse=True)[1]
    return BoundedRows(low[kept], high[kept], columns[kept], numbers)


def _numbered(clusters: ArrayLike, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return clusters as numbers, and which rows have one."""
    import pandas as pd

    names = np.asarray(clusters)
    if names.shape != (n,):
        raise ArrayError(f"clusters has shape {names.shape}; expected ({n},), one cluster a row.")
    numbers, _ = pd.factorize(names)
    return numbers, numbers >= 0


@dataclass(frozen=True, eq=False)
class ScaledRows:
    """The problem in numbers near one: orthonormal columns, and bounds about the least-squares fit in its SD."""

    basis: Floats
    low: Floats
    high: Floats
    back: Floats
    start: Floats
    spread: float
    reason: str = ""

    @classmethod
    def of(cls, rows: BoundedRows) -> ScaledRows:
        """Scale rows about their least-squares fit; with a reason when a column or the response does not vary."""
        n = len(rows.low)
        lengths = np.linalg.norm(rows.design, axis=0)
        nothing = np.zeros((0, 0))
        unit = rows.design / np.where(lengths > 0, lengths, 1.0)
        basis, triangle = np.linalg.qr(unit)
        dependent = np.flatnonzero(np.abs(np.diag(triangle)) < COLLINEAR)
        if len(dependent):
            reason = f"column {dependent[0] + 1} of the design is a combination of those before it"
            return cls(nothing, nothing, nothing, nothing, nothing, 0.0, reason)
        # Columns of root mean square 1, so that a coefficient of 1 is a standard deviation of the response.
        basis, triangle = basis * np.sqrt(n), triangle / np.sqrt(n)
        stated = np.where(np.isfinite(rows.low), rows.low, rows.high)
        stated = np.where(rows.two_sided, (stated + np.where(rows.two_sided, rows.high, stated)) / 2, stated)
        fit = basis.T @ stated / n
        line = basis @ fit
        spread = float(np.sqrt(np.mean((stated - line) ** 2)))
        if spread <= 1e-12 * float(np.abs(stated).max(initial=0.0)):
            return cls(nothing, nothing, nothing, nothing, nothing, 0.0, "the values do not vary about the fitted line")
        low, high = (rows.low - line) / spread, (rows.high - line) / spread
        narrow = high - low < NARROW
        middle = np.where(narrow, (low + high) / 2, 0.0) if narrow.any() else low
        low, high = np.where(narrow, middle, low), np.where(narrow, middle, high)
        inverse = np.linalg.inv(triangle) / lengths[:, np.newaxis]
        return cls(basis, low, high, inverse, fit, spread)


def unbounded(rows: BoundedRows) -> str:
    """Say that a coefficient may grow without end, as when everybody of one group lies below the limit.

    Where the rows known to both sides do not fix every direction, the likelihood has a maximum only if no direction is
    left along which every censored row becomes more likely, or stays as it is.
    """
    known = rows.two_sided
    scaled = rows.design / np.linalg.norm(rows.design, axis=0)
    _, sizes, directions = np.linalg.svd(np.linalg.qr(scaled[known], mode="r"))
    rank = int((sizes > COLLINEAR * sizes[0]).sum())
    if rank == scaled.shape[1]:
        exact = rows.exact
        if exact.sum() == known.sum():
            return _perfect(scaled[exact], rows.low[exact])
        return ""
    signs = np.where(np.isfinite(rows.low[~known]), 1.0, -1.0)
    likelier = signs[:, np.newaxis] * (scaled[~known] @ directions[rank:].T)
    found = linprog(-likelier.sum(axis=0), A_ub=-likelier, b_ub=np.zeros(len(likelier)), bounds=(-1, 1))
    if found.status == 0 and -found.fun > COLLINEAR:
        return (
            "the values that are not censored leave a coefficient without a bound (a group may be censored as a whole)"
        )
    return ""


def _perfect(design: Floats, exact: Floats) -> str:
    """Say that a line runs through every exact value, so that the likelihood grows as the SD shrinks."""
    residuals = exact - design @ np.linalg.lstsq(design, exact, rcond=None)[0]
    still = np.abs(residuals).max() <= 1e-10 * max(float(np.ptp(exact)), 1e-300)
    return "the exact values do not vary about the fitted line" if still or np.ptp(exact) == 0 else ""
