"""How far each treatment of values below a detection limit is off where the truth is known; see docs/censoring.md.

Run ``python benchmarks/censoring.py`` (about five minutes on one core). Seeds are fixed: the same tables every time.
Simulated amounts have median 1. Each specimen has one of two limits, the higher three times the lower one, placed so
that together they censor the stated share. For a summary ``bias`` is that of the estimate's logarithm, averaged over
the samples that have one, as a percentage; ``missing`` is the share of samples without an estimate.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from scipy.optimize import brentq
from scipy.stats import gamma, norm, spearmanr

from recal_labs.normalise.summary_methods import METHODS, STATISTICS, summary_by
from recal_labs.stats import correlate, fit_censored_regression
from recal_labs.stats.substitution import DIVISORS, substitute

SHARES = (0.2, 0.4, 0.6)
# Beside them, for the summaries, samples without censoring: what an estimator is off by itself at this size.
WHOLE = 0.0
SHOWN = ("geometric_mean", "median", "percentile_25", "percentile_2.5", "percentile_97.5")
APART = 3.0
SEED = 20260101

# Geometric SD of ordinary excretion, of a variable marker, and a shape that is not log-normal (long to the left).
SD, WIDE_SD, GAMMA_SHAPE = 0.6, 1.2, 1.0

Sampler = Callable[[np.random.Generator, int], np.ndarray]
Cdf = Callable[[float], float]
Ppf = Callable[[float], float]


def lognormal(sd: float) -> tuple[Sampler, Cdf, Ppf]:
    """Return how to draw from, where to find a share of, and how to invert a log-normal with median 1."""
    return (
        lambda rng, n: np.exp(rng.normal(0, sd, n)),
        lambda x: float(norm.cdf(np.log(x) / sd)),
        lambda p: float(np.exp(sd * norm.ppf(p))),
    )


def skewed(shape: float) -> tuple[Sampler, Cdf, Ppf]:
    """Return the same of a gamma distribution with median 1, whose logarithm is long to the left."""
    scale = 1 / gamma.ppf(0.5, shape)
    return (
        lambda rng, n: rng.gamma(shape, scale, n),
        lambda x: float(gamma.cdf(x, shape, scale=scale)),
        lambda p: float(gamma.ppf(p, shape, scale=scale)),
    )


def limits_for(share: float, cdf: Cdf) -> tuple[float, float]:
    """Return two limits, `APART` times apart, that censor a share together."""
    if share == WHOLE:
        return 0.0, 0.0
    low = brentq(lambda x: (cdf(x) + cdf(APART * x)) / 2 - share, 1e-6, 1e3)
    return float(low), float(APART * low)


def censored(rng: np.random.Generator, amounts: np.ndarray, limits: tuple[float, float]) -> tuple[np.ndarray, ...]:
    """Return what a lab would report: amounts or limits, and their codes."""
    limit = rng.choice(limits, len(amounts))
    return np.maximum(amounts, limit), np.where(amounts < limit, -1, 0)


def truth(ppf: Ppf, sampler: Sampler) -> dict[str, float]:
    """Return the true value of each statistic."""
    large = np.log(sampler(np.random.default_rng(SEED), 2_000_000)).mean()
    return {name: float(np.exp(large)) if p is None else ppf(p) for name, p in STATISTICS.items()}


def summaries(shape: tuple[Sampler, Cdf, Ppf], samples: int, n: int) -> Iterator[tuple[str, float, dict[str, str]]]:
    """Yield each method and share with the bias of each statistic, or the share of samples without one."""
    sampler, cdf, ppf = shape
    true = truth(ppf, sampler)
    for method in METHODS:
        for share in (WHOLE, *SHARES):
            summary, limits = summary_by(method, 0.95), limits_for(share, cdf)
            found = np.full((samples, len(STATISTICS)), np.nan)
            for i in range(samples):
                rng = np.random.default_rng([SEED, i])
                found[i] = [e.estimate for e in summary(*censored(rng, sampler(rng, n), limits))]
            yield method, share, dict(zip(STATISTICS, map(_bias, found.T, true.values()), strict=True))


def _bias(estimates: np.ndarray, true: float) -> str:
    known = estimates[~np.isnan(estimates)]
    if len(known) < len(estimates) / 2:
        return "not told"
    bias = 100 * np.expm1(np.log(known / true).mean())
    missing = 1 - len(known) / len(estimates)
    return f"{bias:+.0f} %" + (f" ({missing:.0%} missing)" if missing >= 0.005 else "")


def slopes(samples: int, n: int) -> Iterator[tuple[str, float, float, float]]:
    """Yield the mean slope of a log amount on a covariate (true 0.3) and how often its 95 % interval holds it."""
    _, cdf, _ = lognormal(SD)
    for share in SHARES:
        limits = limits_for(share, cdf)
        for method in ("censored regression", *DIVISORS):
            found, covered = [], 0
            for i in range(samples):
                rng = np.random.default_rng([SEED, i])
                x = rng.normal(size=n)
                # The same spread as without a covariate, of which the covariate explains a quarter.
                amounts = np.exp(0.3 * x + rng.normal(0, np.sqrt(SD**2 - 0.09), n))
                stated, codes = censored(rng, amounts, limits)
                if method in DIVISORS:
                    stated, codes = substitute(stated, codes, method)
                fit = fit_censored_regression(np.log(stated), codes, np.column_stack([np.ones(n), x]))
                low, high = fit.intervals[1]
                found.append(fit.coefficients[1])
                covered += low <= 0.3 <= high
            yield method, share, float(np.mean(found)), covered / samples


def correlations(samples: int, n: int) -> Iterator[tuple[str, float, float]]:
    """Yield the mean rank correlation with a score, beside that of the amounts before censoring."""
    _, cdf, _ = lognormal(SD)
    for share in SHARES:
        limits = limits_for(share, cdf)
        for method in ("before censoring", "tied_ranks", *DIVISORS):
            found = []
            for i in range(samples):
                rng = np.random.default_rng([SEED, i])
                z = rng.normal(size=n)
                amounts, score = np.exp(SD * z), 0.4 * z + np.sqrt(1 - 0.16) * rng.normal(size=n)
                stated, codes = censored(rng, amounts, limits)
                if method == "before censoring":
                    found.append(spearmanr(amounts, score).statistic)
                elif method == "tied_ranks":
                    found.append(correlate(stated, score, method="spearman", x_censoring=codes).estimate)
                else:
                    found.append(spearmanr(substitute(stated, codes, method)[0], score).statistic)
            yield method, share, float(np.mean(found))


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def tables(samples: int, n: int) -> Iterator[str]:
    """Yield every table, each under its title."""
    shapes = (
        (f"Log-normal, geometric SD {np.exp(SD):.2f}", lognormal(SD)),
        (f"Log-normal, geometric SD {np.exp(WIDE_SD):.2f}", lognormal(WIDE_SD)),
        (f"Not log-normal: gamma, shape {GAMMA_SHAPE:g}", skewed(GAMMA_SHAPE)),
    )
    for title, shape in shapes:
        rows = [[m, f"{s:.0%}", *(bias[name] for name in SHOWN)] for m, s, bias in summaries(shape, samples, n)]
        yield f"### {title}\n\n{markdown(['method', 'censored', *SHOWN], rows)}"
    rows = [[m, f"{s:.0%}", f"{slope:.3f}", f"{cover:.0%}"] for m, s, slope, cover in slopes(samples, n)]
    yield "### Slope of a log amount, true 0.300\n\n" + markdown(
        ["method", "censored", "mean slope", "95 % intervals that hold 0.3"], rows
    )
    rows = [[m, f"{s:.0%}", f"{rho:.3f}"] for m, s, rho in correlations(samples, n)]
    yield "### Rank correlation with a score\n\n" + markdown(["method", "censored", "mean rho"], rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--n", type=int, default=100, help="specimens a sample")
    given = parser.parse_args()
    for table in tables(given.samples, given.n):
        print(table, end="\n\n")


if __name__ == "__main__":
    main()
