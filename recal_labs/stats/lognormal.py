"""Log-normal amounts with limits of detection, by maximum likelihood: centre, spread and percentiles with intervals."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar
from scipy.special import log_ndtr, ndtri
from scipy.stats import chi2

from recal_labs.estimate import NAN, Estimate
from recal_labs.stats.censored import ASSUMES, BEYOND, censored_sample, exp_or_infinite, percentile_names
from recal_labs.stats.censored_regression import fit_censored_regression
from recal_labs.stats.inputs import Codes, Floats, check_confidence, one_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

METHOD = "Log-normal maximum likelihood, profile likelihood interval"
MIN_EXACT = 3
# A limit of an interval farther out than so many standard errors is given up: the sample does not bound the effect.
FARTHEST = 1e4

# Takes an effect on its log scale and the parameter left free to the mean and the log SD of the logarithms.
Path = Callable[[float, float], tuple[float, float]]


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
    return lognormal_summary(values, censoring, ("geometric_mean",), confidence=confidence, unit=unit)["geometric_mean"]


def lognormal_summary(
    values: ArrayLike,
    censoring: ArrayLike,
    effects: Sequence[str] = ("mean", "geometric_mean", "geometric_sd"),
    probabilities: Sequence[float] = (),
    *,
    confidence: float = 0.95,
    unit: str = "1",
) -> Mapping[str, Estimate]:
    """Estimate centre, spread and percentiles of log-normal amounts with values beyond limits of detection.

    Parameters
    ----------
    values, censoring : array-like, shape (n,)
        Positive stated amounts, and -1 below, 0 exact, 1 above (both sides may occur). NaN is left out.
    effects : sequence of {"mean", "geometric_mean", "geometric_sd"}
        What is estimated; the geometric standard deviation is a pure number.
    probabilities : sequence of float
        Percentiles asked for as well, effects ``percentile_2.5`` and the like.
    confidence : float
        Coverage aimed at.
    unit : str
        Unit of the values.

    Returns
    -------
    mapping of str to Estimate
        By effect, in the order asked. All missing with the reason when fewer than 3 values are exact, these do not
        vary, or an amount has no logarithm; one alone when it is beyond what a number holds (1e308). A limit that the
        sample does not bound, or that is beyond it, is NaN, with a warning.

    Raises
    ------
    ArrayError, UnknownWordError, ChoiceError
        When shapes do not fit, an effect is unknown, or a probability or the confidence is not between 0 and 1.

    Notes
    -----
    With mean m and SD s of the logarithms: ``mean = exp(m + s² / 2)``, ``geometric mean = exp(m)``, ``geometric SD =
    exp(s)``, percentile p ``= exp(m + z(p) s)``. s divides by n. Each interval holds the values of its effect whose
    profile likelihood a chi-squared test with one degree of freedom does not reject.

    A percentile below every measured value rests on the log-normal shape alone.

    Examples
    --------
    >>> found = lognormal_summary([2, 2, 3, 4, 6, 8], [-1, -1, 0, 0, 0, 0], ["geometric_sd"], [0.5])
    >>> [(name, round(e.estimate, 2), round(e.ci_low, 2), round(e.ci_high, 2)) for name, e in found.items()]
    [('geometric_sd', 2.09, 1.49, 7.1), ('percentile_50', 3.13, 1.11, 6.35)]
    """
    check_confidence(confidence)
    paths = _paths(effects, probabilities)
    array, codes, reason = censored_sample(values, censoring)
    reason = reason or _refusal(array, codes)
    named: dict[str, Any] = {"n": len(array), "method": METHOD, "confidence": confidence}
    units = {effect: "1" if effect == "geometric_sd" else unit for effect in paths}
    if not reason:
        fit = fit_censored_regression(np.log(array), codes, np.ones(len(array)), confidence=confidence)
        reason = fit.reason
    if reason:
        return {e: Estimate.missing(reason, effect=e, unit=units[e], **named) for e in paths}
    likelihood = _NormalLikelihood(np.log(array), codes)
    mean, log_sd = float(fit.coefficients[0]), math.log(fit.sd)
    notes = (*ASSUMES, f"amounts are log-normal (geometric SD {exp_or_infinite(fit.sd):.3g})")
    return {
        effect: _estimate(likelihood, kind, mean, log_sd, notes, named | {"effect": effect, "unit": units[effect]})
        for effect, kind in paths.items()
    }


def _refusal(array: Floats, codes: Codes) -> str:
    exact = array[codes == 0]
    if (array <= 0).any():
        return f"{int((array <= 0).sum())} values are zero or negative, so they have no logarithm"
    if len(exact) < MIN_EXACT:
        return f"{len(exact)} exact values; at least {MIN_EXACT} are needed"
    return "the exact values do not vary" if np.ptp(exact) == 0 else ""


@dataclass(frozen=True)
class _Effect:
    """Where an effect lies on its log scale, the way back to mean and log SD, and which of them is left free."""

    place: Callable[[float, float], float]
    path: Path
    free_is_mean: bool = False


def _paths(effects: Sequence[str], probabilities: Sequence[float]) -> dict[str, _Effect]:
    known = {
        "mean": _Effect(lambda m, s: m + math.exp(2 * s) / 2, lambda place, s: (place - math.exp(2 * s) / 2, s)),
        "geometric_mean": _Effect(lambda m, _: m, lambda place, s: (place, s)),
        "geometric_sd": _Effect(lambda _, s: s, lambda place, m: (m, place), free_is_mean=True),
    }
    paths = {effect: known[one_of(effect, tuple(known), "effect")] for effect in effects}
    names = percentile_names(probabilities)
    return paths | {name: _percentile(float(ndtri(p))) for name, p in zip(names, probabilities, strict=True)}


def _percentile(z: float) -> _Effect:
    return _Effect(lambda m, s: m + z * math.exp(s), lambda place, s: (place - z * math.exp(s), s))


def _estimate(
    likelihood: _NormalLikelihood,
    effect: _Effect,
    mean: float,
    log_sd: float,
    notes: tuple[str, ...],
    named: dict[str, Any],
) -> Estimate:
    place, sd = effect.place(mean, log_sd), math.exp(log_sd)
    around = (mean - 6 * sd, mean + 6 * sd) if effect.free_is_mean else (log_sd - 3, log_sd + 6)
    allowed = likelihood.cost(mean, log_sd) + float(chi2.ppf(named["confidence"], 1)) / 2
    # A first step of about a standard error, which on the scale of the log SD has no unit.
    step = (1.0 if effect.free_is_mean else sd) / math.sqrt(likelihood.n)
    low, high = likelihood.limits(effect.path, place, around, allowed, step)
    # A spread is the exponent of the log SD's own: of amounts dozens of powers of ten apart no number holds it.
    places = [exp_or_infinite(x) if effect.free_is_mean else x for x in (place, low, high)]
    estimate, *limits = (exp_or_infinite(x) for x in places)
    if not 0 < estimate < math.inf:
        return Estimate.missing(f"it is {BEYOND}: the amounts lie too far apart", **named)
    warnings = []
    for side, limit in zip(("lower", "upper"), limits, strict=True):
        if math.isnan(limit):
            warnings.append(f"warning: the sample gives no {side} limit of the interval")
        elif math.isinf(limit):
            warnings.append(f"warning: the {side} limit of the interval is {BEYOND}")
    ci_low, ci_high = (NAN if math.isinf(limit) else limit for limit in limits)
    return Estimate(estimate=estimate, ci_low=ci_low, ci_high=ci_high, assumptions=(*notes, *warnings), **named)


class _NormalLikelihood:
    """The likelihood of a normal mean and log SD, given values of which some are only bounded.

    Exact values count through their number, mean and variance alone, and equal limits are counted once.
    """

    def __init__(self, values: Floats, codes: Codes):
        exact = values[codes == 0]
        self.n, self.centre = len(exact), float(exact.mean())
        self.squares = float(((exact - self.centre) ** 2).sum())
        below = np.unique(values[codes < 0], return_counts=True)
        above = np.unique(values[codes > 0], return_counts=True)
        # Signed so that a censored value contributes the chance of what is below w.
        self.sides = np.concatenate([np.ones(len(below[0])), -np.ones(len(above[0]))])
        self.limits_seen = np.concatenate([below[0], above[0]])
        self.counts = np.concatenate([below[1], above[1]]).astype(float)

    def cost(self, mean: float, log_sd: float) -> float:
        """Return minus the log likelihood, but for a constant."""
        sd = math.exp(log_sd)
        squares = self.squares + self.n * (self.centre - mean) ** 2
        chances = log_ndtr(self.sides * (self.limits_seen - mean) / sd)
        return 0.5 * squares / sd**2 + self.n * log_sd - float(self.counts @ chances)

    def profile(self, path: Path, place: float, around: tuple[float, float]) -> float:
        """Return the smallest cost at a given place of the effect."""
        best = minimize_scalar(
            lambda free: self.cost(*path(place, free)), bounds=around, method="bounded", options={"xatol": 1e-10}
        )
        return float(best.fun)

    def limits(
        self, path: Path, place: float, around: tuple[float, float], allowed: float, step: float
    ) -> tuple[float, float]:
        """Return the places to both sides at which the profile reaches the allowed cost; NaN where it never does."""

        def excess(candidate: float) -> float:
            return self.profile(path, candidate, around) - allowed

        found = []
        for direction in (-1, 1):
            reach = 1.0
            while reach < FARTHEST and excess(place + direction * reach * step) < 0:
                reach *= 2
            end = place + direction * reach * step
            found.append(float(brentq(excess, place, end, xtol=1e-11)) if reach < FARTHEST else NAN)
        return found[0], found[1]
