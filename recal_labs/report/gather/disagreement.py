"""Where sources of intervals disagree about these very results: counts, and limits in one unit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from recal_labs.choices import REPORTED_BY_LAB
from recal_labs.report.gather.disagreement_words import (
    CONSUMER,
    PRINTED_LABEL,
    SIMULATED_LABEL,
    WITHOUT_D,
    WITHOUT_D_OR_PRINTED,
    disagreement_sentences,
)
from recal_labs.report.gather.names import Names, short_publisher
from recal_labs.report.gather.reference import dilution_measures
from recal_labs.report.plain import as_pandas, plain, records

GROUP = ["analyte_id", "fraction", "specimen", "basis"]
PLACED = ("L", "N", "H")
# Printed for another kind of collection: listed beside what was asked, for a reader would look for it.
LISTED = ("", "other collection")
COUNTED = ("n_compared", "n_differ", "n_opposite")
SOME = tuple(f"{name}{ending}" for ending in (WITHOUT_D, WITHOUT_D_OR_PRINTED) for name in COUNTED)


def key_of(row: Mapping[str, Any]) -> str:
    """Return the key of an analyte, fraction, kind of specimen and basis."""
    return ":".join(str(row[name]) for name in GROUP)


def compared_results(found: Any) -> pd.DataFrame:
    """Return one row a result that at least two sources place, without who it belongs to.

    Parameters
    ----------
    found : RangeDisagreement or None
        With its ``results``.

    Returns
    -------
    DataFrame
        key (of analyte, fraction, specimen and basis), amount, side (-1 below a detection limit, 1 above it, 0
        measured), differs (its sources do not all say the same), differs_without_d (nor do those of other qualities
        than D). Ordered by key and amount, so that the order tells nothing about people.
    """
    if found is None or found.results is None:
        return pd.DataFrame({"key": [], "amount": [], "side": [], "differs": [], "differs_without_d": []})
    said = as_pandas(found.results)
    said = said[said["verdict"].isin(PLACED) & ~said["analyte_id"].isin(dilution_measures())]
    rows = said.groupby("row").agg(
        **{name: (name, "first") for name in (*GROUP, "amount", "comparator")},
        sources=("verdict", "size"),
        verdicts=("verdict", "nunique"),
    )
    sound = said[said["quality"] != CONSUMER].groupby("row")["verdict"].nunique()
    rows = rows[(rows["sources"] > 1) & rows["amount"].notna()]
    comparator = rows["comparator"].fillna("")
    table = pd.DataFrame(
        {
            "key": rows[GROUP].astype(str).agg(":".join, axis=1) if len(rows) else [],
            "amount": rows["amount"].astype(float),
            "side": comparator.str.startswith(">").astype(int) - comparator.str.startswith("<").astype(int),
            "differs": rows["verdicts"] > 1,
            "differs_without_d": sound.reindex(rows.index, fill_value=0) > 1,
        }
    )
    return table.sort_values(list(table.columns)).reset_index(drop=True)


def gather_disagreement(found: Any, names: Names, *, simulated: bool = False) -> dict[str, Any] | None:
    """Return rows, limits and sentences of where sources disagree; None when it was not asked.

    Parameters
    ----------
    found : RangeDisagreement or None
    names : Names
    simulated : bool
        Whether the data are made up, and so are the ranges that the labs printed.

    Returns
    -------
    dict or None
        ``rows`` (one an analyte, fraction, specimen and basis that two sources place, most debated first), ``limits``
        (every interval asked, and those of the same basis printed for another kind of collection), ``qualities``,
        ``printed`` (whether ranges that labs printed are among the sources), ``simulated`` and ``sentences``. Counts
        ending in ``_without_d`` and ``_without_d_or_printed`` are those among some of the sources. Measures of dilution
        are left out.
    """
    if found is None:
        return None
    verdicts, limits = (as_pandas(table) for table in (found.verdicts, found.limits))
    verdicts, limits = (table[~table["analyte_id"].isin(dilution_measures())] for table in (verdicts, limits))
    compared = verdicts[verdicts["n_compared"] > 0].sort_values(
        ["share_differ", "n_differ", *GROUP], ascending=[False, False, *[True] * 4], kind="stable"
    )
    rows, listed = [], []
    for row in records(compared):
        key, own = key_of(row), limits[(limits[GROUP] == [row[name] for name in GROUP]).all(axis=1)]
        own = own[own["not_asked"].isin(LISTED)]
        labels = source_labels(own, simulated=simulated)
        lines = [_limit(line, key, labels) for line in records(own)]
        listed += lines
        rows.append(_row(row, key, lines, labels, names))
    counts = {name: int(verdicts[name].sum()) for name in (*COUNTED, "n_depends", *SOME)}
    printed = any(line["source_id"] == REPORTED_BY_LAB for line in listed)
    asked = {"qualities": list(found.qualities), "printed": printed, "simulated": simulated}
    facts = {**counts, **asked, "rows": rows, "limits": listed}
    made: dict[str, Any] = plain(facts | {"sentences": list(disagreement_sentences(facts))})
    return made


def source_labels(limits: pd.DataFrame, *, simulated: bool = False) -> dict[str, str]:
    """Return a short name for each source of a group: its publisher, with a letter where one published several.

    A printed range of made-up data is named as simulated: no lab printed it.

    Examples
    --------
    >>> limits = pd.DataFrame({"source_id": ["b", "a", "c"], "publisher": ["Lab via a copy", "Lab", "Other (NHS)"]})
    >>> source_labels(limits)
    {'a': 'Lab (a)', 'b': 'Lab (b)', 'c': 'Other'}
    """
    printed = SIMULATED_LABEL if simulated else PRINTED_LABEL
    once = limits.drop_duplicates("source_id").sort_values("source_id")
    publishers = zip(once["source_id"].astype(str), once["publisher"].fillna("").astype(str), strict=True)
    short = {
        source: printed if source == REPORTED_BY_LAB else short_publisher(name) or source for source, name in publishers
    }
    alike: dict[str, list[str]] = {}
    for source, name in short.items():
        alike.setdefault(name, []).append(source)
    return {
        source: name if len(alike[name]) == 1 else f"{name} ({chr(ord('a') + alike[name].index(source))})"
        for source, name in short.items()
    }


def _label(source: str, labels: Mapping[str, str]) -> str:
    """Return the short name of a source that may stand for one of its conditions, such as ``id [pregnancy]``."""
    source_id, _, condition = source.partition(" [")
    return labels.get(source_id, source_id) + (f" [{condition}" if condition else "")


def _limit(line: Mapping[str, Any], key: str, labels: Mapping[str, str]) -> dict[str, Any]:
    printed = line["source_id"] == REPORTED_BY_LAB
    return {
        "key": key,
        "source_id": line["source_id"],
        "source": labels[line["source_id"]],
        "title": line["publisher"] if printed else line["title"],
        "quality": line["quality"],
        "condition": line["condition"],
        "collection": line["collection"],
        "sex": line["sex"],
        "age_low": line["age_low_years"],
        "age_high": line["age_high_years"],
        # A lower limit of zero is none: nothing lies below it.
        "low": line["lower"] or None,
        "high": line["upper"],
        "unit": line["unit"],
        "n": line["n_results"],
    }


def _span(values: Iterable[float | None]) -> list[float] | None:
    known = [value for value in values if value is not None]
    return [min(known), max(known)] if known else None


def _row(
    row: Mapping[str, Any], key: str, lines: Sequence[Mapping[str, Any]], labels: Mapping[str, str], names: Names
) -> dict[str, Any]:
    asked = [line for line in lines if line["n"]]
    units = [line["unit"] for line in asked if line["source_id"] != REPORTED_BY_LAB] or [line["unit"] for line in asked]
    same = [line for line in asked if line["unit"] == units[0]]
    column = row["analyte_id"] + (f":{row['fraction']}" if row["fraction"] != "unspecified" else "")
    pair = [_label(source, labels) for source in row["pair"].split(" / ")] if row["pair"] else []
    counts = (
        "n_results",
        "n_sources",
        "n_compared",
        "n_differ",
        "n_depends",
        "n_opposite",
        "n_abnormal",
        "n_pair",
        *SOME,
    )
    return {
        "key": key,
        "analyte_id": row["analyte_id"],
        "analyte": names.analyte(column),
        "specimen": row["specimen"],
        "unit": units[0],
        **{name: row[name] for name in counts},
        "low": _span(line["low"] for line in same),
        "high": _span(line["high"] for line in same),
        "pair": pair,
    }
