"""Long tables normalised batch by batch: the same numbers in the same order, in little memory."""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.choices import Choices
from recal_labs.columns import RESULTS, polars_schema
from recal_labs.normalise.batches import PLACE, WHO, BatchPlan, batches, plan_batches, with_place
from recal_labs.normalise.core import normalise
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.normalise.plausible import lazy_unit_groups
from recal_labs.spreadsheets import neutralised
from recal_labs.storage import write_atomic

BATCH_ROWS = 250_000
# Rows in one row group of the Parquet file.
ROW_GROUP_ROWS = 100_000

Step = Callable[[pl.DataFrame], pl.DataFrame]


def _apart(source: pl.LazyFrame, plan: BatchPlan, step: Step, batch_rows: int, scratch: Path) -> list[Path]:
    """Normalise the rows that were put apart, all of a person's together; return the files of what came of them."""
    theirs = with_place(source).join(plan.apart.lazy(), on=WHO, how="semi", maintain_order="left")
    if plan.rows_apart <= 2 * batch_rows:
        parts: Iterator[pl.DataFrame] = iter([theirs.collect(engine="streaming")])
    else:
        groups = math.ceil(plan.rows_apart / batch_rows)
        keyed = theirs.with_columns(_group=pl.col(WHO).hash(seed=0) % groups)
        keyed.sink_parquet(pl.PartitionBy(scratch / "in", key="_group", include_key=False), mkdir=True)
        folders = sorted(path for path in (scratch / "in").iterdir())
        parts = (pl.read_parquet(folder / "*.parquet").sort(PLACE) for folder in folders)
    made = []
    for number, part in enumerate(parts):
        path = scratch / f"out_{number:05}.parquet"
        step(part.drop(WHO)).write_parquet(path, compression="lz4", row_group_size=ROW_GROUP_ROWS)
        made.append(path)
    return made


def _between(made: list[Path], start: int, end: int) -> list[pl.DataFrame]:
    inside = (pl.col(PLACE) >= start) & (pl.col(PLACE) < end)
    return [pl.scan_parquet(path).filter(inside).collect() for path in made]


def normalised_batches(
    source: pl.LazyFrame,
    step: Step,
    *,
    plan: BatchPlan,
    batch_rows: int = BATCH_ROWS,
) -> Iterator[pl.DataFrame]:
    """Yield a table of results normalised, in its own order, a batch at a time.

    Parameters
    ----------
    source : LazyFrame
        The `results` table, in any order. It is read several times.
    step : callable
        Takes results as a DataFrame and returns them normalised, a row for a row; columns that it does not know it
        passes on.
    plan : BatchPlan
        From `plan_batches`, of the same table and with the `specimens` table that `step` uses.
    batch_rows : int
        Rows that those who are put apart should be worked on at a time.

    Yields
    ------
    DataFrame
        What `step` would have made of the whole table, cut into pieces.
    """
    with tempfile.TemporaryDirectory() as folder:
        made = _apart(source, plan, step, batch_rows, Path(folder)) if len(plan.apart) else []
        start = 0
        for batch in batches(source, plan):
            end = start + batch.height
            if made:
                batch = batch.join(plan.apart, on=WHO, how="anti", maintain_order="left")
            done = step(batch.drop(WHO))
            if made:
                done = pl.concat([done, *_between(made, start, end)]).sort(PLACE)
            yield done.drop(PLACE)
            start = end


