"""Where a long table may be cut, so that what is computed together stays together: specimens, and changing series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

PLACE = "_place"
WHO = "_who"

# A specimen whose rows lie further apart than this share of a batch is normalised apart from the batches.
FAR = 0.5


def with_place(source: pl.LazyFrame) -> pl.LazyFrame:
    """Add the row's number, and whose row it is: the subject, or of an unnamed one the specimen."""
    unnamed = pl.concat_str(pl.lit("\x00"), pl.col("specimen_id"))
    return source.with_columns(pl.coalesce("subject_id", unnamed).alias(WHO)).with_row_index(PLACE)


@dataclass(frozen=True, eq=False, kw_only=True)
class BatchPlan:
    """How a table of results is cut.

    Parameters
    ----------
    ends : tuple of int
        Row number just behind each batch; the last one is the number of rows.
    apart : DataFrame
        Column `WHO`: people whose rows are taken out of the batches and normalised together, wherever they stand.
    rows_apart : int
        How many rows theirs are.
    beside : DataFrame or None
        What else was asked of the table in the same look over it.
    """

    ends: tuple[int, ...]
    apart: pl.DataFrame
    rows_apart: int
    beside: pl.DataFrame | None = None

    @property
    def rows(self) -> int:
        """Number of rows of the table."""
        return self.ends[-1] if self.ends else 0


WORDS = ("lab_id", "method")
CHANGES = pl.any_horizontal(pl.col(f"{name}_first") != pl.col(f"{name}_last") for name in WORDS).fill_null(False)


def _words_of(grouped: Any) -> pl.LazyFrame:
    """Return the first and the last word, in order of the alphabet, of each group's labs and methods."""
    return grouped.agg(
        expression
        for name in WORDS
        for expression in (pl.col(name).min().alias(f"{name}_first"), pl.col(name).max().alias(f"{name}_last"))
    )


def _changing(placed: pl.LazyFrame, overall: pl.DataFrame) -> pl.DataFrame:
    """Return who has results of one analyte from several labs or by several methods: their series may show a change."""
    several = overall.filter(CHANGES)["analyte_id"]
    # One lab with one method for each analyte: nobody's can change, and the long way is not needed.
    if several.is_empty():
        return pl.DataFrame(schema={WHO: pl.String})
    some = placed.filter(pl.col("analyte_id").is_in(several.implode()))
    changing = _words_of(some.group_by(WHO, "analyte_id")).filter(CHANGES)
    return changing.select(WHO).unique().collect(engine="streaming")


def _handled_differently(spans: pl.DataFrame, specimens: pl.DataFrame | None) -> pl.DataFrame:
    """Return whose specimens were kept with different preservatives."""
    if specimens is None or "preservative" not in specimens.columns:
        return pl.DataFrame(schema={WHO: pl.String})
    bottles = specimens.select(pl.col("specimen_id").cast(pl.String), "preservative").drop_nulls()
    found = spans.join(bottles, on="specimen_id").group_by(WHO).agg(pl.col("preservative").n_unique())
    return found.filter(pl.col("preservative") > 1).select(WHO)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Survey:
    """What one look over a table tells: its length, its specimens, its labs, and who has a result that replaces."""

    rows: int
    spans: pl.DataFrame
    overall: pl.DataFrame
    replacing: pl.DataFrame
    beside: pl.DataFrame | None


def _survey(placed: pl.LazyFrame, beside: pl.LazyFrame | None) -> _Survey:
    """Look over a table once; of each specimen first and last row and number of rows, in order of the first."""
    specimens = placed.filter(pl.col("specimen_id").is_not_null()).group_by(WHO, "specimen_id")
    place = pl.col(PLACE).cast(pl.Int64)
    rows, spans, overall, replacing, *others = pl.collect_all(
        [
            placed.select(pl.len()),
            specimens.agg(first=place.min(), last=place.max(), rows=pl.len()),
            _words_of(placed.group_by("analyte_id")),
            placed.filter(pl.col("replaces").fill_null("") != "").select(WHO).unique(),
            *([] if beside is None else [beside]),
        ],
        engine="streaming",
    )
    return _Survey(
        rows=int(rows.item()),
        spans=spans.sort("first", "last"),
        overall=overall,
        replacing=replacing,
        beside=others[0] if others else None,
    )


