import numpy as np
import pytest
from scipy import stats

from recal_labs.errors import ArrayError, UnknownWordError
from recal_labs.stats import effect_size, paired_change
from recal_labs.stats.noncentral_t import hedges_correction


@pytest.fixture
def amounts(rng):
    """Simulated amounts of 20 subjects before and after."""
    before = np.exp(rng.normal(1, 0.6, 20))
    return before, before * np.exp(rng.normal(-0.2, 0.4, 20))


def test_a_raw_change_is_after_minus_before(amounts):
    before, after = amounts
    found = paired_change(before, after, unit="mmol/L").change
    expected = stats.ttest_rel(after, before)
    limits = expected.confidence_interval(0.95)
    assert found.estimate == pytest.approx((after - before).mean())
    assert (found.ci_low, found.ci_high) == pytest.approx((limits.low, limits.high))
    assert found.p_value == pytest.approx(expected.pvalue)
    assert (found.effect, found.unit, found.n) == ("mean_difference", "mmol/L", 20)


def test_a_change_of_amounts_is_a_ratio_of_geometric_means(amounts):
    before, after = amounts
    found = paired_change(before, after, scale="log").change
    assert found.estimate == pytest.approx(stats.gmean(after) / stats.gmean(before))
    limits = stats.ttest_rel(np.log(after), np.log(before)).confidence_interval(0.95)
    assert (found.ci_low, found.ci_high) == pytest.approx((np.exp(limits.low), np.exp(limits.high)))
    assert (found.effect, found.unit) == ("geometric_mean_ratio", "1")


def test_logged_amounts_give_what_amounts_give(amounts):
    of_amounts = paired_change(*amounts, scale="log")
    of_logarithms = paired_change(*map(np.log, amounts), scale="logged")
    assert of_logarithms == of_amounts


def test_standardised_changes_are_hedges_corrected(amounts):
    before, after = amounts
    found = paired_change(before, after)
    raw = effect_size(after, before, "d_z", paired=True)
    assert found.d_z.estimate == pytest.approx(raw.estimate * hedges_correction(19))
    assert (found.d_z.ci_low, found.d_z.ci_high) == (raw.ci_low, raw.ci_high)
    average = effect_size(after, before, "hedges_g", paired=True)
    assert found.d_av.estimate == pytest.approx(average.estimate)
    assert (found.d_z.effect, found.d_av.effect) == ("d_z", "d_av")


def test_a_subject_seen_once_is_left_out():
    assert paired_change([1, 2, np.nan, 4], [2, 4, 5, 3]).change.n == 3


def test_an_amount_without_logarithm_is_the_reason():
    found = paired_change([1, 0, 3], [2, 3, 4], scale="log")
    for part in (found.change, found.d_z, found.d_av):
        assert part.reason == "1 values are zero or negative, so they have no logarithm"


def test_equal_changes_have_no_standardised_size():
    found = paired_change([1.0, 2.0, 4.0], [2.0, 3.0, 5.0])
    assert found.change.reason == found.d_z.reason == "all differences are equal"
    assert found.d_av.estimate == pytest.approx(1 / np.std([1, 2, 4], ddof=1) * hedges_correction(2))


def test_one_pair_is_too_few():
    assert paired_change([1], [2]).change.reason == "1 complete pairs; at least 2 are needed"


def test_misuse_is_an_error():
    with pytest.raises(UnknownWordError, match="scale of change"):
        paired_change([1, 2], [2, 3], scale="ln")
    with pytest.raises(ArrayError):
        paired_change([1, 2], [2])
