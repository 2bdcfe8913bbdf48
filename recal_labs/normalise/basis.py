"""From what the lab reported to what is analysed: per creatinine, per 24 h, or the concentration itself."""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.choices import Choices
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


def add_amount(frame: nw.LazyFrame[Any], choices: Choices) -> nw.LazyFrame[Any]:
    """Add ``basis``, ``amount``, ``position_basis`` and ``position_amount``.

    The position is per 24 h for a timed collection and per creatinine for a single void, for those are the bases that
    intervals exist for; a timed collection without volume falls back to its creatinine ratio.
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
    return frame.with_columns(position_amount=_amount_on("position_basis")).drop("_position_basis", "_per_day")
