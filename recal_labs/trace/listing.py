"""Small tables for a terminal of 80 columns and for a notebook, made from the same rows."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH = 80
_GAP, _INDENT = "  ", "  "


def plain(text: object) -> str:
    """Return a text as one line that cannot move the cursor of a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in str(text).replace("\n", " "))


def number(value: float | int | None, digits: int = 12) -> str:
    """Return a number with as many significant digits as are not zeros, at most `digits`; a dash when missing."""
    return "-" if value is None or value != value else f"{value:.{digits}g}"


def with_unit(value: str, unit: str | None) -> str:
    """Return a number with its unit; a pure number has none."""
    return f"{value} {unit}" if unit and unit != "1" else value


def counted(n: int, what: str) -> str:
    """Return a count with its noun, such as ``"1 row"`` or ``"4,082 rows"``."""
    return f"{n:,} {what}" + ("" if n == 1 else "s")


def wrapped(text: str, indent: str = _INDENT, first: str | None = None) -> list[str]:
    """Break a text into lines of at most 80 columns; a word that is longer is broken too."""
    start = indent if first is None else first
    return textwrap.wrap(plain(text), WIDTH, initial_indent=start, subsequent_indent=indent, break_on_hyphens=False)


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A titled table of texts.

    Parameters
    ----------
    title : str
    columns : sequence of str
        Headings; those that begin with ``>`` stand above numbers, at the right.
    rows : sequence of sequence of str
    note : str
        A sentence below it.
    """

    title: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    note: str = ""

    def lines(self, indent: str = "") -> Iterator[str]:
        """Yield its lines; where a row does not fit the width, every row stands as a sentence of its cells."""
        yield indent + self.title
        if self.rows:
            heads = [name.lstrip(">") for name in self.columns]
            cells = [[plain(cell) for cell in row] for row in (heads, *self.rows)]
            widths = [max(len(row[i]) for row in cells) for i in range(len(heads))]
            rows = [indent + self._row(row, widths) for row in cells]
            if max(map(len, rows)) > WIDTH:
                deep, first = f"{indent}{_INDENT * 3}", f"{indent}{_INDENT}"
                stacked = (wrapped("; ".join(filter(None, row)), indent=deep, first=first) for row in cells[1:])
                rows = [line for lines in stacked for line in lines]
            yield from rows
        if self.note:
            yield from wrapped(self.note, indent=indent + _INDENT)

    def _row(self, row: Sequence[str], widths: Sequence[int]) -> str:
        padded = [
            f"{cell:>{width}}" if name.startswith(">") else f"{cell:{width}}"
            for cell, width, name in zip(row, widths, self.columns, strict=True)
        ]
        return (_INDENT + _GAP.join(padded)).rstrip()

    def to_html(self) -> str:
        """Return it as an HTML table with caption and scopes; every text is escaped."""
        head = "".join(f"<th scope='col'>{html.escape(name.lstrip('>'))}</th>" for name in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        note = f"<p>{html.escape(self.note)}</p>" if self.note else ""
        if not self.rows:
            return f"<p><strong>{html.escape(self.title)}</strong></p>{note}"
        return (
            f"<table><caption>{html.escape(self.title)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>{note}"
        )
