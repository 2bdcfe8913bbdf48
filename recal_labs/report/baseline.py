"""The baseline table: who was analysed, and what is missing about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from recal_labs.columns import SUBJECTS
from recal_labs.report.plain import as_pandas
from recal_labs.report.wording import MISSING, fixed, percent, sentence_case

COLUMNS = ("variable", "level", "n", "missing", "value")

UNIT_WORDS: Mapping[str, str] = {"a": "years", "mL/min/1.73m2": "mL/min/1.73 m²"}

NOT_DESCRIBED = frozenset({"subject_id", "specimen_id"})


def variable_label(name: str, labels: Mapping[str, str] | None = None) -> str:
    """Return the words for a column: those given, else the codebook's meaning with its unit, else its name.

    Examples
    --------
    >>> variable_label("weight_kg"), variable_label("phq9", {"phq9": "PHQ-9 total"}), variable_label("shoe_size")
    ('Body weight, kg', 'PHQ-9 total', 'Shoe size')
    """
    if labels and name in labels:
        return labels[name]
    if name in SUBJECTS.names:
        column = SUBJECTS[name]
        unit = UNIT_WORDS.get(column.unit, column.unit)
        # "Years of education, years" says it twice.
        said = not unit or unit.lower() in column.meaning.lower().split()
        return sentence_case(column.meaning) + ("" if said else f", {unit}")
    return sentence_case(name.replace("_", " "))


def baseline_table(frame: pd.DataFrame, *, labels: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Describe the people analysed, one block a variable, missing values counted.

    Parameters
    ----------
    frame : DataFrame, shape (n_subjects, n_variables)
        Covariates and outcomes, one row a subject analysed. Ids and dates are left out.
    labels : mapping of str to str, optional
        Words for columns, such as ``{"phq9": "PHQ-9 total"}``.

    Returns
    -------
    DataFrame
        variable, level, n (people with a value), missing (people without), value (text): numbers get a mean (SD) and
        a median (interquartile range) row, words and flags a row a level with n (%) of those with a value.

    Examples
    --------
    >>> table = baseline_table(pd.DataFrame({"age_years": [30.0, 50.0, None], "sex": ["female", "female", "male"]}))
    >>> print(table.to_string(index=False))
                   variable        level  n  missing            value
    Age at enrolment, years    mean (SD)  2        1      40.0 (14.1)
    Age at enrolment, years median (IQR)  2        1 40.0 (35.0–45.0)
                        Sex       female  3        0         2 (67 %)
                        Sex         male  3        0         1 (33 %)
    """
    people = as_pandas(frame)
    rows = [
        {"variable": variable_label(str(name), labels), "n": n, "missing": len(people) - n, **cells}
        for name in people.columns
        if str(name) not in NOT_DESCRIBED and not pd.api.types.is_datetime64_any_dtype(people[name])
        for n, cells in _describe(people[name])
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _describe(column: pd.Series[Any]) -> Iterator[tuple[int, dict[str, str]]]:
    known = column.dropna()
    n = len(known)
    if n == 0:
        yield 0, {"level": "", "value": "no value"}
    elif pd.api.types.is_bool_dtype(known) or not pd.api.types.is_numeric_dtype(known):
        for level, count in _levels(known):
            yield n, {"level": level, "value": f"{count:,} ({percent(count, n)})"}
    else:
        numbers = known.astype(float)
        digits = 1 if float(numbers.std(ddof=1) if n > 1 else 1.0) < 100 else 0
        spread = fixed(float(numbers.std(ddof=1)), digits) if n > 1 else MISSING
        low, middle, high = (fixed(float(numbers.quantile(q)), digits) for q in (0.25, 0.5, 0.75))
        yield n, {"level": "mean (SD)", "value": f"{fixed(float(numbers.mean()), digits)} ({spread})"}
        yield n, {"level": "median (IQR)", "value": f"{middle} ({low}–{high})"}


def _levels(known: pd.Series[Any]) -> list[tuple[str, int]]:
    """Return levels with their counts, in alphabetical order; flags as yes and no."""
    words = known.map({True: "yes", False: "no"}) if pd.api.types.is_bool_dtype(known) else known.astype(str)
    counts = words.value_counts().sort_index()
    return [(str(level), int(count)) for level, count in counts.items()]
