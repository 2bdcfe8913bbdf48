"""Judge every position: a result, a reject with a reason, or no result by design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue, fold_name, fold_word
from recal_labs.columns import NO_RESULT, REJECTS, RESULTS, polars_schema
from recal_labs.ingest.dates import read_date
from recal_labs.ingest.names import resolve_name, resolve_unit
from recal_labs.ingest.positions import SCHEMA
from recal_labs.ingest.profiles import Profile
from recal_labs.ingest.ranges import read_range
from recal_labs.ingest.values import ABOVE_LIMIT, BELOW_LIMIT, EMPTY, NOT_MEASURED, ReadValue, read_value
from recal_labs.vocabulary import FRACTIONS, SPECIMENS, STATUSES, TIMEPOINTS


@dataclass(frozen=True, eq=False)
class Judged:
    """What became of the positions of one file."""

    results: pl.DataFrame
    rejects: pl.DataFrame
    no_result: pl.DataFrame


def _by_distinct(
    frame: pl.DataFrame, keys: Sequence[str], read: Callable[..., tuple[Any, ...]], made: dict[str, Any]
) -> pl.DataFrame:
    """Read each distinct combination of texts once and join what was read; files repeat their words endlessly."""
    distinct = frame.select(keys).unique(maintain_order=True)
    rows = [read(*row) for row in distinct.iter_rows()]
    read_frame = pl.DataFrame(rows, schema=made, orient="row") if rows else pl.DataFrame(schema=made)
    return frame.join(pl.concat([distinct, read_frame], how="horizontal"), on=keys, how="left", nulls_equal=True)


def _with_values(frame: pl.DataFrame, profile: Profile, catalogue: Catalogue) -> pl.DataFrame:
    """Read values: bare numbers in one pass, everything else by the careful reader, once a distinct text."""
    missing = tuple(fold_word(word) for word in profile.missing)
    limits = profile.not_detected

    def read(text: str, analyte: str | None) -> tuple[Any, ...]:
        found = read_value(text, profile.marks, catalogue.words, missing)
        if found.word == BELOW_LIMIT and analyte is not None and analyte in limits:
            found = _limit(limits[analyte], profile, catalogue)
        return found.comparator, found.value, found.flag, found.word, found.reason, found.detail

    made = {
        "_sign": pl.String,
        "_number": pl.Float64,
        "_glued": pl.String,
        "_word": pl.String,
        "_value_reason": pl.String,
        "_value_detail": pl.String,
    }
    point = r"\." if profile.marks.decimal == "." else ","
    bare = pl.col("value").str.strip_chars().str.contains(rf"^\d+({point}\d+)?$").fill_null(False)
    # 1.530 in a file with points between thousands is not a bare number.
    frame = frame.with_row_index("_at").with_columns(_bare=bare)
    plain = frame.filter("_bare").with_columns(
        pl.lit("").alias("_sign"),
        pl.col("value")
        .str.strip_chars()
        .str.replace(profile.marks.decimal, ".", literal=True)
        .cast(pl.Float64)
        .alias("_number"),
        *(pl.lit("").alias(name) for name in list(made)[2:]),
    )
    odd = _by_distinct(frame.filter(~pl.col("_bare")), ["value", "analyte_id"], read, made)
    return pl.concat([plain, odd.select(plain.columns)]).sort("_at").drop("_at", "_bare")


def _limit(text: str, profile: Profile, catalogue: Catalogue) -> ReadValue:
    """Return the declared limit as a censored value."""
    found = read_value(text.lstrip("<≤ "), profile.marks, catalogue.words)
    return ReadValue("<", found.value) if found.value is not None else found


def _with_names(frame: pl.DataFrame, profile: Profile, catalogue: Catalogue) -> pl.DataFrame:
    def read(name: str | None, code: str | None) -> tuple[Any, ...]:
        found = resolve_name(name, code, profile, catalogue)
        return found.analyte_id, found.fraction, found.reason, found.detail

    made = {
        "analyte_id": pl.String,
        "_fraction": pl.String,
        "_name_reason": pl.String,
        "_name_detail": pl.String,
    }
    return _by_distinct(frame, ["name", "code"], read, made)


def _with_units(frame: pl.DataFrame, profile: Profile, catalogue: Catalogue) -> pl.DataFrame:
    own = {fold_name(name): unit for name, unit in profile.units.items()}

    def read(text: str | None, analyte: str | None, name: str | None) -> tuple[Any, ...]:
        spelled = (
            text or own.get(fold_name(name or "")) or profile.units.get(analyte or "") or profile.defaults.get("unit")
        )
        found = resolve_unit(spelled, catalogue.analytes.get(analyte or ""), profile, catalogue)
        return found.unit, found.reason, found.detail

    made = {"_ucum": pl.String, "_unit_reason": pl.String, "_unit_detail": pl.String}
    return _by_distinct(frame, ["unit", "analyte_id", "name"], read, made)


def _with_ranges(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    made = {"reported_low": pl.Float64, "reported_high": pl.Float64}
    return _by_distinct(frame, ["range"], lambda text: read_range(text, profile.marks), made)


def _with_dates(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    def read(text: str | None) -> tuple[Any, ...]:
        found = read_date(text, profile.date_formats)
        if found:
            return found.moment, found.precision, found.offset_min, ""
        return None, None, None, text or ""

    made = {
        "_moment": pl.Datetime("us"),
        "_precision": pl.String,
        "_offset": pl.Int64,
        "_unread_date": pl.String,
    }
    return _by_distinct(frame, ["collected"], read, made)


def _with_specimens(frame: pl.DataFrame, profile: Profile, catalogue: Catalogue) -> pl.DataFrame:
    default = profile.defaults.get("specimen", "")

    def read(text: str | None) -> tuple[Any, ...]:
        found = catalogue.specimen_words.get(fold_name(text or default), "")
        if found in SPECIMENS:
            return found, ""
        if not text:
            return None, "The kind of specimen is not stated; say it in the profile's [defaults] specimen"
        matrix = f"is {found}" if found else "is no specimen that specimen_words.csv knows"
        return None, f"{text!r} {matrix}; this toolkit reads urine"

    return _by_distinct(frame, ["specimen"], read, {"_specimen": pl.String, "_specimen_detail": pl.String})


def _reason(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``_reason`` with ``_detail``, and ``_no_result``; all null for a result. The first that applies stands."""
    word = pl.col("_word")
    cancelled = pl.col("status").eq("cancelled").fill_null(False) & pl.col("_number").is_null()
    empty = (word == EMPTY) & ~cancelled
    odd_word = word.is_in([BELOW_LIMIT, ABOVE_LIMIT])
    rules: list[tuple[pl.Expr, pl.Expr, pl.Expr]] = [
        (pl.col("reason").is_not_null(), pl.col("reason"), pl.col("detail")),
        (
            pl.col("subject_id").is_null(),
            pl.lit("missing_subject"),
            pl.lit("There is no subject id; without it nothing can be linked"),
        ),
        (pl.col("_specimen").is_null(), pl.lit("wrong_specimen"), pl.col("_specimen_detail")),
        (pl.col("_name_reason") != "", pl.col("_name_reason"), pl.col("_name_detail")),
        (
            (word == NOT_MEASURED) | cancelled,
            pl.lit("not_measured"),
            pl.format("The lab did not measure it: {}", pl.col("value").fill_null("cancelled")),
        ),
        (
            odd_word,
            pl.lit("unreadable_value"),
            pl.format("{} gives no limit; declare it in the profile's [not_detected]", pl.col("value")),
        ),
        (pl.col("_value_reason") != "", pl.col("_value_reason"), pl.col("_value_detail")),
        (pl.col("_unit_reason") != "", pl.col("_unit_reason"), pl.col("_unit_detail")),
        (
            pl.col("_unread_date").ne("") & pl.col("collected_at").is_null(),
            pl.lit("unreadable_date"),
            pl.format("The date is {}; it fits none of the profile's [dates] formats", pl.col("_unread_date")),
        ),
    ]
    reason: Any = pl.when(pl.col("no_result").is_not_null() | empty).then(pl.lit(None, dtype=pl.String))
    detail: Any = pl.when(pl.col("no_result").is_not_null() | empty).then(pl.lit(None, dtype=pl.String))
    for applies, why, sentence in rules:
        reason, detail = reason.when(applies).then(why), detail.when(applies).then(sentence)
    design: Any = pl.when(pl.col("no_result").is_not_null()).then(pl.col("no_result"))
    design = design.when(empty & pl.col("reason").is_null()).then(pl.lit("empty_value"))
    return frame.with_columns(
        _reason=reason.otherwise(None), _detail=detail.otherwise(None), _no_result=design.otherwise(None)
    )


