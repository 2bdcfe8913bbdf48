"""Regression on order statistics: values below limits of detection modelled from where they rank among the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from recal_labs.estimate import Estimate
from recal_labs.stats.censored import ASSUMES, censored_sample, percentile_names
from recal_labs.stats.inputs import Codes, Floats, one_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

METHOD = "Robust regression on order statistics (log-normal), Helsel-Cohn plotting positions"
MIN_EXACT = 3
# Above this share statsmodels.imputation.ros gives the line up as well (max_fraction_censored).
MOST_CENSORED = 0.8
NO_INTERVAL = "warning: regression on order statistics gives no interval"
EFFECTS = ("mean", "geometric_mean", "geometric_sd")


@dataclass(frozen=True, eq=False)
class OrderStatisticsFit:
    """Measured values beside modelled ones.

    Parameters
    ----------
    modelled : ndarray, shape (n,)
        The values in their order, those below a limit replaced by what the line gives at their plotting positions.
        NaN where the value was missing, or its limit lies above every measured value.
    positions : ndarray, shape (n,)
        Plotting positions (estimated shares at or below); NaN where `modelled` is.
    log_mean, log_sd : float
        Intercept and slope of the line of log values on normal quantiles.
    n, n_censored, n_left_out : int
        Values in the fit, how many of them are below a limit, and how many could not be placed.
    reason : str
        Why there is no fit; empty when there is one.
    """

    modelled: Floats
    positions: Floats
    log_mean: float
    log_sd: float
    n: int
    n_censored: int
    n_left_out: int
    reason: str = ""


def plotting_positions(values: Floats, codes: Codes) -> Floats:
    """Return where each value stands in the distribution, by the formula for several limits of detection.

    Parameters
    ----------
    values : ndarray, shape (n,)
        Without NaN; at least one is below a limit.
    codes : ndarray, shape (n,)
        -1 below the value, 0 exact.

    Returns
    -------
    ndarray, shape (n,)
        Estimated shares at or below, between 0 and 1.

    Notes
    -----
    For the limits in rising order (and the smallest value, where it lies below them) let A be the number of exact
    values from a limit up to the next, B that of all values known to lie below it. The share at or above a limit is
    ``P = P_next + (1 - P_next) A / (A + B)``, from the highest limit (``P_next = 0``) down. The r-th of the A exact
    values stands at ``1 - P + (P - P_next) r / (A + 1)``, the r-th of the C values below the limit at
    ``(1 - P) r / (C + 1)``. Helsel and Cohn 1988 (Water Resources Research 24, 1997-2004), as programmed in the R
    package NADA and in statsmodels.imputation.ros.

    Examples
    --------
    >>> plotting_positions(np.array([2.0, 2.0, 3.0, 5.0]), np.array([-1, -1, 0, 0])).round(3).tolist()
    [0.167, 0.333, 0.667, 0.833]
    """
    below, exact = codes < 0, codes == 0
    limits = np.unique(values[below])
    if values.min() < limits[0]:
        limits = np.concatenate([[values.min()], limits])
    measured = np.sort(values[exact])
    up_to = np.searchsorted(measured, limits, side="left")
    above = np.diff(np.concatenate([up_to, [len(measured)]]))
    under = up_to + np.searchsorted(np.sort(values[below]), limits, side="right")
    reach = np.zeros(len(limits) + 1)
    for j in range(len(limits) - 1, -1, -1):
        reach[j] = reach[j + 1] + (1 - reach[j + 1]) * above[j] / (above[j] + under[j])
    place = np.searchsorted(limits, values, side="right") - 1
    rank = _rank_within(values, place, exact)
    equal = np.bincount(place[below], minlength=len(limits))
    missed = 1 - reach[place]
    return np.where(
        exact,
        missed + (reach[place] - reach[place + 1]) * rank / (above[place] + 1),
        missed * rank / (equal[place] + 1),
    )


def _rank_within(values: Floats, place: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """Return the rank from 1 of each value among those of its limit and kind; ties in the order given."""
    group = 2 * place + exact
    order = np.lexsort((values, group))
    ordered = group[order]
    start = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
    sizes = np.diff(np.concatenate([start, [len(ordered)]]))
    rank = np.empty(len(values))
    rank[order] = np.arange(len(values)) - np.repeat(start, sizes) + 1
    return rank


def fit_order_statistics(values: ArrayLike, censoring: ArrayLike) -> OrderStatisticsFit:
    """Model values below limits of detection from the line of the others on normal quantiles.

    Parameters
    ----------
    values, censoring : array-like, shape (n,)
        Positive stated amounts, and -1 below, 0 exact. NaN is left out.

    Returns
    -------
    OrderStatisticsFit
        With a reason, and NaN, when a value is above a limit (the method is for values below limits only), when fewer
        than 3 values are exact or these do not vary, when more than 80 % lie below a limit, or an amount has no
        logarithm.

    Raises
    ------
    ArrayError
        When shapes do not fit, or a code is not -1, 0 or 1.

    Notes
    -----
    Robust: measured values stay what they are, the line serves for the others alone, so what is estimated is not taken
    back from logarithms. A value modelled may lie above its own limit.

    Examples
    --------
    >>> fit_order_statistics([2, 2, 3, 4, 6, 8], [-1, -1, 0, 0, 0, 0]).modelled.round(2).tolist()
    [1.18, 1.73, 3.0, 4.0, 6.0, 8.0]
    """
    array, codes, reason = censored_sample(values, censoring)
    whole = np.asarray(values, dtype=np.float64)
    nothing = np.full(len(whole), np.nan)
    # A limit above every measured value says nothing about where in the sample its value stands.
    beyond = (codes < 0) & (array > array[codes == 0].max(initial=-np.inf))
    left_out, kept = int(beyond.sum()), ~beyond
    n, below = int(kept.sum()), int((codes[kept] < 0).sum())
    reason = reason or _refusal(array, codes, below / max(n, 1))
    if reason:
        return OrderStatisticsFit(
            nothing, nothing.copy(), float("nan"), float("nan"), len(array), int((codes != 0).sum()), 0, reason
        )
    inside, sides = array[kept], codes[kept]
    exact = sides == 0
    if below:
        positions = plotting_positions(inside, sides)
    else:
        # ppoints of R: (r - a) / (n + 1 - 2 a), with a = 3/8 up to 10 values and 1/2 beyond.
        a = 0.375 if n <= 10 else 0.5
        positions = (_rank_within(inside, np.zeros(n, dtype=int), exact) - a) / (n + 1 - 2 * a)
    quantiles = ndtri(positions)
    slope, intercept = np.polyfit(quantiles[exact], np.log(inside[exact]), 1)
    modelled = np.where(exact, inside, np.exp(intercept + slope * quantiles))
    placed = np.flatnonzero(~np.isnan(whole))[kept]
    out, where = nothing, nothing.copy()
    out[placed], where[placed] = modelled, positions
    return OrderStatisticsFit(out, where, float(intercept), float(slope), n, below, left_out)


def _refusal(array: Floats, codes: Codes, share: float) -> str:
    exact = array[codes == 0]
    if (codes > 0).any():
        return "values above a limit: regression on order statistics is for values below limits only"
    if (array <= 0).any():
        return f"{int((array <= 0).sum())} values are zero or negative, so they have no logarithm"
    if len(exact) < MIN_EXACT:
        return f"{len(exact)} exact values; at least {MIN_EXACT} are needed"
    if np.ptp(exact) == 0:
        return "the exact values do not vary"
    if share > MOST_CENSORED:
        return f"{share:.0%} lie below a limit; above {MOST_CENSORED:.0%} the others are too few for a line"
    return ""


def ros_summary(
    values: ArrayLike,
    censoring: ArrayLike,
    effects: Sequence[str] = EFFECTS,
    probabilities: Sequence[float] = (),
    *,
    unit: str = "1",
) -> Mapping[str, Estimate]:
    """Estimate centre, spread and percentiles from measured values and those modelled below limits of detection.

    Parameters
    ----------
    values, censoring : array-like, shape (n,)
        As for `fit_order_statistics`.
    effects : sequence of {"mean", "geometric_mean", "geometric_sd"}
        What is estimated; the geometric standard deviation (of n - 1) is a pure number.
    probabilities : sequence of float
        Percentiles asked for as well, effects ``percentile_2.5`` and the like, interpolated between ordered values.
    unit : str
        Unit of the values.

    Returns
    -------
    mapping of str to Estimate
        By effect, in the order asked, without intervals. All missing with the reason when there is no fit.

    Raises
    ------
    ArrayError, UnknownWordError, ChoiceError
        When shapes do not fit, an effect is unknown, or a probability is not between 0 and 1.

    Examples
    --------
    >>> found = ros_summary([2, 2, 3, 4, 6, 8], [-1, -1, 0, 0, 0, 0], ["mean"], [0.5])
    >>> {name: round(e.estimate, 2) for name, e in found.items()}
    {'mean': 3.98, 'percentile_50': 3.5}
    """
    asked = [one_of(effect, EFFECTS, "effect") for effect in effects] + percentile_names(probabilities)
    fit = fit_order_statistics(values, censoring)
    named = {"n": fit.n, "method": METHOD}
    units = ["1" if effect == "geometric_sd" else unit for effect in asked]
    if fit.reason:
        return {
            e: Estimate.missing(fit.reason, effect=e, unit=u, **named)  # type: ignore[arg-type]
            for e, u in zip(asked, units, strict=True)
        }
    sample = fit.modelled[~np.isnan(fit.modelled)]
    logs = np.log(sample)
    known = {
        "mean": float(sample.mean()),
        "geometric_mean": float(np.exp(logs.mean())),
        "geometric_sd": float(np.exp(logs.std(ddof=1))),
    }
    numbers = [*(known[effect] for effect in effects), *(float(np.quantile(sample, p)) for p in probabilities)]
    notes = [*ASSUMES, "amounts below a limit follow the log-normal line of the others", NO_INTERVAL]
    if fit.n_left_out:
        notes.append(f"warning: {fit.n_left_out} values below limits above every measured value are left out")
    return {
        e: Estimate(estimate=x, effect=e, unit=u, assumptions=tuple(notes), **named)  # type: ignore[arg-type]
        for e, x, u in zip(asked, numbers, units, strict=True)
    }
