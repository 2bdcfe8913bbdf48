"""A table of cells: a sheet of a workbook, a SAS transport file, a Dataset-JSON; and how its cells become text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from recal_labs.ingest.headers import Record
from recal_labs.ingest.profiles import Marks

# Excel keeps 15 digits: 72.965 is stored as 72.96499999999999 and printed as 72.965.
DIGITS = ".15g"
Merge = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Sheet:
    """Rows of cells as the file holds them.

    Parameters
    ----------
    name : str
        The sheet's name, or that of the dataset.
    rows : sequence of sequence
        Texts, numbers, dates, booleans; None and the empty text are empty cells.
    merged : sequence of ((row, column), (row, column))
        First and last cell, from 0, of cells that are merged.
    marks : Marks
        With which numbers are written when they become text.
    """

    name: str
    rows: Sequence[Sequence[Any]]
    merged: Sequence[Merge] = ()
    marks: Marks = field(default_factory=Marks)


def cell_text(cell: Any, marks: Marks) -> str:
    """Return the text of a cell.

    Examples
    --------
    >>> cell_text(72.96499999999999, Marks(",")), cell_text(7.0, Marks()), cell_text(dt.date(2024, 3, 1), Marks())
    ('72,965', '7', '2024-03-01')
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | float):
        return _number_text(cell, marks)
    if isinstance(cell, dt.datetime):
        shown = cell.strftime("%Y-%m-%d %H:%M:%S")
        return shown.removesuffix(" 00:00:00")
    return str(cell)


def _number_text(number: float, marks: Marks) -> str:
    if number != number:  # not a number: how SAS transport marks a missing one
        return ""
    return format(number, DIGITS).replace(".", marks.decimal)


def sheet_records(sheet: Sheet, first: int | None = None) -> list[Record]:
    """Return the rows of a sheet as texts, all of one width; those that are empty are kept, so that numbers count."""
    rows = sheet.rows if first is None else sheet.rows[:first]
    width = max((len(row) for row in sheet.rows), default=0)
    texts = [[cell_text(cell, sheet.marks) for cell in row] + [""] * (width - len(row)) for row in rows]
    return [Record(number, number, fields) for number, fields in enumerate(texts, 1)]
