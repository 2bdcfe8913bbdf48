"""How much of each analyte is censored: what stands beside that analyte's numbers, wherever they are shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from recal_labs.normalise.bounds import LEFT, RIGHT
from recal_labs.normalise.one_form import NEEDED as FORM
from recal_labs.normalise.one_form import one_form_each

NAMED = 3
NEEDED = (*FORM, "basis", "amount", "amount_low", "amount_comparator")


@dataclass(frozen=True)
class Censored:
    """Current amounts of one analyte: how many there are, and how many of them are only bounded.

    Parameters
    ----------
    n : int
        Amounts, and results of which nothing is known because value and creatinine are censored alike.
    below, above, open : int
        Below a limit, above one, and those of which nothing is known.
    """

    n: int
    below: int = 0
    above: int = 0
    open: int = 0

    @property
    def censored(self) -> int:
        """How many are only bounded."""
        return self.below + self.above + self.open

    @property
    def share(self) -> float:
        """Share of the amounts that are only bounded; NaN without amounts."""
        return self.censored / self.n if self.n else float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, ready for JSON; a missing share becomes None."""
        share = round(self.share, 6) if self.n else None
        return {"n": self.n, "below": self.below, "above": self.above, "open": self.open, "share": share}


def censored_shares(frame: Any) -> dict[str, Censored]:
    """Count what is censored among the current amounts of each analyte.

    A result that the lab printed per volume and per gram of creatinine counts once, as in `summarise_amounts`.

    Parameters
    ----------
    frame : pandas or Polars frame, eager or lazy
        The `normalised` table of `recal_labs.columns`.

    Returns
    -------
    dict of str to Censored
        By analyte id, in alphabetical order; an analyte without any amount is left out.

    Examples
    --------
    >>> import polars as pl
    >>> frame = pl.DataFrame({
    ...     "subject_id": list("ABCD"), "specimen_id": list("abcd"), "analyte_id": "hva", "fraction": "unspecified",
    ...     "timepoint": "", "reported_basis": "per_creatinine", "basis": "per_creatinine", "current": True,
    ...     "amount": [1.0, 2.0, 3.0, 4.0], "amount_low": [1.0, 2, 3, 0], "amount_comparator": ["", "", "", "<"]})
    >>> censored_shares(frame)
    {'hva': Censored(n=4, below=1, above=0, open=0)}
    """
    if isinstance(frame, pl.LazyFrame):
        lazy = frame
    elif isinstance(frame, pl.DataFrame):
        lazy = frame.lazy()
    else:
        lazy = pl.from_pandas(frame[list(NEEDED)].reset_index(drop=True), nan_to_null=True).lazy()
    open_ = pl.col("amount").is_null() & pl.col("amount_low").is_not_null()
    counted = (
        one_form_each(lazy.select(NEEDED))
        .filter(pl.col("amount").is_not_null() | open_)
        .group_by("analyte_id")
        .agg(
            n=pl.len(),
            below=pl.col("amount_comparator").is_in(LEFT).sum(),
            above=pl.col("amount_comparator").is_in(RIGHT).sum(),
            open=open_.sum(),
        )
        .drop_nulls("analyte_id")
        .sort("analyte_id")
        # A run's whole table may stand in a file: it is not read into memory for a few counts.
        .collect(engine="streaming")
    )
    return {row.pop("analyte_id"): Censored(**row) for row in counted.iter_rows(named=True)}


def censored_words(shares: Mapping[str, Censored]) -> str:
    """Say in one sentence how much is censored, and of which analytes most.

    Examples
    --------
    >>> censored_words({"hva": Censored(40, below=10), "vma": Censored(40)})
    '10 of 80 amounts lie beyond a limit of detection (12.5 %): hva 25.0 %'
    >>> censored_words({"vma": Censored(40)})
    'none of 40 amounts lies beyond a limit of detection'
    """
    n, censored = sum(one.n for one in shares.values()), sum(one.censored for one in shares.values())
    if not n:
        return "no amounts"
    if not censored:
        return f"none of {n:,} amounts lies beyond a limit of detection"
    named = sorted(((name, one) for name, one in shares.items() if one.censored), key=lambda pair: -pair[1].share)
    more = f" and {len(named) - NAMED} more" if len(named) > NAMED else ""
    listed = ", ".join(_listed(named[:NAMED]))
    verb = "lies" if censored == 1 else "lie"
    return (
        f"{censored:,} of {n:,} amounts {verb} beyond a limit of detection ({100 * censored / n:.1f} %): {listed}{more}"
    )


def _listed(named: Iterable[tuple[str, Censored]]) -> Iterable[str]:
    return (f"{name} {100 * one.share:.1f} %" for name, one in named)
