"""The rules that turn a table of effects and its circumstances into a statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pandas as pd

from recal_labs.utility.statement import UtilityStatement, counted, join_words

NO_CONTROL_GROUP = (
    "There is no control group: this change cannot be told apart from what time, expectation, other care and "
    "regression to the mean would have brought."
)

SMALL_SAMPLE = 50
MUCH_CENSORED = 0.2


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a statement must know beside the effects.

    Parameters
    ----------
    n_subjects : int
        People analysed.
    n_labs : int
        Labs whose results are mixed.
    planned : bool
        Whether choices were declared before outcomes were read.
    simulated : bool
        Whether the people are made up.
    covariates : tuple of str
        What was held constant.
    censored : mapping as tuple of (analyte, share)
        Share of censored values of each analyte among those analysed.
    dilution_unknown : float
        Share of analysed specimens without a usable creatinine.
    corrected_for_dilution : bool
        Whether amounts are per creatinine or per day.
    names : mapping of id to name
        Words for analytes, outcomes and covariates; an id without one is shown with spaces for underscores.
    """

    n_subjects: int
    n_labs: int = 1
    planned: bool = False
    simulated: bool = False
    covariates: tuple[str, ...] = ()
    censored: tuple[tuple[str, float], ...] = ()
    dilution_unknown: float = 0.0
    corrected_for_dilution: bool = True
    names: Mapping[str, str] = field(default_factory=dict)

    def called(self, word: object) -> str:
        """Return the name of an analyte, outcome or covariate."""
        return self.names.get(str(word), str(word).replace("_", " "))


def _weaknesses(facts: Circumstances) -> Iterator[str]:
    """Yield each circumstance that weakens what was seen; the order is that of the report."""
    if facts.simulated:
        yield "The data are simulated: nothing here is about real people."
    if facts.n_subjects < SMALL_SAMPLE:
        yield f"Only {facts.n_subjects} subjects: the intervals are wide, and an effect of useful size could be missed."
    if not facts.planned:
        yield "The choices were not declared before outcomes were read: every effect is exploratory."
    if facts.dilution_unknown > 0:
        yield (
            f"Dilution is unknown for {facts.dilution_unknown:.0%} of the specimens (no usable creatinine): "
            "how much people drink may make or hide an association."
        )
    if not facts.corrected_for_dilution:
        yield "Concentrations are not corrected for dilution."
    if facts.n_labs > 1:
        yield f"Results of {facts.n_labs} labs are analysed together; differences between labs add noise or bias."
    many = [f"{facts.called(name)} ({share:.0%})" for name, share in facts.censored if share >= MUCH_CENSORED]
    if many:
        yield f"Many values are beyond a detection limit: {join_words(many)}."
    yield "One specimen per person: how much a person varies from day to day is not taken into account."


def _survivors(primary: pd.DataFrame, alpha: float) -> pd.DataFrame:
    return primary[primary["p_adjusted"] < alpha].sort_values("estimate", key=abs, ascending=False)


def _pair(row: pd.Series, facts: Circumstances) -> str:
    return f"{facts.called(row['analyte_id'])} with {facts.called(row['outcome'])}"


def _association_headline(primary: pd.DataFrame, survivors: pd.DataFrame, facts: Circumstances) -> str:
    tested = int(primary["estimate"].notna().sum())
    if tested == 0:
        return "No association could be tested."
    if survivors.empty:
        return f"None of {counted(tested, 'pair')} of analyte and score is associated after adjustment."
    names = join_words([_pair(row, facts) for _, row in survivors.head(3).iterrows()])
    more = f", and {len(survivors) - 3} more" if len(survivors) > 3 else ""
    verb = "is" if len(survivors) == 1 else "are"
    return f"{len(survivors)} of {counted(tested, 'pair')} {verb} associated after adjustment: {names}{more}."


def _seen(primary: pd.DataFrame, confidence: float, facts: Circumstances) -> Iterator[str]:
    tested = primary[primary["estimate"].notna()]
    if tested.empty:
        return
    row = tested.iloc[int(tested["estimate"].abs().to_numpy().argmax())]
    share = row["estimate"] ** 2
    yield (
        f"The largest correlation is {row['estimate']:.2f} ({confidence:.0%} interval {row['ci_low']:.2f} to "
        f"{row['ci_high']:.2f}; {_pair(row, facts)}, n = {row['n']}): it goes with about {share:.1%} of the "
        "variance of the ranked scores."
    )
    yield (
        "Being the largest of many, it is likely to be overestimated."
        if len(tested) > 1
        else "A single pair was tested."
    )


def _disagreement(table: pd.DataFrame, alpha: float, facts: Circumstances) -> Iterator[str]:
    """Yield the pairs whose raw correlation stands and whose partial one does not."""
    wide = table.pivot_table(index=["analyte_id", "outcome"], columns="effect", values="p_adjusted", aggfunc="first")
    if not {"spearman_rho", "partial_spearman_rho"} <= set(wide.columns):
        return
    lost = wide[(wide["spearman_rho"] < alpha) & (wide["partial_spearman_rho"] >= alpha)]
    if len(lost):
        names = join_words([f"{facts.called(analyte)} with {facts.called(outcome)}" for analyte, outcome in lost.index])
        yield f"Not associated once covariates are held constant, though it looked so before: {names}."


