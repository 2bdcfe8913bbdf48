"""What derived markers are made from: the frame that normalise gave, and rows that must be looked at all at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.columns import NORMALISED, Table, polars_schema
from recal_labs.errors import TableError
from recal_labs.normalise.core import Normalised
from recal_labs.normalise.frames import ROW, OpenedFrame, open_frame


def taken_in(normalised: Any, catalogue: Catalogue | None, where: str) -> tuple[OpenedFrame, Catalogue]:
    """Open what was handed in, a `Normalised` or its frame, and say which catalogue it goes with.

    Raises
    ------
    TableError
        When the frame was not normalised: without ``current`` a superseded result would be used.
    """
    if isinstance(normalised, Normalised):
        normalised, catalogue = normalised.frame, catalogue or normalised.catalogue
    opened = open_frame(normalised, NORMALISED, where)
    names = normalised.collect_schema().names() if opened.kind == "polars_lazy" else list(normalised.columns)
    if "current" not in names:
        raise TableError(
            f"{where}: the frame has no column current, so that it cannot be told which results stand. Hand in what "
            "normalise returns."
        )
    return opened, catalogue or load_catalogue()


def in_one_piece(
    rows: pl.LazyFrame, made: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]], table: Table
) -> nw.LazyFrame[Any]:
    """Make a table of rows that must be in memory at once; a lazy frame stays lazy until it is collected.

    What is asked of the table afterwards is not pushed into the rows it is made from: a filter on a ratio is no filter
    on its parts.
    """
    schema = {ROW: pl.Int64, **polars_schema(table)}

    def make(whole: pl.DataFrame) -> pl.DataFrame:
        found = made(nw.from_native(whole.lazy())).to_native()
        return found.select(pl.col(name).cast(dtype) for name, dtype in schema.items()).collect(engine="in-memory")

    made_of = rows.map_batches(
        make, predicate_pushdown=False, projection_pushdown=False, slice_pushdown=False, schema=schema
    )
    return nw.from_native(made_of)
