import numpy as np
import pytest
from scipy import stats
from statsmodels.api import SurvfuncRight

from recal_labs.errors import ChoiceError
from recal_labs.stats import kaplan_meier_mean, kaplan_meier_quantiles


@pytest.mark.parametrize("p", [0.25, 0.4, 0.6, 0.75, 0.9])
def test_quantiles_are_those_of_statsmodels_on_the_turned_axis(censored_example, p):
    values, codes = censored_example("manganese")
    curve = SurvfuncRight(-values, (codes == 0).astype(int))
    (found,) = kaplan_meier_quantiles(values, codes, [p])
    low, high = (-limit for limit in curve.quantile_ci(1 - p)[::-1])
    assert found.estimate == -curve.quantile(1 - p)
    assert found.ci_high == high
    assert found.ci_low == low if np.isfinite(low) else np.isnan(found.ci_low)


def test_quantiles_of_values_above_a_limit_are_those_of_statsmodels():
    values, codes = np.array([1, 2, 3, 4, 5, 6, 7, 8, 8, 8.0]), np.array([0] * 7 + [1] * 3)
    curve = SurvfuncRight(values, (codes == 0).astype(int))
    for found, p in zip(kaplan_meier_quantiles(values, codes, [0.25, 0.55]), (0.25, 0.55), strict=True):
        assert found.estimate == curve.quantile(p)
        assert found.ci_low == curve.quantile_ci(p)[0]


def test_exact_values_have_ordinary_quantiles(rng):
    values = rng.normal(size=41)
    for found, p in zip(kaplan_meier_quantiles(values, np.zeros(41), [0.1, 0.5]), (0.1, 0.5), strict=True):
        assert found.estimate == np.quantile(values, p, method="inverted_cdf")


def test_a_quantile_below_everything_seen_exactly_is_not_known():
    values, codes = [5, 5, 5, 6, 7, 8], [-1, -1, -1, 0, 0, 0]
    low, middle, high = kaplan_meier_quantiles(values, codes, [0.3, 0.5, 0.8])
    assert low.reason == middle.reason == "the quantile lies among censored values"
    assert high.estimate == 7


@pytest.mark.parametrize(
    ("values", "codes", "reason"),
    [
        ([], [], "no values"),
        ([np.nan], [0], "no values"),
        ([1, 2, 3, 4], [-1, 0, 0, 1], "values are censored on both sides"),
        ([1, 2], [-1, -1], "every value is censored"),
        ([1, np.inf], [0, 0], "a value is infinite"),
    ],
)
def test_samples_that_it_cannot_describe(values, codes, reason):
    assert [q.reason for q in kaplan_meier_quantiles(values, codes, [0.5])] == [reason]
    assert kaplan_meier_mean(values, codes).reason == reason


def test_the_mean_is_that_of_envstats(published, censored_example):
    expected, (values, codes) = published["manganese_envstats"], censored_example("manganese")
    assert kaplan_meier_mean(values, codes).estimate == pytest.approx(expected["kaplan_meier_mean"], abs=1e-9)
    geometric = kaplan_meier_mean(values, codes, geometric=True)
    assert np.log(geometric.estimate) == pytest.approx(expected["kaplan_meier_mean_of_logs"], abs=1e-7)


def test_mean_and_standard_error_are_those_of_proucl(published, censored_example):
    expected, (values, codes) = published["oahu_arsenic"], censored_example("oahu_arsenic")
    found = kaplan_meier_mean(values, codes)
    n_exact = int((codes == 0).sum())
    error = (found.ci_high - found.estimate) / stats.t.ppf(0.975, n_exact - 1)
    assert found.estimate == pytest.approx(expected["kaplan_meier_mean"], abs=5e-5)
    assert error == pytest.approx(expected["kaplan_meier_se"], abs=5e-5)
    assert not any("warning" in text for text in found.assumptions)


@pytest.mark.parametrize("geometric", [False, True])
def test_without_censoring_it_is_the_mean_with_its_t_interval(rng, geometric):
    values = np.exp(rng.normal(size=23))
    found = kaplan_meier_mean(values, np.zeros(23), geometric=geometric)
    sample = np.log(values) if geometric else values
    limits = stats.t.interval(0.95, 22, sample.mean(), stats.sem(sample))
    expected = np.array([sample.mean(), *limits])
    assert [found.estimate, found.ci_low, found.ci_high] == pytest.approx(
        np.exp(expected) if geometric else expected, rel=1e-9
    )


def test_what_lies_below_the_lowest_limit_makes_the_mean_an_upper_bound():
    found = kaplan_meier_mean([1, 1, 2, 3, 4, 5, 6, 7], [-1, -1, 0, 0, 0, 0, 0, 0])
    assert found.estimate == (1 + 1 + 2 + 3 + 4 + 5 + 6 + 7) / 8
    assert "warning: 25 % lies below the lowest limit" in found.assumptions[-1]
    assert found.assumptions[-1].endswith("the mean is at most this")
    turned = kaplan_meier_mean([-1, -1, -2, -3, -4, -5, -6, -7], [1, 1, 0, 0, 0, 0, 0, 0])
    assert turned.estimate == pytest.approx(-found.estimate)
    assert [turned.ci_low, turned.ci_high] == pytest.approx([-found.ci_high, -found.ci_low])
    assert turned.assumptions[-1].endswith("the mean is at least this")


def test_intervals_of_the_mean_cover():
    """Simulated: 300 normal samples of 60 with limits at random, all below most of the distribution."""
    rng, covered = np.random.default_rng(5), 0
    for _ in range(300):
        values, limits = rng.normal(10, 2, 60), rng.choice([-np.inf, 8.0, 10.0], 60)
        codes = np.where(values < limits, -1, 0)
        found = kaplan_meier_mean(np.maximum(values, limits), codes)
        covered += found.ci_low <= 10 <= found.ci_high
    assert 0.92 <= covered / 300 <= 0.98


def test_a_limit_that_no_number_holds_is_missing_and_never_an_overflow():
    found = kaplan_meier_mean([1e-300, 1, 2], [0, 0, 0], geometric=True)
    assert found.estimate == pytest.approx(2 ** (1 / 3) * 1e-100)
    assert np.isnan(found.ci_high)
    assert found.assumptions[-1] == "warning: the upper limit of the interval is beyond what a number holds"


def test_a_geometric_mean_needs_logarithms():
    assert "zero or negative" in kaplan_meier_mean([0, 1, 2], [0, 0, 0], geometric=True).reason
    assert kaplan_meier_mean([1, 1, 2], [-1, -1, 0]).reason == "1 exact value; at least 2 are needed"


def test_misuse_is_an_error():
    with pytest.raises(ChoiceError, match="probability is 1"):
        kaplan_meier_quantiles([1, 2], [0, 0], [1])
    with pytest.raises(ChoiceError, match="confidence"):
        kaplan_meier_mean([1, 2], [0, 0], confidence=95)