def _known(column: str, words: Sequence[str], default: str) -> pl.Expr:
    value = pl.col(column).str.to_lowercase()
    return pl.when(value.is_in(list(words))).then(value).otherwise(pl.lit(default)).alias(column)


def _results(frame: pl.DataFrame, profile: Profile, lab: str | None, source_file: str) -> pl.DataFrame:
    """Return the results table of the positions that passed."""
    day = pl.coalesce("collected_at", "_moment").dt.strftime("%Y-%m-%d")
    named_specimen = pl.coalesce("specimen_id", pl.concat_str(["subject_id", day], separator="@", ignore_nulls=True))
    # A comparator of its own (SN-1, an operator column) stands before one found in the text.
    separate = pl.col("comparator").is_not_null() & (pl.col("comparator") != "")
    stated_lab = pl.lit(lab or profile.lab, dtype=pl.String)
    fraction = pl.col("fraction").str.to_lowercase()
    made = frame.select(
        pl.col("subject_id"),
        named_specimen.alias("specimen_id"),
        pl.coalesce("collected_at", "_moment").alias("collected_at"),
        pl.coalesce("utc_offset_min", "_offset").alias("utc_offset_min"),
        pl.coalesce("collected_precision", "_precision").alias("collected_precision"),
        pl.col("_specimen").alias("specimen"),
        _known("timepoint", tuple(TIMEPOINTS), ""),
        pl.col("volume_l").alias("collection_volume_l"),
        pl.col("hours").alias("collection_hours"),
        pl.col("sex").fill_null("unknown"),
        pl.col("age_years"),
        pl.col("analyte_id"),
        pl.when(fraction.is_in(list(FRACTIONS)))
        .then(fraction)
        .when(pl.col("_fraction") != "unspecified")
        .then(pl.col("_fraction"))
        .otherwise(pl.lit(profile.defaults.get("fraction", "unspecified")))
        .alias("fraction"),
        pl.col("code").alias("loinc"),
        pl.when(separate).then(pl.col("comparator")).otherwise(pl.col("_sign")).alias("comparator"),
        pl.col("_number").alias("value"),
        pl.col("_ucum").alias("unit"),
        pl.col("name").alias("reported_name"),
        pl.coalesce("printed", "value").alias("reported_value"),
        pl.col("unit").alias("reported_unit"),
        pl.col("range").alias("reported_range"),
        pl.when(pl.col("_glued") != "")
        .then(pl.coalesce("flag", "_glued"))
        .otherwise(pl.col("flag"))
        .alias("reported_flag"),
        pl.col("reported_low"),
        pl.col("reported_high"),
        _known("status", tuple(STATUSES), "final"),
        pl.col("replaces"),
        (stated_lab if lab else pl.coalesce("lab", stated_lab)).alias("lab_id"),
        pl.col("method"),
        pl.lit(source_file).alias("source_file"),
        pl.col("source_row"),
        pl.col("source_place"),
    )
    return made.cast(polars_schema(RESULTS)).select(RESULTS.names)


