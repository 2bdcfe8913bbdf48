"""Panels and outcomes, linked: one table of visits that every analysis starts from, and how it came about."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from recal_labs.choices import Choices
from recal_labs.cohort.flow import FlowStep, count_link
from recal_labs.cohort.linking import link_outcomes, number_visits
from recal_labs.cohort.panels import Panels, build_panels
from recal_labs.columns import OUTCOMES, SUBJECTS, require_columns
from recal_labs.errors import EmptyCohortError, TableError
from recal_labs.normalise import DilutionFit, Normalised, normalise
from recal_labs.stats.substitution import DIVISORS, WORDS


@dataclass(frozen=True, eq=False, kw_only=True)
class Cohort:
    """Normalised panels and outcomes of each visit, aligned row by row.

    Parameters
    ----------
    visits : DataFrame, shape (n_visits, ...)
        subject_id, visit (1 is the earliest), specimen_id, panel_at, lab_id, dilution, creatinine_g_per_l,
        ``analysed`` (True for one visit per subject: the first with a panel and an outcome), and for each instrument
        ``<instrument>_at`` and ``<instrument>_days`` (days from panel to outcome).
    log_amounts : DataFrame, shape (n_visits, n_analytes)
        Natural logarithm of the amount in ``units``; where censored the logarithm of the limit or, below it and if
        the choices ask for a substitution, of the number that was put in its place. NaN when missing.
    censoring : DataFrame, shape (n_visits, n_analytes)
        What the lab reported: -1 below the limit, +1 above it, 0 otherwise. `open_censoring` is what is still
        censored in the analysis.
    outcomes : DataFrame, shape (n_visits, n_instruments)
        Scores; NaN when not linked.
    covariates : DataFrame, shape (n_visits, ...)
        Columns of the subjects table; ``age_years`` is age at collection where known.
    units : mapping of str to str
        UCUM unit of each analyte's amount.
    flow : tuple of FlowStep
        How results, specimens and people came down to the analysis, with what was left out and why.
    normalised : Normalised
        What the panels were made from.
    forms, subjects, interventions : DataFrame
        The tables handed in, so that the question can be asked again.
    choices : Choices
        Every decision.
    simulated : bool
        Whether the people are made up: every statement about them then says so.
    """

    visits: pd.DataFrame
    log_amounts: pd.DataFrame
    censoring: pd.DataFrame
    outcomes: pd.DataFrame
    covariates: pd.DataFrame
    interventions: pd.DataFrame
    units: Mapping[str, str]
    flow: tuple[FlowStep, ...]
    normalised: Normalised
    forms: pd.DataFrame
    subjects: pd.DataFrame
    choices: Choices
    simulated: bool = False

    @property
    def results(self) -> pd.DataFrame:
        """The normalised results that the cohort was made from, as a pandas frame."""
        return _as_pandas(self.normalised.frame)

    @property
    def analysed(self) -> pd.Series[bool]:
        """Which visits enter cross-sectional analyses: one per subject."""
        return self.visits["analysed"]

    @property
    def analytes(self) -> list[str]:
        """Columns of the amounts."""
        return [str(column) for column in self.log_amounts.columns]

    @property
    def instruments(self) -> list[str]:
        """Columns of the outcomes."""
        return [str(column) for column in self.outcomes.columns]

    @property
    def substitution(self) -> str:
        """The rule by which values below a limit were replaced; empty when they were not."""
        return self.choices.censoring if self.choices.censoring in DIVISORS else ""

    @property
    def open_censoring(self) -> pd.DataFrame:
        """Censoring that the analysis still meets: with a substitution only that above a limit, which none replaces."""
        return self.censoring.clip(lower=0) if self.substitution else self.censoring

    @property
    def share_censored(self) -> pd.Series[float]:
        """Share of the amounts at the visits analysed that lie beyond a limit of detection, by analyte."""
        rows = self.analysed.to_numpy()
        return self.censoring[rows].ne(0).where(self.log_amounts[rows].notna()).mean()

    @property
    def n_subjects(self) -> int:
        """How many subjects are analysed."""
        return int(self.visits.loc[self.analysed, "subject_id"].nunique())

    def renormalise(self, choices: Choices, *, dilution_fit: DilutionFit | None = None) -> Cohort:
        """Ask the same question of the same results under other choices.

        Parameters
        ----------
        choices : Choices
        dilution_fit : DilutionFit, optional
            The fitted correction that the basis of the choices needs. Default: the one that the cohort was made with,
            if it is of that basis.
        """
        mine = self.normalised.dilution_fit
        if dilution_fit is None and mine is not None and mine.basis == choices.basis:
            dilution_fit = mine
        again = normalise(self.results, choices=choices, catalogue=self.normalised.catalogue, dilution_fit=dilution_fit)
        return build_cohort(
            again,
            self.forms,
            self.subjects,
            window_days=choices.window_days,
            interventions=self.interventions,
            simulated=self.simulated,
        )

    def to_wide(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return one row a visit and the codebook of its columns, ready for R or SPSS.

        Returns
        -------
        wide, codebook : DataFrame
            Columns ``log_<analyte>``, ``censored_<analyte>``, one a score and one a covariate; the codebook names
            each with its unit and meaning.
        """
        parts = [
            self.visits,
            self.covariates.drop(columns=[c for c in self.covariates if c in self.visits]),
            self.outcomes.add_prefix("score_"),
            self.log_amounts.add_prefix("log_"),
            self.censoring.add_prefix("censored_"),
        ]
        wide = pd.concat(parts, axis=1)
        rows = [
            *({"column": c, "unit": "", "meaning": "visit and link"} for c in parts[0]),
            *({"column": c, "unit": "", "meaning": "column of the subjects table"} for c in parts[1]),
            *({"column": f"score_{c}", "unit": "points", "meaning": f"total of {c}"} for c in self.instruments),
            *(
                {"column": f"log_{c}", "unit": f"ln({self.units[c]})", "meaning": self._log_meaning(c)}
                for c in self.analytes
            ),
            *(
                {"column": f"censored_{c}", "unit": "1", "meaning": "-1 below the limit, 1 above it, 0 measured"}
                for c in self.censoring
            ),
        ]
        return wide, pd.DataFrame(rows)

    def _log_meaning(self, analyte: str) -> str:
        """Say what a column of log amounts holds, and how much of it is censored."""
        codes = self.censoring[analyte].where(self.log_amounts[analyte].notna())
        said = f"natural log of the amount of {analyte}"
        if not codes.ne(0).where(codes.notna()).any():
            return said
        at = f"log of {WORDS[self.substitution]} below it ({self.substitution})" if self.substitution else ""
        held = f"{at}, of the limit above it" if at else "log of the limit where censored"
        return f"{said}; {codes.ne(0).where(codes.notna()).mean():.1%} beyond a limit of detection: {held}"

    def _censored_words(self) -> str:
        """Name the analytes with censored amounts, and the share of each."""
        shares = self.share_censored
        named = [f"{analyte} {share:.0%}" for analyte, share in shares[shares > 0].items()]
        if not named:
            return "no amount analysed lies beyond a limit of detection"
        done = f"; below it replaced by {WORDS[self.substitution]} ({self.substitution})" if self.substitution else ""
        return f"beyond a limit of detection: {', '.join(named)}{done}"

    def __repr__(self) -> str:
        made_up = ", simulated" if self.simulated else ""
        return (
            f"Cohort{made_up}: {self.n_subjects} subjects, {len(self.visits)} visits, {len(self.analytes)} analytes, "
            f"outcomes {', '.join(self.instruments)}; {self._censored_words()}"
        )

    def _repr_html_(self) -> str:
        steps = "".join(f"<li>{html.escape(str(step))}</li>" for step in self.flow)
        censored = html.escape(self._censored_words())
        return f"<p>Cohort of {self.n_subjects} subjects, {len(self.visits)} visits; {censored}.</p><ol>{steps}</ol>"


