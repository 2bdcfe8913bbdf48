"""What a row of a long table measured: value, comparator, unit and range, from the columns that hold them."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from recal_labs.ingest.fields import cell, coded
from recal_labs.ingest.grid import Grid
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.profiles import Profile

MEASURED = ("value", "comparator", "unit", "range")
# A sign at the beginning of what the lab wrote, where the number beside it has none.
_SIGN = r"^\s*([<>]=?|[≤≥])"
_NOTHING = pl.lit(None, dtype=pl.String)


def _of(columns: Mapping[str, int], field: str) -> pl.Expr:
    return cell(columns[field]) if field in columns else _NOTHING


def _instead(grid: Grid, profile: Profile, field: str) -> list[pl.Expr]:
    places = {fold_label(name): number for number, name in reversed(list(enumerate(grid.header)))}
    wanted = (fold_label(name) for name in profile.instead.get(field, ()))
    return [cell(places[name]) for name in wanted if name in places]


def _first(parts: list[pl.Expr]) -> pl.Expr:
    return pl.coalesce(parts) if parts else _NOTHING


def _limits(low: pl.Expr, high: pl.Expr) -> pl.Expr:
    """Return the text of a range whose limits stand in two columns, as a lab would print it."""
    return (
        pl.when(low.is_not_null() & high.is_not_null())
        .then(pl.format("{} - {}", low, high))
        .when(low.is_not_null())
        .then(pl.format(">= {}", low))
        .when(high.is_not_null())
        .then(pl.format("<= {}", high))
    )


def with_measured(cells: pl.DataFrame, grid: Grid, columns: Mapping[str, int], profile: Profile) -> pl.DataFrame:
    """Add ``_value``, ``_comparator``, ``_unit`` and ``_range`` to the rows of a long table.

    A value that is empty in its own column is taken from those that the profile names instead, with their unit and
    limits. A comparator that only the lab's own words hold (``verbatim``) is not lost.
    """
    own, others = _of(columns, "value"), _instead(grid, profile, "value")
    second = own.is_null() & _first(others).is_not_null()

    def either(field: str) -> pl.Expr:
        return (
            pl.when(second)
            .then(_first([*_instead(grid, profile, field), _of(columns, field)]))
            .otherwise(_of(columns, field))
        )

    stated = coded(_of(columns, "comparator"), profile.codes.get("comparator", {}))
    verbatim = _of(columns, "verbatim").str.extract(_SIGN) if "verbatim" in columns else _NOTHING
    sign = pl.when(stated.is_null() | stated.is_in(["", "="])).then(pl.coalesce(verbatim, stated)).otherwise(stated)
    printed = pl.coalesce(_of(columns, "range"), _limits(either("range_low"), either("range_high")))
    return cells.with_columns(_value=_first([own, *others]), _comparator=sign, _unit=either("unit"), _range=printed)
