"""The border between the frame that came in and the engine inside, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.columns import FLAG, INTEGER, MOMENT, NUMBER, TEXT, Table, polars_schema, require_columns
from recal_labs.errors import TableError

ROW = "_row"


@dataclass(frozen=True)
class OpenedFrame:
    """A frame inside the engine, what is needed to give the same kind back, and the columns that came in."""

    inside: nw.LazyFrame[Any]
    kind: str
    extra: tuple[str, ...]
    given: tuple[str, ...] = ()


def _kind(frame: Any) -> str:
    if isinstance(frame, pl.LazyFrame):
        return "polars_lazy"
    if isinstance(frame, pl.DataFrame):
        return "polars"
    if nw.dependencies.is_pandas_dataframe(frame):
        return "pandas"
    raise TableError(
        f"A {type(frame).__module__}.{type(frame).__name__} was handed in; expected a pandas DataFrame, a Polars "
        "DataFrame or a Polars LazyFrame."
    )


def _to_polars(frame: Any, kind: str) -> pl.LazyFrame:
    if kind == "polars_lazy":
        return frame
    if kind == "polars":
        return frame.lazy()
    # The pandas index is a label of the caller's, not a result column; rows keep their order.
    return pl.from_pandas(frame.reset_index(drop=True), nan_to_null=True).lazy()


DEFAULTS: Mapping[str, Any] = {
    "comparator": "",
    "fraction": "unspecified",
    "timepoint": "",
    "sex": "unknown",
    "status": "final",
}


def _typed(frame: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """Give every column of the table its type, adding those that may be absent."""
    have = frame.collect_schema()
    schema = polars_schema(table)
    columns = []
    for column in table.columns:
        dtype = schema[column.name]
        if column.name not in have:
            columns.append(pl.lit(DEFAULTS.get(column.name), dtype=dtype).alias(column.name))
            continue
        expression = pl.col(column.name).cast(dtype, strict=True)
        if column.kind == NUMBER:
            expression = expression.fill_nan(None)
        if column.name in DEFAULTS:
            expression = expression.fill_null(DEFAULTS[column.name])
        columns.append(expression)
    return frame.with_columns(columns)


def _check_words(frame: pl.LazyFrame, table: Table, where: str) -> None:
    """Raise when a column of a closed list holds another word: ``Final`` or ``≤`` would silently count as nothing."""
    have = frame.collect_schema().names()
    # Another kind of specimen is kept: it meets no interval, and its qc says so.
    closed = [c for c in table.columns if c.allowed and c.name in have and c.name != "specimen"]
    if not closed:
        return
    asked = frame.select(pl.col(column.name).cast(pl.String).unique().implode() for column in closed)
    found = asked.collect(engine="in-memory")
    for column in closed:
        words = {"" if word is None else word for word in found[column.name][0].to_list()}
        if strange := sorted(words - set(column.allowed) - {""}):
            allowed = ", ".join(word or "(empty)" for word in column.allowed)
            raise TableError(
                f"{where}: the column {column.name} holds {', '.join(map(repr, strange[:5]))}; expected {allowed}. "
                "read_panel translates a lab's own words; in a frame of your own replace them first."
            )


def open_frame(frame: Any, table: Table, where: str, *, made: Sequence[str] = ()) -> OpenedFrame:
    """Take a frame in: check its columns, give them their types, number its rows.

    Columns that are going to be made are left behind: a frame that was normalised before is normalised anew.

    Raises
    ------
    TableError
        When the frame is of no known kind, lacks a column, a column cannot be read as its type, or (unless the frame is
        lazy) a column of a closed list holds another word.
    """
    kind = _kind(frame)
    lazy = _to_polars(frame, kind)
    names = lazy.collect_schema().names()
    require_columns(names, table, where)
    extra = tuple(name for name in names if name not in table.names and name not in made)
    if kind != "polars_lazy":
        # A lazy frame is not computed twice for it; the caller asked that nothing be computed yet.
        _check_words(lazy, table, where)
    kept = lazy.select([name for name in names if name in table.names or name in extra])
    return OpenedFrame(nw.from_native(_typed(kept, table).with_row_index(ROW)), kind, extra, tuple(names))


def close_frame(inside: nw.LazyFrame[Any], opened: OpenedFrame, columns: Sequence[str]) -> Any:
    """Hand a frame back as the kind that came in, rows in the order they came."""
    wanted = [*columns, *opened.extra]
    lazy: pl.LazyFrame = inside.select([ROW, *wanted]).to_native()
    if opened.kind == "polars_lazy":
        return lazy.sort(ROW).select(wanted)
    try:
        # The streaming engine hands rows on in small pieces; for what is in memory already that takes twice as long.
        collected = lazy.collect(engine="in-memory")
    except pl.exceptions.InvalidOperationError as err:
        raise TableError(f"A column could not be read as its type: {err}".splitlines()[0]) from err
    # The joins keep the order in practice but do not promise to.
    collected = (collected if collected[ROW].is_sorted() else collected.sort(ROW)).drop(ROW)
    return collected if opened.kind == "polars" else collected.to_pandas()


KINDS: Mapping[str, Any] = {
    TEXT: pl.String,
    NUMBER: pl.Float64,
    INTEGER: pl.Int64,
    FLAG: pl.Boolean,
    MOMENT: pl.Datetime("us"),
}


def read_beside(frame: Any, table: Table, key: str = "") -> pl.DataFrame:
    """Read a table that stands beside the results, with every column of its shape; its rows keep their order.

    With a ``key``, of several rows for one of its values the last one counts, and rows without it are left out.

    Raises
    ------
    TableError
        As `open_frame`.
    """
    inside: pl.LazyFrame = open_frame(frame, table, table.name).inside.to_native()
    try:
        read = inside.select(table.names).collect()
    except pl.exceptions.InvalidOperationError as err:
        raise TableError(f"{table.name}: a column could not be read as its type: {err}".splitlines()[0]) from err
    return read.filter(pl.col(key).is_not_null()).unique(key, keep="last", maintain_order=True) if key else read


def shaped(frame: Any, schema: Mapping[str, Any]) -> Any:
    """Give a Polars frame the columns of a schema and no others; those that it lacks are missing."""
    have = frame.collect_schema().names()
    return frame.select(
        (pl.col(name) if name in have else pl.lit(None)).cast(dtype).alias(name) for name, dtype in schema.items()
    )


def lookup(content: Mapping[str, Sequence[Any]], kinds: Mapping[str, str], keys: Sequence[str]) -> nw.LazyFrame[Any]:
    """Make a small table to join with; its keys are unique, so a join can never multiply rows."""
    frame = pl.DataFrame(content, schema={name: KINDS[kind] for name, kind in kinds.items()})
    if frame.select(keys).is_duplicated().any():
        raise AssertionError(f"lookup keys {list(keys)} are not unique")
    return nw.from_native(frame.lazy())
