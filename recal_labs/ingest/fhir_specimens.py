"""Which kind of urine FHIR positions were measured in, and what other observations say of its collection."""

from __future__ import annotations

import polars as pl

from recal_labs.ingest.hl7_orders import HOURS, HOURS_CODES, LITRES, VOLUME_CODES
from recal_labs.ingest.hl7_types import read_amount
from recal_labs.ingest.values import shown

# Words that say urine but not which kind of collection; as for HL7 version 2.
_URINE = ("u", "ur", "urine", "urin", "urine specimen")
_DAY = "24 h urine"
_TIMED = r"(?i)\b24[\s-]*h"
_OTHER_MATRIX = r"(?i)serum|plasma|blood|saliva|stool|f(?:a?e|æ)ces|csf|liquor"
_OF_URINE = r"(?i)\b(?:u|ur|urine?)\b"
# How the names of LOINC end that were given for urine of 24 hours, and for urine at one point in time.
_CALLED_DAY, _CALLED_URINE = r"(?i)\bin 24 hour urine\b", r"(?i)\bin urine(?: by .*)?$"
# A collection this long was a timed one; shorter than 20 h it does not count as a day's (loinc_context.csv, 13362-9).
_DAY_FROM_HOURS = 20.0
# Who and which specimen: what shares these shares its collection.
_COLLECTION = ("subject_id", "specimen_id", "_moment")


def name_the_specimens(frame: pl.DataFrame) -> pl.DataFrame:
    """Call a specimen 24 h urine where its duration or the name of the order says so.

    Where no specimen is stated, the name of the code may tell urine; a stated one is never overruled by it, because
    labs use codes of 24 hours for random urine, too.
    """
    stated, hours = pl.col("specimen"), pl.col("hours").fill_null(0.0)
    plain = stated.str.strip_chars().str.to_lowercase().is_in(_URINE).fill_null(False)
    # What the lab itself calls it, not what its code is called.
    own_words = pl.when(pl.col("name") != pl.col("called").fill_null("")).then("name")
    by_order, by_name = _is_timed(pl.col("ordered")), _is_timed(own_words)
    of_urine = own_words.str.contains(_OF_URINE).fill_null(False)
    called_day = pl.col("called").str.contains(_CALLED_DAY).fill_null(False)
    return frame.with_columns(
        specimen=pl.when(plain & ((hours >= _DAY_FROM_HOURS) | by_order | by_name))
        .then(pl.lit(_DAY))
        .when(stated.is_null() & (by_order | (by_name & of_urine) | called_day))
        .then(pl.lit(_DAY))
        .when(stated.is_null() & pl.col("called").str.contains(_CALLED_URINE).fill_null(False))
        .then(pl.lit("urine"))
        .otherwise(stated)
    )


def _is_timed(text: pl.Expr) -> pl.Expr:
    return (text.str.contains(_TIMED) & ~text.str.contains(_OTHER_MATRIX)).fill_null(False)


def read_details(frame: pl.DataFrame) -> pl.DataFrame:
    """Give volume and duration that stand in observations of their own to all positions of the same collection.

    Such an observation holds no result; one that cannot be read is refused, because amounts per day depend on it.
    """
    is_detail = pl.col("code").is_in([*VOLUME_CODES, *HOURS_CODES])
    if not frame.select((is_detail & pl.col("value").is_not_null()).any()).item():
        return frame
    frame = frame.with_row_index("_row").with_columns(
        _moment=pl.when(pl.col("specimen_id").is_null()).then("collected_at")
    )
    undecided = is_detail & pl.col("value").is_not_null() & pl.col("no_result").is_null() & pl.col("reason").is_null()
    details = frame.filter(undecided).select("_row", *_COLLECTION, "code", "comparator", "value", "unit", "status")
    read = pl.DataFrame(
        [_read_detail(*row) for row in details.drop(*_COLLECTION).iter_rows()],
        schema={
            "_row": frame.schema["_row"],
            "_volume": pl.Float64,
            "_hours": pl.Float64,
            "_none": pl.String,
            "_reason": pl.String,
            "_detail": pl.String,
        },
        orient="row",
    )
    told = details.select("_row", *_COLLECTION).join(read, on="_row").sort("_row").group_by(*_COLLECTION)
    amounts = told.agg(pl.col("_volume", "_hours").drop_nulls().last())
    frame = frame.join(amounts, on=_COLLECTION, how="left", nulls_equal=True, maintain_order="left").join(
        read.drop("_volume", "_hours"), on="_row", how="left", maintain_order="left"
    )
    return frame.with_columns(
        volume_l=pl.coalesce("_volume", "volume_l"),
        hours=pl.coalesce("_hours", "hours"),
        no_result=pl.coalesce("no_result", "_none"),
        reason=pl.coalesce("reason", "_reason"),
        detail=pl.coalesce("detail", "_detail"),
    ).drop("_row", "_moment", "_volume", "_hours", "_none", "_reason", "_detail")


def _read_detail(
    row: int, code: str, comparator: str | None, value: str, unit: str | None, status: str | None
) -> tuple[int, float | None, float | None, str | None, str | None, str | None]:
    """Return litres or hours of an observation of the collection, and the verdict on it."""
    is_volume = code in VOLUME_CODES
    amount = None if comparator else read_amount(value, unit or "", LITRES if is_volume else HOURS)
    if status in ("cancelled", "entered_in_error"):
        return row, None, None, "collection_detail", None, None
    if amount is None:
        what = "volume" if is_volume else "hours"
        said = f"{comparator or ''}{value}"
        why = f"The {what} of the collection is {shown(said)} with the unit {unit!r}; expected one exact amount"
        return row, None, None, None, "unreadable_value", why
    return row, *((amount, None) if is_volume else (None, amount)), "collection_detail", None, None
