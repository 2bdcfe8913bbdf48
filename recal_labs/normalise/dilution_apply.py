"""A fitted correction for dilution, applied: nothing is estimated here, and no row tells anything about another."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue
from recal_labs.choices import FITTED_BASES, Choices
from recal_labs.columns import NUMBER, TEXT
from recal_labs.errors import ChoiceError
from recal_labs.normalise.dilution_fit import DilutionFit
from recal_labs.normalise.dilution_models import (
    INTERCEPT,
    LOG_CREATININE,
    Term,
    covariate_terms,
    fitted_fraction,
    term_column,
)
from recal_labs.normalise.frames import lookup
from recal_labs.normalise.units import PER_VOLUME, amount_unit

KEYS = ("analyte_id", "_fit_fraction")


def check_fit(choices: Choices, fit: DilutionFit | None, catalogue: Catalogue) -> DilutionFit | None:
    """Return the fit when it is the one that the choices ask for.

    Raises
    ------
    ChoiceError
        When the basis needs a fit and there is none, when there is one that it does not need, or when basis, covariates
        or units of the fit are others.
    """
    if choices.basis not in FITTED_BASES:
        if fit is not None:
            raise ChoiceError(
                f"A dilution fit of the basis {fit.basis!r} was handed in, and the choices say basis = "
                f"{choices.basis!r}, which uses none. Leave it out, or choose basis = {fit.basis!r}."
            )
        return None
    if fit is None:
        raise ChoiceError(
            f"basis = {choices.basis!r} needs a correction that was fitted before, on a stated sample: make one with "
            f"fit = fit_dilution(results, basis={choices.basis!r}, sample='whose specimens these are') and keep it by "
            "fit.save('fit.json'), or load one with DilutionFit.load('fit.json'); then normalise(results, "
            "choices=choices, dilution_fit=fit). On the command line: recal-labs fit-dilution, --dilution-fit; in "
            "study.toml: [dilution]."
        )
    if fit.basis != choices.basis:
        raise ChoiceError(
            f"The dilution fit is one of the basis {fit.basis!r}, and the choices say basis = {choices.basis!r}."
        )
    if choices.basis != "power_functional" and set(fit.covariates) != set(choices.dilution_covariates):
        raise ChoiceError(
            f"The dilution fit uses the covariates {', '.join(fit.covariates) or '(none)'}, and the choices say "
            f"dilution_covariates = {list(choices.dilution_covariates)}; expected the same ones."
        )
    for model in fit.models:
        analyte = catalogue.analytes.get(model.analyte_id)
        unit = amount_unit(analyte, PER_VOLUME) if analyte else model.unit
        if unit != model.unit:
            raise ChoiceError(
                f"The dilution fit predicts {model.analyte_id} in {model.unit}, and this catalogue analyses it in "
                f"{unit}. Fit again under this catalogue."
            )
    return fit


def _known_terms(frame: nw.LazyFrame[Any], terms: tuple[str, ...]) -> dict[str, Any]:
    have = frame.collect_schema().names()
    return {term: term_column(term, have) for term in terms}


def _sum(parts: list[Any], start: Any) -> Any:
    for part in parts:
        start = start + part
    return start


def _outside(values: dict[str, Any], limits: dict[str, tuple[Any, Any]]) -> Any:
    found = nw.lit(False)
    for name, (low, high) in limits.items():
        found = found | ((values[name] < low) | (values[name] > high)).fill_null(False)
    return found


def _with_one_model(frame: nw.LazyFrame[Any], fit: DilutionFit) -> nw.LazyFrame[Any]:
    """Add what the one model of creatinine predicts for the person of each row."""
    model = fit.models[0]
    values = _known_terms(frame, covariate_terms(fit.covariates))
    parts = [values[name] * nw.lit(model.estimate(name)) for name in values]
    ranged: list[Term] = [term for term in model.terms if term.low is not None and term.high is not None]
    limits = {term.name: (nw.lit(term.low), nw.lit(term.high)) for term in ranged if term.name in values}
    predicted = _sum(parts, nw.lit(model.estimate(INTERCEPT)))
    return frame.with_columns(
        _fit_log=predicted,
        _fit_power=nw.lit(1.0),
        _fit_sd=nw.lit(None, dtype=nw.Float64),
        _fit_absent=nw.lit(False),
        _fit_outside=_outside(values, limits),
    )


def _model_table(fit: DilutionFit, terms: tuple[str, ...]) -> nw.LazyFrame[Any]:
    """Return one row a model, keyed by analyte and fraction."""
    models = [model for model in fit.models if model.is_fitted]
    content: dict[str, list[Any]] = {
        "analyte_id": [model.analyte_id for model in models],
        "_fit_fraction": [model.fraction for model in models],
        "_fit_sd": [model.sd for model in models],
    }
    for term in (INTERCEPT, *terms):
        content[f"_c_{term}"] = [model.estimate(term) for model in models]
    for term in terms:
        found = [model.by_name.get(term) for model in models]
        content[f"_low_{term}"] = [term.low if term else None for term in found]
        content[f"_high_{term}"] = [term.high if term else None for term in found]
    kinds = {name: TEXT if name in KEYS else NUMBER for name in content}
    return lookup(content, kinds, KEYS)


def _with_model_each(frame: nw.LazyFrame[Any], catalogue: Catalogue, fit: DilutionFit) -> nw.LazyFrame[Any]:
    """Add what the model of each row's own analyte predicts at its creatinine."""
    terms = (LOG_CREATININE, *(covariate_terms(fit.covariates)))
    frame = frame.with_columns(_fit_fraction=fitted_fraction(catalogue))
    frame = frame.join(_model_table(fit, terms), on=list(KEYS), how="left")
    values = _known_terms(frame, terms)
    parts = [values[name] * nw.col(f"_c_{name}") for name in values]
    limits = {name: (nw.col(f"_low_{name}"), nw.col(f"_high_{name}")) for name in values}
    return frame.with_columns(
        _fit_log=_sum(parts, nw.col(f"_c_{INTERCEPT}")),
        _fit_power=nw.col(f"_c_{LOG_CREATININE}"),
        _fit_absent=nw.col(f"_c_{INTERCEPT}").is_null(),
        _fit_outside=_outside(values, limits),
    )


