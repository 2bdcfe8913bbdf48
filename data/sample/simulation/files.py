"""Writing a simulated study: every file of it, the list of its blemishes, and big files for benchmarks."""

from __future__ import annotations

import shutil
from pathlib import Path

from simulation.blemished_labs import blemish_forms, blemish_lab_a, blemish_lab_b, blemish_lab_c, blemish_lab_d
from simulation.blemishes import Book
from simulation.delimited import lab_a, lab_b, lab_c
from simulation.hl7 import lab_d
from simulation.sheets import Sheet
from simulation.study_data import Study
from simulation.tables import (
    adverse_events_table,
    interventions_table,
    outcome_table,
    specimens_table,
    subjects_table,
)

HOME = Path(__file__).parents[1]
# Written by hand: what the study asks, and how its labs' exports are read.
BY_HAND = ("study.toml", "profiles")


def make_sheets(study: Study, *, blemishes: bool = True) -> list[Sheet]:
    """Return every file of a study; the last one lists the blemishes."""
    long_csv, wide_comma, timed, hl7 = lab_a(study), lab_b(study), lab_c(study), lab_d(study)
    specimens, book = specimens_table(study), Book()
    phq9, gad7 = outcome_table(study, "phq9"), outcome_table(study, "gad7")
    if blemishes:
        blemish_lab_a(long_csv, book)
        blemish_lab_b(wide_comma, book, set(study.specimens["second"].who.tolist()))
        blemish_lab_c(timed, specimens, book)
        blemish_lab_d(hl7, book)
        blemish_forms(phq9, book)
    tables = [subjects_table(study), specimens, interventions_table(study), adverse_events_table(study), phq9, gad7]
    return [*tables, long_csv, wide_comma, timed, hl7, book.to_sheet()]


def write_study(study: Study, folder: Path | str, *, blemishes: bool = True) -> Path:
    """Write a study that can be run, and return its study.toml.

    Parameters
    ----------
    study : Study
    folder : path
        Gets the files, and copies of study.toml and the profiles when it is not their home.
    blemishes : bool
        Without them every position of every export is a result.
    """
    folder = Path(folder)
    for sheet in make_sheets(study, blemishes=blemishes):
        path = folder / sheet.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sheet.to_bytes())
    if folder.resolve() != HOME.resolve():
        for name in BY_HAND:
            if (HOME / name).is_dir():
                shutil.copytree(HOME / name, folder / name, dirs_exist_ok=True)
            else:
                shutil.copyfile(HOME / name, folder / name)
    return folder / "study.toml"