def _ends(spans: pl.DataFrame, rows: int, batch_rows: int) -> tuple[list[int], pl.DataFrame]:
    """Return where batches end, and the spans that a forced end cuts through."""
    # A row may open a batch when every specimen that began before it has ended before it.
    ended = pl.col("last").cum_max().shift(1).fill_null(-1) < pl.col("first")
    free = spans.filter(ended)["first"].to_numpy()
    ends: list[int] = []
    forced: list[int] = []
    start = 0
    while rows - start > batch_rows:
        place = int(free.searchsorted(start + batch_rows, side="right")) - 1
        later = free[place + 1 : place + 2]
        if place >= 0 and free[place] > start:
            end = int(free[place])
        elif len(later) and later[0] <= start + 2 * batch_rows:
            end = int(later[0])
        else:
            end = start + batch_rows
            forced.append(end)
        ends.append(end)
        start = end
    through = pl.any_horizontal([pl.lit(False), *((pl.col("first") < end) & (pl.col("last") >= end) for end in forced)])
    return [*ends, rows], spans.filter(through)


def plan_batches(
    source: pl.LazyFrame,
    *,
    batch_rows: int,
    specimens: pl.DataFrame | None = None,
    beside: pl.LazyFrame | None = None,
) -> BatchPlan:
    """Find out where a table may be cut; reads only the columns that tell.

    Parameters
    ----------
    source : LazyFrame
        The `results` table, in any order.
    batch_rows : int
        Rows a batch should have; it gets fewer or, to keep a specimen whole, up to twice as many.
    specimens : DataFrame, optional
        The `specimens` table.
    beside : LazyFrame, optional
        Something else to be found out from the same table: a long file is read once for both.

    Returns
    -------
    BatchPlan
        Rows of one specimen lie in one batch, and so do all rows of a person whose lab, method or preservative changes
        or who has a result that replaces another. Who does not fit is put apart.

    Examples
    --------
    >>> rows = {"subject_id": ["S1", "S1", "S2", "S2"], "specimen_id": ["U1", "U1", "U2", "U2"], "analyte_id": "hva",
    ...         "lab_id": "lab_a", "method": "GC", "replaces": ""}
    >>> plan_batches(pl.LazyFrame(rows), batch_rows=3).ends
    (2, 4)
    """
    have = source.collect_schema().names()
    absent = [pl.lit(None, dtype=pl.String).alias(name) for name in (*WORDS, "replaces") if name not in have]
    placed = with_place(source).with_columns(absent)
    seen = _survey(placed, beside)
    spans = seen.spans
    far = spans.filter(pl.col("last") - pl.col("first") > FAR * batch_rows).select(WHO)
    apart = pl.concat(
        [far, _changing(placed, seen.overall), seen.replacing, _handled_differently(spans, specimens)]
    ).unique()
    ends, cut_through = _ends(spans.join(apart, on=WHO, how="anti"), seen.rows, batch_rows)
    apart = pl.concat([apart, cut_through.select(WHO)]).unique()
    return BatchPlan(
        ends=tuple(end for end in ends if end),
        apart=apart,
        beside=seen.beside,
        rows_apart=int(spans.join(apart, on=WHO, how="semi")["rows"].sum()),
    )


def batches(source: pl.LazyFrame, plan: BatchPlan) -> Iterator[pl.DataFrame]:
    """Yield the rows of a table in order, cut as planned, with their numbers; those put apart are among them."""
    ends = iter(plan.ends)
    held: list[pl.DataFrame] = []
    start, have, end = 0, 0, next(ends, 0)
    for chunk in with_place(source).collect_batches(maintain_order=True, engine="streaming"):
        held.append(chunk)
        have += chunk.height
        while end and have >= end - start:
            whole = pl.concat(held)
            yield whole.head(end - start)
            held = [whole.slice(end - start)]
            have -= end - start
            start, end = end, next(ends, 0)
