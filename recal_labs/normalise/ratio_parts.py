"""The parts of derived ratios: current results, in moles, each with the ratios and the fraction it counts for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue, Ratio
from recal_labs.columns import FLAG, INTEGER, NUMBER, TEXT
from recal_labs.normalise.bounds import LEFT, RIGHT
from recal_labs.normalise.dilution import excreted_volume_l
from recal_labs.normalise.frames import ROW, lookup
from recal_labs.normalise.units import PER_24H, PER_CREATININE, PER_VOLUME, conversion_table, convert
from recal_labs.vocabulary import FRACTIONS

# One specimen, and of it one time of the day: a pool is set against a pool, a morning against the same morning.
SPECIMEN = ("subject_id", "specimen_id", "timepoint")
# The basis cancels, so that any serves; where a lab reports on several, the one that rests on nothing else comes first,
# and parts per litre that the bottle's volume and hours bring to 24 h come last: volume does not cancel there.
BY_VOLUME = "per_24h_by_volume"
BASIS_ORDER = (PER_VOLUME, PER_CREATININE, PER_24H, BY_VOLUME)
# Place of a result whose unit nothing converts: it is there, but on no basis.
NOWHERE = len(BASIS_ORDER)
# Fractions of a ratio as places; a ratio for none of whose parts the fraction matters has the first.
FRACTION_ORDER = ("", *FRACTIONS)

# Codes that speak of a part's own number, or of what moved it; those of its position say nothing about a ratio.
PART_CODES = (
    "delayed",
    "exercise_before",
    "fraction_unstated",
    "interference",
    "ph_unsuitable",
    "posture_upright",
    "preservative_unsuitable",
    "storage_unsuitable",
    "too_concentrated",
    "too_dilute",
    "unit_suspect",
)
# How often each code applies is one digit of a number that can be added up; a ratio has fewer parts than that.
DIGIT = 16


def _columns(rows: Sequence[Sequence[Any]], kinds: dict[str, str], keys: Sequence[str]) -> nw.LazyFrame[Any]:
    return lookup({name: [row[i] for row in rows] for i, name in enumerate(kinds)}, kinds, keys)


def _molar_factors(catalogue: Catalogue, analytes: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return how many mol (per L, per g of creatinine, per 24 h) one of each unit is, and the place of that basis."""
    # An amount in mol/L converted into the analyte's own unit: what one mole of it is there.
    per_mole = {name: convert(catalogue.analytes[name], "mol/L") for name in analytes}
    rows = [
        (c.analyte_id, c.unit, BASIS_ORDER.index(c.basis), c.factor / mole.factor)
        for c in conversion_table(catalogue)
        if (mole := per_mole.get(c.analyte_id)) is not None
    ]
    kinds = {"analyte_id": TEXT, "unit": TEXT, "_basis": INTEGER, "_mol": NUMBER}
    return _columns(rows, kinds, ("analyte_id", "unit"))


def _part_table(ratios: Sequence[Ratio], catalogue: Catalogue) -> nw.LazyFrame[Any]:
    """Return for every analyte and fraction the ratios it is a part of, on which side, and for which fraction.

    Where the fraction matters for an analyte, a result counts for its own fraction only; where it does not, for each
    fraction that the other parts may have.
    """
    rows = []
    for place, ratio in enumerate(ratios):
        matters = {part for part in ratio.parts if catalogue.analytes[part].fraction_matters}
        for bit, part in enumerate(ratio.parts):
            for fraction in FRACTIONS:
                counts_for = (fraction,) if part in matters else tuple(FRACTIONS) if matters else ("",)
                for counted in counts_for:
                    side = part in ratio.numerator
                    rows.append((part, fraction, place, FRACTION_ORDER.index(counted), 2**bit, side, part in matters))
    kinds = {"analyte_id": TEXT, "fraction": TEXT, "_ratio": INTEGER, "_fraction": INTEGER, "_bit": INTEGER}
    kinds |= {"_above_line": FLAG, "_stated": FLAG}
    return _columns(rows, kinds, ("analyte_id", "fraction", "_ratio", "_fraction"))


def ratio_table(ratios: Sequence[Ratio]) -> nw.LazyFrame[Any]:
    """Return the place of each ratio in the order asked for, its id, how many parts it needs, and all their bits."""
    rows = [(place, ratio.id, len(ratio.parts), 2 ** len(ratio.parts) - 1) for place, ratio in enumerate(ratios)]
    return _columns(rows, {"_ratio": INTEGER, "ratio_id": TEXT, "_needed": INTEGER, "_bits": INTEGER}, ("_ratio",))


def code_table() -> nw.LazyFrame[Any]:
    """Return the text of every set of codes, for the bits that stand for it."""
    rows = [
        (number, ";".join(code for bit, code in enumerate(PART_CODES) if number >> bit & 1))
        for number in range(2 ** len(PART_CODES))
    ]
    return _columns(rows, {"_codes": INTEGER, "qc": TEXT}, ("_codes",))


def _digits() -> Any:
    """Return the expression of a result's codes as digits of one number."""
    padded = nw.concat_str([nw.lit(";"), nw.col("qc").fill_null(""), nw.lit(";")])
    applies = [padded.str.contains(f";{code};", literal=True).cast(nw.Int64) for code in PART_CODES]
    return sum(each * DIGIT**place for place, each in enumerate(applies))


