"""Differences of means with intervals by Student and Welch; on logarithms they are ratios of geometric means."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import stdtr, stdtrit

from recal_labs.estimate import NAN, Estimate

if TYPE_CHECKING:
    from recal_labs.stats.samples import Samples


def mean_difference(samples: Samples, *, confidence: float, unit: str = "1") -> Estimate:
    """Return mean a minus mean b with a t interval: of the differences for pairs, Welch's for groups.

    Examples
    --------
    >>> from recal_labs.stats.samples import two_samples
    >>> print(mean_difference(two_samples([5.0, 6, 7], [1.0, 3, 2], paired=False), confidence=0.95))
    mean_difference 4.00 (95 % CI 1.73 to 6.27), n = 6, Difference of means, Welch t interval
    """
    how = "Mean of paired differences, t interval" if samples.paired else "Difference of means, Welch t interval"
    named = {"n": samples.n, "method": how, "effect": "mean_difference", "unit": unit, "confidence": confidence}
    if samples.reason:
        return Estimate.missing(samples.reason, **named)  # type: ignore[arg-type]
    difference, error, df = _paired(samples) if samples.paired else _welch(samples)
    if error <= 1e-14 * max(abs(difference), float(np.abs(samples.a).max()), float(np.abs(samples.b).max())):
        reason = "all differences are equal" if samples.paired else "no value varies within a group"
        return Estimate.missing(reason, **named)  # type: ignore[arg-type]
    half = float(stdtrit(df, (1 + confidence) / 2)) * error
    return Estimate(
        estimate=difference,
        ci_low=difference - half,
        ci_high=difference + half,
        p_value=welch_p(difference / error, df),
        assumptions=("subjects are independent", "means are about normally distributed"),
        **named,  # type: ignore[arg-type]
    )


def geometric_mean_ratio(samples: Samples, *, confidence: float, logged: bool = False) -> Estimate:
    """Return the ratio of geometric means a / b, from the difference of mean logarithms.

    Parameters
    ----------
    samples : Samples
        Amounts, or their natural logarithms when `logged`.
    confidence : float
        Coverage aimed at.
    logged : bool
        Whether the values are logarithms already.

    Examples
    --------
    >>> from recal_labs.stats.samples import two_samples
    >>> print(geometric_mean_ratio(two_samples([2.0, 4, 8], [1.0, 2, 5], paired=True), confidence=0.95))
    geometric_mean_ratio 1.86 (95 % CI 1.35 to 2.56), n = 3, Geometric mean of paired ratios, t interval on logarithms
    """
    how = (
        "Geometric mean of paired ratios, t interval on logarithms"
        if samples.paired
        else "Ratio of geometric means, Welch t interval on logarithms"
    )
    found = mean_difference(samples if logged else samples.logged(), confidence=confidence)
    fields = {"method": how, "effect": "geometric_mean_ratio", "unit": "1"}
    if found.is_missing:
        return replace(found, **fields)  # type: ignore[arg-type]
    return replace(
        found,
        estimate=math.exp(found.estimate),
        ci_low=math.exp(found.ci_low),
        ci_high=math.exp(found.ci_high),
        assumptions=("subjects are independent", "mean logarithms are about normally distributed"),
        **fields,  # type: ignore[arg-type]
    )


def _paired(samples: Samples) -> tuple[float, float, float]:
    differences = samples.a - samples.b
    n = len(differences)
    return float(differences.mean()), float(differences.std(ddof=1)) / math.sqrt(n), n - 1


def _welch(samples: Samples) -> tuple[float, float, float]:
    """Return difference, standard error and Satterthwaite's degrees of freedom."""
    parts = [float(v.var(ddof=1)) / len(v) for v in (samples.a, samples.b)]
    error = math.sqrt(sum(parts))
    scale = parts[0] ** 2 / (len(samples.a) - 1) + parts[1] ** 2 / (len(samples.b) - 1)
    df = error**4 / scale if scale else NAN
    return float(samples.a.mean() - samples.b.mean()), error, df


def welch_p(t: float, df: float) -> float:
    """Return the two-sided p-value of t on df degrees of freedom, whole or not."""
    return float(2 * stdtr(df, -abs(t)))
