"""Associations: one record a pair, raw beside partial, and the sentences that follow from them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from recal_labs.report.gather.names import Names
from recal_labs.report.plain import field_of, records
from recal_labs.report.wording import count, fixed, is_number, join, percent, plural, with_interval

ESTIMATE_FIELDS = ("n", "n_subjects", "estimate", "ci_low", "ci_high", "p_value", "p_adjusted", "assumptions", "reason")


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
        pair[kind] = {name: row.get(name) for name in ESTIMATE_FIELDS} | {"effect": row["effect"]}
    for pair in pairs.values():
        pair["main"] = "partial" if pair["partial"] else "raw"
    return list(pairs.values())


def main_estimate(pair: dict[str, Any]) -> dict[str, Any]:
    """Return the estimate that carries the verdict of a pair."""
    return pair[pair["main"]] or {}


def excludes(estimate: dict[str, Any] | None, value: float) -> bool:
    """Return whether an interval leaves out a value; a missing one leaves out nothing."""
    limits: dict[str, Any] = estimate or {}
    low, high = limits.get("ci_low"), limits.get("ci_high")
    return is_number(low) and is_number(high) and not low <= value <= high


def pair_name(pair: dict[str, Any]) -> str:
    """Return ``Cortisol with GAD-7``."""
    return f"{pair['analyte']} with {pair['outcome_name']}"


def _largest(tested: list[dict[str, Any]]) -> dict[str, Any]:
    return max(tested, key=lambda pair: abs(main_estimate(pair)["estimate"]))


def rho_text(estimate: dict[str, Any], confidence: float) -> str:
    """Return ``ρ 0.21 (95 % CI 0.08 to 0.33), n = 201``."""
    text = with_interval(estimate["estimate"], estimate["ci_low"], estimate["ci_high"], confidence, digits=2)
    return f"ρ {text}, n = {count(estimate['n'])}"


def gather_effects(table: pd.DataFrame, names: Names, *, planned: bool, adjust: str) -> dict[str, Any]:
    """Return pairs, counts and sentences of the associations.

    Parameters
    ----------
    table : DataFrame
        The `estimates` table of raw and partial correlations.
    names : Names
        Display names.
    planned : bool
        Whether the choices were declared before outcomes were read.
    adjust : str
        How p-values were adjusted; ``"none"`` leaves the sentence on adjustment out.
    """
    pairs = effect_pairs(table, names)
    tested = [pair for pair in pairs if is_number(main_estimate(pair).get("estimate"))]
    untestable = [pair for pair in pairs if not is_number(main_estimate(pair).get("estimate"))]
    outside = [pair for pair in tested if excludes(main_estimate(pair), 0)]
    survivors = [p for p in tested if _below(main_estimate(p).get("p_adjusted"), 1 - p["confidence"])]
    lost = [p for p in tested if p["partial"] and excludes(p["raw"], 0) and not excludes(p["partial"], 0)]
    counts = {
        "pairs": len(pairs),
        "tested": len(tested),
        "untestable": len(untestable),
        "interval_excludes_zero": len(outside),
        "adjusted": len(survivors),
    }
    return {
        "pairs": pairs,
        "counts": counts,
        "outcomes": list(dict.fromkeys(pair["outcome"] for pair in pairs)),
        "sentences": list(_sentences(counts, tested, outside, survivors, lost, planned=planned, adjust=adjust)),
    }


def _below(p: Any, alpha: float) -> bool:
    return is_number(p) and p < alpha


def _sentences(
    counts: dict[str, int],
    tested: list[dict[str, Any]],
    outside: list[dict[str, Any]],
    survivors: list[dict[str, Any]],
    lost: list[dict[str, Any]],
    *,
    planned: bool,
    adjust: str,
) -> Iterable[str]:
    kind = "planned: declared before outcomes were read" if planned else "exploratory: not declared beforehand"
    pairs_word = plural(counts["pairs"], "pair of analyte and score", "pairs of analyte and score")
    if not tested:
        yield f"None of {pairs_word} could be tested; the table says why."
        return
    yield f"{counts['tested']} of {pairs_word} could be tested ({kind})."
    top = _largest(tested)
    found = main_estimate(top)
    held = "partial rank correlation" if top["main"] == "partial" else "rank correlation"
    yield (
        f"The largest {held} is {pair_name(top)}: {rho_text(found, top['confidence'])}. It would go with "
        f"about {percent(found['estimate'] ** 2, 1)} of the variance in ranks, and the largest of many is likely "
        "to be overestimated."
        if len(tested) > 1
        else f"The {held} of {pair_name(top)} is {rho_text(found, top['confidence'])}."
    )
    chance = (1 - top["confidence"]) * len(tested)
    yield (
        f"{len(outside)} of {plural(len(tested), 'interval')} {'excludes' if len(outside) == 1 else 'exclude'} zero; "
        "if nothing were associated, about "
        f"{fixed(chance, 1 if chance < 10 else 0)} would do so by chance."
    )
    if adjust != "none":
        listed = join([f"{pair_name(p)} ({rho_text(main_estimate(p), p['confidence'])})" for p in survivors], most=4)
        yield (
            f"After adjustment for {plural(len(tested), 'test')}, {len(survivors)} "
            f"{'stands' if len(survivors) == 1 else 'stand'} out: {listed}."
            if survivors
            else f"After adjustment for {plural(len(tested), 'test')}, none stands out."
        )
    if lost:
        yield (
            f"Once covariates are held constant, the interval no longer excludes zero for "
            f"{join([pair_name(p) for p in lost], most=4)}."
        )


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
