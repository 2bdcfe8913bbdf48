"""Batch by batch or all at once: the same rows, in the same order, with the same numbers."""

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from recal_labs.columns import NORMALISED
from recal_labs.errors import FileProblem, TableError
from recal_labs.normalise import normalise, normalise_to_parquet

ANALYTES = ("dopamine", "hva", "vma", "hiaa_5", "creatinine")


@pytest.fixture(scope="module")
def results():
    """Return panels of 40 people with four specimens each, some measured again, some by another lab."""
    rng = np.random.default_rng(3)
    n = 40 * 4 * len(ANALYTES)
    number = np.arange(n)
    specimen = number // len(ANALYTES)
    analyte = pl.Series("analyte_id", [ANALYTES[i % len(ANALYTES)] for i in number])
    frame = pl.DataFrame(
        {
            "subject_id": [f"S{i // 4:03}" for i in specimen],
            "specimen_id": [f"U{i:04}" for i in specimen],
            "specimen": "urine_spot",
            "analyte_id": analyte,
            "comparator": rng.choice(["", "", "", "<", ">"], n),
            "value": rng.lognormal(4, 1, n).round(2),
            "unit": pl.Series(["mg/dL" if a == "creatinine" else "ug/L" for a in analyte]),
            "sex": "female",
            "age_years": 40.0,
            "status": rng.choice(["final", "final", "preliminary", "cancelled"], n),
            "lab_id": np.where(rng.random(n) < 0.02, "lab_b", "lab_a"),
            "method": "LC-MS/MS",
            "replaces": "",
            "collected_at": pl.Series([f"2025-{1 + i % 4:02}-03T08:00:00" for i in specimen]).str.to_datetime(),
            "source_file": "panels.csv",
            "source_row": number + 2,
        }
    )
    again = frame.sample(60, seed=5).with_columns(status=pl.lit("corrected"), value=pl.col("value") * 1.1)
    return pl.concat([frame, again.with_columns(source_file=pl.lit("corrections.csv"))])


ORDERS = {
    "as labs send them": lambda frame: frame,
    "shuffled": lambda frame: frame.sample(fraction=1.0, shuffle=True, seed=11),
    "analyte by analyte": lambda frame: frame.sort("analyte_id", maintain_order=True),
    "newest first": lambda frame: frame.reverse(),
}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("batch_rows", [90, 5000])
def test_batches_give_what_the_whole_gives(results, tmp_path, order, batch_rows):
    given = ORDERS[order](results)
    path = normalise_to_parquet(given.lazy(), tmp_path / "out.parquet", batch_rows=batch_rows)
    assert_frame_equal(pl.read_parquet(path), normalise(given).frame, check_exact=True)


def test_a_csv_and_a_parquet_file_are_read(results, tmp_path):
    results.write_csv(tmp_path / "in.csv")
    results.write_parquet(tmp_path / "in.parquet")
    read = [
        pl.read_parquet(normalise_to_parquet(tmp_path / f"in.{kind}", tmp_path / f"from_{kind}.parquet"))
        for kind in ("csv", "parquet")
    ]
    assert_frame_equal(*read, check_exact=True)
    assert read[0].columns == list(NORMALISED.names)


def test_two_runs_are_equal_byte_for_byte(results, tmp_path):
    for name in ("a", "b"):
        normalise_to_parquet(results.lazy(), tmp_path / f"{name}.parquet", csv=tmp_path / f"{name}.csv", batch_rows=300)
    for kind in ("parquet", "csv"):
        assert (tmp_path / f"a.{kind}").read_bytes() == (tmp_path / f"b.{kind}").read_bytes()


def test_an_empty_table_gives_an_empty_one(results, tmp_path):
    path = normalise_to_parquet(results.head(0).lazy(), tmp_path / "out.parquet")
    assert pl.read_parquet(path).shape == (0, len(NORMALISED.names))


def test_a_fault_in_the_data_is_told_as_it_is_and_nothing_is_written(results, tmp_path):
    with pytest.raises(TableError, match="the column status holds 'Final'"):
        normalise_to_parquet(results.with_columns(status=pl.lit("Final")).lazy(), tmp_path / "out.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_missing_column_is_told(results, tmp_path):
    with pytest.raises(TableError, match="lacks value"):
        normalise_to_parquet(results.drop("value").lazy(), tmp_path / "out.parquet")


def test_what_cannot_be_written_is_told(results, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileProblem):
        normalise_to_parquet(results.lazy(), tmp_path / "file" / "out.parquet")


def test_tables_of_bottles_count_as_they_do_all_at_once(results, tmp_path):
    numbers = range(160)
    kept = ["HCl" if i % 7 else "boric acid" for i in numbers]
    bottles = pl.DataFrame({"specimen_id": [f"U{i:04}" for i in numbers], "preservative": kept})
    whole = normalise(results, specimens=bottles).frame
    for given in (bottles, bottles.to_pandas()):
        path = normalise_to_parquet(results.lazy(), tmp_path / "out.parquet", specimens=given, batch_rows=300)
        assert_frame_equal(pl.read_parquet(path), whole, check_exact=True)
    assert whole["qc"].str.contains("preservative_changed").any()
