import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from recal_labs.errors import ArrayError, ChoiceError, UnknownWordError
from recal_labs.stats import adjust_p
from recal_labs.stats.multiplicity import METHODS

chances = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@pytest.mark.parametrize(
    ("method", "theirs"), [("bonferroni", "bonf"), ("holm", "holm"), ("fdr_bh", "fdr_bh"), ("fdr_by", "fdr_by")]
)
def test_adjusted_values_are_those_of_pingouin(pingouin, method, theirs):
    found = adjust_p(pingouin["data_simulated"]["p_values"], method)
    np.testing.assert_allclose(found.adjusted, pingouin["adjusted"][theirs], rtol=1e-12)
    np.testing.assert_array_equal(found.rejected, found.adjusted <= 0.05)


@pytest.mark.parametrize("method", METHODS)
def test_what_was_not_tested_neither_counts_nor_is_rejected(method):
    p = np.array([0.01, np.nan, 0.04, np.nan, 0.03])
    found, tested = adjust_p(p, method), adjust_p(p[[0, 2, 4]], method)
    np.testing.assert_array_equal(found.adjusted[[0, 2, 4]], tested.adjusted)
    np.testing.assert_array_equal(found.rejected[[0, 2, 4]], tested.rejected)
    assert np.isnan(found.adjusted[[1, 3]]).all()
    assert not found.rejected[[1, 3]].any()
    assert (found.n_tested, found.n_family) == (3, 5)


def test_statsmodels_alone_would_lose_every_value_to_one_gap():
    assert np.isnan(multipletests([0.01, np.nan, 0.04], method="fdr_bh")[1]).all()
    assert not np.isnan(adjust_p([0.01, np.nan, 0.04]).adjusted[[0, 2]]).any()


def test_a_family_without_tests_is_not_an_error():
    found = adjust_p([np.nan, np.nan])
    assert found.n_tested == 0
    assert not found.rejected.any()
    assert adjust_p([]).adjusted.shape == (0,)


def test_a_grid_keeps_its_shape():
    p = np.array([[0.01, 0.2], [np.nan, 0.03]])
    assert adjust_p(p).adjusted.shape == (2, 2)


def test_none_leaves_the_values_as_they_are():
    found = adjust_p([0.05, 0.06], "none")
    assert found.adjusted.tolist() == [0.05, 0.06]
    assert found.rejected.tolist() == [True, False]


@given(chances, st.sampled_from(METHODS))
def test_adjusting_raises_values_and_keeps_their_order(p, method):
    adjusted = adjust_p(p, method).adjusted
    assert (adjusted >= np.array(p) - 1e-12).all()
    assert (adjusted <= 1).all()
    order = np.argsort(p, kind="stable")
    assert (np.diff(adjusted[order]) >= -1e-12).all()


@given(chances)
def test_methods_stand_in_their_known_order(p):
    bonferroni, holm, hommel, fdr = (adjust_p(p, m).adjusted for m in ("bonferroni", "holm", "hommel", "fdr_bh"))
    slack = 1e-12
    assert (bonferroni >= holm - slack).all()
    assert (holm >= hommel - slack).all()
    assert (hommel >= fdr - slack).all()


def test_misuse_is_an_error():
    with pytest.raises(UnknownWordError, match="Did you mean 'holm'"):
        adjust_p([0.1], "holms")
    with pytest.raises(ArrayError, match="outside 0 to 1"):
        adjust_p([1.2])
    with pytest.raises(ChoiceError, match="alpha"):
        adjust_p([0.2], alpha=0)
