"""A table of results or of normalised results, read back from the file that a run has written."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from recal_labs.columns import NORMALISED, polars_schema, require_columns
from recal_labs.errors import FileProblem
from recal_labs.normalise.people import SIZE


def read_normalised(path: Path | str) -> pl.LazyFrame:
    """Open normalised.parquet or normalised.csv, or a table of results in one of these formats.

    Parameters
    ----------
    path : path
        Weight and height are read as numbers; any other column of the user's own as text from CSV.

    Returns
    -------
    Polars LazyFrame
        Nothing but the names of the columns has been read yet.

    Raises
    ------
    FileProblem
        When there is no such file, or it is neither Parquet nor CSV.
    TableError
        When a column that cannot be done without is absent.
    """
    path = Path(path)
    if not path.is_file():
        raise FileProblem(path, "there is no such file", "normalised.parquet or .csv of a run", "check the path")
    try:
        frame = pl.scan_parquet(path) if path.suffix.lower() == ".parquet" else _from_csv(path)
        names = frame.collect_schema().names()
    except (pl.exceptions.PolarsError, OSError) as err:
        raise FileProblem(
            path, f"it cannot be read ({str(err).splitlines()[0]})", "normalised.parquet or .csv of a run"
        ) from err
    require_columns(names, NORMALISED, path.name)
    return frame


def _from_csv(path: Path) -> pl.LazyFrame:
    known = polars_schema(NORMALISED) | dict.fromkeys(SIZE, pl.Float64())
    names = pl.scan_csv(path, infer_schema=False).collect_schema().names()
    return pl.scan_csv(path, schema={name: known.get(name, pl.String()) for name in names}, try_parse_dates=True)
