"""Whether the numbers of a lab fit the unit it writes: judged by molar mass and by what all other sources print.

A lab's numbers for one analyte in one unit are looked at together, and so is the range it prints beside them. They are
suspect only when, as labelled, they lie far outside everything printed anywhere, and read in one other simple unit they
do not. Nothing is changed: the rows get a flag, and a person gets a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue
from recal_labs.normalise.frames import DEFAULTS
from recal_labs.normalise.unit_verdicts import BINS_PER_DECADE, VERDICT_COLUMNS, judge_groups
from recal_labs.vocabulary import TIMED_SPECIMENS

KEYS = ("lab_id", "analyte_id", "unit", "specimen_class", "fraction")
TIMED, SINGLE = "timed", "single"

EVIDENCE: Mapping[str, Any] = {
    **dict.fromkeys(KEYS, pl.String),
    "n": pl.Int64,
    "n_exact": pl.Int64,
    "median_value": pl.Float64,
    "n_ranges": pl.Int64,
    "median_low": pl.Float64,
    "median_high": pl.Float64,
}
GROUPS: Mapping[str, Any] = {**EVIDENCE, **VERDICT_COLUMNS}
RAW = ("lab_id", "analyte_id", "unit", "specimen", "fraction", "comparator", "value", "reported_low", "reported_high")
NUMBERS = ("value", "reported_low", "reported_high")


def _keyed(results: pl.LazyFrame) -> pl.LazyFrame:
    """Return the columns that count, as the columns of the table, with the keys of the groups filled in."""
    have = results.collect_schema().names()
    columns = [
        (pl.col(name) if name in have else pl.lit(None)).cast(pl.Float64 if name in NUMBERS else pl.String).alias(name)
        for name in RAW
    ]
    timed = pl.col("specimen").is_in(list(TIMED_SPECIMENS)).fill_null(False)
    return results.select(columns).with_columns(
        pl.col("lab_id", "analyte_id", "unit").fill_null(""),
        pl.col("fraction").fill_null(DEFAULTS["fraction"]),
        pl.col("comparator").fill_null(""),
        specimen_class=pl.when(timed).then(pl.lit(TIMED)).otherwise(pl.lit(SINGLE)),
    )


def _weighted_median(counted: pl.LazyFrame, column: str, name: str) -> pl.LazyFrame:
    """Return the median of each group, of which each number stands `n` times; the lower one of two."""
    many = counted.filter(pl.col(column) > 0).group_by(*KEYS, column).agg(pl.col("n").sum())
    ordered = many.sort(column).with_columns(_up_to=pl.col("n").cum_sum().over(KEYS), _all=pl.col("n").sum().over(KEYS))
    reached = ordered.filter(pl.col("_up_to") * 2 >= pl.col("_all"))
    return reached.group_by(KEYS).agg(pl.col(column).min().alias(name))


def _evidence(results: pl.LazyFrame) -> pl.LazyFrame:
    """Return a row a group with what there is to judge it by; one pass that only counts."""
    exact = (pl.col("comparator") == "") & (pl.col("value") > 0) & pl.col("value").is_finite()
    place = (pl.when(exact).then(pl.col("value")).log10() * BINS_PER_DECADE).floor()
    counted = (
        _keyed(results)
        .with_columns(_bin=place)
        .group_by(*KEYS, "_bin", "reported_low", "reported_high")
        .agg(n=pl.len().cast(pl.Int64))
        .with_columns(_value=10.0 ** ((pl.col("_bin") + 0.5) / BINS_PER_DECADE))
    )
    ranged = (pl.col("reported_high") > 0) | (pl.col("reported_low") > 0)
    totals = counted.group_by(KEYS).agg(
        n=pl.col("n").sum(),
        n_exact=pl.col("n").filter(pl.col("_bin").is_not_null()).sum(),
        n_ranges=pl.col("n").filter(ranged).sum(),
    )
    for column, name in (
        ("_value", "median_value"),
        ("reported_low", "median_low"),
        ("reported_high", "median_high"),
    ):
        totals = totals.join(_weighted_median(counted, column, name), on=KEYS, how="left")
    return totals.select(list(EVIDENCE)).cast(pl.Schema(EVIDENCE)).sort(KEYS)


def lazy_unit_groups(results: pl.LazyFrame, catalogue: Catalogue) -> pl.LazyFrame:
    """Return what `unit_groups` would, computed when it is asked for."""

    def judged(evidence: pl.DataFrame) -> pl.DataFrame:
        return judge_groups(evidence, catalogue).select(list(GROUPS)).cast(pl.Schema(GROUPS))

    return _evidence(results).map_batches(judged, schema=pl.Schema(GROUPS), streamable=False)


def unit_groups(results: pl.LazyFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Judge the units of every lab, analyte, unit, kind of specimen and fraction of a table of results.

    Parameters
    ----------
    results : LazyFrame
        The `results` table; of its columns only lab_id, analyte_id, unit, specimen, fraction, comparator, value,
        reported_low and reported_high are read, in one pass. Those that are absent count as missing.
    catalogue : Catalogue
        Whose intervals and observed means are what is printed anywhere.

    Returns
    -------
    DataFrame
        One row a group, in order of the keys: ``lab_id`` (empty when missing), ``analyte_id``, ``unit``,
        ``specimen_class`` (timed or single), ``fraction``; what it was judged by: ``n`` rows, ``n_exact`` of them with
        a positive number that is not censored, their ``median_value`` (to 2 %), ``n_ranges`` with a printed range,
        ``median_low`` and ``median_high`` of those; ``verdict`` (fits, suspect, cannot_tell), ``judged_by`` (values,
        printed_range or both), ``known_low`` and ``known_high`` (between what numbers all printed upper limits lie,
        where a printed range was judged, else results; in the group's unit), ``sources`` (how many),
        ``suspected_unit`` and ``suspected_factor`` (what a number would have to be multiplied by to be right in the
        unit written), and a ``sentence`` for people.

    Notes
    -----
    The margins, and how often they flag what is right and miss what is wrong, stand in docs/units.md.

    Examples
    --------
    >>> from recal_labs.catalogue import load_catalogue
    >>> results = pl.LazyFrame({"lab_id": "lab_a", "analyte_id": "creatinine", "unit": "nmol/(24.h)", "comparator": "",
    ...     "specimen": "urine_24h", "value": [11.0], "reported_low": [7.0], "reported_high": [15.0]})
    >>> unit_groups(results, load_catalogue()).select("verdict", "suspected_unit", "suspected_factor").rows()
    [('suspect', 'mmol/(24.h)', 1000000.0)]
    """
    return lazy_unit_groups(results, catalogue).collect(engine="streaming")


