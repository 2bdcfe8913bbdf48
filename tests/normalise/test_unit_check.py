"""check_units: what an analyst asks, in the kind of frame that was handed in."""

import pandas as pd
import polars as pl
import pytest

import recal_labs as rl
from recal_labs.errors import TableError

ROWS = {
    "lab_id": ["a"] * 5 + ["b"] * 5,
    "subject_id": [f"S{i}" for i in range(10)],
    "specimen_id": [f"U{i}" for i in range(10)],
    "specimen": "urine_spot",
    "analyte_id": "hva",
    "comparator": "",
    "value": [3.0, 4.0, 5.0, 4.0, 3.5] * 2,
    "unit": ["mg/g{creat}"] * 5 + ["ug/g{creat}"] * 5,
}


@pytest.fixture
def frame():
    return pd.DataFrame(ROWS)


def test_the_suspect_ones_come_first(frame):
    made = rl.check_units(frame)
    assert isinstance(made, pd.DataFrame)
    assert made[["lab_id", "verdict", "suspected_unit"]].to_numpy().tolist() == [
        ["b", "suspect", "mg/g{creat}"],
        ["a", "fits", ""],
    ]
    assert made["sentence"].iloc[0].startswith("hva in ug/g{creat} of b: ")


def test_normalised_results_are_judged_by_what_was_reported(frame):
    pd.testing.assert_frame_equal(rl.check_units(rl.normalise(frame)), rl.check_units(frame))


def test_polars_in_polars_out(frame):
    eager = pl.from_pandas(frame)
    for kind in (eager, eager.lazy(), rl.normalise(eager)):
        made = rl.check_units(kind)
        assert isinstance(made, pl.DataFrame)
        assert made["verdict"].to_list() == ["suspect", "fits"]


def test_another_catalogue_may_know_more(frame, tmp_path):
    (tmp_path / "sources.csv").write_text(
        "source_id,title,publisher,year,url_or_doi,quality_grade,quality\nodd,Odd,Lab,2026,,B,B\n", encoding="utf-8"
    )
    (tmp_path / "reference_intervals.csv").write_text(
        "analyte_id,specimen,basis,sex,age_low_years,age_high_years,lower,upper,unit,kind,source_id\n"
        "hva,urine_spot,per_creatinine,any,18,,1,7,ug/g{creat},reference_interval,odd\n",
        encoding="utf-8",
    )
    own = rl.load_catalogue(extra=tmp_path)
    assert rl.check_units(frame, catalogue=own)["verdict"].tolist() == ["fits", "fits"]


def test_what_is_no_table_of_results_is_refused(frame):
    with pytest.raises(TableError):
        rl.check_units(frame.drop(columns="unit"))
    with pytest.raises(TableError, match="expected a pandas DataFrame"):
        rl.check_units([1, 2])
