"""HL7 v2 ORU^R01: one position for each repetition of each OBX-5, with what its OBR and PID say of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from recal_labs.ingest.dates import read_date
from recal_labs.ingest.hl7_segments import (
    Message,
    Segment,
    Separators,
    component,
    looks_like_hl7,
    split_messages,
    unescape,
)
from recal_labs.ingest.positions import SCHEMA, as_positions
from recal_labs.ingest.profiles import Profile

__all__ = ["looks_like_hl7", "read_hl7"]

SEX = {"F": "female", "M": "male"}

# Table 0085: what the state of an observation means for us.
STATUS = {
    **dict.fromkeys(("", "F", "U", "V", "B", "A"), "final"),
    "C": "corrected",
    **dict.fromkeys(("P", "S", "R", "I"), "preliminary"),
    **dict.fromkeys(("X", "N", "O"), "cancelled"),
    **dict.fromkeys(("D", "W"), "entered_in_error"),
}

# Codes that describe the collection, not the urine (reference_ranges/loinc_context.csv).
VOLUME_CODES = frozenset({"19153-6", "3167-4"})
HOURS_CODES = frozenset({"13362-9", "30211-7"})

_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_TIMED = re.compile(r"\b24[\s-]*h", re.IGNORECASE)
_INTERNAL = re.compile(r"^(?:CD:\d+|\d+|\*)$")
_LITRES = {"L": 1.0, "ML": 0.001, "DL": 0.1}


@dataclass
class _Order:
    """What stands above the observations of one OBR."""

    specimen_id: str = ""
    collected: str = ""
    ended: str = ""
    specimen: str = ""
    volume_l: float | None = None
    hours: float | None = None


@dataclass
class _Person:
    subject_id: str = ""
    sex: str = "unknown"
    born: str = ""


def _moment(text: str) -> tuple[datetime | None, str | None, int | None]:
    """Return local time, precision and offset of an HL7 time stamp such as 202403110700+0100."""
    found = re.match(r"^(\d{4,14})(?:\.\d+)?([+-]\d{4})?", text)
    if not found:
        return None, None, None
    digits, zone = found.groups()
    form = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M", 10: "%Y%m%d%H", 8: "%Y%m%d", 6: "%Y%m"}.get(len(digits))
    read = read_date(digits, (form,)) if form else None
    if read is None:
        return None, None, None
    precision = "minute" if len(digits) >= 10 else "day" if len(digits) == 8 else "month"
    offset = None if zone is None else (1 if zone[0] == "+" else -1) * (int(zone[1:3]) * 60 + int(zone[3:]))
    return read.moment, precision, offset


def _number(text: str) -> float | None:
    found = _NUMBER.search(text)
    return float(found.group()) if found else None


def _person(segment: Segment, marks: Separators) -> _Person:
    """Take id, sex and birth date of a PID; names and addresses are never looked at."""
    ids = (segment[3].split(marks.repetition)[0], segment[2], segment[4])
    first = next((component(text, 1, marks) for text in ids if component(text, 1, marks)), "")
    return _Person(first, SEX.get(segment[8].strip().upper()[:1], "unknown"), segment[7].strip())


def _order(segment: Segment, marks: Separators) -> _Order:
    order = _Order(
        specimen_id=component(segment[3], 1, marks) or component(segment[2], 1, marks),
        collected=component(segment[7], 1, marks),
        ended=component(segment[8], 1, marks),
        specimen=component(segment[15], 2, marks) or component(segment[15], 1, marks),
    )
    volume = segment[9].strip()
    if volume:
        unit = component(volume, 2, marks).split(marks.subcomponent or "&")[0].upper()
        value, factor = _number(component(volume, 1, marks)), _LITRES.get(unit)
        order.volume_l = value * factor if value is not None and factor else None
    begin, end = _moment(order.collected)[0], _moment(order.ended)[0]
    if begin and end and end > begin:
        order.hours = (end - begin).total_seconds() / 3600.0
    name = component(segment[4], 2, marks)
    if not order.specimen and _TIMED.search(name):
        order.specimen = "24 h urine"
    return order


def _collection_details(observations: list[Segment], order: _Order, marks: Separators) -> None:
    """Take volume and duration from the observations that carry them; they stand anywhere in their order."""
    for segment in observations:
        code, value = component(segment[3], 1, marks), _number(segment[5])
        if code in VOLUME_CODES and value is not None:
            factor = _LITRES.get(component(segment[6], 1, marks).upper())
            order.volume_l = value * factor if factor else order.volume_l
        elif code in HOURS_CODES and value is not None:
            order.hours = value


def _unit(field: str, marks: Separators) -> str:
    """Return the unit: the first component that is neither an internal code nor a bare number."""
    parts = [unescape(part, marks).strip() for part in field.split(marks.component)]
    coding = {"UCUM", "ISO+", "METRIC", "L", "LN"}
    real = [part for part in parts if part and not _INTERNAL.match(part) and part.upper() not in coding]
    if parts and parts[0] and not _INTERNAL.match(parts[0]):
        return parts[0]
    return real[0] if real else ""


def _structured(text: str, marks: Separators) -> tuple[str, str, str]:
    """Return comparator, number and fault of an SN: ``<^0.5``, ``^182``, ``^100^-^200``, ``^1^:^128``."""
    parts = [unescape(part, marks).strip() for part in text.split(marks.component)] + [""] * 4
    sign, first, separator, second = parts[:4]
    sign = "" if sign == "=" else sign
    if separator or second or sign not in {"", "<", "<=", ">", ">="}:
        return "", text, "the structured number is a ratio, a range or a titre; expected one number with a comparator"
    return sign, first, ""


def _values(segment: Segment, marks: Separators) -> Iterator[tuple[int, str, str, str]]:
    """Yield each repetition of OBX-5 as (number, comparator, value text, fault)."""
    kind = segment[2].strip().upper()
    repetitions = segment[5].split(marks.repetition) if kind not in {"TX", "FT", "ED", "RP"} else [segment[5]]
    for number, text in enumerate(repetitions, 1):
        if kind == "SN":
            sign, value, fault = _structured(text, marks)
            yield number, sign, value, fault
        elif kind in {"ED", "RP"} and text:
            yield number, "", "", f"an attachment ({kind}) is no number"
        elif kind in {"CE", "CWE", "CNE"}:
            yield number, "", component(text, 2, marks) or component(text, 1, marks), ""
        else:
            yield number, "", unescape(text, marks).strip(), ""


def _code(segment: Segment, marks: Separators) -> tuple[str, str | None]:
    """Return the name of an observation and its LOINC code, from either triplet of OBX-3."""
    one, name, system, other, other_name, other_system = (component(segment[3], n, marks) for n in range(1, 7))
    loinc = one if system.upper() in {"LN", "LOINC"} else other if other_system.upper() in {"LN", "LOINC"} else None
    return name or other_name or one, loinc or None


def _observation(
    segment: Segment, message: Message, order: _Order, person: _Person, lab: str, number: int
) -> Iterator[dict[str, Any]]:
    marks = message.separators
    name, loinc = _code(segment, marks)
    state = segment[11].strip().upper()[:1]
    stamp = order.collected or component(segment[14], 1, marks)
    moment, precision, offset = _moment(stamp)
    detail = component(segment[3], 1, marks) in VOLUME_CODES | HOURS_CODES
    unit, printed_range = _unit(segment[6], marks), unescape(segment[7], marks).strip()
    flag = unescape(segment[8].replace(marks.repetition, "~"), marks).strip().strip('"')
    common = {
        "source_row": segment.line,
        "subject_id": person.subject_id or None,
        "specimen_id": order.specimen_id or None,
        "collected": None if moment else stamp or None,
        "collected_at": moment,
        "utc_offset_min": offset,
        "collected_precision": precision,
        "specimen": order.specimen or None,
        "volume_l": order.volume_l,
        "hours": order.hours,
        "sex": person.sex,
        "age_years": _age(person.born, moment),
        "name": name or None,
        "code": loinc,
        "unit": unit or None,
        "range": printed_range or None,
        "flag": flag or None,
        "status": STATUS.get(state, "final"),
        "lab": lab or None,
        "method": component(segment[17], 2, marks) or component(segment[17], 1, marks) or None,
    }
    several = segment[5].count(marks.repetition) > 0 and segment[2] not in {"TX", "FT", "ED", "RP"}
    for repetition, sign, value, fault in _values(segment, marks):
        place = f"msg {message.number} OBX {number}" + (f" rep {repetition}" if several else "")
        empty = value in ("", '""') and not fault
        yield {
            **common,
            "source_place": place,
            "raw": "|".join((name, value or segment[5][:200], unit, printed_range, flag)).rstrip("|"),
            "no_result": "collection_detail"
            if detail
            else "empty_value"
            if empty and state not in {"X", "N"}
            else None,
            "reason": "unreadable_value" if fault else None,
            "detail": f"OBX-5 is {segment[5][:80]!r}: {fault}" if fault else None,
            "comparator": sign or None,
            "value": None if empty else value,
        }


def _age(born: str, at: datetime | None) -> float | None:
    """Return the age in years at a moment, when the whole birth date is known."""
    birth, precision, _ = _moment(born)
    if birth is None or at is None or precision == "month":
        return None
    age = (at - birth).total_seconds() / (365.25 * 86400.0)
    return age if 0 <= age <= 130 else None


def _orders(message: Message) -> Iterator[tuple[Segment | None, list[Segment]]]:
    """Yield each OBR with its observations; those before any OBR come with None."""
    header: Segment | None = None
    observations: list[Segment] = []
    for segment in message.segments:
        if segment.name == "OBR":
            yield header, observations
            header, observations = segment, []
        elif segment.name in {"OBX", "SPM"}:
            observations.append(segment)
    yield header, observations


def _positions(message: Message) -> Iterator[dict[str, Any]]:
    marks, person, lab = message.separators, _Person(), ""
    for segment in message.segments:
        if segment.name == "PID":
            person = _person(segment, marks)
        elif segment.name == "MSH":
            lab = component(segment[4], 1, marks)
    number = 0
    for header, following in _orders(message):
        observations = [segment for segment in following if segment.name == "OBX"]
        order = _order(header, marks) if header else _Order()
        for segment in following:
            if segment.name == "SPM":
                order.specimen = component(segment[4], 2, marks) or component(segment[4], 1, marks) or order.specimen
                order.collected = order.collected or component(segment[17], 1, marks)
        _collection_details(observations, order, marks)
        for segment in observations:
            number += 1
            yield from _observation(segment, message, order, person, lab, number)


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
    schema = {name: dtype for name, dtype in SCHEMA.items() if not rows or name in rows[0]}
    return as_positions(pl.DataFrame(rows, schema=schema, orient="row"))
