"""What is amiss with the numbers of a study is said on the terminal: a unit in doubt, an empty file, no amount."""

import pandas as pd
import pytest

from recal_labs.errors import RecalLabsError
from recal_labs.privacy import new_key
from recal_labs.study import run_study

from .conftest import STUDY, write_tiny_study

ODD = "subject_id,specimen_id,collected_at,specimen,analyte,result,unit\n" + "".join(
    f"S{n:03},S{n:03}-9,2024-03-02 07:30,random urine,VMA,{3000 + n},mg/g creat\n" for n in range(12)
)
TWO = STUDY.replace(
    "[[files.outcomes]]",
    '[[files.panels]]\npath = "odd.csv"\nprofile = "generic_long"\nlab = "lab_y"\n\n[[files.outcomes]]',
)


@pytest.fixture
def odd_study(tmp_path):
    study = write_tiny_study(tmp_path / "study", study=TWO)
    (study.parent / "odd.csv").write_text(ODD, encoding="utf-8")
    return study


@pytest.mark.parametrize("coded", [False, True])
def test_a_unit_in_doubt_is_said_loudly_and_stands_on_the_worklist(odd_study, tmp_path, capsys, coded):
    key = None
    if coded:
        (tmp_path / "safe").mkdir()
        key = new_key(tmp_path / "safe" / "my.key").path
    run = run_study(odd_study, tmp_path / "out", progress=False, pseudonymise=key)
    said = capsys.readouterr().err
    assert "*** UNIT IN DOUBT: vma in mg/g{creat} of lab_y: the median of 3,000 of its 12 results" in said
    assert "ask the lab which unit it means. The first of them: odd.csv row 2; see " in said
    (row,) = pd.read_csv(run.out / "worklist.csv").to_dict("records")
    assert (row["what"], row["text"], row["count"]) == ("unit (suspect)", "mg/g creat", 12)
    assert row["example"].endswith(" row 2")
    assert row["example"].startswith("odd.csv") is not coded


def test_an_empty_panel_file_and_results_without_an_amount_are_said(odd_study, tmp_path, capsys):
    (odd_study.parent / "odd.csv").write_text(ODD.splitlines()[0] + "\n", encoding="utf-8")
    text = odd_study.read_text(encoding="utf-8").replace("window_days = 14", 'basis = "specific_gravity"')
    odd_study.write_text(text, encoding="utf-8")
    with pytest.raises(RecalLabsError):
        run_study(odd_study, tmp_path / "out")
    said = capsys.readouterr()
    assert "*** EMPTY: odd.csv: it holds no results" in said.err
    assert "results have no amount on the basis specific_gravity" in said.out
