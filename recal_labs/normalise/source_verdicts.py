"""What every source says of every result: all intervals that apply, not the one chosen, and L, N or H by each."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue, Interval
from recal_labs.choices import REPORTED_BY_LAB, Choices
from recal_labs.normalise.interval_keys import (
    KEY_KINDS,
    KEYS,
    UNKNOWN_AGE,
    YEARS_OFFSET,
    add_keys,
    is_ageless,
    keys_of,
)
from recal_labs.normalise.one_form import NEEDED as FORM
from recal_labs.normalise.one_form import one_form_each
from recal_labs.normalise.position import interpretation_of
from recal_labs.normalise.reference import convertible, limits_in_amounts, usable_intervals
from recal_labs.vocabulary import REFERENCE_SPECIMEN

# What results are told apart by before their sources are compared; fraction and specimen as intervals know them.
GROUP = ("analyte_id", "fraction", "specimen", "basis")
PLACED = ("L", "N", "H")
COLLECTIONS = tuple(dict.fromkeys(REFERENCE_SPECIMEN.values()))
# An interval whose source prints no age is nearly always an adult's (reference_ranges/README.md). As the last resort
# for a position it is better than none; held against a child it would only make up a disagreement.
ADULT_KEY = YEARS_OFFSET + 18


def speaks(interval: Interval, key: tuple[Any, ...]) -> bool:
    """Tell whether an interval is asked about the age of a key: one without an age about adults and unknown ages."""
    return not (is_ageless(interval) and UNKNOWN_AGE < key[KEYS.index("age_key")] < ADULT_KEY)


@lru_cache(maxsize=16)
def intervals_by_source(
    catalogue: Catalogue, qualities: tuple[str, ...], conditions: tuple[str, ...], across_collections: bool
) -> pl.DataFrame:
    """Return one interval a combination of keys, source and condition.

    Parameters
    ----------
    catalogue : Catalogue
    qualities : tuple of str
        Qualities of sources that count.
    conditions : tuple of str
        Conditions whose intervals count, each as a source of its own beside the source's general one.
    across_collections : bool
        Whether an interval also applies to another kind of collection on the same basis.

    Returns
    -------
    DataFrame
        `KEYS`, source_id, condition, quality, place (of the interval in ``catalogue.intervals``), low and high in
        amount units. Of several intervals of one source the one is taken that `normalise` would prefer; one without an
        age is asked about adults and people of unknown age only.
    """
    choices = Choices(range_qualities=qualities, range_conditions=conditions)
    places = {id(interval): place for place, interval in enumerate(catalogue.intervals)}
    found: dict[tuple[Any, ...], tuple[str, int, float | None, float | None]] = {}
    candidates = list(convertible(usable_intervals(catalogue, choices), catalogue, choices))
    specimen = KEYS.index("reference_specimen")
    for own in (True, False) if across_collections else (True,):
        for interval, conversion in candidates:
            value = (interval.quality, places[id(interval)], *limits_in_amounts(interval, conversion))
            lent = [name for name in COLLECTIONS if (name == interval.specimen) is own]
            for key in keys_of(interval, conversion, catalogue):
                if not speaks(interval, key):
                    continue
                for name in lent:
                    moved = (*key[:specimen], name, *key[specimen + 1 :])
                    found.setdefault((*moved, interval.source_id, interval.condition), value)
    kinds = {
        **{name: pl.Int64 if kind == "integer" else pl.String for name, kind in KEY_KINDS.items()},
        "source_id": pl.String,
        "condition": pl.String,
        "quality": pl.String,
        "place": pl.Int64,
        "low": pl.Float64,
        "high": pl.Float64,
    }
    return pl.DataFrame([(*key, *value) for key, value in found.items()], schema=kinds, orient="row")


def with_groups(frame: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return current rows that have a basis, with the keys of intervals and the columns of `GROUP`.

    A result that the lab printed per volume and per gram of creatinine is placed once, where the frame says which
    specimen each row is of.
    """
    standing = frame.lazy().filter(pl.col("current").fill_null(True) & pl.col("position_basis").is_not_null())
    if set(FORM) <= set(frame.columns):
        standing = one_form_each(standing, amount="position_amount", basis="position_basis").sort("row")
    keyed: pl.DataFrame = add_keys(nw.from_native(standing), catalogue).to_native().collect()
    return keyed.with_columns(
        fraction=pl.col("reference_fraction"),
        specimen=pl.coalesce("reference_specimen", "specimen"),
        basis=pl.col("position_basis"),
    )


def verdicts_by_source(rows: pl.DataFrame, intervals: pl.DataFrame) -> pl.DataFrame:
    """Return one row a result and source that places it or leaves it open (IND).

    Parameters
    ----------
    rows : DataFrame
        As made by `with_groups`.
    intervals : DataFrame
        As made by `intervals_by_source`. Several intervals apply to a row on purpose: one a source.

    Returns
    -------
    DataFrame
        row, `GROUP`, amount, comparator, source_id, condition, quality, place, verdict. The range that the lab printed
        is one more source, ``reported_by_lab``, without a quality and without a place.
    """
    named = {"amount": pl.col("position_amount"), "comparator": pl.col("position_comparator").fill_null("")}
    rows = rows.with_columns(**named)
    kept = ("row", *GROUP, "amount", "comparator", "source_id", "condition", "quality", "place", "verdict")
    joined = rows.lazy().join(intervals.lazy(), on=list(KEYS), how="inner")
    verdict = interpretation_of(nw.col("amount"), nw.col("comparator"), nw.col("low"), nw.col("high"))
    by_source: pl.DataFrame = nw.from_native(joined).with_columns(verdict=verdict).select(*kept).to_native().collect()
    printed = rows.with_columns(
        source_id=pl.lit(REPORTED_BY_LAB),
        condition=pl.lit(""),
        quality=pl.lit(""),
        place=pl.lit(None, dtype=pl.Int64),
        verdict=pl.col("lab_interpretation").fill_null(""),
    ).select(kept)
    return pl.concat([by_source, printed]).filter(pl.col("verdict") != "").sort("row", "source_id", "condition")
