"""Which records of a table name its columns: one row, or several rows of which the lower ones say more."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from recal_labs.ingest.labels import fold_label

# A title over groups of columns, the columns, and their units: more rows than this no header was seen to have.
DEEPEST = 5
# The columns of the widest sheet that Excel can hold; a wider line is no header, whatever stands in it.
WIDEST = 16_384
# Of lines with more cells than this only single ones are looked at: headers of several rows are narrower.
MOST_STACKED = 50_000
# A cell of the last header row that holds a unit says more of the name above it; it is no name.
_UNIT_ALONE = re.compile(r"^[\[(].*[\])]$|^[^\s/]{1,8}/[^\s]+(?:\s\S{1,6})?$|^%$")


@dataclass(frozen=True)
class Record:
    """One record: its first line, its last line (both from 1), its fields."""

    first: int
    last: int
    fields: list[str]


@dataclass(frozen=True)
class Header:
    """The record that names the columns, the delimiter with which it was found, and how many records it is made of."""

    record: Record
    delimiter: str
    depth: int = 1


def find_header(
    records: Sequence[Record],
    delimiter: str,
    wanted: Sequence[frozenset[str]],
    better: Callable[[Sequence[str]], bool] | None = None,
) -> Header | None:
    """Return the header that names a column of every wanted set, or None.

    One row that names them all stands before several that do so together, and one that is ``better`` before both.

    Examples
    --------
    >>> rows = [Record(1, 1, ["Patient", "Results", ""]), Record(2, 2, ["", "HVA", "VMA"])]
    >>> find_header(rows, ",", [frozenset({"patient"}), frozenset({"vma"})]).record.fields
    ['Patient', 'HVA', 'VMA']
    """
    first = None
    begun = _begun(records, wanted)
    many = sum(len(record.fields) for record in records) > MOST_STACKED
    for depth in range(1, 2 if many else DEEPEST + 1):
        for start in range(len(records) - depth + 1):
            stacked = records[start : start + depth]
            told = begun[start : start + depth]
            if not all(map(any, zip(*told, strict=True))) or any(len(record.fields) > WIDEST for record in stacked):
                continue
            fields = stacked[0].fields if depth == 1 else stack_rows([record.fields for record in stacked])
            names = {fold_label(cell) for cell in fields}
            if len(fields) > 1 and all(names & options for options in wanted):
                found = Header(Record(stacked[0].first, stacked[-1].last, fields), delimiter, depth)
                if better is None or better(fields):
                    return found
                first = first or found
    return first


def _begun(records: Sequence[Record], wanted: Sequence[frozenset[str]]) -> list[list[bool]]:
    """Tell of each record and wanted set whether a cell of it is a wanted name, or how one begins.

    A name that stands over several rows begins with what stands in one of them; putting rows together is slow, and
    hardly any rows of a file have such beginnings.
    """
    beginnings = [frozenset(name[:end] for name in names for end in range(1, len(name) + 1)) for names in wanted]
    cells = ({fold_label(cell) for cell in record.fields[:WIDEST]} for record in records)
    return [[not names.isdisjoint(begin) for begin in beginnings] for names in cells]


def stack_rows(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the names of the columns: the lowest part of each, with its unit, and with its group where that tells."""
    width = max(map(len, rows))
    grouped = [_spread(row, width) for row in rows[:-1]] + [[*rows[-1], *[""] * (width - len(rows[-1]))]]
    parts = [_distinct(row[column].strip() for row in grouped) for column in range(width)]
    # A group's title spreads over columns that have no name of their own below it; there it names nothing.
    padded = _padded(rows, width)
    own = [_distinct(row[column].strip() for row in padded) for column in range(width)]
    short = [_lowest(below) for below in own]
    counts = Counter(short)
    return [
        name if counts[name] == 1 or not name else " ".join(whole) for name, whole in zip(short, parts, strict=True)
    ]


def _padded(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    return [[*row, *[""] * (width - len(row))] for row in rows]


def _spread(row: Sequence[str], width: int) -> list[str]:
    """Let each title reach to the next one."""
    spread, last = [], ""
    for cell in [*row, *[""] * (width - len(row))]:
        last = cell.strip() or last
        spread.append(last)
    return spread


def _distinct(parts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(part for part in parts if part))


def _lowest(parts: Sequence[str]) -> str:
    if len(parts) > 1 and _UNIT_ALONE.match(parts[-1]):
        unit = parts[-1]
        return f"{parts[-2]} {unit}" if unit[0] in "[(" else f"{parts[-2]} ({unit})"
    return parts[-1] if parts else ""
