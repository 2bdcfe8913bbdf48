"""The course of cortisol over a day: slope, area under the curve, peak to night; the pool beside it, never in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue
from recal_labs.columns import DIURNAL
from recal_labs.errors import UnknownAnalyteError
from recal_labs.normalise.derived_input import taken_in
from recal_labs.normalise.diurnal_points import DAY, NEEDED, NIGHT, POINTS, POOLED, points_of, timed_rows
from recal_labs.normalise.frames import ROW, close_frame

ASSUMPTIONS = (
    "urine holds what was excreted since the void before, so each amount stands for the hours before its clock time; "
    "slope and areas were described for saliva and plasma"
)


def _bounded(name: str, weight: Any, low: Any, high: Any) -> dict[str, Any]:
    """Return what a weighted sum of bounded terms needs: both ends of each term, and whether an end is missing.

    A term with a negative weight turns its bounds round. A term without weight counts for nothing, bounded or not.
    """
    up = weight > 0.0
    least = nw.when(up).then(weight * low).otherwise(weight * high)
    most = nw.when(up).then(weight * high).otherwise(weight * low)
    none = weight == 0.0
    return {
        f"_{name}_low": nw.when(none).then(nw.lit(0.0)).otherwise(least),
        f"_{name}_high": nw.when(none).then(nw.lit(0.0)).otherwise(most),
    }


def _summed(name: str) -> dict[str, Any]:
    return {
        f"{name}_low": nw.col(f"_{name}_low").sum().alias(f"{name}_low"),
        f"{name}_high": nw.col(f"_{name}_high").sum().alias(f"{name}_high"),
        f"_{name}_low_open": nw.col(f"_{name}_low").is_null().max().alias(f"_{name}_low_open"),
        f"_{name}_high_open": nw.col(f"_{name}_high").is_null().max().alias(f"_{name}_high_open"),
    }


def _with_terms(points: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add the terms of the three sums; each is linear in the amounts, or in their logarithms.

    Trapezoids give the first and last amount half of one interval, every other half of two. Of the area with respect to
    increase the first amount is taken away over all hours. The least-squares slope weighs each logarithm by its
    distance in time from the mean, over the sum of the squares of those distances.
    """
    hours, low, high = nw.col("_hours"), nw.col("_low"), nw.col("_high")
    points = points.with_columns(
        _width=(nw.col("_after") - nw.col("_before")) / 2.0,
        _span=hours.max().over(*DAY),
        _off=hours - hours.mean().over(*DAY),
    )
    points = points.with_columns(_squares=(nw.col("_off") * nw.col("_off")).sum().over(*DAY))
    base = nw.when(nw.col("_first")).then(nw.col("_span")).otherwise(nw.lit(0.0))
    # The logarithm of zero is no number: below a limit it has no lower bound.
    log_low, log_high = nw.when(low > 0.0).then(low).log(), nw.when(high > 0.0).then(high).log()
    return points.with_columns(
        **_bounded("auc_ground", nw.col("_width"), low, high),
        **_bounded("auc_increase", nw.col("_width") - base, low, high),
        **_bounded("slope", nw.col("_off") / nw.col("_squares"), log_low, log_high),
    )


