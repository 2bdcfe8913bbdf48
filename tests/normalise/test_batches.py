"""A long table is cut only where specimens and changing series stay whole."""

import numpy as np
import polars as pl
import pytest

from recal_labs.normalise.batches import PLACE, WHO, batches, plan_batches

ANALYTES = ("dopamine", "hva", "vma", "creatinine")


def table(subjects=30, specimens=3, **columns):
    """Return results in the order in which labs send them: by person, specimen, analyte."""
    n = subjects * specimens * len(ANALYTES)
    specimen = np.arange(n) // len(ANALYTES)
    frame = pl.DataFrame(
        {
            "subject_id": [f"S{i // specimens}" for i in specimen],
            "specimen_id": [f"U{i}" for i in specimen],
            "analyte_id": [ANALYTES[i % len(ANALYTES)] for i in range(n)],
            "lab_id": "lab_a",
            "method": "GC",
            "replaces": "",
        }
    )
    return frame.with_columns(**columns).lazy()


def cut(source, plan):
    return list(batches(source, plan))


def assert_whole(frames, plan, keys):
    """No group of rows that is not put apart is spread over two batches."""
    kept = [frame.join(plan.apart, on=WHO, how="anti") for frame in frames]
    seen = pl.concat([frame.select(*keys).unique() for frame in kept])
    assert not seen.is_duplicated().any()


@pytest.mark.parametrize("batch_rows", [5, 50, 359, 360, 10_000])
def test_every_row_is_in_one_batch_and_in_order(batch_rows):
    source = table()
    frames = cut(source, plan_batches(source, batch_rows=batch_rows))
    assert pl.concat(frames)[PLACE].to_list() == list(range(360))
    assert pl.concat(frames).drop(PLACE, WHO).equals(source.collect())


def test_an_empty_table_has_no_batch():
    source = table().head(0)
    assert cut(source, plan_batches(source, batch_rows=10)) == []


def test_orderly_tables_are_cut_between_specimens():
    source = table()
    plan = plan_batches(source, batch_rows=50)
    assert plan.apart.is_empty()
    assert len(plan.ends) == 8
    assert_whole(cut(source, plan), plan, ["specimen_id"])


def test_a_specimen_whose_rows_lie_far_apart_is_put_apart():
    late = pl.LazyFrame({"subject_id": "S0", "specimen_id": "U0", "analyte_id": "hva", "lab_id": "lab_a"})
    source = pl.concat([table(), late], how="diagonal")
    plan = plan_batches(source, batch_rows=50)
    assert plan.apart[WHO].to_list() == ["S0"]
    assert plan.rows_apart == 13
    assert_whole(cut(source, plan), plan, ["specimen_id"])


@pytest.mark.parametrize("column", ["lab_id", "method"])
def test_a_person_whose_lab_or_method_changes_is_put_apart(column):
    changed = (pl.col("specimen_id") == "U4") & (pl.col("analyte_id") == "hva")
    source = table(**{column: pl.when(changed).then(pl.lit("another")).otherwise(pl.col(column))})
    plan = plan_batches(source, batch_rows=50)
    assert plan.apart[WHO].to_list() == ["S1"]


def test_a_method_for_each_analyte_is_no_change():
    source = table(method=pl.col("analyte_id"))
    assert plan_batches(source, batch_rows=50).apart.is_empty()


def test_who_has_a_result_that_replaces_another_is_put_apart():
    source = table(replaces=pl.when(pl.col("specimen_id") == "U7").then(pl.lit("U6")).otherwise(pl.lit(None)))
    assert plan_batches(source, batch_rows=50).apart[WHO].to_list() == ["S2"]


def test_who_has_specimens_with_different_preservatives_is_put_apart():
    specimens = pl.DataFrame({"specimen_id": ["U0", "U1", "U3", "U4"], "preservative": ["HCl", "none", "HCl", "HCl"]})
    assert plan_batches(table(), batch_rows=50, specimens=specimens).apart[WHO].to_list() == ["S0"]


def test_rows_without_a_subject_are_kept_with_their_specimen():
    source = table(subject_id=pl.lit(None, dtype=pl.String))
    plan = plan_batches(source, batch_rows=50)
    assert plan.apart.is_empty()
    assert_whole(cut(source, plan), plan, ["specimen_id"])


def test_specimens_without_end_are_cut_by_force_and_put_apart():
    # Results in the order of two interleaved people: nowhere have all specimens that began ended.
    overlapping = pl.LazyFrame(
        {
            "subject_id": [f"S{i // 2 + i % 2}" for i in range(400)],
            "specimen_id": [f"U{i // 2 + i % 2}" for i in range(400)],
            "analyte_id": "hva",
            "lab_id": "lab_a",
            "method": "GC",
            "replaces": "",
        }
    )
    plan = plan_batches(overlapping, batch_rows=50)
    assert max(np.diff([0, *plan.ends])) <= 100
    assert len(plan.apart) <= 8
    assert_whole(cut(overlapping, plan), plan, ["specimen_id"])
