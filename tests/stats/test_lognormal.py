import numpy as np
import pytest
from scipy import stats

from recal_labs.errors import ChoiceError, UnknownWordError
from recal_labs.stats import geometric_mean_censored, lognormal_summary


def test_estimates_are_those_that_envstats_prints(published, censored_example):
    expected, (values, codes) = published["manganese"], censored_example("manganese")
    found = geometric_mean_censored(values, codes, unit="ug/L")
    assert np.log([found.estimate, found.ci_low, found.ci_high]) == pytest.approx(
        [expected["meanlog"], *expected["ci"]], abs=1e-6
    )
    assert any(f"geometric SD {np.exp(expected['sdlog']):.3g}" in text for text in found.assumptions)
    assert (found.n, found.unit) == (25, "ug/L")


def test_mean_and_percentile_are_those_that_envstats_prints(published, censored_example):
    expected, (values, codes) = published["manganese_envstats"], censored_example("manganese")
    found = lognormal_summary(values, codes, ["mean", "geometric_sd"], [0.9], unit="ug/L")
    assert found["mean"].estimate == pytest.approx(expected["lognormal_mean"], rel=1e-7)
    assert [found["mean"].ci_low, found["mean"].ci_high] == pytest.approx(expected["lognormal_mean_ci"], rel=1e-6)
    assert found["percentile_90"].estimate == pytest.approx(expected["percentile_90"], rel=1e-6)
    assert np.log(found["geometric_sd"].estimate) == pytest.approx(published["manganese"]["sdlog"], abs=1e-6)
    assert [e.unit for e in found.values()] == ["ug/L", "1", "ug/L"]


def test_it_is_the_estimate_of_scipy(rng):
    amounts = np.exp(rng.normal(0.5, 1, 80))
    codes = np.where(amounts < 0.8, -1, np.where(amounts > 6, 1, 0))
    stated = np.clip(amounts, 0.8, 6)
    data = stats.CensoredData(
        uncensored=np.log(stated[codes == 0]), left=np.log(stated[codes < 0]), right=np.log(stated[codes > 0])
    )
    mean, sd = stats.norm.fit(data)
    found = lognormal_summary(stated, codes)
    assert np.log(found["geometric_mean"].estimate) == pytest.approx(mean, abs=1e-4)
    assert np.log(found["geometric_sd"].estimate) == pytest.approx(sd, abs=1e-4)


def test_without_censoring_it_is_the_geometric_mean(rng):
    amounts = np.exp(rng.normal(size=30))
    found = geometric_mean_censored(amounts, np.zeros(30))
    assert found.estimate == pytest.approx(stats.gmean(amounts), rel=1e-9)
    # The profile likelihood of a normal mean: n ln(1 + (m - mean)² / s²) = chi-squared quantile
    half = np.log(amounts).std() * np.sqrt(np.expm1(stats.chi2.ppf(0.95, 1) / 30))
    assert np.log(found.ci_high / found.estimate) == pytest.approx(half, rel=1e-6)


def test_intervals_cover():
    """Simulated: 200 samples of 60, about a third below one of two limits."""
    rng, n = np.random.default_rng(31), 200
    truth = {"mean": np.exp(0.5), "geometric_mean": 1.0, "geometric_sd": np.e, "percentile_2.5": np.exp(-1.959964)}
    covered = dict.fromkeys(truth, 0)
    for _ in range(n):
        amounts, limits = np.exp(rng.normal(0, 1, 60)), rng.choice([0.5, 0.8], 60)
        codes = np.where(amounts < limits, -1, 0)
        found = lognormal_summary(np.maximum(amounts, limits), codes, probabilities=[0.025])
        for name, value in truth.items():
            covered[name] += found[name].ci_low <= value <= found[name].ci_high
    assert {name: 0.91 <= hits / n <= 0.99 for name, hits in covered.items()} == dict.fromkeys(truth, True), covered


def test_amounts_in_another_unit_have_the_same_spread(rng):
    amounts = np.exp(rng.normal(size=40))
    codes = np.where(amounts < 0.6, -1, 0)
    stated = np.maximum(amounts, 0.6)
    here, there = (lognormal_summary(stated * factor, codes, probabilities=[0.9]) for factor in (1.0, 1000.0))
    for name in here:
        factor = 1.0 if name == "geometric_sd" else 1000.0
        for field in ("estimate", "ci_low", "ci_high"):
            assert getattr(there[name], field) == pytest.approx(factor * getattr(here[name], field), rel=1e-5)


@pytest.mark.parametrize(
    ("values", "codes", "reason"),
    [
        ([1, 2, 3, 4], [-1, -1, 0, 0], "2 exact values; at least 3 are needed"),
        ([1, 3, 3, 3], [-1, 0, 0, 0], "the exact values do not vary"),
        ([0, 3, 4, 5], [0, 0, 0, 0], "1 values are zero or negative"),
        ([], [], "no values"),
    ],
)
def test_samples_without_estimates(values, codes, reason):
    assert reason in geometric_mean_censored(values, codes).reason
    assert all(reason in e.reason for e in lognormal_summary(values, codes, probabilities=[0.5]).values())


@pytest.mark.parametrize("values", [[1e-300, 1, 2], [1e-300, 1, 1e300], [5e-324, 1, 1.7e308]])
def test_what_no_number_holds_is_missing_and_never_an_overflow(values):
    found = lognormal_summary(values, [0, 0, 0], probabilities=[0.025, 0.5])
    logs = np.log(values)
    assert np.log(found["geometric_mean"].estimate) == pytest.approx(logs.mean())
    assert np.log(found["geometric_sd"].estimate) == pytest.approx(logs.std())
    # exp(m + s²/2) with s beyond 300.
    assert found["mean"].reason.startswith("it is beyond what a number holds")
    assert found["percentile_2.5"].is_missing
    spread = found["geometric_sd"]
    assert np.isnan(spread.ci_high)
    assert "warning: the upper limit of the interval is beyond what a number holds" in spread.assumptions


def test_misuse_is_an_error():
    with pytest.raises(UnknownWordError):
        lognormal_summary([1, 2, 3], [0, 0, 0], ["median"])
    with pytest.raises(ChoiceError, match="probability is 1"):
        lognormal_summary([1, 2, 3], [0, 0, 0], probabilities=[1])
