"""What is known to move a result before it is measured: words of medicines and foods, rules of bottles and handling."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from recal_labs.catalogue.interval_checks import Row, Tables, number
from recal_labs.catalogue.phrases import fold_text
from recal_labs.catalogue.ucum import is_ucum

# What a row of interferent_words.csv speaks of: a word in a name, a kind of intervention, or a column of subjects.
SCOPES = ("", "kind", "subject")
INTERVENTION_KINDS = ("pharmaceutical", "nutritional", "behavioural")
SUBJECT_RULE = re.compile(r"(smoker|caffeine|pregnant)|(egfr) < (\d+(?:\.\d+)?)")
FACTORS = ("preservative", "ph", "storage", "delay", "exercise", "posture")
STORAGES = ("ambient", "refrigerated", "frozen")


def meanings_of(words: Sequence[Mapping[str, str]], phrases: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return, for each word, the interferents it means: by itself, and through the words it stands for.

    Parameters
    ----------
    words : rows of interferent_words.csv
        Those of a scope are left out.
    phrases : sequence of str
        The interferents; each is a word for itself.

    Examples
    --------
    >>> chain = [("Zoloft", "sertraline"), ("sertraline", "SSRIs")]
    >>> rows = [{"word": word, "means": means, "scope": ""} for word, means in chain]
    >>> meanings_of(rows, ["SSRIs"])["Zoloft"]
    ('SSRIs',)
    """
    named = {fold_text(phrase): phrase for phrase in phrases}
    onward: dict[str, list[str]] = defaultdict(list)
    spelled = {fold_text(phrase): phrase for phrase in phrases}
    for row in words:
        if not row["scope"]:
            onward[fold_text(row["word"])].append(fold_text(row["means"]))
            spelled.setdefault(fold_text(row["word"]), row["word"])
    found = {}
    for start, word in spelled.items():
        reached, ahead = [start], [start]
        while ahead:
            steps = [step for step in onward[ahead.pop()] if step not in reached]
            reached += dict.fromkeys(steps)
            ahead += dict.fromkeys(steps)
        found[word] = tuple(named[step] for step in reached if step in named)
    return found


def check_exposures(tables: Tables) -> Iterator[str]:
    """Words lead to an interferent; a rule of handling has a condition that words stand for, and readable limits."""
    phrases = list(dict.fromkeys(row["interferent"] for row in tables.get("interferences", [])))
    rows = tables.get("interferent_words", [])
    for row in rows:
        yield from (f"{row['_at']}: {fault}" for fault in _word_faults(row, phrases))
    meanings = {fold_text(word): meant for word, meant in meanings_of(rows, phrases).items()}
    for row in rows:
        if not row["scope"] and not meanings.get(fold_text(row["word"])):
            yield f"{row['_at']}: {row['word']!r} means {row['means']!r}, which leads to no row of interferences.csv"
    for row in tables.get("interferences", []):
        if row.get("washout_days", "") and number(row["washout_days"]) is None:
            yield f"{row['_at']}: washout_days is {row['washout_days']!r}; expected a number of days, or nothing"
    known: dict[str, set[str]] = defaultdict(set)
    spelled: dict[tuple[str, str], Row] = {}
    for row in tables.get("handling_words", []):
        known[row["factor"]].add(row["means"])
        if row["factor"] not in FACTORS:
            yield f"{row['_at']}: factor is {row['factor']!r}; expected {', '.join(FACTORS)}"
        if not fold_text(row["word"]):
            yield f"{row['_at']}: word is empty"
        first = spelled.setdefault((row["factor"], fold_text(row["word"])), row)
        if first["means"] != row["means"]:
            yield f"{row['_at']}: {row['word']!r} means {row['means']!r}, and at {first['_at']} {first['means']!r}"
    for row in tables.get("preanalytical", []):
        yield from (f"{row['_at']}: {fault}" for fault in _rule_faults(row, known))


def _word_faults(row: Row, phrases: Sequence[str]) -> Iterator[str]:
    if not fold_text(row["word"]):
        yield "word is empty"
    if row["scope"] not in SCOPES:
        yield f"scope is {row['scope']!r}; expected kind, subject or nothing"
    if row["scope"] and row["means"] not in phrases:
        yield f"means is {row['means']!r}, which is no interferent of interferences.csv"
    if row["scope"] == "kind" and row["word"] not in INTERVENTION_KINDS:
        yield f"word is {row['word']!r}; expected a kind of intervention: {', '.join(INTERVENTION_KINDS)}"
    if row["scope"] == "subject" and not SUBJECT_RULE.fullmatch(row["word"]):
        yield f"word is {row['word']!r}; expected smoker, caffeine, pregnant, or a rule such as egfr < 50"


def _rule_faults(row: Row, known: Mapping[str, set[str]]) -> Iterator[str]:
    factor = row["factor"]
    if factor not in FACTORS:
        yield f"factor is {factor!r}; expected {', '.join(FACTORS)}"
        return
    low, high = number(row["low"]), number(row["high"])
    for name, value in (("low", low), ("high", high)):
        if row[name] and value is None:
            yield f"{name} is {row[name]!r}; expected a plain number, or nothing"
    if factor in ("ph", "delay"):
        if low is None and high is None:
            yield f"neither low nor high limit of the {factor}"
        if not is_ucum(row["unit"]) or (factor == "delay") != (row["unit"] == "h"):
            yield f"unit is {row['unit']!r}; expected {'h' if factor == 'delay' else '[pH]'}"
    expected = {"ph": {""}, "delay": set(STORAGES)}.get(factor, known[factor])
    if row["condition"] not in expected:
        words = ", ".join(sorted(expected)) or "nothing"
        yield f"condition is {row['condition']!r}; expected {words}"
