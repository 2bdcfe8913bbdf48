"""Dates in the forms that a profile declares; a partial date keeps its precision, anything else is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

# No place on earth is more than 14 hours from UTC.
_OFFSET = re.compile(r"(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)$")
_MONTH = re.compile(r"^(?!0000)\d{4}-(?:0[1-9]|1[0-2])$", re.ASCII)
# No date is longer, with whatever stands around it.
LONGEST = 100
# What the usual parts of a form may look like; strptime looks closer, but slowly, and thousands of texts of a file may
# fit none of some hundred forms. A day may be padded with a space.
_PARTS = {"Y": r"\d{4}", "y": r"\d\d", "f": r"\d{1,6}", **dict.fromkeys("dHIMSm", r" ?\d{1,2}")}


@dataclass(frozen=True)
class ReadDate:
    """A local wall-clock moment, its offset from UTC in minutes when given, and how precise it is."""

    moment: datetime
    precision: str
    offset_min: int | None = None


def read_date(text: str | None, formats: tuple[str, ...]) -> ReadDate | None:
    """Read a date in one of the declared forms; None when it fits none.

    Parameters
    ----------
    text : str or None
    formats : tuple of str
        As for ``datetime.strptime``. A form with hours gives precision ``minute``, one without gives ``day``; a year
        and a month, ``2024-03``, gives ``month``. An offset at the end (``+01:00``, ``Z``) is kept apart: the moment
        stays local.

    Examples
    --------
    >>> read_date("11.03.2024 07:40", ("%d.%m.%Y %H:%M",))
    ReadDate(moment=datetime.datetime(2024, 3, 11, 7, 40), precision='minute', offset_min=None)
    >>> read_date("05/06/2021", ("%Y-%m-%d",)) is None
    True
    """
    plain = (text or "").strip()
    if len(plain) > LONGEST:
        return None
    tries: list[tuple[str, int | None]] = [(plain, None)]
    if ":" in plain and (found := _OFFSET.search(plain)):
        tries.append((plain[: found.start()].strip(), _offset_minutes(found.group(1))))
    for written, offset in tries:
        # An offset belongs to a form with hours, or is part of the form itself.
        for form in formats if offset is None else [form for form in formats if _has_time(form)]:
            if moment := _moment(written, form):
                zone = moment.utcoffset()
                stated = offset if zone is None else int(zone.total_seconds() // 60)
                return ReadDate(moment.replace(tzinfo=None), "minute" if _has_time(form) else "day", stated)
    if _MONTH.match(plain):
        return ReadDate(datetime.strptime(plain, "%Y-%m"), "month")
    return None


def _has_time(form: str) -> bool:
    return "%H" in form or "%I" in form


@lru_cache(maxsize=1024)
def _shape(form: str) -> re.Pattern[str]:
    """Return a pattern that every text of a form has; most other texts have it not."""
    pieces = re.split(r"(%.|\s+)", form)
    shapes = (
        r"\s+" if piece.isspace() else _PARTS.get(piece[1:], ".+?") if piece.startswith("%") else re.escape(piece)
        for piece in pieces
    )
    return re.compile("".join(shapes), re.IGNORECASE | re.DOTALL)


def _moment(text: str, form: str) -> datetime | None:
    if not _shape(form).fullmatch(text):
        return None
    try:
        return datetime.strptime(text, form)
    except ValueError:
        return None


def _offset_minutes(text: str) -> int:
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if text[0] == "-" else minutes
