import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from recal_labs.stats import effect_size
from recal_labs.stats.dominance import (
    _consistent_variance,
    _dominance,
    adjusted_wald_difference,
    cliff_interval,
)

values = st.lists(st.integers(0, 8).map(float), min_size=2, max_size=15)


def parts(a, b):
    a, b = np.array(a, dtype=float), np.array(b, dtype=float)
    return a, b, _dominance(a, b), -_dominance(b, a)


def test_consistent_variance_is_the_published_one(published):
    given_values = published["cliff_variance"]
    a, b, rows, columns = parts(given_values["a"], given_values["b"])
    assert rows.mean() == pytest.approx(given_values["estimate"], abs=5e-8)
    assert _consistent_variance(a, b, rows, columns, rows.mean()) == pytest.approx(given_values["variance"], abs=5e-9)


def test_parts_of_the_variance_are_the_published_ones(published):
    given_values = published["cliff_hogarty_kromrey"]
    _, _, rows, columns = parts(given_values["a"], given_values["b"])
    assert rows.mean() == columns.mean() == given_values["estimate"]
    assert rows.var(ddof=1) == pytest.approx(given_values["row_variance"], abs=5e-8)
    assert columns.var(ddof=1) == pytest.approx(given_values["column_variance"], abs=5e-8)


def test_interval_is_the_published_one(published):
    given_values = published["cliff_interval"]
    found = cliff_interval(given_values["delta"], given_values["variance"], stats.norm.ppf(0.975))
    assert found == pytest.approx(given_values["ci"], abs=5e-4)


def test_interval_within_pairs_is_the_published_one(published):
    given_values = published["paired_proportions"]
    found = adjusted_wald_difference(given_values["above"], given_values["below"], given_values["n"], 0.95)
    assert found == pytest.approx(given_values["ci"], abs=5e-8)


def test_rank_biserial_is_the_published_one(published):
    given_values = published["rank_biserial"]
    groups = effect_size(given_values["a"], given_values["b"], "rank_biserial")
    pairs = effect_size(given_values["paired_a"], given_values["paired_b"], "rank_biserial", paired=True)
    assert groups.estimate == pytest.approx(given_values["estimate"], abs=5e-8)
    assert pairs.estimate == pytest.approx(given_values["paired"], abs=1e-3)


def test_rank_biserial_and_p_values_are_those_of_pingouin(pingouin):
    data, expected = pingouin["data_simulated"], pingouin["effects"]
    groups = effect_size(data["before"], data["other"], "rank_biserial")
    assert groups.estimate == pytest.approx(expected["rank_biserial"])
    assert groups.p_value == pytest.approx(expected["mann_whitney_p"])
    pairs = effect_size(data["after"], data["before"], "rank_biserial", paired=True)
    assert pairs.estimate == pytest.approx(expected["rank_biserial_paired"])
    assert pairs.p_value == pytest.approx(expected["wilcoxon_p"])


@given(values, values)
def test_delta_is_the_mean_sign_of_all_differences(a, b):
    found = effect_size(a, b, "cliffs_delta")
    if found.is_missing:
        assert len(set(a + b)) == 1
        return
    assert found.estimate == pytest.approx(np.sign(np.subtract.outer(a, b)).mean())
    assert -1 <= found.ci_low <= found.ci_high <= 1
    assert effect_size(a, b, "rank_biserial").estimate == found.estimate


@given(values, values)
def test_delta_does_not_change_under_a_rising_transformation(a, b):
    one, two = effect_size(a, b, "cliffs_delta"), effect_size(np.exp(a), np.exp(b), "cliffs_delta")
    assert (two.estimate, two.ci_low, two.ci_high) == pytest.approx(
        (one.estimate, one.ci_low, one.ci_high), nan_ok=True
    )


@given(st.lists(st.integers(-6, 6).map(float), min_size=2, max_size=15))
def test_matched_rank_biserial_is_the_mean_sign_of_sums_of_differences(differences):
    found = effect_size(differences, [0.0] * len(differences), "rank_biserial", paired=True)
    moved = [d for d in differences if d]
    if len(moved) < 2:
        assert found.is_missing
        return
    signs = [np.sign(d + e) for i, d in enumerate(moved) for e in moved[i:]]
    assert found.estimate == pytest.approx(np.mean(signs))


def test_groups_that_do_not_overlap_keep_an_interval():
    found = effect_size([5, 6, 7, 8, 9], [1, 2, 3], "cliffs_delta")
    z = stats.norm.ppf(0.975)
    assert found.estimate == found.ci_high == 1
    assert found.ci_low == pytest.approx((3 - z**2) / (3 + z**2))
    assert any("do not overlap" in text for text in found.assumptions)
    below = effect_size([1, 2, 3], [5, 6, 7, 8, 9], "cliffs_delta")
    assert (below.ci_low, below.ci_high) == pytest.approx((-1, -found.ci_low))


def test_differences_of_one_sign_keep_an_interval():
    found = effect_size([2, 3, 4, 5], [1, 1, 1, 1], "rank_biserial", paired=True)
    assert found.estimate == found.ci_high == 1
    assert -1 < found.ci_low < 1
