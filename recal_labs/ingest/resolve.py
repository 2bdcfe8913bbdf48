"""Judge every position: a result, a reject with a reason, or no result by design."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from recal_labs.catalogue import Catalogue, fold_name, fold_word
from recal_labs.columns import NO_RESULT, REJECTS, RESULTS, polars_schema
from recal_labs.ingest.date_forms import date_forms
from recal_labs.ingest.dates import read_date
from recal_labs.ingest.evidence import (
    COMMA,
    DECLARED,
    MARKS,
    NEITHER,
    POINT,
    ambiguous,
    marks_for,
    with_evidence,
)
from recal_labs.ingest.labels import fold_label
from recal_labs.ingest.names import resolve_name, resolve_unit
from recal_labs.ingest.positions import SCHEMA
from recal_labs.ingest.profiles import Profile
from recal_labs.ingest.ranges import read_range
from recal_labs.ingest.values import BELOW_LIMIT, ReadValue, read_comparator, read_value, shown
from recal_labs.ingest.verdict import closed_word, with_verdict
from recal_labs.vocabulary import SPECIMENS

MAY_BE_MISSING = (
    "subject_id",
    "specimen_id",
    "collected",
    "specimen",
    "timepoint",
    "fraction",
    "comparator",
    "unit",
    "range",
    "flag",
    "status",
    "replaces",
    "lab",
    "method",
)

# Quotes nothing of the file, so that it may be said of a pseudonymised one, too.
UNSTATED_SPECIMEN = "The kind of specimen is not stated; say it in the profile's [defaults] specimen"


# Every LOINC code of the catalogue is one of urine; its time says which (24H: timed, Pt: a single void).
SPECIMEN_OF_TIME = {"24H": "urine_24h", "Pt": "urine_spot"}


@dataclass(frozen=True, eq=False)
class Judged:
    """What became of the positions of one file."""

    results: pl.DataFrame
    rejects: pl.DataFrame
    no_result: pl.DataFrame

    @classmethod
    def gathered(cls, parts: Sequence[Judged]) -> Judged:
        """Put the parts of one file together."""
        if len(parts) == 1:
            return parts[0]
        return cls(
            *(pl.concat([getattr(part, name) for part in parts]) for name in ("results", "rejects", "no_result"))
        )


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

    def read(text: str, analyte: str | None, shown_marks: str) -> tuple[Any, ...]:
        marks = marks_for(text or "", shown_marks, profile)
        if marks is None:
            return "", None, "", "", "ambiguous_number", ambiguous(text, shown_marks)
        found = read_value(text, marks, catalogue.words, missing)
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
    frame = with_evidence(frame, profile).with_row_index("_at").with_columns(_bare=_is_bare(profile))
    plain = frame.filter("_bare").with_columns(
        pl.lit("").alias("_sign"),
        pl.col("value").str.replace(",", ".", literal=True).cast(pl.Float64).alias("_number"),
        *(pl.lit("").alias(name) for name in list(made)[2:]),
    )
    odd = _by_distinct(frame.filter(~pl.col("_bare")), ["value", "analyte_id", "_marks"], read, made)
    return pl.concat([plain, odd.select(plain.columns)]).sort("_at").drop("_at", "_bare")


def _is_bare(profile: Profile) -> pl.Expr:
    """Return the expression of numbers without anything beside them and with one reading, which are read in one pass.

    Digits of other scripts and numbers without end are for the careful reader, and so is what may be read either way.
    """
    text, shown_marks = pl.col("value"), pl.col("_marks")
    ours = POINT if profile.marks.decimal == "." else COMMA
    told = shown_marks == DECLARED if not profile.marks_told else shown_marks.is_in([DECLARED, NEITHER])
    with_point, with_comma = (
        (shown_marks == kind) | (told if kind == ours else pl.lit(False)) for kind in (POINT, COMMA)
    )
    whole = text.str.contains(r"^[0-9]{1,15}$")
    bare = (
        whole
        | with_point & text.str.contains(r"^[0-9]{1,15}\.[0-9]{1,15}$")
        | with_comma & text.str.contains(r"^[0-9]{1,15},[0-9]{1,15}$")
    )
    return bare.fill_null(False)


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
    own = {fold_label(name): unit for name, unit in profile.units.items()}

    def read(text: str | None, analyte: str | None, name: str | None) -> tuple[Any, ...]:
        spelled = (
            text or own.get(fold_label(name or "")) or profile.units.get(analyte or "") or profile.defaults.get("unit")
        )
        found = resolve_unit(spelled, catalogue.analytes.get(analyte or ""), profile, catalogue)
        return found.unit, found.reason, found.detail

    made = {"_ucum": pl.String, "_unit_reason": pl.String, "_unit_detail": pl.String}
    return _by_distinct(frame, ["unit", "analyte_id", "name"], read, made)


def _with_ranges(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    made = {"reported_low": pl.Float64, "reported_high": pl.Float64}

    def read(text: str | None, shown_marks: str) -> tuple[Any, ...]:
        # A range is written as the numbers beside it are.
        return read_range(text, MARKS.get(shown_marks, profile.marks))

    return _by_distinct(frame, ["range", "_marks"], read, made)


def _with_dates(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    forms = date_forms(frame["collected"].drop_nulls().unique(maintain_order=True), profile)

    def read(text: str | None) -> tuple[Any, ...]:
        found = read_date(text, forms)
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

    def read(text: str | None, code: str | None) -> tuple[Any, ...]:
        coded = catalogue.loinc.get(code or "")
        if not text and not default and coded and coded.time in SPECIMEN_OF_TIME:
            return SPECIMEN_OF_TIME[coded.time], ""
        found = catalogue.specimen_words.get(fold_name(text or default), "")
        if found in SPECIMENS:
            return found, ""
        if not text:
            return None, UNSTATED_SPECIMEN
        if found:
            return None, f"{shown(text)} is {found}, and this toolkit reads urine; leave it out"
        return None, f"{shown(text)} is no known specimen; if it is urine, add the word to specimen_words.csv"

    return _by_distinct(frame, ["specimen", "code"], read, {"_specimen": pl.String, "_specimen_detail": pl.String})


def _with_comparators(frame: pl.DataFrame) -> pl.DataFrame:
    """Read the comparator that stands in a field of its own (SN-1, an operator column); null when it is none."""
    made = {"_operator": pl.String}
    return _by_distinct(frame, ["comparator"], lambda text: (read_comparator(text),), made)


def _without_missing(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Empty the cells that hold a word of this lab for "no value"; in a name the same letters may be an analyte."""
    missing = [fold_word(word) for word in profile.missing]
    if not missing:
        return frame
    text = pl.col(MAY_BE_MISSING)
    return frame.with_columns(pl.when(~text.str.strip_chars().str.to_lowercase().is_in(missing)).then(text))


