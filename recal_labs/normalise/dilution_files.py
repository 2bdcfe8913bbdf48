"""How a dilution fit stands in a file, and every way in which such a file can be wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from recal_labs.choices import DILUTION_COVARIATES, FITTED_BASES
from recal_labs.errors import nearest
from recal_labs.normalise.dilution_models import (
    INTERCEPT,
    LOG_CREATININE,
    DilutionModel,
    Term,
    covariate_terms,
)
from recal_labs.vocabulary import FRACTIONS, SPECIMENS

KIND, FORMAT = "recal_labs dilution fit", 1
# What a fit is called among the outputs of a run.
FIT_FILE = "dilution_fit.json"


def model_to(model: DilutionModel) -> dict[str, Any]:
    """Return a model as plain values, ready for JSON."""
    return {
        "analyte_id": model.analyte_id,
        "fraction": model.fraction,
        "unit": model.unit,
        "terms": [
            {
                "name": term.name,
                "estimate": term.estimate,
                "standard_error": term.standard_error,
                "low": term.low,
                "high": term.high,
            }
            for term in model.terms
        ],
        "sd": model.sd,
        "n": model.n,
        "n_subjects": model.n_subjects,
        "n_censored": model.n_censored,
        "reason": model.reason,
    }


def model_from(content: Mapping[str, Any]) -> DilutionModel:
    """Return the model that `model_to` gave; its content was checked before."""
    return DilutionModel(**{**content, "terms": tuple(Term(**term) for term in content["terms"])})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_said(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list_of(known: Any) -> Callable[[Any], bool]:
    return lambda value: (
        isinstance(value, list) and all(word in known for word in value) and len(set(value)) == len(value)
    )


def _or_nothing(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


Shape = Mapping[str, tuple[str, Callable[[Any], bool]]]

FIT: Shape = {
    "kind": (KIND, lambda value: value == KIND),
    "format": (f"{FORMAT}; another version of recal-labs wrote it", lambda value: value == FORMAT),
    "basis": (", ".join(FITTED_BASES), lambda value: value in FITTED_BASES),
    "sample": ("words that say whose specimens were used", _is_said),
    "covariates": (f"a list of {', '.join(DILUTION_COVARIATES)}, each once", _is_list_of(DILUTION_COVARIATES)),
    "specimens": ("a list of kinds of specimen", _is_list_of(SPECIMENS)),
    "models": ("a list of at least one model", lambda value: isinstance(value, list) and len(value) > 0),
    "n_specimens": ("a count", _is_count),
    "n_subjects": ("a count", _is_count),
    "left_out": ("counts by reason", lambda value: isinstance(value, Mapping) and all(map(_is_count, value.values()))),
    "catalogue_version": ("a text", _is_text),
    "version": ("a text", _is_text),
}
MODEL: Shape = {
    "analyte_id": ("an analyte's id", _is_said),
    "fraction": (", ".join(FRACTIONS), lambda value: value in FRACTIONS),
    "unit": ("a UCUM unit", _is_said),
    "terms": ("a list of terms", lambda value: isinstance(value, list)),
    "sd": ("a number above 0, or null", _or_nothing(lambda value: _is_number(value) and value > 0)),
    "n": ("a count", _is_count),
    "n_subjects": ("a count", _is_count),
    "n_censored": ("a count", _is_count),
    "reason": ("a text", _is_text),
}
TERM: Shape = {
    "name": ("a term's name", _is_said),
    "estimate": ("a number", _is_number),
    "standard_error": ("a number of 0 or more", lambda value: _is_number(value) and value >= 0),
    "low": ("a number, or null", _or_nothing(_is_number)),
    "high": ("a number, or null", _or_nothing(_is_number)),
}


def _shape_faults(content: Any, shape: Shape, called: str) -> Iterator[str]:
    if not isinstance(content, Mapping):
        yield f"{called} is {content!r}; expected its fields by name"
        return
    for key in content:
        if key not in shape:
            yield f"unknown field {key!r} in {called}.{nearest(str(key), shape)}"
    for key, (expected, fits) in shape.items():
        if key not in content:
            yield f"{called} has no {key}; expected {expected}"
        elif not fits(content[key]):
            yield f"{key} in {called} is {content[key]!r}; expected {expected}"


def content_faults(content: Any) -> Iterator[str]:
    """Yield what is wrong with the content of a file that should hold a dilution fit, one sentence each."""
    faults = list(_shape_faults(content, FIT, "the fit"))
    yield from faults
    if faults:
        return
    seen: set[tuple[str, str]] = set()
    for place, model in enumerate(content["models"], 1):
        called = f"model {place}"
        faults = list(_shape_faults(model, MODEL, called))
        for number, term in enumerate(model["terms"] if not faults else (), 1):
            faults += _shape_faults(term, TERM, f"term {number} of {called}")
        yield from faults
        if faults:
            continue
        yield from _model_faults(content, model, f"{called} ({model['analyte_id']})")
        if (key := (model["analyte_id"], model["fraction"])) in seen:
            yield f"{called} is the second one for {model['analyte_id']}, {model['fraction']}; expected one each"
        seen.add(key)
    if not any(isinstance(model, Mapping) and not model.get("reason") for model in content["models"]):
        yield "no model of the fit was fitted; expected at least one"
    modelled = [
        model["analyte_id"] for model in content["models"] if isinstance(model, Mapping) and "analyte_id" in model
    ]
    if content["basis"] == "covariate_adjusted" and modelled != ["creatinine"]:
        yield f"the fit has models of {', '.join(map(str, modelled))}; expected one, of creatinine, on its basis"


def _model_faults(fit: Mapping[str, Any], model: Mapping[str, Any], called: str) -> Iterator[str]:
    """Yield what is wrong with a model in itself and for its basis."""
    names = [term["name"] for term in model["terms"]]
    if model["reason"]:
        if names:
            yield f"{called} has terms and a reason why it has none; expected one or the other"
        return
    of_creatinine = () if fit["basis"] == "covariate_adjusted" else (LOG_CREATININE,)
    expected = [INTERCEPT, *of_creatinine, *covariate_terms(fit["covariates"])]
    if names != expected:
        yield f"{called} has the terms {', '.join(names) or '(none)'}; expected {', '.join(expected)}"
    if model["sd"] is None:
        yield f"{called} has no sd; expected a number above 0"
    for term in model["terms"]:
        if (term["low"] is None) != (term["high"] is None) or (term["low"] is not None and term["low"] > term["high"]):
            yield f"{term['name']} of {called} runs from {term['low']} to {term['high']}; expected a rising range"
