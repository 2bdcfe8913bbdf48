import numpy as np
import pandas as pd
import polars as pl
import pytest

import recal_labs as rl
from recal_labs.columns import SUMMARIES
from recal_labs.errors import ChoiceError, TableError, UnknownWordError
from recal_labs.normalise.summary_methods import METHODS, STATISTICS
from recal_labs.stats import kaplan_meier_quantiles, lognormal_summary, ros_summary


def day(subject, analyte, value, comparator="", **more):
    """Return one result of a day's urine of 1 L: per litre and per day are the same number."""
    row = {"subject_id": subject, "specimen_id": f"U-{subject}", "specimen": "urine_24h", "analyte_id": analyte}
    row |= {"collection_volume_l": 1.0, "collection_hours": 24.0, "value": value, "comparator": comparator}
    return row | {"unit": "ug/L"} | more


@pytest.fixture(scope="module")
def panel():
    """Dopamine of 40 people with two limits of detection, and of the last one a second day."""
    rng = np.random.default_rng(11)
    amounts, limits = np.exp(rng.normal(5, 0.6, 40)), np.tile([90.0, 120.0], 20)
    rows = [
        day(f"S{i}", "dopamine", max(amount, limit), "<" if amount < limit else "", sex="female" if i % 4 else "male")
        for i, (amount, limit) in enumerate(zip(amounts, limits, strict=True))
    ]
    return pd.DataFrame([*rows, day("S39", "dopamine", 300.0, specimen_id="U-S39-2", sex="female")])


def sample(panel):
    return panel["value"].to_numpy(), np.where(panel["comparator"] == "<", -1, 0)


@pytest.mark.parametrize("method", list(METHODS))
def test_every_method_gives_every_statistic_with_the_counts_beside_it(panel, method):
    table = rl.summarise_amounts(rl.normalise(panel), method=method)
    assert table["statistic"].tolist() == list(STATISTICS)
    assert list(table.columns) == list(SUMMARIES.names)
    below = int((panel["comparator"] == "<").sum())
    for row in table.to_dict("records"):
        assert (row["analyte_id"], row["unit"], row["basis"]) == ("dopamine", "ug/(24.h)", "per_24h")
        assert (row["n"], row["n_subjects"], row["n_censored_below"], row["n_censored_above"]) == (41, 40, below, 0)
        assert row["share_censored"] == pytest.approx(below / 41)
        assert "warning: 41 results of 40 subjects count as independent" in row["assumptions"]
        assert np.isnan(row["estimate"]) == bool(row["reason"])


def test_numbers_are_those_of_the_statistics_themselves(panel):
    values, codes = sample(panel)
    normalised = rl.normalise(panel)
    median, lower = kaplan_meier_quantiles(values, codes, [0.5, 0.025])
    table = rl.summarise_amounts(normalised).set_index("statistic")
    assert table.loc["median", "estimate"] == pytest.approx(median.estimate)
    assert table.loc["median", "ci_high"] == pytest.approx(median.ci_high)
    assert table.loc["percentile_2.5", "reason"] == lower.reason != ""
    table = rl.summarise_amounts(normalised, method="mle", confidence=0.9).set_index("statistic")
    expected = lognormal_summary(values, codes, probabilities=[0.025], confidence=0.9)
    for name in ("geometric_mean", "percentile_2.5"):
        row = table.loc[name, ["estimate", "ci_low", "ci_high"]].astype(float)
        assert row.tolist() == pytest.approx([expected[name].estimate, expected[name].ci_low, expected[name].ci_high])
    table = rl.summarise_amounts(normalised, method="ros").set_index("statistic")
    modelled = ros_summary(values, codes, probabilities=[0.025])["percentile_2.5"]
    assert table.loc["percentile_2.5", "estimate"] == pytest.approx(modelled.estimate)
    assert table["ci_low"].isna().all()
    assert table["assumptions"].str.contains("gives no interval").all()


@pytest.mark.parametrize(("method", "divisor"), [("substitute_half", 2), ("substitute_sqrt2", np.sqrt(2))])
def test_a_substitution_is_named_in_every_row(panel, method, divisor):
    values, codes = sample(panel)
    table = rl.summarise_amounts(rl.normalise(panel), method=method)
    replaced = np.where(codes < 0, values / divisor, values)
    assert table["method"].str.startswith(method).all()
    assert table["assumptions"].str.contains("the number is invented").all()
    found = table.set_index("statistic")["estimate"]
    assert found["geometric_mean"] == pytest.approx(np.exp(np.log(replaced).mean()))
    assert found["median"] == pytest.approx(np.median(replaced))


def test_nothing_is_substituted_unless_asked_for(panel):
    for method in ("kaplan_meier", "ros", "mle"):
        table = rl.summarise_amounts(rl.normalise(panel), method=method)
        assert not table["method"].str.contains("substitut").any()
        assert not table["assumptions"].str.contains("replaced").any()


