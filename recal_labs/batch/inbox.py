"""A lab's inbox: any mix of files and folders in, one clean table out, safe to run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from recal_labs.batch.files import OUTPUTS, PARTS, find_files
from recal_labs.batch.parts import gather, scan, take_part
from recal_labs.batch.people import read_details
from recal_labs.batch.ways import read_ways
from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.choices import Choices
from recal_labs.errors import FileProblem
from recal_labs.ingest.worklist import worklist
from recal_labs.normalise import DilutionFit, normalise, normalised_batches, write_frames
from recal_labs.normalise.censored_shares import Censored, censored_shares
from recal_labs.normalise.dilution_apply import check_fit
from recal_labs.normalise.dilution_files import FIT_FILE
from recal_labs.provenance import FileRecord, package_versions, utc_now
from recal_labs.storage import open_folder, remove_stale, write_atomic, write_json


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
        One for each table of people or bottles.
    to_map : int
        Names and units on the worklist.
    failed : mapping of str to str
        For a file that gave rejects and not one result, the sentence of its first reject.
    censored : mapping of str to Censored
        How many amounts of each analyte lie beyond a limit of detection.
    """

    out: Path
    files: tuple[FileRecord, ...]
    already_read: frozenset[str]
    tables: tuple[FileRecord, ...]
    to_map: int
    failed: Mapping[str, str]
    censored: Mapping[str, Censored] = field(default_factory=dict)

    @property
    def skipped(self) -> int:
        """How many files were not read again."""
        return len(self.already_read)

    @property
    def needs_attention(self) -> int:
        """Rejects other than ``not_measured``."""
        return sum(record.needs_attention for record in (*self.files, *self.tables))


def _failed(records: Iterable[FileRecord], rejects: pl.DataFrame) -> dict[str, str]:
    names = [record.path for record in records if record.rejects and not record.results]
    first = rejects.filter(pl.col("source_file").is_in(names)).unique("source_file", keep="first", maintain_order=True)
    return dict(first.select("source_file", "detail").iter_rows())


def _manifest(run: InboxRun, choices: Choices, catalogue: Catalogue, started: str) -> dict[str, Any]:
    return {
        "files": [{**record.to_dict(), "skipped": record.path in run.already_read} for record in run.files],
        "tables": [record.to_dict() for record in run.tables],
        "skipped": run.skipped,
        "censored": {analyte: counted.to_dict() for analyte, counted in run.censored.items()},
        "choices": choices.to_dict(),
        "catalogue_version": catalogue.version,
        "versions": package_versions(),
        "started": started,
        "finished": utc_now(),
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
    choices: Choices | None = None,
    catalogue: Catalogue | None = None,
    dilution_fit: DilutionFit | None = None,
    progress: bool = True,
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
    choices : Choices, optional
        Decisions of the normalisation.
    dilution_fit : DilutionFit, optional
        The correction that a fitted basis needs; written beside the outputs as ``dilution_fit.json``.
    progress : bool
        Show a progress bar.

    Returns
    -------
    InboxRun

    Raises
    ------
    FileProblem
        When an input, a profile or a table does not exist, or nothing can be written to `out`. A file that cannot be
        read becomes a reject and the others go on.
    ProfileError, UnknownWordError
        When a profile or a profiles.toml has faults.
    ChoiceError
        When the dilution fit is not the one that the basis needs.
    """
    from tqdm.auto import tqdm

    started, choices, catalogue = utc_now(), choices or Choices(), catalogue or load_catalogue()
    check_fit(choices, dilution_fit, catalogue)
    given, out = [Path(path) for path in inputs], Path(out)
    beside = [Path(path) if path is not None else None for path in (profiles, subjects, specimens)]
    ways = read_ways(given, profile, beside[0], lab, catalogue)
    configured = {*ways.files, *(path.resolve() for path in beside if path is not None)}
    files = find_files(given, out, configured)
    details = read_details(beside[1], beside[2], taken={file.name for file in files})
    _refuse_overwriting(out, configured)
    open_folder(out)
    remove_stale([out, *(out / PARTS).glob("*")])
    shown = tqdm(files, desc="reading", unit="file", disable=not progress)
    parts = [take_part(file, out, ways.way_for(file), catalogue) for file in shown]
    rejects = gather(parts, "rejects")
    words = worklist(rejects, catalogue)
    results = scan(parts, "results")

    def step(frame: pl.DataFrame) -> pl.DataFrame:
        filled = details.fill(frame)
        made: pl.DataFrame = normalise(filled, choices=choices, catalogue=catalogue, dilution_fit=dilution_fit).frame
        return made

    run = InboxRun(
        out=out,
        files=tuple(part.record for part in parts),
        already_read=frozenset(part.record.path for part in parts if part.skipped),
        tables=details.records,
        to_map=words.height,
        failed=_failed([part.record for part in parts], rejects),
    )
    # Outputs without a manifest are those of a run that did not come to its end.
    (out / "manifest.json").unlink(missing_ok=True)
    (out / FIT_FILE).unlink(missing_ok=True)
    if dilution_fit is not None:
        dilution_fit.save(out / FIT_FILE)
    write_frames(
        lambda: normalised_batches(results, step, specimens=details.bottles),
        step(results.head(0).collect()).schema,
        out / "normalised.parquet",
        out / "normalised.csv",
    )
    run = replace(run, censored=censored_shares(pl.scan_parquet(out / "normalised.parquet")))
    write_atomic(out / "rejects.csv", pl.concat([rejects, details.rejects]).write_csv)
    write_atomic(out / "no_result.csv", gather(parts, "no_result").write_csv)
    write_atomic(out / "worklist.csv", words.write_csv)
    fitted = {"dilution_fit": dilution_fit.describe()} if dilution_fit is not None else {}
    write_json(out / "manifest.json", _manifest(run, choices, catalogue, started) | fitted)
    return run
