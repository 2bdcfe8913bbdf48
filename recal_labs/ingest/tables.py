"""Tables of people, bottles, interventions, adverse events and forms: CSV in, typed pandas frames out."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
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
    SPECIMEN_DETAILS,
    SUBJECTS,
    Table,
    require_columns,
)
from recal_labs.errors import FileProblem
from recal_labs.ingest.dates import read_date
from recal_labs.ingest.text import read_text

FORMATS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d")
# What is larger than any whole number that a table can hold is no age, dose or year.
LARGEST = 2.0**63
# Columns that reading adds.
PLACES = ("source_row", "source_file")
YES = frozenset({"yes", "y", "true", "1"})
NO = frozenset({"no", "n", "false", "0"})
Codes = Mapping[str, Mapping[str, str]]


def read_words(path: Path | str) -> pd.DataFrame:
    """Read a CSV as text, empty cells missing; nothing is taken for a number, so ids keep their zeros and NA is a word.

    Raises
    ------
    FileProblem
        When the file is missing, no text, has no header or two columns of one name, when a row has more fields than
        the header, or quotes cannot be told apart.
    """
    text = read_text(Path(path)).text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    # Lines that begin with # carry labels such as SIMULATED; they are no data.
    kept = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    if not kept:
        raise FileProblem(path, "it has no header line", "a CSV table")
    head = kept[0][1]
    delimiter = max(",;\t", key=head.count)
    first = kept[0][0] - 1
    records = _records(path, lines, first, delimiter)
    header = [name.strip() for name in next(records)[1]]
    _check_header(path, header)
    rows = []
    for line, record in records:
        filled = [cell for cell in record if cell.strip()]
        # A subject may be called #12: only a lone text is a label.
        if not filled or (filled == record[:1] and record[0].startswith("#") and len(header) > 1):
            continue
        if len(record) > len(header) and any(cell.strip() for cell in record[len(header) :]):
            raise FileProblem(
                path,
                f"line {line} has {len(record)} fields",
                f"{len(header)}, as in the header",
                "check quotes and delimiters",
            )
        padded = [*record, *[""] * len(header)][: len(header)]
        rows.append([line, *(cell.strip() or None for cell in padded)])
    labels = [name or f"column {number}" for number, name in enumerate(header, 1)]
    frame = pd.DataFrame(rows, columns=["source_row", *labels], dtype=object)
    blank = [label for name, label in zip(header, labels, strict=True) if not name and frame[label].isna().all()]
    return frame.drop(columns=blank).assign(source_file=Path(path).name)


def _records(path: Path | str, lines: Sequence[str], first: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Yield every record with its last line."""
    # strict: otherwise an open quote swallows the rest of the file without a word.
    reader = csv.reader((line + "\n" for line in lines[first:]), delimiter=delimiter, strict=True)
    begin = first + 1
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as err:
            raise FileProblem(
                path,
                f"the quotes of line {begin} cannot be told apart ({err})",
                "quotes that are closed, and doubled inside a quoted field",
                "mend that line",
            ) from err
        yield first + reader.line_num, record
        begin = first + reader.line_num + 1


def _check_header(path: Path | str, header: Sequence[str]) -> None:
    twice = sorted({name for name in header if name and (header.count(name) > 1 or name in PLACES)})
    if twice:
        raise FileProblem(
            path,
            f"it has more than one column {', '.join(twice)}"
            if not set(twice) & set(PLACES)
            else f"it has a column {', '.join(twice)}, a name that is taken",
            "one column of each name",
            "rename or remove the others",
        )


def _renamed(frame: pd.DataFrame, columns: Mapping[str, str], path: Path | str) -> pd.DataFrame:
    absent = [theirs for theirs in columns.values() if theirs not in frame]
    if absent:
        raise FileProblem(
            path,
            f"it has no column {', '.join(absent)}",
            "the columns that study.toml maps",
            f"its columns are {', '.join(map(str, frame.columns[1:-1]))}",
        )
    # A column may serve twice (the survey's sequence number is subject and specimen), so copies, not renames.
    copies = {ours: frame[theirs] for ours, theirs in columns.items()}
    return pd.concat([frame.drop(columns=[c for c in columns if c in frame]), pd.DataFrame(copies)], axis=1)


def _number(column: pd.Series[Any], integer: bool) -> pd.Series[Any]:
    # Unreadable text becomes missing; what needs the number says that it is unknown.
    numbers = pd.to_numeric(column, errors="coerce")
    numbers = numbers.where(numbers.abs() < LARGEST)
    return numbers.round().astype("Int64") if integer else numbers.astype(float)


