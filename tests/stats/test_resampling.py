import numpy as np
import pytest
from scipy import stats

from recal_labs.stats.resampling import (
    expanded_percentile_interval,
    resample_counts,
    weighted_means,
    weighted_slopes,
)


def test_every_stratum_keeps_its_size():
    counts = resample_counts([0, 1, 0, 1, 1], 100, seed=3)
    assert (counts[:, [0, 2]].sum(axis=1) == 2).all()
    assert (counts[:, [1, 3, 4]].sum(axis=1) == 3).all()


def test_counts_give_the_mean_and_slope_of_the_drawn_rows(rng):
    x, y = rng.normal(100, 1, size=(2, 12))
    counts = resample_counts(np.zeros(12, dtype=int), 20, seed=4)
    for row, mean, slope in zip(counts, weighted_means(counts, x), weighted_slopes(counts, x, y), strict=True):
        drawn = np.repeat(np.arange(12), row.astype(int))
        assert mean == pytest.approx(x[drawn].mean())
        assert slope == pytest.approx(stats.linregress(x[drawn], y[drawn]).slope)


def test_widened_levels_make_the_interval_of_a_mean_that_of_students_t(rng):
    x = rng.normal(size=8)
    spread = x.std() / np.sqrt(8)
    resampled = stats.norm.ppf(np.linspace(1e-5, 1 - 1e-5, 200_001)) * spread + x.mean()
    expected = stats.t.interval(0.95, 7, x.mean(), stats.sem(x))
    assert expanded_percentile_interval(resampled, 0.95, 8) == pytest.approx(expected, rel=1e-3)
