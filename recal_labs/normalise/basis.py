"""From what the lab reported to what is analysed: the concentration, or what a correction for dilution makes of it.

Every amount is the concentration times powers of creatinine, specific gravity and urine volume, so that a comparator on
any of them can be carried through.
"""

from __future__ import annotations

from typing import Any

import narwhals as nw

from recal_labs.catalogue import Catalogue
from recal_labs.choices import Choices
from recal_labs.normalise.bounds import OPEN, combined, inverse, lower_bound, raised, upper_bound
from recal_labs.normalise.dilution import excreted_volume_l, has_usable_gravity, is_timed
from recal_labs.normalise.units import AS_REPORTED, PER_24H, PER_CREATININE, PER_VOLUME

SPECIFIC_GRAVITY, COVARIATE_ADJUSTED = "specific_gravity", "covariate_adjusted"
POWER_FUNCTIONAL, CONDITIONAL = "power_functional", "conditional"
# These start from the concentration of every kind of specimen, of timed collections too.
BY_CONCENTRATION = (SPECIFIC_GRAVITY, COVARIATE_ADJUSTED, POWER_FUNCTIONAL, CONDITIONAL)
REPORTABLE = (PER_VOLUME, PER_CREATININE, PER_24H)


def per_litre() -> Any:
    """Return the expression of a row's concentration; null where creatinine or volume is needed and missing."""
    quantity, reported = nw.col("quantity"), nw.col("reported_basis")
    return (
        nw.when(reported == PER_VOLUME)
        .then(quantity)
        .when(reported == PER_CREATININE)
        .then(quantity * nw.col("creatinine_g_per_l"))
        .when(reported == PER_24H)
        .then(quantity / excreted_volume_l())
    )


def _on_basis(target: str) -> Any:
    """Return the expression of a row's quantity on another basis; null where what it needs is missing.

    A quantity already on that basis is kept as reported: it needs neither creatinine nor volume.
    """
    concentration, quantity = nw.col("_per_litre"), nw.col("quantity")
    if target == PER_VOLUME:
        return concentration
    divided = target == PER_CREATININE
    converted = concentration / nw.col("creatinine_g_per_l") if divided else concentration * nw.col("_volume_per_day")
    by_day = quantity / nw.col("_day_alone") if divided else quantity * nw.col("_day_alone")
    from_day = nw.when(nw.col("reported_basis") == (PER_24H if divided else PER_CREATININE)).then(by_day)
    return nw.when(nw.col("reported_basis") == target).then(quantity).otherwise(nw.coalesce(converted, from_day))


def _day_alone() -> Any:
    """Return the expression of the creatinine of the day where per 24 h and per creatinine meet by it alone.

    A lab that reports both per 24 h need not tell the volume.
    """
    alone = nw.col("creatinine_g_per_l").is_null() | excreted_volume_l().is_null()
    return nw.when(alone).then(nw.col("creatinine_g_per_day"))


def _corrected(choices: Choices) -> Any:
    """Return the expression of an amount by a basis that starts from the concentration."""
    creatinine = nw.col("creatinine_g_per_l")
    if choices.basis == SPECIFIC_GRAVITY:
        # Levine and Fahy's adjustment, as graul1982 describes it: solids are proportional to what exceeds water.
        ratio = (choices.specific_gravity_reference - 1.0) / (nw.col("specific_gravity") - 1.0)
        return nw.when(has_usable_gravity()).then(nw.col("_per_litre") * ratio)
    if choices.basis == COVARIATE_ADJUSTED:
        return _on_basis(PER_CREATININE) * nw.col("_fit_log").exp()
    if choices.basis == POWER_FUNCTIONAL:
        return nw.col("_per_litre") * (creatinine.log() * nw.col("_fit_power") * -1.0).exp()
    return nw.col("_per_litre") / nw.col("_fit_log").exp()


def per_litre_comparator() -> Any:
    """Return the expression of the comparator of a row's concentration."""
    return _comparator_on(nw.lit(PER_VOLUME), day_alone=False)


def measures_of_dilution(catalogue: Catalogue) -> list[str]:
    """Return the ids of what is itself a measure of dilution: creatinine, specific gravity, sodium and the like."""
    return [analyte.id for analyte in catalogue.analytes.values() if analyte.family == "hydration"]


def _wanted_basis(choices: Choices, catalogue: Catalogue) -> Any:
    """Return the expression of the basis each row is to be analysed on."""
    by_specimen = nw.when(is_timed()).then(nw.lit(PER_24H)).otherwise(nw.lit(PER_CREATININE))
    # Creatinine divided by itself is 1: it is analysed per 24 h or per litre.
    own = nw.when(is_timed()).then(nw.lit(PER_24H)).otherwise(nw.lit(PER_VOLUME))
    fixed = {"per_creatinine": PER_CREATININE, "per_24h": PER_24H, "none": PER_VOLUME}
    if choices.basis in BY_CONCENTRATION:
        control = nw.col("analyte_id").is_in(measures_of_dilution(catalogue))
        chosen = nw.when(control).then(by_specimen).otherwise(nw.lit(choices.basis))
    elif choices.basis in fixed:
        chosen = nw.lit(fixed[choices.basis])
    else:
        chosen = by_specimen
    return (
        nw.when(nw.col("reported_basis") == AS_REPORTED)
        .then(nw.lit(AS_REPORTED))
        .when(nw.col("analyte_id") == "creatinine")
        .then(own)
        .otherwise(chosen)
    )


