"""The likelihood of a normal linear model whose responses are values, bounded on one side, or between two bounds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import erfcx, log_ndtr

from recal_labs.stats.inputs import Floats

HALF_LOG_2PI = 0.5 * math.log(2 * math.pi)
MOST_STEPS = 100
# Twice the likelihood still to be gained: the maximum is then nearer than 1e-8 standard errors.
CLOSE = 1e-16


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where the likelihood is largest: gamma (p,) and theta in one array, the value there, and whether it was found."""

    parameters: Floats
    log_likelihood: float
    converged: bool


class BoundedLikelihood:
    """Log likelihood in ``gamma = beta / sd`` and ``theta = 1 / sd``, in which it is concave.

    Parameters
    ----------
    design : ndarray, shape (n, p)
        Columns of a similar size.
    low, high : ndarray, shape (n,)
        Bounds of each response: equal where it is exact, -inf below a limit, +inf above one.
    """

    def __init__(self, design: Floats, low: Floats, high: Floats):
        n, p = design.shape
        self.rows, self.size = n, p + 1
        exact, left, right = low == high, np.isneginf(low), np.isposinf(high)
        between = ~(exact | left | right)
        self.exact, self.left, self.right, self.between = map(np.flatnonzero, (exact, left, right, between))
        # A standardised residual is z @ (gamma, theta), with one z a bound.
        self.z_exact = np.column_stack([-design[exact], low[exact]])
        self.z_left = np.column_stack([-design[left], high[left]])
        # What lies above a bound lies below it on the turned axis.
        self.z_right = np.column_stack([design[right], -low[right]])
        self.z_low = np.column_stack([-design[between], low[between]])
        self.z_high = np.column_stack([-design[between], high[between]])

    def value(self, parameters: Floats) -> float:
        """Return the log likelihood."""
        theta = float(parameters[-1])
        if theta <= 0:
            return -math.inf
        residuals = self.z_exact @ parameters
        value = len(residuals) * (math.log(theta) - HALF_LOG_2PI) - 0.5 * float(residuals @ residuals)
        value += float(log_ndtr(self.z_left @ parameters).sum() + log_ndtr(self.z_right @ parameters).sum())
        return value + float(_log_between(self.z_low @ parameters, self.z_high @ parameters).sum())

    def scores(self, parameters: Floats) -> Floats:
        """Return each row's gradient of the log likelihood, shape (n, p + 1)."""
        scores = np.empty((self.rows, self.size))
        scores[self.exact] = -(self.z_exact @ parameters)[:, np.newaxis] * self.z_exact
        scores[self.exact, -1] += 1 / parameters[-1]
        for places, z in ((self.left, self.z_left), (self.right, self.z_right)):
            scores[places] = hazard(z @ parameters)[:, np.newaxis] * z
        at_low, at_high = self._between_weights(parameters)
        scores[self.between] = at_high[:, np.newaxis] * self.z_high - at_low[:, np.newaxis] * self.z_low
        return scores

    def information(self, parameters: Floats) -> Floats:
        """Return the observed information: minus the Hessian of the log likelihood, shape (p + 1, p + 1)."""
        found = self.z_exact.T @ self.z_exact
        found[-1, -1] += len(self.exact) / parameters[-1] ** 2
        for z in (self.z_left, self.z_right):
            place = z @ parameters
            slope = hazard(place)
            found += z.T @ (np.clip(slope * (slope + place), 0.0, 1.0)[:, np.newaxis] * z)
        at_low, at_high = self._between_weights(parameters)
        own = at_high[:, np.newaxis] * self.z_high - at_low[:, np.newaxis] * self.z_low
        found += self.z_high.T @ ((at_high * (self.z_high @ parameters))[:, np.newaxis] * self.z_high)
        found -= self.z_low.T @ ((at_low * (self.z_low @ parameters))[:, np.newaxis] * self.z_low)
        return found + own.T @ own

    def _between_weights(self, parameters: Floats) -> tuple[Floats, Floats]:
        """Return the density at both bounds over the probability between them."""
        low, high = self.z_low @ parameters, self.z_high @ parameters
        chance = _log_between(low, high)
        return np.exp(-0.5 * low**2 - HALF_LOG_2PI - chance), np.exp(-0.5 * high**2 - HALF_LOG_2PI - chance)

    def maximise(self) -> Maximum:
        """Climb by Newton's method from gamma = 0 and theta = 1, halving a step that does not gain."""
        parameters = np.zeros(self.size)
        parameters[-1] = 1.0
        value = self.value(parameters)
        for _ in range(MOST_STEPS):
            gradient = self.scores(parameters).sum(axis=0)
            try:
                step = np.linalg.solve(self.information(parameters), gradient)
            except np.linalg.LinAlgError:
                break
            gain = float(gradient @ step)
            if not math.isfinite(gain) or parameters[-1] > 1e8:
                break
            parameters, value, moved = self._climb(parameters, value, step, gain)
            if gain < CLOSE:
                return Maximum(parameters, value, converged=True)
            if not moved:
                break
        return Maximum(parameters, value, converged=False)

    def _climb(self, parameters: Floats, value: float, step: Floats, gain: float) -> tuple[Floats, float, bool]:
        size, rounding = 1.0, 1e-13 * (1 + abs(value))
        while size > 1e-10:
            tried = parameters + size * step
            reached = self.value(tried)
            if reached >= value + 1e-4 * size * gain - rounding:
                return tried, reached, True
            size /= 2
        return parameters, value, False

    def holds_every_bound(self, parameters: Floats) -> bool:
        """Return whether the line lies within all bounds; a smaller SD then always fits better: there is no maximum."""
        inside = [self.z_low @ parameters <= 0, self.z_high @ parameters >= 0, self.z_exact @ parameters == 0]
        inside += [self.z_left @ parameters >= 0, self.z_right @ parameters >= 0]
        return all(part.all() for part in inside)

    def covariance(self, parameters: Floats, clusters: np.ndarray | None, n_clusters: int) -> Floats:
        """Return the inverse information, or the sandwich of the clusters' scores, shape (p + 1, p + 1)."""
        inverse = np.asarray(np.linalg.inv(self.information(parameters)), dtype=np.float64)
        if clusters is None:
            return inverse
        scores = self.scores(parameters)
        summed = np.column_stack([np.bincount(clusters, column, minlength=n_clusters) for column in scores.T])
        return inverse @ (summed.T @ summed) @ inverse


def hazard(place: Floats) -> Floats:
    """Return the normal density over the distribution function, accurate far below zero too.

    Notes
    -----
    ``phi(x) / Phi(x) = sqrt(2 / pi) / erfcx(-x / sqrt(2))``: the scaled complementary error function neither
    underflows where ``Phi`` does nor loses the difference of two large logarithms.

    Examples
    --------
    >>> hazard(np.array([-50.0, 0.0, 50.0])).round(4).tolist()
    [50.02, 0.7979, 0.0]
    """
    with np.errstate(over="ignore"):
        return math.sqrt(2 / math.pi) / erfcx(-place / math.sqrt(2))


def _log_between(low: Floats, high: Floats) -> Floats:
    """Return the logarithm of the normal probability between two bounds, taken in the lower tail."""
    turned = low > 0
    lower, upper = np.where(turned, -high, low), np.where(turned, -low, high)
    log_upper = log_ndtr(upper)
    with np.errstate(divide="ignore"):
        return log_upper + np.log1p(-np.exp(log_ndtr(lower) - log_upper))
