"""The rules that turn a table of before/after changes into a statement: first what regression to the mean leaves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from recal_labs.utility.absence import allowed_factor
from recal_labs.utility.circumstances import Circumstances, weaknesses
from recal_labs.utility.numerals import (
    agreeing_digits,
    count,
    digits_for,
    fixed,
    is_number,
    join,
    percent,
    plural,
    typeset,
    with_interval,
)
from recal_labs.utility.statement import UtilityStatement

NO_CONTROL_GROUP = (
    "There is no control group: this change cannot be told apart from what time, expectation, other care and "
    "regression to the mean would have brought."
)

NO_ENTRY = (
    "No score is declared as the one by which people came to their intervention (entry_outcome), so no change can be "
    "set against regression to the mean."
)

SCORE = "mean_change"

# As `recal_labs.analyse.change` words its reason.
BEYOND_LIMIT = "beyond a detection limit"


def entry_digits(row: Any) -> int:
    """Return the decimals of the score by which people were chosen: observed less expected is the excess, as printed.

    Parameters
    ----------
    row : mapping
        ``estimate``, ``ci_low``, ``ci_high``, and ``expected_rtm`` and ``excess`` where they are known.
    """
    digits = digits_for(row["ci_low"], row["ci_high"])
    return agreeing_digits(row["estimate"], row.get("expected_rtm"), row.get("excess"), digits)


def beyond_expected(name: str, row: Any) -> str:
    """Say by how much a score changed beyond what regression to the mean alone would give, and whether that is clear.

    Parameters
    ----------
    name : str
        Of the score.
    row : mapping
        ``estimate``, ``excess``, ``excess_low``, ``excess_high`` and ``confidence``, in points; ``ci_low``, ``ci_high``
        and ``expected_rtm`` where they stand beside it.

    Examples
    --------
    >>> row = {"estimate": -3.17, "excess": -0.93, "excess_low": -3.0, "excess_high": 0.87, "confidence": 0.95}
    >>> print(beyond_expected("PHQ-9", row))
    PHQ-9 fell by 0.9 points more than regression to the mean alone would give (difference −0.9, 95 % CI −3.0 to 0.9): \
