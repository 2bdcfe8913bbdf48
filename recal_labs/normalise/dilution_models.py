"""One fitted model of a dilution correction: its terms, and the columns of person and specimen that they multiply."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue

INTERCEPT, LOG_CREATININE = "intercept", "log_creatinine"
# The column of the design that a covariate gives.
COVARIATE_TERMS: Mapping[str, str] = {
    "age_years": "age_years",
    "sex": "sex_male",
    "weight_kg": "log_weight_kg",
    "height_cm": "log_height_cm",
}
# Size enters as its logarithm: what a body excretes goes with a power of it.
LOGARITHMS: Mapping[str, str] = {"log_weight_kg": "weight_kg", "log_height_cm": "height_cm"}
OLDEST_YEARS = 130.0


@dataclass(frozen=True)
class Term:
    """A coefficient on the log scale with its standard error, and between what values of its column it was fitted."""

    name: str
    estimate: float
    standard_error: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, kw_only=True)
class DilutionModel:
    """What was fitted for one analyte; without terms, and with the reason, where nothing could be.

    Parameters
    ----------
    analyte_id, fraction : str
        Whose model it is; ``creatinine`` where creatinine itself is predicted. The fraction is ``unspecified`` where it
        does not matter.
    unit : str
        UCUM unit of the concentration whose natural logarithm is predicted.
    terms : tuple of Term
        On the scale of natural logarithms.
    sd : float or None
        Standard deviation of the residuals, log units, corrected for the number of terms.
    n, n_subjects, n_censored : int
        Specimens, people, and specimens whose concentration is only bounded.
    reason : str
        Why there is no model; empty when there is one.
    """

    analyte_id: str
    fraction: str = "unspecified"
    unit: str
    terms: tuple[Term, ...] = ()
    sd: float | None = None
    n: int = 0
    n_subjects: int = 0
    n_censored: int = 0
    reason: str = ""
    by_name: Mapping[str, Term] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {term.name: term for term in self.terms})

    @property
    def is_fitted(self) -> bool:
        """Whether there is a model."""
        return not self.reason

    def estimate(self, name: str) -> float:
        """Return the coefficient of a term; 0 for a term that the model does not have."""
        return self.by_name[name].estimate if name in self.by_name else 0.0


def covariate_terms(covariates: Iterable[str]) -> tuple[str, ...]:
    """Return the terms that covariates give.

    Examples
    --------
    >>> covariate_terms(("age_years", "sex"))
    ('age_years', 'sex_male')
    """
    return tuple(COVARIATE_TERMS[name] for name in covariates)


def term_column(term: str, have: Iterable[str]) -> Any:
    """Return the expression of the column of a term; null where a person's sex, age or size is not known."""
    if term == LOG_CREATININE:
        creatinine = nw.col("creatinine_g_per_l")
        return nw.when(creatinine > 0).then(creatinine).log()
    if term == "sex_male":
        sex = nw.col("sex")
        return nw.when(sex == "male").then(1.0).when(sex == "female").then(0.0)
    name = LOGARITHMS.get(term, term)
    if name not in have:
        return nw.lit(None, dtype=nw.Float64)
    column = nw.col(name).cast(nw.Float64)
    if term == "age_years":
        return nw.when((column >= 0) & (column <= OLDEST_YEARS)).then(column)
    # Not a number is greater than everything in some engines.
    return nw.when((column > 0) & ~column.is_nan()).then(column).log()


def fitted_fraction(catalogue: Catalogue) -> Any:
    """Return the expression of the fraction that models are kept apart by: unlike fractions are unlike measurands."""
    with_fraction = [analyte.id for analyte in catalogue.analytes.values() if analyte.fraction_matters]
    apart = nw.col("analyte_id").is_in(with_fraction)
    return nw.when(apart).then(nw.col("fraction")).otherwise(nw.lit("unspecified"))
