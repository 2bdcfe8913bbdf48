"""change and compare_groups: beside what they cannot show."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from recal_labs.analyse import change, compare_groups
from recal_labs.analyse.before_after import find_before_after
from recal_labs.choices import Choices
from recal_labs.errors import UnknownWordError
from recal_labs.utility import NO_CONTROL_GROUP

from .conftest import make_cohort

STARTED = pd.DataFrame(
    {
        "subject_id": [f"S{i}" for i in range(20)],
        "kind": "behavioural",
        "name": "sleep",
        "start": pd.Timestamp("2024-03-01"),
    }
)


def test_change_is_the_paired_difference_of_those_with_an_intervention():
    cohort = make_cohort(visits=2, interventions=STARTED)
    found = change(cohort).table.set_index("outcome").loc["phq9"]
    wide = cohort.visits.assign(score=cohort.outcomes["phq9"]).pivot(
        index="subject_id", columns="visit", values="score"
    )
    treated = wide.loc[STARTED["subject_id"]]
    assert found["n"] == 20
    assert found["estimate"] == pytest.approx((treated[2] - treated[1]).mean())
    assert found["p_value"] == pytest.approx(stats.ttest_rel(treated[2], treated[1]).pvalue)
    assert found["n_without_intervention"] == 40


def test_a_panel_on_the_first_day_counts_as_before():
    cohort = make_cohort(visits=2, interventions=STARTED)
    assert change(cohort).table["n"].max() == 20


def test_a_score_goes_by_the_date_of_its_form_and_an_amount_by_that_of_its_panel():
    # The first panel lies before the start, its form three days after: what was felt then is not what was before.
    cohort = make_cohort(visits=2, interventions=STARTED.assign(start=pd.Timestamp("2024-03-02")), form_after_days=3)
    table = change(cohort).table.set_index(["analyte_id", "outcome"])
    assert table.loc[("hva", "change"), "n"] == 20
    assert table.loc[("", "phq9"), "n"] == 0
    assert "0 subjects have it before and after" in table.loc[("", "phq9"), "reason"]


def test_one_form_near_two_panels_is_one_score():
    cohort = make_cohort(visits=2, interventions=STARTED, days_between=10, forms_of_visit=(0,))
    assert cohort.outcomes["phq9"].notna().all()
    rows = find_before_after(cohort, "phq9")
    assert len(rows.before) == len(rows.first) == 0


def test_expected_change_follows_a_stated_retest_correlation():
    cohort = make_cohort(visits=2, interventions=STARTED, choices=Choices(retest_correlation=0.8))
    found = change(cohort).table.set_index("outcome").loc["phq9"]
    first = cohort.visits["visit"] == 1
    everyone = cohort.outcomes.loc[first, "phq9"].mean()
    treated = cohort.outcomes.loc[first & cohort.visits["subject_id"].isin(STARTED["subject_id"]), "phq9"].mean()
    assert found["expected_rtm"] == pytest.approx((1 - 0.8) * (everyone - treated))


def test_without_second_visits_nothing_is_computed_and_the_reason_is_said():
    effects = change(make_cohort(interventions=STARTED))
    assert effects.tested.empty
    assert effects.table["reason"].str.contains("0 subjects have it before and after").all()
    assert NO_CONTROL_GROUP in effects.statement.cannot_show


def test_a_censored_pair_has_no_ratio():
    effects = change(make_cohort(visits=2, interventions=STARTED, censor=("vma",)))
    vma = effects.table.set_index("analyte_id").loc["vma"]
    assert np.isnan(vma["estimate"])
    assert "beyond a detection limit" in vma["reason"]
    assert any(line.startswith("No change could be computed for") for line in effects.statement.seen)


def test_the_statement_speaks_of_the_visits_compared_not_of_those_of_the_associations():
    # Of the subjects with an intervention, more values are censored than of the others.
    cohort = make_cohort(
        visits=2,
        interventions=STARTED.iloc[1::4].reset_index(drop=True),
        censor=("vma",),
        n=40,
        choices=Choices(min_n=4),
    )
    effects = change(cohort)
    share = effects.table.set_index("analyte_id").loc["vma", "share_censored"]
    assert share == 1.0
    assert cohort.share_censored["vma"] == 0.75
    said = " ".join(effects.statement.weakens)
    assert "Many of the amounts before and after are beyond a detection limit: Vanillylmandelic acid (100 %)." in said
    seen = " ".join(effects.statement.seen)
    assert "No change could be computed for Vanillylmandelic acid (100 % of its amounts)" in seen


def test_groups_are_compared_by_ratio_and_by_hedges_g(cohort):
    effects = compare_groups(cohort, by="group")
    ratio = effects.table.query("analyte_id == 'hva' and effect == 'geometric_mean_ratio'").iloc[0]
    logs = cohort.log_amounts["hva"].groupby(cohort.covariates["group"]).mean()
    assert ratio["estimate"] == pytest.approx(np.exp(logs["a"] - logs["b"]))
    assert ratio["outcome"] == "group: a - b"
    assert "not put into groups by chance" in str(effects.statement)


def test_groups_of_an_unknown_column_are_refused(cohort):
    with pytest.raises(UnknownWordError, match="Did you mean 'group'"):
        compare_groups(cohort, by="groop")


def test_a_substitution_gives_a_censored_pair_a_ratio_and_names_it():
    choices = Choices(censoring="substitute_half")
    effects = change(make_cohort(visits=2, interventions=STARTED, censor=("vma",), choices=choices))
    found = effects.table.set_index("analyte_id").loc["vma"]
    assert found["estimate"] > 0
    assert "with substitute_half" in found["method"]
    assert "were replaced by half the limit" in found["assumptions"]
    assert 0 < found["share_censored"] < 1
    assert "were replaced by half the limit" in str(effects.statement)
    hva = effects.table.set_index("analyte_id").loc["hva"]
    assert (hva["share_censored"], "substitute" in hva["method"]) == (0.0, False)
    scores = effects.table[effects.table["effect"] == "mean_change"]
    assert scores["share_censored"].isna().all()


def test_groups_may_be_compared_with_a_substitution_that_every_row_names():
    tied = compare_groups(make_cohort(censor=("vma",))).table.set_index("analyte_id").loc["vma"]
    assert tied["reason"].str.contains("beyond a detection limit").all()
    assert (tied["share_censored"] == 0.75).all()
    cohort = make_cohort(censor=("vma",), choices=Choices(censoring="substitute_sqrt2"))
    effects = compare_groups(cohort)
    put = effects.table.set_index("analyte_id").loc["vma"]
    a, b = (cohort.log_amounts.loc[cohort.covariates["group"] == name, "vma"] for name in ("a", "b"))
    ratio = put[put["effect"] == "geometric_mean_ratio"].iloc[0]
    assert ratio["estimate"] == pytest.approx(np.exp(a.mean() - b.mean()))
    assert put["method"].str.contains("with substitute_sqrt2").all()
    assert put["assumptions"].str.contains("divided by the root of 2").all()
    assert "were replaced by the limit divided by the root of 2" in str(effects.statement)
