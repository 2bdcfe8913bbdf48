import numpy as np
import pytest
from scipy import stats

from recal_labs.stats.noncentral_t import hedges_correction, noncentrality_limits


@pytest.mark.parametrize("df", [1, 2, 10, 100, 2000])
@pytest.mark.parametrize("t", [-40.0, -2.0, 0.0, 0.3, 5.0, 60.0])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_the_observed_value_lies_at_the_tails_of_both_limits(df, t, confidence):
    low, high = noncentrality_limits(t, df, confidence)
    tail = (1 - confidence) / 2
    assert stats.nct.sf(t, df, low) == pytest.approx(tail, abs=1e-9)
    assert stats.nct.cdf(t, df, high) == pytest.approx(tail, abs=1e-9)
    assert low < high


def test_limits_mirror_with_the_sign():
    low, high = noncentrality_limits(2.5, 12, 0.95)
    assert noncentrality_limits(-2.5, 12, 0.95) == pytest.approx((-high, -low))


def test_the_correction_is_what_makes_a_simulated_d_unbiased():
    rng = np.random.default_rng(3)
    a, b = rng.normal(0.8, 1, (40000, 5)), rng.normal(0, 1, (40000, 5))
    d = (a.mean(1) - b.mean(1)) / np.sqrt((a.var(1, ddof=1) + b.var(1, ddof=1)) / 2)
    assert d.mean() * hedges_correction(8) == pytest.approx(0.8, abs=0.015)
    assert d.mean() > 0.85


def test_too_few_degrees_of_freedom_have_no_correction():
    assert np.isnan(hedges_correction(1))
    assert hedges_correction(1e6) == pytest.approx(1, abs=1e-5)
