"""The specimen's own measures of dilution: creatinine, specific gravity, volume and duration of its collection."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.choices import Choices
from recal_labs.normalise.bounds import surely_above, surely_below
from recal_labs.normalise.frames import ROW
from recal_labs.vocabulary import TIMED_SPECIMENS

# Water is 1; a number of 1.1 or more, such as 1020 for 1.020, is no density of urine (padova2001 saw up to 1.037).
USABLE_GRAVITY = (1.0, 1.1)

# What a specimen's rows of creatinine and specific gravity say of it.
CONTROLS = (
    "creatinine_g_per_l",
    "creatinine_comparator",
    "specific_gravity",
    "_gravity_comparator",
    "creatinine_g_per_day",
    "_creatinine_per_day_comparator",
    "_creatinines",
)


def _controls(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return one row a subject, specimen and time of day with what is known of its dilution."""
    measured = nw.col("analyte_id").is_in(["creatinine", "specific_gravity"])
    rows = frame.filter(measured & ~nw.col("specimen_id").is_null() & ~nw.col("quantity").is_null())
    quantity, comparator, current = nw.col("quantity"), nw.col("comparator"), nw.col("current")
    is_creatinine, positive = nw.col("analyte_id") == "creatinine", current & (quantity > 0)
    per_litre = is_creatinine & (nw.col("reported_basis") == "per_volume")
    per_day = is_creatinine & (nw.col("reported_basis") == "per_24h") & positive
    gravity = (nw.col("analyte_id") == "specific_gravity") & current
    # The same export sent twice is one creatinine, not several.
    standing = nw.col("stale").is_null() | (nw.col("stale") == "rerun")
    return (
        rows.with_columns(
            _exact=nw.when(per_litre & positive & (comparator == "")).then(quantity),
            _limit=nw.when(per_litre & positive & (comparator != "")).then(quantity),
            _limit_comparator=nw.when(per_litre & positive & (comparator != "")).then(comparator),
            specific_gravity=nw.when(gravity).then(quantity),
            _gravity_comparator=nw.when(gravity).then(comparator),
            creatinine_g_per_day=nw.when(per_day).then(quantity),
            _creatinine_per_day_comparator=nw.when(per_day).then(comparator),
            _standing=(per_litre & standing).cast(nw.Int64),
        )
        .group_by("_who", "specimen_id", "timepoint")
        .agg(
            *(nw.col(name).max() for name in CONTROLS[2:-1]),
            *(nw.col(name).max() for name in ("_exact", "_limit", "_limit_comparator")),
            nw.col("_limit_comparator").min().alias("_other_comparator"),
            nw.col("_standing").sum().alias("_creatinines"),
        )
        # A number stands before a limit; of limits on both sides ("free" <0.1, "total" >1) none can be taken.
        .with_columns(_agreed=nw.col("_limit_comparator") == nw.col("_other_comparator"))
        .with_columns(
            creatinine_g_per_l=nw.coalesce("_exact", nw.when(nw.col("_agreed")).then(nw.col("_limit"))),
            creatinine_comparator=nw.when(nw.col("_exact").is_null() & nw.col("_agreed")).then(
                nw.col("_limit_comparator")
            ),
        )
        .select("_who", "specimen_id", "timepoint", *CONTROLS)
    )


