"""What a study has read, with codes in place of identifiers, before anything of it is written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.columns import REJECTS, polars_schema
from recal_labs.ingest import Profile, load_profile, shipped_profiles
from recal_labs.ingest.worklist import worklist
from recal_labs.normalise.people import SIZE
from recal_labs.privacy import Guard, Protection, check_folder, check_place, protection_of, with_coded_suggestions
from recal_labs.provenance import FileRecord
from recal_labs.study.declared import Study
from recal_labs.study.inputs import PanelInputs


def protection_for(
    study: Study, out: Path, key: Path | str | None, shift_days: int | None, outputs: Iterable[str]
) -> Protection | None:
    """Return how the people of a study are protected, once key and output folder have been looked at.

    Parameters
    ----------
    study : Study
    out : Path
    key : path, optional
        Stands above the one that study.toml names.
    shift_days : int, optional
        Stands above that of study.toml.
    outputs : iterable of str
        Names of what a run writes.

    Raises
    ------
    FileProblem, ChoiceError
        When the key cannot be used or lies in the wrong place, or the folder holds outputs of the other kind.
    """
    days = study.shift_days if shift_days is None else shift_days
    protection = protection_of(key or study.key, days, f"{study.path.name} or --shift-dates")
    if protection is not None:
        check_place(protection.key, out, files=(study.path, *study.input_files()))
    check_folder(out, protection, outputs)
    return protection


def _profiles(study: Study, files: Iterable[FileRecord]) -> tuple[Profile, ...]:
    """Return the profiles that were named, and the shipped ones that read what named none."""
    shipped = shipped_profiles()
    names: list[str | Path] = [panel.profile for panel in study.panels if panel.profile != "auto"]
    names += [record.profile for record in files if record.profile in shipped]
    return tuple(load_profile(name) for name in dict.fromkeys(names))


def guard_panels(
    panels: PanelInputs, study: Study, catalogue: Catalogue, protection: Protection
) -> tuple[PanelInputs, Guard]:
    """Return what was read with codes for identifiers, and the guard for what is read later.

    Sex, age, volume and duration have been filled in before, from true ids and dates.
    """
    profiles = _profiles(study, panels.files)
    guard = Guard.of(protection, catalogue, profiles)
    labs = {lab for lab in (*(p.lab for p in study.panels), *(p.lab for p in profiles)) if lab}
    kept = {*study.keep, *study.choices.covariates}
    rejects = guard.rejects(panels.rejects)
    coded = replace(
        panels,
        results=guard.results(panels.results, labs=labs, keep=SIZE),
        rejects=rejects,
        no_result=guard.no_result(panels.no_result),
        worklist=_worklist(rejects, catalogue),
        files=tuple(guard.record(record) for record in panels.files),
        subjects=guard.subjects(panels.subjects, keep=kept),
        specimens=guard.specimens(panels.specimens),
        interventions=guard.interventions(panels.interventions),
        adverse_events=guard.adverse_events(panels.adverse_events),
        table_rejects=guard.rejects(panels.table_rejects),
        tables=tuple(guard.record(record) for record in panels.tables),
    )
    return coded, guard


def _worklist(rejects: pd.DataFrame, catalogue: Catalogue) -> pd.DataFrame:
    schema = polars_schema(REJECTS)
    inside = pl.from_pandas(rejects).select(list(schema)).cast(schema)
    return with_coded_suggestions(worklist(inside, catalogue), inside).to_pandas()
