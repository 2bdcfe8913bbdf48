"""Each basis gives the amount that its formula says, with its unit, or says why it cannot."""

import math

import numpy as np
import pandas as pd
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import ALLOWED, FITTED_BASES, Choices
from recal_labs.errors import ChoiceError, UnknownWordError
from recal_labs.normalise import DilutionFit, normalise
from recal_labs.normalise.dilution_models import DilutionModel, Term

HVA = {"analyte_id": "hva", "value": 4.0, "unit": "mg/L"}
CREATININE = {"analyte_id": "creatinine", "value": 0.5, "unit": "g/L"}
GRAVITY = {"analyte_id": "specific_gravity", "value": 1.010, "unit": "1"}


def row(frame, analyte="hva"):
    return frame[frame["analyte_id"] == analyte].iloc[0]


def codes(frame, analyte="hva"):
    return row(frame, analyte)["qc"].split(";")


def model(analyte, sd=0.4, unit="mg/L", fraction="unspecified", ranges=None, **terms):
    made = [Term(name, value, 0.1, *(ranges or {}).get(name, (None, None))) for name, value in terms.items()]
    return DilutionModel(
        analyte_id=analyte, fraction=fraction, unit=unit, terms=tuple(made), sd=sd, n=50, n_subjects=50
    )


def fit(basis, *models, covariates=()):
    return DilutionFit(
        basis=basis, sample="fifty made-up people", models=models, covariates=covariates, n_specimens=50, n_subjects=50
    )


def on(frame, basis, fitted=None, **choices):
    covariates = fitted.covariates if fitted is not None and basis != "power_functional" else ("age_years", "sex")
    choices = Choices(basis=basis, dilution_covariates=covariates, **choices)
    return normalise(frame, choices=choices, dilution_fit=fitted).frame


POWER = fit("power_functional", model("hva", intercept=1.0, log_creatinine=0.6))
EXPECTED = fit(
    "covariate_adjusted",
    model("creatinine", unit="g/L", intercept=0.2, age_years=-0.01, sex_male=0.3),
    covariates=("age_years", "sex"),
)
GIVEN = fit(
    "conditional",
    model("hva", sd=0.5, intercept=1.0, log_creatinine=0.6, age_years=-0.01, sex_male=0.2),
    covariates=("age_years", "sex"),
)


# specific gravity


@pytest.mark.parametrize(("reference", "amount"), [(1.020, 8.0), (1.010, 4.0), (1.024, 9.6)])
def test_specific_gravity_brings_a_concentration_to_the_reference_chosen(results, reference, amount):
    frame = on(results(HVA, GRAVITY), "specific_gravity", specific_gravity_reference=reference)
    assert row(frame)["amount"] == pytest.approx(amount, rel=1e-9)
    assert (row(frame)["amount_unit"], row(frame)["basis"]) == ("mg/L", "specific_gravity")
    assert row(frame)["specific_gravity"] == 1.010


def test_the_column_is_filled_on_every_basis(results):
    assert row(on(results(HVA, CREATININE, GRAVITY), "by_specimen"))["specific_gravity"] == 1.010


def test_no_specific_gravity_above_water_gives_no_amount_and_says_so(results):
    values = (1.000, 0.999, 1020.0, None)
    rows = [part | {"specimen_id": f"U{i}"} for i, v in enumerate(values) for part in (HVA, GRAVITY | {"value": v})]
    hva = on(results(*rows), "specific_gravity").query("analyte_id == 'hva'")
    assert hva["amount"].isna().all()
    assert hva["qc"].str.contains("no_specific_gravity").all()


def test_without_any_specific_gravity_there_is_no_amount(results):
    frame = on(results(HVA, CREATININE), "specific_gravity")
    assert math.isnan(row(frame)["amount"])
    assert "no_specific_gravity" in codes(frame)
    assert "no_specific_gravity" not in codes(frame, "creatinine")


