"""How often one sample lies above the other: Cliff's delta and the rank-biserial correlation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri, stdtrit
from scipy.stats import binomtest, mannwhitneyu, wilcoxon

from recal_labs.estimate import Estimate
from recal_labs.stats.ranks import mid_ranks

if TYPE_CHECKING:
    from recal_labs.stats.inputs import Floats
    from recal_labs.stats.samples import Samples

_ASSUMES = ("subjects are independent",)
_DISJOINT = "warning: the groups do not overlap, so the limit is Wilson's for the size of the smaller one"
_ONE_SIGN = "warning: all differences have one sign, so the limit is Wilson's for their number"


def cliffs_delta(samples: Samples, *, confidence: float, effect: str = "cliffs_delta") -> Estimate:
    """Return P(a > b) - P(a < b) for two groups, with Cliff's interval.

    Notes
    -----
    Variance: Cliff's consistent estimate (Cliff 1996, as in the R package reproducer). Interval, with q the t quantile
    on n_a + n_b - 2 degrees of freedom: ``(d - d³ ± q s sqrt((1 - d²)² + q² s²)) / (1 - d² + q² s²)`` (Cliff 1996, Feng
    & Cliff 2004, as in the R package effsize). When the groups do not overlap the variance is zero, and the inner limit
    is Wilson's for as many successes as the smaller group has subjects. The p-value is Mann and Whitney's.

    Examples
    --------
    >>> from recal_labs.stats.samples import two_samples
    >>> groups = two_samples([10, 10, 20, 20, 20, 30, 30, 30, 40, 50], [10, 20, 30, 40, 40, 50], paired=False)
    >>> cliffs_delta(groups, confidence=0.95).estimate
    -0.25
    """
    named: dict[str, Any] = {"n": samples.n, "effect": effect, "confidence": confidence}
    named["method"] = "Cliff's delta, Cliff's interval with consistent variance, p by Mann-Whitney"
    if samples.reason:
        return Estimate.missing(samples.reason, **named)
    a, b = samples.a, samples.b
    if np.ptp(np.concatenate([a, b])) == 0:
        return Estimate.missing("all values are equal", **named)
    rows, columns = _dominance(a, b), -_dominance(b, a)
    delta = float(rows.mean())
    p = float(mannwhitneyu(a, b, alternative="two-sided").pvalue)
    if abs(delta) == 1:
        low, high = _beyond_one(delta, min(len(a), len(b)), confidence)
        return Estimate(
            estimate=delta, ci_low=low, ci_high=high, p_value=p, assumptions=(*_ASSUMES, _DISJOINT), **named
        )
    quantile = float(stdtrit(len(a) + len(b) - 2, (1 + confidence) / 2))
    low, high = cliff_interval(delta, _consistent_variance(a, b, rows, columns, delta), quantile)
    return Estimate(estimate=delta, ci_low=low, ci_high=high, p_value=p, assumptions=_ASSUMES, **named)


def _dominance(a: Floats, b: Floats) -> Floats:
    """Return, for each value of a, the share of b below it minus the share above it."""
    ordered = np.sort(b)
    below = np.searchsorted(ordered, a, side="left")
    above = len(b) - np.searchsorted(ordered, a, side="right")
    share: Floats = (below - above) / len(b)
    return share


def _consistent_variance(a: Floats, b: Floats, rows: Floats, columns: Floats, delta: float) -> float:
    """Return the variance of delta; never negative, unlike the unbiased estimate.

    Examples
    --------
    >>> a, b = np.array([1.2, 3, 2.2, 4, 2.5, 3]), np.array([3, 4.2, 4, 6, 7, 5.9])
    >>> rows, columns = _dominance(a, b), -_dominance(b, a)
    >>> round(_consistent_variance(a, b, rows, columns, float(rows.mean())), 8)
    0.02017931
    """
    n_a, n_b = len(a), len(b)
    ordered = np.sort(b)
    ties = int((np.searchsorted(ordered, a, side="right") - np.searchsorted(ordered, a, side="left")).sum())
    of_rows = float(((rows - delta) ** 2).sum()) / (n_a - 1)
    of_columns = float(((columns - delta) ** 2).sum()) / (n_b - 1)
    of_pairs = (n_a * n_b - ties - n_a * n_b * delta**2) / (n_a * n_b - 1)
    return ((n_b - 1) * of_rows + (n_a - 1) * of_columns + of_pairs) / (n_a * n_b)


def cliff_interval(delta: float, variance: float, quantile: float) -> tuple[float, float]:
    """Return Cliff's asymmetric limits for a delta inside -1 to 1.

    Examples
    --------
    >>> [round(limit, 4) for limit in cliff_interval(0.5, 0.04, 1.96)]
    [0.0479, 0.7821]
    """
    q = quantile * quantile * variance
    centre = delta - delta**3
    half = math.sqrt(q) * math.sqrt((1 - delta**2) ** 2 + q)
    scale = 1 - delta**2 + q
    return max(-1.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def _beyond_one(delta: float, n: int, confidence: float) -> tuple[float, float]:
    """Return limits for delta = ±1: twice Wilson's limit of n in n, minus 1."""
    z = float(ndtri((1 + confidence) / 2))
    inner = (n - z * z) / (n + z * z)
    return (inner, 1.0) if delta > 0 else (-1.0, -inner)


