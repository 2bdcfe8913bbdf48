"""The commands about profiles: what a person types from an unknown file to a profile that reads it."""

import pandas as pd

from tests.ingest.unknown_exports import MISTYPED

from .test_cli import run


def test_from_an_unknown_file_to_a_profile_that_reads_all_of_it(tmp_path, capsys):
    export, profile, out = tmp_path / "export.csv", tmp_path / "my_lab.toml", tmp_path / "out"
    export.write_text(MISTYPED, encoding="utf-8")
    assert run("inspect", str(export), "--specimen", "random urine", "--write", str(profile)) == 0
    shown = capsys.readouterr().out
    assert "Rezult: value, likely" in shown
    assert "row 2: HVA 2,5 mg/g Krea -> hva 2.5 mg/g{creat} (S1, urine_spot)" in " ".join(shown.split())
    assert "1 unknown_analyte: the name or code is not in the catalogue." in shown
    assert max(map(len, shown.splitlines()[:-1])) <= 80
    wanted = ("normalise", str(export), "--out", str(out), "--profile", str(profile), "--quiet")
    assert run(*wanted) == 3
    answers = {"Dopamien": "dopamine", "NA": "norepinephrine"}
    worklist = pd.read_csv(out / "worklist.csv", dtype=str, keep_default_na=False)
    assert (worklist["answer"] == "").all()
    worklist["answer"] = worklist["text"].map(answers)
    worklist.to_csv(tmp_path / "filled.csv", index=False)
    assert run("accept", str(tmp_path / "filled.csv"), "--profile", str(profile)) == 0
    assert "2 answers written" in " ".join(capsys.readouterr().out.split())
    assert run(*wanted) == 0
    assert len(pd.read_parquet(out / "normalised.parquet")) == 4


def test_without_write_the_profile_is_shown_and_nothing_is_left_behind(tmp_path, capsys):
    (tmp_path / "export.csv").write_text(MISTYPED, encoding="utf-8")
    assert run("inspect", str(tmp_path / "export.csv")) == 0
    assert 'extends = "generic_long"' in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir()] == ["export.csv"]


def test_what_cannot_be_inspected_or_written_is_usage(tmp_path, capsys):
    (tmp_path / "letter.txt").write_text("Dear colleague\n", encoding="utf-8")
    (tmp_path / "export.csv").write_text(MISTYPED, encoding="utf-8")
    (tmp_path / "mine.toml").write_text("# mine\n", encoding="utf-8")
    assert run("inspect", str(tmp_path / "letter.txt")) == 2
    assert run("inspect", str(tmp_path / "absent.csv")) == 2
    assert run("inspect", str(tmp_path / "export.csv"), "--specimen", "blood") == 2
    assert run("inspect", str(tmp_path / "export.csv"), "--write", str(tmp_path / "mine.toml")) == 2
    assert "is not overwritten" in capsys.readouterr().err
    assert (tmp_path / "mine.toml").read_text(encoding="utf-8") == "# mine\n"
