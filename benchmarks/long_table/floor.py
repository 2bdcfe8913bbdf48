"""The floor: Polars scans the same CSV and writes a table of the same columns, types and codec, computing nothing."""

from __future__ import annotations

import sys

import polars as pl

from recal_labs.columns import NORMALISED, RESULTS, polars_schema


def main(source: str, target: str) -> None:
    given, made = polars_schema(RESULTS), polars_schema(NORMALISED)
    # A column that normalise would make is filled from one of the same type, so that as much is written.
    stand_in = {pl.Float64: pl.col("value"), pl.String: pl.col("unit"), pl.Boolean: pl.lit(True)}
    new = [stand_in[type_].alias(name) for name, type_ in made.items() if name not in given]
    frame = pl.scan_csv(source, schema=given).with_columns(new)
    frame.sink_parquet(target, compression="zstd", row_group_size=100_000)


if __name__ == "__main__":
    main(*sys.argv[1:])
