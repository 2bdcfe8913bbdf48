"""Load the catalogue from its folder, check it, and say every fault at once."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from recal_labs.catalogue.checks import all_faults
from recal_labs.catalogue.files import data_folder
from recal_labs.catalogue.names import fold_name, fold_unit, fold_word
from recal_labs.catalogue.rows import NAN, Analyte, Catalogue, Interval, LoincEntry, NameEntry, ResultWord, Source
from recal_labs.errors import CatalogueError, FileProblem
from recal_labs.storage import sha256_of

# Columns that each file must have; unverified.csv is carried for readers and never loaded.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "analytes": ("id", "name", "abbreviation", "family", "formula", "molar_mass_g_per_mol", "amount_unit", "source_id"),
    "names": ("name", "analyte_id", "fraction", "candidates", "note"),
    "units": ("spelling", "ucum"),
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
}
# A lab's own folder may hold any of the files; these columns may be left out of it.
OPTIONAL = {"abbreviation": "", "family": "", "fraction_matters": "no", "fraction": "", "candidates": "", "note": ""}


def _read(path: Path, table: str, called: str) -> Iterator[dict[str, str]]:
    """Yield the rows of one file, each with its file and line; `called` is what messages call the file."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as err:
        raise FileProblem(path, f"it is not UTF-8 ({err.reason})", "a UTF-8 CSV", "save it as UTF-8") from err
    reader = csv.DictReader(text.splitlines())
    missing = [c for c in COLUMNS[table] if c not in (reader.fieldnames or ()) and c not in OPTIONAL]
    if missing:
        raise CatalogueError(f"The catalogue file {called}", [f"{called}:1: no column {c}" for c in missing])
    for row in reader:
        at = f"{called}:{reader.line_num}"
        if None in row or None in row.values():
            raise CatalogueError(f"The catalogue file {called}", [f"{at}: the row has another number of fields"])
        yield {**OPTIONAL, **row, "_at": at, "_line": str(reader.line_num)}


def _tables(folders: tuple[Path, ...]) -> tuple[dict[str, list[dict[str, str]]], dict[str, str]]:
    tables: dict[str, list[dict[str, str]]] = {table: [] for table in COLUMNS}
    files: dict[str, str] = {}
    for place, folder in enumerate(folders):
        for table in COLUMNS:
            path = folder / f"{table}.csv"
            if path.exists():
                called = path.name if place == 0 else f"{folder.name}/{path.name}"
                tables[table] += _read(path, table, called)
                files[called] = sha256_of(path)
    return tables, files


def _number(text: str) -> float:
    return float(text) if text else NAN


def _analytes(tables: Mapping[str, list[dict[str, str]]]) -> dict[str, Analyte]:
    return {
        row["id"]: Analyte(
            id=row["id"],
            name=row["name"],
            abbreviation=row["abbreviation"],
            family=row["family"],
            formula=row["formula"],
            molar_mass=_number(row["molar_mass_g_per_mol"]),
            amount_unit=row["amount_unit"],
            fraction_matters=row["fraction_matters"] == "yes",
            source_ids=tuple(row["source_id"].split("|")),
            note=row["note"],
        )
        for row in tables["analytes"]
    }


def _names(tables: Mapping[str, list[dict[str, str]]]) -> dict[str, NameEntry]:
    """Return every spelling; the id and the name of an analyte are spellings of it unless something else says so."""
    found = {
        fold_name(row["name"]): NameEntry(
            row["name"],
            row["analyte_id"],
            row["fraction"] or "unspecified",
            tuple(c for c in row["candidates"].split("|") if c),
            row["note"],
        )
        for row in tables["names"]
    }
    for row in tables["analytes"]:
        for spelling in (row["id"], row["name"]):
            found.setdefault(fold_name(spelling), NameEntry(spelling, row["id"]))
    return found


