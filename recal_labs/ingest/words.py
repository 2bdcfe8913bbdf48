"""A CSV as words: every cell as text, nothing taken for a number, every row with its line."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pandas as pd

from recal_labs.errors import FileProblem
from recal_labs.ingest.text import read_text

# Columns that reading adds.
PLACES = ("source_row", "source_file")


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


def renamed(frame: pd.DataFrame, columns: Mapping[str, str], path: Path | str) -> pd.DataFrame:
    """Return a frame with the file's columns under our names.

    Raises
    ------
    FileProblem
        When a mapped column is not in the file.
    """
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
