"""Molar ratios of what one specimen holds: a product over its precursor, censoring carried, nothing filled in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue, Ratio
from recal_labs.columns import RATIOS
from recal_labs.errors import UnknownWordError
from recal_labs.normalise.derived_input import in_one_piece, taken_in
from recal_labs.normalise.frames import ROW, close_frame
from recal_labs.normalise.ratio_bounds import side_sums, with_quotient
from recal_labs.normalise.ratio_parts import (
    BASIS_ORDER,
    FRACTION_ORDER,
    NOWHERE,
    code_table,
    codes_of,
    part_rows,
    parts_of_ratios,
    ratio_table,
    with_places,
)

DESCRIBED = ("subject_id", "specimen_id", "collected_at", "specimen", "timepoint")
COLLECTED = ("collection_volume_l", "collection_hours")
NEEDED = (*DESCRIBED, *COLLECTED, "analyte_id", "fraction", "comparator", "value", "unit", "qc", "current")
NUMBERS = ("ratio", "ratio_low", "ratio_high", "log_ratio")


def _asked(ratios: Iterable[str] | None, catalogue: Catalogue) -> tuple[Ratio, ...]:
    if ratios is None:
        return tuple(catalogue.ratios.values())
    asked = (ratios,) if isinstance(ratios, str) else tuple(dict.fromkeys(ratios))
    for name in asked:
        if name not in catalogue.ratios:
            raise UnknownWordError("ratio", name, tuple(catalogue.ratios), "derive_ratios")
    return tuple(catalogue.ratios[name] for name in asked)


def _formed(parts: nw.LazyFrame[Any], known: nw.LazyFrame[Any], n_ratios: int) -> nw.LazyFrame[Any]:
    """Return the ratios of which every part stands once, with a number, on one basis: the first such basis."""
    summed = parts.group_by("_key", "_basis").agg(
        *side_sums(), *(nw.col(name).sum() for name in ("_censored", "_usable", "_bit", "_digits")), _rows=nw.len()
    )
    found = with_places(summed, n_ratios).join(known, on="_ratio", how="left")
    # As many results as parts, whose bits add up to those of every part: each part stands once.
    each_once = (nw.col("_rows") == nw.col("_needed")) & (nw.col("_bit") == nw.col("_bits"))
    found = found.filter(each_once & (nw.col("_usable") == nw.col("_needed")) & (nw.col("_basis") < NOWHERE))
    found = found.filter(nw.col("_basis") == nw.col("_basis").min().over("_key"))
    return with_quotient(found).with_columns(n_parts=nw.col("_needed"), _codes=codes_of(nw.col("_digits")))


def _unformed(
    parts: nw.LazyFrame[Any], formed: nw.LazyFrame[Any], known: nw.LazyFrame[Any], n_ratios: int
) -> nw.LazyFrame[Any]:
    """Return the other ratios of which any part was measured, with the reason why each is missing."""
    left = with_places(parts.join(formed.select("_key"), on="_key", how="anti"), n_ratios)
    left = left.join(known, on="_ratio", how="left")
    left = left.with_columns(_placed=(nw.col("_basis") < NOWHERE).cast(nw.Int64))
    each = left.group_by("_key", "_bit").agg(nw.col("_placed").max())
    each = each.group_by("_key").agg(nw.col("_placed").sum(), n_parts=nw.len())
    found = each.join(_on_a_full_basis(left), on="_key", how="left")
    found = with_places(found, n_ratios).join(known, on="_ratio", how="left")
    # Which of its parts the specimen has in whatever fraction.
    pairs = with_places(parts, n_ratios).join(left.select("_pair").unique("_pair"), on="_pair", how="semi")
    anyhow = pairs.select("_pair", "_bit").unique(["_pair", "_bit"]).group_by("_pair").agg(_n_anyhow=nw.len())
    return found.join(anyhow, on="_pair", how="left").with_columns(reason=_reason())


def _on_a_full_basis(left: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Say of each ratio whether a basis has every part, and what is amiss with the parts there."""
    on_one = left.filter(nw.col("_basis") < NOWHERE)
    each = on_one.group_by("_key", "_basis", "_bit", "_needed").agg(nw.col("_negative").max(), _rows=nw.len())
    full = each.group_by("_key", "_basis", "_needed").agg(
        nw.col("_negative").max(), nw.col("_rows").max(), _here=nw.len()
    )
    full = full.filter(nw.col("_here") == nw.col("_needed"))
    return full.group_by("_key").agg(nw.col("_negative").max(), _most=nw.col("_rows").max())


