"""Where the analysis ends: sentences that follow from what was found, ordered from data to design."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recal_labs.report.gather.effects import main_estimate
from recal_labs.report.gather.reference import has_intervals
from recal_labs.report.gather.sample import left_out_sentence, unreadable_sentences
from recal_labs.report.wording import is_number, join, percent, plural
from recal_labs.stats.substitution import WORDS
from recal_labs.utility.absence import no_evidence

MUCH_CENSORED = 0.2


def gather_limits(facts: Mapping[str, Any]) -> list[str]:
    """Return the limits that follow from what was found, ordered from data to design."""
    return list(_limits(facts))


def _limits(facts: Mapping[str, Any]) -> Iterable[str]:
    if facts["study"]["simulated"]:
        yield "The data are simulated; no sentence on this page is about real people."
    yield from (f"{label.rstrip('.')}." for label in facts["study"]["labels"])
    yield from unreadable_sentences(facts["sample"])
    if left_out := left_out_sentence(facts["sample"]):
        yield left_out
    yield from _censored(facts)
    rows = facts["reference"]["rows"]
    without = [row["analyte"] for row in rows if 2 * row["two_sided"] < row["n"]]
    if rows and not has_intervals(facts["reference"]):
        yield "No reference interval fits any analyte of this panel: nothing here can be called high or low."
    elif without:
        every = plural(len(rows), "analyte")
        every = f"all {every}" if len(without) == len(rows) > 1 else f"{len(without)} of {every}"
        yield (
            f"For {every} fewer than half of the results met an interval with "
            "a lower limit above zero and an upper one. Their other results met one limit alone, mostly an upper one, "
            "so that none can be called low, or no interval at all."
        )
    dilution = sum(row["n"] for row in facts["quality"]["qc"] if row["code"] == "no_creatinine")
    if dilution:
        yield (
            f"Dilution is unknown for {plural(dilution, 'result')} "
            f"({percent(dilution, facts['quality']['n_current'])}): the specimen has no usable creatinine."
        )
    if facts["effects"]["counts"]["untestable"]:
        pairs = plural(facts["effects"]["counts"]["untestable"], "pair")
        yield f"{pairs} could not be tested; that is not evidence of no effect."
    yield from _not_shown(facts)
    yield (
        "Associations are observed at one visit of each person. They cannot tell cause from consequence, and an "
        "analyte in urine says little about where in the body it came from."
    )
    yield "People who hand in a specimen and a questionnaire may differ from those who do not."
    if facts.get("change"):
        yield from _not_computed(facts["change"]["rows"])
        yield facts["change"]["no_control_group"]


def _not_shown(facts: Mapping[str, Any]) -> Iterable[str]:
    """Say how strong the associations may be that could not be shown: an absent finding is none of absence."""
    tested = [main for pair in facts["effects"]["pairs"] if is_number((main := main_estimate(pair)).get("estimate"))]
    confidence = facts["provenance"]["choices"]["confidence"]
    rest = [one for one in tested if not (is_number(one["p_adjusted"]) and one["p_adjusted"] < 1 - confidence)]
    if rest:
        said = no_evidence([(one["ci_low"], one["ci_high"]) for one in rest], confidence=confidence)
        yield f"In {len(rest)} of {plural(len(tested), 'tested pair')} no association could be shown; {said}."


def _not_computed(rows: Sequence[Mapping[str, Any]]) -> Iterable[str]:
    """Name what has no change before and after."""
    missing = [row["label"] for row in rows if not is_number(row["estimate"])]
    if missing:
        listed = join(missing, most=len(missing))
        yield f"No change before and after could be computed for {listed}; that is not evidence of no change."


def _censored(facts: Mapping[str, Any]) -> Iterable[str]:
    """Name analytes that are often censored: among the amounts analysed, as the statement and the table count them."""
    shares = {pair["analyte"]: pair["share_censored"] for pair in facts["effects"]["pairs"]}
    much = [
        f"{analyte} ({percent(share, 1)})"
        for analyte, share in shares.items()
        if is_number(share) and share >= MUCH_CENSORED
    ]
    if much:
        yield (
            f"{percent(MUCH_CENSORED, 1)} or more of the amounts at the visits analysed lie beyond a detection limit "
            f"for {join(much)}."
        )
    rule = facts["provenance"]["choices"].get("censoring", "")
    if rule in WORDS and any(is_number(share) and share > 0 for share in shares.values()):
        yield (
            f"Amounts below a detection limit were replaced by {WORDS[rule]} ({rule}), as the choices ask: numbers "
            "that nobody measured. What is computed from them looks more certain than it is."
        )
