"""What a study reads: panels, people, bottles and forms, each with its record of positions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from recal_labs.catalogue import Catalogue
from recal_labs.columns import INTERVENTIONS, NO_RESULT, OUTCOMES, REJECTS, RESULTS, SAFETY_FLAGS, SUBJECTS, WORKLIST
from recal_labs.ingest import (
    read_adverse_events,
    read_interventions,
    read_outcome_items,
    read_panel,
    read_specimens,
    read_subjects,
)
from recal_labs.normalise.people import fill_from_specimens, fill_from_subjects
from recal_labs.outcomes import find_instrument, item_rejects, safety_flags, score
from recal_labs.provenance import FileRecord
from recal_labs.storage import sha256_of
from recal_labs.study.declared import OutcomeFile, Study, TableFile


@dataclass(frozen=True, eq=False, kw_only=True)
class PanelInputs:
    """What was read from the panel exports and the tables of people and bottles."""

    results: pd.DataFrame
    rejects: pd.DataFrame
    no_result: pd.DataFrame
    worklist: pd.DataFrame
    files: tuple[FileRecord, ...]
    subjects: pd.DataFrame
    interventions: pd.DataFrame
    adverse_events: pd.DataFrame


@dataclass(frozen=True, eq=False, kw_only=True)
class OutcomeInputs:
    """Scored forms, what could not be read of them, and the answers that a named person must see."""

    outcomes: pd.DataFrame
    rejects: pd.DataFrame
    safety_flags: pd.DataFrame
    files: tuple[FileRecord, ...]


def stack(frames: list[pd.DataFrame], names: tuple[str, ...]) -> pd.DataFrame:
    """Put frames of one table under each other; columns are those of the table, then any others."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame(columns=list(names))
    stacked = pd.concat(filled, ignore_index=True)
    return stacked.reindex(columns=[*names, *(c for c in stacked.columns if c not in names)])


def named(path: Path, study: Study) -> str:
    """Return a path as the study names it, so that outputs do not tell where the study lies on a machine."""
    try:
        return path.relative_to(study.folder).as_posix()
    except ValueError:
        return path.name


def _table(table: TableFile | None, reader: Any, names: tuple[str, ...]) -> pd.DataFrame:
    if table is None:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in names})
    found: pd.DataFrame = reader(table.path, columns=dict(table.columns), codes=dict(table.codes))
    return found


def read_panels(study: Study, catalogue: Catalogue) -> PanelInputs:
    """Read every panel export and the tables that say who the people are and how the bottles were handled.

    What the exports leave out of sex, age, volume and duration is filled in from those tables.
    """
    reads = []
    for panel in study.panels:
        read = read_panel([panel.path], profile=panel.profile, lab=panel.lab, catalogue=catalogue)
        name = named(panel.path, study)
        renamed = [frame.assign(source_file=name) for frame in (read.results, read.rejects, read.no_result)]
        reads.append((renamed, read.worklist, [replace(record, path=name) for record in read.files]))
    results, rejects, no_result = (
        stack([frames[i] for frames, _, _ in reads], table.names)
        for i, table in enumerate((RESULTS, REJECTS, NO_RESULT))
    )
    subjects = _table(study.subjects, read_subjects, SUBJECTS.names)
    if study.specimens is not None:
        bottles = _table(study.specimens, read_specimens, ())
        results = fill_from_specimens(results, bottles)
    return PanelInputs(
        results=fill_from_subjects(results, subjects),
        rejects=rejects,
        no_result=no_result,
        worklist=stack([worklist for _, worklist, _ in reads], WORKLIST.names),
        files=tuple(record for _, _, records in reads for record in records),
        subjects=subjects,
        interventions=_table(study.interventions, read_interventions, INTERVENTIONS.names),
        adverse_events=_table(study.adverse_events, read_adverse_events, ()),
    )


def _score_file(form: OutcomeFile, study: Study) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, FileRecord]:
    items = read_outcome_items(
        form.path, instrument=form.instrument, columns=dict(form.columns), sentinels=form.sentinels
    ).assign(source_file=named(form.path, study))
    instrument = find_instrument(form.instrument)
    scored = score(items, instrument=instrument)
    rejects = item_rejects(items, instrument=instrument)
    flags = safety_flags(items, instrument=instrument)
    # One form is one position: it is scored (whatever its status) or it belongs to nobody.
    nobody = int(items["subject_id"].isna().sum())
    record = FileRecord(
        path=named(form.path, study),
        sha256=sha256_of(form.path),
        profile=form.instrument,
        positions=len(items),
        results=len(items) - nobody,
        rejects=nobody,
        rejects_by_reason={"missing_subject": nobody} if nobody else {},
    )
    return scored, rejects, flags, record.check_conservation()


def read_forms(study: Study) -> OutcomeInputs:
    """Read and score every file of item answers."""
    parts = [_score_file(form, study) for form in study.outcomes]
    return OutcomeInputs(
        outcomes=stack([scored for scored, _, _, _ in parts], OUTCOMES.names),
        rejects=stack([rejects for _, rejects, _, _ in parts], REJECTS.names),
        safety_flags=stack([flags for _, _, flags, _ in parts], SAFETY_FLAGS.names),
        files=tuple(record for _, _, _, record in parts),
    )
