"""The panel against its reference intervals, and where the labs' own ranges disagree."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from recal_labs.report.figures.picture import picture
from recal_labs.report.figures.places import places, places_finding, places_height, places_table
from recal_labs.report.figures.verdicts import verdicts, verdicts_finding, verdicts_height
from recal_labs.report.gather.measured import specimen_words, unit_words
from recal_labs.report.html import Column, Shown, details, figure, paragraphs, stack, table
from recal_labs.report.store import Run
from recal_labs.report.wording import count, fixed, is_number, percent, plural


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
        caption="Current results below, within and above the chosen reference interval, those that censoring leaves "
        "open, and those without an interval. Measures of dilution are left out.",
        alt=verdicts_finding(rows),
    )


def _places(run: Run, labels: dict[str, str]) -> Shown | None:
    tidy = places_table(run.positions, labels)
    if tidy.empty:
        return None
    rows = tidy["row"].cat.categories.size
    drawing = picture(
        lambda ax, narrow: places(tidy, narrow=narrow, ax=ax),
        wide_height=places_height(rows),
        narrow_height=places_height(rows, narrow=True),
    )
    return figure(
        drawing,
        key="places",
        number=run.numbers["figure:places"],
        caption="Every current result that has an upper limit, one mark each, as a multiple of that limit. Each row is "
        "one kind of specimen and one kind of interval, drawn as a band. Measures of dilution are left out.",
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


def show_reference(run: Run) -> Shown:
    """Show what was measured; where there are intervals, which were met, and each analyte's verdicts."""
    if "table:reference" not in run.numbers:
        return _measured(run)
    return stack(_measured(run), _intervals(run), _verdict_table(run))


def amount_text(value: Any, figures: int = 3) -> str:
    """Return an amount as a lab would print it: three figures, more only before the point, never an exponent.

    Examples
    --------
    >>> amount_text(0.04512), amount_text(165.2058), amount_text(1290.0), amount_text(20.0), amount_text(None)
    ('0.0451', '165', '1,290', '20.0', '–')
    """
    if not is_number(value):
        return fixed(value, 0)
    if value == 0:
        return "0"
    return fixed(value, max(0, figures - 1 - math.floor(math.log10(abs(value)))))


def limit(value: Any) -> str:
    """Return a reference limit to four figures: as its source printed it, as far as conversion leaves it so."""
    if not is_number(value) or value == 0:
        return amount_text(value)
    text = fixed(value, max(0, 3 - math.floor(math.log10(abs(value)))))
    return text.rstrip("0").rstrip(".") if "." in text else text


def _amount(row: dict[str, Any]) -> str:
    """Return the median and quartiles; what lies beyond a detection limit is said so."""
    parts = [row[key] for key in ("median", "q1", "q3")]
    known = {part["value"] for part in parts if part["value"] is not None}
    if not known:
        return f"{parts[0]['beyond']} the limit" if parts[0]["beyond"] else ""
    # A narrow scale, such as specific gravity, needs a fourth figure to tell its quartiles apart.
    figures = next((n for n in (3, 4) if len({amount_text(value, n) for value in known}) == len(known)), 5)
    median, low, high = (
        amount_text(part["value"], figures) if part["value"] is not None else f"{part['beyond']} the limit"
        for part in parts
    )
    return f"{median} ({low} to {high})"


def _interval(interval: dict[str, Any], amount_unit: str) -> str:
    """Return an interval, with its unit where amounts are analysed in another one."""
    # A lower limit of zero is none: nothing lies below it.
    low, high = interval["low"] or None, interval["high"]
    unit = "" if interval["unit"] == amount_unit else unit_words(interval["unit"])
    if low is not None and high is not None:
        words = f"{limit(low)} to {limit(high)}"
    else:
        words = f"up to {limit(high)}" if high is not None else f"from {limit(low or 0)}"
    return f"{words} {unit}".strip()


