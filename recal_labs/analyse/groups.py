"""Contrasts of amounts between groups of subjects: the ratio of geometric means, and Hedges' g."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np

from recal_labs.analyse.associations import Associations
from recal_labs.analyse.pairs import circumstances, name_substitution, share_of, with_adjusted_p
from recal_labs.cohort import Cohort
from recal_labs.errors import UnknownWordError
from recal_labs.estimate import Estimate
from recal_labs.stats import effect_size
from recal_labs.utility import group_statement

KINDS = ("geometric_mean_ratio", "hedges_g")


def _contrast(a: np.ndarray, b: np.ndarray, kind: str, censored: bool, cohort: Cohort) -> Estimate:
    n, needed = len(a) + len(b), cohort.choices.min_n
    if min(len(a), len(b)) * 2 < needed:
        reason = f"{len(a)} and {len(b)} subjects; at least {needed // 2} in each group are needed"
        return Estimate.missing(reason, n=n, method=kind, effect=kind)
    if censored:
        return Estimate.missing("a value is beyond a detection limit, so its mean is not known", n=n, effect=kind)
    if kind == "geometric_mean_ratio":
        return effect_size(np.exp(a), np.exp(b), kind=kind, confidence=cohort.choices.confidence)
    return effect_size(a, b, kind=kind, confidence=cohort.choices.confidence)


def compare_groups(cohort: Cohort, *, by: str = "group") -> Associations:
    """Compare amounts between the groups of a covariate, one visit per subject.

    Parameters
    ----------
    cohort : Cohort
    by : str
        Column of the subjects table that names the groups.

    Returns
    -------
    Associations
        For every analyte and every two groups ``a - b``: the ratio of geometric means a / b, and Hedges' g of log
        amounts, with ``share_censored`` of the amounts of both. An analyte with a censored value in either group has
        neither, unless the choices ask for a substitution of what lies below a limit, which every row then names.

    Raises
    ------
    UnknownWordError
        When there is no such column.
    """
    if by not in cohort.covariates:
        raise UnknownWordError("column", by, tuple(map(str, cohort.covariates.columns)), "the subjects table")
    rows = cohort.analysed.to_numpy()
    groups, amounts = cohort.covariates.loc[rows, by], cohort.log_amounts[rows]
    names = sorted(groups.dropna().unique(), key=str)
    effects: list[dict[str, Any]] = []
    for analyte in cohort.analytes:
        for first, second in combinations(names, 2):
            known = amounts[analyte].notna() & groups.isin([first, second])
            codes = cohort.censoring.loc[rows, analyte][known].to_numpy(float)
            censored = bool((cohort.open_censoring.loc[rows, analyte][known] != 0).any())
            a, b = (amounts.loc[known & (groups == name), analyte].to_numpy(float) for name in (first, second))
            for kind in KINDS:
                found = name_substitution(_contrast(a, b, kind, censored, cohort), codes, cohort)
                ends = {"analyte_id": analyte, "outcome": f"{by}: {first} - {second}", "n_subjects": found.n}
                effects.append(ends | found.to_dict() | {"share_censored": share_of(codes)})
    if not effects:
        raise UnknownWordError("grouping with two groups", by, tuple(map(str, cohort.covariates.columns)), "the cohort")
    table = with_adjusted_p(effects, cohort, f"every analyte between groups of {by}")
    facts = circumstances(cohort, ())
    return Associations(table=table, statement=group_statement(table, facts, by=by))
