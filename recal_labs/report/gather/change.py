"""Before/after change, and what regression to the mean alone would give: for the score by which people were chosen."""

from __future__ import annotations

from typing import Any

import pandas as pd

from recal_labs.report.gather.effects import gather_statement
from recal_labs.report.gather.names import Names
from recal_labs.report.plain import records
from recal_labs.report.wording import typeset

SCORE_EFFECT, RATIO_EFFECT = "mean_change", "geometric_mean_ratio"

# Said here as well as in the statement: the sentence must stand beside the numbers whatever else a statement holds.
NO_CONTROL_GROUP = (
    "There is no control group: this change cannot be told apart from what time, expectation, other care and "
    "regression to the mean would have brought."
)

FIELDS = (
    "effect",
    "unit",
    "n",
    "estimate",
    "ci_low",
    "ci_high",
    "p_value",
    "p_adjusted",
    "confidence",
    "planned",
    "expected_rtm",
    "expected_rtm_low",
    "expected_rtm_high",
    "excess",
    "excess_low",
    "excess_high",
    "n_without_intervention",
    "share_censored",
    "assumptions",
)


def gather_change(table: pd.DataFrame, statement: Any, names: Names, *, entry_outcome: str) -> dict[str, Any]:
    """Return rows, sentences and statement of before/after change.

    Parameters
    ----------
    table : DataFrame
        The `estimates` table of change with the columns of the expected change and of what goes beyond it.
    statement : object
        Its utility statement; its sentences on what was seen are those of the summary.
    names : Names
        Display names.
    entry_outcome : str
        The score by which people were chosen, empty when none is declared. Its row comes first, marked ``entry``: only
        there does the change expected from regression to the mean hold.
    """
    rows = []
    for row in records(table):
        label = names.either(row.get("analyte_id") or "", row.get("outcome") or "")
        entry = bool(entry_outcome) and not row.get("analyte_id") and row.get("outcome") == entry_outcome
        words = {name: typeset(row.get(name)) for name in ("reason", "expected_reason")}
        rows.append({"label": label, "entry": entry} | {name: row.get(name) for name in FIELDS} | words)
    said = gather_statement(statement)
    return {
        "rows": sorted(rows, key=lambda row: not row["entry"]),
        "entry_name": names.outcome(entry_outcome) if entry_outcome else "",
        "sentences": [said["headline"], *said["seen"]],
        "no_control_group": NO_CONTROL_GROUP,
        "statement": said,
    }


def substitution_warnings(assumptions: str | None) -> list[str]:
    """Return what a row says of numbers that were put in the place of values below a detection limit."""
    parts = [part.strip() for part in (assumptions or "").split(";")]
    return [part.removeprefix("warning:").strip() for part in parts if "were replaced by" in part]


def null_value(effect: str) -> float:
    """Return the value that means no change: 1 for a ratio, 0 for a difference."""
    return 1.0 if "ratio" in str(effect) else 0.0