the two cannot be told apart.
    """
    observed, excess, low, high = (row[key] for key in ("estimate", "excess", "excess_low", "excess_high"))
    digits = entry_digits(row) if "ci_low" in row else digits_for(low, high)
    size = f"{fixed(abs(excess), digits)} points"
    same_way = (observed < 0) == (observed - excess < 0)
    verb, lower = ("fell" if observed < 0 else "rose"), ("lower" if excess < 0 else "higher")
    more = "more" if (observed < 0) == (excess < 0) else "less"
    told = f"{name} {verb} by {size} {more} than" if same_way else f"{name} ended {size} {lower} than"
    text = with_interval(excess, low, high, row["confidence"], digits)
    limits = f", {text.partition('(')[2].rstrip(')')}" if "(" in text else ""
    verdict = (
        "the two cannot be told apart"
        if not is_number(low) or not is_number(high) or low <= 0 <= high
        else "regression to the mean alone does not account for it"
    )
    return f"{told} regression to the mean alone would give (difference {text.partition(' (')[0]}{limits}): {verdict}."


def entry_row(table: pd.DataFrame, entry_outcome: str | None) -> pd.Series | None:
    """Return the row of the score by which people were chosen, or None; without its name, the row with an excess."""
    scores = table[table["effect"] == SCORE]
    if entry_outcome is None:
        found = scores[scores["excess"].notna()] if "excess" in scores else scores.head(0)
    else:
        found = scores[scores["outcome"] == entry_outcome]
    return None if found.empty else found.iloc[0]


def _observed(row: Any, facts: Circumstances, places: int | None = None) -> str:
    """Return how a score changed, as a clause without its full stop."""
    text = with_interval(row["estimate"], row["ci_low"], row["ci_high"], row["confidence"], places)
    points = text.replace(" (", " points on average (", 1)
    return f"{facts.called(row['outcome'])} changed by {points}, n = {count(int(row['n']))}"


def _has_excess(row: Any) -> bool:
    return row is not None and is_number(row.get("excess"))


def _seen(table: pd.DataFrame, entry: Any, facts: Circumstances) -> Iterator[str]:
    scores = table[table["effect"] == SCORE]
    if entry is not None and is_number(entry["estimate"]):
        places = entry_digits(entry)
        value, low, high = (entry.get(name) for name in ("expected_rtm", "expected_rtm_low", "expected_rtm_high"))
        text = with_interval(value, low, high, entry["confidence"], places)
        expected = (
            f"expected from regression to the mean alone: {text}"
            if is_number(value)
            else f"the change expected from regression to the mean alone is not known ({entry['expected_reason']})"
        )
        yield f"{_observed(entry, facts, places)}; {expected}."
    for _, row in scores.iterrows():
        if not is_number(row["estimate"]):
            yield f"Change of {facts.called(row['outcome'])}: not computed ({row['reason'] or 'no reason stated'})."
        elif entry is None or row["outcome"] != entry["outcome"]:
            yield f"{_observed(row, facts)}."
    yield from _amounts(table[table["effect"] != SCORE], facts)
    if entry is None:
        yield NO_ENTRY
    else:
        yield (
            f"People were chosen by {facts.called(entry['outcome'])}: no other score and no amount can be set against "
            "regression to the mean."
        )


def _amounts(rows: pd.DataFrame, facts: Circumstances) -> Iterator[str]:
    computed = rows[rows["estimate"].notna()]
    if len(computed):
        apart = (computed["ci_low"] > 1) | (computed["ci_high"] < 1)
        moved, held = computed[apart], computed[~apart]
        named = f": {join([facts.called(name) for name in moved['analyte_id']])}" if len(moved) else ""
        yield (
            f"For {len(moved)} of {plural(len(computed), 'analyte')} the interval of the ratio after to before "
            f"excludes 1{named}."
        )
        if factor := allowed_factor(list(zip(held["ci_low"], held["ci_high"], strict=True))):
            yield (
                f"Where it holds 1 ({plural(len(held), 'analyte')}), that is no evidence of no change: the intervals "
                f"still allow a change by a factor of {fixed(factor, 2)}."
            )
    yield from not_computed(rows[rows["estimate"].isna()], facts)


def not_computed(rows: pd.DataFrame, facts: Circumstances) -> Iterator[str]:
    """Name the analytes without a ratio, those first that have none because a pair is censored.

    Parameters
    ----------
    rows : DataFrame
        ``analyte_id``, ``reason`` and, where known, ``share_censored``.
    facts : Circumstances
    """
    reasons = rows["reason"].fillna("").astype(str)
    censored = rows[reasons.str.contains(BEYOND_LIMIT)]
    if len(censored):
        shares = censored["share_censored"] if "share_censored" in censored else [None] * len(censored)
        named = [
            facts.called(name) + (f" ({percent(share, 1)} of its amounts)" if is_number(share) else "")
            for name, share in zip(censored["analyte_id"], shares, strict=True)
        ]
        yield (
            f"No change could be computed for {join(named, most=len(named))}: at least one amount before or after lies "
            f"{BEYOND_LIMIT}."
        )
    others = rows[~reasons.str.contains(BEYOND_LIMIT)]
    for reason, part in others.groupby(reasons, sort=False):
        listed = join([facts.called(name) for name in part["analyte_id"]])
        yield f"No change could be computed for {listed} ({typeset(reason) or 'no reason stated'})."


def _source(table: pd.DataFrame, n_untreated: int) -> str:
    known = table[table["expected_rtm"].notna()] if "expected_rtm" in table else table.head(0)
    if "n_without_intervention" in known and (known["n_without_intervention"] == 0).any():
        return "The retest correlation is stated in the choices; it was not estimated from these people."
    if n_untreated:
        people = plural(n_untreated, "subject")
        return f"The retest slope comes from {people} without an intervention, not chosen by chance."
    return "The retest slope could not be estimated from subjects without an intervention."


def _headline(table: pd.DataFrame, entry: Any, facts: Circumstances) -> str:
    if table["estimate"].isna().all():
        return "No change could be computed: too few subjects have a visit before and after an intervention."
    if _has_excess(entry):
        return f"Without a control group: {beyond_expected(facts.called(entry['outcome']), entry)}"
    return (
        f"Scores and amounts before and after the start of an intervention, in {plural(facts.n_subjects, 'subject')} "
        "without a control group: what regression to the mean alone would give is not known."
    )


def change_statement(
    table: pd.DataFrame, facts: Circumstances, *, n_untreated: int, entry_outcome: str | None = None
) -> UtilityStatement:
    """Compose the statement that goes with before/after changes under an intervention.

    Parameters
    ----------
    table : DataFrame
        The `estimates` table with the columns of the expected change (``expected_rtm``, ``expected_reason``) and of the
        change beyond it (``excess``); one row an outcome or analyte.
    facts : Circumstances
        What the visits compared are like; ``n_subjects`` is how many had an intervention and two visits.
    n_untreated : int
        Subjects without an intervention whose two visits gave the retest slope.
    entry_outcome : str, optional
        The score by which people were chosen; empty when none is declared. Without it, the row with an ``excess``.
    """
    entry = entry_row(table, entry_outcome)
    return UtilityStatement(
        headline=_headline(table, entry, facts),
        seen=tuple(_seen(table, entry, facts)),
        weakens=(
            *weaknesses(facts, "One specimen per person before and one after", "the amounts before and after"),
            _source(table, n_untreated),
            "People begin an intervention when they feel worst, so some improvement follows by itself.",
        ),
        cannot_show=(
            NO_CONTROL_GROUP,
            "It cannot show that the panel guided the intervention well: nobody was treated without it.",
        ),
    )
