import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from recal_labs.errors import ArrayError, ChoiceError, UnknownWordError
from recal_labs.stats import correlate

METHODS = ("spearman", "pearson", "kendall")
SCIPY = {"spearman": stats.spearmanr, "pearson": stats.pearsonr, "kendall": stats.kendalltau}


def ends(estimate):
    return [estimate.ci_low, estimate.ci_high]


def test_spearman_interval_is_the_published_bonett_wright_interval(published):
    given = published["spearman_bonett_wright"]
    found = correlate(given["x"], given["y"])
    assert found.estimate == pytest.approx(given["estimate"], abs=5e-8)
    assert ends(found) == pytest.approx(given["ci"], abs=5e-8)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("n", [6, 12, 33, 34, 80])
@pytest.mark.parametrize("rounded", [False, True])
def test_estimate_and_p_value_are_those_of_scipy(rng, method, n, rounded):
    x = rng.normal(size=n)
    y = 0.5 * x + rng.normal(size=n)
    if rounded:
        x, y = x.round(), y.round()
    expected = SCIPY[method](x, y)
    found = correlate(x, y, method=method)
    assert found.estimate == pytest.approx(expected.statistic, abs=1e-14)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_pearson_interval_is_that_of_scipy(rng):
    x = rng.normal(size=30)
    y = x + rng.normal(size=30)
    expected = stats.pearsonr(x, y).confidence_interval(0.9)
    found = correlate(x, y, method="pearson", confidence=0.9)
    assert ends(found) == pytest.approx([expected.low, expected.high], rel=1e-12)
    assert found.confidence == 0.9


def test_kendall_interval_has_the_fieller_width(rng):
    x, y = rng.normal(size=(2, 25))
    found = correlate(x, y, method="kendall")
    half = stats.norm.ppf(0.975) * np.sqrt(0.437 / 21)
    assert np.arctanh(ends(found)) == pytest.approx(np.arctanh(found.estimate) + np.array([-half, half]))


@pytest.mark.parametrize("method", ["spearman", "pearson"])
@pytest.mark.parametrize("held", [("age",), ("age", "sex")])
def test_partial_correlation_is_that_of_pingouin(pingouin, method, held):
    data = pingouin["data_simulated"]
    covariates = np.column_stack([data[name] for name in held])
    found = correlate(data["x"], data["y"], method=method, covariates=covariates)
    expected = pingouin["correlations"][f"{method}_given_{'_'.join(held)}"]
    assert found.estimate == pytest.approx(expected["estimate"], rel=1e-9)
    assert found.p_value == pytest.approx(expected["p"], rel=1e-9)
    assert found.effect.startswith("partial_")


def test_raw_correlations_are_those_of_pingouin(pingouin):
    data = pingouin["data_simulated"]
    for method in METHODS:
        found, expected = correlate(data["x"], data["y"], method=method), pingouin["correlations"][method]
        assert found.estimate == pytest.approx(expected["estimate"], rel=1e-12)
        assert found.p_value == pytest.approx(expected["p"], rel=1e-9)
    assert ends(correlate(data["x"], data["y"], method="pearson")) == pytest.approx(expected_ci(pingouin), abs=0.005)


def expected_ci(pingouin):
    return pingouin["correlations"]["pearson"]["ci"]


def test_partial_kendall_follows_the_recursion_of_its_three_taus(rng):
    z = rng.normal(size=60).round(1)
    x, y = z + rng.normal(size=60).round(1), z + rng.normal(size=60).round(1)
    xy, xz, yz = (stats.kendalltau(a, b).statistic for a, b in ((x, y), (x, z), (y, z)))
    expected = (xy - xz * yz) / np.sqrt((1 - xz**2) * (1 - yz**2))
    assert correlate(x, y, method="kendall", covariates=z).estimate == pytest.approx(expected, rel=1e-12)


def test_partial_kendall_without_ties_has_the_p_value_of_ppcor(rng):
    x, y, z, w = rng.normal(size=(4, 40))
    found = correlate(x, y, method="kendall", covariates=np.column_stack([z, w]))
    n, k = 40, 2
    # R/ppcor_v1.R of the R package ppcor
    statistic = found.estimate / np.sqrt(2 * (2 * (n - k) + 5) / (9 * (n - k) * (n - 1 - k)))
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(statistic)), rel=1e-12)


