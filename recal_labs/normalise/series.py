"""Where one person's panels change lab, method or preservative: the step may be theirs and not the person's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals as nw

from recal_labs.normalise.flags import Flagged, flag_column
from recal_labs.normalise.frames import ROW

CODES: Mapping[str, str] = {
    "lab_id": "lab_changed",
    "method": "method_changed",
    "preservative": "preservative_changed",
}
SERIES = ("subject_id", "analyte_id", "fraction", "specimen")


def with_plain_words(rows: nw.LazyFrame[Any], words: tuple[str, ...]) -> nw.LazyFrame[Any]:
    """Give words without their case and the spaces around them, and nothing where they are empty."""
    plain = {word: nw.col(word).str.strip_chars().str.to_lowercase() for word in words}
    return rows.with_columns(**{word: nw.when(text != "").then(text) for word, text in plain.items()})


def _several(words: tuple[str, ...], by: tuple[str, ...], rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the groups that hold two different words."""
    ends = {f"_{end}_{word}": getattr(nw.col(word), end)() for word in words for end in ("min", "max")}
    differ = [(nw.col(f"_min_{word}") != nw.col(f"_max_{word}")).fill_null(False) for word in words]
    return rows.group_by(*by).agg(**ends).filter(nw.any_horizontal(*differ, ignore_nulls=True)).select(*by)


def who_changes(rows: nw.LazyFrame[Any], words: tuple[str, ...]) -> nw.LazyFrame[Any]:
    """Return the ``subject_id`` of those who have two words for one analyte: hardly anybody, so that the rest is quick.

    Parameters
    ----------
    rows : LazyFrame
        Results with the columns of ``words``, as `with_plain_words` gives them.
    words : tuple of str
    """
    # First by analyte alone: where one lab measures it by one method, nobody's can change.
    analytes = _several(words, ("analyte_id",), rows)
    changing = _several(words, ("subject_id", "analyte_id"), rows.join(analytes, on="analyte_id", how="semi"))
    return changing.filter(~nw.col("subject_id").is_null()).select("subject_id").unique()


def series_flags(rows: nw.LazyFrame[Any], words: tuple[str, ...]) -> Flagged:
    """Return the rows that come first after a change in one person's series of an analyte, fraction and specimen.

    Parameters
    ----------
    rows : LazyFrame
        Results with ``current`` and the columns of ``words``; all rows of each person in it.
    words : tuple of str
        Keys of `CODES`.

    Notes
    -----
    Each current row is set against the last one before it, by ``collected_at``, of which the word is known: a missing
    word is no change. Rows that do not stand, or have no date or subject, are left out.
    """
    named = ~nw.col("subject_id").is_null() & ~nw.col("collected_at").is_null()
    rows = rows.filter(named & nw.col("current")).select(ROW, *SERIES, "collected_at", *words)
    # Of rows of one time the words decide who is first, so that the outcome is the same in any order of rows.
    order = {word: ["collected_at", word, ROW] for word in words}
    known = {w: nw.col(w).fill_null(strategy="forward").over(*SERIES, order_by=order[w]) for w in words}
    rows = rows.with_columns(**{f"_known_{word}": expression for word, expression in known.items()})
    before = {w: nw.col(f"_known_{w}").shift(1).over(*SERIES, order_by=order[w]) for w in words}
    rows = rows.with_columns(**{f"_before_{word}": expression for word, expression in before.items()})
    changed = {word: (nw.col(word) != nw.col(f"_before_{word}")).fill_null(False) for word in words}
    # The rows of a panel have one time: what holds for the first of them holds for all that have its word.
    marks = {flag_column(CODES[word]): changed[word].any().over(*SERIES, "collected_at", word) for word in words}
    marked = rows.with_columns(**marks)
    return Flagged(marked.filter(nw.any_horizontal(*marks, ignore_nulls=True)), tuple(CODES[word] for word in words))
