"""The reference interval for each result: chosen by rule, expanded to equality keys, joined once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue, Interval
from recal_labs.choices import REPORTED_BY_LAB, Choices
from recal_labs.columns import FLAG, NUMBER, TEXT
from recal_labs.errors import ChoiceError, UnknownWordError, nearest
from recal_labs.normalise.frames import lookup
from recal_labs.normalise.interval_keys import KEY_KINDS, KEYS, add_keys, is_ageless, keys_of, unknowns_of
from recal_labs.normalise.printed_range import prefer_printed_range
from recal_labs.normalise.units import Conversion, conversion_table

UNLIMITED: Mapping[str, Any] = {
    "reference_low": None,
    "reference_high": None,
    "reference_unit": None,
    "reference_source": None,
    "reference_match": "none",
    "_before_printed": False,
}


def usable_intervals(catalogue: Catalogue, choices: Choices) -> list[Interval]:
    """Return the intervals that may be chosen: general use or a named condition, no decision limits, a fit quality.

    Raises
    ------
    UnknownWordError
        When a preferred source is not in the catalogue.
    ChoiceError
        When no reference interval of the catalogue has a condition that is named, or a source has the name of the lab's
        own printed range.
    """
    if REPORTED_BY_LAB in catalogue.sources:
        raise ChoiceError(
            f"The catalogue has a source {REPORTED_BY_LAB!r}; that word stands for the range that the lab printed. "
            "Give the source another id in sources.csv and reference_intervals.csv."
        )
    for source in choices.range_sources:
        if source not in catalogue.sources and source != REPORTED_BY_LAB:
            raise UnknownWordError("range source", source, (REPORTED_BY_LAB, *catalogue.sources), "choices")
    check_conditions(catalogue, choices.range_conditions)
    preferred = set(choices.range_sources)
    return [
        interval
        for interval in catalogue.intervals
        if interval.condition in ("", *choices.range_conditions)
        and interval.kind != "decision_limit"
        and (interval.quality in choices.range_qualities or interval.source_id in preferred)
    ]


def check_conditions(catalogue: Catalogue, conditions: tuple[str, ...]) -> None:
    """Refuse a condition that no reference interval of the catalogue has.

    Raises
    ------
    ChoiceError
        With the conditions that there are.
    """
    known = sorted({i.condition for i in catalogue.intervals if i.condition and i.kind != "decision_limit"})
    decisions = {i.condition for i in catalogue.intervals if i.kind == "decision_limit"}
    for word in conditions:
        if word in known:
            continue
        why = (
            "stands only on decision limits, which are never chosen"
            if word in decisions and word
            else "is on no interval of the catalogue"
        )
        listing = "; ".join(known) or "none"
        raise ChoiceError(f"range_conditions: {word!r} {why}.{nearest(word, known)} Known conditions: {listing}.")


def two_sided(interval: Interval) -> bool:
    """Tell whether an interval has a positive lower limit and an upper one."""
    return interval.lower > 0 and not math.isnan(interval.upper)


def preference(interval: Interval, choices: Choices) -> tuple[Any, ...]:
    """Return the sort key of an interval: the smallest is chosen.

    Preferred sources first, then a condition that was named before general use, a printed age band before none (an
    interval without one is nearly always an adult's), better quality, a sex of its own before any, a positive two-sided
    interval before a one-sided one, an interval before an upper limit, then the source's name.
    """
    order = {source: place for place, source in enumerate(choices.range_sources)}
    conditions = (*choices.range_conditions, "")
    return (
        order.get(interval.source_id, len(order)),
        conditions.index(interval.condition),
        is_ageless(interval),
        interval.quality,
        interval.sex == "any",
        not two_sided(interval),
        interval.kind != "reference_interval",
        interval.source_id,
        interval.line,
    )


def limits_in_amounts(interval: Interval, conversion: Conversion) -> tuple[float | None, float | None]:
    """Return lower and upper limit in the unit that amounts are analysed in; None where there is none."""
    low, high = interval.lower * conversion.factor, interval.upper * conversion.factor
    return None if math.isnan(low) else low, None if math.isnan(high) else high


def convertible(
    intervals: list[Interval], catalogue: Catalogue, choices: Choices
) -> Iterator[tuple[Interval, Conversion]]:
    """Yield intervals in the order of preference, each with the conversion of its unit."""
    factors = {(c.analyte_id, c.unit): c for c in conversion_table(catalogue)}
    for interval in sorted(intervals, key=lambda i: preference(i, choices)):
        conversion = factors.get((interval.analyte_id, interval.unit))
        if conversion is not None:
            yield interval, conversion


@lru_cache(maxsize=32)
def chosen_intervals(catalogue: Catalogue, choices: Choices) -> pl.DataFrame:
    """Return the one interval for every combination of keys, in the units that amounts are analysed in.

    Columns are the keys, then ``reference_low``, ``reference_high`` (missing when absent), ``reference_unit``,
    ``reference_source``, ``reference_match``, ``_before_printed`` (its source is named before the lab's printed range)
    and ``_needs_age``, ``_needs_sex``: no interval can be chosen here as long as age or sex is unknown.
    """
    order = {source: place for place, source in enumerate(choices.range_sources)}
    printed = order.get(REPORTED_BY_LAB, len(order))
    candidates = list(convertible(usable_intervals(catalogue, choices), catalogue, choices))
    chosen: dict[tuple[Any, ...], dict[str, Any]] = {}
    for interval, conversion in candidates:
        low, high = limits_in_amounts(interval, conversion)
        wider = "wider_age" if is_ageless(interval) else "exact"
        row: dict[str, Any] = {
            "reference_low": low,
            "reference_high": high,
            "reference_unit": conversion.amount_unit,
            "reference_source": interval.source_id,
            "reference_match": "condition" if interval.condition else wider,
            "_before_printed": order.get(interval.source_id, len(order)) < printed,
        }
        for key in keys_of(interval, conversion, catalogue):
            chosen.setdefault(key, row)
    needs: dict[tuple[Any, ...], tuple[bool, bool]] = {}
    for interval, conversion in candidates:
        for key, (age, sex) in unknowns_of(interval, conversion, catalogue):
            if key not in chosen:
                before = needs.get(key, (False, False))
                needs[key] = (before[0] or age, before[1] or sex)
    return _lookup_of(chosen, needs)


def _lookup_of(
    chosen: Mapping[tuple[Any, ...], Mapping[str, Any]], needs: Mapping[tuple[Any, ...], tuple[bool, bool]]
) -> pl.DataFrame:
    kinds = {
        **KEY_KINDS,
        "reference_low": NUMBER,
        "reference_high": NUMBER,
        "reference_unit": TEXT,
        "reference_source": TEXT,
        "reference_match": TEXT,
        "_before_printed": FLAG,
        "_needs_age": FLAG,
        "_needs_sex": FLAG,
    }
    content: dict[str, list[Any]] = {name: [] for name in kinds}
    for key, fields in (*chosen.items(), *((key, UNLIMITED) for key in needs)):
        age, sex = needs.get(key, (False, False))
        row = dict(zip(KEYS, key, strict=True)) | dict(fields) | {"_needs_age": age, "_needs_sex": sex}
        for name, value in row.items():
            content[name].append(value)
    joined: pl.DataFrame = lookup(content, kinds, KEYS).to_native().collect()
    return joined


def add_reference(frame: nw.LazyFrame[Any], catalogue: Catalogue, choices: Choices) -> nw.LazyFrame[Any]:
    """Join the interval chosen for each row; where none fits, limits are missing and ``reference_match`` is none.

    The range that the lab printed takes its place among the named sources: it is used where no source named before it
    has an interval for the row, and then before all others.
    """
    table = nw.from_native(chosen_intervals(catalogue, choices).lazy())
    frame = add_keys(frame, catalogue).join(table, on=list(KEYS), how="left")
    flags = ("_before_printed", "_needs_age", "_needs_sex")
    frame = frame.with_columns(
        *(nw.col(flag).fill_null(False) for flag in flags), reference_match=nw.col("reference_match").fill_null("none")
    )
    if REPORTED_BY_LAB in choices.range_sources:
        frame = prefer_printed_range(frame, catalogue)
    return frame.drop("reference_specimen", "_before_printed")