def test_a_ratio_to_creatinine_needs_creatinine_and_specific_gravity(results):
    ratio = {"analyte_id": "hva", "value": 8.0, "unit": "mg/g{creat}"}
    frame = on(results(ratio, CREATININE, GRAVITY), "specific_gravity")
    assert row(frame)["amount"] == pytest.approx(8.0 * 0.5 * 2)
    frame = on(results(ratio, GRAVITY), "specific_gravity")
    assert math.isnan(row(frame)["amount"])
    assert "no_creatinine" in codes(frame)


GRAVITY_SIDES = [("", "<", ">"), ("", ">=", "<="), ("<", ">", "<"), (">", "<=", ">"), ("<", "<", "?"), (">=", ">", "?")]


def test_a_censored_specific_gravity_bounds_the_amount(results):
    rows = [
        part | {"specimen_id": f"U{i}", "comparator": sign}
        for i, signs in enumerate(GRAVITY_SIDES)
        for part, sign in zip((HVA, GRAVITY), signs[:2], strict=True)
    ]
    hva = on(results(*rows), "specific_gravity").query("analyte_id == 'hva'").reset_index(drop=True)
    known = hva.iloc[:4]
    assert known["amount_comparator"].tolist() == [sides[2] for sides in GRAVITY_SIDES[:4]]
    assert known["amount"].tolist() == pytest.approx([8.0] * 4)
    assert hva["amount"].iloc[4:].isna().all()
    assert (hva["amount_low"].iloc[4:] == 0).all()
    assert hva["amount_high"].iloc[4:].isna().all()


def test_a_low_specific_gravity_is_flagged_and_nothing_is_removed(results):
    cases = ((1.009, "", True), (1.010, "", False), (1.010, "<", True), (1.010, "<=", False), (1.015, "<", False))
    rows = [
        part | {"specimen_id": f"U{i}"}
        for i, (value, sign, _) in enumerate(cases)
        for part in (HVA, CREATININE, GRAVITY | {"value": value, "comparator": sign})
    ]
    hva = on(results(*rows), "by_specimen").query("analyte_id == 'hva'")
    assert hva["qc"].str.contains("specific_gravity_low").tolist() == [low for *_, low in cases]
    assert hva["amount"].tolist() == pytest.approx([8.0] * 5)


# covariate-adjusted


def test_creatinine_is_set_against_what_the_person_is_expected_to_have(results):
    frame = on(results(HVA, CREATININE), "covariate_adjusted", EXPECTED)
    # The fixture's woman of 40: ln expected = 0.2 - 0.01 x 40
    assert row(frame)["amount"] == pytest.approx(4.0 * math.exp(-0.2) / 0.5)
    assert row(frame)["amount_unit"] == "mg/L"
    frame = on(results(HVA | {"sex": "male"}, CREATININE | {"sex": "male"}), "covariate_adjusted", EXPECTED)
    assert row(frame)["amount"] == pytest.approx(4.0 * math.exp(0.1) / 0.5)


def test_a_ratio_to_creatinine_is_adjusted_without_creatinine(results):
    ratio = {"analyte_id": "hva", "value": 8.0, "unit": "mg/g{creat}"}
    frame = on(results(ratio), "covariate_adjusted", EXPECTED)
    assert row(frame)["amount"] == pytest.approx(8.0 * math.exp(-0.2))
    assert "no_creatinine" not in codes(frame)


@pytest.mark.parametrize("unknown", [{"sex": "unknown"}, {"age_years": None}])
@pytest.mark.parametrize("fitted", [EXPECTED, GIVEN], ids=["covariate_adjusted", "conditional"])
def test_without_the_facts_about_a_person_there_is_no_amount(results, fitted, unknown):
    frame = on(results(HVA | unknown, CREATININE | unknown), fitted.basis, fitted)
    assert math.isnan(row(frame)["amount"])
    assert "no_covariate" in codes(frame)
    assert "no_covariate" not in codes(frame, "creatinine")


