"""What must be true of a limit by which a 24 h collection counts as complete."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import pairwise

from recal_labs.catalogue.interval_checks import Row, Tables, number

# The one unit that each measure is compared in.
MEASURES: Mapping[str, str] = {"duration": "h", "volume": "L", "creatinine": "mg/(kg.d)"}
SEXES = ("any", "female", "male")
NUMBERS = ("age_low_years", "age_high_years", "lower", "upper")


def check_completeness(tables: Tables) -> Iterator[str]:
    """Measures, sexes and units are known, limits rise, and age bands of one file do not overlap."""
    bands: dict[tuple[str, ...], list[tuple[float, float, Row]]] = defaultdict(list)
    for row in tables.get("completeness", []):
        yield from (f"{row['_at']}: {fault}" for fault in _row_faults(row))
        start, stop = number(row["age_low_years"]) or 0.0, number(row["age_high_years"])
        # A study's own file may overrule the built-in one, so that only rows of one file can contradict each other.
        file = row["_at"].rsplit(":", 1)[0]
        bands[(file, row["measure"], row["sex"])].append((start, math.inf if stop is None else stop, row))
    for group in bands.values():
        group.sort(key=lambda band: band[:2])
        for (_, reach, before), (start, _, row) in pairwise(group):
            if start < reach:
                yield f"{row['_at']}: the age band overlaps the one at {before['_at']}"


def _row_faults(row: Row) -> Iterator[str]:
    if row["measure"] not in MEASURES:
        yield f"measure is {row['measure']!r}; expected {', '.join(MEASURES)}"
    elif row["unit"] != MEASURES[row["measure"]]:
        yield f"unit is {row['unit']!r}; expected {MEASURES[row['measure']]}, in which {row['measure']} is compared"
    if row["sex"] not in SEXES:
        yield f"sex is {row['sex']!r}; expected {', '.join(SEXES)}"
    for name in NUMBERS:
        if row[name] and number(row[name]) is None:
            yield f"{name} is {row[name]!r}; expected a plain number, or nothing"
    lower, upper = number(row["lower"]), number(row["upper"])
    if lower is None and upper is None:
        yield "neither lower nor upper limit"
    elif lower is not None and upper is not None and lower >= upper:
        yield f"lower {row['lower']} is not below upper {row['upper']}"
    low, high = number(row["age_low_years"]), number(row["age_high_years"])
    if low is not None and high is not None and low >= high:
        yield f"the age band {row['age_low_years']} to {row['age_high_years']} is empty"
