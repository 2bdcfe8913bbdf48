"""HL7 v2 ORU^R01: one position for each repetition of each OBX-5, with what its OBR and PID say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import polars as pl

from recal_labs.ingest.hl7_orders import STATUS, Order, collection_detail, read_detail, read_orders
from recal_labs.ingest.hl7_segments import (
    Message,
    Segment,
    Separators,
    component,
    is_null,
    looks_like_hl7,
    split_messages,
    unescape,
)
from recal_labs.ingest.hl7_types import read_code, read_moment, read_structured, read_unit
from recal_labs.ingest.positions import SCHEMA, as_positions
from recal_labs.ingest.profiles import Profile

__all__ = ["looks_like_hl7", "read_hl7"]

# Value types that are one piece: a repetition mark in a text is a character of it.
_WHOLE = frozenset({"TX", "FT", "ED", "RP"})
_NOT_NUMBERS = {
    **dict.fromkeys(("ED", "RP"), "an attachment"),
    **dict.fromkeys(("DT", "TM", "TS", "DTM"), "a date or a time"),
}
# An OBX whose fields have slipped shows its structured number where the range belongs.
_SLIPPED = re.compile(r"[<>=]{0,2}\^\d+(?:\.\d+)?")


class _Value(NamedTuple):
    """One repetition of OBX-5; `sent` is its text where it had to be decoded into comparator and number."""

    text: str
    comparator: str = ""
    sent: str | None = None
    reason: str | None = None
    fault: str | None = None


class _Header(NamedTuple):
    """Who sent a message (MSH-4), and when (MSH-7)."""

    lab: str = ""
    sent: str = ""


def _read_value(text: str, kind: str, marks: Separators) -> _Value:
    if is_null(text):
        return _Value("")
    if kind == "SN":
        sign, number, fault = read_structured(text, marks)
        return _Value(number, sign, unescape(text, marks), "unreadable_value" if fault else None, fault or None)
    if kind in _NOT_NUMBERS:
        fault = f"{_NOT_NUMBERS[kind]} ({kind}) is no number"
        return _Value(unescape(text, marks).strip()[:200], reason="unreadable_value", fault=fault)
    if kind in {"CE", "CWE", "CNE"}:
        return _Value(component(text, 2, marks) or component(text, 1, marks) or component(text, 9, marks))
    return _Value(unescape(text, marks).strip())


def _values(segment: Segment, marks: Separators) -> list[_Value]:
    """Return each repetition of OBX-5, judged by what its OBX says of it."""
    kind = segment[2].strip().upper()
    texts = [segment[5]] if kind in _WHOLE else segment[5].split(marks.repetition)
    if segment.inside:
        fault = (
            f"the observation stands inside a segment {segment.inside}, because a line end is missing; ask the sender"
        )
        return [_read_value(text, kind, marks)._replace(reason="unreadable_row", fault=fault) for text in texts]
    if kind == "SN" and is_null(segment[5]) and _SLIPPED.fullmatch(segment[7].replace(marks.component, "^")):
        fault = f"the value is empty, but OBX-7 holds {segment[7]!r}, which has its form: the fields have slipped"
        return [_Value(unescape(segment[7], marks), sent="", reason="unreadable_row", fault=fault)]
    if segment[11].strip().upper()[:1] == "I" and is_null(segment[5]):
        # In the lab: the result is still to come, which is more than an empty field says.
        return [_Value("pending", sent="")]
    return [_read_value(text, kind, marks) for text in texts]


@lru_cache(maxsize=1024)
def _flag(field: str, marks: Separators) -> str:
    """Return the flags of OBX-8: the code of each repetition, or its text where the code says nothing."""
    flags = (
        component(text, 2, marks) if component(text, 1, marks) in {"", "null"} else component(text, 1, marks)
        for text in field.split(marks.repetition)
    )
    return "~".join(flag for flag in flags if flag)


@lru_cache(maxsize=4096)
def _printed_range(field: str, marks: Separators) -> str:
    # The range reader knows the components by the usual mark: 35-150^35^150.
    return "" if is_null(field) else unescape(field.replace(marks.component, "^"), marks).strip()


def _verdict(
    value: _Value, segment: Segment, state: str, marks: Separators
) -> tuple[str | None, str | None, str | None]:
    """Return what the reader is sure of: no_result, or reason and detail."""
    if state not in STATUS:
        sentence = f"OBX-11 is {segment[11].strip()!r}; expected a status of HL7 table 0085: ask the sender"
        return None, "unreadable_row", sentence
    if value.comparator and (flag := _flag(segment[8], marks)) in {"<", ">"} and flag not in value.comparator:
        return None, "unreadable_value", f"OBX-5 says {value.comparator}, but OBX-8 says {flag}; ask which is right"
    if value.fault and value.text:
        return None, value.reason, f"OBX-5 is {segment[5][:80]!r}: {value.fault}"
    if value.text == "":
        # Not measured, or taken back: either is told without a value.
        return (None if state in {"X", "N", "D", "W"} else "empty_value"), None, None
    if not (detail := collection_detail(segment, marks)):
        return None, None, None
    if STATUS.get(state) in {"cancelled", "entered_in_error"} or read_detail(segment, marks) is not None:
        return "collection_detail", None, None
    unit = read_unit(segment[6], marks)
    sentence = f"The {detail} of the collection is {value.text!r} with the unit {unit!r}; expected one exact amount"
    return None, "unreadable_value", sentence


# What a position says, in the order of the tuples below: of its order, of its observation, of its value.
OF_ORDER = ("subject_id", "specimen_id", "specimen", "volume_l", "hours", "sex", "lab")
OF_TIME = ("collected", "collected_at", "utc_offset_min", "collected_precision", "age_years")
OF_OBSERVATION = ("source_row", "reported_at", "name", "code", "unit", "range", "flag", "status", "method")
OF_VALUE = ("source_place", "raw", "no_result", "reason", "detail", "comparator", "value", "printed")
COLUMNS = (*OF_ORDER, *OF_TIME, *OF_OBSERVATION, *OF_VALUE)
Row = tuple[Any, ...]


def _of_order(order: Order, header: _Header) -> Row:
    return (
        order.person.subject_id or None,
        order.specimen_id or None,
        order.specimen or None,
        order.volume_l,
        order.hours,
        order.person.sex,
        header.lab or None,
    )


def _of_time(stamp: str, born: str) -> Row:
    moment = read_moment(stamp)
    unread = None if moment.at else stamp or None
    return unread, moment.at, moment.offset_min, moment.precision, _age(born, moment.at)


def _reported_at(segment: Segment, order: Order, sent: str, marks: Separators) -> datetime | None:
    """Return when a result was issued: as its order says, else as the message, else when it was analysed.

    OBX-14 is not asked: for a specimen it is the time of its collection.
    """
    for stamp in (order.reported, sent):
        if (at := read_moment(stamp).at) is not None:
            return at
    return read_moment(component(segment[19], 1, marks)).at


def _observation(segment: Segment, message: Message, order: Order, header: _Header, number: int) -> Iterator[Row]:
    """Yield what one OBX says of its own, a row for each repetition of its value."""
    marks = message.separators
    name, loinc = read_code(segment[3], marks)
    state = segment[11].strip().upper()[:1]
    unit, printed_range = read_unit(segment[6], marks), _printed_range(segment[7], marks)
    flag, method = _flag(segment[8], marks), segment[17]
    own = (
        segment.line,
        _reported_at(segment, order, header.sent, marks),
        name or None,
        loinc,
        unit or None,
        printed_range or None,
        flag or None,
        STATUS.get(state),
        (component(method, 2, marks) or component(method, 1, marks) or None) if method else None,
    )
    # Off scale low and high stand in OBX-8 where the value type has no place for them.
    off_scale = flag if flag in {"<", ">"} else None
    values = _values(segment, marks)
    place = f"msg {message.number} OBX {number}"
    for repetition, value in enumerate(values, 1):
        no_result, reason, detail = _verdict(value, segment, state, marks)
        shown = value.text or segment[5][:200] if value.sent is None else value.sent
        raw = "|".join((name, shown, unit, printed_range, flag)).rstrip("|")
        where = place if len(values) == 1 else f"{place} rep {repetition}"
        sign = value.comparator or off_scale
        yield (*own, where, raw, no_result, reason, detail, sign, value.text or None, value.sent)


@lru_cache(maxsize=4096)
def _age(born: str, at: datetime | None) -> float | None:
    """Return the age in years at a moment, when the whole birth date is known."""
    birth = read_moment(born)
    if birth.at is None or at is None or birth.precision == "month":
        return None
    age = (at - birth.at).total_seconds() / (365.25 * 86400.0)
    return age if 0 <= age <= 130 else None


def _read_header(message: Message) -> _Header:
    msh = next((segment for segment in message.segments if segment.name == "MSH"), None)
    if msh is None:
        return _Header()
    return _Header(component(msh[4], 1, message.separators), component(msh[7], 1, message.separators))


def _positions(message: Message) -> Iterator[Row]:
    header, marks, number = _read_header(message), message.separators, 0
    for order in read_orders(message):
        whose, born = _of_order(order, header), order.person.born
        for segment in order.observations:
            number += 1
            when = _of_time(order.collected or component(segment[14], 1, marks), born)
            for row in _observation(segment, message, order, header, number):
                yield (*whose, *when, *row)


def read_hl7(text: str, profile: Profile | None = None) -> pl.DataFrame:
    """Return the positions of a file of HL7 v2 messages.

    Parameters
    ----------
    text : str
        One message, a batch, or many messages without a batch header; CR, LF or CRLF.
    profile : Profile, optional
        Not needed: a message describes itself.

    Returns
    -------
    DataFrame
        One row a repetition of an OBX-5; an OBX without a value is one row too.
    """
    rows = [row for message in split_messages(text) for row in _positions(message)]
    return as_positions(pl.DataFrame(rows, schema={name: SCHEMA[name] for name in COLUMNS}, orient="row"))
