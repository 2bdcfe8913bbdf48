"""What a UCUM unit means for an analyte: its basis, and the factor into the unit that amounts are analysed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from recal_labs.catalogue import Analyte, Catalogue

PER_VOLUME, PER_CREATININE, PER_24H, AS_REPORTED = "per_volume", "per_creatinine", "per_24h", "as_reported"

CREATININE_MARK = "{creat}"


@dataclass(frozen=True)
class UnitReading:
    """A unit taken apart.

    Parameters
    ----------
    basis : str
        ``per_volume``, ``per_creatinine`` or ``per_24h``.
    substance : str
        ``mass`` or ``amount`` (of substance).
    scale : float
        How many g or mol of the analyte, per L of urine, per g of creatinine, or per 24 h, one of the unit is.
    """

    basis: str
    substance: str
    scale: float


@dataclass(frozen=True)
class Conversion:
    """One cell of the conversion table: value x factor is the amount in `amount_unit`."""

    analyte_id: str
    unit: str
    basis: str
    factor: float
    amount_unit: str


@lru_cache(maxsize=1)
def _registry() -> Any:
    # A second and a half of parsing, so only when a table is first built.
    from ucumvert import PintUcumRegistry

    return PintUcumRegistry()


def _tidy(number: float) -> float:
    # pint multiplies prefixes out in binary; 15 digits bring 9.999999999999997e-07 back to 1e-06.
    return float(f"{number:.15g}")


def _scale_to(ucum: str, target: str) -> float | None:
    """Return how many `target` one `ucum` is, or None when they are not of one kind."""
    from lark.exceptions import LarkError
    from pint.errors import PintError

    registry = _registry()
    try:
        return _tidy(float(registry.from_ucum(ucum).to(target).magnitude))
    except (PintError, LarkError):
        return None


@lru_cache(maxsize=1024)
def _substance(ucum: str) -> tuple[str, float] | None:
    mass = _scale_to(ucum, "gram")
    if mass is not None:
        return "mass", mass
    amount = _scale_to(ucum, "mole")
    return None if amount is None else ("amount", amount)


def _denominator(ucum: str, creatinine_g_per_mol: float) -> tuple[str, float] | None:
    """Return the basis, and how many L, g of creatinine or 24 h the denominator is."""
    if "." in ucum and not (ucum.startswith("(") and ucum.endswith(")")):
        # UCUM reads left to right: ug/24.h is micrograms times hours over 24, not micrograms a day.
        return None
    if ucum.endswith(CREATININE_MARK):
        # ucumvert drops annotations silently, so the creatinine denominator is kept apart before it sees the unit.
        found = _substance(ucum.removesuffix(CREATININE_MARK))
        if found is None:
            return None
        kind, scale = found
        return PER_CREATININE, scale if kind == "mass" else _tidy(scale * creatinine_g_per_mol)
    litres = _scale_to(ucum, "litre")
    if litres is not None:
        return PER_VOLUME, litres
    hours = _scale_to(ucum, "hour")
    return None if hours is None else (PER_24H, _tidy(hours / 24.0))


@lru_cache(maxsize=4096)
def read_unit(ucum: str, creatinine_g_per_mol: float = 113.12) -> UnitReading | None:
    """Take a UCUM unit apart, keeping the creatinine denominator as a dimension of its own.

    Parameters
    ----------
    ucum : str
        Such as ``"ug/g{creat}"``, ``"nmol/L"`` or ``"mg/(24.h)"``.
    creatinine_g_per_mol : float
        Molar mass of creatinine, g/mol.

    Returns
    -------
    UnitReading or None
        None when the unit is not a substance per volume, per creatinine or per time. ``ug/g`` without the creatinine
        mark is a mass fraction and gives None: it never becomes ``ug/g{creat}``.

    Examples
    --------
    >>> read_unit("ug/g{creat}")
    UnitReading(basis='per_creatinine', substance='mass', scale=1e-06)
    >>> read_unit("ug/g") is None
    True
    """
    numerator, slash, denominator = ucum.partition("/")
    if not slash or CREATININE_MARK in numerator:
        return None
    substance, bottom = _substance(numerator), _denominator(denominator, creatinine_g_per_mol)
    if substance is None or bottom is None:
        return None
    basis, per = bottom
    return UnitReading(basis, substance[0], _tidy(substance[1] / per))


SUFFIX: Mapping[str, str] = {PER_VOLUME: "/L", PER_CREATININE: "/g{creat}", PER_24H: "/(24.h)"}


def amount_unit(analyte: Analyte, basis: str) -> str:
    """Return the UCUM unit that amounts of an analyte are analysed in on a basis."""
    return analyte.amount_unit if basis == AS_REPORTED else analyte.amount_unit + SUFFIX[basis]


def is_pure_number(analyte: Analyte) -> bool:
    """Tell whether an analyte has no substance to convert (specific gravity, osmolality)."""
    return analyte.molar_mass != analyte.molar_mass


def convert(analyte: Analyte, unit: str, creatinine_g_per_mol: float = 113.12) -> Conversion | None:
    """Return the conversion of one unit for one analyte, or None when there is none.

    Examples
    --------
    >>> from recal_labs.catalogue import load_catalogue
    >>> hva = load_catalogue().analytes["hva"]
    >>> round(convert(hva, "mmol/mol{creat}").factor, 3)
    1.61
    """
    if is_pure_number(analyte):
        same = unit == analyte.amount_unit
        return Conversion(analyte.id, unit, AS_REPORTED, 1.0, unit) if same else None
    reading = read_unit(unit, creatinine_g_per_mol)
    if reading is None:
        return None
    target = _substance(analyte.amount_unit)
    if target is None:
        return None
    kind, scale = target
    factor = reading.scale / scale
    if reading.substance == "amount" and kind == "mass":
        factor *= analyte.molar_mass
    elif reading.substance == "mass" and kind == "amount":
        factor /= analyte.molar_mass
    return Conversion(analyte.id, unit, reading.basis, _tidy(factor), amount_unit(analyte, reading.basis))


def conversion_table(catalogue: Catalogue, more_units: Iterable[str] = ()) -> tuple[Conversion, ...]:
    """Return every conversion of every analyte in every unit the catalogue knows, one row a pair."""
    return _conversion_table(catalogue, tuple(sorted(set(more_units))))


@lru_cache(maxsize=8)
def _conversion_table(catalogue: Catalogue, more_units: tuple[str, ...]) -> tuple[Conversion, ...]:
    units = sorted({*catalogue.units.values(), *(i.unit for i in catalogue.intervals), *more_units})
    creatinine = catalogue.analytes["creatinine"].molar_mass if "creatinine" in catalogue.analytes else 113.12
    found = (convert(analyte, unit, creatinine) for analyte in catalogue.analytes.values() for unit in units)
    return tuple(conversion for conversion in found if conversion is not None)
