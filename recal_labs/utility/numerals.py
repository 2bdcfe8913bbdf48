"""Numbers in words, one typography for statements and reports: a true minus, ``95 % CI``, thousands apart."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any, TypeGuard

MISSING = "–"
MINUS = "−"


def is_number(value: Any) -> TypeGuard[float]:
    """Return whether a value is a finite number."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def fixed(value: Any, digits: int) -> str:
    """Return a number with so many decimals and a true minus sign; a dash when it is missing.

    Examples
    --------
    >>> fixed(-0.214, 2), fixed(-0.001, 2), fixed(None, 2)
    ('−0.21', '0.00', '–')
    """
    if not is_number(value):
        return MISSING
    text = f"{value:,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        text = text.lstrip("-")
    return text.replace("-", MINUS)


def count(value: Any) -> str:
    """Return a whole number with its thousands apart."""
    return fixed(value, 0)


def plural(number: int, one: str, many: str = "") -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> plural(1, "subject"), plural(1200, "subject")
    ('1 subject', '1,200 subjects')
    """
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def percent(part: Any, whole: Any) -> str:
    """Return a share as a percentage, with a decimal only where it tells something.

    Examples
    --------
    >>> percent(1, 3), percent(2, 1000), percent(0, 0)
    ('33 %', '0.2 %', '–')
    """
    if not is_number(part) or not is_number(whole) or whole == 0:
        return MISSING
    share = 100 * part / whole
    digits = 1 if 0 < share < 10 or 90 < share < 100 else 0
    if 0 < share < 0.1:
        return "< 0.1 %"
    if 99.9 < share < 100:
        return "> 99.9 %"
    return f"{share:.{digits}f} %"


def digits_for(low: Any, high: Any) -> int:
    """Return how many decimals an interval supports: two figures of its width.

    Examples
    --------
    >>> digits_for(-5.1, -1.2), digits_for(0.08, 0.33), digits_for(None, None)
    (1, 2, 2)
    """
    if not is_number(low) or not is_number(high) or high <= low:
        return 2
    return max(0, min(3, 1 - math.floor(math.log10(high - low))))


def agreeing_digits(observed: Any, expected: Any, difference: Any, digits: int) -> int:
    """Return how many decimals to print so that the difference printed is that of the two numbers printed beside it.

    Up to two more than `digits`; without success, or with a number missing, `digits` as they were.

    Examples
    --------
    >>> agreeing_digits(-3.169, -2.236, -0.933, 1), agreeing_digits(-3.2, -2.2, -1.0, 1)
    (2, 1)
    """
    if not all(map(is_number, (observed, expected, difference))):
        return digits
    for places in range(digits, digits + 3):
        if round(round(observed, places) - round(expected, places), places) == round(difference, places):
            return places
    return digits


def _past_null(low: float, high: float, null: float, places: int) -> int:
    """Return one decimal more where the interval leaves out the null, but its printed limit would not."""
    nearest = low if low > null else high
    hidden = not low <= null <= high and round(nearest, places) == round(null, places)
    return places + 1 if hidden else places


def interval(estimate: Any, low: Any, high: Any, digits: int | None = None, *, null: float = 0.0) -> str:
    """Return ``estimate (low to high)``.

    Parameters
    ----------
    estimate, low, high : float or None
        A missing estimate is a dash; without limits it says so.
    digits : int, optional
        Decimals; without it two figures of the interval's width. One more is printed where a limit would round to
        `null` although the interval leaves it out.
    null : float
        The value that means nothing happened: 0, or 1 for a ratio.

    Examples
    --------
    >>> interval(0.2134, 0.0812, 0.3344)
    '0.21 (0.08 to 0.33)'
    >>> interval(-3.123, -5.1, -1.2)
    '−3.1 (−5.1 to −1.2)'
    >>> interval(0.134, 0.0031, 0.264, 2), interval(1.1, 1.003, 1.2, 2, null=1)
    ('0.134 (0.003 to 0.264)', '1.100 (1.003 to 1.200)')
    """
    if not is_number(estimate):
        return MISSING
    places = digits_for(low, high) if digits is None else digits
    if not is_number(low) or not is_number(high):
        return f"{fixed(estimate, places)} (no interval)"
    places = _past_null(low, high, null, places)
    return f"{fixed(estimate, places)} ({fixed(low, places)} to {fixed(high, places)})"


def with_interval(
    estimate: Any, low: Any, high: Any, confidence: Any = 0.95, digits: int | None = None, *, null: float = 0.0
) -> str:
    """Return ``0.21 (95 % CI 0.08 to 0.33)``, as a sentence needs it."""
    text = interval(estimate, low, high, digits, null=null)
    return text.replace("(", f"({coverage(confidence)} CI ", 1) if " to " in text else text


def coverage(confidence: Any) -> str:
    """Return the coverage of an interval as a percentage."""
    return f"{100 * (confidence if is_number(confidence) else 0.95):g} %"


def p_text(p: Any) -> str:
    """Return a p-value: three decimals, or two where it is large.

    Examples
    --------
    >>> p_text(0.0312), p_text(0.4321), p_text(0.00001), p_text(None)
    ('0.031', '0.43', '< 0.001', '–')
    """
    if not is_number(p):
        return MISSING
    if p < 0.001:
        return "< 0.001"
    return f"{p:.3f}" if p < 0.1 else f"{p:.2f}"


def join(words: Sequence[str], last: str = "and", most: int = 6) -> str:
    """Return words as a list in a sentence; a long one is cut and says by how much.

    Examples
    --------
    >>> join(["a", "b", "c"]), join(list("abcdefgh"), most=3)
    ('a, b and c', 'a, b, c and 5 more')
    """
    shown = list(words)
    if len(shown) > most:
        return f"{', '.join(shown[:most])} {last} {len(shown) - most} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} {last} {shown[-1]}" if shown else ""


def typeset(text: Any) -> str:
    """Return a text with a space between a number and its percent sign, as everywhere else on the page.

    Examples
    --------
    >>> typeset("46% of the pairs"), typeset(None)
    ('46 % of the pairs', '')
    """
    return re.sub(r"(?<=\d)%", " %", str(text or ""))
