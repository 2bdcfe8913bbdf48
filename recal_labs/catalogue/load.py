"""Load the catalogue from its folder, check it, and say every fault at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from recal_labs.catalogue.checks import all_faults
from recal_labs.catalogue.files import data_folder
from recal_labs.catalogue.names import fold_name, fold_unit, fold_word
from recal_labs.catalogue.ratios import make_ratios
from recal_labs.catalogue.rows import (
    NAN,
    Analyte,
    Catalogue,
    CollectionLimit,
    Interval,
    LoincEntry,
    NameEntry,
    ResultWord,
    Source,
    TabledUnit,
)
from recal_labs.catalogue.tables import csv_files, read_folders
from recal_labs.catalogue.unit_spellings import read_spellings
from recal_labs.errors import CatalogueError, FileProblem


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


def _collection_limits(tables: Mapping[str, list[dict[str, str]]]) -> tuple[CollectionLimit, ...]:
    return tuple(
        CollectionLimit(
            measure=row["measure"],
            sex=row["sex"],
            age_low=_number(row["age_low_years"]),
            age_high=_number(row["age_high_years"]),
            lower=_number(row["lower"]),
            upper=_number(row["upper"]),
            unit=row["unit"],
            source_id=row["source_id"],
        )
        for row in tables["completeness"]
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
    spellings = read_spellings(tables["units"], tables["unit_parts"])
    digest = hashlib.sha256("".join(f"{name}{files[name]}" for name in sorted(files)).encode()).hexdigest()
    return Catalogue(
        analytes=_analytes(tables),
        names=_names(tables),
        # UCUM codes are spellings of themselves.
        units={fold_unit(code): code for code in spellings.codes()}
        | {fold_unit(row["spelling"]): row["ucum"] for row in tables["units"] if not row["case"]},
        spellings=spellings,
        unit_readings={
            row["ucum"]: TabledUnit(row["ucum"], row["basis"], row["substance"], float(row["scale"]), row["per"])
            for row in tables["unit_readings"]
        },
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
        interferent_words=tuple(tables["interferent_words"]),
        preanalytical=tuple(tables["preanalytical"]),
        handling_words=tuple(tables["handling_words"]),
        biological_variation=tuple(tables["biological_variation"]),
        reliability=tuple(tables["reliability_statistics"]),
        observed_means=tuple(tables["observed_means"]),
        completeness=_collection_limits(tables),
        ratios=make_ratios(tables["ratios"]),
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
        A study's or a lab's own folder with one or more of the files; its rows are added.

    Returns
    -------
    Catalogue

    Raises
    ------
    FileProblem
        When a folder does not exist.
    CatalogueError
        Naming every fault with folder, file and line: a file that is missing, empty or unknown, an unknown column, an
        id or spelling that is not unique, a limit that does not rise, a unit that nothing converts, an unknown source
        or analyte, overlapping age bands, a molar mass that disagrees with its formula.

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
    stamps = []
    for path in (path for place in folders for path in csv_files(place)):
        try:
            stat = path.stat()
            stamps.append((str(path), stat.st_mtime_ns, stat.st_size))
        except OSError:
            # A link to nothing: reading it says so.
            stamps.append((str(path), 0, -1))
    return tuple(stamps)


@lru_cache(maxsize=8)
def _load(folders: tuple[Path, ...], stamp: tuple[tuple[str, int, int], ...]) -> Catalogue:
    loaded = read_folders(*folders)
    # A file that cannot be read makes every reference to it a fault too: those would hide the one that matters.
    if faults := loaded.faults or all_faults(loaded.rows):
        raise CatalogueError("The catalogue cannot be used", faults)
    return _build(loaded.rows, loaded.files)
