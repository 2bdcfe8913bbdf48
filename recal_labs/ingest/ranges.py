"""The text of a lab's own range: its limits where they can be told, nothing where it is only words."""

from __future__ import annotations

import re
import unicodedata

from recal_labs.ingest.profiles import Marks
from recal_labs.ingest.values import LONGEST, read_number

NUMBER = r"[\d][\d.,']*(?:[eE][+-]?\d+)?"
# What looks like a third limit is a date that a spreadsheet made of a range: 01-02-2024.
_TWO = re.compile(rf"^\[?\s*({NUMBER})\s*(?:-|_|to|bis|à|tot|\^)\s*({NUMBER})(?![\d.,'])\s*\]?(?!\s*[-_/^]\s*\d)")
_UPPER = re.compile(rf"^(?:<=|=<|<|≤|up to|bis|below|under)\s*({NUMBER})", re.IGNORECASE)
_LOWER = re.compile(rf"^(?:>=|=>|>|≥|above|over|from)\s*({NUMBER})", re.IGNORECASE)
_AGE_WORD = r"(?:y|yr|yrs|years?|jahre?|j|ans?|jaar|mo|months?|monate?)\b\.?"
# An age that stands first is no limit: 18-65 y: <8.0
_AGE_FIRST = re.compile(rf"^[<>≤≥]?=?\s*{NUMBER}(?:\s*-\s*{NUMBER})?\s*{_AGE_WORD}", re.IGNORECASE)
# HL7 sends the range as text and again as components: 35-150^35^150
_COMPONENTS = re.compile(rf"^[^^]*\^({NUMBER})\^({NUMBER})$")


def read_range(text: str | None, marks: Marks) -> tuple[float | None, float | None]:
    """Read a printed range.

    Parameters
    ----------
    text : str or None
        Such as ``15-80``, ``≤ 5.0``, ``70_105`` or ``35-150^35^150``. What follows the limits (a unit, an age) is not
        part of them.
    marks : Marks
        How numbers are written.

    Returns
    -------
    low, high : float or None
        None where the text prints no such limit, holds two ranges, or cannot be read with certainty.

    Examples
    --------
    >>> read_range("600 – 3500", Marks()), read_range("<8.0 (>15y)", Marks()), read_range("see note 2", Marks())
    ((600.0, 3500.0), (None, 8.0), (None, None))
    """
    plain = unicodedata.normalize("NFKC", text or "").replace("–", "-").replace("—", "-").replace("−", "-").strip()
    if len(plain) > LONGEST:
        return None, None
    # Two ranges in one cell (optimal and reference): which of them is meant is not for us to say.
    if not plain or len(_all_ranges(plain)) > 1 or _AGE_FIRST.match(plain) or _says_more(plain):
        return None, None
    for pattern, sides in ((_COMPONENTS, "both"), (_TWO, "both"), (_UPPER, "upper"), (_LOWER, "lower")):
        if not (found := pattern.match(plain)):
            continue
        numbers = [read_number(part, marks) for part in found.groups()]
        if any(isinstance(number, str) for number in numbers):
            return None, None
        limits = [float(number) for number in numbers]
        if sides == "both":
            return (limits[0], limits[1]) if limits[0] <= limits[1] else (None, None)
        return (None, limits[0]) if sides == "upper" else (limits[0], None)
    return None, None


def _all_ranges(text: str) -> list[str]:
    if _COMPONENTS.match(text):
        return [text]
    return re.findall(rf"{NUMBER}\s*(?:-|_|to|bis|à|tot)\s*{NUMBER}", text)


def _says_more(text: str) -> bool:
    """Tell whether a second limit follows the first: ``<5 or >10``, ``146 - 270 (target: <190)``.

    A bracket that holds only an age, as in ``<8.0 (>15y)``, says whom the limits are for.
    """
    rest = re.sub(rf"[(\[]\s*[<>≤≥]?=?\s*{NUMBER}\s*{_AGE_WORD}\s*[)\]]", "", text, flags=re.IGNORECASE)
    if _COMPONENTS.match(rest):
        return False
    limits = {re.sub(r"\s", "", limit) for limit in re.findall(rf"[<>≤≥]=?\s*{NUMBER}", rest)}
    return len(limits) > (0 if _all_ranges(rest) else 1)
