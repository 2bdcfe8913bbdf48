"""Results whose L, N or H changed and what changed under them, and the quality codes that came and went."""

from __future__ import annotations

import polars as pl

from recal_labs.trace.cells import Cells

VERDICT = "interpretation"
SCHEMA = {"analyte_id": pl.String, "before": pl.String, "after": pl.String, "why": pl.String, "results": pl.Int64}
CODES = {"code": pl.String, "gained": pl.Int64, "lost": pl.Int64}

ANOTHER_RULE = "another rule"


def _reasons(cells: Cells, rows: pl.Series) -> pl.DataFrame:
    """Return, for the rows at which the verdict changed, a column of truth for each reason."""

    def changed(*columns: str) -> pl.Series:
        found = pl.repeat(False, len(rows), eager=True)
        for column in columns:
            found = found | cells.mask(column).gather(rows)
        return found

    reported, position = (cells.read(name)[1].gather(rows) for name in ("reported_basis", "position_basis"))
    amount = changed("position_amount")
    value, unit = changed("value", "comparator"), changed("unit", "analyte_id", "fraction")
    # A quantity that was reported on the basis of its interval needs neither creatinine nor volume.
    carried = amount & reported.ne_missing(position)
    creatinine = carried & changed("creatinine_g_per_l")
    collection = carried & changed("collection_volume_l", "collection_hours")
    basis, person = changed("position_basis"), changed("sex", "age_years")
    source = changed("reference_source")
    limits = changed("reference_low", "reference_high", "reference_unit") & ~source
    return pl.DataFrame(
        {
            "reported value": value,
            "unit": unit,
            "unit factor": amount & ~(value | unit | creatinine | collection | basis),
            "creatinine": creatinine,
            "volume or hours": collection,
            "position basis": basis,
            "kind of specimen": changed("specimen"),
            "sex or age": person & (source | limits),
            "interval source": source,
            "limits of the source": limits,
        }
    )


def changed_verdicts(cells: Cells) -> pl.DataFrame:
    """Count the results whose verdict changed, by analyte, verdict before and after, and reason.

    Parameters
    ----------
    cells : Cells

    Returns
    -------
    DataFrame
        Columns analyte_id, before, after (L, N, H, IND, or empty without an interval), why (one or more reasons joined
        by a comma) and results (a count); the most frequent first.
    """
    rows = cells.mask(VERDICT).arg_true()
    if not len(rows):
        return pl.DataFrame(schema=SCHEMA)
    before, after = (series.gather(rows) for series in cells.read(VERDICT))
    reasons = _reasons(cells, rows)
    words = [pl.when(pl.col(name)).then(pl.lit(name)) for name in reasons.columns]
    why = reasons.select(pl.concat_str(words, separator=", ", ignore_nulls=True)).to_series()
    frame = pl.DataFrame(
        {
            "analyte_id": cells.read("analyte_id")[1].gather(rows),
            "before": before.fill_null(""),
            "after": after.fill_null(""),
            "why": why.replace({"": ANOTHER_RULE}),
        }
    )
    keys = ["analyte_id", "before", "after", "why"]
    counted = frame.group_by(keys).agg(pl.len().cast(pl.Int64).alias("results"))
    return counted.sort(["results", *keys], descending=[True, *[False] * len(keys)]).select(list(SCHEMA))


def changed_codes(cells: Cells) -> pl.DataFrame:
    """Count, for each quality code, the results that have it now and had not, and those that had it and have not.

    Returns
    -------
    DataFrame
        Columns code, gained, lost; the most frequent first.
    """
    mask = cells.mask("qc")
    if not mask.any():
        return pl.DataFrame(schema=CODES)
    before, after = (series.filter(mask).fill_null("").str.split(";") for series in cells.read("qc"))
    moved = {"gained": after.list.set_difference(before), "lost": before.list.set_difference(after)}
    # Cells repeat endlessly; their codes are counted as they stand, without the empty one of "no code at all".
    counts = [
        codes.explode()
        .drop_nulls()
        .alias("code")
        .to_frame()
        .filter(pl.col("code") != "")
        .group_by("code")
        .agg(pl.len().cast(pl.Int64).alias(name))
        for name, codes in moved.items()
    ]
    both = counts[0].join(counts[1], on="code", how="full", coalesce=True).fill_null(0)
    return both.sort(pl.col("gained") + pl.col("lost"), "code", descending=[True, False]).select(list(CODES))