def _amount_on(basis_column: str, choices: Choices | None = None) -> Any:
    basis = nw.col(basis_column)
    chain = nw.when(basis == AS_REPORTED).then(nw.col("quantity"))
    for name in REPORTABLE:
        chain = chain.when(basis == name).then(_on_basis(name))
    if choices is not None and choices.basis in BY_CONCENTRATION:
        chain = chain.when(basis == choices.basis).then(_corrected(choices))
    return chain


def uses_creatinine(basis: Any) -> Any:
    """Return the expression that is true where an amount on a basis depends on the specimen's creatinine.

    What the lab reported per gram of creatinine is multiplied with it unless it is to be per creatinine again.
    """
    divides = basis.is_in([PER_CREATININE, COVARIATE_ADJUSTED])
    reported = nw.col("reported_basis") == PER_CREATININE
    return (divides & ~reported | ~divides & reported | basis.is_in([POWER_FUNCTIONAL, CONDITIONAL])).fill_null(False)


def _comparator_on(basis: Any, choices: Choices | None = None, *, day_alone: bool = True) -> Any:
    """Return the expression of an amount's comparator: that of the value, and of what it is divided by or times."""
    own, creatinine = nw.col("comparator"), nw.col("creatinine_comparator")
    if day_alone:
        whole_day = (basis == PER_24H) | (nw.col("reported_basis") == PER_24H)
        by_day = (whole_day & ~nw.col("_day_alone").is_null()).fill_null(False)
        creatinine = nw.when(by_day).then(nw.col("_creatinine_per_day_comparator")).otherwise(creatinine)
    reported = nw.col("reported_basis") == PER_CREATININE
    divides = basis.is_in([PER_CREATININE, COVARIATE_ADJUSTED])
    whole = nw.when(divides).then(inverse(creatinine)).otherwise(creatinine)
    side = nw.when(uses_creatinine(basis)).then(whole).otherwise(nw.lit(""))
    if choices is not None and choices.basis in (POWER_FUNCTIONAL, CONDITIONAL):
        power = nw.when(reported).then(1.0).otherwise(0.0) - nw.col("_fit_power")
        side = nw.when(basis == choices.basis).then(raised(creatinine, power)).otherwise(side)
    found = combined(own, side)
    if choices is not None and choices.basis == SPECIFIC_GRAVITY:
        gravity = nw.when(basis == SPECIFIC_GRAVITY).then(inverse(nw.col("_gravity_comparator"))).otherwise(nw.lit(""))
        found = combined(found, gravity)
    # Nothing at all stays nothing, whatever it is divided by.
    return nw.when((own == "") & (nw.col("quantity") == 0.0)).then(own).otherwise(found)


def _conditional_z(choices: Choices) -> Any:
    """Return the expression of the SD score given creatinine; null on other bases and where a value is bounded."""
    if choices.basis != CONDITIONAL:
        return nw.lit(None, dtype=nw.Float64)
    amount = nw.when((nw.col("amount") > 0) & (nw.col("amount_comparator") == "")).then(nw.col("amount"))
    return nw.when(nw.col("basis") == CONDITIONAL).then(amount.log() / nw.col("_fit_sd"))


def add_amount(frame: nw.LazyFrame[Any], choices: Choices, catalogue: Catalogue) -> nw.LazyFrame[Any]:
    """Add ``basis``, ``amount`` with its comparator and bounds, ``position_basis`` and ``position_amount``.

    The position is per 24 h for a timed collection and per creatinine for a single void, for those are the bases that
    intervals exist for; a timed collection without volume falls back to its creatinine ratio. Where a quantity and the
    creatinine it is divided by are censored on opposite sides of the quotient, nothing but its sign is known: there is
    no amount, and the bounds say so.
    """
    frame = frame.with_columns(
        basis=_wanted_basis(choices, catalogue),
        _position_basis=_wanted_basis(Choices(), catalogue),
        _per_litre=per_litre(),
        _volume_per_day=excreted_volume_l(),
        _day_alone=_day_alone(),
    )
    daily, measured = nw.col("_position_basis") == PER_24H, nw.col("analyte_id") != "creatinine"
    fallback = daily & measured & _on_basis(PER_24H).is_null()
    frame = frame.with_columns(
        amount=_amount_on("basis", choices),
        position_basis=nw.when(fallback).then(nw.lit(PER_CREATININE)).otherwise(nw.col("_position_basis")),
    )
    frame = frame.with_columns(
        position_amount=_amount_on("position_basis"),
        _comparator=_comparator_on(nw.col("basis"), choices),
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
    frame = frame.with_columns(conditional_z=_conditional_z(choices))
    return frame.drop("_position_basis", "_per_litre", "_volume_per_day", "_comparator", "_day_alone")


def corrected_units(units: set[tuple[str, str, str]], choices: Choices) -> set[tuple[str, str, str]]:
    """Return analyte, basis and unit of amounts on a basis that starts from the concentration.

    Parameters
    ----------
    units : set of (analyte_id, basis, unit)
        Of the bases that a lab may report on. A correction keeps the unit of the concentration, brought to the
        reference that the choices or the fit name; the ratio to an expected concentration has none.
    """
    if choices.basis not in BY_CONCENTRATION:
        return set()
    ratio = choices.basis == CONDITIONAL
    return {(analyte, choices.basis, "1" if ratio else unit) for analyte, basis, unit in units if basis == PER_VOLUME}
