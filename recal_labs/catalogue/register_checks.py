"""What must be true of the ids of the evidence register: each stands once, and every source that is named exists."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

# The id of each file of the register; what a claim says is checked where claims are read.
IDS = {"sources": "source_id", "effects": "effect_id", "positions": "position_id", "claims": "claim_id"}


def register_faults(folder: Path) -> Iterator[str]:
    """Yield every id that is empty or stands twice, and every source that a row names and that does not exist.

    It reads the files, not what was made of them: a second source with the same id would have replaced the first.
    """
    rows = {name: list(_rows(folder / f"{name}.csv")) for name in IDS}
    sources = {row["source_id"] for _, row in rows["sources"]}
    for name, key in IDS.items():
        first: dict[str, str] = {}
        for at, row in rows[name]:
            if not row[key]:
                yield f"{at}: {key} is empty"
            elif row[key] in first:
                yield f"{at}: {key} {row[key]} is not unique: it stands at {first[row[key]]} too"
            first.setdefault(row[key], at)
            if row["source_id"] not in sources:
                yield f"{at}: unknown source {row['source_id']!r}"


def _rows(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    with open(path, newline="", encoding="utf-8") as handle:
        reader = csv.DictReader(handle, strict=True)
        for row in reader:
            yield f"{path.name}:{reader.line_num}", row
