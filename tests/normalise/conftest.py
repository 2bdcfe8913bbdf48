"""Small result tables, written as a lab scientist would say them."""

import numpy as np
import pandas as pd
import pytest

DEFAULTS = {
    "subject_id": "S1",
    "specimen_id": "U1",
    "specimen": "urine_spot",
    "comparator": "",
    "sex": "female",
    "age_years": 40.0,
    "fraction": "unspecified",
    "status": "final",
}


@pytest.fixture
def results():
    """Return a function that makes a `results` frame from rows, filling in an adult woman's spot urine."""

    def make(*rows: dict) -> pd.DataFrame:
        return pd.DataFrame([DEFAULTS | row for row in rows])

    return make


@pytest.fixture
def rng():
    """Return a seeded generator."""
    return np.random.default_rng(20260101)
