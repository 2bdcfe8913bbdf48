"""Which form belongs to which panel: same subject, nearest date, within the window."""

from __future__ import annotations

import pandas as pd

DAY = pd.Timedelta(days=1)


def _dated(specimens: pd.DataFrame, forms: pd.DataFrame, window_days: int) -> pd.DataFrame:
    """Join each dated panel with the nearest dated form of its subject; of two equally near, the earlier."""
    left = specimens.dropna(subset=["panel_at"]).assign(_day=lambda t: t["panel_at"].dt.normalize())
    right = forms.dropna(subset=["assessed_at"]).assign(_day=lambda t: t["assessed_at"].dt.normalize())
    if left.empty or right.empty:
        return left.assign(score=float("nan"), assessed_at=pd.Timestamp("NaT")).drop(columns="_day").iloc[0:0]
    # merge_asof takes the later of two equally near forms, so backward is asked first and forward only when nearer.
    joined = {
        way: pd.merge_asof(
            left.sort_values("_day", kind="stable"),
            right[["subject_id", "_day", "score", "assessed_at"]].sort_values("_day", kind="stable"),
            on="_day",
            by="subject_id",
            direction=way,
            tolerance=DAY * window_days,
        ).set_index(["subject_id", "specimen_id"])
        for way in ("backward", "forward")
    }
    back, ahead = joined["backward"], joined["forward"].reindex(joined["backward"].index)
    back_days = (back["_day"] - back["assessed_at"].dt.normalize()).abs()
    ahead_days = (ahead["_day"] - ahead["assessed_at"].dt.normalize()).abs()
    nearer = ahead_days.notna() & (back_days.isna() | (ahead_days < back_days))
    for column in ("score", "assessed_at"):
        back[column] = back[column].where(~nearer, ahead[column])
    return back.reset_index().drop(columns="_day").dropna(subset=["score"])


def _undated(specimens: pd.DataFrame, forms: pd.DataFrame) -> pd.DataFrame:
    """Join a panel and a form that both have no date, where their subject has exactly one of each."""
    left = specimens[specimens["panel_at"].isna()]
    right = forms[forms["assessed_at"].isna()]
    single_left = left[~left["subject_id"].duplicated(keep=False)]
    single_right = right[~right["subject_id"].duplicated(keep=False)]
    return single_left.merge(single_right[["subject_id", "score", "assessed_at"]], on="subject_id")


def link_outcomes(
    specimens: pd.DataFrame, outcomes: pd.DataFrame, window_days: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Give every panel the score of the nearest form of each instrument.

    Parameters
    ----------
    specimens : DataFrame
        One row a panel: subject_id, specimen_id, panel_at and whatever else describes it.
    outcomes : DataFrame
        The `outcomes` table; only forms with a score are linked.
    window_days : int
        Largest distance in whole calendar days.

    Returns
    -------
    visits, scores : DataFrame
        The panels in order of subject and date, with ``<instrument>_at`` and ``<instrument>_days``; and one column a
        score, aligned row by row. Two undated records are linked only if their subject has exactly one of each.
    """
    # One resolution on both sides: merge_asof refuses to compare microseconds with seconds.
    specimens = specimens.assign(panel_at=specimens["panel_at"].astype("datetime64[us]"))
    outcomes = outcomes.assign(assessed_at=pd.to_datetime(outcomes["assessed_at"]).astype("datetime64[us]"))
    visits = specimens.sort_values(["subject_id", "panel_at", "specimen_id"], kind="stable").reset_index(drop=True)
    scored = outcomes[(outcomes["status"] == "ok") & outcomes["score"].notna()]
    scores = pd.DataFrame(index=visits.index)
    key = pd.MultiIndex.from_frame(visits[["subject_id", "specimen_id"]])
    for instrument in sorted(outcomes["instrument"].dropna().unique()):
        forms = scored[scored["instrument"] == instrument].sort_values("assessed_at", kind="stable")
        found = [part for part in (_dated(visits, forms, window_days), _undated(visits, forms)) if len(part)]
        linked = (
            pd.concat(found) if found else visits.iloc[0:0].assign(score=float("nan"), assessed_at=pd.Timestamp("NaT"))
        )
        linked = linked.set_index(["subject_id", "specimen_id"])[["score", "assessed_at"]].reindex(key)
        scores[instrument] = linked["score"].to_numpy(float)
        visits[f"{instrument}_at"] = pd.to_datetime(linked["assessed_at"]).to_numpy()
        apart = visits[f"{instrument}_at"].dt.normalize() - visits["panel_at"].dt.normalize()
        visits[f"{instrument}_days"] = apart / DAY
    return visits, scores


def number_visits(visits: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    """Add ``visit`` (1 is a subject's earliest panel) and ``analysed`` (the first visit with any score)."""
    both = scores.notna().any(axis=1) if len(scores.columns) else pd.Series(False, index=visits.index)
    first = both & ~visits["subject_id"].where(both).duplicated()
    return visits.assign(visit=visits.groupby("subject_id").cumcount() + 1, analysed=first)
