"""The parts of derived ratios: which current results they are, in moles, side by side for each specimen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue, Ratio
from recal_labs.columns import INTEGER, NUMBER, TEXT
from recal_labs.normalise.frames import ROW, lookup
from recal_labs.normalise.units import PER_24H, PER_CREATININE, PER_VOLUME, conversion_table, convert
from recal_labs.vocabulary import COMPARATORS, FRACTIONS

# One specimen, and of it one time of the day: a pool is set against a pool, a morning against the same morning.
SPECIMEN = ("subject_id", "specimen_id", "timepoint")
# The basis cancels, so that any serves; where a lab reports on several, the one that rests on nothing else comes first.
BASIS_ORDER = (PER_VOLUME, PER_CREATININE, PER_24H)
# Place of a result whose unit nothing converts: it is there, but on no basis.
NOWHERE = len(BASIS_ORDER)

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
CODED = tuple(COMPARATORS)
# How many results stand in a slot, the comparator of one, and its codes, packed into one number that can be added up.
_COUNT, _COMPARATOR = 1024, 8


@dataclass(frozen=True)
class Slot:
    """Where the results of one analyte, and of one fraction of it if that matters, stand in the wide table."""

    analyte_id: str
    fraction: str = ""

    @property
    def moles(self) -> str:
        """The column of its amount of substance."""
        return f"mol {self.analyte_id} {self.fraction}"

    @property
    def packed(self) -> str:
        """The column of its count, comparator and codes."""
        return f"packed {self.analyte_id} {self.fraction}"

    @property
    def anywhere(self) -> str:
        """The column that is 1 where the specimen has it on any basis, or on none."""
        return f"anywhere {self.analyte_id} {self.fraction}"

    @property
    def placed(self) -> str:
        """The column that is 1 where the specimen has it on some basis."""
        return f"placed {self.analyte_id} {self.fraction}"

    def count(self) -> Any:
        """Return the expression of how many results stand in it."""
        return nw.col(self.packed) % _COUNT

    def comparator(self) -> Any:
        """Return the expression of the place of its comparator in `CODED`, if one result stands in it."""
        return (nw.col(self.packed) // _COUNT) % _COMPARATOR

    def codes(self) -> Any:
        """Return the expression of its codes, one bit each, if one result stands in it."""
        return nw.col(self.packed) // (_COUNT * _COMPARATOR)


def slots_of(analyte_id: str, catalogue: Catalogue) -> tuple[Slot, ...]:
    """Return the slots of an analyte: one for each fraction where free and total differ, else one."""
    if catalogue.analytes[analyte_id].fraction_matters:
        return tuple(Slot(analyte_id, fraction) for fraction in FRACTIONS)
    return (Slot(analyte_id),)


def _slot_table(slots: Sequence[Slot]) -> nw.LazyFrame[Any]:
    rows = [
        (slot.analyte_id, fraction, place)
        for place, slot in enumerate(slots)
        for fraction in ([slot.fraction] if slot.fraction else FRACTIONS)
    ]
    names = ("analyte_id", "fraction", "_slot")
    columns = {name: [row[i] for row in rows] for i, name in enumerate(names)}
    return lookup(columns, {"analyte_id": TEXT, "fraction": TEXT, "_slot": INTEGER}, ("analyte_id", "fraction"))


def _molar_factors(catalogue: Catalogue, analytes: Sequence[str]) -> nw.LazyFrame[Any]:
    """Return how many mol (per L, per g of creatinine, per 24 h) one of each unit is, and the place of that basis."""
    # An amount in mol/L converted into the analyte's own unit: what one mole of it is there.
    per_mole = {name: convert(catalogue.analytes[name], "mol/L") for name in analytes}
    table = [
        (c.analyte_id, c.unit, BASIS_ORDER.index(c.basis), c.factor / mole.factor)
        for c in conversion_table(catalogue)
        if (mole := per_mole.get(c.analyte_id)) is not None
    ]
    names = ("analyte_id", "unit", "_basis", "_mol")
    columns = {name: [row[i] for row in table] for i, name in enumerate(names)}
    kinds = {"analyte_id": TEXT, "unit": TEXT, "_basis": INTEGER, "_mol": NUMBER}
    return lookup(columns, kinds, ("analyte_id", "unit"))


def _packed() -> Any:
    """Return the expression of a result's comparator and codes as one number, and of the 1 that counts it."""
    comparator = nw.col("comparator").replace_strict(
        list(CODED), list(range(len(CODED))), default=0, return_dtype=nw.Int64
    )
    packed = comparator * _COUNT + 1
    padded = nw.concat_str([nw.lit(";"), nw.col("qc").fill_null(""), nw.lit(";")])
    for bit, code in enumerate(PART_CODES):
        applies = padded.str.contains(f";{code};", literal=True).cast(nw.Int64)
        packed = packed + applies * (_COUNT * _COMPARATOR * 2**bit)
    return packed


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


def side_by_side(rows: nw.LazyFrame[Any], catalogue: Catalogue, ratios: Sequence[Ratio]) -> nw.LazyFrame[Any]:
    """Return one row for each specimen and basis, with the columns of every slot."""
    analytes = sorted({part for ratio in ratios for part in ratio.parts})
    slots = [slot for name in analytes for slot in slots_of(name, catalogue)]
    rows = rows.join(_molar_factors(catalogue, analytes), on=["analyte_id", "unit"], how="left")
    rows = rows.join(_slot_table(slots), on=["analyte_id", "fraction"], how="left")
    rows = rows.select(
        "_specimen",
        "_slot",
        _basis=nw.col("_basis").fill_null(NOWHERE),
        _moles=nw.col("value") * nw.col("_mol"),
        _packed=_packed(),
    )
    # The largest, not the sum: a result without a number must not become zero. Two in one slot are refused later.
    moles = {slot.moles: nw.when(nw.col("_slot") == i).then(nw.col("_moles")).max() for i, slot in enumerate(slots)}
    packed = {slot.packed: nw.when(nw.col("_slot") == i).then(nw.col("_packed")).sum() for i, slot in enumerate(slots)}
    wide = rows.group_by("_specimen", "_basis").agg(
        **{name: each.alias(name) for name, each in {**moles, **packed}.items()}
    )
    here = {slot: (slot.count() > 0).cast(nw.Int64) for slot in slots}
    on_a_basis = (nw.col("_basis") < NOWHERE).cast(nw.Int64)
    return wide.with_columns(
        **{slot.anywhere: each.max().over("_specimen") for slot, each in here.items()},
        **{slot.placed: (each * on_a_basis).max().over("_specimen") for slot, each in here.items()},
    )


def code_table() -> nw.LazyFrame[Any]:
    """Return the text of every set of codes, for the bits that stand for it."""
    sets = range(2 ** len(PART_CODES))
    texts = [";".join(code for bit, code in enumerate(PART_CODES) if number >> bit & 1) for number in sets]
    return lookup({"_codes": list(sets), "qc": texts}, {"_codes": INTEGER, "qc": TEXT}, ("_codes",))
