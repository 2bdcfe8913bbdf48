"""Columns of Polars frames with codes for identifiers: each distinct text is coded or judged once, then joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from recal_labs.errors import TableError
from recal_labs.privacy.codes import Coder, shift_of
from recal_labs.privacy.words import PLAIN_PLACE, PLAIN_VALUE, WITHHELD, KnownWords

# The oldest single year of age that is told; all above are one group (HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C)).
OLDEST_TOLD = 89
POOLED_AGE = 90.0
# No limit of a urinary analyte has seven digits in a row or begins with 0 and a digit; telephone numbers and dates do.
_LIKE_A_NUMBER_OF_A_PERSON = r"[0-9]{7,}|(^|[^0-9.,])0[0-9]"
# Ages below it are told in months, as the bands of reference intervals need them.
MONTHS_BELOW_YEARS = 2.0


def mapped(frame: pl.DataFrame, keys: Sequence[str], read: Callable[..., Any], made: str) -> pl.DataFrame:
    """Give a frame a text column that a function makes of each distinct combination of other columns.

    Parameters
    ----------
    frame : DataFrame
    keys : sequence of str
        The columns handed to the function, in its order; it is called once for each combination, nulls included.
    read : callable
        Returns a text or None.
    made : str
        The column, new or replaced.
    """
    distinct = frame.select(keys).unique(maintain_order=True)
    texts = pl.Series("_made", [read(*row) for row in distinct.iter_rows()], dtype=pl.String)
    if made in keys and texts.eq_missing(distinct[made]).all():
        return frame
    joined = frame.join(
        distinct.with_columns(texts), on=list(keys), how="left", nulls_equal=True, maintain_order="left"
    )
    return joined.with_columns(pl.col("_made").alias(made)).drop("_made")


def with_codes(frame: pl.DataFrame, coder: Coder, kind: str, column: str) -> pl.DataFrame:
    """Put codes in the place of a column's identifiers; a missing one stays missing."""
    if column not in frame.columns:
        return frame
    whole = frame.with_columns(pl.col(column).cast(pl.String))
    return mapped(whole, [column], lambda text: coder.code(kind, text) if text else text, column)


def with_known(
    frame: pl.DataFrame, coder: Coder, column: str, known: Callable[[str], bool], kind: str = "text"
) -> pl.DataFrame:
    """Keep the known words of a column, and put codes in the place of all others."""
    if column not in frame.columns:
        return frame

    def judged(text: str | None) -> str | None:
        return text if not text or known(text) else coder.code(kind, text)

    return mapped(frame, [column], judged, column)


def with_shifts(frame: pl.DataFrame, columns: Sequence[str], who: str, coder: Coder, days: int) -> pl.DataFrame:
    """Move the dates of a frame by whole days.

    Parameters
    ----------
    frame : DataFrame
    columns : sequence of str
        Columns of dates; those that the frame lacks are passed over.
    who : str
        The column of codes that decides by how much; a row without one loses its dates: whose are they?
    coder : Coder
    days : int
        The largest distance; negative to move the dates back. 0 does nothing.

    Raises
    ------
    TableError
        When a column holds texts or numbers: they would leave as they came in.
    """
    present = [name for name in columns if name in frame.columns and frame.schema[name] != pl.Null]
    if not days or not present:
        return frame
    if texts := [name for name in present if not frame.schema[name].is_temporal()]:
        raise TableError(
            f"{' and '.join(texts)} cannot be moved: it holds {frame.schema[texts[0]]}, not dates. "
            "Make dates of it first, for instance with pandas.to_datetime."
        )
    sign = 1 if days > 0 else -1
    codes = frame[who].unique().drop_nulls().to_list()
    shifts = {code: sign * shift_of(coder.key, code, abs(days)) for code in codes}
    apart = (
        pl.col(who).replace_strict(shifts, default=None, return_dtype=pl.Int64) if shifts else pl.lit(None, pl.Int64)
    )
    return frame.with_columns((pl.col(name) + pl.duration(days=apart)).alias(name) for name in present)


