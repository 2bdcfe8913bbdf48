"""A finished run, opened again: its manifest, its choices, and its normalised table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from recal_labs.choices import Choices
from recal_labs.columns import NORMALISED, polars_schema
from recal_labs.errors import FileProblem

TABLE, MANIFEST = "normalised.parquet", "manifest.json"
ROW = "_row"


@dataclass(frozen=True, eq=False, kw_only=True)
class FinishedRun:
    """The folder that ``recal-labs run`` or ``recal-labs normalise`` has written.

    Parameters
    ----------
    folder : Path
    manifest : mapping
        What made the numbers: files with their hashes, choices, catalogue, versions.
    columns : tuple of str
        Columns of its normalised table.
    """

    folder: Path
    manifest: Mapping[str, Any]
    columns: tuple[str, ...] = field(default=())

    @property
    def table(self) -> Path:
        """Where its normalised table lies."""
        return self.folder / TABLE

    def scan(self) -> pl.LazyFrame:
        """Return the normalised table, each column of the type that `recal_labs.columns` gives it, NaN as missing."""
        frame = pl.scan_parquet(self.table)
        return frame.select(typed(frame.collect_schema()))

    def numbered(self) -> pl.LazyFrame:
        """Return the normalised table with the number of each row, from 0."""
        frame = pl.scan_parquet(self.table).with_row_index(ROW)
        return frame.select(ROW, *typed(pl.scan_parquet(self.table).collect_schema()))

    def files(self) -> dict[str, Mapping[str, Any]]:
        """Return what the manifest says of each panel file, by its name in the outputs."""
        return {entry["path"]: entry for entry in self.manifest.get("files", ())}

    @property
    def catalogue_version(self) -> str:
        """Fingerprint of the catalogue it was made with; empty where the manifest does not say."""
        return str(self.manifest.get("catalogue_version", ""))

    @property
    def program(self) -> str:
        """The version of this package that made it."""
        return str(self.manifest.get("versions", {}).get("recal-labs", ""))

    @property
    def is_pseudonymised(self) -> bool:
        """Whether its ids are codes, so that nothing of the inputs themselves may be shown beside them."""
        return "privacy" in self.manifest

    def choices(self) -> Choices:
        """Return its choices; those that its program did not know yet have their defaults.

        Raises
        ------
        UnknownWordError
            When it holds a choice that this program does not know: a newer one made it.
        """
        return Choices.from_dict(self.manifest.get("choices", {}), str(self.folder / MANIFEST))


def typed(schema: pl.Schema) -> list[pl.Expr]:
    """Return the expressions that give each column of a normalised table its own type."""
    wanted = polars_schema(NORMALISED)
    made = []
    for name, dtype in schema.items():
        column = pl.col(name)
        # A column without any value has no type of its own when pandas has written it.
        if name in wanted and dtype != wanted[name]:
            column = column.cast(wanted[name])
        made.append(column.fill_nan(None) if wanted.get(name, dtype) == pl.Float64 else column)
    return made


def _manifest(folder: Path) -> Mapping[str, Any]:
    path = folder / MANIFEST
    try:
        content: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as err:
        raise FileProblem(
            folder, f"it has no {MANIFEST}", "the folder of a run that came to its end", "run it again"
        ) from err
    except (OSError, ValueError) as err:
        raise FileProblem(path, f"it cannot be read ({err})", "a manifest in JSON", "run it again") from err
    if not isinstance(content, dict):
        raise FileProblem(path, "it is no manifest", "an object in JSON", "run it again")
    return content


def open_run(folder: Path | str | FinishedRun) -> FinishedRun:
    """Open the folder of a finished run.

    Parameters
    ----------
    folder : path
        What ``recal-labs run`` or ``recal-labs normalise`` was given as ``--out``.

    Raises
    ------
    FileProblem
        When it is no folder, or lacks the manifest or the normalised table.
    """
    if isinstance(folder, FinishedRun):
        return folder
    folder = Path(folder)
    if not folder.is_dir():
        what = "it is a file" if folder.exists() else "there is no such folder"
        raise FileProblem(folder, what, "the folder that a run has written", "check the path")
    manifest = _manifest(folder)
    try:
        columns = tuple(pl.scan_parquet(folder / TABLE).collect_schema().names())
    except FileNotFoundError as err:
        raise FileProblem(folder, f"it has no {TABLE}", "the folder that a run has written", "run it again") from err
    except (OSError, pl.exceptions.PolarsError) as err:
        raise FileProblem(folder / TABLE, "it cannot be read as Parquet", remedy="run it again") from err
    return FinishedRun(folder=folder, manifest=manifest, columns=columns)
