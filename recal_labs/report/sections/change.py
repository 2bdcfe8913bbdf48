"""Before and after an intervention, beside the change expected from regression to the mean alone."""

from __future__ import annotations

from typing import Any

from recal_labs.report.exhibits import change_rows
from recal_labs.report.figures.change import change, change_finding, change_table
from recal_labs.report.figures.forest import forest_height
from recal_labs.report.figures.picture import picture
from recal_labs.report.gather.change import SCORE_EFFECT, expected_text
from recal_labs.report.html import Column, Shown, figure, paragraphs, stack, table
from recal_labs.report.sections.front import statement_box
from recal_labs.report.store import Run
from recal_labs.report.wording import count, coverage, digits_for, interval, is_number, p_text

NOTHING = "No subject has an intervention with a visit before and after it, so there is no change to show."


def _figure(run: Run, *, scores: bool) -> Shown | None:
    rows = change_rows(run.facts, scores=scores)
    if not rows:
        return None
    key = "change-scores" if scores else "change-amounts"
    level = coverage(rows[0]["confidence"])
    label = "mean change, points" if scores else "ratio of geometric means, after / before"
    tidy = change_table(rows)
    drawing = picture(
        lambda ax, narrow: change(tidy, axis_label=f"{label} ({level} CI)", ratio=not scores, narrow=narrow, ax=ax),
        wide_height=forest_height(len(rows), narrow=False),
        narrow_height=forest_height(len(rows), narrow=True),
    )
    what = "scores" if scores else "amounts"
    return figure(
        drawing,
        key=key,
        number=run.numbers[f"figure:{key}"],
        caption=f"Change of {what} from before to after the start of an intervention, beside what regression to the "
        f"mean alone would give, with {level} confidence intervals.",
        alt=change_finding(rows, ratio=not scores),
    )


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    ratio = row["effect"] != SCORE_EFFECT
    known = is_number(row["estimate"])
    digits = 2 if ratio else digits_for(row["ci_low"], row["ci_high"])
    remarks = [] if is_number(row["expected_rtm"]) else [f"Expected change {expected_text(row)}"]
    return {
        "label": row["label"],
        "effect": "Amounts: ratio of geometric means" if ratio else "Scores: mean difference, points",
        "n": count(row["n"]),
        "observed": interval(row["estimate"], row["ci_low"], row["ci_high"], digits),
        "expected": interval(row["expected_rtm"], row["expected_rtm_low"], row["expected_rtm_high"], digits),
        "p": p_text(row["p_value"]) if known else None,
        "adjusted": p_text(row["p_adjusted"]) if known else None,
        "without": count(row["n_without_intervention"]),
        "status": "planned" if row["planned"] else "exploratory",
        "remarks": "; ".join([row["reason"] or "", *remarks] if row["reason"] else remarks),
    }


def show_change(run: Run) -> Shown:
    """Show change with its own statement, and the sentence that there is no control group."""
    facts = run.facts["change"]
    if not facts:
        return paragraphs([NOTHING])
    columns = (
        Column("effect", "Effect", "group"),
        Column("label", "Score or analyte", "head"),
        Column("observed", "Observed change (CI)", "number"),
        Column("expected", "Regression to the mean alone (CI)", "number"),
        Column("n", "n", "number"),
        Column("p", "p", "number"),
        Column("adjusted", "p adjusted", "number"),
        Column("without", "n untreated", "number"),
        Column("status", "Status"),
        Column("remarks", "Remarks", "long"),
    )
    listed = table(
        [_cells(row) for row in facts["rows"]],
        columns,
        key="change",
        number=run.numbers["table:change"],
        caption="Observed change beside the change expected from regression to the mean alone, which rests on the "
        f"untreated subjects with two visits. {facts['no_control_group']}",
    )
    return stack(
        paragraphs([facts["no_control_group"]]),
        _figure(run, scores=True),
        _figure(run, scores=False),
        listed,
        statement_box(facts["statement"], "change"),
    )
