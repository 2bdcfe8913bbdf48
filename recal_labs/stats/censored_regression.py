"""Normal linear regression of responses of which some are only bounded: below a limit, above one, or between two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import t as student

from recal_labs.estimate import Estimate
from recal_labs.stats.bounded_likelihood import BoundedLikelihood
from recal_labs.stats.bounded_rows import BoundedRows, ScaledRows, complete_rows, unbounded
from recal_labs.stats.inputs import Floats, check_confidence

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

METHOD = "Censored normal regression, maximum likelihood"
ASSUMES = (
    "residuals are normal with one standard deviation",
    "limits do not depend on the true values",
)


@dataclass(frozen=True, eq=False, kw_only=True)
class CensoredRegression:
    """A fitted normal linear model; every number is NaN when it could not be fitted, and `reason` says why.

    Parameters
    ----------
    coefficients : ndarray, shape (p,)
        One a column of the design, on the scale of the response.
    covariance : ndarray, shape (p, p)
        Of the coefficients; the sandwich by cluster when there are clusters.
    joint_covariance : ndarray, shape (p + 1, p + 1)
        Of the coefficients and, last, of the logarithm of `sd`.
    sd : float
        Maximum likelihood standard deviation of the residuals (a sum of squares divided by n, not by n - p).
    degrees_of_freedom : int
        n - p, or the number of clusters less one: of the t quantile that the intervals use.
    confidence : float
        Coverage that the intervals aim at.
    n, n_censored, n_clusters : int
        Complete rows, how many of them are only bounded, and people (or other clusters) that they come from; the
        number of clusters is n when no clusters are given.
    log_likelihood : float
        Of the response at the maximum.
    converged : bool
        Whether the maximum was found.
    reason : str
        Why there is no fit; empty when there is one.
    """

    coefficients: Floats
    covariance: Floats
    joint_covariance: Floats
    sd: float
    degrees_of_freedom: int
    confidence: float
    n: int
    n_censored: int
    n_clusters: int
    log_likelihood: float
    converged: bool
    reason: str = ""
    clustered: bool = False

    @property
    def standard_errors(self) -> Floats:
        """Standard errors of the coefficients, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def intervals(self) -> Floats:
        """Confidence limits of the coefficients, shape (p, 2)."""
        if self.reason:
            return np.full((len(self.coefficients), 2), np.nan)
        half = student.ppf((1 + self.confidence) / 2, self.degrees_of_freedom) * self.standard_errors
        return np.column_stack([self.coefficients - half, self.coefficients + half])

    @property
    def p_values(self) -> Floats:
        """Two-sided p of each coefficient against zero, by the t distribution, shape (p,)."""
        if self.reason:
            return np.full(len(self.coefficients), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            return 2 * student.sf(np.abs(self.coefficients) / self.standard_errors, self.degrees_of_freedom)

    def estimate(self, place: int, *, effect: str, unit: str = "1") -> Estimate:
        """Return one coefficient as an estimate with interval, p, assumptions and the share censored.

        Parameters
        ----------
        place : int
            Column of the design.
        effect, unit : str
            What the coefficient is called, and its unit.
        """
        method = METHOD + (", sandwich by cluster" if self.clustered else "")
        named: dict[str, Any] = {"n": self.n, "method": method, "effect": effect, "unit": unit}
        named["confidence"] = self.confidence
        if self.reason:
            return Estimate.missing(self.reason, **named)
        low, high = self.intervals[place]
        independent = "clusters are independent" if self.clustered else "rows are independent"
        shares = (f"{self.n_censored} of {self.n} responses are censored",) if self.n_censored else ()
        return Estimate(
            estimate=float(self.coefficients[place]),
            ci_low=float(low),
            ci_high=float(high),
            p_value=float(self.p_values[place]),
            assumptions=(independent, *ASSUMES, *shares),
            **named,
        )


def fit_censored_regression(
    y: ArrayLike,
    censoring: ArrayLike | None,
    design: ArrayLike,
    *,
    upper: ArrayLike | None = None,
    clusters: ArrayLike | None = None,
    confidence: float = 0.95,
) -> CensoredRegression:
    """Fit a normal linear model to responses of which some are only bounded, by maximum likelihood.

    Parameters
    ----------
    y : array-like, shape (n,)
        Responses, such as log amounts; the limit where censored. NaN is left out.
    censoring : array-like, shape (n,), or None
        -1 where the true response is below `y`, 0 exact, 1 above it. None: all exact.
    design : array-like, shape (n, p)
        Covariates, with the column of ones when an intercept is wanted. A row with NaN is left out.
    upper : array-like, shape (n,), optional
        Where it is not NaN the true response lies between `y` and it, whatever the code says; `y` may be -inf there and
        `upper` +inf.
    clusters : array-like, shape (n,), optional
        Whom a row belongs to. Rows of one cluster may depend on each other; the covariance is then a sandwich. A row
        without a cluster (None, NaN) is left out.
    confidence : float
        Coverage aimed at.

    Returns
    -------
    CensoredRegression
        Missing with the reason when there are too few rows, values or clusters, when a column of the design is a
        combination of others, or when the censored values leave a coefficient without a bound.

    Raises
    ------
    ArrayError, ChoiceError
        When shapes do not fit, a code is not -1, 0 or 1, `upper` lies below `y`, or the confidence is not between 0
        and 1.

    Notes
    -----
    An exact response contributes the normal density of its residual, a bounded one the probability of what it may be.
    With ``gamma = beta / sd`` and ``theta = 1 / sd`` the log likelihood is concave, because the normal density is
    log-concave, so Newton's method with the analytic gradient and Hessian finds the one maximum. The covariance is the
    inverse of the observed information, taken back to the coefficients (delta method) and multiplied by n / (n - p);
    with clusters the sandwich of their scores, multiplied by ``G / (G - 1) (n - 1) / (n - p)``. Without censoring
    coefficients, covariance and intervals are those of ordinary least squares; `sd` alone divides by n.

    Examples
    --------
    >>> fit = fit_censored_regression([0, 0, 1, 2, 2, 4], [-1, -1, 0, 0, 0, 0], [[1, x] for x in range(6)])
    >>> fit.coefficients.round(2).tolist(), round(fit.sd, 2), fit.n_censored
    ([-1.27, 0.99], 0.42, 2)
    >>> fit_censored_regression([1, 2, 3, 5], None, [[1, 2]] * 4).reason
    'column 2 of the design is a combination of those before it'
    """
    check_confidence(confidence)
    rows = complete_rows(y, censoring, design, upper, clusters)
    reason = rows.refusal()
    if not reason:
        scaled = ScaledRows.of(rows)
        reason = scaled.reason or unbounded(rows)
    if reason:
        return _missing(reason, rows, confidence)
    likelihood = BoundedLikelihood(scaled.basis, scaled.low, scaled.high)
    found = likelihood.maximise()
    if likelihood.holds_every_bound(found.parameters):
        return _missing("a line runs through every interval, so the spread is not known", rows, confidence)
    if not found.converged:
        return _missing("the fit did not converge", rows, confidence)
    covariance = likelihood.covariance(found.parameters, rows.clusters, rows.n_clusters)
    return _fitted(rows, scaled, found.parameters, covariance, found.log_likelihood, confidence)


def _fitted(
    rows: BoundedRows,
    scaled: ScaledRows,
    parameters: Floats,
    covariance: Floats,
    log_likelihood: float,
    confidence: float,
) -> CensoredRegression:
    """Take the maximum back from gamma and theta of the scaled problem to coefficients and SD of the response."""
    n, p = rows.design.shape
    gamma, theta = parameters[:p], parameters[p]
    # (beta, log sd) by (gamma, theta), beta still in columns of the basis.
    jacobian = np.zeros((p + 1, p + 1))
    jacobian[:p, :p] = scaled.spread * np.eye(p) / theta
    jacobian[:p, p] = -scaled.spread * gamma / theta**2
    jacobian[p, p] = -1 / theta
    back = np.eye(p + 1)
    back[:p, :p] = scaled.back
    clustered = rows.clusters is not None
    groups = rows.n_clusters
    factor = groups / (groups - 1) * (n - 1) / (n - p) if clustered else n / (n - p)
    joint = factor * (back @ jacobian) @ covariance @ (back @ jacobian).T
    joint = (joint + joint.T) / 2
    return CensoredRegression(
        coefficients=scaled.back @ (scaled.start + scaled.spread * gamma / theta),
        covariance=joint[:p, :p],
        joint_covariance=joint,
        sd=float(scaled.spread / theta),
        degrees_of_freedom=groups - 1 if clustered else n - p,
        confidence=confidence,
        n=n,
        n_censored=int((~rows.exact).sum()),
        n_clusters=groups,
        # A density in units of the spread; probabilities have no unit.
        log_likelihood=log_likelihood - int((scaled.low == scaled.high).sum()) * float(np.log(scaled.spread)),
        converged=True,
        clustered=clustered,
    )


def _missing(reason: str, rows: BoundedRows, confidence: float) -> CensoredRegression:
    n, p = rows.design.shape
    return CensoredRegression(
        coefficients=np.full(p, np.nan),
        covariance=np.full((p, p), np.nan),
        joint_covariance=np.full((p + 1, p + 1), np.nan),
        sd=float("nan"),
        degrees_of_freedom=0,
        confidence=confidence,
        n=n,
        n_censored=int((~rows.exact).sum()),
        n_clusters=rows.n_clusters,
        log_likelihood=float("nan"),
        converged=False,
        reason=reason,
        clustered=rows.clusters is not None,
    )
