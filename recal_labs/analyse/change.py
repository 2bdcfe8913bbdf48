"""Before/after change under an intervention, always beside the change expected from regression to the mean alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from recal_labs.analyse.associations import Associations
from recal_labs.analyse.before_after import BeforeAfter, find_before_after
from recal_labs.analyse.pairs import asked_outcomes, circumstances, name_substitution, share_of, with_adjusted_p
from recal_labs.cohort import Cohort
from recal_labs.estimate import Estimate
from recal_labs.stats import excess_change, paired_change, regression_to_mean
from recal_labs.utility import UtilityStatement, change_statement

SCORE, AMOUNT = "raw", "logged"
# The formula holds for the variable that people were chosen by. Chosen by another one, only the part of the distance
# that both share regresses, so less is expected than it says.
NOT_ENTRY = (
    "the expected change is what it would be had people been chosen by this very variable; chosen by another one, less "
    "would be expected"
)
EFFECT = {SCORE: "mean_change", AMOUNT: "geometric_mean_ratio"}


@dataclass(frozen=True, eq=False)
class _Question:
    """One variable at every visit of the cohort."""

    analyte_id: str
    outcome: str
    numbers: np.ndarray
    scale: str
    censored: np.ndarray | None = None


def _expected(question: _Question, rows: BeforeAfter, cohort: Cohort) -> dict[str, Any]:
    """Return the arguments that regression to the mean is computed from; the same people share their resamples."""
    x, who, stated = question.numbers, cohort.visits["subject_id"].to_numpy(), cohort.choices.retest_correlation
    known = ~np.isnan(x[rows.before]) & ~np.isnan(x[rows.after])
    selected, everyone = rows.before[known], rows.everyone
    groups: dict[str, Any] = {"population": x[everyone], "scale": question.scale}
    subjects = [who[selected], who[everyone]]
    if stated == stated:
        groups["retest_correlation"] = stated
    else:
        groups["retest"] = (x[rows.first], x[rows.second])
        subjects.append(who[rows.first])
    common = {"confidence": cohort.choices.confidence, "seed": cohort.choices.seed, "subjects": tuple(subjects)}
    return groups | common | {"selected": selected, "after": rows.after[known]}


def _unchanged_unit(found: Estimate, question: _Question) -> Estimate:
    unit = "points" if question.scale == SCORE else "1"
    return replace(found, effect=EFFECT[question.scale], unit=unit)


def _refusal(question: _Question, rows: BeforeAfter, n: int, cohort: Cohort) -> str:
    if n < cohort.choices.min_n:
        return f"{n} subjects have it before and after; at least {cohort.choices.min_n} are needed"
    if question.censored is None:
        return ""
    # A number that was put in the place of a value below a limit makes a ratio; what is above one stays open.
    codes = _pair_codes(question, rows)
    censored = (codes > 0 if cohort.substitution else codes != 0).any(axis=0)
    if censored.any():
        return f"{censored.mean():.0%} of the pairs have a value beyond a detection limit, so their ratio is not known"
    return ""


def _pair_codes(question: _Question, rows: BeforeAfter) -> np.ndarray:
    """Return the censoring of each pair's values, shape (2, n_pairs); without columns for a score."""
    if question.censored is None:
        return np.empty((2, 0))
    pairs = ~np.isnan(question.numbers[rows.before]) & ~np.isnan(question.numbers[rows.after])
    return np.stack([question.censored[rows.before[pairs]], question.censored[rows.after[pairs]]])


def _expectation_warning(question: _Question, rows: BeforeAfter) -> tuple[str, ...]:
    """Say that the change expected from regression to the mean rests on values that are only bounded."""
    if question.censored is None:
        return ()
    used = np.unique(np.concatenate([rows.everyone, rows.first, rows.second]))
    used = used[~np.isnan(question.numbers[used])]
    share = share_of(question.censored[used])
    if not share > 0:
        return ()
    return (f"warning: {share:.0%} of the values that the expected change comes from lie beyond a detection limit",)