def test_each_covariate_costs_the_interval_one_row(rng):
    x, y, z, w = rng.normal(size=(4, 30))
    found = correlate(x, y, method="pearson", covariates=np.column_stack([z, w]))
    half = stats.norm.ppf(0.975) / np.sqrt(30 - 3 - 2)
    assert np.arctanh(ends(found)) == pytest.approx(np.arctanh(found.estimate) + np.array([-half, half]))
    t = found.estimate * np.sqrt(26 / (1 - found.estimate**2))
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(t), 30 - 2 - 2))


def test_a_covariate_that_adds_nothing_is_not_counted(rng):
    x, y, z = rng.normal(size=(3, 30))
    once = correlate(x, y, covariates=z)
    more = correlate(x, y, covariates=np.column_stack([z, np.ones(30), 3 * z + 1]))
    assert (more.estimate, more.p_value) == pytest.approx((once.estimate, once.p_value))
    assert ends(more) == pytest.approx(ends(once))


def test_a_subject_with_anything_missing_is_left_out(rng):
    x, y, z = rng.normal(size=(3, 20))
    x[0], y[1], z[2] = np.nan, np.nan, np.nan
    found = correlate(x, y, covariates=z)
    rest = correlate(x[3:], y[3:], covariates=z[3:])
    assert found.n == 17
    assert (found.estimate, found.p_value) == (rest.estimate, rest.p_value)


def test_series_with_missing_values_are_welcome():
    x = pd.Series([1.0, 2.0, None, 4.0, 5.0, 6.0], index=list("abcdef"))
    y = pd.Series([2, 1, 3, 4, 6, 5], dtype="Int64")
    assert correlate(x, y).n == 5


def test_censored_values_are_ranked_as_ties():
    x, codes = [0.5, 2.0, 2.0, 3.0, 4.0, 6.0, 5.0], [-1, -1, -1, 0, 0, 0, 0]
    y = [1, 2, 3, 4, 5, 6, 7]
    found = correlate(x, y, x_censoring=codes)
    assert found.estimate == pytest.approx(stats.spearmanr([0, 0, 0, 3, 4, 6, 5], y).statistic)
    assert any("3 of 7 values of x are censored" in text for text in found.assumptions)
    assert not any("measured values" in text for text in found.assumptions)


def test_exact_values_below_a_higher_limit_are_told_of():
    x, codes = [5.0, 2.0, 3.0, 6.0, 7.0], [-1, 0, 0, 0, 0]
    found = correlate(x, [1, 2, 3, 4, 5], x_censoring=codes, names=("hva", "phq9"))
    assert any(
        text.startswith("warning: 2 measured values of hva are smaller than the largest detection limit met")
        for text in found.assumptions
    )


@pytest.mark.parametrize(
    ("x", "y", "options", "reason"),
    [
        ([1, 2, 3], [1, 2, 3], {}, "3 complete pairs; at least 4 are needed"),
        ([1, 2, 3, 4], [1, 2, 3, 5], {"method": "kendall"}, "4 complete pairs; at least 5 are needed"),
        ([1, 2, 3, 4, 5], [1, 3, 2, 5, 4], {"covariates": [[1, 0], [0, 1], [2, 2], [1, 5], [3, 1]]}, "at least 6"),
        ([np.nan] * 5, [1, 2, 3, 4, 5], {}, "no complete pair"),
        ([1, 1, 1, 1, 1], [1, 2, 3, 4, 5], {}, "x is constant"),
        ([1, 2, 3, 4, 5], [2, 2, 2, 2, 2], {}, "y is constant"),
        ([0.1 + 0.2, 0.3, 0.3, 0.3, 0.3], [1, 2, 3, 4, 5], {"method": "pearson"}, "x is constant"),
        ([1, 2, np.inf, 4, 5], [1, 2, 3, 4, 5], {}, "x has an infinite value"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], {"x_censoring": [-1] * 5}, "every value of x is censored"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5], {"y_censoring": [-1, -1, 1, 1, 1]}, "every value of y is censored"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 6], {"x_censoring": [-1, 0, 0, 0, 0], "method": "pearson"}, "rank correlation"),
        ([1, 2, 3, 4, 5], [2, 1, 3, 5, 4], {"covariates": [1, 2, 3, 4, 5]}, "the covariates determine x or y"),
        ([1, 2, 3, 4, 5, 6], [2, 1, 3, 5, 4, 6], {"covariates": [1, 2, 3, 4, 5, 6], "method": "kendall"}, "determine"),
        ([1, 2, 3, 4, 5], [2, 1, 3, 5, 4], {"min_n": 10}, "5 complete pairs; at least 10 are needed"),
    ],
)
def test_what_cannot_be_correlated_is_missing_with_the_reason(x, y, options, reason):
    found = correlate(x, y, **options)
    assert found.is_missing
    assert reason in found.reason
    assert np.isnan([found.ci_low, found.ci_high, found.p_value]).all()


