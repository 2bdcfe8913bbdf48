"""The whole way, once: from the files a study names to the report."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from recal_labs.analyse import Associations, associate, change
from recal_labs.catalogue import Catalogue, load_catalogue, load_instruments
from recal_labs.cohort import Cohort, build_cohort, count_positions
from recal_labs.errors import EmptyCohortError, StudyError
from recal_labs.normalise import Normalised, normalise, range_disagreement
from recal_labs.normalise.censored_shares import censored_shares, censored_words
from recal_labs.normalise.dilution_files import FIT_FILE
from recal_labs.privacy import Guard, mark_folder
from recal_labs.provenance import FileRecord, package_versions, utc_now
from recal_labs.report import ReportInputs, baseline_table, count_placed, render_report, store_run
from recal_labs.report.gather.names import source_words
from recal_labs.storage import open_folder, write_json
from recal_labs.study.alarms import empty_alarm, lacking_words, safety_alarm, unit_alarm, unread_alarm
from recal_labs.study.checks import check_words
from recal_labs.study.declared import Study, read_study
from recal_labs.study.dilution import fit_alarm, fit_facts, fit_labels, study_fit
from recal_labs.study.guarded import guard_panels, protection_for
from recal_labs.study.inputs import OutcomeInputs, PanelInputs, read_forms, read_panels
from recal_labs.study.outputs import (
    CONCLUSIONS,
    OUTPUTS,
    forget_former_run,
    input_hashes,
    manifest,
    refuse_overwriting,
    tables_beside,
    write_effects,
    write_manifest,
    write_tables,
)
from recal_labs.study.stages import StageDone, Stages
from recal_labs.utility import gather_evidence
from recal_labs.utility.numerals import plural


@dataclass(frozen=True, eq=False, kw_only=True)
class StudyRun:
    """A finished run.

    Parameters
    ----------
    study : Study
        What was declared.
    out : Path
        Where the outputs are.
    normalised : Normalised
    cohort : Cohort
    associations : Associations
    change : Associations or None
        None when no subject has an intervention.
    safety_flags : DataFrame
        For the named person only.
    files, tables : tuple of FileRecord
        What became of panels and forms, and of the tables of people, bottles and events.
    stages : tuple of StageDone
    """

    study: Study
    out: Path
    normalised: Normalised
    cohort: Cohort
    associations: Associations
    change: Associations | None
    safety_flags: pd.DataFrame
    files: tuple[FileRecord, ...]
    tables: tuple[FileRecord, ...]
    stages: tuple[StageDone, ...]

    @property
    def needs_attention(self) -> int:
        """Rejects other than ``not_measured``."""
        return sum(record.needs_attention for record in (*self.files, *self.tables))

    @property
    def report(self) -> Path:
        """The report's path."""
        return self.out / "report.html"

    def __repr__(self) -> str:
        lines = [f"Run of {self.study.title!r}, outputs in {self.out}", *map(str, self.stages)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(repr(self))}</pre>{self.associations._repr_html_()}"


def _report_inputs(
    study: Study,
    catalogue: Catalogue,
    panels: PanelInputs,
    cohort: Cohort,
    effects: tuple[Associations, Associations | None],
    started: str,
    guard: Guard | None,
) -> ReportInputs:
    associations, changed = effects
    rows = cohort.analysed.to_numpy()
    people = pd.concat([cohort.covariates[rows], cohort.outcomes[rows]], axis=1).reset_index(drop=True)
    instruments = load_instruments()
    asked = [instruments[name] for name in cohort.instruments if name in instruments]
    full_names = {instrument.id: f"{instrument.name} ({instrument.short_name})" for instrument in asked}
    described = [c for c in people if people[c].notna().any() or c in ("sex", "age_years")]
    return ReportInputs(
        title=study.title,
        question=study.question,
        simulated=study.simulated,
        labels=(*study.labels, *fit_labels(study)),
        choices=study.choices,
        planned=study.choices.planned,
        files=panels.files,
        rejects=panels.rejects,
        no_result=panels.no_result,
        worklist=panels.worklist,
        normalised=cohort.normalised.frame,
        # The cohort's own first step repeats the results that the files gave.
        flow=(*count_positions(panels.files, panels.no_result), *cohort.flow[1:]),
        baseline=baseline_table(people[described], labels=full_names),
        associations=associations,
        change=changed,
        disagreement=range_disagreement(cohort.normalised, per_result=True),
        evidence=gather_evidence([column.split(":")[0] for column in cohort.analytes]),
        inputs=input_hashes(study, guard),
        versions=package_versions(),
        catalogue_version=catalogue.version,
        catalogue_files=catalogue.files,
        seed=study.choices.seed,
        started=started,
        finished=utc_now(),
        analyte_names={analyte.id: analyte.name for analyte in catalogue.analytes.values()},
        outcome_names={instrument.id: instrument.short_name for instrument in asked},
        source_names={key: source_words(one.publisher, one.title) for key, one in catalogue.sources.items()},
    )


def _linked(normalised: Normalised, forms: OutcomeInputs, panels: PanelInputs, study: Study) -> Cohort:
    try:
        return build_cohort(
            normalised,
            forms.outcomes,
            panels.subjects,
            window_days=study.choices.window_days,
            interventions=panels.interventions,
            simulated=study.simulated,
        )
    except EmptyCohortError as err:
        unread = ", ".join(record.path for record in panels.unread)
        lost = f" Nothing could be read of {unread}." if unread else ""
        raise EmptyCohortError(
            f"{study.path}: {err}{lost} The normalised table and the rejects were written; there is nothing to analyse."
        ) from err


