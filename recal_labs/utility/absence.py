"""What could not be shown is not thereby absent: how strong an effect the intervals still allow."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from recal_labs.utility.numerals import coverage, fixed, is_number

NO_EVIDENCE = "that is no evidence of none"

Limits = Sequence[tuple[float | None, float | None]]


def reaches(limits: Limits) -> list[float]:
    """Return how far each interval reaches from zero, on its farther side; one without both limits is left out.

    Parameters
    ----------
    limits : sequence of (low, high)
        Of effects for which zero means none; a missing limit is None or NaN.

    Examples
    --------
    >>> reaches([(-0.31, -0.05), (-0.1, 0.16), (None, None)])
    [0.31, 0.16]
    """
    return [max(abs(low), abs(high)) for low, high in limits if is_number(low) and is_number(high)]


def allowed_words(limits: Limits, *, confidence: float = 0.95, what: str = "a rank correlation") -> str:
    """Say how strong an effect the intervals still allow, as a clause without its full stop; empty without intervals.

    Parameters
    ----------
    limits : sequence of (low, high)
        As of `reaches`.
    confidence : float
        Coverage of each interval by itself.
    what : str
        What the limits are limits of.

    Examples
    --------
    >>> print(allowed_words([(-0.31, -0.05), (-0.1, 0.16), (-0.02, 0.19)]))
    the 95 % intervals still allow a rank correlation as strong as 0.19 in half of these pairs, and 0.31 at the most
    >>> print(allowed_words([(-0.1, 0.16)]))
    the 95 % interval still allows a rank correlation as strong as 0.16
    """
    found = reaches(limits)
    if not found:
        return ""
    most = fixed(max(found), 2)
    if len(found) == 1:
        return f"the {coverage(confidence)} interval still allows {what} as strong as {most}"
    middle = fixed(median(found), 2)
    return (
        f"the {coverage(confidence)} intervals still allow {what} as strong as {middle} in half of these pairs, and "
        f"{most} at the most"
    )


def no_evidence(limits: Limits, *, confidence: float = 0.95) -> str:
    """Say that what could not be shown may be there all the same, as a clause without its full stop.

    Examples
    --------
    >>> print(no_evidence([(-0.1, 0.16)]))
    that is no evidence of none: the 95 % interval still allows a rank correlation as strong as 0.16
    >>> print(no_evidence([]))
    that is no evidence of none
    """
    allowed = allowed_words(limits, confidence=confidence)
    return f"{NO_EVIDENCE}: {allowed}" if allowed else NO_EVIDENCE


def half_width_words(limits: Limits) -> str:
    """Say how wide the intervals are in the middle, as a clause; empty without intervals.

    Examples
    --------
    >>> print(half_width_words([(-0.31, -0.05), (-0.1, 0.16), (-0.02, 0.19)]))
    half of the intervals are wider than 0.13 to either side
    """
    halves = [(high - low) / 2 for low, high in limits if is_number(low) and is_number(high)]
    if not halves:
        return ""
    if len(halves) == 1:
        return f"the interval is {fixed(halves[0], 2)} wide to either side"
    return f"half of the intervals are wider than {fixed(median(halves), 2)} to either side"


def allowed_factor(limits: Limits) -> float | None:
    """Return the largest factor, up or down, that intervals of ratios still allow; None without intervals.

    Examples
    --------
    >>> allowed_factor([(0.8, 1.1), (0.9, 1.2)])
    1.25
    """
    known = [(low, high) for low, high in limits if is_number(low) and is_number(high) and low > 0]
    return max(max(1 / low, high) for low, high in known) if known else None
