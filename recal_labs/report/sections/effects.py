"""Effect sizes first: forest plots, then the table with raw beside partial, then what could not be tested."""

from __future__ import annotations

from typing import Any

import pandas as pd

from recal_labs.report.exhibits import forest_key, outcomes_with_estimate
from recal_labs.report.figures.forest import COLUMNS, forest, forest_finding, forest_height
from recal_labs.report.figures.picture import picture
from recal_labs.report.gather.effects import main_estimate
from recal_labs.report.html import NOTES, Column, Shown, figure, paragraphs, stack, table, told
from recal_labs.report.sections.front import statement_box
from recal_labs.report.store import Run
from recal_labs.report.wording import MISSING, count, coverage, interval, is_number, join, p_text, percent

KIND_WORDS = {"partial": "partial (covariates held constant)", "raw": "raw"}


# Columns that are left out where no row has anything to say in them.
OPTIONAL = ("partial", "censored", "planned")

BOTH_WAYS = (
    "Raw and partial estimates stand side by side: where they differ, holding the covariates constant, or leaving out "
    "people without them, changes the answer."
)


def forest_table(pairs: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the estimates of one outcome as a tidy table, one row an estimate, the verdict's kind first."""
    kinds = ("partial", "raw") if any(pair["partial"] for pair in pairs) else ("raw",)
    rows = [
        {
            "label": pair["analyte"],
            "kind": KIND_WORDS[kind],
            **{name: pair[kind][name] for name in ("estimate", "ci_low", "ci_high", "n")},
            "confidence": pair["confidence"],
        }
        for kind in kinds
        for pair in pairs
        if pair[kind] and is_number(pair[kind]["estimate"])
    ]
    numbers = ["estimate", "ci_low", "ci_high", "confidence"]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(numbers, float))


def _one_forest(run: Run, outcome: str) -> Shown:
    pairs = [pair for pair in run.facts["effects"]["pairs"] if pair["outcome"] == outcome]
    tidy, name = forest_table(pairs), pairs[0]["outcome_name"]
    rows = tidy["label"].nunique()
    level = coverage(pairs[0]["confidence"])
    planned = "planned" if all(pair["planned"] for pair in pairs) else "exploratory"
    drawing = picture(
        lambda ax, narrow: forest(
            tidy,
            axis_label=f"Spearman's ρ with {name} ({level} CI)",
            narrow=narrow,
            ax=ax,
        ),
        wide_height=forest_height(rows, narrow=False),
        narrow_height=forest_height(rows, narrow=True),
    )
    key = forest_key(outcome)
    return figure(
        drawing,
        key=key,
        number=run.numbers[f"figure:{key}"],
        caption=f"Rank correlations of amounts with {name} ({planned}), with {level} confidence intervals, "
        "largest on top. Zero means no association.",
        alt=forest_finding(tidy, subject=f"Correlations with {name}"),
    )


def show_forest(run: Run) -> Shown:
    """Show one forest plot an outcome, under the statement's headline."""
    outcomes = outcomes_with_estimate(run.facts)
    said = paragraphs([run.facts["statement"]["headline"]])
    return stack(said, *(_one_forest(run, outcome) for outcome in outcomes))


def _effect_text(estimate: dict[str, Any] | None) -> str:
    if not estimate:
        return MISSING
    return interval(estimate["estimate"], estimate["ci_low"], estimate["ci_high"], 2)


def _sizes(pair: dict[str, Any]) -> str:
    """Return how many people stand behind a pair; both numbers where the partial estimate has others than the raw."""
    raw, partial = (pair[kind]["n"] if pair[kind] else None for kind in ("raw", "partial"))
    if raw is not None and partial is not None and raw != partial:
        return f"{count(raw)} / {count(partial)}"
    return count(main_estimate(pair)["n"])


