"""How far apart two samples are, in the unit that the question calls for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from recal_labs.errors import ChoiceError
from recal_labs.stats.dominance import cliffs_delta, matched_rank_biserial, paired_dominance
from recal_labs.stats.inputs import check_confidence, one_of
from recal_labs.stats.mean_differences import geometric_mean_ratio, mean_difference
from recal_labs.stats.samples import Samples, two_samples
from recal_labs.stats.standardised import average_d, difference_d, glass_delta, pooled_d

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from recal_labs.estimate import Estimate

KINDS = (
    "hedges_g",
    "cohens_d",
    "glass_delta",
    "d_z",
    "cliffs_delta",
    "rank_biserial",
    "geometric_mean_ratio",
    "mean_difference",
)


def effect_size(
    a: ArrayLike,
    b: ArrayLike,
    kind: str = "hedges_g",
    *,
    paired: bool = False,
    confidence: float = 0.95,
    unit: str = "1",
    names: tuple[str, str] = ("group a", "group b"),
) -> Estimate:
    """Estimate the effect a minus b (or a over b), with an interval by a named method.

    Parameters
    ----------
    a, b : array-like, shape (n_a,) and (n_b,)
        Values; NaN is left out, with its partner when `paired`.
    kind : str
        - ``hedges_g``, ``cohens_d``: difference of means by the pooled SD, with and without correction for small
          samples; by the average SD of both occasions when `paired` (d_av);
        - ``glass_delta``: by the SD of b;
        - ``d_z``: mean difference of pairs by the SD of the differences, pairs only;
        - ``cliffs_delta``: P(a > b) - P(a < b), within pairs when `paired`;
        - ``rank_biserial``: the same number as Cliff's delta for groups; of the signed ranks when `paired`;
        - ``geometric_mean_ratio``: a over b, for positive amounts;
        - ``mean_difference``: in the unit of the values.
    paired : bool
        Whether a[i] and b[i] belong to one subject.
    confidence : float
        Coverage aimed at.
    unit : str
        Unit of the values; only ``mean_difference`` keeps it.
    names : tuple of str
        What a and b are called in reasons.

    Returns
    -------
    Estimate
        Its effect is `kind`, its `n` the values or pairs used. Missing with the reason when a sample is too small, has
        no spread, holds an infinite value, or has no logarithm where one is needed.

    Raises
    ------
    UnknownWordError
        When the kind is not known.
    ChoiceError
        When ``d_z`` is asked of samples that are not paired, or the confidence is not between 0 and 1.
    ArrayError
        When paired samples differ in length.

    Notes
    -----
    Formulas stand with the functions of `standardised`, `dominance` and `mean_differences`.

    Examples
    --------
    >>> print(effect_size([5.0, 6, 7, 8], [1.0, 3, 2, 4], "geometric_mean_ratio"))
    geometric_mean_ratio 2.89 (95 % CI 1.16 to 7.20), n = 8, Ratio of geometric means, Welch t interval on logarithms
    >>> round(effect_size([5.0, 6, 7, 8], [1.0, 3, 2, 4], "cohens_d").estimate, 3)
    3.098
    """
    one_of(kind, KINDS, "kind of effect size")
    check_confidence(confidence)
    if kind == "d_z" and not paired:
        raise ChoiceError("d_z is the effect of paired samples; set paired=True, or ask for hedges_g.")
    found = _estimate(two_samples(a, b, paired=paired, names=names), kind, confidence)
    return replace(found, unit=unit) if kind == "mean_difference" else found


def _estimate(samples: Samples, kind: str, confidence: float) -> Estimate:
    if kind in ("hedges_g", "cohens_d"):
        corrected = kind == "hedges_g"
        if samples.paired:
            return average_d(samples, confidence=confidence, corrected=corrected, effect=kind)
        return pooled_d(samples, confidence=confidence, corrected=corrected)
    if kind == "cliffs_delta":
        return (paired_dominance if samples.paired else cliffs_delta)(samples, confidence=confidence)
    if kind == "rank_biserial":
        if samples.paired:
            return matched_rank_biserial(samples, confidence=confidence)
        return cliffs_delta(samples, confidence=confidence, effect=kind)
    if kind == "d_z":
        return difference_d(samples, confidence=confidence, corrected=False)
    if kind == "glass_delta":
        return glass_delta(samples, confidence=confidence)
    if kind == "geometric_mean_ratio":
        return geometric_mean_ratio(samples, confidence=confidence)
    return mean_difference(samples, confidence=confidence)
