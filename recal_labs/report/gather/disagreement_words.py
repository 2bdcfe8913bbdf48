"""What the disagreement of sources means, in words: among all of them, and without those that differ most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recal_labs.report.gather.measured import specimen_words
from recal_labs.report.wording import count, join, percent, plural, sentence_case

# In one line of a figure.
PRINTED_LABEL, SIMULATED_LABEL = "the lab's printed range", "the lab's printed range, simulated"
CONSUMER = "D"
# Endings of the counts among some of the sources.
WITHOUT_D, WITHOUT_D_OR_PRINTED = "_without_d", "_without_d_or_printed"


def printed_words(words: str, *, simulated: bool) -> str:
    """Return words for the ranges that labs printed, which say so where nobody printed them."""
    return f"{words} (simulated)" if simulated else words


def disagreement_sentences(facts: Mapping[str, Any]) -> Iterable[str]:
    """Yield the finding, with what remains of it without consumer pages and printed ranges, and what it means."""
    rows, compared, differ = facts["rows"], facts["n_compared"], facts["n_differ"]
    if not compared:
        yield "No result is placed by two sources of intervals, so nothing can be said about where they disagree."
        return
    yield (
        f"Of {plural(compared, 'result')} that at least two sources of intervals place, the sources call "
        f"{count(differ)} ({percent(differ, compared)}) differently: low, normal or high depends on whose interval is "
        f"taken.{among_some(facts)} {_opposite(facts)}"
    )
    if debated := _most_debated(rows, ""):
        yield f"Most debated: {debated}."
    if CONSUMER in facts["qualities"] and (debated := _most_debated(rows, WITHOUT_D)):
        yield f"Most debated without quality D: {debated}."
    pages = "; D are consumer and vendor pages, which never place a result elsewhere in this report unless named"
    yield (
        "Every interval of the catalogue that fits a result's analyte, fraction, specimen, basis, sex and age was "
        f"asked (qualities {join(facts['qualities'])}{pages if CONSUMER in facts['qualities'] else ''}), and so was "
        f"{printed_words('the range that the lab printed', simulated=facts['simulated'])}."
    )
    yield (
        "Which source is right cannot be told from these data. That sources differ so is part of the debate about "
        "these panels: a verdict of high or low speaks of an interval as much as of a person."
    )


def some_shares(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return how the shares among some of the sources are called, and the ending of their counts.

    Only those that may differ from the shares among all sources, or from one another, are there.
    """
    consumer, shares = CONSUMER in facts["qualities"], []
    if consumer:
        shares.append(("without consumer and vendor pages (quality D)", WITHOUT_D))
    if facts["printed"]:
        printed = printed_words("the ranges that the labs printed", simulated=facts["simulated"])
        shares.append((f"without {printed}{' too' if consumer else ''}", WITHOUT_D_OR_PRINTED))
    return shares


def share_among(counts: Mapping[str, Any], ending: str = "") -> str:
    """Return how many results some of the sources call differently, of those that two of them place; or nothing."""
    compared, differ = counts[f"n_compared{ending}"], counts[f"n_differ{ending}"]
    return f"{count(differ)} of {count(compared)} ({percent(differ, compared)})" if compared else ""


def among_some(facts: Mapping[str, Any]) -> str:
    """Return the shares among some of the sources as a sentence with a space before it; empty without any."""
    shares = [(words, share_among(facts, ending)) for words, ending in some_shares(facts)]
    said = [f"{words} {f'it is {share}' if share else 'two sources place none'}" for words, share in shares]
    return f" {sentence_case(', and '.join(said))}." if said else ""


def _opposite(facts: Mapping[str, Any]) -> str:
    opposite = facts["n_opposite"]
    if not opposite:
        return "None is low by one source and high by another."
    rest = f", {count(facts['n_opposite_without_d'])} of them without quality D"
    said = f"{plural(opposite, 'result is', 'results are')} low by one source and high by another"
    return f"{said}{rest if CONSUMER in facts['qualities'] else ''}."


def _most_debated(rows: Sequence[Mapping[str, Any]], ending: str) -> str:
    """Name the three analytes whose sources, or some of them, differ for the largest share of results."""
    compared, differ = f"n_compared{ending}", f"n_differ{ending}"
    debated = sorted((row for row in rows if row[differ]), key=lambda row: -row[differ] / row[compared])[:3]
    return join(
        [
            f"{row['analyte']} ({specimen_words(row['specimen'])}: {percent(row[differ], row[compared])} of "
            f"{plural(row[compared], 'result')}" + (f", {row['n_sources']} sources)" if not ending else ")")
            for row in debated
        ]
    )
