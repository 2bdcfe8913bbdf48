"""The course of cortisol over a day: slope, area under the curve, peak to night; the pool beside it, never in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import add, or_
from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue
from recal_labs.columns import DIURNAL
from recal_labs.errors import UnknownAnalyteError
from recal_labs.normalise.derived_input import taken_in
from recal_labs.normalise.diurnal_points import DAY, NEEDED, POINTS, POOLED, days_of, points_of, timed_rows
from recal_labs.normalise.frames import ROW, close_frame

ASSUMPTIONS = (
    "urine holds what was excreted since the void before, so each amount stands for the hours before its clock time; "
    "slope and areas were described for saliva and plasma"
)
# The points of a day by their place, the night last.
NUMBERED = tuple(range(len(POINTS)))
LAST = NUMBERED[-1]
# Each number with the column that says why it is missing.
SHOWN = {
    "slope": "slope_reason",
    "auc_ground": "auc_reason",
    "auc_increase": "auc_reason",
    "peak_to_night_difference": "peak_reason",
    "peak_to_night_ratio": "peak_reason",
}


def _bounded_sum(weights: Sequence[Any], lows: Sequence[Any], highs: Sequence[Any]) -> tuple[Any, Any]:
    """Return the least and the most of a weighted sum of bounded terms; missing where it has no such end.

    A term with a negative weight turns its bounds round. A term without weight counts for nothing, bounded or not, and
    so does one of a point that there is not.
    """
    ends = []
    for up, down in ((lows, highs), (highs, lows)):
        terms = []
        for k, weight in enumerate(weights):
            bound = nw.when(weight > 0.0).then(weight * up[k]).otherwise(weight * down[k])
            nothing = ~nw.col(f"_is_{k}") | (weight == 0.0).fill_null(False)
            terms.append(nw.when(nothing).then(nw.lit(0.0)).otherwise(bound))
        ends.append(reduce(add, terms))
    return ends[0], ends[1]


def _with_sums(days: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add the bounds of the three sums; each is linear in the amounts, or in their logarithms.

    Trapezoids give the first and last amount half of one interval, every other half of two. Of the area with respect to
    increase the first amount is taken away over all hours. The least-squares slope weighs each logarithm by its
    distance in time from the mean, over the sum of the squares of those distances.
    """
    hours = [nw.col(f"_hour_{k}") for k in NUMBERED]
    mean = reduce(add, (hour.fill_null(0.0) for hour in hours)) / nw.col("n_points")
    days = days.with_columns(**{f"_off_{k}": hours[k] - mean for k in NUMBERED})
    off = [nw.col(f"_off_{k}") for k in NUMBERED]
    squares = reduce(add, ((each * each).fill_null(0.0) for each in off))
    widths = [(nw.col(f"_after_{k}") - nw.col(f"_before_{k}")) / 2.0 for k in NUMBERED]
    first = [nw.when(hour == nw.col("_first_hour")).then(nw.col("_hours")).otherwise(nw.lit(0.0)) for hour in hours]
    lows, highs = [nw.col(f"_low_{k}") for k in NUMBERED], [nw.col(f"_high_{k}") for k in NUMBERED]
    # The logarithm of zero is no number: below a limit it has no lower bound.
    logs = [[nw.when(each > 0.0).then(each).log() for each in ends] for ends in (lows, highs)]
    sums = {
        "slope": _bounded_sum([each / squares for each in off], *logs),
        "auc_ground": _bounded_sum(widths, lows, highs),
        "auc_increase": _bounded_sum([w - base for w, base in zip(widths, first, strict=True)], lows, highs),
    }
    ends = {f"{name}_{end}": sums[name][i] for name in sums for i, end in enumerate(("low", "high"))}
    return days.with_columns(**ends, minutes=nw.when(nw.col("_clocked")).then(nw.col("_hours") * 60.0))


def _with_reasons(days: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    def reason(*more: tuple[Any, str]) -> Any:
        chain = nw.when(nw.col("n_points") < 2).then(nw.lit("one_point"))
        for holds, word in ((nw.col("_several"), "several_results"), (nw.col("_unlike"), "unlike_bases"), *more):
            chain = chain.when(holds.fill_null(False)).then(nw.lit(word))
        return chain.otherwise(nw.lit(""))

    clock = ((~nw.col("_clocked"), "no_clock_time"), (~nw.col("_ordered"), "times_out_of_order"))
    censored = (nw.col("_any_censored"), "censored")
    no_night = (~nw.col(f"_is_{LAST}"), "no_night")
    nothing = nw.col("_any_negative") | (nw.col(f"_high_{LAST}") == 0.0)
    return days.with_columns(
        slope_reason=reason(*clock, (nw.col("_any_zero"), "not_positive"), censored),
        auc_reason=reason(*clock, (nw.col("_any_negative"), "not_positive"), censored),
        peak_reason=reason(no_night, (nothing, "not_positive"), censored),
    )


def _shown(days: nw.LazyFrame[Any], name: str, reason: str) -> nw.LazyFrame[Any]:
    """Show a number where its bounds agree, and the bounds where it is known within them.

    A censored point need not touch a number: one that is neither peak nor night leaves peak to night as it is.
    """
    told = nw.col(reason).is_in(["", "censored"])
    low, high = nw.col(f"{name}_low"), nw.col(f"{name}_high")
    known = told & (low == high).fill_null(False)
    return days.with_columns(
        nw.when(known).then(nw.lit("")).otherwise(nw.col(reason)).alias(reason),
        nw.when(known).then(low).alias(name),
        nw.when(told).then(low).alias(f"{name}_low"),
        nw.when(told).then(high).alias(f"{name}_high"),
    )


def _with_peak(days: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add peak to night; the night is one of the amounts, so that the difference is 0 or more, the ratio 1 or more."""
    others = NUMBERED[:-1]
    low = nw.max_horizontal(*(nw.col(f"_low_{k}") for k in others))
    endless = reduce(or_, (nw.col(f"_is_{k}") & nw.col(f"_high_{k}").is_null() for k in others))
    high = nw.when(~endless).then(nw.max_horizontal(*(nw.col(f"_high_{k}") for k in others)))
    night_low, night_high = nw.col(f"_low_{LAST}"), nw.col(f"_high_{LAST}")

    def at_least(floor: float, number: Any) -> Any:
        return nw.when(number < floor).then(nw.lit(floor)).otherwise(number)

    return days.with_columns(
        peak_to_night_difference_low=at_least(0.0, (low - night_high).fill_null(0.0)),
        peak_to_night_difference_high=at_least(0.0, high - night_low),
        peak_to_night_ratio_low=at_least(1.0, (low / night_high).fill_null(1.0)),
        peak_to_night_ratio_high=at_least(1.0, nw.when(night_low > 0.0).then(high / night_low)),
    )


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
        person. Every number that is missing has its reason; where a censored point touches it, its bounds are given.

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
    days = days.join(_with_reasons(_with_peak(_with_sums(days_of(points_of(rows))))), on=list(DAY), how="left")
    for name, reason in SHOWN.items():
        days = _shown(days, name, reason)
    days = _with_pool(days, rows)
    days = days.with_columns(
        n_points=nw.col("n_points").fill_null(0),
        timepoints=nw.col("timepoints").fill_null(""),
        analyte_id=nw.lit(analyte_id),
        **{reason: nw.col(reason).fill_null("one_point") for reason in set(SHOWN.values())},
        assumptions=nw.lit(ASSUMPTIONS),
    )
    return close_frame(days, opened.for_other_rows(), DIURNAL.names)
