"""zlog and interpretation."""

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.errors import ReferenceLimitError
from recal_labs.normalise import from_zlog, normalise, zlog
from recal_labs.vocabulary import COMPARATORS

# Hoffmann et al. 2017, Table 2, as the vignette of the R package zlog 1.0.2 reproduces it: albumin against 35 to 52
# g/L, bilirubin against 2 to 21 umol/L; blood donors, hepatitis without and with cirrhosis, three each.
ALBUMIN, BILIRUBIN = (35.0, 52.0), (2.0, 21.0)
TABLE_2 = (
    (42, -0.15, 11, 0.88),
    (34, -2.25, 9, 0.55),
    (38, -1.15, 2, -1.96),
    (43, 0.08, 5, -0.43),
    (50, 1.57, 22, 2.04),
    (42, -0.15, 42, 3.12),
    (27, -4.53, 37, 2.90),
    (31, -3.16, 200, 5.72),
    (24, -5.70, 20, 1.88),
)
# What that package computes for the albumins; it divides by 2 x 1.959964, the paper by 3.92.
BY_PACKAGE = (
    *(-0.15472223, -2.24698167, -1.14569028, 0.07826303, 1.57162335),
    *(-0.15472223, -4.52949253, -3.16160843, -5.69571148),
)


def test_zlog_is_that_of_the_published_table():
    albumin, place_a, bilirubin, place_b = zip(*TABLE_2, strict=True)
    assert zlog(albumin, *ALBUMIN).round(2).tolist() == list(place_a)
    assert zlog(bilirubin, *BILIRUBIN).round(2).tolist() == list(place_b)
    assert zlog(albumin, *ALBUMIN) == pytest.approx(BY_PACKAGE, rel=2e-5)


def test_the_inverse_is_the_formula_of_the_papers_abstract():
    # x = LL^(0.5 - zlog/3.92) * UL^(0.5 + zlog/3.92), doi:10.1515/labmed-2017-0135.
    z = np.array([-5.0, -1.96, 0.0, 0.88, 5.72])
    printed = 2.0 ** (0.5 - z / 3.92) * 21.0 ** (0.5 + z / 3.92)
    assert from_zlog(z, *BILIRUBIN) == pytest.approx(printed, rel=1e-12)
    values = [row[2] for row in TABLE_2]
    assert from_zlog(zlog(values, *BILIRUBIN), *BILIRUBIN) == pytest.approx(values, rel=1e-12)


def test_a_table_of_results_has_the_same_zlog_as_the_function(results):
    # 6-sulfatoxymelatonin, 15 years and older, 6.3 to 37.9 umol/mol creatinine (batllori2017, reference_intervals.csv).
    rows = [{"analyte_id": "sulfatoxymelatonin_6", "value": v, "unit": "umol/mol{creat}"} for v in (3.0, 15.0, 80.0)]
    frame = normalise(results(*rows)).frame
    assert set(frame["reference_source"]) == {"batllori2017"}
    assert frame["zlog"].to_numpy() == pytest.approx(zlog([3.0, 15.0, 80.0], 6.3, 37.9), rel=1e-12)
    assert frame["interpretation"].tolist() == ["L", "N", "H"]


def test_limits_are_at_196_and_the_geometric_centre_at_zero():
    assert zlog([2.0, 4.0, 8.0], 2.0, 8.0) == pytest.approx([-1.96, 0.0, 1.96])


@given(st.floats(1e-6, 1e6), st.floats(1.01, 100), st.floats(-8, 8), st.floats(1e-6, 1e6))
def test_a_place_does_not_depend_on_the_unit(low, width, z, unit):
    high = low * width
    value = from_zlog(z, low, high)
    assert zlog(value * unit, low * unit, high * unit) == pytest.approx(z, abs=1e-6)


