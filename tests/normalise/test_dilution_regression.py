"""What is fitted is what was put in; what is applied elsewhere depends on nothing but the fit."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from recal_labs.choices import Choices
from recal_labs.errors import ChoiceError, UnknownWordError
from recal_labs.normalise import fit_dilution, normalise
from tests.normalise.simulated import people


def wide(results):
    """Return one row a specimen: log HVA and log creatinine beside who it is."""
    columns = ["subject_id", "specimen_id", "sex", "age_years"]
    table = results.pivot(index=columns, columns="analyte_id", values="value").reset_index()
    return table.assign(male=(table["sex"] == "male").astype(float), ln=np.log(table["creatinine"]))


def ols(y, table, names):
    design = sm.add_constant(table[names])
    return sm.OLS(y, design).fit(cov_type="cluster", cov_kwds={"groups": pd.factorize(table["subject_id"])[0]})


@pytest.mark.parametrize("basis", ["power_functional", "conditional", "covariate_adjusted"])
def test_without_censoring_a_fit_is_least_squares_clustered_by_person(rng, basis):
    results = people(rng, 40, exponent=0.7, visits=3)
    fit = fit_dilution(results, basis=basis, sample="40 simulated people")
    table = wide(results)
    y, names = {
        "power_functional": (np.log(table["hva"]), ["ln"]),
        "conditional": (np.log(table["hva"]), ["ln", "age_years", "male"]),
        "covariate_adjusted": (table["ln"], ["age_years", "male"]),
    }[basis]
    expected, (model,) = ols(y, table, names), fit.models
    assert [term.estimate for term in model.terms] == pytest.approx(expected.params.tolist(), rel=1e-8)
    assert [term.standard_error for term in model.terms] == pytest.approx(expected.bse.tolist(), rel=1e-6)
    # statsmodels' scale divides the squares by n less the number of terms, as the SD of a reference sample does.
    assert model.sd == pytest.approx(np.sqrt(expected.scale), rel=1e-8)
    assert (fit.n_specimens, fit.n_subjects, model.n, model.n_subjects) == (120, 40, 120, 40)


def test_the_power_that_was_put_in_is_found_although_a_third_is_below_the_limit(rng):
    results = people(rng, 1500, exponent=0.6, limit=2.0)
    whole = fit_dilution(results, basis="power_functional", sample="1500 simulated people").models[0]
    assert whole.n_censored / whole.n > 0.25
    found = whole.by_name["log_creatinine"]
    assert abs(found.estimate - 0.6 * 0.36 / (0.36 + 0.0112)) < 3 * found.standard_error
    assert found.standard_error < 0.02
    # The same people with the limit in the place of what is below it: far off.
    substituted = fit_dilution(results.assign(comparator=""), basis="power_functional", sample="substituted").models[0]
    assert found.estimate - substituted.by_name["log_creatinine"].estimate > 5 * found.standard_error


def test_a_creatinine_below_its_limit_is_predicted_as_such(rng):
    results = people(rng, 800)
    creatinine = results["analyte_id"] == "creatinine"
    below = creatinine & (results["value"] < 0.8)
    censored = results.assign(comparator=np.where(below, "<", ""), value=results["value"].where(~below, 0.8))
    whole, bounded = (
        fit_dilution(r, basis="covariate_adjusted", sample="made up").models[0] for r in (results, censored)
    )
    assert bounded.n_censored == below.sum() > 150
    for term, other in zip(whole.terms, bounded.terms, strict=True):
        assert abs(term.estimate - other.estimate) < 2 * other.standard_error
    assert bounded.sd == pytest.approx(whole.sd, rel=0.05)


def test_what_is_applied_does_not_depend_on_the_results_it_is_applied_to(rng):
    everyone = people(rng, 120, exponent=0.6)
    half = everyone["subject_id"].isin([f"S{i}" for i in range(60)])
    training, test = everyone[half], everyone[~half].reset_index(drop=True)
    fit = fit_dilution(training, basis="conditional", sample="the training half")
    choices = Choices(basis="conditional")
    before = normalise(test, choices=choices, dilution_fit=fit).frame
    changed = test.copy()
    changed.loc[changed["subject_id"] != "S60", "value"] *= 7.0
    after = normalise(changed, choices=choices, dilution_fit=fit).frame
    alone = normalise(test[test["subject_id"] == "S60"], choices=choices, dilution_fit=fit).frame
    # A unit is suspected from the numbers of a whole lab, so the codes of a row may follow its neighbours.
    columns = ["amount", "amount_comparator", "conditional_z"]
    mine = before["subject_id"] == "S60"
    pd.testing.assert_frame_equal(before.loc[mine, columns], after.loc[mine, columns])
    pd.testing.assert_frame_equal(before.loc[mine, columns].reset_index(drop=True), alone[columns])
    assert fit == fit_dilution(training, basis="conditional", sample="the training half")
    assert fit != fit_dilution(everyone, basis="conditional", sample="the training half")


def test_scores_of_the_sample_itself_are_standard(rng):
    results = people(rng, 300, exponent=0.6)
    fit = fit_dilution(results, basis="conditional", sample="300 simulated people")
    frame = normalise(results, choices=Choices(basis="conditional"), dilution_fit=fit).frame
    z = frame.loc[frame["analyte_id"] == "hva", "conditional_z"]
    assert z.mean() == pytest.approx(0, abs=1e-9)
    assert z.std() == pytest.approx(1, rel=0.02)


def test_the_same_fit_comes_from_any_frame_and_from_what_was_normalised(rng):
    import polars as pl

    results = people(rng, 40, exponent=0.6, limit=2.0)
    asked = {"basis": "conditional", "sample": "forty"}
    first = fit_dilution(results, **asked)
    assert first == fit_dilution(pl.from_pandas(results).lazy(), **asked)
    for basis in ("none", "per_creatinine"):
        assert first == fit_dilution(normalise(results, choices=Choices(basis=basis)), **asked)
        assert first == fit_dilution(normalise(results, choices=Choices(basis=basis)).frame, **asked)


def test_rows_that_are_not_used_are_counted(rng):
    results = people(rng, 30)
    hva = results[results["analyte_id"] == "hva"]
    extra = pd.concat(
        [
            results,
            hva.iloc[:1].assign(status="preliminary"),
            hva.iloc[1:3].assign(specimen="urine_24h", specimen_id=["T1", "T2"]),
            hva.iloc[3:4].assign(timepoint="night", specimen_id="T3"),
            hva.iloc[4:5].assign(value=0.0, specimen_id="T4"),
            hva.iloc[5:6].assign(specimen_id="T5"),
        ]
    ).assign(age_years=lambda t: t["age_years"].where(t["subject_id"] != "S9"))
    extra = extra.fillna({"status": "final", "timepoint": ""})
    fit = fit_dilution(extra, basis="conditional", sample="thirty")
    assert fit.left_out == {
        "superseded, duplicate or withdrawn": 1,
        "kind of specimen not chosen": 2,
        "one time point of a day": 1,
        "no concentration above zero": 1,
        "age, sex or size unknown": 1,
        "no creatinine, or one that is only bounded": 1,
    }
    assert (fit.n_specimens, fit.models[0].n) == (29, 29)


def test_a_concentration_sent_twice_counts_once(rng):
    results = people(rng, 30, exponent=0.6)
    ratio = results[results["analyte_id"] == "hva"].copy()
    creatinine = results.loc[results["analyte_id"] == "creatinine", "value"].to_numpy()
    ratio = ratio.assign(value=ratio["value"] / creatinine, unit="mg/g{creat}")
    both, one = (
        fit_dilution(frame, basis="power_functional", sample="thirty")
        for frame in (pd.concat([ratio, results]), results)
    )
    assert both.models == one.models
    alone = fit_dilution(
        pd.concat([ratio, results[results["analyte_id"] == "creatinine"]]), basis="power_functional", sample="thirty"
    )
    assert alone.models[0].terms[1].estimate == pytest.approx(one.models[0].terms[1].estimate)


def test_too_few_people_give_a_reason_in_place_of_a_model(rng):
    results = people(rng, 40)
    rare = results[(results["analyte_id"] == "hva") & results["subject_id"].isin([f"S{i}" for i in range(19)])]
    fit = fit_dilution(pd.concat([results, rare.assign(analyte_id="vma")]), basis="power_functional", sample="forty")
    assert [model.analyte_id for model in fit.fitted] == ["hva"]
    (missing,) = (model for model in fit.models if not model.is_fitted)
    assert missing.reason == "19 people with a value that is known; 20 are needed"
    assert fit.table.query("analyte_id == 'vma'")["reason"].tolist() == [missing.reason]


def test_where_nothing_can_be_fitted_the_reason_is_told(rng):
    with pytest.raises(ChoiceError, match="hva: 5 people with a value that is known; 20 are needed"):
        fit_dilution(people(rng, 5), basis="conditional", sample="five")
    with pytest.raises(ChoiceError, match="creatinine: sex_male does not vary"):
        fit_dilution(people(rng, 30).assign(sex="female"), basis="covariate_adjusted", sample="women")
    creatinine = people(rng, 30).query("analyte_id == 'creatinine'")
    with pytest.raises(ChoiceError, match="no analyte beside an exact creatinine"):
        fit_dilution(creatinine, basis="power_functional", sample="thirty")


def test_a_sample_must_be_named(rng):
    for words in ("", "  "):
        with pytest.raises(ChoiceError, match="needs to be told whose specimens"):
            fit_dilution(people(rng, 3), basis="conditional", sample=words)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"basis": "specific_gravity"}, "Unknown fitted basis 'specific_gravity'"),
        ({"basis": "conditional", "covariates": ["weight"]}, "Did you mean 'weight_kg'"),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_the_nearest(rng, asked, said):
    with pytest.raises(UnknownWordError, match=said):
        fit_dilution(people(rng, 3), sample="three", **asked)


def test_a_power_takes_no_covariates_and_says_so(rng):
    results = people(rng, 40)
    asked = {"basis": "power_functional", "sample": "forty"}
    for covariates in (["age_years", "sex"], ["weight_kg"]):
        with pytest.raises(ChoiceError, match="by creatinine alone, and covariates is"):
            fit_dilution(results, covariates=covariates, **asked)
    with pytest.raises(ChoiceError, match="weight_kg"):
        fit_dilution(results, covariates=["weight_kg"], choices=Choices(), **asked)
    plain = fit_dilution(results, **asked)
    assert plain == fit_dilution(results, covariates=[], **asked)
    # Choices always name some, which stand for the other bases.
    choices = Choices(basis="power_functional", dilution_covariates=("weight_kg",))
    assert plain == fit_dilution(results, covariates=choices.dilution_covariates, choices=choices, **asked)
    assert fit_dilution(results, basis="conditional", sample="forty").covariates == ("age_years", "sex")


def test_size_may_be_among_the_covariates(rng):
    results = people(rng, 200, size=0.3)
    fit = fit_dilution(results, basis="covariate_adjusted", sample="two hundred", covariates=["sex", "weight_kg"])
    names = [term.name for term in fit.models[0].terms]
    assert names == ["intercept", "sex_male", "log_weight_kg"]
    # 0.3 log units of creatinine an SD, and an SD is 0.2 log units of weight.
    found = fit.models[0].by_name["log_weight_kg"]
    assert abs(found.estimate - 0.3 / 0.2) < 3 * found.standard_error
    assert found.standard_error < 0.3