def _results(frame: pl.DataFrame, profile: Profile, lab: str | None, source_file: str) -> pl.DataFrame:
    """Return the results table of the positions that passed."""
    collected, precision = pl.coalesce("collected_at", "_moment"), pl.coalesce("collected_precision", "_precision")
    # Two voids of one day are two specimens, where the file tells their times.
    stamp = (
        pl.when(precision == "minute")
        .then(collected.dt.strftime("%Y-%m-%dT%H:%M"))
        .otherwise(collected.dt.strftime("%Y-%m-%d"))
    )
    named_specimen = pl.coalesce("specimen_id", pl.concat_str(["subject_id", stamp], separator="@", ignore_nulls=True))
    stated_lab = pl.lit(lab or profile.lab, dtype=pl.String)
    fraction = closed_word("fraction")
    made = frame.select(
        pl.col("subject_id"),
        named_specimen.alias("specimen_id"),
        collected.alias("collected_at"),
        pl.coalesce("utc_offset_min", "_offset").alias("utc_offset_min"),
        precision.alias("collected_precision"),
        pl.col("_specimen").alias("specimen"),
        closed_word("timepoint").fill_null(""),
        pl.col("volume_l").alias("collection_volume_l"),
        pl.col("hours").alias("collection_hours"),
        pl.col("sex").fill_null("unknown"),
        pl.col("age_years"),
        pl.col("analyte_id"),
        pl.when(fraction.is_not_null() & (fraction != ""))
        .then(fraction)
        .when(pl.col("_fraction") != "unspecified")
        .then(pl.col("_fraction"))
        .otherwise(pl.lit(profile.defaults.get("fraction", "unspecified")))
        .alias("fraction"),
        pl.col("code").alias("loinc"),
        # Where both say something they say the same, and "=" says nothing.
        pl.when(pl.col("_operator") != "").then("_operator").otherwise("_sign").alias("comparator"),
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
        closed_word("status").fill_null("final"),
        pl.col("replaces"),
        pl.col("reported_at"),
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
    blank = pl.col("subject_id", "specimen_id", "replaces", "name", "unit", "value").str.strip_chars().replace("", None)
    frame = _with_comparators(_without_missing(frame.with_columns(blank), profile))
    frame = _with_names(frame, profile, catalogue)
    frame = _with_values(frame, profile, catalogue)
    frame = _with_units(frame, profile, catalogue)
    frame = _with_ranges(frame, profile)
    frame = _with_dates(frame, profile)
    frame = with_verdict(_with_specimens(frame, profile, catalogue))
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
