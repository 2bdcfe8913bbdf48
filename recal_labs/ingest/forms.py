"""Item answers of a questionnaire: one row a form, answers as text, declared codes for no answer taken out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from recal_labs.columns import MOMENT
from recal_labs.errors import FileProblem
from recal_labs.ingest.tables import EXPECTED, FORMATS, MISSING, cell_rejects, read_moments
from recal_labs.ingest.words import read_words, renamed


def read_outcome_items(
    path: Path | str,
    *,
    instrument: str,
    columns: Mapping[str, str] | None = None,
    sentinels: Sequence[float] = (),
    dates: Sequence[str] = (),
    ignore: Sequence[str] = (),
) -> pd.DataFrame:
    """Read item answers of one instrument, one row a form.

    Parameters
    ----------
    path : path
    instrument : str
        Named in messages.
    columns : mapping of our name (subject_id, assessed_at, q1 ...) to the file's, optional
    sentinels : sequence of float
        Codes such as 7 (refused) and 9 (don't know) that mean no answer. They become missing, never scores.
    dates : sequence of str
        Forms of dates beside ISO ones, as for ``strptime``.
    ignore : sequence of str
        Columns of the file that are no items, such as a difficulty question called q10.

    Returns
    -------
    DataFrame
        subject_id, assessed_at (missing where the file has none or it cannot be read), reported_date (as written), the
        item columns as text, source_file, source_row.

    Raises
    ------
    FileProblem
        When the file cannot be read, or has no subject column or a column to ignore.
    """
    frame = read_words(path)
    if absent := [name for name in ignore if name not in frame]:
        raise FileProblem(path, f"it has no column {', '.join(absent)}", "the columns that study.toml ignores")
    frame = frame.drop(columns=list(ignore))
    if columns:
        frame = renamed(frame, columns, path)
    if "subject_id" not in frame:
        found = ", ".join(str(c) for c in frame.columns if not str(c).startswith("source_"))
        raise FileProblem(
            path, f"it has no subject_id column, only {found}", f"{instrument} forms", "map it in study.toml"
        )
    assessed = frame["assessed_at"] if "assessed_at" in frame else pd.Series(pd.NA, index=frame.index)
    written = assessed.astype("string").mask(assessed.astype("string").isin(list(MISSING))).rename("reported_date")
    items = [c for c in frame if str(c).startswith("q") and str(c)[1:].isdigit()]
    answers = frame[items].astype("string")
    # In an item column NA can mean nothing else.
    answers = answers.mask(answers.isin(list(MISSING)))
    if sentinels:
        # As numbers: a table saved with gaps holds 7.0 where the form says 7.
        numbers = answers.apply(pd.to_numeric, errors="coerce")
        answers = answers.mask(numbers.isin(list(sentinels)).fillna(False).astype(bool))
    kept = frame[["subject_id", "source_file", "source_row"]].astype({"subject_id": "string"})
    moments = read_moments(written, (*dates, *FORMATS)).rename("assessed_at")
    return pd.concat([kept, moments, written, answers], axis=1)


def date_rejects(items: pd.DataFrame) -> pd.DataFrame:
    """List the dates of forms that cannot be read: the `rejects` table, one row a form."""
    bad = items["reported_date"].notna() & items["assessed_at"].isna()
    return cell_rejects(items, bad, items["reported_date"], "assessed_at", EXPECTED[MOMENT], is_date=True)