def _intervals(tables: Mapping[str, list[dict[str, str]]], sources: Mapping[str, Source]) -> tuple[Interval, ...]:
    return tuple(
        Interval(
            analyte_id=row["analyte_id"],
            specimen=row["specimen"],
            basis=row["basis"],
            sex=row["sex"],
            age_low=_number(row["age_low_years"]),
            age_high=_number(row["age_high_years"]),
            lower=_number(row["lower"]),
            upper=_number(row["upper"]),
            unit=row["unit"],
            method=row["method"],
            kind=row["kind"],
            source_id=row["source_id"],
            note=row["note"],
            condition=row["condition"],
            fraction=row["fraction"] or "unspecified",
            quality=sources[row["source_id"]].grade,
            line=int(row["_line"]),
        )
        for row in tables["reference_intervals"]
    )


def _build(tables: Mapping[str, list[dict[str, str]]], files: Mapping[str, str]) -> Catalogue:
    sources = {
        row["source_id"]: Source(
            row["source_id"],
            row["title"],
            row["publisher"],
            row["year"],
            row["url_or_doi"],
            row["quality"],
            row["quality_grade"],
        )
        for row in tables["sources"]
    }
    digest = hashlib.sha256("".join(f"{name}{files[name]}" for name in sorted(files)).encode()).hexdigest()
    return Catalogue(
        analytes=_analytes(tables),
        names=_names(tables),
        # UCUM codes are spellings of themselves.
        units={fold_unit(row["ucum"]): row["ucum"] for row in tables["units"]}
        | {fold_unit(row["spelling"]): row["ucum"] for row in tables["units"]},
        loinc={
            row["loinc"]: LoincEntry(
                row["loinc"],
                row["analyte_id"],
                row["component"],
                row["property"],
                row["time"],
                row["example_ucum_unit"],
            )
            for row in tables["loinc"]
        },
        loinc_context={row["loinc"]: row["meaning"] for row in tables["loinc_context"]},
        intervals=_intervals(tables, sources),
        sources=sources,
        words={
            fold_word(row["word"]): ResultWord(row["word"], row["meaning"], row["language"])
            for row in tables["result_words"]
        },
        specimen_words={fold_name(row["word"]): row["specimen"] for row in tables["specimen_words"]},
        interferences=tuple(tables["interferences"]),
        biological_variation=tuple(tables["biological_variation"]),
        reliability=tuple(tables["reliability_statistics"]),
        observed_means=tuple(tables["observed_means"]),
        files=dict(files),
        version=digest[:12],
    )


def load_catalogue(folder: Path | str | None = None, *, extra: Path | str | None = None) -> Catalogue:
    """Load and check the catalogue.

    Parameters
    ----------
    folder : path, optional
        Folder with all its files. Default: the one that comes with the package.
    extra : path, optional
        A study's or a lab's own folder with any of the files; its rows are added.

    Returns
    -------
    Catalogue

    Raises
    ------
    FileProblem
        When a folder does not exist.
    CatalogueError
        Naming every fault with file and line: an id or spelling that is not unique, a limit that does not rise, an
        unknown source or analyte, overlapping age bands, a molar mass that disagrees with its formula.

    Examples
    --------
    >>> catalogue = load_catalogue()
    >>> catalogue.analytes["hva"].name, catalogue.find_unit("µg/g Krea")
    ('Homovanillic acid', 'ug/g{creat}')
    """
    home = Path(folder) if folder else data_folder("reference_ranges")
    folders = tuple(Path(place).resolve() for place in (home, extra) if place)
    for place in folders:
        if not place.is_dir():
            raise FileProblem(place, "there is no such folder", "a catalogue folder", "check the path")
    return _load(folders, _stamp(folders))


def _stamp(folders: tuple[Path, ...]) -> tuple[tuple[str, int, int], ...]:
    """Return what changes when a file is edited, so that an edit is seen without a new process."""
    stats = [(path, path.stat()) for place in folders for path in sorted(place.glob("*.csv"))]
    return tuple((str(path), stat.st_mtime_ns, stat.st_size) for path, stat in stats)


@lru_cache(maxsize=8)
def _load(folders: tuple[Path, ...], stamp: tuple[tuple[str, int, int], ...]) -> Catalogue:
    tables, files = _tables(folders)
    if faults := all_faults(tables):
        raise CatalogueError("The catalogue cannot be used", faults)
    return _build(tables, files)
