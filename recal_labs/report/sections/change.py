"""Before and after an intervention: first what regression to the mean leaves, then every change, then the statement."""

from __future__ import annotations

from typing import Any

from recal_labs.report.exhibits import change_rows
from recal_labs.report.figures.change import change, change_finding, change_table
from recal_labs.report.figures.forest import forest_height
from recal_labs.report.figures.picture import picture
from recal_labs.report.gather.change import SCORE_EFFECT, null_value, substitution_warnings
from recal_labs.report.html import NOTES, Column, Shown, figure, paragraphs, stack, table, told
from recal_labs.report.sections.front import statement_box
from recal_labs.report.store import Run
from recal_labs.report.wording import count, coverage, digits_for, interval, is_number, p_text, percent
from recal_labs.utility.compose_change import entry_digits

NOTHING = "No subject has an intervention with a visit before and after it, so there is no change to show."

COLUMNS = (
    Column("effect", "Effect", "band"),
    Column("label", "Score or analyte", "head"),
    Column("observed", "Observed change (CI)", "estimate"),
    Column("expected", "Expected from regression to the mean alone (CI)", "estimate"),
    Column("beyond", "Observed beyond expected (CI)", "estimate"),
    Column("n", "n", "number"),
    Column("censored", "Censored", "number"),
    Column("p", "p (against no change)", "number"),
    Column("adjusted", "p adjusted", "number"),
    Column("status", "Status"),
    Column("if_chosen", "Expected if people had been chosen by this very variable (CI)", "faint"),
)

# Left out where no row says anything in them.
OPTIONAL = ("expected", "beyond", "if_chosen", "censored")


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
    beside = next((row["label"] for row in rows if row["entry"] and is_number(row["expected_rtm"])), "")
    expected = (
        f" For {beside}, by which people were chosen: what regression to the mean alone would give." if beside else ""
    )
    return figure(
        drawing,
        key=key,
        number=run.numbers[f"figure:{key}"],
        caption=f"Change of {what} from before to after the start of an intervention, with {level} confidence "
        f"intervals.{expected}",
        alt=change_finding(rows, ratio=not scores),
    )


def _notes(row: dict[str, Any]) -> list[str]:
    if not is_number(row["estimate"]):
        return [f"Not computed: {row['reason'] or 'no reason stated'}."]
    said = [f"{text}." for text in substitution_warnings(row.get("assumptions"))]
    if is_number(row["expected_rtm"]):
        return said
    return [*said, f"Expected change not known: {row['expected_reason'] or 'no retest of untreated subjects'}."]


def _cells(row: dict[str, Any], status: str) -> dict[str, Any]:
    ratio, known, null = row["effect"] != SCORE_EFFECT, is_number(row["estimate"]), null_value(row["effect"])
    digits = 2 if ratio else entry_digits(row) if row["entry"] else digits_for(row["ci_low"], row["ci_high"])
    observed, expected, beyond = (
        interval(row[name], row[f"{stem}_low"], row[f"{stem}_high"], digits, null=null)
        for name, stem in (("estimate", "ci"), ("expected_rtm", "expected_rtm"), ("excess", "excess"))
    )
    return {
        "label": row["label"],
        "effect": "Amounts: ratio of geometric means" if ratio else "Scores: mean difference, points",
        "n": count(row["n"]),
        "censored": percent(row["share_censored"], 1) if is_number(row.get("share_censored")) else None,
        "observed": observed,
        "expected": expected if row["entry"] else None,
        "beyond": beyond if row["entry"] else None,
        "if_chosen": None if row["entry"] else expected,
        "p": p_text(row["p_value"]) if known else None,
        "adjusted": p_text(row["p_adjusted"]) if known else None,
        "status": status,
        NOTES: _notes(row),
    }


def _caption(facts: dict[str, Any], columns: list[Column], status: str) -> str:
    keys = [column.key for column in columns]
    sentences = ["Change from before to after the start of an intervention."]
    if "beyond" in keys:
        sentences.append(
            f"People were chosen by {facts['entry_name']}: beside its change stands the change expected from "
            "regression to the mean alone, and the observed less the expected."
        )
    elif not facts["entry_name"]:
        sentences.append("By which score people were chosen is not declared.")
    if "if_chosen" in keys:
        sentences.append(
            "The last column answers another question: what regression to the mean would have brought had people been "
            "chosen by that very variable. They were not, so less is expected; nothing is to be read from it alone."
            if facts["entry_name"]
            else "The last column says what regression to the mean alone would bring if people had been chosen by that "
            "very variable; chosen by another one, less is expected. Nothing is to be read from it alone."
        )
    if "expected" in keys or "if_chosen" in keys:
        sentences.append(f"Expected changes rest on {_untreated(facts['rows'])}.")
    if "censored" in keys:
        sentences.append("Censored: share of the amounts before and after that lie beyond a detection limit.")
    if status:
        sentences.append(f"All changes are {status}.")
    return " ".join([*sentences, facts["no_control_group"]])


def _untreated(rows: list[dict[str, Any]]) -> str:
    """Return what the expected changes were computed from: retests of untreated subjects, or a stated number."""
    known = sorted({row["n_without_intervention"] for row in rows if is_number(row["expected_rtm"])})
    if not known or known[-1] == 0:
        return "a stated retest correlation"
    span = count(known[0]) if known[0] == known[-1] else f"{count(known[0])} to {count(known[-1])}"
    return f"{span} untreated subjects with two visits"


def show_change(run: Run) -> Shown:
    """Show change with its own statement, and the sentence that there is no control group."""
    facts = run.facts["change"]
    if not facts:
        return paragraphs([NOTHING])
    statuses = ["planned" if row["planned"] else "exploratory" for row in facts["rows"]]
    same = statuses[0] if len(set(statuses)) == 1 else ""
    rows = [_cells(row, "" if same else status) for row, status in zip(facts["rows"], statuses, strict=True)]
    columns = told(rows, COLUMNS, (*OPTIONAL, "status"))
    listed = table(
        rows, columns, key="change", number=run.numbers["table:change"], caption=_caption(facts, columns, same)
    )
    return stack(
        paragraphs([facts["statement"]["headline"], facts["no_control_group"]]),
        _figure(run, scores=True),
        _figure(run, scores=False),
        listed,
        statement_box(facts["statement"], "change"),
    )
