"""A delimited text as a grid: where its header is, which lines stand beside the data, which rows do not fit."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from recal_labs.catalogue import fold_name
from recal_labs.errors import FileProblem

DELIMITERS = (",", ";", "\t", "|")
# Title lines and letterheads are short; a header further down than this is not looked for.
HEADER_WITHIN = 60
ROW = "_row"


@dataclass(frozen=True, eq=False)
class Grid:
    """A table as text.

    Parameters
    ----------
    header : tuple of str
        Column names as printed.
    cells : DataFrame
        Columns ``c0`` to ``cn`` as text (null where empty), and ``_row``, the line number in the file from 1.
    outside : list of (row, no_result reason, text)
        Header, and lines above and below the data.
    ragged : list of (row, sentence, text)
        Rows with another number of fields than the header.
    """

    header: tuple[str, ...]
    cells: pl.DataFrame
    outside: list[tuple[int, str, str]]
    ragged: list[tuple[int, str, str]]


def fold_header(text: str) -> str:
    """Reduce a column name for comparison; brackets and units in it count."""
    return fold_name(text.replace("\ufeff", ""))


def _fields(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def _find_header(lines: Sequence[str], delimiter: str, wanted: Sequence[frozenset[str]]) -> int | None:
    """Return the line that names a column of every wanted set, or None."""
    for number, line in enumerate(lines[:HEADER_WITHIN]):
        if delimiter in line:
            names = {fold_header(cell) for cell in _fields(line, delimiter)}
            if all(names & options for options in wanted):
                return number
    return None


def find_table(text: str, delimiter: str, wanted: Sequence[frozenset[str]]) -> tuple[int, str] | None:
    """Return the header's line (from 0) and the delimiter, or None when no line is such a header.

    Parameters
    ----------
    text : str
        The whole file.
    delimiter : str
        The declared one; empty to try the usual four.
    wanted : sequence of set of str
        Folded names; the header holds at least one of each set.
    """
    lines = text.split("\n")[:HEADER_WITHIN]
    found = [(_find_header(lines, mark, wanted), mark) for mark in ([delimiter] if delimiter else DELIMITERS)]
    hits = [(line, mark) for line, mark in found if line is not None]
    # With several hits the one that gives most columns is the real delimiter.
    return max(hits, key=lambda hit: len(_fields(lines[hit[0]], hit[1]))) if hits else None


def _records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """Return every record with the line it begins on; quoted newlines stay inside their record."""
    reader = csv.reader((line + "\n" for line in text.split("\n")), delimiter=delimiter)
    records, begin = [], 1
    for record in reader:
        records.append((begin, record))
        begin = reader.line_num + 1
    return records


def _clean_body(text: str, header_line: int, delimiter: str, width: int) -> Grid | None:
    """Read a body without quotes in one go; None when it needs the careful way."""
    lines = text.split("\n")[header_line + 1 :]
    body = pl.DataFrame({"line": lines}, schema={"line": pl.String}).with_row_index(ROW, offset=header_line + 2)
    blank = pl.col("line").str.replace_all(delimiter, "", literal=True).str.strip_chars() == ""
    body = body.filter(~blank).with_columns(n=pl.col("line").str.count_matches(delimiter, literal=True) + 1)
    if (body["n"] != width).any():
        return None
    split = body.with_columns(
        pl.col("line").str.split_exact(delimiter, width - 1).struct.rename_fields([f"c{i}" for i in range(width)])
    ).unnest("line")
    cells = split.select(pl.col(ROW).cast(pl.Int64), *_stripped(width))
    return Grid((), cells, [], [])


def _stripped(width: int) -> list[pl.Expr]:
    return [pl.col(f"c{i}").str.strip_chars().replace("", None).alias(f"c{i}") for i in range(width)]


def _careful_body(records: list[tuple[int, list[str]]], width: int, delimiter: str) -> Grid:
    """Sort records into rows that fit, lines beside the data, and rows that do not fit."""
    outside: list[tuple[int, str, str]] = []
    ragged: list[tuple[int, str, str]] = []
    good: list[tuple[int, list[str]]] = []
    for row, record in records:
        filled = [cell for cell in record if cell.strip()]
        while len(record) > width and not record[-1].strip():
            record = record[:-1]
        if not filled:
            continue
        if len(record) == width:
            good.append((row, record))
        elif len(filled) == 1:
            outside.append((row, "footer", delimiter.join(record)))
        else:
            sentence = f"The row has {len(record)} fields; the header has {width}. Check quotes and delimiters"
            ragged.append((row, sentence, delimiter.join(record)))
    last = good[-1][0] if good else 0
    outside = [(row, "footer" if row > last else "section", text) for row, _, text in outside]
    schema: dict[str, type[pl.DataType]] = {f"c{i}": pl.String for i in range(width)}
    cells = pl.DataFrame([record for _, record in good], schema=schema, orient="row").with_columns(
        pl.Series(ROW, [row for row, _ in good], dtype=pl.Int64)
    )
    return Grid((), cells.select(ROW, *_stripped(width)), outside, ragged)


def read_grid(text: str, delimiter: str, wanted: Sequence[frozenset[str]], name: str) -> Grid:
    """Read a delimited text below the header that names the wanted columns.

    Raises
    ------
    FileProblem
        When no such header is found.
    """
    # Not splitlines(): it also breaks at form feeds and other marks that may stand inside a cell.
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    found = find_table(text, delimiter, wanted)
    if found is None:
        shown = " and ".join("one of " + "/".join(sorted(options)) for options in wanted)
        raise FileProblem(
            name,
            f"no header line was found in its first {HEADER_WITHIN} lines",
            f"a line with the columns {shown}",
            "choose another profile, or map the columns in a profile of your own",
        )
    header_line, mark = found
    header = tuple(cell.strip() for cell in _fields(text.split("\n")[header_line], mark))
    grid = None if '"' in text else _clean_body(text, header_line, mark, len(header))
    if grid is None:
        records = [(row, record) for row, record in _records(text, mark) if row > header_line + 1]
        grid = _careful_body(records, len(header), mark)
    above = [
        (number, "preamble", line)
        for number, line in enumerate(text.split("\n")[:header_line], 1)
        if line.replace(mark, "").strip()
    ]
    head = (header_line + 1, "header", mark.join(header))
    return Grid(header, grid.cells, [*above, head, *grid.outside], grid.ragged)
