"""The shape of one number: an estimate with its interval, its sample size and, when missing, the reason why."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass, replace
from typing import Any

NAN = float("nan")


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One effect with its uncertainty.

    Parameters
    ----------
    estimate : float
        The point estimate; NaN when it could not be computed, and then `reason` says why.
    ci_low, ci_high : float
        Limits of the interval at `confidence`; NaN when missing.
    confidence : float
        Coverage aimed at, such as 0.95.
    p_value : float
        Two-sided; NaN when not tested.
    n : int
        Observations used.
    method : str
        How estimate and interval were made, in words that a statistician recognises.
    effect : str
        Name of the effect, such as ``"spearman_rho"``.
    unit : str
        Unit of the estimate; ``"1"`` for a pure number.
    assumptions : tuple of str
        What must hold for the interval to mean what it says, and warnings about this sample.
    reason : str
        Why the estimate is missing; empty when it is not.

    Examples
    --------
    >>> e = Estimate(estimate=0.31, ci_low=0.12, ci_high=0.48, n=96, method="Spearman", effect="spearman_rho")
    >>> str(e)
    'spearman_rho 0.31 (95 % CI 0.12 to 0.48), n = 96, Spearman'
    >>> Estimate.missing("fewer than 4 pairs", n=3, method="Spearman", effect="spearman_rho").is_missing
    True
    """

    estimate: float = NAN
    ci_low: float = NAN
    ci_high: float = NAN
    confidence: float = 0.95
    p_value: float = NAN
    n: int = 0
    method: str = ""
    effect: str = ""
    unit: str = "1"
    assumptions: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        if math.isnan(self.estimate) and not self.reason:
            raise ValueError("a missing estimate needs a reason")

    @classmethod
    def missing(cls, reason: str, *, n: int = 0, method: str = "", effect: str = "", **fields: Any) -> Estimate:
        """Make an estimate that could not be computed, with the reason."""
        return cls(reason=reason, n=n, method=method, effect=effect, **fields)

    @property
    def is_missing(self) -> bool:
        """Whether the point estimate is missing."""
        return math.isnan(self.estimate)

    def with_assumptions(self, *more: str) -> Estimate:
        """Return the same estimate with further assumptions or warnings."""
        return replace(self, assumptions=self.assumptions + more)

    def to_dict(self) -> dict[str, Any]:
        """Return the columns of the estimates table that one estimate fills."""
        return {
            "n": self.n,
            "estimate": self.estimate,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
            "confidence": self.confidence,
            "p_value": self.p_value,
            "method": self.method,
            "effect": self.effect,
            "unit": self.unit,
            "assumptions": "; ".join(self.assumptions),
            "reason": self.reason,
        }

    def __str__(self) -> str:
        if self.is_missing:
            return f"{self.effect or 'estimate'} missing: {self.reason} (n = {self.n})"
        unit = "" if self.unit == "1" else f" {self.unit}"
        return (
            f"{self.effect} {self.estimate:.2f}{unit} ({self.confidence * 100:g} % CI {self.ci_low:.2f} to "
            f"{self.ci_high:.2f}), n = {self.n}, {self.method}"
        )

    def _repr_html_(self) -> str:
        return f"<p>{html.escape(str(self))}</p>"
