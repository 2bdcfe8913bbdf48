"""What is said of a table that no profile reads: which columns are known, which are missing, what may be meant."""

from __future__ import annotations

from collections.abc import Sequence

from recal_labs.catalogue import suggest
from recal_labs.errors import FileProblem
from recal_labs.ingest.grid import DELIMITERS, HEADER_WITHIN, text_records
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.profiles import load_profile
from recal_labs.ingest.sheets import Sheet, sheet_records

# One row a result cannot do without these.
ESSENTIAL = {"subject_id": "a subject", "analyte": "an analyte", "value": "a value"}
SHOWN = 8


def _spellings() -> dict[str, str]:
    """Return the folded spelling of each column that the generic long profile knows, with its field."""
    columns = load_profile("generic_long").columns
    return {fold_label(word): field for field, words in columns.items() for word in words}


def _likely_header(source: str | Sheet) -> list[str]:
    """Return the record of the first lines that holds most known column names."""
    known = _spellings()
    if isinstance(source, Sheet):
        tables = [sheet_records(source, HEADER_WITHIN)]
    else:
        lines = source.split("\n", HEADER_WITHIN)[:HEADER_WITHIN]
        tables = [text_records(lines, mark) for mark in DELIMITERS]
    rows = [record.fields for records in tables for record in records if len(record.fields) > 1]
    return max(rows, key=lambda row: sum(fold_label(cell) in known for cell in row), default=[])


def unknown_table(source: str | Sheet, name: str) -> FileProblem:
    """Return the problem of a file whose content no shipped profile reads."""
    header, known = [cell.strip() for cell in _likely_header(source)], _spellings()
    fields = {known[fold_label(cell)]: cell for cell in header if fold_label(cell) in known}
    if not fields:
        return FileProblem(
            name,
            "its content fits none of the shipped profiles",
            "HL7 v2, FHIR, or a table with a header line that names its columns",
            "map its columns in a profile; recal-labs inspect FILE writes one to begin with",
        )
    unused = [cell for cell in header if cell and fold_label(cell) not in known]
    missing = [what for field, what in ESSENTIAL.items() if field not in fields]
    found = f"it has the columns {_listed(list(fields.values()))}, but none for {' or '.join(missing)}"
    if not missing:
        found = "its content fits none of the shipped profiles"
    hints = [f"{cell!r} is used by nothing{_meant(cell, known)}" for cell in unused[:SHOWN]]
    return FileProblem(
        name,
        "; ".join([found, *hints]),
        "one row a result with a subject, an analyte and a value, or one column an analyte",
        "mend the header, or map its columns in a profile; recal-labs inspect FILE writes one to begin with",
    )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:SHOWN]))


def _meant(cell: str, known: dict[str, str]) -> str:
    near = suggest(fold_label(cell), sorted(known))
    return f", did you mean {near[0]!r}?" if near else ""
