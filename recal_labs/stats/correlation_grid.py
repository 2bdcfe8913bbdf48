"""Many correlations in arrays, each of which can be taken out as an Estimate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from recal_labs.estimate import Estimate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from recal_labs.stats.inputs import Floats

COEFFICIENT = {"spearman": "spearman_rho", "pearson": "pearson_r", "kendall": "kendall_tau_b"}
_TITLE = {"spearman": "Spearman's rank correlation", "pearson": "Pearson's correlation", "kendall": "Kendall's tau-b"}
_PARTIAL = {
    "spearman": "Spearman's partial rank correlation",
    "pearson": "Pearson's partial correlation",
    "kendall": "Kendall's partial tau-b",
}
_INTERVAL = {
    "spearman": "Bonett-Wright interval",
    "pearson": "Fisher z interval",
    "kendall": "Fieller interval",
}
_ASSUMES = {
    "spearman": ("the relation is monotone",),
    "pearson": ("the relation is linear", "the interval assumes a bivariate normal distribution"),
    "kendall": ("the relation is monotone", "the interval's width assumes a bivariate normal distribution"),
}


@dataclass(frozen=True, eq=False, kw_only=True)
class CorrelationGrid:
    """The correlations of every column of X with every column of Y.

    Parameters
    ----------
    estimate, ci_low, ci_high, p_value : ndarray, shape (p, q)
        NaN where a pair could not be tested. The limits are also NaN where the coefficient is exactly -1 or 1.
    n : ndarray of int, shape (p, q)
        Complete rows used.
    n_covariates : ndarray of int, shape (p, q)
        Covariates that vary among those rows and are not determined by one another.
    censored_x, censored_y : ndarray of int, shape (p, q)
        How many of the rows used are censored.
    unordered_x, unordered_y : ndarray of int, shape (p, q)
        Exact values beyond the outermost limit, whose order against the values censored there is not known.
    reason : ndarray of str, shape (p, q)
        Why a pair could not be tested; empty where it was.
    method : {"spearman", "pearson", "kendall"}
        The coefficient.
    partial : bool
        Whether covariates were asked for.
    confidence : float
        Coverage of the intervals.
    names : tuple of str
        What x and y are called in reasons and warnings.
    """

    estimate: Floats
    ci_low: Floats
    ci_high: Floats
    p_value: Floats
    n: NDArray[np.int64]
    n_covariates: NDArray[np.int64]
    censored_x: NDArray[np.int64]
    censored_y: NDArray[np.int64]
    unordered_x: NDArray[np.int64]
    unordered_y: NDArray[np.int64]
    reason: NDArray[Any]
    method: str
    partial: bool
    confidence: float
    names: tuple[str, str] = ("x", "y")

    @property
    def shape(self) -> tuple[int, int]:
        """Columns of X, columns of Y."""
        p, q = self.estimate.shape
        return p, q

    @property
    def effect(self) -> str:
        """Name of the effect, such as ``"partial_spearman_rho"``."""
        return ("partial_" if self.partial else "") + COEFFICIENT[self.method]

    @property
    def description(self) -> str:
        """How estimate and interval were made."""
        return f"{(_PARTIAL if self.partial else _TITLE)[self.method]}, {_INTERVAL[self.method]}"

    def at(self, i: int, j: int) -> Estimate:
        """Return the correlation of column i of X with column j of Y."""
        fields: dict[str, Any] = {
            "n": int(self.n[i, j]),
            "method": self.description,
            "effect": self.effect,
            "confidence": self.confidence,
        }
        if self.reason[i, j]:
            return Estimate.missing(str(self.reason[i, j]), **fields)
        return Estimate(
            estimate=float(self.estimate[i, j]),
            ci_low=float(self.ci_low[i, j]),
            ci_high=float(self.ci_high[i, j]),
            p_value=float(self.p_value[i, j]),
            assumptions=("subjects are independent", *_ASSUMES[self.method], *self._warnings(i, j)),
            **fields,
        )

    def _warnings(self, i: int, j: int) -> list[str]:
        found = []
        n = int(self.n[i, j])
        for name, censored, unordered in (
            (self.names[0], self.censored_x[i, j], self.unordered_x[i, j]),
            (self.names[1], self.censored_y[i, j], self.unordered_y[i, j]),
        ):
            if censored:
                found.append(f"warning: {censored} of {n} values of {name} are censored and share an end rank")
            if unordered:
                found.append(
                    f"warning: {unordered} measured values of {name} are smaller than the largest detection limit met, "
                    "or larger than the smallest upper one (limits differ, with dilution for instance), so their order "
                    "against censored ones is not known"
                )
        if abs(self.estimate[i, j]) == 1:
            found.append("warning: the correlation is perfect in this sample, which leaves no analytic interval")
        return found
