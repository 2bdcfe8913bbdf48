"""What a profile leaves open: names that nothing decides, and names of results without a unit."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from recal_labs.catalogue import Catalogue, fold_name
from recal_labs.ingest.names import resolve_name, resolve_unit
from recal_labs.ingest.propose import OpenName
from recal_labs.ingest.sections import Section


def open_names(sections: Sequence[Section], catalogue: Catalogue) -> tuple[OpenName, ...]:
    """Return the names of results that nothing decides, the most frequent first."""
    made = []
    for section in sections:
        if section.profile is None:
            continue
        rows = section.positions.filter(pl.col("name").is_not_null() & pl.col("no_result").is_null())
        for name, code, count in rows.group_by("name", "code", maintain_order=True).len().iter_rows():
            found = resolve_name(name, code, section.profile, catalogue)
            if found.reason:
                made.append(OpenName(name, count, _meant(name, catalogue)))
    once = {found.name: found for found in reversed(made)}
    return tuple(sorted(once.values(), key=lambda found: (-found.count, found.name)))


def _meant(name: str, catalogue: Catalogue) -> tuple[str, ...]:
    """Return the analytes that a name may mean, or whose names are nearest."""
    entry = catalogue.names.get(fold_name(name))
    if entry and entry.candidates:
        return entry.candidates
    near = (catalogue.names[fold_name(word)].analyte_id for word in catalogue.suggest(name, 9))
    return tuple(dict.fromkeys(near))[:3]


def unitless_names(sections: Sequence[Section], catalogue: Catalogue) -> tuple[str, ...]:
    """Return the names of results that have no unit in the file or in the profile."""
    made: dict[str, None] = {}
    for section in sections:
        if section.profile is None or "unit" in section.profile.defaults:
            continue
        rows = section.positions.filter(pl.col("value").is_not_null() & pl.col("unit").is_null())
        for name, code in rows.select("name", "code").unique(maintain_order=True).iter_rows():
            found = resolve_name(name, code, section.profile, catalogue)
            analyte = catalogue.analytes.get(found.analyte_id or "")
            if analyte and resolve_unit(None, analyte, section.profile, catalogue).reason == "missing_unit":
                made.setdefault(name)
    return tuple(made)
