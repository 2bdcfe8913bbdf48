"""The keys that an interval is looked up by: analyte, specimen, basis, sex, age and fraction, joined by equality."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue, Interval
from recal_labs.columns import INTEGER, TEXT
from recal_labs.normalise.units import AS_REPORTED, Conversion
from recal_labs.vocabulary import REFERENCE_SPECIMEN, SEXES

KEYS = ("analyte_id", "reference_specimen", "position_basis", "sex", "age_key", "reference_fraction")
KEY_KINDS: Mapping[str, str] = {**dict.fromkeys(KEYS, TEXT), "age_key": INTEGER}

OLDEST_YEARS = 130
UNKNOWN_AGE = -1
ADULT_YEARS = 18.0
UNKNOWN_SEX = "unknown"
# Months below two years, whole years from then on: one integer key, so that age bands are joined by equality. Six keys
# as they are beat one packed into an integer: 1.0 s against 1.3 to 2.6 s for 5 million rows, in as much memory.
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


def add_keys(frame: nw.LazyFrame[Any], catalogue: Catalogue) -> nw.LazyFrame[Any]:
    """Add the keys that an interval is looked up by: ``reference_specimen``, ``age_key``, ``reference_fraction``.

    Dried urine has no ``reference_specimen``: no source made its interval from it, and none for liquid urine is lent to
    it. The fraction is a key where free and total differ; what a report does not say stays unspecified, and meets only
    intervals whose source does not say it either.
    """
    with_fraction = [analyte.id for analyte in catalogue.analytes.values() if analyte.fraction_matters]
    return frame.with_columns(
        reference_specimen=nw.col("specimen").replace_strict(
            list(REFERENCE_SPECIMEN), list(REFERENCE_SPECIMEN.values()), default=None, return_dtype=nw.String
        ),
        age_key=age_key(),
        reference_fraction=nw.when(nw.col("analyte_id").is_in(with_fraction))
        .then(nw.col("fraction"))
        .otherwise(nw.lit("unspecified")),
    )


def is_ageless(interval: Interval) -> bool:
    """Tell whether the source prints no age."""
    return math.isnan(interval.age_low) and math.isnan(interval.age_high)


def _ages(interval: Interval) -> list[int]:
    """Return the age keys of the interval's band; of one without a band adults and unknown ages.

    What a source prints without an age is an adult's, and a child is no small adult.
    """
    without = ADULT_YEARS if is_ageless(interval) else 0.0
    low = without if math.isnan(interval.age_low) else interval.age_low
    high = math.inf if math.isnan(interval.age_high) else interval.age_high
    inside = [key for key, middle in age_keys().items() if low <= middle < high]
    return [UNKNOWN_AGE, *inside] if is_ageless(interval) else inside


def basis_of_interval(interval: Interval, conversion: Conversion) -> str:
    """Return the basis that results are on when an interval is held against them."""
    return AS_REPORTED if conversion.basis == AS_REPORTED else interval.basis


def _start(interval: Interval, conversion: Conversion) -> tuple[str, str, str]:
    return interval.analyte_id, interval.specimen, basis_of_interval(interval, conversion)


def _fraction(interval: Interval, catalogue: Catalogue) -> str:
    return interval.fraction if catalogue.analytes[interval.analyte_id].fraction_matters else "unspecified"


def keys_of(interval: Interval, conversion: Conversion, catalogue: Catalogue) -> Iterator[tuple[Any, ...]]:
    """Yield every combination of `KEYS` that an interval applies to."""
    start, fraction = _start(interval, conversion), _fraction(interval, catalogue)
    for sex in tuple(SEXES) if interval.sex == "any" else (interval.sex,):
        for age in _ages(interval):
            yield (*start, sex, age, fraction)


def unknowns_of(
    interval: Interval, conversion: Conversion, catalogue: Catalogue
) -> Iterator[tuple[tuple[Any, ...], tuple[bool, bool]]]:
    """Yield keys of unknown age or sex that an interval may apply to, and whether age and sex must be known for it."""
    start, fraction = _start(interval, conversion), _fraction(interval, catalogue)
    banded, sexed = not is_ageless(interval), interval.sex != "any"
    sexes = (interval.sex,) if sexed else tuple(SEXES)
    if banded:
        for sex in sexes:
            yield (*start, sex, UNKNOWN_AGE, fraction), (True, False)
    if sexed:
        for age in _ages(interval):
            yield (*start, UNKNOWN_SEX, age, fraction), (False, True)
        if banded:
            yield (*start, UNKNOWN_SEX, UNKNOWN_AGE, fraction), (True, True)
