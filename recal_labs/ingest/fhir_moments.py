"""Dates and times of FHIR, read a column at a time: local wall clock, precision and offset."""

from __future__ import annotations

import polars as pl

_DAY = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
# No place on earth is more than 14 hours from UTC.
_ZONE = "(?:Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])"
_MINUTE = rf"^{_DAY}T[0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:\.[0-9]+)?)?{_ZONE}?$"


def moment_at(text: pl.Expr) -> pl.Expr:
    """Return the local time of a FHIR date or time; null for a year alone and for what is none.

    Examples
    --------
    >>> texts = pl.DataFrame({"text": ["2024-03-11T07:00:10.5+01:00", "2024-03", "2024", "2024-02-30"]})
    >>> texts.select(at=moment_at(pl.col("text")))["at"].to_list()
    [datetime.datetime(2024, 3, 11, 7, 0, 10), datetime.datetime(2024, 3, 1, 0, 0), None, None]
    """
    with_seconds = text.str.slice(16, 1) == ":"
    full = (
        pl.when(with_seconds.fill_null(False))
        .then(text.str.slice(0, 19))
        .when(text.str.contains(_MINUTE))
        .then(text.str.slice(0, 16) + ":00")
        .when(text.str.contains(f"^{_DAY}$"))
        .then(text + "T00:00:00")
        .when(text.str.contains("^[0-9]{4}-[0-9]{2}$"))
        .then(text + "-01T00:00:00")
    )
    read = full.str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False, time_unit="us")
    # The year 0 is a year for Polars, not for Python.
    known = (text.str.contains(_MINUTE) | (text.str.len_chars() < 11)) & (read.dt.year() > 0)
    return pl.when(known).then(read)


def moment_precision(text: pl.Expr) -> pl.Expr:
    """Return ``minute``, ``day`` or ``month`` by how much of a time is stated."""
    length = text.str.len_chars()
    return pl.when(length > 10).then(pl.lit("minute")).when(length > 7).then(pl.lit("day")).otherwise(pl.lit("month"))


def moment_offset(text: pl.Expr) -> pl.Expr:
    """Return the offset from UTC in minutes; null where none is stated."""
    sign = text.str.slice(-6, 1)
    minutes = text.str.slice(-5, 2).cast(pl.Int64, strict=False) * 60 + text.str.slice(-2).cast(pl.Int64, strict=False)
    return (
        pl.when(text.str.ends_with("Z"))
        .then(pl.lit(0, dtype=pl.Int64))
        .when((text.str.len_chars() > 16) & sign.is_in(["+", "-"]))
        .then(pl.when(sign == "-").then(-minutes).otherwise(minutes))
    )


def hours_between(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Return the hours of a collection; null unless both ends are known to the minute."""
    minutes = (moment_at(end) - moment_at(start)).dt.total_seconds() / 60.0
    apart = (moment_offset(end) - moment_offset(start)).fill_null(0)
    timed = (start.str.len_chars() > 10) & (end.str.len_chars() > 10)
    return pl.when(timed & (minutes - apart > 0)).then((minutes - apart) / 60.0)
