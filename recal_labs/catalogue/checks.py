"""What must be true of the catalogue's files; every fault is named with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from recal_labs.catalogue.completeness_checks import check_completeness
from recal_labs.catalogue.exposures import check_exposures
from recal_labs.catalogue.interval_checks import Row, Tables, check_intervals, number
from recal_labs.catalogue.name_checks import check_names
from recal_labs.catalogue.names import fold_name, fold_word
from recal_labs.catalogue.ratios import check_ratios
from recal_labs.catalogue.ucum import is_substance, is_ucum
from recal_labs.catalogue.unit_checks import check_unit_parts, check_unit_readings, check_units
from recal_labs.vocabulary import FRACTIONS, RATIO_SUPPORT, SPECIMENS

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

# They stand in specimen_words.csv so that they are refused by name.
OTHER_MATRICES = frozenset({"blood", "plasma", "serum", "saliva", "csf", "stool"})

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
    "preanalytical": {
        "preserved": frozenset({"", "yes", "no"}),
        "verdict": frozenset({"unsuitable", "suitable"}),
        "direction": frozenset({"", "raises", "lowers", "assay"}),
    },
    "names": {"fraction": frozenset({"", *FRACTIONS})},
    "ratios": {"support": frozenset(RATIO_SUPPORT)},
    "specimen_words": {"specimen": frozenset(SPECIMENS) | OTHER_MATRICES},
    "result_words": {"meaning": frozenset({"not_measured", "below_limit", "above_limit", "empty"})},
}


def _at(row: Row, text: str) -> str:
    return f"{row['_at']}: {text}"


def check_unique(tables: Tables) -> Iterator[str]:
    """Ids, and spellings after folding, stand once and are not empty."""
    for table, key, fold in (
        ("analytes", "id", str),
        ("sources", "source_id", str),
        ("result_words", "word", fold_word),
        ("specimen_words", "word", fold_name),
        ("loinc", "loinc", str),
    ):
        first: dict[str, Row] = {}
        for row in tables.get(table, []):
            word = fold(row[key])
            # A place without a word is a word too where results are read: it means that nothing was sent.
            if not word and table != "result_words":
                yield _at(row, f"{key} is empty")
            elif word in first:
                yield _at(row, f"{key} {row[key]!r} is not unique: it stands at {first[word]['_at']} too")
            first.setdefault(word, row)


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
            # Only a spelling may name no analyte: name_checks.py says when.
            named = [row["analyte_id"]] if "analyte_id" in row and (row["analyte_id"] or table != "names") else []
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
    """Ids are snake_case; masses agree with formulas; amount units are units; CAS and LOINC have their check digits."""
    for row in tables.get("analytes", []):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", row["id"]):
            yield _at(row, f"id {row['id']!r} is not snake_case")
        yield from (_at(row, fault) for fault in (*_mass(row), *_amount_unit(row)))
        if row.get("cas") and not _check_digit(row["cas"], luhn=False):
            yield _at(row, f"CAS {row['cas']} has a wrong check digit")
    for table in ("loinc", "loinc_context"):
        for row in tables.get(table, []):
            if not _check_digit(row["loinc"], luhn=True):
                yield _at(row, f"LOINC {row['loinc']} has a wrong check digit")


def _mass(row: Row) -> Iterator[str]:
    printed, formula = row["molar_mass_g_per_mol"], row["formula"]
    stated = number(printed)
    if printed and not stated:
        yield f"molar_mass_g_per_mol {printed!r} is not a number above zero"
    elif formula:
        computed = molar_mass(formula)
        if computed is None:
            yield f"formula {formula!r} cannot be read"
        elif stated is None or abs(computed - stated) > MASS_TOLERANCE:
            yield f"molar mass {printed} disagrees with {formula} ({computed:.3f})"


def _amount_unit(row: Row) -> Iterator[str]:
    unit = row["amount_unit"]
    if not unit:
        yield "no amount_unit"
    elif row["molar_mass_g_per_mol"] and not is_substance(unit):
        yield f"amount_unit {unit!r} is not a mass or amount of substance in UCUM, such as ug, mg or umol"
    elif not row["molar_mass_g_per_mol"] and is_substance(unit):
        yield f"amount_unit {unit!r} needs a molar mass, without which no result is ever converted into it"
    elif not is_ucum(unit):
        yield f"amount_unit {unit!r} is not a UCUM code"


def _check_digit(number: str, *, luhn: bool) -> bool:
    if not re.fullmatch(r"[\d-]+-\d", number):
        return False
    body, digit = number.rsplit("-", 1)
    digits = [int(c) for c in body.replace("-", "")][::-1]
    if luhn:
        total = sum(sum(divmod(2 * d, 10)) if i % 2 == 0 else d for i, d in enumerate(digits))
        return (10 - total % 10) % 10 == int(digit)
    return sum(d * (i + 1) for i, d in enumerate(digits)) % 10 == int(digit)


CHECKS = (
    check_unique,
    check_vocabularies,
    check_references,
    check_analytes,
    check_units,
    check_unit_parts,
    check_unit_readings,
    check_names,
    check_intervals,
    check_completeness,
    check_exposures,
    check_ratios,
)


def all_faults(tables: Tables) -> list[str]:
    """Return every fault of every check."""
    return [fault for check in CHECKS for fault in check(tables)]
