"""The specimens that a correction for dilution is fitted on or judged by: log concentrations beside their controls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue, load_catalogue
from recal_labs.choices import DILUTION_COVARIATES, Choices
from recal_labs.columns import NORMALISED, RESULTS, SUBJECTS
from recal_labs.normalise.basis import measures_of_dilution, per_litre, per_litre_comparator
from recal_labs.normalise.bounds import LEFT, OPEN, RIGHT
from recal_labs.normalise.core import Normalised, with_controls
from recal_labs.normalise.dilution import has_usable_gravity
from recal_labs.normalise.dilution_models import LOG_CREATININE, covariate_terms, fitted_fraction, term_column
from recal_labs.normalise.frames import ROW, open_frame

TERMS = covariate_terms(DILUTION_COVARIATES)
# Rows of one time of day are no panel: a void of the night differs from one of the morning by more than its dilution.
WHOLE = ("", "pooled")
CONTROL = "measures of dilution, used as such"


@dataclass(frozen=True, eq=False, kw_only=True)
class DilutionSample:
    """Rows that a dilution model can use.

    Parameters
    ----------
    rows : DataFrame
        One a specimen, analyte and fraction, in the order of the input: subject_id, specimen_id, specimen, analyte_id,
        fraction, ``log_concentration`` with ``censoring`` (-1, 0, 1), ``log_creatinine`` with ``creatinine_censoring``,
        ``log_gravity`` (of specific gravity less 1) and ``log_flow`` (L/h), both null unless exact, one column a
        covariate, and `ROW`, the row's number.
    creatinine : DataFrame
        One a specimen: the same columns for creatinine itself.
    left_out : mapping of str to int
        Rows that were not taken, by reason.
    catalogue : Catalogue
    choices : Choices
    """

    rows: pl.DataFrame
    creatinine: pl.DataFrame
    left_out: Mapping[str, int]
    catalogue: Catalogue
    choices: Choices


def _code(comparator: str) -> Any:
    left, right = nw.col(comparator).is_in(list(LEFT)), nw.col(comparator).is_in(list(RIGHT))
    return nw.when(left).then(-1).when(right).then(1).otherwise(0)


def _opened(results: Any, catalogue: Catalogue) -> pl.DataFrame:
    """Return every row with its concentration and the controls of its specimen."""
    opened = open_frame(results, RESULTS, "fit_dilution", made=NORMALISED.names, read=SUBJECTS.names)
    frame = with_controls(opened.inside, catalogue)
    frame = frame.with_columns(_concentration=per_litre(), _comparator=per_litre_comparator())
    have = frame.collect_schema().names()
    volume, hours, gravity = nw.col("collection_volume_l"), nw.col("collection_hours"), nw.col("specific_gravity")
    exact_gravity = has_usable_gravity() & (nw.col("_gravity_comparator") == "")
    positive = nw.when(nw.col("_concentration") > 0).then(nw.col("_concentration"))
    frame = frame.with_columns(
        fraction=fitted_fraction(catalogue),
        log_concentration=positive.log(),
        censoring=_code("_comparator"),
        creatinine_censoring=_code("creatinine_comparator"),
        log_creatinine=term_column(LOG_CREATININE, have),
        log_gravity=nw.when(exact_gravity).then(gravity - 1.0).log(),
        log_flow=nw.when((volume > 0) & (hours > 0)).then(volume / hours).log(),
        **{term: term_column(term, have) for term in TERMS},
    )
    kept = (
        ROW,
        "subject_id",
        "specimen_id",
        "specimen",
        "timepoint",
        "analyte_id",
        "fraction",
        "reported_basis",
        "current",
        "_comparator",
        "log_concentration",
        "censoring",
        "log_creatinine",
        "creatinine_censoring",
        "log_gravity",
        "log_flow",
        *TERMS,
    )
    collected: pl.DataFrame = frame.select(*kept).sort(ROW).to_native().collect()
    return collected


def _reasons(choices: Choices, controls: list[str]) -> pl.Expr:
    """Return the expression of why a row is not taken; null when it is."""
    no_value = pl.col("log_concentration").is_null()
    return (
        pl.when(~pl.col("current"))
        .then(pl.lit("superseded, duplicate or withdrawn"))
        .when(~pl.col("specimen").fill_null("").is_in(list(choices.specimens)))
        .then(pl.lit("kind of specimen not chosen"))
        .when(~pl.col("timepoint").is_in(list(WHOLE)))
        .then(pl.lit("one time point of a day"))
        .when(pl.col("subject_id").is_null() | pl.col("specimen_id").is_null())
        .then(pl.lit("no subject or specimen id"))
        .when(pl.col("analyte_id").is_in(controls))
        .then(pl.lit(CONTROL))
        .when(no_value | (pl.col("_comparator") == OPEN))
        .then(pl.lit("no concentration above zero"))
    )


def dilution_sample(results: Any, choices: Choices | None = None, catalogue: Catalogue | None = None) -> DilutionSample:
    """Take the specimens of a sample that tell something about dilution.

    Parameters
    ----------
    results : Normalised, or a frame as `normalise` takes
        A frame that was normalised before is read anew from what the lab reported.
    choices : Choices, optional
        Which kinds of specimen are taken (``specimens``). Default: those of `results`, else `Choices()`.
    catalogue : Catalogue, optional
        Default: that of `results`, else the built-in one.
    """
    if isinstance(results, Normalised):
        choices, catalogue = choices or results.choices, catalogue or results.catalogue
        results = results.frame
    choices, catalogue = choices or Choices(), catalogue or load_catalogue()
    everything = _opened(results, catalogue).with_columns(_why=_reasons(choices, measures_of_dilution(catalogue)))
    counted = everything.filter(pl.col("_why").is_not_null() & (pl.col("_why") != CONTROL))["_why"]
    specimen = ["subject_id", "specimen_id"]
    # Of what a lab sent per litre and per gram of creatinine, the form that needs no multiplication.
    rows = (
        everything.filter(pl.col("_why").is_null())
        .sort(pl.col("reported_basis") != "per_volume", ROW)
        .unique([*specimen, "analyte_id", "fraction"], keep="first", maintain_order=True)
        .sort(ROW)
    )
    measured = (pl.col("analyte_id") == "creatinine") & pl.col("log_concentration").is_not_null()
    creatinine = everything.filter(measured & (pl.col("_why") == CONTROL))
    return DilutionSample(
        rows=rows.drop("_why"),
        creatinine=creatinine.unique(specimen, keep="first", maintain_order=True).drop("_why"),
        left_out=dict(counted.value_counts(sort=True, name="n").iter_rows()),
        catalogue=catalogue,
        choices=choices,
    )
