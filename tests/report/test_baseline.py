import numpy as np
import pandas as pd

from recal_labs.report.baseline import baseline_table


def test_missing_values_are_counted_for_each_variable():
    people = pd.DataFrame({"age_years": [20.0, np.nan, 40.0], "sex": ["female", None, "male"]})
    table = baseline_table(people)
    assert (table["n"] + table["missing"] == 3).all()
    assert set(table["missing"]) == {1}


def test_flags_are_yes_and_no_even_with_gaps():
    table = baseline_table(pd.DataFrame({"smoker": pd.array([True, False, None, True], dtype="boolean")}))
    assert table[["level", "value"]].to_numpy().tolist() == [["no", "1 (33 %)"], ["yes", "2 (67 %)"]]


def test_a_variable_without_any_value_is_listed_not_dropped():
    table = baseline_table(pd.DataFrame({"weight_kg": [np.nan, np.nan]}))
    assert table[["value", "n", "missing"]].to_numpy().tolist() == [["no value", 0, 2]]


def test_one_person_has_no_standard_deviation():
    table = baseline_table(pd.DataFrame({"phq9": [7.0]}), labels={"phq9": "PHQ-9"})
    assert table["value"].tolist() == ["7.0 (–)", "7.0 (7.0–7.0)"]


def test_ids_and_dates_are_not_described():
    people = pd.DataFrame({"subject_id": ["a"], "visit_at": pd.to_datetime(["2026-01-01"]), "age_years": [30.0]})
    assert baseline_table(people)["variable"].unique().tolist() == ["Age at enrolment, years"]


def test_mean_and_median_agree_with_numpy():
    values = np.array([1.0, 2.0, 4.0, 9.0])
    table = baseline_table(pd.DataFrame({"x": values}))
    assert table["value"][0] == f"{values.mean():.1f} ({values.std(ddof=1):.1f})"
    low, middle, high = np.percentile(values, [25, 50, 75])
    assert table["value"][1] == f"{middle:.1f} ({low:.1f}–{high:.1f})"