def _as_pandas(frame: Any) -> pd.DataFrame:
    if isinstance(frame, pd.DataFrame):
        return frame
    collected = frame.collect() if hasattr(frame, "collect") else frame
    return collected.to_pandas()


def _covariates(visits: pd.DataFrame, panels: Panels, subjects: pd.DataFrame) -> pd.DataFrame:
    """Return the subjects table row by row of visits; age at collection where the panel knows it."""
    people = subjects.dropna(subset=["subject_id"]).drop_duplicates("subject_id", keep="last").set_index("subject_id")
    table = people.reindex(visits["subject_id"]).reset_index(drop=True)
    for column, unknown in (("age_years", None), ("sex", "unknown")):
        lab = panels.people[column].reindex(pd.MultiIndex.from_frame(visits[["subject_id", "specimen_id"]]))
        lab = pd.Series(lab.to_numpy(), index=table.index)
        if column not in table:
            table[column] = lab
            continue
        known = lab.notna() & (lab != unknown)
        table[column] = lab.where(known, table[column])
    table["sex"] = table["sex"].where(table["sex"].isin(["female", "male"]), other=np.nan)
    return table


def build_cohort(
    normalised: Normalised,
    outcomes: pd.DataFrame,
    subjects: pd.DataFrame,
    *,
    window_days: int | None = None,
    interventions: pd.DataFrame | None = None,
    simulated: bool = False,
) -> Cohort:
    """Link panels and outcomes by subject and nearest date.

    Parameters
    ----------
    normalised : Normalised
        Panels; its choices say which specimens, analytes and outcomes are asked about.
    outcomes : DataFrame
        The `outcomes` table; forms whose status is not ``ok`` have no score and are counted, not linked.
    subjects : DataFrame
        The `subjects` table. A person without sex or age is kept; what needs them is missing there.
    window_days : int, optional
        Largest distance between panel and outcome in days. Default: that of the choices.
    interventions : DataFrame, optional
        The `interventions` table.
    simulated : bool
        Whether the people are made up.

    Returns
    -------
    Cohort
        One visit per subject is marked ``analysed``: the first that has both a panel and an outcome.

    Raises
    ------
    EmptyCohortError
        When no panel meets an outcome; the message says where the last subject was lost.
    ChoiceError
        When the specimens chosen give one analyte amounts in different units.
    """
    if not isinstance(normalised, Normalised):
        raise TableError(
            f"build_cohort was handed a {type(normalised).__name__}; expected what normalise(results) returns, not its "
            "frame alone: the choices and the catalogue go with it."
        )
    require_columns(outcomes.columns, OUTCOMES, "outcomes")
    require_columns(subjects.columns, SUBJECTS, "subjects")
    choices = normalised.choices
    if window_days is not None and window_days != choices.window_days:
        choices = choices.with_changes(window_days=window_days)
    asked = outcomes if not choices.outcomes else outcomes[outcomes["instrument"].isin(choices.outcomes)]
    panels = build_panels(_as_pandas(normalised.frame), normalised.catalogue, choices)
    visits, scores = link_outcomes(panels.specimens, asked, choices.window_days)
    visits = number_visits(visits, scores)
    link_flow = count_link(panels.log_amounts, panels.seen, visits, scores, asked, subjects)
    if not visits["analysed"].any():
        people = [step for step in link_flow if step.counted == "subjects"]
        lost = "; ".join(f"{why}: {n}" for step in people for why, n in step.left_out) or "no subject in any file"
        raise EmptyCohortError(
            f"No subject has a panel and an outcome within {choices.window_days} days ({lost}). "
            "Check that subject ids are spelt alike in panels and outcomes, and the dates."
        )
    rows = pd.MultiIndex.from_frame(visits[["subject_id", "specimen_id"]])
    nothing = pd.DataFrame({"subject_id": [], "kind": [], "name": [], "start": []})
    return Cohort(
        visits=visits,
        log_amounts=panels.log_amounts.reindex(rows).reset_index(drop=True),
        censoring=panels.censoring.reindex(rows).fillna(0).astype("int8").reset_index(drop=True),
        outcomes=scores.reset_index(drop=True),
        covariates=_covariates(visits, panels, subjects),
        interventions=nothing if interventions is None else interventions,
        units=panels.units,
        flow=(*panels.flow, *link_flow),
        normalised=normalised,
        forms=outcomes,
        subjects=subjects,
        choices=choices,
        simulated=simulated,
    )
