"""The sums that a trace prints are those that normalise works out, on every basis and from every unit."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.normalise import normalise
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.normalise.dilution_models import DilutionModel, Term
from recal_labs.normalise.units import convert
from recal_labs.trace.facts import agree
from recal_labs.trace.sums import corrected, daily_volume, model_for, on_basis, predicted

AMOUNTS = st.floats(1e-3, 1e4)
UNITS = ("mg/L", "nmol/L", "mg/g{creat}", "umol/mmol{creat}", "mg/(24.h)", "umol/(24.h)")
INTERCEPT = Term("intercept", 0.3, 0.1)
TERMS = (Term("age_years", -0.01, 0.001, 20.0, 70.0), Term("sex_male", 0.4, 0.1, 0.0, 1.0))
FITS = {
    "covariate_adjusted": DilutionModel(analyte_id="creatinine", unit="g/L", terms=(INTERCEPT, *TERMS), sd=0.5, n=80),
    "power_functional": DilutionModel(
        analyte_id="hva", unit="mg/L", terms=(INTERCEPT, Term("log_creatinine", 0.8, 0.05)), sd=0.4, n=80
    ),
    "conditional": DilutionModel(
        analyte_id="hva", unit="mg/L", terms=(INTERCEPT, Term("log_creatinine", 0.8, 0.05), *TERMS), sd=0.4, n=80
    ),
}


def one_row(value, unit, creatinine, volume, hours, specimen, choices, fit=None):
    """Return the normalised row of HVA beside a creatinine and a specific gravity."""
    results = pd.DataFrame(
        {
            "subject_id": "S1",
            "specimen_id": "U1",
            "specimen": specimen,
            "analyte_id": ["hva", "creatinine", "specific_gravity"],
            "comparator": "",
            "value": [value, creatinine, 1.013],
            "unit": [unit, "g/L", "1"],
            "sex": "male",
            "age_years": 45.0,
            "collection_volume_l": volume,
            "collection_hours": hours,
        }
    )
    return normalise(results, choices=choices, dilution_fit=fit).frame.iloc[0].to_dict()


@settings(max_examples=40, deadline=None)
@given(
    value=AMOUNTS,
    unit=st.sampled_from(UNITS),
    creatinine=st.floats(0.05, 5.0),
    volume=st.floats(0.2, 4.0),
    hours=st.floats(12.0, 30.0),
    specimen=st.sampled_from(["urine_spot", "urine_24h"]),
    basis=st.sampled_from(["by_specimen", "per_creatinine", "per_24h", "none", "specific_gravity", *FITS]),
)
def test_sums_give_what_normalise_gives(value, unit, creatinine, volume, hours, specimen, basis):
    fit = None
    if basis in FITS:
        covariates = () if basis == "power_functional" else ("age_years", "sex")
        fit = DilutionFit(
            basis=basis, sample="made up", covariates=covariates, models=(FITS[basis],), n_specimens=80, n_subjects=80
        )
    choices = Choices(basis=basis)
    row = one_row(value, unit, creatinine, volume, hours, specimen, choices, fit)
    quantity = value * convert(load_catalogue().analytes["hva"], unit).factor
    if row["basis"] in ("per_volume", "per_creatinine", "per_24h"):
        worked = on_basis(quantity, row, row["basis"], "mg").value
    else:
        worked = corrected(quantity, row, choices, "mg", model_for(fit, row, "unspecified")).value
    assert agree(float(row["amount"]), worked)
    position = on_basis(quantity, row, row["position_basis"], "mg").value
    assert agree(float(row["position_amount"]), position)


def test_what_is_missing_is_named():
    row = {
        "reported_basis": "per_volume",
        "creatinine_g_per_l": None,
        "collection_volume_l": 1.2,
        "collection_hours": None,
    }
    worked = on_basis(4.0, row, "per_creatinine", "mg/L")
    assert worked.value is None
    assert worked.lacks == ["creatinine in g/L"]
    assert on_basis(4.0, row, "per_24h", "mg/L").lacks == ["urine of 24 h in L"]
    assert daily_volume(row) is None


def test_a_covariate_that_is_missing_leaves_no_prediction():
    found = predicted(FITS["covariate_adjusted"], {"sex": "unknown", "age_years": 50.0})
    assert found.value is None
    assert found.lacks == ["sex_male"]
    assert "0.3 + -0.01 x 50 (age_years)" in found.text


@pytest.mark.parametrize(("sex", "expected"), [("male", 0.3 - 0.45 + 0.4), ("female", 0.3 - 0.45)])
def test_predictions_add_up(sex, expected):
    assert predicted(FITS["covariate_adjusted"], {"sex": sex, "age_years": 45.0}).value == pytest.approx(expected)
