"""Which figures and tables a report has, in order, so that text and captions agree on their numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from recal_labs.report.gather.change import SCORE_EFFECT
from recal_labs.report.gather.effects import main_estimate
from recal_labs.report.gather.reference import has_intervals
from recal_labs.report.wording import is_number, slug


def forest_key(outcome: str) -> str:
    """Return the key of an outcome's forest plot."""
    return f"forest-{slug(outcome)}"


def outcomes_with_estimate(facts: Mapping[str, Any]) -> list[str]:
    """Return the outcomes that have at least one estimate to draw."""
    drawn = {pair["outcome"] for pair in facts["effects"]["pairs"] if is_number(main_estimate(pair).get("estimate"))}
    return [outcome for outcome in facts["effects"]["outcomes"] if outcome in drawn]


def change_rows(facts: Mapping[str, Any], *, scores: bool) -> list[dict[str, Any]]:
    """Return the rows of change that can be drawn: those of scores, or those of amounts."""
    rows = facts["change"]["rows"] if facts["change"] else []
    return [row for row in rows if (row["effect"] == SCORE_EFFECT) is scores and is_number(row["estimate"])]


def _figures(facts: Mapping[str, Any], has_positions: bool, has_compared: bool) -> Iterator[str]:
    yield "flow"
    yield from map(forest_key, outcomes_with_estimate(facts))
    if change_rows(facts, scores=True):
        yield "change-scores"
    if change_rows(facts, scores=False):
        yield "change-amounts"
    if has_intervals(facts["reference"]):
        yield "verdicts"
        if has_positions:
            yield "places"
    if has_compared:
        yield "sources"
    if facts["quality"]["rejects"]:
        yield "rejects"


def _tables(facts: Mapping[str, Any]) -> Iterator[str]:
    yield from ("flow", "baseline", "effects")
    if facts["effects"]["counts"]["untestable"]:
        yield "untestable"
    if facts["change"]:
        yield "change"
    yield "measured"
    if has_intervals(facts["reference"]):
        yield from ("intervals", "reference")
    if (facts.get("disagreement") or {}).get("rows"):
        yield from ("disagreement", "limits-by-source")
    yield "files"
    if facts["quality"]["rejects"]:
        yield "rejects"
    if facts["quality"]["qc"]:
        yield "qc"
    if facts["quality"]["worklist"]:
        yield "worklist"
    if facts["utility"]["positions"]:
        yield "bodies"
    yield from ("inputs", "choices", "versions", "catalogue")


def number_exhibits(facts: Mapping[str, Any], *, has_positions: bool, has_compared: bool = False) -> dict[str, str]:
    """Return ``figure:<key>`` and ``table:<key>`` with their numbered names, in the order of the page."""
    drawn = _figures(facts, has_positions, has_compared)
    figures = {f"figure:{key}": f"Figure {i}" for i, key in enumerate(drawn, start=1)}
    tables = {f"table:{key}": f"Table {i}" for i, key in enumerate(_tables(facts), start=1)}
    return figures | tables
