"""Finished runs to trace and compare: the sample study's panels, and small ones written in a test."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from recal_labs.batch import normalise_inbox
from recal_labs.catalogue import data_folder
from recal_labs.choices import Choices

HEAD = "patient,specimen_id,analyte,result,unit,specimen,sex,age_years,range,flag,status\n"
PANEL = HEAD + (
    "S1,U17,Creatinine,145,mg/dL,random urine,female,58,16 - 326,,\n"
    "S1,U17,HVA,6.2,mg/L,random urine,female,58,1.8 - 7.3,,\n"
    "S1,U17,Dopamine,1100,nmol/L,random urine,female,58,65 - 400,H,\n"
    "S1,U17,Epinephrine,<2,ug/L,random urine,female,58,,,\n"
    "S1,U17,VMA,3.0,mg/g creat,random urine,female,58,,,\n"
    "S1,U17,VMA,4.0,mg/g creat,random urine,female,58,,,corrected\n"
    "S2,U18,HVA,5.0,mg/g creat,random urine,male,40,,,\n"
    "S2,U18,Mystery,1,ug/L,random urine,male,40,,,\n"
)


def small_run(folder: Path, text: str = PANEL, name: str = "panel_a.csv", choices: Choices | None = None) -> Path:
    """Write one export and normalise it; return the folder of the run."""
    inbox, out = folder / "inbox", folder / "out"
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / name).write_text(text, encoding="utf-8")
    normalise_inbox([inbox], out, profile="generic_long", lab="lab_x", choices=choices, progress=False)
    return out


def altered(run: Path, to: Path, change) -> Path:
    """Copy a run and change its table: `change` takes the frame and returns it."""
    shutil.copytree(run, to)
    change(pl.read_parquet(run / "normalised.parquet")).write_parquet(to / "normalised.parquet")
    return to


def remade(run: Path, change) -> None:
    """Change the manifest of a run in place: `change` takes the content and alters it."""
    content = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    change(content)
    (run / "manifest.json").write_text(json.dumps(content), encoding="utf-8")


@pytest.fixture(scope="session")
def small(tmp_path_factory):
    """The folder of a small run; not to be altered."""
    return small_run(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def sample_run(tmp_path_factory):
    """The panels of the sample study, normalised; not to be altered."""
    sample, out = data_folder("sample"), tmp_path_factory.mktemp("sample") / "out"
    normalise_inbox(
        [sample / "panels"],
        out,
        profile=[sample / "profiles" / f"lab_{letter}.toml" for letter in "abcd"],
        subjects=sample / "subjects.csv",
        specimens=sample / "specimens.csv",
        progress=False,
    )
    return out
