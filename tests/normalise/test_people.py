"""Sex, age, volume and duration that the lab did not send come from the study's own tables, and never multiply rows."""

import numpy as np
import pandas as pd
import pytest

from recal_labs.errors import TableError
from recal_labs.normalise.people import fill_from_specimens, fill_from_subjects

RESULTS = pd.DataFrame(
    {
        "subject_id": ["S1", "S1", "S2", "S9", None],
        "specimen_id": ["U1", "U2", "U3", "U4", "U5"],
        "collected_at": pd.to_datetime(["2024-06-01"] * 5),
        "sex": ["unknown", "male", "unknown", "unknown", "unknown"],
        "age_years": [np.nan, 55.0, np.nan, np.nan, np.nan],
        "collection_volume_l": [np.nan, 2.0, np.nan, np.nan, np.nan],
    }
)


def test_what_the_lab_stated_stands_and_the_rest_is_filled():
    subjects = pd.DataFrame({"subject_id": ["S1", "S2"], "sex": ["female", "male"], "age_years": [31.0, 62.0]})
    filled = fill_from_subjects(RESULTS, subjects)
    assert filled["sex"].tolist() == ["female", "male", "male", "unknown", "unknown"]
    assert filled["age_years"].fillna(-1).tolist() == [31.0, 55.0, 62.0, -1.0, -1.0]


def test_age_at_collection_comes_from_the_year_of_birth():
    filled = fill_from_subjects(RESULTS, pd.DataFrame({"subject_id": ["S1"], "birth_year": [1990]}))
    assert filled["age_years"].iloc[0] == 34


def test_of_two_entries_of_a_person_the_last_counts_and_rows_stay():
    subjects = pd.DataFrame({"subject_id": ["S1", "S1"], "age_years": [30.0, 31.0]})
    filled = fill_from_subjects(RESULTS, subjects)
    assert len(filled) == len(RESULTS)
    assert filled["age_years"].iloc[0] == 31.0


def test_volume_comes_from_the_bottle_only_where_the_lab_sent_none():
    bottles = pd.DataFrame(
        {"specimen_id": ["U1", "U2"], "collection_volume_l": [1.5, 1.1], "collection_hours": [24, 23]}
    )
    filled = fill_from_specimens(RESULTS, bottles)
    assert filled["collection_volume_l"].fillna(-1).tolist() == [1.5, 2.0, -1.0, -1.0, -1.0]
    assert filled["collection_hours"].fillna(-1).tolist() == [24.0, 23.0, -1.0, -1.0, -1.0]


def test_the_frame_handed_in_is_left_alone():
    before = RESULTS.copy()
    fill_from_subjects(RESULTS, pd.DataFrame({"subject_id": ["S1"], "sex": ["female"]}))
    pd.testing.assert_frame_equal(RESULTS, before)


def test_a_table_without_ids_is_refused():
    with pytest.raises(TableError, match="subject_id"):
        fill_from_subjects(RESULTS, pd.DataFrame({"sex": ["female"]}))


def test_weight_and_height_are_added_where_the_table_has_them():
    subjects = pd.DataFrame({"subject_id": ["S1", "S2"], "weight_kg": ["70", None], "height_cm": [None, None]})
    filled = fill_from_subjects(RESULTS, subjects)
    assert filled["weight_kg"].fillna(-1).tolist() == [70.0, 70.0, -1.0, -1.0, -1.0]
    assert "height_cm" not in filled
    stated = RESULTS.assign(weight_kg=[60.0, np.nan, 80.0, np.nan, np.nan])
    assert fill_from_subjects(stated, subjects)["weight_kg"].fillna(-1).tolist() == [60.0, 70.0, 80.0, -1.0, -1.0]
