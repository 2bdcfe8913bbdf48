"""Write docs/tables.md from recal_labs/columns.py, where every table's columns stand once."""

from pathlib import Path

from recal_labs.columns import TABLES, Table, codebook

HEAD = """# The tables

Made by `make tables` from recal_labs/columns.py; do not edit here. `recal-labs codebook NAME` prints one of them. Units
are UCUM codes. A missing value is an empty cell in CSV and null in Parquet.
"""


def _cell(text: str) -> str:
    return text.replace("|", "\\|") or " "


def section(table: Table) -> str:
    """Return one table as Markdown: what it is, then a row a column."""
    lines = [f"## {table.name}", "", f"One row is {table.row}.", ""]
    lines += ["| column | kind | unit | meaning | values |", "|---|---|---|---|---|"]
    for row in codebook(table):
        required = " (required)" if row["column"] in table.required else ""
        cells = (f"`{row['column']}`{required}", row["kind"], row["unit"], row["meaning"], row["values"])
        lines.append("| " + " | ".join(map(_cell, cells)) + " |")
    return "\n".join(lines) + "\n"


def page() -> str:
    """Return docs/tables.md."""
    return "\n".join([HEAD, *(section(table) for table in TABLES.values())])


if __name__ == "__main__":
    (Path(__file__).parent / "tables.md").write_text(page(), encoding="utf-8", newline="\n")
