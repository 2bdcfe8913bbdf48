"""Frames of any kind, worked on in Polars: what is not to be kept stays outside, the kind that came in comes back."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import polars as pl

from recal_labs.columns import FLAG, INTEGER, MOMENT, NUMBER, TABLES, TEXT

KINDS: dict[str, Any] = {
    TEXT: pl.String,
    NUMBER: pl.Float64,
    INTEGER: pl.Int64,
    FLAG: pl.Boolean,
    MOMENT: pl.Datetime("us"),
}
_KNOWN = {column.name: KINDS[column.kind] for table in TABLES.values() for column in table.columns}


def through_polars(frame: Any, columns: Collection[str], work: Callable[[pl.DataFrame], pl.DataFrame]) -> Any:
    """Do a piece of work on some columns of a frame; the others are left out.

    Parameters
    ----------
    frame : pandas DataFrame, Polars DataFrame or LazyFrame
    columns : collection of str
        Those that are kept, in the frame's order.
    work : callable
        From a Polars frame to a Polars frame of the same rows.

    Returns
    -------
    The kind that came in
        A pandas frame keeps its index and the types of its columns; a Polars LazyFrame is collected on the way.
    """
    if isinstance(frame, pl.LazyFrame):
        return through_polars(frame.collect(), columns, work).lazy()
    if isinstance(frame, pl.DataFrame):
        return work(_typed(frame.select(name for name in frame.columns if name in columns)))
    kept = frame[[name for name in frame.columns if name in columns]]
    if kept.empty:  # its columns may be of any type
        return kept
    made = work(_typed(pl.from_pandas(kept.reset_index(drop=True)))).to_pandas().set_axis(frame.index)
    return made.astype({name: kept[name].dtype for name in made if made[name].dtype != kept[name].dtype})


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Give a column without a single value the type of its table: an engine cannot know what it was to hold."""
    empty = [name for name, kind in frame.schema.items() if kind == pl.Null]
    return frame.with_columns(pl.col(name).cast(_KNOWN.get(name, pl.String)) for name in empty)
