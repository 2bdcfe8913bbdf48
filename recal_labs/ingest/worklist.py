"""Names and units that nobody has mapped yet: how often, where, and what they are near to."""

from __future__ import annotations

import polars as pl

from recal_labs.catalogue import Catalogue, suggest
from recal_labs.columns import WORKLIST, polars_schema

# Which part of a reject's raw text (name|value|unit|...) is the word that was not known.
UNMAPPED = (
    ("unknown_analyte", "name", 0),
    ("ambiguous_analyte", "name", 0),
    ("unknown_unit", "unit", 2),
    ("missing_unit", "unit", 0),
)


def worklist(rejects: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Gather what a person must map, most frequent first.

    Parameters
    ----------
    rejects : DataFrame
        The `rejects` table.
    catalogue : Catalogue

    Returns
    -------
    DataFrame
        The `worklist` table: for an analyte without a unit the text is the analyte's name.
    """
    parts = []
    for reason, what, place in UNMAPPED:
        text = pl.col("raw").str.split("|").list.get(place, null_on_oob=True).fill_null("")
        found = rejects.filter(pl.col("reason") == reason).select(
            pl.lit("name" if what == "name" else f"{what} ({reason.replace('_', ' ')})").alias("what"),
            text.alias("text"),
            pl.format("{} {}", pl.col("source_file"), pl.col("source_place")).alias("example"),
        )
        parts.append(found)
    counted = (
        pl.concat(parts)
        # A value without a name is for its own row to mend; there is no word to map.
        .filter(pl.col("text") != "")
        .group_by("what", "text", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("count"), pl.col("example").first())
    )
    units = sorted(set(catalogue.units.values()))
    near = [
        ", ".join(catalogue.suggest(text) if what == "name" else suggest(text, units))
        for what, text in counted.select("what", "text").iter_rows()
    ]
    return (
        counted.with_columns(pl.Series("suggestion", near, dtype=pl.String))
        .sort("count", "what", "text", descending=[True, False, False])
        .cast(polars_schema(WORKLIST))
        .select(WORKLIST.names)
    )
