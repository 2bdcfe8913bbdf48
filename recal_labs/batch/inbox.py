"""A lab's inbox: any mix of files and folders in, one clean table out, safe to run again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.choices import Choices
from recal_labs.columns import NO_RESULT, REJECTS, RESULTS, WORKLIST, polars_schema
from recal_labs.errors import FileProblem
from recal_labs.ingest import read_panel
from recal_labs.normalise import normalise
from recal_labs.provenance import FileRecord, package_versions, utc_now
from recal_labs.storage import sha256_of, sha256_of_text, write_atomic, write_json

PARTS = "parts"


@dataclass(frozen=True, kw_only=True)
class InboxRun:
    """What a run over an inbox did.

    Parameters
    ----------
    out : Path
        Folder of the outputs.
    files : tuple of FileRecord
        One a file, in order of path.
    skipped : int
        Files that an earlier run with the same profile and catalogue had already read.
    """

    out: Path
    files: tuple[FileRecord, ...]
    skipped: int

    @property
    def needs_attention(self) -> int:
        """Rejects other than ``not_measured``."""
        return sum(n for f in self.files for why, n in f.rejects_by_reason.items() if why != "not_measured")


def find_files(inputs: Iterable[Path]) -> list[Path]:
    """List the files to read: files as named, folders with everything below them, hidden files left out.

    Raises
    ------
    FileProblem
        When a path does not exist, or nothing is left to read.
    """
    found: dict[Path, None] = {}
    named = list(inputs)
    for path in named:
        if not path.exists():
            raise FileProblem(path, "there is no such file or folder", remedy="check the path")
        inside = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        found |= dict.fromkeys(p for p in inside if not any(part.startswith(".") for part in p.relative_to(path).parts))
    if not found:
        raise FileProblem(", ".join(map(str, named)), "there is no file in it", "at least one panel export")
    return sorted(found)


def _recipe(profile: str | Path, lab: str | None, catalogue: Catalogue) -> str:
    # A part is read again when anything that could change it has changed.
    text = Path(profile).read_text(encoding="utf-8") if str(profile).endswith(".toml") else str(profile)
    return sha256_of_text(json.dumps([text, lab, catalogue.version, package_versions()["recal-labs"]]))[:12]


def _read_part(path: Path, folder: Path, profile: str | Path, lab: str | None, catalogue: Catalogue) -> None:
    """Read one file into a folder of its own; its record is written last, so a half-written part never counts."""
    # A list, not a path: a file that cannot be read at all becomes one reject instead of ending the run.
    panel = read_panel([path], profile=profile, lab=lab, catalogue=catalogue, as_frame="polars")
    for name, frame in (("results", panel.results), ("rejects", panel.rejects), ("no_result", panel.no_result)):
        write_atomic(folder / f"{name}.parquet", frame.write_parquet)
    write_atomic(folder / "worklist.parquet", panel.worklist.write_parquet)
    write_json(folder / "record.json", panel.files[0].to_dict())


def _part_folders(
    files: Sequence[Path], out: Path, profile: str | Path, lab: str | None, catalogue: Catalogue
) -> Iterator[tuple[Path, bool]]:
    """Yield the part folder of each file, reading those not read before; True where it was there already."""
    recipe = _recipe(profile, lab, catalogue)
    for path in files:
        # The path is part of the key: the same bytes under two names are two files, each with its own places.
        key = sha256_of_text(f"{sha256_of(path)} {path} {recipe}")[:24]
        folder = out / PARTS / key
        done = (folder / "record.json").exists()
        if not done:
            _read_part(path, folder, profile, lab, catalogue)
        yield folder, done


def _gather(folders: Sequence[Path], name: str, schema: dict[str, Any]) -> pl.DataFrame:
    frames = [pl.read_parquet(folder / f"{name}.parquet") for folder in folders]
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)


def _merged_worklist(worklist: pl.DataFrame) -> pl.DataFrame:
    return (
        worklist.group_by("what", "text", maintain_order=True)
        .agg(pl.col("count").sum(), pl.col("example").first(), pl.col("suggestion").first())
        .select(WORKLIST.names)
        .sort("count", "what", "text", descending=[True, False, False])
    )


def normalise_inbox(
    inputs: Iterable[Path | str],
    out: Path | str,
    *,
    profile: str | Path = "auto",
    lab: str | None = None,
    choices: Choices | None = None,
    catalogue: Catalogue | None = None,
    progress: bool = True,
) -> InboxRun:
    """Read and normalise every file of an inbox.

    Parameters
    ----------
    inputs : iterable of path
        Files and folders, in any mix.
    out : path
        Gets ``normalised.parquet``, ``normalised.csv``, ``rejects.csv``, ``no_result.csv``, ``worklist.csv`` and
        ``manifest.json``, each written whole or not at all, and ``parts/`` with what was read from each file. A file
        that a former run has read under the same profile and catalogue is not read again.
    profile : str or path
        How files are read; ``auto`` tells from their content.
    lab : str, optional
        Lab id of all files.
    choices : Choices, optional
        Decisions of the normalisation.
    progress : bool
        Show a progress bar.

    Returns
    -------
    InboxRun

    Raises
    ------
    FileProblem
        When an input does not exist. A file that cannot be read becomes a reject and the others go on.
    """
    from tqdm.auto import tqdm

    out, choices, catalogue = Path(out), choices or Choices(), catalogue or load_catalogue()
    files = find_files([Path(path) for path in inputs])
    started = utc_now()
    walk = _part_folders(files, out, profile, lab, catalogue)
    parts = list(tqdm(walk, total=len(files), desc="reading", unit="file", disable=not progress))
    folders = [folder for folder, _ in parts]
    normalised = normalise(_gather(folders, "results", polars_schema(RESULTS)), choices=choices, catalogue=catalogue)
    write_atomic(out / "normalised.parquet", normalised.frame.write_parquet)
    write_atomic(out / "normalised.csv", normalised.frame.write_csv)
    rejects, no_result = (_gather(folders, table.name, polars_schema(table)) for table in (REJECTS, NO_RESULT))
    write_atomic(out / "rejects.csv", rejects.write_csv)
    write_atomic(out / "no_result.csv", no_result.write_csv)
    worklist = _merged_worklist(_gather(folders, "worklist", polars_schema(WORKLIST)))
    write_atomic(out / "worklist.csv", worklist.write_csv)
    records = [json.loads((folder / "record.json").read_text(encoding="utf-8")) for folder in folders]
    run = InboxRun(
        out=out,
        files=tuple(FileRecord(**record).check_conservation() for record in records),
        skipped=sum(done for _, done in parts),
    )
    write_json(
        out / "manifest.json",
        {
            "files": [record.to_dict() for record in run.files],
            "skipped": run.skipped,
            "choices": choices.to_dict(),
            "catalogue_version": catalogue.version,
            "versions": package_versions(),
            "started": started,
            "finished": utc_now(),
        },
    )
    return run
