"""What must be said loudly, on the terminal only: people who must be looked at today, and files that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pandas as pd

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
