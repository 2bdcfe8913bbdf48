"""How it was done and where it ends: sentences made from the choices and from what was found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recal_labs.choices import Choices
from recal_labs.report.gather.reference import has_intervals
from recal_labs.report.wording import column_words, coverage, fixed, is_number, join, percent, plural
from recal_labs.vocabulary import SPECIMENS

BASIS_WORDS: Mapping[str, str] = {
    "by_specimen": "per gram of creatinine for single voids and per 24 h for timed collections",
    "per_creatinine": "per gram of creatinine",
    "per_24h": "as excretion per 24 h",
    "none": "as reported, without any correction for dilution",
}

ADJUST_WORDS: Mapping[str, str] = {
    "fdr_bh": "by Benjamini and Hochberg's procedure (false discovery rate)",
    "holm": "by Holm's procedure (family-wise error)",
    "bonferroni": "by Bonferroni's procedure (family-wise error)",
    "none": "not at all",
}

MUCH_CENSORED = 0.2


def gather_methods(choices: Choices, facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the methods as heading and text, made from the choices that were in force."""
    return [{"heading": heading, "text": text} for heading, text in _methods(choices, facts)]


def _methods(choices: Choices, facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    low, high = choices.creatinine_limits_g_per_l
    kinds = join([SPECIMENS.get(specimen, specimen) for specimen in choices.specimens], last="or")
    yield (
        "Amounts",
        (
            f"Amounts are expressed {BASIS_WORDS[choices.basis]}, in one unit an analyte. Specimens analysed: {kinds}. "
            f"A specimen whose creatinine lies outside {low:g} to {high:g} g/L is marked, not removed. "
            "No value is removed for being extreme."
        ),
    )
    yield (
        "Values beyond a detection limit",
        (
            "They are kept as censored: all values below a limit share the lowest rank, all above a limit the "
            f"highest. A pair is not tested when more than {percent(choices.max_censored, 1)} of its amounts are "
            f"censored, or with fewer than {choices.min_n} subjects."
        ),
    )
    yield (
        "Reference intervals",
        (
            "An interval is chosen by analyte, specimen, basis, sex, age and fraction; decision limits and intervals "
            f"for special conditions are never chosen. Qualities of sources used: {join(list(choices.range_qualities))}"
            + (f"; preferred sources: {join(list(choices.range_sources))}" if choices.range_sources else "")
            + ". Positions on the zlog scale need a positive two-sided interval. Analyses use amounts, never positions."
        ),
    )
    yield (
        "People and visits",
        (
            "Panel and score are linked by subject and nearest date, at most "
            f"{plural(choices.window_days, 'day')} apart; one visit a subject is analysed, the first with both."
        ),
    )
    held = join([column_words(name) for name in choices.covariates])
    yield (
        "Associations",
        (
            "Spearman's rank correlation of amount and score"
            + (f", and the partial one with {held} held constant" if held else "")
            + f", with {coverage(choices.confidence)} confidence intervals (CI). {_how(facts)}"
        ),
    )
    yield (
        "Many tests",
        (
            f"The family is “{choices.family}”; p-values are adjusted {ADJUST_WORDS[choices.adjust]}. "
            + (
                "All choices were declared before outcomes were read, so effects are labelled planned."
                if choices.planned
                else "Choices were not declared before outcomes were read, so every effect is labelled exploratory."
            )
        ),
    )
    if facts.get("change"):
        yield (
            "Change",
            (
                "Visits before and after the start of an intervention, as a mean difference (scores) or a ratio of "
                "geometric means (amounts). Beside it stands the change expected from regression to the mean alone, "
                "(1 − r) times the distance of the treated group's first mean from everyone's, where r is "
                + (
                    f"a stated retest correlation of {fixed(choices.retest_correlation, 2)}."
                    if is_number(choices.retest_correlation)
                    else "the correlation between the two visits of subjects without an intervention."
                )
            ),
        )


def _how(facts: Mapping[str, Any]) -> str:
    methods = facts.get("effect_methods", [])
    return f"Computed as: {'; '.join(methods)}." if methods else ""


def gather_limits(facts: Mapping[str, Any]) -> list[str]:
    """Return the limits that follow from what was found, ordered from data to design."""
    return list(_limits(facts))


def _limits(facts: Mapping[str, Any]) -> Iterable[str]:
    if facts["study"]["simulated"]:
        yield "The data are simulated; no sentence on this page is about real people."
    yield from (f"{label.rstrip('.')}." for label in facts["study"]["labels"])
    rows = facts["reference"]["rows"]
    censored = [
        f"{row['analyte']} ({percent(row['censored'], row['n'])})"
        for row in rows
        if row["n"] and row["censored"] / row["n"] >= MUCH_CENSORED
    ]
    if censored:
        yield f"{percent(MUCH_CENSORED, 1)} or more of the results lie beyond a detection limit for {join(censored)}."
    without = [row["analyte"] for row in rows if not row["two_sided"]]
    if rows and not has_intervals(facts["reference"]):
        yield "No reference interval fits any analyte of this panel: nothing here is high or low."
    elif without:
        yield (
            f"{len(without)} of {plural(len(rows), 'analyte')} met no positive two-sided reference interval: for them "
            "“low” cannot be told at all, or there is nothing to compare with."
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
    yield (
        "Associations are observed at one visit of each person. They cannot tell cause from consequence, and an "
        "analyte in urine says little about where in the body it came from."
    )
    yield "People who hand in a specimen and a questionnaire may differ from those who do not."
    if facts.get("change"):
        yield facts["change"]["no_control_group"]
