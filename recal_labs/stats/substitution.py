"""Numbers put in the place of values below a limit of detection: only when asked for, and always named."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from recal_labs.stats.inputs import Codes, Floats, as_censoring, as_vector, one_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

# Divisors of the limit; both were compared by Hornung and Reed 1990 (Appl Occup Environ Hyg 5, 46-51).
DIVISORS: Mapping[str, float] = {"substitute_half": 2.0, "substitute_sqrt2": math.sqrt(2.0)}
WORDS: Mapping[str, str] = {
    "substitute_half": "half the limit",
    "substitute_sqrt2": "the limit divided by the root of 2",
}


def substitute(values: ArrayLike, censoring: ArrayLike, rule: str) -> tuple[Floats, Codes]:
    """Put a fraction of the limit in the place of every value below it.

    Parameters
    ----------
    values, censoring : array-like, shape (n,)
        Stated amounts (not logarithms), and -1 below, 0 exact, 1 above. NaN stays NaN.
    rule : {"substitute_half", "substitute_sqrt2"}
        The limit divided by 2, or by the root of 2.

    Returns
    -------
    values, censoring : ndarray, shape (n,)
        What was below a limit is now an exact value. What is above a limit cannot be replaced and stays as it was.

    Raises
    ------
    ArrayError, UnknownWordError
        When shapes do not fit, or the rule is unknown.

    Examples
    --------
    >>> substitute([1.0, 3.0, 8.0], [-1, 0, 1], "substitute_half")
    (array([0.5, 3. , 8. ]), array([0, 0, 1], dtype=int8))
    """
    divisor = DIVISORS[one_of(rule, tuple(DIVISORS), "rule of substitution")]
    array = as_vector(values, "values")
    codes = as_censoring(censoring, array.shape, "censoring")
    below = codes < 0
    return np.where(below, array / divisor, array), np.where(below, 0, codes).astype(np.int8)


def substitution_words(rule: str, n_replaced: int, n: int, n_above: int = 0) -> str:
    """Return the sentence that every output made with substituted values carries.

    Examples
    --------
    >>> print(substitution_words("substitute_half", 12, 40))
    warning: 12 of 40 values lie below a limit of detection and were replaced by half the limit: the number is invented,
    shifts the centre, falsifies the spread and makes intervals too narrow
    """
    # Without a semicolon: the assumptions of an estimate are parted by them.
    above = f" ({n_above} above a limit cannot be replaced and stay tied at the top)" if n_above else ""
    return (
        f"warning: {n_replaced} of {n} values lie below a limit of detection and were replaced by {WORDS[rule]}: the "
        f"number is invented, shifts the centre, falsifies the spread and makes intervals too narrow{above}"
    )
