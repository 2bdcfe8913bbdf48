"""rl.pseudonymise: frames in, coded frames of the same kind out."""

import pandas as pd
import polars as pl
import pytest

import recal_labs as rl
from recal_labs.errors import TableError
from recal_labs.privacy import read_key_table

PEOPLE = pd.DataFrame({"subject_id": ["S1", "S2"], "birth_year": [1980, 1920], "name": ["Ann", "Bob"]})
RESULTS = pd.DataFrame(
    {
        "subject_id": ["S1", "S2"],
        "specimen_id": ["U1", "U2"],
        "collected_at": pd.to_datetime(["2024-03-01", "2024-03-01"]),
        "analyte_id": "hva",
        "value": [4.0, 5.0],
    }
)


def test_tables_handed_in_together_are_coded_alike_and_ages_survive(key_file):
    coded = rl.pseudonymise({"subjects": PEOPLE, "results": RESULTS}, key_file)
    assert list(coded) == ["subjects", "results"]
    assert coded["results"]["subject_id"].tolist() == coded["subjects"]["subject_id"].tolist()
    assert coded["results"]["age_years"].tolist() == [44.0, 90.0]
    assert list(coded["subjects"].columns) == ["subject_id"]


def test_a_single_frame_is_told_by_its_columns(key_file):
    assert rl.pseudonymise(RESULTS, key_file)["value"].tolist() == [4.0, 5.0]
    outcomes = pl.DataFrame({"subject_id": ["S1"], "instrument": ["phq9"], "score": [3.0]})
    assert isinstance(rl.pseudonymise(outcomes, key_file), pl.DataFrame)
    bottles = pd.DataFrame({"specimen_id": ["U1"], "preservative": ["HCl"]})
    assert rl.pseudonymise(bottles, key_file)["specimen_id"][0] == rl.pseudonymise(RESULTS, key_file)["specimen_id"][0]


def test_codes_are_told_back_by_the_key_table(key, key_file):
    coded = rl.pseudonymise(RESULTS, key_file)
    table = read_key_table(key)
    back = dict(table.select("code", "original").iter_rows())
    assert coded["subject_id"].map(back).tolist() == ["S1", "S2"]


def test_labs_and_columns_of_ones_own_are_kept_when_named(key_file):
    frame = RESULTS.assign(lab_id=["lab_a", "Dr Ann"], mine=[1, 2], other=[3, 4])
    coded = rl.pseudonymise(frame, key_file, labs=["lab_a"], keep=["mine"])
    assert coded["lab_id"][0] == "lab_a"
    assert coded["lab_id"][1].startswith("L-")
    assert "mine" in coded
    assert "other" not in coded


def test_a_frame_of_no_known_kind_is_refused(key_file):
    with pytest.raises(TableError, match="cannot tell what the frame is"):
        rl.pseudonymise(pd.DataFrame({"a": [1]}), key_file)
    with pytest.raises(TableError, match="knows no table peple"):
        rl.pseudonymise({"peple": PEOPLE}, key_file)


def test_dates_move_with_the_subject(key_file):
    coded = rl.pseudonymise(
        {
            "results": RESULTS,
            "specimens": pd.DataFrame({"specimen_id": ["U1"], "received_at": pd.to_datetime(["2024-03-02"])}),
        },
        key_file,
        shift_days=50,
    )
    assert (coded["specimens"]["received_at"][0] - coded["results"]["collected_at"][0]).days == 1
    assert coded["results"]["collected_at"][0] != RESULTS["collected_at"][0]


def test_what_is_no_frame_is_refused_in_words(key_file):
    with pytest.raises(TableError, match=r"given a Normalised as the frame; .* Hand in its \.frame"):
        rl.pseudonymise(rl.normalise(RESULTS.assign(specimen="urine_spot", unit="mg/L", comparator="")), key_file)
