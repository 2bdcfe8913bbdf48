"""The panel against its reference intervals: verdicts, one-sided and absent intervals, and where labs disagree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import REPORTED_BY_LAB
from recal_labs.report.gather.measured import measured_rows
from recal_labs.report.gather.names import Names
from recal_labs.report.plain import as_pandas, records
from recal_labs.report.wording import count, join, percent, plural

PLACED = ("L", "N", "H")
VERDICTS = (*PLACED, "IND")

DILUTION_FAMILY = "hydration"

POSITIONS = (
    "analyte_id",
    "fraction",
    "specimen",
    "amount",
    "amount_unit",
    "comparator",
    "position_amount",
    "position_comparator",
    "zlog",
    "midpoint_ratio",
    "interpretation",
    "lab_interpretation",
    "reference_low",
    "reference_high",
    "reference_unit",
    "reference_source",
)


def current_rows(normalised: Any) -> pd.DataFrame:
    """Return the rows that count: not duplicates, not superseded, not withdrawn."""
    frame = as_pandas(normalised)
    return frame[frame["current"].fillna(True).astype(bool)] if "current" in frame else frame


def dilution_measures() -> frozenset[str]:
    """Return the analytes that only tell how dilute a specimen is, such as creatinine and specific gravity."""
    return frozenset(a.id for a in load_catalogue().analytes.values() if a.family == DILUTION_FAMILY)


def positions_table(normalised: Any) -> pd.DataFrame:
    """Return one row a current result, without who it belongs to.

    Rows are ordered by analyte and amount, so that their order tells nothing about people either.

    Parameters
    ----------
    normalised : DataFrame
        The normalised table, pandas or Polars.
    """
    frame = current_rows(normalised)
    kept = frame[[name for name in POSITIONS if name in frame.columns]]
    return kept.sort_values(["analyte_id", "amount"], kind="stable").reset_index(drop=True)


def position_comparator(frame: pd.DataFrame) -> pd.Series[str]:
    """Return the censoring of each position: of the value, of the creatinine it is divided by, or of both.

    A table from before that column was written has only the value's own comparator.
    """
    names = [name for name in ("position_comparator", "comparator") if name in frame]
    return frame[names[0]].fillna("").astype(str) if names else pd.Series("", index=frame.index)


def reference_summary(normalised: Any) -> pd.DataFrame:
    """Summarise each analyte against its intervals.

    Parameters
    ----------
    normalised : DataFrame
        The normalised table, pandas or Polars. Only current rows are counted.

    Returns
    -------
    DataFrame
        analyte_id, n, censored, L, N, H, IND, none (no interval), two_sided, one_sided (results that met such an
        interval), two_placed, two_outside, one_placed, one_outside (how many of them were placed below, within or
        above it, and how many of those outside), sources (ids, ``|`` between), both_judged and differ (results that
        both the chosen interval and the lab's own range place, and how many of them differently).
    """
    frame = current_rows(normalised)
    low, high = (pd.to_numeric(frame[name], errors="coerce") for name in ("reference_low", "reference_high"))
    two_sided = (low > 0) & high.notna()
    one_sided = ~two_sided & (low.notna() | high.notna())
    verdict = frame["interpretation"].fillna("")
    theirs = frame["lab_interpretation"].fillna("")
    placed, outside = verdict.isin(PLACED), verdict.isin(["L", "H"])
    # Where the printed range was chosen, the two verdicts are one.
    own = frame["reference_source"].fillna("").ne(REPORTED_BY_LAB)
    both = placed & own & theirs.isin(PLACED)
    flags = pd.DataFrame(
        {
            "analyte_id": frame["analyte_id"],
            "n": 1,
            "censored": position_comparator(frame).ne(""),
            **{word: verdict.eq(word) for word in VERDICTS},
            "none": ~verdict.isin(VERDICTS),
            "two_sided": two_sided,
            "one_sided": one_sided,
            "two_placed": two_sided & placed,
            "two_outside": two_sided & outside,
            "one_placed": one_sided & placed,
            "one_outside": one_sided & outside,
            "both_judged": both,
            "differ": both & verdict.ne(theirs),
        }
    )
    summary = flags.groupby("analyte_id", sort=False).sum().astype(int).reset_index()
    sources = frame.dropna(subset=["reference_source"]).groupby("analyte_id", sort=False)["reference_source"].unique()
    summary["sources"] = [
        "|".join(sorted(str(source) for source in sources.get(analyte, ()) if source))
        for analyte in summary["analyte_id"]
    ]
    return summary


def count_placed(normalised: Any) -> int:
    """Return how many current results lie below, within or above their interval, as every part of the report says.

    Measures of dilution are left out: where creatinine lies tells of the water drunk.
    """
    frame = current_rows(normalised)
    counted = ~frame["analyte_id"].isin(dilution_measures()) & frame["interpretation"].isin(PLACED)
    return int(counted.sum())


def gather_reference(normalised: Any, names: Names) -> dict[str, Any]:
    """Return rows and sentences of the panel against its intervals, and what was measured.

    ``rows`` hold one analyte each, without measures of dilution; ``measured`` one analyte and kind of specimen each,
    with them.
    """
    dilution = dilution_measures()
    order = {analyte: place for place, analyte in enumerate(names.analytes)}
    every = sorted(records(reference_summary(normalised)), key=lambda row: order.get(row["analyte_id"], len(order)))
    rows = [row for row in every if row["analyte_id"] not in dilution]
    for row in rows:
        row["analyte"] = names.analyte(row["analyte_id"])
        row["sources"] = [names.source(source) for source in row["sources"].split("|") if source]
    return {
        "rows": rows,
        "measured": measured_rows(current_rows(normalised), names, dilution),
        "dilution": [names.analyte(row["analyte_id"]) for row in every if row["analyte_id"] in dilution],
        "sentences": list(_sentences(rows)),
    }


def has_intervals(reference: Mapping[str, Any]) -> bool:
    """Return whether any analyte met an interval at all; how concentrated a specimen is does not count."""
    return any(row["one_sided"] or row["two_sided"] for row in reference["rows"])


def _sentences(rows: list[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        yield "There is no result to compare with an interval."
        return
    if not has_intervals({"rows": rows}):
        yield (
            f"No reference interval fits any of the {plural(len(rows), 'analyte')}. Without intervals nothing here can "
            "be called high or low."
        )
        return
    yield from _met(rows)
    yield from _outside(rows)
    both, differ = sum(row["both_judged"] for row in rows), sum(row["differ"] for row in rows)
    if both:
        worst = max(rows, key=lambda row: row["differ"])
        named = f", most often for {worst['analyte']} ({worst['differ']})" if worst["differ"] else ""
        yield (
            f"Where the lab printed its own range, {differ} of {plural(both, 'verdict')} ({percent(differ, both)}) "
            f"differ from the chosen interval's{named}."
        )


def _met(rows: list[dict[str, Any]]) -> Iterable[str]:
    """Say for how many analytes, and for how many results, there is an interval, and of which kind."""
    mostly = [row for row in rows if row["two_sided"] and 2 * row["two_sided"] >= row["n"]]
    partly = [row for row in rows if row["two_sided"] and row not in mostly]
    upper = [row for row in rows if row["one_sided"] and not row["two_sided"]]
    absent = [row for row in rows if not row["one_sided"] and not row["two_sided"]]
    n, two, one = (sum(row[key] for row in rows) for key in ("n", "two_sided", "one_sided"))
    named = f" ({join([row['analyte'] for row in absent])})" if absent else ""
    yield (
        f"Measures of dilution left out, {plural(n, 'current result')} of {plural(len(rows), 'analyte')} remain: "
        f"{count(two)} ({percent(two, n)}) met a positive two-sided reference interval, {count(one)} "
        f"({percent(one, n)}) a limit on one side only, and {count(n - two - one)} ({percent(n - two - one, n)}) none."
    )
    parts = (
        (mostly, "a two-sided interval for half of the results or more"),
        (partly, "a two-sided interval for fewer than half of the results"),
        (upper, "limits on one side only"),
        (absent, f"no interval{named}"),
    )
    said = [f"{len(which)} {'has' if len(which) == 1 else 'have'} {words}" for which, words in parts if which]
    yield f"Of {plural(len(rows), 'analyte')}, {join(said)}."


def _outside(rows: list[dict[str, Any]]) -> Iterable[str]:
    """Say how many results lie outside, apart for each kind of interval: they promise different shares."""
    kinds = (
        ("two", "two-sided intervals", "outside", "an interval that holds the central 95 % leaves 5 % outside"),
        ("one", "limits on one side", "beyond", "a limit at the 97.5th percentile leaves 2.5 % beyond"),
    )
    compared = False
    for key, against, where, promise in kinds:
        placed, out = (sum(row[f"{key}_{what}"] for row in rows) for what in ("placed", "outside"))
        if placed:
            compared = True
            yield (
                f"Of {plural(placed, 'result')} placed against {against}, {count(out)} ({percent(out, placed)}) lie "
                f"{where}; {promise}."
            )
    if compared:
        yield (
            "Those shares hold among the people whom an interval was made from: sources differ in whom they call "
            "healthy and in which percentile they print, so neither share is a test of the people analysed here."
        )
