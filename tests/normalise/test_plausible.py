"""Groups of a lab's results and their verdict: counted in one pass, flags only, the same on any frame."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recal_labs.catalogue import load_catalogue
from recal_labs.columns import RESULTS
from recal_labs.normalise import normalise
from recal_labs.normalise.frames import open_frame
from recal_labs.normalise.plausible import GROUPS, KEYS, add_unit_suspicion, unit_groups

CATALOGUE = load_catalogue()


def lab(name, analyte, unit, numbers, **more):
    """Return the results of one lab, a person a number."""
    return [
        {
            "lab_id": name,
            "subject_id": f"{name}{place}",
            "specimen_id": f"{name}{place}",
            "specimen": "urine_spot",
            "analyte_id": analyte,
            "unit": unit,
            "comparator": "",
            "value": float(number),
        }
        | more
        for place, number in enumerate(numbers)
    ]


RIGHT = lab("right", "hva", "mg/g{creat}", [3, 4, 5, 6, 4, 3])
WRONG = lab("wrong", "hva", "ug/g{creat}", [3, 4, 5, 6, 4, 3])


def groups(rows):
    return unit_groups(pl.DataFrame(rows).lazy(), CATALOGUE)


def test_a_row_a_group_with_its_evidence():
    rows = RIGHT + lab("right", "hva", "mg/g{creat}", [9], comparator="<", reported_low=1.0, reported_high=8.0)
    (found,) = groups(rows).rows(named=True)
    assert {name: found[name] for name in ("n", "n_exact", "n_ranges", "median_low", "median_high")} == {
        "n": 7,
        "n_exact": 6,
        "n_ranges": 1,
        "median_low": 1.0,
        "median_high": 8.0,
    }
    assert found["median_value"] == pytest.approx(4, rel=0.03)
    assert found["verdict"] == "fits"
    assert (found["specimen_class"], found["fraction"]) == ("single", "unspecified")


def test_labs_analytes_units_and_kinds_of_specimen_are_judged_apart():
    rows = RIGHT + WRONG + lab("wrong", "hva", "mg/(24.h)", [4] * 5, specimen="urine_24h")
    found = groups(rows)
    assert found.select(KEYS).rows() == [
        ("right", "hva", "mg/g{creat}", "single", "unspecified"),
        ("wrong", "hva", "mg/(24.h)", "timed", "unspecified"),
        ("wrong", "hva", "ug/g{creat}", "single", "unspecified"),
    ]
    assert found["verdict"].to_list() == ["fits", "fits", "suspect"]


def test_what_is_missing_is_no_evidence():
    rows = lab(None, "hva", "ug/g{creat}", [np.nan, 0, -1, 4, 4, 4, 4])
    (found,) = groups(rows).rows(named=True)
    assert (found["lab_id"], found["n"], found["n_exact"], found["verdict"]) == ("", 7, 4, "cannot_tell")
    assert "a lab that is not named" in found["sentence"]


def test_the_columns_are_those_of_the_table_for_any_frame_and_none():
    for frame in (pl.DataFrame(RIGHT), pl.DataFrame(RIGHT).head(0)):
        found = unit_groups(frame.lazy(), CATALOGUE)
        assert dict(found.schema) == dict(GROUPS)


@given(st.permutations(range(12)))
@settings(max_examples=20, deadline=None)
def test_the_order_of_rows_does_not_count(order):
    rows = RIGHT + WRONG
    assert groups([rows[place] for place in order]).equals(groups(rows))


@given(
    numbers=st.lists(st.floats(1e-3, 1e4), min_size=1, max_size=60),
    ranges=st.lists(st.sampled_from([5.0, 8.0, 12.0]), min_size=1, max_size=60),
)
@settings(max_examples=40, deadline=None)
def test_counted_medians_are_medians(numbers, ranges):
    rows = [
        row | {"reported_high": ranges[place % len(ranges)]}
        for place, row in enumerate(lab("a", "hva", "mg/g{creat}", numbers))
    ]
    (found,) = groups(rows).rows(named=True)
    printed = sorted(row["reported_high"] for row in rows)
    assert found["median_high"] == printed[(len(printed) - 1) // 2]
    # The lower one of two middles, to half a bin of a fiftieth of a decade.
    middle = sorted(numbers)[(len(numbers) - 1) // 2]
    assert abs(np.log10(found["median_value"] / middle)) <= 0.01 + 1e-9


def test_rows_of_a_suspect_group_are_flagged_and_no_number_is_changed():
    frame = pd.DataFrame(RIGHT + WRONG)
    made = normalise(frame).frame
    flagged = made["qc"].str.split(";").map(lambda codes: "unit_suspect" in codes)
    assert flagged.tolist() == [False] * 6 + [True] * 6
    # The same numbers as when nothing is doubted.
    alone = normalise(frame, unit_groups=groups(RIGHT)).frame
    assert not alone["qc"].str.contains("unit_suspect").any()
    pd.testing.assert_frame_equal(made.drop(columns="qc"), alone.drop(columns="qc"))


def test_one_row_with_a_printed_range_is_enough():
    made = normalise(pd.DataFrame(lab("a", "creatinine", "nmol/(24.h)", [11], specimen="urine_24h", reported_low=7.0,
                                      reported_high=15.0))).frame  # fmt: skip
    assert "unit_suspect" in made["qc"].iloc[0]


@pytest.mark.parametrize("suspect", [True, False])
def test_any_frame_gives_the_same_flags(suspect):
    rows = RIGHT + (WRONG if suspect else [])
    frame = pd.DataFrame(rows)
    expected = normalise(frame).frame["qc"].tolist()
    eager = pl.from_pandas(frame)
    assert normalise(eager).frame["qc"].to_list() == expected
    assert normalise(eager.lazy()).frame.collect()["qc"].to_list() == expected
    assert any("unit_suspect" in codes for codes in expected) == suspect


def test_a_part_is_judged_by_the_whole_it_is_handed():
    whole = pl.DataFrame(RIGHT + WRONG)
    one = whole.tail(1)
    assert "unit_suspect" not in normalise(one).frame["qc"][0]
    assert "unit_suspect" in normalise(one, unit_groups=unit_groups(whole.lazy(), CATALOGUE)).frame["qc"][0]


def test_rows_without_a_lab_and_duplicated_rows_are_neither_lost_nor_multiplied():
    frame = pl.DataFrame(lab(None, "hva", "ug/g{creat}", [3, 4, 5, 6, 4]) * 3 + RIGHT)
    opened = open_frame(frame, RESULTS, "test")
    for handed in (None, unit_groups(frame.lazy(), CATALOGUE)):
        made = add_unit_suspicion(opened.inside, handed, CATALOGUE).collect(backend="polars")
        assert made["_unit_suspect"].to_list().count(True) == 15
        assert len(made) == frame.height


def test_the_flag_is_a_code_with_a_meaning():
    from recal_labs.vocabulary import QC_CODES

    assert "fit another unit" in QC_CODES["unit_suspect"]
