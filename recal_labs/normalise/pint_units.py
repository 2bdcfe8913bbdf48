"""A unit read through pint and ucumvert: how the shipped table of readings is made, and what it does not hold.

Importing the two and parsing their definitions takes a second and a half, so nothing here is touched as long as the
table ``unit_readings.csv`` knows the unit.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from recal_labs.catalogue.rows import TabledUnit

CREATININE_MARK = "{creat}"


@lru_cache(maxsize=1)
def _registry() -> Any:
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry()


def tidy_number(number: float) -> float:
    """Return a number at 15 digits.

    pint multiplies prefixes out in binary; 15 digits bring 9.999999999999997e-07 back to 1e-06.
    """
    return float(f"{number:.15g}")


def _scale_to(ucum: str, target: str) -> float | None:
    """Return how many `target` one `ucum` is, or None when they are not of one kind."""
    from lark.exceptions import LarkError
    from pint.errors import PintError

    registry = _registry()
    try:
        return tidy_number(float(registry.from_ucum(ucum).to(target).magnitude))
    except (PintError, LarkError):
        return None


@lru_cache(maxsize=1024)
def _substance(ucum: str) -> tuple[str, float] | None:
    mass = _scale_to(ucum, "gram")
    if mass is not None:
        return "mass", mass
    amount = _scale_to(ucum, "mole")
    return None if amount is None else ("amount", amount)


def _denominator(ucum: str) -> tuple[str, str, float] | None:
    """Return the basis, what the unit is per, and how many of that the denominator is."""
    if "." in ucum and not (ucum.startswith("(") and ucum.endswith(")")):
        # UCUM reads left to right: ug/24.h is micrograms times hours over 24, not micrograms a day.
        return None
    if ucum.endswith(CREATININE_MARK):
        # ucumvert drops annotations silently, so the creatinine denominator is kept apart before it sees the unit.
        found = _substance(ucum.removesuffix(CREATININE_MARK))
        if found is None:
            return None
        kind, scale = found
        return "per_creatinine", ("g{creat}" if kind == "mass" else "mol{creat}"), scale
    litres = _scale_to(ucum, "litre")
    if litres is not None:
        return "per_volume", "L", litres
    hours = _scale_to(ucum, "hour")
    return None if hours is None else ("per_24h", "(24.h)", tidy_number(hours / 24.0))


@lru_cache(maxsize=1024)
def read_through_pint(ucum: str) -> TabledUnit | None:
    """Take a UCUM unit apart, keeping the creatinine denominator as a dimension of its own.

    Returns
    -------
    TabledUnit or None
        None when the unit is not a substance per volume, per creatinine or per time.

    Examples
    --------
    >>> read_through_pint("nmol/mmol{creat}")
    TabledUnit(ucum='nmol/mmol{creat}', basis='per_creatinine', substance='amount', scale=1e-06, per='mol{creat}')
    """
    numerator, slash, denominator = ucum.partition("/")
    if not slash or CREATININE_MARK in numerator:
        return None
    substance, bottom = _substance(numerator), _denominator(denominator)
    if substance is None or bottom is None:
        return None
    basis, per, scale = bottom
    return TabledUnit(ucum, basis, substance[0], tidy_number(substance[1] / scale), per)
