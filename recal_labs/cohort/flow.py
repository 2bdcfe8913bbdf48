"""The flow into an analysis: positions and results, specimens, people, each with what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from recal_labs.provenance import FileRecord

# Reasons in `no_result` that are missing data: nobody gave a value. All others say that none was to stand there.
EMPTY = ("empty_cell", "empty_value")


@dataclass(frozen=True)
class FlowStep:
    """One step of the flow: how many are left, and who was left out for which reason.

    A step is counted as ``positions``, ``results``, ``specimens`` or ``subjects``. Positions become results; any other
    change of what is counted starts a flow of its own.
    """

    stage: str
    counted: str
    n: int
    left_out: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        out = "".join(f"; {n} left out: {why}" for why, n in self.left_out)
        return f"{self.stage}: {self.n} {self.counted}{out}"


def _most_first(counts: Mapping[Any, int] | pd.Series[int]) -> tuple[tuple[str, int], ...]:
    """Return reasons with their counts, the commonest first; a reason that left nothing out is not one."""
    return tuple((str(why), int(n)) for why, n in sorted(counts.items(), key=lambda pair: -int(pair[1])) if n)


def count_positions(files: Iterable[FileRecord], no_result: pd.DataFrame) -> tuple[FlowStep, ...]:
    """Count positions of panel files down to results.

    Parameters
    ----------
    files : iterable of FileRecord
        What became of each panel file.
    no_result : DataFrame
        The `no_result` table of the same files. A cell or row without a value is missing data, and is counted apart
        from headers, legends and notes.
    """
    records = list(files)
    rejects: Counter[str] = Counter()
    for record in records:
        rejects.update(record.rejects_by_reason)
    refused = tuple((f"rejected: {reason.replace('_', ' ')}", n) for reason, n in _most_first(rejects))
    without = sum(record.no_result for record in records)
    empty = int(no_result["reason"].isin(EMPTY).sum()) if len(no_result) else 0
    rest = {"a cell or row without a value": empty, "header, legend or note": without - empty}
    return (
        FlowStep("Positions in panel files", "positions", sum(record.positions for record in records)),
        FlowStep("Results read", "results", sum(record.results for record in records), (*refused, *_most_first(rest))),
    )


def count_results(reasons: pd.Series[str], n_kept: int) -> tuple[FlowStep, ...]:
    """Count results down to those of the chosen specimens and analytes, one an analyte and specimen.

    Parameters
    ----------
    reasons : Series of str, shape (n_results,)
        Why each result is left out; empty when it is not.
    n_kept : int
        How many remain once a result that stands in two forms is counted once.
    """
    left_out = reasons[reasons != ""].value_counts().to_dict()
    again = int((reasons == "").sum()) - n_kept
    left_out |= {"the same result in a second form, as per litre beside per gram of creatinine": again}
    return (
        FlowStep("Results", "results", len(reasons)),
        FlowStep("Results of the chosen specimens and analytes", "results", n_kept, _most_first(left_out)),
    )


def count_link(
    log_amounts: pd.DataFrame,
    seen: set[str],
    visits: pd.DataFrame,
    scores: pd.DataFrame,
    forms: pd.DataFrame,
    subjects: pd.DataFrame,
) -> tuple[FlowStep, ...]:
    """Count results, specimens and people down to the first visit of each subject with a panel and an outcome.

    Parameters
    ----------
    log_amounts : DataFrame
        One row a specimen (indexed by subject_id and specimen_id), one column an analyte.
    seen : set of str
        Subjects with any result.
    visits, scores : DataFrame
        Panels and the scores linked to them, aligned row by row; ``analysed`` marks one visit a subject.
    forms, subjects : DataFrame
        The outcomes asked about, and the subjects table.
    """
    scored = set(forms.loc[forms["status"] == "ok", "subject_id"])
    reasons = pd.Series(
        np.select(
            [visits["analysed"], scores.notna().any(axis=1), visits["subject_id"].isin(scored)],
            ["", "a later visit of the same subject", "no outcome within the window of this visit"],
            default="a subject without an outcome that could be scored",
        ),
        index=visits.index,
        dtype=object,
    )
    rows = pd.MultiIndex.from_frame(visits[["subject_id", "specimen_id"]])
    results = log_amounts.reindex(rows).notna().sum(axis=1).set_axis(visits.index)
    kept = reasons == ""
    return (
        FlowStep(
            "Results analysed: first visit with panel and outcome",
            "results",
            int(results[kept].sum()),
            _most_first(results[~kept].groupby(reasons[~kept]).sum()),
        ),
        FlowStep("Specimens with such results", "specimens", len(visits)),
        FlowStep(
            "Specimens analysed: first visit with panel and outcome",
            "specimens",
            int(kept.sum()),
            _most_first(reasons[~kept].value_counts()),
        ),
        *_count_people(seen, visits, scored, forms, subjects),
    )


def _count_people(
    seen: set[str], visits: pd.DataFrame, scored: set[str], forms: pd.DataFrame, subjects: pd.DataFrame
) -> tuple[FlowStep, ...]:
    """Count people from the subjects table, or a panel or form, down to the analysis."""
    everyone = set(subjects["subject_id"].dropna()) | seen | set(forms["subject_id"].dropna())
    with_panel = set(visits["subject_id"])
    analysed = set(visits.loc[visits["analysed"], "subject_id"])
    unlinked = {
        "no outcome that could be scored": len(with_panel - scored),
        "panel and outcome too far apart or undated": len(with_panel & scored - analysed),
    }
    return (
        FlowStep("People in any file", "subjects", len(everyone)),
        FlowStep(
            "People with a panel that can be analysed",
            "subjects",
            len(with_panel),
            _most_first({"no panel that can be analysed": len(everyone - with_panel)}),
        ),
        FlowStep(
            "Subjects analysed: an outcome is linked in the window",
            "subjects",
            len(analysed),
            _most_first(unlinked),
        ),
    )
