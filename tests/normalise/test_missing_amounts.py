"""Every result without an amount is counted once, with the reason that its quality codes give."""

import pandas as pd
import polars as pl
import pytest

from recal_labs.choices import Choices
from recal_labs.normalise import normalise
from recal_labs.normalise.missing_amounts import EXPLAINING, MissingAmounts, missing_amounts
from recal_labs.vocabulary import QC_CODES


def results():
    return pd.DataFrame(
        {
            "subject_id": ["S1", "S1", "S2", "S3", "S4"],
            "specimen_id": ["U1", "U1", "U2", "U3", "U4"],
            "specimen": ["urine_spot", "urine_spot", "urine_spot", "urine_24h", "urine_spot"],
            "analyte_id": ["hva", "creatinine", "hva", "hva", "hva"],
            "comparator": "",
            "value": [4.0, 1.0, 4.0, 4.0, 4.0],
            "unit": ["mg/L", "g/L", "mg/L", "mg/L", "ug/g"],
        }
    )


def test_each_reason_is_counted_and_every_row_once():
    found = missing_amounts(normalise(results()).frame)
    assert found == MissingAmounts(5, {"no_canonical_unit": 1, "no_creatinine": 1, "no_volume": 1})
    assert found.missing == 3


def test_an_amount_per_24_h_lacks_the_volume_before_anything_else():
    found = missing_amounts(normalise(results(), choices=Choices(basis="per_24h")).frame)
    assert found.by_code == {"no_volume": 3, "no_canonical_unit": 1}
    assert found.words("per_24h").startswith(
        "4 of 5 results have no amount on the basis per_24h: 3 because there is no"
    )


@pytest.mark.parametrize("kind", ["pandas", "polars", "lazy"])
def test_any_frame_will_do_and_what_is_only_bounded_is_not_missing(kind):
    frame = pl.DataFrame(
        {
            "amount": [1.0, None, None, None],
            "amount_low": [1.0, 0.0, None, None],
            "basis": "per_creatinine",
            "qc": ["", "creatinine_censored", None, "no_creatinine;no_interval"],
        }
    )
    given = {"pandas": frame.to_pandas(), "polars": frame, "lazy": frame.lazy()}[kind]
    found = missing_amounts(given)
    assert (found.n, dict(found.by_code)) == (4, {"no_creatinine": 1, "": 1})
    assert "1 because something is missing that no quality code names" in found.words("per_creatinine")


def test_nothing_is_said_where_nothing_is_missing():
    assert MissingAmounts(12).words("none") == ""
    assert missing_amounts(normalise(results().head(0)).frame) == MissingAmounts(0)


def test_every_code_is_one_of_the_vocabulary():
    assert set(EXPLAINING) <= set(QC_CODES)