def judge(positions: pl.DataFrame, profile: Profile, catalogue: Catalogue, *, lab: str | None, name: str) -> Judged:
    """Sort positions into results, rejects and no_result.

    Parameters
    ----------
    positions : DataFrame
        As a reader gives them: `recal_labs.ingest.positions.SCHEMA`.
    profile : Profile
    catalogue : Catalogue
    lab : str or None
        Lab id that stands above the file's own.
    name : str
        The file's name for the outputs.

    Returns
    -------
    Judged
        Every position is in exactly one of the three.
    """
    frame = positions.select(list(SCHEMA))
    blank = pl.col("subject_id", "specimen_id", "name", "unit", "value").str.strip_chars().replace("", None)
    frame = frame.with_columns(blank)
    frame = _with_names(frame, profile, catalogue)
    frame = _with_values(frame, profile, catalogue)
    frame = _with_units(frame, profile, catalogue)
    frame = _with_ranges(frame, profile)
    frame = _with_dates(frame, profile)
    frame = _reason(_with_specimens(frame, profile, catalogue))
    here = pl.lit(name).alias("source_file")
    refused = frame.filter(pl.col("_reason").is_not_null())
    empty = frame.filter(pl.col("_no_result").is_not_null() & pl.col("_reason").is_null())
    good = frame.filter(pl.col("_reason").is_null() & pl.col("_no_result").is_null())
    return Judged(
        results=_results(good, profile, lab, name),
        rejects=refused.select(
            here,
            "source_row",
            "source_place",
            pl.col("_reason").alias("reason"),
            pl.col("_detail").alias("detail"),
            "raw",
        )
        .cast(polars_schema(REJECTS))
        .select(REJECTS.names),
        no_result=empty.select(here, "source_row", "source_place", pl.col("_no_result").alias("reason"), "raw")
        .cast(polars_schema(NO_RESULT))
        .select(NO_RESULT.names),
    )
