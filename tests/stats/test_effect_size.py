import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from recal_labs.errors import ArrayError, ChoiceError, UnknownWordError
from recal_labs.stats import effect_size
from recal_labs.stats.effect_size import KINDS

STANDARDISED = ("hedges_g", "cohens_d", "glass_delta")


def ends(estimate):
    return [estimate.ci_low, estimate.ci_high]


def test_pooled_d_and_g_are_those_of_the_published_example(published):
    # effectsize's own tests print three decimals and hold them to a relative tolerance of 0.001.
    given = published["cohens_d_mtcars"]
    d, g, delta = (effect_size(given["a"], given["b"], kind) for kind in ("cohens_d", "hedges_g", "glass_delta"))
    assert d.estimate == pytest.approx(given["cohens_d"], rel=1e-3)
    assert ends(d) == pytest.approx(given["ci"], rel=1e-3)
    assert g.estimate == pytest.approx(given["hedges_g"], rel=1e-3)
    assert ends(g) == ends(d)
    assert delta.estimate == pytest.approx(given["glass_delta"], rel=1e-3)


def test_glass_delta_has_the_published_interval(published, sample_with):
    given = published["single_group_standardizer"]
    a, b = (sample_with(*moments) for moments in zip(given["means"], given["sds"], given["ns"], strict=True))
    found = effect_size(a, b, "glass_delta")
    assert found.estimate == pytest.approx(given["estimate"], abs=5e-7)
    assert ends(found) == pytest.approx(given["ci"], abs=5e-7)


def test_effects_of_pairs_have_the_published_intervals(published, pairs_with):
    given = published["paired_standardizers"]
    a, b = pairs_with(given["means"], given["sds"], given["correlation"], given["n"])
    average, second = effect_size(a, b, "cohens_d", paired=True), effect_size(a, b, "glass_delta", paired=True)
    assert average.estimate == pytest.approx(given["average"]["estimate"], abs=5e-8)
    assert ends(average) == pytest.approx(given["average"]["ci"], abs=5e-8)
    assert second.estimate == pytest.approx(given["second"]["estimate"], abs=5e-8)
    assert ends(second) == pytest.approx(given["second"]["ci"], abs=5e-8)


def test_welch_interval_is_the_published_one(published, sample_with):
    given = published["welch"]
    a, b = (sample_with(*moments) for moments in zip(given["means"], given["sds"], given["ns"], strict=True))
    found = effect_size(a, b, "mean_difference", unit="ug/g{creat}")
    assert found.estimate == pytest.approx(given["estimate"])
    assert found.p_value == pytest.approx(given["p"], rel=1e-6)
    assert ends(found) == pytest.approx(given["ci"], abs=5e-7)
    assert found.unit == "ug/g{creat}"


def test_paired_interval_is_the_published_one(published, pairs_with):
    given = published["paired_mean"]
    found = effect_size(
        *pairs_with(given["means"], given["sds"], given["correlation"], given["n"]), "mean_difference", paired=True
    )
    assert found.estimate == pytest.approx(given["estimate"])
    assert found.p_value == pytest.approx(given["p"], rel=1e-5)
    assert ends(found) == pytest.approx(given["ci"], abs=5e-7)


def test_effects_are_those_of_pingouin(pingouin):
    data, expected = pingouin["data_simulated"], pingouin["effects"]
    before, after, other = data["before"], data["after"], data["other"]
    assert effect_size(before, other, "cohens_d").estimate == pytest.approx(expected["cohens_d"])
    assert effect_size(after, before, "cohens_d", paired=True).estimate == pytest.approx(expected["cohens_d_paired"])
    groups = effect_size(before, other, "mean_difference")
    assert groups.p_value == pytest.approx(expected["welch_p"])
    assert ends(groups) == pytest.approx(expected["welch_ci"], abs=0.005)
    pairs = effect_size(after, before, "mean_difference", paired=True)
    assert pairs.p_value == pytest.approx(expected["paired_p"])
    assert ends(pairs) == pytest.approx(expected["paired_ci"], abs=0.005)


def test_ratio_of_geometric_means_is_welch_on_logarithms(rng):
    a, b = np.exp(rng.normal(1, 0.5, 20)), np.exp(rng.normal(0.6, 0.8, 25))
    found = effect_size(a, b, "geometric_mean_ratio")
    expected = stats.ttest_ind(np.log(a), np.log(b), equal_var=False)
    limits = expected.confidence_interval(0.95)
    assert found.estimate == pytest.approx(stats.gmean(a) / stats.gmean(b))
    assert found.p_value == pytest.approx(expected.pvalue)
    assert ends(found) == pytest.approx(np.exp([limits.low, limits.high]))


def test_d_z_is_the_paired_t_over_the_root_of_n(rng):
    a, b = rng.normal(size=(2, 15))
    found = effect_size(a, b, "d_z", paired=True)
    t = stats.ttest_rel(a, b)
    assert found.estimate == pytest.approx(t.statistic / np.sqrt(15))
    assert found.p_value == pytest.approx(t.pvalue)
    assert stats.nct.sf(t.statistic, 14, found.ci_low * np.sqrt(15)) == pytest.approx(0.025, abs=1e-9)


def test_p_value_of_d_is_that_of_students_t(rng):
    a, b = rng.normal(0.3, 1, 12), rng.normal(0, 1, 9)
    assert effect_size(a, b, "cohens_d").p_value == pytest.approx(stats.ttest_ind(a, b).pvalue)