@pytest.mark.parametrize("method", list(METHODS))
def test_any_frame_gives_the_same_numbers_and_its_own_kind(panel, method):
    frame = rl.normalise(panel).frame
    there = pl.from_pandas(frame)
    one = rl.summarise_amounts(frame, method=method, by=["sex"])
    two = rl.summarise_amounts(there, method=method, by=["sex"])
    three = rl.summarise_amounts(there.lazy(), method=method, by=["sex"])
    assert isinstance(one, pd.DataFrame)
    assert isinstance(two, pl.DataFrame)
    assert isinstance(three, pl.LazyFrame)
    assert three.collect().equals(two)
    pd.testing.assert_frame_equal(one, two.to_pandas())
    mixed = rl.summarise_amounts(frame.sample(frac=1, random_state=1), method=method, by=["sex"])
    pd.testing.assert_frame_equal(one, mixed, rtol=1e-12)


def test_further_groups(panel):
    table = rl.summarise_amounts(rl.normalise(panel), by=["sex"])
    counts = table.drop_duplicates("sex").set_index("sex")["n"]
    assert counts.to_dict() == {"female": 31, "male": 10}
    assert list(table.columns[:7]) == ["analyte_id", "fraction", "specimen", "timepoint", "basis", "unit", "sex"]


def test_unlike_units_fractions_specimens_and_times_are_never_mixed(results):
    rows = []
    for i in range(4):
        rows.append(day(f"S{i}", "dopamine", 100.0 + i))
        rows.append({"subject_id": f"S{i}", "specimen_id": f"V{i}", "analyte_id": "dopamine", "value": 90.0 + i})
        rows[-1] |= {"unit": "ug/g{creat}"}
        for k, fraction in enumerate(("free", "total")):
            rows.append(day(f"S{i}", "metanephrine", 20.0 + i + 50 * k, fraction=fraction))
        for time in ("morning", "night"):
            more = {"timepoint": time, "unit": "ug/g{creat}", "specimen": "urine_spot"}
            rows.append(day(f"S{i}", "cortisol", 10.0 + i, **more))
    table = rl.summarise_amounts(rl.normalise(results(*rows))).drop_duplicates(
        ["analyte_id", "fraction", "specimen", "timepoint", "unit"]
    )
    assert table["n"].tolist() == [4] * 6
    two = rl.summarise_amounts(
        pd.concat([rl.normalise(results(*rows)).frame] * 2).assign(
            amount_unit=["a"] * len(rows) + ["b"] * len(rows), specimen_id=[f"X{i}" for i in range(2 * len(rows))]
        )
    )
    assert set(two["unit"]) == {"a", "b"}
    assert (two["n"] == 4).all()


def test_every_current_result_is_counted_once(results):
    creatinine = {"analyte_id": "creatinine", "unit": "g/L"}
    rows = [
        {"specimen_id": "A", "analyte_id": "hva", "value": 4.0, "unit": "mg/L"},
        {"specimen_id": "A", "value": 1.0, **creatinine},
        # Below a limit over below a limit: nothing is known.
        {"specimen_id": "B", "analyte_id": "hva", "value": 2.0, "unit": "mg/L", "comparator": "<"},
        {"specimen_id": "B", "value": 0.1, "comparator": "<", **creatinine},
        # No creatinine: no amount.
        {"specimen_id": "C", "analyte_id": "hva", "value": 2.0, "unit": "mg/L"},
        # The same result in both forms.
        {"specimen_id": "D", "analyte_id": "hva", "value": 6.0, "unit": "mg/L"},
        {"specimen_id": "D", "analyte_id": "hva", "value": 3.1, "unit": "mg/g{creat}"},
        {"specimen_id": "D", "value": 2.0, **creatinine},
        {"specimen_id": "E", "analyte_id": "hva", "value": 9.0, "unit": "mg/L", "status": "cancelled"},
    ]
    frame = rl.normalise(results(*rows)).frame
    row = rl.summarise_amounts(frame).query("analyte_id == 'hva' and statistic == 'median'").iloc[0]
    assert (row["n"], row["n_open"], row["n_missing"], row["unit"]) == (2, 1, 1, "mg/g{creat}")
    every = rl.summarise_amounts(frame, current_only=False).query("analyte_id == 'hva'").iloc[0]
    assert every[["n", "n_open", "n_missing"]].sum() == 6


def test_a_limit_divided_by_creatinine_stays_a_limit(results):
    rows = []
    for i in range(6):
        rows.append({"specimen_id": f"U{i}", "analyte_id": "hva", "value": 2.0 + i, "unit": "mg/L"})
        rows[-1] |= {"comparator": "<" if i < 2 else ""}
        rows.append({"specimen_id": f"U{i}", "analyte_id": "creatinine", "value": 2.0, "unit": "g/L"})
    table = rl.summarise_amounts(rl.normalise(results(*rows))).query("analyte_id == 'hva'")
    assert (table["n_censored_below"] == 2).all()
    assert table.set_index("statistic").loc["median", "estimate"] == 2.0


