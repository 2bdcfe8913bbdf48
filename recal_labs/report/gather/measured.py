"""What was measured: how many results of each analyte and kind of specimen, how much, against which intervals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from recal_labs.report.gather.names import Names
from recal_labs.report.wording import readable
from recal_labs.stats.kaplan_meier import kaplan_meier_quantiles
from recal_labs.stats.percentiles import percentile
from recal_labs.vocabulary import SPECIMENS

SPECIMEN_WORDS: Mapping[str, str] = {
    "urine_24h": "24\N{NO-BREAK SPACE}h",
    "urine_spot": "single\N{NO-BREAK SPACE}void",
    "urine_first_morning": "first morning void",
    "urine_second_morning": "second morning void",
    "urine_overnight": "overnight",
    "urine_dried": "dried urine",
}
QUARTILES = (0.5, 0.25, 0.75)
SIDES = {"<": -1, "<=": -1, ">": 1, ">=": 1}


def specimen_words(specimen: Any) -> str:
    """Return a kind of specimen in two words; nothing when it is not known."""
    return readable(str(specimen), SPECIMEN_WORDS) if isinstance(specimen, str) and specimen else ""


def unit_words(unit: Any) -> str:
    r"""Return a UCUM unit as people write it.

    Examples
    --------
    >>> unit_words("ug/g{creat}"), unit_words("1"), unit_words(None)
    ('µg/g creatinine', '', '')
    >>> unit_words("mg/(24.h)") == "mg/24\N{NO-BREAK SPACE}h"
    True
    """
    if not isinstance(unit, str) or unit == "1":
        return ""
    plain = unit.replace("{creat}", " creatinine").replace("(24.h)", "24\N{NO-BREAK SPACE}h")
    return re.sub(r"(?<![A-Za-z])u(?=[A-Za-z])", "µ", plain)


def columns_of(frame: pd.DataFrame) -> pd.Series[str]:
    """Return for each row the analyte's id, with its fraction where unlike fractions of it were measured."""
    analyte = frame["analyte_id"].astype(str)
    if "fraction" not in frame:
        return analyte
    fraction = frame["fraction"].fillna("").astype(str)
    several = fraction.groupby(analyte).transform("nunique") > 1
    return analyte.where(~several, analyte + ":" + fraction)


def sides_of(frame: pd.DataFrame) -> np.ndarray:
    """Return the side of its limit that each amount lies on: -1 below, 1 above, 0 measured.

    An amount may be censored although its value is not, where it was divided by a creatinine below or above a limit.
    """
    words = frame["amount_comparator" if "amount_comparator" in frame else "comparator"]
    return words.fillna("").map(lambda word: SIDES.get(word, 0)).to_numpy(dtype=np.int8)


def is_open(frame: pd.DataFrame) -> np.ndarray:
    """Return which results have no amount because value and creatinine are censored alike: nothing is known of them."""
    if "amount_low" not in frame:
        return np.zeros(len(frame), dtype=bool)
    return (frame["amount"].isna() & frame["amount_low"].notna()).to_numpy(dtype=bool)


def measured_rows(frame: pd.DataFrame, names: Names, dilution: frozenset[str]) -> list[dict[str, Any]]:
    """Return one row an analyte and kind of specimen, measures of dilution last.

    Parameters
    ----------
    frame : DataFrame
        Current rows of the normalised table.
    names : Names
    dilution : frozenset of str
        Analytes that only tell how dilute a specimen is.

    Returns
    -------
    list of dict
        analyte_id, analyte, specimen, unit, n, censored, dilution (bool), median, q1 and q3 (each ``{"value",
        "beyond"}``: a number, or the side of the detection limit that it lies on) and intervals (low, high, unit,
        source, n: how many results were compared with it).
    """
    if frame.empty:
        return []
    table = frame.assign(
        column=columns_of(frame),
        # Tests and files without kinds of specimen: one group.
        specimen=frame["specimen"].fillna("").astype(str) if "specimen" in frame else "",
        unit=frame.get("amount_unit"),
    )
    places = {analyte: place for place, analyte in enumerate(names.analytes)}
    kinds = {specimen: place for place, specimen in enumerate(SPECIMENS)}
    rows = [
        _row(str(column), str(specimen), group, names, dilution)
        for (column, specimen), group in table.groupby(["column", "specimen"], sort=True)
    ]
    return sorted(
        rows,
        key=lambda row: (
            row["dilution"],
            places.get(row["analyte_id"].split(":")[0], len(places)),
            row["analyte_id"],
            kinds.get(row["specimen"], len(kinds)),
        ),
    )