def test_reasons_use_the_names_given():
    assert correlate([1] * 5, [1, 2, 3, 4, 5], names=("dopamine", "phq9")).reason == "dopamine is constant"


def test_a_perfect_rank_correlation_has_the_p_value_of_all_orders_and_no_interval():
    found = correlate([1, 2, 3, 4, 5], [10, 20, 30, 40, 50])
    assert found.estimate == 1
    assert found.p_value == pytest.approx(2 / 120)
    assert np.isnan(ends(found)).all()
    assert any("perfect" in text for text in found.assumptions)
    groups = correlate([0] * 5 + [1] * 5, [3] * 5 + [8] * 5)
    assert groups.p_value == pytest.approx(stats.fisher_exact([[5, 0], [0, 5]]).pvalue)


def test_perfect_pearson_and_kendall_stay_inside_their_bounds():
    assert correlate([1, 2, 3, 4, 5], [3, 5, 7, 9, 11], method="pearson").estimate == 1
    found = correlate([1, 2, 3, 4, 5], [5, 4, 3, 2, 1], method="kendall")
    assert found.estimate == -1
    assert found.p_value == pytest.approx(2 / 120)


def test_misuse_is_an_error():
    with pytest.raises(UnknownWordError, match="Did you mean 'spearman'"):
        correlate([1, 2], [1, 2], method="spearmann")
    with pytest.raises(UnknownWordError, match="interval"):
        correlate([1, 2], [1, 2], ci="exact")
    with pytest.raises(ChoiceError, match="confidence is 95"):
        correlate([1, 2], [1, 2], confidence=95)
    with pytest.raises(ArrayError, match="X has 2 rows and Y has 3"):
        correlate([1, 2], [1, 2, 3])
    with pytest.raises(ArrayError, match="not a number"):
        correlate(["low", "high"], [1, 2])
    with pytest.raises(ArrayError, match="one dimension"):
        correlate([[1, 2], [3, 4]], [1, 2])
    with pytest.raises(ArrayError, match="infinite"):
        correlate([1, 2], [1, 2], covariates=[1, np.inf])


numbers = st.floats(-100, 100).map(lambda v: round(v, 2))
pairs = st.lists(st.tuples(numbers, numbers), min_size=5, max_size=25)


@given(pairs, st.sampled_from(METHODS))
def test_a_correlation_is_bounded_symmetric_and_turns_with_its_axis(rows, method):
    x, y = np.array(rows).T
    found, swapped, turned = (correlate(*both, method=method) for both in ((x, y), (y, x), (x, -y)))
    if found.is_missing:
        assert swapped.is_missing
        return
    assert -1 <= found.estimate <= 1
    assert 0 <= found.p_value <= 1
    assert swapped.estimate == pytest.approx(found.estimate, abs=1e-12)
    assert swapped.p_value == pytest.approx(found.p_value, abs=1e-9)
    assert turned.estimate == pytest.approx(-found.estimate, abs=1e-12)
    if abs(found.estimate) < 1:
        assert -1 <= found.ci_low <= found.estimate <= found.ci_high <= 1
        assert ends(turned) == pytest.approx([-found.ci_high, -found.ci_low], abs=1e-9)


@given(pairs, st.sampled_from(["spearman", "kendall"]))
def test_a_rank_correlation_does_not_change_under_the_logarithm(rows, method):
    x, y = np.array(rows).T
    amounts = np.exp(x / 20)
    raw, logged = (correlate(values, y, method=method, covariates=None) for values in (amounts, np.log(amounts)))
    if len(np.unique(amounts)) == len(np.unique(np.log(amounts))):
        assert raw.estimate == pytest.approx(logged.estimate, nan_ok=True)


@given(pairs)
def test_a_partial_rank_correlation_does_not_change_when_a_covariate_is_logged(rows):
    x, y = np.array(rows).T
    z = np.arange(len(x), dtype=float)[::-1] + 1
    one, two = correlate(x, y, covariates=z), correlate(x, y, covariates=np.log(z))
    assert one.estimate == pytest.approx(two.estimate, nan_ok=True)
