"""One proportion with an interval that stays inside 0 to 1."""

from __future__ import annotations

import math
from statistics import NormalDist

from recal_labs.errors import ArrayError
from recal_labs.estimate import Estimate
from recal_labs.stats.inputs import check_confidence

METHOD = "Proportion, Wilson score interval"


def wilson(k: int, n: int, *, confidence: float = 0.95) -> Estimate:
    """Estimate a proportion with Wilson's score interval.

    Parameters
    ----------
    k, n : int
        Successes and trials.
    confidence : float
        Coverage aimed at.

    Returns
    -------
    Estimate
        Effect ``proportion``; missing when there are no trials.

    Raises
    ------
    ArrayError
        When k is negative or above n.
    ChoiceError
        When the confidence is not between 0 and 1.

    Notes
    -----
    The interval holds every proportion that a score test would not reject: ``(p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) /
    (1 + z²/n)``, without continuity correction (compared with six others in
    Newcombe 1998, Statistics in Medicine 17:857-872).

    Examples
    --------
    >>> print(wilson(23, 60))
    proportion 0.38 (95 % CI 0.27 to 0.51), n = 60, Proportion, Wilson score interval
    """
    check_confidence(confidence)
    if not 0 <= k <= n:
        raise ArrayError(f"k is {k} of n = {n}; expected 0 <= k <= n.")
    if n == 0:
        return Estimate.missing("no observations", method=METHOD, effect="proportion", confidence=confidence)
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    p, q = k / n, (n - k) / n
    centre = p + z * z / (2 * n)
    half = z * math.sqrt(p * q / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return Estimate(
        estimate=p,
        # At the ends the formula gives exactly 0 or 1; rounding must not push it a hair outside.
        ci_low=0.0 if k == 0 else (centre - half) / scale,
        ci_high=1.0 if k == n else (centre + half) / scale,
        confidence=confidence,
        n=n,
        method=METHOD,
        effect="proportion",
        assumptions=("observations are independent",),
    )
