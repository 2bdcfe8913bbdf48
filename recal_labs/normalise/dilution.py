"""The specimen's own creatinine, volume and duration: what a concentration is divided by or multiplied with."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.choices import Choices
from recal_labs.vocabulary import TIMED_SPECIMENS

# ARUP reports nothing per day outside these (reference/README "Dilution", arup_catech).
COLLECTION_HOURS = (20.0, 28.0)
COLLECTION_VOLUME_L = 0.4


def add_creatinine(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add the specimen's creatinine in g/L to each of its rows, with what makes it unusable.

    Only a current, positive creatinine per volume is used; a censored one bounds what is divided by it. A specimen
    without an id has none.

    Adds ``creatinine_g_per_l`` (of a censored creatinine the limit), ``_creatinine_comparator`` and ``_creatinines``
    (how many stand per volume).
    """
    is_creatinine = (
        (nw.col("analyte_id") == "creatinine")
        & (nw.col("reported_basis") == "per_volume")
        & ~nw.col("specimen_id").is_null()
        & ~nw.col("quantity").is_null()
    )
    usable = is_creatinine & nw.col("current") & (nw.col("quantity") > 0)
    over = ("subject_id", "specimen_id")
    return frame.with_columns(
        creatinine_g_per_l=nw.when(usable).then(nw.col("quantity")).max().over(*over),
        _creatinine_comparator=nw.when(usable).then(nw.col("comparator")).max().over(*over).fill_null(""),
        _creatinines=nw.when(is_creatinine & (nw.col("stale").is_null() | (nw.col("stale") == "duplicate")))
        .then(1)
        .otherwise(0)
        .sum()
        .over(*over),
    )


def judge_dilution(frame: nw.LazyFrame[Any], choices: Choices) -> nw.LazyFrame[Any]:
    """Add ``dilution``: the specimen's creatinine against the accepted limits. Nothing is removed."""
    low, high = choices.creatinine_limits_g_per_l
    creatinine, comparator = nw.col("creatinine_g_per_l"), nw.col("_creatinine_comparator")
    # Below 0.2 g/L is too dilute; below 0.5 g/L may be anything.
    known = (
        (comparator == "")
        | comparator.is_in(["<", "<="]) & (creatinine <= low)
        | comparator.is_in([">", ">="]) & (creatinine >= high)
    )
    return frame.with_columns(
        dilution=nw.when(creatinine.is_null() | ~known)
        .then(nw.lit("unknown"))
        .when((creatinine < low) | comparator.is_in(["<", "<="]))
        .then(nw.lit("too_dilute"))
        .when((creatinine > high) | comparator.is_in([">", ">="]))
        .then(nw.lit("too_concentrated"))
        .otherwise(nw.lit("ok"))
    )


def is_timed() -> Any:
    """Return the expression that is true for rows of a timed collection."""
    return nw.col("specimen").is_in(list(TIMED_SPECIMENS)).fill_null(False)


def excreted_volume_l() -> Any:
    """Return the expression of urine per 24 h in litres; null without a positive volume and duration."""
    volume, hours = nw.col("collection_volume_l"), nw.col("collection_hours")
    return nw.when((volume > 0) & (hours > 0)).then(volume * 24.0 / hours)
