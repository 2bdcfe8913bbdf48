"""zlog and interpretation."""

import numpy as np
import pytest

from recal_labs.errors import ReferenceLimitError
from recal_labs.normalise import normalise, zlog


def test_limits_are_at_196_and_the_geometric_centre_at_zero():
    assert zlog([2.0, 4.0, 8.0], 2.0, 8.0) == pytest.approx([-1.96, 0.0, 1.96])


def test_zlog_refuses_one_sided_and_reversed_limits():
    with pytest.raises(ReferenceLimitError, match="positive"):
        zlog(1.0, 0.0, 5.0)
    with pytest.raises(ReferenceLimitError, match="below"):
        zlog(1.0, 5.0, 5.0)


def test_zlog_of_zero_or_missing_is_missing():
    assert np.isnan(zlog([0.0, np.nan], 1.0, 2.0)).all()


# Adult women's 24 h serotonin-like case needs no catalogue: the lab's own range is judged by the same rule.
@pytest.mark.parametrize(
    ("comparator", "value", "low", "high", "expected"),
    [
        ("", 5.0, 10.0, 20.0, "L"),
        ("", 10.0, 10.0, 20.0, "N"),
        ("", 20.0, 10.0, 20.0, "N"),
        ("", 21.0, 10.0, 20.0, "H"),
        ("<", 10.0, 10.0, 20.0, "L"),
        ("<=", 10.0, 10.0, 20.0, "IND"),
        ("<", 15.0, 10.0, 20.0, "IND"),
        ("<", 25.0, 10.0, 20.0, "IND"),
        (">", 20.0, 10.0, 20.0, "H"),
        (">=", 20.0, 10.0, 20.0, "IND"),
        (">", 15.0, 10.0, 20.0, "IND"),
        ("<", 15.0, None, 20.0, "N"),
        ("<", 25.0, None, 20.0, "IND"),
        ("<", 15.0, 0.0, 20.0, "N"),
        (">", 25.0, 10.0, None, "N"),
        ("", 25.0, None, None, ""),
    ],
)
def test_interpretation_says_only_what_censoring_leaves_certain(results, comparator, value, low, high, expected):
    frame = results(
        {
            "analyte_id": "hva",
            "value": value,
            "unit": "mg/g{creat}",
            "comparator": comparator,
            "reported_low": low,
            "reported_high": high,
        }
    ).astype({"reported_low": float, "reported_high": float})
    assert normalise(frame).frame["lab_interpretation"].item() == expected
