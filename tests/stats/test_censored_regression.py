import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from recal_labs.errors import ArrayError, ChoiceError
from recal_labs.stats import fit_censored_regression, geometric_mean_censored
from recal_labs.stats.bounded_likelihood import BoundedLikelihood


def simulated(rng, n=150, limit=None):
    design = np.column_stack([np.ones(n), rng.normal(40, 12, n), rng.integers(0, 2, n)])
    y = design @ [1.0, 0.02, -0.4] + rng.normal(0, 0.6, n)
    limit = np.quantile(y, 0.3) if limit is None else limit
    return np.maximum(y, limit), np.where(y < limit, -1, 0), design


@pytest.mark.parametrize("kind", ["left", "right", "mixed"])
def test_fit_is_that_of_lifelines(lifelines, kind):
    expected = lifelines[kind]
    low = np.log(expected["low"])
    high = np.log([np.inf if value is None else value for value in expected["high"]])
    design = np.column_stack([np.ones(len(low)), lifelines["age"], lifelines["male"]])
    fit = fit_censored_regression(low, None, design, upper=np.where(low < high, high, np.nan))
    n, p = design.shape
    assert fit.coefficients == pytest.approx(expected["coefficients"], abs=2e-5)
    assert np.log(fit.sd) == pytest.approx(expected["log_sd"], abs=2e-6)
    # lifelines gives the inverse information as it is.
    assert fit.joint_covariance * (n - p) / n == pytest.approx(np.array(expected["covariance"]), rel=1e-4, abs=1e-8)
    # It models amounts, not their logarithms: the density of an exact one holds its Jacobian, 1 / amount.
    assert fit.log_likelihood == pytest.approx(expected["log_likelihood"] + low[low == high].sum(), abs=1e-6)
    assert fit.n_censored == (low < high).sum() > 10


def test_codes_say_the_same_as_bounds(lifelines):
    expected = lifelines["left"]
    low, high = np.log(expected["low"]), np.log(np.array(expected["high"], dtype=float))
    design = np.column_stack([np.ones(len(low)), lifelines["age"]])
    below = low < high
    by_code = fit_censored_regression(high, np.where(below, -1, 0), design)
    by_bound = fit_censored_regression(np.where(below, -np.inf, low), None, design, upper=np.where(below, high, np.nan))
    assert by_code.coefficients == pytest.approx(by_bound.coefficients, rel=1e-12)


def test_without_censoring_it_is_ordinary_least_squares(rng):
    y, _, design = simulated(rng, limit=-np.inf)
    fit, peer = fit_censored_regression(y, None, design), sm.OLS(y, design).fit()
    assert fit.coefficients == pytest.approx(peer.params, rel=1e-10)
    assert fit.covariance == pytest.approx(peer.cov_params(), rel=1e-9)
    assert fit.intervals == pytest.approx(peer.conf_int(), rel=1e-9)
    assert fit.p_values == pytest.approx(peer.pvalues, rel=1e-6)
    assert fit.log_likelihood == pytest.approx(peer.llf, rel=1e-12)
    assert fit.sd == pytest.approx(np.sqrt(peer.ssr / len(y)), rel=1e-10)
    assert fit.degrees_of_freedom == peer.df_resid


def test_without_censoring_the_sandwich_is_that_of_statsmodels(rng):
    y, _, design = simulated(rng, limit=-np.inf)
    clusters = np.repeat([f"S{number}" for number in range(50)], 3)
    fit = fit_censored_regression(y, None, design, clusters=clusters)
    peer = sm.OLS(y, design).fit().get_robustcov_results("cluster", groups=np.repeat(np.arange(50), 3))
    assert fit.covariance == pytest.approx(peer.cov_params(), rel=1e-8)
    assert fit.intervals == pytest.approx(peer.conf_int(), rel=1e-8)
    assert fit.n_clusters == 50


def test_with_an_intercept_alone_it_is_the_geometric_mean(censored_example):
    values, codes = censored_example("manganese")
    fit = fit_censored_regression(np.log(values), codes, np.ones(len(values)))
    assert np.exp(fit.coefficients[0]) == pytest.approx(geometric_mean_censored(values, codes).estimate, rel=1e-9)


def test_gradient_and_information_are_the_derivatives(rng):
    design = np.column_stack([np.ones(30), rng.normal(size=30)])
    low, high = rng.normal(size=30), np.full(30, np.nan)
    high[:8], low[8:16], high[16:24] = low[:8], -np.inf, np.inf
    high[8:16], high[24:] = 0.5, low[24:] + rng.uniform(0.01, 2, 6)
    likelihood, at, step = BoundedLikelihood(design, low, high), np.array([0.3, -0.2, 0.8]), 1e-5
    shifts = step * np.eye(3)
    gradient = [(likelihood.value(at + s) - likelihood.value(at - s)) / (2 * step) for s in shifts]
    assert likelihood.scores(at).sum(axis=0) == pytest.approx(gradient, rel=1e-7)
    slopes = [likelihood.scores(at + s).sum(axis=0) - likelihood.scores(at - s).sum(axis=0) for s in shifts]
    assert likelihood.information(at) == pytest.approx(-np.array(slopes) / (2 * step), rel=1e-6)


