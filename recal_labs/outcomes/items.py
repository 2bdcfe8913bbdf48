"""Item answers as numbers: what is readable, in range, missing; nothing is clipped and nothing becomes zero."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recal_labs.catalogue import Instrument
from recal_labs.columns import NO_RESULT, REJECTS
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


def _check_items(items: pd.DataFrame, instrument: Instrument) -> None:
    """Refuse a table that holds fewer items than the instrument, or more: it is another instrument's, or version's."""
    absent = [item for item in instrument.items if item not in items]
    if absent:
        found = [str(c) for c in items.columns if str(c).lower().startswith("q")]
        raise TableError(
            f"{instrument.id}: the items {', '.join(absent)} are missing; found {', '.join(found) or 'no item'}. "
            f"Expected {instrument.items[0]} to {instrument.items[-1]}: map the columns, or choose the instrument "
            "version that fits the file."
        )
    # Scored by its first seven items, a PHQ-9 would be taken for a GAD-7, and its item 9 for nothing.
    further = [str(c) for c in items.columns if re.fullmatch(r"q\d+", str(c)) and c not in instrument.items]
    if further:
        raise TableError(
            f"{instrument.id}: it has the items {instrument.items[0]} to {instrument.items[-1]}, but the table has "
            f"{', '.join(further)} too. Choose the instrument that fits the file, or leave out columns that are no "
            "items of it (in study.toml: ignore)."
        )


def read_answers(items: pd.DataFrame, instrument: Instrument) -> Answers:
    """Turn the item columns q1 to qn into numbers and judge each.

    Raises
    ------
    TableError
        When an item column is absent, or there are more of them than the instrument has.
    """
    _check_items(items, instrument)
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
    """List every answer that is no number, not whole, outside its item's range, or nobody's.

    Returns
    -------
    DataFrame
        The `rejects` table, one row an answer. The form itself is kept, as invalid.
    """
    answers = read_answers(items, instrument)
    nobody = items["subject_id"].isna().to_numpy() if "subject_id" in items else np.zeros(len(items), dtype=bool)
    rows, columns = np.nonzero(answers.unreadable | answers.impossible | (answers.usable & nobody[:, np.newaxis]))
    low_high = [instrument.item_ranges[int(c) + 1] for c in columns]
    raw = items[list(instrument.items)].astype("string").to_numpy()[rows, columns]
    where = items.reindex(columns=["source_file", "source_row"]).iloc[rows].reset_index(drop=True)
    unreadable, usable = answers.unreadable[rows, columns], answers.usable[rows, columns]
    found = pd.DataFrame(
        {
            "source_file": where["source_file"],
            "source_row": where["source_row"],
            "source_place": [instrument.items[c] for c in columns],
            "reason": np.select(
                [usable, unreadable], ["missing_subject", "unreadable_value"], default="impossible_value"
            ),
            "detail": [
                "The form has no subject id; without it nothing can be linked"
                if mine
                else f"{instrument.id} {instrument.items[c]} is {text!r}; expected a whole number from {low:g} to "
                f"{high:g}, or nothing. The form is kept without a total"
                for c, text, (low, high), mine in zip(columns, raw, low_high, usable, strict=True)
            ],
            "raw": raw,
        }
    )
    return found.reindex(columns=list(REJECTS.names))


def item_gaps(items: pd.DataFrame, *, instrument: Instrument) -> pd.DataFrame:
    """List every item without an answer: the `no_result` table, one row an item of a form."""
    rows, columns = np.nonzero(read_answers(items, instrument).missing)
    where = items.reindex(columns=["source_file", "source_row"]).iloc[rows].reset_index(drop=True)
    found = where.assign(source_place=[instrument.items[c] for c in columns], reason="empty_cell", raw="")
    return found.reindex(columns=list(NO_RESULT.names))