def test_missing_values_leave_their_group_or_their_pair():
    a, b = [1.0, 2.0, np.nan, 4.0], [2.0, np.nan, 3.0, 7.0]
    assert effect_size(a, b).n == 6
    assert effect_size(a, b, "mean_difference", paired=True).n == 2


@pytest.mark.parametrize(
    ("a", "b", "kind", "paired", "reason"),
    [
        ([1.0], [1, 2, 3], "hedges_g", False, "group a has 1 value"),
        ([1, 2], [], "cliffs_delta", False, "group b has no value"),
        ([1, 2], [3, np.nan], "d_z", True, "1 complete pairs"),
        ([1, np.inf], [3, 4], "hedges_g", False, "a value is infinite"),
        ([2, 2], [3, 3], "hedges_g", False, "no value varies within a group"),
        ([2, 2], [3, 3], "mean_difference", False, "no value varies within a group"),
        ([2, 5], [3, 3], "glass_delta", False, "b does not vary"),
        ([2, 3, 4], [3, 4, 5], "d_z", True, "all differences are equal"),
        ([2, 3, 4], [3, 4, 5], "mean_difference", True, "all differences are equal"),
        ([3, 3], [4, 4], "hedges_g", True, "no value varies within an occasion"),
        ([1, 0, 2], [1, 2, 3], "geometric_mean_ratio", False, "1 values are zero or negative"),
        ([1, 1], [1, 1], "cliffs_delta", False, "all values are equal"),
        ([1, 2], [1, 2], "cliffs_delta", True, "all differences are zero"),
        ([1, 2], [1, 3], "rank_biserial", True, "1 pairs differ; at least 2 are needed"),
    ],
)
def test_what_cannot_be_compared_is_missing_with_the_reason(a, b, kind, paired, reason):
    found = effect_size(a, b, kind, paired=paired)
    assert found.is_missing
    assert reason in found.reason
    assert found.effect == kind


def test_misuse_is_an_error():
    with pytest.raises(UnknownWordError, match="Did you mean 'hedges_g'"):
        effect_size([1, 2], [3, 4], "hedgesg")
    with pytest.raises(ChoiceError, match="paired=True"):
        effect_size([1, 2], [3, 4], "d_z")
    with pytest.raises(ChoiceError, match="confidence"):
        effect_size([1, 2], [3, 4], confidence=0)
    with pytest.raises(ArrayError, match="Pairs of 2 and 3"):
        effect_size([1, 2], [3, 4, 5], paired=True)


numbers = st.lists(st.floats(-50, 50).map(lambda v: round(v, 1)), min_size=3, max_size=15)


@given(numbers, numbers, st.sampled_from([k for k in KINDS if k not in ("d_z", "geometric_mean_ratio")]))
def test_the_interval_holds_the_effect_and_turns_with_it(a, b, kind):
    found = effect_size(a, b, kind)
    turned = effect_size(np.negative(a), np.negative(b), kind)
    if found.is_missing:
        assert turned.reason == found.reason
        return
    assert found.ci_low <= found.estimate <= found.ci_high
    assert turned.estimate == pytest.approx(-found.estimate)
    assert ends(turned) == pytest.approx([-found.ci_high, -found.ci_low], abs=1e-6)
    assert 0 <= found.p_value <= 1


@given(numbers, numbers, st.sampled_from(STANDARDISED), st.floats(0.5, 20), st.floats(-100, 100))
def test_a_standardised_effect_does_not_depend_on_the_unit(a, b, kind, scale, shift):
    one, two = effect_size(a, b, kind), effect_size(np.multiply(a, scale) + shift, np.multiply(b, scale) + shift, kind)
    assert two.estimate == pytest.approx(one.estimate, rel=1e-6, nan_ok=True)


@pytest.mark.parametrize("kind", ["hedges_g", "glass_delta", "cliffs_delta", "rank_biserial"])
@pytest.mark.parametrize("paired", [False, True])
def test_intervals_cover_the_truth(kind, paired):
    """300 simulated samples of 30 (pairs correlated 0.6): 95 % intervals must cover between 91 and 99 %."""
    rng, runs, n, shift = np.random.default_rng(11), 300, 30, 0.6
    b = rng.normal(size=(runs, n))
    a = shift + (0.6 * b + 0.8 * rng.normal(size=(runs, n)) if paired else rng.normal(size=(runs, n)))
    spread = np.sqrt(2 - 2 * 0.6) if paired else np.sqrt(2)
    above = {"cliffs_delta": shift / spread, "rank_biserial": shift / spread * (np.sqrt(2) if paired else 1)}
    true = 2 * stats.norm.cdf(above[kind]) - 1 if kind in above else shift
    found = [effect_size(a[i], b[i], kind, paired=paired) for i in range(runs)]
    assert 0.91 <= np.mean([e.ci_low <= true <= e.ci_high for e in found]) <= 0.99


def test_corrected_effects_of_pairs_are_unbiased():
    """Simulated: 4,000 samples of 8 pairs correlated 0.6, true difference 1 SD."""
    rng = np.random.default_rng(12)
    b = rng.normal(size=(4000, 8))
    a = 1 + 0.6 * b + 0.8 * rng.normal(size=(4000, 8))
    g, d = (
        np.mean([effect_size(*pair, kind, paired=True).estimate for pair in zip(a, b, strict=True)])
        for kind in ("hedges_g", "cohens_d")
    )
    assert g == pytest.approx(1, abs=0.025)
    assert d > 1.04
