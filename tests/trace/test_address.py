"""A result is found by whatever a person has at hand; nothing is guessed."""

import polars as pl
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.trace import AmbiguousResultError, UnknownResultError
from recal_labs.trace.address import find_result
from recal_labs.trace.runs import open_run

from .conftest import HEAD, altered, small_run


def found(run, words):
    return find_result(open_run(run), words, load_catalogue())


@pytest.mark.parametrize(
    "words",
    [
        "panel_a.csv:4",
        "panel_a.csv:row 4",
        "panel_a.csv:Row 4",
        "U17 dopamine",
        "U17/dopamine",
        "U17  Dopamine",
        "U17 DA",
        "S1 dopamine",
        "#4",
        "4",
        " #4 ",
    ],
)
def test_every_way_to_name_a_result_leads_to_it(small, words):
    assert found(small, words) == 2


def test_row_of_the_csv_is_what_a_spreadsheet_shows(small):
    lines = (small / "normalised.csv").read_text(encoding="utf-8").splitlines()
    place = found(small, "#4")
    assert "Dopamine" in lines[4 - 1]
    assert pl.read_parquet(small / "normalised.parquet")["reported_name"][place] == "Dopamine"


def test_of_a_superseded_and_a_current_result_the_current_one_is_meant(small):
    assert found(small, "U17 vma") == 5


def test_a_superseded_result_is_found_by_its_place(small):
    assert found(small, "panel_a.csv:6") == 4


def test_several_results_are_listed_each_with_its_own_address(tmp_path):
    wide = HEAD + "".join(f"S1,U{i},HVA,{i}.5,mg/g creat,random urine,female,40,,,\n" for i in range(1, 15))
    run = small_run(tmp_path, wide)
    with pytest.raises(AmbiguousResultError) as raised:
        found(run, "S1 hva")
    assert len(raised.value.candidates) == 14
    assert "#2  U1 hva  1.5 mg/g{creat}  panel_a.csv row 2" in str(raised.value)
    assert "and 2 more" in str(raised.value)
    for line in raised.value.candidates:
        address = line.split()[0]
        assert line.split()[1] == pl.read_parquet(run / "normalised.parquet")["specimen_id"][found(run, address)]


def test_fractions_that_both_stand_are_ambiguous(tmp_path):
    text = HEAD + "".join(
        f'S1,U1,"{name}",{value},ug/g creat,random urine,female,40,,,\n'
        for name, value in (("MHPG, free", 30), ("MHPG total", 90))
    )
    with pytest.raises(AmbiguousResultError, match="free"):
        found(small_run(tmp_path, text), "U1 mhpg")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("U71 dopamine", "Nearest: U17"),
        ("U17 dopamne", "Nearest: dopamine"),
        ("U17 serotonin", "It has creatinine, dopamine"),
        ("panel_b.csv:4", "Nearest: panel_a.csv"),
        ("panel_a.csv:row 44", "Nearest: row 4"),
        ("panel_a.csv:9", r"is a reject \(unknown_analyte\)"),
        ("panel_a.csv:1", r"holds no result by design \(header\)"),
        ("#1", "rows 2 to 8"),
        ("#9", "rows 2 to 8"),
        ("#x", "rows 2 to 8"),
        ("", "Name it as"),
        ("dopamine", "Name it as"),
    ],
)
def test_what_is_not_there_is_said_with_the_nearest_that_is(small, words, said):
    with pytest.raises(UnknownResultError, match=said):
        found(small, words)


def test_names_may_hold_the_marks_that_separate(tmp_path):
    text = HEAD + "S1,S1/2024:a b,HVA,4,mg/g creat,random urine,female,40,,,\n"
    run = small_run(tmp_path, text, name="panel: new.csv")
    assert found(run, "S1/2024:a b hva") == 0
    assert found(run, "S1/2024:a b/hva") == 0
    assert found(run, "panel: new.csv:row 2") == 0


def test_a_file_is_found_by_the_end_of_its_path(small, tmp_path):
    deep = altered(small, tmp_path / "deep", lambda f: f.with_columns(source_file=pl.lit("lab/2024/panel_a.csv")))
    assert found(deep, "panel_a.csv:4") == 2
    assert found(deep, "2024/panel_a.csv:4") == 2
    with pytest.raises(UnknownResultError):
        found(deep, "a.csv:4")


def test_errors_survive_pickling(small):
    import pickle

    for error in (UnknownResultError("w", "why."), AmbiguousResultError("w", ["#2  a"])):
        again = pickle.loads(pickle.dumps(error))
        assert str(again) == str(error)
