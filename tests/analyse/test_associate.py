"""associate: the same numbers as scipy and statsmodels, the family adjusted, what cannot be tested listed."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from recal_labs.analyse import associate
from recal_labs.choices import Choices
from recal_labs.errors import UnknownWordError

from .conftest import make_cohort


def row(effects, analyte, effect="spearman_rho"):
    table = effects.table
    return table[(table["analyte_id"] == analyte) & (table["effect"] == effect)].iloc[0]


def test_raw_correlation_is_that_of_scipy(cohort):
    found = row(associate(cohort), "hva")
    expected = stats.spearmanr(cohort.log_amounts["hva"], cohort.outcomes["phq9"])
    assert found["estimate"] == pytest.approx(expected.statistic, rel=1e-12)
    assert found["p_value"] == pytest.approx(expected.pvalue, rel=1e-9)
    assert found["n"] == found["n_subjects"] == 60


def test_partial_correlation_is_that_of_residuals_of_ranks(cohort):
    held = np.column_stack(
        [np.ones(60), stats.rankdata(cohort.covariates["age_years"]), cohort.covariates["sex"] == "male"]
    ).astype(float)
    ranks = [stats.rankdata(v) for v in (cohort.log_amounts["hva"], cohort.outcomes["phq9"])]
    left = [r - held @ np.linalg.lstsq(held, r, rcond=None)[0] for r in ranks]
    found = row(associate(cohort), "hva", "partial_spearman_rho")
    assert found["estimate"] == pytest.approx(np.corrcoef(*left)[0, 1], rel=1e-9)


def test_adjustment_is_that_of_statsmodels_within_each_effect(cohort):
    table = associate(cohort).table
    for _, group in table.groupby("effect"):
        expected = multipletests(group["p_value"], method="fdr_bh")[1]
        assert group["p_adjusted"].tolist() == pytest.approx(expected.tolist())


def test_planned_and_exploratory_are_told_apart():
    assert not associate(make_cohort()).table["planned"].any()
    planned = associate(make_cohort(choices=Choices(planned=True)))
    assert planned.table["planned"].all()
    assert "exploratory" not in str(planned.statement)


def test_too_few_subjects_are_listed_with_the_reason():
    effects = associate(make_cohort(n=8))
    assert effects.tested.empty
    assert effects.table["reason"].str.contains("at least 10 are needed").all()
    assert effects.statement.headline == "No association could be tested."


def test_a_mostly_censored_analyte_is_listed_not_tested():
    found = row(associate(make_cohort(censor=("vma",))), "vma")
    assert np.isnan(found["estimate"])
    assert "75% of the amounts are beyond a detection limit" in found["reason"]


def test_untested_pairs_do_not_count_in_the_adjustment():
    effects = associate(make_cohort(censor=("vma",)))
    found = row(effects, "hva")
    assert found["p_adjusted"] == pytest.approx(found["p_value"])


def test_without_covariates_there_is_only_the_raw_correlation():
    effects = associate(make_cohort(choices=Choices(covariates=())))
    assert set(effects.table["effect"]) == {"spearman_rho"}


def test_a_covariate_that_does_not_vary_is_left_out_and_said_so():
    cohort = make_cohort()
    cohort.covariates["sex"] = "female"
    found = row(associate(cohort), "hva", "partial_spearman_rho")
    assert "sex does not vary" in found["assumptions"]


def test_an_unknown_covariate_is_refused():
    with pytest.raises(UnknownWordError, match="Did you mean 'age_years'"):
        associate(make_cohort(choices=Choices(covariates=("age_year",))))


def test_an_outcome_nobody_has_is_listed():
    effects = associate(make_cohort(choices=Choices(outcomes=("phq9", "gad7"))))
    missing = effects.table[effects.table["outcome"] == "gad7"]
    assert len(missing) == 4
    assert missing["reason"].str.contains("0 subjects have both").all()


def test_other_choices_ask_the_same_question_again(cohort):
    again = cohort.renormalise(cohort.choices.with_changes(analytes=("hva",)))
    assert again.analytes == ["hva"]
    assert row(associate(again), "hva")["estimate"] == row(associate(cohort), "hva")["estimate"]


def test_the_fewest_subjects_hold_for_the_partial_correlation_too():
    effects = associate(make_cohort(n=40, sex_known=7))
    assert row(effects, "hva")["n"] == 40
    partial = row(effects, "hva", "partial_spearman_rho")
    assert np.isnan(partial["estimate"])
    assert partial["reason"] == "7 complete pairs; at least 10 are needed"


def test_made_up_people_stay_made_up_in_every_statement():
    cohort = make_cohort(simulated=True)
    again = cohort.renormalise(cohort.choices.with_changes(confidence=0.9))
    for effects in (associate(cohort), associate(again)):
        assert "The data are simulated" in str(effects.statement)


def test_a_question_asked_again_under_other_choices_is_no_longer_planned():
    cohort = make_cohort(choices=Choices(planned=True))
    assert associate(cohort).table["planned"].all()
    again = cohort.renormalise(cohort.choices.with_changes(max_censored=0.4))
    assert not associate(again).table["planned"].any()
    assert "every effect is exploratory" in str(associate(again).statement)
    assert cohort.choices.with_changes(window_days=14, covariates=["age_years", "sex"]).planned
    assert cohort.choices.with_changes(window_days=7, planned=True).planned


def test_labs_that_divided_by_creatinine_themselves_are_believed_to_have():
    said = str(associate(make_cohort()).statement)
    assert "the labs have divided by it" in said
    assert "how much people drink" not in said


HALF = Choices(censoring="substitute_half", max_censored=0.9)


def test_a_substitution_puts_half_the_limit_in_the_place_of_what_lies_below():
    tied = make_cohort(censor=("vma",), choices=HALF.with_changes(censoring="tied_ranks"))
    put = make_cohort(censor=("vma",), choices=HALF)
    below = tied.censoring["vma"] < 0
    shift = put.log_amounts["vma"] - tied.log_amounts["vma"]
    assert shift[below].to_numpy() == pytest.approx(-np.log(2))
    assert (shift[~below] == 0).all()
    # What the lab reported stays on record.
    assert (put.censoring["vma"] == tied.censoring["vma"]).all()
    assert (put.open_censoring == 0).all().all()


@pytest.mark.parametrize("rule", ["substitute_half", "substitute_sqrt2"])
def test_a_substitution_takes_effect_and_is_named_wherever_it_did(rule):
    cohort = make_cohort(censor=("vma",), choices=HALF.with_changes(censoring=rule))
    effects = associate(cohort)
    found = row(effects, "vma")
    y, x = cohort.outcomes["phq9"], cohort.log_amounts["vma"]
    assert found["estimate"] == pytest.approx(stats.spearmanr(x, y).statistic)
    assert f"with {rule}" in found["method"]
    assert "warning: 45 of 60 values lie below a limit of detection and were replaced by" in found["assumptions"]
    assert found["share_censored"] == 0.75
    assert "were replaced by" in str(effects.statement)
    assert "Vanillylmandelic acid (75 %)" in str(effects.statement).partition("Beyond a limit: ")[2].partition("\n")[0]
    # An analyte without a censored value has nothing replaced.
    assert "replaced" not in row(effects, "hva")["assumptions"]
    assert rule not in row(effects, "hva")["method"]


def test_by_default_nothing_is_substituted(cohort):
    effects = associate(make_cohort(censor=("vma",), choices=Choices(max_censored=0.9)))
    assert "replaced" not in str(effects.statement)
    assert not effects.table["method"].str.contains("substitute").any()
    assert "75% censored, ranked as ties" in row(effects, "vma")["assumptions"]


def test_the_same_question_may_be_asked_with_and_without_a_substitution():
    tied = make_cohort(censor=("vma",), choices=HALF.with_changes(censoring="tied_ranks"))
    put = tied.renormalise(HALF)
    assert put.substitution == "substitute_half"
    assert row(associate(put), "vma")["estimate"] != row(associate(tied), "vma")["estimate"]
    back = put.renormalise(tied.choices)
    assert row(associate(back), "vma")["estimate"] == row(associate(tied), "vma")["estimate"]


def test_a_mostly_replaced_analyte_is_listed_not_tested():
    found = row(associate(make_cohort(censor=("vma",), choices=HALF.with_changes(max_censored=0.5))), "vma")
    assert "would mostly compare numbers put in their place" in found["reason"]


def test_the_share_censored_stands_beside_every_effect():
    effects = associate(make_cohort(censor=("vma",)))
    assert effects.table.set_index("analyte_id")["share_censored"].to_dict() == {"hva": 0.0, "vma": 0.75}
    for shown in (str(effects), effects.to_markdown(), effects._repr_html_()):
        assert "share_censored" in shown
