import numpy as np
import pytest

from recal_labs.errors import UnknownWordError
from recal_labs.stats.substitution import substitute, substitution_words


@pytest.mark.parametrize(("rule", "divisor"), [("substitute_half", 2), ("substitute_sqrt2", np.sqrt(2))])
def test_only_what_lies_below_a_limit_is_replaced(rule, divisor):
    values, codes = substitute([1, 3, 8, np.nan], [-1, 0, 1, -1], rule)
    assert values[:3].tolist() == [1 / divisor, 3, 8]
    assert np.isnan(values[3])
    assert codes.tolist() == [0, 0, 1, 0]


def test_the_sentence_says_what_was_done_and_what_it_does():
    said = substitution_words("substitute_sqrt2", 5, 20, 2)
    assert said.startswith("warning: 5 of 20 values")
    assert "the limit divided by the root of 2" in said
    assert "invented" in said
    assert said.endswith("(2 above a limit cannot be replaced and stay tied at the top)")
    assert ";" not in said
    assert "above a limit" not in substitution_words("substitute_half", 5, 20)


def test_an_unknown_rule_is_an_error():
    with pytest.raises(UnknownWordError):
        substitute([1], [-1], "substitute_zero")