def _measured(run: Run) -> Shown:
    rows = [
        {
            "analyte": row["analyte"],
            "specimen": specimen_words(row["specimen"]),
            "unit": unit_words(row["unit"]),
            "n": count(row["n"]),
            "amount": _amount(row),
            "censored": f"{count(row['censored'])} ({percent(row['censored'], row['n'])})" if row["censored"] else "0",
        }
        for row in run.facts["reference"]["measured"]
    ]
    columns = (
        Column("analyte", "Analyte", "group"),
        Column("specimen", "Specimen", "head"),
        Column("unit", "Unit"),
        Column("n", "Results", "number"),
        Column("amount", "Median (quartiles)", "number"),
        Column("censored", "Censored", "number"),
    )
    return table(
        rows,
        columns,
        key="measured",
        number=run.numbers["table:measured"],
        caption="What was measured: current results of each analyte and kind of specimen. Median and quartiles are "
        "given where they lie above what is censored; elsewhere only the side of the limit is known.",
    )


def _met(row: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one line for each interval that results of one analyte and kind of specimen met, and for none."""
    named = (row["analyte"], specimen_words(row["specimen"]), unit_words(row["unit"]))
    lines = [(_interval(met, row["unit"]), met["n"], met["source"]) for met in row["intervals"]]
    without = row["n"] - sum(met["n"] for met in row["intervals"])
    if without:
        lines.append(("none", without, ""))
    return [
        {"analyte": ", ".join(filter(None, named)), "interval": interval, "n": count(n), "source": source}
        for interval, n, source in lines
    ]


def _intervals(run: Run) -> Shown:
    columns = (
        Column("analyte", "Analyte, specimen, unit", "group"),
        Column("interval", "Interval", "number"),
        Column("n", "Results", "number"),
        Column("source", "Source", "long"),
    )
    lines = [line for row in run.facts["reference"]["measured"] for line in _met(row)]
    shown = table(
        lines,
        columns,
        key="intervals",
        number=run.numbers["table:intervals"],
        caption="The interval that each result met, and its source. Intervals of one row differ by age, sex or source; "
        "none: no interval fits, or sex or age is unknown.",
    )
    return details(f"The interval that each result met ({plural(len(lines), 'line')})", shown)


def _kind(row: dict[str, Any]) -> str:
    words = (("two_sided", "two-sided"), ("one_sided", "one-sided"), ("none_chosen", "none"))
    kinds = [(word, row[key]) for key, word in words if row[key]]
    # Counts only where an analyte met several kinds, as with age, sex or the kind of specimen.
    return ", ".join(word if len(kinds) == 1 else f"{word} ({count(n)})" for word, n in kinds) or "none"


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    row = row | {"none_chosen": row["n"] - row["two_sided"] - row["one_sided"]}
    return {
        "analyte": row["analyte"],
        "n": count(row["n"]),
        **{key: count(row[key]) for key in ("L", "N", "H", "IND", "none")},
        "interval": _kind(row),
        "differ": f"{count(row['differ'])} of {count(row['both_judged'])}" if row["both_judged"] else None,
    }


def _verdict_table(run: Run) -> Shown:
    columns = (
        Column("analyte", "Analyte", "head"),
        Column("n", "Results", "number"),
        Column("L", "Below", "number"),
        Column("N", "Within", "number"),
        Column("H", "Above", "number"),
        Column("IND", "Left open", "number"),
        Column("none", "No verdict", "number"),
        Column("differ", "Lab's own verdict differs", "number"),
        Column("interval", "Kind of interval"),
    )
    return table(
        [_cells(row) for row in run.facts["reference"]["rows"]],
        columns,
        key="reference",
        number=run.numbers["table:reference"],
        caption="Current results of each analyte against the interval chosen by the stated rules, measures of dilution "
        "left out. Left open: censoring leaves the verdict open. “Of” counts results for which the lab printed a range "
        "too.",
    )
