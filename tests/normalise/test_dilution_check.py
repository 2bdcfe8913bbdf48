"""The verdict on a correction for dilution: right where the truth is known, and silent where nothing can be told."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from recal_labs.choices import Choices
from recal_labs.errors import ChoiceError, TableError, UnknownWordError
from recal_labs.normalise import check_dilution, fit_dilution, normalise
from tests.normalise.simulated import people


def checked(results, basis="per_creatinine", fit=None, **options):
    covariates = fit.covariates if fit is not None and basis != "power_functional" else ("age_years", "sex")
    choices = Choices(basis=basis, dilution_covariates=covariates)
    table = check_dilution(normalise(results, choices=choices, dilution_fit=fit), **options)
    return table.set_index(["analyte_id", "control"])


@pytest.fixture(scope="module")
def panel():
    """Return 400 people of one size whose HVA follows dilution to the power 0.6."""
    return people(np.random.default_rng(5), 400, exponent=0.6, spread=0.1, gravity=True)


@pytest.mark.parametrize(
    ("basis", "assumed", "verdict"),
    [("per_creatinine", 1.0, "over_corrected"), ("none", 0.0, "under_corrected")],
)
def test_the_verdict_is_that_of_the_truth(panel, basis, assumed, verdict):
    row = checked(panel, basis).loc[("hva", "creatinine")]
    assert (row["assumed_slope"], row["verdict"]) == (assumed, verdict)
    assert row["ci_low"] < 0.6 * 0.36 / (0.36 + 0.0112) < row["ci_high"]
    assert row["remaining"] == pytest.approx(row["slope"] - assumed)
    assert row["remaining_low"] == pytest.approx(row["ci_low"] - assumed)
    assert not [name for name in row.index if "p_value" in name]


def test_what_fits_is_consistent_and_not_merely_not_significant(panel):
    fit = fit_dilution(panel, basis="power_functional", sample="the panel itself")
    row = checked(panel, "power_functional", fit).loc[("hva", "creatinine")]
    assert row["assumed_slope"] == pytest.approx(fit.models[0].estimate("log_creatinine"))
    assert row["remaining"] == pytest.approx(0, abs=1e-9)
    assert row["verdict"] == "consistent"
    assert "by construction" in row["note"]
    few = panel[panel["subject_id"].isin([f"S{i}" for i in range(25)])]
    assert checked(few, "power_functional", fit, margin=0.001).loc[("hva", "creatinine"), "verdict"] == "cannot_tell"


def test_specific_gravity_is_judged_by_itself(panel):
    row = checked(panel, "specific_gravity").loc[("hva", "specific_gravity")]
    assert (row["assumed_slope"], row["verdict"]) == (1.0, "over_corrected")
    assert row["slope"] == pytest.approx(0.6, abs=0.03)
    other = checked(panel, "specific_gravity").loc[("hva", "creatinine")]
    assert np.isnan(other["assumed_slope"])
    assert other["verdict"] == "over_corrected"


def test_slopes_and_intervals_are_least_squares_clustered_by_person(rng):
    results = people(rng, 50, exponent=0.8, visits=3)
    row = checked(results).loc[("hva", "creatinine")]
    table = results.pivot(index=["subject_id", "specimen_id"], columns="analyte_id", values="value").reset_index()
    y, x, who = np.log(table["hva"]), np.log(table["creatinine"]), pd.factorize(table["subject_id"])[0]
    cluster = {"cov_type": "cluster", "cov_kwds": {"groups": who}, "use_t": True}
    expected = sm.OLS(y, sm.add_constant(x)).fit(**cluster)
    assert row["slope"] == pytest.approx(expected.params.iloc[1])
    assert [row["ci_low"], row["ci_high"]] == pytest.approx(expected.conf_int().iloc[1].tolist(), rel=1e-6)
    # Within persons: the fixed-effects slope, from one dummy a person.
    dummies = pd.get_dummies(table["subject_id"]).astype(float)
    fixed = sm.OLS(y, pd.concat([x.rename("x"), dummies], axis=1)).fit()
    assert row["within_slope"] == pytest.approx(fixed.params["x"], rel=1e-8)
    assert row["n_repeated"] == 50


def test_body_size_bends_the_slope_between_people_and_not_the_one_within(rng):
    results = people(rng, 150, exponent=1.0, visits=4, size=0.6, spread=0.1)
    row = checked(results).loc[("hva", "creatinine")]
    assert row["slope"] < 0.75
    assert row["verdict"] == "over_corrected"
    assert row["within_slope"] == pytest.approx(1, abs=0.03)
    assert row["within_verdict"] == "consistent"
    assert "body size alone push the slope on creatinine below 1" in row["note"]
    held = checked(results, covariates=["weight_kg", "sex", "age_years"]).loc[("hva", "creatinine")]
    assert held["held_constant"] == "weight_kg, sex, age_years"
    assert held["verdict"] == "consistent"


def test_a_covariate_adjusted_amount_may_follow_size_but_not_dilution(rng):
    results = people(rng, 400, exponent=1.0, size=0.6, spread=0.1)
    sample = {"sample": "400 simulated people", "covariates": ["weight_kg", "sex", "age_years"]}
    fit = fit_dilution(results, basis="covariate_adjusted", **sample)
    row = checked(results, "covariate_adjusted", fit).loc[("hva", "creatinine")]
    assert (row["held_constant"], row["verdict"]) == ("weight_kg, sex, age_years", "consistent")
    assert row["remaining"] == pytest.approx(row["slope"] - 1)


def test_values_below_a_limit_are_censored_and_never_substituted(rng):
    exact = people(rng, 600, exponent=0.6)
    limit = float(exact.loc[exact["analyte_id"] == "hva", "value"].quantile(0.4))
    below = (exact["analyte_id"] == "hva") & (exact["value"] < limit)
    censored = exact.assign(comparator=np.where(below, "<", ""), value=exact["value"].where(~below, limit))
    whole, bounded, substituted = (
        checked(frame).loc[("hva", "creatinine")] for frame in (exact, censored, censored.assign(comparator=""))
    )
    assert bounded["share_censored"] == pytest.approx(0.4, abs=0.01)
    assert bounded["slope"] == pytest.approx(whole["slope"], abs=0.06)
    assert substituted["slope"] < whole["slope"] - 0.15


def test_urine_flow_is_a_control_where_volume_and_hours_are_known(rng):
    n = 60
    flow = rng.lognormal(np.log(1.5), 0.4, n)
    rows = [
        {
            "subject_id": f"S{i}",
            "specimen_id": f"U{i}",
            "specimen": "urine_24h",
            "collection_volume_l": flow[i],
            "collection_hours": 24.0,
            "comparator": "",
            "analyte_id": "hva",
            "value": 5.0 / flow[i] * rng.lognormal(0, 0.05),
            "unit": "mg/L",
        }
        for i in range(n)
    ]
    row = checked(pd.DataFrame(rows), "per_24h").loc[("hva", "urine_flow")]
    assert (row["assumed_slope"], row["verdict"]) == (-1.0, "consistent")
    assert row["slope"] == pytest.approx(-1, abs=0.05)
    # Without the multiplication the concentration falls as the flow rises: too little was corrected.
    assert checked(pd.DataFrame(rows), "none").loc[("hva", "urine_flow"), "verdict"] == "under_corrected"


def test_on_urine_flow_the_sign_of_an_over_correction_is_turned(rng):
    n, flow = 60, rng.lognormal(np.log(1.5), 0.4, 60)
    # Excretion per day rises with the flow, so that dilution did not take its full part: volume takes too much.
    rows = {
        "subject_id": [f"S{i}" for i in range(n)],
        "specimen_id": [f"U{i}" for i in range(n)],
        "collection_volume_l": flow,
        "value": 5.0 / flow**0.4 * rng.lognormal(0, 0.05, n),
    }
    same = {"specimen": "urine_24h", "collection_hours": 24.0, "comparator": "", "analyte_id": "hva", "unit": "mg/L"}
    row = checked(pd.DataFrame(rows).assign(**same), "per_24h").loc[("hva", "urine_flow")]
    assert row["remaining_low"] > 0
    assert row["verdict"] == "over_corrected"


def test_kinds_of_specimen_are_judged_apart(rng):
    spots = people(rng, 40, exponent=1.0)
    bottles = people(rng, 40, exponent=0.3).assign(
        specimen="urine_24h",
        collection_volume_l=1.5,
        collection_hours=24.0,
        specimen_id=lambda t: "T" + t["specimen_id"],
    )
    table = check_dilution(normalise(pd.concat([spots, bottles]), choices=Choices(basis="none")))
    table = table[table["control"] == "creatinine"].set_index("specimen")
    assert table["n"].to_dict() == {"urine_24h": 40, "urine_spot": 40}
    # One void and one bottle a person: nobody has repeats.
    assert (table["n_repeated"] == 0).all()
    assert table["within_slope"].isna().all()
    assert table.loc["urine_spot", "slope"] > 0.7 > 0.5 > table.loc["urine_24h", "slope"]


def test_too_few_say_why_and_are_not_judged(rng):
    table = checked(people(rng, 19))
    row = table.loc[("hva", "creatinine")]
    assert np.isnan(row["slope"])
    assert (row["verdict"], row["n"], row["n_subjects"]) == ("cannot_tell", 19, 19)
    assert row["reason"] == "19 specimens of 19 people with this control; 20 of each are needed"
    nobody = people(rng, 30).query("analyte_id == 'hva'")
    assert checked(nobody).loc[("hva", "creatinine"), "reason"].startswith("0 specimens")


def test_a_creatinine_that_is_only_bounded_is_no_control(rng):
    results = people(rng, 40)
    bounded = (results["analyte_id"] == "creatinine") & (results["subject_id"] == "S0")
    table = checked(results.assign(comparator=np.where(bounded, "<", "")))
    assert table.loc[("hva", "creatinine"), "n"] == 39


def test_an_analyte_that_does_not_vary_has_a_reason(rng):
    results = people(rng, 40)
    still = results.assign(value=results["value"].where(results["analyte_id"] != "hva", 3.0))
    row = checked(still, "none").loc[("hva", "creatinine")]
    assert "do not vary" in row["reason"]
    assert row["verdict"] == "cannot_tell"


def test_no_rows_give_an_empty_table_of_the_same_columns(rng):
    table = check_dilution(normalise(people(rng, 20).iloc[:0]))
    assert table.empty
    assert list(table.columns) == list(check_dilution(normalise(people(rng, 3))).columns)


def test_what_cannot_be_checked_is_refused(rng):
    normalised = normalise(people(rng, 3))
    with pytest.raises(TableError, match=r"expected what normalise\(results\) returns"):
        check_dilution(normalised.frame)
    with pytest.raises(ChoiceError, match="margin is 0"):
        check_dilution(normalised, margin=0)
    with pytest.raises(ChoiceError, match="min_n is 2"):
        check_dilution(normalised, min_n=2)
    with pytest.raises(UnknownWordError, match="Did you mean 'sex'"):
        check_dilution(normalised, covariates=["sexx"])