def _write_what_was_read(
    out: Path,
    study: Study,
    catalogue: Catalogue,
    read: tuple[Normalised, PanelInputs, OutcomeInputs],
    started: str,
    guard: Guard | None,
    facts: Mapping[str, Any],
) -> None:
    """Write the tables and the manifest before anything is linked: every position is accounted for in any case."""
    normalised, panels, forms = read
    files = (*panels.files, *forms.files)
    content = manifest(study, catalogue, files, panels.tables, started, utc_now(), guard, facts)
    if guard is not None:
        # First of all: no output may hold a code that nobody can tell back.
        guard.protection.remember(guard.originals)
    write_tables(out, normalised, panels, forms)
    write_manifest(out, content)


def run_study(
    path: Path | str,
    out: Path | str,
    *,
    progress: bool = True,
    pseudonymise: Path | str | None = None,
    shift_dates: int | None = None,
) -> StudyRun:
    """Run a study from its files to its report.

    Parameters
    ----------
    path : path
        The study.toml.
    out : path
        Folder that gets ``report.html``, ``normalised.parquet`` and ``.csv``, ``rejects.csv``, ``no_result.csv``,
        ``worklist.csv``, ``outcomes.csv``, ``effects.csv`` and ``change.csv`` with their statements beside them,
        ``safety_flags.csv`` and ``manifest.json``; with a fitted basis also ``dilution_fit.json``, the correction used.
    progress : bool
        Show a progress bar and one line a stage.
    pseudonymise : path, optional
        Key file: no output names anybody. Stands above ``[privacy] pseudonymise`` of study.toml.
    shift_dates : int, optional
        Move each subject's dates by one number of whole days, at most so many. Stands above ``[privacy] shift_dates``.

    Returns
    -------
    StudyRun

    Raises
    ------
    RecalLabsError
        When the study cannot be used or nothing can be analysed; one bad value or one bad panel file never stops it.
    """
    out, started = Path(out), utc_now()
    stages = Stages(show=progress)
    with stages.walking():
        with stages.stage("read") as said:
            study = read_study(path)
            catalogue = load_catalogue(extra=study.catalogue_extra)
            check_words(study, catalogue)
            refuse_overwriting(study, out)
            protection = protection_for(study, out, pseudonymise, shift_dates, (*OUTPUTS, *CONCLUSIONS))
            open_folder(out)
            mark_folder(out, protection)
            panels = read_panels(study, catalogue)
            # Not before: a mistyped path must not cost the former run its report.
            forget_former_run(out)
            stages.announce([*unread_alarm(panels), *empty_alarm(panels)])
            guard = None
            if protection is not None:
                panels, guard = guard_panels(panels, study, catalogue, protection)
            positions = sum(record.positions for record in panels.files)
            said.append(
                f"{positions} positions in {len(panels.files)} files: {len(panels.results)} results, "
                f"{len(panels.rejects)} rejects, {len(panels.no_result)} without a result"
            )
        with stages.stage("normalise") as said:
            fit = study_fit(study, panels.results, catalogue)
            normalised = normalise(
                panels.results, choices=study.choices, catalogue=catalogue, dilution_fit=fit, **tables_beside(panels)
            )
            if fit is not None:
                fit.save(out / FIT_FILE)
                stages.announce(fit_alarm(study))
            stages.announce(unit_alarm(normalised, out, guard))
            shares = censored_shares(normalised.frame)
            censored = {analyte: counted.to_dict() for analyte, counted in shares.items()}
            fitted = fit_facts(study, fit, out) | {"censored": censored}
            placed = count_placed(normalised.frame)
            said.append(
                f"{len(normalised.frame)} results, {placed} current ones placed against an interval; "
                f"{censored_words(shares)}{lacking_words(normalised)}"
            )
        # Declared choices are fixed here, before the first outcome file is opened.
        write_json(out / "choices.json", study.choices.to_dict() | {"fingerprint": study.choices.fingerprint()})
        with stages.stage("score") as said:
            forms = read_forms(study, guard)
            files = (*panels.files, *forms.files)
            _write_what_was_read(out, study, catalogue, (normalised, panels, forms), started, guard, fitted)
            key_table = protection.key.table if protection else None
            stages.announce(safety_alarm(forms.safety_flags, study, out, key_table))
            # Only now: one faulty file must not hide the flagged answers of the others.
            if forms.faults:
                raise StudyError(f"{study.path}: forms could not be read", [str(fault) for fault in forms.faults])
            scored = int((forms.outcomes["status"] == "ok").sum())
            said.append(f"{len(forms.outcomes)} forms, {scored} scored")
        with stages.stage("link") as said:
            cohort = _linked(normalised, forms, panels, study)
            said.append(f"{cohort.n_subjects} subjects, {len(cohort.visits)} visits")
        with stages.stage("analyse") as said:
            associations = associate(cohort)
            changed = change(cohort) if len(panels.interventions) else None
            said.append(associations.statement.headline)
        with stages.stage("write") as said:
            write_effects(out, associations, changed)
            effects = (associations, changed)
            store_run(_report_inputs(study, catalogue, panels, cohort, effects, started, guard), out)
            write_manifest(out, manifest(study, catalogue, files, panels.tables, started, utc_now(), guard, fitted))
            read = f"{plural(len(panels.files), 'panel file')} and {plural(len(forms.files), 'form file')}"
            said.append(f"every position of {read} is accounted for in manifest.json")
        with stages.stage("report") as said:
            report = render_report(out)
            said.append(f"{out / report.name} ({report.stat().st_size / 1e6:.1f} MB)")
    return StudyRun(
        study=study,
        out=out,
        normalised=normalised,
        cohort=cohort,
        associations=associations,
        change=changed,
        safety_flags=forms.safety_flags,
        files=files,
        tables=panels.tables,
        stages=tuple(stages.done),
    )
