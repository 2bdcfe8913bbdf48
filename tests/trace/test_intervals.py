"""The words for why an interval was chosen are those of the rule that chose it."""

from dataclasses import replace

import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.normalise.reference import preference
from recal_labs.trace.intervals import RULES, deciding_rule

BASE = next(i for i in load_catalogue().intervals if i.lower > 0 and i.upper > 0)
PLAIN = replace(
    BASE,
    sex="any",
    age_low=float("nan"),
    age_high=float("nan"),
    lower=1.0,
    upper=2.0,
    condition="",
    quality="B",
    kind="reference_interval",
    source_id="m",
    line=5,
)


def test_there_is_a_word_for_every_place_of_the_preference():
    assert len(preference(PLAIN, Choices())) == len(RULES)


@pytest.mark.parametrize(
    ("changes", "choices", "said"),
    [
        ({"source_id": "z"}, {"range_sources": ("z",)}, "is named first in range_sources"),
        (
            {"condition": "morning"},
            {"range_conditions": ("morning",)},
            "is for a condition that range_conditions names",
        ),
        ({"age_low": 18.0}, {}, "has an age band"),
        ({"quality": "A"}, {}, "is from a source of better quality"),
        ({"sex": "female"}, {}, "is for this sex alone"),
        ({"source_id": "a"}, {}, "is from the source whose name comes first"),
        ({"line": 4}, {}, "stands first in the file"),
    ],
)
def test_what_is_better_about_an_interval_is_what_decides(changes, choices, said):
    assert deciding_rule(replace(PLAIN, **changes), PLAIN, Choices(**choices)) == said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"lower": 0.0}, "has both limits, above zero"),
        ({"kind": "upper_limit"}, "is a reference interval, not an upper limit alone"),
    ],
)
def test_what_is_worse_about_the_other_is_what_decides(changes, said):
    assert deciding_rule(PLAIN, replace(PLAIN, **changes), Choices()) == said
