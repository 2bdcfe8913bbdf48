"""How the numbers of a column are written, told from the numbers: which of comma and point is the decimal mark.

A shipped profile says only what is usual; one of the lab's own says how the lab writes, and is believed.
"""

from __future__ import annotations

import re

import polars as pl

from recal_labs.ingest.profiles import SHIPPED, Marks, Profile
from recal_labs.ingest.values import SHOWN

_SHIPPED = frozenset(path.stem for path in SHIPPED.glob("*.toml"))
# What a column shows: decimal points, decimal commas, both, or nothing but numbers that may be read either way.
POINT, COMMA, BOTH, NEITHER, DECLARED = "point", "comma", "both", "neither", "declared"
MARKS = {POINT: Marks(".", ","), COMMA: Marks(",", ".")}


def _decimal(mark: str, other: str) -> str:
    """Return the pattern of numbers in which a mark can only be the decimal one."""
    m, o = re.escape(mark), re.escape(other)
    # 12,5 and 12,3456 have no group of three; 0,530 begins no group; 1.234,567 has the other mark before it.
    return rf"\d{m}(\d{{1,2}}|\d{{4,}})(\D|$)|(^|\D)0{m}\d|\d{o}\d{{3}}{m}\d"


_DECIMAL_POINT, _DECIMAL_COMMA = _decimal(".", ","), _decimal(",", ".")
# One mark with three digits behind it and one to three before it: 1.530 may be 1530.
EITHER = r"^[^\d]*[1-9]\d{0,2}[.,]\d{3}(\D|$)"


def is_own(profile: Profile) -> bool:
    """Tell whether a profile is the lab's own, or stands on one: it declares how the lab writes."""
    return profile.name not in _SHIPPED


def _shown(point: pl.Expr, comma: pl.Expr) -> pl.Expr:
    return (
        pl.when(point & comma)
        .then(pl.lit(BOTH))
        .when(comma)
        .then(pl.lit(COMMA))
        .when(point)
        .then(pl.lit(POINT))
        .otherwise(pl.lit(NEITHER))
    )


def with_evidence(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Add ``_marks``: what the numbers of a row's column show, and where they show nothing, those of the whole file.

    Parameters
    ----------
    frame : DataFrame
        Positions, with ``column`` (which of the file's columns the value is from) and ``value``.
    profile : Profile
        One of the lab's own is believed: then it is ``declared``.
    """
    if is_own(profile):
        return frame.with_columns(_marks=pl.lit(DECLARED))
    value = pl.col("value").fill_null("")
    point, comma = value.str.contains(_DECIMAL_POINT), value.str.contains(_DECIMAL_COMMA)
    seen = frame.select(pl.col("column").fill_null(""), _point=point, _comma=comma)
    if not seen.select(pl.any_horizontal("_point", "_comma").any()).item():
        return frame.with_columns(_marks=pl.lit(NEITHER))
    whole = _shown(pl.col("_point").any(), pl.col("_comma").any())
    by_column = seen.with_columns(_whole=whole).with_columns(
        _own=_shown(pl.col("_point").any().over("column"), pl.col("_comma").any().over("column"))
    )
    marks = pl.when(pl.col("_own") == NEITHER).then(pl.col("_whole")).otherwise(pl.col("_own"))
    return frame.with_columns(by_column.select(marks.alias("_marks")).to_series())


def marks_for(text: str, shown: str, profile: Profile) -> Marks | None:
    """Return the marks that a text is read with; None where both readings fit and nothing tells which is right.

    Examples
    --------
    >>> profile = Profile(name="generic_long")
    >>> marks_for("1,530", POINT, profile).thousands, marks_for("12,5", BOTH, profile).decimal
    (',', ',')
    >>> marks_for("1.530", BOTH, profile) is None
    True
    """
    if shown == DECLARED:
        return profile.marks
    if shown in MARKS:
        return MARKS[shown]
    if re.search(_DECIMAL_COMMA, text):
        return MARKS[COMMA]
    if re.search(_DECIMAL_POINT, text):
        return MARKS[POINT]
    if not re.search(EITHER, text) or (shown == NEITHER and profile.marks_told):
        return profile.marks
    return None


def ambiguous(text: str, shown: str) -> str:
    """Return the sentence for a number that may be read either way."""
    digits = re.sub(r"[.,]", "", text)
    why = (
        "the numbers beside it are written in both ways"
        if shown == BOTH
        else "no other number of the file tells which mark is the decimal one"
    )
    return (
        f"The value is {text[:SHOWN]!r}: it may be {text.replace(',', '.')[:SHOWN]} or {digits[:SHOWN]}, and {why}. "
        "Say in a profile of the lab's own how it writes numbers: [text] decimal and thousands"
    )
