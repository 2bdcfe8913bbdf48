"""Item answers as numbers: what is readable, in range, missing; nothing is clipped and nothing becomes zero."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recal_labs.catalogue import Instrument
from recal_labs.columns import REJECTS
from recal_labs.errors import TableError


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers of n forms to k items.

    Parameters
    ----------
    numbers : ndarray of float, shape (n_forms, n_items)
        NaN where missing or unreadable.
    unreadable : ndarray of bool
        A text that is no number.
    impossible : ndarray of bool
        A number outside the item's range, or not a whole one.
    """

    numbers: np.ndarray
    unreadable: np.ndarray
    impossible: np.ndarray

    @property
    def missing(self) -> np.ndarray:
        """No answer at all."""
        return np.isnan(self.numbers) & ~self.unreadable

    @property
    def usable(self) -> np.ndarray:
        """Answers inside their range."""
        return ~np.isnan(self.numbers) & ~self.impossible


def read_answers(items: pd.DataFrame, instrument: Instrument) -> Answers:
    """Turn the item columns q1 to qn into numbers and judge each.

    Raises
    ------
    TableError
        When an item column is absent; the message names those missing and those that look like items but are not.
    """
    absent = [item for item in instrument.items if item not in items]
    if absent:
        found = [str(c) for c in items.columns if str(c).lower().startswith("q")]
        raise TableError(
            f"{instrument.id}: the items {', '.join(absent)} are missing; found {', '.join(found) or 'no item'}. "
            f"Expected {instrument.items[0]} to {instrument.items[-1]}: map the columns, or choose the instrument "
            "version that fits the file."
        )
    table = items[list(instrument.items)]
    text = table.astype("string").apply(lambda column: column.str.strip())
    empty = (table.isna() | text.eq("").fillna(True)).to_numpy(bool)
    values = table.apply(pd.to_numeric, errors="coerce").to_numpy(float)
    low = np.array([instrument.item_ranges[n][0] for n in range(1, instrument.n_items + 1)])
    high = np.array([instrument.item_ranges[n][1] for n in range(1, instrument.n_items + 1)])
    with np.errstate(invalid="ignore"):
        impossible = (values < low) | (values > high) | (values != np.floor(values))
    return Answers(values, np.isnan(values) & ~empty, impossible & ~np.isnan(values))


def item_rejects(items: pd.DataFrame, *, instrument: Instrument) -> pd.DataFrame:
    """List every answer that is no number, not whole, or outside its item's range.

    Returns
    -------
    DataFrame
        The `rejects` table, one row an answer. The form itself is kept, as invalid.
    """
    answers = read_answers(items, instrument)
    rows, columns = np.nonzero(answers.unreadable | answers.impossible)
    low_high = [instrument.item_ranges[int(c) + 1] for c in columns]
    raw = items[list(instrument.items)].astype("string").to_numpy()[rows, columns]
    where = items.reindex(columns=["source_file", "source_row"]).iloc[rows].reset_index(drop=True)
    unreadable = answers.unreadable[rows, columns]
    found = pd.DataFrame(
        {
            "source_file": where["source_file"],
            "source_row": where["source_row"],
            "source_place": [instrument.items[c] for c in columns],
            "reason": np.where(unreadable, "unreadable_value", "impossible_value"),
            "detail": [
                f"{instrument.id} {instrument.items[c]} is {text!r}; expected a whole number from {low:g} to "
                f"{high:g}, or nothing. The form is kept without a total."
                for c, text, (low, high) in zip(columns, raw, low_high, strict=True)
            ],
            "raw": raw,
        }
    )
    return found.reindex(columns=list(REJECTS.names))
