"""FHIR rows to the positions frame: references followed, times read, the range of the person chosen; by column."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from recal_labs.ingest.fhir_context import Bottle, Context, Lab, Person, Request
from recal_labs.ingest.fhir_family import take_from_above
from recal_labs.ingest.fhir_moments import hours_between, moment_at, moment_offset, moment_precision
from recal_labs.ingest.fhir_observations import Findings, texts
from recal_labs.ingest.fhir_ranges import Subject, choose_range
from recal_labs.ingest.fhir_specimens import name_the_specimens, read_details
from recal_labs.ingest.fhir_types import SCOPE, type_and_id
from recal_labs.ingest.positions import as_positions, no_positions

_SHOWN = ("name", "value", "unit", "range", "flag")
# The oldest person on record died at 122.
_OLDEST = 130


def make_positions(found: Findings) -> pl.DataFrame:
    """Return the positions frame of everything that was found in a file."""
    if not (found.rows or found.blocks):
        return no_positions()
    frame = take_from_above(found.frame(), found.context)
    for follow in (_with_people, _with_bottles, _with_requests, _with_labs):
        frame = follow(frame, found.context)
    frame = _with_ranges(_with_times(frame), found)
    frame = name_the_specimens(read_details(_with_specimen_ids(frame)))
    shown = [pl.coalesce("printed", "value") if name == "value" else pl.col(name) for name in _SHOWN]
    raw = pl.concat_str([text.fill_null("") for text in shown], separator="|").str.strip_chars_end("|")
    return as_positions(frame.with_columns(raw=pl.coalesce("raw", raw)))


def _look_up(
    frame: pl.DataFrame, key: str, made: dict[str, Any], read: Callable[[str], tuple[Any, ...]]
) -> pl.DataFrame:
    """Follow each distinct reference of a column once, and join what it points at."""
    keys = frame[key].drop_nulls().unique(maintain_order=True)
    found = [read(text) for text in keys.to_list()]
    columns = zip(*found, strict=True) if found else ([] for _ in made)
    series = [
        texts(name, values) if dtype == pl.String else pl.Series(name, values, dtype=dtype)
        for (name, dtype), values in zip(made.items(), map(list, columns), strict=True)
    ]
    return frame.join(pl.DataFrame([keys, *series]), on=key, how="left", maintain_order="left")


def _with_people(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    def read(key: str) -> tuple[Any, ...]:
        if person := context.find(key, Person):
            return person
        kind, number = type_and_id(key)
        # Of somebody whose Patient is not in the file the id is known; a group or a device is nobody.
        return (number or None if kind in ("", "Patient") else None), None, None

    made = {"subject_id": pl.String, "sex": pl.String, "born": pl.String}
    return _look_up(frame, "subject", made, read).with_columns(pl.col("sex").fill_null("unknown"))


def _with_bottles(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    begun: dict[str, set[str]] = {}
    for bottle in context.known.values():
        if isinstance(bottle, Bottle) and bottle.accession:
            begun.setdefault(bottle.accession, set()).add(bottle.start)

    def read(key: str) -> tuple[Any, ...]:
        bottle = context.find(key, Bottle)
        if bottle is None:
            kind, number = type_and_id(key)
            known = number if kind in ("", "Specimen") else ""
            # A uuid was made for its bundle: the number of the order, where there is one, joins more.
            own, made_up = ("", known) if key.rpartition(SCOPE)[2].startswith("urn:") else (known, "")
            return own or None, made_up or None, None, None, None, None, None
        # An accession number that several collections share does not tell them apart.
        joint = bottle.accession if len(begun.get(bottle.accession, ())) < 2 else ""
        number = joint or bottle.number or bottle.accession
        stated = (text or None for text in (number, "", bottle.kind, bottle.start, bottle.end))
        return *stated, bottle.volume_l, bottle.hours

    named = dict.fromkeys(("bottle_id", "made_up_id", "kind", "taken", "taken_to"), pl.String)
    return _look_up(frame, "bottle", {**named, "volume_l": pl.Float64, "hours": pl.Float64}, read).with_columns(
        specimen=pl.coalesce("kind", "specimen")
    )


def _with_requests(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    def read(key: str) -> tuple[Any, ...]:
        request = context.find(key, Request) or Request("", "", "")
        return tuple(text or None for text in request)

    made = dict.fromkeys(("requisition", "request_id", "asked"), pl.String)
    asked = pl.concat_str("ordered", "asked", separator=" ", ignore_nulls=True)
    return _look_up(frame, "request", made, read).with_columns(ordered=asked)


def _with_labs(frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    def read(key: str) -> tuple[Any, ...]:
        lab = context.find(key, Lab)
        return ((lab.name or None) if lab else None,)

    return _look_up(frame, "performer", {"organisation": pl.String}, read).with_columns(
        lab=pl.coalesce("organisation", "lab")
    )


def _with_times(frame: pl.DataFrame) -> pl.DataFrame:
    """Add when the specimen was collected and for how long, when it was reported, and the age of the person.

    The specimen's own time stands before the observation's, unless only the latter is a period or says more exactly
    the same.
    """
    taken, start = pl.col("taken"), pl.col("start")
    is_period = pl.col("taken_to").is_null() & pl.col("end").is_not_null() & start.is_not_null()
    exact = start.str.starts_with(taken).fill_null(True)
    frame = frame.with_columns(
        start=pl.when(is_period | exact).then(pl.coalesce(start, taken)).otherwise(taken),
        end=pl.when(is_period).then("end").otherwise("taken_to"),
    )
    at = pl.col("collected_at")
    born = moment_at(pl.col("born"))
    frame = frame.with_columns(
        collected_at=moment_at(start),
        hours=pl.coalesce("hours", hours_between(start, pl.col("end"))),
        reported_at=pl.coalesce(moment_at(pl.col("issued")), moment_at(pl.col("sent"))),
        born_at=pl.when(pl.col("born").str.len_chars() >= 10).then(born),
    )
    age = (at - pl.col("born_at")).dt.total_seconds() / (365.25 * 86400.0)
    return frame.with_columns(
        collected=pl.when(at.is_null()).then(start),
        collected_precision=pl.when(at.is_not_null()).then(moment_precision(start)),
        utc_offset_min=pl.when(at.is_not_null()).then(moment_offset(start)),
        age_years=pl.when(age.is_between(0, _OLDEST)).then(age),
    )


def _with_ranges(frame: pl.DataFrame, found: Findings) -> pl.DataFrame:
    """Choose among the ranges that depend on the person."""
    if not found.ranges:
        return frame
    rows = pl.Series([row for row, _, _ in found.ranges])
    people = frame[rows].select("sex", "born_at", "collected_at", "collected_precision").iter_rows()
    chosen = [
        choose_range(
            entries,
            quantity,
            Subject(sex, born and born.date(), at.date() if at and precision != "month" else None),
        )
        for (_, entries, quantity), (sex, born, at, precision) in zip(found.ranges, people, strict=True)
    ]
    return frame.with_columns(frame["range"].scatter(rows, texts("range", [text or None for text in chosen])))


def _with_specimen_ids(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the number by which results of one specimen, and a result and its correction, know each other.

    The number of a request joins too little, for many labs make one for each analyte; it is better than nothing where
    neither specimen nor time is known.
    """
    alone = pl.when(pl.col("collected_at").is_null()).then("request_id")
    return frame.with_columns(specimen_id=pl.coalesce("bottle_id", "requisition", "order", "made_up_id", alone))
