"""Names and units that are not in the catalogue yet: how often, where, and what they are near to or what to do."""

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
# Spelling is no help where a word has several meanings, or none that can be used: the reject says what to do.
ADVISED = ("ambiguous_analyte", "missing_unit")


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
        The `worklist` table: for an analyte without a unit the text is the analyte's name. The suggestion is what is
        nearest by spelling, never the text itself; where nothing is, and where a word has several meanings, it is the
        advice of the reject.
    """
    parts = []
    for reason, what, place in UNMAPPED:
        text = pl.col("raw").str.split("|").list.get(place, null_on_oob=True).fill_null("")
        found = rejects.filter(pl.col("reason") == reason).select(
            pl.lit("name" if what == "name" else f"{what} ({reason.replace('_', ' ')})").alias("what"),
            text.alias("text"),
            pl.col("detail").alias("advice"),
            pl.lit(reason).alias("reason"),
            pl.format("{} {}", pl.col("source_file"), pl.col("source_place")).alias("example"),
        )
        parts.append(found)
    counted = (
        pl.concat(parts)
        # A value without a name is for its own row to mend; there is no word to map.
        .filter(pl.col("text") != "")
        .group_by("what", "text", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("count"), pl.col("example", "advice", "reason").first())
    )
    units = sorted(set(catalogue.units.values()))
    asked = counted.select("what", "text", "advice", "reason")
    near = [_suggestion(*row, units=units, catalogue=catalogue) for row in asked.iter_rows()]
    return (
        counted.with_columns(
            pl.Series("suggestion", near, dtype=pl.String), pl.lit(None, dtype=pl.String).alias("answer")
        )
        .sort("count", "what", "text", descending=[True, False, False])
        .cast(polars_schema(WORKLIST))
        .select(WORKLIST.names)
    )


def _suggestion(what: str, text: str, advice: str, reason: str, *, units: list[str], catalogue: Catalogue) -> str:
    """Return the nearest known words other than the text itself, or what the reject advises."""
    if reason in ADVISED:
        return advice
    found = catalogue.suggest(text) if what == "name" else suggest(text, units)
    # A unit such as ug/g is in the catalogue and was refused all the same: no neighbour by spelling mends that.
    if text in found or not found:
        return advice
    return ", ".join(found)
