"""Quality codes that are found beside the table, by joining others to it, and carried to its rows as yes or no."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from recal_labs.normalise.frames import ROW


def flag_column(code: str) -> str:
    """Return the name of the column that holds whether a code applies."""
    return f"_{code}"


@dataclass(frozen=True, eq=False)
class Flagged:
    """Rows that were found, each once, with a column for each code (`flag_column`); and the codes looked for."""

    rows: nw.LazyFrame[Any]
    codes: tuple[str, ...]


def add_flags(frame: nw.LazyFrame[Any], found: Sequence[Flagged]) -> nw.LazyFrame[Any]:
    """Add a column (true, false or null) for each code that was looked for; rows and their order stay the same."""
    for flagged in found:
        frame = frame.join(flagged.rows.select(ROW, *map(flag_column, flagged.codes)), on=ROW, how="left")
    return frame


def flag_conditions(found: Sequence[Flagged]) -> dict[str, Any]:
    """Return each code with the expression that is true where it applies."""
    return {code: nw.col(flag_column(code)) for flagged in found for code in flagged.codes}
