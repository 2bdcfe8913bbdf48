"""What each method makes of samples whose truth is known: benchmarks/censoring.py measures the same at length."""

import numpy as np
import pytest

from recal_labs.normalise.summary_methods import STATISTICS, summary_by

# They censor a fifth and three fifths of a log-normal with median 1 whose logarithm has an SD of 0.6.
LIMITS = {0.2: (0.279, 0.837), 0.6: (0.726, 2.179)}


def bias(method, share, statistic, samples=60, n=100):
    """Return the mean error of the log of an estimate; NaN when most samples have none."""
    truth = np.log(1.0) if STATISTICS[statistic] is None else 0.6 * {0.5: 0.0, 0.025: -1.959964}[STATISTICS[statistic]]
    place, found = list(STATISTICS).index(statistic), []
    for seed in range(samples):
        rng = np.random.default_rng(seed)
        amounts, limits = np.exp(rng.normal(0, 0.6, n)), rng.choice(LIMITS[share], n)
        codes = np.where(amounts < limits, -1, 0)
        found.append(summary_by(method, 0.95)(np.maximum(amounts, limits), codes)[place].estimate)
    known = np.log([value for value in found if not np.isnan(value)])
    return known.mean() - truth if len(known) > samples / 2 else np.nan


@pytest.mark.parametrize("share", [0.2, 0.6])
def test_the_limits_censor_the_stated_share(share):
    rng = np.random.default_rng(1)
    amounts, limits = np.exp(rng.normal(0, 0.6, 20_000)), rng.choice(LIMITS[share], 20_000)
    assert (amounts < limits).mean() == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize("method", ["ros", "mle"])
@pytest.mark.parametrize("share", [0.2, 0.6])
def test_models_find_a_log_normal_centre(method, share):
    assert abs(bias(method, share, "geometric_mean")) < 0.04


def test_kaplan_meier_finds_the_median_and_never_invents_a_low_centile():
    assert abs(bias("kaplan_meier", 0.2, "median")) < 0.04
    assert abs(bias("kaplan_meier", 0.6, "median")) < 0.06
    assert np.isnan(bias("kaplan_meier", 0.6, "percentile_2.5"))


def test_a_mean_by_kaplan_meier_is_too_high_by_what_lies_below_the_lowest_limit():
    assert bias("kaplan_meier", 0.6, "geometric_mean") > 0.08


def test_a_substitution_is_off_and_by_more_the_more_is_censored():
    low, high = (bias("substitute_sqrt2", share, "geometric_mean") for share in (0.2, 0.6))
    assert 0 < low < 0.08 < high
    assert bias("substitute_half", 0.6, "percentile_2.5") > 0.08
