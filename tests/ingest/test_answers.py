"""A worklist's answers are checked, all faults told at once, and written into the profile beside what stands there."""

import pytest

from recal_labs.errors import FileProblem, ProfileError
from recal_labs.ingest import accept_answers, load_profile, read_panel
from recal_labs.spreadsheets import neutralised

from .exports import CATALOGUE

EXPORT = """\
patient,analyte,result,unit,specimen
S1,Dopamien,130,ug/g Cr,urine
S1,NA,30,ug/g Cr,urine
S1,VMA,4,,urine
S1,HVA,4,mg/g Kretin,urine
S1,=XX,4,mg/g Cr,urine
"""
PROFILE = """\
# The north lab, since 2024.
extends = "generic_long"

[analytes]
# asked on the telephone
"5-OH-IES" = "hiaa_5"   # their own short form

[text]
decimal = "."
"""


@pytest.fixture
def lab(tmp_path):
    """Return the folder with an export, a profile, and the worklist of a run with it."""
    (tmp_path / "export.csv").write_text(EXPORT, encoding="utf-8")
    (tmp_path / "lab.toml").write_text(PROFILE, encoding="utf-8")
    read = read_panel(tmp_path / "export.csv", tmp_path / "lab.toml", as_frame="polars")
    neutralised(read.worklist).write_csv(tmp_path / "worklist.csv")
    return tmp_path


def answer(folder, **answers: str):
    """Fill in the column `answer` as a person does, and accept it."""
    import pandas as pd

    frame = pd.read_csv(folder / "worklist.csv", dtype=str, keep_default_na=False)
    frame["answer"] = [answers.get(text.strip("'="), "") for text in frame["text"]]
    frame.to_csv(folder / "filled.csv", index=False)
    return accept_answers(folder / "filled.csv", folder / "lab.toml", catalogue=CATALOGUE)


def test_answers_go_round_and_the_rest_of_the_file_stays(lab):
    done = answer(lab, Dopamien="dopamine", NA="Noradrenaline", VMA="mg/g Cr", XX="hva")
    assert done.analytes == {"Dopamien": "dopamine", "NA": "norepinephrine", "=XX": "hva"}
    assert done.units == {"VMA": "mg/g Cr"}
    assert done.unanswered == 1
    text = (lab / "lab.toml").read_text(encoding="utf-8")
    for line in PROFILE.splitlines():
        assert line in text.splitlines()
    assert text.index("their own short form") < text.index('"Dopamien" = "dopamine"') < text.index("[text]")
    again = read_panel(lab / "export.csv", lab / "lab.toml")
    assert again.results["analyte_id"].tolist() == ["dopamine", "norepinephrine", "vma", "hva"]
    assert again.rejects["reason"].tolist() == ["unknown_unit"]


def test_the_same_answers_once_more_change_nothing(lab):
    answer(lab, Dopamien="dopamine")
    before = (lab / "lab.toml").read_bytes()
    done = answer(lab, Dopamien="Dopamine")
    assert (done.known, dict(done.analytes)) == (1, {})
    assert (lab / "lab.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ({"Dopamien": "dopamime"}, r"'Dopamien' is answered with 'dopamime'.*Did you mean dopamine"),
        ({"Dopamien": "dopamnie"}, "Did you mean dopamine"),
        ({"NA": "NA"}, "may mean norepinephrine or sodium; write the id"),
        ({"VMA": "mg/g Kreta"}, "'VMA' is answered with 'mg/g Kreta'. The unit .* is not known"),
        ({"VMA": "mg/L/h"}, "'VMA' is answered"),
        ({"mg/g Kretin": "mg/g"}, "a profile gives units to names"),
    ],
)
def test_a_wrong_answer_is_refused_with_what_may_be_meant_and_nothing_is_written(lab, answers, said):
    with pytest.raises(ProfileError, match=said):
        answer(lab, **answers)
    assert (lab / "lab.toml").read_text(encoding="utf-8") == PROFILE


def test_all_wrong_answers_are_told_at_once_and_the_right_ones_wait(lab):
    with pytest.raises(ProfileError) as told:
        answer(lab, Dopamien="x", NA="norepinephrine", VMA="y")
    assert len(told.value.faults) == 2
    assert "filled.csv line" in told.value.faults[0]
    assert (lab / "lab.toml").read_text(encoding="utf-8") == PROFILE


def test_an_answer_against_the_profile_is_refused(lab):
    (lab / "lab.toml").write_text(PROFILE.replace("5-OH-IES", "dopamien"), encoding="utf-8")
    with pytest.raises(ProfileError, match=r"the profile's \[analytes\] says 'hiaa_5'"):
        answer(lab, Dopamien="dopamine")


def test_a_worklist_without_answers_says_what_to_add(lab):
    (lab / "bare.csv").write_text("what,text\nname,X\n", encoding="utf-8")
    with pytest.raises(FileProblem, match="add a column answer"):
        accept_answers(lab / "bare.csv", lab / "lab.toml", catalogue=CATALOGUE)


def test_a_shipped_profile_takes_no_answers(lab):
    with pytest.raises(FileProblem, match="a profile of your own"):
        accept_answers(lab / "worklist.csv", "generic_long", catalogue=CATALOGUE)


def test_answers_are_not_written_where_no_line_can_be_added(lab):
    braces = 'extends = "generic_long"\nanalytes = { "5-OH-IES" = "hiaa_5" }\n'
    (lab / "lab.toml").write_text(braces, encoding="utf-8")
    with pytest.raises(FileProblem, match="not written as a table of lines"):
        answer(lab, Dopamien="dopamine")
    assert (lab / "lab.toml").read_text(encoding="utf-8") == braces


def test_a_profile_without_the_table_gets_one_and_keeps_its_line_ends(lab):
    (lab / "lab.toml").write_bytes(b'extends = "generic_long"\r\nlab = "north"\r\n')
    answer(lab, Dopamien="dopamine", VMA="mg/g Cr")
    text = (lab / "lab.toml").read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n")
    profile = load_profile(lab / "lab.toml")
    assert (profile.lab, profile.analytes, profile.units) == ("north", {"Dopamien": "dopamine"}, {"VMA": "mg/g Cr"})
