"""Censoring carried through a division: which side the true quotient lies on when parts of it are only bounded."""

from __future__ import annotations

from typing import Any

import narwhals as nw

LEFT, RIGHT = ("<", "<="), (">", ">=")
STRICT = ("<", ">")
# What a quotient, of which nothing but "above zero" is known, carries in place of a comparator while it is computed.
OPEN = "?"


def inverse(comparator: Any) -> Any:
    """Return the expression of the comparator of 1/x: what x is below, its inverse is above."""
    return comparator.replace_strict(["<", "<=", ">", ">="], [">", ">=", "<", "<="], default="", return_dtype=nw.String)


def raised(comparator: Any, power: Any) -> Any:
    """Return the expression of the comparator of x to a power: turned round below a power of zero, none at zero."""
    return nw.when(power > 0).then(comparator).when(power < 0).then(inverse(comparator)).otherwise(nw.lit(""))


def combined(one: Any, other: Any) -> Any:
    """Return the expression of the comparator of a product of two positive factors.

    Two factors bounded on the same side leave the product bounded on it, strictly when either is; on opposite sides
    they leave it open.
    """
    same_side = one.is_in(LEFT) & other.is_in(LEFT) | one.is_in(RIGHT) & other.is_in(RIGHT)
    return (
        nw.when(one == "")
        .then(other)
        .when(other == "")
        .then(one)
        .when(same_side)
        .then(nw.when(one.is_in(STRICT)).then(one).otherwise(other))
        .otherwise(nw.lit(OPEN))
    )


def lower_bound(amount: Any, comparator: Any) -> Any:
    """Return the expression of the least that an amount may be: nothing but zero is known below a limit."""
    return nw.when(comparator.is_in((*LEFT, OPEN))).then(amount * 0.0).otherwise(amount)


def upper_bound(amount: Any, comparator: Any) -> Any:
    """Return the expression of the most that an amount may be; null where it has no bound."""
    return nw.when(~comparator.is_in((*RIGHT, OPEN))).then(amount)


def surely_below(number: Any, comparator: Any, limit: Any) -> Any:
    """Return the expression that is true where whatever a number stands for lies below a limit."""
    below, at = (number < limit).fill_null(False), (number <= limit).fill_null(False)
    return comparator.is_in(["", "<="]) & below | (comparator == "<") & at


def surely_above(number: Any, comparator: Any, limit: Any) -> Any:
    """Return the expression that is true where whatever a number stands for lies above a limit."""
    above, at = (number > limit).fill_null(False), (number >= limit).fill_null(False)
    return comparator.is_in(["", ">="]) & above | (comparator == ">") & at
