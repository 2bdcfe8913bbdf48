"""What a UCUM unit means for an analyte: its basis, and the factor into the unit that amounts are analysed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from recal_labs.catalogue import Analyte, Catalogue, load_catalogue
from recal_labs.catalogue.rows import TabledUnit
from recal_labs.catalogue.ucum import basis_of
from recal_labs.normalise.pint_units import read_through_pint, tidy_number

PER_VOLUME, PER_CREATININE, PER_24H, AS_REPORTED = "per_volume", "per_creatinine", "per_24h", "as_reported"

CREATININE_MARK = "{creat}"

# C4H7N3O, analytes.csv; a catalogue with another molar mass of creatinine is asked instead.
CREATININE_G_PER_MOL = 113.12


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
def _shipped() -> Mapping[str, TabledUnit]:
    # Asked once: load_catalogue looks whether its files have changed, every time.
    return load_catalogue().unit_readings


@lru_cache(maxsize=4096)
def read_unit(ucum: str, creatinine_g_per_mol: float = CREATININE_G_PER_MOL) -> UnitReading | None:
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

    Notes
    -----
    The shipped table ``unit_readings.csv`` was made through pint and ucumvert (docs/write_unit_readings.py); a unit
    that is not in it is read through them here.

    Examples
    --------
    >>> read_unit("ug/g{creat}")
    UnitReading(basis='per_creatinine', substance='mass', scale=1e-06)
    >>> read_unit("ug/g") is None
    True
    """
    read = _shipped().get(ucum)
    # Most units of other things are turned away by their shape, before a second and a half of imports.
    if read is None and basis_of(ucum) is not None:
        read = read_through_pint(ucum)
    if read is None:
        return None
    moles = read.per == f"mol{CREATININE_MARK}"
    scale = tidy_number(read.scale / creatinine_g_per_mol) if moles else read.scale
    return UnitReading(read.basis, read.substance, scale)


SUFFIX: Mapping[str, str] = {PER_VOLUME: "/L", PER_CREATININE: "/g{creat}", PER_24H: "/(24.h)"}


def amount_unit(analyte: Analyte, basis: str) -> str:
    """Return the UCUM unit that amounts of an analyte are analysed in on a basis."""
    return analyte.amount_unit if basis == AS_REPORTED else analyte.amount_unit + SUFFIX[basis]


def is_pure_number(analyte: Analyte) -> bool:
    """Tell whether an analyte has no substance to convert (specific gravity, osmolality)."""
    return analyte.molar_mass != analyte.molar_mass


def convert(analyte: Analyte, unit: str, creatinine_g_per_mol: float = CREATININE_G_PER_MOL) -> Conversion | None:
    """Return the conversion of one unit for one analyte, or None when there is none.

    Examples
    --------
    >>> hva = load_catalogue().analytes["hva"]
    >>> round(convert(hva, "mmol/mol{creat}").factor, 3)
    1.61
    """
    if is_pure_number(analyte):
        same = unit == analyte.amount_unit
        return Conversion(analyte.id, unit, AS_REPORTED, 1.0, unit) if same else None
    reading = read_unit(unit, creatinine_g_per_mol)
    # An amount per litre is the amount itself.
    target = read_unit(f"{analyte.amount_unit}/L")
    if reading is None or target is None:
        return None
    factor = reading.scale / target.scale
    if reading.substance == "amount" and target.substance == "mass":
        factor *= analyte.molar_mass
    elif reading.substance == "mass" and target.substance == "amount":
        factor /= analyte.molar_mass
    return Conversion(analyte.id, unit, reading.basis, tidy_number(factor), amount_unit(analyte, reading.basis))


def conversion_table(catalogue: Catalogue, more_units: Iterable[str] = ()) -> tuple[Conversion, ...]:
    """Return every conversion of every analyte in every unit the catalogue knows, one row a pair."""
    return _conversion_table(catalogue, tuple(sorted(set(more_units))))


def creatinine_molar_mass(catalogue: Catalogue) -> float:
    """Return the molar mass of creatinine in g/mol, of the catalogue if it has one."""
    known = catalogue.analytes.get("creatinine")
    return known.molar_mass if known is not None else CREATININE_G_PER_MOL


@lru_cache(maxsize=8)
def _conversion_table(catalogue: Catalogue, more_units: tuple[str, ...]) -> tuple[Conversion, ...]:
    creatinine = creatinine_molar_mass(catalogue)
    known = {*catalogue.unit_readings, *catalogue.units.values(), *(i.unit for i in catalogue.intervals), *more_units}
    # Units of other things are read once, not once for each analyte.
    units = sorted(unit for unit in known if read_unit(unit, creatinine) is not None)
    found = [
        convert(analyte, unit, creatinine)
        for analyte in catalogue.analytes.values()
        for unit in ((analyte.amount_unit,) if is_pure_number(analyte) else units)
    ]
    return tuple(conversion for conversion in found if conversion is not None)
