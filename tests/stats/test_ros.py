import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.imputation.ros import impute_ros

from recal_labs.errors import UnknownWordError
from recal_labs.stats import fit_order_statistics, ros_summary


@pytest.mark.parametrize(
    ("name", "digits"), [("helsel_cohn_appendix_b", 0.01), ("oahu_arsenic", 0.005), ("nada_arsenic", 5e-8)]
)
def test_modelled_values_are_the_published_ones(published, censored_example, name, digits):
    found = fit_order_statistics(*censored_example(name)).modelled
    # The paper of 1988 rounds between its steps; and of values below one limit only the order statistics have a place.
    assert np.sort(found) == pytest.approx(np.sort(published[name]["modelled"]), abs=digits + 1e-9)


def test_summary_is_that_of_nada(published, censored_example):
    expected, (values, codes) = published["sulfate"], censored_example("sulfate")
    found = ros_summary(values, codes, ["mean"], [0.5], unit="mg/L")
    assert found["mean"].estimate == pytest.approx(expected["mean"], abs=5e-4)
    assert found["percentile_50"].estimate == expected["median"]
    assert fit_order_statistics(values, codes).modelled.std(ddof=1) == pytest.approx(expected["sd"], abs=5e-4)
    assert "gives no interval" in found["mean"].assumptions[-1]
    assert (found["mean"].n, found["mean"].unit) == (21, "mg/L")


def test_summary_is_that_of_envstats(published, censored_example):
    expected, (values, codes) = published["manganese_envstats"], censored_example("manganese")
    mean = ros_summary(values, codes)["mean"].estimate
    assert mean == pytest.approx(expected["ros_mean"], abs=1e-6)
    modelled = fit_order_statistics(values, codes).modelled
    assert modelled.std(ddof=1) / mean == pytest.approx(expected["ros_cv"], abs=1e-6)


@pytest.mark.parametrize("seed", range(20))
def test_modelled_values_are_those_of_statsmodels(seed):
    rng = np.random.default_rng(seed)
    values, limits = np.exp(rng.normal(size=40)).round(1) + 0.1, rng.choice([0.5, 1.0, 1.5], 40)
    below = values < limits
    stated = np.where(below, limits, values)
    found = fit_order_statistics(stated, np.where(below, -1, 0))
    assert np.sort(found.modelled) == pytest.approx(np.sort(impute_ros(stated, below)), rel=1e-9)


def test_the_order_of_the_values_and_missing_ones_change_nothing(censored_example, rng):
    values, codes = censored_example("manganese")
    order = rng.permutation(len(values))
    mixed = np.concatenate([values[order], [np.nan]])
    found = fit_order_statistics(mixed, [*codes[order], -1])
    assert np.isnan(found.modelled[-1])
    assert np.sort(found.modelled[:-1]) == pytest.approx(np.sort(fit_order_statistics(values, codes).modelled))
    exact = codes[order] == 0
    assert (found.modelled[:-1][exact] == values[order][exact]).all()


@given(st.floats(0.001, 1000))
def test_amounts_in_another_unit(factor):
    values, codes = np.array([2, 2, 3, 3, 4, 6, 8.0]), [-1, -1, 0, -1, 0, 0, 0]
    here, there = ros_summary(values, codes), ros_summary(values * factor, codes)
    assert there["mean"].estimate == pytest.approx(factor * here["mean"].estimate, rel=1e-9)
    assert there["geometric_sd"].estimate == pytest.approx(here["geometric_sd"].estimate, rel=1e-9)


def test_without_censoring_the_values_stay_what_they_are(rng):
    values = np.exp(rng.normal(size=15))
    found = fit_order_statistics(values, np.zeros(15))
    assert found.modelled.tolist() == values.tolist()
    assert (found.log_mean, found.log_sd) == pytest.approx((np.log(values).mean(), np.log(values).std()), abs=0.2)


def test_a_limit_above_every_measured_value_is_left_out_and_named():
    found = ros_summary([1, 1, 2, 3, 4, 9], [-1, -1, 0, 0, 0, -1], ["mean"])["mean"]
    assert found.n == 5
    assert found.assumptions[-1].startswith("warning: 1 values below limits above every measured value")


@pytest.mark.parametrize(
    ("values", "codes", "reason"),
    [
        ([1, 2, 3, 4], [0, 0, 0, 1], "values below limits only"),
        ([1, 2, 3], [-1, 0, 0], "2 exact values"),
        ([1, 3, 3, 3], [-1, 0, 0, 0], "do not vary"),
        ([0, 3, 4, 5], [0, 0, 0, 0], "zero or negative"),
        ([1] * 17 + [2, 3, 4], [-1] * 17 + [0] * 3, "85% lie below a limit"),
        ([], [], "no values"),
    ],
)
def test_samples_without_a_line(values, codes, reason):
    assert reason in fit_order_statistics(values, codes).reason
    assert all(reason in e.reason for e in ros_summary(values, codes, probabilities=[0.5]).values())


def test_misuse_is_an_error():
    with pytest.raises(UnknownWordError):
        ros_summary([1, 2, 3], [0, 0, 0], ["mode"])
