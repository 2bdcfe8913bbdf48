"""A tiny study, written as its files would be: quick enough to run the whole way in a test."""

from pathlib import Path

import numpy as np
import pytest

STUDY = """
[study]
title = "A made-up study"
simulated = true
named_person = "Dr Example"

[files]
subjects = "subjects.csv"
interventions = "interventions.csv"

[[files.panels]]
path = "panel.csv"
profile = "generic_long"
lab = "lab_x"

[[files.outcomes]]
path = "phq9.csv"
instrument = "phq9"

[choices]
window_days = 14
"""


def write_tiny_study(folder: Path, n: int = 30, study: str = STUDY) -> Path:
    """Write a study of n people: HVA and dopamine, creatinine, PHQ-9; the last person has no sex and no age."""
    rng = np.random.default_rng(7)
    panel = ["subject_id,specimen_id,collected_at,specimen,analyte,result,unit,range"]
    phq9 = ["subject_id,assessed_at," + ",".join(f"q{i}" for i in range(1, 10))]
    people = ["subject_id,sex,age_years,group"]
    for i in range(n):
        who, group = f"S{i:03}", "ab"[i % 2]
        people.append(f"{who},{'female' if i % 2 else 'male'},{30 + i},{group}" if i < n - 1 else f"{who},,,{group}")
        for visit, day in enumerate(("2024-03-01", "2024-05-01")):
            start = f"{who},{who}-{visit},{day} 07:30,random urine"
            creatinine = rng.uniform(0.5, 2.0)
            panel.append(f"{start},Creatinine,{creatinine:.3f},g/L,")
            panel.append(f"{start},HVA,{creatinine * rng.lognormal(1.2, 0.4):.3f},mg/L,")
            panel.append(f"{start},Dopamine,{rng.lognormal(5, 0.4):.1f},ug/g creat,65 - 400")
            answers = rng.integers(0, 3, 9)
            answers[8] = 1 if i == 3 else 0
            phq9.append(f"{who},{day}," + ",".join(map(str, answers)))
    interventions = ["subject_id,kind,name,dose,unit,start,stop"]
    interventions += [f"S{i:03},behavioural,sleep training,,,2024-03-05," for i in range(12)]
    files = {
        "panel.csv": panel,
        "phq9.csv": phq9,
        "subjects.csv": people,
        "interventions.csv": interventions,
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        (folder / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    path = folder / "study.toml"
    path.write_text(study, encoding="utf-8")
    return path


@pytest.fixture
def tiny_study(tmp_path):
    """The path of a tiny study's study.toml."""
    return write_tiny_study(tmp_path / "study")
