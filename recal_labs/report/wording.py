"""Words of the report: names, columns and anchors; numbers are written as `recal_labs.utility.numerals` writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from recal_labs.utility.numerals import (
    MINUS,
    MISSING,
    agreeing_digits,
    count,
    coverage,
    digits_for,
    fixed,
    interval,
    is_number,
    join,
    p_text,
    percent,
    plural,
    typeset,
    with_interval,
)

__all__ = [
    "MINUS",
    "MISSING",
    "agreeing_digits",
    "column_words",
    "count",
    "coverage",
    "digits_for",
    "fixed",
    "interval",
    "is_number",
    "join",
    "p_text",
    "percent",
    "plural",
    "readable",
    "sentence_case",
    "slug",
    "typeset",
    "with_interval",
]


def readable(name: str, names: Mapping[str, str]) -> str:
    """Return the display name of an id, or the id with spaces."""
    return names.get(name) or str(name).replace("_", " ")


def column_words(name: str) -> str:
    """Return a column's name in a sentence: ``age_years`` is age.

    Examples
    --------
    >>> column_words("age_years"), column_words("weight_kg"), column_words("sex")
    ('age', 'weight', 'sex')
    """
    return re.sub(r"_(years|kg|cm|g_per_l)$", "", str(name)).replace("_", " ")


def sentence_case(text: str) -> str:
    """Return a text with its first letter raised and the rest untouched."""
    return text[:1].upper() + text[1:]


def slug(text: str) -> str:
    """Return a text as part of an anchor: lower-case ASCII letters, digits and hyphens only.

    Examples
    --------
    >>> slug("PHQ-9 <script>"), slug("µ")
    ('phq-9-script', 'x')
    """
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-") or "x"
