"""Read the files of a catalogue folder as text, and say what is wrong with a file as a whole or with a line of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from recal_labs.errors import CatalogueError, FileProblem, nearest
from recal_labs.storage import sha256_of

# Columns that each file must have; unverified.csv is carried for readers and never loaded.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "analytes": (
        "id",
        "name",
        "abbreviation",
        "family",
        "formula",
        "molar_mass_g_per_mol",
        "amount_unit",
        "fraction_matters",
        "source_id",
    ),
    "names": ("name", "analyte_id", "fraction", "candidates", "note"),
    "units": ("spelling", "ucum", "case", "only_for"),
    "unit_parts": ("part", "spelling", "ucum"),
    "unit_readings": ("ucum", "basis", "substance", "scale", "per"),
    "loinc": ("analyte_id", "loinc", "component", "property", "time", "example_ucum_unit", "source_id"),
    "loinc_context": ("loinc", "meaning"),
    "reference_intervals": (
        "analyte_id",
        "specimen",
        "basis",
        "sex",
        "age_low_years",
        "age_high_years",
        "lower",
        "upper",
        "unit",
        "method",
        "fraction",
        "kind",
        "condition",
        "source_id",
        "note",
    ),
    "sources": ("source_id", "title", "publisher", "year", "url_or_doi", "quality_grade", "quality"),
    "result_words": ("word", "meaning", "language"),
    "specimen_words": ("word", "specimen"),
    "interferences": ("analyte_id", "interferent", "direction", "source_id"),
    "biological_variation": ("analyte_id", "specimen", "CVI_percent", "CVG_percent", "CVA_percent", "source_id"),
    "reliability_statistics": ("analyte_id", "specimen", "statistic", "value", "source_id"),
    "observed_means": ("analyte_id", "specimen", "mean_or_median", "unit", "source_id"),
    "ratios": (
        "ratio_id",
        "name",
        "numerator",
        "denominator",
        "meaning",
        "support",
        "source_id",
        "claim_ids",
        "caveat",
    ),
    "interferent_words": ("word", "means", "scope", "source_id"),
    "preanalytical": (
        "analyte_id",
        "factor",
        "condition",
        "preserved",
        "low",
        "high",
        "unit",
        "verdict",
        "direction",
        "source_id",
    ),
    "handling_words": ("word", "factor", "means"),
    "completeness": ("measure", "sex", "age_low_years", "age_high_years", "lower", "upper", "unit", "source_id"),
}
# Columns that a file may have besides: carried for readers. Any other one is a fault, for it may be a mis-spelt one.
CARRIED: Mapping[str, tuple[str, ...]] = {
    "analytes": ("parent_pathway", "cas", "hmdb_id", "pubchem_cid", "typical_urine_unit"),
    "loinc": ("system", "scale", "loinc_property", "status"),
    "loinc_context": ("example_ucum_unit", "source_id"),
    "sources": ("accessed", "role"),
    "interferences": ("mechanism", "washout_days", "interferent_kind"),
    "biological_variation": ("basis",),
    "reliability_statistics": ("interval",),
    "observed_means": ("basis", "population", "n", "spread", "spread_kind"),
}
# A lab's own folder may leave these out; a column left out, or an empty cell of one, means the word beside it.
DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "analytes": {"abbreviation": "", "family": "", "fraction_matters": "no"},
    "names": {"fraction": "", "candidates": ""},
    "units": {"case": "", "only_for": ""},
    "reference_intervals": {"fraction": "unspecified", "method": "", "condition": ""},
    "result_words": {"language": ""},
    "ratios": {"claim_ids": ""},
    "interferences": {"mechanism": "", "washout_days": "", "interferent_kind": ""},
    "interferent_words": {"scope": ""},
    "preanalytical": {"preserved": "", "low": "", "high": "", "unit": "", "direction": ""},
}
NOTE = {"note": ""}
NOT_LOADED = "unverified"
# Made from the units themselves; a wrong scale in a folder of one's own would change numbers without a word.
MADE = "unit_readings"
SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "strokes"}


@dataclass
class Loaded:
    """The rows of every file, each with `_at` (file and line) and `_line`; the SHA-256 of each file; all faults."""

    rows: dict[str, list[dict[str, str]]] = field(default_factory=lambda: {table: [] for table in COLUMNS})
    files: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


def csv_files(folder: Path) -> list[Path]:
    """Return what is called .csv in a folder, whatever it is; hidden files are an editor's own."""
    try:
        return sorted(p for p in folder.iterdir() if p.suffix.lower() == ".csv" and not p.name.startswith("."))
    except OSError as err:
        raise FileProblem(
            folder, f"it cannot be read ({err.strerror})", "a catalogue folder", "check the path"
        ) from err


