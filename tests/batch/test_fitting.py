"""What the command line asks of a fitted correction: the choices that go with it, and the command to make one."""

import pytest

from recal_labs.batch.fitting import choices_of
from recal_labs.choices import FITTED_BASES, Choices
from recal_labs.errors import ChoiceError, UnknownWordError
from recal_labs.normalise import DilutionFit
from recal_labs.normalise.dilution_models import DilutionModel, Term


def fit_of(basis, covariates=()):
    model = DilutionModel(analyte_id="creatinine", unit="g/L", terms=(Term("intercept", 0.1, 0.02),), sd=0.5, n=80)
    return DilutionFit(
        basis=basis, sample="80 women", covariates=covariates, models=(model,), n_specimens=80, n_subjects=80
    )


def test_the_basis_is_the_one_named_or_that_of_the_fit_with_its_covariates():
    assert choices_of(None, None) == Choices()
    assert choices_of("per_24h", None).basis == "per_24h"
    made = choices_of(None, fit_of("conditional", ("sex",)))
    assert (made.basis, made.dilution_covariates) == ("conditional", ("sex",))
    assert choices_of(None, fit_of("power_functional")).dilution_covariates == Choices().dilution_covariates


@pytest.mark.parametrize("basis", FITTED_BASES)
def test_a_basis_without_its_fit_is_told_by_commands_first(basis):
    with pytest.raises(ChoiceError, match=f"recal-labs fit-dilution NORMALISED.parquet --basis {basis}") as raised:
        choices_of(basis, None)
    said = str(raised.value)
    assert said.index("fit-dilution") < said.index("--dilution-fit fit.json") < said.index("in Python")


def test_a_basis_that_is_not_one_is_told_with_the_nearest():
    with pytest.raises(UnknownWordError, match="Did you mean 'per_24h'"):
        choices_of("per_24", None)
