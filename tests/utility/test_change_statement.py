"""The statement of a change leads with what regression to the mean leaves of it."""

import numpy as np
import pandas as pd
import pytest

from recal_labs.columns import ESTIMATES
from recal_labs.utility import NO_CONTROL_GROUP, Circumstances, change_statement

FACTS = Circumstances(n_subjects=60, planned=True, names={"phq9": "PHQ-9", "gad7": "GAD-7", "hva": "HVA"})


def row(name, estimate, half, *, expected=np.nan, excess=np.nan, excess_half=np.nan, effect="mean_change"):
    return dict.fromkeys(ESTIMATES.names) | {
        "analyte_id": name if effect != "mean_change" else "",
        "outcome": name if effect == "mean_change" else "change",
        "n": 59,
        "estimate": estimate,
        "ci_low": estimate - half,
        "ci_high": estimate + half,
        "confidence": 0.95,
        "effect": effect,
        "reason": "" if estimate == estimate else "5% of the pairs have a value beyond a detection limit",
        "expected_rtm": expected,
        "expected_rtm_low": expected - 1.5,
        "expected_rtm_high": expected + 1.5,
        "expected_reason": "" if expected == expected else "too few untreated",
        "excess": excess,
        "excess_low": excess - excess_half,
        "excess_high": excess + excess_half,
        "n_without_intervention": 59,
    }


def said(*rows, entry_outcome=None, n_untreated=59):
    return change_statement(pd.DataFrame(rows), FACTS, n_untreated=n_untreated, entry_outcome=entry_outcome)


PHQ9 = row("phq9", -3.2, 1.1, expected=-2.2, excess=-0.93, excess_half=1.9)
GAD7 = row("gad7", -0.1, 1.2, expected=-0.3)


def test_the_headline_is_what_regression_to_the_mean_leaves():
    assert said(GAD7, PHQ9).headline == (
        "Without a control group: PHQ-9 fell by 0.9 points more than regression to the mean alone would give "
        "(difference −0.9, 95 % CI −2.8 to 1.0): the two cannot be told apart."
    )


@pytest.mark.parametrize(
    ("observed", "excess", "half", "words"),
    [
        (-3.2, -2.0, 1.0, "fell by 2.0 points more than regression to the mean alone would give"),
        (-3.2, 2.0, 1.0, "fell by 2.0 points less than"),
        (3.2, 2.0, 1.0, "rose by 2.0 points more than"),
        (1.0, 3.0, 1.0, "ended 3.0 points higher than"),
        (-1.0, -3.0, 1.0, "ended 3.0 points lower than"),
    ],
)
def test_the_direction_is_told_in_words(observed, excess, half, words):
    headline = said(row("phq9", observed, 1, expected=observed - excess, excess=excess, excess_half=half)).headline
    assert words in headline
    assert "regression to the mean alone does not account for it" in headline


def test_an_expected_change_stands_only_beside_the_score_by_which_people_were_chosen():
    seen = said(GAD7, PHQ9).seen
    assert seen[0] == (
        "PHQ-9 changed by −3.2 points on average (95 % CI −4.3 to −2.1), n = 59; expected from regression to the mean "
        "alone: −2.2 (95 % CI −3.7 to −0.7)."
    )
    assert seen[1] == "GAD-7 changed by −0.1 points on average (95 % CI −1.3 to 1.1), n = 59."
    assert seen[-1].startswith("People were chosen by PHQ-9: no other score and no amount")


def test_without_a_declared_entry_score_nothing_is_set_against_regression_to_the_mean():
    statement = said(GAD7, PHQ9 | {"excess": np.nan}, entry_outcome="")
    assert "expected from regression" not in " ".join(statement.seen)
    assert statement.seen[-1].startswith("No score is declared as the one by which people came")
    assert "what regression to the mean alone would give is not known" in statement.headline


def test_an_entry_score_whose_expectation_is_not_known_says_why():
    statement = said(row("phq9", -3.2, 1.1), entry_outcome="phq9")
    assert "the change expected from regression to the mean alone is not known (too few untreated)" in statement.seen[0]


def test_amounts_are_counted_and_those_without_a_ratio_are_told_of():
    amounts = [
        row("hva", 1.3, 0.1, effect="geometric_mean_ratio"),
        row("vma", np.nan, 0, effect="geometric_mean_ratio"),
    ]
    seen = said(PHQ9, *amounts).seen
    assert "For 1 of 1 analyte the interval of the ratio after to before excludes 1: HVA." in seen
    assert (
        "No change could be computed for vma: at least one amount before or after lies beyond a detection limit."
        in seen
    )


def test_each_analyte_without_a_ratio_is_named_with_its_share_and_its_reason():
    missing = row("hva", np.nan, 0, effect="geometric_mean_ratio") | {"share_censored": 0.305}
    few = row("vma", np.nan, 0, effect="geometric_mean_ratio") | {"share_censored": 0.0}
    few["reason"] = "4 subjects have it before and after; at least 10 are needed"
    seen = said(PHQ9, missing, few).seen
    assert (
        "No change could be computed for HVA (30 % of its amounts): at least one amount before or after lies beyond a "
        "detection limit."
    ) in seen
    assert "No change could be computed for vma (4 subjects have it before and after; at least 10 are needed)." in seen


def test_a_ratio_whose_interval_holds_1_is_no_evidence_of_no_change():
    seen = said(PHQ9, row("hva", 1.02, 0.2, effect="geometric_mean_ratio")).seen
    assert (
        "Where it holds 1 (1 analyte), that is no evidence of no change: the intervals still allow a change by a "
        "factor of 1.22."
    ) in seen
    assert "Where it holds 1" not in " ".join(said(PHQ9, row("hva", 1.3, 0.1, effect="geometric_mean_ratio")).seen)


def test_observed_less_expected_is_the_difference_as_printed():
    # To one decimal −3.2 less −2.2 would stand beside −0.9.
    exact = row("phq9", -3.169, 1.1, expected=-2.236, excess=-0.933, excess_half=1.9)
    statement = said(exact)
    assert "fell by 0.93 points more" in statement.headline
    assert "(difference −0.93, 95 % CI −2.83 to 0.97)" in statement.headline
    assert "changed by −3.17 points" in statement.seen[0]
    assert "alone: −2.24 (" in statement.seen[0]
    rounded = said(row("phq9", -3.0, 1.1, expected=-2.0, excess=-1.0, excess_half=1.9))
    assert "fell by 1.0 points more" in rounded.headline


def test_the_source_of_the_retest_is_the_slope_of_others_or_a_number_of_the_choices():
    assert "retest slope comes from 59 subjects without an intervention" in " ".join(said(PHQ9).weakens)
    stated = said(PHQ9 | {"n_without_intervention": 0}, n_untreated=0)
    assert "stated in the choices" in " ".join(stated.weakens)
    assert NO_CONTROL_GROUP in stated.cannot_show
