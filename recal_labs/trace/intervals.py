"""The intervals that a result could have been held against: those that fit, in order of preference, and the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue, Interval
from recal_labs.choices import Choices
from recal_labs.normalise.interval_keys import KEYS, add_keys, keys_of, unknowns_of
from recal_labs.normalise.reference import convertible, limits_in_amounts, preference, usable_intervals
from recal_labs.normalise.units import Conversion
from recal_labs.trace.context import Traced

# What each place of reference.preference asks for, in words; the first that tells two intervals apart decides.
RULES = (
    "is named first in range_sources",
    "is for a condition that range_conditions names",
    "has an age band",
    "is from a source of better quality",
    "is for this sex alone",
    "has both limits, above zero",
    "is a reference interval, not an upper limit alone",
    "is from the source whose name comes first",
    "stands first in the file",
)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """An interval that fits a result, in the unit that its amounts are analysed in.

    Parameters
    ----------
    interval : Interval
        As the source prints it.
    factor : float
        From its unit into `unit`.
    unit : str
    low, high : float or None
    why : str
        Why it was taken before the next one, or passed over.
    lacks : str
        What must be known of the person to tell whether it fits: age, sex, age and sex; empty when nothing.
    """

    interval: Interval
    factor: float
    unit: str
    low: float | None
    high: float | None
    why: str = ""
    lacks: str = ""


def _candidate(interval: Interval, conversion: Conversion, why: str, lacks: str = "") -> Candidate:
    low, high = limits_in_amounts(interval, conversion)
    return Candidate(
        interval=interval,
        factor=conversion.factor,
        unit=conversion.amount_unit,
        low=low,
        high=high,
        why=why,
        lacks=lacks,
    )


def deciding_rule(first: Interval, other: Interval, choices: Choices) -> str:
    """Return the rule by which one interval comes before another."""
    keys = zip(preference(first, choices), preference(other, choices), strict=True)
    return next((rule for rule, (one, two) in zip(RULES, keys, strict=True) if one != two), RULES[-1])


LOOKED_UP_BY = ("analyte_id", "specimen", "fraction", "age_years", "sex", "position_basis")


@lru_cache(maxsize=4096)
def _key(catalogue: Catalogue, *values: object) -> tuple[object, ...]:
    """Return the `KEYS` of a result from its values of `LOOKED_UP_BY`."""
    kinds = {**dict.fromkeys(LOOKED_UP_BY, pl.String), "age_years": pl.Float64}
    row = pl.LazyFrame({name: [value] for name, value in zip(LOOKED_UP_BY, values, strict=True)}, schema=kinds)
    keyed = add_keys(nw.from_native(row), catalogue).to_native().collect()
    return tuple(keyed.select(KEYS).row(0))


def _left_aside(interval: Interval, choices: Choices) -> str:
    if interval.kind == "decision_limit":
        return "a decision limit is no reference interval"
    if interval.condition and interval.condition not in choices.range_conditions:
        return f"for a condition: {interval.condition}"
    return f"quality {interval.quality} is not among range_qualities"


def _waiting(
    key: tuple[object, ...], intervals: list[Interval], catalogue: Catalogue, choices: Choices
) -> list[Candidate]:
    """Return the intervals that agree in all that is known, and need the age or the sex that is not."""
    found = []
    for interval, conversion in convertible(intervals, catalogue, choices):
        needs = next((needs for asked, needs in unknowns_of(interval, conversion, catalogue) if asked == key), None)
        if needs is not None:
            lacks = " and ".join(word for word, needed in zip(("age", "sex"), needs, strict=True) if needed)
            verb = "are" if all(needs) else "is"
            found.append(_candidate(interval, conversion, f"{lacks} {verb} unknown; all else fits", lacks))
    return found


def candidates(at: Traced) -> tuple[list[Candidate], list[Candidate]]:
    """Return the intervals that fit a result, the chosen one first, and the others.

    The others would fit if age or sex were known, those first, or fit and may not be chosen.
    """
    return _for_key(_key(at.catalogue, *(at[name] for name in LOOKED_UP_BY)), at.catalogue, at.choices)


@lru_cache(maxsize=4096)
def _for_key(
    key: tuple[object, ...], catalogue: Catalogue, choices: Choices
) -> tuple[list[Candidate], list[Candidate]]:
    own = [interval for interval in catalogue.intervals if interval.analyte_id == key[KEYS.index("analyte_id")]]
    usable = {id(interval) for interval in usable_intervals(catalogue, choices)}

    def fitting(intervals: list[Interval], under: Choices) -> list[tuple[Interval, Conversion]]:
        return [
            (interval, conversion)
            for interval, conversion in convertible(intervals, catalogue, under)
            if key in set(keys_of(interval, conversion, catalogue))
        ]

    allowed = fitting([interval for interval in own if id(interval) in usable], choices)
    fits = [
        _candidate(interval, conversion, _why(place, interval, [one for one, _ in allowed], choices))
        for place, (interval, conversion) in enumerate(allowed)
    ]
    rest = [interval for interval in own if id(interval) not in usable]
    # Preference knows the conditions that are named only; here they are all to be listed.
    wider = choices.with_changes(range_conditions=tuple(sorted({i.condition for i in rest if i.condition})))
    aside = [
        _candidate(interval, conversion, _left_aside(interval, choices))
        for interval, conversion in fitting(rest, wider)
    ]
    waiting = _waiting(key, [interval for interval in own if id(interval) in usable], catalogue, choices)
    return fits, [*waiting, *aside]


def _why(place: int, interval: Interval, ordered: list[Interval], choices: Choices) -> str:
    """Say why an interval comes first, or what the first one has before it."""
    if place:
        return f"the chosen one {deciding_rule(ordered[0], interval, choices)}"
    return f"it {deciding_rule(interval, ordered[1], choices)}" if len(ordered) > 1 else ""
