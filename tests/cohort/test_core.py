"""The cohort: which results are analysed, on what scale, whose they are, and how many were lost on the way."""

import numpy as np
import pandas as pd
import pytest

from recal_labs.choices import Choices
from recal_labs.cohort import build_cohort
from recal_labs.errors import ChoiceError, EmptyCohortError, TableError, UnknownAnalyteError
from recal_labs.normalise import normalise

COMMON = {
    "specimen": "urine_spot",
    "comparator": "",
    "unit": "mg/g{creat}",
    "sex": "unknown",
    "age_years": np.nan,
    "collected_at": pd.Timestamp("2024-03-01 08:00"),
    "lab_id": "lab_x",
}


def panel(*rows, choices=None):
    """Normalise rows of (subject, specimen, analyte, value, anything else)."""
    made = [
        COMMON | {"subject_id": who, "specimen_id": bottle, "analyte_id": analyte, "value": value} | more
        for who, bottle, analyte, value, more in rows
    ]
    return normalise(pd.DataFrame(made), choices=choices)


def forms(*rows):
    return pd.DataFrame(
        [
            {
                "subject_id": who,
                "assessed_at": pd.Timestamp(day),
                "instrument": "phq9",
                "score": score,
                "status": status,
            }
            for who, day, score, status in rows
        ]
    )


PEOPLE = pd.DataFrame(
    {"subject_id": ["S1", "S2", "S3"], "sex": ["female", "male", None], "age_years": [30.0, 40.0, None]}
)
TWO = (("S1", "U1", "hva", 4.0, {}), ("S2", "U2", "hva", 2.0, {}))
SCORED = forms(("S1", "2024-03-02", 9.0, "ok"), ("S2", "2024-03-01", 4.0, "ok"))


def test_amounts_are_natural_logarithms_in_the_stated_unit():
    cohort = build_cohort(panel(*TWO), SCORED, PEOPLE)
    assert cohort.log_amounts["hva"].tolist() == pytest.approx([np.log(4.0), np.log(2.0)])
    assert cohort.units == {"hva": "mg/g{creat}"}


def test_a_censored_amount_is_the_log_of_its_limit_with_its_side_kept():
    rows = (("S1", "U1", "hva", 4.0, {"comparator": "<"}), ("S2", "U2", "hva", 2.0, {"comparator": ">="}))
    cohort = build_cohort(panel(*rows), SCORED, PEOPLE)
    assert cohort.censoring["hva"].tolist() == [-1, 1]
    assert cohort.log_amounts["hva"].tolist() == pytest.approx([np.log(4.0), np.log(2.0)])


def test_creatinine_is_used_and_never_analysed():
    rows = (*TWO, ("S1", "U1", "creatinine", 1.0, {"unit": "g/L"}))
    assert build_cohort(panel(*rows), SCORED, PEOPLE).analytes == ["hva"]


def test_superseded_results_and_other_specimens_are_left_out_and_counted():
    rows = (
        ("S1", "U1", "hva", 9.0, {}),
        ("S1", "U1", "hva", 4.0, {"status": "corrected"}),
        ("S2", "U2", "hva", 2.0, {}),
        ("S2", "T2", "hva", 3.0, {"specimen": "urine_24h", "unit": "mg/(24.h)"}),
        ("S2", "U2", "vma", 0.0, {}),
    )
    cohort = build_cohort(panel(*rows), SCORED, PEOPLE)
    assert cohort.log_amounts["hva"].tolist() == pytest.approx([np.log(4.0), np.log(2.0)])
    analysed = next(step for step in cohort.flow if step.stage == "Results of the chosen specimens and analytes")
    assert analysed.n == 2
    assert dict(analysed.left_out) == {
        "superseded, duplicate or withdrawn": 1,
        "kind of specimen not chosen for the analysis": 1,
        "amount is zero, so it has no logarithm": 1,
    }


def test_a_lab_that_sends_both_forms_of_a_result_counts_once_by_the_form_that_needed_no_conversion():
    rows = (
        ("S1", "U1", "creatinine", 2.0, {"unit": "g/L"}),
        ("S1", "U1", "hva", 8.2, {"unit": "mg/L"}),
        ("S1", "U1", "hva", 4.0, {}),
        ("S2", "U2", "hva", 2.0, {}),
    )
    assert np.exp(build_cohort(panel(*rows), SCORED, PEOPLE).log_amounts["hva"]).tolist() == pytest.approx([4.0, 2.0])