def _row(question: _Question, rows: BeforeAfter, cohort: Cohort) -> dict[str, Any]:
    given = _expected(question, rows, cohort)
    before, after = question.numbers[given.pop("selected")], question.numbers[given.pop("after")]
    retest = given.get("retest")
    n_retest = int((~np.isnan(retest[0]) & ~np.isnan(retest[1])).sum()) if retest else 0
    ends = {"analyte_id": question.analyte_id, "outcome": question.outcome, "n_without_intervention": n_retest}
    codes = _pair_codes(question, rows).ravel()
    ends["share_censored"] = share_of(codes)
    if refusal := _refusal(question, rows, len(before), cohort):
        found = Estimate.missing(refusal, n=len(before), method="paired change", effect=EFFECT[question.scale])
        found = name_substitution(found, codes, cohort)
        return {**ends, "n_subjects": found.n, **found.to_dict(), "expected_reason": refusal}
    observed = paired_change(before, after, scale=question.scale, confidence=cohort.choices.confidence)
    expected = regression_to_mean(before, **given)
    notes = expected.assumptions if _is_entry(question, cohort) else (*expected.assumptions, NOT_ENTRY)
    change = _unchanged_unit(observed.change, question).with_assumptions(*notes, *_expectation_warning(question, rows))
    change = name_substitution(change, codes, cohort)
    excess = _excess(question, cohort, before, after, given)
    return {
        **ends,
        "n_subjects": change.n,
        **change.to_dict(),
        "expected_rtm": expected.estimate,
        "expected_rtm_low": expected.ci_low,
        "expected_rtm_high": expected.ci_high,
        "expected_reason": expected.reason,
        "excess": excess.estimate,
        "excess_low": excess.ci_low,
        "excess_high": excess.ci_high,
        "d_z": observed.d_z.estimate,
        "d_z_low": observed.d_z.ci_low,
        "d_z_high": observed.d_z.ci_high,
    }


def _is_entry(question: _Question, cohort: Cohort) -> bool:
    return bool(question.outcome) and question.outcome == cohort.choices.entry_outcome


def _excess(
    question: _Question, cohort: Cohort, before: np.ndarray, after: np.ndarray, given: dict[str, Any]
) -> Estimate:
    """Return the change beyond the expected, only for the score by which people were chosen."""
    if not _is_entry(question, cohort):
        return Estimate.missing(NOT_ENTRY, n=len(before))
    return excess_change(before, after, **given)


def _questions(cohort: Cohort) -> list[_Question]:
    scores = [
        _Question("", outcome, cohort.outcomes[outcome].to_numpy(float), SCORE)
        for outcome in asked_outcomes(cohort)
        if outcome in cohort.outcomes
    ]
    amounts = [
        _Question(
            analyte,
            "change",
            cohort.log_amounts[analyte].to_numpy(float),
            AMOUNT,
            cohort.censoring[analyte].to_numpy(float),
        )
        for analyte in cohort.analytes
    ]
    return scores + amounts


def change(cohort: Cohort) -> Associations:
    """Estimate how scores and amounts changed after the start of an intervention.

    Parameters
    ----------
    cohort : Cohort
        Subjects with a row in ``cohort.interventions`` are compared with themselves: their last visit up to the start
        of their first intervention, and the first visit after it.

    Returns
    -------
    Associations
        One row a score (``mean_change``, points) and one an analyte (``geometric_mean_ratio``, after / before), with
        ``expected_rtm`` (and limits): the change that regression to the mean alone would bring had people been chosen
        by that variable; ``excess`` (and limits): the observed beyond the expected, only for the ``entry_outcome`` of
        the choices; ``d_z`` (Hedges-corrected). The retest correlation is that of the choices, or that of subjects
        without an intervention. An analyte with a censored value in a pair has no ratio, unless the choices ask for a
        substitution of what lies below a limit, which its row then names. ``share_censored`` is that of the pairs'
        amounts, before any substitution.

    Notes
    -----
    There is no control group: see the statement. p-values are adjusted among the rows of one effect.
    """
    rows = find_before_after(cohort)
    forms = {outcome: find_before_after(cohort, outcome) for outcome in cohort.instruments}
    table = with_adjusted_p(
        [_row(question, forms.get(question.outcome, rows), cohort) for question in _questions(cohort)],
        cohort,
        "every before/after change",
    )
    return Associations(table=table, statement=_statement(table, rows, forms, cohort))


def _statement(
    table: pd.DataFrame, rows: BeforeAfter, forms: Mapping[str, BeforeAfter], cohort: Cohort
) -> UtilityStatement:
    """Compose the statement; its circumstances are those of the visits compared, not of the associations."""
    used = np.unique(np.concatenate([visits for one in (rows, *forms.values()) for visits in (one.before, one.after)]))
    facts = circumstances(cohort, (), used)
    # Shares stand beside the rows of the table: both count the amounts of the pairs.
    shares = table.loc[table["share_censored"] > 0, ["analyte_id", "share_censored"]]
    censored = tuple((str(name), float(share)) for name, share in shares.itertuples(index=False))
    facts = replace(facts, n_subjects=len(rows.before), censored=censored)
    return change_statement(table, facts, n_untreated=len(rows.first), entry_outcome=cohort.choices.entry_outcome)
