"""Quantiles and means of samples with limits of detection, without assuming a distribution (Kaplan and Meier)."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import CensoredData, ecdf
from scipy.stats import t as student

from recal_labs.estimate import NAN, Estimate
from recal_labs.stats.censored import ASSUMES, BEYOND, censored_sample, exp_or_infinite, percentile_names
from recal_labs.stats.inputs import Codes, Floats, check_confidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike


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
    percentile_names(probabilities)
    array, codes, reason = censored_sample(values, censoring)
    named: dict[str, Any] = {"n": len(array), "method": "Kaplan-Meier quantile, log-log Greenwood interval"}
    named |= {"unit": unit, "confidence": confidence}
    reason = reason or _one_sided(codes)
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
        assumptions=ASSUMES,
        **named,
    )


def kaplan_meier_mean(
    values: ArrayLike,
    censoring: ArrayLike,
    *,
    geometric: bool = False,
    confidence: float = 0.95,
    unit: str = "1",
) -> Estimate:
    """Estimate the mean of a sample with several limits of detection, without assuming a distribution.

    Parameters
    ----------
    values, censoring : array-like, shape (n,)
        Stated values, and -1 below, 0 exact, 1 above. All censoring must be on one side. NaN is left out.
    geometric : bool
        Estimate the geometric mean: the mean of logarithms, taken back.
    confidence : float
        Coverage aimed at.
    unit : str
        Unit of the values.

    Returns
    -------
    Estimate
        Effect ``mean`` or ``geometric_mean``. What lies beyond the outermost limit counts as lying at it, so the mean
        is then a bound, and a warning among the assumptions says so with the share. Missing with the reason when
        values are censored on both sides, or all of them are. An upper limit beyond what a number holds is NaN, with a
        warning.

    Raises
    ------
    ArrayError, ChoiceError
        When shapes do not fit, or the confidence is not between 0 and 1.

    Notes
    -----
    The area under the product-limit estimate up to the outermost value, which counts as measured. Its variance is the
    sum over exact values of ``A² d / (r (r - d))``: d values there, r there or beyond, A the area beyond (Greenwood),
    times m / (m - 1) of the m exact values, so that without censoring it is the usual one; the interval is that of the
    t distribution with m - 1 degrees of freedom, on the log scale for a geometric mean. The mean is that of
    enparCensored in the R package EnvStats, the standard error that of ProUCL (EPA/600/R-07/041).

    Examples
    --------
    >>> found = kaplan_meier_mean([1, 1, 2, 3, 4, 5, 6, 7], [-1, -1, 0, 0, 0, 0, 0, 0])
    >>> found.estimate, found.assumptions[-1]
    (3.625, 'warning: 25 % lies below the lowest limit and counts as lying at it, so the mean is at most this')
    """
    check_confidence(confidence)
    array, codes, reason = censored_sample(values, censoring)
    effect = "geometric_mean" if geometric else "mean"
    named: dict[str, Any] = {"n": len(array), "effect": effect, "unit": unit, "confidence": confidence}
    named["method"] = "Kaplan-Meier mean, Greenwood variance, t interval"
    n_exact = int((codes == 0).sum())
    reason = reason or _one_sided(codes)
    if not reason and n_exact < 2:
        reason = "1 exact value; at least 2 are needed"
    if not reason and geometric and (array <= 0).any():
        reason = f"{int((array <= 0).sum())} values are zero or negative, so they have no logarithm"
    if reason:
        return Estimate.missing(reason, **named)
    turned = bool((codes < 0).any())
    scaled = np.log(array) if geometric else array
    mean, error, beyond = _area(-scaled if turned else scaled, codes == 0)
    notes = list(ASSUMES)
    if beyond > 0:
        side, limit, bound = ("below", "lowest", "most") if turned else ("above", "highest", "least")
        notes.append(
            f"warning: {100 * beyond:.0f} % lies {side} the {limit} limit and counts as lying at it, so the mean is at "
            f"{bound} this"
        )
    centre, half = -mean if turned else mean, float(student.ppf((1 + confidence) / 2, n_exact - 1)) * error
    found = [centre, centre - half, centre + half]
    if geometric:
        found = [exp_or_infinite(number) for number in found]
        if math.isinf(found[2]):
            found[2] = NAN
            notes.append(f"warning: the upper limit of the interval is {BEYOND}")
    return Estimate(estimate=found[0], ci_low=found[1], ci_high=found[2], assumptions=tuple(notes), **named)


def _one_sided(codes: Codes) -> str:
    """Say why the product-limit estimate does not serve; empty when it does."""
    if (codes < 0).any() and (codes > 0).any():
        return "values are censored on both sides"
    return "every value is censored" if (codes != 0).all() else ""


def _area(times: Floats, exact: np.ndarray) -> tuple[float, float, float]:
    """Return the restricted mean of right-censored times, its standard error, and the share that outlives them all."""
    places, deaths = np.unique(times[exact], return_counts=True)
    ordered = np.sort(times)
    at_risk = len(times) - np.searchsorted(ordered, places, side="left")
    surviving = np.cumprod(1 - deaths / at_risk)
    before = np.concatenate([[1.0], surviving[:-1]])
    last = float(ordered[-1])
    mean = float(((before - surviving) * places).sum() + surviving[-1] * last)
    widths = np.diff(np.concatenate([places, [last]]))
    beyond = np.cumsum((surviving * widths)[::-1])[::-1]
    # Where nobody survives nothing lies beyond, and Greenwood's term would be 0 times infinity.
    alive = at_risk > deaths
    terms = beyond[alive] ** 2 * deaths[alive] / (at_risk[alive] * (at_risk[alive] - deaths[alive]))
    # Rounding leaves a trace of those who died last.
    left = float(surviving[-1]) if alive[-1] else 0.0
    known = int(exact.sum())
    return mean, math.sqrt(float(terms.sum()) * known / (known - 1)), left
