"""Change before to after, beside what regression to the mean alone would give where that is known to hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from recal_labs.report.figures.forest import COLUMNS, Mark, forest
from recal_labs.report.figures.theme import GREEN, VERMILLION
from recal_labs.report.wording import is_number, join, plural, with_interval
from recal_labs.utility.compose_change import beyond_expected, entry_digits

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OBSERVED, EXPECTED = "observed", "expected from regression to the mean alone"

MARKS = (Mark("o", VERMILLION, True), Mark("D", GREEN, False))


def change_table(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return observed and expected change as one tidy table, one row an estimate.

    Only the score by which people were chosen has an expected change here: for anything else the number in the facts
    answers another question.
    """
    records = [
        {
            "label": row["label"],
            "kind": kind,
            "estimate": row[name],
            "ci_low": row[low],
            "ci_high": row[high],
            "n": row["n"],
            "confidence": row["confidence"],
        }
        for row in rows
        for kind, name, low, high in (
            (OBSERVED, "estimate", "ci_low", "ci_high"),
            (EXPECTED, "expected_rtm", "expected_rtm_low", "expected_rtm_high"),
        )
        if kind == OBSERVED or row["entry"]
    ]
    table = pd.DataFrame(records, columns=list(COLUMNS))
    numbers = ["estimate", "ci_low", "ci_high", "confidence"]
    return table.astype(dict.fromkeys(numbers, float))


def change(table: pd.DataFrame, *, axis_label: str, ratio: bool, narrow: bool = False, ax: Axes | None = None) -> Axes:
    """Draw observed change beside the expected one.

    Parameters
    ----------
    table : DataFrame
        As made by `change_table`.
    axis_label : str
        What changes, with its unit.
    ratio : bool
        Whether changes are ratios (1 means none) or differences (0 means none).
    narrow : bool
        For a narrow page.
    ax : Axes, optional
        Where to draw.
    """
    return forest(
        table,
        axis_label=axis_label,
        null=1.0 if ratio else 0.0,
        log=ratio,
        digits=2 if ratio else None,
        marks=MARKS,
        narrow=narrow,
        ax=ax,
    )


def change_finding(rows: Sequence[dict[str, Any]], *, ratio: bool) -> str:
    """Say what the figure shows: for scores each change, with what regression leaves; for ratios how many left 1."""
    if ratio:
        moved = [row for row in rows if is_number(row["ci_low"]) and not row["ci_low"] <= 1 <= row["ci_high"]]
        names = f" ({join([row['label'] for row in moved])})" if moved else ""
        return f"The interval of the ratio excludes 1 for {len(moved)} of {plural(len(rows), 'analyte')}{names}."
    return " ".join(_one(row) for row in rows)


def _one(row: dict[str, Any]) -> str:
    # The three numbers of the entry score are read side by side: one is the difference of the others.
    digits = entry_digits(row) if row["entry"] else None
    observed = with_interval(row["estimate"], row["ci_low"], row["ci_high"], row["confidence"], digits)
    if not row["entry"]:
        return f"{row['label']} changed by {observed}."
    if not is_number(row["expected_rtm"]):
        return f"{row['label']} changed by {observed}; what regression to the mean alone would give is not known."
    limits = (row["expected_rtm"], row["expected_rtm_low"], row["expected_rtm_high"])
    expected = with_interval(*limits, row["confidence"], digits)
    beyond = f" {beyond_expected(row['label'], row)}" if is_number(row["excess"]) else ""
    return f"{row['label']} changed by {observed}; regression to the mean alone would give {expected}.{beyond}"