def test_size_comes_from_columns_of_the_caller(results):
    terms = {"intercept": 0.0, "log_weight_kg": 0.5, "log_height_cm": -0.1}
    sized = fit("covariate_adjusted", model("creatinine", unit="g/L", **terms), covariates=("weight_kg", "height_cm"))
    frame = on(results(HVA, CREATININE).assign(weight_kg=70, height_cm=170.0), "covariate_adjusted", sized)
    assert row(frame)["amount"] == pytest.approx(8.0 * 70**0.5 * 170**-0.1)
    assert row(frame)["weight_kg"] == 70
    for size in (math.nan, 0.0, -5.0):
        frame = on(results(HVA, CREATININE).assign(weight_kg=size, height_cm=170.0), "covariate_adjusted", sized)
        assert "no_covariate" in codes(frame)
    assert "no_covariate" in codes(on(results(HVA, CREATININE), "covariate_adjusted", sized))


# power-functional


def test_a_concentration_is_brought_to_one_gram_of_creatinine_by_its_power(results):
    frame = on(results(HVA, CREATININE), "power_functional", POWER)
    assert row(frame)["amount"] == pytest.approx(4.0 / 0.5**0.6)
    assert (row(frame)["amount_unit"], row(frame)["basis"]) == ("mg/L", "power_functional")


def test_a_ratio_to_creatinine_keeps_the_power_that_division_took_too_much(results):
    ratio = {"analyte_id": "hva", "value": 8.0, "unit": "mg/g{creat}"}
    assert row(on(results(ratio, CREATININE), "power_functional", POWER))["amount"] == pytest.approx(4.0 / 0.5**0.6)


def test_an_analyte_that_was_not_fitted_has_no_amount_and_says_so(results):
    frame = on(results(HVA | {"analyte_id": "vma"}, CREATININE), "power_functional", POWER)
    assert math.isnan(row(frame, "vma")["amount"])
    assert "not_fitted" in codes(frame, "vma")
    assert "not_fitted" not in codes(frame, "creatinine")


@pytest.mark.parametrize(
    ("power", "reported", "creatinine", "amount"),
    [
        (0.6, "mg/L", "<", ">"),
        (-0.6, "mg/L", "<", "<"),
        (0.0, "mg/L", "<", ""),
        (0.6, "mg/g{creat}", "<", "<"),
        (1.4, "mg/g{creat}", "<", ">"),
        (1.0, "mg/g{creat}", "<", ""),
    ],
)
def test_a_censored_creatinine_is_carried_through_its_power(results, power, reported, creatinine, amount):
    fitted = fit("power_functional", model("hva", intercept=1.0, log_creatinine=power))
    frame = on(results(HVA | {"unit": reported}, CREATININE | {"comparator": creatinine}), "power_functional", fitted)
    assert row(frame)["amount_comparator"] == amount


def test_unlike_fractions_have_models_of_their_own(results):
    fitted = fit(
        "power_functional",
        model("metanephrine", unit="ug/L", fraction="free", intercept=1.0, log_creatinine=0.5),
        model("metanephrine", unit="ug/L", fraction="total", intercept=1.0, log_creatinine=1.0),
    )
    rows = [
        {"analyte_id": "metanephrine", "value": 4.0, "unit": "ug/L", "fraction": fraction}
        for fraction in ("free", "total", "unspecified")
    ]
    frame = on(results(*rows, CREATININE), "power_functional", fitted)
    assert frame["amount"].iloc[:2].tolist() == pytest.approx([4.0 / 0.5**0.5, 8.0])
    assert "not_fitted" in frame["qc"].iloc[2].split(";")


# conditional


def test_a_concentration_is_set_against_its_expected_median_at_that_creatinine(results):
    frame = on(results(HVA, CREATININE), "conditional", GIVEN)
    median = math.exp(1.0 + 0.6 * math.log(0.5) - 0.01 * 40)
    assert row(frame)["amount"] == pytest.approx(4.0 / median)
    assert row(frame)["conditional_z"] == pytest.approx(math.log(4.0 / median) / 0.5)
    assert row(frame)["amount_unit"] == "1"


def test_a_censored_value_has_a_ratio_but_no_score(results):
    frame = on(results(HVA | {"comparator": "<"}, CREATININE), "conditional", GIVEN)
    assert row(frame)["amount_comparator"] == "<"
    assert row(frame)["amount"] > 0
    assert math.isnan(row(frame)["conditional_z"])


@pytest.mark.parametrize("basis", ["by_specimen", "none"])
def test_there_is_no_score_on_another_basis(results, basis):
    assert math.isnan(row(on(results(HVA, CREATININE), basis))["conditional_z"])