def coverage(make, truth, n):
    covered = 0
    for seed in range(n):
        low, high = make(np.random.default_rng(seed)).intervals[1]
        covered += low <= truth <= high
    return covered / n


def test_intervals_cover():
    """Simulated: 300 samples of 60 with 30 % below a limit."""
    share = coverage(lambda rng: fit_censored_regression(*simulated(rng, 60)), 0.02, 300)
    assert 0.92 <= share <= 0.98


def test_sandwich_intervals_cover_where_people_give_several_specimens():
    """Simulated: 200 samples of 50 people with 4 specimens each; the covariate belongs to the person."""

    def sample(rng):
        person = np.repeat(np.arange(50), 4)
        x = rng.normal(size=50)[person]
        y = 1 + 0.5 * x + rng.normal(0, 0.7, 50)[person] + rng.normal(0, 0.7, 200)
        return np.maximum(y, 0.5), np.where(y < 0.5, -1, 0), np.column_stack([np.ones(200), x]), person

    def plain(rng):
        return fit_censored_regression(*sample(rng)[:3])

    def clustered(rng):
        y, codes, design, person = sample(rng)
        return fit_censored_regression(y, codes, design, clusters=person)

    assert 0.91 <= coverage(clustered, 0.5, 200) <= 0.99
    assert coverage(plain, 0.5, 200) < 0.88


def test_estimates_are_not_shifted_by_censoring_as_substituted_ones_are():
    """Simulated: 200 samples of 200 with 40 % below a limit; the slope is 0.02."""
    found, replaced = [], []
    for seed in range(200):
        y, codes, design = simulated(np.random.default_rng(seed), 200)
        found.append(fit_censored_regression(y, codes, design).coefficients[1])
        put = np.where(codes < 0, y - np.log(2), y)
        replaced.append(fit_censored_regression(put, None, design).coefficients[1])
    error = np.std(found) / np.sqrt(200)
    assert abs(np.mean(found) - 0.02) < 3 * error
    assert np.mean(replaced) - 0.02 < -3 * error or np.mean(replaced) - 0.02 > 3 * error


@given(st.floats(0.01, 100), st.floats(-1e4, 1e4), st.integers(0, 2**32 - 1))
def test_scale_and_shift(scale, shift, seed):
    y, codes, design = simulated(np.random.default_rng(seed), 40)
    here, there = (fit_censored_regression(v, codes, design) for v in (y, scale * y + shift))
    expected = scale * here.coefficients + np.array([shift, 0, 0])
    room = 1e-6 * scale + 1e-9 * abs(shift)
    assert there.coefficients == pytest.approx(expected, abs=room)
    assert there.sd == pytest.approx(scale * here.sd, rel=1e-6)
    assert there.standard_errors == pytest.approx(scale * here.standard_errors, rel=1e-5)


@given(st.integers(0, 2**32 - 1))
def test_below_a_limit_is_above_it_in_the_mirror(seed):
    y, codes, design = simulated(np.random.default_rng(seed), 40)
    here, there = fit_censored_regression(y, codes, design), fit_censored_regression(-y, -codes, design)
    assert there.coefficients == pytest.approx(-here.coefficients, abs=1e-9)
    assert there.joint_covariance[:3, :3] == pytest.approx(here.covariance, rel=1e-6)


def test_columns_in_other_units_and_order_are_the_same_model(rng):
    y, codes, design = simulated(rng)
    here = fit_censored_regression(y, codes, design)
    there = fit_censored_regression(y, codes, design[:, [2, 0, 1]] * [1, 1, 1e6])
    assert there.coefficients * [1, 1, 1e6] == pytest.approx(here.coefficients[[2, 0, 1]], rel=1e-9)
    assert there.log_likelihood == pytest.approx(here.log_likelihood, rel=1e-12)


def test_rows_that_are_not_complete_are_left_out(rng):
    y, codes, design = simulated(rng)
    whole = fit_censored_regression(y, codes, design, clusters=np.repeat(np.arange(50), 3))
    more = fit_censored_regression(
        np.concatenate([y, [np.nan, 1, 1, -np.inf]]),
        [*codes, 0, 0, 0, 0],
        np.vstack([design, [[1, 1, 1], [1, np.nan, 1], [1, 40, 1], [1, 40, 1]]]),
        upper=[*[np.nan] * 153, np.inf],
        clusters=[*np.repeat(np.arange(50), 3).astype(object), 1, 1, None, 1],
    )
    assert (more.n, more.n_clusters) == (150, 50)
    assert more.coefficients == pytest.approx(whole.coefficients, rel=1e-12)
    assert more.covariance == pytest.approx(whole.covariance, rel=1e-9)


