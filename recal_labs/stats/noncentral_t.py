"""What the noncentral t distribution says of standardised effects: exact limits, and the small-sample bias."""

from __future__ import annotations

import math

from scipy.optimize import brentq
from scipy.special import nctdtrinc
from scipy.stats import nct


def noncentrality_limits(t: float, df: float, confidence: float) -> tuple[float, float]:
    """Return the noncentralities under which the observed t lies exactly at the upper and at the lower tail.

    Parameters
    ----------
    t, df : float
        Observed statistic and its degrees of freedom.
    confidence : float
        Coverage of the limits.

    Returns
    -------
    tuple of float
        Lower and upper limit. Divided by the square root of the effective sample size they are the limits of the
        standardised effect (Kelley 2007, Journal of Statistical Software 20(8)).

    Examples
    --------
    >>> low, high = noncentrality_limits(3.0, 20, 0.95)
    >>> round(low, 4), round(high, 4)
    (0.8027, 5.1361)
    """
    tail = (1 - confidence) / 2
    return _noncentrality(t, df, 1 - tail), _noncentrality(t, df, tail)


def _noncentrality(t: float, df: float, probability: float) -> float:
    """Return the noncentrality whose distribution function at t is `probability`."""
    if t < 0:  # nctdtrinc knows non-negative noncentralities best
        return -_noncentrality(-t, df, 1 - probability)

    def excess(noncentrality: float) -> float:
        return float(nct.cdf(t, df, noncentrality)) - probability

    # nctdtrinc is good to about seven digits and stops at zero; the root is searched around it.
    start = float(nctdtrinc(df, probability, t))
    start = start if math.isfinite(start) else t
    step = 1e-6 * max(1.0, abs(start))
    low, high = start - step, start + step
    while excess(low) < 0:
        low -= (step := 4 * step)
    while excess(high) > 0:
        high += (step := 4 * step)
    return float(brentq(excess, low, high, xtol=1e-13, rtol=1e-14))


def hedges_correction(df: float) -> float:
    """Return the factor that makes a standardised difference unbiased under normality, from its degrees of freedom.

    Examples
    --------
    >>> round(hedges_correction(30), 5)
    0.97475
    """
    if df <= 1:
        return math.nan
    return math.exp(math.lgamma(df / 2) - math.lgamma((df - 1) / 2)) / math.sqrt(df / 2)
