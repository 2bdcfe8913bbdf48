"""Data quality: what became of every position, which were refused and why, which names are not in the catalogue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from recal_labs.cohort.flow import EMPTY
from recal_labs.provenance import FileRecord
from recal_labs.report.gather.reference import current_rows
from recal_labs.report.plain import as_pandas, records
from recal_labs.report.wording import count, percent, plural
from recal_labs.vocabulary import NO_RESULT_REASONS, QC_CODES, REJECT_REASONS

WORKLIST_SHOWN = 50
# Codes of what happened before the analysis; interferences.csv and preanalytical.csv name the source of each.
BEFORE_ANALYSIS = frozenset(
    {
        *("interference", "preservative_unsuitable", "ph_unsuitable", "delayed", "storage_unsuitable"),
        *("exercise_before", "posture_upright", "lab_changed", "method_changed", "preservative_changed"),
    }
)


def _by_reason(frame: Any, meanings: Any) -> list[dict[str, Any]]:
    table = as_pandas(frame)
    if not len(table):
        return []
    counts = table["reason"].fillna("").value_counts()
    return [
        {"reason": str(reason), "meaning": meanings.get(str(reason), ""), "n": int(n)} for reason, n in counts.items()
    ]


def _by_file(rejects: Any) -> list[dict[str, Any]]:
    table = as_pandas(rejects)
    if not len(table):
        return []
    counts = table.groupby(["source_file", "reason"], dropna=False, sort=True).size().reset_index(name="n")
    named = counts.rename(columns={"source_file": "file"}).astype({"file": str, "reason": str})
    return records(named, ["file", "reason", "n"])


def _without_value(no_result: Any) -> Counter[str]:
    """Count cells and rows without a value by file: missing data, unlike headers and notes."""
    table = as_pandas(no_result)
    if not len(table):
        return Counter()
    return Counter(table.loc[table["reason"].isin(EMPTY), "source_file"].astype(str))


def _qc(normalised: Any) -> list[dict[str, Any]]:
    """Count results by quality code; a result may carry several."""
    codes = current_rows(normalised).get("qc", pd.Series(dtype=str)).fillna("").astype(str).str.split(";").explode()
    counts = codes[codes != ""].value_counts()
    return [{"code": str(code), "meaning": QC_CODES.get(str(code), ""), "n": int(n)} for code, n in counts.items()]


def _moved_before(normalised: Any) -> int:
    """Count current results with a code of what happened before the analysis."""
    codes = current_rows(normalised).get("qc", pd.Series(dtype=str)).fillna("").astype(str).str.split(";")
    return int(codes.map(lambda row: not BEFORE_ANALYSIS.isdisjoint(row)).sum())


def gather_quality(
    files: Sequence[FileRecord], rejects: Any, no_result: Any, worklist: Any, normalised: Any
) -> dict[str, Any]:
    """Return counts and sentences of the data's quality.

    The raw text of a rejected position stays out: it may hold whatever a lab wrote.
    """
    totals = {name: sum(getattr(f, name) for f in files) for name in ("positions", "results", "rejects", "no_result")}
    empty = _without_value(no_result)
    totals["without_value"] = sum(empty[record.path] for record in files)
    listed = as_pandas(worklist)
    if len(listed) and "count" in listed:
        listed = listed.sort_values("count", ascending=False, kind="stable")
    facts = {
        "files": [
            {
                "path": record.path,
                "sha256": record.sha256,
                "profile": record.profile,
                "lab": record.lab_id,
                "positions": record.positions,
                "results": record.results,
                "rejects": record.rejects,
                "without_value": empty[record.path],
                "no_result": record.no_result - empty[record.path],
            }
            for record in files
        ],
        "totals": totals,
        "rejects": _by_reason(rejects, REJECT_REASONS),
        "rejects_by_file": _by_file(rejects),
        "no_result": _by_reason(no_result, NO_RESULT_REASONS),
        "qc": _qc(normalised),
        "n_current": len(current_rows(normalised)),
        "n_before_analysis": _moved_before(normalised),
        "worklist": records(listed.head(WORKLIST_SHOWN), ["what", "text", "count", "example", "suggestion"]),
        "worklist_total": len(listed),
    }
    return facts | {"sentences": list(_sentences(facts))}


def _sentences(facts: dict[str, Any]) -> Iterable[str]:
    totals = facts["totals"]
    yield (
        f"{plural(len(facts['files']), 'file')} held {plural(totals['positions'], 'position')}: "
        f"{plural(totals['results'], 'result')}, {plural(totals['rejects'], 'reject')} "
        f"({percent(totals['rejects'], totals['positions'])}), "
        f"{count(totals['without_value'])} empty ({percent(totals['without_value'], totals['positions'])}: a cell or "
        "row without a value) and "
        f"{count(totals['no_result'] - totals['without_value'])} in headers, legends and notes."
    )
    unmeasured = sum(row["n"] for row in facts["rejects"] if row["reason"] == "not_measured")
    if totals["rejects"]:
        yield (
            f"{unmeasured:,} of the rejects were not measured by the lab, which is no cause for alarm; "
            f"{totals['rejects'] - unmeasured:,} need a look. Rejects of panel files are counted here; rejects.csv "
            "also lists what was refused in questionnaires and in tables of people and events."
        )
    if moved := facts["n_before_analysis"]:
        share = percent(moved, facts["n_current"])
        yield (
            f"{plural(moved, 'current result')} of {count(facts['n_current'])} ({share}) "
            f"{'carries' if moved == 1 else 'carry'} a code of something on record before the analysis: a medicine, a "
            "food or a condition, how the bottle was kept, or a change of lab, method or preservative. "
            "interferences.csv and preanalytical.csv list all but the changes, with their sources, which often "
            "contradict each other."
        )
    if facts["worklist_total"]:
        one = facts["worklist_total"] == 1
        yield (
            f"{plural(facts['worklist_total'], 'name or unit', 'names or units')} {'is' if one else 'are'} not in the "
            f"catalogue yet, or {'has' if one else 'have'} more than one meaning there."
        )
