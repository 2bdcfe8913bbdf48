"""The border between the frame that came in and the engine inside, and the way back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import narwhals as nw
import polars as pl
import pyarrow as pa

from recal_labs.columns import FLAG, INTEGER, MOMENT, NUMBER, TEXT, Column, Table, polars_schema, require_columns
from recal_labs.errors import TableError

ROW = "_row"


@dataclass(frozen=True, eq=False)
class OpenedFrame:
    """A frame inside the engine, and what is needed to give the same kind back.

    Parameters
    ----------
    inside : narwhals LazyFrame
        The columns of the table, and those of the caller's that the package reads, with the row's number in `ROW`.
    kind : {"pandas", "polars", "polars_lazy"}
    given : tuple of str
        Names of the columns that came in.
    extra : frame or None
        The caller's own columns, as they came in; they wait outside, for inside their names might mean something else.
    index : pandas Index or None
    """

    inside: nw.LazyFrame[Any]
    kind: str
    given: tuple[str, ...] = ()
    extra: Any = None
    index: Any = None

    def for_other_rows(self) -> OpenedFrame:
        """Return what is needed to give a table of other rows back as the kind that came in."""
        return replace(self, extra=None, index=None)


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


def _names(frame: Any, kind: str, where: str) -> list[str]:
    names = frame.collect_schema().names() if kind == "polars_lazy" else [str(name) for name in frame.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise TableError(f"{where}: there is more than one column {', '.join(twice)}; rename or drop the others.")
    return names


def _to_polars(frame: Any, kind: str, columns: Sequence[str], where: str) -> pl.LazyFrame:
    if kind != "pandas":
        return frame.lazy().select(columns)
    try:
        return pl.from_pandas(frame[list(columns)].reset_index(drop=True), nan_to_null=True).lazy()
    except (pa.ArrowInvalid, pa.ArrowTypeError) as err:
        raise TableError(f"{where}: a column holds words and numbers side by side ({err}).") from err


DEFAULTS: Mapping[str, Any] = {
    "comparator": "",
    "fraction": "unspecified",
    "timepoint": "",
    "sex": "unknown",
    "status": "final",
}
OFFSET = "utc_offset_min"


def _closed(table: Table) -> list[Column]:
    """Return the columns of a closed list; another kind of specimen is kept, meets no interval, and its qc says so."""
    return [column for column in table.columns if column.allowed and column.name != "specimen"]


def _offset_minutes(moment: pl.Expr) -> pl.Expr:
    return (moment.dt.base_utc_offset() + moment.dt.dst_offset()).dt.total_minutes().cast(pl.Int64)


def _typed(frame: pl.LazyFrame, table: Table) -> pl.LazyFrame:
    """Give every column of the table its type, adding those that may be absent.

    A moment with a time zone becomes the time on the wall there, and its offset from UTC is kept beside it.
    """
    have = frame.collect_schema()
    schema = polars_schema(table)
    zoned = [name for name, kind in have.items() if isinstance(kind, pl.Datetime) and kind.time_zone]
    if "collected_at" in zoned and OFFSET in schema:
        told = _offset_minutes(pl.col("collected_at"))
        stated = [pl.col(OFFSET).cast(pl.Int64)] if OFFSET in have else []
        frame = frame.with_columns(pl.coalesce(*stated, told).alias(OFFSET))
        have = frame.collect_schema()
    columns = []
    for column in table.columns:
        dtype = schema[column.name]
        if column.name not in have:
            columns.append(pl.lit(DEFAULTS.get(column.name), dtype=dtype).alias(column.name))
            continue
        expression = pl.col(column.name)
        if column.name in zoned:
            expression = expression.dt.replace_time_zone(None)
        expression = expression.cast(dtype, strict=True)
        if column.kind == NUMBER:
            # Neither is a number that anybody measured.
            expression = pl.when(expression.is_finite()).then(expression)
        if column.name in DEFAULTS:
            expression = expression.fill_null(DEFAULTS[column.name])
        columns.append(expression)
    return frame.with_columns(columns)


def _check_words(frame: pl.DataFrame, table: Table, where: str) -> None:
    """Raise when a column of a closed list holds another word: ``Final`` or ``≤`` would silently count as nothing."""
    closed = [column for column in _closed(table) if column.name in frame.columns]
    found = frame.lazy().select(pl.col(column.name).unique().implode() for column in closed).collect(engine="in-memory")
    for column in closed:
        words = {"" if word is None else word for word in found[column.name][0].to_list()}
        if strange := sorted(words - set(column.allowed) - {""}):
            allowed = ", ".join(word or "(empty)" for word in column.allowed)
            raise TableError(
                f"{where}: the column {column.name} holds {', '.join(map(repr, strange[:5]))}; expected {allowed}. "
                "read_panel translates a lab's own words; in a frame of your own replace them first."
            )


def _with_checked_words(frame: pl.LazyFrame, table: Table, given: Sequence[str]) -> pl.LazyFrame:
    """Let a lazy frame fail when it is computed, and not before, where a closed list's column holds another word."""
    return frame.with_columns(
        pl.col(column.name).cast(pl.Enum(sorted({"", *column.allowed})), strict=True).cast(pl.String)
        for column in _closed(table)
        if column.name in given
    )


