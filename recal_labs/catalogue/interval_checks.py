"""What must be true of a reference interval: limits, unit, age band, and that bands of one source do not overlap."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from recal_labs.catalogue.ucum import basis_of, is_ucum

Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]

# The mark that a unit must carry on each basis.
UNIT_MARK = {"per_24h": "/(24.h)", "per_creatinine": "{creat}", "per_volume": ""}
NUMBERS = ("lower", "upper", "age_low_years", "age_high_years")
# Not float(): that would also take nan, inf and 1_000.
_NUMBER = re.compile(r"\d+(\.\d+)?([eE][+-]?\d+)?")

# What makes two rows the same statement; the unit is left out, for the same bands in another unit would be two limits.
SAME = ("analyte_id", "specimen", "basis", "sex", "method", "kind", "source_id", "condition", "fraction")


def number(text: str) -> float | None:
    """Return a plain, finite number of zero or more; None for anything else.

    Examples
    --------
    >>> [number(text) for text in ("1.5", "1e-3", "", "nan", "inf", "-1", "1,5")]
    [1.5, 0.001, None, None, None, None, None]
    """
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def check_intervals(tables: Tables) -> Iterator[str]:
    """Limits rise, fit their kind and unit, and age bands of one source do not overlap."""
    analytes = {row["id"]: row for row in tables.get("analytes", [])}
    bands: dict[tuple[str, ...], list[tuple[float, float, Row]]] = defaultdict(list)
    for row in tables.get("reference_intervals", []):
        faults = [*_limits(row), *_unit(row, analytes.get(row["analyte_id"]))]
        start, stop = number(row["age_low_years"]) or 0.0, number(row["age_high_years"])
        stop = math.inf if stop is None else stop
        if start >= stop:
            faults.append(f"the age band {row['age_low_years']} to {row['age_high_years']} is empty")
        yield from (f"{row['_at']}: {fault}" for fault in faults)
        bands[tuple(row[name] for name in SAME)].append((start, stop, row))
    for group in bands.values():
        group.sort(key=lambda band: band[:2])
        _, reach, before = group[0]
        for start, stop, row in group[1:]:
            if start < reach:
                other = "" if row["unit"] == before["unit"] else f" ({before['unit']} there, {row['unit']} here)"
                yield f"{row['_at']}: the age band overlaps the one at {before['_at']}{other}"
            if stop > reach:
                reach, before = stop, row


def _limits(row: Row) -> Iterator[str]:
    for column in NUMBERS:
        if row[column] and number(row[column]) is None:
            yield f"{column} {row[column]!r} is not a number of zero or more"
    low, high = number(row["lower"]), number(row["upper"])
    if not row["lower"] and not row["upper"]:
        yield "no limit"
    if low is not None and high is not None and low >= high:
        yield f"lower {row['lower']} is not below upper {row['upper']}"
    if high == 0 and low is None:
        yield "upper 0 leaves no result inside"
    if row["kind"] == "upper_limit" and (row["lower"] or not row["upper"]):
        yield "an upper_limit needs an upper limit and no lower one"


def _unit(row: Row, analyte: Row | None) -> Iterator[str]:
    unit, mark = row["unit"], UNIT_MARK.get(row["basis"])
    if not is_ucum(unit):
        yield f"unit {unit!r} is not a UCUM code"
        return
    marked = "{creat}" in unit or "24.h" in unit
    if mark is not None and (mark not in unit or (not mark and marked)):
        yield f"unit {unit} does not fit {row['basis']}"
    elif analyte and analyte["molar_mass_g_per_mol"]:
        if basis_of(unit) is None:
            yield f"unit {unit} cannot be converted into {analyte['amount_unit']} of {analyte['id']}"
    elif analyte and unit != analyte["amount_unit"]:
        yield f"unit {unit} is not {analyte['amount_unit']}, the only one of {analyte['id']}, which has no molar mass"
