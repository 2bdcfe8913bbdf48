"""Scores by the published rules: sums with reversed items, prorated only where a source allows it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from recal_labs.catalogue import FlaggedItem, Instrument, load_instruments
from recal_labs.columns import OUTCOMES, SAFETY_FLAGS
from recal_labs.errors import ChoiceError, UnknownWordError
from recal_labs.outcomes.items import Answers, read_answers


def find_instrument(name: str | Instrument) -> Instrument:
    """Return an instrument that can be scored here.

    Raises
    ------
    UnknownWordError
        When the catalogue does not hold it.
    ChoiceError
        When its total is more than a sum of its items.
    """
    if isinstance(name, Instrument):
        found = name
    else:
        known = load_instruments()
        if name not in known:
            raise UnknownWordError("instrument", name, tuple(known))
        found = known[name]
    if not found.is_plain_sum:
        raise ChoiceError(
            f"{found.id} is not scored by this version: its rule is {found.rule!r} ({found.formula}). Score it "
            "elsewhere and read the totals."
        )
    return found


def _totals(answers: Answers, instrument: Instrument) -> tuple[np.ndarray, np.ndarray]:
    """Return totals (NaN where there is none) and statuses."""
    values = np.where(answers.usable, answers.numbers, np.nan)
    for number in instrument.reverse_items:
        low, high = instrument.item_ranges[number]
        values[:, number - 1] = low + high - values[:, number - 1]
    n_missing = np.isnan(values).sum(axis=1)
    invalid = (answers.unreadable | answers.impossible).any(axis=1)
    complete_enough = n_missing <= instrument.max_missing
    answered = np.maximum(instrument.n_items - n_missing, 1)
    total = np.nansum(values, axis=1) * instrument.n_items / answered
    if instrument.missing_method == "prorate_sum":
        # Halves are rounded up, as in the published code, not to the even number.
        total = np.where(n_missing > 0, np.floor(total + 0.5), total)
    status = np.where(invalid, "invalid", np.where(complete_enough, "ok", "incomplete"))
    return np.where(status == "ok", total, np.nan), status


def _severity(total: np.ndarray, instrument: Instrument) -> np.ndarray:
    """Return the highest band whose lower edge the total reaches; empty without a total or bands."""
    labels = np.full(len(total), "", dtype=object)
    for band in instrument.bands:
        labels[total >= band.low] = band.label
    return labels


def _flagged(answers: Answers, flag: FlaggedItem) -> tuple[np.ndarray, np.ndarray]:
    """Return which forms answer a flagged item positively, and which leave it without an answer that can be used."""
    column = answers.numbers[:, flag.item - 1]
    with np.errstate(invalid="ignore"):
        positive = column >= flag.threshold
    # Neither -1 nor 0.5 is a no: whoever wrote it must be asked.
    return positive, ~positive & ~answers.usable[:, flag.item - 1]


def _flag_text(answers: Answers, instrument: Instrument) -> list[str]:
    """Return, for each form, the flagged items that are positive or unanswered; whatever the status."""
    parts: list[list[str]] = [[] for _ in range(len(answers.numbers))]
    for flag in instrument.flagged:
        positive, unanswered = _flagged(answers, flag)
        for row in np.flatnonzero(positive):
            parts[row].append(f"q{flag.item} positive")
        for row in np.flatnonzero(unanswered):
            parts[row].append(f"q{flag.item} unanswered")
    return ["; ".join(flags) for flags in parts]


def score(items: pd.DataFrame, *, instrument: str | Instrument) -> pd.DataFrame:
    """Score forms by the instrument's published rule.

    Parameters
    ----------
    items : DataFrame
        One row a form: subject_id, assessed_at (optional), q1 to qn. Where there is a reported_date, a form whose
        assessed_at could not be read from it is ``undated``. An empty cell is a missing answer; a sentinel such
        as 7 or 99 must have been declared missing before, or it is out of range.
    instrument : str or Instrument
        Catalogue id, such as ``"phq9"``.

    Returns
    -------
    DataFrame
        The `outcomes` table, one row a form, in the same order. A total exists only when status is ``ok``. Prorated
        totals are not whole numbers unless the published rule rounds them.

    Raises
    ------
    UnknownWordError, ChoiceError
        When the instrument is unknown, or its total is not a sum.
    TableError
        When an item column is absent.

    Notes
    -----
    Rules, ranges and bands are those of instruments.yaml, with their sources. PHQ-9: up to two missing items are
    prorated (sum of answered x 9 / number answered). GAD-7: no missing-item rule was found, so a form must be complete.

    Examples
    --------
    >>> forms = pd.DataFrame({"subject_id": ["S1"], **{f"q{i}": [1] for i in range(1, 10)}})
    >>> score(forms, instrument="phq9")[["score", "severity", "flags"]].values.tolist()
    [[9.0, 'mild', 'q9 positive']]
    """
    scale = find_instrument(instrument)
    answers = read_answers(items, scale)
    total, status = _totals(answers, scale)
    assessed = items["assessed_at"] if "assessed_at" in items else pd.Series(pd.NaT, index=items.index)
    if "reported_date" in items:
        undated = (items["reported_date"].notna() & assessed.isna()).to_numpy() & (status == "ok")
        total, status = np.where(undated, np.nan, total), np.where(undated, "undated", status)
    return pd.DataFrame(
        {
            "subject_id": items["subject_id"].to_numpy(),
            "assessed_at": pd.to_datetime(assessed).to_numpy(),
            "instrument": scale.id,
            "score": total,
            "status": status,
            "severity": _severity(total, scale),
            "flags": _flag_text(answers, scale),
            "items_answered": answers.usable.sum(axis=1),
        },
        columns=list(OUTCOMES.names),
    )


def safety_flags(items: pd.DataFrame, *, instrument: str | Instrument) -> pd.DataFrame:
    """List the flagged answers that a named person must see, and flagged items left unanswered.

    Returns
    -------
    DataFrame
        The `safety_flags` table: positive answers at any total and status, also when the form is incomplete. An
        flagged item without a usable answer is listed when anything else was written into the form.
    """
    scale = find_instrument(instrument)
    answers, scored = read_answers(items, scale), score(items, instrument=scale)
    rows = []
    begun = ~answers.missing.all(axis=1)
    for flag in scale.flagged:
        positive, unanswered = _flagged(answers, flag)
        shown = positive | (unanswered & begun)
        part = scored.loc[shown, ["subject_id", "assessed_at", "instrument", "score"]]
        place = items.reindex(columns=["source_file", "source_row"])[shown].set_axis(part.index)
        part = part.join(place)
        action = np.where(unanswered[shown], "unanswered: ask the person; " + flag.action, flag.action)
        answer = np.where(positive, answers.numbers[:, flag.item - 1], np.nan)[shown]
        rows.append(part.assign(item=f"q{flag.item}", answer=answer, topic=flag.topic, action=action))
    found = pd.concat(rows, ignore_index=True) if rows else pd.DataFrame()
    return found.reindex(columns=list(SAFETY_FLAGS.names))
