import time

import numpy as np
import pytest
from scipy import stats

from recal_labs.errors import ArrayError
from recal_labs.stats import correlate, correlate_matrix

METHODS = ("spearman", "pearson", "kendall")


@pytest.fixture
def panel(rng):
    """Simulated: 60 subjects, 5 analytes with gaps and limits of detection, 3 outcomes with gaps, 2 covariates."""
    shared = rng.normal(size=(60, 1))
    x = np.exp(0.5 * shared + rng.normal(size=(60, 5))).round(2)
    y = (shared + rng.normal(size=(60, 3))).round(1)
    censoring = np.where(x < 0.4, -1, 0)
    x = np.where(x < 0.4, 0.4, x)
    x[rng.random(x.shape) < 0.1] = np.nan
    y[rng.random(y.shape) < 0.1] = np.nan
    x[:, 3], y[:, 2] = 1.0, np.where(np.arange(60) < 2, y[:, 2], np.nan)
    covariates = np.column_stack([rng.normal(45, 10, 60), rng.integers(0, 2, 60)])
    covariates[5, 0] = np.nan
    return {"x": x, "y": y, "censoring": censoring, "covariates": covariates}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("partial", [False, True])
def test_the_grid_is_what_each_pair_gives_alone(panel, method, partial):
    covariates = panel["covariates"] if partial else None
    censoring = None if method == "pearson" else panel["censoring"]
    options = {"method": method, "covariates": covariates, "min_n": 10, "confidence": 0.9}
    grid = correlate_matrix(panel["x"], panel["y"], x_censoring=censoring, **options)
    assert grid.shape == (5, 3)
    for i in range(5):
        codes = None if censoring is None else censoring[:, i]
        for j in range(3):
            alone = correlate(panel["x"][:, i], panel["y"][:, j], x_censoring=codes, **options)
            together = grid.at(i, j)
            for name in ("estimate", "ci_low", "ci_high", "p_value"):
                assert getattr(together, name) == pytest.approx(getattr(alone, name), rel=1e-11, nan_ok=True)
            assert (together.n, together.reason, together.method) == (alone.n, alone.reason, alone.method)
            assert together.assumptions == alone.assumptions


def test_untestable_pairs_keep_their_place_and_their_reason(panel):
    grid = correlate_matrix(panel["x"], panel["y"], min_n=10)
    assert (grid.reason[3, :2] == "x is constant").all()
    assert grid.reason[0, 2] == "2 complete pairs; at least 10 are needed"
    np.testing.assert_array_equal(np.isnan(grid.estimate), grid.reason != "")
    np.testing.assert_array_equal(np.isnan(grid.p_value), grid.reason != "")


def test_each_pair_counts_its_own_rows(panel):
    grid = correlate_matrix(panel["x"], panel["y"])
    both = (~np.isnan(panel["x"])).T.astype(int) @ (~np.isnan(panel["y"])).astype(int)
    np.testing.assert_array_equal(grid.n, both)


def test_counts_of_censored_values(panel):
    grid = correlate_matrix(panel["x"], panel["y"], x_censoring=panel["censoring"])
    both = ~np.isnan(panel["x"][:, 0]) & ~np.isnan(panel["y"][:, 1])
    assert grid.censored_x[0, 1] == (panel["censoring"][both, 0] != 0).sum()
    assert not grid.censored_y.any()


def test_spearman_grid_is_that_of_scipy(rng):
    x, y = rng.normal(size=(40, 4)), rng.normal(size=(40, 3))
    expected = stats.spearmanr(x, y)
    grid = correlate_matrix(x, y)
    np.testing.assert_allclose(grid.estimate, expected.statistic[:4, 4:], atol=1e-14)
    np.testing.assert_allclose(grid.p_value, expected.pvalue[:4, 4:], rtol=1e-10)


def test_a_large_kendall_grid_is_summed_in_blocks(rng, monkeypatch):
    from recal_labs.stats import kendall

    x, y = rng.integers(0, 9, (50, 3)).astype(float), rng.normal(size=(50, 2))
    whole = correlate_matrix(x, y, method="kendall")
    monkeypatch.setattr(kendall, "_BLOCK_VALUES", 500)
    blocks = correlate_matrix(x, y, method="kendall")
    np.testing.assert_array_equal(whole.estimate, blocks.estimate)


def test_rows_must_match():
    with pytest.raises(ArrayError, match="X has 3 rows and Y has 4"):
        correlate_matrix(np.zeros((3, 2)), np.zeros((4, 2)))
    with pytest.raises(ArrayError, match="covariates"):
        correlate_matrix(np.zeros((3, 2)), np.zeros((3, 2)), covariates=np.zeros(4))


@pytest.mark.parametrize(("method", "rho"), [("spearman", 0.0), ("spearman", 0.5), ("pearson", 0.5), ("kendall", 0.5)])
def test_intervals_cover_as_often_as_they_say(rng, method, rho):
    """400 simulated samples of 50: a 95 % interval must cover between 92 and 98 % (3 standard errors)."""
    runs, n = 400, 50
    x = rng.normal(size=(n, runs))
    y = rho * x + np.sqrt(1 - rho**2) * rng.normal(size=(n, runs))
    true = {"spearman": 6 / np.pi * np.arcsin(rho / 2), "pearson": rho, "kendall": 2 / np.pi * np.arcsin(rho)}[method]
    found = [correlate(x[:, i], y[:, i], method=method) for i in range(runs)]
    covered = np.mean([e.ci_low <= true <= e.ci_high for e in found])
    assert 0.92 <= covered <= 0.98
    if rho == 0:
        assert np.mean([e.p_value <= 0.05 for e in found]) == pytest.approx(0.05, abs=0.033)


def test_partial_intervals_cover_under_a_common_cause(rng):
    """Simulated: x and y have nothing in common but a covariate; raw intervals miss 0, partial ones cover it."""
    runs, n = 300, 50
    z = rng.normal(size=(n, 1))
    x, y = z + rng.normal(size=(n, runs)), z + rng.normal(size=(n, runs))
    partial = correlate_matrix(x, y, covariates=z)
    covered = (partial.ci_low <= 0) & (partial.ci_high >= 0)
    assert covered.mean() == pytest.approx(0.95, abs=0.02)
    raw = correlate_matrix(x, y)
    assert ((raw.ci_low <= 0) & (raw.ci_high >= 0)).mean() < 0.5


def test_a_panel_by_outcomes_grid_takes_milliseconds(rng):
    x, y, z = rng.normal(size=(300, 40)), rng.normal(size=(300, 10)), rng.normal(size=(300, 2))
    start = time.perf_counter()
    correlate_matrix(x, y, covariates=z)
    assert time.perf_counter() - start < 0.35
