"""What must be true of the spellings and readings of units: real codes, no spelling with two meanings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recal_labs.catalogue.interval_checks import Row, Tables, number
from recal_labs.catalogue.names import fold_unit, tidy_unit
from recal_labs.catalogue.ucum import basis_of, is_substance, is_ucum
from recal_labs.catalogue.unit_spellings import (
    AMOUNT,
    AS_WRITTEN,
    CREATININE_MARK,
    FORM,
    OF_CREATININE,
    PARTS,
    PER,
    WORD,
    read_spellings,
)

# What a reading is per, by its basis, in units that need no scale: one litre, one day, one gram or mole of creatinine.
PER_WHAT = {"per_volume": {"L"}, "per_24h": {"(24.h)"}, "per_creatinine": {"g{creat}", "mol{creat}"}}


def check_units(tables: Tables) -> Iterator[str]:
    """Every unit is a UCUM code, and no spelling gives the code of one unit to another."""
    rows = tables.get("units", [])
    codes = {fold_unit(row["ucum"]): row["ucum"] for row in rows}
    yield from _check_spellings(rows)
    for row in rows:
        if not is_ucum(row["ucum"]):
            yield f"{row['_at']}: ucum {row['ucum']!r} is not a UCUM code"
        if row["case"] not in ("", AS_WRITTEN):
            yield f"{row['_at']}: case is {row['case']!r}; expected nothing or {AS_WRITTEN}"
        if row["case"]:
            continue
        own = codes.get(fold_unit(row["spelling"]), row["ucum"])
        if own != row["ucum"] and not row["only_for"]:
            yield f"{row['_at']}: spelling {row['spelling']!r} is the code {own}, and stands for {row['ucum']} here"
        if codes[fold_unit(row["ucum"])] != row["ucum"]:
            other = codes[fold_unit(row["ucum"])]
            yield f"{row['_at']}: ucum {row['ucum']!r} differs from {other!r} only in its case"


def _check_spellings(rows: Sequence[Row]) -> Iterator[str]:
    """A whole spelling stands once; where its case counts it may stand beside the one in other letters."""
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        word = tidy_unit(row["spelling"]) if row["case"] else fold_unit(row["spelling"])
        if not word:
            yield f"{row['_at']}: spelling is empty"
            continue
        other = first.setdefault((row["case"], word), row)
        if other is not row:
            yield f"{row['_at']}: spelling {row['spelling']!r} is not unique: it stands at {other['_at']} too"


def check_unit_parts(tables: Tables) -> Iterator[str]:
    """Each part means one thing, and no listed spelling is made of parts that mean another."""
    rows = tables.get("unit_parts", [])
    first: dict[tuple[str, str], Row] = {}
    for row in rows:
        for part in row["part"].split("|"):
            yield from (f"{row['_at']}: {fault}" for fault in _part_faults(part, row))
            other = first.setdefault((part, fold_unit(row["spelling"])), row)
            if other["ucum"] != row["ucum"]:
                yield (f"{row['_at']}: {row['spelling']!r} is {row['ucum']} here and {other['ucum']} at {other['_at']}")
            elif other is not row:
                yield f"{row['_at']}: {row['spelling']!r} is not unique: it stands at {other['_at']} too"
    known = read_spellings([], rows)
    for row in tables.get("units", []):
        made = None if row["case"] else known.compose(fold_unit(row["spelling"]))
        if made and made != row["ucum"]:
            yield f"{row['_at']}: {row['spelling']!r} is {row['ucum']} here, and its parts make {made}"


def _part_faults(part: str, row: Row) -> Iterator[str]:
    spelling, code = row["spelling"], row["ucum"]
    if part not in PARTS:
        yield f"part is {part!r}; expected {', '.join(sorted(PARTS))}"
    elif not fold_unit(spelling):
        yield "spelling is empty"
    elif part in (AMOUNT, OF_CREATININE):
        if not is_substance(code):
            yield f"ucum {code!r} is not a mass or an amount of substance"
    elif part == PER:
        if code != "/":
            yield f"ucum of a word for per is '/', not {code!r}"
    elif part == FORM:
        if spelling.count(WORD) != 1:
            yield f"form {spelling!r} has no single {WORD} in the place of the word for creatinine"
    elif code != CREATININE_MARK and basis_of(f"g/{code}") is None:
        yield f"ucum {code!r} is nothing that an amount can be per"


def check_unit_readings(tables: Tables) -> Iterator[str]:
    """Every reading is of a unit that can be read, on the basis its code has, and of a positive scale."""
    first: dict[str, Row] = {}
    for row in tables.get("unit_readings", []):
        unit, basis = row["ucum"], row["basis"]
        other = first.setdefault(unit, row)
        if other is not row:
            yield f"{row['_at']}: ucum {unit!r} is not unique: it stands at {other['_at']} too"
        if not is_ucum(unit) or basis_of(unit) is None:
            yield f"{row['_at']}: ucum {unit!r} is no amount per volume, per creatinine or per time"
        elif basis_of(unit) != basis or row["per"] not in PER_WHAT[basis]:
            yield f"{row['_at']}: {unit} is {basis_of(unit)}, not {basis} per {row['per']}"
        elif row["substance"] != ("amount" if "mol" in unit.partition("/")[0] else "mass"):
            yield f"{row['_at']}: substance of {unit} is {row['substance']!r}"
        if not number(row["scale"]):
            yield f"{row['_at']}: scale {row['scale']!r} is not a number above zero"