def _joined(frame: nw.LazyFrame[Any], groups: pl.LazyFrame) -> nw.LazyFrame[Any]:
    """Join the suspect groups; the keys of the rows are made and dropped again."""
    suspects = groups.filter(pl.col("verdict") == "suspect").select(
        *(pl.col(key).alias(f"_{key}") for key in KEYS), _unit_suspect=pl.lit(True)
    )
    timed = nw.col("specimen").is_in(list(TIMED_SPECIMENS)).fill_null(False)
    keyed = frame.with_columns(
        _lab_id=nw.col("lab_id").fill_null(""),
        _analyte_id=nw.col("analyte_id").fill_null(""),
        _unit=nw.col("unit").fill_null(""),
        _specimen_class=nw.when(timed).then(nw.lit(TIMED)).otherwise(nw.lit(SINGLE)),
        _fraction=nw.col("fraction").fill_null(DEFAULTS["fraction"]),
    )
    keys = [f"_{key}" for key in KEYS]
    joined = keyed.join(nw.from_native(suspects), on=keys, how="left").drop(*keys)
    return joined.with_columns(_unit_suspect=nw.col("_unit_suspect").fill_null(False))


def add_unit_suspicion(
    frame: nw.LazyFrame[Any], groups: pl.DataFrame | None, catalogue: Catalogue
) -> nw.LazyFrame[Any]:
    """Add ``_unit_suspect``: whether a row's number is of a group whose numbers fit another unit.

    Parameters
    ----------
    frame : narwhals LazyFrame
        The `results` table.
    groups : DataFrame or None
        From `unit_groups`, of these results or of all that they are a part of. None: they are found from the frame
        itself when it is computed, not before.
    catalogue : Catalogue

    Returns
    -------
    narwhals LazyFrame
        The same rows; numbers are not changed.
    """
    if groups is None:
        return _joined(frame, lazy_unit_groups(frame.to_native(), catalogue))
    if not (groups["verdict"] == "suspect").any():
        # Nearly always: then five million rows need no join.
        return frame.with_columns(_unit_suspect=nw.lit(False))
    return _joined(frame, groups.lazy())
