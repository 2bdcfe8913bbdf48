"""Tables of people, bottles, interventions and adverse events: CSV in, typed pandas frames out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from recal_labs.columns import (
    ADVERSE_EVENTS,
    FLAG,
    INTEGER,
    INTERVENTIONS,
    MOMENT,
    NUMBER,
    OUTCOMES,
    REJECTS,
    SPECIMEN_DETAILS,
    SUBJECTS,
    Column,
    Table,
    require_columns,
)
from recal_labs.ingest.dates import read_date
from recal_labs.ingest.words import PLACES, read_words, renamed
from recal_labs.provenance import FileRecord
from recal_labs.storage import sha256_of

FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
# What is larger than any whole number that a table can hold is no age, dose or year.
LARGEST = 2.0**63
OLDEST_YEARS = 130
YES = frozenset({"yes", "y", "true", "1"})
NO = frozenset({"no", "n", "false", "0"})
# How R, pandas and SAS write a missing cell.
MISSING = frozenset({"NA", "NaN", "."})
EXPECTED = {
    NUMBER: "a number with a decimal point",
    INTEGER: "a whole number",
    FLAG: "yes or no",
    MOMENT: "a date such as 2024-03-01 or 2024-03-01 07:30, or in a form that dates = [...] declares",
}
Codes = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, eq=False, kw_only=True)
class TableRead:
    """A table as read, and what could not be read of it.

    Parameters
    ----------
    frame : DataFrame
        The table's columns that the file has, typed, then the file's others as text.
    rejects : DataFrame
        The `rejects` table: cells that could not be read as what their column means. The row is kept without them.
    positions, empty : int
        Cells of the table's columns, and how many of them hold nothing.
    """

    frame: pd.DataFrame
    rejects: pd.DataFrame
    positions: int
    empty: int

    def record(self, name: str, path: Path) -> FileRecord:
        """Return what became of every cell; `name` is what the outputs call the file that lies at `path`."""
        return FileRecord(
            path=name,
            sha256=sha256_of(path),
            profile="table",
            positions=self.positions,
            results=self.positions - self.empty - len(self.rejects),
            rejects=len(self.rejects),
            no_result=self.empty,
            rejects_by_reason=count_reasons(self.rejects),
        ).check_conservation()


def count_reasons(rejects: pd.DataFrame) -> dict[str, int]:
    """Return how many rejects each reason accounts for, as a file's record holds it."""
    return {str(reason): int(n) for reason, n in rejects["reason"].value_counts().sort_index().items()}


def read_moments(column: pd.Series[Any], formats: Sequence[str] = FORMATS) -> pd.Series[Any]:
    """Return the moments of a column of texts; missing where a text fits none of the forms."""
    moments = {text: read_date(text, tuple(formats)) for text in column.dropna().unique()}
    read = {text: found.moment for text, found in moments.items() if found}
    return pd.to_datetime(column.map(read)).astype("datetime64[us]")


def _numbers(text: pd.Series[Any], column: Column) -> pd.Series[Any]:
    numbers = pd.to_numeric(text, errors="coerce")
    numbers = numbers.where(numbers.abs() < LARGEST)
    if column.name == "age_years":
        numbers = numbers.where(numbers.between(0, OLDEST_YEARS))
    return numbers.round().astype("Int64") if column.kind == INTEGER else numbers.astype(float)


def _flags(text: pd.Series[Any]) -> pd.Series[Any]:
    words = text.str.lower()
    return words.isin(YES).astype("boolean").where(words.isin(YES | NO))


def _known_words(text: pd.Series[Any], column: Column) -> pd.Series[Any]:
    folded = text.str.lower()
    return folded.where(folded.isin(list(column.allowed)))


def _typed(text: pd.Series[Any], column: Column, formats: Sequence[str]) -> pd.Series[Any]:
    """Return a column as its type; missing where a text cannot be read as it."""
    if column.kind in (NUMBER, INTEGER):
        return _numbers(text, column)
    if column.kind == MOMENT:
        return read_moments(text, formats)
    if column.kind == FLAG:
        return _flags(text)
    return _known_words(text, column) if column.allowed else text