def coarse_age(column: str = "age_years") -> pl.Expr:
    """Return the expression of an age as it may be told: whole years, months below two years, 90 for all above 89.

    An age to the day beside the date of collection would be a birth date. What is rounded down stays inside its age
    band, so reference intervals do not change; those that begin above 90 years are met by nobody.
    """
    age = pl.col(column).cast(pl.Float64)
    # 1e-9: an age of exactly 7/12 years must not fall into its sixth month by rounding.
    years, months = (age + 1e-9).floor(), (age * 12.0 + 1e-9).floor() / 12.0
    told = pl.when(years > OLDEST_TOLD).then(POOLED_AGE).when(age + 1e-9 < MONTHS_BELOW_YEARS).then(months)
    return told.otherwise(years).alias(column)


def with_reported_words(frame: pl.DataFrame, coder: Coder, words: KnownWords) -> pl.DataFrame:
    """Reduce the lab's own words of results to those that are known."""
    if "reported_value" in frame.columns:
        plain = pl.col("reported_value").str.contains(PLAIN_VALUE)
        number = pl.col("value").cast(pl.String).str.replace(r"\.0$", "")
        rebuilt = pl.concat_str([pl.col("comparator").fill_null(""), number])
        frame = frame.with_columns(
            reported_value=pl.when(plain.fill_null(True)).then("reported_value").otherwise(rebuilt)
        )
    if {"reported_range", "reported_low", "reported_high"} <= set(frame.columns):
        # The limits that were read from it would tell the number as well as the text does.
        no_range = pl.col("reported_range").str.contains(_LIKE_A_NUMBER_OF_A_PERSON).fill_null(False)
        frame = frame.with_columns(
            pl.when(no_range).then(pl.lit(WITHHELD)).otherwise("reported_range").alias("reported_range"),
            *(pl.when(~no_range).then(name).alias(name) for name in ("reported_low", "reported_high")),
        )

        def printed(text: str | None, low: float | None, high: float | None) -> str | None:
            if not text or words.printed_range(text):
                return text
            if low is None and high is None:
                return WITHHELD
            return f"{low:g} - {high:g}" if low is not None and high is not None else _one_sided(low, high)

        frame = mapped(frame, ["reported_range", "reported_low", "reported_high"], printed, "reported_range")
    frame = with_known(frame, coder, "reported_name", words.analyte)
    if "analyte_id" in frame.columns and "reported_unit" in frame.columns:

        def unit(text: str | None, analyte: str | None) -> str | None:
            return text if not text or words.unit(text, analyte or "") else coder.code("text", text)

        frame = mapped(frame, ["reported_unit", "analyte_id"], unit, "reported_unit")
    if "reported_flag" in frame.columns:
        frame = mapped(
            frame, ["reported_flag"], lambda text: text if not text or words.flag(text) else WITHHELD, "reported_flag"
        )
    if "loinc" in frame.columns:
        frame = mapped(
            frame, ["loinc"], lambda code: code if not code or code in words.catalogue.loinc else None, "loinc"
        )
    return with_known(frame, coder, "method", words.method)


def _one_sided(low: float | None, high: float | None) -> str:
    return f"<= {high:g}" if high is not None else f">= {low:g}"


def with_places(frame: pl.DataFrame, coder: Coder, words: KnownWords) -> pl.DataFrame:
    """Reduce the places inside a file to numbers of rows and known names of columns."""
    if "source_place" not in frame.columns:
        return frame
    # Nearly all are of one form, and no two alike: judged in one pass, not one by one.
    plain = pl.col("source_place").str.contains(PLAIN_PLACE).fill_null(True)
    row = pl.col("source_place").str.extract(r"(?s)^(row [0-9]+ column )")
    label = pl.col("source_place").str.strip_prefix(row)
    cells = frame.with_columns(
        _row=pl.when(plain).then("source_place").otherwise(row),
        _label=pl.when(~plain).then(pl.when(row.is_null()).then("source_place").otherwise(label)),
        _cell=row.is_not_null(),
    )

    def judged(text: str | None, is_cell: bool) -> str | None:
        if text is None:
            return None
        return words.header(text, coder.text) if is_cell else words.place(text, coder.text)

    done = mapped(cells, ["_label", "_cell"], judged, "_label")
    whole = pl.concat_str(pl.col("_row", "_label").fill_null(""))
    return done.with_columns(source_place=pl.when(pl.col("source_place").is_not_null()).then(whole)).drop(
        "_row", "_label", "_cell"
    )
