import numpy as np
import pytest
from scipy import stats

from recal_labs.errors import ArrayError, ChoiceError, UnknownWordError
from recal_labs.stats import excess_change, paired_change, regression_to_mean

R = 0.7


@pytest.fixture
def stable(rng):
    """Simulated: 20,000 subjects whom nothing is done to, two occasions correlated 0.7."""
    first = rng.normal(size=20_000)
    return first, R * first + np.sqrt(1 - R**2) * rng.normal(size=20_000)


def test_selecting_high_values_alone_brings_the_change_that_the_formula_says(stable):
    first, second = stable
    selected = first > 0.5
    expected = -(1 - R) * stats.norm.pdf(0.5) / stats.norm.sf(0.5)
    stated = regression_to_mean(first[selected], first, retest_correlation=R, n_resamples=50)
    assert stated.estimate == pytest.approx(expected, abs=0.02)
    assert (second - first)[selected].mean() == pytest.approx(stated.estimate, abs=0.03)
    assert -0.55 < paired_change(first[selected], second[selected]).d_z.estimate < -0.4


def test_the_slope_of_the_retest_is_not_fooled_by_selection(stable):
    first, second = stable
    selected = first > 0.5
    # Those left untreated vary less, so their correlation is too low; their slope is not.
    retest = first[~selected], second[~selected]
    assert np.corrcoef(*retest)[0, 1] < R - 0.08
    found = regression_to_mean(first[selected], first, retest=retest, n_resamples=50)
    stated = regression_to_mean(first[selected], first, retest_correlation=R, n_resamples=50)
    assert found.estimate == pytest.approx(stated.estimate, abs=0.03)
    assert any(text.startswith("the retest slope is 0.") for text in found.assumptions)


def test_what_is_beyond_regression_is_the_simulated_effect(stable):
    first, second = (occasion[:2000] for occasion in stable)
    selected = first > 0.5
    after = second[selected] - 0.3
    found = excess_change(first[selected], after, first, retest_correlation=R, n_resamples=500)
    assert found.ci_low <= -0.3 <= found.ci_high
    assert found.ci_high < 0
    assert found.effect == "excess_change"


def test_intervals_cover_the_truth_in_small_studies():
    """Simulated: 150 studies of 100 subjects, the 15 highest treated without effect, 40 others measured twice."""
    rng, covered, kept = np.random.default_rng(21), 0, 0
    for seed in range(150):
        first = rng.normal(10, 3, 100)
        second = 10 + R * (first - 10) + 3 * np.sqrt(1 - R**2) * rng.normal(size=100)
        everyone = np.arange(100)
        treated = np.sort(np.argsort(first)[-15:])
        retested = np.setdiff1d(everyone, treated)[:40]
        found = excess_change(
            first[treated],
            second[treated],
            first,
            retest=(first[retested], second[retested]),
            subjects=(treated, everyone, retested),
            n_resamples=400,
            seed=seed,
        )
        covered += found.ci_low <= 0 <= found.ci_high
        kept += found.n == 15
    assert kept == 150
    assert 0.90 <= covered / 150 <= 1


def test_the_mean_of_everybody_regresses_to_nothing(rng):
    everyone = rng.normal(5, 1, 60)
    ids = np.arange(60)
    found = regression_to_mean(everyone, everyone, retest_correlation=0.5, subjects=(ids, ids))
    assert (found.estimate, found.ci_low, found.ci_high) == pytest.approx((0, 0, 0), abs=1e-12)


def test_ids_make_shared_subjects_count_once(rng):
    population = rng.normal(5, 1, 40)
    chosen = np.argsort(population)[-20:]
    apart = regression_to_mean(population[chosen], population, retest_correlation=0.5)
    joined = regression_to_mean(
        population[chosen], population, retest_correlation=0.5, subjects=(chosen, np.arange(40))
    )
    assert joined.estimate == apart.estimate
    assert joined.ci_high - joined.ci_low < apart.ci_high - apart.ci_low