def read_folders(home: Path, extra: Path | None = None) -> Loaded:
    """Read a whole catalogue, and a study's or a lab's own folder with any of its files.

    Messages call a file by its folder and name, so that the two folders are told apart.

    Raises
    ------
    CatalogueError
        When a folder lacks files; nothing else of it is judged then.
    """
    loaded = Loaded()
    for folder in (home, extra):
        if folder is None:
            continue
        whole = folder is home
        # Two folders may have the same name; the one above tells a study's own apart.
        called = folder.name if whole else f"{folder.parent.name}/{folder.name}"
        present = {path.name: path for path in csv_files(folder)}
        _check_folder(called, set(present), whole=whole)
        for table in COLUMNS:
            if path := present.get(f"{table}.csv"):
                place = f"{called}/{path.name}"
                before = len(loaded.faults)
                rows = list(_read(path, table, place, loaded.faults, whole=whole))
                loaded.rows[table] += rows
                if len(loaded.faults) == before:
                    loaded.files[path.name if whole else f"{folder.name}/{path.name}"] = sha256_of(path)
    return loaded


def _check_folder(called: str, present: set[str], *, whole: bool) -> None:
    known = [f"{table}.csv" for table in (*COLUMNS, NOT_LOADED)]
    faults = [
        f"{called}/{name}: the catalogue has no such file.{nearest(name, known)}"
        for name in sorted(present)
        if name not in known
    ]
    if not whole and f"{MADE}.csv" in present:
        faults.append(f"{called}/{MADE}.csv: it is made, not written; the package reads units of your own by itself")
    missing = [name for name in known[:-1] if name not in present]
    if whole:
        faults += [f"{called}/{name}: the file is missing; a whole catalogue has it" for name in missing]
    elif len(missing) == len(COLUMNS) and not faults:
        faults = [f"{called}: it holds no catalogue file; expected one or more of {', '.join(missing)}"]
    if faults:
        raise CatalogueError(f"The catalogue folder {called} cannot be used", faults)


def _text(path: Path, called: str, faults: list[str]) -> str:
    """Return the text of a file, or an empty one and a fault."""
    try:
        data = path.read_bytes()
    except OSError as err:
        what = "a folder" if path.is_dir() else "a link to nothing" if path.is_symlink() else f"closed ({err.strerror})"
        faults.append(f"{called}: it is {what}; expected a CSV file")
        return ""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as err:
        line = data[: err.start].count(b"\n") + 1
        faults.append(f"{called}:{line}: it is not UTF-8 ({err.reason}); save the file as UTF-8")
        return ""
    if not text.strip():
        faults.append(f"{called}:1: the file is empty; expected a line of column names")
        return ""
    return text


def _lines(text: str, called: str, faults: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and cells of every row that stands on one line and is not blank."""
    # newline="": a line break inside quotes stays what it is, so that it can be refused.
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    last = 0
    try:
        for cells in reader:
            line, last = last + 1, reader.line_num
            if last != line:
                faults.append(f"{called}:{line}: the quotes of this row span {last - line + 1} lines; a fact has one")
            elif cells:
                yield line, cells
    except csv.Error as err:
        faults.append(f"{called}:{last + 1}: the quotes of this row do not match ({err})")


def _read(path: Path, table: str, called: str, faults: list[str], *, whole: bool) -> Iterator[dict[str, str]]:
    """Yield the rows of one file; what is wrong goes to `faults`."""
    lines = _lines(_text(path, called, faults), called, faults)
    line, header = next(lines, (0, []))
    if wrong := list(_header_faults(header, table, f"{called}:{line}", whole=whole)) if header else []:
        faults += wrong
        return
    for line, cells in lines:
        if len(cells) != len(header):
            faults.append(f"{called}:{line}: the row has another number of fields ({len(cells)}) than the header")
            continue
        row = {**NOTE, **dict(zip(header, cells, strict=True)), "_at": f"{called}:{line}", "_line": str(line)}
        for column, word in DEFAULTS.get(table, {}).items():
            row[column] = row.get(column) or word
        yield row


def _header_faults(header: list[str], table: str, at: str, *, whole: bool) -> Iterator[str]:
    expected = COLUMNS[table]
    known = (*expected, *CARRIED.get(table, ()), *NOTE)
    if len(header) == 1 and (mark := next((m for m in SEPARATORS if m in header[0]), None)):
        yield f"{at}: the columns are separated by {SEPARATORS[mark]}; save the file with commas"
        return
    left_out = () if whole else (*DEFAULTS.get(table, ()), *NOTE)
    for column in expected:
        if column not in header and column not in left_out:
            yield f"{at}: no column {column}"
    for place, column in enumerate(header, 1):
        if not column.strip():
            yield f"{at}: column {place} has no name"
        elif column not in known:
            hint = " Spellings stand in names.csv." if "synonym" in column else nearest(column, known)
            yield f"{at}: unknown column {column!r}.{hint}"
        elif column in header[: place - 1]:
            yield f"{at}: column {column} stands twice"
