"""How it was done: sentences made from the choices and from what happened in this run, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from recal_labs.choices import REPORTED_BY_LAB, Choices
from recal_labs.report.gather.reference import has_intervals
from recal_labs.report.wording import coverage, fixed, is_number, join, percent, plural
from recal_labs.stats.substitution import WORDS
from recal_labs.vocabulary import SPECIMENS, TIMED_SPECIMENS

BASIS_WORDS: Mapping[str, str] = {
    "by_specimen": "per gram of creatinine for single voids and per 24 h for timed collections",
    "per_creatinine": "per gram of creatinine",
    "per_24h": "as excretion per 24 h",
    "none": "as reported, without any correction for dilution",
    "specific_gravity": "as concentrations brought to a specific gravity of {gravity:g} (Levine and Fahy)",
    "covariate_adjusted": "as concentrations divided by creatinine relative to what the person's covariates predict",
    "power_functional": "as concentrations at 1 g/L of creatinine, by a fitted power of creatinine",
    "conditional": "as ratios to the concentration expected at the specimen's creatinine",
}

ADJUST_WORDS: Mapping[str, str] = {
    "fdr_bh": "by Benjamini and Hochberg's procedure (false discovery rate)",
    "holm": "by Holm's procedure (family-wise error)",
    "bonferroni": "by Bonferroni's procedure (family-wise error)",
    "none": "not at all",
}

# Whether anyone had seen outcomes before is known to nobody but the people who did.
PLANNED = (
    "Planned, says study.toml: this run fixed its choices before it opened the outcome files; it cannot know whether "
    "anyone had seen outcomes before."
)
EXPLORATORY = "Exploratory: study.toml does not declare that its choices were made before outcomes were seen."


def planned_words(*, planned: bool) -> str:
    """Return what the run knows about whether its choices came first."""
    return PLANNED if planned else EXPLORATORY


def gather_methods(choices: Choices, facts: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the methods as heading and text, made from the choices that were in force and from what was there."""
    return [{"heading": heading, "text": text} for heading, text in _methods(choices, facts)]


def _methods(choices: Choices, facts: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    yield "Amounts", _amounts(choices, facts["sample"])
    yield "Values beyond a detection limit", _censoring(choices, facts["sample"])
    if has_intervals(facts["reference"]):
        yield "Reference intervals", _intervals(choices)
    yield (
        "People and visits",
        (
            "Panel and score are linked by subject and nearest date, at most "
            f"{plural(choices.window_days, 'day')} apart; one visit a subject is analysed, the first with both."
        ),
    )
    if facts["effects"]["counts"]["tested"]:
        yield "Associations", _associations(choices, facts)
        yield "Many tests", _many_tests(choices)
    if facts.get("change") and any(is_number(row["estimate"]) for row in facts["change"]["rows"]):
        yield "Change", _change(choices, facts["change"])


def _amounts(choices: Choices, sample: Mapping[str, Any]) -> str:
    kinds = sample["specimens"] or list(choices.specimens)
    basis = choices.basis
    if basis == "by_specimen" and not TIMED_SPECIMENS & set(kinds):
        basis = "per_creatinine"
    elif basis == "by_specimen" and set(kinds) <= TIMED_SPECIMENS:
        basis = "per_24h"
    low, high = choices.creatinine_limits_g_per_l
    gravity = choices.specific_gravity_reference
    marked = f"A specimen whose creatinine lies outside {low:g} to {high:g} g/L is marked, not removed. "
    return (
        f"Amounts are expressed {BASIS_WORDS[basis].format(gravity=gravity)}, in one unit an analyte. "
        "Specimens analysed: "
        f"{join([SPECIMENS.get(kind, kind) for kind in kinds], last='or')}. "
        f"{marked if sample['has_creatinine'] else ''}No value is removed for being extreme."
    )


def _censoring(choices: Choices, sample: Mapping[str, Any]) -> str:
    fewest = f"with fewer than {plural(choices.min_n, 'subject')}"
    if not sample["censored"]:
        return f"There is none in this run. A pair is not tested {fewest}."
    if choices.censoring in WORDS:
        return (
            f"As the choices ask, each amount below a limit was replaced by {WORDS[choices.censoring]} "
            f"({choices.censoring}) before the analysis: a number that nobody measured, which shifts centres, "
            "falsifies the spread and makes intervals too narrow. Amounts above a limit cannot be replaced and share "
            f"the highest rank. A pair is not tested when more than {percent(choices.max_censored, 1)} of its amounts "
            f"are censored, or {fewest}."
        )
    return (
        "They are kept as censored: all values below a limit share the lowest rank, all above a limit the highest. "
        f"A pair is not tested when more than {percent(choices.max_censored, 1)} of its amounts are censored, or "
        f"{fewest}."
    )


def _intervals(choices: Choices) -> str:
    named = ["the range that the lab printed" if s == REPORTED_BY_LAB else s for s in choices.range_sources]
    preferred = f"; preferred, in this order: {join(named)}" if named else ""
    conditions = join([f"“{word}”" for word in choices.range_conditions])
    special = f"only those for {conditions}, before general ones" if conditions else "never"
    rule = (
        "; where the lower limit is missing or zero, 15 % of the upper one was taken for it, as the study asked for, "
        "and no result is called low by it"
        if choices.zero_lower_rule == "fifteen_percent"
        else ""
    )
    return (
        "An interval is chosen by analyte, specimen, basis, sex, age and fraction; decision limits are never chosen, "
        f"intervals for special conditions {special}. Qualities of sources used: "
        f"{join(list(choices.range_qualities))}{preferred}. Positions on the zlog scale need a positive two-sided "
        f"interval{rule}. Analyses use amounts, never positions."
    )


def _associations(choices: Choices, facts: Mapping[str, Any]) -> str:
    held = facts["effects"]["held"]
    partial = f", and the partial one with {join(held)} held constant" if held else ""
    degrees = "n − 2 degrees of freedom, less one for each covariate" if held else "n − 2 degrees of freedom"
    methods = facts.get("effect_methods", [])
    computed = f" Computed as: {'; '.join(methods)}." if methods else ""
    return (
        f"Spearman's rank correlation of amount and score{partial}, with {coverage(choices.confidence)} confidence "
        f"intervals (CI).{computed} p comes from the t test of ρ against zero ({degrees})."
    )


def _many_tests(choices: Choices) -> str:
    return (
        f"The family is “{choices.family}”; p-values are adjusted {ADJUST_WORDS[choices.adjust]}. "
        f"{planned_words(planned=choices.planned)}"
    )


def _change(choices: Choices, change: Mapping[str, Any]) -> str:
    shown = (
        "Visits before and after the start of an intervention, as a mean difference (scores) or a ratio of geometric "
        "means (amounts); p comes from the paired t test against no change, on logarithms for amounts."
    )
    if not any(is_number(row["expected_rtm"]) for row in change["rows"]):
        return shown
    slope = (
        f"b is a stated retest correlation of {fixed(choices.retest_correlation, 2)}."
        if is_number(choices.retest_correlation)
        else "b is the retest slope: that of the second visit on the first, among subjects without an intervention."
    )
    entry = (
        f" It holds for the variable by which people were chosen, here {change['entry_name']}; “beyond expected” is "
        "the observed change less this one."
        if change["entry_name"]
        else " It would hold for the variable by which people were chosen; which one that was is not declared."
    )
    return (
        f"{shown} The change expected from regression to the mean alone is (1 − b) times the distance from the treated "
        f"group's first mean to everyone's; {slope}{entry}"
    )
