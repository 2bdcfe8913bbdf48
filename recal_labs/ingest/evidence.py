"""What a file as a whole shows of how its numbers are written."""

from __future__ import annotations

import re

import polars as pl

from recal_labs.ingest.profiles import SHIPPED, Profile
from recal_labs.ingest.values import SHOWN

_SHIPPED = frozenset(path.stem for path in SHIPPED.glob("*.toml"))


def doubt_numbers(frame: pl.DataFrame, profile: Profile) -> pl.DataFrame:
    """Refuse numbers whose mark may stand between thousands, where the file shows that its decimal mark is the other.

    A shipped profile says only what is usual; one of the lab's own says how the lab writes, and is believed.
    """
    if profile.name not in _SHIPPED:
        return frame
    ours, other = (re.escape(mark) for mark in ((".", ",") if profile.marks.decimal == "." else (",", ".")))
    value = pl.col("value").fill_null("")
    evidence = value.str.contains(rf"\d{other}(\d{{1,2}}|\d{{4,}})(\D|$)")
    if not frame.select(evidence.any()).item():
        return frame
    example = frame.filter(evidence)["value"][0][:SHOWN]
    both = value.str.contains(rf"^\D*[1-9]\d{{0,2}}({ours}\d{{3}})+(\D*)$") & ~value.str.contains(rf"\d{other}\d")
    doubt = both & pl.col("_number").is_not_null()
    sentence = pl.format(
        "The value is '{}', which may have thousands or decimals; elsewhere this file writes '{}'. Say in a profile "
        "of the lab's own how it writes numbers: [text] decimal and thousands",
        value.str.slice(0, SHOWN),
        pl.lit(example),
    )
    return frame.with_columns(
        _value_reason=pl.when(doubt).then(pl.lit("ambiguous_number")).otherwise(pl.col("_value_reason")),
        _value_detail=pl.when(doubt).then(sentence).otherwise(pl.col("_value_detail")),
    )