def cell_rejects(
    frame: pd.DataFrame, bad: pd.Series[bool], text: pd.Series[Any], name: str, expected: str, *, is_date: bool = False
) -> pd.DataFrame:
    """Return one reject a cell that could not be read; `frame` says where each row stands."""
    rows, found = frame[bad], text[bad].astype("string")
    reason = "unreadable_date" if is_date else "unreadable_value"
    return pd.DataFrame(
        {
            "source_file": rows["source_file"],
            "source_row": rows["source_row"],
            "source_place": name,
            "reason": reason,
            "detail": [f"{name} is {t[:60]!r}; expected {expected}. The row is kept without it" for t in found],
            "raw": found,
        },
        columns=list(REJECTS.names),
    ).reset_index(drop=True)


def _coded(text: pd.Series[Any], codes: Mapping[str, str]) -> pd.Series[Any]:
    return text.map({str(code): word for code, word in codes.items()}).astype("string") if codes else text


def _expected(column: Column, codes: Mapping[str, str]) -> str:
    if codes:
        return "one of the declared codes " + ", ".join(map(str, codes))
    if column.name == "age_years":
        return f"an age in years from 0 to {OLDEST_YEARS}, with a decimal point"
    return EXPECTED.get(column.kind, "one of " + ", ".join(column.allowed))


def read_table(
    path: Path | str,
    table: Table,
    *,
    columns: Mapping[str, str] | None = None,
    codes: Codes | None = None,
    dates: Sequence[str] = (),
) -> TableRead:
    """Read a CSV as one of the tables of `recal_labs.columns`.

    Parameters
    ----------
    path : path
    table : Table
    columns : mapping of our name to the file's, optional
    codes : mapping of our column to mapping of the file's code to our word, optional
    dates : sequence of str, optional
        Forms of dates beside ISO ones, as for ``strptime``.

    Raises
    ------
    FileProblem
        When the file cannot be read or lacks a mapped column.
    TableError
        When a column that the table cannot do without is absent.
    """
    frame = read_words(path)
    if columns:
        frame = renamed(frame, columns, path)[[*PLACES, *columns]]
    require_columns(frame.columns, table, str(path))
    typed, rejects, empty, known = frame.copy(), [], 0, [c for c in table.columns if c.name in frame]
    for column in known:
        words, meanings = frame[column.name].astype("string"), (codes or {}).get(column.name, {})
        plain = column.kind not in (NUMBER, INTEGER, MOMENT, FLAG) and not column.allowed
        text = words if plain else words.mask(words.isin(list(MISSING)))
        read = _typed(_coded(text, meanings), column, (*dates, *FORMATS))
        bad = text.notna() & read.isna()
        is_date = column.kind == MOMENT
        rejects.append(cell_rejects(frame, bad, text, column.name, _expected(column, meanings), is_date=is_date))
        empty += int(text.isna().sum())
        typed[column.name] = read.fillna("unknown") if "unknown" in column.allowed else read
    others = [c for c in frame if c not in table.names and c not in PLACES]
    return TableRead(
        frame=typed[[*(c.name for c in known), *others]],
        rejects=pd.concat(rejects, ignore_index=True).sort_values("source_row", kind="stable", ignore_index=True),
        positions=len(frame) * len(known),
        empty=empty,
    )


def read_subjects(
    path: Path | str, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read the `subjects` table; a person without sex or age is kept. A cell that cannot be read is missing."""
    return read_table(path, SUBJECTS, columns=columns, codes=codes).frame


def read_specimens(
    path: Path | str, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read the `specimens` table. A cell that cannot be read is missing."""
    return read_table(path, SPECIMEN_DETAILS, columns=columns, codes=codes).frame


def read_interventions(
    path: Path | str, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read the `interventions` table. A cell that cannot be read is missing."""
    return read_table(path, INTERVENTIONS, columns=columns, codes=codes).frame


def read_adverse_events(
    path: Path | str, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read the `adverse_events` table. A cell that cannot be read is missing."""
    return read_table(path, ADVERSE_EVENTS, columns=columns, codes=codes).frame


def read_outcomes(
    path: Path | str, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read outcomes that were scored elsewhere: the `outcomes` table. A cell that cannot be read is missing."""
    return read_table(path, OUTCOMES, columns=columns, codes=codes).frame
