"""Long tables: one row a result."""

from __future__ import annotations

import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.ingest.details import read_details
from recal_labs.ingest.fields import (
    cell,
    coded,
    find_columns,
    looks_like_a_result,
    raw_text,
    repeated_columns,
    specimen_fields,
    with_merged,
)
from recal_labs.ingest.grid import ROW, Grid, read_grid
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.measured import MEASURED, with_measured
from recal_labs.ingest.positions import as_positions, outside_positions, unreadable_rows
from recal_labs.ingest.profiles import Profile
from recal_labs.ingest.sheets import Sheet

NEEDED = ("analyte", "value")
RESULT_FIELDS = {"analyte": "name", "loinc": "code", "fraction": "fraction", "flag": "flag"}


def wanted_columns(profile: Profile, fields: tuple[str, ...]) -> list[frozenset[str]]:
    """Return the folded spellings that a header must hold, one set a field."""
    return [frozenset(fold_label(spelling) for spelling in profile.columns.get(name, (name,))) for name in fields]


def _beside(grid: Grid, columns: dict[str, int]) -> pl.DataFrame:
    """Mark rows that carry neither analyte nor value: legends below the data, section rows within it."""
    empty = cell(columns["analyte"]).is_null() | cell(columns["value"]).is_null()
    alone = pl.sum_horizontal(pl.col(f"c{i}").is_not_null() for i in range(len(grid.header))) <= 1
    # A value that stands alone has lost its name; that is no legend.
    beside = empty & alone & ~looks_like_a_result(columns["value"])
    last = grid.cells.filter(~beside)[ROW].max() or 0
    reason = pl.when(pl.col(ROW) > last).then(pl.lit("footer")).otherwise(pl.lit("section"))
    return grid.cells.with_columns(_beside=pl.when(beside).then(reason))


def _contradiction(grid: Grid, columns: dict[str, int]) -> pl.Expr:
    """Return the sentence for rows in which two columns of one name say different things; null elsewhere."""
    sentence: pl.Expr = pl.lit(None, dtype=pl.String)
    read = {field: at for field, at in columns.items() if field != "note"}
    for field, others in repeated_columns(grid.header, read).items():
        first, name = cell(columns[field]), grid.header[columns[field]]
        differs = pl.any_horizontal(cell(other).is_not_null() & cell(other).ne_missing(first) for other in others)
        text = f"The column {name!r} stands more than once, with different content; rename the one not to be read"
        sentence = pl.when(differs).then(pl.lit(text)).otherwise(sentence)
    return sentence


def read_long(source: str | Sheet, profile: Profile, catalogue: Catalogue, name: str) -> pl.DataFrame:
    """Return the positions of a long table: every data row, every line beside the data, every unreadable detail.

    Raises
    ------
    FileProblem
        When no header with an analyte and a value column is found.
    """
    grid = read_grid(source, profile.delimiter, wanted_columns(profile, NEEDED), name)
    columns = find_columns(grid.header, profile)
    grid = with_merged(grid, columns)
    cells = _beside(grid, columns).with_columns(_contradiction=_contradiction(grid, columns))
    cells, unread = read_details(cells, grid, columns, profile, catalogue)
    legends = cells.filter(pl.col("_beside").is_not_null())[ROW].implode()
    unread = unread.filter(~pl.col("source_row").is_in(legends))
    cells = with_measured(cells, grid, columns, profile)
    results = [
        coded(cell(columns[ours]), profile.codes.get(ours, {})).alias(theirs)
        for ours, theirs in RESULT_FIELDS.items()
        if ours in columns
    ]
    shown = [cell(columns["analyte"]), *(pl.col(f"_{name}") for name in ("value", "unit", "range"))]
    flag = [cell(columns["flag"])] if "flag" in columns else []
    rows = cells.select(
        *specimen_fields(columns, profile),
        *results,
        *(pl.col(f"_{name}").alias(name) for name in MEASURED),
        grid.places.rows(pl.col(ROW), columns["value"]).alias("source_place"),
        pl.col("_beside").alias("no_result"),
        pl.when(pl.col("_beside").is_null() & pl.col("_contradiction").is_not_null())
        .then(pl.lit("unreadable_row"))
        .alias("reason"),
        pl.when(pl.col("_beside").is_null()).then(pl.col("_contradiction")).alias("detail"),
        raw_text(*shown, *flag).alias("raw"),
    )
    parts = [
        outside_positions(grid.outside, grid.places),
        as_positions(rows),
        unread,
        unreadable_rows(grid.ragged, grid.places),
    ]
    return pl.concat(parts).sort("source_row", maintain_order=True)
