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
        The last visit up to the start of a subject's first intervention, and the first visit after it.
    first, second : ndarray of int, shape (n_untreated,)
        The first two visits of each subject without any intervention.
    everyone : ndarray of int
        The first visit of every subject: the population that regression to the mean goes towards.
    """

    before: np.ndarray
    after: np.ndarray
    first: np.ndarray
    second: np.ndarray
    everyone: np.ndarray


def find_before_after(cohort: Cohort) -> BeforeAfter:
    """Find the visits that a before/after comparison uses; undated visits are left out."""
    visits = cohort.visits.reset_index(names="row").dropna(subset=["panel_at"]).sort_values(["subject_id", "panel_at"])
    starts = cohort.interventions.dropna(subset=["subject_id"]).copy()
    starts["start"] = pd.to_datetime(starts["start"])
    treated = set(starts["subject_id"])
    begin = visits["subject_id"].map(starts.groupby("subject_id")["start"].min())
    day = visits["panel_at"].dt.normalize()
    # A panel on the first day of an intervention was taken before it could act.
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
        everyone=visits.groupby("subject_id")["row"].first().to_numpy(int),
    )
