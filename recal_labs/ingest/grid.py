"""A delimited text as a grid: where its header is, which lines stand beside the data, which rows do not fit."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from recal_labs.errors import FileProblem
from recal_labs.ingest.headers import Header, Record, find_header
from recal_labs.ingest.places import TEXT_PLACES, Places
from recal_labs.ingest.sheets import Sheet, sheet_records

DELIMITERS = (",", ";", "\t", "|")
# Title lines and letterheads are short; a header further down than this is not looked for.
HEADER_WITHIN = 60
OPEN_QUOTE = (
    "A quote of the row is not closed, or stands inside a quoted field without being doubled. Mend the quotes of "
    "this line"
)
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
        Rows with another number of fields than the header, or with quotes that cannot be told apart.
    places : Places
        How the places of its cells are written.
    merged : tuple of (first row, last row, column)
        Cells of one column that are merged; only the first one holds what stands there.
    """

    header: tuple[str, ...]
    cells: pl.DataFrame
    outside: list[tuple[int, str, str]]
    ragged: list[tuple[int, str, str]]
    places: Places = TEXT_PLACES
    merged: tuple[tuple[int, int, int], ...] = ()


def find_table(
    source: str | Sheet,
    delimiter: str,
    wanted: Sequence[frozenset[str]],
    better: Callable[[Sequence[str]], bool] | None = None,
) -> Header | None:
    """Return the header, or None when no record is such a header.

    Parameters
    ----------
    source : str or Sheet
        The whole file, or one sheet of it.
    delimiter : str
        The declared one; empty to try the usual four.
    wanted : sequence of set of str
        Folded names; the header holds at least one of each set.
    better : callable, optional
        Tells of the names of the columns whether they are what is looked for; otherwise the first header counts.
    """
    if isinstance(source, Sheet):
        return find_header(sheet_records(source, HEADER_WITHIN), "", wanted, better)
    lines = source.split("\n", HEADER_WITHIN)[:HEADER_WITHIN]
    tries = [
        find_header(_records(lines, mark)[0], mark, wanted, better)
        for mark in ([delimiter] if delimiter else DELIMITERS)
    ]
    # With several hits the one that gives most columns is the real delimiter.
    return max((hit for hit in tries if hit), key=lambda hit: len(hit.record.fields), default=None)


def _records(lines: Sequence[str], delimiter: str, start: int = 0) -> tuple[list[Record], list[tuple[int, str, str]]]:
    """Return every record below a line, and the lines whose quotes cannot be told apart: (row, sentence, text).

    Quoted newlines stay inside their record. A line that leaves a quote open is set aside, and reading goes on with
    the line below it: one open quote does not swallow the rest of the file.
    """
    records: list[Record] = []
    broken: list[tuple[int, str, str]] = []
    while start < len(lines):
        # strict: otherwise everything after an open quote becomes one field, without a word.
        rest = (lines[number] + "\n" for number in range(start, len(lines)))
        reader = csv.reader(rest, delimiter=delimiter, strict=True)
        begin = start
        try:
            for fields in reader:
                end = start + reader.line_num
                records.append(Record(begin + 1, end, fields))
                begin = end
        except csv.Error as err:
            long = f"A field of the row is longer than {csv.field_size_limit()} characters. Mend or remove it"
            broken.append((begin + 1, long if "limit" in str(err) else OPEN_QUOTE, lines[begin]))
        start = begin + 1
    return records, broken


def text_records(lines: Sequence[str], delimiter: str) -> list[Record]:
    """Return the records of some lines that can be told apart."""
    return _records(lines, delimiter)[0]


def _clean_body(lines: Sequence[str], header_line: int, delimiter: str, width: int) -> Grid | None:
    """Read a body without quotes in one go; None when it needs the careful way."""
    body = pl.DataFrame({"line": lines[header_line:]}, schema={"line": pl.String})
    body = body.with_row_index(ROW, offset=header_line + 1)
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


def _careful_body(lines: Sequence[str], header_line: int, delimiter: str, width: int) -> Grid:
    """Read a body with quotes, record by record."""
    records, ragged = _records(lines, delimiter, header_line)
    return _sorted_body(records, ragged, delimiter, width)


def _sorted_body(records: Sequence[Record], ragged: list[tuple[int, str, str]], delimiter: str, width: int) -> Grid:
    """Sort records into rows that fit, lines beside the data, and rows that do not fit."""
    outside: list[tuple[int, str, str]] = []
    good: list[tuple[int, list[str]]] = []
    for row, record in ((record.first, record.fields) for record in records):
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


def read_grid(
    source: str | Sheet,
    delimiter: str,
    wanted: Sequence[frozenset[str]],
    name: str,
    better: Callable[[Sequence[str]], bool] | None = None,
) -> Grid:
    """Read a delimited text, or a sheet, below the header that names the wanted columns.

    Raises
    ------
    FileProblem
        When no such header is found.
    """
    if isinstance(source, str):
        # Not splitlines(): it also breaks at form feeds and other marks that may stand inside a cell.
        source = source.replace("\r\n", "\n").replace("\r", "\n")
    found = find_table(source, delimiter, wanted, better)
    if found is None:
        shown = " and ".join("one of " + "/".join(sorted(options)) for options in wanted)
        raise FileProblem(
            name,
            f"no header line was found in its first {HEADER_WITHIN} lines",
            f"a line with the columns {shown}",
            "choose another profile, or map the columns in a profile of your own",
        )
    return _sheet_grid(source, found) if isinstance(source, Sheet) else _text_grid(source, found)


def _text_grid(text: str, found: Header) -> Grid:
    mark, record, lines = found.delimiter, found.record, text.split("\n")
    header = tuple(cell.strip() for cell in record.fields)
    grid = None if '"' in text else _clean_body(lines, record.last, mark, len(header))
    if grid is None:
        grid = _careful_body(lines, record.last, mark, len(header))
    above = [
        (number, "preamble", line)
        for number, line in enumerate(lines[: record.first - 1], 1)
        if line.replace(mark, "").strip()
    ]
    heads = [(number, "header", lines[number - 1]) for number in range(record.first, record.first + found.depth)]
    heads = [(record.first, "header", mark.join(header))] if found.depth == 1 else heads
    return Grid(header, grid.cells, [*above, *heads, *grid.outside], grid.ragged)


def _sheet_grid(sheet: Sheet, found: Header) -> Grid:
    header = tuple(cell.strip() for cell in found.record.fields)
    records = sheet_records(sheet)
    above = [(r.first, "preamble", "|".join(r.fields)) for r in records[: found.record.first - 1] if any(r.fields)]
    heads = records[found.record.first - 1 : found.record.first - 1 + found.depth]
    grid = _sorted_body(records[found.record.last :], [], "|", len(header))
    outside = [*above, *((r.first, "header", "|".join(r.fields)) for r in heads), *grid.outside]
    merged = tuple((top + 1, bottom + 1, left) for (top, left), (bottom, right) in sheet.merged if left == right)
    return Grid(header, grid.cells, outside, grid.ragged, Places(sheet.name), merged)
