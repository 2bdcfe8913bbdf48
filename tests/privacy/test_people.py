"""Tables of people keep what their columns mean, and nothing that few people share."""

import polars as pl

from recal_labs.privacy import Key
from recal_labs.privacy.codes import Coder
from recal_labs.privacy.people import FEWEST, kept_columns, with_rare_words

from .conftest import SECRET


def test_columns_that_no_table_knows_birth_years_and_notes_go():
    kept = kept_columns("subjects", keep=["bmi_class", "birth_year"])
    assert {"subject_id", "sex", "age_years", "bmi_class"} <= kept
    assert not {"birth_year", "Full name"} & kept
    assert "note" not in kept_columns("adverse_events")


def test_words_that_few_people_share_are_coded_alike():
    people = pl.DataFrame(
        {
            "subject_id": [f"S{n}" for n in range(FEWEST)] + ["X", "Y", "Z"],
            "group": ["a"] * FEWEST + ["Ann's", "Ann's", None],
        }
    )
    coded = with_rare_words(people, ["group", "not there"], Coder(Key(SECRET)).text)["group"].to_list()
    assert coded[:FEWEST] == ["a"] * FEWEST
    assert coded[FEWEST] == coded[FEWEST + 1] != "Ann's"
    assert coded[-1] is None


def test_people_are_counted_not_rows():
    events = pl.DataFrame({"subject_id": ["S1"] * 9, "severity": ["says Ann"] * 9})
    assert with_rare_words(events, ["severity"], Coder(Key(SECRET)).text)["severity"][0].startswith("T-")
