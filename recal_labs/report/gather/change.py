"""Before/after change beside the change expected from regression to the mean alone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from recal_labs.report.gather.effects import excludes, gather_statement
from recal_labs.report.gather.names import Names
from recal_labs.report.plain import field_of, records
from recal_labs.report.wording import digits_for, is_number, join, plural, with_interval

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
    "expected_reason",
    "n_without_intervention",
    "assumptions",
    "reason",
)


def gather_change(table: pd.DataFrame, statement: Any, names: Names) -> dict[str, Any]:
    """Return rows, sentences and statement of before/after change.

    Parameters
    ----------
    table : DataFrame
        The `estimates` table of change with the columns of the expected change.
    statement : object
        Its utility statement.
    names : Names
        Display names.
    """
    rows = []
    for row in records(table):
        label = names.either(row.get("analyte_id") or "", row.get("outcome") or "")
        rows.append({"label": label} | {name: row.get(name) for name in FIELDS})
    return {
        "rows": rows,
        "sentences": list(_sentences(rows)),
        "no_control_group": NO_CONTROL_GROUP,
        "statement": gather_statement(statement),
    }


def null_value(effect: str) -> float:
    """Return the value that means no change: 1 for a ratio, 0 for a difference."""
    return 1.0 if "ratio" in str(effect) else 0.0


def expected_text(row: dict[str, Any]) -> str:
    """Return the change expected from regression to the mean alone, or why it is not known."""
    if is_number(row["expected_rtm"]):
        # As many decimals as the observed change supports: the two are read side by side.
        digits = digits_for(row["ci_low"], row["ci_high"])
        expected = (row["expected_rtm"], row["expected_rtm_low"], row["expected_rtm_high"])
        return with_interval(*expected, row["confidence"], digits)
    return f"not known ({field_of(row, 'expected_reason', 'no retest correlation')})"


def _sentences(rows: list[dict[str, Any]]) -> Iterable[str]:
    scores = [row for row in rows if row["effect"] == SCORE_EFFECT]
    amounts = [row for row in rows if row["effect"] != SCORE_EFFECT]
    for row in scores:
        if not is_number(row["estimate"]):
            yield f"Change of {row['label']}: not computed ({row['reason'] or 'no reason stated'})."
            continue
        observed = with_interval(row["estimate"], row["ci_low"], row["ci_high"], row["confidence"])
        yield (
            f"Among {plural(row['n'], 'subject')} with an intervention, {row['label']} changed by {observed} points "
            f"on average; expected from regression to the mean alone: {expected_text(row)}."
        )
    computed = [row for row in amounts if is_number(row["estimate"])]
    if computed:
        moved = [row for row in computed if excludes(row, null_value(row["effect"]))]
        named = f": {join([row['label'] for row in moved])}" if moved else ""
        yield (
            f"For {len(moved)} of {plural(len(computed), 'analyte')} the interval of the ratio after to before "
            f"excludes 1{named}."
        )
    if len(computed) < len(amounts):
        yield f"{plural(len(amounts) - len(computed), 'change')} of amounts could not be computed; the table says why."
