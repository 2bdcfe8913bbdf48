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
        A pandas frame keeps the types of its numbers and dates; categories become texts, for a category remembers the
        words that it once held. Its index is new, from 0: the old one may hold names. A Polars LazyFrame is collected
        on the way.
    """
    if isinstance(frame, pl.LazyFrame):
        return through_polars(frame.collect(), columns, work).lazy()
    if isinstance(frame, pl.DataFrame):
        return work(_typed(frame.select(name for name in frame.columns if name in columns)))
    kept = frame[[name for name in frame.columns if name in columns]]
    if kept.empty:  # its columns may be of any type
        return kept.reset_index(drop=True)
    done = work(_typed(pl.from_pandas(kept.reset_index(drop=True))))
    made = done.to_pandas()
    # What is text now may have been a number or a category: an id that became a code.
    same = [name for name in done.columns if done.schema[name] != pl.String or kept[name].dtype == object]
    return made.astype({name: kept[name].dtype for name in same if made[name].dtype != kept[name].dtype})


def _typed(frame: pl.DataFrame) -> pl.DataFrame:
    """Give a column without a single value the type of its table, and categories that of text.

    An engine cannot know what an empty column was to hold.
    """
    empty = {name: _KNOWN.get(name, pl.String) for name, kind in frame.schema.items() if kind == pl.Null}
    words = {name: pl.String for name, kind in frame.schema.items() if kind in (pl.Categorical, pl.Enum)}
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in (empty | words).items())
