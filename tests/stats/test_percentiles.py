import numpy as np
import pytest
from scipy import stats

from recal_labs.errors import ChoiceError
from recal_labs.stats import percentile, reference_limits
from recal_labs.stats.percentiles import order_statistic_ranks


def test_the_90_percent_interval_of_a_reference_limit_needs_119_subjects():
    """The table of ranks of CLSI EP28-A3c, as carried by the R package mcradds, runs from 119 to 1,000 subjects."""
    first = next(n for n in range(1, 300) if None not in order_statistic_ranks(n, 0.025, 0.90))
    assert first == 119
    assert None not in order_statistic_ranks(1000, 0.975, 0.90)


@pytest.mark.parametrize("n", [39, 119, 120, 240, 700])
@pytest.mark.parametrize("p", [0.025, 0.5, 0.975])
def test_order_statistics_cover_at_least_as_often_as_asked_and_no_wider_ones_are_taken(n, p):
    low, high = order_statistic_ranks(n, p, 0.90)
    below = stats.binom(n, p)
    if low is not None:
        assert below.cdf(low - 1) <= 0.05
        assert below.cdf(low) > 0.05
    if high is not None:
        assert below.sf(high - 1) <= 0.05
        assert below.sf(high - 2) > 0.05


@pytest.mark.parametrize("n", [119, 120, 333])
def test_bounds_are_those_of_scipys_quantile_test(rng, n):
    values = rng.normal(size=n)
    found = percentile(values, 0.025)
    expected = stats.quantile_test(values, q=0, p=0.025).confidence_interval(0.90)
    assert (found.ci_low, found.ci_high) == (expected.low, expected.high)


@pytest.mark.parametrize("p", [0.025, 0.3, 0.975])
def test_the_percentile_is_that_of_numpys_weibull_method(rng, p):
    values = rng.normal(size=77)
    assert percentile(values, p).estimate == pytest.approx(np.quantile(values, p, method="weibull"))


def test_39_subjects_are_the_fewest_with_a_reference_limit():
    assert reference_limits(range(38))[0].reason == "38 values; at least 39 are needed for this percentile"
    low, high = reference_limits(range(1, 40))
    assert (low.estimate, high.estimate) == (1, 39)
    assert np.isnan(low.ci_low)
    assert low.ci_high == 4
    assert "warning: too few values for the lower limit of the interval" in low.assumptions


def test_limits_cover_the_population_as_often_as_they_say():
    rng = np.random.default_rng(41)
    true = np.exp(stats.norm.ppf(0.025))
    found = [percentile(np.exp(rng.normal(size=120)), 0.025) for _ in range(400)]
    assert 0.88 <= np.mean([e.ci_low <= true <= e.ci_high for e in found]) <= 0.97


def test_a_limit_among_censored_values_is_missing():
    values = np.concatenate([np.full(10, 5.0), np.arange(6, 126)])
    codes = np.where(values == 5, -1, 0)
    low, high = reference_limits(values, censoring=codes)
    assert low.reason == "the percentile falls among censored values"
    assert high.estimate == pytest.approx(np.quantile(values, 0.975, method="weibull"))


def test_an_exact_value_below_a_higher_limit_counts_as_censored():
    values = np.concatenate([[1.0, 2.0, 3.0, 4.0, 20.0], np.arange(21, 140)])
    exact = percentile(values, 0.025)
    blurred = percentile(values, 0.025, censoring=np.where(values == 20, -1, 0))
    assert exact.estimate == pytest.approx(3.125)
    assert blurred.reason == "the percentile falls among censored values"


def test_an_interval_that_reaches_into_censored_values_stays_open():
    values = np.concatenate([[2.0, 2.0], np.arange(3, 142)])
    found = percentile(values, 0.025, censoring=np.where(values == 2, -1, 0))
    assert found.estimate == pytest.approx(3.55)
    assert np.isnan(found.ci_low)
    assert "warning: the lower limit of the interval falls among censored values" in found.assumptions


def test_missing_values_are_left_out_and_infinite_ones_refused():
    assert percentile([*range(1, 121), np.nan], 0.5).n == 120
    assert percentile([1, 2, 3, np.inf], 0.5).reason == "a value is infinite"
    assert percentile([], 0.5).reason == "0 values; at least 1 are needed for this percentile"


def test_misuse_is_an_error():
    with pytest.raises(ChoiceError, match="probability"):
        percentile([1, 2], 2.5)
    with pytest.raises(ChoiceError, match="central"):
        reference_limits([1, 2], central=95)