def test_outside_the_sample_of_the_fit_an_amount_is_flagged_and_stays(results):
    ranges = {"log_creatinine": (math.log(0.3), math.log(2.0)), "age_years": (18.0, 60.0)}
    terms = {"intercept": 1.0, "log_creatinine": 0.6, "age_years": 0.0}
    fitted = fit("conditional", model("hva", ranges=ranges, **terms), covariates=("age_years",))
    for person, creatinine, outside in (({}, 0.5, False), ({}, 2.5, True), ({"age_years": 8.0}, 0.5, True)):
        frame = on(results(HVA | person, CREATININE | {"value": creatinine} | person), "conditional", fitted)
        assert ("outside_fit" in codes(frame)) is outside
        assert row(frame)["amount"] > 0


# what is the same on all of them


@pytest.mark.parametrize(
    ("basis", "fitted"),
    [("specific_gravity", None), ("covariate_adjusted", EXPECTED), ("power_functional", POWER), ("conditional", GIVEN)],
)
def test_measures_of_dilution_are_left_as_they_are(results, basis, fitted):
    sodium = {"analyte_id": "sodium", "value": 80.0, "unit": "mmol/L"}
    corrected, plain = (
        on(results(HVA, CREATININE, GRAVITY, sodium), name, by) for name, by in ((basis, fitted), ("by_specimen", None))
    )
    columns = ["amount", "amount_unit", "basis"]
    controls = ["creatinine", "specific_gravity", "sodium"]
    before, after = (frame.set_index("analyte_id").loc[controls, columns] for frame in (plain, corrected))
    pd.testing.assert_frame_equal(before, after)


@pytest.mark.parametrize(
    ("basis", "fitted"),
    [("specific_gravity", None), ("covariate_adjusted", EXPECTED), ("power_functional", POWER), ("conditional", GIVEN)],
)
def test_a_timed_collection_is_taken_by_its_concentration_all_the_same(results, basis, fitted):
    spot = (HVA, CREATININE, GRAVITY)
    whole = {"specimen": "urine_24h", "collection_volume_l": 1.5, "collection_hours": 24.0, "specimen_id": "U2"}
    daily = whole | {"specimen_id": "U3"}
    per_day = {"analyte_id": "hva", "value": 6.0, "unit": "mg/(24.h)"}
    rows = [*spot, *(part | whole for part in spot), *(part | daily for part in (per_day, CREATININE, GRAVITY))]
    hva = on(results(*rows), basis, fitted).query("analyte_id == 'hva'")
    assert (hva["basis"] == basis).all()
    assert hva["amount"].tolist() == pytest.approx([hva["amount"].iloc[0]] * 3)


def test_the_position_stays_where_intervals_exist(results):
    timed = {"specimen": "urine_24h", "collection_volume_l": 1.5, "collection_hours": 24.0, "specimen_id": "U2"}
    parts = (HVA, CREATININE, GRAVITY)
    rows = results(*parts, *(part | timed for part in parts))
    same = ["position_basis", "position_amount", "reference_low", "reference_high", "zlog", "interpretation"]
    plain = normalise(rows).frame[same]
    assert plain["position_basis"].iloc[[0, 3]].tolist() == ["per_creatinine", "per_24h"]
    for basis in sorted(set(ALLOWED["basis"]) - {"by_specimen"}):
        fitted = {"covariate_adjusted": EXPECTED, "power_functional": POWER, "conditional": GIVEN}.get(basis)
        pd.testing.assert_frame_equal(on(rows, basis, fitted)[same], plain)


def test_nothing_at_all_stays_nothing_whatever_it_is_divided_by(results):
    frame = on(results(HVA | {"value": 0.0}, CREATININE | {"comparator": "<"}), "per_creatinine")
    assert (row(frame)["amount"], row(frame)["amount_comparator"]) == (0.0, "")
    assert (row(frame)["amount_low"], row(frame)["amount_high"]) == (0.0, 0.0)


SHRINK = {"": 0, "<": 1, "<=": 1, ">": -1, ">=": -1}


