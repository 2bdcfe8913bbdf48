"""From the lab's columns to fields: which column of a grid holds what, and its text as the positions frame wants it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl

from recal_labs.ingest.details import DETAILS
from recal_labs.ingest.grid import ROW, Grid
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.profiles import Profile

TEXT_FIELDS = ("subject_id", "specimen_id", "specimen", "timepoint", "status", "replaces", "lab", "method")
# A bare number with at most a comparator before it and a mark behind it: what a legend is not.
_LIKE_A_RESULT = r"^[<>≤≥=]*\s*[0-9][0-9.,' \u00a0]*\s*[*HL]{0,2}$"


def find_columns(header: tuple[str, ...], profile: Profile) -> dict[str, int]:
    """Return the column number of each field the header names; of several spellings the first in the profile wins."""
    places: dict[str, int] = {}
    for number, name in enumerate(header):
        places.setdefault(fold_label(name), number)
    found: dict[str, int] = {}
    for name, spellings in profile.columns.items():
        hits = [places[fold_label(spelling)] for spelling in spellings if fold_label(spelling) in places]
        if hits:
            found[name] = hits[0]
    return found


def repeated_columns(header: tuple[str, ...], columns: Mapping[str, int]) -> dict[str, list[int]]:
    """Return, for each field, the further columns that bear the very name of the one it is read from."""
    names = [fold_label(name) for name in header]
    found = {}
    for field, at in columns.items():
        again = [number for number in range(at + 1, len(names)) if names[number] == names[at]]
        if again:
            found[field] = again
    return found


# What holds for every row of merged cells; a merged number is one result, not several.
ONE_EACH = ("value", "comparator", "flag")


def with_merged(grid: Grid, columns: Mapping[str, int]) -> Grid:
    """Write what stands in merged cells of a column into each of their rows, where it names what the rows are of."""
    named = {number for field, number in columns.items() if field not in ONE_EACH}
    cells = grid.cells
    for first, last, column in grid.merged:
        if column in named and last > first:
            text = cells.filter(pl.col(ROW) == first)[f"c{column}"].to_list()
            inside = pl.col(ROW).is_between(first, last) & cell(column).is_null()
            held = pl.lit(text[0] if text else None, dtype=pl.String)
            cells = cells.with_columns(pl.when(inside).then(held).otherwise(cell(column)).alias(f"c{column}"))
    return replace(grid, cells=cells)


def cell(number: int) -> pl.Expr:
    """Return the expression of a column's text."""
    return pl.col(f"c{number}")


def looks_like_a_result(number: int) -> pl.Expr:
    """Return the expression of cells that hold a number and nothing else; false where empty."""
    return cell(number).str.contains(_LIKE_A_RESULT).fill_null(False)


def coded(expression: pl.Expr, codes: Mapping[str, str]) -> pl.Expr:
    """Translate the lab's codes; a word that is not among them stays as it is."""
    folded = {str(code).strip().casefold(): meaning for code, meaning in codes.items()}
    plain = expression.str.to_lowercase().str.strip_chars()
    return plain.replace_strict(folded, default=expression) if folded else expression


def specimen_fields(columns: Mapping[str, int], profile: Profile) -> list[pl.Expr]:
    """Return the expressions of everything a row says of its subject and specimen; details have been read before."""
    made: list[pl.Expr] = [pl.col(ROW).alias("source_row"), *map(pl.col, DETAILS)]
    for name in TEXT_FIELDS:
        if name in columns:
            made.append(coded(cell(columns[name]), profile.codes.get(name, {})).alias(name))
    if "collected_at" in columns:
        made.append(cell(columns["collected_at"]).alias("collected"))
    return made


def raw_text(*parts: pl.Expr) -> pl.Expr:
    """Return name, value, unit, range and flag of a position as one text, for the eye of whoever mends a reject."""
    return pl.concat_str([part.fill_null("") for part in parts], separator="|").str.strip_chars_end("|")


def usable_columns(grid: Grid, columns: Mapping[str, int], profile: Profile) -> list[int]:
    """Return the numbers of the columns that are neither a field nor declared as not part of the panel.

    A column without a name counts when there is anything in it.
    """
    ignored = {fold_label(name) for name in profile.ignore}
    taken = set(columns.values())
    rest = [n for n, name in enumerate(grid.header) if n not in taken and fold_label(name) not in ignored]
    return [n for n in rest if grid.header[n] or grid.cells[f"c{n}"].is_not_null().any()]
