"""Statements follow from the numbers, and never say more."""

import re

import pandas as pd
import pytest

from recal_labs.columns import ESTIMATES
from recal_labs.utility import Circumstances, association_statement

FORBIDDEN = re.compile(r"\b(predicts?|deficien\w+|imbalance\w*|proves?|treats?|cures?|diagnos\w+ of)\b", re.IGNORECASE)


def table(*pairs, effect="spearman_rho"):
    rows = [
        dict.fromkeys(ESTIMATES.names)
        | {
            "analyte_id": analyte,
            "outcome": "phq9",
            "n": 80,
            "estimate": rho,
            "ci_low": rho - 0.2,
            "ci_high": rho + 0.2,
            "p_adjusted": p,
            "effect": effect,
            "reason": "",
        }
        for analyte, rho, p in pairs
    ]
    return pd.DataFrame(rows)


NULL, STRONG = table(("hva", 0.05, 0.8)), table(("hva", 0.5, 0.001), ("vma", 0.02, 0.9))
FACTS = {
    "plain": Circumstances(n_subjects=200, planned=True),
    "n = 12": Circumstances(n_subjects=12, planned=True),
    "unplanned": Circumstances(n_subjects=200),
    "simulated": Circumstances(n_subjects=200, planned=True, simulated=True),
    "censored": Circumstances(n_subjects=200, planned=True, censored=(("hva", 0.7),)),
    "dilution": Circumstances(n_subjects=200, planned=True, dilution_unknown=1.0, corrected_for_dilution=False),
    "two labs": Circumstances(n_subjects=200, planned=True, n_labs=2),
}
SAID = {
    "n = 12": "Only 12 subjects",
    "unplanned": "every effect is exploratory",
    "simulated": "The data are simulated",
    "censored": "beyond a detection limit: hva (70 %)",
    "dilution": "Dilution is unknown for 100 %",
    "two labs": "Results of 2 labs",
}


@pytest.mark.parametrize("case", SAID)
def test_each_weakness_is_named_where_it_is_and_only_there(case):
    assert SAID[case] in str(association_statement(NULL, FACTS[case]))
    assert SAID[case] not in str(association_statement(NULL, FACTS["plain"]))


def test_what_could_not_be_shown_is_not_said_to_be_absent():
    three = table(("hva", 0.05, 0.8), ("vma", -0.12, 0.8), ("dopac", 0.0, 0.9))
    statement = association_statement(three, FACTS["plain"])
    assert statement.headline == (
        "No association could be shown after adjustment in any of 3 pairs of analyte and score; that is no evidence of "
        "none: the 95 % intervals still allow a rank correlation as strong as 0.25 in half of these pairs, and 0.32 at "
        "the most."
    )
    assert "half of the intervals are wider than 0.20 to either side" in " ".join(statement.seen)
    assert statement.cannot_show[-1].startswith("It cannot show that two things are not associated")
    assert not re.search(r"\b(?:is|are) (?:not )?associated after", str(statement))
    single = association_statement(NULL, FACTS["plain"]).headline
    assert single.startswith("No association could be shown after adjustment in the 1 pair of analyte and score; that")
    assert single.endswith("the 95 % interval still allows a rank correlation as strong as 0.25.")


def test_where_all_could_be_shown_nothing_is_said_of_the_rest():
    statement = association_statement(table(("hva", 0.5, 0.001)), FACTS["plain"])
    assert statement.headline == (
        "An association could be shown after adjustment in 1 of 1 pair of analyte and score: hva with phq9."
    )
    assert "no evidence of none" not in str(statement)


def test_without_intervals_the_allowed_strength_is_left_out():
    bare = NULL.assign(ci_low=float("nan"), ci_high=float("nan"))
    assert association_statement(bare, FACTS["plain"]).headline.endswith("; that is no evidence of none.")


