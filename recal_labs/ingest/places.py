"""Where in a file something stands, in words that lead back to it: a row of a text, a cell of a sheet."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

LETTERS = 26


def column_letters(number: int) -> str:
    """Return what a spreadsheet calls a column, counted from 0.

    Examples
    --------
    >>> [column_letters(number) for number in (0, 25, 26, 701, 702)]
    ['A', 'Z', 'AA', 'ZZ', 'AAA']
    """
    letters, number = "", number + 1
    while number:
        number, rest = divmod(number - 1, LETTERS)
        letters = chr(ord("A") + rest) + letters
    return letters


@dataclass(frozen=True)
class Places:
    """How places of a table are written.

    Parameters
    ----------
    sheet : str
        Name of the sheet; empty for a text, whose rows are lines.
    """

    sheet: str = ""

    def row(self, number: int, column: int = 0) -> str:
        """Return the place of a row as a whole; ``column`` is where in a sheet to look first."""
        return f"{self.sheet}!{column_letters(column)}{number}" if self.sheet else f"row {number}"

    def rows(self, numbers: pl.Expr, column: int = 0) -> pl.Expr:
        """Return the expression of the places of rows."""
        if self.sheet:
            return pl.format("{}!{}{}", pl.lit(self.sheet), pl.lit(column_letters(column)), numbers)
        return pl.format("row {}", numbers)

    def cells(self, numbers: pl.Expr, column: int, label: str) -> pl.Expr:
        """Return the expression of the places of a column's cells; in a text the column is told by its label."""
        if self.sheet:
            return self.rows(numbers, column)
        return pl.format("row {} column {}", numbers, pl.lit(label))


TEXT_PLACES = Places()
