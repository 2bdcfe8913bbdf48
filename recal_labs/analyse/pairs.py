"""What every analysis draws from a cohort: the columns asked about, the covariates as numbers, the circumstances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from recal_labs.catalogue import load_instruments
from recal_labs.cohort import Cohort
from recal_labs.columns import ESTIMATES
from recal_labs.errors import ChoiceError, UnknownWordError
from recal_labs.estimate import Estimate
from recal_labs.stats import adjust_p
from recal_labs.stats.substitution import WORDS, substitution_words
from recal_labs.utility import Circumstances


def numeric_covariates(cohort: Cohort, names: Sequence[str]) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the covariates as numbers and notes on those that could not be used.

    A column of words becomes one 0/1 column for each word but the first in alphabetical order (``sex`` becomes
    ``sex_male``). A covariate that does not vary among the subjects analysed is left out, and the note says so.

    Raises
    ------
    UnknownWordError
        When the subjects table has no such column.
    """
    table, notes, columns = cohort.covariates, [], {}
    rows = cohort.analysed.to_numpy()
    for name in names:
        if name not in table:
            raise UnknownWordError("covariate", name, tuple(map(str, table.columns)), "the subjects table")
        column = table[name]
        if column[rows].nunique(dropna=True) < 2:
            notes.append(f"{name} does not vary and is left out of the covariates")
        elif pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            columns[name] = pd.to_numeric(column).astype(float)
        else:
            words = sorted(column.dropna().unique())
            for word in words[1:]:
                columns[f"{name}_{word}"] = (column == word).astype(float).where(column.notna())
    return pd.DataFrame(columns, index=table.index), tuple(notes)


def asked_outcomes(cohort: Cohort) -> list[str]:
    """Return the instruments asked about; those without a single score stay, to be listed as untested."""
    return list(cohort.choices.outcomes) or cohort.instruments


def circumstances(cohort: Cohort, covariates: Sequence[str], rows: np.ndarray | None = None) -> Circumstances:
    """Return what the statement must know about the visits it rests on.

    Parameters
    ----------
    cohort : Cohort
    covariates : sequence of str
        What was held constant.
    rows : ndarray of int, optional
        Row numbers of these visits. Default: those of cross-sectional analyses, one a subject.
    """
    rows = np.flatnonzero(cohort.analysed.to_numpy()) if rows is None else rows
    visits, known = cohort.visits.iloc[rows], cohort.log_amounts.iloc[rows].notna()
    share = cohort.censoring.iloc[rows].ne(0).where(known).mean()
    return Circumstances(
        n_subjects=int(visits["subject_id"].nunique()),
        n_labs=int(visits["lab_id"].nunique()),
        planned=cohort.choices.planned,
        simulated=cohort.simulated,
        covariates=tuple(covariates),
        censored=tuple((str(name), float(value)) for name, value in share.items() if value > 0),
        substituted=WORDS.get(cohort.substitution, ""),
        dilution_unknown=float((visits["dilution"] == "unknown").mean()),
        divided_by_lab=_divided_by_lab(cohort, visits.loc[visits["dilution"] == "unknown", "specimen_id"]),
        corrected_for_dilution=cohort.choices.basis != "none",
        dilution_fitted_on=fit.sample if (fit := cohort.normalised.dilution_fit) is not None else "",
        names=display_names(cohort),
    )


def _divided_by_lab(cohort: Cohort, specimens: pd.Series[str]) -> bool:
    """Tell whether every amount of these specimens came per creatinine from the lab."""
    frame = cohort.results
    rows = frame[frame["specimen_id"].isin(specimens) & frame["current"] & frame["amount"].notna()]
    return len(rows) > 0 and bool((rows["reported_basis"] == "per_creatinine").all())


def share_of(codes: np.ndarray) -> float:
    """Return which share of amounts, by their codes, is censored; NaN where there is none."""
    return float((codes != 0).mean()) if len(codes) else np.nan


def name_substitution(found: Estimate, codes: np.ndarray, cohort: Cohort) -> Estimate:
    """Name a substitution in the method and the assumptions of what was computed with it; nothing without one.

    Parameters
    ----------
    found : Estimate
    codes : ndarray
        What the lab reported of the values it comes from: -1 below a limit, 1 above it, 0 measured.
    cohort : Cohort
    """
    below, above = int((codes < 0).sum()), int((codes > 0).sum())
    if not cohort.substitution or not below:
        return found
    said = substitution_words(cohort.substitution, below, len(codes), above)
    method = f"{found.method}, with {cohort.substitution} ({WORDS[cohort.substitution]} below a detection limit)"
    return replace(found, method=method).with_assumptions(said)


def display_names(cohort: Cohort) -> dict[str, str]:
    """Return words for the ids of analytes, instruments and common covariates."""
    analytes = {analyte.id: analyte.name for analyte in cohort.normalised.catalogue.analytes.values()}
    instruments = {instrument.id: instrument.short_name for instrument in load_instruments().values()}
    return analytes | instruments | {"age_years": "age", "sex": "sex"}


def with_adjusted_p(rows: list[dict[str, object]], cohort: Cohort, family: str) -> pd.DataFrame:
    """Return the `estimates` table of one family, its p-values adjusted among the effects of one kind."""
    choices = cohort.choices
    table = pd.DataFrame(rows)
    table["planned"] = choices.planned
    table["family"] = family + " (" + table["effect"] + ")"
    table["p_adjusted"] = np.nan
    for _, group in table.groupby("effect", sort=False):
        adjusted = adjust_p(group["p_value"].to_numpy(float), method=choices.adjust, alpha=1 - choices.confidence)
        table.loc[group.index, "p_adjusted"] = adjusted.adjusted
    order = [*ESTIMATES.names, *(c for c in table.columns if c not in ESTIMATES.names)]
    return table[order]


def require_outcomes(names: Sequence[str], known: Sequence[str]) -> None:
    """Raise when nothing is asked about."""
    if not names:
        raise ChoiceError(f"No outcome to analyse; the cohort has {', '.join(known) or 'none'}.")
