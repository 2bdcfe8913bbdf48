"""A mistyped choice is told with the nearest one, wherever it is made; the choices stay a plain frozen dataclass."""

import copy
import dataclasses
import inspect
import pickle

import pytest

from recal_labs.choices import Choices
from recal_labs.columns import TABLES
from recal_labs.errors import RecalLabsError, UnknownWordError


@pytest.mark.parametrize("make", [Choices, Choices().with_changes, lambda **words: Choices.from_mapping(words)])
def test_a_mistyped_choice_is_told_with_the_nearest(make):
    with pytest.raises(UnknownWordError, match=r"Unknown choice 'bassis'.*Did you mean 'basis'"):
        make(bassis="none")


def test_a_mistyped_keyword_is_a_type_error_of_ours():
    with pytest.raises(TypeError) as raised:
        Choices(windowdays=3)
    assert isinstance(raised.value, RecalLabsError)
    assert str(pickle.loads(pickle.dumps(raised.value))) == str(raised.value)


def test_choices_are_still_a_frozen_dataclass_with_a_signature():
    choices = Choices(basis="none", retest_correlation=0.5)
    assert copy.deepcopy(choices) == pickle.loads(pickle.dumps(choices)) == choices
    assert hash(choices) == hash(dataclasses.replace(Choices(), basis="none", retest_correlation=0.5))
    with pytest.raises(dataclasses.FrozenInstanceError):
        choices.basis = "per_24h"
    assert list(inspect.signature(Choices).parameters) == [field.name for field in dataclasses.fields(Choices)]


def test_a_list_of_tables_is_short_enough_to_be_told():
    said = str(UnknownWordError("table", "nosuch", tuple(TABLES)))
    assert all(name in said for name in TABLES)
    assert str(UnknownWordError("word", "x", [str(n) for n in range(21)])).endswith("21 are known.")
