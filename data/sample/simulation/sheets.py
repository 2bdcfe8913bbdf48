"""Files as rows of text cells that remember which of them are results, so that a blemish can be put in place."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(eq=False)
class Row:
    """One line of a file."""

    cells: list[str]


@dataclass(eq=False)
class Place:
    """Where one result stands: its row and column, and what was measured."""

    row: Row
    column: int
    specimen_id: str
    subject: int
    visit: str
    analyte: str
    value: float
    below: bool

    @property
    def text(self) -> str:
        """The cell's text."""
        return self.row.cells[self.column]

    @text.setter
    def text(self, words: str) -> None:
        self.row.cells[self.column] = words


@dataclass(eq=False)
class Sheet:
    """A file before it is written.

    Parameters
    ----------
    path : str
        Relative to the study's folder.
    rows : list of Row
        Every line, in order.
    places : list of Place
        Every result.
    delimiter, encoding, newline : str
    quoted : bool
        Whether cells that hold the delimiter are quoted, as in CSV; HL7 has no quotes.
    """

    path: str
    delimiter: str = ","
    encoding: str = "utf-8"
    newline: str = "\n"
    quoted: bool = True
    rows: list[Row] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)

    def add(self, *cells: str) -> Row:
        """Append a line."""
        row = Row(list(cells))
        self.rows.append(row)
        return row

    def insert_after(self, row: Row, cells: Sequence[str]) -> Row:
        """Put a new line below another."""
        new = Row(list(cells))
        self.rows.insert(self.rows.index(row) + 1, new)
        return new

    def line_of(self, row: Row) -> int:
        """Return the line's number in the file, from 1."""
        return self.rows.index(row) + 1

    def to_bytes(self) -> bytes:
        """Return the file's content."""
        if not self.quoted:
            text = "".join(self.delimiter.join(row.cells) + self.newline for row in self.rows)
        else:
            page = io.StringIO()
            writer = csv.writer(page, delimiter=self.delimiter, lineterminator=self.newline)
            writer.writerows(row.cells for row in self.rows)
            text = page.getvalue()
        return text.encode(self.encoding)


def significant(value: float, digits: int = 3) -> str:
    """Write a positive number with so many significant digits and no exponent.

    Examples
    --------
    >>> significant(0.012345), significant(12.0), significant(1234.5, 4), significant(98765.0)
    ('0.0123', '12.0', '1235', '98800')
    """
    places = digits - 1 - math.floor(math.log10(value))
    return f"{round(value, places):.{max(places, 0)}f}"


def grouped(text: str, decimal: str, thousands: str) -> str:
    """Write a plain number with other marks: decimal comma, point between thousands.

    Examples
    --------
    >>> grouped("1312.4", ",", ".")
    '1.312,4'
    """
    whole, _, rest = text.partition(".")
    whole = f"{int(whole):,}".replace(",", thousands)
    return whole + (decimal + rest if rest else "")
