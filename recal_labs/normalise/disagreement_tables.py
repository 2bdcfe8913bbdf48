"""The tables of a comparison of sources: verdicts counted, sources in pairs, and everybody's limits in one unit."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import polars as pl

from recal_labs.catalogue import Catalogue, Interval
from recal_labs.choices import REPORTED_BY_LAB
from recal_labs.normalise.interval_keys import KEYS, basis_of_interval, keys_of
from recal_labs.normalise.reference import limits_in_amounts
from recal_labs.normalise.source_verdicts import GROUP, PLACED, speaks
from recal_labs.normalise.units import Conversion, conversion_table

SEX, AGE = KEYS.index("sex"), KEYS.index("age_key")
PRINTED_TITLE = "the range that the lab printed beside the result"

# Consumer and vendor pages (D) differ most, and a printed range belongs to the study at hand: what remains without them
# stands beside the whole.
CONSUMER = "D"
WITHOUT_D, WITHOUT_D_OR_PRINTED = "_without_d", "_without_d_or_printed"
SOME_SOURCES = {
    WITHOUT_D: pl.col("quality") != CONSUMER,
    WITHOUT_D_OR_PRINTED: (pl.col("quality") != CONSUMER) & (pl.col("source_id") != REPORTED_BY_LAB),
}

PAIR_COLUMNS = {
    **dict.fromkeys(GROUP, pl.String),
    "source_a": pl.String,
    "source_b": pl.String,
    "n_both": pl.Int64,
    "n_differ": pl.Int64,
    "share_differ": pl.Float64,
}
LIMIT_COLUMNS = {
    **dict.fromkeys(GROUP, pl.String),
    **dict.fromkeys(
        ("source_id", "title", "publisher", "quality", "kind", "condition", "collection", "sex"), pl.String
    ),
    **dict.fromkeys(("age_low_years", "age_high_years", "lower", "upper"), pl.Float64),
    "unit": pl.String,
    "n_results": pl.Int64,
    "not_asked": pl.String,
}


def source_label() -> pl.Expr:
    """Return the expression that names a source; an interval for a condition speaks beside the general one."""
    return (
        pl.when(pl.col("condition") == "")
        .then(pl.col("source_id"))
        .otherwise(pl.format("{} [{}]", "source_id", "condition"))
    )


def list_pairs(said: pl.DataFrame) -> pl.DataFrame:
    """Return one row a group and pair of sources that both place results: how many, and how many differently.

    Parameters
    ----------
    said : DataFrame
        As made by `verdicts_by_source`.
    """
    placed = said.filter(pl.col("verdict").is_in(PLACED)).with_columns(source=source_label())
    found: list[tuple[Any, ...]] = []
    for group, part in placed.group_by(GROUP, maintain_order=True):
        sources = part["source"].unique().sort()
        _, row = np.unique(part["row"].to_numpy(), return_inverse=True)
        column = np.searchsorted(sources.to_numpy(), part["source"].to_numpy())
        # 0 where a source does not place a result, then 1 to 3 for L, N, H.
        code = part["verdict"].replace_strict(list(PLACED), [1, 2, 3], return_dtype=pl.Int8).to_numpy()
        grid = np.zeros((row.max() + 1, len(sources)), dtype=np.int8)
        grid[row, column] = code
        for a, b in combinations(range(len(sources)), 2):
            both = (grid[:, a] > 0) & (grid[:, b] > 0)
            n, differ = int(both.sum()), int((both & (grid[:, a] != grid[:, b])).sum())
            if n:
                found.append((*group, sources[a], sources[b], n, differ, differ / n))
    frame = pl.DataFrame(found, schema=PAIR_COLUMNS, orient="row")
    return frame.sort(*GROUP, pl.col("n_differ"), "source_a", "source_b", descending=[False] * 4 + [True, False, False])


def _by_result(placed: pl.DataFrame) -> pl.DataFrame:
    """Return one row a result: how many sources place it, and how many call it L, N or H."""
    counted = [(pl.col("verdict") == word).sum().alias(word) for word in PLACED]
    return placed.group_by("row").agg(*(pl.col(name).first() for name in GROUP), *counted, n=pl.len())


def _counts(placed: pl.DataFrame) -> pl.DataFrame:
    """Return one row a group: how many results two sources place, and how they call them."""
    low, normal, high = (pl.col(word) > 0 for word in PLACED)
    several = pl.col("n") > 1
    return (
        _by_result(placed)
        .group_by(GROUP)
        .agg(
            n_compared=several.sum(),
            n_differ=(several & ((low & normal) | (normal & high) | (low & high))).sum(),
            n_depends=(several & normal & (low | high)).sum(),
            n_opposite=(several & low & high).sum(),
            n_abnormal=(several & (low | high)).sum(),
        )
    )


def _some_counts(placed: pl.DataFrame, ending: str) -> pl.DataFrame:
    """Return the counts among some of the sources, their columns with an ending that says which."""
    return _counts(placed).select(*GROUP, pl.col("n_compared", "n_differ", "n_opposite").name.suffix(ending))


def count_verdicts(rows: pl.DataFrame, said: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Return one row a group: results, sources, and how many results they call differently.

    Parameters
    ----------
    rows, said : DataFrame
        As made by `with_groups` and `verdicts_by_source`.
    pairs : DataFrame
        As made by `list_pairs`.
    """
    placed = said.filter(pl.col("verdict").is_in(PLACED))
    sources = placed.with_columns(source=source_label()).group_by(GROUP).agg(n_sources=pl.col("source").n_unique())
    worst = pairs.filter(pl.col("n_differ") > 0).group_by(GROUP, maintain_order=True).first()
    worst = worst.select(*GROUP, pair=pl.format("{} / {}", "source_a", "source_b"), n_pair=pl.col("n_differ"))
    some = [_some_counts(placed.filter(who), ending) for ending, who in SOME_SOURCES.items()]
    whole = rows.group_by(GROUP).agg(n_results=pl.len())
    for part in (sources, _counts(placed), worst, *some):
        whole = whole.join(part, on=GROUP, how="left")
    numbers = [name for name in whole.columns if name.startswith("n_")]
    compared = pl.when(pl.col("n_compared") > 0).then(pl.col("n_compared"))
    return (
        whole.with_columns(pl.col(numbers).fill_null(0).cast(pl.Int64), pair=pl.col("pair").fill_null(""))
        .with_columns(share_differ=pl.col("n_differ") / compared, share_depends=pl.col("n_depends") / compared)
        .select(
            *(*GROUP, "n_results", "n_sources", "n_compared", "n_differ", "share_differ", "n_depends", "share_depends"),
            *("n_opposite", "n_abnormal", "pair", "n_pair"),
            *(f"{name}{ending}" for ending in SOME_SOURCES for name in ("n_compared", "n_differ", "n_opposite")),
        )
        .sort(GROUP)
    )


