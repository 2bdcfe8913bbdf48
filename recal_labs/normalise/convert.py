"""Numbers from one unit into another: mass and amount of substance, per volume, per creatinine and per 24 hours."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
from numpy.typing import ArrayLike, NDArray

from recal_labs.catalogue import Analyte, Catalogue, load_catalogue
from recal_labs.errors import ConversionError, UnknownAnalyteError
from recal_labs.normalise.core import Normalised
from recal_labs.normalise.units import (
    AS_REPORTED,
    PER_24H,
    PER_CREATININE,
    PER_VOLUME,
    Conversion,
    convert,
    creatinine_molar_mass,
    is_pure_number,
)

Array = NDArray[np.float64]

# Concentrations that were corrected for dilution otherwise than by division: their unit may change, their basis not.
CONCENTRATIONS = (PER_VOLUME, "specific_gravity", "covariate_adjusted", "power_functional")
CREATININE, VOLUME, HOURS = "creatinine_g_per_l (g/L)", "volume_l (L)", "hours (h)"

# What is needed to come from one basis to another.
NEEDS = {
    frozenset({PER_VOLUME, PER_CREATININE}): (CREATININE,),
    frozenset({PER_VOLUME, PER_24H}): (VOLUME, HOURS),
    frozenset({PER_CREATININE, PER_24H}): (CREATININE, VOLUME, HOURS),
}


def _analyte(analyte_id: str, catalogue: Catalogue, where: str) -> Analyte:
    if analyte_id not in catalogue.analytes:
        raise UnknownAnalyteError(analyte_id, tuple(catalogue.analytes), where)
    return catalogue.analytes[analyte_id]


@lru_cache(maxsize=4096)
def _conversion(analyte: Analyte, unit: str, catalogue: Catalogue) -> Conversion:
    """Return the conversion of a unit, as UCUM or as a lab spells it.

    Raises
    ------
    ConversionError
        When the unit is not known, says nothing of creatinine where it should, or is none of this analyte.
    """
    molar = creatinine_molar_mass(catalogue)
    remark = catalogue.spellings.remark(unit)
    code = catalogue.find_unit(unit, analyte.id)
    # A UCUM code that no lab was seen to write is taken as it is, but for what a remark doubts (mega for milli).
    found = convert(analyte, code or unit, molar) if code or not remark else None
    if found is None and not is_pure_number(analyte) and code and convert(analyte, f"{code}{{creat}}", molar):
        raise ConversionError(
            f"{unit!r} does not say per what; if creatinine is meant, write {code + '{creat}'!r}. A fraction never "
            "becomes a ratio to creatinine by itself."
        )
    if found is None:
        expected = analyte.amount_unit if is_pure_number(analyte) else f"{analyte.amount_unit}/L"
        raise ConversionError(
            f"{unit!r} is no unit that {analyte.id} can be converted from or into; expected a mass or an amount of "
            f"substance per volume, per creatinine or per 24 h, such as {expected!r}"
            + (f" ({remark})." if remark else ".")
        )
    return found


def _positive(number: ArrayLike | None) -> Array:
    """Return numbers of which nothing is left that cannot be divided by."""
    known = np.asarray(np.nan if number is None else number, dtype=float)
    return np.where(known > 0, known, np.nan)


def _between(values: Array, start: str, end: str, creatinine: Array, volume: Array, hours: Array) -> Array:
    """Bring amounts from one basis to another."""
    if start == end:
        return values
    litres_a_day = volume * 24.0 / hours
    per_litre: dict[str, Any] = {PER_VOLUME: 1.0, PER_CREATININE: creatinine, PER_24H: 1.0 / litres_a_day}
    return np.asarray(values * per_litre[start] / per_litre[end])


def convert_amounts(
    values: ArrayLike,
    analyte_id: str,
    unit: str,
    to: str,
    *,
    creatinine_g_per_l: ArrayLike | None = None,
    volume_l: ArrayLike | None = None,
    hours: ArrayLike | None = None,
    catalogue: Catalogue | None = None,
) -> Array:
    """Convert amounts of an analyte from one unit into another.

    Parameters
    ----------
    values : array-like, shape (n,)
        In `unit`. NaN stays NaN; the limit of a censored value is converted like a value, and its comparator stays.
    analyte_id : str
        Whose molar mass counts.
    unit, to : str
        UCUM, or as a lab spells it: ``"ug/g{creat}"``, ``"µg/g Krea"``, ``"nmol/24 h"``, ``"mg/dL"``.
    creatinine_g_per_l : array-like, optional
        The specimens' creatinine, g/L: needed between per creatinine and the others.
    volume_l, hours : array-like, optional
        Volume in L and duration in h of the collections: needed between per 24 h and the others. Rates are brought to
        24 hours.
    catalogue : Catalogue, optional
        Default: the built-in one.

    Returns
    -------
    ndarray, shape (n,)
        In `to`. NaN where a number that is needed is missing, zero or negative.

    Raises
    ------
    UnknownAnalyteError
        When the catalogue does not hold the analyte.
    ConversionError
        When a unit cannot be that of the analyte, or creatinine, volume or duration are needed and not given.

    Notes
    -----
    amount of substance = mass / molar mass; per creatinine = per volume / creatinine; per 24 h = per volume x volume
    x 24 / hours. Molar masses stand in analytes.csv.

    Examples
    --------
    >>> convert_amounts([15.0], "hva", "mg/24 h", "umol/(24.h)").round(1).tolist()
    [82.3]
    >>> convert_amounts([4.0], "hva", "mg/L", "mmol/mol Cr", creatinine_g_per_l=1.0).round(2).tolist()
    [2.48]
    """
    catalogue = catalogue or load_catalogue()
    analyte = _analyte(analyte_id, catalogue, "convert_amounts")
    start, end = (_conversion(analyte, spelled, catalogue) for spelled in (unit, to))
    given = {CREATININE: creatinine_g_per_l, VOLUME: volume_l, HOURS: hours}
    needed = NEEDS.get(frozenset({start.basis, end.basis}), ())
    if missing := [name for name in needed if given[name] is None]:
        raise ConversionError(
            f"{analyte_id} in {unit!r} ({start.basis.replace('_', ' ')}) becomes {to!r} "
            f"({end.basis.replace('_', ' ')}) only with {' and '.join(missing)}; hand it in for each value."
        )
    amounts = np.asarray(values, dtype=float) * start.factor
    moved = _between(amounts, start.basis, end.basis, *(_positive(given[name]) for name in given))
    return np.asarray(moved / end.factor, dtype=float)


def amounts_in(normalised: Normalised, analyte_id: str, unit: str) -> Any:
    """Return the amounts of one analyte in a unit of one's choice.

    Parameters
    ----------
    normalised : Normalised
    analyte_id : str
    unit : str
        UCUM or a lab's spelling. Where it is on another basis than an amount, the row's own creatinine, volume and
        duration are used.

    Returns
    -------
    Series
        Of the kind of the frame, one value for each row of the analyte in the order of the frame; of pandas with the
        labels of those rows, so that ``frame.loc[series.index, "amount_comparator"]`` says which are limits. A limit
        is converted like a value: its comparator is that of the amount. Missing where the amount is missing, where
        creatinine, volume or duration are, and where another basis would need a creatinine that is itself only
        bounded.

    Raises
    ------
    UnknownAnalyteError
        When the catalogue does not hold the analyte.
    ConversionError
        When the unit cannot be that of the analyte, or the amounts are a ratio that has no unit.

    Examples
    --------
    >>> import pandas as pd
    >>> from recal_labs.normalise import normalise
    >>> results = pd.DataFrame({
    ...     "subject_id": ["S1", "S1"], "specimen_id": ["U1", "U1"], "specimen": "urine_spot",
    ...     "analyte_id": ["hva", "creatinine"], "comparator": "", "value": [4.0, 100.0], "unit": ["mg/L", "mg/dL"]})
    >>> amounts_in(normalise(results), "hva", "mmol/mol creatinine").round(2)
    0    2.48
    Name: hva [mmol/mol{creat}], dtype: float64
    """
    catalogue = normalised.catalogue
    analyte = _analyte(analyte_id, catalogue, "amounts_in")
    target = _conversion(analyte, unit, catalogue)
    name = f"{analyte_id} [{target.unit}]"
    rows = _needed_rows(normalised.frame, analyte_id)
    made = _row_amounts(rows, analyte, target)
    if isinstance(normalised.frame, pd.DataFrame):
        return pd.Series(made, index=rows.index, name=name, dtype=float)
    return pl.Series(name, made, dtype=pl.Float64, nan_to_null=True)


NEEDED = (
    "basis",
    "amount",
    "creatinine_g_per_l",
    "creatinine_comparator",
    "collection_volume_l",
    "collection_hours",
)


def _needed_rows(frame: Any, analyte_id: str) -> pd.DataFrame:
    """Return the rows of the analyte, with the columns that count, as pandas."""
    if isinstance(frame, pd.DataFrame):
        return frame.loc[frame["analyte_id"] == analyte_id, list(NEEDED)]
    some = frame.lazy().filter(pl.col("analyte_id") == analyte_id).select(NEEDED)
    return some.collect().to_pandas()


def _row_amounts(rows: pd.DataFrame, analyte: Analyte, target: Conversion) -> Array:
    """Return the amounts of some rows in the target unit; each row starts from its own basis."""
    made = np.full(len(rows), np.nan)
    bases = rows["basis"].to_numpy()
    creatinine, volume, hours = (
        _positive(rows[name].to_numpy(dtype=float, na_value=np.nan))
        for name in ("creatinine_g_per_l", "collection_volume_l", "collection_hours")
    )
    bounded = (rows["creatinine_comparator"].fillna("") != "").to_numpy(dtype=bool)
    creatinine = np.where(bounded, np.nan, creatinine)
    amounts = rows["amount"].to_numpy(dtype=float, na_value=np.nan)
    for basis in sorted({basis for basis in bases if isinstance(basis, str)}):
        here = bases == basis
        if basis == target.basis or (basis in CONCENTRATIONS and target.basis == PER_VOLUME):
            made[here] = amounts[here]
        elif basis in (PER_VOLUME, PER_CREATININE, PER_24H) and target.basis != AS_REPORTED:
            made[here] = _between(amounts, basis, target.basis, creatinine, volume, hours)[here]
        elif not np.isnan(amounts[here]).all():
            raise ConversionError(
                f"The amounts of {analyte.id} are on the basis {basis!r}, which {target.unit!r} is not; normalise with "
                "another basis, or ask for a unit that fits."
            )
    return made / target.factor
