"""What a run leaves behind: tables, statements, the manifest, and the safety flags in a file of their own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from recal_labs.analyse import Associations
from recal_labs.catalogue import Catalogue
from recal_labs.columns import NO_RESULT, REJECTS, WORKLIST
from recal_labs.errors import StudyError
from recal_labs.normalise import (
    Normalised,
    derive_ratios,
    diurnal_cortisol,
    find_interferences,
    find_preanalytical,
    unmatched_words,
)
from recal_labs.normalise.unit_questions import as_worklist, unit_questions
from recal_labs.privacy import MARK, Guard, manifest_facts
from recal_labs.provenance import FileRecord, package_versions
from recal_labs.spreadsheets import neutralised
from recal_labs.storage import sha256_of, write_atomic, write_json
from recal_labs.study.declared import Study
from recal_labs.study.inputs import OutcomeInputs, PanelInputs, named, stack

# Everything a run writes; an input of one of these names in the same folder would be written over.
OUTPUTS = (
    MARK,
    "choices.json",
    "normalised.parquet",
    "normalised.csv",
    "rejects.csv",
    "no_result.csv",
    "worklist.csv",
    "interferences.csv",
    "preanalytical.csv",
    "unmatched_words.csv",
    "ratios.csv",
    "diurnal.csv",
    "outcomes.csv",
)
# Those with rows about single people, or with words of the lab that may name one.
ABOUT_PEOPLE = (
    "diurnal.csv",
    "interferences.csv",
    "no_result.csv",
    "normalised.csv",
    "normalised.parquet",
    "outcomes.csv",
    "preanalytical.csv",
    "ratios.csv",
    "rejects.csv",
    "safety_flags.csv",
    "unmatched_words.csv",
    "worklist.csv",
)
# What a run writes last: left over from a former run, it would speak of other data.
CONCLUSIONS = (
    "report.html",
    "dilution_fit.json",
    "facts.json",
    "manifest.json",
    "effects.csv",
    "effects.statement.md",
    "change.csv",
    "change.statement.md",
    "safety_flags.csv",
)


def refuse_overwriting(study: Study, out: Path) -> None:
    """Raise when an output would stand in the place of an input.

    Raises
    ------
    StudyError
        Naming every such file.
    """
    outputs = {(out / name).resolve() for name in (*OUTPUTS, *CONCLUSIONS)}
    hit = [path for path in (study.path, *study.input_files()) if path.resolve() in outputs]
    if hit:
        faults = [f"{named(path, study)} is an input, and the run would write over it" for path in hit]
        raise StudyError(f"{out} cannot take the outputs; choose another folder with --out", faults)


def forget_former_run(out: Path) -> None:
    """Remove the conclusions of a former run from the output folder, and nothing else."""
    for name in CONCLUSIONS:
        (out / name).unlink(missing_ok=True)


def write_csv(frame: pd.DataFrame, path: Path) -> Path:
    """Write a table as UTF-8 CSV with LF line ends, whole or not at all; full precision, no cell a formula."""
    safe = neutralised(frame)
    return write_atomic(path, lambda temporary: safe.to_csv(temporary, index=False, lineterminator="\n"))


def tables_beside(panels: PanelInputs) -> dict[str, Any]:
    """Return the tables that tell what may have moved a result before it was measured; not those without a row."""
    tables = {"subjects": panels.subjects, "specimens": panels.specimens, "interventions": panels.interventions}
    return {name: table for name, table in tables.items() if len(table)}


def write_before_analysis(out: Path, normalised: Normalised, panels: PanelInputs) -> None:
    """Write what on record is known to move or disturb a result, and the words on record that nothing is known of."""
    beside = tables_beside(panels)
    handled = {name: table for name, table in beside.items() if name != "subjects"}
    write_csv(find_interferences(normalised, **beside), out / "interferences.csv")
    write_csv(find_preanalytical(normalised, panels.specimens), out / "preanalytical.csv")
    unmatched = unmatched_words(**handled, catalogue=normalised.catalogue)
    write_csv(unmatched, out / "unmatched_words.csv")


def write_tables(out: Path, normalised: Normalised, panels: PanelInputs, forms: OutcomeInputs) -> None:
    """Write the normalised table, what was refused and why, the worklist, the scores and the safety flags."""
    frame: pd.DataFrame = normalised.frame
    write_atomic(out / "normalised.parquet", lambda path: frame.to_parquet(path, index=False))
    write_csv(frame, out / "normalised.csv")
    rejects = [panels.rejects, forms.rejects, panels.table_rejects]
    write_csv(stack(rejects, REJECTS.names), out / "rejects.csv")
    write_csv(stack([panels.no_result, forms.no_result], NO_RESULT.names), out / "no_result.csv")
    questions = as_worklist(unit_questions(frame, normalised.catalogue)).to_pandas()
    write_csv(stack([panels.worklist, questions], WORKLIST.names), out / "worklist.csv")
    write_before_analysis(out, normalised, panels)
    write_csv(derive_ratios(normalised), out / "ratios.csv")
    write_csv(diurnal_cortisol(normalised), out / "diurnal.csv")
    write_csv(forms.outcomes, out / "outcomes.csv")
    write_csv(forms.safety_flags, out / "safety_flags.csv")


def write_effects(out: Path, associations: Associations, change: Associations | None) -> None:
    """Write each table of effects with its statement beside it."""
    associations.to_csv(out / "effects.csv")
    if change is not None:
        change.to_csv(out / "change.csv")


def input_hashes(study: Study, guard: Guard | None = None) -> dict[str, str]:
    """Return the SHA-256 of study.toml and of every file it names; with a guard, keyed ones under codes."""
    files = (study.path, *study.input_files())
    hashes = {named(path, study): sha256_of(path) for path in files if path.is_file()}
    if guard is None:
        return hashes
    return {guard.file(name): guard.hash(digest) for name, digest in hashes.items()}


def manifest(
    study: Study,
    catalogue: Catalogue,
    files: tuple[FileRecord, ...],
    tables: tuple[FileRecord, ...],
    started: str,
    finished: str,
    guard: Guard | None = None,
    facts: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the record of a run: one entry a file with its positions, and everything that made the numbers.

    ``files`` are panels and forms; ``tables`` those of people, bottles and events, whose positions are cells; ``facts``
    whatever else a run must tell.
    """
    return {
        "title": study.title,
        "simulated": study.simulated,
        "files": [record.check_conservation().to_dict() for record in files],
        "tables": [record.check_conservation().to_dict() for record in tables],
        "inputs": input_hashes(study, guard),
        "choices": study.choices.to_dict(),
        "choices_fingerprint": study.choices.fingerprint(),
        "catalogue_version": catalogue.version,
        "catalogue_files": dict(catalogue.files),
        "versions": package_versions(),
        "seed": study.choices.seed,
        "started": started,
        "finished": finished,
        **(facts or {}),
        **manifest_facts(guard.protection if guard else None, ABOUT_PEOPLE),
    }


def write_manifest(out: Path, content: dict[str, Any]) -> Path:
    """Write manifest.json."""
    return write_json(out / "manifest.json", content)
