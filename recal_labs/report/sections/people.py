"""Who was analysed: the flows of results, specimens and people, and the baseline table."""

from __future__ import annotations

from recal_labs.report.figures.flow import flow, flow_finding, flow_height, flow_table
from recal_labs.report.figures.picture import picture
from recal_labs.report.html import Column, Shown, details, figure, stack, table
from recal_labs.report.store import Run
from recal_labs.report.wording import count, percent, plural


def show_flow(run: Run) -> Shown:
    """Show how results, specimens and people came down to the analysis, as a diagram and as a table."""
    steps = run.facts["flow"]
    tidy = flow_table(steps)
    drawing = picture(
        lambda ax, narrow: flow(tidy, narrow=narrow, ax=ax),
        wide_height=flow_height(tidy, narrow=False),
        narrow_height=flow_height(tidy, narrow=True),
    )
    shown = figure(
        drawing,
        key="flow",
        number=run.numbers["figure:flow"],
        caption="Results, specimens and people, each from what was read to what was analysed.",
        alt=flow_finding(tidy),
    )
    rows = [
        {
            "stage": step["stage"],
            "n": f"{count(step['n'])} {step['counted']}",
            "reason": out["reason"],
            "left_out": count(out["n"]) if out["reason"] else None,
        }
        for step in steps
        for out in (step["left_out"] or [{"reason": "", "n": 0}])
    ]
    columns = (
        Column("stage", "Stage", "group"),
        Column("n", "Remaining", "shared"),
        Column("reason", "Left out on the way here", "long"),
        Column("left_out", "How many", "number"),
    )
    listed = table(
        rows,
        columns,
        key="flow",
        number=run.numbers["table:flow"],
        caption="What remains at each stage and what was left out on the way into it.",
    )
    return stack(shown, details(f"The same in numbers ({plural(len(steps), 'stage')})", listed))


def show_baseline(run: Run) -> Shown:
    """Show who was analysed, with what is missing about them."""
    rows = [
        {
            "variable": row["variable"],
            "level": row["level"],
            "n": count(row["n"]),
            "missing": f"{count(row['missing'])} ({percent(row['missing'], (row['n'] or 0) + (row['missing'] or 0))})",
            "value": row["value"],
        }
        for row in run.facts["baseline"]
    ]
    columns = (
        Column("variable", "Variable", "group"),
        Column("level", "Level or summary", "head"),
        Column("value", "Value", "number"),
        Column("n", "n known", "shared"),
        Column("missing", "Missing", "shared"),
    )
    return table(
        rows,
        columns,
        key="baseline",
        number=run.numbers["table:baseline"],
        caption="Subjects analysed. Shares are of those with a known value; SD: standard deviation, "
        "IQR: interquartile range.",
    )
