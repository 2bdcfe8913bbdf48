"""The effects of two study runs, side by side: estimates and their intervals that changed."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from recal_labs.errors import FileProblem
from recal_labs.trace.runs import FinishedRun

TABLES = ("effects.csv", "change.csv")
KEY = ("analyte_id", "outcome", "effect")
NUMBERS = ("estimate", "ci_low", "ci_high", "p_value", "p_adjusted", "n", "n_subjects")
TEXTS = ("unit", "method", "reason")


def _read(path: Path) -> pl.DataFrame:
    """Return a table of effects: keys and texts as text, numbers as numbers; what it lacks is missing."""
    try:
        frame = pl.read_csv(path, infer_schema=False)
    except (OSError, pl.exceptions.PolarsError) as err:
        raise FileProblem(
            path, "it cannot be read as CSV", "the effects that a run has written", "run it again"
        ) from err
    columns = [
        (pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.String).alias(name))
        for name in (*KEY, *NUMBERS, *TEXTS)
    ]
    made = frame.select(columns).with_columns(pl.col(NUMBERS).cast(pl.Float64), pl.col(KEY).fill_null(""))
    return made.with_columns(pl.int_range(pl.len()).over(KEY).alias("_again"))


def changed_effects(one: FinishedRun, two: FinishedRun, tolerance: float = 0.0) -> pl.DataFrame | None:
    """Return the effects that two study runs report differently.

    Parameters
    ----------
    one, two : FinishedRun
    tolerance : float
        Numbers that differ by no more than this share of the larger one count as equal.

    Returns
    -------
    DataFrame or None
        Columns table, analyte_id, outcome, effect, change (``changed``, ``added`` or ``removed``), and each number and
        text of both runs, the second's with the suffix ``_2``. None when either run has no effects.
    """
    frames = []
    if not all((run.folder / TABLES[0]).is_file() for run in (one, two)):
        return None
    for name in TABLES:
        paths = [run.folder / name for run in (one, two)]
        if not any(path.is_file() for path in paths):
            continue
        first, second = (
            _read(path) if path.is_file() else _read(next(p for p in paths if p.is_file())).clear() for path in paths
        )
        joined = first.with_columns(_one=True).join(
            second.with_columns(_two=True),
            on=[*KEY, "_again"],
            how="full",
            nulls_equal=True,
            coalesce=True,
            suffix="_2",
        )
        differs = pl.any_horizontal(*(_number_differs(name, tolerance) for name in NUMBERS), *map(_text_differs, TEXTS))
        change = (
            pl.when(pl.col("_one").is_null())
            .then(pl.lit("added"))
            .when(pl.col("_two").is_null())
            .then(pl.lit("removed"))
            .when(differs)
            .then(pl.lit("changed"))
        )
        kept = joined.with_columns(table=pl.lit(name), change=change).filter(pl.col("change").is_not_null())
        both = [column for name in (*NUMBERS, *TEXTS) for column in (name, f"{name}_2")]
        frames.append(kept.select("table", *KEY, "change", *both).sort(KEY))
    return pl.concat(frames)


def _number_differs(name: str, tolerance: float) -> pl.Expr:
    first, second = pl.col(name), pl.col(f"{name}_2")
    differs = first.ne_missing(second)
    if tolerance:
        larger = pl.max_horizontal(first.abs(), second.abs())
        differs = differs & ~((first - second).abs() <= tolerance * larger).fill_null(False)
    return differs


def _text_differs(name: str) -> pl.Expr:
    return pl.col(name).ne_missing(pl.col(f"{name}_2"))
