"""Wide tables: one column an analyte, its unit in the header or in a row below it; and surveys with comment codes."""

from __future__ import annotations

import re

import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.errors import FileProblem
from recal_labs.ingest.fields import cell, find_columns, raw_text, specimen_fields, usable_columns
from recal_labs.ingest.grid import ROW, Grid, fold_header, read_grid
from recal_labs.ingest.long import wanted_columns
from recal_labs.ingest.positions import as_positions, outside_positions, unreadable_rows
from recal_labs.ingest.profiles import Profile

NEEDED = ("subject_id",)
_HEADER = re.compile(r"^(?P<name>.+?)\s*[\[(](?P<unit>[^\[\]]+)[\])]$")


def split_header(text: str, catalogue: Catalogue) -> tuple[str, str | None]:
    """Split a column's header into the analyte's name and its unit.

    Brackets hold a unit only when the catalogue knows its spelling or it has a slash: ``HVA (urine)`` has none.

    Examples
    --------
    >>> from recal_labs.catalogue import load_catalogue
    >>> split_header("HVA (mg/g Krea)", load_catalogue()), split_header("HVA (urine)", load_catalogue())
    (('HVA', 'mg/g Krea'), ('HVA (urine)', None))
    """
    found = _HEADER.match(text)
    if found and (catalogue.find_unit(found["unit"]) or "/" in found["unit"]):
        return found["name"].strip(), found["unit"].strip()
    return text, None


def _unit_row(grid: Grid, columns: dict[str, int], analytes: list[int], catalogue: Catalogue) -> dict[int, str]:
    """Return the units printed in the first row below the header: no ids in it, and at least one known unit."""
    if grid.cells.is_empty():
        return {}
    first = grid.cells.row(0, named=True)
    if any(first[f"c{number}"] for number in columns.values()):
        return {}
    units = {number: first[f"c{number}"] for number in analytes if first[f"c{number}"]}
    return units if any(catalogue.find_unit(unit) for unit in units.values()) else {}


def _is_beside(grid: Grid, columns: dict[str, int]) -> pl.Expr:
    """Return the expression of rows without an id whose text stands in one cell: legends and notes."""
    ids = [cell(columns[name]) for name in ("subject_id", "specimen_id") if name in columns]
    filled = pl.sum_horizontal(pl.col(f"c{i}").is_not_null() for i in range(len(grid.header)))
    # A legend often begins in the first column, where the ids stand; nothing else is filled then.
    return (filled <= 1) | pl.all_horizontal(part.is_null() for part in ids) & (filled <= 2)


def read_wide(text: str, profile: Profile, catalogue: Catalogue, name: str) -> pl.DataFrame:
    """Return the positions of a wide table: every cell of an analyte column, and every line beside the data.

    Raises
    ------
    FileProblem
        When no header with a subject column is found.
    """
    grid = read_grid(text, profile.delimiter, wanted_columns(profile, NEEDED), name)
    columns = find_columns(grid.header, profile)
    analytes = usable_columns(grid, columns, profile)
    units = _unit_row(grid, columns, analytes, catalogue)
    cells, outside = grid.cells, list(grid.outside)
    if units:
        row = cells.row(0, named=True)
        outside.append((row[ROW], "unit_row", "|".join(units.values())))
        cells = cells.slice(1)
    beside = cells.filter(_is_beside(grid, columns))
    data = cells.filter(~_is_beside(grid, columns))
    last = data[ROW].max() or 0
    for row in beside.iter_rows(named=True):
        text_of = "|".join(value for key, value in row.items() if key != ROW and value)
        outside.append((row[ROW], "footer" if row[ROW] > last else "section", text_of))
    parts = [outside_positions(sorted(outside)), unreadable_rows(grid.ragged)]
    for number in analytes:
        analyte, unit = split_header(grid.header[number], catalogue)
        unit = unit or units.get(number)
        parts.append(_column(data, number, grid.header[number], analyte, unit, columns, profile))
    return pl.concat(parts).sort("source_row", maintain_order=True)


def _column(
    data: pl.DataFrame,
    number: int,
    header: str,
    analyte: str,
    unit: str | None,
    columns: dict[str, int],
    profile: Profile,
) -> pl.DataFrame:
    value = cell(number)
    name, printed = pl.lit(analyte, dtype=pl.String), pl.lit(unit, dtype=pl.String)
    return as_positions(
        data.select(
            *specimen_fields(columns, profile),
            name.alias("name"),
            value.alias("value"),
            printed.alias("unit"),
            pl.format("row {} column {}", pl.col(ROW), pl.lit(header)).alias("source_place"),
            pl.when(value.is_null()).then(pl.lit("empty_cell")).alias("no_result"),
            raw_text(name, value, printed).alias("raw"),
        )
    )


def read_survey(text: str, profile: Profile, name: str) -> pl.DataFrame:
    """Return the positions of a survey file: one cell a declared pair of value and comment code.

    A code that means "below the limit" makes the value censored: the printed number is the limit divided by the
    declared divisor, so it is decoded back to the limit, at four significant digits.

    Raises
    ------
    FileProblem
        When a declared column is not in the header.
    """
    grid = read_grid(text, profile.delimiter, wanted_columns(profile, NEEDED), name)
    columns = find_columns(grid.header, profile)
    places = {fold_header(column): number for number, column in enumerate(grid.header)}
    parts = [outside_positions(grid.outside), unreadable_rows(grid.ragged)]
    for analyte, pair in profile.survey.get("pairs", {}).items():
        absent = [column for column in pair if fold_header(column) not in places]
        if absent:
            raise FileProblem(
                name,
                f"it has no column {' or '.join(absent)}",
                f"the columns of {analyte} that the profile {profile.name} declares",
                "mend the profile's [survey.pairs]",
            )
        value, code = (cell(places[fold_header(column)]) for column in pair)
        below = code.is_in([str(c) for c in profile.survey["below_codes"]]).fill_null(False)
        limit = value.cast(pl.Float64, strict=False) * float(profile.survey["divisor"])
        # Four significant digits: a printed limit has three at most, and its division by root 2 was rounded.
        decoded = pl.when(below).then(limit.round_sig_figs(4).cast(pl.String)).otherwise(value)
        analyte_id = pl.lit(analyte, dtype=pl.String)
        parts.append(
            as_positions(
                grid.cells.select(
                    *specimen_fields(columns, profile),
                    analyte_id.alias("name"),
                    decoded.alias("value"),
                    value.alias("printed"),
                    code.alias("flag"),
                    pl.when(below).then(pl.lit("<")).alias("comparator"),
                    pl.format("row {} column {}", pl.col(ROW), pl.lit(pair[0])).alias("source_place"),
                    raw_text(analyte_id, value, pl.lit("code"), code).alias("raw"),
                )
            )
        )
    return pl.concat(parts).sort("source_row", maintain_order=True)
