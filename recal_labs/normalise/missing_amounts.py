"""How many results have no amount on the basis that was chosen, and why: said wherever the results are counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from recal_labs.normalise.units import PER_24H
from recal_labs.vocabulary import QC_CODES

# Codes that explain a missing amount. Where a result has several, the first of them is its reason: what cannot be read
# at all comes before what the basis lacks.
EXPLAINING = (
    "no_value",
    "unknown_analyte",
    "no_canonical_unit",
    "not_fitted",
    "no_creatinine",
    "no_specific_gravity",
    "no_volume",
    "no_covariate",
)
UNEXPLAINED = ""
NEEDED = ("amount", "amount_low", "basis", "qc")


@dataclass(frozen=True)
class MissingAmounts:
    """Results without an amount.

    Parameters
    ----------
    n : int
        Results in all.
    by_code : mapping of str to int
        How many have no amount, by the quality code that says why, the most frequent first.
    """

    n: int
    by_code: Mapping[str, int] = field(default_factory=dict)

    @property
    def missing(self) -> int:
        """How many have no amount."""
        return sum(self.by_code.values())

    def words(self, basis: str) -> str:
        """Say in one sentence how many have no amount on a basis, and why; nothing where all have one.

        Examples
        --------
        >>> MissingAmounts(12, {"no_creatinine": 2}).words("by_specimen")
        '2 of 12 results have no amount on the basis by_specimen: 2 because the specimen has no usable creatinine'
        """
        if not self.missing:
            return ""
        why = "; ".join(f"{n:,} because {_meaning(code)}" for code, n in self.by_code.items())
        has = "has" if self.missing == 1 else "have"
        return f"{self.missing:,} of {self.n:,} results {has} no amount on the basis {basis}: {why}"


def _meaning(code: str) -> str:
    return QC_CODES.get(code, "something is missing that no quality code names")


def missing_amounts(frame: Any) -> MissingAmounts:
    """Count the results that have no amount; an amount of which only bounds are known is none of them.

    Parameters
    ----------
    frame : pandas or Polars frame, eager or lazy
        The `normalised` table of `recal_labs.columns`; every row counts, also one that is not current.

    Examples
    --------
    >>> frame = pl.DataFrame({"amount": [1.0, None], "amount_low": [1.0, None], "basis": "per_creatinine",
    ...                       "qc": ["", "no_creatinine;no_interval"]})
    >>> missing_amounts(frame)
    MissingAmounts(n=2, by_code={'no_creatinine': 1})
    """
    if isinstance(frame, pl.LazyFrame | pl.DataFrame):
        lazy = frame.lazy()
    else:
        lazy = pl.from_pandas(frame[list(NEEDED)].reset_index(drop=True), nan_to_null=True).lazy()
    lacks = pl.col("amount").is_null() & pl.col("amount_low").is_null()
    # Cells of codes repeat endlessly: each distinct one is read once.
    cells = (
        lazy.group_by(lacks.alias("lacks"), "basis", pl.col("qc").fill_null(""))
        .agg(pl.len().cast(pl.Int64).alias("n"))
        .collect(engine="streaming")
    )
    counted = cells.filter("lacks").group_by(_reason().alias("why")).agg(pl.col("n").sum())
    by_code = counted.sort(["n", "why"], descending=[True, False])
    return MissingAmounts(int(cells["n"].sum()), dict(by_code.iter_rows()))


def _reason() -> pl.Expr:
    """Return the expression of the code that says why an amount is missing."""
    codes = pl.col("qc").str.split(";")
    told = [pl.when(codes.list.contains(code)).then(pl.lit(code)) for code in EXPLAINING]
    # Of a day's excretion the volume is the first thing that is asked for; other bases may do without.
    daily = pl.when((pl.col("basis") == PER_24H) & codes.list.contains("no_volume")).then(pl.lit("no_volume"))
    return pl.coalesce(daily, *told, pl.lit(UNEXPLAINED))
