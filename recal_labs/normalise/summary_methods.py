"""The methods that amounts are summarised by: each takes amounts and their censoring to one estimate a statistic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from recal_labs.estimate import NAN, Estimate
from recal_labs.stats import (
    kaplan_meier_mean,
    kaplan_meier_quantiles,
    lognormal_summary,
    percentile,
    ros_summary,
    substitute,
)
from recal_labs.stats.inputs import Codes, Floats, check_confidence, one_of
from recal_labs.stats.percentiles import too_few_for
from recal_labs.stats.substitution import WORDS, substitution_words

# By name of the statistic: the probability of a percentile, or none for the geometric mean.
STATISTICS: Mapping[str, float | None] = {
    "geometric_mean": None,
    "median": 0.5,
    "percentile_25": 0.25,
    "percentile_75": 0.75,
    "percentile_2.5": 0.025,
    "percentile_97.5": 0.975,
}
PROBABILITIES = tuple(p for p in STATISTICS.values() if p is not None)
Summary = Callable[[Floats, Codes, float], Sequence[Estimate]]


def summary_by(method: str, confidence: float) -> Callable[[Floats, Codes], Sequence[Estimate]]:
    """Return what takes amounts and codes to one estimate for each of STATISTICS, in their order.

    Raises
    ------
    UnknownWordError, ChoiceError
        When the method is unknown, or the confidence is not between 0 and 1.
    """
    chosen = METHODS[one_of(method, tuple(METHODS), "method")]
    check_confidence(confidence)
    return lambda amounts, codes: chosen(amounts, codes, confidence)


def _kaplan_meier(amounts: Floats, codes: Codes, confidence: float) -> list[Estimate]:
    mean = kaplan_meier_mean(amounts, codes, geometric=True, confidence=confidence)
    found = kaplan_meier_quantiles(amounts, codes, PROBABILITIES, confidence=confidence)
    return [mean, *map(_with_a_rank, found, PROBABILITIES)]


def _mle(amounts: Floats, codes: Codes, confidence: float) -> list[Estimate]:
    found = lognormal_summary(amounts, codes, ("geometric_mean",), PROBABILITIES, confidence=confidence)
    return list(found.values())


def _ros(amounts: Floats, codes: Codes, confidence: float) -> list[Estimate]:
    del confidence  # It gives no interval, and says so.
    mean, *found = ros_summary(amounts, codes, ("geometric_mean",), PROBABILITIES).values()
    return [mean, *map(_with_a_rank, found, PROBABILITIES)]


def _with_a_rank(found: Estimate, probability: float) -> Estimate:
    """Refuse a percentile for which there are too few values; else the least or the greatest would stand for it."""
    reason = found.reason or too_few_for(found.n, probability)
    return replace(found, estimate=NAN, ci_low=NAN, ci_high=NAN, reason=reason) if reason else found


def _substitution(rule: str) -> Summary:
    def summary(amounts: Floats, codes: Codes, confidence: float) -> list[Estimate]:
        replaced, left = substitute(amounts, codes, rule)
        mean = kaplan_meier_mean(replaced, left, geometric=True, confidence=confidence)
        found = [mean, *(percentile(replaced, p, confidence=confidence, censoring=left) for p in PROBABILITIES)]
        n_below, n_above = int((codes < 0).sum()), int((codes > 0).sum())
        said = substitution_words(rule, n_below, len(codes), n_above)
        return [_named(estimate, rule, said) for estimate in found]

    return summary


def _named(estimate: Estimate, rule: str, said: str) -> Estimate:
    """Name the substitution in method and assumptions, of a missing estimate too."""
    return replace(estimate, method=f"{rule} ({WORDS[rule]}); {estimate.method}").with_assumptions(said)


METHODS: Mapping[str, Summary] = {
    "kaplan_meier": _kaplan_meier,
    "ros": _ros,
    "mle": _mle,
    "substitute_half": _substitution("substitute_half"),
    "substitute_sqrt2": _substitution("substitute_sqrt2"),
}
