"""The verdict on a group of results: does what a lab writes fit its unit, another one, or can it not be told."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from recal_labs.catalogue import Catalogue
from recal_labs.normalise.known_limits import Band, Rival, conversions, known_bands, rivals

FITS, SUSPECT, CANNOT_TELL = "fits", "suspect", "cannot_tell"

# How many times outside everything printed a number must lie, chosen by measuring over the catalogue's own intervals,
# each judged by the other sources: docs/units.md. Illness and medicines raise a metabolite manyfold, even the median of
# a clinic's patients; nothing does that to the creatinine of a group.
RANGE_MARGIN = 3.0
MARGIN_BELOW, MARGIN_ABOVE = 5.0, 20.0
CREATININE_MARGIN = 2.0
# How far outside it a printed limit may lie in the unit that is to explain it: as far as laboratories do disagree.
RANGE_TOLERANCE = 3.0
FEWEST_VALUES = 5
# A median is counted in bins, fifty to a decade, and known to half of one.
BINS_PER_DECADE = 50
# Rivals nearer to each other than this are one slip: per dL for per L is ten, mmol/L for mg/dL eleven times.
SAME_SLIP = 2.0
# Where a lab's own range fits its unit, results far off are ill people unless a whole prefix is missing.
PREFIX_SLIP = 100.0

VERDICT_COLUMNS: Mapping[str, Any] = {
    "verdict": pl.String,
    "judged_by": pl.String,
    "known_low": pl.Float64,
    "known_high": pl.Float64,
    "sources": pl.Int64,
    "suspected_unit": pl.String,
    "suspected_factor": pl.Float64,
    "sentence": pl.String,
}

Array = NDArray[np.float64]


@dataclass(frozen=True)
class _Basis:
    """What every group of one analyte, unit and fraction is judged by, in that unit."""

    band: Band
    rivals: tuple[Rival, ...]
    convertible: bool


def _basis_of(catalogue: Catalogue, analyte: str, unit: str, fraction: str, without: frozenset[str]) -> _Basis:
    known = conversions(catalogue).get((analyte, unit))
    band = known_bands(catalogue, without).get((analyte, known.basis, fraction)) if known else None
    if known is None or band is None:
        return _Basis(Band(), (), convertible=known is not None)
    return _Basis(band.times(1 / known.factor, 1 / known.factor), rivals(catalogue, analyte, unit), convertible=True)


def _outside(number: Array, low: Array, high: Array) -> tuple[Array, Array]:
    """Return how many times a number lies below and above a band; 1 inside, NaN where there is no number or band."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.maximum(low / number, 1.0), np.maximum(number / high, 1.0)


@dataclass(frozen=True)
class _Judged:
    """One kind of evidence, judged for every group: is there any, does it fit, and which rival does it fit instead."""

    there: NDArray[np.bool_]
    fits: NDArray[np.bool_]
    rival: NDArray[np.int64]


def _judge(
    number: Array, low: Array, high: Array, rivals_of: _Rivals, *, below: Array, above: Array, tolerance: float
) -> _Judged:
    """Judge one number a group against its band.

    Parameters
    ----------
    number, low, high : array, shape (n_groups,)
    rivals_of : _Rivals
    below, above : array, shape (n_groups,)
        How many times below and above the band a number may lie as labelled.
    tolerance : float
        How many times outside it under a rival.

    Returns
    -------
    _Judged
        The rival is its place, or -1 where none or several explain the number.
    """
    under, over = _outside(number, low, high)
    there = ~np.isnan(under) & ~np.isnan(over)
    fits = there & (under <= below) & (over <= above)
    factors, ranks = rivals_of.factors, rivals_of.ranks
    off = np.maximum(*_outside(number[:, None] * factors, low[:, None], high[:, None]))
    # 1 + 1e-9: a limit that is converted there and back is still itself.
    explains = (off <= tolerance * (1 + 1e-9)) & (there & ~fits)[:, None]
    simplest = np.min(np.where(explains, ranks, np.inf), axis=1, initial=np.inf)
    best = explains & (ranks == simplest[:, None])
    lowest = np.min(np.where(best, factors, np.inf), axis=1, initial=np.inf)
    highest = np.max(np.where(best, factors, 0.0), axis=1, initial=0.0)
    one = best.any(axis=1) & (highest <= lowest * SAME_SLIP)
    nearest = np.argmin(np.where(best, off, np.inf), axis=1) if factors.shape[1] else np.zeros(len(number), int)
    return _Judged(there, fits, np.where(one, nearest, -1))


@dataclass(frozen=True)
class _Rivals:
    """Factors and ranks of every group's rivals, arrays of shape (n_groups, n_rivals) padded with NaN."""

    factors: Array
    ranks: Array

    @classmethod
    def of(cls, found: Sequence[_Basis]) -> _Rivals:
        width = max((len(basis.rivals) for basis in found), default=0)
        tables = [np.full((len(found), width), np.nan) for _ in range(2)]
        for place, basis in enumerate(found):
            for table, name in zip(tables, ("factor", "rank"), strict=True):
                table[place, : len(basis.rivals)] = [getattr(rival, name) for rival in basis.rivals]
        return cls(*tables)