def as_lazy(frames: Callable[[], Iterator[pl.DataFrame]], schema: Any) -> tuple[pl.LazyFrame, list[BaseException]]:
    """Return a lazy frame that draws on an iterator when it is computed, and where a fault of the iterator goes.

    Polars wraps an exception that crosses it; the caller raises the original from the list.
    """
    from polars.io.plugins import register_io_source

    faults: list[BaseException] = []

    def draw(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        try:
            for frame in frames():
                kept = frame if with_columns is None else frame.select(with_columns)
                kept = kept if predicate is None else kept.filter(predicate)
                yield kept if n_rows is None else kept.head(n_rows)
                n_rows = None if n_rows is None else n_rows - min(n_rows, kept.height)
        except GeneratorExit:
            raise
        except BaseException as err:
            faults.append(err)
            raise

    return register_io_source(draw, schema=schema), faults


def write_frames(frames: Callable[[], Iterator[pl.DataFrame]], schema: Any, parquet: Path, csv: Path | None) -> None:
    """Write frames one below the other to Parquet (zstd) and, if asked for, CSV; each whole or not at all.

    In the CSV no cell is a formula; Parquet keeps the words as they are.

    Raises
    ------
    FileProblem
        When the system refuses. What the iterator raises is raised as it is.
    """
    lazy, faults = as_lazy(frames, schema)

    def write(parquet_path: Path, csv_path: Path | None) -> None:
        try:
            lazy.sink_parquet(parquet_path, compression="zstd", row_group_size=ROW_GROUP_ROWS)
        except pl.exceptions.PolarsError:
            if faults:
                raise faults[0] from None
            raise
        if csv_path is not None:
            # From what was written: two sinks on one iterator would draw every frame twice.
            neutralised(pl.scan_parquet(parquet_path)).sink_csv(csv_path)

    if csv is None:
        write_atomic(parquet, lambda path: write(path, None))
    else:
        write_atomic(csv, lambda csv_path: write_atomic(parquet, lambda path: write(path, csv_path)))


def normalise_to_parquet(
    results: pl.LazyFrame | Path | str,
    parquet: Path | str,
    *,
    csv: Path | str | None = None,
    choices: Choices | None = None,
    catalogue: Catalogue | None = None,
    dilution_fit: DilutionFit | None = None,
    subjects: Any = None,
    specimens: Any = None,
    interventions: Any = None,
    prepare: Step | None = None,
    batch_rows: int = BATCH_ROWS,
) -> Path:
    """Normalise a table of results that is too long for memory.

    Parameters
    ----------
    results : LazyFrame, or path of a CSV or Parquet file
        The `results` table, in any order.
    parquet : path
        Gets the `normalised` table: the same rows in the same order, and the same numbers as `normalise` gives.
    csv : path, optional
        Gets it as CSV, too.
    choices : Choices, optional
    catalogue : Catalogue, optional
    dilution_fit : DilutionFit, optional
        The correction that a fitted basis needs.
    subjects, specimens, interventions : pandas or Polars frame, optional
        As `normalise` takes them.
    prepare : callable, optional
        What is done to each batch before, such as filling in what the exports leave out; a row for a row.
    batch_rows : int
        Rows that are worked on at a time; memory grows with it.

    Returns
    -------
    Path
        That of the Parquet file.

    Raises
    ------
    TableError
        When a column that cannot be done without is absent or has the wrong type.
    FileProblem
        When nothing can be written.
    """
    source = results if isinstance(results, pl.LazyFrame) else _scan(Path(results))
    catalogue = catalogue or load_catalogue()
    tables = {"subjects": subjects, "specimens": specimens, "interventions": interventions}

    def step(frame: pl.DataFrame, unit_groups: pl.DataFrame | None = None) -> pl.DataFrame:
        made: pl.DataFrame = normalise(
            frame if prepare is None else prepare(frame),
            choices=choices,
            catalogue=catalogue,
            dilution_fit=dilution_fit,
            unit_groups=unit_groups,
            **tables,
        ).frame
        return made

    # First of all a missing column is told; the look over a long table comes after.
    schema = step(source.head(0).collect()).schema
    bottles = pl.from_pandas(specimens) if nw.dependencies.is_pandas_dataframe(specimens) else specimens
    # A unit is judged by all results of a lab, never by those that happen to be in one batch.
    groups = lazy_unit_groups(source, catalogue)
    plan = plan_batches(source, batch_rows=batch_rows, specimens=bottles, beside=groups)
    write_frames(
        lambda: normalised_batches(source, lambda frame: step(frame, plan.beside), plan=plan, batch_rows=batch_rows),
        schema,
        Path(parquet),
        Path(csv) if csv else None,
    )
    return Path(parquet)


def _scan(path: Path) -> pl.LazyFrame:
    if path.suffix.lower() == ".parquet":
        return pl.scan_parquet(path)
    schema = polars_schema(RESULTS)
    names = pl.scan_csv(path, infer_schema=False).collect_schema().names()
    return pl.scan_csv(path, schema={name: schema.get(name, pl.String) for name in names}, try_parse_dates=True)