ONES, LINE = np.ones((6, 1)), np.column_stack([np.ones(6), np.arange(6.0)])
GROUPS = np.column_stack([np.ones(8), [0] * 5 + [1] * 3])


@pytest.mark.parametrize(
    ("given_rows", "reason"),
    [
        (([], [], np.ones((0, 1))), "no complete rows"),
        (([1, 2, 3, 4, 5, np.inf], None, ONES), "a value is infinite"),
        (([1, 2, 3, 4, 5, 6], [-1] * 6, ONES), "every value is censored"),
        (([1, 2, 3, 4, 5, 6], [-1] * 3 + [0] * 3, LINE), "3 values that are not censored; at least 4 are needed"),
        (([1, 2, 3, 4, 5, 7], None, LINE * [1, 0] + 1), "column 2 of the design is a combination"),
        (([1, 2, 3, 4, 5, 7], None, np.column_stack([LINE, LINE[:, 1] * 2 - 1])), "column 3 of the design"),
        (([2] * 6, None, ONES), "the values do not vary about the fitted line"),
        (([1, 3, 3, 3, 3, 3], [-1, 0, 0, 0, 0, 0], ONES), "the exact values do not vary about the fitted line"),
        (([1, 2, 3, 4, 5, 1, 1, 1], [0] * 5 + [-1] * 3, GROUPS), "leave a coefficient without a bound"),
    ],
)
def test_what_cannot_be_fitted_says_why(given_rows, reason):
    fit = fit_censored_regression(*given_rows)
    assert reason in fit.reason
    assert not fit.converged
    assert np.isnan(fit.coefficients).all()
    assert np.isnan(fit.covariance).all()
    assert np.isnan(fit.intervals).all()
    assert fit.estimate(0, effect="intercept").reason == fit.reason


def test_a_group_that_is_bounded_on_both_sides_can_be_fitted():
    fit = fit_censored_regression([1, 2, 3, 4, 5, 1, 1, 1], [0] * 5 + [-1, 1, -1], GROUPS)
    assert fit.reason == ""
    assert fit.coefficients.sum() < 1


def test_a_line_through_every_interval_has_no_spread():
    fit = fit_censored_regression([1, 1, 1, 1, 1], None, np.ones(5), upper=[2, 3, 2.5, 4, np.inf])
    assert fit.reason == "a line runs through every interval, so the spread is not known"


def test_narrow_intervals_are_values(rng):
    y, _, design = simulated(rng, limit=-np.inf)
    narrow = fit_censored_regression(y - 1e-9, None, design, upper=y + 1e-9)
    assert narrow.coefficients == pytest.approx(fit_censored_regression(y, None, design).coefficients, abs=1e-8)


def test_too_few_clusters_say_so(rng):
    y, codes, design = simulated(rng)
    fit = fit_censored_regression(y, codes, design, clusters=np.repeat([0, 1, 2], 50))
    assert fit.reason == "3 clusters; more than the 3 coefficients are needed"


def test_far_limits_do_not_overflow():
    y, codes = [-500, 0, 1, 2, 3, 400], [1, 0, 0, 0, 0, -1]
    fit = fit_censored_regression(y, codes, np.ones(6))
    assert fit.coefficients[0] == pytest.approx(1.5, abs=1e-6)


def test_an_estimate_says_how_many_are_censored(rng):
    y, codes, design = simulated(rng)
    found = fit_censored_regression(y, codes, design, clusters=np.arange(150)).estimate(1, effect="slope", unit="1/a")
    assert (found.effect, found.unit, found.n) == ("slope", "1/a", 150)
    assert found.ci_low < found.estimate < found.ci_high
    assert "45 of 150 responses are censored" in found.assumptions
    assert "sandwich" in found.method


def test_misuse_is_an_error():
    with pytest.raises(ArrayError, match="design has 2 rows and y has 3"):
        fit_censored_regression([1, 2, 3], None, [[1], [1]])
    with pytest.raises(ArrayError, match="upper lies below y in 1 rows"):
        fit_censored_regression([1, 2, 3], None, np.ones(3), upper=[0, np.nan, np.nan])
    with pytest.raises(ArrayError, match="clusters has shape"):
        fit_censored_regression([1, 2, 3], None, np.ones(3), clusters=[1])
    with pytest.raises(ChoiceError, match="confidence"):
        fit_censored_regression([1, 2, 3], None, np.ones(3), confidence=95)
