"""The positions frame: every place in a file that may hold a result, as its reader found it, before it is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from recal_labs.ingest.places import TEXT_PLACES, Places

# What a reader says of one position. Text is verbatim; null means that the file does not say.
SCHEMA: Mapping[str, Any] = {
    "source_row": pl.Int64,
    "source_place": pl.String,
    "raw": pl.String,
    # The reader's own verdict, where it is sure: a no_result reason, or a reject reason with its sentence.
    "no_result": pl.String,
    "reason": pl.String,
    "detail": pl.String,
    "subject_id": pl.String,
    "specimen_id": pl.String,
    # A reader that knows the file's dates fills collected_at; one that has text only fills collected.
    "collected": pl.String,
    "collected_at": pl.Datetime("us"),
    "utc_offset_min": pl.Int64,
    "collected_precision": pl.String,
    "reported_at": pl.Datetime("us"),
    "specimen": pl.String,
    "timepoint": pl.String,
    "volume_l": pl.Float64,
    "hours": pl.Float64,
    "sex": pl.String,
    "age_years": pl.Float64,
    "name": pl.String,
    "code": pl.String,
    "fraction": pl.String,
    "value": pl.String,
    # Which of the file's columns the value is from: numbers of one column are written in one way.
    "column": pl.String,
    # The verbatim text, where a reader had to decode it into `value`.
    "printed": pl.String,
    "comparator": pl.String,
    "unit": pl.String,
    "range": pl.String,
    "flag": pl.String,
    "status": pl.String,
    "replaces": pl.String,
    "lab": pl.String,
    "method": pl.String,
}


def as_positions(frame: pl.DataFrame) -> pl.DataFrame:
    """Give a reader's frame every column of the schema, in order; columns it lacks are null."""
    return frame.select(
        (pl.col(name).cast(dtype) if name in frame.columns else pl.lit(None, dtype=dtype)).alias(name)
        for name, dtype in SCHEMA.items()
    )


def no_positions() -> pl.DataFrame:
    """Return a positions frame without a row."""
    return pl.DataFrame(schema=dict(SCHEMA))


def outside_positions(lines: Sequence[tuple[int, str, str]], places: Places = TEXT_PLACES) -> pl.DataFrame:
    """Return positions for lines beside the data: (row, no_result reason, text)."""
    return as_positions(
        pl.DataFrame(
            {
                "source_row": [row for row, _, _ in lines],
                "source_place": [places.row(row) for row, _, _ in lines],
                "no_result": [reason for _, reason, _ in lines],
                "raw": [text for _, _, text in lines],
            },
            schema={name: SCHEMA[name] for name in ("source_row", "source_place", "no_result", "raw")},
        )
    )


def unreadable_rows(lines: Sequence[tuple[int, str, str]], places: Places = TEXT_PLACES) -> pl.DataFrame:
    """Return positions for rows that do not fit their header: (row, sentence, text)."""
    return as_positions(
        pl.DataFrame(
            {
                "source_row": [row for row, _, _ in lines],
                "source_place": [places.row(row) for row, _, _ in lines],
                "reason": ["unreadable_row"] * len(lines),
                "detail": [detail for _, detail, _ in lines],
                "raw": [text for _, _, text in lines],
            },
            schema={name: SCHEMA[name] for name in ("source_row", "source_place", "reason", "detail", "raw")},
        )
    )
