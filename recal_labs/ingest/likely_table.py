"""The table of an unknown file: where its header most likely is, and the rows to judge its columns by."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from recal_labs.catalogue import Catalogue, fold_name
from recal_labs.ingest.evidence import is_own
from recal_labs.ingest.grid import DELIMITERS, HEADER_WITHIN, find_table, text_records
from recal_labs.ingest.headers import Header, Record, stack_rows
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.long import NEEDED, wanted_columns
from recal_labs.ingest.profiles import Marks, Profile
from recal_labs.ingest.sheets import Sheet, sheet_records
from recal_labs.ingest.values import read_value
from recal_labs.ingest.wide import is_wide_panel, split_header

# So many rows tell what a column holds; the whole file is read afterwards.
JUDGED = 2000
# Of a header's rows; the reader stacks more, but then names of its own are needed to find them.
DEPTHS = (1, 2, 3)
# What a cell of a row says for it, or against it, being the header.
NAME, LONE_ANALYTE, NUMBER, UNIT, EMPTY = 1.0, 0.25, -1.0, -0.5, -0.1


@dataclass(frozen=True, eq=False)
class LikelyTable:
    """A table as it is judged.

    Parameters
    ----------
    header : tuple of str
        Names of the columns; empty where a column has none.
    delimiter : str
        Empty for a sheet.
    first, last : int
        Rows of the header in the file, from 1.
    rows : tuple of tuple of str
        The first rows below it that have a cell for each column.
    above : tuple of str
        What stands in the cells above it.
    """

    header: tuple[str, ...]
    delimiter: str
    first: int
    last: int
    rows: tuple[tuple[str, ...], ...]
    above: tuple[str, ...] = ()

    def cells(self, number: int) -> tuple[str, ...]:
        """Return the texts of a column, without the empty ones."""
        return tuple(row[number] for row in self.rows if row[number])


def _records(source: str | Sheet, count: int) -> Iterator[tuple[str, list[Record]]]:
    if isinstance(source, Sheet):
        yield "", sheet_records(source, count)
        return
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n", count)[:count]
    for mark in DELIMITERS:
        yield mark, text_records(lines, mark)


def _known_header(source: str | Sheet, profile: Profile, catalogue: Catalogue) -> Header | None:
    """Return the header that a profile finds."""
    plain = source.replace("\r\n", "\n").replace("\r", "\n") if isinstance(source, str) else source
    if profile.layout == "long":
        return find_table(plain, profile.delimiter, wanted_columns(profile, NEEDED))
    better = partial(is_wide_panel, profile=profile, catalogue=catalogue)
    return find_table(plain, profile.delimiter, wanted_columns(profile, ("subject_id",)), better)


def _score(cells: Sequence[str], known: set[str], catalogue: Catalogue) -> float:
    """Return how much a row looks like names of columns."""
    analytes = [cell for cell in cells if fold_name(split_header(cell, catalogue)[0]) in catalogue.names]
    # Each row of a long table names one analyte; a header names several, or none.
    score = len(analytes) * (NAME if len(analytes) > 1 else LONE_ANALYTE)
    for cell in cells:
        if not cell:
            score += EMPTY
        elif fold_label(cell) in known:
            score += NAME
        elif catalogue.find_unit(cell):
            score += UNIT
        elif read_value(cell, Marks(), catalogue.words).word or any(mark.isdigit() for mark in cell[:1]):
            # 5-HIAA begins with a digit, too; it is counted as an analyte.
            score += 0.0 if cell in analytes else NUMBER
    return score


def _guesses(source: str | Sheet, profile: Profile, catalogue: Catalogue) -> Iterator[tuple[tuple[float, ...], Header]]:
    """Yield every row, or pair of rows, that may be a header, with what speaks for it."""
    known = {fold_label(word) for words in profile.columns.values() for word in words}
    for mark, records in _records(source, HEADER_WITHIN):
        for start, record in enumerate(records):
            width = len(record.fields)
            below = [other for other in records[start + 1 : start + 8] if len(other.fields) == width]
            filled = [other for other in below if any(cell.strip() for cell in other.fields)]
            if width < 2 or not filled:
                continue
            for depth in DEPTHS:
                stacked = records[start : start + depth]
                if len(filled) < depth or any(len(other.fields) != width for other in stacked):
                    break
                cells = record.fields if depth == 1 else stack_rows([other.fields for other in stacked])
                names = [cell.strip() for cell in cells]
                whole = Record(stacked[0].first, stacked[-1].last, names)
                score = round(_score(names, known, catalogue), 2)
                # Of rows that say the same the plainest: one row, with rows like it below.
                yield (score, -depth, min(len(filled), depth + 1), width, -start), Header(whole, mark, depth)


def likely_table(source: str | Sheet, profile: Profile, catalogue: Catalogue) -> LikelyTable | None:
    """Return the most likely table of a text or a sheet; None where no row has another of its width below it.

    Parameters
    ----------
    source : str or Sheet
    profile : Profile
        Whose names of columns are looked for first; one of the lab's own must find its header.
    catalogue : Catalogue
    """
    header = _known_header(source, profile, catalogue)
    if header is None and not is_own(profile):
        guesses = list(_guesses(source, profile, catalogue))
        header = max(guesses, key=lambda guess: guess[0])[1] if guesses else None
    if header is None:
        return None
    return _below(source, header)


def _below(source: str | Sheet, header: Header) -> LikelyTable:
    record = header.record
    records = next(found for mark, found in _records(source, HEADER_WITHIN + JUDGED) if mark == header.delimiter)
    width = len(record.fields)
    rows = [[cell.strip() for cell in other.fields] for other in records if other.first > record.last]
    # Cells behind the last column are left from empty columns of a sheet.
    fitting = [tuple(row[:width]) for row in rows if len(row) >= width and not any(row[width:])]
    above = [cell.strip() for other in records if other.last < record.first for cell in other.fields]
    return LikelyTable(
        header=tuple(cell.strip() for cell in record.fields),
        delimiter=header.delimiter,
        first=record.first,
        last=record.last,
        rows=tuple(row for row in fitting if sum(map(bool, row)) > 1)[:JUDGED],
        above=tuple(cell for cell in above if cell),
    )
