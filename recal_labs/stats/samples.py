"""Two samples made ready for comparison, or the reason why they cannot be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from recal_labs.errors import ArrayError
from recal_labs.stats.inputs import Floats, as_vector, complete, complete_pairs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

_WORDS = {0: "no value", 1: "1 value"}


@dataclass(frozen=True, eq=False)
class Samples:
    """Two samples without missing values.

    Parameters
    ----------
    a, b : ndarray
        Values; of the same length, in the same order, when `paired`.
    paired : bool
        Whether a[i] and b[i] belong to one subject.
    reason : str
        Why they cannot be compared; empty when they can.
    """

    a: Floats
    b: Floats
    paired: bool
    reason: str = ""

    @property
    def n(self) -> int:
        """Subjects: pairs, or values of both groups."""
        return len(self.a) if self.paired else len(self.a) + len(self.b)

    def logged(self) -> Samples:
        """Return natural logarithms; values that have none are the reason why they cannot be compared."""
        if self.reason:
            return self
        without = int((self.a <= 0).sum() + (self.b <= 0).sum())
        if without:
            reason = f"{without} values are zero or negative, so they have no logarithm"
            return Samples(self.a, self.b, self.paired, reason)
        return Samples(np.log(self.a), np.log(self.b), self.paired)


def two_samples(
    a: ArrayLike, b: ArrayLike, *, paired: bool, names: tuple[str, str] = ("group a", "group b"), needed: int = 2
) -> Samples:
    """Return both samples without missing values; pairs lose both members.

    Raises
    ------
    ArrayError
        When paired samples differ in length.

    Examples
    --------
    >>> two_samples([1, 2, None], [4, 5, 6], paired=True).n
    2
    >>> two_samples([1], [4, 5, 6], paired=False).reason
    'group a has 1 value; at least 2 are needed'
    """
    first, second = as_vector(a, names[0]), as_vector(b, names[1])
    if paired:
        if len(first) != len(second):
            raise ArrayError(f"Pairs of {len(first)} and {len(second)} values; expected one of each for every subject.")
        first, second = complete_pairs(first, second)
        reason = f"{len(first)} complete pairs; at least {needed} are needed" if len(first) < needed else ""
    else:
        first, second = complete(first), complete(second)
        reason = ""
        for name, values in zip(names, (first, second), strict=True):
            if not reason and len(values) < needed:
                reason = f"{name} has {_WORDS.get(len(values), f'{len(values)} values')}; at least {needed} are needed"
    if not reason and (np.isinf(first).any() or np.isinf(second).any()):
        reason = "a value is infinite"
    return Samples(first, second, paired, reason)