def paired_dominance(samples: Samples, *, confidence: float) -> Estimate:
    """Return the share of pairs with a > b minus the share with a < b.

    Notes
    -----
    Interval: adjusted Wald for a difference of paired proportions, one pair added to each side (Bonett & Price 2012,
    doi:10.3102/1076998611411915). The p-value is that of the exact sign test, which leaves ties out.
    """
    named: dict[str, Any] = {"n": samples.n, "effect": "cliffs_delta", "confidence": confidence}
    named["method"] = "Cliff's delta within pairs, Bonett-Price adjusted Wald interval, p by sign test"
    if samples.reason:
        return Estimate.missing(samples.reason, **named)
    n, above, below = samples.n, int((samples.a > samples.b).sum()), int((samples.a < samples.b).sum())
    if above + below == 0:
        return Estimate.missing("all differences are zero", **named)
    low, high = adjusted_wald_difference(above, below, n, confidence)
    return Estimate(
        estimate=(above - below) / n,
        ci_low=low,
        ci_high=high,
        p_value=float(binomtest(above, above + below).pvalue),
        assumptions=_ASSUMES,
        **named,
    )


def adjusted_wald_difference(above: int, below: int, n: int, confidence: float) -> tuple[float, float]:
    """Return Bonett and Price's limits for the share above minus the share below among n pairs.

    Examples
    --------
    >>> [round(limit, 4) for limit in adjusted_wald_difference(26, 4, 48, 0.95)]
    [0.2548, 0.6252]
    """
    up, down = (above + 1) / (n + 2), (below + 1) / (n + 2)
    half = float(ndtri((1 + confidence) / 2)) * math.sqrt((up + down - (up - down) ** 2) / (n + 2))
    return max(-1.0, up - down - half), min(1.0, up - down + half)


def matched_rank_biserial(samples: Samples, *, confidence: float) -> Estimate:
    """Return the matched-pairs rank-biserial correlation, ``(W+ - W-) / (W+ + W-)`` of Wilcoxon's signed ranks.

    Notes
    -----
    Zero differences are left out. The correlation is the mean sign of all sums ``D_i + D_j`` with i <= j, so its
    variance is estimated from the mean sign h_i of the sums that each pair takes part in, ``4 var(h) / m`` for m
    non-zero differences, and the interval is made on Fisher's scale with the t quantile on m - 1 degrees of freedom.
    The p-value is Wilcoxon's.
    """
    named: dict[str, Any] = {"n": samples.n, "effect": "rank_biserial", "confidence": confidence}
    named["method"] = "Matched-pairs rank-biserial correlation, U-statistic interval on Fisher's scale, p by Wilcoxon"
    if samples.reason:
        return Estimate.missing(samples.reason, **named)
    differences = samples.a - samples.b
    differences = differences[differences != 0]
    m = len(differences)
    if m < 2:
        return Estimate.missing(f"{m} pairs differ; at least 2 are needed", **named)
    ranks = mid_ranks(np.abs(differences))
    r = float((np.sign(differences) * ranks).sum() / ranks.sum())
    p = float(wilcoxon(differences).pvalue)
    if abs(r) == 1:
        low, high = _beyond_one(r, m, confidence)
        return Estimate(estimate=r, ci_low=low, ci_high=high, p_value=p, assumptions=(*_ASSUMES, _ONE_SIGN), **named)
    ordered = np.sort(differences)
    above = m - np.searchsorted(ordered, -differences, side="right")
    below = np.searchsorted(ordered, -differences, side="left")
    error = 2 * math.sqrt(float(((above - below) / m).var(ddof=1)) / m)
    half = float(stdtrit(m - 1, (1 + confidence) / 2)) * error / (1 - r * r)
    return Estimate(
        estimate=r,
        ci_low=math.tanh(math.atanh(r) - half),
        ci_high=math.tanh(math.atanh(r) + half),
        p_value=p,
        assumptions=(*_ASSUMES, "differences are symmetric about their centre for the p-value"),
        **named,
    )