def _row(column: str, specimen: str, group: pd.DataFrame, names: Names, dilution: frozenset[str]) -> dict[str, Any]:
    units = group["unit"].dropna().value_counts()
    sides = sides_of(group)
    amounts = pd.to_numeric(group["amount"], errors="coerce").to_numpy(dtype=float)
    # Amounts in two units have no common median.
    quartiles = _quartiles(amounts, sides) if len(units) < 2 else [{"value": None, "beyond": ""}] * 3
    return {
        "analyte_id": column,
        "analyte": names.analyte(column),
        "specimen": specimen,
        "unit": " or ".join(map(str, units.index)),
        "n": len(group),
        "censored": int(((sides != 0) | is_open(group)).sum()),
        "dilution": column.split(":")[0] in dilution,
        **dict(zip(("median", "q1", "q3"), quartiles, strict=True)),
        "intervals": _intervals(group, names),
    }


def _quartiles(amounts: np.ndarray, sides: np.ndarray) -> list[dict[str, Any]]:
    """Return median and quartiles; where one lies among censored amounts, only the side that it lies on is known."""
    known = np.isfinite(amounts)
    amounts, sides = amounts[known], sides[known]
    if not len(amounts):
        return [{"value": None, "beyond": ""} for _ in QUARTILES]
    below, above = float((sides < 0).mean()), float((sides > 0).mean())
    if below and above:
        found = tuple(percentile(amounts, p, censoring=sides) for p in QUARTILES)
    else:
        found = kaplan_meier_quantiles(amounts, sides, QUARTILES)
    return [_quantile(p, estimate.estimate, below, above) for p, estimate in zip(QUARTILES, found, strict=True)]


def _quantile(p: float, estimate: float, below: float, above: float) -> dict[str, Any]:
    # Censored amounts are spread over what is known below them; where they are as many as the quantile counts, that
    # guess would be all that is left of it.
    if below >= p or above >= 1 - p or not np.isfinite(estimate):
        nearer_below = p - below < 1 - above - p
        beyond = "below" if below and (nearer_below or not above) else "above" if above else ""
        return {"value": None, "beyond": beyond}
    return {"value": float(estimate), "beyond": ""}


def _intervals(group: pd.DataFrame, names: Names) -> list[dict[str, Any]]:
    """Return the intervals met, the one that served most results first."""
    limits = group.assign(
        low=pd.to_numeric(group["reference_low"], errors="coerce"),
        high=pd.to_numeric(group["reference_high"], errors="coerce"),
    )
    met = limits[limits["low"].notna() | limits["high"].notna()]
    keys = ["low", "high", "reference_unit", "reference_source"]
    counts = met.groupby(keys, dropna=False, sort=True).size().reset_index(name="n")
    counts = counts.sort_values("n", ascending=False, kind="stable")
    return [
        {
            "low": None if pd.isna(low) else float(low),
            "high": None if pd.isna(high) else float(high),
            "unit": "" if pd.isna(unit) else str(unit),
            "source": "" if pd.isna(source) else names.source(str(source)),
            "n": int(n),
        }
        for low, high, unit, source, n in counts.itertuples(index=False)
    ]
