"""What README shows of an inbox works as it stands: four labs, four profiles, no reject that is no blemish."""

import csv
import re
import shlex
import shutil
from pathlib import Path

import pandas as pd
import pytest

from recal_labs.cli import main

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").split("### An inbox, every night")[1].split("\n## ")[0]
LABS = {"lab_a.csv": "lab_a", "lab_b.csv": "lab_b", "lab_c.csv": "lab_c", "lab_d.hl7": "lab_d"}


def block(language: str) -> str:
    return re.search(rf"```{language}\n(.*?)```", SECTION, flags=re.DOTALL)[1]


def blemished() -> set[tuple[str, str]]:
    with open(ROOT / "data/sample/blemishes.csv", encoding="utf-8", newline="") as handle:
        rows = [row for row in csv.DictReader(handle) if row["expected"] == "reject"]
    return {(Path(row["file"]).name, row["line"]) for row in rows}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    shutil.copytree(ROOT / "data/sample", tmp_path / "data/sample", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(words: list[str], out: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*words, "--quiet"])
    assert ended.value.code == 3
    rejects = pd.read_csv(out / "rejects.csv", dtype=str)
    assert set(rejects[["source_file", "source_row"]].itertuples(index=False, name=None)) == blemished()
    labs = pd.read_csv(out / "normalised.csv", dtype=str).groupby("source_file")["lab_id"].unique()
    assert {name: list(ids) for name, ids in labs.items()} == {name: [lab] for name, lab in LABS.items()}


def test_the_command_reads_all_four_labs(checkout, capsys):
    words = shlex.split(block("sh").replace("\\\n", " "))
    assert words[:2] == ["recal-labs", "normalise"]
    check(words[1:], checkout / "out/inbox")
    assert "lab_c.csv  lab_c" in capsys.readouterr().out


def test_the_map_reads_all_four_labs_from_beside_and_from_the_inbox(checkout):
    (checkout / "map.toml").write_text(block("toml"), encoding="utf-8")
    check(["normalise", "data/sample/panels", "--profiles", "map.toml", "--out", "one"], checkout / "one")
    inside = block("toml").replace("data/sample/", "../")
    (checkout / "data/sample/panels/profiles.toml").write_text(inside, encoding="utf-8")
    check(["normalise", "data/sample/panels", "--out", "two"], checkout / "two")
    assert (checkout / "one/normalised.csv").read_bytes() == (checkout / "two/normalised.csv").read_bytes()
