"""Write docs/formats.md: what is read and how, and what became of every public file in tests/fixtures."""

from collections import Counter
from pathlib import Path

from recal_labs.errors import RecalLabsError
from recal_labs.ingest import read_panel

ROOT = Path(__file__).parents[1]
FIXTURES = ROOT / "tests" / "fixtures"
PAGE = ROOT / "docs" / "formats.md"
# Printed reports and expected parses that lie beside other files.
BESIDE = ("README.md",)

FORMATS = (
    (
        "format",
        "told by",
        "read with",
        "what is read of it",
    ),
    (
        "delimited text, one row a result or one column an analyte",
        "a header within 60 lines, alone or stacked over up to 5 rows",
        "own layout detection, then Polars",
        "`,` `;` tab or `\\|`; title lines, legends, unit rows, units in the header; UTF-8, UTF-16 "
        "with and without its mark, Windows-1252",
    ),
    (
        "Excel (xlsx, xls) and ODS",
        "its first bytes",
        "python-calamine",
        "every sheet by itself; header rows further down; merged headers and merged ids; dates of "
        "both epochs; sheets that are no panel are `other_content`",
    ),
    (
        "HL7 v2 ORU^R01",
        "MSH, FHS or BHS",
        "own splitter",
        "single messages, batches, many messages without a batch; separators from each MSH; MSH-18",
    ),
    (
        "FHIR R4 and R5",
        "`resourceType`",
        "own walk over exact decimals",
        "Bundle, one resource, one resource a line; comparator, dataAbsentReason, component, "
        "valueRatio, several ranges",
    ),
    (
        "OMOP `measurement`",
        "its column names",
        "profile `omop_measurement`",
        "operator, limits in two columns, the verbatim text where the number is empty or lost its sign",
    ),
    (
        "CDISC LB (CSV, SAS transport, Dataset-JSON 1.0, 1.1 and by line)",
        "its column names",
        "profile `cdisc_lb`; pyreadstat",
        "what was collected before what was standardised, `NOT DONE`, partial dates",
    ),
    (
        "survey files with comment codes",
        "a profile of yours",
        "Polars; pyreadstat for SAS transport",
        "a value at the limit divided by root 2 is censored again",
    ),
)

HEAD = """# Formats

Made by `make tables`; do not edit the tables here. What a file is is told from its content, never from its name.
`rl.read_panel(path)` and `recal-labs normalise` read all of these; `recal-labs inspect FILE` says what a file is.
"""

REST = """
PDF is refused with that sentence.

## How a table's own writing is found out

A profile of your own declares it and is believed. The shipped profiles only say what is usual, so the file is asked:

- **Decimal mark**, column by column: `12,5`, `0,530` and `1.234,5` can only have a decimal comma, `12.5` only a point.
  A column without such numbers goes by the file. `1.530` and `1,530`, which may be either, are refused
  (`ambiguous_number`) where nothing tells or the column holds both kinds. In a comma-separated text the point is the
  decimal mark.
- **Dates**: ISO forms, points (day first), names of months. `05/06/2021` is read only where another date of its column
  has a number above 12 in one place.
- **Kind of specimen**: as the file says; where it says nothing, as the time of a known LOINC code does (24H, Pt).

## Every public file

Files by others (licences in tests/fixtures/README.md). Most hold nothing of this panel: they are there to be counted.
Positions = results + rejects + no_result; a test counts the positions again by plain splitting.
"""


def counted(path: Path) -> tuple[str, int, int, str, str]:
    """Return profile, positions, results, rejects by reason and no_result by reason of a file."""
    (record,) = (read := read_panel([path])).files
    empty = Counter(read.no_result["reason"])
    return (
        record.profile or "none",
        record.positions,
        record.results,
        _listed(record.rejects_by_reason),
        _listed(empty),
    )


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{reason} {n}" for reason, n in sorted(counts.items())) or "0"


def fixtures() -> list[Path]:
    """Return every public file, in order."""
    return sorted(path for path in FIXTURES.rglob("*") if path.is_file() and path.name not in BESIDE)


def page() -> str:
    """Return docs/formats.md."""
    head, *known = (f"| {' | '.join(row)} |" for row in FORMATS)
    lines = [
        HEAD,
        head,
        "|---|---|---|---|",
        *known,
        "",
        REST,
        "| file | profile | positions | results | rejects | no_result |",
        "|---|---|---|---|---|---|",
    ]
    for path in fixtures():
        name = path.relative_to(FIXTURES).as_posix()
        if name.startswith("found/"):
            continue
        lines.append("| " + " | ".join([name, *map(str, counted(path))]) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    try:
        PAGE.write_text(page(), encoding="utf-8", newline="\n")
    except RecalLabsError as err:
        raise SystemExit(str(err)) from err
