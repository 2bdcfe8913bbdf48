"""What a run is told of privacy: the key, and by how much dates are moved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from recal_labs.errors import ChoiceError
from recal_labs.privacy.keys import Key
from recal_labs.privacy.table import read_key_table, write_key_table

# Ten years: dates that are further away would be taken for wrong ones.
LONGEST_SHIFT_DAYS = 3650


@dataclass(frozen=True)
class Protection:
    """How people are protected in a run.

    Parameters
    ----------
    key : Key
    shift_days : int
        Each subject's dates are moved by one number of whole days between -shift_days and shift_days, never 0, so that
        all intervals between dates of one subject stay. 0: dates stay as they are.

    Raises
    ------
    ChoiceError
        When shift_days is below 0 or above 3650.
    """

    key: Key
    shift_days: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.shift_days <= LONGEST_SHIFT_DAYS:
            raise ChoiceError(
                f"Dates cannot be shifted by up to {self.shift_days} days; expected a whole number from 1 to "
                f"{LONGEST_SHIFT_DAYS}, or 0 for dates as they are."
            )

    @property
    def recipe(self) -> str:
        """What changes when the same file would get other codes or dates."""
        return f"{self.key.fingerprint} {self.shift_days}"

    @cached_property
    def known_codes(self) -> frozenset[str]:
        """The codes that the key table held when this was first asked for."""
        return frozenset(read_key_table(self.key)["code"])

    def remember(self, originals: pl.DataFrame) -> None:
        """Add what codes stand for to the key table; to be done before anything that holds the codes is written."""
        write_key_table(self.key, originals)