def test_on_logarithms_the_change_is_a_ratio():
    before, population = [4.0, 6.0, 9.0], [1.0, 2.0, 4.0, 6.0, 9.0, 3.0]
    found = regression_to_mean(before, population, retest_correlation=0.5, scale="log")
    assert found.estimate == pytest.approx((stats.gmean(population) / stats.gmean(before)) ** 0.5)
    logged = regression_to_mean(np.log(before), np.log(population), retest_correlation=0.5, scale="logged")
    assert (logged.estimate, logged.ci_low) == pytest.approx((found.estimate, found.ci_low))
    assert (found.effect, found.unit) == ("expected_ratio", "1")
    beyond = excess_change(before, [3.0, 5.0, 6.0], population, retest_correlation=0.5, scale="log")
    observed = stats.gmean([3.0, 5.0, 6.0]) / stats.gmean(before)
    assert beyond.estimate == pytest.approx(observed / found.estimate)


def test_the_same_seed_gives_the_same_interval_and_another_does_not(rng):
    population = rng.normal(size=50)
    one, two, other = (
        regression_to_mean(population[:10], population, retest_correlation=0.5, seed=seed) for seed in (1, 1, 2)
    )
    assert one == two
    assert one.ci_low != other.ci_low


def test_a_perfect_retest_leaves_nothing_to_expect():
    assert regression_to_mean([5, 6, 7], [1, 2, 5, 6, 7], retest_correlation=1).estimate == 0


@pytest.mark.parametrize(
    ("before", "population", "options", "reason"),
    [
        ([1, 2], [1, 2, 3, 4, 5], {"retest_correlation": 0.5}, "2 selected subjects; at least 3 are needed"),
        ([1, 2, 3], [1, 2, 3], {"retest_correlation": 0.5}, "3 subjects of the population; at least 4"),
        ([1, 2, 3], [1, 2, 3, 4], {}, "neither stated nor estimable"),
        ([1, 2, 3], [1, 2, 3, 4], {"retest": ([1, 2, 3, 4], [1, 2, 3, 4])}, "4 retest subjects; at least 5"),
        ([1, 2, 3], [1, 2, 3, 4], {"retest": ([1] * 6, [1, 2, 3, 4, 5, 6])}, "do not vary"),
        ([1, 2, np.inf], [1, 2, 3, 4], {"retest_correlation": 0.5}, "selected subjects is infinite"),
        ([1, 2, 3], [0, 2, 3, 4], {"retest_correlation": 0.5, "scale": "log"}, "1 values of the population are zero"),
    ],
)
def test_what_cannot_be_expected_is_missing_with_the_reason(before, population, options, reason):
    found = regression_to_mean(before, population, **options)
    assert found.is_missing
    assert reason in found.reason


def test_misuse_is_an_error():
    data = [1, 2, 3], [1, 2, 3, 4]
    with pytest.raises(ChoiceError, match="expected one of them"):
        regression_to_mean(*data, retest_correlation=0.5, retest=([1, 2], [1, 2]))
    with pytest.raises(ChoiceError, match="from -1 to 1"):
        regression_to_mean(*data, retest_correlation=1.5)
    with pytest.raises(UnknownWordError, match="scale"):
        regression_to_mean(*data, retest_correlation=0.5, scale="ln")
    with pytest.raises(ArrayError, match="differ in length"):
        excess_change([1, 2, 3], [1, 2], [1, 2, 3, 4], retest_correlation=0.5)
    with pytest.raises(ArrayError, match="ids of the population"):
        regression_to_mean(*data, retest_correlation=0.5, subjects=([1, 2, 3], [1, 2]))
    with pytest.raises(ArrayError, match="no ids for the population"):
        regression_to_mean(*data, retest_correlation=0.5, subjects=([1, 2, 3],))