@pytest.mark.parametrize("function", [zlog, from_zlog])
def test_one_sided_and_reversed_limits_are_refused(function):
    with pytest.raises(ReferenceLimitError, match="positive"):
        function(1.0, 0.0, 5.0)
    with pytest.raises(ReferenceLimitError, match="below"):
        function(1.0, 5.0, 5.0)


def test_zlog_of_zero_or_missing_is_missing():
    assert np.isnan(zlog([0.0, np.nan], 1.0, 2.0)).all()
    assert np.isnan(from_zlog([np.nan], 1.0, 2.0)).all()


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


def _possible(comparator, limit):
    """True values that a result may stand for, on a grid finer than every limit below."""
    grid = np.arange(0, 60.01, 0.5)
    return {
        "": grid[grid == limit],
        "<": grid[grid < limit],
        "<=": grid[grid <= limit],
        ">": grid[grid > limit],
        ">=": grid[grid >= limit],
    }[comparator]


def _verdicts(values, low, high):
    below = (values < low) if low else np.zeros(len(values), dtype=bool)
    above = (values > high) if high else np.zeros(len(values), dtype=bool)
    return set(np.select([below, above], ["L", "H"], "N"))


def test_every_verdict_is_that_of_all_values_a_result_may_stand_for(results):
    cases = [
        (comparator, value, low, high)
        for comparator, value, low, high in itertools.product(
            COMPARATORS, (1.0, 10.0, 15.0, 20.0, 30.0), (None, 0.0, 10.0), (None, 20.0)
        )
        if low or high
    ]
    rows = [
        {
            **{"analyte_id": "hva", "unit": "mg/g{creat}", "specimen_id": f"U{i}", "value": value},
            **{"comparator": comparator, "reported_low": low, "reported_high": high},
        }
        for i, (comparator, value, low, high) in enumerate(cases)
    ]
    frame = results(*rows).astype({"reported_low": float, "reported_high": float})
    placed = normalise(frame, choices=Choices(range_sources=("reported_by_lab",))).frame
    for case, own, lab in zip(cases, placed["interpretation"], placed["lab_interpretation"], strict=True):
        comparator, value, low, high = case
        possible = _verdicts(_possible(comparator, value), low, high)
        assert own == lab == (possible.pop() if len(possible) == 1 else "IND"), case


def upper_only(results, *rows):
    """Women's 24 h dopamine has an upper limit alone at uhn_catech: 2500 nmol/24 h (reference_intervals.csv)."""
    usual = {"analyte_id": "dopamine", "unit": "nmol/(24.h)", "specimen": "urine_24h"}
    return results(*(usual | {"specimen_id": f"U{i}"} | row for i, row in enumerate(rows)))


ROWS = ({"value": 300.0}, {"value": 375.0}, {"value": 2500.0}, {"value": 4000.0}, {"value": 90.0, "comparator": "<"})


def test_the_fifteen_percent_rule_gives_a_zlog_on_request_and_says_so_on_every_row(results):
    frame = upper_only(results, *ROWS)
    usual, asked = (
        normalise(frame, choices=Choices(range_sources=("uhn_catech",), zero_lower_rule=rule)).frame
        for rule in ("none", "fifteen_percent")
    )
    assert usual["zlog"].isna().all()
    assert all("one_sided_reference" in qc for qc in usual["qc"])
    # 375 is 15 % of 2500, as set_missing_limits of the R package zlog 1.0.2 takes it.
    assert asked["zlog"][[1, 2]].tolist() == pytest.approx([-1.96, 1.96])
    expected = zlog([300.0, 375.0, 2500.0, 4000.0], 375.0, 2500.0)
    assert asked["zlog"][:4].tolist() == pytest.approx(expected.tolist(), rel=1e-12)
    codes = [{"lower_limit_assumed", "one_sided_reference"} & set(qc.split(";")) for qc in asked["qc"]]
    # A censored value has no zlog for the rule to speak of.
    assert codes == [{"lower_limit_assumed"}] * 4 + [{"one_sided_reference"}]
    assert np.isnan(asked["zlog"][4])


