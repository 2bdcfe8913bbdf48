"""Tables of people, bottles and events: ages told coarsely, birth years and free text left out, rare words coded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import polars as pl

from recal_labs.columns import TABLES
from recal_labs.privacy.frames import coarse_age, mapped

# A word that fewer people share than this may be the name of one of them, or tell who they are.
FEWEST = 5
# Columns in the study's own words: what they hold is for nobody to foresee.
OWN_WORDS = ("group", "cycle_phase", "severity")
# Left out: with the date of any visit the one gives the age of people above 89, and the other is free text.
LEFT_OUT = ("birth_year", "note")


def kept_columns(table: str, keep: Collection[str] = ()) -> frozenset[str]:
    """Return the columns of a table that may stay, and those that were named besides; never a birth year or a note."""
    return frozenset({*TABLES[table].names, *keep} - set(LEFT_OUT))


def with_rare_words(
    frame: pl.DataFrame, columns: Sequence[str], instead: Callable[[str], str], fewest: int = FEWEST
) -> pl.DataFrame:
    """Put something else in the place of words that few people share.

    Parameters
    ----------
    frame : DataFrame
        One row a person or event; people are told apart by subject_id.
    columns : sequence of str
        Columns of texts; others are passed over, except those of `OWN_WORDS`: a group may be told by a number.
    instead : callable
        Returns what stands for a word, such as its code: the same in every place, so groups stay groups.
    fewest : int
        A word stays when so many people or more share it.
    """
    for name in columns:
        if name in OWN_WORDS and name in frame.columns:
            frame = frame.with_columns(pl.col(name).cast(pl.String))
        if frame.schema.get(name) != pl.String:
            continue
        people = frame.group_by(name).agg(pl.col("subject_id").n_unique().alias("_people"))
        counted = frame.join(people, on=name, how="left", nulls_equal=True, maintain_order="left")

        def kept(word: str | None, people: int) -> str | None:
            return word if not word or people >= fewest else instead(word)

        frame = mapped(counted, [name, "_people"], kept, name).drop("_people")
    return frame


def with_coarse_ages(frame: pl.DataFrame) -> pl.DataFrame:
    """Tell ages in whole years, below two years in months, and all above 89 as 90."""
    return frame.with_columns(coarse_age()) if "age_years" in frame.columns else frame
