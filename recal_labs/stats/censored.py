"""Samples with values beyond a limit of detection: how many, which quantiles stay known, and a log-normal centre."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.special import log_ndtr
from scipy.stats import CensoredData, chi2, ecdf

from recal_labs.errors import ChoiceError
from recal_labs.estimate import NAN, Estimate
from recal_labs.stats.inputs import Codes, Floats, as_censoring, as_vector, check_confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

MIN_EXACT = 3
_ASSUMES = ("subjects are independent", "limits of detection do not depend on the true values")


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


def kaplan_meier_quantiles(
    values: ArrayLike,
    censoring: ArrayLike,
    probabilities: Sequence[float] = (0.25, 0.5, 0.75),
    *,
    confidence: float = 0.95,
    unit: str = "1",
) -> tuple[Estimate, ...]:
    """Estimate quantiles of a sample with several limits of detection, without assuming a distribution.

    Parameters
    ----------
    values, censoring : array-like, shape (n,)
        Stated values, and -1 below, 0 exact, 1 above. All censoring must be on one side. NaN is left out.
    probabilities : sequence of float
        Quantiles asked for.
    confidence : float
        Coverage aimed at.
    unit : str
        Unit of the values.

    Returns
    -------
    tuple of Estimate
        One for each probability, effects ``quantile_0.5`` and the like. Missing where the quantile lies beyond
        everything that was seen exactly; a limit of the interval that lies there is NaN.

    Raises
    ------
    ArrayError, ChoiceError
        When shapes do not fit, or a probability or the confidence is not between 0 and 1.

    Notes
    -----
    The product-limit estimate (``scipy.stats.ecdf``). Values below a limit of detection become times after which nobody
    was observed when the axis is turned round, so the ordinary estimate serves on negated values. The quantile p is the
    smallest value at which the distribution function reaches p. Its interval holds the values at which the interval of
    the distribution function (Greenwood's variance, log-log scale) contains p.

    Examples
    --------
    >>> q = kaplan_meier_quantiles([1, 1, 2, 3, 4, 5, 6, 7], [-1, -1, 0, 0, 0, 0, 0, 0], [0.25, 0.5])
    >>> q[0].reason, q[1].estimate
    ('the quantile lies among censored values', 3.0)
    """
    check_confidence(confidence)
    for p in probabilities:
        if not 0 < p < 1:
            raise ChoiceError(f"a probability is {p}; expected numbers between 0 and 1.")
    array, codes, reason = _sample(values, censoring)
    named: dict[str, Any] = {"n": len(array), "method": "Kaplan-Meier quantile, log-log Greenwood interval"}
    named |= {"unit": unit, "confidence": confidence}
    if not reason and (codes < 0).any() and (codes > 0).any():
        reason = "values are censored on both sides"
    if not reason and (codes != 0).all():
        reason = "every value is censored"
    if reason:
        return tuple(Estimate.missing(reason, effect=f"quantile_{p:g}", **named) for p in probabilities)
    turned = bool((codes < 0).any())
    curve = _survival_curve(-array if turned else array, codes == 0, confidence)
    return tuple(_quantile(curve, p, turned, named | {"effect": f"quantile_{p:g}"}) for p in probabilities)


@dataclass(frozen=True, eq=False)
class _Curve:
    """Share surviving each exact time, in rising order of time, with the limits of that share."""

    times: Floats
    surviving: Floats
    low: Floats
    high: Floats


def _survival_curve(times: Floats, exact: np.ndarray, confidence: float) -> _Curve:
    fit = ecdf(CensoredData(uncensored=times[exact], right=times[~exact])).sf
    # Where nobody survives Greenwood's variance is 0/0: scipy warns, and the limits there are NaN and enclose nothing.
    with np.errstate(invalid="ignore", divide="ignore"), warnings.catch_warnings(action="ignore"):
        limits = fit.confidence_interval(confidence, method="log-log")
    kept = np.isin(fit.quantiles, times[exact])
    return _Curve(
        fit.quantiles[kept],
        fit.probabilities[kept],
        limits.low.probabilities[kept],
        limits.high.probabilities[kept],
    )


def _quantile(curve: _Curve, p: float, turned: bool, named: dict[str, Any]) -> Estimate:
    """Return one quantile; on the turned axis P(X <= x) is the share surviving until just before -x."""
    rounding = 1e-12
    if turned:
        until = np.concatenate([[1.0], curve.surviving[:-1]])
        place = int(np.flatnonzero(until >= p - rounding)[-1])
        known = curve.surviving[-1] < p - rounding or place < len(until) - 1
        share = p
    else:
        reached = np.flatnonzero(curve.surviving <= 1 - p + rounding)
        known, place, share = len(reached) > 0, int(reached[0]) if len(reached) else 0, 1 - p
    if not known:
        return Estimate.missing("the quantile lies among censored values", **named)
    inside = np.flatnonzero((curve.low <= share) & (share <= curve.high))
    early = float(curve.times[inside[0]]) if len(inside) else NAN
    late = float(curve.times[inside[-1] + 1]) if len(inside) and inside[-1] + 1 < len(curve.times) else NAN
    return Estimate(
        estimate=float(-curve.times[place] if turned else curve.times[place]),
        ci_low=-late if turned else early,
        ci_high=-early if turned else late,
        assumptions=_ASSUMES,
        **named,
    )


def geometric_mean_censored(
    values: ArrayLike, censoring: ArrayLike, *, confidence: float = 0.95, unit: str = "1"
) -> Estimate:
    """Estimate the geometric mean of log-normal amounts with values beyond limits of detection.

    Parameters
    ----------
    values, censoring : array-like, shape (n,)
        Positive stated amounts, and -1 below, 0 exact, 1 above. NaN is left out.
    confidence : float
        Coverage aimed at.
    unit : str
        Unit of the values.

    Returns
    -------
    Estimate
        Effect ``geometric_mean``. Missing with the reason when fewer than 3 values are exact, these do not vary, or an
        amount has no logarithm.

    Raises
    ------
    ArrayError, ChoiceError
        When shapes do not fit, or the confidence is not between 0 and 1.

    Notes
    -----
    Maximum likelihood: an exact value contributes the normal density of its logarithm, a censored one the probability
    of lying beyond its limit. The interval holds the means whose profile likelihood a chi-squared test with one degree
    of freedom does not reject.

    Examples
    --------
    >>> print(geometric_mean_censored([2, 2, 3, 4, 6, 8], [-1, -1, 0, 0, 0, 0], unit="ug/L"))
    geometric_mean 3.13 ug/L (95 % CI 1.11 to 6.35), n = 6, Log-normal maximum likelihood, profile likelihood interval
    """
    check_confidence(confidence)
    array, codes, reason = _sample(values, censoring)
    named: dict[str, Any] = {"n": len(array), "effect": "geometric_mean", "unit": unit, "confidence": confidence}
    named["method"] = "Log-normal maximum likelihood, profile likelihood interval"
    if not reason and (array <= 0).any():
        reason = f"{int((array <= 0).sum())} values are zero or negative, so they have no logarithm"
    if not reason and (codes == 0).sum() < MIN_EXACT:
        reason = f"{int((codes == 0).sum())} exact values; at least {MIN_EXACT} are needed"
    if not reason and np.ptp(array[codes == 0]) == 0:
        reason = "the exact values do not vary"
    if reason:
        return Estimate.missing(reason, **named)
    likelihood = _NormalLikelihood(np.log(array), codes)
    mean, log_sd = likelihood.maximum()
    low, high = likelihood.profile_limits(mean, log_sd, confidence)
    return Estimate(
        estimate=math.exp(mean),
        ci_low=math.exp(low),
        ci_high=math.exp(high),
        assumptions=(*_ASSUMES, f"amounts are log-normal (geometric SD {math.exp(math.exp(log_sd)):.3g})"),
        **named,
    )


class _NormalLikelihood:
    """The likelihood of a normal mean and log SD, given values of which some are only bounded."""

    def __init__(self, values: Floats, codes: Codes):
        self.exact, self.codes = values[codes == 0], codes[codes != 0]
        self.beyond = values[codes != 0]

    def cost(self, parameters: Floats) -> tuple[float, Floats]:
        """Return minus the log likelihood, but for a constant, and its gradient."""
        mean, log_sd = parameters
        sd = math.exp(log_sd)
        z = (self.exact - mean) / sd
        # Signed so that a censored value contributes the chance of what is below w.
        w = -self.codes * (self.beyond - mean) / sd
        log_chance = log_ndtr(w)
        hazard = np.exp(-0.5 * w * w - 0.5 * math.log(2 * math.pi) - log_chance)
        cost = 0.5 * float(z @ z) + len(z) * log_sd - float(log_chance.sum())
        by_mean = -float(z.sum()) / sd - float((self.codes * hazard).sum()) / sd
        by_log_sd = len(z) - float(z @ z) + float((hazard * w).sum())
        return cost, np.array([by_mean, by_log_sd])

    def maximum(self) -> tuple[float, float]:
        everything = np.concatenate([self.exact, self.beyond])
        start = np.array([everything.mean(), math.log(everything.std())])
        found = minimize(self.cost, start, jac=True, method="BFGS", options={"gtol": 1e-9})
        return float(found.x[0]), float(found.x[1])

    def profile(self, mean: float, log_sd: float) -> float:
        """Return the smallest cost at a given mean, searched around a log SD."""
        best = minimize_scalar(
            lambda s: self.cost(np.array([mean, s]))[0],
            bounds=(log_sd - 3, log_sd + 6),
            method="bounded",
            options={"xatol": 1e-10},
        )
        return float(best.fun)

    def profile_limits(self, mean: float, log_sd: float, confidence: float) -> tuple[float, float]:
        allowed = self.cost(np.array([mean, log_sd]))[0] + float(chi2.ppf(confidence, 1)) / 2
        step = math.exp(log_sd) / math.sqrt(len(self.exact))

        def excess(candidate: float) -> float:
            return self.profile(candidate, log_sd) - allowed

        limits = []
        for direction in (-1, 1):
            reach = 1.0
            while excess(mean + direction * reach * step) < 0:
                reach *= 2
            limits.append(float(brentq(excess, mean, mean + direction * reach * step, xtol=1e-11)))
        return limits[0], limits[1]


def _sample(values: ArrayLike, censoring: ArrayLike) -> tuple[Floats, Codes, str]:
    array = as_vector(values, "values")
    codes = as_censoring(censoring, array.shape, "censoring")
    present = ~np.isnan(array)
    array, codes = array[present], codes[present]
    reason = "no values" if not len(array) else "a value is infinite" if np.isinf(array).any() else ""
    return array, codes, reason
