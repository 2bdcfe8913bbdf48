"""How ln concentration and ln amount of one analyte follow one measure of dilution, and what that says of an amount."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

# Floors of this package, not published ones: a slope of fewer specimens, or of fewer people seen twice, says nothing.
MIN_N, MIN_REPEATED = 20, 10

Limits = tuple[float, float, float]
NOTHING: Limits = (float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, eq=False, kw_only=True)
class SlopeQuestion:
    """One analyte of one kind of specimen on one control: the rows that have it, and what an answer may be made of.

    Parameters
    ----------
    rows : DataFrame
        As `dilution_sample` makes them, with ``log_amount`` and ``amount_censoring``; the control is nowhere null.
    column : str
        The control, such as ``log_creatinine``.
    held : tuple of str
        Columns that are held constant.
    confidence : float
        Coverage of the intervals.
    margin : float
        A remaining slope nearer to zero than this counts as none.
    min_n : int
        Fewest specimens, of at least as many people, that a slope is computed from.
    dilutes : bool
        Whether urine gets more dilute as the control rises, so that the verdict turns round.
    """

    rows: pl.DataFrame
    column: str
    held: tuple[str, ...]
    confidence: float
    margin: float
    min_n: int
    dilutes: bool

    def answer(self) -> dict[str, Any]:
        """Return counts, slopes with their limits, verdicts and why any is missing, by name of the column."""
        rows = self.rows.filter(pl.all_horizontal(pl.lit(True), *(pl.col(name).is_not_null() for name in self.held)))
        people, repeated = rows["subject_id"].n_unique(), self._repeated()
        found: dict[str, Any] = {"n": rows.height, "n_subjects": people, "confidence": self.confidence}
        censored = float((rows["censoring"] != 0).mean()) if rows.height else float("nan")  # type: ignore[arg-type]
        found |= {"share_censored": censored, "n_repeated": repeated["subject_id"].n_unique()}
        reasons = [self._too_few(rows.height, people)]
        slope, remaining = NOTHING, NOTHING
        if not reasons[0]:
            slope, why = self._slope(rows, "log_concentration", "censoring")
            remaining, left_why = self._slope(rows, "log_amount", "amount_censoring")
            reasons = list(dict.fromkeys([why, left_why]))
        within, within_left = NOTHING, NOTHING
        if found["n_repeated"] >= MIN_REPEATED and repeated.height >= self.min_n:
            within, why = self._slope(repeated, "log_concentration", "censoring", within=True)
            within_left, _ = self._slope(repeated, "log_amount", "amount_censoring", within=True)
            reasons.append(f"within persons: {why}" if why else "")
        for name, limits in (
            (("slope", "ci_low", "ci_high"), slope),
            (("remaining", "remaining_low", "remaining_high"), remaining),
            (("within_slope", "within_low", "within_high"), within),
            (("within_remaining", "within_remaining_low", "within_remaining_high"), within_left),
        ):
            found |= dict(zip(name, limits, strict=True))
        verdicts = {"verdict": self._verdict(remaining), "within_verdict": self._verdict(within_left)}
        return found | verdicts | {"reason": "; ".join(reason for reason in reasons if reason)}

    def _repeated(self) -> pl.DataFrame:
        return self.rows.filter(pl.len().over("subject_id") > 1)

    def _too_few(self, n: int, people: int) -> str:
        if n >= self.min_n and people >= self.min_n:
            return ""
        return f"{n} specimens of {people} people with this control; {self.min_n} of each are needed"

    def _slope(self, rows: pl.DataFrame, value: str, code: str, *, within: bool = False) -> tuple[Limits, str]:
        """Return the slope with its limits, and why it is missing."""
        # SciPy is slow to load, and normalise itself does not need it.
        from recal_labs.stats import fit_censored_regression

        rows = rows.filter(pl.col(value).is_not_null())
        control = rows[self.column].to_numpy()
        # A covariate that does not vary holds nothing constant; within a person all of them do by themselves.
        held = [rows[name].to_numpy() for name in self.held if rows[name].n_unique() > 1]
        columns = [np.ones(rows.height), control, *held]
        if within:
            mean = rows.select(pl.col(self.column).mean().over("subject_id")).to_series().to_numpy()
            columns = [np.ones(rows.height), control - mean, mean]
        fitted = fit_censored_regression(
            rows[value].to_numpy(),
            rows[code].to_numpy(),
            np.column_stack(columns),
            clusters=rows["subject_id"].to_numpy(),
            confidence=self.confidence,
        )
        low, high = fitted.intervals[1]
        return (float(fitted.coefficients[1]), float(low), float(high)), fitted.reason

    def _verdict(self, remaining: Limits) -> str:
        _, low, high = remaining
        if self.dilutes:
            low, high = -high, -low
        if -self.margin < low and high < self.margin:
            return "consistent"
        if low > 0:
            return "under_corrected"
        return "over_corrected" if high < 0 else "cannot_tell"
