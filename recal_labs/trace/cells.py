"""Which cells of two runs differ, column by column, so that no more than two columns are ever in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from recal_labs.columns import NORMALISED
from recal_labs.spreadsheets import neutralised
from recal_labs.storage import write_atomic
from recal_labs.trace.pairs import Pairs
from recal_labs.trace.runs import FinishedRun

# They name the row and are printed beside each of its changed cells.
NAMED_BY = ("specimen_id", "analyte_id")
LISTED = ("change", "source_file", "source_row", "source_place", *NAMED_BY, "column", "run1", "run2", "relative_change")


@dataclass(frozen=True, kw_only=True)
class ColumnChange:
    """What changed in one column.

    Parameters
    ----------
    column : str
    changed : int
        Rows of both runs whose cells differ.
    appeared, vanished : int
        How many of them were missing before, and are missing now.
    largest : float or None
        Largest relative change of a number, |second - first| / |first|; None for other columns, and where no number
        other than zero changed into another.
    """

    column: str
    changed: int
    appeared: int = 0
    vanished: int = 0
    largest: float | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class Cells:
    """The cells of the rows that two runs share.

    Parameters
    ----------
    one, two : FinishedRun
    pairs : Pairs
    tolerance : float
        Numbers that differ by no more than this share of the larger one count as equal.
    """

    one: FinishedRun
    two: FinishedRun
    pairs: Pairs
    tolerance: float = 0.0
    _masks: dict[str, pl.Series] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that both tables have, in the order of the `normalised` table, then any others."""
        shared = [name for name in self.two.columns if name in self.one.columns and name not in ("source_file",)]
        order = {name: place for place, name in enumerate(NORMALISED.names)}
        return tuple(sorted(shared, key=lambda name: (order.get(name, len(order)), name)))

    def read(self, column: str) -> tuple[pl.Series, pl.Series]:
        """Return a column of both runs, row beside row."""
        first = self.one.scan().select(column).collect()[column].gather(self.pairs.one)
        second = self.two.scan().select(column).collect()[column].gather(self.pairs.two)
        return (first, second) if first.dtype == second.dtype else (first.cast(pl.String), second.cast(pl.String))

    def mask(self, column: str) -> pl.Series:
        """Return, for each shared row, whether a column's cells differ; two missing ones do not."""
        if column not in self._masks:
            if column not in self.columns:
                return pl.repeat(False, len(self.pairs.one), eager=True)
            self._masks[column] = self._differ(*self.read(column))
        return self._masks[column]

    def _differ(self, first: pl.Series, second: pl.Series) -> pl.Series:
        changed = first.ne_missing(second)
        if self.tolerance and first.dtype.is_float():
            larger = pl.DataFrame({"a": first.abs(), "b": second.abs()}).select(pl.max_horizontal("a", "b")).to_series()
            close = ((first - second).abs() <= self.tolerance * larger).fill_null(False)
            changed = changed & ~close
        return changed

    def change_of(self, column: str) -> ColumnChange:
        """Return what changed in one column."""
        mask = self.mask(column)
        count = int(mask.sum())
        if not count:
            return ColumnChange(column=column, changed=0)
        first, second = (series.filter(mask) for series in self.read(column))
        ratio = relative_change(first, second).abs()
        top = ratio.max() if len(ratio) else None
        return ColumnChange(
            column=column,
            changed=count,
            appeared=first.null_count(),
            vanished=second.null_count(),
            largest=float(top) if isinstance(top, float) else None,
        )

    def changed_rows(self) -> int:
        """Return how many of the shared rows differ in any column."""
        any_changed = pl.repeat(False, len(self.pairs.one), eager=True)
        for column in self.columns:
            any_changed = any_changed | self.mask(column)
        return int(any_changed.sum())

    def listing(self) -> Iterator[pl.DataFrame]:
        """Yield every changed cell, then every removed and added row: frames with the columns of `LISTED`."""
        names = self._names(self.two, self.pairs.two)
        for column in self.columns:
            mask = self.mask(column)
            if mask.any():
                first, second = (series.filter(mask) for series in self.read(column))
                yield (
                    names.filter(mask)
                    .with_columns(
                        change=pl.lit("changed"),
                        column=pl.lit(column),
                        run1=first.cast(pl.String),
                        run2=second.cast(pl.String),
                        relative_change=relative_change(first, second),
                    )
                    .select(LISTED)
                )
        for run, rows, word in ((self.one, self.pairs.removed, "removed"), (self.two, self.pairs.added, "added")):
            blank = {"column": pl.String, "run1": pl.String, "run2": pl.String, "relative_change": pl.Float64}
            empty = [pl.lit(None, dtype=dtype).alias(name) for name, dtype in blank.items()]
            yield self._names(run, rows).with_columns(pl.lit(word).alias("change"), *empty).select(LISTED)

    def _names(self, run: FinishedRun, rows: pl.Series) -> pl.DataFrame:
        wanted = ["source_file", "source_row", "source_place", *NAMED_BY]
        return run.scan().select(wanted).collect()[rows]

    def write_csv(self, path: Path) -> Path:
        """Write the listing as CSV, whole or not at all."""

        def write(temporary: Path) -> None:
            with open(temporary, "wb") as handle:
                pl.DataFrame(schema=dict.fromkeys(LISTED, pl.String)).write_csv(handle)
                for frame in self.listing():
                    neutralised(frame).write_csv(handle, include_header=False)

        return write_atomic(path, write)


def relative_change(first: pl.Series, second: pl.Series) -> pl.Series:
    """Return (second - first) / |first| of numbers; missing for what is no number, is missing, or starts at zero."""
    if not first.dtype.is_numeric():
        return pl.repeat(None, len(first), dtype=pl.Float64, eager=True)
    frame = pl.DataFrame({"a": first.cast(pl.Float64), "b": second.cast(pl.Float64)})
    made = pl.when(pl.col("a") != 0).then((pl.col("b") - pl.col("a")) / pl.col("a").abs())
    return frame.select(made).to_series()


def column_changes(cells: Cells) -> tuple[ColumnChange, ...]:
    """Return the columns in which anything changed."""
    found = (cells.change_of(column) for column in cells.columns)
    return tuple(change for change in found if change.changed)


def one_sided_columns(one: FinishedRun, two: FinishedRun) -> Mapping[str, tuple[str, ...]]:
    """Return the columns that only the first (``one``) and only the second table (``two``) has."""
    return {
        "one": tuple(name for name in one.columns if name not in two.columns),
        "two": tuple(name for name in two.columns if name not in one.columns),
    }
