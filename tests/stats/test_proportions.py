import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from recal_labs.errors import ArrayError, ChoiceError
from recal_labs.stats import wilson


@pytest.mark.parametrize(("k", "n"), [(81, 263), (15, 148), (0, 20), (1, 29), (29, 29)])
@pytest.mark.parametrize("confidence", [0.9, 0.95])
def test_limits_are_those_of_statsmodels(k, n, confidence):
    found = wilson(k, n, confidence=confidence)
    expected = proportion_confint(k, n, alpha=1 - confidence, method="wilson")
    assert (found.ci_low, found.ci_high) == pytest.approx(expected, abs=1e-12)
    assert found.estimate == k / n


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_limits_enclose_the_estimate_inside_0_to_1_and_mirror(counts):
    k, n = counts
    found, mirror = wilson(k, n), wilson(n - k, n)
    assert 0 <= found.ci_low <= found.estimate <= found.ci_high <= 1
    assert found.ci_low == pytest.approx(1 - mirror.ci_high)


def test_none_of_nobody_is_missing():
    assert wilson(0, 0).reason == "no observations"


def test_misuse_is_an_error():
    with pytest.raises(ArrayError, match="k is 5 of n = 4"):
        wilson(5, 4)
    with pytest.raises(ChoiceError):
        wilson(1, 4, confidence=1)
