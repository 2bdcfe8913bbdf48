"""Fit a correction for dilution on a stated sample: regressions of log concentrations, censored values as censored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.choices import DILUTION_COVARIATES, FITTED_BASES, Choices
from recal_labs.errors import ChoiceError, UnknownWordError
from recal_labs.normalise.basis import COVARIATE_ADJUSTED, POWER_FUNCTIONAL
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.normalise.dilution_models import INTERCEPT, LOG_CREATININE, DilutionModel, Term, covariate_terms
from recal_labs.normalise.dilution_sample import DilutionSample, dilution_sample
from recal_labs.normalise.units import PER_VOLUME, amount_unit
from recal_labs.provenance import package_versions

# A floor of this package, not a published one: with fewer people a slope is too uncertain to correct others with.
MIN_SUBJECTS = 20


def fit_dilution(
    results: Any,
    *,
    basis: str,
    sample: str,
    covariates: Sequence[str] | None = None,
    catalogue: Catalogue | None = None,
    choices: Choices | None = None,
) -> DilutionFit:
    """Fit a correction for dilution, to be saved and applied to other specimens.

    Parameters
    ----------
    results : Normalised, or pandas DataFrame, Polars DataFrame or LazyFrame
        The `results` table of the sample, or what `normalise` made of it.
    basis : {"covariate_adjusted", "power_functional", "conditional"}
        What is fitted, see Notes.
    sample : str
        Whose specimens these are, in words; it travels with the fit.
    covariates : sequence of str, optional
        What is known of a person: any of age_years, sex, weight_kg, height_cm (of the subjects table, see
        `normalise.people`). Default: age_years and sex. Power-functional correction uses none and refuses them, unless
        they are those of `choices`, where they stand for the other bases.
    catalogue : Catalogue, optional
        Default: that of `results`, else the built-in one.
    choices : Choices, optional
        Its ``specimens`` say which kinds are used. Default: those of `results`, else single voids.

    Returns
    -------
    DilutionFit
        Concentrations are natural logarithms of amounts per litre in the catalogue's unit. An analyte that too few
        people have has a reason in place of a model.

    Raises
    ------
    ChoiceError
        When the sample is not named, a covariate does not vary, the basis uses no covariates and they are asked for, or
        nothing at all could be fitted.
    UnknownWordError
        When the basis or a covariate is not one of those above.

    Notes
    -----
    ``covariate_adjusted`` (obrien2016): ln creatinine on the covariates. ``power_functional`` (carmine_vpf calls it the
    simple power function): ln concentration on ln creatinine, an analyte at a time. ``conditional`` (after craft1992):
    ln concentration on ln creatinine and the covariates, an analyte at a time; the SD of its residuals is that of the
    scores. Values beyond a limit enter as such, by maximum likelihood (`stats.fit_censored_regression`); none is ever
    substituted. A specimen whose creatinine is only bounded is left out where creatinine predicts. Every specimen of a
    person is used; standard errors are a sandwich clustered by person. At least 20 people with a value that is not
    censored are needed.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> rng = np.random.default_rng(1)
    >>> creatinine = rng.lognormal(0, 0.5, 40)
    >>> hva = 3 * creatinine**0.8 * rng.lognormal(0, 0.3, 40)
    >>> people = [f"S{i}" for i in range(40)]
    >>> results = pd.DataFrame({
    ...     "subject_id": people * 2, "specimen_id": people * 2, "specimen": "urine_spot", "comparator": "",
    ...     "analyte_id": ["creatinine"] * 40 + ["hva"] * 40, "value": [*creatinine, *hva],
    ...     "unit": ["g/L"] * 40 + ["mg/L"] * 40})
    >>> fit = fit_dilution(results, basis="power_functional", sample="40 simulated people")
    >>> fit.table[["analyte_id", "term", "estimate", "n"]].round(2)
      analyte_id            term  estimate   n
    0        hva       intercept      1.05  40
    1        hva  log_creatinine      0.88  40
    """
    covariates = _checked(basis, sample, _asked(basis, covariates, choices))
    drawn = dilution_sample(results, choices, catalogue)
    terms, of_creatinine = covariate_terms(covariates), basis == COVARIATE_ADJUSTED
    rows = drawn.creatinine if of_creatinine else drawn.rows
    models = (_fit_creatinine(drawn, terms),) if of_creatinine else _fit_each(drawn, terms)
    _refuse_nothing(models, basis, sample)
    used = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in terms)) if terms else rows
    left_out = dict(drawn.left_out)
    if rows.height > used.height:
        left_out["age, sex or size unknown"] = rows.height - used.height
    if not of_creatinine:
        usable = used.filter(_has_creatinine())
        if used.height > usable.height:
            left_out["no creatinine, or one that is only bounded"] = used.height - usable.height
        used = usable
    return DilutionFit(
        basis=basis,
        sample=sample.strip(),
        covariates=covariates,
        specimens=tuple(sorted(used["specimen"].unique())),
        models=models,
        n_specimens=used.select("subject_id", "specimen_id").n_unique(),
        n_subjects=used["subject_id"].n_unique(),
        left_out=left_out,
        catalogue_version=drawn.catalogue.version,
        version=package_versions()["recal-labs"],
    )


def _asked(basis: str, covariates: Sequence[str] | None, choices: Choices | None) -> Sequence[str]:
    """Return the covariates that were asked for, or what stands for them."""
    if covariates is None:
        return () if basis == POWER_FUNCTIONAL else Choices().dilution_covariates
    # Choices always name some, whatever their basis.
    of_choices = choices is not None and tuple(covariates) == choices.dilution_covariates
    return () if basis == POWER_FUNCTIONAL and of_choices else covariates


def _checked(basis: str, sample: str, covariates: Sequence[str]) -> tuple[str, ...]:
    """Return the covariates, each once, when they can be used on this basis."""
    if basis not in FITTED_BASES:
        raise UnknownWordError("fitted basis", str(basis), FITTED_BASES, "fit_dilution")
    if not isinstance(sample, str) or not sample.strip():
        raise ChoiceError(
            "fit_dilution needs to be told whose specimens these are, such as sample='96 adults without medication, "
            "lab X, 2024': the words travel with the fit."
        )
    if isinstance(covariates, str):
        raise ChoiceError(f"covariates is {covariates!r}; expected a list of names, such as ['age_years', 'sex'].")
    for name in covariates:
        if name not in DILUTION_COVARIATES:
            raise UnknownWordError("dilution covariate", str(name), DILUTION_COVARIATES, "fit_dilution")
    if covariates and basis == POWER_FUNCTIONAL:
        raise ChoiceError(
            f"The basis power_functional brings a concentration to 1 g/L by creatinine alone, and covariates is "
            f"{list(covariates)}. Leave them out, or fit conditional, which uses creatinine and covariates."
        )
    return tuple(dict.fromkeys(covariates))


def _has_creatinine() -> pl.Expr:
    return pl.col("log_creatinine").is_not_null() & (pl.col("creatinine_censoring") == 0)


def _fit_creatinine(drawn: DilutionSample, terms: tuple[str, ...]) -> DilutionModel:
    creatinine = drawn.catalogue.analytes["creatinine"]
    return _fit(drawn.creatinine, terms, "creatinine", "unspecified", amount_unit(creatinine, PER_VOLUME))


def _fit_each(drawn: DilutionSample, terms: tuple[str, ...]) -> tuple[DilutionModel, ...]:
    """Fit a model for every analyte and fraction, in the catalogue's order."""
    rows, known = drawn.rows.filter(_has_creatinine()), drawn.catalogue.analytes
    found = rows.partition_by(["analyte_id", "fraction"], as_dict=True)
    order = list(known)
    keys = sorted((key for key in found if key[0] in known), key=lambda key: (order.index(str(key[0])), str(key[1])))
    return tuple(
        _fit(
            found[key],
            (LOG_CREATININE, *terms),
            str(key[0]),
            str(key[1]),
            amount_unit(known[str(key[0])], PER_VOLUME),
        )
        for key in keys
    )


