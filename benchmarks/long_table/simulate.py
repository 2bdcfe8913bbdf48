"""A long table of simulated results as CSV, in the order in which labs send them: by person, specimen, analyte."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from recal_labs.columns import RESULTS, polars_schema

# Simulated: geometric mean per litre and unit; nobody's reference values.
ANALYTES = {
    "dopamine": (200.0, "ug/L"),
    "norepinephrine": (30.0, "ug/L"),
    "epinephrine": (5.0, "ug/L"),
    "hva": (3.0, "mg/L"),
    "vma": (3.0, "mg/L"),
    "hiaa_5": (4.0, "mg/L"),
    "serotonin": (90.0, "ug/L"),
    "normetanephrine": (1000.0, "nmol/L"),
    "metanephrine": (500.0, "nmol/L"),
    "cortisol": (60.0, "nmol/L"),
    "creatinine": (100.0, "mg/dL"),
}
SPECIMENS_EACH = 3


def write_results(path: Path, rows: int, seed: int = 1) -> int:
    """Write at least `rows` results; return how many."""
    rng = np.random.default_rng(seed)
    each = len(ANALYTES)
    specimens = -(-rows // each)
    n = specimens * each
    analyte, specimen = np.tile(np.arange(each), specimens), np.repeat(np.arange(specimens), each)
    person = specimen // SPECIMENS_EACH
    people = person[-1] + 1
    dilution = np.exp(rng.normal(0, 0.6, specimens))[specimen]
    centre = np.array([mean for mean, _ in ANALYTES.values()])[analyte]
    value = np.round(centre * dilution * np.exp(rng.normal(0, 0.4, n)), 2)
    names, units = list(ANALYTES), [unit for _, unit in ANALYTES.values()]
    comparator = np.where((rng.random(n) < 0.05) & (analyte != each - 1), "<", "")
    number = pl.int_range(n, eager=True)
    frame = pl.DataFrame(
        {
            "subject_id": pl.Series(person).cast(pl.String).str.zfill(7),
            "specimen_id": pl.Series(specimen + 1_000_000).cast(pl.String),
            "collected_at": pl.Series(
                np.datetime64("2024-01-01T07:00", "us") + specimen % 700 * np.timedelta64(1, "D")
            ),
            "collected_precision": "minute",
            "specimen": "urine_spot",
            "timepoint": "",
            "sex": pl.Series(rng.choice(["female", "male"], people)[person]),
            "age_years": rng.integers(18, 80, people).astype(float)[person],
            "analyte_id": pl.Series(np.array(names)[analyte]),
            "fraction": pl.Series(
                np.where(np.char.find(np.array(names), "metanephrine") >= 0, "total", "unspecified")[analyte]
            ),
            "comparator": pl.Series(comparator),
            "value": value,
            "unit": pl.Series(np.array(units)[analyte]),
            "reported_name": pl.Series(np.array([name.upper() for name in names])[analyte]),
            "reported_unit": pl.Series(np.array(units)[analyte]),
            "status": "final",
            "lab_id": "lab_a",
            "method": "LC-MS/MS",
            "source_file": "simulated.csv",
            "source_row": number + 2,
        },
    )
    frame = frame.with_columns(
        reported_value=pl.format("{}{}", "comparator", "value"), source_place=pl.format("line {}", "source_row")
    )
    schema = polars_schema(RESULTS)
    absent = [pl.lit(None, dtype=schema[name]).alias(name) for name in RESULTS.names if name not in frame.columns]
    frame.with_columns(absent).select(RESULTS.names).write_csv(path, datetime_format="%Y-%m-%dT%H:%M:%S")
    return n
