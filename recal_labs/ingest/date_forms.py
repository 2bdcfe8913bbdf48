"""Forms of dates that a column shows: day or month first is decided from the whole column, and not at all in doubt."""

from __future__ import annotations

import re
from collections.abc import Iterable

from recal_labs.ingest.evidence import is_own
from recal_labs.ingest.profiles import Profile

_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M%p", " %I:%M %p", " %I:%M:%S %p")
_SURE = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"),
    # With points the day stands first wherever dates are written so.
    *("%d.%m.%Y", "%d.%m.%y"),
    *("%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%d%b%Y", "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y"),
)
_JOINED = ("%Y%m%d", "%Y%m%d%H%M", "%Y%m%d%H%M%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f")
SURE = (*(date + time for date in _SURE for time in _TIMES), *_JOINED)
_EITHER = re.compile(r"^(\d{1,2})([/-])(\d{1,2})\2(\d{4}|\d{2})(?=\D|$)")


def _numeric(first: str, second: str, mark: str) -> tuple[str, ...]:
    dates = (f"%{first}{mark}%{second}{mark}%{year}" for year in "Yy")
    return tuple(date + time for date in dates for time in _TIMES)


def date_forms(texts: Iterable[str], profile: Profile) -> tuple[str, ...]:
    """Return the forms that the dates of one column are read with.

    Parameters
    ----------
    texts : iterable of str
        The column's distinct texts.
    profile : Profile
        One of the lab's own declares its forms, and no others are tried.

    Returns
    -------
    tuple of str
        Of ``05/06/2021`` alone neither form: it may be May or June. Beside ``25/06/2021`` the day stands first.

    Examples
    --------
    >>> shipped = Profile(name="generic_long")
    >>> ["%d/%m/%Y" in date_forms(texts, shipped) for texts in (["05/06/2021", "25/06/2021"], ["05/06/2021"])]
    [True, False]
    """
    # A message writes its times as its standard says.
    if is_own(profile) or profile.format != "delimited":
        return profile.date_formats
    found: list[str] = [*profile.date_formats, *SURE]
    orders: dict[str, set[str]] = {}
    for text in texts:
        if match := _EITHER.match(text.strip()):
            first, mark, second = int(match[1]), match[2], int(match[3])
            shown = orders.setdefault(mark, set())
            shown |= {"dm"} if first > 12 else set()
            shown |= {"md"} if second > 12 else set()
    for mark, shown in orders.items():
        if len(shown) == 1:
            order = shown.pop()
            found += _numeric(order[0], order[1], mark)
    return tuple(dict.fromkeys(found))
