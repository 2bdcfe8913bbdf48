"""Which row stands when a result was sent more than once: the newest valid one, the others stay visible."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.normalise.frames import ROW

KEY = ("subject_id", "specimen_id", "analyte_id", "fraction", "timepoint", "reported_basis")

# A correction beats a final result, which beats a preliminary one; a withdrawn result never stands.
RANK = {"preliminary": 1, "final": 2, "corrected": 3}


def mark_current(frame: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add ``current`` and ``stale`` (why a row does not stand: withdrawn, superseded, duplicate, or null).

    Among rows of one subject, specimen, analyte, fraction, time point and reported basis, the highest status stands
    (corrected, final, preliminary); among equals the last one in file order. A row without a specimen id is never
    taken for a duplicate of another.
    """
    rank = nw.col("status").replace_strict(list(RANK), list(RANK.values()), default=0, return_dtype=nw.Int64)
    row = nw.col(ROW).cast(nw.Int64)
    keyless = nw.col("specimen_id").is_null()
    frame = frame.with_columns(
        _rank=rank,
        _specimen=nw.when(keyless)
        .then(nw.concat_str([nw.lit("\x00"), row.cast(nw.String)]))
        .otherwise(nw.col("specimen_id")),
    )
    key = ["_specimen" if name == "specimen_id" else name for name in KEY]
    frame = frame.with_columns(_top=nw.col("_rank").max().over(*key))
    standing = (nw.col("_rank") == nw.col("_top")) & (nw.col("_rank") > 0)
    frame = frame.with_columns(_last=nw.when(standing).then(row).max().over(*key))
    current = standing & (row == nw.col("_last"))
    stale = (
        nw.when(nw.col("_rank") == 0)
        .then(nw.lit("withdrawn"))
        .when(nw.col("_rank") < nw.col("_top"))
        .then(nw.lit("superseded"))
        .when(~current.fill_null(False))
        .then(nw.lit("duplicate"))
    )
    return frame.with_columns(current=current.fill_null(False), stale=stale).drop("_rank", "_specimen", "_top", "_last")
