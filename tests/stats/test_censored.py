import numpy as np
import pytest

from recal_labs.errors import ArrayError, ChoiceError
from recal_labs.stats import share_censored
from recal_labs.stats.censored import censored_sample, percentile_names


def test_share_of_censored_values():
    assert share_censored([1, np.nan, 3, 4], [-1, -1, 0, 1]) == pytest.approx(2 / 3)
    shares = share_censored([[1, np.nan], [2, np.nan]], [[-1, 0], [0, 0]])
    assert shares[0] == 0.5
    assert np.isnan(shares[1])


def test_a_sample_loses_missing_values_with_their_codes():
    values, codes, reason = censored_sample([2, np.nan, 5], [-1, 1, 0])
    assert (values.tolist(), codes.tolist(), reason) == ([2, 5], [-1, 0], "")


@pytest.mark.parametrize(("values", "reason"), [([], "no values"), ([1, np.inf], "a value is infinite")])
def test_a_sample_without_values(values, reason):
    assert censored_sample(values, None)[2] == reason


def test_misuse_is_an_error():
    with pytest.raises(ArrayError):
        share_censored([1, 2], [0])
    with pytest.raises(ChoiceError, match="probability is 1"):
        percentile_names([0.5, 1])
