"""Derived ratios as the catalogue defines them: what must be true of a definition, and the definition made from it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from recal_labs.catalogue.evidence import load_evidence
from recal_labs.catalogue.interval_checks import Row, Tables
from recal_labs.catalogue.rows import Ratio

SIDES = ("numerator", "denominator")
SAID = ("name", "meaning", "caveat")


def parts_of(text: str) -> tuple[str, ...]:
    """Return the analytes of one side of a ratio, which are joined by +.

    Examples
    --------
    >>> parts_of("norepinephrine+epinephrine"), parts_of("")
    (('norepinephrine', 'epinephrine'), ('',))
    """
    return tuple(part.strip() for part in text.split("+"))


def words_of(text: str) -> tuple[str, ...]:
    """Return the ids of a cell that joins them by a stroke; none for an empty cell."""
    return tuple(word for word in text.split("|") if word)


def check_ratios(tables: Tables) -> Iterator[str]:
    """Ids are snake_case and stand once; both sides are analytes with a molar mass; claims exist; nothing is unsaid."""
    masses = {row["id"]: row["molar_mass_g_per_mol"] for row in tables.get("analytes", [])}
    rows = tables.get("ratios", [])
    claims = _known_claims(rows)
    first: dict[str, Row] = {}
    formulas: dict[tuple[frozenset[str], ...], Row] = {}
    for row in rows:
        faults = [*_id_faults(row, first), *_side_faults(row, masses), *_formula_faults(row, formulas)]
        faults += [f"{column} is empty" for column in SAID if not row[column].strip()]
        faults += [f"unknown claim {claim!r}" for claim in words_of(row["claim_ids"]) if claim not in claims]
        yield from (f"{row['_at']}: {fault}" for fault in faults)


def _known_claims(rows: Sequence[Row]) -> frozenset[str]:
    # The register is read only where a definition leans on it.
    if not any(row["claim_ids"] for row in rows):
        return frozenset()
    return frozenset(claim.claim_id for claim in load_evidence().claims)


def _id_faults(row: Row, first: dict[str, Row]) -> Iterator[str]:
    name = row["ratio_id"]
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        yield f"ratio_id {name!r} is not snake_case"
    if first.setdefault(name, row) is not row:
        yield f"ratio_id {name!r} is not unique: it stands at {first[name]['_at']} too"


def _side_faults(row: Row, masses: Mapping[str, str]) -> Iterator[str]:
    named = [part for side in SIDES for part in parts_of(row[side])]
    for side in SIDES:
        for part in parts_of(row[side]):
            if part not in masses:
                yield f"unknown analyte {part!r} in the {side}; analyte ids are joined by +"
            elif not masses[part]:
                yield f"{part} has no molar mass, so that it has no place in a molar ratio"
    # A part on both sides would be taken for two independent ones where it is known only within bounds.
    for part in sorted({part for part in named if named.count(part) > 1 and part in masses}):
        yield f"{part} stands twice in the ratio"


def _formula_faults(row: Row, formulas: dict[tuple[frozenset[str], ...], Row]) -> Iterator[str]:
    formula = tuple(frozenset(parts_of(row[side])) for side in SIDES)
    if formulas.setdefault(formula, row) is not row:
        yield f"the same ratio stands at {formulas[formula]['_at']}"


def make_ratios(rows: Sequence[Row]) -> dict[str, Ratio]:
    """Return the definitions by id, in the order of the file."""
    return {
        row["ratio_id"]: Ratio(
            id=row["ratio_id"],
            name=row["name"],
            numerator=parts_of(row["numerator"]),
            denominator=parts_of(row["denominator"]),
            meaning=row["meaning"],
            support=row["support"],
            source_ids=words_of(row["source_id"]),
            claim_ids=words_of(row["claim_ids"]),
            caveat=row["caveat"],
        )
        for row in rows
    }