def judge_groups(
    evidence: pl.DataFrame, catalogue: Catalogue, *, without: frozenset[str] = frozenset()
) -> pl.DataFrame:
    """Add the verdict to the evidence of each group.

    Parameters
    ----------
    evidence : DataFrame
        With the columns of `plausible.EVIDENCE`, one row a group.
    catalogue : Catalogue
    without : frozenset of str
        Sources to leave out of what is printed anywhere.

    Returns
    -------
    DataFrame
        The same rows with the columns of `VERDICT_COLUMNS`.
    """
    keys = evidence.select("analyte_id", "unit", "fraction").rows()
    once = {key: _basis_of(catalogue, key[0], key[1], key[2], without) for key in dict.fromkeys(keys)}
    found = [once[key] for key in keys]
    rivals_of = _Rivals.of(found)
    own = np.array([analyte == "creatinine" for analyte, _, _ in keys], dtype=bool)
    everywhere = np.full(len(keys), RANGE_MARGIN)

    def band(name: str) -> Array:
        return np.array([getattr(basis.band, name) for basis in found], dtype=float)

    def column(name: str) -> Array:
        return evidence[name].cast(pl.Float64).fill_null(np.nan).to_numpy()

    # Of a printed range the upper limit: on lower ones, where they print any, laboratories agree less.
    ranged = _judge(
        column("median_high"),
        band("upper_low"),
        band("upper_high"),
        rivals_of,
        below=everywhere,
        above=everywhere,
        tolerance=RANGE_TOLERANCE,
    )
    enough = column("n_exact") >= FEWEST_VALUES
    values = _judge(
        np.where(enough, column("median_value"), np.nan),
        band("low"),
        band("high"),
        rivals_of,
        below=np.where(own, CREATININE_MARGIN, MARGIN_BELOW),
        above=np.where(own, CREATININE_MARGIN, MARGIN_ABOVE),
        tolerance=10 ** (0.5 / BINS_PER_DECADE),
    )
    rows = [
        _row(group, basis, tuple(int(part) for part in parts))
        for group, basis, *parts in zip(
            evidence.iter_rows(named=True),
            found,
            ranged.there,
            ranged.fits,
            ranged.rival,
            values.there,
            values.fits,
            values.rival,
            strict=True,
        )
    ]
    verdicts = pl.DataFrame(rows, schema=dict(VERDICT_COLUMNS), orient="row")
    return pl.concat([evidence, verdicts], how="horizontal")


def _row(group: Mapping[str, Any], basis: _Basis, parts: tuple[int, ...]) -> tuple[Any, ...]:
    """Return the verdict of one group from the two kinds of evidence."""
    range_there, range_fits, range_rival, values_there, values_fits, values_rival = parts
    by_range = basis.rivals[range_rival] if range_there and not range_fits and range_rival >= 0 else None
    by_values = basis.rivals[values_rival] if values_there and not values_fits and values_rival >= 0 else None
    if by_values and range_there and range_fits and abs(math.log10(by_values.factor)) < math.log10(PREFIX_SLIP):
        by_values = None
    there, odd = (range_there, values_there), (range_there and not range_fits, values_there and not values_fits)
    rival = by_range or by_values
    seen: tuple[object, object]
    if rival is not None:
        # Results that would need another unit than the range does are no second witness.
        verdict, seen = SUSPECT, (by_range, by_values and _same_slip(rival, by_values))
    elif any(odd) or not any(there):
        verdict, seen = CANNOT_TELL, odd
    else:
        verdict, seen = FITS, there
    judged_by = "both" if all(seen) else "printed_range" if seen[0] else "values" if seen[1] else ""
    low, high = _known(basis.band, judged_by)
    return (
        verdict,
        judged_by,
        _or_none(low),
        _or_none(high),
        basis.band.sources,
        rival.unit if rival else "",
        rival.factor if rival else None,
        _sentence(group, basis, verdict, judged_by, rival),
    )


def _same_slip(one: Rival, other: Rival) -> bool:
    return 1 / SAME_SLIP <= one.factor / other.factor <= SAME_SLIP


def _known(band: Band, judged_by: str) -> tuple[float, float]:
    """Return between what numbers lie the upper limits that a printed one is held against, or else results."""
    return (band.upper_low, band.upper_high) if judged_by in ("printed_range", "both") else (band.low, band.high)


def _or_none(number: float) -> float | None:
    return None if math.isnan(number) else number


def _figure(number: float, digits: int) -> str:
    """Return a number as people write it, 3,700 and not 3.7e+03, to so many significant digits."""
    rounded = float(f"{number:.{digits}g}")
    return f"{rounded:,.0f}" if 1000 <= rounded < 1e9 else f"{rounded:g}"


def _sentence(group: Mapping[str, Any], basis: _Basis, verdict: str, judged_by: str, rival: Rival | None) -> str:
    """Return what a person should know of a group; nothing of one that fits."""
    if verdict == FITS:
        return ""
    what = f"{group['analyte_id']} in {group['unit'] or 'no unit'} of {group['lab_id'] or 'a lab that is not named'}"
    if not judged_by:
        if not basis.convertible:
            return f"{what}: the unit cannot be converted for this analyte."
        if not basis.band.sources:
            return f"{what}: no source prints anything to judge the unit by."
        return f"{what}: neither a printed upper limit nor {FEWEST_VALUES} results that are not censored to judge by."
    numbers = []
    if judged_by in ("printed_range", "both"):
        numbers.append(f"its printed upper limit of {_figure(group['median_high'], 4)}")
    if judged_by in ("values", "both"):
        numbers.append(f"the median of {_figure(group['median_value'], 2)} of its {group['n_exact']} results")
    said = " and ".join(numbers)
    lies = "lie" if len(numbers) > 1 else "lies"
    sources = f"{basis.band.sources} source" + ("s" if basis.band.sources != 1 else "")
    low, high = _known(basis.band, judged_by)
    start = f"{what}: {said} {lies} far from what {sources} print ({_figure(low, 3)} to {_figure(high, 3)})"
    if rival is None:
        return f"{start}, and no other single unit explains it."
    return (
        f"{start}; read as {rival.unit} it would fit ({rival.slip} confused, a factor of {_figure(rival.factor, 4)}). "
        "The numbers were not changed; ask the lab which unit it means."
    )
