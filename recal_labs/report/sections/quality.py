"""Data quality: what became of each file, what was refused and why, and what is not in the catalogue."""

from __future__ import annotations

import pandas as pd

from recal_labs.report.figures.picture import picture
from recal_labs.report.figures.rejects import rejects, rejects_finding, rejects_height
from recal_labs.report.html import Column, Shown, figure, paragraphs, stack, table
from recal_labs.report.store import Run
from recal_labs.report.wording import count, percent


def show_quality(run: Run) -> Shown:
    """Show what became of every position, by file and by reason, and the quality codes of results."""
    facts = run.facts["quality"]
    return stack(paragraphs(facts["sentences"]), _rejects_figure(run), _files(run), _rejects(run), _qc(run))


def _rejects_figure(run: Run) -> Shown | None:
    rows = pd.DataFrame(run.facts["quality"]["rejects"])
    if rows.empty:
        return None
    height = rejects_height(len(rows))
    return figure(
        picture(lambda ax, narrow: rejects(rows, narrow=narrow, ax=ax), wide_height=height, narrow_height=height),
        key="rejects",
        number=run.numbers["figure:rejects"],
        caption="Positions of panel files that could not become a result, by reason.",
        alt=rejects_finding(rows),
    )


def _files(run: Run) -> Shown:
    rows = [
        {
            "path": record["path"],
            "lab": record["lab"],
            **{key: count(record[key]) for key in ("positions", "results", "without_value", "no_result")},
            "rejects": f"{count(record['rejects'])} ({percent(record['rejects'], record['positions'])})",
        }
        for record in run.facts["quality"]["files"]
    ]
    columns = (
        Column("path", "File", "head"),
        Column("lab", "Lab"),
        Column("positions", "Positions", "number"),
        Column("results", "Results", "number"),
        Column("rejects", "Rejects", "number"),
        Column("without_value", "Empty", "number"),
        Column("no_result", "Headers, legends, notes", "number"),
    )
    return table(
        rows,
        columns,
        key="files",
        number=run.numbers["table:files"],
        caption="Positions of each panel file: each is a result, a reject, empty (a cell or row without a "
        "value), or stands in a header, legend or note.",
    )


def _rejects(run: Run) -> Shown | None:
    facts = run.facts["quality"]
    if not facts["rejects"]:
        return None
    meanings = {row["reason"]: row["meaning"] for row in facts["rejects"]}
    rows = [
        {
            "file": row["file"],
            "reason": row["reason"].replace("_", " "),
            "n": count(row["n"]),
            "meaning": meanings.get(row["reason"]),
        }
        for row in facts["rejects_by_file"]
    ]
    columns = (
        Column("file", "File", "group"),
        Column("reason", "Reason", "head"),
        Column("n", "Positions", "number"),
        Column("meaning", "Meaning", "long"),
    )
    return table(
        rows,
        columns,
        key="rejects",
        number=run.numbers["table:rejects"],
        caption="Rejects of panel files by file and reason. The full list with places and advice is rejects.csv, which "
        "also holds what was refused in questionnaires and in tables of people and events.",
    )


def _qc(run: Run) -> Shown | None:
    facts = run.facts["quality"]
    if not facts["qc"]:
        return None
    rows = [
        {
            "code": row["code"].replace("_", " "),
            "n": f"{count(row['n'])} ({percent(row['n'], facts['n_current'])})",
            "meaning": row["meaning"],
        }
        for row in facts["qc"]
    ]
    columns = (Column("code", "Code", "head"), Column("n", "Results", "number"), Column("meaning", "Meaning", "long"))
    return table(
        rows,
        columns,
        key="qc",
        number=run.numbers["table:qc"],
        caption="Quality codes of current results; a result may carry several. Marked results are kept.",
    )


def show_worklist(run: Run) -> Shown:
    """Show names and units that are not in the catalogue yet, commonest first."""
    facts = run.facts["quality"]
    if not facts["worklist"]:
        return paragraphs(["Every name and unit in the files is known to the catalogue."])
    columns = (
        Column("text", "As the lab wrote it", "head"),
        Column("what", "What"),
        Column("count", "Positions", "number"),
        Column("suggestion", "Nearest known, or what to do", "long"),
        Column("example", "Where, for example", "long"),
    )
    more = facts["worklist_total"] - len(facts["worklist"])
    return table(
        [row | {"count": count(row["count"])} for row in facts["worklist"]],
        columns,
        key="worklist",
        number=run.numbers["table:worklist"],
        caption="Worklist: names and units that are not in the catalogue yet, or have more than one meaning there. "
        "What is nearest is a guess by spelling only."
        + (f" {more} more are in the worklist file." if more > 0 else ""),
    )