def _reason() -> Any:
    """Return the expression of why a ratio could not be formed."""
    needed = nw.col("_needed")
    return (
        nw.when((nw.col("n_parts") < needed) & (nw.col("_n_anyhow") == needed))
        .then(nw.lit("unlike_fractions"))
        .when(nw.col("n_parts") < needed)
        .then(nw.lit("missing_part"))
        .when(nw.col("_placed") < needed)
        .then(nw.lit("no_canonical_unit"))
        .when(nw.col("_most").is_null())
        .then(nw.lit("unlike_bases"))
        .when(nw.col("_most") > 1)
        .then(nw.lit("several_results"))
        .when(nw.col("_negative") > 0)
        .then(nw.lit("negative_amount"))
        .otherwise(nw.lit("no_value"))
    )


def derive_ratios(normalised: Any, *, ratios: Iterable[str] | None = None, catalogue: Catalogue | None = None) -> Any:
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
    neither a missing creatinine nor a fitted correction matters. Where some parts of a bottle stand per volume and the
    others per 24 h, those per volume are brought to 24 h by its volume and hours if both are known; ``reported_basis``
    is then ``per_24h_by_volume``. Free is set against free and total against total where an analyte's fraction matters.
    A part that is missing gives a reason, never zero.

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
    >>> derive_ratios(normalise(results), ratios=["hva_da"])[["ratio_id", "ratio_comparator", "ratio"]].round(2)
      ratio_id ratio_comparator  ratio
    0   hva_da                >  16.82
    """
    opened, catalogue = taken_in(normalised, catalogue, "derive_ratios")
    asked = _asked(ratios, catalogue)
    rows = opened.inside.select(ROW, *NEEDED).to_native()
    found = in_one_piece(rows, lambda whole: _derive(whole, asked, catalogue), RATIOS)
    return close_frame(found, opened.for_other_rows(), RATIOS.names)


def _derive(rows: nw.LazyFrame[Any], asked: Sequence[Ratio], catalogue: Catalogue) -> nw.LazyFrame[Any]:
    """Derive every ratio of rows that lie in memory."""
    known, n_ratios = ratio_table(asked), len(asked)
    rows = part_rows(rows, catalogue, asked).collect().lazy()
    # Both what could be formed and what could not is made from the parts: they are computed once, here.
    parts = parts_of_ratios(rows, catalogue, asked).collect().lazy()
    formed = _formed(parts, known, n_ratios).collect().lazy()
    unformed = _unformed(parts, formed, known, n_ratios)
    columns = ("_key", "_specimen", "_ratio", "_fraction", "n_parts", "reason")
    nothing: dict[str, Any] = {name: nw.lit(None, dtype=nw.Float64) for name in NUMBERS}
    nothing |= {"_basis": nw.lit(None, dtype=nw.Int8), "ratio_comparator": nw.lit("")}
    nothing |= {"_codes": nw.lit(0, dtype=nw.Int64)}
    both = [formed.select(*columns, *nothing), unformed.select(*columns, **nothing)]
    found = nw.concat([frame.with_columns(nw.col("n_parts").cast(nw.Int64)) for frame in both], how="vertical")
    return _shaped(found, rows, known)


def _shaped(found: nw.LazyFrame[Any], rows: nw.LazyFrame[Any], known: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Give the table its columns: the specimen's own, and words in the place of numbers."""
    bottle = rows.filter(nw.col(ROW).cast(nw.Int64) == nw.col("_specimen")).select("_specimen", *DESCRIBED)
    found = found.join(bottle, on="_specimen", how="left").join(
        known.select("_ratio", "ratio_id"), on="_ratio", how="left"
    )
    found = found.join(code_table(), on="_codes", how="left")
    nameless = nw.col("specimen_id").is_null()
    return found.with_columns(
        # Specimens in the order of the frame, ratios in the order asked for, then fractions.
        nw.col("_key").alias(ROW),
        reported_basis=_word("_basis", BASIS_ORDER),
        fraction=_word("_fraction", FRACTION_ORDER),
        unit=nw.lit("1"),
        reason=nw.when(nameless).then(nw.lit("no_specimen_id")).otherwise(nw.col("reason")),
    )


def _word(place: str, words: Sequence[str]) -> Any:
    return nw.col(place).replace_strict(list(range(len(words))), list(words), default=None, return_dtype=nw.String)
