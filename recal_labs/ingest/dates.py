"""Dates in the forms that a profile declares; a partial date keeps its precision, anything else is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_OFFSET = re.compile(r"(Z|[+-]\d{2}:?\d{2})$")
_MONTH = re.compile(r"^\d{4}-\d{2}$")


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
    plain, offset = (text or "").strip(), None
    if "%H" in "".join(formats) and ":" in plain and (found := _OFFSET.search(plain)):
        plain, offset = plain[: found.start()].strip(), _offset_minutes(found.group(1))
    for form in formats:
        try:
            moment = datetime.strptime(plain, form)
        except ValueError:
            continue
        return ReadDate(moment, "minute" if "%H" in form else "day", offset)
    if _MONTH.match(plain):
        return ReadDate(datetime.strptime(plain, "%Y-%m"), "month")
    return None


def _offset_minutes(text: str) -> int:
    if text == "Z":
        return 0
    digits = text[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if text[0] == "-" else minutes