@pytest.mark.parametrize("basis", ["per_creatinine", "specific_gravity", "power_functional"])
def test_bounds_hold_whatever_the_censored_parts_may_be(rng, basis):
    """Recompute amounts from true values that the comparators allow: they lie within the stated bounds."""
    fitted = fit("power_functional", model("hva", intercept=0.0, log_creatinine=0.7)) if basis in FITTED_BASES else None
    n, parts = 300, (HVA, CREATININE, GRAVITY)
    signs = rng.choice(list(SHRINK), (n, 3))
    units = rng.choice(["mg/L", "mg/g{creat}"], n)
    factors = rng.uniform(0.05, 0.95, (n, 3)) ** np.vectorize(SHRINK.get)(signs)

    def amounts(*, true):
        rows = []
        for i in range(n):
            for k, part in enumerate(parts):
                water = 1.0 if part is GRAVITY else 0.0
                value = water + (part["value"] - water) * (factors[i, k] if true else 1.0)
                here = {"subject_id": "S", "specimen_id": f"U{i}", "specimen": "urine_spot", "value": value}
                rows.append(part | here | {"comparator": "" if true else signs[i, k]})
            rows[-3]["unit"] = units[i]
        frame = on(pd.DataFrame(rows), basis, fitted)
        return frame[frame["analyte_id"] == "hva"].reset_index(drop=True)

    exact, bounded = amounts(true=True)["amount"], amounts(true=False)
    usable = exact.notna() & bounded["amount_low"].notna()
    assert usable.mean() > 0.9
    high = bounded["amount_high"].fillna(np.inf)
    assert ((bounded["amount_low"] * (1 - 1e-9) <= exact) & (exact <= high * (1 + 1e-9)))[usable].all()
    # Neither bound is given away: what is exact, and what is bounded on one side, stays so.
    assert (bounded["amount_comparator"][(signs == "").all(axis=1)] == "").all()
    assert bounded["amount"].isna()[usable].sum() == ((bounded["amount_low"] == 0) & high.eq(np.inf))[usable].sum()


def test_a_cell_shows_what_was_fitted_on_whom(results):
    choices = Choices(basis="power_functional")
    shown = normalise(results(HVA, CREATININE), choices=choices, dilution_fit=POWER)._repr_html_()
    assert "fitted on fifty made-up people: 50 specimens of 50 people" in shown


# refusals


@pytest.mark.parametrize("basis", FITTED_BASES)
def test_a_fitted_basis_without_a_fit_tells_how_to_make_one(results, basis):
    with pytest.raises(ChoiceError, match=rf"fit_dilution\(results, basis='{basis}', sample="):
        normalise(results(HVA, CREATININE), choices=Choices(basis=basis))


def test_a_fit_of_another_basis_is_refused(results):
    with pytest.raises(ChoiceError, match="is one of the basis 'power_functional'"):
        normalise(results(HVA), choices=Choices(basis="conditional"), dilution_fit=POWER)


def test_a_fit_that_is_not_needed_is_refused(results):
    with pytest.raises(ChoiceError, match="which uses none"):
        normalise(results(HVA), dilution_fit=POWER)


def test_a_fit_with_other_covariates_is_refused(results):
    choices = Choices(basis="conditional", dilution_covariates=("age_years",))
    with pytest.raises(ChoiceError, match="expected the same ones"):
        normalise(results(HVA), choices=choices, dilution_fit=GIVEN)


def test_a_fit_in_another_unit_than_the_catalogues_is_refused(results):
    other = fit("power_functional", model("hva", unit="ug/L", intercept=1.0, log_creatinine=0.6))
    assert load_catalogue().analytes["hva"].amount_unit == "mg"
    with pytest.raises(ChoiceError, match="predicts hva in ug/L, and this catalogue analyses it in mg/L"):
        on(results(HVA, CREATININE), "power_functional", other)


def test_an_unknown_covariate_is_refused_with_the_nearest():
    with pytest.raises(UnknownWordError, match="Did you mean 'weight_kg'"):
        Choices(dilution_covariates=("weight",))
    with pytest.raises(ChoiceError, match="each one once"):
        Choices(dilution_covariates=("sex", "sex"))
