"""The rules by which a position is a result, a reject with a reason, or no result by design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from recal_labs.ingest.values import ABOVE_LIMIT, BELOW_LIMIT, EMPTY, NOT_MEASURED, SHOWN
from recal_labs.vocabulary import COMPARATORS, FRACTIONS, STATUSES, TIMEPOINTS

# Fields whose words come from a closed list: an unknown one changes what the result is, so it is not passed over.
CLOSED: Mapping[str, Mapping[str, str]] = {"status": STATUSES, "fraction": FRACTIONS, "timepoint": TIMEPOINTS}
Rule = tuple[pl.Expr, pl.Expr, pl.Expr]


def closed_word(column: str) -> pl.Expr:
    """Return the expression of a closed list's word, however it is spaced or written large."""
    return pl.col(column).str.strip_chars().str.to_lowercase().str.replace_all(r"[\s-]+", "_").alias(column)


def _text(column: str, fallback: str = "") -> pl.Expr:
    return pl.col(column).fill_null(fallback).str.slice(0, SHOWN)


def _closed_rules() -> list[Rule]:
    return [
        (
            closed_word(column).is_in([*words, ""]).not_().fill_null(False),
            pl.lit("unreadable_row"),
            pl.format(
                "The {} is '{}'; expected {}. Say in the profile's [codes.{}] what it means",
                pl.lit(column),
                _text(column),
                pl.lit(" or ".join(word for word in words if word)),
                pl.lit(column),
            ),
        )
        for column, words in CLOSED.items()
    ]


def _is_notice() -> pl.Expr:
    """Return the expression of rows that take back an earlier result and hold no number of their own.

    A deletion needs none (HL7 table 0085, D and W), and a correction may say that it was not measured after all. They
    stay among the results, for there they meet what they take back; whose and what it was must be clear.
    """
    status = closed_word("status")
    takes_back = (status == "entered_in_error") | (status == "corrected") & (pl.col("_word") == NOT_MEASURED)
    known = pl.col("subject_id").is_not_null() & pl.col("_specimen").is_not_null() & (pl.col("_name_reason") == "")
    said_nothing = pl.col("reason").is_null() & pl.col("no_result").is_null()
    return (takes_back & pl.col("_number").is_null() & known & said_nothing).fill_null(False)


def _value_rules(cancelled: pl.Expr) -> list[Rule]:
    word, operator, sign = pl.col("_word"), pl.col("_operator"), pl.col("_sign")
    return [
        (
            (word == NOT_MEASURED) | cancelled,
            pl.lit("not_measured"),
            pl.format("The lab did not measure it: {}", _text("value", "cancelled")),
        ),
        (
            word.is_in([BELOW_LIMIT, ABOVE_LIMIT]),
            pl.lit("unreadable_value"),
            pl.format("{} gives no limit; declare it in the profile's [not_detected]", _text("value")),
        ),
        (pl.col("_value_reason") != "", pl.col("_value_reason"), pl.col("_value_detail")),
        (
            operator.is_null(),
            pl.lit("unreadable_value"),
            pl.format(
                "The comparator is '{}'; expected {} or nothing. Correct it, or ask the lab",
                _text("comparator"),
                pl.lit(" ".join(c for c in COMPARATORS if c)),
            ),
        ),
        (
            (operator != "") & (word == EMPTY),
            pl.lit("unreadable_value"),
            pl.format("The comparator {} has no number beside it; ask the lab for the limit", operator),
        ),
        (
            (operator != "") & (sign != "") & (operator != sign),
            pl.lit("unreadable_value"),
            pl.format(
                "The comparator is {}, but the value is {}; ask the lab which is right", operator, _text("value")
            ),
        ),
    ]


def _rules(cancelled: pl.Expr) -> list[Rule]:
    """Return every rule as (applies, reason, sentence); the first that applies stands."""
    has_number = ~_is_notice()
    return [
        (pl.col("reason").is_not_null(), pl.col("reason"), pl.col("detail")),
        (
            pl.col("subject_id").is_null(),
            pl.lit("missing_subject"),
            pl.lit("There is no subject id, so nothing can be linked; add it, or map its column in the profile"),
        ),
        (pl.col("_specimen").is_null(), pl.lit("wrong_specimen"), pl.col("_specimen_detail")),
        (pl.col("_name_reason") != "", pl.col("_name_reason"), pl.col("_name_detail")),
        *((has_number & applies, reason, sentence) for applies, reason, sentence in _value_rules(cancelled)),
        *_closed_rules(),
        (has_number & (pl.col("_unit_reason") != ""), pl.col("_unit_reason"), pl.col("_unit_detail")),
        (
            pl.col("_unread_date").ne("") & pl.col("collected_at").is_null(),
            pl.lit("unreadable_date"),
            pl.format(
                "The date is '{}'; it is not complete or fits none of the profile's [dates] formats; correct it, "
                "or add its form there",
                _text("_unread_date"),
            ),
        ),
    ]


def with_verdict(frame: pl.DataFrame) -> pl.DataFrame:
    """Add ``_reason`` with ``_detail``, and ``_no_result``; all null for a result.

    Rows that are refused come last; among themselves, and among the others, rows keep their order.
    """
    # A cancelled result with a number stays visible as a result of that status.
    cancelled = closed_word("status").eq("cancelled").fill_null(False) & pl.col("_number").is_null()
    said_nothing = (pl.col("_operator") == "").fill_null(False) & pl.col("reason").is_null()
    empty = (pl.col("_word") == EMPTY) & ~cancelled & ~_is_notice() & said_nothing
    design: Any = pl.when(pl.col("no_result").is_not_null()).then(pl.col("no_result"))
    design = design.when(empty).then(pl.lit("empty_value"))
    nothing = pl.lit(None, dtype=pl.String)
    rules = _rules(cancelled)
    sound = pl.col("no_result").is_not_null() | empty
    refused = ~sound & pl.any_horizontal(applies.fill_null(False) for applies, _, _ in rules)
    frame = frame.with_columns(_no_result=design.otherwise(None), _refused=refused)
    reason: Any = pl.when(pl.lit(False)).then(nothing)
    detail: Any = pl.when(pl.lit(False)).then(nothing)
    for applies, why, sentence in rules:
        reason, detail = reason.when(applies).then(why), detail.when(applies).then(sentence)
    # Sentences are written for the rows that need one: most need none.
    passed = frame.filter(~pl.col("_refused")).with_columns(_reason=nothing, _detail=nothing)
    failed = frame.filter("_refused").with_columns(_reason=reason.otherwise(None), _detail=detail.otherwise(None))
    return pl.concat([passed, failed.select(passed.columns)]).drop("_refused")
