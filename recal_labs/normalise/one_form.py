"""One row a measurand: what a lab prints per volume and per gram of creatinine is one result in two forms."""

from __future__ import annotations

import polars as pl

from recal_labs.normalise.current import MEASURAND
from recal_labs.normalise.units import PER_VOLUME

# What `one_form_each` looks at, beside the amount and the basis that it is told of.
NEEDED = (*MEASURAND, "reported_basis", "current")
# Rank and place in one number: more rows than this no table has.
_STEP = 2**40


def _rank(amount: str, basis: str) -> pl.Expr:
    """Return the expression of how far a form stands behind others: the lowest of a measurand is kept."""
    reported = pl.col("reported_basis")
    behind = (
        pl.col(amount).is_null(),
        reported.ne_missing(pl.col(basis)),
        reported.ne_missing(pl.lit(PER_VOLUME)),
    )
    weighted = [mark.cast(pl.Int64) * 2**place for place, mark in enumerate(reversed(behind))]
    return pl.sum_horizontal(weighted) * _STEP + pl.col("_place").cast(pl.Int64)


def one_form_each(frame: pl.LazyFrame, *, amount: str = "amount", basis: str = "basis") -> pl.LazyFrame:
    """Keep the current rows, and of a result that stands in several forms one row.

    Parameters
    ----------
    frame : LazyFrame
        Of the `normalised` table, with the columns of `NEEDED`, the amount and its basis.
    amount, basis : str
        Columns of what is looked at: ``amount`` on ``basis``, or ``position_amount`` on ``position_basis``.

    Returns
    -------
    LazyFrame
        One row for each subject, specimen, analyte, fraction and time point: one that has the amount, then the one
        reported on its very basis, then the one per volume, then the first. A row without a specimen id counts for
        itself. The order of the rows is not kept.

    Examples
    --------
    >>> frame = pl.DataFrame({
    ...     "subject_id": "S1", "specimen_id": ["U1", "U1", "U2", "U2"], "analyte_id": "hva", "fraction": "unspecified",
    ...     "timepoint": "", "reported_basis": ["per_volume", "per_creatinine"] * 2, "basis": "per_creatinine",
    ...     "amount": [4.0, 4.1, 5.0, None], "current": True})
    >>> one_form_each(frame.lazy()).collect().sort("specimen_id")["amount"].to_list()
    [4.1, 5.0]
    """
    standing = frame.filter(pl.col("current").fill_null(True)).with_columns(_key=pl.struct(MEASURAND).hash())
    # Nearly every measurand stands once: the texts of the others alone are compared. Two measurands of one hash are
    # compared for nothing.
    keys = standing.select("_key").collect(engine="streaming").to_series().sort()
    again = keys.filter(keys == keys.shift()).unique()
    if again.is_empty():
        return standing.drop("_key")
    met = again.to_frame().lazy()
    forms = standing.join(met, on="_key", how="semi", maintain_order="left").with_row_index("_place")
    forms = forms.with_columns(_rank=_rank(amount, basis))
    best = pl.col("_rank") == pl.col("_rank").min().over(MEASURAND)
    chosen = forms.filter(pl.col("specimen_id").is_null() | best)
    return pl.concat([standing.join(met, on="_key", how="anti"), chosen.drop("_place", "_rank")]).drop("_key")
