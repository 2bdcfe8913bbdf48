import polars as pl
import pytest

from recal_labs.choices import Choices
from recal_labs.normalise import normalise
from recal_labs.normalise.censored_shares import Censored, censored_shares, censored_words


@pytest.fixture
def frame(results):
    return normalise(
        results(
            {"specimen_id": "A", "analyte_id": "hva", "value": 4.0, "unit": "mg/L", "comparator": "<"},
            {"specimen_id": "A", "analyte_id": "creatinine", "value": 1.0, "unit": "g/L"},
            # Censored through its creatinine alone.
            {"specimen_id": "B", "analyte_id": "hva", "value": 4.0, "unit": "mg/L"},
            {"specimen_id": "B", "analyte_id": "creatinine", "value": 0.2, "unit": "g/L", "comparator": "<"},
            # Nothing is known.
            {"specimen_id": "C", "analyte_id": "hva", "value": 4.0, "unit": "mg/L", "comparator": "<"},
            {"specimen_id": "C", "analyte_id": "creatinine", "value": 0.2, "unit": "g/L", "comparator": "<"},
            {"specimen_id": "D", "analyte_id": "hva", "value": 4.0, "unit": "mg/g{creat}"},
            # Not current, and no amount: neither counts.
            {"specimen_id": "E", "analyte_id": "hva", "value": 4.0, "unit": "mg/g{creat}", "status": "cancelled"},
            {"specimen_id": "F", "analyte_id": "hva", "value": 4.0, "unit": "mg/L"},
        )
    )


def test_what_is_censored_is_counted_by_the_amount_not_by_the_value(frame):
    shares = censored_shares(frame.frame)
    assert shares["hva"] == Censored(n=4, below=1, above=1, open=1)
    assert shares["hva"].share == 0.75
    assert shares["creatinine"] == Censored(n=3, below=2)


@pytest.mark.parametrize("basis", ["per_creatinine", "none", "specific_gravity"])
def test_a_result_in_two_forms_counts_once(results, basis):
    rows = []
    for i in range(10):
        for analyte_id, value, unit in (
            ("hva", 4.0, "mg/L"),
            ("hva", 2.0, "mg/g{creat}"),
            ("creatinine", 2.0, "g/L"),
            ("specific_gravity", 1.015, "1"),
        ):
            limit = "<" if i < 3 and analyte_id == "hva" else ""
            row = {"specimen_id": f"U{i}", "analyte_id": analyte_id, "value": value, "unit": unit, "comparator": limit}
            rows.append(row)
    normalised = normalise(results(*rows), choices=Choices(basis=basis))
    assert censored_shares(normalised.frame)["hva"] == Censored(n=10, below=3)
    assert "hva 30.0 %" in repr(normalised)


def test_every_frame_gives_the_same_counts(frame):
    polars = pl.from_pandas(frame.frame)
    assert censored_shares(frame.frame) == censored_shares(polars) == censored_shares(polars.lazy())


def test_it_is_ready_for_json():
    assert Censored(3, below=1).to_dict() == {"n": 3, "below": 1, "above": 0, "open": 0, "share": 0.333333}
    assert Censored(0).to_dict()["share"] is None


def test_what_is_normalised_says_how_much_of_it_is_censored(frame):
    said = "5 of 7 amounts lie beyond a limit of detection (71.4 %): hva 75.0 %, creatinine 66.7 %"
    assert said in repr(frame)
    html = frame._repr_html_()
    assert said in html
    assert "<th scope='row'>hva</th><td>4</td><td>3</td><td>75.0 %</td>" in html


def test_without_censoring_the_sentence_is_short(results):
    plain = normalise(results({"analyte_id": "hva", "value": 4.0, "unit": "mg/g{creat}"}))
    assert "none of 1 amounts lies beyond a limit of detection" in repr(plain)
    assert "<caption>" not in plain._repr_html_()
    assert censored_words({}) == "no amounts"


def test_of_many_analytes_the_most_censored_are_named():
    shares = {name: Censored(100, below=below) for name, below in zip("abcde", (1, 50, 20, 30, 0), strict=True)}
    assert censored_words(shares).endswith("b 50.0 %, d 30.0 %, c 20.0 % and 1 more")


def test_a_lazy_frame_is_not_computed_to_be_shown(frame):
    lazy = normalise(pl.from_pandas(frame.frame).lazy())
    assert "not yet computed" in repr(lazy)
