"""Molar ratios of what one specimen holds: a product over its precursor, censoring carried, nothing filled in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import reduce
from operator import add, and_, or_
from typing import Any

import narwhals as nw
import polars as pl

from recal_labs.catalogue import Catalogue, Ratio, load_catalogue
from recal_labs.columns import NORMALISED, RATIOS, Table, polars_schema
from recal_labs.errors import TableError, UnknownWordError
from recal_labs.normalise.core import Normalised
from recal_labs.normalise.frames import ROW, OpenedFrame, close_frame, open_frame
from recal_labs.normalise.ratio_bounds import sums, with_quotient
from recal_labs.normalise.ratio_parts import BASIS_ORDER, NOWHERE, Slot, code_table, part_rows, side_by_side, slots_of
from recal_labs.vocabulary import FRACTIONS

DESCRIBED = ("subject_id", "specimen_id", "collected_at", "specimen", "timepoint")
NEEDED = (*DESCRIBED, "analyte_id", "fraction", "comparator", "value", "unit", "qc", "current")
NUMBERS = ("ratio", "ratio_low", "ratio_high", "log_ratio")


def taken_in(normalised: Any, catalogue: Catalogue | None, where: str) -> tuple[OpenedFrame, Catalogue]:
    """Open what was handed in, a `Normalised` or its frame, and say which catalogue it goes with.

    Raises
    ------
    TableError
        When the frame was not normalised: without ``current`` a superseded result would be used.
    """
    if isinstance(normalised, Normalised):
        normalised, catalogue = normalised.frame, catalogue or normalised.catalogue
    opened = open_frame(normalised, NORMALISED, where)
    names = normalised.collect_schema().names() if opened.kind == "polars_lazy" else list(normalised.columns)
    if "current" not in names:
        raise TableError(
            f"{where}: the frame has no column current, so that it cannot be told which results stand. Hand in what "
            "normalise returns."
        )
    return opened, catalogue or load_catalogue()


def in_one_piece(
    rows: pl.LazyFrame, made: Callable[[nw.LazyFrame[Any]], nw.LazyFrame[Any]], table: Table
) -> nw.LazyFrame[Any]:
    """Make a table of rows that must be in memory at once; a lazy frame stays lazy until it is collected.

    What is asked of the table afterwards is not pushed into the rows it is made from: a filter on a ratio is no filter
    on its parts.
    """
    schema = {ROW: pl.Int64, **polars_schema(table)}

    def make(whole: pl.DataFrame) -> pl.DataFrame:
        found = made(nw.from_native(whole.lazy())).to_native()
        return found.select(pl.col(name).cast(dtype) for name, dtype in schema.items()).collect(engine="in-memory")

    made_of = rows.map_batches(
        make, predicate_pushdown=False, projection_pushdown=False, slice_pushdown=False, schema=schema
    )
    return nw.from_native(made_of)


def _asked(ratios: Iterable[str] | None, catalogue: Catalogue) -> tuple[Ratio, ...]:
    if ratios is None:
        return tuple(catalogue.ratios.values())
    asked = (ratios,) if isinstance(ratios, str) else tuple(dict.fromkeys(ratios))
    for name in asked:
        if name not in catalogue.ratios:
            raise UnknownWordError("ratio", name, tuple(catalogue.ratios), "derive_ratios")
    return tuple(catalogue.ratios[name] for name in asked)


def _total(columns: Iterable[Any]) -> Any:
    return reduce(add, columns)


def _reason(chosen: Sequence[Slot], needed: int) -> Any:
    """Return the expression of why a ratio is missing; empty where it is not."""
    found = _total(nw.col(slot.anywhere) for slot in chosen)
    here = _total((slot.count() > 0).cast(nw.Int64) for slot in chosen)
    once = reduce(and_, (slot.count() <= 1 for slot in chosen))
    negative = reduce(or_, ((nw.col(slot.moles) < 0.0).fill_null(False) for slot in chosen))
    return (
        nw.when(nw.col("_complete"))
        .then(nw.col("_outcome"))
        .when((found < needed) & (nw.col("_n_anyhow") == needed))
        .then(nw.lit("unlike_fractions"))
        .when(found < needed)
        .then(nw.lit("missing_part"))
        .when(_total(nw.col(slot.placed) for slot in chosen) < needed)
        .then(nw.lit("no_canonical_unit"))
        .when(here < needed)
        .then(nw.lit("unlike_bases"))
        .when(~once)
        .then(nw.lit("several_results"))
        .when(negative)
        .then(nw.lit("negative_amount"))
        .otherwise(nw.lit("no_value"))
    )


def _one_basis(frame: nw.LazyFrame[Any], chosen: Sequence[Slot]) -> nw.LazyFrame[Any]:
    """Keep one basis a specimen: the first on which every part stands once, else that with the most parts."""
    usable = [(slot.count() == 1) & (nw.col(slot.moles) >= 0.0).fill_null(False) for slot in chosen]
    here = _total((slot.count() > 0).cast(nw.Int64) for slot in chosen)
    frame = frame.with_columns(_complete=reduce(and_, usable))
    # Every incomplete basis comes after every complete one, whatever its place.
    after = (nw.lit(1 + len(chosen)) - here) * (NOWHERE + 1)
    frame = frame.with_columns(_score=nw.when(nw.col("_complete")).then(0).otherwise(after) + nw.col("_basis"))
    return frame.filter(nw.col("_score") == nw.col("_score").min().over("_specimen"))


def _of_fraction(wide: nw.LazyFrame[Any], ratio: Ratio, place: int, fraction: str, catalogue: Catalogue) -> Any:
    """Return one ratio of every specimen, its parts of one fraction where that matters."""
    slots = {part: slots_of(part, catalogue) for part in ratio.parts}
    stated = [slot for several in slots.values() for slot in several if slot.fraction]
    chosen = {part: next(s for s in several if s.fraction in ("", fraction)) for part, several in slots.items()}
    parts = list(chosen.values())
    fits = [slot for slot in parts if slot.fraction] or parts
    wide = wide.filter(_total(nw.col(slot.anywhere) for slot in fits) > 0)
    wide = _one_basis(wide, parts)
    wide = wide.with_columns(
        **sums("n", [chosen[part] for part in ratio.numerator]),
        **sums("d", [chosen[part] for part in ratio.denominator]),
        _n_anyhow=_total(_any_of(several) for several in slots.values()),
    )
    wide = with_quotient(wide).with_columns(reason=_reason(parts, len(parts)))
    return wide.select(
        "_specimen",
        *(nw.when(nw.col("_complete")).then(nw.col(name)).alias(name) for name in NUMBERS),
        nw.when(nw.col("_complete")).then(nw.col("ratio_comparator")).otherwise(nw.lit("")).alias("ratio_comparator"),
        "reason",
        _place=nw.lit(place, dtype=nw.Int64),
        ratio_id=nw.lit(ratio.id),
        fraction=nw.lit(fraction if stated else ""),
        _basis=nw.when(nw.col("_complete")).then(nw.col("_basis")),
        n_parts=_total(nw.col(slot.anywhere) for slot in parts),
        _codes=reduce(or_, (nw.when(slot.count() == 1).then(slot.codes()).otherwise(0) for slot in parts)),
    )


def _any_of(several: Sequence[Slot]) -> Any:
    return (_total(nw.col(slot.anywhere) for slot in several) > 0).cast(nw.Int64)


def _without_fraction(wide: nw.LazyFrame[Any], ratio: Ratio, place: int, catalogue: Catalogue) -> Any:
    """Return the specimens in which no part of a fraction was measured, but another part was."""
    slots = {part: slots_of(part, catalogue) for part in ratio.parts}
    stated = [slot for several in slots.values() for slot in several if slot.fraction]
    others = [slot for several in slots.values() for slot in several if not slot.fraction]
    wide = wide.filter(_total(nw.col(slot.anywhere) for slot in stated) == 0)
    wide = wide.filter(_total(nw.col(slot.anywhere) for slot in others) > 0).unique("_specimen", keep="any")
    return wide.select(
        "_specimen",
        *(nw.lit(None, dtype=nw.Float64).alias(name) for name in NUMBERS),
        ratio_comparator=nw.lit(""),
        reason=nw.lit("missing_part"),
        _place=nw.lit(place, dtype=nw.Int64),
        ratio_id=nw.lit(ratio.id),
        fraction=nw.lit(""),
        _basis=nw.lit(None, dtype=nw.Int64),
        n_parts=_total(nw.col(slot.anywhere) for slot in others),
        _codes=nw.lit(0, dtype=nw.Int64),
    )


def _each(wide: nw.LazyFrame[Any], asked: Sequence[Ratio], catalogue: Catalogue) -> Iterator[nw.LazyFrame[Any]]:
    """Yield every ratio in every fraction that it may have."""
    width = len(FRACTIONS) + 1
    for place, ratio in enumerate(asked):
        if not any(catalogue.analytes[part].fraction_matters for part in ratio.parts):
            yield _of_fraction(wide, ratio, place * width, "", catalogue)
            continue
        for nth, fraction in enumerate(FRACTIONS):
            yield _of_fraction(wide, ratio, place * width + nth, fraction, catalogue)
        if not all(catalogue.analytes[part].fraction_matters for part in ratio.parts):
            yield _without_fraction(wide, ratio, place * width, catalogue)


def derive_ratios(
    normalised: Any, *, ratios: Iterable[str] | None = None, catalogue: Catalogue | None = None
) -> Any:
    """Derive molar ratios, such as HVA over dopamine, from the results of one specimen.

    Parameters
    ----------
    normalised : Normalised, or pandas DataFrame, Polars DataFrame or Polars LazyFrame
        What `normalise` returned, or its frame. Only current results are used.
    ratios : iterable of str, optional
        Ids of ``reference_ranges/ratios.csv``, in the order wanted. Default: every one.
    catalogue : Catalogue, optional
        Default: that of a `Normalised`, else the built-in one.

    Returns
    -------
    DataFrame
        The `ratios` table of `recal_labs.columns`, of the kind of frame that came in: one row for each specimen, time
        point, ratio and fraction of which any part was measured. ``ratio`` is mol/mol (unit 1).

    Raises
    ------
    UnknownWordError
        When a ratio is not in the catalogue.
    TableError
        When the frame was not normalised.

    Notes
    -----
    Each part is taken as reported and converted into moles by its molar mass. All parts must stand in one specimen, at
    one time point, on one basis (per volume, per creatinine or per 24 h): then volume, time and creatinine cancel, and
    neither a missing creatinine nor a fitted correction matters. Free is set against free and total against total where
    an analyte's fraction matters. A part that is missing gives a reason, never zero.

    A censored part is known within bounds: ``< x`` from 0 to x, ``> x`` from x upwards. Bounds of sums add; the least
    quotient is the least numerator over the greatest denominator, the most the greatest over the least. ``log_ratio``
    is missing for a ratio that is only bounded.

    A ratio of urine is no measure of the brain, and seldom one of an enzyme: see the caveat of each in
    ``catalogue.ratios`` and docs/derived_markers.md.

    Examples
    --------
    >>> import pandas as pd
    >>> from recal_labs.normalise import normalise
    >>> results = pd.DataFrame({
    ...     "subject_id": "S1", "specimen_id": "U1", "specimen": "urine_spot", "analyte_id": ["hva", "dopamine"],
    ...     "comparator": ["", "<"], "value": [5.0, 250.0], "unit": ["mg/L", "ug/L"]})
    >>> derive_ratios(normalise(results), ratios=["hva_da"])[["ratio_id", "ratio_comparator", "ratio", "reason"]]
      ratio_id ratio_comparator  ratio reason
    0   hva_da                > 16.816
    """
    opened, catalogue = taken_in(normalised, catalogue, "derive_ratios")
    asked = _asked(ratios, catalogue)
    rows = opened.inside.select(ROW, *NEEDED).to_native()
    found = in_one_piece(rows, lambda whole: _derive(whole, asked, catalogue), RATIOS)
    return close_frame(found, replace(opened, extra=()), RATIOS.names)


def _derive(rows: nw.LazyFrame[Any], asked: Sequence[Ratio], catalogue: Catalogue) -> nw.LazyFrame[Any]:
    """Derive every ratio of rows that lie in memory, each with its place in the table."""
    rows = part_rows(rows, catalogue, asked)
    # Fifty ratios are made from the wide table: it is computed once, here.
    wide = side_by_side(rows, catalogue, asked).collect().lazy()
    found = nw.concat(list(_each(wide, asked, catalogue)), how="vertical")
    bottle = rows.filter(nw.col(ROW).cast(nw.Int64) == nw.col("_specimen")).select("_specimen", *DESCRIBED)
    found = found.join(bottle, on="_specimen", how="left").join(code_table(), on="_codes", how="left")
    basis = nw.col("_basis").replace_strict(
        list(range(NOWHERE)), list(BASIS_ORDER), default=None, return_dtype=nw.String
    )
    nameless = nw.col("specimen_id").is_null()
    # Specimens in the order of the frame, ratios in the order asked for, then fractions.
    order = nw.col("_specimen") * (len(asked) * (len(FRACTIONS) + 1)) + nw.col("_place")
    return found.with_columns(
        order.alias(ROW),
        reported_basis=basis,
        unit=nw.lit("1"),
        reason=nw.when(nameless).then(nw.lit("no_specimen_id")).otherwise(nw.col("reason")),
    )
