"""CDISC Dataset-JSON (1.0, 1.1, and the form of one row a line) as one sheet."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from recal_labs.ingest.sheets import Sheet

# Every version says what it is near its beginning.
_SAYS = ("datasetJSONVersion", "clinicalData", "referenceData")
LOOKED_AT = 4000


def read_dataset_json(text: str) -> Sheet | None:
    """Read a Dataset-JSON; None where the text is none.

    Examples
    --------
    >>> text = '{"datasetJSONVersion": "1.1.0", "name": "LB", "columns": [{"name": "LBORRES"}], "rows": [["5"]]}'
    >>> read_dataset_json(text).rows
    [['LBORRES'], ['5']]
    >>> read_dataset_json("patient,analyte") is None
    True
    """
    begin = text[:LOOKED_AT].lstrip("\ufeff \t\r\n")
    if not begin.startswith("{") or not any(f'"{word}"' in begin for word in _SAYS):
        return None
    try:
        return _whole(json.loads(text))
    except (ValueError, RecursionError):
        return _by_line(text)


def _whole(content: Any) -> Sheet | None:
    if not isinstance(content, Mapping):
        return None
    if isinstance(content.get("columns"), list):
        return _sheet(content, content.get("rows") or [])
    for kind in ("clinicalData", "referenceData"):
        groups = content[kind].get("itemGroupData") if isinstance(content.get(kind), Mapping) else None
        for group in groups.values() if isinstance(groups, Mapping) else ():
            if isinstance(group, Mapping) and isinstance(group.get("items"), list):
                named = {"columns": group["items"], "name": group.get("name")}
                return _sheet(named, group.get("itemData") or [])
    return None


def _by_line(text: str) -> Sheet | None:
    """Read the form of which the first line describes the columns and each other line is a row."""
    first, _, rest = text.lstrip("\ufeff").partition("\n")
    try:
        head = json.loads(first)
        rows = [json.loads(line) for line in rest.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return None
    return _sheet(head, rows) if isinstance(head, Mapping) and isinstance(head.get("columns"), list) else None


def _sheet(head: Mapping[str, Any], rows: Sequence[Any]) -> Sheet | None:
    names = [str(column.get("name", "")) for column in head["columns"] if isinstance(column, Mapping)]
    if not names or not all(isinstance(row, list) for row in rows):
        return None
    cells = [[cell if isinstance(cell, str | int | float | bool) else None for cell in row] for row in rows]
    return Sheet(str(head.get("name") or "data"), [names, *cells])
