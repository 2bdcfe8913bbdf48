"""What must be true of the spellings: each means one analyte, or is ambiguous and says what it may mean."""

from __future__ import annotations

from collections.abc import Iterator

from recal_labs.catalogue.interval_checks import Row, Tables
from recal_labs.catalogue.names import fold_name


def check_names(tables: Tables) -> Iterator[str]:
    """A spelling names one analyte wherever it stands, and never the id or the name of another one."""
    owners: dict[str, Row] = {}
    for row in tables.get("names", []):
        yield from (f"{row['_at']}: {fault}" for fault in _row_faults(row))
        folded = fold_name(row["name"])
        other = owners.setdefault(folded, row)
        if folded and other["analyte_id"] != row["analyte_id"]:
            there = f"at {other['_at']} it {_meaning(other)}{_remedy(other)}"
            yield f"{row['_at']}: {row['name']!r} {_meaning(row)}, and {there}"
    itself: dict[str, Row] = {}
    for row in tables.get("analytes", []):
        for spelling in {fold_name(row["id"]): row["id"], fold_name(row["name"]): row["name"]}.values():
            named = owners.get(fold_name(spelling))
            if named and named["analyte_id"] not in ("", row["id"]):
                yield f"{row['_at']}: {spelling!r} is {row['id']} here, and at {named['_at']} it {_meaning(named)}"
            first = itself.setdefault(fold_name(spelling), row)
            if first["id"] != row["id"]:
                yield f"{row['_at']}: {spelling!r} is {row['id']} here, and {first['id']} at {first['_at']}"


def _row_faults(row: Row) -> Iterator[str]:
    if not fold_name(row["name"]):
        yield f"{row['name']!r} has no Latin letter or digit; map such a name in a profile's [analytes]"
    if row["analyte_id"] and row["candidates"]:
        yield f"{row['name']!r} has an analyte and candidates; an ambiguous spelling has only candidates"
    if not row["analyte_id"] and not row["candidates"]:
        yield f"{row['name']!r} has no analyte; an ambiguous spelling needs candidates"
    if not row["analyte_id"] and not row["note"]:
        yield f"{row['name']!r} is ambiguous; its note must say what it may mean"


def _meaning(row: Row) -> str:
    return f"names {row['analyte_id']}" if row["analyte_id"] else "is ambiguous"


def _remedy(other: Row) -> str:
    # A lab that knows its own NMN says so for its own exports, not for everybody's.
    return "" if other["analyte_id"] else "; map it in a profile's [analytes] instead"
