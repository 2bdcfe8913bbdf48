"""What a study reads: panels, people, bottles and forms, each with its record of positions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from recal_labs.catalogue import Catalogue
from recal_labs.columns import (
    ADVERSE_EVENTS,
    INTERVENTIONS,
    NO_RESULT,
    OUTCOMES,
    REJECTS,
    RESULTS,
    SAFETY_FLAGS,
    SPECIMEN_DETAILS,
    SUBJECTS,
    WORKLIST,
    Table,
)
from recal_labs.errors import ChoiceError, FileProblem, TableError
from recal_labs.ingest import TableRead, count_reasons, date_rejects, read_outcome_items, read_panel, read_table
from recal_labs.ingest.source_names import distinct_tails, place_of
from recal_labs.normalise.people import fill_from_specimens, fill_from_subjects
from recal_labs.outcomes import find_instrument, item_gaps, item_rejects, safety_flags, score
from recal_labs.privacy import Guard
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
    specimens: pd.DataFrame
    interventions: pd.DataFrame
    adverse_events: pd.DataFrame
    table_rejects: pd.DataFrame
    tables: tuple[FileRecord, ...]

    @property
    def unread(self) -> tuple[FileRecord, ...]:
        """The panel files that could not be read at all."""
        return tuple(record for record in self.files if record.is_unreadable)


@dataclass(frozen=True, eq=False, kw_only=True)
class OutcomeInputs:
    """Scored forms, what could not be read of them, and the answers that a named person must see."""

    outcomes: pd.DataFrame
    rejects: pd.DataFrame
    no_result: pd.DataFrame
    safety_flags: pd.DataFrame
    files: tuple[FileRecord, ...]
    faults: tuple[FileProblem, ...]


def stack(frames: list[pd.DataFrame], names: tuple[str, ...]) -> pd.DataFrame:
    """Put frames of one table under each other; columns are those of the table, then any others."""
    filled = [frame for frame in frames if len(frame)]
    if not filled:
        return pd.DataFrame(columns=list(names))
    stacked = pd.concat(filled, ignore_index=True)
    return stacked.reindex(columns=[*names, *(c for c in stacked.columns if c not in names)])


def named(path: Path, study: Study) -> str:
    """Return what an input is called in the outputs; they do not tell where the study lies on a machine.

    Its path below the study's folder; of one that lies elsewhere, the shortest end that no other input has.
    """
    home, whole = place_of(study.path).parent, place_of(path)
    if whole.is_relative_to(home):
        return whole.relative_to(home).as_posix()
    everything = {place_of(given) for given in (study.path, *study.input_files())} | {whole}
    inside = {given.relative_to(home).as_posix() for given in everything if given.is_relative_to(home)}
    outside = sorted(given for given in everything if not given.is_relative_to(home))
    return distinct_tails(outside, taken=inside)[whole]


def _read_tables(study: Study) -> dict[str, TableRead]:
    """Read the tables that the study names, their rejects named as the study names the files."""
    found = {}
    for name, table in (
        ("subjects", SUBJECTS),
        ("specimens", SPECIMEN_DETAILS),
        ("interventions", INTERVENTIONS),
        ("adverse_events", ADVERSE_EVENTS),
    ):
        declared: TableFile | None = getattr(study, name)
        if declared is not None:
            read = read_table(
                declared.path, table, columns=declared.columns, codes=declared.codes, dates=declared.dates
            )
            rejects = read.rejects.assign(source_file=named(declared.path, study))
            found[name] = replace(read, rejects=rejects)
    return found


def _frame(tables: Mapping[str, TableRead], name: str, table: Table) -> pd.DataFrame:
    return tables[name].frame if name in tables else pd.DataFrame({c: pd.Series(dtype=object) for c in table.names})


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
    tables = _read_tables(study)
    paths = [(getattr(study, name).path, read) for name, read in tables.items()]
    if "specimens" in tables:
        results = fill_from_specimens(results, tables["specimens"].frame)
    subjects = _frame(tables, "subjects", SUBJECTS)
    return PanelInputs(
        results=fill_from_subjects(results, subjects),
        rejects=rejects,
        no_result=no_result,
        worklist=stack([worklist for _, worklist, _ in reads], WORKLIST.names),
        files=tuple(record for _, _, records in reads for record in records),
        subjects=subjects,
        specimens=_frame(tables, "specimens", SPECIMEN_DETAILS),
        interventions=_frame(tables, "interventions", INTERVENTIONS),
        adverse_events=_frame(tables, "adverse_events", ADVERSE_EVENTS),
        table_rejects=stack([read.rejects for read in tables.values()], REJECTS.names),
        tables=tuple(read.record(named(path, study), path) for path, read in paths),
    )


@dataclass(frozen=True, eq=False)
class _Scored:
    """One file of forms: its scores, what could not be read, what a named person must see."""

    outcomes: pd.DataFrame
    rejects: pd.DataFrame
    no_result: pd.DataFrame
    flags: pd.DataFrame
    record: FileRecord


def _score_file(form: OutcomeFile, study: Study, guard: Guard | None) -> _Scored:
    name = named(form.path, study)
    items = read_outcome_items(
        form.path,
        instrument=form.instrument,
        columns=form.columns,
        sentinels=form.sentinels,
        dates=form.dates,
        ignore=form.ignore,
    ).assign(source_file=name)
    instrument = find_instrument(form.instrument)
    # An item of a form is a position; a date that cannot be read is one more.
    dates, answers = date_rejects(items), item_rejects(items, instrument=instrument)
    rejects, gaps = stack([answers, dates], REJECTS.names), item_gaps(items, instrument=instrument)
    positions = len(items) * instrument.n_items + len(dates)
    record = FileRecord(
        path=name,
        sha256=sha256_of(form.path),
        profile=form.instrument,
        positions=positions,
        results=positions - len(rejects) - len(gaps),
        rejects=len(rejects),
        no_result=len(gaps),
        rejects_by_reason=count_reasons(rejects),
    )
    record = record.check_conservation()
    if guard is not None:
        # Rejects first: they still need the words and the name of the file.
        rejects, gaps, record = guard.rejects(rejects), guard.no_result(gaps), guard.record(record)
        items = guard.items(items)
    return _Scored(
        outcomes=score(items, instrument=instrument),
        rejects=rejects,
        no_result=gaps,
        flags=safety_flags(items, instrument=instrument),
        record=record,
    )


def _unread_form(form: OutcomeFile, study: Study, fault: FileProblem, guard: Guard | None) -> _Scored:
    """Return one position, rejected, for a file of forms that cannot be used."""
    name = named(form.path, study)
    # Under the name of the outputs: the fault itself tells where the file lies on this machine.
    shown = FileProblem(name, fault.found, fault.expected, fault.remedy)
    reject = {"source_file": name, "source_place": "whole file", "reason": "unreadable_file", "detail": str(shown)}
    empty, rejects = pd.DataFrame(), pd.DataFrame([reject]).reindex(columns=list(REJECTS.names))
    record = FileRecord.unreadable(name, sha256_of(form.path) if form.path.is_file() else "", form.instrument)
    if guard is not None:
        rejects, record = guard.rejects(rejects), guard.record(record)
    return _Scored(outcomes=empty, rejects=rejects, no_result=empty, flags=empty, record=record)


def read_forms(study: Study, guard: Guard | None = None) -> OutcomeInputs:
    """Read and score every file of item answers.

    A file that cannot be read does not hide what the others say: it is among the faults, and the others are scored.
    With a guard nothing of what comes back names anybody.
    """
    parts, faults = [], []
    for form in study.outcomes:
        try:
            parts.append(_score_file(form, study, guard))
        except (FileProblem, TableError, ChoiceError) as err:
            fault = err if isinstance(err, FileProblem) else FileProblem(form.path, str(err))
            faults.append(fault)
            parts.append(_unread_form(form, study, fault, guard))
    return OutcomeInputs(
        outcomes=stack([part.outcomes for part in parts], OUTCOMES.names),
        rejects=stack([part.rejects for part in parts], REJECTS.names),
        no_result=stack([part.no_result for part in parts], NO_RESULT.names),
        safety_flags=stack([part.flags for part in parts], SAFETY_FLAGS.names),
        files=tuple(part.record for part in parts),
        faults=tuple(faults),
    )
