"""Arrays as they come in: shapes, censoring codes and options, checked once at the door of every statistic."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from recal_labs.errors import ArrayError, ChoiceError, UnknownWordError

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int8]
Flags: TypeAlias = NDArray[np.bool_]


def as_vector(values: ArrayLike, name: str) -> Floats:
    """Return one-dimensional float64 values; None and null become NaN.

    Raises
    ------
    ArrayError
        When there is more than one dimension, or something is not a number.

    Examples
    --------
    >>> as_vector([1, None, 3], "x").tolist()
    [1.0, nan, 3.0]
    """
    array = _as_float(values, name)
    if array.ndim != 1:
        raise ArrayError(f"{name} has shape {array.shape}; expected one dimension, one value a subject.")
    return array


def as_matrix(values: ArrayLike, name: str) -> Floats:
    """Return float64 values of shape (n_rows, n_columns); a vector becomes a single column.

    Raises
    ------
    ArrayError
        When there are more than two dimensions, or something is not a number.
    """
    array = _as_float(values, name)
    if array.ndim == 1:
        return array[:, np.newaxis]
    if array.ndim != 2:
        raise ArrayError(f"{name} has shape {array.shape}; expected rows of subjects and columns of variables.")
    return array


def _as_float(values: ArrayLike, name: str) -> Floats:
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as err:
        raise ArrayError(
            f"{name} holds something that is not a number ({err}); expected numbers, NaN if missing."
        ) from err


def as_censoring(censoring: ArrayLike | None, shape: tuple[int, ...], name: str) -> Codes:
    """Return censoring codes: -1 below the stated value, 0 exact, 1 above it.

    None means that every value is exact, a missing code means exact, and booleans mean "below" where true.

    Raises
    ------
    ArrayError
        When the shape is not that of the values, or a code is not -1, 0 or 1.

    Examples
    --------
    >>> as_censoring([True, False], (2,), "x_censoring").tolist()
    [-1, 0]
    """
    if censoring is None:
        return np.zeros(shape, dtype=np.int8)
    given = np.asarray(censoring)
    array = -given.astype(np.float64) if given.dtype == np.bool_ else _as_float(given, name)
    if array.ndim == 1 and len(shape) == 2 and shape[1] == 1:
        array = array[:, np.newaxis]
    if array.shape != shape:
        raise ArrayError(f"{name} has shape {array.shape}; expected {shape}, one code for each value.")
    codes = np.nan_to_num(array, nan=0.0)
    if not np.isin(codes, (-1.0, 0.0, 1.0)).all():
        raise ArrayError(f"{name} holds codes other than -1 (below the value), 0 (exact) and 1 (above the value).")
    return codes.astype(np.int8)


def same_length(first: Floats, second: Floats, names: tuple[str, str]) -> None:
    """Raise ArrayError when two arrays do not have the same number of rows."""
    if len(first) != len(second):
        raise ArrayError(
            f"{names[0]} has {len(first)} rows and {names[1]} has {len(second)}; expected one row a subject in both."
        )


def one_of(word: str, known: Sequence[str], what: str) -> str:
    """Return the word when it is known.

    Raises
    ------
    UnknownWordError
        With the nearest known word.
    """
    if word not in known:
        raise UnknownWordError(what, str(word), tuple(known))
    return word


def check_confidence(confidence: float) -> float:
    """Return the confidence when it lies between 0 and 1.

    Raises
    ------
    ChoiceError
        Otherwise.
    """
    if not 0 < confidence < 1:
        raise ChoiceError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95.")
    return float(confidence)


def is_present(values: Floats) -> Flags:
    """Return where values are not missing, in their shape."""
    flags: Flags = np.logical_not(np.isnan(values))
    return flags


def complete(values: Floats) -> Floats:
    """Return the values that are not missing."""
    return values[is_present(values)]


def complete_pairs(first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Return both arrays without the rows in which either is missing."""
    both = is_present(first) & is_present(second)
    return first[both], second[both]
