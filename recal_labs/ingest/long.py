"""Long tables: one row a result."""

from __future__ import annotations

import polars as pl

from recal_labs.ingest.fields import cell, find_columns, raw_text, specimen_fields
from recal_labs.ingest.grid import ROW, Grid, fold_header, read_grid
from recal_labs.ingest.positions import as_positions, outside_positions, unreadable_rows
from recal_labs.ingest.profiles import Profile

NEEDED = ("analyte", "value")
RESULT_FIELDS = {
    "analyte": "name",
    "loinc": "code",
    "fraction": "fraction",
    "value": "value",
    "comparator": "comparator",
    "unit": "unit",
    "range": "range",
    "flag": "flag",
}


def wanted_columns(profile: Profile, fields: tuple[str, ...]) -> list[frozenset[str]]:
    """Return the folded spellings that a header must hold, one set a field."""
    return [frozenset(fold_header(spelling) for spelling in profile.columns.get(name, (name,))) for name in fields]


def _beside(grid: Grid, columns: dict[str, int]) -> pl.DataFrame:
    """Mark rows that carry neither analyte nor value: legends below the data, section rows within it."""
    empty = cell(columns["analyte"]).is_null() | cell(columns["value"]).is_null()
    alone = pl.sum_horizontal(pl.col(f"c{i}").is_not_null() for i in range(len(grid.header))) <= 1
    last = grid.cells.filter(~(empty & alone))[ROW].max() or 0
    reason = pl.when(pl.col(ROW) > last).then(pl.lit("footer")).otherwise(pl.lit("section"))
    return grid.cells.with_columns(_beside=pl.when(empty & alone).then(reason))


def read_long(text: str, profile: Profile, name: str) -> pl.DataFrame:
    """Return the positions of a long table: every data row, and every line beside the data.

    Raises
    ------
    FileProblem
        When no header with an analyte and a value column is found.
    """
    grid = read_grid(text, profile.delimiter, wanted_columns(profile, NEEDED), name)
    columns = find_columns(grid.header, profile)
    cells = _beside(grid, columns)
    results = [cell(columns[ours]).alias(theirs) for ours, theirs in RESULT_FIELDS.items() if ours in columns]
    shown = [cell(columns[ours]) for ours in ("analyte", "value", "unit", "range", "flag") if ours in columns]
    rows = cells.select(
        *specimen_fields(columns, profile),
        *results,
        pl.format("row {}", pl.col(ROW)).alias("source_place"),
        pl.col("_beside").alias("no_result"),
        raw_text(*shown).alias("raw"),
    )
    parts = [outside_positions(grid.outside), as_positions(rows), unreadable_rows(grid.ragged)]
    return pl.concat(parts).sort("source_row", maintain_order=True)
