"""Associations of log amounts with scores across subjects: Spearman, raw and with covariates held constant."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from recal_labs.analyse.associations import Associations
from recal_labs.analyse.pairs import (
    asked_outcomes,
    circumstances,
    name_substitution,
    numeric_covariates,
    require_outcomes,
    share_of,
    with_adjusted_p,
)
from recal_labs.cohort import Cohort
from recal_labs.estimate import Estimate
from recal_labs.stats import correlate
from recal_labs.utility import association_statement

WARN_CENSORED = 0.2


def _refusal(x: np.ndarray, censored: np.ndarray, y: np.ndarray, cohort: Cohort) -> str:
    """Say why a pair is not tested; empty when it can be."""
    both = ~np.isnan(x) & ~np.isnan(y)
    n, choices = int(both.sum()), cohort.choices
    if n < choices.min_n:
        return f"{n} subjects have both; at least {choices.min_n} are needed"
    share = share_of(censored[both])
    if share > choices.max_censored:
        what = "numbers put in their place" if cohort.substitution else "ties"
        return (
            f"{share:.0%} of the amounts are beyond a detection limit; above {choices.max_censored:.0%} a rank "
            f"correlation would mostly compare {what}"
        )
    return ""


def _correlation(
    x: np.ndarray, censored: np.ndarray, y: np.ndarray, covariates: np.ndarray | None, cohort: Cohort
) -> Estimate:
    effect = "spearman_rho" if covariates is None else "partial_spearman_rho"
    method = "Spearman's rank correlation" if covariates is None else "Spearman's partial rank correlation"
    both = ~np.isnan(x) & ~np.isnan(y)
    # A number that was put in the place of a value below a limit is ranked like any other.
    tied = np.clip(censored, 0, 1) if cohort.substitution else censored
    if refusal := _refusal(x, censored, y, cohort):
        return Estimate.missing(refusal, n=int(both.sum()), method=method, effect=effect)
    found = correlate(
        x,
        y,
        method="spearman",
        covariates=covariates,
        x_censoring=tied,
        confidence=cohort.choices.confidence,
        # People without a covariate leave the partial correlation, so the rule is asked again of those who stay.
        min_n=cohort.choices.min_n,
    )
    found, share = name_substitution(found, censored[both], cohort), share_of(tied[both])
    return found if share < WARN_CENSORED else found.with_assumptions(f"warning: {share:.0%} censored, ranked as ties")


def _row(analyte: str, outcome: str, found: Estimate, share: float) -> dict[str, Any]:
    fields = found.to_dict()
    return {"analyte_id": analyte, "outcome": outcome, "n_subjects": found.n, **fields, "share_censored": share}


def associate(cohort: Cohort) -> Associations:
    """Correlate every analyte with every outcome, one visit per subject.

    Parameters
    ----------
    cohort : Cohort
        Its choices say which outcomes, covariates, family and adjustment.

    Returns
    -------
    Associations
        Two rows a pair: ``spearman_rho`` of log amount with score, and ``partial_spearman_rho`` with the covariates
        held constant. A pair that cannot be tested has a missing estimate and the reason, and does not count in the
        adjustment. p-values are adjusted among the rows of one effect.

    Raises
    ------
    UnknownWordError
        When a covariate is not a column of the subjects table.

    Notes
    -----
    Ranks do not change under the logarithm; censored amounts share the lowest (or highest) rank, unless the choices
    ask for a substitution: method, assumptions and statement then name it. ``share_censored`` is that of the analyte's
    amounts at the visits analysed, before any substitution.
    """
    outcomes = asked_outcomes(cohort)
    require_outcomes(outcomes, cohort.instruments)
    rows = cohort.analysed.to_numpy()
    held, notes = numeric_covariates(cohort, cohort.choices.covariates)
    covariates = held[rows].to_numpy(float) if len(held.columns) else None
    effects = []
    for analyte in cohort.analytes:
        x = cohort.log_amounts.loc[rows, analyte].to_numpy(float)
        censored = cohort.censoring.loc[rows, analyte].to_numpy(float)
        share = share_of(censored[~np.isnan(x)])
        for outcome in outcomes:
            y = cohort.outcomes.get(outcome, pd.Series(np.nan, index=cohort.visits.index))[rows].to_numpy(float)
            effects.append(_row(analyte, outcome, _correlation(x, censored, y, None, cohort), share))
            if covariates is not None:
                partial = _correlation(x, censored, y, covariates, cohort)
                partial = partial.with_assumptions(*notes) if notes and not partial.is_missing else partial
                effects.append(_row(analyte, outcome, partial, share))
    table = with_adjusted_p(effects, cohort, cohort.choices.family)
    facts = circumstances(cohort, cohort.choices.covariates if covariates is not None else ())
    return Associations(
        table=table,
        statement=association_statement(
            table, facts, confidence=cohort.choices.confidence, adjusted=cohort.choices.adjust != "none"
        ),
    )