def codes_of(digits: Any) -> Any:
    """Return the expression of the bits that `code_table` knows, of digits that were added up."""
    return sum(((digits // DIGIT**place) % DIGIT > 0).cast(nw.Int64) * 2**place for place in range(len(PART_CODES)))


def part_rows(frame: nw.LazyFrame[Any], catalogue: Catalogue, ratios: Sequence[Ratio]) -> nw.LazyFrame[Any]:
    """Return the current results that are part of any ratio, with ``_specimen``: the first such row of theirs.

    A result without a specimen id is a specimen of its own: nobody knows what it may be set against.
    """
    analytes = sorted({part for ratio in ratios for part in ratio.parts})
    frame = frame.filter(nw.col("current").fill_null(False) & nw.col("analyte_id").is_in(analytes))
    row = nw.col(ROW).cast(nw.Int64)
    return frame.with_columns(
        _specimen=nw.when(nw.col("specimen_id").is_null()).then(row).otherwise(row.min().over(*SPECIMEN))
    )


def parts_of_ratios(rows: nw.LazyFrame[Any], catalogue: Catalogue, ratios: Sequence[Ratio]) -> nw.LazyFrame[Any]:
    """Return one row for each result, ratio and fraction that it counts for, with its bounds in mol of its basis.

    A part reported as ``< x`` lies between zero and x, one as ``> x`` has no upper bound. ``_key`` is the place of
    specimen, ratio and fraction in the table to be made.
    """
    analytes = sorted({part for ratio in ratios for part in ratio.parts})
    rows = rows.join(_molar_factors(catalogue, analytes), on=["analyte_id", "unit"], how="left")
    rows = nw.concat([rows, _brought_to_24h(rows)], how="vertical")
    moles, comparator = nw.col("value") * nw.col("_mol"), nw.col("comparator")
    rows = rows.select(
        "analyte_id",
        "fraction",
        "_specimen",
        _basis=nw.col("_basis").fill_null(NOWHERE).cast(nw.Int8),
        _low=nw.when(~comparator.is_in(LEFT)).then(moles).otherwise(moles * 0.0),
        _high=moles,
        _unbounded=comparator.is_in(RIGHT).cast(nw.Int8),
        _below=(comparator == "<").cast(nw.Int8),
        _above=(comparator == ">").cast(nw.Int8),
        _censored=(comparator != "").cast(nw.Int8),
        _usable=(moles >= 0.0).fill_null(False).cast(nw.Int8),
        _negative=(moles < 0.0).fill_null(False).cast(nw.Int8),
        _digits=_digits(),
    )
    parts = rows.join(_part_table(ratios, catalogue), on=["analyte_id", "fraction"], how="inner")
    pair = nw.col("_specimen") * len(ratios) + nw.col("_ratio")
    parts = parts.with_columns(_pair=pair, _key=pair * len(FRACTION_ORDER) + nw.col("_fraction"))
    return _of_measured_fractions(parts).drop("analyte_id", "fraction", "_specimen", "_ratio", "_fraction", "_pair")


def _brought_to_24h(rows: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Return the rows per litre and per 24 h of specimens that have both, once more, all per 24 h.

    A result per litre without volume or hours has no such row, nor has one that the lab reported per 24 h as well.
    """
    per_volume, per_24h = BASIS_ORDER.index(PER_VOLUME), BASIS_ORDER.index(PER_24H)
    daily, volume, known = nw.col("_basis") == per_24h, excreted_volume_l(), ~nw.col("value").is_null()
    rows = rows.filter(nw.col("_basis").is_in([per_volume, per_24h]))
    # Most specimens are on one basis: they are left alone.
    rows = rows.with_columns(_bases=nw.col("_basis").n_unique().over("_specimen")).filter(nw.col("_bases") > 1)
    rows = rows.filter(daily | ~volume.is_null())
    # Of a result in both forms the one per 24 h, and none without a number beside one that has it.
    form = nw.when(~known).then(2).when(daily).then(0).otherwise(1)
    rows = rows.with_columns(_form=form)
    rows = rows.filter(nw.col("_form") == nw.col("_form").min().over("_specimen", "analyte_id", "fraction"))
    return rows.with_columns(
        _basis=nw.lit(BASIS_ORDER.index(BY_VOLUME), dtype=nw.Int64),
        _mol=nw.when(daily).then(nw.col("_mol")).otherwise(nw.col("_mol") * volume),
    ).drop("_bases", "_form")


def _of_measured_fractions(parts: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Leave out the fractions in which no part was measured for which the fraction matters.

    Where no such part was measured at all, the others count once, without a fraction.
    """
    fixed = parts.filter(nw.col("_stated") | (nw.col("_fraction") == 0))
    floating = parts.filter(~nw.col("_stated") & (nw.col("_fraction") > 0))
    stated = fixed.filter(nw.col("_stated")).select("_key", "_pair")
    keys, pairs = stated.select("_key").unique("_key"), stated.select("_pair").unique("_pair")
    following = floating.join(keys, on="_key", how="semi")
    alone = floating.filter(nw.col("_fraction") == 1).join(pairs, on="_pair", how="anti")
    return nw.concat([fixed, following, alone.with_columns(_key=nw.col("_key") - 1)], how="vertical")


def with_places(frame: nw.LazyFrame[Any], n_ratios: int) -> nw.LazyFrame[Any]:
    """Add what ``_key`` was made of: ``_specimen``, ``_ratio``, ``_fraction``; and ``_pair``, the first two of them."""
    pair = nw.col("_key") // len(FRACTION_ORDER)
    return frame.with_columns(
        _pair=pair, _specimen=pair // n_ratios, _ratio=pair % n_ratios, _fraction=nw.col("_key") % len(FRACTION_ORDER)
    )