def test_where_both_forms_were_converted_the_one_per_litre_counts_whatever_the_order():
    rows = [
        ("S1", "U1", "hva", 3.0, {}),
        ("S1", "U1", "hva", 4.0, {"unit": "mg/L"}),
        ("S1", "U1", "creatinine", 2.0, {"unit": "g/L"}),
        ("S1", "U1", "specific_gravity", 1.020, {"unit": "1"}),
    ]
    for some in (rows, rows[::-1]):
        cohort = build_cohort(panel(*some, choices=Choices(basis="specific_gravity")), SCORED, PEOPLE)
        assert np.exp(cohort.log_amounts["hva"]).tolist() == pytest.approx([4.0])


def test_unlike_fractions_stand_in_columns_of_their_own():
    rows = tuple(
        (who, bottle, "metanephrine", value, {"unit": "ug/g{creat}", "fraction": fraction})
        for who, bottle in (("S1", "U1"), ("S2", "U2"))
        for value, fraction in ((20.0, "free"), (100.0, "total"))
    )
    cohort = build_cohort(panel(*rows), SCORED, PEOPLE)
    assert cohort.analytes == ["metanephrine:free", "metanephrine:total"]


def test_time_points_of_a_day_are_not_mixed_with_single_voids():
    rows = (*TWO, ("S1", "U9", "hva", 9.0, {"timepoint": "night"}))
    assert len(build_cohort(panel(*rows), SCORED, PEOPLE).visits) == 2


def test_a_persons_sex_and_age_come_from_the_lab_first_and_then_from_the_subjects():
    rows = (("S1", "U1", "hva", 4.0, {"age_years": 31.5, "sex": "female"}), ("S2", "U2", "hva", 2.0, {}))
    held = build_cohort(panel(*rows), SCORED, PEOPLE).covariates
    assert held["age_years"].tolist() == [31.5, 40.0]
    assert held["sex"].tolist() == ["female", "male"]


def test_a_person_without_sex_and_age_is_kept_and_they_are_missing():
    cohort = build_cohort(panel(("S3", "U3", "hva", 3.0, {})), forms(("S3", "2024-03-01", 5.0, "ok")), PEOPLE)
    assert cohort.n_subjects == 1
    assert cohort.covariates[["sex", "age_years"]].isna().all(axis=None)


def test_a_person_who_is_not_listed_is_kept():
    cohort = build_cohort(panel(("S9", "U9", "hva", 3.0, {})), forms(("S9", "2024-03-01", 5.0, "ok")), PEOPLE)
    assert cohort.visits["subject_id"].tolist() == ["S9"]


def test_a_person_listed_twice_never_doubles_a_visit():
    twice = pd.concat([PEOPLE, PEOPLE.assign(age_years=50.0)])
    cohort = build_cohort(panel(*TWO), SCORED, twice)
    assert len(cohort.visits) == 2
    assert cohort.covariates["age_years"].tolist() == [50.0, 50.0]


def test_forms_without_a_total_are_not_linked():
    outcomes = pd.concat([SCORED.iloc[:1], forms(("S2", "2024-03-01", np.nan, "incomplete"))])
    cohort = build_cohort(panel(*TWO), outcomes, PEOPLE)
    assert cohort.n_subjects == 1
    assert dict(cohort.flow[-1].left_out)["no outcome that could be scored"] == 1


def test_no_overlap_says_where_everybody_was_lost():
    with pytest.raises(EmptyCohortError, match=r"within 14 days.*too far apart.*2"):
        build_cohort(panel(*TWO), SCORED.assign(assessed_at=pd.Timestamp("2025-01-01")), PEOPLE)


def test_amounts_in_two_units_cannot_stand_in_one_column():
    both = Choices(specimens=("urine_spot", "urine_24h"))
    rows = (TWO[0], ("S2", "T2", "hva", 3.0, {"specimen": "urine_24h", "unit": "mg/(24.h)"}))
    with pytest.raises(ChoiceError, match=r"mg/\(24.h\) and mg/g\{creat\}"):
        build_cohort(panel(*rows, choices=both), SCORED, PEOPLE)


def test_an_unknown_analyte_is_refused_with_the_nearest():
    with pytest.raises(UnknownAnalyteError, match="Did you mean 'dopamine'"):
        build_cohort(panel(*TWO, choices=Choices(analytes=("dopamin",))), SCORED, PEOPLE)


def test_a_table_without_subject_ids_is_refused():
    with pytest.raises(TableError, match="subject_id"):
        build_cohort(panel(*TWO), SCORED.drop(columns="subject_id"), PEOPLE)