def add_fitted(
    frame: nw.LazyFrame[Any], catalogue: Catalogue, choices: Choices, fit: DilutionFit | None
) -> nw.LazyFrame[Any]:
    """Add what a fitted correction predicts for each row; the frame stays as it is on a basis that uses none.

    Adds ``_fit_log`` (of ``covariate_adjusted`` the expected log creatinine of the person, in g/L; of the others the
    expected log concentration at the specimen's creatinine), ``_fit_power`` (by which power of creatinine an amount is
    divided), ``_fit_sd``, ``_fit_absent`` (nothing was fitted for this analyte), ``_fit_unknown`` (a covariate is
    missing) and ``_fit_outside`` (a covariate or creatinine lies outside the sample of the fit).
    """
    fit = check_fit(choices, fit, catalogue)
    if fit is None:
        return frame
    if fit.basis == "covariate_adjusted":
        frame = _with_one_model(frame, fit)
    else:
        frame = _with_model_each(frame, catalogue, fit)
    unknown = nw.lit(False)
    for column in _known_terms(frame, covariate_terms(fit.covariates)).values():
        unknown = unknown | column.is_null()
    return frame.with_columns(_fit_unknown=unknown & ~nw.col("_fit_absent"))


def fitted_conditions(choices: Choices) -> dict[str, Any]:
    """Return the quality codes of a fitted correction with the expression that is true where each applies."""
    if choices.basis not in FITTED_BASES:
        return {}
    corrected = nw.col("basis") == choices.basis
    return {
        "no_covariate": corrected & nw.col("_fit_unknown"),
        "not_fitted": corrected & nw.col("_fit_absent"),
        "outside_fit": corrected & nw.col("_fit_outside"),
    }
