"""HL7 v2 data types as fields hold them: times, coded names, units, structured numbers, amounts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import NamedTuple

from recal_labs.ingest.hl7_segments import Segment, Separators, component, is_null, subcomponent, unescape

SIGNS = frozenset({"", "<", "<=", ">", ">="})

_TIME = re.compile(r"([0-9]{6,14})(?:\.[0-9]+)?(?:([+-])([0-9]{2}):?([0-9]{2}))?")
_LENGTHS = frozenset({6, 8, 10, 12, 14})
_LOINC_SYSTEMS = frozenset({"LN", "LOINC"})
_LOINC = re.compile(r"[0-9]{1,7}-[0-9]")
# What stands in OBX-6 beside the unit: the sender's own number for it, and the names of coding systems.
_INTERNAL = re.compile(r"CD:\d+|\d+|\*")
_UNIT_SYSTEMS = frozenset({"UCUM", "ISO+", "METRIC", "LN"})
_AMOUNT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]*)")


class Moment(NamedTuple):
    """Local time, precision and offset from UTC in minutes; all None when a time stamp cannot be read."""

    at: datetime | None = None
    precision: str | None = None
    offset_min: int | None = None


# A message says the same code, unit and time in every line of a panel.
_REMEMBERED = 4096


@lru_cache(maxsize=_REMEMBERED)
def read_moment(text: str) -> Moment:
    """Read a time stamp such as 202403110700+0100.

    Examples
    --------
    >>> read_moment("202403110700+0100")
    Moment(at=datetime.datetime(2024, 3, 11, 7, 0), precision='minute', offset_min=60)
    >>> read_moment("20240311 07:00").at is None
    True
    """
    found = _TIME.fullmatch(text)
    at = _moment(found.group(1)) if found else None
    if found is None or at is None:
        return Moment()
    digits, sign, hours, minutes = found.groups()
    precision = "minute" if len(digits) >= 10 else "day" if len(digits) == 8 else "month"
    offset = None if sign is None else (1 if sign == "+" else -1) * (int(hours) * 60 + int(minutes))
    return Moment(at, precision, offset)


def _moment(digits: str) -> datetime | None:
    """Return year, month, day, hour, minute and second of 6 to 14 digits; None where they are no date."""
    if len(digits) not in _LENGTHS:
        return None
    parts = [int(digits[:4]), *(int(digits[at : at + 2]) for at in range(4, len(digits), 2))]
    try:
        day, hour, minute, second = (*parts[2:], *(1, 0, 0, 0)[len(parts) - 2 :])
        return datetime(parts[0], parts[1], day, hour, minute, second)
    except ValueError:
        return None


def hours_between(begin: Moment, end: Moment) -> float | None:
    """Return the hours of a collection; None unless both ends are known to the hour or better.

    Examples
    --------
    >>> hours_between(read_moment("202403300700+0100"), read_moment("202403310700+0200"))
    23.0
    >>> hours_between(read_moment("20240330"), read_moment("20240331")) is None
    True
    """
    if begin.at is None or end.at is None or {begin.precision, end.precision} != {"minute"}:
        return None
    minutes = (end.at - begin.at).total_seconds() / 60.0
    if begin.offset_min is not None and end.offset_min is not None:
        minutes -= end.offset_min - begin.offset_min
    return minutes / 60.0 if minutes > 0 else None


@lru_cache(maxsize=_REMEMBERED)
def read_code(field: str, marks: Separators) -> tuple[str, str | None]:
    """Return the name of an observation and its LOINC code, from either triplet of OBX-3.

    A code without a coding system is never taken for a LOINC code: local codes share its form and its check digit.
    """
    one, name, system, other, other_name, other_system = (component(field, n, marks) for n in range(1, 7))
    for code, said in ((one, system), (other, other_system)):
        if said.upper() in _LOINC_SYSTEMS and _LOINC.fullmatch(code):
            return name or other_name or one or other, code
    return name or other_name or one or other, None


@lru_cache(maxsize=_REMEMBERED)
def read_unit(field: str, marks: Separators) -> str:
    """Return the unit: the first of code, text, alternate and original text that is not an internal number.

    Examples
    --------
    >>> read_unit("CD:88^mg/g crt", Separators()), read_unit("1^^UCUM^^^^1.6^^s/co ratio", Separators())
    ('mg/g crt', 's/co ratio')
    """
    for number in (1, 2, 4, 5, 9):
        text = component(field, number, marks)
        system_in_place = number > 1 and text.upper() in _UNIT_SYSTEMS
        if text and not _INTERNAL.fullmatch(text) and not system_in_place:
            return text
    return ""


def read_structured(text: str, marks: Separators) -> tuple[str, str, str]:
    """Return comparator, number and fault of an SN: ``<^0.5``, ``^182``, ``^100^-^200``, ``^1^:^128``."""
    if marks.component not in text:
        return "", unescape(text, marks).strip(), ""
    sign, first, separator, second = (component(text, n, marks) for n in range(1, 5))
    sign = "" if sign == "=" else sign
    if separator or second or sign not in SIGNS:
        return "", text, "the structured number is a ratio, a range or a titre; expected one number with a comparator"
    if sign and not first:
        return "", text, "the comparator stands without a number"
    return sign, first, ""


def read_amount(text: str, unit: str, factors: Mapping[str, float]) -> float | None:
    """Return a positive amount in the unit whose factor is 1; None when number or unit leave a doubt.

    Examples
    --------
    >>> read_amount("1850", "mL", {"ML": 0.001}), read_amount("1,850", "mL", {"ML": 0.001})
    (1.85, None)
    """
    found = _AMOUNT.fullmatch(text.strip())
    factor = factors.get((unit or found.group(2)).upper()) if found else None
    if found is None or factor is None or (unit and found.group(2) and found.group(2).upper() != unit.upper()):
        return None
    return float(found.group(1)) * factor or None


def read_quantity(field: str, marks: Separators, factors: Mapping[str, float]) -> float | None:
    """Return the amount of a CQ such as ``1850^mL&millilitre&UCUM``."""
    units = field.split(marks.component)
    return read_amount(component(field, 1, marks), subcomponent(units[1], 1, marks) if len(units) > 1 else "", factors)


def observed_amount(segment: Segment, marks: Separators, factors: Mapping[str, float]) -> float | None:
    """Return the amount that an OBX holds, whatever its value type; None when it cannot be told exactly."""
    if is_null(segment[5]):
        return None
    sign, number, fault = read_structured(segment[5], marks)
    return None if sign or fault else read_amount(number, read_unit(segment[6], marks), factors)
