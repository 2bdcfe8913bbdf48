"""The sums that a trace prints are those that normalise works out, on every basis and from every unit."""

import numpy as np
import pandas as pd
import pytest

from recal_labs.catalogue import load_catalogue
from recal_labs.choices import Choices
from recal_labs.normalise import normalise
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.normalise.dilution_models import DilutionModel, Term
from recal_labs.normalise.units import convert
from recal_labs.trace.facts import agree
from recal_labs.trace.sums import corrected, daily_volume, model_for, on_basis, predicted

UNITS = ("mg/L", "nmol/L", "mg/g{creat}", "umol/mmol{creat}", "mg/(24.h)", "umol/(24.h)")
BASES = ("by_specimen", "per_creatinine", "per_24h", "none", "specific_gravity")
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


def made_up(rng, n=60):
    """Return HVA in every unit beside a creatinine and a specific gravity, n specimens."""
    specimens = {
        "subject_id": [f"S{i}" for i in range(n)],
        "specimen_id": [f"U{i}" for i in range(n)],
        "specimen": rng.choice(["urine_spot", "urine_24h"], n),
        "comparator": "",
        "sex": rng.choice(["male", "female"], n),
        "age_years": rng.uniform(20, 70, n),
        "collection_volume_l": rng.uniform(0.2, 4.0, n),
        "collection_hours": rng.uniform(12.0, 30.0, n),
    }
    values = {
        "hva": (rng.lognormal(1.0, 2.0, n), rng.choice(UNITS, n)),
        "creatinine": (rng.uniform(0.05, 5.0, n), "g/L"),
        "specific_gravity": (rng.uniform(1.002, 1.035, n), "1"),
    }
    parts = [
        pd.DataFrame({**specimens, "analyte_id": analyte, "value": value, "unit": unit})
        for analyte, (value, unit) in values.items()
    ]
    return pd.concat(parts, ignore_index=True)


def fit_of(basis):
    """Return a made-up fitted correction of a basis."""
    covariates = () if basis == "power_functional" else ("age_years", "sex")
    return DilutionFit(
        basis=basis, sample="made up", covariates=covariates, models=(FITS[basis],), n_specimens=80, n_subjects=80
    )


@pytest.mark.parametrize("basis", [*BASES, *FITS])
def test_sums_give_what_normalise_gives(basis):
    choices, fit = Choices(basis=basis), fit_of(basis) if basis in FITS else None
    frame = normalise(made_up(np.random.default_rng(11)), choices=choices, dilution_fit=fit).frame
    hva = load_catalogue().analytes["hva"]
    met = set()
    for row in frame[frame["analyte_id"] == "hva"].to_dict("records"):
        quantity = row["value"] * convert(hva, row["unit"]).factor
        if row["basis"] in ("per_volume", "per_creatinine", "per_24h"):
            worked = on_basis(quantity, row, row["basis"], "mg").value
        else:
            worked = corrected(quantity, row, choices, "mg", model_for(fit, row, "unspecified")).value
        assert agree(float(row["amount"]), worked)
        assert agree(float(row["position_amount"]), on_basis(quantity, row, row["position_basis"], "mg").value)
        met.add((row["reported_basis"], row["basis"], row["position_basis"]))
    # Every reported basis was met, in single voids and in timed collections.
    assert {reported for reported, _, _ in met} == {"per_volume", "per_creatinine", "per_24h"}
    assert {position for _, _, position in met} == {"per_creatinine", "per_24h"}


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
