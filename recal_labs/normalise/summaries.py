"""Amounts of each analyte in numbers: centre, quartiles and outer centiles, censored values taken for what they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from recal_labs.columns import NORMALISED, SUMMARIES, polars_schema
from recal_labs.errors import TableError, UnknownWordError
from recal_labs.estimate import Estimate
from recal_labs.normalise.core import Normalised
from recal_labs.normalise.one_form import NEEDED as FORM
from recal_labs.normalise.one_form import one_form_each

KEYS = ("analyte_id", "fraction", "specimen", "timepoint", "basis", "unit")
AMOUNTS = ("amount", "amount_comparator", "amount_low", "amount_unit")
NEEDED = (*FORM, "specimen", "basis", *AMOUNTS)
# Names that the table, or the way to it, gives to columns of its own.
TAKEN = frozenset({*SUMMARIES.names, "amount", "_side"} - set(KEYS))
SIDES = {"<": -1, "<=": -1, ">": 1, ">=": 1}


def summarise_amounts(
    normalised: Any,
    *,
    method: str = "kaplan_meier",
    by: Sequence[str] = (),
    current_only: bool = True,
    confidence: float = 0.95,
) -> Any:
    """Summarise the amounts of each analyte, those beyond a limit of detection included.

    Parameters
    ----------
    normalised : Normalised, pandas or Polars frame
        What `normalise` returns, or its frame.
    method : {"kaplan_meier", "ros", "mle", "substitute_half", "substitute_sqrt2"}
        ``kaplan_meier`` assumes no distribution; ``ros`` (regression on order statistics) models values below limits
        from the log-normal line of the others; ``mle`` fits a log-normal distribution. The substitutions put the limit
        divided by 2, or by the root of 2, in the place of what lies below it: every row then says so. When each of them
        misleads stands in docs/censoring.md.
    by : sequence of str
        Columns that split the groups further, such as ``("sex",)`` or ``("lab_id",)``.
    current_only : bool
        Leave out duplicates and what was superseded or withdrawn.
    confidence : float
        Coverage of the intervals.

    Returns
    -------
    frame of the kind that came in
        The `summaries` table of `recal_labs.columns`: one row a group (analyte_id, fraction, specimen, timepoint,
        basis, unit and `by`) and statistic, in their order. Amounts of unlike units or bases never share a group.
        ``n`` counts amounts; ``n_open`` results of which nothing is known because value and creatinine are censored
        alike; ``n_missing`` those without an amount (see qc). A current result that the lab printed per volume and per
        gram of creatinine counts once on every basis, in a form that has an amount, then in the one that needed no
        conversion, then per volume. A statistic that cannot be told has a missing estimate and the reason; outer
        centiles read off the ordered amounts, by whatever method but ``mle``, need 39 of them.

    Raises
    ------
    TableError
        When a column is absent, or `by` names one twice or one that the table has for itself.
    UnknownWordError, ChoiceError
        When the method or a column of `by` is unknown, or the confidence is not between 0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from recal_labs.normalise import normalise
    >>> results = pd.DataFrame({
    ...     "subject_id": list("ABCDEFGH"), "specimen_id": list("abcdefgh"), "specimen": "urine_24h",
    ...     "collection_volume_l": 1.0, "collection_hours": 24.0, "analyte_id": "dopamine",
    ...     "comparator": ["<", "<", "", "", "", "", "", ""], "value": [80.0, 80, 90, 110, 150, 200, 240, 310],
    ...     "unit": "ug/L"})
    >>> table = summarise_amounts(normalise(results))
    >>> table.loc[:2, ["unit", "n", "share_censored", "statistic", "estimate"]]
            unit  n  share_censored       statistic    estimate
    0  ug/(24.h)  8            0.25  geometric_mean  139.255921
    1  ug/(24.h)  8            0.25          median  110.000000
    2  ug/(24.h)  8            0.25   percentile_25         NaN
    """
    # Loads the statistics, which nothing else here needs.
    from recal_labs.normalise.summary_methods import STATISTICS, summary_by

    summary = summary_by(method, confidence)
    frame, kind = _opened(normalised)
    by = _columns_of((by,) if isinstance(by, str) else tuple(by), frame.collect_schema().names())
    rows: list[dict[str, Any]] = []
    groups = _groups(frame, by, current_only=current_only)
    for place, group in enumerate(groups.drop("amount", "_side").iter_rows(named=True)):
        # As arrays, not as lists of Python: a group may hold a hundred thousand amounts.
        amounts, codes = groups["amount"][place].to_numpy(), groups["_side"][place].to_numpy()
        rows.extend(_rows(group, by, zip(STATISTICS, summary(amounts, codes), strict=True)))
    schema = polars_schema(SUMMARIES)
    kinds = {name: schema[name] for name in KEYS} | {name: frame.collect_schema()[name] for name in by}
    kinds |= {name: dtype for name, dtype in schema.items() if name not in KEYS}
    table = pl.DataFrame(rows, schema=kinds)
    if kind == "pandas":
        return table.to_pandas()
    return table.lazy() if kind == "polars_lazy" else table


def _opened(normalised: Any) -> tuple[pl.LazyFrame, str]:
    frame = normalised.frame if isinstance(normalised, Normalised) else normalised
    if isinstance(frame, pl.LazyFrame):
        lazy, kind = frame, "polars_lazy"
    elif isinstance(frame, pl.DataFrame):
        lazy, kind = frame.lazy(), "polars"
    elif hasattr(frame, "iloc"):
        lazy, kind = pl.from_pandas(frame.reset_index(drop=True), nan_to_null=True).lazy(), "pandas"
    else:
        raise TableError(
            f"summarise_amounts was handed a {type(frame).__name__}; expected what normalise(results) returns, or its "
            "frame."
        )
    missing = [name for name in NEEDED if name not in lazy.collect_schema().names()]
    if missing:
        meanings = "; ".join(f"{name} ({NORMALISED[name].meaning})" for name in missing)
        raise TableError(f"summarise_amounts: the normalised table lacks {meanings}. Normalise the results first.")
    return lazy, kind


def _columns_of(by: tuple[str, ...], have: Sequence[str]) -> tuple[str, ...]:
    """Return the columns that split the groups further, each of which must be there, once, and no column of ours."""
    for place, name in enumerate(by):
        if name not in have or name in KEYS:
            known = tuple(other for other in have if other not in KEYS and other not in TAKEN)
            raise UnknownWordError("column to group by", name, known, "by")
        if name in by[:place]:
            raise TableError(f"summarise_amounts: by names the column {name} twice; name it once.")
        if name in TAKEN:
            raise TableError(
                f"summarise_amounts: the column {name} cannot split the groups, for the summaries have one of the same "
                f"name. Rename yours, for example to {name}_group."
            )
    return by


def _groups(frame: pl.LazyFrame, by: Sequence[str], *, current_only: bool) -> pl.DataFrame:
    """Return one row a group with its amounts and their codes as lists, in order of the keys."""
    frame = frame.select(*NEEDED, *(name for name in by if name not in NEEDED))
    kept = one_form_each(frame) if current_only else frame
    known = pl.col("amount").is_not_null()
    # A result without an amount has no unit of its own; where its analyte has one on this basis, it would be that.
    only = pl.col("amount_unit").drop_nulls().n_unique() == 1
    unit = pl.when(only).then(pl.col("amount_unit").max()).over("analyte_id", "basis")
    side = pl.col("amount_comparator").replace_strict(SIDES, default=0, return_dtype=pl.Int8)
    keys = [*KEYS, *by]
    return (
        kept.with_columns(unit=pl.coalesce("amount_unit", unit), _side=side)
        .group_by(keys)
        .agg(
            pl.col("amount").drop_nulls(),
            pl.col("_side").filter(known),
            n=known.sum(),
            n_censored_below=(known & (pl.col("_side") < 0)).sum(),
            n_censored_above=(known & (pl.col("_side") > 0)).sum(),
            n_subjects=pl.col("subject_id").filter(known).drop_nulls().n_unique(),
            n_open=(~known & pl.col("amount_low").is_not_null()).sum(),
            n_missing=(~known & pl.col("amount_low").is_null()).sum(),
        )
        .sort(keys, nulls_last=True)
        .collect()
    )


def _rows(
    group: Mapping[str, Any], by: Sequence[str], found: Iterable[tuple[str, Estimate]]
) -> Iterable[dict[str, Any]]:
    common = dict(group)
    n = group["n"]
    common["share_censored"] = (group["n_censored_below"] + group["n_censored_above"]) / n if n else None
    notes = []
    if group["n_subjects"] < n:
        notes.append(f"warning: {n} results of {group['n_subjects']} subjects count as independent")
    for statistic, estimate in found:
        yield common | _fields(statistic, estimate, notes)


def _fields(statistic: str, estimate: Estimate, notes: Sequence[str]) -> dict[str, Any]:
    fields = estimate.to_dict()
    numbers = {
        name: None if np.isnan(fields[name]) else fields[name]
        for name in ("estimate", "ci_low", "ci_high", "confidence")
    }
    words = {"method": fields["method"], "reason": fields["reason"]}
    return {"statistic": statistic, **numbers, **words, "assumptions": "; ".join((*estimate.assumptions, *notes))}
