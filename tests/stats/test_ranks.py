import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats

from recal_labs.errors import ArrayError
from recal_labs.stats import rank_censored
from recal_labs.stats.ranks import mid_ranks, tie_sums

small_numbers = st.integers(-5, 5).map(float)
columns = arrays(float, st.tuples(st.integers(1, 30), st.integers(1, 4)), elements=small_numbers)


@given(columns)
def test_mid_ranks_are_those_of_scipy(values):
    np.testing.assert_array_equal(mid_ranks(values), stats.rankdata(values, axis=0))


@given(columns, st.randoms(use_true_random=False))
def test_a_missing_value_takes_no_rank_and_leaves_the_others_theirs(values, random):
    gaps = np.array([[random.random() < 0.3 for _ in row] for row in values])
    ranks = mid_ranks(np.where(gaps, np.nan, values))
    np.testing.assert_array_equal(np.isnan(ranks), gaps)
    for column in range(values.shape[1]):
        kept = ~gaps[:, column]
        np.testing.assert_array_equal(ranks[kept, column], stats.rankdata(values[kept, column]))


def test_everything_below_a_limit_shares_the_lowest_rank_whatever_the_limits():
    ranks = rank_censored([0.5, 2.0, 1.0, 7.0, 3.0], [-1, -1, 0, 0, 0])
    assert ranks.tolist() == [1.5, 1.5, 3.0, 5.0, 4.0]


def test_everything_above_a_limit_shares_the_highest_rank():
    assert rank_censored([10.0, 8.0, 9.0, 1.0], [1, 1, 0, 0]).tolist() == [3.5, 3.5, 2.0, 1.0]


def test_columns_are_ranked_apart():
    values, codes = np.array([[1.0, 3.0], [2.0, 2.0], [3.0, 1.0]]), np.array([[-1, 0], [-1, 0], [0, 1]])
    np.testing.assert_array_equal(rank_censored(values, codes), [[1.5, 2.0], [1.5, 1.0], [3.0, 3.0]])


def test_true_means_below():
    assert rank_censored([5.0, 1.0, 9.0], [True, False, False]).tolist() == [1.0, 2.0, 3.0]


def test_a_missing_value_stays_missing_even_when_it_is_marked_as_censored():
    np.testing.assert_array_equal(rank_censored([np.nan, 1.0], [-1, 0]), [np.nan, 1.0])


def test_no_values_have_no_ranks():
    assert rank_censored([]).size == 0


def test_codes_that_do_not_fit_are_refused():
    with pytest.raises(ArrayError, match="shape"):
        rank_censored([1.0, 2.0], [0])
    with pytest.raises(ArrayError, match="other than -1"):
        rank_censored([1.0, 2.0], [0, 2])
    with pytest.raises(ArrayError, match="dimensions"):
        rank_censored(np.zeros((2, 2, 2)))


def test_sums_over_ties():
    pairs, triples, weighted = tie_sums(np.array([[1.0], [1.0], [2.0], [2.0], [2.0], [5.0]]))
    assert (pairs[0], triples[0], weighted[0]) == (2 + 6, 0 + 6, 2 * 9 + 6 * 11)
