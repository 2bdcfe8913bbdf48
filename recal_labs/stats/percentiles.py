"""Percentiles that assume no distribution, with the two values of the sample that bound each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import bdtr

from recal_labs.errors import ChoiceError
from recal_labs.estimate import NAN, Estimate
from recal_labs.stats.inputs import Flags, Floats, as_censoring, as_vector, check_confidence

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

METHOD = "Percentile at rank p(n + 1), interval of order statistics"


def percentile(
    values: ArrayLike,
    probability: float,
    *,
    confidence: float = 0.90,
    censoring: ArrayLike | None = None,
    unit: str = "1",
    effect: str = "",
) -> Estimate:
    """Estimate a percentile of the population without assuming a distribution.

    Parameters
    ----------
    values : array-like, shape (n_subjects,)
        One value a subject; NaN is left out.
    probability : float
        Such as 0.025 for the lower reference limit.
    confidence : float
        Coverage aimed at; the interval covers at least that often.
    censoring : array-like, shape (n_subjects,), optional
        -1 below the stated value, 1 above it, 0 exact.
    unit : str
        Unit of the values.
    effect : str
        Name of the effect; ``percentile_2.5`` and the like when empty.

    Returns
    -------
    Estimate
        Missing when fewer values than ``1/p - 1`` leave no rank for it, or when the rank falls among censored values. A
        limit of the interval is NaN when the sample holds no value that could be it; an assumption then says so.

    Raises
    ------
    ArrayError, ChoiceError
        When the input is not a vector, or a probability or confidence is not between 0 and 1.

    Notes
    -----
    The percentile stands at rank ``p (n + 1)``, interpolated between neighbours. The number of values below the true
    percentile is binomial, so the order statistics r and s with ``P(B < r)`` and ``P(B >= s)`` each at most half of
    1 - confidence bound it, whatever the distribution. For 2.5 % and 90 % that needs 119 values, where CLSI EP28-A3c's
    table of ranks starts (119 to 1,000 values, as carried by the R package mcradds).

    An exact value below the highest limit of detection cannot be ordered among the censored ones, so it counts as
    censored.

    Examples
    --------
    >>> print(percentile(range(1, 121), 0.025))
    percentile_2.5 3.02 (90 % CI 1.00 to 7.00), n = 120, Percentile at rank p(n + 1), interval of order statistics
    """
    check_confidence(confidence)
    if not 0 < probability < 1:
        raise ChoiceError(f"probability is {probability}; expected a number between 0 and 1, such as 0.025.")
    array = as_vector(values, "values")
    codes = as_censoring(censoring, array.shape, "censoring")
    present = ~np.isnan(array)
    ordered, exact = _ordered(array[present], codes[present])
    n = len(ordered)
    effect = effect or f"percentile_{100 * probability:g}"

    def missing(reason: str) -> Estimate:
        return Estimate.missing(reason, n=n, method=METHOD, effect=effect, unit=unit, confidence=confidence)

    if reason := too_few_for(n, probability):
        return missing(reason)
    rank = _rank(n, probability)
    if np.isinf(array[present]).any():
        return missing("a value is infinite")
    below, above = math.floor(rank) - 1, math.ceil(rank) - 1
    if not (exact[below] and exact[above]):
        return missing("the percentile falls among censored values")
    share = rank - math.floor(rank)
    low, high, notes = _bounds(ordered, exact, probability, confidence)
    return Estimate(
        estimate=float((1 - share) * ordered[below] + share * ordered[above]),
        ci_low=low,
        ci_high=high,
        confidence=confidence,
        n=n,
        method=METHOD,
        effect=effect,
        unit=unit,
        assumptions=("subjects are independent and represent the population", *notes),
    )


def _rank(n: int, probability: float) -> float:
    # Rounded, because 0.975 x 40 must be rank 39 and not a hair above it.
    return round(probability * (n + 1), 9)


def too_few_for(n: int, probability: float) -> str:
    """Say why so many values leave no rank for a percentile; empty when they do.

    Examples
    --------
    >>> too_few_for(38, 0.025), too_few_for(39, 0.025)
    ('38 values; at least 39 are needed for this percentile', '')
    """
    if 1 <= _rank(n, probability) <= n:
        return ""
    needed = math.ceil(round(1 / min(probability, 1 - probability) - 1, 9))
    return f"{n} values; at least {needed} are needed for this percentile"


def _ordered(values: Floats, codes: np.ndarray) -> tuple[Floats, Flags]:
    """Return sorted values and which of them are exact, those beyond a limit of detection counting as censored."""
    floor = np.where(codes < 0, values, -np.inf).max(initial=-np.inf)
    roof = np.where(codes > 0, values, np.inf).min(initial=np.inf)
    low, high = (codes < 0) | (values < floor), (codes > 0) | (values > roof)
    order = np.argsort(np.where(low, -np.inf, np.where(high, np.inf, values)), kind="stable")
    return values[order], ~(low | high)[order]


def _bounds(ordered: Floats, exact: Flags, probability: float, confidence: float) -> tuple[float, float, list[str]]:
    """Return the bounding values, and what is to be said of those that do not exist."""
    first, last = order_statistic_ranks(len(ordered), probability, confidence)
    found, notes = [], []
    for rank, side in ((first, "lower"), (last, "upper")):
        if rank is None:
            found.append(NAN)
            notes.append(f"warning: too few values for the {side} limit of the interval")
        elif not exact[rank - 1]:
            found.append(NAN)
            notes.append(f"warning: the {side} limit of the interval falls among censored values")
        else:
            found.append(float(ordered[rank - 1]))
    return found[0], found[1], notes


def order_statistic_ranks(n: int, probability: float, confidence: float) -> tuple[int | None, int | None]:
    """Return the ranks, from 1, of the values that bound a percentile; None when the sample is too small for one.

    Examples
    --------
    >>> order_statistic_ranks(120, 0.025, 0.90), order_statistic_ranks(118, 0.025, 0.90)
    ((1, 7), (None, 7))
    """
    tail = (1 - confidence) / 2
    # P(B <= k) for k = 0 .. n: B values lie below the percentile.
    at_most = bdtr(np.arange(n + 1), n, probability)
    lower = int((at_most[:-1] <= tail).sum())
    upper = int((1 - at_most > tail).sum()) + 1
    return (lower if lower >= 1 else None), (upper if upper <= n else None)


def reference_limits(
    values: ArrayLike,
    *,
    confidence: float = 0.90,
    censoring: ArrayLike | None = None,
    unit: str = "1",
    central: float = 0.95,
) -> tuple[Estimate, Estimate]:
    """Estimate the limits of the central part of a population, 2.5th and 97.5th percentile by default.

    Parameters
    ----------
    values, confidence, censoring, unit
        As in `percentile`.
    central : float
        Share of the population between the limits.

    Returns
    -------
    tuple of Estimate
        Lower and upper limit, effects ``lower_reference_limit`` and ``upper_reference_limit``.

    Examples
    --------
    >>> low, high = reference_limits(range(1, 121), unit="ug/g{creat}")
    >>> round(low.estimate, 3), round(high.estimate, 3), high.ci_low, high.ci_high
    (3.025, 117.975, 114.0, 120.0)
    """
    if not 0 < central < 1:
        raise ChoiceError(f"central is {central}; expected a share between 0 and 1, such as 0.95.")
    outside = round((1 - central) / 2, 12)
    common = {"confidence": confidence, "censoring": censoring, "unit": unit}
    return (
        percentile(values, outside, effect="lower_reference_limit", **common),  # type: ignore[arg-type]
        percentile(values, 1 - outside, effect="upper_reference_limit", **common),  # type: ignore[arg-type]
    )