def _moment(column: pd.Series[Any]) -> pd.Series[Any]:
    moments = {text: read_date(text, FORMATS) for text in column.dropna().unique()}
    read = {text: found.moment for text, found in moments.items() if found}
    return pd.to_datetime(column.map(read)).astype("datetime64[us]")


def _flag(column: pd.Series[Any]) -> pd.Series[Any]:
    words = column.str.lower()
    return words.isin(YES).astype("boolean").where(words.isin(YES | NO))


def _typed(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    typed = frame.copy()
    for column in table.columns:
        if column.name not in typed:
            continue
        text = typed[column.name].astype("string")
        if column.kind == NUMBER or column.kind == INTEGER:
            typed[column.name] = _number(text, column.kind == INTEGER)
        elif column.kind == MOMENT:
            typed[column.name] = _moment(text)
        elif column.kind == FLAG:
            typed[column.name] = _flag(text)
        else:
            typed[column.name] = text
    return typed


def read_table(
    path: Path | str, table: Table, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read a CSV as one of the tables of `recal_labs.columns`.

    Parameters
    ----------
    path : path
    table : Table
    columns : mapping of our name to the file's, optional
    codes : mapping of our column to mapping of the file's code to our word, optional

    Returns
    -------
    DataFrame
        The table's columns that the file has, typed, then the file's others as text. A cell that cannot be read as its
        type is missing.

    Raises
    ------
    FileProblem
        When the file cannot be read or lacks a mapped column.
    TableError
        When a column that the table cannot do without is absent.
    """
    frame = read_words(path)
    if columns:
        frame = _renamed(frame, columns, path)[[*columns]]
    frame = frame.drop(columns=[c for c in PLACES if c in frame])
    for name, meanings in (codes or {}).items():
        if name in frame:
            frame[name] = frame[name].map({str(code): word for code, word in meanings.items()})
    require_columns(frame.columns, table, str(path))
    typed = _typed(frame, table)
    for name in table.names:
        if name in typed and table[name].allowed:
            folded = typed[name].str.lower()
            default: Any = "unknown" if "unknown" in table[name].allowed else pd.NA
            typed[name] = folded.where(folded.isin(list(table[name].allowed)), default)
    return typed[[*(c for c in table.names if c in typed), *(c for c in typed if c not in table.names)]]


def read_subjects(
    path: Path | str, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read the `subjects` table; a person without sex or age is kept."""
    return read_table(path, SUBJECTS, columns=columns, codes=codes)


def read_specimens(
    path: Path | str, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read the `specimens` table."""
    return read_table(path, SPECIMEN_DETAILS, columns=columns, codes=codes)


def read_interventions(
    path: Path | str, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read the `interventions` table."""
    return read_table(path, INTERVENTIONS, columns=columns, codes=codes)


def read_adverse_events(
    path: Path | str, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read the `adverse_events` table."""
    return read_table(path, ADVERSE_EVENTS, columns=columns, codes=codes)


def read_outcomes(
    path: Path | str, *, columns: Mapping[str, str] | None = None, codes: Codes | None = None
) -> pd.DataFrame:
    """Read outcomes that were scored elsewhere: the `outcomes` table."""
    return read_table(path, OUTCOMES, columns=columns, codes=codes)


def read_outcome_items(
    path: Path | str,
    *,
    instrument: str,
    columns: Mapping[str, str] | None = None,
    sentinels: Sequence[float] = (),
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

    Returns
    -------
    DataFrame
        subject_id, assessed_at (missing where the file has none), the item columns as text, source_file, source_row.

    Raises
    ------
    FileProblem
        When the file cannot be read, or has no subject column.
    """
    frame = read_words(path)
    if columns:
        frame = _renamed(frame, columns, path)
    if "subject_id" not in frame:
        found = ", ".join(str(c) for c in frame.columns if not str(c).startswith("source_"))
        raise FileProblem(
            path, f"it has no subject_id column, only {found}", f"{instrument} forms", "map it in study.toml"
        )
    assessed = frame["assessed_at"] if "assessed_at" in frame else pd.Series(pd.NA, index=frame.index, dtype="string")
    items = [c for c in frame if str(c).startswith("q") and str(c)[1:].isdigit()]
    answers = frame[items].astype("string")
    # "NA" is how R writes a missing cell; in an item column it can mean nothing else.
    answers = answers.mask(answers.isin(["NA", "NaN", "."]))
    if sentinels:
        # As numbers: a table saved with gaps holds 7.0 where the form says 7.
        numbers = answers.apply(pd.to_numeric, errors="coerce")
        answers = answers.mask(numbers.isin(list(sentinels)).fillna(False).astype(bool))
    kept = frame[["subject_id", "source_file", "source_row"]]
    moments = _moment(assessed.astype("string")).rename("assessed_at")
    return pd.concat([kept.astype({"subject_id": "string"}), moments, answers], axis=1)