def test_the_same_question_under_other_choices():
    rows = (
        ("S1", "U1", "creatinine", 2.0, {"unit": "g/L"}),
        ("S1", "U1", "hva", 4.0, {}),
        ("S2", "U2", "creatinine", 0.5, {"unit": "g/L"}),
        ("S2", "U2", "hva", 2.0, {}),
    )
    cohort = build_cohort(panel(*rows), SCORED, PEOPLE)
    again = cohort.renormalise(cohort.choices.with_changes(basis="none"))
    assert np.exp(again.log_amounts["hva"]).tolist() == pytest.approx([8.0, 1.0])
    assert again.units == {"hva": "mg/L"}
    assert np.exp(cohort.log_amounts["hva"]).tolist() == pytest.approx([4.0, 2.0])


def test_the_wide_table_comes_with_a_codebook_of_every_column():
    wide, codebook = build_cohort(panel(*TWO), SCORED, PEOPLE).to_wide()
    assert codebook["column"].tolist() == list(wide.columns)
    assert codebook["column"].is_unique
    assert codebook.set_index("column").loc["log_hva", "unit"] == "ln(mg/g{creat})"


def test_a_cohort_shows_itself_with_its_flow():
    shown = build_cohort(panel(*TWO), SCORED, PEOPLE)._repr_html_()
    assert "Cohort of 2 subjects" in shown
    assert "Results of the chosen specimens and analytes: 2 results" in shown


def test_a_bare_frame_is_refused_with_what_was_expected():
    with pytest.raises(TableError, match=r"expected what normalise\(results\) returns"):
        build_cohort(panel(*TWO).frame, SCORED, PEOPLE)


BOUNDED = (("S1", "U1", "hva", 4.0, {"comparator": "<"}), ("S2", "U2", "hva", 2.0, {"comparator": ">"}))


@pytest.mark.parametrize(("rule", "divisor"), [("substitute_half", 2), ("substitute_sqrt2", np.sqrt(2))])
def test_a_substitution_replaces_what_lies_below_a_limit_and_cannot_replace_what_lies_above(rule, divisor):
    cohort = build_cohort(panel(*BOUNDED, choices=Choices(censoring=rule)), SCORED, PEOPLE)
    assert cohort.log_amounts["hva"].tolist() == pytest.approx([np.log(4.0 / divisor), np.log(2.0)])
    assert cohort.censoring["hva"].tolist() == [-1, 1]
    assert cohort.open_censoring["hva"].tolist() == [0, 1]


def test_the_codebook_says_what_stands_in_the_place_of_censored_amounts():
    for rule, said in (
        ("tied_ranks", "100.0% beyond a limit of detection: log of the limit where censored"),
        ("substitute_half", "log of half the limit below it (substitute_half), of the limit above it"),
    ):
        cohort = build_cohort(panel(*BOUNDED, choices=Choices(censoring=rule)), SCORED, PEOPLE)
        wide, codebook = cohort.to_wide()
        meaning = codebook.set_index("column")["meaning"]
        assert said in meaning["log_hva"]
        assert wide["censored_hva"].tolist() == [-1, 1]
    exact = build_cohort(panel(*TWO), SCORED, PEOPLE).to_wide()[1].set_index("column")["meaning"]
    assert exact["log_hva"] == "natural log of the amount of hva"


def test_a_cohort_says_how_much_of_each_analyte_is_censored():
    rows = (*BOUNDED[:1], *TWO[1:], ("S1", "U1", "vma", 3.0, {}), ("S2", "U2", "vma", 3.0, {}))
    cohort = build_cohort(panel(*rows), SCORED, PEOPLE)
    assert cohort.share_censored.to_dict() == {"hva": 0.5, "vma": 0.0}
    for shown in (repr(cohort), cohort._repr_html_()):
        assert "beyond a limit of detection: hva 50%" in shown
    put = cohort.renormalise(cohort.choices.with_changes(censoring="substitute_half"))
    assert "below it replaced by half the limit (substitute_half)" in repr(put)
    assert "no amount analysed lies beyond" in repr(build_cohort(panel(*TWO), SCORED, PEOPLE))


def test_results_of_which_nothing_is_known_are_counted_with_their_reason():
    rows = (
        *TWO,
        ("S1", "U1", "vma", 4.0, {"comparator": "<", "unit": "mg/L"}),
        ("S1", "U1", "creatinine", 0.1, {"comparator": "<", "unit": "g/L"}),
    )
    cohort = build_cohort(panel(*rows), SCORED, PEOPLE)
    reasons = dict(next(s for s in cohort.flow if s.stage == "Results of the chosen specimens and analytes").left_out)
    assert reasons["value and creatinine are censored alike, so nothing is known of the amount"] == 1
