"""The table of a file that most columns are told of, what it is, and what else the file holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from recal_labs.catalogue import Catalogue, fold_name
from recal_labs.errors import FileProblem
from recal_labs.ingest.choose import choose_profile
from recal_labs.ingest.column_guess import ColumnGuess, guess_long, guess_wide, is_wide
from recal_labs.ingest.containers import Content
from recal_labs.ingest.likely_table import LikelyTable, likely_table
from recal_labs.ingest.profiles import Profile, load_profile
from recal_labs.ingest.sheets import Sheet, sheet_records
from recal_labs.ingest.wide import split_header
from recal_labs.vocabulary import SPECIMENS

# What a container is called, and how it is read.
KINDS = {
    "xlsx": "an Excel workbook, read sheet by sheet",
    "xls": "an Excel workbook of the old kind, read sheet by sheet",
    "ods": "an OpenDocument workbook, read sheet by sheet",
    "xpt": "a SAS transport file, read as one table",
    "dataset-json": "a CDISC Dataset-JSON file, read as one table",
}
MARK_NAMES = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


@dataclass(frozen=True, eq=False)
class FoundTable:
    """The most telling table of a file, with what its columns are taken for."""

    table: LikelyTable
    guesses: list[ColumnGuess]
    extends: Profile
    layout: str
    notes: list[str] = field(default_factory=list)

    @property
    def told(self) -> int:
        """How many columns are one of the fields."""
        return sum(bool(guess.field) for guess in self.guesses)

    def has(self, field: str) -> bool:
        """Whether a column was told to be a field."""
        return field in {guess.field for guess in self.guesses}

    def says(self, field: str) -> bool:
        """Whether a field is told by a column, or by the cells of a wide table's analytes."""
        return self.has(field) or (field == "value" and self.layout == "wide")

    def unit(self, catalogue: Catalogue) -> str:
        """Return the unit of every value, where the header of a long table's values holds it; else nothing."""
        values = [guess.name for guess in self.guesses if guess.field == "value"]
        if self.layout != "long" or self.has("unit") or not values:
            return ""
        printed = split_header(values[0], catalogue)[1]
        return printed if printed and catalogue.find_unit(printed) else ""

    def specimen_above(self, catalogue: Catalogue) -> str:
        """Return the first cell above the table that names a specimen of urine; nothing where there is none."""
        named = (cell for cell in self.table.above if catalogue.specimen_words.get(fold_name(cell), "") in SPECIMENS)
        return next(named, "")


def shipped_profile_of(source: str | Sheet, name: str, catalogue: Catalogue) -> Profile | None:
    """Return the shipped profile that reads a source; None where none does."""
    try:
        return choose_profile(source, name, (), catalogue)
    except FileProblem:
        return None


def _look_at(source: str | Sheet, name: str, catalogue: Catalogue) -> FoundTable | None:
    base = shipped_profile_of(source, name, catalogue)
    table = likely_table(source, base or load_profile("generic_long"), catalogue)
    if table is None:
        return None
    layout = base.layout if base else "wide" if is_wide(table, catalogue) else "long"
    extends = base or load_profile(f"generic_{layout}")
    guess = guess_wide if layout == "wide" else guess_long
    return FoundTable(table, guess(table, extends, catalogue), extends, layout)


def most_telling(content: Content, name: str, catalogue: Catalogue) -> FoundTable:
    """Return the table that most columns are told of; the other sheets are named in its notes."""
    sources = [content.text] if content.text is not None else list(content.sheets)
    looked = [(source, _look_at(source, name, catalogue)) for source in sources]
    tables = [(source, found) for source, found in looked if found is not None]
    if not tables:
        raise FileProblem(
            name,
            "no table was found in it: no row has another with as many cells below it",
            "a header line and rows below it, separated by comma, semicolon, tab or bar, or a sheet",
            "open it in an editor and look what separates its cells",
        )
    best, found = max(tables, key=lambda pair: pair[1].told)
    for source, other in looked:
        if source is not best and isinstance(source, Sheet) and any(any(r.fields) for r in sheet_records(source, 60)):
            same = other is not None and other.table.header == found.table.header
            said = "has the same columns and is read as well" if same else "has other columns and is not looked at here"
            found.notes.append(f"The sheet {source.name!r} {said}.")
    if isinstance(best, Sheet) and len(content.sheets) > 1:
        found.notes.insert(0, f"The columns are those of the sheet {best.name!r}.")
    return found


def kind_of(content: Content, found: FoundTable) -> str:
    """Return what a file is, where its header stands, and whether a row or a cell is a result."""
    table = found.table
    rows = f"row {table.first}" if table.first == table.last else f"rows {table.first} to {table.last}"
    one = {"long": "one row a result", "wide": "one column an analyte"}[found.layout]
    what = KINDS.get(content.encoding)
    if what is None:
        what = f"a table in text ({content.encoding}), its cells separated by {MARK_NAMES.get(table.delimiter, '')}"
    return f"{what}; its header is in {rows}; {one}"