def open_frame(
    frame: Any, table: Table, where: str, *, made: Sequence[str] = (), read: Sequence[str] = ()
) -> OpenedFrame:
    """Take a frame in: check its columns, give them their types, number its rows.

    Parameters
    ----------
    frame : pandas DataFrame, Polars DataFrame or Polars LazyFrame
    table : Table
    where : str
        What is being done, for messages.
    made : sequence of str
        Columns that are going to be made. They are left behind: a frame that was normalised before is normalised anew.
    read : sequence of str
        Columns of the caller's own that are used where they are there, such as a weight.

    Raises
    ------
    TableError
        When the frame is of no known kind, lacks a column or has one twice, a column cannot be read as its type, or a
        column of a closed list holds another word. Of a lazy frame the last two are told when it is computed, by
        Polars.
    """
    kind = _kind(frame)
    names = _names(frame, kind, where)
    require_columns(names, table, where)
    own = [name for name in names if name not in table.names and name not in made]
    lazy = _to_polars(frame, kind, [n for n in names if n in table.names or (n in own and n in read)], where)
    typed = _typed(lazy, table)
    if kind == "polars_lazy":
        typed = _with_checked_words(typed, table, names)
    else:
        try:
            eager = typed.collect(engine="in-memory")
        except (pl.exceptions.InvalidOperationError, pl.exceptions.SchemaError) as err:
            raise TableError(f"{where}: a column could not be read as its type: {err}".splitlines()[0]) from err
        _check_words(eager, table, where)
        typed = eager.lazy()
    return OpenedFrame(
        nw.from_native(typed.with_row_index(ROW)),
        kind,
        tuple(names),
        (frame.select(own) if kind != "pandas" else frame[own]) if own else None,
        frame.index if kind == "pandas" else None,
    )


def close_frame(inside: nw.LazyFrame[Any], opened: OpenedFrame, columns: Sequence[str]) -> Any:
    """Hand a frame back as the kind that came in, rows in the order they came, the caller's own columns at the end."""
    lazy: pl.LazyFrame = inside.select([ROW, *columns]).to_native()
    if opened.kind == "polars_lazy":
        made = lazy.sort(ROW).drop(ROW)
        return made if opened.extra is None else pl.concat([made, opened.extra], how="horizontal")
    # The streaming engine hands rows on in small pieces; for what is in memory already that takes twice as long.
    collected = lazy.collect(engine="in-memory")
    # The joins keep the order in practice but do not promise to.
    collected = (collected if collected[ROW].is_sorted() else collected.sort(ROW)).drop(ROW)
    if opened.kind == "polars":
        return collected if opened.extra is None else collected.hstack(opened.extra)
    table = collected.to_pandas()
    if opened.index is not None:
        table = table.set_axis(opened.index)
    return table if opened.extra is None else table.assign(**{name: opened.extra[name] for name in opened.extra})


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
    except pl.exceptions.InvalidOperationError as err:  # of a lazy frame it is told only now
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
