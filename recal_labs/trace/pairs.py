"""Which row of one run is which row of another: by file and place, and by content where a file was renamed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from recal_labs.trace.runs import ROW, FinishedRun

PLACE = ("source_file", "source_row", "source_place")
_AGAIN, _OTHER = "_again", "_other_row"


@dataclass(frozen=True, eq=False, kw_only=True)
class Pairs:
    """The rows of two runs, matched.

    Parameters
    ----------
    one, two : Series of int
        Row numbers, from 0, of the results that both runs hold; in the order of the second.
    removed, added : Series of int
        Row numbers of the results that only the first, and only the second, holds.
    renamed : mapping of str to str
        Files with the same bytes under another name: the first run's name to the second's.
    """

    one: pl.Series
    two: pl.Series
    removed: pl.Series
    added: pl.Series
    renamed: Mapping[str, str]


def match_files(one: FinishedRun, two: FinishedRun) -> dict[str, str]:
    """Return the files that the second run calls otherwise, the first run's name to the second's.

    A file of the same name and bytes is itself; of the others, files of the same bytes are one file; what is left over
    goes by its name.
    """
    first, second = ({name: str(entry.get("sha256", "")) for name, entry in run.files().items()} for run in (one, two))
    same = {name for name, digest in first.items() if second.get(name) == digest}
    waiting: dict[str, list[str]] = defaultdict(list)
    for name, digest in sorted(second.items()):
        if digest and name not in same:
            waiting[digest].append(name)
    renamed = {}
    for name, digest in sorted(first.items()):
        if name not in same and waiting.get(digest):
            renamed[name] = waiting[digest].pop(0)
    return renamed


def _keys(run: FinishedRun, renamed: Mapping[str, str]) -> pl.DataFrame:
    """Return row number and place of every result; a place that holds several results numbers them."""
    frame = run.numbered()
    have = [name for name in PLACE if name in run.columns]
    lacking = [pl.lit(None, dtype=pl.Int64 if name == "source_row" else pl.String).alias(name) for name in PLACE]
    keys = frame.select(ROW, *have, *(column for column in lacking if column.meta.output_name() not in have)).collect()
    if renamed:
        # A file whose name went to another one is not that other one.
        taken = {new: f"{new}\x00before" for new in renamed.values()}
        keys = keys.with_columns(pl.col("source_file").replace({**taken, **renamed}))
    return keys.with_columns(pl.int_range(pl.len()).over(PLACE).alias(_AGAIN))


def match_rows(one: FinishedRun, two: FinishedRun) -> Pairs:
    """Match the results of two runs.

    Parameters
    ----------
    one, two : FinishedRun

    Returns
    -------
    Pairs
        A result is the same one when file and place are: the number may have changed.
    """
    renamed = match_files(one, two)
    keys = [*PLACE, _AGAIN]
    first = _keys(one, renamed).rename({ROW: _OTHER})
    second = _keys(two, {})
    if second[keys].equals(first[keys]):
        # The common case, without a join: the same files, read again.
        nothing = second[ROW].clear()
        return Pairs(one=first[_OTHER], two=second[ROW], removed=nothing, added=nothing, renamed=renamed)
    joined = second.join(first, on=keys, how="full", nulls_equal=True, coalesce=True)
    in_both = joined.filter(pl.col(ROW).is_not_null() & pl.col(_OTHER).is_not_null()).sort(ROW)
    return Pairs(
        one=in_both[_OTHER],
        two=in_both[ROW],
        removed=joined.filter(pl.col(ROW).is_null())[_OTHER].sort(),
        added=joined.filter(pl.col(_OTHER).is_null())[ROW].sort(),
        renamed=renamed,
    )