def list_limits(
    rows: pl.DataFrame, said: pl.DataFrame, catalogue: Catalogue, asked: tuple[tuple[str, ...], tuple[str, ...]]
) -> pl.DataFrame:
    """Return every interval for the groups present, and the ranges that labs printed, in amount units.

    Parameters
    ----------
    rows, said : DataFrame
        As made by `with_groups` and `verdicts_by_source`.
    catalogue : Catalogue
    asked : tuple
        The qualities and the conditions that were allowed to speak.
    """
    used = said.filter(pl.col("place").is_not_null()).group_by(*GROUP, "place").agg(n=pl.len())
    counts = {row[:5]: row[5] for row in used.iter_rows()}
    factors = {(c.analyte_id, c.unit): c for c in conversion_table(catalogue)}
    found = []
    for group, part in rows.group_by(GROUP, maintain_order=True):
        people = set(part.select("sex", "age_key").unique().rows())
        for place, interval in enumerate(catalogue.intervals):
            conversion = factors.get((interval.analyte_id, interval.unit))
            if conversion is None or not _same_measurand(interval, conversion, group, catalogue):
                continue
            n = counts.get((*group, place), 0)
            why = "" if n else _why_not(interval, conversion, people, catalogue, asked, str(group[2]))
            found.append((*group, *_limit(interval, conversion, catalogue), n, why))
    frame = pl.DataFrame(found, schema=LIMIT_COLUMNS, orient="row")
    order = (*GROUP, "quality", "source_id", "condition", "collection", "age_low_years", "sex", "lower", "upper")
    return pl.concat([frame, _printed(rows, catalogue)]).sort(order, nulls_last=True, maintain_order=True)


