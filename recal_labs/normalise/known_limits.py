"""What all sources together print for an analyte, and the units that a lab may have meant instead of the one it wrote.

Every interval of the catalogue counts here, of any quality, age, sex and condition, and every observed mean: the
question is not what is normal but what has been printed anywhere.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from recal_labs.catalogue import Catalogue
from recal_labs.normalise.units import AS_REPORTED, PER_24H, PER_CREATININE, PER_VOLUME, Conversion, conversion_table

# Accepted urinary creatinine, g/L (irsst2014, cocker2011): how far a single void may be diluted or concentrated.
ACCEPTED_CREATININE_G_PER_L = (0.3, 3.0)

# Where only upper limits are printed, results are taken to reach as far down as in nine of ten two-sided intervals.
SPREAD_QUANTILE = 0.9

UNSPECIFIED = "unspecified"
Key = tuple[str, str, str]


@lru_cache(maxsize=8)
def conversions(catalogue: Catalogue) -> Mapping[tuple[str, str], Conversion]:
    """Return the conversion table, by analyte and unit."""
    return {(c.analyte_id, c.unit): c for c in conversion_table(catalogue)}


@dataclass(frozen=True)
class Band:
    """Between what numbers everything printed lies, in the analyte's amount unit on one basis; NaN where nothing is.

    Parameters
    ----------
    low, high : float
        Of results: from the lowest lower limit to the highest upper one.
    upper_low, upper_high : float
        Lowest and highest upper limit.
    sources : int
        How many sources they come from.
    """

    low: float = math.nan
    high: float = math.nan
    upper_low: float = math.nan
    upper_high: float = math.nan
    sources: int = 0

    def times(self, least: float, most: float) -> Band:
        """Return the band when everything in it is multiplied by a factor that is only known to lie between two."""
        return Band(
            self.low * least,
            self.high * most,
            self.upper_low * least,
            self.upper_high * most,
            self.sources,
        )

    def or_else(self, other: Band) -> Band:
        """Return a band of at least two sources as it is; one of a single source is widened by another band."""
        if self.sources >= 2:
            return self
        return Band(
            low=_least(self.low, other.low),
            high=_most(self.high, other.high),
            upper_low=_least(self.upper_low, other.upper_low),
            upper_high=_most(self.upper_high, other.upper_high),
            sources=max(self.sources, other.sources),
        )


def _least(*numbers: float) -> float:
    return min((x for x in numbers if not math.isnan(x)), default=math.nan)


def _most(*numbers: float) -> float:
    return max((x for x in numbers if not math.isnan(x)), default=math.nan)


@dataclass
class _Printed:
    """The limits and means of one analyte, basis and fraction while they are gathered."""

    lower: list[float] = field(default_factory=list)
    upper: list[float] = field(default_factory=list)
    one_sided: list[float] = field(default_factory=list)
    middle: list[float] = field(default_factory=list)
    sources: set[str] = field(default_factory=set)

    def add(self, lower: float, upper: float, source: str) -> None:
        """Take in an interval; a limit that is missing or zero is none."""
        self.sources.add(source)
        if lower > 0:
            self.lower.append(lower)
        if upper > 0:
            self.upper.append(upper)
        if upper > 0 and not lower > 0:
            self.one_sided.append(upper)

    def band(self, spread: float) -> Band:
        """Return the band; where no lower limit is printed, one-sided intervals reach down to theirs over `spread`."""
        lows = [*self.lower, *self.middle] or [upper / spread for upper in self.one_sided]
        return Band(
            low=min(lows, default=math.nan),
            # A lower limit alone says nothing of how high results are.
            high=max([*self.upper, *self.middle], default=math.nan),
            upper_low=min(self.upper, default=math.nan),
            # What people have on average is no implausible limit.
            upper_high=max([*self.upper, *self.middle], default=math.nan) if self.upper else math.nan,
            sources=len(self.sources),
        )


def _gather(catalogue: Catalogue, without: frozenset[str]) -> tuple[dict[Key, _Printed], float]:
    """Return everything printed, by analyte, basis and fraction, and how wide two-sided intervals are."""
    table = conversions(catalogue)
    printed: dict[Key, _Printed] = defaultdict(_Printed)
    widths = [1.0]
    for interval in catalogue.intervals:
        known = table.get((interval.analyte_id, interval.unit))
        if known is None or interval.source_id in without:
            continue
        fraction = interval.fraction if catalogue.analytes[interval.analyte_id].fraction_matters else UNSPECIFIED
        here = printed[interval.analyte_id, known.basis, fraction]
        here.add(interval.lower * known.factor, interval.upper * known.factor, interval.source_id)
        if interval.lower > 0 and interval.upper > 0 and known.basis != AS_REPORTED:
            widths.append(interval.upper / interval.lower)
    for row in catalogue.observed_means:
        known = table.get((row["analyte_id"], row["unit"]))
        if known is not None and row["source_id"] not in without:
            here = printed[row["analyte_id"], known.basis, UNSPECIFIED]
            here.middle.append(float(row["mean_or_median"]) * known.factor)
            here.sources.add(row["source_id"])
    return printed, float(np.quantile(widths, SPREAD_QUANTILE))


def _merged(parts: list[_Printed]) -> _Printed:
    return _Printed(
        lower=[x for part in parts for x in part.lower],
        upper=[x for part in parts for x in part.upper],
        one_sided=[x for part in parts for x in part.one_sided],
        middle=[x for part in parts for x in part.middle],
        sources={x for part in parts for x in part.sources},
    )


@lru_cache(maxsize=512)
def known_bands(catalogue: Catalogue, without: frozenset[str] = frozenset()) -> Mapping[Key, Band]:
    """Return the band of every analyte, basis and fraction for which something is printed.

    Parameters
    ----------
    catalogue : Catalogue
    without : frozenset of str
        Sources to leave out, so that they can be judged by the others.

    Returns
    -------
    mapping of (analyte_id, basis, fraction) to Band
        Of an analyte whose fraction matters, free is judged by what is printed for free or without a fraction, and a
        fraction that is not stated by everything. A basis on which fewer than two sources print is widened by the other
        one times creatinine a day; a concentration by the band per creatinine times the accepted creatinine.
    """
    printed, spread = _gather(catalogue, without)
    bands: dict[Key, Band] = {}
    for analyte, basis in {key[:2] for key in printed}:
        of_any = {key[2]: found for key, found in printed.items() if key[:2] == (analyte, basis)}
        for fraction in ("free", "total", UNSPECIFIED):
            alike = [found for name, found in of_any.items() if UNSPECIFIED in (name, fraction) or name == fraction]
            if alike:
                bands[analyte, basis, fraction] = _merged(alike).band(spread)
    per_day = bands.get(("creatinine", PER_24H, UNSPECIFIED))
    nothing = Band()
    for (analyte, basis, fraction), band in list(bands.items()):
        if per_day is None or analyte == "creatinine":
            continue
        if basis == PER_24H:
            other, derived = PER_CREATININE, band.times(1 / per_day.high, 1 / per_day.low)
        elif basis == PER_CREATININE:
            other, derived = PER_24H, band.times(per_day.low, per_day.high)
        else:
            continue
        key = (analyte, other, fraction)
        bands[key] = bands.get(key, nothing).or_else(derived)
    for (analyte, basis, fraction), band in list(bands.items()):
        if basis == PER_CREATININE:
            key = (analyte, PER_VOLUME, fraction)
            bands[key] = bands.get(key, nothing).or_else(band.times(*ACCEPTED_CREATININE_G_PER_L))
    own = bands.get(("creatinine", PER_VOLUME, UNSPECIFIED))
    if own is not None:
        # No illness raises creatinine in urine a hundredfold: the middle of a group lies within what is accepted.
        least, most = ACCEPTED_CREATININE_G_PER_L
        for fraction in ("free", "total", UNSPECIFIED):
            bands["creatinine", PER_VOLUME, fraction] = replace(own, low=least, high=most)
    return bands


@dataclass(frozen=True)
class Rival:
    """A unit that may have been meant: a number in it is `factor` times as much as it says in the unit written.

    `rank` orders the slips by simplicity; `slip` says what was confused.
    """

    unit: str
    factor: float
    slip: str
    rank: int


PREFIX, MOLES, VOLUME, CREATININE = "prefix", "mass and moles", "volume", "grams and moles of creatinine"

_UNIT = re.compile(r"([fpnum]?)(g|mol)/(.+)")
_PREFIXES = ("f", "p", "n", "u", "m", "")
_SWAPPED = {"g": "mol", "mol": "g"}
_OTHER_VOLUME = {"L": "dL", "dL": "L"}
_OTHER_CREATININE = {"g{creat}": "mmol{creat}", "mmol{creat}": "g{creat}", "mg{creat}": "umol{creat}"}


def _spelled(prefix: str, steps: int, kind: str, bottom: str | None) -> str:
    """Return the unit whose prefix is some steps of a thousand away; empty when there is none that labs use."""
    place = _PREFIXES.index(prefix) + steps
    if not bottom or not 0 <= place < len(_PREFIXES) or (kind, bottom) == ("mol", "dL"):
        return ""
    return f"{_PREFIXES[place]}{kind}/{bottom}"


def _rival_units(unit: str) -> Iterator[tuple[str, str, int]]:
    """Yield each unit that differs from a unit in one thing a person gets wrong, with the slip and its rank."""
    found = _UNIT.fullmatch(unit)
    if not found:
        return
    prefix, kind, bottom = found.groups()
    volume, other = _OTHER_VOLUME.get(bottom), _SWAPPED[kind]
    for steps in (1, -1, 2, -2):
        yield _spelled(prefix, steps, kind, bottom), PREFIX, 1
    # A mass is some hundred times the moles: the two are told in neighbouring prefixes.
    yield _spelled(prefix, -1 if kind == "g" else 1, other, bottom), MOLES, 2
    yield _spelled(prefix, 0, kind, volume), VOLUME, 2
    # g/L and mg/dL, mg/dL and mmol/L: the pairs in which creatinine is told.
    yield _spelled(prefix, 1 if bottom == "dL" else -1, kind, volume), VOLUME, 2
    yield _spelled(prefix, 0, other, volume), MOLES, 2
    yield _spelled(prefix, 0, kind, _OTHER_CREATININE.get(bottom)), CREATININE, 3
    yield _spelled(prefix, 0, other, bottom), MOLES, 4


@lru_cache(maxsize=4096)
def rivals(catalogue: Catalogue, analyte_id: str, unit: str) -> tuple[Rival, ...]:
    """Return the units that may have been meant in place of a unit, the simplest slip first.

    Examples
    --------
    >>> from recal_labs.catalogue import load_catalogue
    >>> [(rival.unit, round(rival.factor, 4)) for rival in rivals(load_catalogue(), "creatinine", "mg/dL")][:3]
    [('g/dL', 1000.0), ('ug/dL', 0.001), ('ng/dL', 0.0)]
    """
    known = conversions(catalogue)
    written = known.get((analyte_id, unit))
    if written is None:
        return ()
    if written.basis == AS_REPORTED:
        # Specific gravity is told as 1.020 and as 1020.
        return (Rival("10*-3", 0.001, "1.020 and 1020", 1),) if unit == "1" else ()
    found: dict[str, Rival] = {}
    for other, slip, rank in _rival_units(unit):
        meant = known.get((analyte_id, other))
        if meant is not None and meant.basis == written.basis:
            found.setdefault(other, Rival(other, meant.factor / written.factor, slip, rank))
    return tuple(sorted(found.values(), key=lambda rival: rival.rank))