def test_values_censored_on_both_sides_need_a_distribution():
    rows = [
        day(f"S{i}", "dopamine", v, c)
        for i, (v, c) in enumerate([(90, "<"), (100, ""), (130, ""), (160, ""), (200, ""), (400, ">")])
    ]
    normalised = rl.normalise(pd.DataFrame(rows))
    assert (rl.summarise_amounts(normalised)["reason"] == "values are censored on both sides").all()
    assert rl.summarise_amounts(normalised, method="mle")["estimate"].notna().all()
    half = rl.summarise_amounts(normalised, method="substitute_half")
    assert half["assumptions"].str.contains("1 above a limit cannot be replaced").all()
    assert (rl.summarise_amounts(normalised, method="ros")["reason"].str.contains("values below limits only")).all()


@pytest.fixture
def twice(results):
    """Ten people, each with HVA per volume and per gram of creatinine, and what every basis needs."""
    rows = []
    for i in range(10):
        who = {"subject_id": f"S{i}", "specimen_id": f"U{i}"}
        rows.append(who | {"analyte_id": "hva", "value": 4.0 + i, "unit": "mg/L"})
        rows.append(who | {"analyte_id": "hva", "value": 2.0 + i / 2, "unit": "mg/g{creat}"})
        rows.append(who | {"analyte_id": "creatinine", "value": 2.0, "unit": "g/L"})
        rows.append(who | {"analyte_id": "specific_gravity", "value": 1.015, "unit": "1"})
    return results(*rows)


@pytest.mark.parametrize("basis", ["by_specimen", "per_creatinine", "none", "specific_gravity"])
def test_a_result_in_two_forms_counts_once_on_every_basis(twice, basis):
    normalised = rl.normalise(twice, choices=rl.Choices(basis=basis))
    row = rl.summarise_amounts(normalised).query("analyte_id == 'hva' and statistic == 'median'").iloc[0]
    assert (row["n"], row["n_subjects"], row["n_missing"]) == (10, 10, 0)
    assert "warning" not in row["assumptions"]


@pytest.mark.parametrize("unit", ["mg/L", "mg/g{creat}"])
def test_a_form_without_a_number_does_not_take_the_place_of_one_that_has_it(twice, unit):
    hole = (twice["analyte_id"] == "hva") & (twice["unit"] == unit)
    normalised = rl.normalise(twice.assign(value=twice["value"].mask(hole)))
    row = rl.summarise_amounts(normalised).query("analyte_id == 'hva' and statistic == 'median'").iloc[0]
    assert (row["n"], row["n_missing"]) == (10, 0)


def test_outer_centiles_of_a_few_amounts_are_refused_by_whatever_reads_them_off_the_order():
    few = rl.normalise(pd.DataFrame([day(f"S{i}", "dopamine", v) for i, v in enumerate([5.0, 6.0, 8.0])]))
    for method in METHODS:
        table = rl.summarise_amounts(few, method=method).set_index("statistic")
        outer = table.loc[["percentile_2.5", "percentile_97.5"]]
        if method == "mle":
            assert outer["estimate"].notna().all()
            continue
        assert outer[["estimate", "ci_low", "ci_high"]].isna().all(axis=None)
        assert (outer["reason"] == "3 values; at least 39 are needed for this percentile").all()
        assert table.loc["median", "estimate"] == 6.0
    enough = rl.normalise(pd.DataFrame([day(f"S{i}", "dopamine", 50.0 + i) for i in range(39)]))
    assert (rl.summarise_amounts(enough)["reason"] == "").all()


def test_amounts_that_no_number_could_summarise_have_a_reason():
    rows = [day(f"S{i}", "dopamine", v) for i, v in enumerate([1e-300, 5.0, 6.0, 7.0])]
    table = rl.summarise_amounts(rl.normalise(pd.DataFrame(rows)), method="mle").set_index("statistic")
    assert "beyond what a number holds" in table.loc["percentile_2.5", "reason"]
    assert table.loc["median", "reason"] == ""


def test_a_column_cannot_split_twice_nor_take_the_name_of_one_of_the_table(panel):
    frame = rl.normalise(panel).frame.assign(n=1, method="a")
    with pytest.raises(TableError, match="by names the column sex twice"):
        rl.summarise_amounts(frame, by=("sex", "sex"))
    for name in ("n", "method", "amount"):
        with pytest.raises(TableError, match=f"the column {name} cannot split the groups"):
            rl.summarise_amounts(frame, by=(name,))
    pd.testing.assert_frame_equal(rl.summarise_amounts(frame, by="sex"), rl.summarise_amounts(frame, by=("sex",)))


def test_misuse_is_an_error(panel):
    normalised = rl.normalise(panel)
    with pytest.raises(UnknownWordError):
        rl.summarise_amounts(normalised, method="substitute_zero")
    with pytest.raises(UnknownWordError):
        rl.summarise_amounts(normalised, by=["gender"])
    with pytest.raises(ChoiceError, match="confidence"):
        rl.summarise_amounts(normalised, confidence=95)
    with pytest.raises(TableError, match="Normalise the results first"):
        rl.summarise_amounts(panel)
    with pytest.raises(TableError, match="handed a list"):
        rl.summarise_amounts([1])


def test_an_empty_table_stays_a_table(panel):
    table = rl.summarise_amounts(rl.normalise(panel.iloc[:0].astype(panel.dtypes)))
    assert list(table.columns) == list(SUMMARIES.names)
    assert len(table) == 0
