"""The panel against its reference intervals: verdicts, one-sided and absent intervals, and where labs disagree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from recal_labs.report.gather.names import Names
from recal_labs.report.plain import as_pandas, records
from recal_labs.report.wording import join, percent, plural

VERDICTS = ("L", "N", "H", "IND")

POSITIONS = (
    "analyte_id",
    "amount",
    "amount_unit",
    "comparator",
    "position_amount",
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


def reference_summary(normalised: Any) -> pd.DataFrame:
    """Summarise each analyte against its intervals.

    Parameters
    ----------
    normalised : DataFrame
        The normalised table, pandas or Polars. Only current rows are counted.

    Returns
    -------
    DataFrame
        analyte_id, n, censored, L, N, H, IND, none (no interval), two_sided, one_sided (results compared with such
        intervals), sources (ids, ``|`` between), both_judged and differ (results that both the chosen interval and the
        lab's own range place, and how many of them differently).
    """
    frame = current_rows(normalised)
    low, high = (pd.to_numeric(frame[name], errors="coerce") for name in ("reference_low", "reference_high"))
    two_sided = (low > 0) & high.notna()
    verdict = frame["interpretation"].fillna("")
    theirs = frame["lab_interpretation"].fillna("")
    both = verdict.isin(["L", "N", "H"]) & theirs.isin(["L", "N", "H"])
    flags = pd.DataFrame(
        {
            "analyte_id": frame["analyte_id"],
            "n": 1,
            "censored": frame["comparator"].fillna("").ne(""),
            **{word: verdict.eq(word) for word in VERDICTS},
            "none": ~verdict.isin(VERDICTS),
            "two_sided": two_sided,
            "one_sided": ~two_sided & (low.notna() | high.notna()),
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


def gather_reference(normalised: Any, names: Names) -> dict[str, Any]:
    """Return rows and sentences of the panel against its intervals."""
    summary = reference_summary(normalised)
    order = {analyte: place for place, analyte in enumerate(names.analytes)}
    rows = sorted(records(summary), key=lambda row: order.get(row["analyte_id"], len(order)))
    for row in rows:
        row["analyte"] = names.analyte(row["analyte_id"])
        row["sources"] = [names.source(source) for source in row["sources"].split("|") if source]
    return {"rows": rows, "sentences": list(_sentences(rows))}


def has_intervals(reference: Mapping[str, Any]) -> bool:
    """Return whether any analyte met an interval at all."""
    return any(row["one_sided"] or row["two_sided"] for row in reference["rows"])


def _sentences(rows: list[dict[str, Any]]) -> Iterable[str]:
    if not rows:
        yield "There is no result to compare with an interval."
        return
    if not has_intervals({"rows": rows}):
        yield f"No reference interval fits any of the {plural(len(rows), 'analyte')}: nothing here is high or low."
        return
    two_sided = [row for row in rows if row["two_sided"]]
    one_sided = [row for row in rows if row["one_sided"] and not row["two_sided"]]
    absent = [row for row in rows if not row["one_sided"] and not row["two_sided"]]
    yield (
        f"Of {plural(len(rows), 'analyte')}, {len(two_sided)} met a positive two-sided reference interval, "
        f"{len(one_sided)} only a one-sided one, and {len(absent)} none at all"
        + (f" ({join([row['analyte'] for row in absent])})." if absent else ".")
    )
    judged = sum(row["L"] + row["N"] + row["H"] for row in rows)
    if judged:
        outside = sum(row["L"] + row["H"] for row in rows)
        yield (
            f"{outside} of {plural(judged, 'result')} that could be placed ({percent(outside, judged)}) lie outside "
            "their interval; an interval that holds 95 % of healthy people leaves 5 % of them outside."
        )
    both, differ = sum(row["both_judged"] for row in rows), sum(row["differ"] for row in rows)
    if both:
        worst = max(rows, key=lambda row: row["differ"])
        named = f", most often for {worst['analyte']} ({worst['differ']})" if worst["differ"] else ""
        yield (
            f"Where the lab printed its own range, {differ} of {plural(both, 'verdict')} ({percent(differ, both)}) "
            f"differ from the chosen interval's{named}."
        )
