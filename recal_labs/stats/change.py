"""Change from before to after in the same subjects: its size, in the values' unit and in standard deviations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recal_labs.stats.inputs import check_confidence, one_of
from recal_labs.stats.mean_differences import geometric_mean_ratio, mean_difference
from recal_labs.stats.samples import Samples, two_samples
from recal_labs.stats.standardised import average_d, difference_d

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from recal_labs.estimate import Estimate

SCALES = ("log", "logged", "raw")


@dataclass(frozen=True, kw_only=True)
class PairedChange:
    """One change, said in three ways.

    Parameters
    ----------
    change : Estimate
        Geometric mean ratio after / before, or mean change after - before.
    d_z : Estimate
        Mean change by the SD of the changes, Hedges-corrected; on logarithms unless the scale is raw.
    d_av : Estimate
        Mean change by the average SD of the two occasions, Hedges-corrected; on logarithms unless the scale is raw.
    """

    change: Estimate
    d_z: Estimate
    d_av: Estimate


def paired_change(
    before: ArrayLike, after: ArrayLike, *, scale: str = "raw", confidence: float = 0.95, unit: str = "1"
) -> PairedChange:
    """Estimate the change from before to after.

    Parameters
    ----------
    before, after : array-like, shape (n_subjects,)
        Values of the same subjects; a subject with one of them missing is left out.
    scale : {"raw", "log", "logged"}
        ``raw``: differences, as for scores. ``log``: positive amounts whose ratio is asked for. ``logged``: natural
        logarithms of amounts, whose ratio is asked for.
    confidence : float
        Coverage aimed at.
    unit : str
        Unit of a raw difference.

    Returns
    -------
    PairedChange
        Missing with the reason when there are fewer than 2 complete pairs, all changes are equal, or an amount has no
        logarithm.

    Raises
    ------
    ArrayError, UnknownWordError, ChoiceError
        When lengths differ, the scale is not known, or the confidence is not between 0 and 1.

    Notes
    -----
    Without a comparison group a change says nothing about its cause: see `regression_to_mean` for the part of it that
    selection alone would bring about.

    Examples
    --------
    >>> found = paired_change([10, 12, 9, 14], [8, 9, 8, 10])
    >>> print(found.change)
    mean_difference -2.50 (95 % CI -4.55 to -0.45), n = 4, Mean of paired differences, t interval
    >>> round(paired_change([10, 12, 9, 14], [8, 9, 8, 10], scale="log").change.estimate, 3)
    0.786
    """
    one_of(scale, SCALES, "scale of change")
    check_confidence(confidence)
    raw = two_samples(after, before, paired=True, names=("after", "before"))
    samples = raw.logged() if scale == "log" else raw
    return PairedChange(
        change=_change(samples, scale, confidence, unit),
        d_z=difference_d(samples, confidence=confidence, corrected=True),
        d_av=average_d(samples, confidence=confidence, corrected=True, effect="d_av"),
    )


def _change(samples: Samples, scale: str, confidence: float, unit: str) -> Estimate:
    if scale == "raw":
        return replace(mean_difference(samples, confidence=confidence), unit=unit)
    return geometric_mean_ratio(samples, confidence=confidence, logged=True)
