"""Does a correction for dilution remove dilution: how concentrations and amounts follow creatinine and the like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import narwhals as nw
import polars as pl

from recal_labs.choices import DILUTION_COVARIATES
from recal_labs.columns import INTEGER, NUMBER, TEXT
from recal_labs.errors import ChoiceError, TableError, UnknownWordError
from recal_labs.normalise.basis import CONDITIONAL, COVARIATE_ADJUSTED, POWER_FUNCTIONAL, SPECIFIC_GRAVITY
from recal_labs.normalise.bounds import LEFT, RIGHT
from recal_labs.normalise.core import Normalised
from recal_labs.normalise.dilution_models import LOG_CREATININE, covariate_terms
from recal_labs.normalise.dilution_sample import dilution_sample
from recal_labs.normalise.dilution_slopes import MIN_N, SlopeQuestion
from recal_labs.normalise.frames import ROW
from recal_labs.normalise.units import PER_24H, PER_CREATININE, PER_VOLUME
from recal_labs.vocabulary import SPECIMENS

if TYPE_CHECKING:
    import pandas as pd

CREATININE, GRAVITY, FLOW = "creatinine", "specific_gravity", "urine_flow"
CONTROLS: Mapping[str, str] = {CREATININE: LOG_CREATININE, GRAVITY: "log_gravity", FLOW: "log_flow"}

BODY_SIZE = (
    "Differences in body size alone push the slope on creatinine below 1, for a larger person makes more creatinine at "
    "any dilution; the slope within persons is free of that. Error in measuring creatinine pushes both towards 0."
)
BY_CONSTRUCTION = "On the sample that a power was fitted on nothing remains, by construction."
ERROR_ONLY = "Error in measuring the control pushes the slope towards 0."

COLUMNS: Mapping[str, str] = {
    "analyte_id": TEXT,
    "fraction": TEXT,
    "specimen": TEXT,
    "basis": TEXT,
    "control": TEXT,
    "n": INTEGER,
    "n_subjects": INTEGER,
    "share_censored": NUMBER,
    "slope": NUMBER,
    "ci_low": NUMBER,
    "ci_high": NUMBER,
    "held_constant": TEXT,
    "assumed_slope": NUMBER,
    "remaining": NUMBER,
    "remaining_low": NUMBER,
    "remaining_high": NUMBER,
    "verdict": TEXT,
    "n_repeated": INTEGER,
    "within_slope": NUMBER,
    "within_low": NUMBER,
    "within_high": NUMBER,
    "within_remaining": NUMBER,
    "within_remaining_low": NUMBER,
    "within_remaining_high": NUMBER,
    "within_verdict": TEXT,
    "confidence": NUMBER,
    "reason": TEXT,
    "note": TEXT,
}


def check_dilution(
    normalised: Normalised, *, covariates: Sequence[str] | None = None, margin: float = 0.1, min_n: int = MIN_N
) -> pd.DataFrame:
    """Tell for each analyte whether the correction for dilution takes too much, too little, or cannot be judged.

    Parameters
    ----------
    normalised : Normalised
        On any basis. Its current rows of whole panels are used; every specimen of a person counts, and intervals are
        clustered by person. Kinds of specimen are judged apart: a void and a 24 h bottle are no repeats of each other.
    covariates : sequence of str, optional
        What is held constant: any of age_years, sex, weight_kg, height_cm. Default: the covariates of a fitted basis,
        else nothing.
    margin : float
        A remaining slope nearer to zero than this counts as none. The default 0.1 lets an amount change by a factor of
        1.26 over the accepted tenfold range of creatinine; it is this package's own convention.
    min_n : int
        Fewest specimens of at least as many people that a slope is computed from.

    Returns
    -------
    pandas DataFrame
        One row an analyte, fraction, kind of specimen, basis and control (creatinine; specific gravity and urine flow
        where they were measured). ``slope`` is that of ln concentration on ln control with its interval (of specific
        gravity, on ln(SG - 1)); ``assumed_slope`` what the basis assumes of it (1 per creatinine, 0 without correction,
        the exponent of a power), missing where it assumes none on this control. ``remaining`` is the slope of ln
        amount: what the correction leaves. ``verdict``: ``over_corrected`` where the interval of what remains lies
        below zero, ``under_corrected`` where it lies above (of urine flow, which dilutes, the other way round),
        ``consistent`` where all of it lies within the margin, else ``cannot_tell``: a wide interval that holds zero is
        no evidence of agreement. The ``within_`` columns are the same with the mean of each person held constant, from
        the ``n_repeated`` people with several specimens. ``reason`` says why a slope is missing, ``note`` what bends
        it.

    Raises
    ------
    TableError
        When something else than a `Normalised` is handed in.
    ChoiceError, UnknownWordError
        When the margin is not above zero, `min_n` is below 5, or a covariate is not one of those above.

    Notes
    -----
    Normal regression on the log scale in which values beyond a limit are censored, never substituted. Within persons:
    the deviation of the control from the person's mean beside that mean (Mundlak's device), which without censoring is
    the fixed-effects slope.

    Examples
    --------
    >>> import numpy as np, pandas as pd
    >>> from recal_labs.normalise import normalise
    >>> rng = np.random.default_rng(2)
    >>> creatinine, who = rng.lognormal(0, 0.6, 60), [f"S{i}" for i in range(60)]
    >>> results = pd.DataFrame({
    ...     "subject_id": who * 2, "specimen_id": who * 2, "specimen": "urine_spot", "comparator": "",
    ...     "analyte_id": ["creatinine"] * 60 + ["hva"] * 60, "unit": ["g/L"] * 60 + ["mg/L"] * 60,
    ...     "value": [*creatinine, *3 * creatinine**0.6 * rng.lognormal(0, 0.2, 60)]})
    >>> check_dilution(normalise(results))[["analyte_id", "control", "slope", "assumed_slope", "verdict"]].round(1)
      analyte_id     control  slope  assumed_slope         verdict
    0        hva  creatinine    0.5            1.0  over_corrected
    """
    if not isinstance(normalised, Normalised):
        raise TableError(
            f"check_dilution was handed a {type(normalised).__name__}; expected what normalise(results) returns, not "
            "its frame alone: the basis and its fit go with it."
        )
    if not margin > 0:
        raise ChoiceError(f"margin is {margin}; expected a slope above 0, such as 0.1.")
    if min_n < 5:
        raise ChoiceError(f"min_n is {min_n}; expected 5 or more.")
    held = _held(normalised, covariates)
    return _as_frame(list(_judged(normalised, held, margin, min_n)))


def _held(normalised: Normalised, covariates: Sequence[str] | None) -> tuple[str, ...]:
    if covariates is None:
        return normalised.dilution_fit.covariates if normalised.dilution_fit is not None else ()
    for name in covariates:
        if name not in DILUTION_COVARIATES:
            raise UnknownWordError("dilution covariate", str(name), DILUTION_COVARIATES, "check_dilution")
    return tuple(dict.fromkeys(covariates))


def _as_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    kinds = {TEXT: "str", INTEGER: "int64", NUMBER: "float64"}
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    return frame.astype({name: kinds[kind] for name, kind in COLUMNS.items()})


def _prepared(normalised: Normalised) -> pl.DataFrame:
    """Return the usable rows with the amount that is analysed and its censoring beside the concentration."""
    every = normalised.choices.with_changes(specimens=tuple(SPECIMENS))
    rows = dilution_sample(normalised, every).rows
    frame = nw.from_native(normalised.frame).lazy().collect("polars").to_native()
    comparator = pl.col("amount_comparator")
    amounts = frame.with_row_index(ROW).select(
        ROW,
        "basis",
        log_amount=pl.when(pl.col("amount") > 0).then(pl.col("amount")).log(),
        amount_censoring=pl.when(comparator.is_in(list(LEFT)))
        .then(-1)
        .when(comparator.is_in(list(RIGHT)))
        .then(1)
        .otherwise(0),
    )
    exact_creatinine = pl.when(pl.col("creatinine_censoring") == 0).then(pl.col(LOG_CREATININE))
    return rows.join(amounts, on=ROW, how="left", maintain_order="left").with_columns(
        exact_creatinine.alias(LOG_CREATININE)
    )


def _judged(normalised: Normalised, held: tuple[str, ...], margin: float, min_n: int) -> Iterator[dict[str, Any]]:
    rows, order = _prepared(normalised), list(normalised.catalogue.analytes)
    groups = rows.partition_by(["analyte_id", "fraction", "specimen", "basis"], as_dict=True)
    place = {name: number for number, name in enumerate(order)}
    for key in sorted(groups, key=lambda key: (place.get(str(key[0]), len(place)), *map(str, key[1:]))):
        analyte, fraction, specimen, basis = map(str, key)
        for control, column in CONTROLS.items():
            group = groups[key].filter(pl.col(column).is_not_null())
            if control != CREATININE and group.is_empty():
                continue
            named = {"analyte_id": analyte, "fraction": fraction, "specimen": specimen, "basis": basis}
            named |= {"control": control, "held_constant": ", ".join(held), "note": _note(basis, control)}
            assumed = _assumed(normalised, analyte, fraction, basis, control)
            question = SlopeQuestion(
                rows=group,
                column=column,
                held=covariate_terms(held),
                confidence=normalised.choices.confidence,
                margin=margin,
                min_n=min_n,
                dilutes=control == FLOW,
            )
            yield named | {"assumed_slope": assumed} | question.answer()


def _note(basis: str, control: str) -> str:
    """Return what bends a slope, and what its verdict is worth."""
    if control != CREATININE:
        return ERROR_ONLY
    return f"{BODY_SIZE} {BY_CONSTRUCTION}" if basis in (POWER_FUNCTIONAL, CONDITIONAL) else BODY_SIZE


def _assumed(normalised: Normalised, analyte: str, fraction: str, basis: str, control: str) -> float:
    """Return the slope that a basis assumes of ln concentration on a control; NaN where it assumes none."""
    if basis == PER_VOLUME:
        return 0.0
    own = {PER_CREATININE: CREATININE, COVARIATE_ADJUSTED: CREATININE, SPECIFIC_GRAVITY: GRAVITY, PER_24H: FLOW}
    if own.get(basis) == control:
        # A steady excretion is diluted in proportion to the flow.
        return -1.0 if control == FLOW else 1.0
    if basis in (POWER_FUNCTIONAL, CONDITIONAL) and control == CREATININE and normalised.dilution_fit is not None:
        for model in normalised.dilution_fit.fitted:
            if (model.analyte_id, model.fraction) == (analyte, fraction):
                return model.estimate(LOG_CREATININE)
    return float("nan")
