"""What a run leaves behind: tables, statements, the manifest, and the safety flags in a file of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from recal_labs.analyse import Associations
from recal_labs.catalogue import Catalogue
from recal_labs.normalise import Normalised
from recal_labs.provenance import FileRecord, package_versions
from recal_labs.storage import sha256_of, write_atomic, write_json
from recal_labs.study.declared import Study
from recal_labs.study.inputs import OutcomeInputs, PanelInputs, named, stack

# What a run writes last: left over from a former run, it would speak of other data.
CONCLUSIONS = (
    "report.html",
    "facts.json",
    "manifest.json",
    "effects.csv",
    "effects.statement.md",
    "change.csv",
    "change.statement.md",
    "safety_flags.csv",
)


def forget_former_run(out: Path) -> None:
    """Remove the conclusions of a former run from the output folder, and nothing else."""
    for name in CONCLUSIONS:
        (out / name).unlink(missing_ok=True)


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """Write a table as UTF-8 CSV with LF line ends, whole or not at all; full precision."""
    return write_atomic(path, lambda temporary: frame.to_csv(temporary, index=False, lineterminator="\n"))


def write_tables(out: Path, normalised: Normalised, panels: PanelInputs, forms: OutcomeInputs) -> None:
    """Write the normalised table, what was refused and why, the worklist, the scores and the safety flags."""
    frame: pd.DataFrame = normalised.frame
    write_atomic(out / "normalised.parquet", lambda path: frame.to_parquet(path, index=False))
    write_csv(frame, out / "normalised.csv")
    write_csv(stack([panels.rejects, forms.rejects], tuple(panels.rejects.columns)), out / "rejects.csv")
    write_csv(panels.no_result, out / "no_result.csv")
    write_csv(panels.worklist, out / "worklist.csv")
    write_csv(forms.outcomes, out / "outcomes.csv")
    write_csv(forms.safety_flags, out / "safety_flags.csv")


def write_effects(out: Path, associations: Associations, change: Associations | None) -> None:
    """Write each table of effects with its statement beside it."""
    associations.to_csv(out / "effects.csv")
    if change is not None:
        change.to_csv(out / "change.csv")


def input_hashes(study: Study) -> dict[str, str]:
    """Return the SHA-256 of study.toml and of every file it names."""
    files = (study.path, *study.input_files())
    return {named(path, study): sha256_of(path) for path in files if path.is_file()}


def manifest(
    study: Study, catalogue: Catalogue, files: tuple[FileRecord, ...], started: str, finished: str
) -> dict[str, Any]:
    """Return the record of a run: one entry a file with its positions, and everything that made the numbers."""
    return {
        "title": study.title,
        "simulated": study.simulated,
        "files": [record.check_conservation().to_dict() for record in files],
        "inputs": input_hashes(study),
        "choices": study.choices.to_dict(),
        "choices_fingerprint": study.choices.fingerprint(),
        "catalogue_version": catalogue.version,
        "catalogue_files": dict(catalogue.files),
        "versions": package_versions(),
        "seed": study.choices.seed,
        "started": started,
        "finished": finished,
        "contains": "identifiers: subject and specimen ids as in the exports",
    }


def write_manifest(out: Path, content: dict[str, Any]) -> Path:
    """Write manifest.json."""
    return write_json(out / "manifest.json", content)
