"""p-values adjusted for how many were asked, with what was not tested left out of the count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recal_labs.errors import ArrayError, ChoiceError
from recal_labs.stats.inputs import Flags, Floats, one_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

METHODS = ("fdr_bh", "fdr_by", "holm", "hommel", "bonferroni", "none")


@dataclass(frozen=True, eq=False, kw_only=True)
class AdjustedPValues:
    """Adjusted p-values of one family.

    Parameters
    ----------
    adjusted : ndarray
        In the shape that came in; NaN where nothing was tested.
    rejected : ndarray of bool
        Whether the adjusted p-value is at most `alpha`; False where nothing was tested.
    n_tested : int
        Tests that count in the adjustment.
    n_family : int
        Tests that were declared, with those that could not be made.
    method : str
        The adjustment.
    alpha : float
        Rate of false rejections aimed at: family-wise, or among the rejections for the FDR methods.
    """

    adjusted: Floats
    rejected: Flags
    n_tested: int
    n_family: int
    method: str
    alpha: float


def adjust_p(p: ArrayLike, method: str = "fdr_bh", alpha: float = 0.05) -> AdjustedPValues:
    """Adjust the p-values of one declared family.

    Parameters
    ----------
    p : array-like of any shape
        p-values; NaN means not tested, which neither counts nor is rejected.
    method : {"fdr_bh", "fdr_by", "holm", "hommel", "bonferroni", "none"}
        Benjamini-Hochberg or Benjamini-Yekutieli for the false discovery rate; Holm, Hommel or Bonferroni for any false
        rejection at all; ``none`` leaves the p-values as they are.
    alpha : float
        Level of the rejections.

    Returns
    -------
    AdjustedPValues

    Raises
    ------
    UnknownWordError
        When the method is not known.
    ArrayError
        When a p-value is outside 0 to 1.
    ChoiceError
        When alpha is not between 0 and 1.

    Notes
    -----
    The adjustments are those of ``statsmodels.stats.multitest.multipletests``, given the tested values only: with one
    NaN among them it returns NaN for every Benjamini-Hochberg value.

    Examples
    --------
    >>> found = adjust_p([0.01, float("nan"), 0.04, 0.03])
    >>> found.adjusted.round(4).tolist(), found.n_tested
    ([0.03, nan, 0.04, 0.04], 3)
    """
    one_of(method, METHODS, "adjustment of p-values")
    if not 0 < alpha < 1:
        raise ChoiceError(f"alpha is {alpha}; expected a number between 0 and 1, such as 0.05.")
    given = np.asarray(p, dtype=np.float64)
    tested = ~np.isnan(given)
    if ((given[tested] < 0) | (given[tested] > 1)).any():
        raise ArrayError("p holds values outside 0 to 1; expected p-values, NaN where nothing was tested.")
    adjusted, rejected = np.full(given.shape, np.nan), np.zeros(given.shape, dtype=bool)
    if tested.any():
        rejected[tested], adjusted[tested] = _adjust(given[tested], method, alpha)
    return AdjustedPValues(
        adjusted=adjusted,
        rejected=rejected,
        n_tested=int(tested.sum()),
        n_family=int(given.size),
        method=method,
        alpha=float(alpha),
    )


def _adjust(p: Floats, method: str, alpha: float) -> tuple[Flags, Floats]:
    if method == "none":
        return p <= alpha, p.copy()
    from statsmodels.stats.multitest import multipletests

    rejected, adjusted, *_ = multipletests(p, alpha=alpha, method=method)
    return rejected, adjusted
