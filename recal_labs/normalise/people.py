"""What the results do not say of a person or a bottle, filled in from the subjects and specimens tables."""

from __future__ import annotations

from typing import Any

import pandas as pd

from recal_labs.columns import SPECIMEN_DETAILS, SUBJECTS, require_columns

# What the results table has no column for; a correction for dilution and the completeness of a collection use it.
SIZE = ("weight_kg", "height_cm")


def _one_row_each(table: pd.DataFrame, key: str) -> pd.DataFrame:
    # A person listed twice must never multiply results: the last entry is the newest.
    return table.dropna(subset=[key]).drop_duplicates(key, keep="last").set_index(key)


def _fill(results: pd.DataFrame, column: str, found: pd.Series[Any], unknown: str | None = None) -> None:
    if column not in results:
        results[column] = found
        return
    here = results[column]
    empty = here.isna() if unknown is None else here.isna() | (here == unknown)
    results[column] = here.where(~empty, found)


def fill_from_subjects(results: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    """Fill missing sex and age at collection from the subjects table, and add weight and height where it has them.

    Parameters
    ----------
    results : DataFrame
        The `results` table. What the lab stated itself is kept.
    subjects : DataFrame
        The `subjects` table, one row a person; of several rows for one id the last one counts.

    Returns
    -------
    DataFrame
        A copy with the same rows. Age comes from ``age_years``, else from the years between ``birth_year`` and the
        collection. A person who is not listed, or without sex or age, keeps ``unknown`` and a missing age. Columns
        ``weight_kg`` and ``height_cm`` are added at the end if the subjects table has them; `normalise` keeps them.

    Examples
    --------
    >>> results = pd.DataFrame({"subject_id": ["S1", "S2"], "sex": ["unknown", "male"], "age_years": [None, 50.0]})
    >>> subjects = pd.DataFrame({"subject_id": ["S1"], "sex": ["female"], "age_years": [31.0]})
    >>> fill_from_subjects(results, subjects)[["sex", "age_years"]].values.tolist()
    [['female', 31.0], ['male', 50.0]]
    """
    require_columns(subjects.columns, SUBJECTS, "subjects")
    filled, people = results.copy(), _one_row_each(subjects, "subject_id")
    who = filled["subject_id"]
    if "sex" in people:
        # As objects: looked up in a table without a row, texts would come back as missing numbers.
        told = who.map(people["sex"]).astype(object)
        _fill(filled, "sex", told.where(told.notna(), "unknown"), unknown="unknown")
    if "age_years" in people:
        _fill(filled, "age_years", pd.to_numeric(who.map(people["age_years"])))
    if "birth_year" in people and "collected_at" in filled:
        born = pd.to_numeric(who.map(people["birth_year"]))
        _fill(filled, "age_years", pd.to_datetime(filled["collected_at"]).dt.year - born)
    for column in SIZE:
        if column in people and people[column].notna().any():
            _fill(filled, column, pd.to_numeric(who.map(people[column])).astype(float))
    return filled


def fill_from_specimens(results: pd.DataFrame, specimens: pd.DataFrame) -> pd.DataFrame:
    """Fill missing collection volume and duration from the specimens table; the rows stay the same."""
    require_columns(specimens.columns, SPECIMEN_DETAILS, "specimens")
    filled, bottles = results.copy(), _one_row_each(specimens, "specimen_id")
    for column in ("collection_volume_l", "collection_hours"):
        if column in bottles:
            _fill(filled, column, pd.to_numeric(filled["specimen_id"].map(bottles[column])))
    return filled
