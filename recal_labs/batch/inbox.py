"""A lab's inbox: any mix of files and folders in, one clean table out, safe to run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from recal_labs.batch.examples import Example, examples_of
from recal_labs.batch.files import ABOUT_PEOPLE, OUTPUTS, PARTS, InboxFile, find_files, is_folder
from recal_labs.batch.parts import Part, gather, originals_of, scan, take_part
from recal_labs.batch.people import Details, read_details
from recal_labs.batch.ways import Ways, read_ways
from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.choices import Choices
from recal_labs.errors import FileProblem
from recal_labs.ingest.worklist import worklist
from recal_labs.normalise import DilutionFit, normalise_to_parquet
from recal_labs.normalise.censored_shares import Censored, censored_shares
from recal_labs.normalise.dilution_apply import check_fit
from recal_labs.normalise.dilution_files import FIT_FILE
from recal_labs.normalise.missing_amounts import MissingAmounts, missing_amounts
from recal_labs.normalise.unit_questions import UnitQuestion, as_worklist, unit_questions
from recal_labs.privacy import (
    Key,
    Protection,
    check_folder,
    check_place,
    manifest_facts,
    mark_folder,
    protection_of,
    with_coded_suggestions,
)
from recal_labs.provenance import FileRecord, package_versions, utc_now
from recal_labs.spreadsheets import neutralised
from recal_labs.storage import open_folder, remove_stale, sha256_of, write_atomic, write_json


@dataclass(frozen=True, kw_only=True)
class InboxRun:
    """What a run over an inbox did.

    Parameters
    ----------
    out : Path
        Folder of the outputs.
    files : tuple of FileRecord
        One a file, in order of name.
    already_read : frozenset of str
        Names of the files that an earlier run had read in the same way.
    tables : tuple of FileRecord
        One for each table of people, bottles or interventions.
    to_map : int
        Names and units on the worklist that are not known.
    examples : mapping of str to tuple of Example
        For a file with rejects, the first of each reason.
    choices : Choices
        The decisions that the amounts rest on.
    censored : mapping of str to Censored
        How many amounts of each analyte lie beyond a limit of detection.
    missing : MissingAmounts
        How many results have no amount, and why.
    questions : tuple of UnitQuestion
        What to ask labs about their units.
    names : mapping of str to str
        What a technician calls the files, where the outputs have codes for them.
    """

    out: Path
    files: tuple[FileRecord, ...]
    already_read: frozenset[str]
    tables: tuple[FileRecord, ...]
    to_map: int
    examples: Mapping[str, tuple[Example, ...]] = field(default_factory=dict)
    choices: Choices = field(default_factory=Choices)
    censored: Mapping[str, Censored] = field(default_factory=dict)
    missing: MissingAmounts = field(default_factory=lambda: MissingAmounts(0))
    questions: tuple[UnitQuestion, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def skipped(self) -> int:
        """How many files were not read again."""
        return len(self.already_read)

    @property
    def failed(self) -> dict[str, str]:
        """For a file that gave rejects and not one result, the sentence of one of them."""
        records = (record for record in self.files if record.rejects and not record.results)
        return {record.path: self.examples[record.path][0].detail for record in records}

    @property
    def needs_attention(self) -> int:
        """Rejects other than ``not_measured``."""
        return sum(record.needs_attention for record in (*self.files, *self.tables))


@dataclass(frozen=True, kw_only=True)
class _Recipe:
    """What the numbers of a run are made by."""

    choices: Choices
    catalogue: Catalogue
    dilution_fit: DilutionFit | None
    protection: Protection | None


def _manifest(run: InboxRun, recipe: _Recipe, started: str) -> dict[str, Any]:
    choices, catalogue, fit = recipe.choices, recipe.catalogue, recipe.dilution_fit
    fitted: dict[str, Any] = {}
    if fit is not None:
        counts = {"n_specimens": fit.n_specimens, "n_subjects": fit.n_subjects}
        file = {"file": FIT_FILE, "sha256": sha256_of(run.out / FIT_FILE)}
        fitted["dilution_fit"] = {**file, "basis": fit.basis, "sample": fit.sample, **counts}
    return {
        "files": [{**record.to_dict(), "skipped": record.path in run.already_read} for record in run.files],
        "tables": [record.to_dict() for record in run.tables],
        "skipped": run.skipped,
        "censored": {analyte: counted.to_dict() for analyte, counted in run.censored.items()},
        "choices": choices.to_dict(),
        "choices_fingerprint": choices.fingerprint(),
        "catalogue_version": catalogue.version,
        "catalogue_files": dict(catalogue.files),
        "versions": package_versions(),
        "started": started,
        "finished": utc_now(),
        **manifest_facts(recipe.protection, ABOUT_PEOPLE),
        **fitted,
    }


def _refuse_overwriting(out: Path, configured: set[Path]) -> None:
    """Raise when an output would stand in the place of a profile or a table that was named."""
    for name in OUTPUTS:
        path = (out / name).resolve()
        if path in configured:
            raise FileProblem(path, "an output would be written over this input", remedy="choose another --out")


def normalise_inbox(
    inputs: Iterable[Path | str],
    out: Path | str,
    *,
    profile: str | Path | Sequence[str | Path] = "auto",
    profiles: Path | str | None = None,
    lab: str | None = None,
    subjects: Path | str | None = None,
    specimens: Path | str | None = None,
    interventions: Path | str | None = None,
    choices: Choices | None = None,
    catalogue: Catalogue | None = None,
    dilution_fit: DilutionFit | None = None,
    progress: bool = True,
    pseudonymise: Path | str | Key | None = None,
    shift_dates: int | None = None,
) -> InboxRun:
    """Read and normalise every file of an inbox.

    Parameters
    ----------
    inputs : iterable of path
        Files and folders, in any mix. What this tool has written is left out, and so are hidden files.
    out : path
        Gets ``normalised.parquet``, ``normalised.csv``, ``rejects.csv``, ``no_result.csv``, ``worklist.csv`` and, last,
        ``manifest.json``, each written whole or not at all, and ``parts/`` with what was read from each file. A file
        that a former run has read in the same way, under the same catalogue, is not read again.
    profile : str, path, or sequence of them
        One reads every file; of several, or with ``auto``, the content tells which, and the shipped ones come last.
    profiles : path, optional
        A profiles.toml for all inputs; one in a folder of the inbox is found without being named.
    lab : str, optional
        Lab id of all files; stands above every other.
    subjects, specimens : path, optional
        Tables that say what the exports leave out: sex, age and size; volume and duration of collections.
    interventions : path, optional
        Table of medicines and the like, for the code of what is known to move a result (docs/before_analysis.md).
    choices : Choices, optional
        Decisions of the normalisation.
    dilution_fit : DilutionFit, optional
        The correction that a fitted basis needs; written beside the outputs as ``dilution_fit.json``.
    progress : bool
        Show a progress bar.
    pseudonymise : path or Key, optional
        Key file (``recal-labs new-key``): every output has codes in the place of identifiers (docs/privacy.md).
    shift_dates : int, optional
        Moves each person's dates by whole days, at most so many; needs `pseudonymise`.

    Returns
    -------
    InboxRun

    Raises
    ------
    FileProblem
        When an input, a profile, a table or the key does not exist, or nothing can be written to `out`. A file that
        cannot be read becomes a reject and the others go on.
    ProfileError, UnknownWordError
        When a profile or a profiles.toml has faults.
    ChoiceError
        When the dilution fit is not the one that the basis needs.
    """
    recipe = _Recipe(
        choices=choices or Choices(),
        catalogue=catalogue or load_catalogue(),
        dilution_fit=dilution_fit,
        protection=protection_of(pseudonymise, shift_dates),
    )
    started = utc_now()
    check_fit(recipe.choices, dilution_fit, recipe.catalogue)
    given, out = [Path(path) for path in inputs], Path(out)
    mapped = Path(profiles) if profiles is not None else None
    tables = {"subjects": subjects, "specimens": specimens, "interventions": interventions}
    beside = {kind: Path(path) for kind, path in tables.items() if path is not None}
    ways = read_ways(given, profile, mapped, lab, recipe.catalogue)
    configured = {*ways.files, *(path.resolve() for path in (mapped, *beside.values()) if path is not None)}
    files = find_files(given, out, configured)
    _check_privacy(recipe.protection, given, out, configured)
    taken = {file.name for file in files}
    details = read_details(**beside, taken=taken, protection=recipe.protection, catalogue=recipe.catalogue)
    _refuse_overwriting(out, configured)
    open_folder(out)
    mark_folder(out, recipe.protection)
    remove_stale([out, *(out / PARTS).glob("*")])
    parts = _read_parts(files, out, ways, recipe, progress=progress)
    if recipe.protection is not None:
        # Before anything else is written: no output may hold a code that nobody can tell back.
        recipe.protection.remember(pl.concat([originals_of(parts), details.originals]).unique())
    return _write_outputs(out, parts, details.owned_by(scan(parts, "results")), recipe, started)


def _check_privacy(protection: Protection | None, given: list[Path], out: Path, configured: set[Path]) -> None:
    """Raise when the key lies where it would leave the house, or the folder holds outputs of the other kind."""
    if protection is not None:
        folders = [path for path in given if is_folder(path)]
        check_place(protection.key, out, folders, [*configured, *(path for path in given if path not in folders)])
    check_folder(out, protection, (*OUTPUTS, PARTS))


def _read_parts(files: list[InboxFile], out: Path, ways: Ways, recipe: _Recipe, *, progress: bool) -> list[Part]:
    from tqdm.auto import tqdm

    shown = tqdm(files, desc="reading", unit="file", disable=not progress)
    return [take_part(file, out, ways.way_for(file), recipe.catalogue, recipe.protection) for file in shown]


def _normalise_parts(out: Path, results: pl.LazyFrame, details: Details, recipe: _Recipe) -> None:
    """Write the normalised table of all parts, batch by batch."""
    normalise_to_parquet(
        results,
        out / "normalised.parquet",
        csv=out / "normalised.csv",
        choices=recipe.choices,
        catalogue=recipe.catalogue,
        dilution_fit=recipe.dilution_fit,
        subjects=None if details.subjects is None else details.subjects.frame,
        specimens=details.bottles,
        interventions=None if details.interventions is None else details.interventions.frame,
        prepare=details.fill,
    )


def _write_outputs(out: Path, parts: list[Part], details: Details, recipe: _Recipe, started: str) -> InboxRun:
    rejects = gather(parts, "rejects")
    words = worklist(rejects, recipe.catalogue)
    if recipe.protection is not None:
        words = with_coded_suggestions(words, rejects)
    # Outputs without a manifest are those of a run that did not come to its end.
    for name in ("manifest.json", FIT_FILE):
        (out / name).unlink(missing_ok=True)
    if recipe.dilution_fit is not None:
        recipe.dilution_fit.save(out / FIT_FILE)
    _normalise_parts(out, scan(parts, "results"), details, recipe)
    normalised = pl.scan_parquet(out / "normalised.parquet")
    questions = unit_questions(normalised, recipe.catalogue)
    everything = pl.concat([rejects, details.rejects])
    tables = {
        "rejects": everything,
        "no_result": gather(parts, "no_result"),
        "worklist": pl.concat([words, as_worklist(questions)]),
    }
    for name, table in tables.items():
        write_atomic(out / f"{name}.csv", neutralised(table).write_csv)
    run = InboxRun(
        out=out,
        files=tuple(part.record for part in parts),
        already_read=frozenset(part.record.path for part in parts if part.skipped),
        tables=details.records,
        to_map=words.height,
        examples=examples_of(everything),
        choices=recipe.choices,
        censored=censored_shares(normalised),
        missing=missing_amounts(normalised),
        questions=questions,
        names={part.record.path: part.name for part in parts} | details.names,
    )
    write_json(out / "manifest.json", _manifest(run, recipe, started))
    return run