def _per_day(points: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Sum a day up: its sums, the bounds of its highest amount but the night's, and what may be amiss."""
    sums = {**_summed("slope"), **_summed("auc_ground"), **_summed("auc_increase")}
    night, plain = nw.col("timepoint") == NIGHT, ~nw.col("_censored")
    in_order = nw.col("_first") | (nw.col("_hours") > nw.col("_before"))
    points = points.with_columns(
        _at_night=night,
        _in_order=in_order.fill_null(False),
        _below_zero=(nw.col("_low") < 0.0),
        _zero=plain & (nw.col("_low") <= 0.0),
        **{f"_{name}": nw.col("timepoint") == name for name in POINTS},
    )
    found = {
        "_others_low": nw.when(~nw.col("_at_night")).then(nw.col("_low")).max(),
        "_others_high": nw.when(~nw.col("_at_night")).then(nw.col("_high")).max(),
        "_others_open": (~nw.col("_at_night") & nw.col("_high").is_null()).max(),
        "_night_low": nw.when(nw.col("_at_night")).then(nw.col("_low")).max(),
        "_night_high": nw.when(nw.col("_at_night")).then(nw.col("_high")).max(),
        "n_points": nw.len(),
        "_hours": nw.col("_hours").max(),
        "_clocked": nw.col("_clock").min(),
        "_ordered": nw.col("_in_order").min(),
        "_any_censored": nw.col("_censored").max(),
        "_any_zero": nw.col("_zero").max(),
        "_any_below_zero": nw.col("_below_zero").max(),
        "amount_unit": nw.col("amount_unit").min(),
        "_last_unit": nw.col("amount_unit").max(),
        "basis": nw.col("basis").min(),
        "_last_basis": nw.col("basis").max(),
        **{f"_{name}": nw.col(f"_{name}").max() for name in POINTS},
    }
    days = points.group_by(*DAY).agg(*sums.values(), *(each.alias(name) for name, each in found.items()))
    named = [nw.when(nw.col(f"_{name}")).then(nw.lit(name)) for name in POINTS]
    n_kinds = sum(nw.col(f"_{name}").cast(nw.Int64) for name in POINTS)
    return days.with_columns(
        n_points=nw.col("n_points").cast(nw.Int64),
        timepoints=nw.concat_str(named, separator=";", ignore_nulls=True),
        minutes=nw.when(nw.col("_clocked")).then(nw.col("_hours") * 60.0),
        _several=nw.col("n_points").cast(nw.Int64) > n_kinds,
        _unlike=(nw.col("amount_unit") != nw.col("_last_unit")) | (nw.col("basis") != nw.col("_last_basis")),
    )


def _with_reasons(days: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    points = nw.col("n_points").fill_null(0)

    def reason(*more: tuple[Any, str]) -> Any:
        chain = nw.when(points < 2).then(nw.lit("one_point"))
        for holds, word in ((nw.col("_several"), "several_results"), (nw.col("_unlike"), "unlike_bases"), *more):
            chain = chain.when(holds.fill_null(False)).then(nw.lit(word))
        return chain.otherwise(nw.lit(""))

    clock = ((~nw.col("_clocked"), "no_clock_time"), (~nw.col("_ordered"), "times_out_of_order"))
    censored = (nw.col("_any_censored"), "censored")
    no_night = (nw.col("_night_low").is_null(), "no_night")
    return days.with_columns(
        slope_reason=reason(*clock, (nw.col("_any_zero"), "not_positive"), censored),
        auc_reason=reason(*clock, (nw.col("_any_below_zero"), "not_positive"), censored),
        peak_reason=reason(
            no_night, (nw.col("_any_below_zero") | (nw.col("_night_high") == 0.0), "not_positive"), censored
        ),
    )


def _with_sums(days: nw.LazyFrame[Any], name: str, reason: str) -> nw.LazyFrame[Any]:
    """Show a sum where it is one number, and its bounds where it is known within them."""
    told = nw.col(reason).is_in(["", "censored"])
    low, high = nw.col(f"{name}_low"), nw.col(f"{name}_high")
    return days.with_columns(
        **{
            name: nw.when(nw.col(reason) == "").then(low),
            f"{name}_low": nw.when(told & ~nw.col(f"_{name}_low_open")).then(low),
            f"{name}_high": nw.when(told & ~nw.col(f"_{name}_high_open")).then(high),
        }
    )


def _with_peak(days: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add peak to night; the night is one of the amounts, so that the difference is 0 or more, the ratio 1 or more."""
    known, told = nw.col("peak_reason") == "", nw.col("peak_reason").is_in(["", "censored"])
    low, high = nw.col("_others_low"), nw.when(~nw.col("_others_open")).then(nw.col("_others_high"))
    night_low, night_high = nw.col("_night_low"), nw.col("_night_high")

    def at_least(floor: float, number: Any) -> Any:
        return nw.when(number < floor).then(nw.lit(floor)).otherwise(number)

    least_ratio = at_least(1.0, (low / night_high).fill_null(1.0))
    bounds = {
        "difference": (at_least(0.0, (low - night_high).fill_null(0.0)), at_least(0.0, high - night_low)),
        "ratio": (least_ratio, at_least(1.0, nw.when(night_low > 0.0).then(high / night_low))),
    }
    shown: dict[str, Any] = {}
    for name, (least, most) in bounds.items():
        shown |= {
            f"peak_to_night_{name}": nw.when(known).then(most),
            f"peak_to_night_{name}_low": nw.when(told).then(least),
            f"peak_to_night_{name}_high": nw.when(told).then(most),
        }
    return days.with_columns(**shown)


def _pools(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the one pooled result of each day that has one."""
    pools = (
        rows.filter(nw.col("timepoint") == POOLED)
        .group_by(*DAY)
        .agg(
            _pools=nw.len(),
            pool_amount=nw.col("amount").max(),
            pool_comparator=nw.col("amount_comparator").max(),
            _pool_unit=nw.col("amount_unit").max(),
        )
    )
    return pools.filter(nw.col("_pools") == 1)


def _with_pool(days: nw.LazyFrame[Any], rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Set the pool beside the mean of the curve; they are compared, never added up."""
    days = days.join(_pools(rows), on=list(DAY), how="left")
    alike = (nw.col("_pool_unit") == nw.col("amount_unit")).fill_null(False)
    days = days.with_columns(
        time_weighted_mean=nw.when(nw.col("_hours") > 0.0).then(nw.col("auc_ground") / nw.col("_hours")),
        pool_amount=nw.when(alike).then(nw.col("pool_amount")),
        pool_comparator=nw.when(alike).then(nw.col("pool_comparator")).otherwise(nw.lit("")).fill_null(""),
    )
    exact = (nw.col("pool_comparator") == "") & (nw.col("pool_amount") > 0.0)
    return days.with_columns(
        mean_to_pool_ratio=nw.when(exact).then(nw.col("time_weighted_mean") / nw.col("pool_amount"))
    )


def diurnal_cortisol(normalised: Any, *, analyte_id: str = "cortisol", catalogue: Catalogue | None = None) -> Any:
    """Describe the course of cortisol over each day from timed specimens.

    Parameters
    ----------
    normalised : Normalised, or pandas DataFrame, Polars DataFrame or Polars LazyFrame
        What `normalise` returned, or its frame. Only current results with a time of day (waking, morning, afternoon,
        night, pooled) are used. Their amounts are those of the basis chosen: per gram of creatinine for single voids.
    analyte_id : str
        Any analyte that is measured at times of the day.
    catalogue : Catalogue, optional
        Default: that of a `Normalised`, else the built-in one.

    Returns
    -------
    DataFrame
        The `diurnal` table of `recal_labs.columns`, of the kind of frame that came in, one row for each day of each
        person. Every number that is missing has its reason; with a censored point the number is missing and its bounds
        are given.

    Raises
    ------
    UnknownAnalyteError
        When the catalogue does not hold the analyte.
    TableError
        When the frame was not normalised.

    Notes
    -----
    A day is one date of one person; a night specimen taken before noon was taken after midnight and belongs to the day
    before. Without dates, rows that name one specimen make one day. Slope and areas need clock times to the minute.

    ``slope`` is the least-squares slope of ln(amount) on hours since waking (as in jcem2009_slope; a slope does not
    depend on where the hours begin). ``auc_ground`` is the trapezoid area of the amounts over time, ``auc_increase``
    that area less the first amount times all hours (pruessner2003). ``time_weighted_mean`` is the area over the hours.
    ``peak_to_night_difference`` and ``_ratio`` set the highest amount of the day against the night's; they are plain
    descriptions. The pool stands beside the curve and never enters it.

    The formulas were described for saliva and plasma, which show one moment. Urine holds what was excreted since the
    void before, so that its curve is later and flatter. One day says little: of saliva, ten days were needed for a
    reliable slope and four to eight for an area (segerstrom2014).

    Examples
    --------
    >>> import pandas as pd
    >>> from recal_labs.normalise import normalise
    >>> results = pd.DataFrame({
    ...     "subject_id": "S1", "specimen_id": ["U1", "U2", "U3", "U4"], "specimen": "urine_spot",
    ...     "timepoint": ["waking", "morning", "afternoon", "night"], "collected_precision": "minute",
    ...     "collected_at": pd.to_datetime(["2026-01-05 07:00", "2026-01-05 09:00", "2026-01-05 15:00",
    ...                                     "2026-01-05 23:00"]),
    ...     "analyte_id": "cortisol", "comparator": "", "value": [40.0, 48.0, 20.0, 8.0], "unit": "ug/g{creat}"})
    >>> day = diurnal_cortisol(normalise(results)).iloc[0]
    >>> day[["slope", "auc_ground", "auc_increase", "peak_to_night_ratio"]].astype(float).round(3).tolist()
    [-0.111, 404.0, -236.0, 6.0]
    """
    opened, catalogue = taken_in(normalised, catalogue, "diurnal_cortisol")
    if analyte_id not in catalogue.analytes:
        raise UnknownAnalyteError(analyte_id, tuple(catalogue.analytes), "diurnal_cortisol")
    rows = timed_rows(opened.inside.select(ROW, *NEEDED), analyte_id)
    timed = rows.filter(nw.col("timepoint") != POOLED)
    days = timed.group_by(*DAY).agg(nw.col("subject_id").min(), nw.col("day").min(), nw.col(ROW).min())
    days = days.join(_per_day(_with_terms(points_of(rows))), on=list(DAY), how="left")
    days = _with_reasons(days)
    for name in ("auc_ground", "auc_increase"):
        days = _with_sums(days, name, "auc_reason")
    days = _with_pool(_with_peak(_with_sums(days, "slope", "slope_reason")), rows)
    days = days.with_columns(
        n_points=nw.col("n_points").fill_null(0),
        timepoints=nw.col("timepoints").fill_null(""),
        analyte_id=nw.lit(analyte_id),
        assumptions=nw.lit(ASSUMPTIONS),
    )
    return close_frame(days, replace(opened, extra=()), DIURNAL.names)
