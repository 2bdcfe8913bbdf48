"""From normalised rows to panels: which rows are analysed, one value per specimen and analyte, on the log scale."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from recal_labs.catalogue import Catalogue
from recal_labs.choices import Choices
from recal_labs.cohort.flow import FlowStep, count_results
from recal_labs.errors import ChoiceError, UnknownAnalyteError
from recal_labs.normalise.units import PER_VOLUME
from recal_labs.stats.substitution import DIVISORS, substitute

PANEL = ["subject_id", "specimen_id"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Panels:
    """Analysed panels, indexed by subject and specimen."""

    specimens: pd.DataFrame
    log_amounts: pd.DataFrame
    censoring: pd.DataFrame
    people: pd.DataFrame
    units: Mapping[str, str]
    flow: tuple[FlowStep, ...]
    seen: set[str]


def _reasons(frame: pd.DataFrame, catalogue: Catalogue, choices: Choices) -> pd.Series[str]:
    """Return for each row why it is not analysed; empty when it is. The first reason that applies is given."""
    hydration = {analyte.id for analyte in catalogue.analytes.values() if analyte.family == "hydration"}
    asked = set(choices.analytes)
    conditions = [
        (~frame["current"].astype(bool), "superseded, duplicate or withdrawn"),
        (frame["analyte_id"].isin(hydration), "creatinine and other measures of dilution, used as such"),
        (~frame["specimen"].isin(choices.specimens), "kind of specimen not chosen for the analysis"),
        (~frame["timepoint"].fillna("").isin(["", "pooled"]), "one time point of a day"),
        (pd.Series(bool(asked), index=frame.index) & ~frame["analyte_id"].isin(asked), "analyte not asked about"),
        (frame["subject_id"].isna() | frame["specimen_id"].isna(), "no subject or specimen id"),
        (
            frame["amount"].isna() & frame["amount_low"].notna(),
            "value and creatinine are censored alike, so nothing is known of the amount",
        ),
        (frame["amount"].isna(), "no amount could be computed (see qc)"),
        (frame["amount"] <= 0, "amount is zero, so it has no logarithm"),
    ]
    return pd.Series(
        np.select([mask.to_numpy(bool) for mask, _ in conditions], [why for _, why in conditions], default=""),
        index=frame.index,
    )


def _column_names(rows: pd.DataFrame) -> pd.Series[str]:
    """Name an analyte's column by its id; by id and fraction where several fractions of it were measured."""
    fractions = rows.groupby("analyte_id")["fraction"].nunique()
    several = rows["analyte_id"].isin(fractions.index[fractions > 1])
    return rows["analyte_id"].where(~several, rows["analyte_id"] + ":" + rows["fraction"])


def _one_value_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep one value an analyte and specimen: a lab may send it per litre and per gram of creatinine.

    The form that needed no conversion is kept, then the one per volume: the one that summaries count, too
    (`normalise.one_form`). Whatever has no amount was left out before.
    """
    converted = (rows["reported_basis"] != rows["basis"]).astype(int)
    behind = 2 * converted + (rows["reported_basis"] != PER_VOLUME).astype(int)
    ordered = rows.assign(_behind=behind).sort_values("_behind", kind="stable")
    return ordered.drop_duplicates([*PANEL, "column"])


def _units(rows: pd.DataFrame) -> dict[str, str]:
    units = rows.groupby("column")["amount_unit"].unique()
    for column, found in units.items():
        if len(found) > 1:
            raise ChoiceError(
                f"Amounts of {column} have the units {' and '.join(sorted(found))}, which cannot stand in one column. "
                "Choose specimens of one kind, or a basis that fits them all, such as basis = 'per_creatinine'."
            )
    return {str(column): str(found[0]) for column, found in units.items()}


def build_panels(frame: pd.DataFrame, catalogue: Catalogue, choices: Choices) -> Panels:
    """Select the rows that are analysed and spread them: one row a specimen, one column an analyte.

    Raises
    ------
    UnknownAnalyteError
        When the choices ask about an analyte the catalogue does not hold.
    ChoiceError
        When one analyte's amounts have different units.
    """
    for analyte in choices.analytes:
        if analyte not in catalogue.analytes:
            raise UnknownAnalyteError(analyte, tuple(catalogue.analytes), "choices")
    reasons = _reasons(frame, catalogue, choices)
    rows = frame[reasons == ""].copy()
    rows["column"] = _column_names(rows)
    rows = _one_value_each(rows)
    sign = rows["amount_comparator"].map({"<": -1, "<=": -1, ">": 1, ">=": 1}).fillna(0).astype("int8")
    amounts = rows["amount"].to_numpy(float)
    if choices.censoring in DIVISORS:
        # What is above a limit has no number to be put in its place: it stays at the limit, tied at the top.
        amounts, _ = substitute(amounts, sign, choices.censoring)
    rows = rows.assign(log_amount=np.log(amounts), censored=sign)
    order = [c for c in catalogue.analytes if c in set(rows["analyte_id"])]
    columns = sorted(rows["column"].unique(), key=lambda c: (order.index(c.split(":")[0]), c))
    specimens = rows.groupby(PANEL, as_index=False, sort=True).agg(
        panel_at=("collected_at", "min"),
        lab_id=("lab_id", "first"),
        specimen=("specimen", "first"),
        dilution=("dilution", "first"),
        creatinine_g_per_l=("creatinine_g_per_l", "first"),
    )
    return Panels(
        specimens=specimens,
        log_amounts=rows.pivot(index=PANEL, columns="column", values="log_amount").reindex(columns=columns),
        censoring=rows.pivot(index=PANEL, columns="column", values="censored").reindex(columns=columns),
        people=rows.groupby(PANEL)[["age_years", "sex"]].first(),
        units=_units(rows),
        flow=count_results(reasons, len(rows)),
        seen=set(frame["subject_id"].dropna()),
    )
