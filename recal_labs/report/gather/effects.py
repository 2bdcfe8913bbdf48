"""Associations: one record a pair, raw beside partial, and the statement that they are shown with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from recal_labs.report.gather.names import Names
from recal_labs.report.plain import field_of, records
from recal_labs.report.wording import column_words, count, is_number, typeset

ESTIMATE_FIELDS = ("n", "n_subjects", "estimate", "ci_low", "ci_high", "p_value", "p_adjusted")

# As `recal_labs.stats` words it; x is the amount.
UNORDERED = re.compile(r"(\d+) measured values of \w+ (.+)")


def effect_pairs(table: pd.DataFrame, names: Names) -> list[dict[str, Any]]:
    """Return one record a pair of analyte and outcome, in order of first appearance.

    Parameters
    ----------
    table : DataFrame
        The `estimates` table. Effects whose name begins with ``partial`` stand beside the raw ones.
    names : Names
        Display names.

    Returns
    -------
    list of dict
        ``raw`` and ``partial`` hold the fields of an estimate, or None where the table has no such row; ``main`` says
        which of the two carries the verdict: the partial one where there is one.
    """
    pairs: dict[tuple[str, str], dict[str, Any]] = {}
    for row in records(table):
        key = (row["analyte_id"] or "", row["outcome"] or "")
        pair = pairs.setdefault(
            key,
            {
                "analyte_id": key[0],
                "analyte": names.analyte(key[0]),
                "outcome": key[1],
                "outcome_name": names.outcome(key[1]),
                "planned": bool(row.get("planned")),
                "family": row.get("family") or "",
                "confidence": row.get("confidence") or 0.95,
                "share_censored": row.get("share_censored"),
                "raw": None,
                "partial": None,
            },
        )
        kind = "partial" if str(row["effect"]).startswith("partial") else "raw"
        words = {name: typeset(row.get(name)) for name in ("assumptions", "reason")}
        pair[kind] = {name: row.get(name) for name in ESTIMATE_FIELDS} | {"effect": row["effect"]} | words
    for pair in pairs.values():
        pair["main"] = "partial" if pair["partial"] else "raw"
    return list(pairs.values())


def main_estimate(pair: dict[str, Any]) -> dict[str, Any]:
    """Return the estimate that carries the verdict of a pair."""
    return pair[pair["main"]] or {}


def gather_effects(table: pd.DataFrame, names: Names, *, covariates: Sequence[str]) -> dict[str, Any]:
    """Return pairs and counts of the associations.

    Parameters
    ----------
    table : DataFrame
        The `estimates` table of raw and partial correlations.
    names : Names
        Display names.
    covariates : sequence of str
        Those asked for; ``held`` are the words of those that were held constant.
    """
    pairs = effect_pairs(table, names)
    tested = [pair for pair in pairs if is_number(main_estimate(pair).get("estimate"))]
    partial = " ".join(pair["partial"]["assumptions"] for pair in pairs if pair["partial"])
    held = [name for name in covariates if f"{name} does not vary" not in partial]
    return {
        "pairs": [pair | {"notes": notes} for pair, notes in zip(pairs, _notes(pairs), strict=True)],
        "counts": {"pairs": len(pairs), "tested": len(tested), "untestable": len(pairs) - len(tested)},
        "outcomes": list(dict.fromkeys(pair["outcome"] for pair in pairs)),
        "held": [column_words(name) for name in held] if any(pair["partial"] for pair in pairs) else [],
    }


def _warnings(pair: dict[str, Any]) -> list[str]:
    """Return what a reader of the row must know. How many are censored stands in a column of its own where known."""
    parts = [part.strip() for part in main_estimate(pair).get("assumptions", "").split(";")]
    said = [part.removeprefix("warning:").strip() for part in parts if part.startswith("warning")]
    own_column = ("share an end rank", "censored, ranked as ties")
    return [text for text in said if pair["share_censored"] is None or not any(end in text for end in own_column)]


def _notes(pairs: list[dict[str, Any]]) -> Iterable[list[str]]:
    """Yield the notes of each pair; warnings that differ in their count alone become one note with its range."""
    warned = [_warnings(pair) for pair in pairs]
    unordered = [found for texts in warned for found in map(UNORDERED.fullmatch, texts) if found]
    counts = sorted({int(found.group(1)) for found in unordered})
    span = " to ".join(map(count, [counts[0], counts[-1]] if len(counts) > 1 else counts))
    for pair, texts in zip(pairs, warned, strict=True):
        notes = []
        for text in texts:
            found = UNORDERED.fullmatch(text)
            notes.append(f"Some measured amounts ({span} of a pair) {found.group(2)}." if found else f"{text}.")
        if pair["partial"] and not is_number(pair["partial"]["estimate"]):
            notes.append(f"The partial correlation is missing: {pair['partial']['reason']}.")
        yield notes


def gather_statement(statement: Any) -> dict[str, Any]:
    """Return a utility statement as plain values; a missing part stays missing, for the report refuses it later."""
    return {
        "headline": field_of(statement, "headline", ""),
        "seen": _lines(field_of(statement, "seen", ())),
        "weakens": _lines(field_of(statement, "weakens", ())),
        "cannot_show": _lines(field_of(statement, "cannot_show", ())),
        "for_whom": field_of(statement, "for_whom", ""),
        "closing": field_of(statement, "closing", ""),
        "statement_id": field_of(statement, "statement_id", ""),
    }


def _lines(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(line) for line in value]
