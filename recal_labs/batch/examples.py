"""Of the rejects of each file one example a reason: where it stands, and what is wrong there."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

WHOLE_FILE = "whole file"
# Says of itself that nothing is to be mended, so it comes last.
HARMLESS = "not_measured"


@dataclass(frozen=True, kw_only=True)
class Example:
    """The first reject of one reason in one file.

    Parameters
    ----------
    reason : str
    count : int
        Rejects of that reason in the file.
    place : str
        Where the first one stands, such as ``"row 7"``; empty for a file as a whole.
    detail : str
        Its sentence.
    """

    reason: str
    count: int
    place: str
    detail: str


def _place(row: int | None, place: str | None) -> str:
    """Return a place that can be found: of a table's cell the reject names the column, and the row stands beside."""
    if place in (None, "", WHOLE_FILE):
        return f"row {row}" if row is not None else ""
    if row is None or any(letter.isdigit() for letter in str(place)):
        return str(place)
    return f"row {row}"


def examples_of(rejects: pl.DataFrame) -> dict[str, tuple[Example, ...]]:
    """Return the examples of each file, the most frequent reason first.

    Parameters
    ----------
    rejects : DataFrame
        The `rejects` table.

    Examples
    --------
    >>> from recal_labs.columns import REJECTS, polars_schema
    >>> rows = [("a.csv", 3, "row 3", "unknown_unit", "'ug/g creatnine' is not known", "HVA|4|ug/g creatnine")]
    >>> examples_of(pl.DataFrame(rows, schema=polars_schema(REJECTS), orient="row"))["a.csv"][0].place
    'row 3'
    """
    counted = (
        rejects.group_by("source_file", "reason", maintain_order=True)
        .agg(pl.len().alias("count"), pl.col("source_row", "source_place", "detail").first())
        .sort(pl.col("reason") == HARMLESS, -pl.col("count").cast(pl.Int64), "reason")
    )
    found: dict[str, list[Example]] = {}
    for row in counted.iter_rows(named=True):
        example = Example(
            reason=row["reason"],
            count=row["count"],
            place=_place(row["source_row"], row["source_place"]),
            detail=row["detail"] or "",
        )
        found.setdefault(row["source_file"], []).append(example)
    return {file: tuple(examples) for file, examples in found.items()}
