"""From what the lab reported to what is analysed: per creatinine, per 24 h, or the concentration itself."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.choices import Choices
from recal_labs.normalise.bounds import OPEN, combined, inverse, lower_bound, upper_bound
from recal_labs.normalise.dilution import excreted_volume_l, is_timed
from recal_labs.normalise.units import AS_REPORTED, PER_24H, PER_CREATININE, PER_VOLUME


def _on_basis(target: str) -> Any:
    """Return the expression of a row's quantity on another basis; null where what it needs is missing.

    A quantity already on that basis is kept as reported: it needs neither creatinine nor volume.
    """
    quantity, reported = nw.col("quantity"), nw.col("reported_basis")
    creatinine, volume = nw.col("creatinine_g_per_l"), excreted_volume_l()
    per_litre = (
        nw.when(reported == PER_VOLUME)
        .then(quantity)
        .when(reported == PER_CREATININE)
        .then(quantity * creatinine)
        .when(reported == PER_24H)
        .then(quantity / volume)
    )
    converted = {PER_VOLUME: per_litre, PER_CREATININE: per_litre / creatinine, PER_24H: per_litre * volume}[target]
    return nw.when(reported == target).then(quantity).otherwise(converted)


def _wanted_basis(choices: Choices) -> Any:
    """Return the expression of the basis each row is to be analysed on."""
    hydration = nw.col("analyte_id") == "creatinine"
    fixed = {"per_creatinine": PER_CREATININE, "per_24h": PER_24H, "none": PER_VOLUME}
    if choices.basis in fixed:
        chosen = nw.lit(fixed[choices.basis])
    else:
        chosen = nw.when(is_timed()).then(nw.lit(PER_24H)).otherwise(nw.lit(PER_CREATININE))
    # Creatinine divided by itself is 1: it is analysed per 24 h or per litre.
    own = nw.when(is_timed()).then(nw.lit(PER_24H)).otherwise(nw.lit(PER_VOLUME))
    return (
        nw.when(nw.col("reported_basis") == AS_REPORTED)
        .then(nw.lit(AS_REPORTED))
        .when(hydration)
        .then(own)
        .otherwise(chosen)
    )


def _amount_on(basis_column: str) -> Any:
    basis = nw.col(basis_column)
    return (
        nw.when(basis == AS_REPORTED)
        .then(nw.col("quantity"))
        .when(basis == PER_VOLUME)
        .then(_on_basis(PER_VOLUME))
        .when(basis == PER_CREATININE)
        .then(_on_basis(PER_CREATININE))
        .when(basis == PER_24H)
        .then(_on_basis(PER_24H))
    )


def _comparator_on(basis: Any) -> Any:
    """Return the expression of an amount's comparator: the value's, and the creatinine's where that was used."""
    own, creatinine, reported = nw.col("comparator"), nw.col("_creatinine_comparator"), nw.col("reported_basis")
    divided = (basis == PER_CREATININE) & (reported != PER_CREATININE)
    multiplied = (basis != PER_CREATININE) & (reported == PER_CREATININE)
    return (
        nw.when(divided)
        .then(combined(own, inverse(creatinine)))
        .when(multiplied)
        .then(combined(own, creatinine))
        .otherwise(own)
    )


def add_amount(frame: nw.LazyFrame[Any], choices: Choices) -> nw.LazyFrame[Any]:
    """Add ``basis``, ``amount`` with its comparator and bounds, ``position_basis`` and ``position_amount``.

    The position is per 24 h for a timed collection and per creatinine for a single void, for those are the bases that
    intervals exist for; a timed collection without volume falls back to its creatinine ratio. Where a quantity and the
    creatinine it is divided by are censored on opposite sides, nothing but its sign is known: there is no amount, and
    the bounds say so.
    """
    frame = frame.with_columns(basis=_wanted_basis(choices))
    frame = frame.with_columns(_position_basis=_wanted_basis(Choices()))
    frame = frame.with_columns(amount=_amount_on("basis"), _per_day=_on_basis(PER_24H))
    fallback = (
        (nw.col("_position_basis") == PER_24H) & nw.col("_per_day").is_null() & (nw.col("analyte_id") != "creatinine")
    )
    frame = frame.with_columns(
        position_basis=nw.when(fallback).then(nw.lit(PER_CREATININE)).otherwise(nw.col("_position_basis"))
    )
    frame = frame.with_columns(
        position_amount=_amount_on("position_basis"),
        _comparator=_comparator_on(nw.col("basis")),
        _position_comparator=_comparator_on(nw.col("position_basis")),
    )
    amount, comparator, position = nw.col("amount"), nw.col("_comparator"), nw.col("_position_comparator")
    frame = frame.with_columns(
        amount_low=lower_bound(amount, comparator),
        amount_high=upper_bound(amount, comparator),
        amount=nw.when(comparator != OPEN).then(amount),
        amount_comparator=nw.when(~amount.is_null() & (comparator != OPEN)).then(comparator).otherwise(nw.lit("")),
        position_amount=nw.when(position != OPEN).then(nw.col("position_amount")),
    )
    return frame.drop("_position_basis", "_per_day", "_comparator").with_columns(
        conditional_z=nw.lit(None, dtype=nw.Float64), specific_gravity=nw.lit(None, dtype=nw.Float64)
    )
