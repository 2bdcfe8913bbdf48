"""A lab's own reference interval from its own reference subjects, without assuming a distribution."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from recal_labs.stats.percentiles import METHOD, reference_limits

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from recal_labs.estimate import Estimate

RECOMMENDED_N = 120


@dataclass(frozen=True, kw_only=True)
class EstablishedInterval:
    """A central reference interval and how well its limits are known.

    Parameters
    ----------
    lower, upper : Estimate
        The limits with their intervals; missing with the reason when the sample cannot give them.
    unit : str
        Unit of the limits.
    n : int
        Reference subjects used.
    central : float
        Share of the reference population between the limits.
    method : str
        How the limits were made.
    warnings : tuple of str
        What a reader must know before using them.
    """

    lower: Estimate
    upper: Estimate
    unit: str
    n: int
    central: float
    method: str
    warnings: tuple[str, ...] = ()

    @property
    def is_missing(self) -> bool:
        """Whether neither limit could be made."""
        return self.lower.is_missing and self.upper.is_missing

    def __str__(self) -> str:
        lines = [f"Central {100 * self.central:g} % reference interval, n = {self.n}, {self.unit}: {self.method}"]
        lines += [f"  {limit}" for limit in (self.lower, self.upper)]
        return "\n".join(lines + [f"  {warning}" for warning in self.warnings])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(str(self))}</pre>"


def establish_interval(
    values: ArrayLike,
    *,
    unit: str,
    confidence: float = 0.90,
    central: float = 0.95,
    censoring: ArrayLike | None = None,
) -> EstablishedInterval:
    """Establish a reference interval from reference subjects.

    Parameters
    ----------
    values : array-like, shape (n_subjects,)
        One amount a reference subject, all of one partition (sex, age, specimen, basis); NaN is left out.
    unit : str
        Their unit, such as ``"ug/g{creat}"``.
    confidence : float
        Coverage of the interval of each limit; 0.90 by custom.
    central : float
        Share of the reference population between the limits.
    censoring : array-like, shape (n_subjects,), optional
        -1 below the stated value, 1 above it, 0 exact. A limit among censored values is missing.

    Returns
    -------
    EstablishedInterval

    Raises
    ------
    ArrayError, ChoiceError
        When the values are not a vector of numbers, or a confidence or share is not between 0 and 1.

    Notes
    -----
    The 2.5th and 97.5th percentiles at ranks ``p (n + 1)``, each between two order statistics: see
    `recal_labs.stats.percentiles`. With fewer than 39 subjects there is no such rank; with fewer than 119 the outer
    limit of the 90 % intervals does not exist. 120 subjects are the number that CLSI EP28-A3c's non-parametric method
    is used from (as in the R packages referenceIntervals and mcradds). No value is removed as an outlier, and no
    parametric or robust substitute is made of a small sample.

    Examples
    --------
    >>> found = establish_interval(range(1, 121), unit="ug/g{creat}")
    >>> round(found.lower.estimate, 3), round(found.upper.estimate, 3), found.warnings
    (3.025, 117.975, ())
    >>> establish_interval([1.0, 2.0, 3.0], unit="ug/L").lower.reason
    '3 values; at least 39 are needed for this percentile'
    """
    lower, upper = reference_limits(values, confidence=confidence, censoring=censoring, unit=unit, central=central)
    return EstablishedInterval(
        lower=lower,
        upper=upper,
        unit=unit,
        n=lower.n,
        central=central,
        method=METHOD,
        warnings=_warnings(lower, upper),
    )


def _warnings(lower: Estimate, upper: Estimate) -> tuple[str, ...]:
    found = []
    if lower.n < RECOMMENDED_N:
        found.append(f"warning: {lower.n} reference subjects; at least {RECOMMENDED_N} are recommended")
    for name, limit in (("lower", lower), ("upper", upper)):
        if limit.is_missing:
            found.append(f"warning: no {name} limit, {limit.reason}")
        found += [f"{text}, {name} limit" for text in limit.assumptions if text.startswith("warning: ")]
    return tuple(found)