def add_dilution_controls(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add the specimen's creatinine and specific gravity to each of its rows.

    Only current rows are used, and of creatinine only a positive one; a censored one bounds what is divided by it. A
    specimen without an id has none. A row of a time of day takes them from its own time, and where that has none from
    rows without a time: the voids of a day are diluted differently, and a lab may report one value for all.

    A creatinine reported per 24 h only is divided by the volume of urine per 24 h. Of creatinines of unlike fractions a
    number stands before a limit.

    Adds ``creatinine_g_per_l`` and ``specific_gravity`` (of a censored one the limit), ``creatinine_comparator`` and
    ``_gravity_comparator``, ``creatinine_g_per_day`` (what the lab itself reported per 24 h) with its comparator, and
    ``_creatinines`` (how many stand per volume for one time).
    """
    # A join never matches a missing key, and specimens of nobody in particular have creatinines too.
    frame = frame.with_columns(_who=nw.col("subject_id").fill_null("\x00"))
    controls = _controls(frame)
    untimed = nw.col("timepoint") == ""
    own = {name: f"_own{name}" for name in CONTROLS}
    keys = ["_who", "specimen_id", "timepoint"]
    # By the row's number, for most tables have no times of day and three texts are dear to compare.
    timed = frame.filter(~untimed).select(ROW, *keys).join(controls.rename(own), on=keys, how="inner")
    frame = frame.join(controls.filter(untimed).drop("timepoint"), on=keys[:2], how="left")
    frame = frame.join(timed.drop(*keys), on=ROW, how="left")
    found = {name: nw.coalesce(own[name], name) for name in CONTROLS}
    for name in ("creatinine_comparator", "_gravity_comparator", "_creatinine_per_day_comparator"):
        found[name] = found[name].fill_null("")
    return _with_creatinine_of_day(frame.with_columns(**found)).drop("_who", *own.values())


def _with_creatinine_of_day(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Take a creatinine that was reported per 24 h only, divided by the volume of urine, where that is known."""
    concentration = nw.col("creatinine_g_per_day") / excreted_volume_l()
    missing = nw.col("creatinine_g_per_l").is_null() & ~concentration.is_null()
    return frame.with_columns(
        creatinine_g_per_l=nw.coalesce("creatinine_g_per_l", concentration),
        creatinine_comparator=nw.when(missing)
        .then(nw.col("_creatinine_per_day_comparator"))
        .otherwise(nw.col("creatinine_comparator")),
    )


def judge_dilution(frame: nw.LazyFrame[Any], choices: Choices) -> nw.LazyFrame[Any]:
    """Add ``dilution``: the specimen's creatinine against the accepted limits. Nothing is removed."""
    low, high = choices.creatinine_limits_g_per_l
    creatinine, comparator = nw.col("creatinine_g_per_l"), nw.col("creatinine_comparator")
    # Below 0.2 g/L is too dilute; below 0.5 g/L may be anything.
    too_dilute, too_concentrated = surely_below(creatinine, comparator, low), surely_above(creatinine, comparator, high)
    return frame.with_columns(
        dilution=nw.when(too_dilute)
        .then(nw.lit("too_dilute"))
        .when(too_concentrated)
        .then(nw.lit("too_concentrated"))
        .when(creatinine.is_null() | (comparator != ""))
        .then(nw.lit("unknown"))
        .otherwise(nw.lit("ok"))
    )


def has_usable_gravity() -> Any:
    """Return the expression that is true where the specimen has a specific gravity that a concentration can use."""
    return is_usable_gravity(nw.col("specific_gravity")).fill_null(False)


def is_usable_gravity(gravity: Any) -> Any:
    """Return the expression that is true where a number is the density of urine; null where there is none."""
    return (gravity > USABLE_GRAVITY[0]) & (gravity < USABLE_GRAVITY[1])


def is_gravity_low(choices: Choices) -> Any:
    """Return the expression that is true where specific gravity is surely below the accepted limit."""
    return surely_below(nw.col("specific_gravity"), nw.col("_gravity_comparator"), choices.specific_gravity_min)


def is_timed() -> Any:
    """Return the expression that is true for rows of a timed collection."""
    return nw.col("specimen").is_in(list(TIMED_SPECIMENS)).fill_null(False)


def excreted_volume_l() -> Any:
    """Return the expression of urine per 24 h in litres; null without a positive volume and duration."""
    volume, hours = nw.col("collection_volume_l"), nw.col("collection_hours")
    return nw.when((volume > 0) & (hours > 0)).then(volume * 24.0 / hours)