def _same_measurand(interval: Interval, conversion: Conversion, group: tuple[Any, ...], catalogue: Catalogue) -> bool:
    """Tell whether an interval is one of a group's analyte, fraction and basis, whatever was collected."""
    analyte_id, fraction, _, basis = group
    if interval.analyte_id != analyte_id or basis_of_interval(interval, conversion) != basis:
        return False
    return not catalogue.analytes[analyte_id].fraction_matters or interval.fraction == fraction


def _why_not(
    interval: Interval,
    conversion: Conversion,
    people: set[tuple[str, int]],
    catalogue: Catalogue,
    asked: tuple[tuple[str, ...], tuple[str, ...]],
    specimen: str,
) -> str:
    """Return why an interval was held against no result of a group."""
    qualities, conditions = asked
    if interval.kind == "decision_limit":
        return "decision limit"
    if interval.condition not in ("", *conditions):
        return "condition"
    if interval.quality not in qualities:
        return "quality"
    fits = {(key[SEX], key[AGE]) for key in keys_of(interval, conversion, catalogue) if speaks(interval, key)}
    if not fits & people:
        return "nobody of that sex and age"
    return "better fit of the same source" if interval.specimen == specimen else "other collection"


def _limit(interval: Interval, conversion: Conversion, catalogue: Catalogue) -> tuple[Any, ...]:
    source = catalogue.sources[interval.source_id]
    ages = tuple(None if age != age else age for age in (interval.age_low, interval.age_high))
    return (
        *(interval.source_id, source.title, source.publisher, interval.quality, interval.kind, interval.condition),
        *(interval.specimen, interval.sex, *ages, *limits_in_amounts(interval, conversion), conversion.amount_unit),
    )


def _printed(rows: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """Return the distinct ranges that labs printed, in amount units on the basis of the reported unit."""
    table = conversion_table(catalogue)
    factors = pl.DataFrame(
        {
            "analyte_id": [c.analyte_id for c in table],
            "unit": [c.unit for c in table],
            "factor": [c.factor for c in table],
            "amount_unit": [c.amount_unit for c in table],
        }
    )
    judged = rows.filter(pl.col("lab_interpretation").fill_null("") != "")
    met = judged.join(factors, on=["analyte_id", "unit"], how="inner").with_columns(
        lower=pl.col("reported_low") * pl.col("factor"),
        upper=pl.col("reported_high") * pl.col("factor"),
        unit=pl.col("amount_unit"),
        publisher=pl.col("lab_id").fill_null(""),
    )
    keys = (*GROUP, "publisher", "lower", "upper", "unit")
    distinct = met.group_by(keys).agg(n_results=pl.len().cast(pl.Int64))
    fixed = {"title": PRINTED_TITLE, "source_id": REPORTED_BY_LAB, "kind": "printed_range", "sex": "any"}
    words = {
        name: pl.lit(word) for name, word in (fixed | dict.fromkeys(("quality", "condition", "not_asked"), "")).items()
    }
    ages = {name: pl.lit(None, dtype=pl.Float64) for name in ("age_low_years", "age_high_years")}
    return distinct.with_columns(**words, **ages, collection=pl.col("specimen")).select(*LIMIT_COLUMNS)
