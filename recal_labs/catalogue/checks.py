"""What must be true of the catalogue's files; every fault is named with file and line."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from recal_labs.catalogue.names import fold_name, fold_unit, fold_word
from recal_labs.vocabulary import FRACTIONS

Row = Mapping[str, str]
Tables = Mapping[str, Sequence[Row]]

# Conventional atomic weights (IUPAC abridged); the first block is that of the molar masses carried over.
WEIGHT = {
    "C": 12.011,
    "H": 1.008,
    "N": 14.007,
    "O": 15.999,
    "S": 32.06,
    "Na": 22.990,
    "Ba": 137.327,
    "Cd": 112.414,
    "Co": 58.933,
    "Cs": 132.905,
    "Mo": 95.95,
    "Mn": 54.938,
    "Pb": 207.2,
    "Sb": 121.760,
    "Sn": 118.710,
    "Tl": 204.38,
    "W": 183.84,
}
MASS_TOLERANCE = 0.0006

ALLOWED: Mapping[str, Mapping[str, frozenset[str]]] = {
    "reference_intervals": {
        "specimen": frozenset({"urine_24h", "urine_spot", "urine_overnight"}),
        "sex": frozenset({"any", "female", "male"}),
        "basis": frozenset({"per_24h", "per_creatinine", "per_volume"}),
        "kind": frozenset({"reference_interval", "upper_limit", "decision_limit"}),
        "fraction": frozenset(FRACTIONS),
    },
    "analytes": {"fraction_matters": frozenset({"yes", "no"})},
    "sources": {"quality_grade": frozenset("ABCD")},
    "interferences": {"direction": frozenset({"raises", "lowers", "assay"})},
    "result_words": {"meaning": frozenset({"not_measured", "below_limit", "above_limit", "empty"})},
}
# The mark that a unit must carry on each basis.
UNIT_MARK = {"per_24h": "/(24.h)", "per_creatinine": "{creat}", "per_volume": ""}


def _at(row: Row, text: str) -> str:
    return f"{row['_at']}: {text}"


def _number(text: str) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None


def check_unique(tables: Tables) -> Iterator[str]:
    """Ids, and spellings after folding, stand once; a spelling names one analyte."""
    for table, key, fold in (
        ("analytes", "id", str),
        ("sources", "source_id", str),
        ("units", "spelling", fold_unit),
        ("result_words", "word", fold_word),
        ("specimen_words", "word", fold_name),
        ("loinc", "loinc", str),
    ):
        first: dict[str, Row] = {}
        for row in tables.get(table, []):
            word = fold(row[key])
            if word in first:
                yield _at(row, f"{key} {row[key]!r} is not unique: it stands at {first[word]['_at']} too")
            first.setdefault(word, row)
    owners: dict[str, Row] = {}
    for row in tables.get("names", []):
        other = owners.setdefault(fold_name(row["name"]), row)
        if other["analyte_id"] != row["analyte_id"]:
            yield _at(row, f"{row['name']!r} names {row['analyte_id']}, and at {other['_at']} {other['analyte_id']}")


def check_vocabularies(tables: Tables) -> Iterator[str]:
    """Columns with a closed list hold nothing else."""
    for table, columns in ALLOWED.items():
        for row in tables.get(table, []):
            for column, allowed in columns.items():
                if row.get(column, "") not in allowed:
                    yield _at(row, f"{column} is {row.get(column, '')!r}; expected {', '.join(sorted(allowed))}")


def check_references(tables: Tables) -> Iterator[str]:
    """Every analyte and source that a row names exists."""
    analytes = {row["id"] for row in tables.get("analytes", [])}
    sources = {row["source_id"] for row in tables.get("sources", [])}
    for table, rows in tables.items():
        for row in rows:
            named = [row["analyte_id"]] if row.get("analyte_id") else []
            named += [c for c in row.get("candidates", "").split("|") if c]
            for analyte in named:
                if analyte not in analytes:
                    yield _at(row, f"unknown analyte {analyte!r}")
            if table != "sources" and "source_id" in row:
                for source in row["source_id"].split("|"):
                    if source not in sources:
                        yield _at(row, f"unknown source {source!r}")


def molar_mass(formula: str) -> float | None:
    """Return the molar mass of a formula in g/mol, or None when it holds an element without a weight here.

    Examples
    --------
    >>> round(molar_mass("C8H11NO2"), 3)
    153.181
    """
    parts = re.findall(r"([A-Z][a-z]?)(\d*)", formula)
    if "".join(element + count for element, count in parts) != formula or any(e not in WEIGHT for e, _ in parts):
        return None
    return sum(WEIGHT[element] * int(count or 1) for element, count in parts)


def check_analytes(tables: Tables) -> Iterator[str]:
    """Ids are snake_case; masses agree with formulas; CAS and LOINC numbers with their check digits."""
    for row in tables.get("analytes", []):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", row["id"]):
            yield _at(row, f"id {row['id']!r} is not snake_case")
        if not row["amount_unit"]:
            yield _at(row, "no amount_unit")
        if row["formula"]:
            computed, stated = molar_mass(row["formula"]), _number(row["molar_mass_g_per_mol"])
            if computed is None:
                yield _at(row, f"formula {row['formula']!r} cannot be read")
            elif stated is None or abs(computed - stated) > MASS_TOLERANCE:
                yield _at(
                    row, f"molar mass {row['molar_mass_g_per_mol']} disagrees with {row['formula']} ({computed:.3f})"
                )
        if row.get("cas") and not _check_digit(row["cas"], luhn=False):
            yield _at(row, f"CAS {row['cas']} has a wrong check digit")
    for table in ("loinc", "loinc_context"):
        for row in tables.get(table, []):
            if not _check_digit(row["loinc"], luhn=True):
                yield _at(row, f"LOINC {row['loinc']} has a wrong check digit")


def _check_digit(number: str, *, luhn: bool) -> bool:
    if not re.fullmatch(r"[\d-]+-\d", number):
        return False
    body, digit = number.rsplit("-", 1)
    digits = [int(c) for c in body.replace("-", "")][::-1]
    if luhn:
        total = sum(sum(divmod(2 * d, 10)) if i % 2 == 0 else d for i, d in enumerate(digits))
        return (10 - total % 10) % 10 == int(digit)
    return sum(d * (i + 1) for i, d in enumerate(digits)) % 10 == int(digit)


def check_intervals(tables: Tables) -> Iterator[str]:
    """Limits rise, fit their kind and unit, and age bands of one source do not overlap."""
    bands: dict[tuple[str, ...], list[tuple[float, float, Row]]] = defaultdict(list)
    for row in tables.get("reference_intervals", []):
        yield from _limits(row)
        start, stop = _number(row["age_low_years"]) or 0.0, _number(row["age_high_years"])
        stop = math.inf if stop is None else stop
        if start >= stop:
            yield _at(row, f"the age band {row['age_low_years']} to {row['age_high_years']} is empty")
        key = ("analyte_id", "specimen", "basis", "sex", "unit", "method", "kind", "source_id", "condition", "fraction")
        bands[tuple(row[name] for name in key)].append((start, stop, row))
    for group in bands.values():
        group.sort(key=lambda band: band[:2])
        for (_, stop, before), (start, _, row) in pairwise(group):
            if start < stop:
                yield _at(row, f"the age band overlaps the one at {before['_at']}")


def _limits(row: Row) -> Iterator[str]:
    for column in ("lower", "upper", "age_low_years", "age_high_years"):
        if row[column] and _number(row[column]) is None:
            yield _at(row, f"{column} {row[column]!r} is not a number")
    low, high = _number(row["lower"]), _number(row["upper"])
    if low is None and high is None:
        yield _at(row, "no limit")
    if low is not None and high is not None and low >= high:
        yield _at(row, f"lower {row['lower']} is not below upper {row['upper']}")
    if row["kind"] == "upper_limit" and (low is not None or high is None):
        yield _at(row, "an upper_limit needs an upper limit and no lower one")
    mark = UNIT_MARK.get(row["basis"])
    marked = "{creat}" in row["unit"] or "24.h" in row["unit"]
    if mark is not None and (mark not in row["unit"] or (not mark and marked)):
        yield _at(row, f"unit {row['unit']} does not fit {row['basis']}")


CHECKS = (check_unique, check_vocabularies, check_references, check_analytes, check_intervals)


def all_faults(tables: Tables) -> list[str]:
    """Return every fault of every check."""
    return [fault for check in CHECKS for fault in check(tables)]