def test_nothing_is_called_low_by_an_assumed_limit(results):
    frame = upper_only(results, *ROWS)
    asked = normalise(frame, choices=Choices(range_sources=("uhn_catech",), zero_lower_rule="fifteen_percent")).frame
    assert asked["interpretation"].tolist() == ["N", "N", "N", "H", "N"]
    assert asked["zlog"][0] < -1.96
    assert asked["reference_low"].isna().all()
    assert asked["midpoint_ratio"].isna().all()
    assert "zero_lower_rule = fifteen_percent" in Choices(zero_lower_rule="fifteen_percent").describe()


def test_a_zero_lower_limit_is_completed_and_a_positive_one_is_not(results):
    choices = Choices(zero_lower_rule="fifteen_percent", range_sources=("uiowa_catur", "batllori2017"))
    # Adults' dopamine 0 to 250 ug/g at uiowa_catur.
    zero = {"analyte_id": "dopamine", "value": 250.0, "unit": "ug/g{creat}"}
    positive = {"analyte_id": "sulfatoxymelatonin_6", "value": 37.9, "unit": "umol/mol{creat}"}
    frame = normalise(results(zero, positive), choices=choices).frame
    assert frame["zlog"].tolist() == pytest.approx([1.96, 1.96])
    assert ["lower_limit_assumed" in qc for qc in frame["qc"]] == [True, False]
    assert frame["reference_low"].tolist()[0] == 0.0
    assert frame["midpoint_ratio"].isna().tolist() == [True, False]


def test_a_lower_limit_alone_is_completed_by_nothing(results):
    row = {"analyte_id": "hva", "value": 4.0, "unit": "mg/g{creat}", "reported_low": 1.0}
    choices = Choices(zero_lower_rule="fifteen_percent", range_sources=("reported_by_lab",))
    placed = normalise(results(row), choices=choices).frame.iloc[0]
    assert placed["interpretation"] == "N"
    assert {"one_sided_reference", "lower_limit_assumed"} & set(placed["qc"].split(";")) == {"one_sided_reference"}
    assert np.isnan(placed["zlog"])


@pytest.mark.parametrize(
    ("value", "creatinine", "position", "verdict"),
    [
        ("", "", "", "H"),
        ("<", "", "<", "IND"),
        (">", "", ">", "H"),
        ("", "<", ">", "H"),
        ("", ">", "<", "IND"),
        ("<", ">", "<", "IND"),
        ("<", "<", "", "IND"),
        (">", ">", "", "IND"),
    ],
)
def test_a_position_is_censored_by_its_creatinine_too(results, value, creatinine, position, verdict):
    # HVA of adults, single void: up to 8 mg/g creatinine (arup_hva). 12 mg/L over 1 g/L.
    rows = (
        {"analyte_id": "hva", "value": 12.0, "unit": "mg/L", "comparator": value},
        {"analyte_id": "creatinine", "value": 1.0, "unit": "g/L", "comparator": creatinine},
    )
    row = normalise(results(*rows)).frame.iloc[0]
    assert (row["reference_high"], row["position_comparator"], row["interpretation"]) == (8.0, position, verdict)


def test_an_open_quotient_without_an_interval_is_not_left_open_by_one(results):
    rows = (
        {"analyte_id": "dopac", "value": 12.0, "unit": "mg/L", "comparator": "<"},
        {"analyte_id": "creatinine", "value": 1.0, "unit": "g/L", "comparator": "<"},
        {"analyte_id": "hva", "value": np.nan, "unit": "mg/L", "comparator": "<"},
    )
    frame = normalise(results(*rows)).frame
    assert not any(i.analyte_id == "dopac" for i in load_catalogue().intervals)
    assert frame["interpretation"].tolist()[::2] == ["", ""]
    assert pd.isna(frame["position_amount"][0])
