"""The rules that turn a table of associations, or of contrasts, and its circumstances into a statement."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from recal_labs.utility.absence import allowed_factor, half_width_words, no_evidence
from recal_labs.utility.circumstances import Circumstances, not_held, weaknesses
from recal_labs.utility.numerals import count, fixed, is_number, join, percent, plural, with_interval
from recal_labs.utility.statement import UtilityStatement

NAMED = 5

RAW, PARTIAL = "spearman_rho", "partial_spearman_rho"

ABSENCE = (
    "It cannot show that two things are not associated: where none could be shown, or a pair was not tested, there may "
    "be an association that these data are too few or too noisy to show."
)


def _survivors(primary: pd.DataFrame, alpha: float) -> pd.DataFrame:
    return primary[primary["p_adjusted"] < alpha].sort_values("estimate", key=abs, ascending=False)


def _named(pairs: Sequence[tuple[str, str]], facts: Circumstances) -> str:
    """Return up to five pairs, each score named once: ``HVA and VMA with PHQ-9; cortisol with GAD-7``."""
    by_outcome: dict[str, list[str]] = {}
    for analyte, outcome in pairs[:NAMED]:
        by_outcome.setdefault(outcome, []).append(facts.called(analyte))
    listed = "; ".join(f"{join(names)} with {facts.called(outcome)}" for outcome, names in by_outcome.items())
    return listed + (f"; and {len(pairs) - NAMED} more" if len(pairs) > NAMED else "")


def _pairs(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(rows["analyte_id"], rows["outcome"], strict=True))


def _limits(rows: pd.DataFrame) -> list[tuple[float | None, float | None]]:
    return list(zip(rows["ci_low"].astype(float), rows["ci_high"].astype(float), strict=True))


def _unshown(primary: pd.DataFrame, alpha: float) -> pd.DataFrame:
    """Return the tested pairs in which no association could be shown."""
    return primary[primary["estimate"].notna() & ~(primary["p_adjusted"] < alpha)]


def _headline(
    primary: pd.DataFrame, survivors: pd.DataFrame, rest: pd.DataFrame, facts: Circumstances, *, adjusted: bool
) -> str:
    tested = int(primary["estimate"].notna().sum())
    after = "after adjustment" if adjusted else "without any adjustment for the number of tests"
    if tested == 0:
        return "No association could be tested."
    said = no_evidence(_limits(rest), confidence=float(primary["confidence"].max()))
    if survivors.empty:
        which = "any of " if tested > 1 else "the "
        return f"No association could be shown {after} in {which}{_pairs_words(tested)}; {said}."
    named = _named(_pairs(survivors), facts)
    shown = f"An association could be shown {after} in {len(survivors)} of {_pairs_words(tested)}: {named}"
    if rest.empty:
        return f"{shown}."
    others = "pair" if len(rest) == 1 else f"{len(rest)} pairs"
    return f"{shown}. In the other {others} none could be shown; {said}."


def _pairs_words(number: int) -> str:
    return plural(number, "pair of analyte and score", "pairs of analyte and score")


def _outside(rows: pd.DataFrame) -> pd.Series:
    """Return which intervals leave out zero; a missing one leaves out nothing."""
    return (rows["ci_low"] > 0) | (rows["ci_high"] < 0)


def _seen(
    primary: pd.DataFrame,
    survivors: pd.DataFrame,
    rest: pd.DataFrame,
    facts: Circumstances,
    held: Sequence[str],
    *,
    adjusted: bool,
) -> Iterator[str]:
    tested = primary[primary["estimate"].notna()]
    pairs = _pairs_words(len(primary))
    if tested.empty:
        yield f"None of {pairs} could be tested; the table says why."
        return
    constant = f" with {join([facts.called(name) for name in held])} held constant," if held else ""
    kind = "declared as planned" if facts.planned else "exploratory: not declared beforehand"
    why = "; the table says why not the rest" if len(tested) < len(primary) else ""
    yield (
        f"{len(tested)} of {pairs} could be tested,{constant} in up to {plural(int(tested['n'].max()), 'subject')} "
        f"({kind}){why}."
    )
    yield _largest(tested, facts, held)
    chance = (1 - float(tested["confidence"].max())) * len(tested)
    outside = int(_outside(tested).sum())
    yield (
        f"{outside} of {plural(len(tested), 'interval')} {'excludes' if outside == 1 else 'exclude'} zero; if nothing "
        f"were associated, about {fixed(chance, 1 if chance < 10 else 0)} would do so by chance."
    )
    if adjusted:
        stand = f"{len(survivors)} {'stands' if len(survivors) == 1 else 'stand'} out" if len(survivors) else ""
        yield f"After adjustment for {plural(len(tested), 'test')}, {stand or 'none stands out'}."
    if wide := half_width_words(_limits(rest)):
        yield f"Where no association could be shown ({plural(len(rest), 'pair')}), {wide}."


def _largest(tested: pd.DataFrame, facts: Circumstances, held: Sequence[str]) -> str:
    row = tested.iloc[int(tested["estimate"].abs().to_numpy().argmax())]
    text = with_interval(row["estimate"], row["ci_low"], row["ci_high"], row["confidence"], 2)
    kind, n = "partial rank correlation" if held else "rank correlation", count(int(row["n"]))
    pair = f"{facts.called(row['analyte_id'])} with {facts.called(row['outcome'])}"
    share = f"it goes with about {percent(row['estimate'] ** 2, 1)} of the variance of the ranked scores"
    if is_number(row.get("share_censored")) and row["share_censored"] > 0:
        share += f" ({percent(row['share_censored'], 1)} of the amounts lie beyond a detection limit)"
    if len(tested) == 1:
        return f"The {kind} of {pair} is ρ {text}, n = {n}: {share}. A single pair was tested."
    return (
        f"The largest {kind} is {pair}: ρ {text}, n = {n}; {share}. Being the largest of many, it is "
        "likely to be overestimated."
    )


def _disagreement(table: pd.DataFrame, facts: Circumstances, held: Sequence[str]) -> Iterator[str]:
    """Yield the pairs whose interval stops excluding zero once covariates are held constant, and those that start."""
    index = ["analyte_id", "outcome"]
    raw, partial = (table[table["effect"] == effect].set_index(index) for effect in (RAW, PARTIAL))
    both = [
        pair
        for pair in raw.index
        if pair in partial.index and pd.notna(raw.loc[pair, "estimate"]) and pd.notna(partial.loc[pair, "estimate"])
    ]
    if not both:
        return
    before, after = _outside(raw.loc[both]), _outside(partial.loc[both])
    lost, gained = before[before & ~after].index.tolist(), after[after & ~before].index.tolist()
    parts = []
    if lost:
        parts.append(f"the interval no longer excludes zero for {_named(lost, facts)}")
    if gained:
        parts.append(f"it begins to exclude zero for {_named(gained, facts)}")
    if parts:
        words = join([facts.called(name) for name in held])
        yield f"With {words} held constant, and people without them left out, {', and '.join(parts)}."


def _held(table: pd.DataFrame, facts: Circumstances) -> tuple[str, ...]:
    """Return the covariates that were held constant: one that does not vary is noted in the table, and was not."""
    partial = table[(table["effect"] == PARTIAL) & table["estimate"].notna()]
    noted = " ".join(partial["assumptions"].dropna().astype(str)) if "assumptions" in partial else ""
    return tuple(name for name in facts.covariates if f"{name} does not vary" not in noted) if len(partial) else ()


def association_statement(
    table: pd.DataFrame, facts: Circumstances, *, confidence: float = 0.95, adjusted: bool = True
) -> UtilityStatement:
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
    adjusted : bool
        Whether p-values were adjusted for the number of tests at all.
    """
    table = table.assign(confidence=table["confidence"].astype(float).fillna(confidence))
    partial = table[table["effect"] == PARTIAL]
    primary = partial if len(partial) else table[table["effect"] == RAW]
    survivors, rest = _survivors(primary, 1.0 - confidence), _unshown(primary, 1.0 - confidence)
    held = _held(table, facts)
    return UtilityStatement(
        headline=_headline(primary, survivors, rest, facts, adjusted=adjusted),
        seen=(*_seen(primary, survivors, rest, facts, held, adjusted=adjusted), *_disagreement(table, facts, held)),
        weakens=(*weaknesses(facts), not_held(facts, held, "an association")),
        cannot_show=(
            "Measured at one time in each person, an association cannot show that the analyte causes the symptom, "
            "that the symptom changes the analyte, or that changing one would change the other.",
            "It cannot show that the panel helps to choose or guide a treatment: that needs people treated with and "
            "without it.",
            "It cannot show what happens in the brain: urine collects what the whole body releases.",
            *((ABSENCE,) if len(survivors) < len(primary) else ()),
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
        f"{len(standing)} of {plural(len(ratios), 'contrast')} between groups of {by} "
        f"{'stands' if len(standing) == 1 else 'stand'} after adjustment."
        if len(ratios)
        else f"No contrast between groups of {by} could be computed."
    )
    return UtilityStatement(
        headline=headline,
        seen=(
            f"The interval of the ratio of geometric means excludes 1 for {len(apart)} of "
            f"{plural(len(ratios), 'contrast')}.",
            *_no_difference(ratios[~ratios.index.isin(apart.index)]),
        ),
        weakens=(*weaknesses(facts), not_held(facts, facts.covariates, "a difference")),
        cannot_show=(
            "People were not put into groups by chance: the groups may differ in much else, and a difference cannot "
            "show its cause.",
            "A difference between groups does not tell which group one person belongs to.",
        ),
    )


def _no_difference(rows: pd.DataFrame) -> Iterator[str]:
    """Say that an interval of a ratio that holds 1 holds other ratios as well."""
    if factor := allowed_factor(_limits(rows)):
        yield (
            "Where it holds 1, that is no evidence of no difference: the intervals still allow a factor of "
            f"{fixed(factor, 2)}."
        )