def _fit(rows: pl.DataFrame, terms: tuple[str, ...], analyte: str, fraction: str, unit: str) -> DilutionModel:
    """Fit log concentration on the terms; with a reason in place of numbers where that cannot be done."""
    if terms:
        rows = rows.filter(pl.all_horizontal(pl.col(name).is_not_null() for name in terms))
    exact = rows.filter(pl.col("censoring") == 0)
    named: dict[str, Any] = {
        "analyte_id": analyte,
        "fraction": fraction,
        "unit": unit,
        "n": rows.height,
        "n_subjects": rows["subject_id"].n_unique(),
        "n_censored": rows.height - exact.height,
    }
    people = exact["subject_id"].n_unique()
    if people < MIN_SUBJECTS:
        return DilutionModel(reason=f"{people} people with a value that is known; {MIN_SUBJECTS} are needed", **named)
    still = [name for name in terms if rows[name].n_unique() < 2]
    if still:
        return DilutionModel(reason=f"{', '.join(still)} does not vary", **named)
    # SciPy is slow to load, and who only applies a fit does not need it.
    from recal_labs.stats import fit_censored_regression

    columns = [rows[name].to_numpy() for name in terms]
    # Centred, so that no column is nearly the intercept; the intercept is moved back below.
    centres = np.array([0.0, *(column.mean() for column in columns)])
    design = np.column_stack([np.ones(rows.height), *columns]) - centres
    fitted = fit_censored_regression(
        rows["log_concentration"].to_numpy(),
        rows["censoring"].to_numpy(),
        design,
        clusters=rows["subject_id"].to_numpy(),
    )
    if fitted.reason:
        return DilutionModel(reason=fitted.reason, **named)
    # intercept at zero = intercept at the centre - centre @ coefficients
    back = np.eye(len(centres))
    back[0, 1:] = -centres[1:]
    estimates = back @ fitted.coefficients
    errors = np.sqrt(np.diag(back @ fitted.covariance @ back.T))
    found = [Term(INTERCEPT, float(estimates[0]), float(errors[0]))]
    for place, name in enumerate(terms, 1):
        low, high = float(rows[name].min()), float(rows[name].max())  # type: ignore[arg-type]
        found.append(Term(name, float(estimates[place]), float(errors[place]), low, high))
    # A reference SD divides by what is left after the terms, as that of a sample does; the likelihood's by n.
    sd = float(fitted.sd * np.sqrt(rows.height / (rows.height - len(centres))))
    return DilutionModel(terms=tuple(found), sd=sd, **named)


def _refuse_nothing(models: tuple[DilutionModel, ...], basis: str, sample: str) -> None:
    """Raise when not one model was fitted."""
    if any(model.is_fitted for model in models):
        return
    reasons = "; ".join(f"{model.analyte_id}: {model.reason}" for model in models[:5])
    raise ChoiceError(
        f"No {basis} correction could be fitted on {sample!r}: {reasons or 'no analyte beside an exact creatinine'}. "
        "Take more specimens, or leave out the covariate that does not vary."
    )
