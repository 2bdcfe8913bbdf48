"""Big files in lab A's layout for benchmarks, written in blocks of whole specimens."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from simulation.analytes import ANALYTES
from simulation.delimited import LAB_A_COLUMNS, LAB_A_NAMES, PER_GRAM, range_text
from simulation.people import draw_people, stream
from simulation.urine import fill_bottle, measure

BLOCK = 50_000
ROWS_PER_SPECIMEN = len(ANALYTES) + 1
# Without the comma of "Cortisol, free" no cell of a big file needs quotes.
NAMES = {**LAB_A_NAMES, "cortisol": "UFC"}
# One result in so many was not measured, as in a real year of a lab.
NOT_MEASURED_EVERY = 211


def _block(n_specimens: int, first: int, seed: int) -> Any:
    """Return the rows of some specimens, one specimen a person, as a Polars frame of text."""
    import polars as pl

    people = draw_people(n_specimens, seed)
    urine = fill_bottle(people, "first")
    creatinine, bias = urine.measured_creatinine_g_per_l, np.ones(n_specimens)
    number = np.arange(first, first + n_specimens)
    minutes = stream(seed, "calendar").integers(0, 365 * 1440, n_specimens)
    base = pl.DataFrame(
        {
            "order": number,
            "subject_id": pl.Series(number).cast(pl.String).str.zfill(9).str.replace("^", "SIM-"),
            "collected_at": np.datetime64("2024-01-01T00:00", "us") + minutes * np.timedelta64(60_000_000, "us"),
            "sex": np.where(people.female, "female", "male"),
            "age": people.age_years,
        }
    ).with_columns(
        pl.format("{}-S1", "subject_id").alias("specimen_id"),
        pl.col("collected_at").dt.strftime("%Y-%m-%d %H:%M"),
        pl.col("age").cast(pl.String),
        specimen=pl.lit("random urine"),
        flag=pl.lit(None, dtype=pl.String),
        lab=pl.lit("lab_a"),
    )
    parts = [_analyte(base, 0, creatinine * 100.0, None, "Creatinine", ["mg/dL"], "16 - 326")]
    for place, (name, analyte) in enumerate(ANALYTES.items(), 1):
        concentration, below = measure(analyte, people, urine, bias)
        units = [spelling.format(analyte.unit) for spelling in PER_GRAM]
        parts.append(_analyte(base, place, concentration / creatinine, below, NAMES[name], units, range_text(analyte)))
    return pl.concat(parts).sort("order", "place").select(LAB_A_COLUMNS)


def _analyte(base: Any, place: int, values: Any, below: Any, name: str, units: list[str], limits: str) -> Any:
    import polars as pl

    made = base.with_columns(
        place=pl.lit(place),
        analyte=pl.lit(name),
        unit=pl.Series(units).gather(np.arange(base.height) % len(units)),
        range=pl.lit(limits),
        result=pl.Series(values).round_sig_figs(3).cast(pl.String),
    )
    if below is not None:
        sign = pl.when(pl.Series(below)).then(pl.lit("<")).otherwise(pl.lit(""))
        made = made.with_columns(result=sign + pl.col("result"))
    lost = (pl.col("order") * ROWS_PER_SPECIMEN + place) % NOT_MEASURED_EVERY == NOT_MEASURED_EVERY - 1
    return made.with_columns(result=pl.when(lost).then(pl.lit("QNS")).otherwise(pl.col("result")))


def write_long_csv(n_rows: int, path: Path | str, seed: int = 20260101) -> Path:
    """Write a long CSV of about `n_rows` results: whole specimens, never fewer rows than asked for.

    Parameters
    ----------
    n_rows : int
        Results; a specimen has seventeen.
    path : path
        The file, overwritten.
    seed : int
        Of the first block of specimens; each further block has the next one.
    """
    path, left = Path(path), -(-n_rows // ROWS_PER_SPECIMEN)
    written = 0
    with path.open("wb") as file:
        file.write(b"SIMULATED export for benchmarks (made-up people)\n")
        while left:
            size = min(left, BLOCK)
            block = _block(size, written + 1, seed + written // BLOCK)
            file.write(block.write_csv(include_header=written == 0).encode())
            written, left = written + size, left - size
    return path
