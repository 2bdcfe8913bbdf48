"""What a row says of its subject, its bottle and its report in numbers and codes: age, sex, volume, hours, date."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue, fold_word
from recal_labs.ingest.date_forms import date_forms
from recal_labs.ingest.dates import read_date
from recal_labs.ingest.grid import ROW, Grid
from recal_labs.ingest.positions import as_positions, no_positions
from recal_labs.ingest.profiles import Profile
from recal_labs.ingest.values import EMPTY, NOT_MEASURED, read_value, shown
from recal_labs.vocabulary import SEXES

DETAILS = ("volume_l", "hours", "age_years", "sex", "reported_at")
# Our field, the column it is read from, and what a number in that column is multiplied by.
NUMBERS = (
    ("volume_l", "volume_l", 1.0),
    ("volume_l", "volume_ml", 0.001),
    ("hours", "hours", 1.0),
    ("age_years", "age_years", 1.0),
)
# The oldest person on record died at 122; a year of birth in the column of ages is larger.
OLDEST = 130
Reader = Callable[[str], tuple[Any, str, str]]


def read_details(
    rows: pl.DataFrame, grid: Grid, columns: Mapping[str, int], profile: Profile, catalogue: Catalogue
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Read age, sex, volume, hours and the date of report of every row.

    Returns
    -------
    rows : DataFrame
        With the columns of `DETAILS`; null (sex: ``unknown``) where there is nothing or it cannot be read.
    unread : DataFrame
        One position, rejected, for each text that cannot be read. The result of its row stands without the detail.
    """
    missing = tuple(fold_word(word) for word in profile.missing)

    def number(text: str) -> tuple[Any, str, str]:
        return _read_number(text, profile, catalogue, missing)

    def age(text: str) -> tuple[Any, str, str]:
        value, reason, detail = number(text)
        if value is not None and value > OLDEST:
            return None, "impossible_value", f"{shown(text)} is no age in years; correct it, or map another column"
        return value, reason, detail

    def sex(text: str) -> tuple[Any, str, str]:
        return _read_sex(text, profile, catalogue, missing)

    unread = [no_positions()]
    made: dict[str, pl.Expr] = {}
    for ours, theirs, factor in NUMBERS:
        if theirs in columns:
            read_text = age if theirs == "age_years" else number
            expression, parts = _column(rows, columns[theirs], grid, read_text, pl.Float64)
            read = expression * factor
            made[ours] = pl.coalesce(made[ours], read) if ours in made else read
            unread.append(parts)
    if "sex" in columns:
        expression, parts = _column(rows, columns["sex"], grid, sex, pl.String)
        made["sex"] = expression.fill_null("unknown")
        unread.append(parts)
    if "reported_at" in columns:
        forms = date_forms(rows[f"c{columns['reported_at']}"].drop_nulls().unique(maintain_order=True), profile)

        def date(text: str) -> tuple[Any, str, str]:
            return _read_report_date(text, forms, missing)

        made["reported_at"], parts = _column(rows, columns["reported_at"], grid, date, pl.Datetime("us"))
        unread.append(parts)
    filled = {name: made.get(name, pl.lit("unknown" if name == "sex" else None)) for name in DETAILS}
    return rows.with_columns(**filled), pl.concat(unread)


def _column(rows: pl.DataFrame, column: int, grid: Grid, read: Reader, dtype: Any) -> tuple[pl.Expr, pl.DataFrame]:
    """Read each distinct text of a column once; also the positions of those that cannot be read."""
    text = pl.col(f"c{column}")
    found = {word: read(word) for word in rows[f"c{column}"].drop_nulls().unique(maintain_order=True)}
    read_texts = {word: value for word, (value, _, _) in found.items() if value is not None}
    faults = {word: (reason, detail) for word, (_, reason, detail) in found.items() if reason}
    values = text.replace_strict(read_texts, default=None, return_dtype=dtype) if read_texts else pl.lit(None, dtype)
    if not faults:
        return values, no_positions()
    name = grid.header[column]
    unread = rows.filter(text.is_in(list(faults))).select(
        pl.col(ROW).alias("source_row"),
        grid.places.cells(pl.col(ROW), column, name).alias("source_place"),
        text.replace_strict({word: reason for word, (reason, _) in faults.items()}).alias("reason"),
        text.replace_strict({word: f"{name}: {detail}" for word, (_, detail) in faults.items()}).alias("detail"),
        text.alias("raw"),
    )
    return values, as_positions(unread)


def _read_number(
    text: str, profile: Profile, catalogue: Catalogue, missing: tuple[str, ...]
) -> tuple[float | None, str, str]:
    found = read_value(text, profile.marks, catalogue.words, missing)
    if found.word in (EMPTY, NOT_MEASURED):
        return None, "", ""
    if found.reason:
        return None, found.reason, found.detail
    if found.word or found.comparator or found.flag:
        return None, "unreadable_value", f"{shown(text)} is not a bare number; write the number alone"
    return found.value, "", ""


def _read_report_date(text: str, forms: tuple[str, ...], missing: tuple[str, ...]) -> tuple[datetime | None, str, str]:
    if fold_word(text) in missing:
        return None, "", ""
    if found := read_date(text, forms):
        return found.moment, "", ""
    return None, "unreadable_date", f"{shown(text)} fits none of the profile's [dates] formats; add its form there"


def _read_sex(
    text: str, profile: Profile, catalogue: Catalogue, missing: tuple[str, ...]
) -> tuple[str | None, str, str]:
    folded = fold_word(text)
    codes = {fold_word(str(code)): meaning for code, meaning in profile.codes.get("sex", {}).items()}
    meaning = codes.get(folded, folded)
    if meaning in SEXES:
        return meaning, "", ""
    word = catalogue.words.get(folded)
    if folded in missing or (word and word.meaning in (EMPTY, NOT_MEASURED)):
        return None, "", ""
    return None, "unreadable_value", f"{shown(text)} is no known sex; say what it means in the profile's [codes.sex]"