def association_statement(table: pd.DataFrame, facts: Circumstances, *, confidence: float = 0.95) -> UtilityStatement:
    """Compose the statement that goes with cross-sectional associations.

    Parameters
    ----------
    table : DataFrame
        The `estimates` table with effects ``spearman_rho`` and, with covariates, ``partial_spearman_rho``. The partial
        ones carry the verdict where there are any.
    facts : Circumstances
        What the sample is like.
    confidence : float
        Coverage of the intervals; a pair counts as associated when its adjusted p is below ``1 - confidence``.
    """
    alpha = 1.0 - confidence
    partial = table[table["effect"] == "partial_spearman_rho"]
    primary = partial if len(partial) else table[table["effect"] == "spearman_rho"]
    survivors = _survivors(primary, alpha)
    held = (
        f" with {join_words([facts.called(name) for name in facts.covariates])} held constant" if len(partial) else ""
    )
    untested = int(primary["estimate"].isna().sum())
    seen = [
        f"{counted(int(primary['estimate'].notna().sum()), 'pair')} tested{held} in {facts.n_subjects} subjects.",
        *_seen(primary, confidence, facts),
        *_disagreement(table, alpha, facts),
    ]
    if untested:
        seen.append(f"{counted(untested, 'pair')} could not be tested; the table says why.")
    return UtilityStatement(
        headline=_association_headline(primary, survivors, facts),
        seen=tuple(seen),
        weakens=tuple(_weaknesses(facts)),
        cannot_show=(
            "Measured at one time in each person, an association cannot show that the analyte causes the symptom, "
            "that the symptom changes the analyte, or that changing one would change the other.",
            "It cannot show that the panel helps to choose or guide a treatment: that needs people treated with and "
            "without it.",
            "It cannot show what happens in the brain: urine collects what the whole body releases.",
        ),
    )


def change_statement(table: pd.DataFrame, facts: Circumstances, *, n_untreated: int) -> UtilityStatement:
    """Compose the statement that goes with before/after changes under an intervention.

    Parameters
    ----------
    table : DataFrame
        The `estimates` table with ``estimate``, ``expected_rtm`` and ``n``; one row an outcome or analyte.
    facts : Circumstances
        What the sample is like; ``n_subjects`` is how many had an intervention and two visits.
    n_untreated : int
        Subjects without an intervention whose two visits gave the retest correlation.
    """
    scores = table[(table["effect"] == "mean_change") & table["estimate"].notna()]
    seen = []
    for _, row in scores.iterrows():
        expected = row["expected_rtm"]
        beside = (
            f"regression to the mean alone would give {expected:+.1f}"
            if expected == expected
            else f"the change expected from regression to the mean is unknown ({row['expected_reason']})"
        )
        seen.append(
            f"{facts.called(row['outcome'])} changed by {row['estimate']:+.1f} points on average "
            f"({row['ci_low']:+.1f} to {row['ci_high']:+.1f}; n = {row['n']}); {beside}."
        )
    headline = (
        f"Scores changed after the start of an intervention in {facts.n_subjects} subjects, without a control group."
        if seen
        else "No change could be computed: too few subjects have a visit before and after an intervention."
    )
    source = (
        f"The retest correlation comes from {n_untreated} subjects without an intervention, not chosen by chance."
        if n_untreated
        else "The retest correlation could not be estimated from subjects without an intervention."
    )
    return UtilityStatement(
        headline=headline,
        seen=tuple(seen),
        weakens=(
            *_weaknesses(facts),
            source,
            "People begin an intervention when they feel worst, so some improvement follows by itself.",
            "The change expected from regression to the mean holds for the score by which people were chosen; for "
            "other scores and amounts less would be expected.",
        ),
        cannot_show=(
            NO_CONTROL_GROUP,
            "It cannot show that the panel guided the intervention well: nobody was treated without it.",
        ),
    )


def group_statement(table: pd.DataFrame, facts: Circumstances, *, by: str) -> UtilityStatement:
    """Compose the statement that goes with contrasts between groups of people.

    Parameters
    ----------
    table : DataFrame
        The `estimates` table of ``geometric_mean_ratio`` and ``hedges_g``; the former carries the verdict.
    facts : Circumstances
        What the sample is like.
    by : str
        The column that names the groups.
    """
    ratios = table[(table["effect"] == "geometric_mean_ratio") & table["estimate"].notna()]
    apart = ratios[(ratios["ci_low"] > 1) | (ratios["ci_high"] < 1)]
    standing = ratios[ratios["p_adjusted"] < 1 - float(ratios["confidence"].max())] if len(ratios) else ratios
    headline = (
        f"{len(standing)} of {len(ratios)} contrasts between groups of {by} stand after adjustment."
        if len(ratios)
        else f"No contrast between groups of {by} could be computed."
    )
    return UtilityStatement(
        headline=headline,
        seen=(f"The interval of the ratio of geometric means excludes 1 for {len(apart)} of {len(ratios)} contrasts.",),
        weakens=tuple(_weaknesses(facts)),
        cannot_show=(
            "People were not put into groups by chance: the groups may differ in much else, and a difference cannot "
            "show its cause.",
            "A difference between groups does not tell which group one person belongs to.",
        ),
    )
