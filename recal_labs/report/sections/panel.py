"""The panel against its reference intervals, and where the labs' own ranges disagree."""

from __future__ import annotations

from typing import Any

import pandas as pd

from recal_labs.report.figures.picture import picture
from recal_labs.report.figures.places import places, places_finding, places_height, places_table
from recal_labs.report.figures.verdicts import verdicts, verdicts_finding, verdicts_height
from recal_labs.report.html import Column, Shown, figure, paragraphs, stack, table
from recal_labs.report.store import Run
from recal_labs.report.wording import count, percent

SOURCES_SHOWN = 3


def _verdicts(run: Run, rows: pd.DataFrame) -> Shown:
    drawing = picture(
        lambda ax, narrow: verdicts(rows, narrow=narrow, ax=ax),
        wide_height=verdicts_height(len(rows), narrow=False),
        narrow_height=verdicts_height(len(rows), narrow=True),
    )
    return figure(
        drawing,
        key="verdicts",
        number=run.numbers["figure:verdicts"],
        caption="Results below, within and above the chosen reference interval, those that censoring leaves open, and "
        "those without an interval.",
        alt=verdicts_finding(rows),
    )


def _places(run: Run, labels: dict[str, str]) -> Shown | None:
    tidy = places_table(run.positions, labels)
    if tidy.empty:
        return None
    height = places_height(tidy["analyte"].cat.categories.size)
    drawing = picture(lambda ax, narrow: places(tidy, narrow=narrow, ax=ax), wide_height=height, narrow_height=height)
    return figure(
        drawing,
        key="places",
        number=run.numbers["figure:places"],
        caption="Every result, one dot each, as a multiple of the upper limit of its interval; the band is the "
        "interval (to the left edge where it has no lower limit). Censored results stand at their limit.",
        alt=places_finding(tidy),
    )


def show_panel(run: Run) -> Shown:
    """Show results against their intervals: verdicts, then every single one."""
    facts = run.facts["reference"]
    if "figure:verdicts" not in run.numbers:
        return paragraphs(facts["sentences"])
    rows = pd.DataFrame(facts["rows"])
    placed = "figure:places" in run.numbers
    labels = {row["analyte_id"]: row["analyte"] for row in facts["rows"]}
    return stack(paragraphs(facts["sentences"]), _verdicts(run, rows), _places(run, labels) if placed else None)


def _kind(row: dict[str, Any]) -> str:
    words = (("two_sided", "two-sided"), ("one_sided", "one-sided"), ("none_chosen", "none"))
    kinds = [(word, row[key]) for key, word in words if row[key]]
    # Counts only where an analyte met several kinds, as with age or sex.
    return ", ".join(word if len(kinds) == 1 else f"{word} ({count(n)})" for word, n in kinds) or "none"


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    row = row | {"none_chosen": row["n"] - row["two_sided"] - row["one_sided"]}
    sources, more = row["sources"][:SOURCES_SHOWN], len(row["sources"]) - SOURCES_SHOWN
    return {
        "analyte": row["analyte"],
        "n": count(row["n"]),
        "censored": f"{count(row['censored'])} ({percent(row['censored'], row['n'])})",
        **{key: count(row[key]) for key in ("L", "N", "H", "IND", "none")},
        "interval": _kind(row),
        "differ": f"{count(row['differ'])} of {count(row['both_judged'])}" if row["both_judged"] else None,
        "sources": "; ".join(sources) + (f"; {more} more" if more > 0 else ""),
    }


def show_reference(run: Run) -> Shown:
    """Show each analyte's verdicts, the kind of interval it met, its source, and where the lab's range disagrees."""
    columns = (
        Column("analyte", "Analyte", "head"),
        Column("n", "Results", "number"),
        Column("censored", "Censored", "number"),
        Column("L", "Below", "number"),
        Column("N", "Within", "number"),
        Column("H", "Above", "number"),
        Column("IND", "Left open", "number"),
        Column("none", "No verdict", "number"),
        Column("interval", "Kind of interval"),
        Column("differ", "Lab's own verdict differs", "number"),
        Column("sources", "Source of the interval", "long"),
    )
    return table(
        [_cells(row) for row in run.facts["reference"]["rows"]],
        columns,
        key="reference",
        number=run.numbers["table:reference"],
        caption="Each analyte against the interval chosen by the stated rules. Left open: censoring leaves the verdict "
        "open. “Of” counts results for which the lab printed a range too.",
    )
