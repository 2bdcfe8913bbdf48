"""The words for why an interval was chosen are those of the rule that chose it."""

from dataclasses import replace

import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.normalise.reference import preference
from recal_labs.trace import trace_result
from recal_labs.trace.intervals import RULES, deciding_rule

from .conftest import HEAD, small_run

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


@pytest.fixture(scope="module")
def ageless(tmp_path_factory):
    rows = [
        "S1,U1,Dopamine,200,ug/g creat,random urine,female,,,,",
        "S2,U2,Dopamine,200,ug/g creat,random urine,,40,,,",
        "S3,U3,Dopamine,<20,ug/g creat,random urine,female,40,,,",
        "S4,U4,Dopamine,less than 20,ug/g creat,random urine,female,40,,,",
    ]
    return small_run(tmp_path_factory.mktemp("ageless"), HEAD + "\n".join(rows) + "\n")


def test_an_interval_that_fails_on_age_alone_is_listed_with_that_reason(ageless):
    traced = trace_result(ageless, "U1 dopamine")
    (step,) = [step for step in traced.steps if step.title == "Reference interval"]
    assert "need the age" in step.sentence
    assert step.listing.rows
    assert step.listing.rows[0][-1] == "age is unknown; all else fits"
    assert traced.agrees


def test_a_person_of_known_age_and_sex_waits_for_nothing(ageless):
    (step,) = [s for s in trace_result(ageless, "U3 dopamine").steps if s.title == "Reference interval"]
    assert "need" not in step.sentence
    assert not [row for row in step.listing.rows if "unknown" in row[-1]]


@pytest.mark.parametrize(("address", "how"), [("U3", "as it stands"), ("U4", 'from "less than 20"')])
def test_a_limit_is_never_called_a_number(ageless, address, how):
    sentence = trace_result(ageless, f"{address} dopamine").steps[0].sentence
    assert f"The value is censored, <20 {how}: " in sentence
    assert "number as it stands" not in sentence
