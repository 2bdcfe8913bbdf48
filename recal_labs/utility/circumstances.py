"""The circumstances of an analysis, and the sentences on what they take away from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from recal_labs.utility.numerals import join, percent, plural

SMALL_SAMPLE = 50
MUCH_CENSORED = 0.2

# What may stand behind an association, beside the column that would hold it constant.
UNMEASURED: Mapping[str, str] = {
    "smoking": "smoker",
    "diet": "diet",
    "income": "income",
    "medication": "medication",
    "illness": "illness",
}


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
    substituted : str
        What was put in the place of values below a detection limit, in words; empty when nothing was.
    dilution_unknown : float
        Share of analysed specimens without a usable creatinine.
    divided_by_lab : bool
        Whether all amounts of those specimens came per creatinine, so that the labs themselves corrected them.
    corrected_for_dilution : bool
        Whether amounts are per creatinine or per day.
    dilution_fitted_on : str
        Whose specimens the correction for dilution was fitted on; empty when none was fitted.
    names : mapping of id to name
        Words for analytes, outcomes and covariates; an id without one is shown with spaces for underscores.
    """

    n_subjects: int
    n_labs: int = 1
    planned: bool = False
    simulated: bool = False
    covariates: tuple[str, ...] = ()
    censored: tuple[tuple[str, float], ...] = ()
    substituted: str = ""
    dilution_unknown: float = 0.0
    divided_by_lab: bool = False
    corrected_for_dilution: bool = True
    dilution_fitted_on: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

    def called(self, word: object) -> str:
        """Return the name of an analyte, outcome or covariate."""
        return self.names.get(str(word), str(word).replace("_", " "))


def weaknesses(
    facts: Circumstances, specimens: str = "One specimen per person", values: str = "the values analysed"
) -> Iterator[str]:
    """Yield each circumstance that weakens what was seen.

    Parameters
    ----------
    facts : Circumstances
    specimens : str
        What stands for a person.
    values : str
        What the shares of censored values are shares of.
    """
    if facts.simulated:
        yield "The data are simulated: nothing here is about real people."
    if facts.n_subjects < SMALL_SAMPLE:
        yield (
            f"Only {plural(facts.n_subjects, 'subject')}: the intervals are wide, and an effect of useful size could "
            "be missed."
        )
    if not facts.planned:
        yield "The choices were not declared before outcomes were read: every effect is exploratory."
    if facts.dilution_unknown > 0 and facts.divided_by_lab:
        yield (
            f"Creatinine is not reported for {percent(facts.dilution_unknown, 1)} of the specimens analysed: the labs "
            "have divided by it, but specimens too dilute or too concentrated to be judged cannot be told."
        )
    elif facts.dilution_unknown > 0:
        yield (
            f"Dilution is unknown for {percent(facts.dilution_unknown, 1)} of the specimens analysed (no usable "
            "creatinine): how much people drink may make or hide an association."
        )
    if not facts.corrected_for_dilution:
        yield "Concentrations are not corrected for dilution."
    if facts.dilution_fitted_on:
        yield (
            f"The correction for dilution is a model fitted on {facts.dilution_fitted_on}: its own uncertainty is not "
            "in the intervals."
        )
    if facts.n_labs > 1:
        yield f"Results of {facts.n_labs} labs are analysed together; differences between labs add noise or bias."
    if facts.substituted and facts.censored:
        named = join([f"{facts.called(name)} ({percent(share, 1)})" for name, share in facts.censored])
        yield (
            f"Values below a detection limit were replaced by {facts.substituted}, as the choices ask: numbers that "
            "nobody measured, which shift centres, falsify the spread and make intervals too narrow. Beyond a limit: "
            f"{named}."
        )
    else:
        yield from _censored(facts, values)
    yield f"{specimens}: how much a person varies from day to day is not taken into account."


def _censored(facts: Circumstances, values: str) -> Iterator[str]:
    many = [f"{facts.called(name)} ({percent(share, 1)})" for name, share in facts.censored if share >= MUCH_CENSORED]
    if many:
        yield f"Many of {values} are beyond a detection limit: {join(many)}."


def not_held(facts: Circumstances, held: Sequence[str], what: str) -> str:
    """Say that whatever was not held constant may explain an association or a difference.

    Examples
    --------
    >>> print(not_held(Circumstances(n_subjects=9), ["sex", "smoker"], "an association"))
    Only sex and smoker are held constant: anything else that goes with both, such as diet, income, medication or \
illness, may explain an association.
    """
    words = join([facts.called(name) for name in held])
    kept = f"Only {words} {'is' if len(held) == 1 else 'are'} held constant" if held else "Nothing is held constant"
    such = join([word for word, column in UNMEASURED.items() if column not in held], last="or")
    return f"{kept}: anything else that goes with both, such as {such}, may explain {what}."
