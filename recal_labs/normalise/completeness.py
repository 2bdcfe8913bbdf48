"""Is a 24 h collection complete: duration, volume, creatinine per kg and day by sex. It flags and never removes."""

from __future__ import annotations

import math
from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue
from recal_labs.normalise.bounds import surely_above, surely_below
from recal_labs.normalise.dilution import excreted_volume_l, is_timed

CREATININE, DURATION, VOLUME = "creatinine", "duration", "volume"
MG_PER_G = 1000.0


def _limits(catalogue: Catalogue, measure: str) -> tuple[Any, Any]:
    """Return the expressions of a person's lower and upper limit; null where no row of the catalogue fits."""
    found: list[Any] = [nw.lit(None, dtype=nw.Float64), nw.lit(None, dtype=nw.Float64)]
    age = nw.col("age_years")
    for row in catalogue.completeness:
        if row.measure != measure:
            continue
        fits = nw.lit(True) if row.sex == "any" else nw.col("sex") == row.sex
        if not math.isnan(row.age_low):
            fits = fits & (age >= row.age_low)
        if not math.isnan(row.age_high):
            fits = fits & (age < row.age_high)
        # A later row stands above an earlier one: a study's own folder comes after the built-in one.
        for place, limit in enumerate((row.lower, row.upper)):
            value = nw.lit(None if math.isnan(limit) else limit, dtype=nw.Float64)
            found[place] = nw.when(fits.fill_null(False)).then(value).otherwise(found[place])
    return found[0], found[1]


def creatinine_mg_per_kg_day(frame: nw.LazyFrame[Any]) -> tuple[Any, Any]:
    """Return the expressions of creatinine excreted per kg of body weight and day, and of its comparator.

    From the concentration, volume and duration, else what the lab itself reported per 24 h. Null without a positive
    weight: `weight_kg` is a column of the caller's own, filled from the subjects table.
    """
    weight: Any = nw.lit(None, dtype=nw.Float64)
    if "weight_kg" in frame.collect_schema().names():
        given = nw.col("weight_kg").cast(nw.Float64)
        weight = nw.when((given > 0) & ~given.is_nan()).then(given)
    computed = nw.col("creatinine_g_per_l") * excreted_volume_l()
    comparator = (
        nw.when(computed.is_null())
        .then(nw.col("_creatinine_per_day_comparator"))
        .otherwise(nw.col("creatinine_comparator"))
    )
    return nw.coalesce(computed, nw.col("creatinine_g_per_day")) * MG_PER_G / weight, comparator


def completeness_conditions(frame: nw.LazyFrame[Any], catalogue: Catalogue) -> dict[str, Any]:
    """Return the quality codes of a timed collection with the expression that is true where each applies.

    A collection whose creatinine is only bounded is called incomplete or excessive where every amount that it may stand
    for is; otherwise its completeness is not known.
    """
    shortest, longest = _limits(catalogue, DURATION)
    least, most = _limits(catalogue, VOLUME)
    lower, upper = _limits(catalogue, CREATININE)
    hours, volume = nw.col("collection_hours"), nw.col("collection_volume_l")
    excreted, comparator = creatinine_mg_per_kg_day(frame)
    incomplete = surely_below(excreted, comparator, lower)
    excessive = surely_above(excreted, comparator, upper)
    judged = ~excreted.is_null() & ~(lower.is_null() & upper.is_null()) & (comparator == "")
    return {
        "collection_excessive": is_timed() & excessive,
        "collection_incomplete": is_timed() & incomplete,
        "collection_time_out_of_range": is_timed()
        & ((hours < shortest).fill_null(False) | (hours > longest).fill_null(False)),
        "collection_volume_low": is_timed() & ((volume < least).fill_null(False) | (volume > most).fill_null(False)),
        "completeness_unknown": is_timed() & ~judged & ~incomplete & ~excessive,
    }
