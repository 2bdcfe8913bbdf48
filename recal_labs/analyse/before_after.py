"""Which visits stand before and after the start of an intervention, and which two visits of others show retest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from recal_labs.cohort import Cohort


@dataclass(frozen=True, eq=False)
class BeforeAfter:
    """Row numbers of the cohort's visits.

    Parameters
    ----------
    before, after : ndarray of int, shape (n_treated,)
        The last visit up to the start of a subject's first intervention, and the first visit after it; by the date of
        the panel, or of the form where a score is asked about.
    first, second : ndarray of int, shape (n_untreated,)
        The first two visits of each subject without any intervention.
    everyone : ndarray of int
        The first visit of every subject, if before any intervention: the population that regression to the mean goes
        towards.
    """

    before: np.ndarray
    after: np.ndarray
    first: np.ndarray
    second: np.ndarray
    everyone: np.ndarray


def _dated_visits(cohort: Cohort, outcome: str) -> pd.DataFrame:
    """Return the visits with the moment that counts, in order; a form that is linked to two panels stands once."""
    at = cohort.visits[f"{outcome}_at" if outcome else "panel_at"]
    visits = cohort.visits.assign(at=at).reset_index(names="row").dropna(subset=["at"])
    visits = visits.sort_values(["subject_id", "at"], kind="stable")
    return visits.drop_duplicates(["subject_id", "at"]) if outcome else visits


def find_before_after(cohort: Cohort, outcome: str = "") -> BeforeAfter:
    """Find the visits that a before/after comparison uses; undated ones are left out.

    Parameters
    ----------
    cohort : Cohort
    outcome : str
        The score asked about: it is its form that must have been answered before the start, or after it. A panel and
        its form may lie on different sides. Empty: amounts, which go by the date of the panel.
    """
    visits = _dated_visits(cohort, outcome)
    starts = cohort.interventions.dropna(subset=["subject_id"]).copy()
    starts["start"] = pd.to_datetime(starts["start"])
    treated = set(starts["subject_id"])
    begin = visits["subject_id"].map(starts.groupby("subject_id")["start"].min())
    day = visits["at"].dt.normalize()
    # What was taken on the first day of an intervention was taken before it could act.
    before = visits[day <= begin].groupby("subject_id")["row"].last()
    after = visits[day > begin].groupby("subject_id")["row"].first()
    both = before.index.intersection(after.index)
    others = visits[~visits["subject_id"].isin(treated)].groupby("subject_id")["row"]
    second = others.nth(1)
    owner = cohort.visits["subject_id"]
    first = others.first().reindex(owner.loc[second.to_numpy()].to_numpy())
    return BeforeAfter(
        before=before[both].to_numpy(int),
        after=after[both].to_numpy(int),
        first=first.to_numpy(int),
        second=second.to_numpy(int),
        # A value after the start is no longer that of somebody whom nothing was done to.
        everyone=visits[~(day > begin)].groupby("subject_id")["row"].first().to_numpy(int),
    )