def test_a_strong_effect_is_named_with_its_share_of_variance():
    statement = association_statement(STRONG, FACTS["plain"])
    assert statement.headline == (
        "An association could be shown after adjustment in 1 of 2 pairs of analyte and score: hva with phq9. In the "
        "other pair none could be shown; that is no evidence of none: the 95 % interval still allows a rank "
        "correlation as strong as 0.22."
    )
    assert "25 % of the variance" in str(statement)


def both(raw, partial, n=80):
    """Raw and partial rows of hva with phq9, age and sex held constant."""
    rows = [table(("hva", raw, 0.01)), table(("hva", partial, 0.01), effect="partial_spearman_rho").assign(n=n)]
    return association_statement(
        pd.concat(rows), Circumstances(n_subjects=200, planned=True, covariates=("age", "sex"))
    )


def test_a_pair_whose_interval_stops_excluding_zero_is_named_and_so_is_one_that_starts():
    lost = "With age and sex held constant, and people without them left out, the interval no longer excludes zero for"
    assert f"{lost} hva with phq9." in both(0.5, 0.05).seen
    assert "it begins to exclude zero for hva with phq9." in both(0.05, 0.5).seen[-1]
    assert not any("left out" in line for line in both(0.5, 0.4).seen)


def test_subjects_are_those_of_the_pairs_tested_not_those_of_the_cohort():
    assert "with age and sex held constant, in up to 71 subjects" in both(0.5, 0.4, n=71).seen[0]


def test_what_was_not_held_constant_may_explain_an_association():
    said = both(0.5, 0.4).weakens[-1]
    assert said.startswith("Only age and sex are held constant: anything else that goes with both, such as smoking,")
    assert association_statement(NULL, FACTS["plain"]).weakens[-1].startswith("Nothing is held constant: anything")


def test_a_covariate_that_does_not_vary_was_not_held_constant():
    rows = table(("hva", 0.1, 0.5), effect="partial_spearman_rho")
    rows["assumptions"] = "sex does not vary and is left out of the covariates"
    facts = Circumstances(n_subjects=200, covariates=("age", "sex"))
    assert association_statement(rows, facts).weakens[-1].startswith("Only age is held constant")


def test_the_headline_names_up_to_five_survivors_and_each_score_once():
    many = table(*((name, 0.5, 0.001) for name in "abcdefg"))
    headline = association_statement(many, FACTS["plain"]).headline
    assert headline.endswith("a, b, c, d and e with phq9; and 2 more.")


def test_without_adjustment_nothing_is_called_adjusted():
    statement = association_statement(STRONG, FACTS["plain"], adjusted=False)
    assert "without any adjustment" in statement.headline
    assert "After adjustment" not in str(statement)


def test_intervals_that_exclude_zero_stand_beside_what_chance_would_do():
    seen = association_statement(STRONG, FACTS["plain"]).seen
    assert "1 of 2 intervals excludes zero; if nothing were associated, about 0.1 would do so by chance." in seen
    assert any("ρ 0.50 (95 % CI 0.30 to 0.70), n = 80" in line for line in seen)


@pytest.mark.parametrize("case", FACTS)
@pytest.mark.parametrize("effects", [NULL, STRONG], ids=["null", "strong"])
def test_wording_never_goes_beyond_association(effects, case):
    statement = association_statement(effects, FACTS[case])
    assert not FORBIDDEN.search(" ".join((statement.headline, *statement.seen)))
    assert "not a diagnosis" in statement.closing
    assert "clinician" in statement.closing


def test_numbers_have_one_typography():
    low = table(("hva", -0.5, 0.001)).assign(n=1673)
    said = str(association_statement(low, Circumstances(n_subjects=1700, censored=(("hva", 0.7),))))
    assert "ρ −0.50 (95 % CI −0.70 to −0.30), n = 1,673" in said
    assert not re.search(r"(?<=[\s(])-\d|\d%", said)


def test_html_escapes_names():
    statement = association_statement(table(("<script>", 0.5, 0.001)), FACTS["plain"])
    assert "<script>" not in statement._repr_html_()
