"""The change that selection alone brings about: extreme values are followed by less extreme ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recal_labs.errors import ArrayError, ChoiceError
from recal_labs.estimate import NAN, Estimate
from recal_labs.stats.change import SCALES
from recal_labs.stats.inputs import Floats, as_vector, check_confidence, one_of
from recal_labs.stats.resampling import (
    expanded_percentile_interval,
    resample_counts,
    weighted_means,
    weighted_slopes,
)

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

MIN_SELECTED, MIN_POPULATION, MIN_RETEST = 3, 4, 5
_ASSUMES = (
    "without treatment the population keeps its mean and SD from one occasion to the next",
    "the value expected on retest is linear in the first value",
)


@dataclass(frozen=True, eq=False)
class _Group:
    """Subjects with one or more values each, and how often every resample draws them."""

    columns: tuple[Floats, ...]
    counts: Floats

    @property
    def n(self) -> int:
        return len(self.columns[0])

    def means(self, column: int = 0) -> Floats:
        return weighted_means(self.counts, self.columns[column])


@dataclass(frozen=True, eq=False)
class _Design:
    """The groups that an expected change is computed from, or the reason why it cannot be."""

    selected: _Group
    population: _Group
    retest: _Group | None
    stated: float
    reason: str

    @property
    def slope(self) -> float:
        """What is kept, on average, of a subject's distance from the population's mean."""
        if self.retest is None:
            return self.stated
        first, second = self.retest.columns
        return float((first - first.mean()) @ (second - second.mean()) / ((first - first.mean()) ** 2).sum())

    @property
    def expected(self) -> float:
        distance = float(self.population.columns[0].mean() - self.selected.columns[0].mean())
        return (1 - self.slope) * distance

    def expected_in_resamples(self) -> Floats:
        slope = self.stated if self.retest is None else weighted_slopes(self.retest.counts, *self.retest.columns)
        resampled: Floats = (1 - slope) * (self.population.means() - self.selected.means())
        return resampled

    def notes(self) -> tuple[str, ...]:
        if self.retest is None:
            return (*_ASSUMES, f"the test-retest correlation is {self.stated:g}, stated and not estimated")
        return (
            *_ASSUMES,
            f"the retest slope is {self.slope:.3g}, from {self.retest.n} subjects measured twice",
        )


def regression_to_mean(
    before: ArrayLike,
    population: ArrayLike,
    *,
    retest_correlation: float = NAN,
    retest: tuple[ArrayLike, ArrayLike] | None = None,
    scale: str = "raw",
    subjects: tuple[ArrayLike, ...] | None = None,
    confidence: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 20260101,
    unit: str = "1",
) -> Estimate:
    """Estimate the change expected of the selected subjects if nothing were done, from regression to the mean alone.

    Parameters
    ----------
    before : array-like, shape (n_selected,)
        Values of the selected subjects before; NaN is left out.
    population : array-like, shape (n_population,)
        Values before of the population they were selected from, themselves included.
    retest_correlation : float
        Correlation between two occasions of stable subjects, when it is stated rather than estimated.
    retest : pair of array-like, shape (n_retest,), optional
        Values on two occasions of subjects whom nothing was done to; what a subject keeps of the distance from the mean
        is then estimated from them, by the slope of the second on the first.
    scale : {"raw", "log", "logged"}
        As in `paired_change`; on logarithms the estimate is a ratio.
    subjects : tuple of array-like, optional
        Ids of the subjects of `before`, `population` and, if given, `retest`. A subject then brings all of their values
        into a resample. Without ids the groups count as separate people.
    confidence : float
        Coverage aimed at.
    n_resamples, seed : int
        Bootstrap resamples and the seed of their draws.
    unit : str
        Unit of a raw difference.

    Returns
    -------
    Estimate
        Effect ``expected_change`` (after - before) or ``expected_ratio`` (after / before); `n` is the selected
        subjects. Missing with the reason when a group is too small or does not vary, or no correlation is known.

    Raises
    ------
    ArrayError
        When lengths do not fit.
    ChoiceError
        When a stated correlation is outside -1 to 1, or stated beside retest values.
    UnknownWordError
        When the scale is not known.

    Notes
    -----
    For two occasions with the same mean m and SD, the value expected on the second given the first is ``m + r (x -
    m)``: the regression line passes through the means and its slope is the correlation r. The change expected of
    selected subjects whose mean is s is therefore ``m + r (s - m) - s = (1 - r)(m - s)``. From retest values r is
    estimated as that slope and not as a correlation: where the extreme subjects were selected for treatment, those left
    for the retest vary less, which lowers their correlation but not their slope. Interval: bootstrap of subjects, in
    which every group keeps its size, with percentiles widened as in `expanded_percentile_interval`.

    Examples
    --------
    >>> print(regression_to_mean([16, 18, 17], [10, 12, 14, 16, 18, 8, 17], retest_correlation=0.75))
    expected_change -0.86 (95 % CI ...), n = 3, (1 - r) x (population mean - selected mean), subject bootstrap
    """
    check_confidence(confidence)
    design = _design((before,), population, retest_correlation, retest, scale, subjects, n_resamples, seed)
    effect = "expected_change" if scale == "raw" else "expected_ratio"
    method = "(1 - r) x (population mean - selected mean), subject bootstrap"
    named = {"method": method, "effect": effect, "unit": unit if scale == "raw" else "1"}
    if design.reason:
        return Estimate.missing(design.reason, n=design.selected.n, confidence=confidence, **named)
    low, high = expanded_percentile_interval(design.expected_in_resamples(), confidence, design.selected.n)
    return _on_scale(design.expected, low, high, scale, design, confidence, named)


def excess_change(
    before: ArrayLike,
    after: ArrayLike,
    population: ArrayLike,
    *,
    retest_correlation: float = NAN,
    retest: tuple[ArrayLike, ArrayLike] | None = None,
    scale: str = "raw",
    subjects: tuple[ArrayLike, ...] | None = None,
    confidence: float = 0.95,
    n_resamples: int = 2000,
    seed: int = 20260101,
    unit: str = "1",
) -> Estimate:
    """Estimate how far the observed change goes beyond the one expected from regression to the mean alone.

    Parameters
    ----------
    before, after : array-like, shape (n_selected,)
        Values of the selected subjects; a subject with one of them missing is left out.
    population, retest_correlation, retest, scale, subjects, confidence, n_resamples, seed, unit
        As in `regression_to_mean`.

    Returns
    -------
    Estimate
        Effect ``excess_change`` (observed - expected) or ``excess_ratio`` (observed / expected). It still holds
        whatever else changed between the two occasions: without a comparison group it is not the effect of a treatment.

    Raises
    ------
    ArrayError, ChoiceError, UnknownWordError
        As in `regression_to_mean`.

    Notes
    -----
    Both parts come from the same resamples, so that what they share cancels.

    Examples
    --------
    >>> found = excess_change([16, 18, 17], [14, 15, 16], [10, 12, 14, 16, 18, 8, 17], retest_correlation=0.75)
    >>> round(found.estimate, 2)
    -1.14
    """
    check_confidence(confidence)
    design = _design((before, after), population, retest_correlation, retest, scale, subjects, n_resamples, seed)
    effect = "excess_change" if scale == "raw" else "excess_ratio"
    method = "Observed change beyond (1 - r) x (population mean - selected mean), subject bootstrap"
    named = {"method": method, "effect": effect, "unit": unit if scale == "raw" else "1"}
    if design.reason:
        return Estimate.missing(design.reason, n=design.selected.n, confidence=confidence, **named)
    first, second = design.selected.columns
    estimate = float((second - first).mean()) - design.expected
    resampled = design.selected.means(1) - design.selected.means(0) - design.expected_in_resamples()
    low, high = expanded_percentile_interval(resampled, confidence, design.selected.n)
    return _on_scale(estimate, low, high, scale, design, confidence, named)


def _on_scale(
    estimate: float, low: float, high: float, scale: str, design: _Design, confidence: float, named: dict[str, str]
) -> Estimate:
    values = (estimate, low, high) if scale == "raw" else tuple(math.exp(v) for v in (estimate, low, high))
    return Estimate(
        estimate=values[0],
        ci_low=values[1],
        ci_high=values[2],
        confidence=confidence,
        n=design.selected.n,
        method=named["method"],
        effect=named["effect"],
        unit=named["unit"],
        assumptions=design.notes(),
    )


def _design(
    selected: tuple[ArrayLike, ...],
    population: ArrayLike,
    stated: float,
    retest: tuple[ArrayLike, ArrayLike] | None,
    scale: str,
    subjects: tuple[ArrayLike, ...] | None,
    n_resamples: int,
    seed: int,
) -> _Design:
    """Return cleaned groups with the counts of their common resamples."""
    one_of(scale, SCALES, "scale of change")
    if retest is not None and not math.isnan(stated):
        raise ChoiceError("Both a stated retest_correlation and retest values are given; expected one of them.")
    if not math.isnan(stated) and not -1 <= stated <= 1:
        raise ChoiceError(f"retest_correlation is {stated}; expected a correlation from -1 to 1.")
    groups = [selected, (population,), *([retest] if retest is not None else [])]
    names = ("selected subjects", "population", "retest subjects")
    cleaned, ids, reason = [], [], ""
    for index, group in enumerate(groups):
        columns, kept, fault = _clean(group, scale, names[index])
        cleaned.append(columns)
        ids.append(_ids(subjects, index, kept, names[index]))
        reason = reason or fault
    reason = reason or _faults(cleaned, stated)
    counts = _shared_counts(ids, n_resamples, seed) if not reason else [np.empty((0, len(i))) for i in ids]
    made = [_Group(columns, count) for columns, count in zip(cleaned, counts, strict=True)]
    return _Design(made[0], made[1], made[2] if retest is not None else None, stated, reason)


def _clean(columns: tuple[ArrayLike, ...], scale: str, name: str) -> tuple[tuple[Floats, ...], NDArray[np.intp], str]:
    """Return complete rows on the scale of analysis, which rows they were, and what is wrong with them."""
    vectors = [as_vector(column, name) for column in columns]
    if len({len(vector) for vector in vectors}) > 1:
        raise ArrayError(f"The two occasions of the {name} differ in length; expected one value a subject on each.")
    table = np.column_stack(vectors)
    kept = np.flatnonzero(~np.isnan(table).any(axis=1))
    table = table[kept]
    if np.isinf(table).any():
        return tuple(table.T), kept, f"a value of the {name} is infinite"
    if scale == "log":
        without = int((table <= 0).sum())
        if without:
            return tuple(table.T), kept, f"{without} values of the {name} are zero or negative and have no logarithm"
        table = np.log(table)
    return tuple(table.T), kept, ""


def _ids(
    subjects: tuple[ArrayLike, ...] | None, index: int, kept: NDArray[np.intp], name: str
) -> NDArray[np.object_] | NDArray[np.intp]:
    if subjects is None:
        # Tagged by group, so that row 0 of one group is nobody of another.
        return np.array([f"{index}:{row}" for row in kept], dtype=object)
    if index >= len(subjects):
        raise ArrayError(f"subjects has no ids for the {name}; expected one array of ids for each group.")
    given = np.asarray(subjects[index], dtype=object)
    if given.ndim != 1 or (len(kept) and len(given) <= kept.max()):
        raise ArrayError(f"The ids of the {name} have shape {given.shape}; expected one id for each value.")
    return given[kept]


def _faults(cleaned: list[tuple[Floats, ...]], stated: float) -> str:
    needed = zip(("selected subjects", "subjects of the population", "retest subjects"), cleaned, strict=False)
    minima = (MIN_SELECTED, MIN_POPULATION, MIN_RETEST)
    for minimum, (name, columns) in zip(minima, needed, strict=False):
        if len(columns[0]) < minimum:
            return f"{len(columns[0])} {name}; at least {minimum} are needed"
    if len(cleaned) == 2:
        return "the test-retest correlation is neither stated nor estimable" if math.isnan(stated) else ""
    return "the retest values do not vary" if any(np.ptp(column) == 0 for column in cleaned[2]) else ""


def _shared_counts(ids: list[NDArray[np.object_] | NDArray[np.intp]], n_resamples: int, seed: int) -> list[Floats]:
    """Return each group's counts from one common resampling of subjects.

    Subjects in the same groups form a stratum, so that every group keeps its size in every resample.
    """
    everyone: dict[object, int] = {}
    places = [np.array([everyone.setdefault(s, len(everyone)) for s in group.tolist()], dtype=np.intp) for group in ids]
    strata = np.zeros(len(everyone), dtype=int)
    for index, place in enumerate(places):
        strata[np.unique(place)] += 2**index
    drawn = resample_counts(strata, n_resamples, seed)
    return [drawn[:, place] for place in places]
