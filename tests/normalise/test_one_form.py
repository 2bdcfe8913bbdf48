"""Of a result in several forms one row: which one, by each rule in its turn."""

import numpy as np
import polars as pl
import pytest

from recal_labs.normalise.current import MEASURAND
from recal_labs.normalise.one_form import one_form_each

ROW = {
    "subject_id": "S1",
    "specimen_id": "U1",
    "analyte_id": "hva",
    "fraction": "unspecified",
    "timepoint": "",
    "reported_basis": "per_volume",
    "basis": "specific_gravity",
    "amount": 1.0,
    "current": True,
}


def kept(*rows, **options):
    """Return the numbers of the rows that are kept."""
    frame = pl.DataFrame([ROW | row | {"number": number} for number, row in enumerate(rows)])
    return sorted(one_form_each(frame.lazy(), **options).collect()["number"].to_list())


DIRECT, CREATININE, DAY = (
    {"basis": "per_creatinine"},
    {"reported_basis": "per_creatinine"},
    {"reported_basis": "per_24h"},
)
CHOICES = {
    "one that has an amount": ([CREATININE | DIRECT | {"amount": None}, DIRECT], 1),
    "then the one on its very basis": ([DIRECT, CREATININE | DIRECT], 1),
    "then the one per volume": ([CREATININE, DAY, {}], 2),
    "then the first": ([CREATININE | {"amount": None}, DAY, CREATININE], 1),
    "the very basis without amounts, too": ([DIRECT | {"amount": None}, CREATININE | DIRECT | {"amount": None}], 1),
    "a basis that nobody knows last": ([{"reported_basis": None}, CREATININE | DIRECT], 1),
    "only a current one": ([{"current": False}, CREATININE], 1),
}


@pytest.mark.parametrize(("rows", "expected"), CHOICES.values(), ids=list(CHOICES))
def test_one_form_is_kept_by_each_rule_in_its_turn(rows, expected):
    assert kept(*rows) == [expected]


@pytest.mark.parametrize(
    "other",
    [
        {"subject_id": "S2"},
        {"subject_id": None},
        {"specimen_id": "U2"},
        {"analyte_id": "vma"},
        {"fraction": "free"},
        {"timepoint": "night"},
    ],
)
def test_another_measurand_is_another_result(other):
    assert kept({}, CREATININE | other) == [0, 1]


def test_rows_without_a_specimen_id_count_each_for_themselves():
    assert kept({"specimen_id": None}, CREATININE | {"specimen_id": None}) == [0, 1]


def test_people_without_an_id_have_specimens_too():
    assert kept({"subject_id": None}, CREATININE | {"subject_id": None}) == [0]


def test_a_missing_flag_counts_as_current():
    assert kept({"current": None}) == [0]


def test_position_and_its_basis_may_be_looked_at_instead():
    rows = [{"place": None, "on": "per_volume"}, CREATININE | {"place": 2.0, "on": "per_creatinine"}]
    assert kept(*rows) == [0]
    assert kept(*rows, amount="place", basis="on") == [1]


def test_a_plain_loop_keeps_the_same_rows():
    rng = np.random.default_rng(3)
    n = 2_000
    frame = pl.DataFrame(
        {
            "subject_id": rng.choice(["S1", "S2"], n),
            "specimen_id": pl.Series(rng.choice([*(f"U{i}" for i in range(120)), ""], n)).replace("", None),
            "analyte_id": rng.choice(["hva", "vma", "gaba"], n),
            "fraction": "unspecified",
            "timepoint": rng.choice(["", "night"], n),
            "reported_basis": rng.choice(["per_volume", "per_creatinine", "per_24h"], n),
            "basis": rng.choice(["per_creatinine", "conditional"], n),
            "amount": np.where(rng.random(n) < 0.3, None, 1.0).astype(float),
            "current": rng.random(n) < 0.9,
            "number": np.arange(n),
        }
    ).with_columns(pl.col("amount").fill_nan(None))
    best = {}
    for row in frame.filter("current").iter_rows(named=True):
        key = tuple(row[name] for name in MEASURAND) if row["specimen_id"] else row["number"]
        place = (row["amount"] is None, row["reported_basis"] != row["basis"], row["reported_basis"] != "per_volume")
        best[key] = min(best.get(key, ((True, True, True), n)), (place, row["number"]))
    found = one_form_each(frame.lazy()).collect()
    assert sorted(found["number"]) == sorted(number for _, number in best.values())
    assert found.columns == frame.columns