def show_effects(run: Run) -> Shown:
    """Show every tested pair: effects and intervals first, p beside them, planned and exploratory told apart."""
    effects = run.facts["effects"]
    pairs = [pair for pair in _by_analyte(effects["pairs"]) if _any_estimate(pair)]
    statuses = {"planned" if pair["planned"] else "exploratory" for pair in pairs}
    rows = [
        {
            "analyte": pair["analyte"],
            "outcome": pair["outcome_name"],
            "n": _sizes(pair),
            "raw": _effect_text(pair["raw"]),
            "partial": _effect_text(pair["partial"]),
            "p": p_text(main_estimate(pair)["p_value"]),
            "adjusted": p_text(main_estimate(pair)["p_adjusted"]),
            "planned": ("planned" if pair["planned"] else "exploratory") if len(statuses) > 1 else "",
            "censored": percent(pair["share_censored"], 1),
            NOTES: pair["notes"],
        }
        for pair in pairs
    ]
    columns = (
        Column("analyte", "Analyte", "group"),
        Column("outcome", "Score", "head"),
        Column("raw", "ρ raw (CI)", "estimate"),
        Column("partial", "ρ partial (CI)", "estimate"),
        Column("n", "n raw / partial" if any("/" in row["n"] for row in rows) else "n", "number"),
        Column("p", "p", "number"),
        Column("adjusted", "p adjusted", "number"),
        Column("planned", "Status"),
        Column("censored", "Censored", "number"),
    )
    kept = told(rows, columns, OPTIONAL)
    partial = any(column.key == "partial" for column in kept)
    listed = table(
        rows, kept, key="effects", number=run.numbers["table:effects"], caption=_caption(run.facts, kept, statuses)
    )
    return stack(paragraphs([BOTH_WAYS]) if partial else None, listed, _untestable(run))


def _caption(facts: dict[str, Any], columns: list[Column], statuses: set[str]) -> str:
    keys, held = [column.key for column in columns], facts["effects"]["held"]
    choices = facts["provenance"]["choices"]
    both = f": raw, and partial{f' with {join(held)} held constant' if held else ''}" if "partial" in keys else ""
    adjusted = (
        f"; adjusted within the family “{choices['family']}”" if choices["adjust"] != "none" else "; not adjusted"
    )
    belongs = " of the partial estimate where there is one" if "partial" in keys else ""
    sentences = [
        f"Spearman's rank correlation of amount and score{both}.",
        f"p is that of the t test of ρ against zero{belongs}{adjusted}.",
    ]
    if "censored" in keys:
        sentences.append("Censored: share of the amounts at the visits analysed that lie beyond a detection limit.")
    if len(statuses) == 1:
        sentences.append(f"All effects are {next(iter(statuses))}.")
    return " ".join(sentences)


def _by_analyte(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return pairs with those of one analyte together, analytes in order of first appearance."""
    order = {analyte: place for place, analyte in enumerate(dict.fromkeys(pair["analyte"] for pair in pairs))}
    return sorted(pairs, key=lambda pair: order[pair["analyte"]])


def _any_estimate(pair: dict[str, Any]) -> bool:
    return any(pair[kind] and is_number(pair[kind]["estimate"]) for kind in ("raw", "partial"))


def _untestable(run: Run) -> Shown | None:
    """List the pairs without a verdict, with the reason."""
    rows = [
        {
            "analyte": pair["analyte"],
            "outcome": pair["outcome_name"],
            "n": count(main_estimate(pair).get("n")),
            "reason": main_estimate(pair).get("reason"),
        }
        for pair in _by_analyte(run.facts["effects"]["pairs"])
        if not is_number(main_estimate(pair).get("estimate"))
    ]
    if not rows:
        return None
    columns = (
        Column("analyte", "Analyte", "group"),
        Column("outcome", "Score", "head"),
        Column("n", "n", "number"),
        Column("reason", "Why it could not be tested", "long"),
    )
    return table(
        rows,
        columns,
        key="untestable",
        number=run.numbers["table:untestable"],
        caption="Pairs that could not be tested. Not tested does not mean not associated.",
    )


def show_statement(run: Run) -> Shown:
    """Show the utility statement of the associations by itself."""
    return statement_box(run.facts["statement"], "associations")
