"""From the lab's columns to fields: which column of a grid holds what, and its text as the positions frame wants it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from recal_labs.ingest.grid import ROW, Grid, fold_header
from recal_labs.ingest.profiles import Profile

TEXT_FIELDS = ("subject_id", "specimen_id", "specimen", "timepoint", "status", "lab", "method")


def find_columns(header: tuple[str, ...], profile: Profile) -> dict[str, int]:
    """Return the column number of each field the header names; of several spellings the first in the profile wins."""
    places: dict[str, int] = {}
    for number, name in enumerate(header):
        places.setdefault(fold_header(name), number)
    found: dict[str, int] = {}
    for name, spellings in profile.columns.items():
        hits = [places[fold_header(spelling)] for spelling in spellings if fold_header(spelling) in places]
        if hits:
            found[name] = hits[0]
    return found


def cell(number: int) -> pl.Expr:
    """Return the expression of a column's text."""
    return pl.col(f"c{number}")


def _number(expression: pl.Expr, profile: Profile) -> pl.Expr:
    plain = (
        expression.str.replace_all(profile.marks.thousands, "", literal=True) if profile.marks.thousands else expression
    )
    return plain.str.replace_all(profile.marks.decimal, ".", literal=True).cast(pl.Float64, strict=False)


def _coded(expression: pl.Expr, codes: Mapping[str, str]) -> pl.Expr:
    """Translate the lab's codes; a word that is not among them stays as it is."""
    folded = {str(code).strip().casefold(): meaning for code, meaning in codes.items()}
    plain = expression.str.to_lowercase().str.strip_chars()
    return plain.replace_strict(folded, default=expression) if folded else expression


def specimen_fields(columns: Mapping[str, int], profile: Profile) -> list[pl.Expr]:
    """Return the expressions of everything a row says of its subject and specimen."""
    made: list[pl.Expr] = [pl.col(ROW).alias("source_row")]
    for name in TEXT_FIELDS:
        if name in columns:
            made.append(_coded(cell(columns[name]), profile.codes.get(name, {})).alias(name))
    if "collected_at" in columns:
        made.append(cell(columns["collected_at"]).alias("collected"))
    if "sex" in columns:
        coded = _coded(cell(columns["sex"]), profile.codes.get("sex", {}))
        made.append(pl.when(coded.is_in(["female", "male"])).then(coded).otherwise(pl.lit("unknown")).alias("sex"))
    for name in ("hours", "age_years"):
        if name in columns:
            made.append(_number(cell(columns[name]), profile).alias(name))
    if "volume_l" in columns:
        made.append(_number(cell(columns["volume_l"]), profile).alias("volume_l"))
    elif "volume_ml" in columns:
        made.append((_number(cell(columns["volume_ml"]), profile) / 1000.0).alias("volume_l"))
    return made


def raw_text(*parts: pl.Expr) -> pl.Expr:
    """Return name, value, unit, range and flag of a position as one text, for the eye of whoever mends a reject."""
    return pl.concat_str([part.fill_null("") for part in parts], separator="|").str.strip_chars_end("|")


def usable_columns(grid: Grid, columns: Mapping[str, int], profile: Profile) -> list[int]:
    """Return the numbers of the columns that are neither a field nor declared as not part of the panel."""
    ignored = {fold_header(name) for name in profile.ignore}
    taken = set(columns.values())
    return [n for n, name in enumerate(grid.header) if n not in taken and name and fold_header(name) not in ignored]
