"""What must be said loudly on the terminal: people who must be looked at today, files that are missing, odd units."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import polars as pl

from recal_labs.normalise import Normalised
from recal_labs.normalise.missing_amounts import missing_amounts
from recal_labs.normalise.unit_questions import unit_questions
from recal_labs.privacy import Guard
from recal_labs.study.declared import Study
from recal_labs.study.inputs import PanelInputs


def safety_alarm(flags: pd.DataFrame, study: Study, out: Path, key_table: Path | None = None) -> Iterator[str]:
    """Yield a line when a flagged item was answered positively, or left without an answer; never in the report.

    Where people have codes, it says in which table the named person finds them.
    """
    if flags.empty:
        return
    positive, people = int(flags["answer"].notna().sum()), f"{flags['subject_id'].nunique()} people"
    if nobody := len(flags[flags["subject_id"].isna()].drop_duplicates(["source_file", "source_row"])):
        people += f", and {nobody} forms without a subject id"
    unanswered = len(flags) - positive
    rest = f", and {unanswered} flagged items without a usable answer" if unanswered else ""
    person = study.named_person or "a qualified person (study.toml names nobody)"
    yield (
        f"*** SAFETY: {positive} positive answers to flagged items{rest} ({people}). To be seen today by "
        f"{person}: {out / 'safety_flags.csv'}{_who(key_table)} ***"
    )


def _who(key_table: Path | None) -> str:
    return "" if key_table is None else f"; whose the codes are, and which file an F- code is, stands in {key_table}"


def unread_alarm(panels: PanelInputs) -> Iterator[str]:
    """Yield a line for each panel file of which nothing could be read."""
    for record in panels.unread:
        why = panels.rejects.loc[panels.rejects["source_file"] == record.path, "detail"]
        yield f"*** NOT READ: {record.path}: all of its results are missing. {why.iloc[0] if len(why) else ''} ***"


def empty_alarm(panels: PanelInputs) -> Iterator[str]:
    """Yield a line for each panel file that was read and holds nothing to read."""
    for record in panels.files:
        if not record.results and not record.rejects:
            yield f"*** EMPTY: {record.path}: it holds no results: no rows under its header, or empty ones. ***"


def unit_alarm(normalised: Normalised, out: Path, guard: Guard | None = None) -> Iterator[str]:
    """Yield a line for each group of results whose numbers do not fit the unit that the lab writes.

    Where files have codes, the terminal still tells their names: somebody must find the file.
    """
    coded = None if guard is None else guard.originals.filter(pl.col("kind") == "file").select("code", "original")
    names = {} if coded is None else dict(coded.iter_rows())
    for asked in unit_questions(normalised.frame, normalised.catalogue):
        where = f"{names.get(asked.file, asked.file)} {asked.place}".strip()
        yield f"*** UNIT IN DOUBT: {asked.sentence} The first of them: {where}; see {out / 'worklist.csv'} ***"


def lacking_words(normalised: Normalised) -> str:
    """Return what is said of results without an amount, after other words; nothing where all have one."""
    lacking = missing_amounts(normalised.frame).words(normalised.choices.basis)
    return f"; {lacking}" if lacking else ""
