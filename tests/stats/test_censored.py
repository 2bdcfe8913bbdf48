import numpy as np
import pytest
from scipy import stats
from statsmodels.api import SurvfuncRight

from recal_labs.errors import ArrayError, ChoiceError
from recal_labs.stats import geometric_mean_censored, kaplan_meier_quantiles, share_censored


@pytest.fixture
def manganese(published):
    texts = published["manganese"]["values"]
    return np.array([float(t.lstrip("<")) for t in texts]), np.array([-1 if t.startswith("<") else 0 for t in texts])


def test_log_normal_estimates_are_those_that_envstats_prints(published, manganese):
    expected, found = published["manganese"], geometric_mean_censored(*manganese, unit="ug/L")
    assert np.log([found.estimate, found.ci_low, found.ci_high]) == pytest.approx(
        [expected["meanlog"], *expected["ci"]], abs=1e-6
    )
    assert any(f"geometric SD {np.exp(expected['sdlog']):.3g}" in text for text in found.assumptions)
    assert (found.n, found.unit) == (25, "ug/L")


def test_log_normal_estimate_is_that_of_scipy(rng):
    amounts = np.exp(rng.normal(0.5, 1, 80))
    codes = np.where(amounts < 0.8, -1, np.where(amounts > 6, 1, 0))
    stated = np.clip(amounts, 0.8, 6)
    data = stats.CensoredData(
        uncensored=np.log(stated[codes == 0]), left=np.log(stated[codes < 0]), right=np.log(stated[codes > 0])
    )
    assert np.log(geometric_mean_censored(stated, codes).estimate) == pytest.approx(stats.norm.fit(data)[0], abs=1e-4)


def test_without_censoring_it_is_the_geometric_mean(rng):
    amounts = np.exp(rng.normal(size=30))
    found = geometric_mean_censored(amounts, np.zeros(30))
    assert found.estimate == pytest.approx(stats.gmean(amounts), rel=1e-9)
    # The profile likelihood of a normal mean: n ln(1 + (m - mean)² / s²) = chi-squared quantile
    half = np.log(amounts).std() * np.sqrt(np.expm1(stats.chi2.ppf(0.95, 1) / 30))
    assert np.log(found.ci_high / found.estimate) == pytest.approx(half, rel=1e-6)


def test_intervals_cover_the_geometric_mean():
    """Simulated: 150 samples of 40, a third below the limit of detection."""
    rng, covered = np.random.default_rng(31), 0
    for _ in range(150):
        amounts = np.exp(rng.normal(0, 1, 40))
        codes = np.where(amounts < 0.65, -1, 0)
        found = geometric_mean_censored(np.maximum(amounts, 0.65), codes)
        covered += found.ci_low <= 1 <= found.ci_high
    assert 0.90 <= covered / 150 <= 0.99


@pytest.mark.parametrize("p", [0.25, 0.4, 0.6, 0.75, 0.9])
def test_quantiles_are_those_of_statsmodels_on_the_turned_axis(manganese, p):
    values, codes = manganese
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
def test_samples_without_known_quantiles(values, codes, reason):
    assert [q.reason for q in kaplan_meier_quantiles(values, codes, [0.5])] == [reason]


@pytest.mark.parametrize(
    ("values", "codes", "reason"),
    [
        ([1, 2, 3, 4], [-1, -1, 0, 0], "2 exact values; at least 3 are needed"),
        ([1, 3, 3, 3], [-1, 0, 0, 0], "the exact values do not vary"),
        ([0, 3, 4, 5], [0, 0, 0, 0], "1 values are zero or negative"),
    ],
)
def test_samples_without_a_geometric_mean(values, codes, reason):
    assert reason in geometric_mean_censored(values, codes).reason


def test_share_of_censored_values():
    assert share_censored([1, np.nan, 3, 4], [-1, -1, 0, 1]) == pytest.approx(2 / 3)
    shares = share_censored([[1, np.nan], [2, np.nan]], [[-1, 0], [0, 0]])
    assert shares[0] == 0.5
    assert np.isnan(shares[1])


def test_misuse_is_an_error():
    with pytest.raises(ArrayError):
        share_censored([1, 2], [0])
    with pytest.raises(ChoiceError, match="probability is 1"):
        kaplan_meier_quantiles([1, 2], [0, 0], [1])
