"""The reference interval for each result: chosen by rule, expanded to equality keys, joined once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue, Interval
from recal_labs.choices import Choices
from recal_labs.columns import INTEGER, NUMBER, TEXT
from recal_labs.errors import UnknownWordError
from recal_labs.normalise.frames import lookup
from recal_labs.normalise.units import conversion_table
from recal_labs.vocabulary import REFERENCE_SPECIMEN

KEYS = ("analyte_id", "reference_specimen", "position_basis", "sex", "age_key", "reference_fraction")

OLDEST_YEARS = 130
UNKNOWN_AGE = -1
# Months below two years, whole years from then on: one integer key, so that age bands are joined by equality.
YEARS_OFFSET = 100


def age_keys() -> dict[int, float]:
    """Return every age key with the age in years at the middle of its span."""
    months = {month: (month + 0.5) / 12.0 for month in range(24)}
    years = {YEARS_OFFSET + year: year + 0.5 for year in range(2, OLDEST_YEARS + 1)}
    return months | years


def age_key() -> Any:
    """Return the expression of a row's age key; unknown or impossible ages share one key of their own."""
    age = nw.col("age_years")
    # 1e-9: an age of exactly 7/12 years must not fall into its sixth month by rounding.
    months = (age * 12.0 + 1e-9).cast(nw.Int64)
    years = (age + 1e-9).cast(nw.Int64) + YEARS_OFFSET
    usable = (age >= 0) & (age <= OLDEST_YEARS)
    return (
        nw.when(~usable.fill_null(False)).then(UNKNOWN_AGE).when((age + 1e-9) < 2.0).then(months).otherwise(years)
    ).cast(nw.Int64)


def usable_intervals(catalogue: Catalogue, choices: Choices) -> list[Interval]:
    """Return the intervals that may be chosen: general use, no decision limits, an accepted quality.

    Raises
    ------
    UnknownWordError
        When a preferred source is not in the catalogue.
    """
    for source in choices.range_sources:
        if source not in catalogue.sources:
            raise UnknownWordError("range source", source, tuple(catalogue.sources), "choices")
    preferred = set(choices.range_sources)
    return [
        interval
        for interval in catalogue.intervals
        if not interval.condition
        and interval.kind != "decision_limit"
        and (interval.quality in choices.range_qualities or interval.source_id in preferred)
    ]


def _preference(interval: Interval, choices: Choices) -> tuple[Any, ...]:
    """Return the sort key of an interval: the smallest is chosen.

    Preferred sources first, then a printed age band before none (an interval without one is nearly always an adult's),
    better quality, a sex of its own before any, a positive two-sided interval before a one-sided one, an interval
    before an upper limit, then the source's name.
    """
    order = {source: place for place, source in enumerate(choices.range_sources)}
    two_sided = interval.lower > 0 and not math.isnan(interval.upper)
    ageless = math.isnan(interval.age_low) and math.isnan(interval.age_high)
    return (
        order.get(interval.source_id, len(order)),
        ageless,
        interval.quality,
        interval.sex == "any",
        not two_sided,
        interval.kind != "reference_interval",
        interval.source_id,
        interval.line,
    )


def _spans(interval: Interval) -> list[int]:
    ageless = math.isnan(interval.age_low) and math.isnan(interval.age_high)
    low = 0.0 if math.isnan(interval.age_low) else interval.age_low
    high = math.inf if math.isnan(interval.age_high) else interval.age_high
    inside = [key for key, middle in age_keys().items() if low <= middle < high]
    return [UNKNOWN_AGE, *inside] if ageless else inside


@lru_cache(maxsize=32)
def chosen_intervals(catalogue: Catalogue, choices: Choices) -> pl.DataFrame:
    """Return the one interval for every combination of keys, in the units that amounts are analysed in.

    Columns are the keys, then ``reference_low``, ``reference_high`` (missing when absent), ``reference_unit``,
    ``reference_source`` and ``reference_match``.
    """
    factors = {(c.analyte_id, c.unit): c for c in conversion_table(catalogue)}
    chosen: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for interval in sorted(usable_intervals(catalogue, choices), key=lambda i: _preference(i, choices)):
        conversion = factors.get((interval.analyte_id, interval.unit))
        if conversion is None:
            continue
        matters = catalogue.analytes[interval.analyte_id].fraction_matters
        ages = _spans(interval)
        sexes = ("female", "male", "unknown") if interval.sex == "any" else (interval.sex,)
        row: dict[str, Any] = {
            "reference_low": interval.lower * conversion.factor if not math.isnan(interval.lower) else None,
            "reference_high": interval.upper * conversion.factor if not math.isnan(interval.upper) else None,
            "reference_unit": conversion.amount_unit,
            "reference_source": interval.source_id,
            "reference_match": "wider_age" if UNKNOWN_AGE in ages else "exact",
        }
        basis = "as_reported" if conversion.basis == "as_reported" else interval.basis
        start = (interval.analyte_id, interval.specimen, basis)
        fraction = interval.fraction if matters else "unspecified"
        for sex in sexes:
            for age in ages:
                chosen.setdefault((*start, sex, age, fraction), row)
    kinds = {
        **dict.fromkeys(KEYS, TEXT),
        "age_key": INTEGER,
        "reference_low": NUMBER,
        "reference_high": NUMBER,
        "reference_unit": TEXT,
        "reference_source": TEXT,
        "reference_match": TEXT,
    }
    content: dict[str, list[Any]] = {name: [] for name in kinds}
    for key, fields in chosen.items():
        for name, part in zip(KEYS, key, strict=True):
            content[name].append(part)
        for name, value in fields.items():
            content[name].append(value)
    joined: pl.DataFrame = lookup(content, kinds, KEYS).to_native().collect()
    return joined


def add_reference(frame: nw.LazyFrame[Any], catalogue: Catalogue, choices: Choices) -> nw.LazyFrame[Any]:
    """Join the interval chosen for each row; where none fits, limits are missing and ``reference_match`` is none."""
    with_fraction = [analyte.id for analyte in catalogue.analytes.values() if analyte.fraction_matters]
    specimen = nw.col("specimen").replace_strict(
        list(REFERENCE_SPECIMEN), list(REFERENCE_SPECIMEN.values()), default=None, return_dtype=nw.String
    )
    frame = frame.with_columns(
        reference_specimen=specimen,
        age_key=age_key(),
        reference_fraction=nw.when(nw.col("analyte_id").is_in(with_fraction))
        .then(nw.col("fraction"))
        .otherwise(nw.lit("unspecified")),
    )
    table = nw.from_native(chosen_intervals(catalogue, choices).lazy())
    frame = frame.join(table, on=list(KEYS), how="left")
    return frame.with_columns(reference_match=nw.col("reference_match").fill_null("none")).drop("reference_specimen")
