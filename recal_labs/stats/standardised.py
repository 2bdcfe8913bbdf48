"""Differences of means in standard deviations: whose deviation it is, and an interval that fits it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from recal_labs.estimate import Estimate
from recal_labs.stats.mean_differences import mean_difference, welch_p
from recal_labs.stats.noncentral_t import hedges_correction, noncentrality_limits

if TYPE_CHECKING:
    from recal_labs.stats.samples import Samples

_NORMAL = ("subjects are independent", "values are about normally distributed")


def pooled_d(samples: Samples, *, confidence: float, corrected: bool) -> Estimate:
    """Return the difference of two groups in units of their pooled SD, with noncentral t limits.

    Notes
    -----
    ``d = (mean a - mean b) / s``; Hedges' g is d times `hedges_correction` on n_a + n_b - 2 degrees of freedom. The
    limits are those of the population's difference in SDs and the same for both: the correction moves the estimate, not
    what it estimates.
    """
    title, effect = ("Hedges' g", "hedges_g") if corrected else ("Cohen's d", "cohens_d")
    named = _named(samples, f"{title} by the pooled SD, noncentral t interval", effect, confidence)
    if samples.reason:
        return Estimate.missing(samples.reason, **named)
    n_a, n_b = len(samples.a), len(samples.b)
    df = n_a + n_b - 2
    sd = math.sqrt(((n_a - 1) * samples.a.var(ddof=1) + (n_b - 1) * samples.b.var(ddof=1)) / df)
    if _no_spread(sd, samples):
        return Estimate.missing("no value varies within a group", **named)
    d = float(samples.a.mean() - samples.b.mean()) / sd
    root = math.sqrt(n_a * n_b / (n_a + n_b))
    low, high = noncentrality_limits(d * root, df, confidence)
    return Estimate(
        estimate=d * (hedges_correction(df) if corrected else 1),
        ci_low=low / root,
        ci_high=high / root,
        p_value=welch_p(d * root, df),
        assumptions=(*_NORMAL, "both groups have the same SD"),
        **named,
    )


def glass_delta(samples: Samples, *, confidence: float) -> Estimate:
    """Return the difference in units of the SD of b, which a treatment of group a cannot have changed.

    Notes
    -----
    Limits ``delta ± z se`` with ``se² = delta²/2(n_b-1) + 1/(n_b-1) + s_a²/((n_a-1) s_b²)`` for groups, and
    ``delta²/2(n-1) + s²_difference/((n-1) s_b²)`` for pairs: Bonett 2008, doi:10.1037/1082-989X.13.2.99, as in the R
    package statpsych. The p-value is that of the difference of means.
    """
    named = _named(samples, "Glass' delta by the SD of b, Bonett interval", "glass_delta", confidence)
    if samples.reason:
        return Estimate.missing(samples.reason, **named)
    sd = float(samples.b.std(ddof=1))
    if _no_spread(sd, samples):
        return Estimate.missing("b does not vary", **named)
    delta = float(samples.a.mean() - samples.b.mean()) / sd
    df_a, df_b = len(samples.a) - 1, len(samples.b) - 1
    if samples.paired:
        other = float((samples.a - samples.b).var(ddof=1)) / (df_b * sd**2)
    else:
        other = 1 / df_b + float(samples.a.var(ddof=1)) / (df_a * sd**2)
    half = float(ndtri((1 + confidence) / 2)) * math.sqrt(delta**2 / (2 * df_b) + other)
    return Estimate(
        estimate=delta,
        ci_low=delta - half,
        ci_high=delta + half,
        p_value=mean_difference(samples, confidence=confidence).p_value,
        assumptions=_NORMAL,
        **named,
    )


def average_d(samples: Samples, *, confidence: float, corrected: bool, effect: str) -> Estimate:
    """Return the mean difference of pairs in units of the average SD of the two occasions (d_av).

    Notes
    -----
    ``d = mean(a - b) / sqrt((s_a² + s_b²) / 2)``, comparable with studies of separate groups. Limits ``d ± z se`` with
    ``se² = d²/2v + s²_difference/((n-1) s²)``, where ``v = (n-1)(s_a² + s_b²)² / (s_a⁴ + s_b⁴ + 2 r² s_a² s_b²)`` are
    the degrees of freedom of the average variance: Bonett 2008, doi:10.1037/1082-989X.13.2.99, as in the R package
    statpsych. The correction of the estimate for small samples is Hedges' on those v degrees of freedom.
    """
    title = "Hedges' g" if corrected else "Cohen's d"
    named = _named(samples, f"{title} of pairs by the average SD, Bonett interval", effect, confidence)
    if samples.reason:
        return Estimate.missing(samples.reason, **named)
    n, differences = len(samples.a), samples.a - samples.b
    v_a, v_b = float(samples.a.var(ddof=1)), float(samples.b.var(ddof=1))
    v = (v_a + v_b) / 2
    if _no_spread(math.sqrt(v), samples):
        return Estimate.missing("no value varies within an occasion", **named)
    covariance = (v_a + v_b - float(differences.var(ddof=1))) / 2
    df = (n - 1) * (v_a + v_b) ** 2 / (v_a**2 + v_b**2 + 2 * covariance**2)
    d = float(differences.mean()) / math.sqrt(v)
    error = math.sqrt(d**2 / (2 * df) + float(differences.var(ddof=1)) / ((n - 1) * v))
    if error == 0:
        return Estimate.missing("all differences are equal", **named)
    half = float(ndtri((1 + confidence) / 2)) * error
    return Estimate(
        estimate=d * (hedges_correction(df) if corrected else 1),
        ci_low=d - half,
        ci_high=d + half,
        p_value=mean_difference(samples, confidence=confidence).p_value,
        assumptions=_NORMAL,
        **named,
    )


def difference_d(samples: Samples, *, confidence: float, corrected: bool) -> Estimate:
    """Return the mean difference of pairs in units of the SD of the differences (d_z), with noncentral t limits.

    Notes
    -----
    ``d_z = mean(a - b) / s_difference``. It grows with the correlation of the two occasions, so it is not comparable
    with differences between groups.
    """
    how = "Mean of paired differences by their SD" + (", Hedges-corrected" if corrected else "")
    named = _named(samples, f"{how}, noncentral t interval", "d_z", confidence)
    if samples.reason:
        return Estimate.missing(samples.reason, **named)
    differences = samples.a - samples.b
    n, sd = len(differences), float(differences.std(ddof=1))
    if _no_spread(sd, samples):
        return Estimate.missing("all differences are equal", **named)
    d, root = float(differences.mean()) / sd, math.sqrt(n)
    low, high = noncentrality_limits(d * root, n - 1, confidence)
    return Estimate(
        estimate=d * (hedges_correction(n - 1) if corrected else 1),
        ci_low=low / root,
        ci_high=high / root,
        p_value=welch_p(d * root, n - 1),
        assumptions=("subjects are independent", "differences are about normally distributed"),
        **named,
    )


def _named(samples: Samples, method: str, effect: str, confidence: float) -> dict[str, Any]:
    return {"n": samples.n, "method": method, "effect": effect, "unit": "1", "confidence": confidence}


def _no_spread(sd: float, samples: Samples) -> bool:
    """Return whether an SD is zero but for rounding."""
    return sd <= 1e-13 * max(float(np.abs(samples.a).max()), float(np.abs(samples.b).max()))
